"""Separators as they leave the printer: readable however they are fed, for those alone to whom the gate is open.

And the list of what is not to be fed: where the paper lies, and nothing of the person that was not asked for.
"""

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import numpy as np
import pypdfium2
import pytest
from click.testing import CliRunner, Result
from PIL import Image, ImageFilter

from cli import liasse
from commands.setting import Setting
from consent_gate.model import DocType, PatientRef
from demo.records import Invented
from lexicon.catalogue import FAULTS
from lexicon.faults import EXIT_CONFIGURATION, EXIT_DONE, EXIT_REGISTER, EXIT_WAITING, Fault, StationFault
from pipeline.formats.raster import Placing, jpeg_page, page
from pipeline.model import PageImage, Separator
from pipeline.office import hardening
from pipeline.office.sheets import PRINTED
from pipeline.separator import payload
from pipeline.sheets import printing, proof
from pipeline.sheets.patch import Patch, bars_mm, write_patches
from pipeline.sheets.printing import Cover, PerPage, place_of, write_sheets
from pipeline.sheets.proof import require_patches, require_readable
from pipeline.sheets.symbols import LEAST_MM, SYMBOLOGIES, Symbology, module_mm, modules
from pipeline.sheets.wanted import MOST, read_list
from pipeline.split import Look, examine
from storage.custody import EntryType, read_entry
from tests.pages_fixtures import jpeg_bytes
from tests.trial_fixtures import TODAY, Trial

OPENED: Any = pypdfium2.PdfDocument  # which has no types
AT = datetime(2026, 1, 15, 9, tzinfo=UTC)
SHORT = Separator(PatientRef("A1001"), None, None)
USUAL = Separator(PatientRef("P00042"), DocType("fiche_aptitude"), "D0042")
LONGEST = Separator(PatientRef("R" * 64), DocType("t" * 64), "d" * 64)
ALL = (SHORT, USUAL, LONGEST)
NAME = "DUPRÉ-LACROIX Jean-Baptiste Čapek, né le 30/09/1972"
EACH: tuple[PerPage, ...] = (1, 2, 4, 8)


def printed(*separators: Separator, per_page: PerPage = 1, symbology: Symbology = "qr", name: str = "") -> io.BytesIO:
    made = io.BytesIO()
    covers = [Cover(one, name) for one in separators]
    write_sheets(covers, made, at=AT, per_page=per_page, symbology=symbology)
    made.seek(0)
    return made


def drawn(file: io.BytesIO | Path, dpi: int, number: int = 0) -> Image.Image:
    document = OPENED(file)
    try:
        return cast("Image.Image", document[number].render(scale=dpi / 72).to_pil()).convert("L")
    finally:
        document.close()


def cut(sheet: Image.Image, dpi: int, number: int, per_page: PerPage) -> Image.Image:
    left, top, width, height = (value * dpi / 25.4 for value in place_of(number, per_page))
    return sheet.crop((round(left), round(top), round(left + width), round(top + height)))


def fed(sheet: Image.Image, dpi: int, degrees: float = 0.0, *, bilevel: bool = False) -> PageImage:
    """As a scanner gives it: tilted, blurred, greyed, grainy."""
    turned = sheet.rotate(degrees, Image.Resampling.BICUBIC, expand=degrees % 90 == 0, fillcolor=245)
    levels = np.asarray(turned.filter(ImageFilter.GaussianBlur(0.6 * dpi / 200))).astype(float) * 0.8 + 35
    grainy = np.clip(levels + np.random.default_rng(5).normal(0, 6, levels.shape), 0, 255).astype(np.uint8)
    if bilevel:
        return page(Image.fromarray(np.asarray(grainy > 145)), Placing((dpi, dpi)))
    return jpeg_page(jpeg_bytes(Image.fromarray(grainy), quality=60), Placing((dpi, dpi)))


# --- The sheets themselves --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("symbology", SYMBOLOGIES)
@pytest.mark.parametrize("per_page", EACH)
def test_every_sheet_is_read_back_as_it_will_be_once_cut(per_page: PerPage, symbology: Symbology) -> None:
    several = [*ALL, Separator(PatientRef("B1"), DocType("ordonnance"), "D1")]
    require_readable(printed(*several, per_page=per_page, symbology=symbology, name=NAME), several, per_page)


@pytest.mark.parametrize(
    ("dpi", "degrees", "bilevel", "symbology"),
    [(150, 0, False, "qr"), (150, 1.5, True, "datamatrix"), (150, -2, True, "qr"), (200, 180, False, "datamatrix"),
     (300, 90, False, "datamatrix"), (300, 2, True, "qr")],
)  # fmt: skip
def test_a_printed_sheet_is_read_however_it_was_fed(
    symbology: Symbology, dpi: int, degrees: float, *, bilevel: bool
) -> None:
    seen = examine(fed(drawn(printed(USUAL, symbology=symbology, name=NAME), dpi), dpi, degrees, bilevel=bilevel))
    assert (seen.look, seen.separator) == (Look.SEPARATOR, USUAL)


@pytest.mark.parametrize("per_page", EACH[1:])
@pytest.mark.parametrize(("dpi", "degrees", "bilevel"), [(150, 180, False), (200, 1.5, True), (300, -2, True)])
def test_a_sheet_that_was_cut_out_is_read_however_it_was_fed(
    per_page: PerPage, dpi: int, degrees: float, *, bilevel: bool
) -> None:
    sheet = drawn(printed(SHORT, USUAL, per_page=per_page), dpi)
    seen = examine(fed(cut(sheet, dpi, 1, per_page), dpi, degrees, bilevel=bilevel))
    assert (seen.look, seen.separator) == (Look.SEPARATOR, USUAL)


@pytest.mark.parametrize("per_page", EACH)
@pytest.mark.parametrize("symbology", SYMBOLOGIES)
def test_modules_are_of_half_a_millimetre_or_more_and_the_code_stands_twice(
    symbology: Symbology, per_page: PerPage
) -> None:
    for said in ALL:
        across = len(modules(payload(said), symbology))
        sides = [module_mm(across, wanted=c.module, within=c.within) for c in printing._LAYOUTS[per_page].codes]
        assert len(sides) == 2
        assert all(side is not None and side >= LEAST_MM for side in sides)


def test_either_code_alone_says_it() -> None:
    for number, (left, top, right, bottom) in enumerate(((0, 0, 210, 140), (120, 200, 210, 297))):
        sheet = drawn(printed(USUAL), 200)
        begin, end = ((round(x * 200 / 25.4), round(y * 200 / 25.4)) for x, y in ((left, top), (right, bottom)))
        sheet.paste(255, (*begin, *end))
        seen = examine(fed(sheet, 200))
        assert (number, seen.look, seen.separator) == (number, Look.SEPARATOR, USUAL)


def test_a_page_of_several_that_nobody_cut_says_nothing_of_anybody() -> None:
    whole = examine(fed(drawn(printed(SHORT, USUAL, per_page=2), 200), 200))
    assert whole.look in {Look.DAMAGED, Look.SUSPECT}
    assert whole.separator is None


def test_a_sheet_that_cannot_be_read_back_is_not_handed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StationFault, match="sheet-not-readable") as caught:
        require_readable(printed(SHORT, USUAL), [SHORT, SHORT])
    assert caught.value.facts == {"place": 2}
    with pytest.raises(StationFault, match="sheet-not-readable"):
        require_readable(printed(SHORT), [SHORT, SHORT])
    monkeypatch.setattr(proof, "DPI", 30)
    with pytest.raises(StationFault, match="sheet-not-readable"):
        require_readable(printed(LONGEST, per_page=8), [LONGEST], 8)


def test_fields_that_no_module_of_half_a_millimetre_can_carry_are_refused() -> None:
    assert module_mm(177, wanted=1.2, within=80) is None
    with pytest.raises(StationFault, match="separator-unprintable"):
        printed(Separator(PatientRef("R" * 128), DocType("t" * 64), "漢" * 128), per_page=8)


# --- Patch sheets -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("patch", "wide"), [("T", (1, 3)), ("2", (0, 3))])
def test_patch_sheets_have_the_bars_of_their_specification_at_both_ends(patch: Patch, wide: tuple[int, ...]) -> None:
    """Kodak A-61599: wide 0.20 inch, narrow bars and spaces 0.08 inch, 0.80 inch together."""
    widths = bars_mm(patch)
    assert sum(widths) == pytest.approx(0.8 * 25.4)
    assert [round(width / 25.4, 2) for width in widths[1::2]] == [0.08] * 3
    assert [round(width / 25.4, 2) for width in widths[::2]] == [0.2 if n in wide else 0.08 for n in range(4)]
    made = io.BytesIO()
    write_patches(patch, 2, made, at=AT)
    made.seek(0)
    require_patches(made, patch, 2)
    for dpi, degrees, bilevel in ((150, 180, True), (200, 2, False), (300, 90, True)):
        made.seek(0)
        seen = examine(fed(drawn(made, dpi), dpi, degrees, bilevel=bilevel))
        assert (dpi, seen.look, seen.separator) == (dpi, Look.PLAIN, None)
    made.seek(0)
    with pytest.raises(StationFault, match="sheet-not-readable"):
        require_patches(made, "2" if patch == "T" else "T", 2)


# --- Lists ------------------------------------------------------------------------------------------------------------


def test_a_list_is_references_alone_or_a_sheet_with_columns(tmp_path: Path) -> None:
    plain, sheet = tmp_path / "plain.txt", tmp_path / "sheet.csv"
    plain.write_text("\ufeffA1001\n\nA1002\n", encoding="utf-8")
    assert [(one.line, one.patient) for one in read_list(plain)] == [(1, "A1001"), (3, "A1002")]
    sheet.write_text(
        "Position;Référence;TYPE;document;Carton\n12;A1001;ordonnance;D-1;C-17\nB 7-9;A1001;;;\n", encoding="utf-8"
    )
    one, other = read_list(sheet)
    assert (one.patient, one.doc_type, one.client_document, one.box, one.position) == (
        "A1001", "ordonnance", "D-1", "C-17", "12",
    )  # fmt: skip
    assert (other.line, other.doc_type, other.client_document, other.box, other.position) == (
        3,
        None,
        None,
        None,
        "B 7-9",
    )
    assert "A1001" not in repr(one)


@pytest.mark.parametrize(
    ("text", "fault", "facts"),
    [
        ("A1001\n279035121518989\n", "list-line-unusable", {"line": 2, "column": "reference"}),
        ("A1001\nDURAND Paul\n", "list-line-unusable", {"line": 2, "column": "reference"}),
        ("A1001\nA1002\nA1001\n", "list-line-twice", {"line": 3, "first": 1}),
        ("reference;type\nA1001;né le 3 mai\n", "list-line-unusable", {"line": 2, "column": "type"}),
        ("reference;document\nA1001;DURAND Paul\n", "list-line-unusable", {"line": 2, "column": "document"}),
        ("reference;position\nA1001;DURAND\n", "list-line-unusable", {"line": 2, "column": "position"}),
        ("reference;position\nA1001\n", "list-line-unusable", {"line": 2, "column": "reference"}),
        ("reference;positoin\nA1001;3\n", "list-column-unknown", None),
        ("patient;type\nA1001;ordonnance\n", "csv-column-missing", {"column": "reference"}),
        ("reference;position\nA1001;1\nA1001;2\n", "list-line-twice", {"line": 3, "first": 2}),
        ("\n\n", "list-empty", None),
        ("reference\n", "csv-empty", None),
        ("".join(f"A{n}\n" for n in range(MOST + 1)), "list-too-long", {"limit": MOST}),
    ],
)
def test_a_list_that_cannot_be_used_is_refused_whole_with_its_line(
    tmp_path: Path, text: str, fault: str, facts: dict[str, object] | None
) -> None:
    path = tmp_path / "list.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Fault) as caught:
        read_list(path)
    assert caught.value.code == fault
    assert facts is None or caught.value.facts == facts
    told = FAULTS[fault]
    said = told.what("fr", **caught.value.facts) + told.hint("fr", **caught.value.facts)
    assert not any(word in said for word in ("DURAND", "279035121518989", "positoin"))


# --- The gate before the printer --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def office(invented_records: Invented, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trial]:
    trial = Trial.found(tmp_path_factory.mktemp("printing") / "station", verapdf="never")
    trial.know(invented_records)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(hardening, "harden", lambda: None)  # of this very process
        yield trial


def ask(trial: Trial, *words: str | Path) -> Result:
    command = ["--config", str(trial.config), "--as-of", TODAY.isoformat(), *map(str, words)]
    return CliRunner().invoke(liasse, command, obj=Setting())


LISTED = """reference;type;document;carton;position
A1001;ordonnance;D-1;C-17;1
A1006;ordonnance;D-2;C-17;2
A1007;;;C-17;3
A1009;;;;4
A1011;resultats_labo;D-5;C-17;5
A1011;courrier_medical;D-6;C-17;6
A1011;;;C-17;7
"""
CLOSED = {
    ("A1006", "2"): "refused", ("A1007", "3"): "withdrawn", ("A1009", "4"): "no-authorization",
    ("A1011", "6"): "out-of-scope", ("A1011", "7"): "type-needed",
}  # fmt: skip


def text_of(path: Path) -> str:
    document = OPENED(path)
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


def test_no_sheet_is_printed_for_whom_the_gate_is_closed_and_the_list_says_whose_paper_stays_out(
    office: Trial, tmp_path: Path, invented_records: Invented
) -> None:
    listed, target = tmp_path / "list.csv", tmp_path / "sheets.pdf"
    listed.write_text(LISTED, encoding="utf-8")
    ran = ask(office, "separator", "print", "--patients", listed, "--per-page", "2", "--out", target, "--json")
    assert ran.exit_code == EXIT_WAITING, ran.output
    answer = json.loads(ran.stdout)
    assert (answer["sheets"], answer["names"]) == (2, False)
    assert {(one["patient"], one["position"]): one["reason"] for one in answer["closed"]} == CLOSED
    cleared = [Separator(PatientRef(ref), DocType(kind), number) for ref, kind, number in (
        ("A1001", "ordonnance", "D-1"), ("A1011", "resultats_labo", "D-5"),
    )]  # fmt: skip
    require_readable(io.BytesIO(target.read_bytes()), cleared, 2)
    paper, sheet = map(Path, answer["do_not_scan"])
    rows = list(csv.DictReader(sheet.read_text(encoding="utf-8-sig").splitlines(), delimiter=";"))
    assert [(row["reference"], row["carton"], row["position"]) for row in rows] == [
        ("A1006", "C-17", "2"), ("A1007", "C-17", "3"), ("A1009", "", "4"),
        ("A1011", "C-17", "6"), ("A1011", "C-17", "7"),
    ]  # fmt: skip
    assert [row["consigne"] for row in rows] == ["retirer du paquet"] * 4 + ["type à préciser"]
    told = text_of(paper)
    assert "NE PAS NUMÉRISER" in told
    assert all(row["reference"] in told for row in rows)
    named = {name for patient in invented_records.patients for name in (patient.birth_name, *patient.given_names)}
    said = told + text_of(target) + sheet.read_text(encoding="utf-8-sig") + ran.output
    assert not [name for name in named if name in said]
    assert not [reason for reason in CLOSED.values() if reason in told + sheet.read_text(encoding="utf-8-sig")]


def test_names_are_for_the_eyes_alone_and_the_ledger_says_that_they_were_printed(office: Trial, tmp_path: Path) -> None:
    words = ("separator", "print", "--patient", "A1001", "--patient", "A1006", "--copies", "2", "--names")
    target, apart = tmp_path / "n.pdf", tmp_path / "apart.pdf"
    ran = ask(office, *words, "--code", "datamatrix", "--out", target, "--do-not-scan", apart)
    assert ran.exit_code == EXIT_WAITING, ran.output
    assert "MOREAU Hélène Zoé, née le 17/05/1984" in text_of(target)
    assert "BENALI" in text_of(apart)
    assert "MOREAU" not in text_of(apart)
    require_readable(io.BytesIO(target.read_bytes()), [SHORT, SHORT])
    with office.opened() as station, station.database.read() as session:
        entries = [read_entry(one) for one in station.ledger.entries(session)]
    last = entries[-1]
    assert (last["type"], last["outcome"]) == (EntryType.CONSULTATION, PRINTED)
    assert last["counts"] == {"patients": 2, "cleared": 1, "closed": 1, "sheets": 2, "names": 2}


def test_where_nobody_is_cleared_no_sheet_is_made_and_an_asked_for_list_is_there_even_when_empty(
    office: Trial, tmp_path: Path
) -> None:
    target, apart = tmp_path / "s.pdf", tmp_path / "apart.pdf"
    ran = ask(office, "separator", "print", "--patient", "A1006", "--out", target)
    assert (ran.exit_code, target.exists()) == (EXIT_WAITING, False)
    assert "A1006" in text_of(tmp_path / "s.ne-pas-numeriser.pdf")
    ran = ask(office, "separator", "print", "--patient", "A1001", "--out", target, "--do-not-scan", apart)
    assert ran.exit_code == EXIT_DONE, ran.output
    assert "Aucun papier à retirer" in text_of(apart)


@pytest.mark.parametrize("named", ["apart.pdf", "apart.csv"])
def test_the_list_is_a_pdf_and_a_csv_whichever_was_named_and_never_in_the_place_of_the_sheets(
    office: Trial, tmp_path: Path, named: str
) -> None:
    words = ("separator", "print", "--patient", "A1001", "--patient", "A1006", "--out")
    ran = ask(office, *words, tmp_path / "s.pdf", "--do-not-scan", tmp_path / named)
    assert ran.exit_code == EXIT_WAITING, ran.output
    assert "A1006" in text_of(tmp_path / "apart.pdf")
    assert "A1006" in (tmp_path / "apart.csv").read_text(encoding="utf-8-sig")
    ran = ask(office, *words, tmp_path / "one.pdf", "--do-not-scan", tmp_path / "one.pdf")
    assert isinstance(ran.exception, Fault)
    assert ran.exception.code == "target-exists"
    assert not (tmp_path / "one.pdf").exists()


@pytest.mark.parametrize(
    ("words", "fault", "code"),
    [
        (("--patient", "A1001", "--patient", "A1999"), "reference-not-on-roster", EXIT_CONFIGURATION),
        (("--patient", "A1001", "--type", "né le 3 mai"), "type-unusable-on-sheet", EXIT_CONFIGURATION),
        (("--patients", "unknown.txt"), "list-patient-unknown", EXIT_CONFIGURATION),
        (("--patients", "known.txt", "--type", "ordonnance"), "list-says-type", EXIT_CONFIGURATION),
        (("--patients", "wrong.csv"), "csv-column-missing", EXIT_REGISTER),
    ],
)
def test_whatever_is_wrong_with_a_list_prints_nothing_and_asks_nobody(
    office: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], fault: str, code: int
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("unknown.txt").write_text("A1001\nA1999\n", encoding="utf-8")
    Path("known.txt").write_text("A1001\n", encoding="utf-8")
    Path("wrong.csv").write_text("patient;type\nA1001;x\n", encoding="utf-8")
    ran = ask(office, "separator", "print", *words, "--out", "s.pdf")
    assert isinstance(ran.exception, Fault), ran.output
    assert (ran.exception.code, ran.exception.exit_code) == (fault, code)
    assert not list(tmp_path.glob("*.pdf"))


def test_patch_sheets_need_no_station_and_no_patient(tmp_path: Path) -> None:
    target = tmp_path / "patch.pdf"
    words = ["separator", "print", "--patch", "T", "--copies", "3", "--out", str(target), "--json"]
    ran = CliRunner().invoke(liasse, words, obj=Setting())
    assert (ran.exit_code, json.loads(ran.stdout)["sheets"]) == (EXIT_DONE, 3)
    with target.open("rb") as stream:
        require_patches(stream, "T", 3)
    for unused in (("--patient", "A1001"), ("--type", "x"), ("--names",), ("--per-page", "4"), ("--code", "qr")):
        ran = CliRunner().invoke(liasse, [*words[:-3], "--out", str(tmp_path / "other.pdf"), *unused], obj=Setting())
        assert ran.exit_code == 2
        assert unused[0] in str(ran.exception) + ran.output
        assert not (tmp_path / "other.pdf").exists()
