"""The roster: the client's index of patients, sealed at rest and found by blind indexes."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import date, datetime

import rfc8785
from sqlalchemy import ColumnElement, bindparam, func, insert, true
from sqlmodel import Session, col, select

from consent_gate.imports import LineOutcome, same_identity
from consent_gate.model import Patient, PatientRef
from consent_gate.traits import comparable_name
from storage.columns import Columns
from storage.database import Database, in_batches
from storage.rejudges import queue
from storage.tables import PatientRow
from storage.times import write_time

_PLACE = "patient.identity"
_IDENTITY = select(PatientRow.identity_sealed, PatientRow.recorded_at).where(
    col(PatientRow.patient_index) == bindparam("index")
)
_SAME_INS = select(PatientRow.patient_index).where(
    col(PatientRow.ins_index) == bindparam("ins"), col(PatientRow.patient_index) != bindparam("index")
)


@dataclass(frozen=True, slots=True)
class Alike:
    """How many references of a roster look like another one."""

    same_ins: int
    """They have the INS of another: what says no under one closes both."""
    same_traits: int
    """They have the names and the birth date of another, and nothing tells whether it is one person."""


class Roster:
    """Patients as rows. What a search finds is decrypted and compared again; its custody entry is the caller's."""

    def __init__(self, database: Database, columns: Columns) -> None:
        self._database = database
        self._columns = columns

    def find(self, ref: PatientRef, session: Session | None = None, known_at: datetime | None = None) -> Patient | None:
        """The patient of this reference; with `known_at`, if the roster knew it by then.

        Raises `TamperFault("column-forged")` where its row does not open.
        """
        with self._reading(session) as reader:
            index = self._columns.reference_index(ref)
            row = reader.connection().execute(_IDENTITY, {"index": index}).first()
            if row is None or (known_at is not None and row.recorded_at > write_time(known_at)):
                return None
            return _read(self._columns.open(_PLACE, index, row.identity_sealed))

    def same_ins(self, session: Session, patient: Patient) -> Sequence[str]:
        """Blind indexes of the other references with this patient's INS (a client's index may hold somebody twice)."""
        if patient.ins is None:
            return ()
        named = {"ins": self._columns.ins_index(patient.ins), "index": self._columns.reference_index(patient.ref)}
        return session.connection().execute(_SAME_INS, named).scalars().all()

    def of_index(self, session: Session, index: str) -> Patient | None:
        """The patient of this blind index. Raises `TamperFault("column-forged")`."""
        row = session.get(PatientRow, index)
        return None if row is None else self._opened(row)

    def all(self) -> Iterator[Patient]:
        """Every patient, decrypted one by one."""
        return self._where(true())

    def find_many(self, session: Session, refs: Iterable[PatientRef]) -> Mapping[PatientRef, Patient]:
        """Those of these references that the roster knows."""
        indexes = [self._columns.reference_index(ref) for ref in dict.fromkeys(refs)]
        return {patient.ref: patient for patient in map(self._opened, self._rows(session, indexes))}

    def of_indexes(self, session: Session, indexes: Iterable[str]) -> Mapping[str, Patient]:
        """Blind index -> the patient, of those that the roster knows."""
        return {row.patient_index: self._opened(row) for row in self._rows(session, list(indexes))}

    def refs_of(self, session: Session, indexes: Iterable[str]) -> Mapping[str, PatientRef]:
        """Blind index -> the client's reference, of those that the roster knows."""
        return {row.patient_index: self._opened(row).ref for row in self._rows(session, list(indexes))}

    def by_birth(self, name: str, birth_date: date, session: Session | None = None) -> tuple[Patient, ...]:
        """Patients with this birth name (case, accents and hyphens apart) born that day."""
        found = self._where(col(PatientRow.birth_index) == self._columns.birth_index(name, birth_date), session)
        return tuple(p for p in found if p.birth_date == birth_date and _alike(p.birth_name, name))

    def alike(self, session: Session) -> "Alike":
        """How many references look like another of the roster."""
        same_ins = select(func.count()).group_by(col(PatientRow.ins_index)).having(func.count() > 1)
        by_ins = sum(session.exec(same_ins.where(col(PatientRow.ins_index).is_not(None))))
        several = select(PatientRow.birth_index).group_by(col(PatientRow.birth_index)).having(func.count() > 1)
        named: dict[object, list[Patient]] = defaultdict(list)
        for patient in self._where(col(PatientRow.birth_index).in_(several), session):
            given = "".join(map(comparable_name, patient.given_names))
            named[comparable_name(patient.birth_name), given, patient.birth_date].append(patient)
        return Alike(by_ins, sum(map(_perhaps_one, named.values())))

    def version(self) -> str:
        """Changes whenever the roster does."""
        with self._database.read() as session:
            count, last = session.exec(select(func.count(), func.max(PatientRow.recorded_at))).one()
        return f"{count}@{last or ''}"

    def add(
        self, session: Session, patients: Sequence[Patient], at: datetime, import_id: str | None = None
    ) -> tuple[LineOutcome, ...]:
        """Add those who are new. `refused`: the reference is known with other traits, which stay. Answers in order."""
        indexes = [self._columns.reference_index(patient.ref) for patient in patients]
        known = {row.patient_index: self._opened(row) for row in self._rows(session, indexes)}
        new: dict[str, Patient] = {}
        outcomes = []
        for index, patient in zip(indexes, patients, strict=True):
            before = known.get(index) or new.get(index)
            if before is None:
                new[index] = patient
                outcomes.append(LineOutcome.ADDED)
            else:
                outcomes.append(LineOutcome.UNCHANGED if same_identity(before, patient) else LineOutcome.REFUSED)
        for some in in_batches(list(new)):  # sealing a large roster at a stretch would look like a frozen writer
            session.execute(insert(PatientRow), [self._row(i, new[i], at, import_id).model_dump() for i in some])
        queue(session, new)
        return tuple(outcomes)

    def digest(self, patient: Patient) -> str:
        """Keyed digest (hex) of a patient's line, for the import's root."""
        return self._columns.blind("patient-record", _written(patient).decode())

    def _rows(self, session: Session, indexes: Sequence[str]) -> Iterator[PatientRow]:
        for some in in_batches(sorted(set(indexes))):
            yield from session.exec(select(PatientRow).where(col(PatientRow.patient_index).in_(some)))

    def _row(self, index: str, patient: Patient, at: datetime, import_id: str | None) -> PatientRow:
        return PatientRow(
            patient_index=index,
            identity_sealed=self._columns.seal(_PLACE, index, _written(patient)),
            ins_index=self._columns.ins_index(patient.ins) if patient.ins else None,
            birth_index=self._columns.birth_index(patient.birth_name, patient.birth_date),
            recorded_at=write_time(at),
            import_id=import_id,
        )

    def _opened(self, row: PatientRow) -> Patient:
        return _read(self._columns.open(_PLACE, row.patient_index, row.identity_sealed))

    def _where(self, condition: ColumnElement[bool], session: Session | None = None) -> Iterator[Patient]:
        with self._reading(session) as reader:
            for row in reader.exec(select(PatientRow).where(condition).order_by(PatientRow.patient_index)):
                yield self._opened(row)

    @contextmanager
    def _reading(self, session: Session | None) -> Iterator[Session]:
        with nullcontext(session) if session is not None else self._database.read() as reader:
            yield reader


def _perhaps_one(namesakes: Sequence[Patient]) -> int:
    """How many of them may be another of them: those whose INS does not tell."""
    without = sum(patient.ins is None for patient in namesakes)
    return len(namesakes) if without and len(namesakes) > 1 else 0


def _alike(one: str, other: str) -> bool:
    return comparable_name(one) == comparable_name(other)


def _written(patient: Patient) -> bytes:
    return rfc8785.dumps(
        {
            "birth_date": patient.birth_date.isoformat(),
            "birth_name": patient.birth_name,
            "given_names": list(patient.given_names),
            "ins": patient.ins,
            "ref": patient.ref,
            "sex": patient.sex,
            "usage_name": patient.usage_name,
        }
    )


def _read(plain: bytes) -> Patient:
    identity = json.loads(plain)
    return Patient(
        ref=PatientRef(identity["ref"]),
        birth_name=identity["birth_name"],
        usage_name=identity["usage_name"],
        given_names=tuple(identity["given_names"]),
        birth_date=date.fromisoformat(identity["birth_date"]),
        sex=identity["sex"],
        ins=identity["ins"],
    )
