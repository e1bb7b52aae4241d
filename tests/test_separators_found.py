"""Separators found however they were printed, worn, fed and scanned; what nobody can read is noticed, never guessed."""

import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import zxingcpp
from PIL import Image

from consent_gate.model import DocType, PatientRef
from lexicon.faults import SheetFault, StationFault
from pipeline.config import load
from pipeline.decoding.confine import Bounds
from pipeline.decoding.decoders import Decoders
from pipeline.formats.limits import Limits
from pipeline.formats.pixels import grey
from pipeline.model import Separator
from pipeline.separation import Separation
from pipeline.separator import payload
from pipeline.split import Look, Sighting, examine
from tests.pages_fixtures import tiff_bytes
from tests.trial_fixtures import Trial
from tests.worn_fixtures import (
    LARGE_AT,
    MM,
    WEAR,
    Fed,
    Sheet,
    covered,
    empty,
    patched,
    put,
    scan,
    symbol,
    typed,
)

SAID = Separator(PatientRef("P00042"), DocType("fiche_aptitude"), "D0042")
TEXT = payload(SAID)
QR, DATAMATRIX = zxingcpp.BarcodeFormat.QRCode, zxingcpp.BarcodeFormat.DataMatrix
CODE128, CODE39, ITF = zxingcpp.BarcodeFormat.Code128, zxingcpp.BarcodeFormat.Code39, zxingcpp.BarcodeFormat.ITF

FEEDS = (
    Fed(150, 0, "grey"), Fed(300, 185, "noisy"), Fed(200, 5, "colour"), Fed(150, 90, "bilevel"), Fed(200, -7, "noisy"),
    Fed(300, 3, "grey"), Fed(150, 265, "noisy"), Fed(200, 0, "bilevel"), Fed(300, -5, "colour"), Fed(150, 180, "grey"),
    Fed(200, 95, "noisy"),
)  # fmt: skip


def test_a_sheet_with_its_code_twice_is_read_whatever_it_went_through() -> None:
    """Each wear once; bench/separators.py has each with each feed."""
    sheets = itertools.cycle((covered(TEXT, QR), covered(TEXT, DATAMATRIX)))
    for (name, worn), fed, sheet in zip(WEAR.items(), FEEDS, sheets, strict=False):
        found = examine(scan(worn(sheet), fed))
        assert (found.look, found.separator) == (Look.SEPARATOR, SAID), (name, fed)


@pytest.mark.parametrize("kind", [QR, DATAMATRIX], ids=str)
def test_modules_of_half_a_millimetre_are_read_at_any_resolution(kind: zxingcpp.BarcodeFormat) -> None:
    sheet = put(typed(empty(), 4), symbol(TEXT, kind, 0.5), LARGE_AT)
    fine = Fed(600, 2, "bilevel") if kind == QR else Fed(300, 187, "bilevel")
    for fed in (Fed(150, 4, "grey"), Fed(200, 0, "noisy"), fine):
        assert examine(scan(sheet, fed)).separator == SAID, fed


@pytest.mark.parametrize("kind", [QR, DATAMATRIX], ids=str)
def test_a_lone_small_code_that_cannot_be_read_is_noticed(kind: zxingcpp.BarcodeFormat) -> None:
    sheet = put(typed(empty(), 4), symbol(TEXT, kind, 0.5), LARGE_AT)
    for name, fed in zip(("folded", "stamped", "copied"), FEEDS, strict=False):
        assert examine(scan(WEAR[name](sheet), fed)).look in {Look.SEPARATOR, Look.SUSPECT}, name


def test_the_back_of_a_separator_sheet_is_blank_though_its_code_shines_through() -> None:
    ghost = (255 - (255 - covered(TEXT, QR)[:, ::-1].astype(np.float32)) * 0.1).astype(np.uint8)
    for fed in (Fed(200, 1, "grey"), Fed(300, 0, "colour")):
        assert examine(scan(ghost, fed)).look in {Look.BLANK, Look.SEPARATOR}


# --- The client's own barcodes ----------------------------------------------------------------------------------------

PATTERN = r"DOS-(?P<patient>[A-Z0-9]+)(?:-(?P<type>[a-z_]+))?(?:-(?P<document>[0-9]+))?"
ALL = Separation(barcode=PATTERN, symbologies=("code128", "code39", "qr", "datamatrix"))


def barred(text: str, kind: zxingcpp.BarcodeFormat, module: float = 0.33, high: float = 14.0) -> Sheet:
    made = symbol(text, kind, module)
    return np.repeat(made[made.shape[0] // 2][None], round(high * MM), 0)


def labelled(text: str, kind: zxingcpp.BarcodeFormat = CODE128, lines: int = 4, module: float = 0.33) -> Sheet:
    """A page with so many lines of type below a barcode."""
    code = symbol(text, kind, 0.6) if kind in {QR, DATAMATRIX} else barred(text, kind, module)
    return put(typed(empty(), lines, 70.0), code, (105.0, 40.0))


def seen(sheet: Sheet, separation: Separation, fed: Fed | None = None) -> Sighting:
    return examine(scan(sheet, fed or Fed(200, 1, "grey")), separation)


@pytest.mark.parametrize("kind", [CODE128, CODE39, QR, DATAMATRIX], ids=str)
def test_a_barcode_that_fits_the_pattern_is_a_separator(kind: zxingcpp.BarcodeFormat) -> None:
    for fed in (Fed(150, 0, "grey"), Fed(200, 92, "bilevel"), Fed(300, 184, "noisy")):
        found = seen(labelled("DOS-A1002", kind), ALL, fed)
        assert (found.look, found.separator) == (Look.SEPARATOR, Separator(PatientRef("A1002"), None, None)), fed


def test_a_barcode_names_type_and_document_too() -> None:
    found = seen(labelled("DOS-A1002-ordonnance-77"), ALL)
    assert found.separator == Separator(PatientRef("A1002"), DocType("ordonnance"), "77")


def test_a_fine_barcode_is_read_from_near() -> None:
    found = seen(labelled("DOS-A1002", module=0.25, lines=30), ALL, Fed(300, -3, "bilevel"))
    assert (found.look, found.separator) == (Look.LABELLED, Separator(PatientRef("A1002"), None, None))


def test_a_page_of_a_record_with_the_barcode_is_kept_whatever_is_configured() -> None:
    for separation in (ALL, Separation(barcode=PATTERN, kept=True)):
        assert seen(labelled("DOS-A1002", lines=30), separation).look is Look.LABELLED
    assert seen(labelled("DOS-A1002"), Separation(barcode=PATTERN, kept=True)).look is Look.LABELLED


def test_other_barcodes_and_other_symbologies_are_content() -> None:
    only_qr = Separation(barcode=PATTERN, symbologies=("qr",))
    for sheet, separation in (
        (labelled("LAB-77120"), ALL),
        (labelled("DOS-A1002"), Separation()),
        (labelled("DOS-A1002"), only_qr),
        (labelled("XDOS-A1002"), ALL),
        (labelled("0123456789", ITF), ALL),
    ):
        found = seen(sheet, separation)
        assert (found.look, found.separator) == (Look.CONTENT, None)


def test_two_barcodes_that_differ_and_a_type_in_free_text_say_nothing() -> None:
    two = put(labelled("DOS-A1002"), barred("DOS-A1003", CODE128), (105.0, 230.0))
    assert seen(two, ALL).look is Look.DAMAGED
    assert seen(two, Separation(barcode=PATTERN, kept=True)).look is Look.SUSPECT
    free = Separation(barcode=r"(?P<patient>A[0-9]+) (?P<type>.*)")
    assert seen(labelled("A1002 DURAND Paul"), free).look is Look.DAMAGED


def test_a_sheet_of_ours_and_a_barcode_agree_or_say_nothing() -> None:
    ours = covered(TEXT, QR)
    assert seen(put(ours, barred("DOS-P00042", CODE128), (105.0, 230.0)), ALL).separator == SAID
    assert seen(put(ours, barred("DOS-P00043", CODE128), (105.0, 230.0)), ALL).look is Look.DAMAGED


def half_gone(sheet: Sheet) -> Sheet:
    copy = sheet.copy()
    copy[:, round(92 * MM) : round(104 * MM)] = 255
    return copy


def test_a_barcode_that_nobody_can_read_is_a_doubt_where_barcodes_separate() -> None:
    for lines, separation, look in ((4, ALL, Look.SUSPECT), (30, ALL, Look.SUSPECT), (4, Separation(), Look.SUSPECT)):
        found = seen(half_gone(labelled("DOS-A1002345678", lines=lines, module=0.5)), separation)
        assert (found.look, found.flags) == (look, ("unread-code",))
    page = half_gone(labelled("DOS-A1002345678", lines=36, module=0.5))
    assert seen(page, Separation()).look is Look.CONTENT


# --- The pattern, as it is configured ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "pattern", ["(", "DOS-[0-9]+", "(?P<patient>.+)(?P<name>.+)", "(?P<type>.+)", "x{99999999999}"]
)
def test_a_pattern_that_names_no_patient_or_is_none_is_told_when_the_configuration_is_read(
    tmp_path: Path, pattern: str
) -> None:
    trial = Trial.found(tmp_path / "station", verapdf="never")
    path = trial.config
    path.write_text(path.read_text(encoding="utf-8") + f"\n[separation]\nbarcode = '{pattern}'\n", encoding="utf-8")
    with pytest.raises(StationFault, match="config-invalid") as caught:
        load(path)
    assert caught.value.facts == {"setting": "separation.barcode", "problem": "barcode-pattern"}


def test_a_pattern_that_never_ends_costs_its_file_alone(tmp_path: Path) -> None:
    """The confined reader's own time: a hostile barcode against a careless pattern stops no other file."""
    endless = Separation(barcode=r"(?P<patient>(?:A+)+)B", symbologies=("qr",))
    opened = Decoders(Limits(), Bounds(page_seconds=2.0), most=1, separation=endless)
    path, good = tmp_path / "hostile.tif", tmp_path / "good.tif"
    level = grey(scan(labelled("A" * 60, QR), Fed(150, 0, "grey")))
    path.write_bytes(tiff_bytes([Image.fromarray(level)], "tiff_lzw", dpi=(150, 150)))
    level = grey(scan(labelled("AAB", QR), Fed(150, 0, "grey")))
    good.write_bytes(tiff_bytes([Image.fromarray(level)], "tiff_lzw", dpi=(150, 150)))
    try:
        with opened.opened(path) as file, pytest.raises(SheetFault, match="decoder-too-slow"):
            list(file.pages())
        with opened.opened(good) as file:
            (looked,) = file.pages()
        assert looked.sighting.separator == Separator(PatientRef("AA"), None, None)
    finally:
        opened.close()


def test_what_a_reader_is_told_reaches_it_whole(tmp_path: Path) -> None:
    kept = Separation(patches=False, barcode=PATTERN, symbologies=("code128",), kept=True)
    path = tmp_path / "two.tif"
    pages = [grey(scan(sheet, Fed(150, 0, "grey"))) for sheet in (labelled("DOS-A1-bilan-7"), patched("t", 0))]
    path.write_bytes(tiff_bytes([Image.fromarray(page) for page in pages], "tiff_lzw", dpi=(150, 150)))
    opened = Decoders(Limits(), Bounds(), most=1, separation=kept)
    try:
        with opened.opened(path) as file:
            looks = [(looked.sighting.look, looked.sighting.separator) for looked in file.pages()]
    finally:
        opened.close()
    assert looks == [(Look.LABELLED, Separator(PatientRef("A1"), DocType("bilan"), "7")), (Look.CONTENT, None)]


# --- Nothing is found where nothing is --------------------------------------------------------------------------------


def grid_paper() -> Sheet:
    sheet = empty()
    sheet[:: round(5 * MM)] = 60
    sheet[:, :: round(5 * MM)] = 60
    return sheet


def table() -> Sheet:
    sheet = typed(empty(), 40, 20.0)
    sheet[:: round(6 * MM), round(20 * MM) : round(190 * MM)] = 0
    return sheet


@pytest.mark.parametrize("drawn", [grid_paper, table, lambda: labelled("LAB-7", lines=30)])
def test_pages_without_a_separator_are_content(drawn: Callable[[], Sheet]) -> None:
    for fed, separation in itertools.product((Fed(200, 0, "grey"), Fed(200, 3, "bilevel")), (Separation(), ALL)):
        assert seen(drawn(), separation, fed).look is Look.CONTENT
