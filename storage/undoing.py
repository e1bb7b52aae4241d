"""An import of the register taken back: a retraction of each fact that it added, in one transaction with its entry.

Nothing is deleted, and nobody's no is lost: whoever was restricted by a fact that is retracted stands in doubt, and the
gate stays closed, until a sheet or a person settles it. A doubt that the import opened stays. An undoing cannot be
undone: import the file again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from sqlmodel import Session, col, select

from consent_gate.model import Fact, FactKind, PatientRef, Statement
from consent_gate.standing import standing
from consent_gate.statements import restricts
from lexicon.faults import StationFault
from storage.columns import Columns
from storage.custody import Draft, EntryType
from storage.database import Database
from storage.imports import Look, Looks
from storage.ledger import Ledger
from storage.merkle import leaf_hash, root_of
from storage.register import IMPORT_KIND, Recording, Register
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
    looks: Looks | None = None


@dataclass(frozen=True, slots=True)
class _Taken:
    """What is taken back of one patient."""

    patient: PatientRef
    facts: tuple[Fact, ...]
    """That are to be retracted."""
    recorded: int
    doubtful: bool


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
        person: str | None = None,
        look: Look | None = None,
    ) -> UndoReport:
        """Retract every fact that the import added and that stands. `today` is the civil day at the client's.

        Raises `StationFault` `import-unknown`, `import-not-register`, `import-is-undo`, `import-undone`;
        `TamperFault("register-forged")` where the facts on record are not those that were recorded.
        """
        register, undo_id = Register(self.database, self.columns), fresh_id(at)
        with self.database.write("import.undo") as session:
            row = _undoable(session, import_id)
            taken = self._taken(session, register, import_id)
            touched = frozenset(one.patient for one in taken)
            before = look(session, touched) if look else {}
            said = [(one.patient, _retraction(fact, today or at.date())) for one in taken for fact in one.facts]
            recorded = register.record(session, said, Recording(at, undo_id, person))
            doubtful = [one.patient for one in taken if one.doubtful]
            doubted, _ = register.doubt(session, doubtful, (), at, undo_id)
            report = UndoReport(
                None if dry_run else undo_id, import_id, sum(one.recorded for one in taken), len(said), doubted, touched
            )
            _note(session, undo_id, row, report, at)
            looks = Looks(before, look(session, touched)) if look else None
            digests = [one.digest for one in recorded]
            self.ledger.append(session, _draft(undo_id, report, digests, person), at=at)
            queue_everybody(session)
            if dry_run:
                session.rollback()
        return UndoReport(report.id, import_id, report.facts, report.retracted, doubted, touched, looks)

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
    lifted = any(fact.kind is FactKind.DOUBT_LIFTED for fact in history if fact.reference in ours)
    return _Taken(patient, gone, len(ours), lifted or any(_restricted(fact, left) for fact in gone))


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


def _draft(undo_id: str, report: UndoReport, digests: Sequence[str], person: str | None) -> Draft:
    counts = {"facts": report.facts, "retracted": report.retracted, "doubted": report.doubted}
    return Draft(
        EntryType.IMPORT,
        f"import:{undo_id}",
        "register-undone",
        counts=counts,
        parent=report.import_id,
        hashes_out=(root_of([leaf_hash(bytes.fromhex(digest)) for digest in sorted(digests)]).hex(),),
        person=person,
    )
