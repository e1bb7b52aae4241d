"""The register's rows: dated facts, added and never changed, each bound by a keyed digest to what it says.

Bitemporal: a fact says from which day it holds, and when it was recorded; a retraction is a later fact about it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Row, bindparam
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col, select

from consent_gate.doubts import are_settled
from consent_gate.gate import Policy, holds
from consent_gate.model import (
    Evidence,
    Fact,
    FactKind,
    KnownPatient,
    Patient,
    PatientRef,
    RegisterReading,
    Statement,
    UnknownPatient,
    UnreadableRegister,
)
from consent_gate.standing import as_read, noes
from lexicon.faults import StationFault, TamperFault
from storage.columns import Columns
from storage.database import Database, in_batches
from storage.fact_rows import FactDraft, FactRows, Recording
from storage.fact_seals import FactSeals, recorded_of
from storage.freshness import IMPORT_KIND, brought_up_to_date
from storage.rejudges import in_hand, queue
from storage.roster import Roster
from storage.said import AGAIN
from storage.tables import FactRow, ImportRow
from storage.times import write_time

_OF_PATIENT: Final = (
    select(*FactRow.__table__.columns)  # type: ignore[attr-defined]  # plain rows: each question to the gate reads them
    .where(col(FactRow.patient_index) == bindparam("index"))
    .order_by(col(FactRow.id))
)
_NEXT: Final = (
    select(FactRow.patient_index)
    .where(col(FactRow.patient_index) > bindparam("after"))
    .distinct()
    .order_by(col(FactRow.patient_index))
    .limit(500)
)
_OF_RANGE: Final = (
    select(*FactRow.__table__.columns)  # type: ignore[attr-defined]  # plain rows, as above
    .where(col(FactRow.patient_index).between(bindparam("first"), bindparam("last")))
    .order_by(col(FactRow.id))
)
_OF_IMPORT: Final = (
    select(*FactRow.__table__.columns)  # type: ignore[attr-defined]  # plain rows, as above
    .where(col(FactRow.import_id) == bindparam("import_id"))
    .where(col(FactRow.patient_index).in_(in_hand()))
    .order_by(col(FactRow.id))
)
_OF_DOUBTS: Final = select(*FactRow.__table__.columns).where(  # type: ignore[attr-defined]  # plain rows, as above
    col(FactRow.kind).in_((FactKind.DOUBTED.value, FactKind.DOUBT_LIFTED.value))
)
_RETRACTED: Final = select(FactRow.about).where(FactRow.kind == FactKind.RETRACTED.value)
_NO_TEXT: Final = "Could not decode"
"""How SQLite's driver tells that a hand in the file left bytes where a text was."""


@dataclass(frozen=True, slots=True)
class FactRecorded:
    """What became of a statement: `digest` is what is said of whom (keyed, hex), `reference` the new fact's."""

    digest: str
    reference: str | None
    """None where the very same stands on record already."""


class Register:
    """The station's own register (`consent_gate.register.Register`)."""

    def __init__(self, database: Database, columns: Columns) -> None:
        self._database = database
        self._columns = columns
        self._roster = Roster(database, columns)
        self._seals = FactSeals(columns)
        self._rows = FactRows(columns)

    def reading(self, patient: PatientRef) -> RegisterReading:
        """All facts of one patient at one instant; `UnreadableRegister` where database, key or a row is not right.

        Raises `StationFault("database-away")`: a server that will be back is asked again, and nobody is refused for it.
        """
        try:
            with self._database.read() as session:
                return self.reading_in(session, patient)
        except (StationFault, TamperFault, ValueError) as fault:
            if isinstance(fault, StationFault) and fault.code == "database-away":
                raise
            return UnreadableRegister()

    def reading_in(
        self, session: Session, patient: PatientRef, known_at: datetime | None = None
    ) -> KnownPatient | UnknownPatient:
        """The same in a session of the caller's; with `known_at`, as the register stood then.

        Raises `TamperFault` `register-forged`, `column-forged`.
        """
        found = self._roster.find(patient, session, known_at)
        if found is None:
            return UnknownPatient()
        facts = self.facts(session, patient, known_at)
        twins = self._roster.same_ins(session, found)
        others = tuple(noes(_known(self._history(session, index), known_at)) for index in twins or ())
        fresh = self.brought_up_to_date(session, known_at)
        return KnownPatient(facts, fresh, found.birth_date, others, crowded=twins is None)

    def reading_within(self, session: Session, patient: PatientRef) -> RegisterReading:
        """As `reading`, in a session of the caller's: what cannot be read is told, not raised."""
        try:
            return self.reading_in(session, patient)
        except (TamperFault, ValueError):
            return UnreadableRegister()
        except OperationalError as error:
            if _NO_TEXT not in str(error.orig):
                raise
            return UnreadableRegister()

    def facts(self, session: Session, patient: PatientRef, known_at: datetime | None = None) -> tuple[Fact, ...]:
        """What stands of the patient, as the gate reads it: retracted facts left out, limits beside what is limited.

        Oldest record first. Raises as `history`.
        """
        return as_read(_known(self.history(session, patient), known_at))

    def same_person(self, session: Session, patient: Patient) -> Mapping[str, tuple[Fact, ...]]:
        """Blind index of each other reference with the patient's INS -> its history; of a crowd, none is read.

        Raises as `history`.
        """
        return {index: self._history(session, index) for index in self._roster.same_ins(session, patient) or ()}

    def history(self, session: Session, patient: PatientRef) -> tuple[Fact, ...]:
        """Everything that was ever recorded of the patient, oldest record first, retracted facts and retractions too.

        Raises `TamperFault("register-forged")` where a row was altered, added or taken away by another hand.
        """
        return self._history(session, self._columns.reference_index(patient))

    def _history(self, session: Session, index: str) -> tuple[Fact, ...]:
        rows = session.connection().execute(_OF_PATIENT, {"index": index}).all()
        self._seals.require(session, index, map(recorded_of, rows))
        return tuple(self._rows.fact(row) for row in rows)

    def everybody(self, session: Session) -> Iterator[tuple[Patient, tuple[Fact, ...]]]:
        """Each patient of whom something is on record, and all of it as `history`, by ranges of the blind index.

        A range at a time is in memory. Raises as `history`; `TamperFault("register-forged")` for facts of nobody.
        """
        after = ""
        while indexes := session.connection().execute(_NEXT, {"after": after}).scalars().all():
            after, found = indexes[-1], defaultdict[str, list[Row[Any]]](list)
            for row in session.connection().execute(_OF_RANGE, {"first": indexes[0], "last": after}):
                found[row.patient_index].append(row)
            self._seals.require_each(session, {i: list(map(recorded_of, rows)) for i, rows in found.items()})
            patients = self._roster.of_indexes(session, indexes)
            if len(patients) < len(indexes):
                raise TamperFault("register-forged")
            for index in indexes:
                yield patients[index], tuple(map(self._rows.fact, found[index]))

    def added_in_hand(self, session: Session, import_id: str) -> Mapping[str, tuple[Fact, ...]]:
        """Blind index -> what this import recorded of the patient, of those alone of whom there are documents."""
        found: dict[str, list[Fact]] = defaultdict(list)
        for row in session.connection().execute(_OF_IMPORT, {"import_id": import_id}):
            found[row.patient_index].append(self._rows.fact(row))
        return {index: tuple(facts) for index, facts in found.items()}

    def record(
        self, session: Session, said: Sequence[tuple[PatientRef, Statement]], by: Recording
    ) -> tuple[FactRecorded, ...]:
        """Record statements; for each, in the order given, its reference, or None where the very same stands already.

        What was retracted is said anew.
        """
        indexes = {ref: self._columns.reference_index(ref) for ref in {patient for patient, _ in said}}
        drafts = [self._rows.draft(indexes[patient], statement) for patient, statement in said]
        taken = self._retracted_or_not(session, [draft.digest for draft in drafts])
        answers: list[FactRecorded] = []
        rows: list[dict[str, Any]] = []
        for draft in drafts:
            fresh = self._unsaid(session, draft, taken)
            if fresh is None:
                answers.append(FactRecorded(draft.digest, None))
                continue
            taken[fresh.digest] = False
            row = self._rows.row(fresh, by)
            rows.append(row)
            answers.append(FactRecorded(draft.digest, row["id"]))
        if rows:
            self._seals.add(session, rows)
            queue(session, (row["patient_index"] for row in rows))
        return tuple(answers)

    def doubt(
        self, session: Session, doubted: Iterable[PatientRef], on: date, by: Recording, sha256: str | None = None
    ) -> int:
        """Open a doubt about each of them whom no open one of that day or later covers, nor one that the same file
        (`sha256`, hex) has left; how many. `on` is the client's civil day.

        The import stands as the doubt's evidence, so that another one of the same day is another fact.
        """
        day, told = on.isoformat(), _imports_of(session, sha256)
        covered = {
            index
            for index, several in self._doubts(session).items()
            if any(one.about is None and (one.on >= day or one.import_id in told) for one in several)
        }
        new = [ref for ref in sorted(doubted) if self._columns.reference_index(ref) not in covered]
        said = Statement(kind=FactKind.DOUBTED, on=on, evidence=Evidence(by.import_id or ""))
        self.record(session, [(ref, said) for ref in new], by)
        return len(new)

    def settle(
        self,
        session: Session,
        decided: Mapping[PatientRef, Collection[str]],
        on: date,
        by: Recording,
        policy: Policy,
    ) -> int:
        """Lift what is doubtful of patients of whom facts were just recorded (references) that decide it; how many.

        An authorization decides where it holds on that day under the contract's terms. A patient whose facts another
        hand has changed stays in doubt.
        """
        open_ones = self._doubts(session)
        asked = [ref for ref in sorted(decided) if open_ones and self._columns.reference_index(ref) in open_ones]
        gone = [ref for ref in asked if self._is_settled(session, ref, decided[ref], on, policy)]
        said = Statement(kind=FactKind.DOUBT_LIFTED, on=on, evidence=Evidence(by.import_id or ""))
        self.record(session, [(ref, said) for ref in gone], by)
        return len(gone)

    def _is_settled(
        self, session: Session, patient: PatientRef, fresh: Collection[str], day: date, policy: Policy
    ) -> bool:
        try:
            found, history = self._roster.find(patient, session), self.history(session, patient)
            known = KnownPatient(as_read(history), None, found.birth_date if found else None)
            return are_settled(history, fresh, lambda fact: holds(fact, known, day, policy))
        except (TamperFault, ValueError):
            return False

    def told_after(self, session: Session, at: datetime) -> bool:
        """Whether something was recorded at a later time than this."""
        later = select(FactRow.digest).where(col(FactRow.recorded_at) > write_time(at))
        return session.exec(later.limit(1)).first() is not None

    def _doubts(self, session: Session) -> Mapping[str, Sequence[Row[Any]]]:
        """Index of each patient about whom a doubt is open -> the rows of the open ones."""
        rows = session.connection().execute(_OF_DOUBTS).all()
        lifted: dict[str, str] = {}
        for row in rows:
            if row.kind == FactKind.DOUBT_LIFTED.value:
                lifted[row.patient_index] = max(row.recorded_at, lifted.get(row.patient_index, ""))
        found: dict[str, list[Row[Any]]] = defaultdict(list)
        for row in rows:
            if row.kind == FactKind.DOUBTED.value and row.recorded_at >= lifted.get(row.patient_index, ""):
                found[row.patient_index].append(row)
        return found

    def _unsaid(self, session: Session, draft: FactDraft, taken: Mapping[str, bool]) -> FactDraft | None:
        """The draft under a digest that nobody has; None where it stands. `taken`: digest -> whether retracted."""
        while True:
            retracted = taken.get(draft.digest)
            if retracted is None and AGAIN in draft.beside:
                retracted = self._retracted_or_not(session, [draft.digest]).get(draft.digest)
            if retracted is None:
                return draft
            if not retracted:
                return None
            again = draft.beside.get(AGAIN, 0) + 1
            draft = self._rows.digested(
                FactDraft(draft.patient_index, draft.said, {**draft.beside, AGAIN: again}, draft.about)
            )

    def _retracted_or_not(self, session: Session, digests: Sequence[str]) -> dict[str, bool]:
        """Of these digests those on record, and whether what they stand for was retracted."""
        recorded: dict[str, str] = {}
        for some in in_batches(sorted(set(digests))):
            query = select(FactRow.id, FactRow.digest).where(col(FactRow.digest).in_(some))
            recorded |= dict(session.exec(query).all())
        retracted = set(session.exec(_RETRACTED)) if recorded else set()
        return {digest: identifier in retracted for identifier, digest in recorded.items()}

    def brought_up_to_date(self, session: Session, known_at: datetime | None = None) -> datetime | None:
        """When a file was last imported that names nearly all who stand authorized, and that nobody took back."""
        return brought_up_to_date(session, known_at)


def _imports_of(session: Session, sha256: str | None) -> frozenset[str]:
    """The imports of a register that brought this very file."""
    same = select(ImportRow.id).where(ImportRow.kind == IMPORT_KIND, ImportRow.sha256 == sha256)
    return frozenset() if sha256 is None else frozenset(session.exec(same))


def _known(history: Iterable[Fact], known_at: datetime | None) -> Iterator[Fact]:
    """What was on record then."""
    return (fact for fact in history if known_at is None or fact.recorded_at <= known_at)
