"""A dozen invented records as a scanner would drop them, and the truth: what each is and what must become of it."""

import csv
import random
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final, Literal

import numpy as np
from PIL import Image

from consent_gate.model import DocType, Patient, PatientRef, Reason
from demo import forms, letters
from demo.people import UNKNOWN, Person, RegisterLine, everybody, register
from demo.scanner import Mode, Scanned, scan, write_jpeg, write_pdf, write_tiff
from demo.sheet import Face, Sheet
from pipeline.model import HeldReason, Separator
from pipeline.sheets.image import sheet_image

Outcome = Literal["deposited", "refused", "held", "set-aside"]
Role = Literal["document", "separator", "blank", "duplicate"]

FEWEST: Final = 15
"""Documents that it takes to show every case once."""


@dataclass(frozen=True, slots=True)
class InventedPage:
    """One image of a file: what it is and what is printed on it."""

    position: int
    """1-based, in the file."""
    role: Role
    document: int | None
    """Place of its document among the file's, from 1; None for pages that belong to none."""
    lines: tuple[str, ...] = ()
    """What is printed on a document's page, line by line, the parts of a line parted by two spaces."""
    marks: tuple[str, ...] = ()
    """What is on it by hand: handwriting and rubber stamps."""


@dataclass(frozen=True, slots=True)
class InventedDocument:
    """Pages that belong together, and what must become of them."""

    ordinal: int
    """Place among the file's documents, from 1."""
    doc_type: DocType
    shown: PatientRef
    """Whose paper it is."""
    claimed: PatientRef | None
    """Whom the separator names; None without a separator."""
    client_document: str | None
    """What the separator says beside."""
    pages: tuple[int, ...]
    """Positions in the file."""
    outcome: Outcome
    reason: Reason | HeldReason | None

    @property
    def decided(self) -> PatientRef | None:
        """Whose it is found to be: whom its sheet names; without one, of what is not held, whom its page shows."""
        return self.claimed or (None if self.outcome == "held" else self.shown)


@dataclass(frozen=True, slots=True)
class InventedFile:
    """A file as the scanner dropped it."""

    name: str
    pages: tuple[InventedPage, ...]
    documents: tuple[InventedDocument, ...]
    duplicate_of: str | None = None


@dataclass(frozen=True, slots=True)
class Invented:
    """Everything that was made, and the truth about it."""

    patients_csv: Path
    authorizations_csv: Path
    scans: Path
    patients: tuple[Patient, ...]
    """The roster; one document's patient is not on it."""
    files: tuple[InventedFile, ...]
    identities: tuple[str, ...]
    """Names and numbers of everybody: none may be found outside an envelope or a sealed column."""

    @property
    def documents(self) -> tuple[InventedDocument, ...]:
        return tuple(document for file in self.files for document in file.documents)


_Form = Callable[[Sheet, Person, date, random.Random], list[Sheet]]
_FORMS: Final[dict[DocType, tuple[_Form, Face]]] = {
    DocType("fiche_aptitude"): (forms.fitness_notice, "sans"),
    DocType("resultats_labo"): (forms.laboratory_results, "sans"),
    DocType("questionnaire"): (forms.questionnaire, "sans"),
    DocType("ordonnance"): (letters.prescription, "serif"),
    DocType("certificat"): (letters.certificate, "serif"),
    DocType("courrier_medical"): (letters.letter, "serif"),
}


@dataclass(frozen=True, slots=True)
class _Case:
    """One document to make."""

    doc_type: str
    shown: str
    outcome: Outcome = "deposited"
    reason: Reason | HeldReason | None = None
    claimed: str | None = ""
    """As `shown` where empty."""


@dataclass(frozen=True, slots=True)
class _Batch:
    """One file to make."""

    name: str
    mode: Mode
    dpi: int
    symbology: Literal["qr", "datamatrix"]
    duplex: bool
    cases: tuple[_Case, ...]
    copy: str | None = None
    """Name under which the same bytes come a second time."""


_BATCHES: Final = (
    _Batch(
        "SCAN_0001.tif", Mode.BILEVEL, 300, "qr", duplex=True,
        cases=(
            _Case("fiche_aptitude", "A1002"),
            _Case("ordonnance", "A1006", "refused", Reason.REFUSED),
            _Case("fiche_aptitude", "A1003"),
        ),
    ),
    _Batch(
        "SCAN_0002.tif", Mode.GREY, 200, "datamatrix", duplex=False,
        cases=(
            _Case("resultats_labo", "A1001"),
            _Case("certificat", "A1007", "refused", Reason.WITHDRAWN),
            # one MARTIN Nicolas under the separator of the other
            _Case("resultats_labo", "A1002", "held", HeldReason.IDENTITY_CONFLICT, claimed="A1013"),
        ),
    ),
    _Batch(
        "SCAN_0003.pdf", Mode.GREY, 200, "qr", duplex=True,
        cases=(
            _Case("courrier_medical", "A1005"),
            _Case("fiche_aptitude", "A1008", "refused", Reason.EXPIRED),
            _Case("questionnaire", UNKNOWN, "refused", Reason.PATIENT_UNKNOWN),
        ),
    ),
    _Batch(
        "SCAN_0004.pdf", Mode.COLOUR, 200, "datamatrix", duplex=False,
        cases=(
            _Case("resultats_labo", "A1011"),
            _Case("courrier_medical", "A1011", "refused", Reason.OUT_OF_SCOPE),
            _Case("ordonnance", "A1009", "refused", Reason.NO_AUTHORIZATION),
        ),
    ),
    _Batch(
        "SCAN_0005.pdf", Mode.BILEVEL, 300, "qr", duplex=False,
        cases=(_Case("certificat", "A1010", "refused", Reason.NOT_YET_IN_FORCE),),
        copy="SCAN_0007.pdf",
    ),
    _Batch(
        "SCAN_0006.jpg", Mode.GREY, 200, "qr", duplex=False,
        # no sheet before it, and nothing on it but a name with a birth date
        cases=(_Case("ordonnance", "A1012", "held", HeldReason.ONE_SOURCE, claimed=None),),
    ),
    _Batch(
        "SCAN_0008.jpg", Mode.GREY, 200, "qr", duplex=False,
        # no sheet either, but its number says so too
        cases=(_Case("resultats_labo", "A1014", claimed=None),),
    ),
)  # fmt: skip
_AUTHORIZED: Final = ("A1001", "A1005", "A1014", "A1004", "A1012", "A1013")


def make_records(target: Path, today: date, seed: int = 2026, documents: int = FEWEST) -> Invented:
    """Write `patients.csv`, `authorizations.csv` and a folder `scans` under `target`; the same for the same arguments.

    The register is made so that each case holds on `today`. `documents` beyond `FEWEST` are ordinary ones of
    authorized patients; raises ValueError for fewer. Raises `StationFault("font-missing")` without the DejaVu fonts.
    """
    if documents < FEWEST:
        raise ValueError(documents)
    known = everybody(random.Random(f"people/{seed}"))  # noqa: S311 (invented people)
    roster = [person for ref, person in known.items() if ref != UNKNOWN]
    scans = target / "scans"
    scans.mkdir(parents=True, exist_ok=True)
    patients_csv, authorizations_csv = target / "patients.csv", target / "authorizations.csv"
    _write_roster(patients_csv, roster)
    _write_register(authorizations_csv, register(known, today))
    files: list[InventedFile] = []
    for batch in (*_BATCHES, *_more(documents - FEWEST)):
        file = _Maker(batch, known, today, f"{seed}/{batch.name}").make(scans)
        files.append(file)
        if batch.copy is not None:
            shutil.copyfile(scans / batch.name, scans / batch.copy)
            files.append(_duplicate(file, batch.copy))
    return Invented(
        patients_csv,
        authorizations_csv,
        scans,
        tuple(person.patient for person in roster),
        tuple(files),
        _identities(known.values()),
    )


def _more(count: int) -> Iterable[_Batch]:
    """Ordinary documents of authorized patients, four a file."""
    types = tuple(_FORMS)
    cases = [_Case(types[number % len(types)], _AUTHORIZED[number % len(_AUTHORIZED)]) for number in range(count)]
    for start in range(0, count, 4):
        yield _Batch(
            f"SCAN_{101 + start // 4:04}.tif", Mode.GREY, 200, "qr", duplex=False, cases=tuple(cases[start : start + 4])
        )


@dataclass(frozen=True, slots=True)
class _Side:
    paper: Image.Image
    lines: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()


class _Maker:
    """Feeds one file's sheets through the scanner."""

    def __init__(self, batch: _Batch, known: dict[PatientRef, Person], today: date, seed: str) -> None:
        self._batch = batch
        self._known = known
        self._today = today
        self._rng = random.Random(seed)  # noqa: S311 (invented records)
        self._grain = np.random.default_rng(self._rng.getrandbits(64))
        self._scanned: list[Scanned] = []
        self._pages: list[InventedPage] = []

    def make(self, scans: Path) -> InventedFile:
        documents = [self._document(ordinal, case) for ordinal, case in enumerate(self._batch.cases, start=1)]
        _write(self._scanned, scans / self._batch.name)
        return InventedFile(self._batch.name, tuple(self._pages), tuple(documents))

    def _document(self, ordinal: int, case: _Case) -> InventedDocument:
        doc_type, shown = DocType(case.doc_type), PatientRef(case.shown)
        claimed = PatientRef(case.claimed or case.shown) if case.claimed is not None else None
        client_document = None
        if claimed is not None:
            client_document = f"D{Path(self._batch.name).stem[-4:]}-{ordinal}"
            cover = sheet_image(
                Separator(claimed, doc_type, client_document), dpi=self._batch.dpi, symbology=self._batch.symbology
            )
            self._feed([_Side(cover)], "separator", None)
        form, face = _FORMS[doc_type]
        day = self._today - timedelta(days=self._rng.randint(40, 900))
        sheets = form(Sheet(self._batch.dpi, face), self._known[shown], day, self._rng)
        first = len(self._pages) + 1
        self._feed([_Side(s.image, s.lines, tuple(s.marks)) for s in sheets], "document", ordinal)
        pages = tuple(page.position for page in self._pages[first - 1 :] if page.role == "document")
        return InventedDocument(ordinal, doc_type, shown, claimed, client_document, pages, case.outcome, case.reason)

    def _feed(self, sides: Sequence[_Side], role: Role, document: int | None) -> None:
        """Feed the printed sides; in duplex, a last sheet with one printed side gives a blank back too."""
        for number, side in enumerate(sides):
            back = number ^ 1
            other = sides[back].paper if self._batch.duplex and back < len(sides) else None
            self._take(side, other, role, document)
        if self._batch.duplex and len(sides) % 2:
            front = sides[-1].paper
            self._take(_Side(Image.new("RGB", front.size, "white")), front, "blank", None)

    def _take(self, side: _Side, other: Image.Image | None, role: Role, document: int | None) -> None:
        self._scanned.append(scan(side.paper, self._batch.dpi, self._batch.mode, self._grain, other))
        self._pages.append(InventedPage(len(self._pages) + 1, role, document, side.lines, side.marks))


def _write(pages: Sequence[Scanned], path: Path) -> None:
    match path.suffix:
        case ".pdf":
            write_pdf(pages, path)
        case ".jpg":
            (page,) = pages
            write_jpeg(page, path)
        case _:
            write_tiff(pages, path)


def _duplicate(file: InventedFile, name: str) -> InventedFile:
    pages = tuple(InventedPage(page.position, "duplicate", None, page.lines, page.marks) for page in file.pages)
    return InventedFile(name, pages, (), duplicate_of=file.name)


_ROSTER_HEAD: Final = "patient_id;nom_naissance;nom_usage;prenoms;date_naissance;sexe;nir;employeur"
_REGISTER_HEAD: Final = (
    "patient_id;nom_naissance;prenom;date_naissance;nir;statut;date_signature;date_fin;perimetre;note"
)


def _write_roster(path: Path, roster: Iterable[Person]) -> None:
    def row(person: Person) -> tuple[object, ...]:
        p = person.patient
        given = ", ".join(p.given_names)
        return p.ref, p.birth_name, p.usage_name or "", given, p.birth_date, p.sex, p.ins, person.employer

    _write_csv(path, _ROSTER_HEAD, map(row, roster))


def _write_register(path: Path, lines: Iterable[RegisterLine]) -> None:
    def row(line: RegisterLine) -> tuple[object, ...]:
        p = line.patient
        who = p.ref, p.birth_name, p.given_names[0], p.birth_date, p.ins
        return *who, line.answer, line.on, line.until or "", line.scope, line.note

    _write_csv(path, _REGISTER_HEAD, map(row, lines))


def _write_csv(path: Path, head: str, rows: Iterable[tuple[object, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\n")
        writer.writerow(head.split(";"))
        writer.writerows(rows)


def _identities(known: Iterable[Person]) -> tuple[str, ...]:
    """What identifies these people, as it is printed or stored."""
    found: set[str] = set()
    for person in known:
        patient = person.patient
        found.update({patient.birth_name, *patient.given_names, person.number, patient.ins or ""})
        if patient.usage_name:
            found.add(patient.usage_name)
    return tuple(sorted(found - {""}))
