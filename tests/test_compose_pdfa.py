"""The archival copy: the scanner's bytes as they came, words found where their ink is, the same file each time."""

import hashlib
import re
import shutil
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import get_args
from xml.etree import ElementTree as ET

import numpy as np
import pikepdf
import pypdfium2
import pytest
from PIL import Image

from consent_gate.model import DocumentId
from lexicon.faults import SheetFault, StationFault, TamperFault
from pipeline.compose import TITLE, Level, compose, compose_originals
from pipeline.config import load
from pipeline.model import Archival, PageImage, RecognisedPage, Word
from pipeline.pdfa.packing import packed, repacked
from pipeline.pdfa.verapdf import VeraPdf, verapdf_facts
from pipeline.recognise import Recogniser, RecogniseSettings
from pipeline.tools import DocumentTools
from tests.compose_fixtures import (
    AT,
    CONTEXT,
    DOCUMENT,
    LINES,
    Box,
    clearance,
    everything_in,
    flate,
    g4,
    jpeg,
    noisy,
    page_of,
    recognised,
    scan,
    sheet,
    stored,
    tilted,
    unread,
)
from tests.trial_fixtures import Trial

SHEET = sheet()
COLOURS = Image.merge("RGB", (SHEET.picture, SHEET.picture.point(lambda level: level // 2 + 120), SHEET.picture))
MISSING = verapdf_facts().missing
verapdf = pytest.mark.skipif(bool(MISSING), reason=f"veraPDF cannot run here; missing: {', '.join(MISSING)}")
poppler = pytest.mark.skipif(
    shutil.which("pdftotext") is None, reason="needs pdftotext (apt-get install poppler-utils)"
)


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VeraPdf]:
    with VeraPdf(tmp_path_factory.mktemp("work")) as opened:
        yield opened


def pdftotext(path: Path, *options: str) -> str:
    return subprocess.run(["pdftotext", *options, str(path), "-"], check=True, capture_output=True, text=True).stdout


def boxes(path: Path) -> dict[str, Box]:
    """Words and their boxes as Poppler finds them, in points of the upright page."""
    root = ET.fromstring(pdftotext(path, "-bbox"))  # noqa: S314  Poppler wrote it
    found = root.iter("{http://www.w3.org/1999/xhtml}word")
    return {word.text or "": tuple(float(word.attrib[k]) for k in ("xMin", "yMin", "xMax", "yMax")) for word in found}  # type: ignore[misc]  # four of them


def opened(path: Path) -> pypdfium2.PdfDocument:
    return pypdfium2.PdfDocument(path)  # type: ignore[no-untyped-call]  # pypdfium2 has no types


def composed(tmp_path: Path, *pages: tuple[PageImage, RecognisedPage]) -> Path:
    images, read = zip(*pages, strict=True)
    return compose(scan(*images), recognised(*read), CONTEXT, tmp_path / "copy.pdf").path


def image_bytes(path: Path) -> bytes:
    with pikepdf.open(path) as pdf:
        (image,) = pdf.pages[0].get_images().values()
        return image.read_raw_bytes()


@pytest.mark.parametrize("black_is_1", [True, False])
def test_bilevel_pages_show_black_ink_on_white_whatever_their_polarity(tmp_path: Path, *, black_is_1: bool) -> None:
    bilevel = SHEET.picture.convert("1", dither=Image.Dither.NONE)
    images = (g4(bilevel, black_is_1=black_is_1), flate(bilevel, black_is_1=black_is_1))
    path = composed(tmp_path, *((image, unread()) for image in images))
    ink = np.mean(np.asarray(SHEET.picture) < 128)
    with opened(path) as document:
        for page in document:
            drawn = page.render(scale=100 / 72, grayscale=True).to_numpy()
            assert np.mean(drawn < 128) == pytest.approx(ink, rel=0.2)


@pytest.mark.parametrize("level", get_args(Level))
def test_the_same_pages_give_the_same_file(tmp_path: Path, level: Level) -> None:
    document = scan(jpeg(SHEET.picture), flate(noisy(SHEET.picture)), g4(SHEET.picture))
    words = recognised(page_of(SHEET), page_of(SHEET), unread())
    first = compose(document, words, CONTEXT, tmp_path / "first.pdf", level, repacked)
    second = compose(document, words, CONTEXT, tmp_path / "second.pdf", level, repacked)
    assert first.sha256 == second.sha256 == hashlib.sha256(second.path.read_bytes()).hexdigest()
    assert first.size == first.path.stat().st_size
    assert first.level == level
    other = compose(document, words, replace(CONTEXT, station="atelier-2"), tmp_path / "other.pdf", level, repacked)
    assert other.sha256 != first.sha256


@poppler
def test_words_are_found_by_every_reader_in_their_order(tmp_path: Path) -> None:
    path = composed(tmp_path, (jpeg(SHEET.picture), page_of(SHEET)))
    expected = " ".join(LINES)
    for options in ((), ("-layout",), ("-raw",)):
        assert " ".join(pdftotext(path, *options).split()) == expected
    with opened(path) as document:
        text = document[0].get_textpage().get_text_range()
    assert [" ".join(line.split()) for line in text.splitlines()] == list(LINES)


@poppler
@pytest.mark.parametrize("dpi_y", [200, 100])
def test_words_lie_on_their_ink(tmp_path: Path, dpi_y: int) -> None:
    """At equal resolutions, and on a fax, whose rows are half as many."""
    rows = dpi_y / 200
    image = jpeg(SHEET.picture.resize((SHEET.picture.width, round(SHEET.picture.height * rows))), (200, dpi_y))
    words = tuple(
        replace(word, y0=word.y0 * rows, y1=word.y1 * rows, height=word.height * rows) for word in page_of(SHEET).words
    )
    found = boxes(composed(tmp_path, (image, RecognisedPage(words, 0, ()))))
    for text, (left, top, right, bottom) in SHEET.words.items():
        x0, y0, x1, y1 = (side * 200 / 72 for side in found[text])
        assert (x0, x1) == pytest.approx((left, right), abs=2), text
        assert y0 <= top + 1, text
        assert y1 >= bottom - 1, text
        assert y1 - y0 < 1.1 * SHEET.height, text


@poppler
@pytest.mark.parametrize(("quarter_turns", "degrees"), [(0, 2.5), (1, -1.5), (2, 0.0), (3, 2.0)])
def test_what_was_read_askew_or_turned_is_found_upright_on_its_ink(
    tmp_path: Path, quarter_turns: int, degrees: float
) -> None:
    """The whole way, with the real reader: the sheet lies turned and tilted, the copy shows it upright."""
    picture, forth = tilted(SHEET, degrees)
    image = jpeg(picture.rotate(90 * quarter_turns, expand=True))
    with Recogniser(RecogniseSettings(tmp_path)) as reader:
        words = reader.recognise(scan(image), clearance())
    path = compose(scan(image), words, CONTEXT, tmp_path / "copy.pdf").path
    found = boxes(path)
    assert len(found.keys() & SHEET.words.keys()) >= 0.9 * len(SHEET.words)
    for text in found.keys() & SHEET.words.keys():
        left, top, right, bottom = SHEET.words[text]
        x, y = forth @ ((left + right) / 2, (top + bottom) / 2, 1) * 72 / 200
        x0, y0, x1, y1 = found[text]
        assert ((x0 + x1) / 2, (y0 + y1) / 2) == pytest.approx((x, y), abs=4), text
        assert x1 - x0 == pytest.approx((right - left) * 72 / 200, abs=4), text


@poppler
def test_characters_beyond_the_basic_plane_are_found(tmp_path: Path) -> None:
    odd = RecognisedPage(
        (Word("𝔐édecin😀", 100, 200, 400, 200, 40, 50, 0), Word("œuvré", 420, 200, 600, 200, 40, 50, 0)), 0, ()
    )
    path = composed(tmp_path, (jpeg(SHEET.picture), odd))
    assert pdftotext(path).split() == ["𝔐édecin😀", "œuvré"]


@poppler
def test_words_that_touch_are_still_two(tmp_path: Path) -> None:
    near = (Word("Plomb", 100, 200, 250, 200, 40, 90, 0), Word("urinaire", 248, 200, 400, 200, 40, 90, 0))
    path = composed(tmp_path, (jpeg(SHEET.picture), RecognisedPage(near, 0, ())))
    assert pdftotext(path, "-layout").split() == ["Plomb", "urinaire"]
    with opened(path) as document:
        assert document[0].get_textpage().get_text_range().split() == ["Plomb", "urinaire"]


def test_a_page_without_words_has_no_text_object(tmp_path: Path) -> None:
    path = composed(tmp_path, (jpeg(SHEET.picture), unread()), (jpeg(SHEET.picture), page_of(SHEET)))
    with pikepdf.open(path) as pdf:
        blank, written = (page.Contents.read_bytes() for page in pdf.pages)
        assert b"BT" not in blank
        assert "/Font" not in pdf.pages[0].Resources
    assert written.count(b"BT\n") == 1
    assert b"3 Tr" in written


def test_pages_have_the_size_of_their_sheet_and_stand_upright(tmp_path: Path) -> None:
    fax = replace(flate(Image.new("L", (1728, 1145), 255)), dpi_x=204.0, dpi_y=98.0)
    path = composed(tmp_path, (fax, unread()), (jpeg(SHEET.picture), unread(3)))
    with pikepdf.open(path) as pdf:
        assert [float(side) for side in pdf.pages[0].MediaBox] == pytest.approx(
            [0, 0, 1728 / 204 * 72, 1145 / 98 * 72], abs=0.01
        )
        assert "/Rotate" not in pdf.pages[0]
        assert pdf.pages[1].Rotate == 270


def test_a_sheet_larger_than_the_format_allows_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    banner = replace(flate(Image.new("1", (14_401, 8))), dpi_x=72.0)
    with pytest.raises(SheetFault, match="page-too-large"):
        composed(tmp_path, (banner, unread()))
    assert everything_in(tmp_path) == []


def test_copies_are_written_as_the_station_is_configured(tmp_path: Path, trial: Trial) -> None:
    asked = 'level = "3b"\ndevice = "Lightning L-800"\nrepack_jpeg = true\n'
    trial.config.write_text(
        trial.config.read_text(encoding="utf-8").replace("[pdfa]\n", f"[pdfa]\n{asked}"), encoding="utf-8"
    )
    with trial.opened() as station:
        made = DocumentTools(station, *stored(), (1,), tmp_path).compose(
            scan(jpeg(SHEET.picture)), recognised(page_of(SHEET))
        )
    assert isinstance(made, Archival)
    assert made.level == "3b"
    with pikepdf.open(made.path) as pdf, pdf.open_metadata() as xmp:
        assert (xmp["pdfaid:part"], xmp["pdfaid:conformance"]) == ("3", "B")
        assert "Scanner : Lightning L-800." in xmp["dc:description"]
        assert "JPEG recodé sans perte" in xmp["dc:description"]


@pytest.mark.parametrize(
    "wrong",
    ['level = "2b"', 'device = "Numériseur"', f'device = "{"L" * 65}"', 'repack_jpeg = "no"', 'images = "small"'],
)
def test_a_setting_that_cannot_be_written_is_refused(trial: Trial, wrong: str) -> None:
    text = trial.config.read_text(encoding="utf-8").replace("[pdfa]\n", f"[pdfa]\n{wrong}\n")
    trial.config.write_text(text, encoding="utf-8")
    with pytest.raises(StationFault) as refused:
        load(trial.config)
    assert refused.value.code == "config-invalid"
    assert refused.value.facts["setting"] == f"pdfa.{wrong.split(maxsplit=1)[0]}"


def test_words_of_another_document_are_refused(tmp_path: Path) -> None:
    other = replace(recognised(unread()), document=DocumentId("01JHZ0000000000000000000BB"))
    for words in (other, recognised(), recognised(unread(), unread())):
        with pytest.raises(TamperFault, match="recognition-mismatch"):
            compose(scan(jpeg(SHEET.picture)), words, CONTEXT, tmp_path / "copy.pdf")
    assert everything_in(tmp_path) == []


def test_a_folder_that_cannot_be_written_is_a_fault_of_the_station(tmp_path: Path) -> None:
    with pytest.raises(StationFault, match="work-unwritable"):
        compose(scan(jpeg(SHEET.picture)), recognised(unread()), CONTEXT, tmp_path / "absent" / "copy.pdf")


def test_the_copy_is_private_and_replaces_what_a_crash_left(tmp_path: Path) -> None:
    (tmp_path / "copy.pdf").write_bytes(b"half written")
    path = composed(tmp_path, (jpeg(SHEET.picture), unread()))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_bytes().startswith(b"%PDF-1.4")


def test_the_copy_tells_where_it_comes_from_and_names_nobody(tmp_path: Path) -> None:
    images = (jpeg(SHEET.picture), g4(SHEET.picture, (204, 98)), jpeg(SHEET.picture))
    context = replace(CONTEXT, device="Lightning & Sons <L-800>", source_pages=(2, 3, 5))
    path = tmp_path / "copy.pdf"
    pages = page_of(SHEET), replace(unread(), not_read=3), unread()
    compose(scan(*images), recognised(*pages), context, path)
    with pikepdf.open(path) as pdf, pdf.open_metadata() as xmp:
        assert (xmp["pdfaid:part"], xmp["pdfaid:conformance"]) == ("1", "B")
        assert xmp["dc:title"] == TITLE == str(pdf.docinfo["/Title"])
        assert xmp["dc:identifier"] == DOCUMENT
        assert xmp["dc:source"] == f"sha256:{CONTEXT.source_sha256}"
        assert xmp["xmp:CreateDate"] == AT.isoformat()
        assert xmp["dc:description"] == (
            "Poste : atelier-1. Scanner : Lightning & Sons <L-800>. Logiciel : Liasse 0.1.0. "
            "Capture : 2026-01-15T09:30:00+00:00. Pages du fichier d'origine : 2, 3, 5. "
            "Images : 1, 3 : 200 ppp, gris, JPEG du scanner ; 2 : 204 × 98 ppp, noir et blanc, G4. "
            "Reconnaissance : tesseract 5.3.0 fra, assurance 95 sur 100 ; écriture non lue, pages 2."
        )
        assert str(pdf.Root.Lang) == "fr-FR"
        assert "/Names" not in pdf.Root


def test_what_is_not_configured_is_not_told(tmp_path: Path) -> None:
    path = composed(tmp_path, (jpeg(SHEET.picture), unread()))
    with pikepdf.open(path) as pdf, pdf.open_metadata() as xmp:
        assert "Scanner" not in xmp["dc:description"]


def test_pages_are_labelled_by_their_place_in_the_document(tmp_path: Path) -> None:
    path = composed(tmp_path, *[(jpeg(SHEET.picture), unread())] * 3)
    with opened(path) as document:
        assert [document.get_page_label(number) for number in range(3)] == ["1", "2", "3"]


def test_nothing_of_later_pdf_versions_is_in_the_file(tmp_path: Path) -> None:
    images = (jpeg(SHEET.picture), g4(SHEET.picture), flate(SHEET.picture), flate(noisy(SHEET.picture)))
    path = composed(tmp_path, *((image, page_of(SHEET)) for image in images))
    written = path.read_bytes()
    assert written.startswith(b"%PDF-1.4")
    assert re.search(rb"/(ObjStm|XRef|JPXDecode|SMask|EmbeddedFiles?|Encrypt)\b", written) is None
    with pikepdf.open(path) as pdf:
        assert "/Filter" not in pdf.Root.Metadata


@pytest.mark.parametrize("level", ["2u", "3b"])
def test_later_levels_are_smaller_for_their_object_streams(tmp_path: Path, level: Level) -> None:
    document, words = scan(g4(SHEET.picture)), recognised(page_of(SHEET))
    first = compose(document, words, CONTEXT, tmp_path / "first.pdf")
    later = compose(document, words, CONTEXT, tmp_path / "later.pdf", level)
    assert b"/ObjStm" in later.path.read_bytes()
    assert later.size < first.size


@pytest.mark.parametrize("level", get_args(Level))
def test_a_file_says_where_all_its_objects_lie(tmp_path: Path, level: Level) -> None:
    """Readers that mend a file would hide a wrong table: qpdf tells what it mends."""
    images = (jpeg(noisy(COLOURS)), g4(SHEET.picture), flate(noisy(SHEET.picture)))
    path = compose(
        scan(*images), recognised(*[page_of(SHEET)] * 3), CONTEXT, tmp_path / "copy.pdf", level, repacked
    ).path
    with pikepdf.open(path) as pdf:
        assert pdf.check_pdf_syntax() == []
        assert pdf.trailer.ID[0] == pdf.trailer.ID[1]
    written = path.read_bytes()
    start = int(written.rstrip().splitlines()[-2])
    if level == "1b":
        head, *entries = written[start:].partition(b"trailer")[0].splitlines()[1:]
        assert head == b"0 %d" % len(entries)
        used = {number: int(entry[:10]) for number, entry in enumerate(entries) if entry.rstrip().endswith(b"n")}
        assert all(written.startswith(b"%d 0 obj\n" % number, place) for number, place in used.items())
        assert all(re.fullmatch(rb"\d{10} \d{5} [nf] ", entry) for entry in entries)
        assert len(used) == len(re.findall(rb"(?m)^\d+ 0 obj$", written))
    else:
        assert re.match(rb"\d+ 0 obj\n", written[start:])


def test_another_document_has_another_identifier_in_its_file(tmp_path: Path) -> None:
    identifiers = set()
    for station in ("atelier-1", "atelier-2"):
        context = replace(CONTEXT, station=station)
        compose(scan(jpeg(SHEET.picture)), recognised(unread()), context, tmp_path / "copy.pdf")
        with pikepdf.open(tmp_path / "copy.pdf") as pdf:
            identifiers.add(bytes(pdf.trailer.ID[0]))
    assert len(identifiers) == 2


KINDS: dict[str, PageImage] = {
    "grey jpeg": jpeg(noisy(SHEET.picture)),
    "colour jpeg": jpeg(noisy(COLOURS)),
    "progressive jpeg": jpeg(noisy(COLOURS), progressive=True),
    "bilevel": g4(SHEET.picture),
    "dotted": g4(noisy(SHEET.picture).convert("1")),
    "grey": flate(noisy(SHEET.picture)),
    "rgb": flate(noisy(COLOURS)),
    "palette": flate(COLOURS),
    "few greys": flate(SHEET.picture.point(lambda level: level // 86 * 86)),
}


@verapdf
@pytest.mark.parametrize("level", get_args(Level))
def test_every_kind_of_image_conforms_at_every_level(tmp_path: Path, judge: VeraPdf, level: Level) -> None:
    context = replace(CONTEXT, device="Lightning L-800")
    for draw in (packed, repacked):
        words = recognised(*[page_of(SHEET)] * len(KINDS))
        path = compose(scan(*KINDS.values()), words, context, tmp_path / "copy.pdf", level, draw).path
        answer = judge.judge(path, level)
        assert (answer.conforms, answer.rules) == (True, ())


@verapdf
def test_a_level_is_judged_as_itself(tmp_path: Path, judge: VeraPdf) -> None:
    """What is written for one level claims no other: the validator's yes above is not of its kind."""
    path = compose(scan(KINDS["bilevel"]), recognised(page_of(SHEET)), CONTEXT, tmp_path / "copy.pdf", "2u").path
    assert not judge.judge(path, "1b").conforms
    assert not judge.judge(path, "3b").conforms


def test_the_originals_of_a_refused_document_hold_images_alone(tmp_path: Path) -> None:
    image = jpeg(SHEET.picture, quarter_turns=1)
    compose_originals(scan(image), CONTEXT, tmp_path / "originals.pdf")
    with pikepdf.open(tmp_path / "originals.pdf") as pdf:
        assert pdf.pages[0].Rotate == 90
        assert b"BT" not in pdf.pages[0].Contents.read_bytes()
        assert "/Font" not in pdf.pages[0].Resources
    assert image_bytes(tmp_path / "originals.pdf") == image.payload
