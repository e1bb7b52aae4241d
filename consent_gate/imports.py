"""Roster and register from a client's sheet: a patient or a statement a line, or the reason why the line is refused.

Pure, and without regard to the order of lines. A verdict never repeats a cell: cells are identities. A line that may
have meant to restrict and cannot be used must not leave the gate open: what would open it for the same patient in the
same sheet is then withheld, and the patient stands as doubted (see `consent_gate.doubts`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Final

from consent_gate import cells
from consent_gate.cells import CellRefused
from consent_gate.doubts import Born, Doubt, Find, doubt_of
from consent_gate.model import Patient, PatientRef, Statement
from consent_gate.sheets.reading import Guard, Row, read_sheet
from consent_gate.statements import DECIDING, OPENING, SETTLING, may_restrict, restricts, said_in, statement
from consent_gate.traits import comparable_name

ROSTER_HEADERS: Final[Mapping[str, str]] = {
    "reference": "patient_id",
    "birth_name": "nom_naissance",
    "usage_name": "nom_usage",
    "given_names": "prenoms",
    "birth_date": "date_naissance",
    "sex": "sexe",
    "ins": "nir",
}
REGISTER_HEADERS: Final[Mapping[str, str]] = {
    "reference": "patient_id",
    "birth_name": "nom_naissance",
    "given_name": "prenom",
    "birth_date": "date_naissance",
    "ins": "nir",
    "kind": "statut",
    "on": "date_signature",
    "until": "date_fin",
    "scope": "perimetre",
    "evidence": "preuve",
    "purposes": "finalites",
    "given_by": "donnee_par",
    "authority_until": "fin_mandat",
    "evidence_kind": "type_preuve",
    "evidence_on": "date_preuve",
    "evidence_sha256": "empreinte_preuve",
    "witness": "temoin",
    "version": "version_information",
    "channel": "canal",
}
_ROSTER_REQUIRED: Final = frozenset({"reference", "birth_name", "given_names", "birth_date"})
_REGISTER_REQUIRED: Final = frozenset({"reference", "birth_name", "birth_date", "kind", "on", "until", "scope"})
_GUARD: Final = Guard(
    limits={name: REGISTER_HEADERS[name] for name in ("purposes", "scope", "until", "given_by", "authority_until")},
    words=("opposition", "revocation", "restriction", "retrait", "refus", "deces"),
    speaks=cells.speaks,
)


class LineOutcome(StrEnum):
    ADDED = "added"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class LineVerdict:
    """What became of the line with this number in the file (from 1)."""

    line: int
    outcome: LineOutcome
    code: str | None = None
    """Why it was refused, a key of `lexicon.catalogue.LINES`."""
    column: str | None = None
    """The client's name of the column at fault, where one is."""
    doubts: bool = False
    """Whether it closes whatever was authorized before: it may have restricted somebody (`consent_gate.doubts`)."""


@dataclass(frozen=True, slots=True)
class PatientLine:
    line: int
    patient: Patient


@dataclass(frozen=True, slots=True)
class Claimed:
    """Whom a register's line says it is about; compared with the roster, never stored."""

    birth_name: str
    given_name: str
    birth_date: date | None
    ins: str


@dataclass(frozen=True, slots=True)
class StatementLine:
    line: int
    patient: PatientRef
    claimed: Claimed
    statement: Statement


@dataclass(frozen=True, slots=True)
class RosterSheet:
    lines: tuple[PatientLine, ...]
    refused: tuple[LineVerdict, ...]
    headers: Mapping[str, str]
    """Field -> the client's name of its column."""
    unread: tuple[str, ...] = field(default=(), repr=False)
    """Names of columns that nobody asked for, for the screen."""


@dataclass(frozen=True, slots=True)
class RegisterSheet:
    lines: tuple[StatementLine, ...]
    refused: tuple[LineVerdict, ...]
    doubts: tuple[Doubt, ...]
    """Of refused lines that may have meant to restrict."""
    unusable: frozenset[str]
    """References in refused lines, whatever they may have meant."""
    headers: Mapping[str, str]
    unread: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class BorneOut:
    """What of a register's sheet the roster bears out."""

    lines: tuple[StatementLine, ...]
    refused: tuple[LineVerdict, ...]
    doubted: frozenset[PatientRef]
    """Patients whom a refused line may have meant to restrict."""
    settled: frozenset[PatientRef]
    """Patients all of whose lines can be used, one of which may decide a doubt (`consent_gate.doubts.are_settled`)."""

    @property
    def touched(self) -> frozenset[PatientRef]:
        """All patients about whom something may change."""
        return self.doubted | self.settled | {line.patient for line in self.lines}


def read_roster(raw: bytes, today: date, headers: Mapping[str, str] | None = None) -> RosterSheet:
    """Patients of a roster's CSV; `headers` replaces the client's names of some columns.

    Raises `SheetFault` (see `consent_gate.sheets.reading.read_sheet`) where the file as a whole cannot be used.
    """
    names = {**ROSTER_HEADERS, **(headers or {})}
    lines: list[PatientLine] = []
    refused: list[LineVerdict] = []
    sheet = read_sheet(raw, names, _ROSTER_REQUIRED)
    for row in sheet.rows:
        try:
            lines.append(PatientLine(row.line, _patient(row, today)))
        except CellRefused as refusal:
            refused.append(_verdict(row.line, refusal, names))
    torn = _torn(lines)
    twice = CellRefused("reference-twice", "reference")
    refused += [_verdict(line.line, twice, names) for line in lines if line.patient.ref in torn]
    whole = tuple(line for line in lines if line.patient.ref not in torn)
    return RosterSheet(whole, tuple(refused), names, sheet.unread)


def read_register(raw: bytes, today: date, headers: Mapping[str, str] | None = None) -> RegisterSheet:
    """Statements of a register's sheet; a `note` column is never read. Raises `SheetFault` as `read_roster` does.

    `today` is the client's civil day: what closes the gate from a later day on is a slip, and is refused.
    """
    names = {**REGISTER_HEADERS, **(headers or {})}
    lines: list[StatementLine] = []
    refused: list[LineVerdict] = []
    doubts: list[Doubt] = []
    unusable: set[str] = set()
    sheet = read_sheet(raw, names, _REGISTER_REQUIRED, _GUARD)
    for row in sheet.rows:
        try:
            lines.append(_statement_line(row, today))
        except CellRefused as refusal:
            refused.append(_verdict(row.line, refusal, names))
            unusable.add(row.cells.get("reference", ""))
            if may_restrict(row):
                doubts.append(replace(doubt_of(row), line=row.line))
    return RegisterSheet(tuple(lines), tuple(refused), tuple(doubts), frozenset(unusable), names, sheet.unread)


def borne_out(sheet: RegisterSheet, find: Find, born: Born) -> BorneOut:
    """Those lines alone that the roster bears out, the others refused; `find` and `born` look patients up."""
    agreed: list[StatementLine] = []
    refused, doubts, unusable = list(sheet.refused), list(sheet.doubts), set(sheet.unusable)
    for line in sheet.lines:
        refusal = _disagreement(line.claimed, find(line.patient))
        if refusal is None:
            agreed.append(line)
            continue
        refused.append(_verdict(line.line, refusal, sheet.headers))
        unusable.add(line.patient)
        if restricts(line.statement):
            claimed = line.claimed
            doubts.append(Doubt(line.patient, claimed.birth_name, claimed.birth_date, line=line.line))
    decided = _last_decisions(agreed)
    doubts = [doubt for doubt in doubts if not doubt.is_past(decided.get(PatientRef(doubt.reference)))]
    doubted, doubting = set[PatientRef](), set[int]()
    for doubt in doubts:
        about = doubt.patients(find, born)
        doubted |= about
        doubting |= {doubt.line} if about else set()
    refused = [replace(verdict, doubts=verdict.line in doubting) for verdict in refused]
    withheld = [line for line in agreed if line.patient in doubted and line.statement.kind in OPENING]
    refused += [_verdict(line.line, CellRefused("withheld"), sheet.headers) for line in withheld]
    lines = {line.line for line in withheld}
    kept = tuple(line for line in agreed if line.line not in lines)
    deciding = frozenset(line.patient for line in kept if line.statement.kind in SETTLING)
    return BorneOut(kept, tuple(refused), frozenset(doubted), deciding - doubted - unusable)


def _last_decisions(lines: Iterable[StatementLine]) -> Mapping[PatientRef, date]:
    """The last day of which a patient can be read to have authorized, refused or withdrawn."""
    last: dict[PatientRef, date] = {}
    for line in lines:
        if line.statement.kind in DECIDING:
            last[line.patient] = max(line.statement.on, last.get(line.patient, date.min))
    return last


def same_identity(one: Patient, other: Patient) -> bool:
    """Whether two lines name one person alike, whatever case, accents and hyphens they were written with."""
    return _compared(one) == _compared(other)


def _compared(patient: Patient) -> tuple[object, ...]:
    names = (patient.birth_name, patient.usage_name or "", *patient.given_names)
    return (patient.ref, *(comparable_name(n) for n in names), patient.birth_date, patient.sex, patient.ins)


def _torn(lines: Iterable[PatientLine]) -> set[PatientRef]:
    """References that stand with different traits: no line says which are right, so none of them is taken."""
    first: dict[PatientRef, Patient] = {}
    return {
        line.patient.ref
        for line in lines
        if not same_identity(first.setdefault(line.patient.ref, line.patient), line.patient)
    }


def _verdict(line: int, refusal: CellRefused, headers: Mapping[str, str]) -> LineVerdict:
    column = headers.get(refusal.field) if refusal.field else None
    return LineVerdict(line, LineOutcome.REFUSED, refusal.code, column)


def _patient(row: Row, today: date) -> Patient:
    _require_whole(row)
    birth = cells.day(row, "birth_date")
    if birth > today:
        raise CellRefused("birth-date-future", "birth_date")
    return Patient(
        ref=cells.reference(row),
        birth_name=cells.name(row, "birth_name"),
        usage_name=cells.name(row, "usage_name") if row.cells.get("usage_name") else None,
        given_names=cells.names(row, "given_names"),
        birth_date=birth,
        sex=cells.sex(row),
        ins=cells.ins(row) or None,
    )


def _statement_line(row: Row, today: date) -> StatementLine:
    _require_whole(row)
    said = said_in(row)
    claimed = Claimed(
        birth_name=cells.name(row, "birth_name") if "birth_name" in row.cells else "",
        given_name=cells.name(row, "given_name") if row.cells.get("given_name") else "",
        birth_date=cells.day(row, "birth_date") if "birth_date" in row.cells else None,
        ins=cells.ins(row),
    )
    return StatementLine(row.line, cells.reference(row), claimed, statement(row, said, today))


def _disagreement(claimed: Claimed, patient: Patient | None) -> CellRefused | None:
    """Where a line's traits and the roster's differ, case, accents and hyphens apart."""
    if patient is None:
        return CellRefused("patient-unknown", "reference")
    if claimed.birth_name and comparable_name(claimed.birth_name) != comparable_name(patient.birth_name):
        return CellRefused("birth-name-differs", "birth_name")
    if claimed.birth_date and claimed.birth_date != patient.birth_date:
        return CellRefused("birth-date-differs", "birth_date")
    if claimed.given_name and not _bears(patient, claimed.given_name):
        return CellRefused("given-name-differs", "given_name")
    if claimed.ins and patient.ins and claimed.ins != patient.ins:
        return CellRefused("ins-differs", "ins")
    return None


def _bears(patient: Patient, name: str) -> bool:
    """Whether a given name is one of the patient's, or all of them in a row."""
    each = [comparable_name(given) for given in patient.given_names]
    return comparable_name(name) in {*each, "".join(each)}


def _require_whole(row: Row) -> None:
    if row.flaw is not None:
        raise CellRefused(row.flaw.code, row.flaw.field)
    if not row.whole:
        raise CellRefused("cells-missing-or-surplus")
