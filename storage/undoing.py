"""An import of the register taken back: a retraction of each fact that it added, in one transaction with its entry.

Nothing is deleted, and nobody's no is lost: whoever was restricted by a fact that is retracted stands in doubt about
it, and the gate stays closed, until something later or a person settles it (`consent_gate.doubts.are_settled`); and
somebody has to say who takes it back. A doubt that the import opened stays; one that it lifted is open again. An
undoing cannot be undone: import the file again.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Final

from sqlmodel import Session, col, select

from consent_gate.doubts import open_doubts
from consent_gate.model import Evidence, Fact, FactKind, PatientRef, Statement
from consent_gate.standing import standing
from consent_gate.statements import restricts
from lexicon.faults import StationFault
from storage.columns import Columns
from storage.custody import Draft, EntryType
from storage.database import Database
from storage.fact_rows import Recording
from storage.freshness import IMPORT_KIND
from storage.imports import Foreseen
from storage.ledger import Ledger
from storage.merkle import leaf_hash, root_of
from storage.register import Register
from storage.rejudges import queue_everybody
from storage.roster import Roster
from storage.tables import FactRow, ImportRow
from storage.times import fresh_id, write_time

UNDO_KIND: Final = "undo"
_STAYS: Final = frozenset({FactKind.DOUBTED, FactKind.DOUBT_LIFTED, FactKind.RETRACTED})
"""Doubts close the gate, and a lifting is answered by a new doubt."""


@dataclass(frozen=True, slots=True)
class UndoReport:
    """What became of the import's facts. `id` is None after a dry run, which keeps nothing."""

    id: str | None
    import_id: str
    facts: int
    retracted: int
    doubted: int
    """Patients who stand in doubt since."""
    touched: frozenset[PatientRef] = field(default=frozenset(), repr=False)
    foreseen: Foreseen | None = None
    """Of a dry run."""


@dataclass(frozen=True, slots=True)
class _Taken:
    """What is taken back of one patient."""

    patient: PatientRef
    facts: tuple[Fact, ...]
    """That are to be retracted."""
    recorded: int
    restricting: tuple[Fact, ...]
    """Of them those without which something may be open."""
    lifted: tuple[Fact, ...]
    """Doubts that the import lifted."""

    def doubts(self, today: date, undo_id: str) -> tuple[Statement, ...]:
        """What is doubtful now: about each fact that restricted, and as before what the import had settled."""
        whys: list[tuple[date, str | None]] = [(today, fact.reference) for fact in self.restricting]
        whys += [(doubt.on, doubt.about) for doubt in self.lifted]
        by = Evidence(undo_id)
        return tuple(Statement(kind=FactKind.DOUBTED, on=on, about=about, evidence=by) for on, about in whys)


@dataclass(frozen=True, slots=True)
class By:
    """Who takes an import back: the account (ULID), and the digest (hex) of the act that was authenticated."""

    person: str
    act: str


@dataclass(frozen=True, slots=True)
class Undoing:
    """Takes imports of the register back."""

    database: Database
    columns: Columns
    ledger: Ledger

    def undo(
        self,
        import_id: str,
        at: datetime,
        *,
        today: date | None = None,
        dry_run: bool = False,
        by: By | None = None,
    ) -> UndoReport:
        """Retract every fact that the import added and that stands. `today` is the civil day at the client's.

        Raises `StationFault` `import-unknown`, `import-not-register`, `import-is-undo`, `import-undone`,
        `second-factor-missing` (by nobody, although it restricts somebody; a dry run asks for nobody);
        `TamperFault("register-forged")` where the facts on record are not those that were recorded.
        """
        register, undo_id, today = Register(self.database, self.columns), fresh_id(at), today or at.date()
        with self.database.write("import.undo") as session:
            row = _undoable(session, import_id)
            taken = self._taken(session, register, import_id)
            if by is None and not dry_run and any(one.restricting for one in taken):
                raise StationFault("second-factor-missing")
            touched = frozenset(one.patient for one in taken)
            recording = Recording(at, undo_id, by.person if by else None)
            said = [(one.patient, _retraction(fact, today)) for one in taken for fact in one.facts]
            recorded = register.record(session, said, recording)
            doubts = [(one.patient, doubt) for one in taken for doubt in one.doubts(today, undo_id)]
            register.record(session, doubts, recording)
            doubted = len({patient for patient, _ in doubts})
            report = UndoReport(
                None if dry_run else undo_id, import_id, sum(one.recorded for one in taken), len(said), doubted, touched
            )
            _note(session, undo_id, row, report, at)
            digests = [one.digest for one in recorded]
            self.ledger.append(session, _draft(undo_id, report, digests, by), at=at)
            queue_everybody(session)
            if dry_run:
                report = replace(report, foreseen=Foreseen.of(register, session, undo_id))
                session.rollback()
        return report

    def restricts(self, import_id: str) -> bool:
        """Whether taking it back takes back what restricts somebody. Raises as `undo` does."""
        with self.database.read() as session:
            _undoable(session, import_id)
            taken = self._taken(session, Register(self.database, self.columns), import_id)
            return any(one.restricting for one in taken)

    def _taken(self, session: Session, register: Register, import_id: str) -> tuple[_Taken, ...]:
        added: dict[str, set[str]] = {}
        query = select(FactRow.patient_index, FactRow.id).where(FactRow.import_id == import_id)
        for index, fact in session.exec(query.order_by(FactRow.id)):
            added.setdefault(index, set()).add(fact)
        refs: Mapping[str, PatientRef] = Roster(self.database, self.columns).refs_of(session, added)
        found = []
        for index, ours in added.items():
            history = register.history(session, refs[index])
            found.append(_of_one(refs[index], history, ours))
        return tuple(found)


def _of_one(patient: PatientRef, history: Sequence[Fact], ours: set[str]) -> _Taken:
    stand = standing(history)
    gone = tuple(fact for fact in stand if fact.reference in ours and fact.kind not in _STAYS)
    left = [fact for fact in stand if fact not in gone]
    restricting = tuple(fact for fact in gone if _restricted(fact, left))
    return _Taken(patient, gone, len(ours), restricting, tuple(_lifted_by(stand, ours)))


def _lifted_by(stand: Sequence[Fact], ours: set[str]) -> Iterator[Fact]:
    """Doubts that were open when one of our facts lifted them."""
    for lifting in stand:
        if lifting.reference in ours and lifting.kind is FactKind.DOUBT_LIFTED:
            yield from open_doubts(fact for fact in stand if fact.recorded_at < lifting.recorded_at)


def _restricted(fact: Fact, left: Iterable[Fact]) -> bool:
    """Whether something may be open without this fact that was closed by it: a limited permission narrowed others."""
    if fact.kind is FactKind.GRANTED:
        return restricts(fact) and any(other.kind is FactKind.GRANTED for other in left)
    return restricts(fact)


def _undoable(session: Session, import_id: str) -> ImportRow:
    row = session.get(ImportRow, import_id)
    if row is None:
        raise StationFault("import-unknown")
    if row.kind == UNDO_KIND:
        raise StationFault("import-is-undo")
    if row.kind != IMPORT_KIND:
        raise StationFault("import-not-register")
    undone = select(ImportRow.id).where(col(ImportRow.undoes) == import_id)
    if session.exec(undone).first() is not None:
        raise StationFault("import-undone")
    return row


def _retraction(fact: Fact, today: date) -> Statement:
    return Statement(kind=FactKind.RETRACTED, on=today, about=fact.reference)


def _note(session: Session, undo_id: str, row: ImportRow, report: UndoReport, at: datetime) -> None:
    session.add(
        ImportRow(
            id=undo_id,
            kind=UNDO_KIND,
            sha256=row.sha256,
            lines=report.facts,
            added=report.retracted,
            unchanged=report.facts - report.retracted,
            refused=0,
            at=write_time(at),
            undoes=row.id,
        )
    )
    session.flush()


def _draft(undo_id: str, report: UndoReport, digests: Sequence[str], by: By | None) -> Draft:
    counts = {"facts": report.facts, "retracted": report.retracted, "doubted": report.doubted}
    return Draft(
        EntryType.IMPORT,
        f"import:{undo_id}",
        "register-undone",
        counts=counts,
        parent=report.import_id,
        hashes_out=(root_of([leaf_hash(bytes.fromhex(digest)) for digest in sorted(digests)]).hex(),),
        hashes_in=(by.act,) if by else (),
        person=by.person if by else None,
    )
