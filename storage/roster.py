"""The roster: the client's index of patients, sealed at rest and found by blind indexes."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import date, datetime

import rfc8785
from sqlalchemy import ColumnElement, bindparam, func, insert, true, update
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select

from consent_gate.imports import LineOutcome, same_identity
from consent_gate.model import Patient, PatientRef
from consent_gate.traits import comparable_name, matricule
from lexicon.faults import StationFault, TamperFault
from storage.columns import Columns
from storage.database import Database, in_batches
from storage.rejudges import CROWD, queue, same_person
from storage.tables import PatientRow
from storage.times import write_time

_PLACE = "patient.identity"
_INS = "patient.ins_index"
_WRONG = "wrong_ins"
_IDENTITY = select(PatientRow.identity_sealed, PatientRow.ins_index, PatientRow.recorded_at).where(
    col(PatientRow.patient_index) == bindparam("index")
)
_SAME_INS = (
    select(PatientRow.patient_index)
    .where(col(PatientRow.ins_index) == bindparam("ins"), col(PatientRow.patient_index) != bindparam("index"))
    .limit(CROWD)
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

        Raises `TamperFault("column-forged")` where its row does not open, or is found by another INS than it holds.
        """
        with self._reading(session) as reader:
            index = self._columns.reference_index(ref)
            row = reader.connection().execute(_IDENTITY, {"index": index}).first()
            if row is None or (known_at is not None and row.recorded_at > write_time(known_at)):
                return None
            return self._own(index, row.identity_sealed, row.ins_index)

    def same_ins(self, session: Session, patient: Patient) -> Sequence[str] | None:
        """Blind indexes of the other references with this patient's INS (a client's index may hold somebody twice).

        None where they are more than `CROWD` together: a slip in a client's index, which nobody reads through at each
        question to the gate.
        """
        if patient.ins is None:
            return ()
        named = {"ins": self._columns.ins_index(patient.ins), "index": self._columns.reference_index(patient.ref)}
        found = session.connection().execute(_SAME_INS, named).scalars().all()
        return found if len(found) < CROWD else None

    def of_index(self, session: Session, index: str) -> Patient | None:
        """The patient of this blind index. Raises `TamperFault("column-forged")`."""
        row = session.get(PatientRow, index)
        return None if row is None else self._opened(row)

    def all(self) -> Iterator[Patient]:
        """Every patient, decrypted one by one."""
        return self._where(true())

    def require_own(self, session: Session) -> None:
        """Look at every row. Raises `TamperFault("column-forged")` as `find`."""
        for _ in self._where(true(), session):
            pass

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
            changed = (col(PatientRow.recorded_at), col(PatientRow.ins_import_id), col(PatientRow.parted_by))
            counts = (value for column in changed for value in (func.count(column), func.max(column)))
            found = session.connection().execute(sa_select(*counts)).one()
        return "@".join(str(value or "") for value in found)

    def add(
        self, session: Session, patients: Sequence[Patient], at: datetime, import_id: str | None = None
    ) -> tuple[LineOutcome, ...]:
        """Add those who are new. `refused`: the reference is known with other traits, which stay. Answers in order.

        A reference from which a wrong INS was taken (`detach`) gets the one that a line gives, unless that is the wrong
        one again: `unchanged`, for nothing else of it changes.
        """
        indexes = [self._columns.reference_index(patient.ref) for patient in patients]
        rows = {row.patient_index: row for row in self._rows(session, indexes)}
        known = {index: self._opened(row) for index, row in rows.items()}
        new: dict[str, Patient] = {}
        given: dict[str, Patient] = {}
        outcomes = []
        for index, patient in zip(indexes, patients, strict=True):
            before = known.get(index) or new.get(index)
            if before is None:
                new[index] = patient
                outcomes.append(LineOutcome.ADDED)
            elif same_identity(before, patient):
                outcomes.append(LineOutcome.UNCHANGED)
            elif index in rows and self._lacks(rows[index], before, patient):
                given[index] = patient
                outcomes.append(LineOutcome.UNCHANGED)
            else:
                outcomes.append(LineOutcome.REFUSED)
        for some in in_batches(list(new)):  # sealing a large roster at a stretch would look like a frozen writer
            session.execute(insert(PatientRow), [self._row(i, new[i], at, import_id).model_dump() for i in some])
        for index, patient in given.items():
            self._write_ins(session, rows[index], patient, self._wrong(rows[index]))
            rows[index].ins_import_id = import_id
        session.flush()
        queue(session, (*new, *given))
        return tuple(outcomes)

    def detach(self, session: Session, ref: PatientRef, review: str) -> None:
        """Take its INS from a reference, for it is another person's; what is in hand of all who had it is queued.

        No line gives the same one to it again. `review` is the decision. Raises `StationFault` `patient-not-on-roster`,
        `patient-without-ins`.
        """
        index = self._columns.reference_index(ref)
        row = session.get(PatientRow, index)
        if row is None:
            raise StationFault("patient-not-on-roster")
        patient = self._opened(row)
        if patient.ins is None:
            raise StationFault("patient-without-ins")
        together = same_person(session, [index])
        queue(session, together)
        self._write_ins(session, row, replace(patient, ins=None), (*self._wrong(row), matricule(patient.ins)))
        session.flush()
        for some in in_batches(sorted(together)):
            parted = update(PatientRow).where(col(PatientRow.patient_index).in_(some))
            session.execute(parted.values(parted_by=review))
        session.expire_all()

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
            ins_index=self._ins_index(patient),
            birth_index=self._columns.birth_index(patient.birth_name, patient.birth_date),
            recorded_at=write_time(at),
            import_id=import_id,
        )

    def _write_ins(self, session: Session, row: PatientRow, patient: Patient, wrong: Sequence[str]) -> None:
        row.identity_sealed = self._columns.seal(_PLACE, row.patient_index, _written(patient, wrong))
        row.ins_index = self._ins_index(patient)
        session.add(row)

    def _wrong(self, row: PatientRow) -> tuple[str, ...]:
        """Those that were taken from it."""
        return tuple(json.loads(self._columns.open(_PLACE, row.patient_index, row.identity_sealed)).get(_WRONG, ()))

    def _lacks(self, row: PatientRow, before: Patient, line: Patient) -> bool:
        """Whether the line says the same but for an INS, where a wrong one, and no such one, was taken from the row."""
        wrong = self._wrong(row)
        fit = before.ins is None and line.ins is not None and bool(wrong) and matricule(line.ins) not in wrong
        return fit and same_identity(replace(before, ins=line.ins), line)

    def _opened(self, row: PatientRow) -> Patient:
        return self._own(row.patient_index, row.identity_sealed, row.ins_index)

    def _own(self, index: str, sealed: bytes, ins_index: str | None) -> Patient:
        """A row's patient, who is found by the very INS that is sealed in it: else a no elsewhere might be hidden."""
        patient = _read(self._columns.open(_PLACE, index, sealed))
        if ins_index != self._ins_index(patient):
            raise TamperFault("column-forged", column=_INS)
        return patient

    def _ins_index(self, patient: Patient) -> str | None:
        return self._columns.ins_index(patient.ins) if patient.ins else None

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


def _written(patient: Patient, wrong: Sequence[str] = ()) -> bytes:
    return rfc8785.dumps(
        {
            **({_WRONG: list(wrong)} if wrong else {}),
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
