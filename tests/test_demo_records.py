"""The invented records are what they say: scans as scanners make them, nobody alive, each case of the gate once."""

import csv
import random
import subprocess
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path

import pikepdf
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from consent_gate.gate import Policy, decide
from consent_gate.model import (
    Clearance,
    DocType,
    DocumentId,
    Fact,
    FactKind,
    KnownPatient,
    Moment,
    PatientRef,
    Reason,
    Refused,
    UnknownPatient,
)
from demo import records, sheet
from demo.people import UNKNOWN, RegisterLine, everybody, register
from demo.records import Invented, InventedDocument, make_records
from demo.scanner import Scanned, write_pdf
from demo.sheet import Sheet
from lexicon.faults import StationFault
from pipeline.formats.limits import Limits
from pipeline.identify import RosterIndex, check_identity
from pipeline.identity.traits import is_matricule, words
from pipeline.model import Agreed, Conflict, Held, HeldReason, Recognised, RecognisedPage, Separator
from pipeline.pages import open_pages
from pipeline.separator import payload
from pipeline.split import examine
from tests.evidence_fixtures import laid, sought

TODAY = date(2026, 1, 15)
SEED = 2026
KINDS = {"accordee": FactKind.GRANTED, "refusee": FactKind.REFUSED, "retiree": FactKind.WITHDRAWN}


@pytest.fixture(scope="module")
def invented(tmp_path_factory: pytest.TempPathFactory) -> Invented:
    return make_records(tmp_path_factory.mktemp("demo"), TODAY, SEED)


def answer(document: InventedDocument, lines: Iterable[RegisterLine], today: date) -> Reason | None:
    """What the gate says of a document on a day, over the register's lines."""
    assert document.claimed is not None
    at = datetime(today.year, today.month, today.day, 8, tzinfo=UTC)
    facts = tuple(
        Fact(
            reference=str(number),
            kind=KINDS[line.answer],
            on=line.on,
            recorded_at=at,
            until=line.until,
            doc_types=None if line.scope == "tous_documents" else frozenset({DocType(line.scope)}),
        )
        for number, line in enumerate(lines)
        if line.patient.ref == document.claimed
    )
    known = document.claimed != UNKNOWN
    reading = KnownPatient(facts, at) if known else UnknownPatient()
    match decide(DocumentId("D"), document.claimed, document.doc_type, reading, Moment(at, today), Policy()):
        case Clearance():
            return None
        case Refused(reason=reason):
            return reason


def expected(document: InventedDocument) -> Reason | None:
    return document.reason if isinstance(document.reason, Reason) else None


def page_image(invented: Invented, name: str, position: int) -> Image.Image:
    with Image.open(invented.scans / name) as file:
        file.seek(position - 1)
        return file.convert("L")


# --- The cases --------------------------------------------------------------------------------------------------------


def test_each_case_of_the_journey_is_there(invented: Invented) -> None:
    reasons = Counter(document.reason for document in invented.documents)
    assert reasons[None] >= 4
    for reason in (
        Reason.REFUSED,
        Reason.WITHDRAWN,
        Reason.EXPIRED,
        Reason.PATIENT_UNKNOWN,
        Reason.NO_AUTHORIZATION,
        Reason.NOT_YET_IN_FORCE,
        Reason.OUT_OF_SCOPE,
        HeldReason.IDENTITY_CONFLICT,
        HeldReason.ONE_SOURCE,
    ):
        assert reasons[reason] == 1, reason
    assert len(invented.documents) == records.FEWEST
    roles = Counter(page.role for file in invented.files for page in file.pages)
    assert set(roles) == {"document", "separator", "blank", "duplicate"}


@given(st.dates(min_value=date(2024, 1, 1), max_value=date(2060, 12, 31)), st.integers(0, 5))
def test_the_gate_answers_as_foretold_whatever_the_day(today: date, seed: int) -> None:
    known = everybody(random.Random(seed))  # noqa: S311 (invented people)
    lines = register(known, today)
    for batch in records._BATCHES:
        for case in batch.cases:
            claimed = PatientRef(case.claimed or case.shown)
            shown = InventedDocument(
                1, DocType(case.doc_type), PatientRef(case.shown), claimed, None, (1,), case.outcome, case.reason
            )
            assert answer(shown, lines, today) == expected(shown)


def test_the_register_that_was_written_is_the_one_that_was_foretold(invented: Invented) -> None:
    by_ref = {patient.ref: patient for patient in invented.patients}
    with invented.authorizations_csv.open(encoding="utf-8", newline="") as file:
        lines = [
            RegisterLine(
                by_ref[PatientRef(row["patient_id"])],
                row["statut"],
                date.fromisoformat(row["date_signature"]),
                date.fromisoformat(row["date_fin"]) if row["date_fin"] else None,
                row["perimetre"],
            )
            for row in csv.DictReader(file, delimiter=";")
        ]
    for document in invented.documents:
        if document.claimed is not None:
            assert answer(document, lines, TODAY) == expected(document)


def test_the_roster_that_was_written_is_the_one_that_was_invented(invented: Invented) -> None:
    with invented.patients_csv.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    assert [(row["patient_id"], row["nom_naissance"], row["nir"]) for row in rows] == [
        (patient.ref, patient.birth_name, patient.ins) for patient in invented.patients
    ]
    assert UNKNOWN not in {patient.ref for patient in invented.patients}


def test_nobody_alive_can_be_meant(invented: Invented) -> None:
    for patient in invented.patients:
        assert patient.ins is not None
        assert is_matricule(patient.ins)
        assert 991 <= int(patient.ins[7:10]) <= 998, "INSEE assigns no such commune"
    for file in invented.files:
        for page in file.pages:
            if page.role == "document":
                assert any("EXEMPLE FICTIF" in line for line in page.lines)


def test_the_identities_are_those_on_the_pages(invented: Invented) -> None:
    on_paper = " ".join(
        word
        for file in invented.files
        for page in file.pages
        for line in (*page.lines, *page.marks)
        for word in words(line)
    )
    shown = {document.shown for document in invented.documents}
    for patient in invented.patients:
        assert patient.birth_name in invented.identities
        assert patient.ins in invented.identities
        if patient.ref in shown:
            assert " ".join(words(patient.birth_name)) in on_paper


# --- The files --------------------------------------------------------------------------------------------------------


def test_every_page_of_every_file_is_told(invented: Invented) -> None:
    assert {path.name for path in invented.scans.iterdir()} == {file.name for file in invented.files}
    for file in invented.files:
        assert [page.position for page in file.pages] == list(range(1, len(file.pages) + 1))
        for document in file.documents:
            roles = {file.pages[position - 1].role for position in document.pages}
            assert roles == {"document"}
            assert all(file.pages[position - 1].document == document.ordinal for position in document.pages)
        path = invented.scans / file.name
        if path.suffix == ".pdf":
            with pikepdf.open(path) as pdf:
                assert len(pdf.pages) == len(file.pages)
        else:
            with Image.open(path) as image:
                assert getattr(image, "n_frames", 1) == len(file.pages)


def test_the_files_are_as_scanners_write_them(invented: Invented) -> None:
    with Image.open(invented.scans / "SCAN_0001.tif") as g4:
        assert (g4.mode, g4.info["compression"], g4.info["dpi"]) == ("1", "group4", (300, 300))
    with Image.open(invented.scans / "SCAN_0002.tif") as jpeg:
        assert (jpeg.mode, jpeg.info["compression"], jpeg.info["dpi"]) == ("L", "jpeg", (200, 200))
    with Image.open(invented.scans / "SCAN_0006.jpg") as loose:
        assert (loose.format, loose.info["dpi"]) == ("JPEG", (200, 200))
    for name in ("SCAN_0003.pdf", "SCAN_0004.pdf", "SCAN_0005.pdf"):
        with pikepdf.open(invented.scans / name) as pdf:
            for page in pdf.pages:
                assert len(page.get_images()) == 1
                assert "/Font" not in page.Resources
                assert [round(float(side)) for side in page.mediabox[2:]] == [595, 842]


def test_a_bilevel_page_is_the_same_in_a_pdf(tmp_path: Path) -> None:
    paper = Sheet(100)
    paper.text(20, 40, "Noir sur blanc", size=30, bold=True)
    page = Scanned(paper.image.convert("1"), 100)
    write_pdf([page], tmp_path / "page.pdf")
    with pikepdf.open(tmp_path / "page.pdf") as pdf:
        image = pdf.pages[0].Resources.XObject.Im0
        assert isinstance(image, pikepdf.Stream)
        assert pikepdf.PdfImage(image).as_pil_image().convert("1").tobytes() == page.image.tobytes()


def test_a_copy_is_the_same_bytes(invented: Invented) -> None:
    (copy,) = [file for file in invented.files if file.duplicate_of is not None]
    assert copy.duplicate_of is not None
    assert (invented.scans / copy.name).read_bytes() == (invented.scans / copy.duplicate_of).read_bytes()
    assert {page.role for page in copy.pages} == {"duplicate"}


def test_the_same_seed_and_day_give_the_same_bytes(invented: Invented, tmp_path: Path) -> None:
    known = everybody(random.Random(f"people/{SEED}"))  # noqa: S311 (invented people)
    batch = next(batch for batch in records._BATCHES if batch.name == "SCAN_0004.pdf")
    for day, same in ((TODAY, True), (date(2026, 1, 16), False)):
        records._Maker(batch, known, day, f"{SEED}/{batch.name}").make(tmp_path)
        assert ((tmp_path / batch.name).read_bytes() == (invented.scans / batch.name).read_bytes()) is same


def test_every_separator_can_be_read_and_names_the_claimed_patient(invented: Invented) -> None:
    for name, symbology in (
        ("SCAN_0001.tif", zxingcpp.BarcodeFormat.QRCode),
        ("SCAN_0002.tif", zxingcpp.BarcodeFormat.DataMatrix),
    ):
        (file,) = [file for file in invented.files if file.name == name]
        covers = [page.position for page in file.pages if page.role == "separator"]
        for position, document in zip(covers, file.documents, strict=True):
            codes = zxingcpp.read_barcodes(page_image(invented, name, position))
            assert document.claimed is not None
            separator = Separator(document.claimed, document.doc_type, document.client_document)
            assert {(code.text, code.format) for code in codes} == {(payload(separator), symbology)}


@pytest.mark.parametrize("name", ["SCAN_0003.pdf", "SCAN_0005.pdf"])
def test_each_page_looks_like_what_it_is(invented: Invented, name: str) -> None:
    (file,) = [file for file in invented.files if file.name == name]
    looks = [examine(image).look.value for image in open_pages(invented.scans / name, Limits())]
    assert [look.replace("content", "document") for look in looks] == [page.role for page in file.pages]


def test_more_documents_are_ordinary_ones_of_authorized_patients() -> None:
    more = [case for batch in records._more(7) for case in batch.cases]
    assert len(more) == 7
    assert {(case.outcome, case.reason) for case in more} == {("deposited", None)}
    lines = register(everybody(random.Random(1)), TODAY)  # noqa: S311 (invented people)
    for case in more:
        ref = PatientRef(case.shown)
        assert (
            answer(InventedDocument(1, DocType(case.doc_type), ref, ref, None, (1,), "deposited", None), lines, TODAY)
            is None
        )


def test_fewer_documents_than_the_cases_need_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="13"):
        make_records(tmp_path, TODAY, documents=13)


def test_a_missing_font_is_told_with_the_package_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sheet._FILES, ("sans", True), "NoSuchFont-Bold.ttf")
    sheet._font.cache_clear()
    with pytest.raises(StationFault, match="font-missing"):
        Sheet(100).text(10, 10, "text", bold=True)


# --- What is printed --------------------------------------------------------------------------------------------------


def test_what_is_printed_names_its_own_patient_and_the_planted_page_another(invented: Invented) -> None:
    index = RosterIndex(invented.patients)
    for file in invented.files:
        for document in file.documents:
            if document.claimed in (None, UNKNOWN):
                continue
            assert document.claimed is not None
            pages = [file.pages[position - 1].lines for position in document.pages]
            found = check_identity(_recognised(pages), document.claimed, sought(index))
            conflict = document.reason is HeldReason.IDENTITY_CONFLICT
            assert isinstance(found, Held if conflict else Agreed)


def test_tesseract_reads_what_is_printed(invented: Invented, tmp_path: Path) -> None:
    (file,) = [file for file in invented.files if file.name == "SCAN_0002.tif"]
    (planted,) = [d for d in file.documents if d.reason is HeldReason.IDENTITY_CONFLICT]
    (position,) = planted.pages
    page_image(invented, file.name, position).save(tmp_path / "page.png", dpi=(200, 200))
    read = subprocess.run(
        ["tesseract", tmp_path / "page.png", "-", "-l", "fra", "--psm", "3"],
        capture_output=True, text=True, check=True, env={"OMP_THREAD_LIMIT": "1", "PATH": "/usr/bin:/usr/local/bin"},
    ).stdout  # fmt: skip
    printed = [word for line in file.pages[position - 1].lines for word in words(line)]
    found = set(words(read))
    assert sum(word in found for word in printed) >= 0.9 * len(printed)
    assert planted.claimed is not None
    match check_identity(_recognised([read.splitlines()]), planted.claimed, sought(RosterIndex(invented.patients))):
        case Held(reason=HeldReason.IDENTITY_CONFLICT, conflict=Conflict(page=1)):
            pass
        case other:
            pytest.fail(repr(other))


def _recognised(pages: Iterable[Iterable[str]]) -> Recognised:
    read = tuple(RecognisedPage(laid("\n".join(page)), 0, ()) for page in pages)
    return Recognised(DocumentId("D"), read, "none")
