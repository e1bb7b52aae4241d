"""The register's rows: dated facts, added and never changed, each bound by a keyed digest to what it says."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Final

import rfc8785
from sqlmodel import Session, col, select

from consent_gate.doubts import is_open
from consent_gate.model import (
    DocType,
    Fact,
    FactKind,
    KnownPatient,
    PatientRef,
    RegisterReading,
    UnknownPatient,
    UnreadableRegister,
)
from consent_gate.register import Statement
from lexicon.faults import StationFault, TamperFault
from storage.columns import Columns
from storage.database import Database, in_batches
from storage.fact_seals import FactSeals
from storage.roster import Roster
from storage.tables import FactRow, ImportRow
from storage.times import fresh_id, read_time, write_time

IMPORT_KIND: Final = "register"
_EVIDENCE: Final = "fact.evidence"


class Register:
    """The station's own register (`consent_gate.register.Register`)."""

    def __init__(self, database: Database, columns: Columns) -> None:
        self._database = database
        self._columns = columns
        self._roster = Roster(database, columns)
        self._seals = FactSeals(columns)

    def reading(self, patient: PatientRef) -> RegisterReading:
        """All facts of one patient at one instant; `UnreadableRegister` where database, key or a row is not right.

        Raises `StationFault("database-away")`: a server that will be back is asked again, and nobody is refused for it.
        """
        try:
            with self._database.read() as session:
                if self._roster.find(patient, session) is None:
                    return UnknownPatient()
                return KnownPatient(self.facts(session, patient), self._brought_up_to_date(session))
        except (StationFault, TamperFault, ValueError) as fault:
            if isinstance(fault, StationFault) and fault.code == "database-away":
                raise
            return UnreadableRegister()

    def facts(self, session: Session, patient: PatientRef) -> tuple[Fact, ...]:
        """The patient's facts, oldest record first.

        Raises `TamperFault("register-forged")` where a row was altered, added or taken away by another hand.
        """
        index = self._columns.reference_index(patient)
        rows = session.exec(select(FactRow).where(FactRow.patient_index == index).order_by(FactRow.id)).all()
        self._seals.require(session, index, ((row.digest, row.recorded_at) for row in rows))
        return tuple(self._fact(row) for row in rows)

    def add(
        self,
        session: Session,
        said: Sequence[tuple[PatientRef, Statement]],
        at: datetime,
        import_id: str | None = None,
    ) -> tuple[bool, ...]:
        """Record statements; False, in the order given, for the very same that is on record already."""
        digests = [self.digest(patient, statement) for patient, statement in said]
        seen = set(self._recorded(session, digests))
        answers, rows = [], []
        for (patient, statement), digest in zip(said, digests, strict=True):
            answers.append(digest not in seen)
            if digest not in seen:
                seen.add(digest)
                rows.append(self._row(patient, statement, at, import_id))
        if rows:
            self._seals.add(session, rows)
        return tuple(answers)

    def doubt(
        self,
        session: Session,
        doubted: Iterable[PatientRef],
        settled: Iterable[PatientRef],
        at: datetime,
        import_id: str,
    ) -> tuple[int, int]:
        """Open a doubt about each of `doubted`, lift those about `settled`; how many of each were not so already.

        The import stands as the doubt's evidence, so that one of the same day is another fact.
        """
        open_ones = self._doubts(session)
        new = [ref for ref in sorted(doubted) if self._columns.reference_index(ref) not in open_ones]
        gone = [ref for ref in sorted(settled) if open_ones and self._columns.reference_index(ref) in open_ones]
        said = [(ref, Statement(FactKind.DOUBTED, at.date(), evidence=import_id)) for ref in new]
        said += [(ref, Statement(FactKind.DOUBT_LIFTED, at.date(), evidence=import_id)) for ref in gone]
        self.add(session, said, at, import_id)
        return len(new), len(gone)

    def told_after(self, session: Session, at: datetime) -> bool:
        """Whether something was recorded at a later time than this."""
        later = select(FactRow.digest).where(col(FactRow.recorded_at) > write_time(at))
        return session.exec(later.limit(1)).first() is not None

    def _doubts(self, session: Session) -> frozenset[str]:
        """Indexes of the patients about whom a doubt is open."""
        kinds = (FactKind.DOUBTED.value, FactKind.DOUBT_LIFTED.value)
        asked = select(FactRow.patient_index, FactRow.kind, FactRow.recorded_at).where(col(FactRow.kind).in_(kinds))
        recorded: dict[str, list[tuple[FactKind, datetime]]] = defaultdict(list)
        for index, kind, when in session.exec(asked):
            recorded[index].append((FactKind(kind), read_time(when)))
        return frozenset(index for index, said in recorded.items() if is_open(said))

    def digest(self, patient: PatientRef, statement: Statement) -> str:
        """Keyed digest (hex) of what is said of whom: the same line again is the same fact."""
        return self._digest(self._columns.reference_index(patient), statement)

    def _digest(self, patient_index: str, statement: Statement) -> str:
        said = {
            "doc_types": None if statement.doc_types is None else sorted(statement.doc_types),
            "evidence": statement.evidence,
            "kind": statement.kind.value,
            "on": statement.on.isoformat(),
            "until": None if statement.until is None else statement.until.isoformat(),
        }
        return self._columns.blind("fact", patient_index, rfc8785.dumps(said).decode())

    def _fact(self, row: FactRow) -> Fact:
        try:
            statement = self._statement(row)
        except (TypeError, ValueError):
            raise TamperFault("register-forged") from None
        if self._digest(row.patient_index, statement) != row.digest:
            raise TamperFault("register-forged")
        return Fact(
            reference=row.id,
            kind=statement.kind,
            on=statement.on,
            recorded_at=read_time(row.recorded_at),
            until=statement.until,
            doc_types=statement.doc_types,
            evidence=statement.evidence,
        )

    def _statement(self, row: FactRow) -> Statement:
        evidence = row.evidence_sealed
        return Statement(
            kind=FactKind(row.kind),
            on=date.fromisoformat(row.on),
            until=None if row.until is None else date.fromisoformat(row.until),
            doc_types=None if row.doc_types is None else frozenset(DocType(t) for t in json.loads(row.doc_types)),
            evidence=None if evidence is None else self._columns.open(_EVIDENCE, row.id, evidence).decode(),
        )

    def _recorded(self, session: Session, digests: Sequence[str]) -> Iterator[str]:
        for some in in_batches(sorted(set(digests))):
            yield from session.exec(select(FactRow.digest).where(col(FactRow.digest).in_(some)))

    def _row(self, patient: PatientRef, statement: Statement, at: datetime, import_id: str | None) -> FactRow:
        identifier, evidence, types = fresh_id(at), statement.evidence, statement.doc_types
        return FactRow(
            id=identifier,
            patient_index=self._columns.reference_index(patient),
            kind=statement.kind.value,
            on=statement.on.isoformat(),
            until=None if statement.until is None else statement.until.isoformat(),
            doc_types=None if types is None else json.dumps(sorted(types)),
            evidence_sealed=None if evidence is None else self._sealed(identifier, evidence),
            digest=self.digest(patient, statement),
            recorded_at=write_time(at),
            import_id=import_id,
        )

    def _sealed(self, identifier: str, evidence: str) -> bytes:
        return self._columns.seal(_EVIDENCE, identifier, evidence.encode())

    def _brought_up_to_date(self, session: Session) -> datetime | None:
        """When a register was last imported of which at least one line could be used."""
        usable = select(ImportRow.at).where(ImportRow.kind == IMPORT_KIND, ImportRow.added + ImportRow.unchanged > 0)
        last = session.exec(usable.order_by(col(ImportRow.at).desc())).first()
        return None if last is None else read_time(last)
