"""Seals over the register's facts, one a patient: each row is bound by its own digest, this binds that none is missing.

A seal that does not hold is never written anew: what was taken away would otherwise be forgotten at the next import.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Row, bindparam, delete, insert
from sqlmodel import Session, col, select

from lexicon.faults import TamperFault
from storage.columns import Columns
from storage.database import in_batches
from storage.tables import FactRow, FactSealRow

_SEAL: Final = select(FactSealRow.digest).where(col(FactSealRow.patient_index) == bindparam("index"))

Recorded = tuple[str, ...]
"""A fact's digest, when it was recorded, and by whom, if by a person."""


def recorded_of(row: Row[Any]) -> Recorded:
    """What the seal binds of a row."""
    return _recorded(row.digest, row.recorded_at, row.recorded_by)


class FactSeals:
    """Seals of patients by their blind index."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns

    def require(self, session: Session, patient_index: str, recorded: Iterable[Recorded]) -> None:
        """Raise `TamperFault("register-forged")` unless these are the facts that were recorded, all of them."""
        seal = session.connection().execute(_SEAL, {"index": patient_index}).scalar()
        if not self._holds(patient_index, recorded, seal):
            raise TamperFault("register-forged")

    def add(self, session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert facts (rows of `FactRow`) and seal their patients anew, but for those whose seal did not hold."""
        patients = sorted({row["patient_index"] for row in rows})
        before, seals = self._facts(session, patients), self._seals(session, patients)
        intact = [index for index in patients if self._holds(index, before[index], seals.get(index))]
        for row in rows:
            before[row["patient_index"]].append(_recorded(row["digest"], row["recorded_at"], row["recorded_by"]))
        for some in in_batches(intact):
            session.execute(delete(FactSealRow).where(col(FactSealRow.patient_index).in_(some)))
        session.execute(insert(FactRow.__table__), list(rows))  # type: ignore[attr-defined]  # rows as they are
        if intact:
            fresh = [{"patient_index": index, "digest": self._seal(index, before[index])} for index in intact]
            session.execute(insert(FactSealRow), fresh)

    def _facts(self, session: Session, patients: Sequence[str]) -> dict[str, list[Recorded]]:
        found: dict[str, list[Recorded]] = defaultdict(list)
        asked = select(FactRow.patient_index, FactRow.digest, FactRow.recorded_at, FactRow.recorded_by)
        for some in in_batches(patients):
            for index, *recorded in session.exec(asked.where(col(FactRow.patient_index).in_(some))):
                found[index].append(_recorded(*recorded))
        return found

    def _seals(self, session: Session, patients: Sequence[str]) -> Mapping[str, str]:
        asked = select(FactSealRow.patient_index, FactSealRow.digest)
        return {
            index: digest
            for some in in_batches(patients)
            for index, digest in session.exec(asked.where(col(FactSealRow.patient_index).in_(some)))
        }

    def _holds(self, patient_index: str, recorded: Iterable[Recorded], seal: str | None) -> bool:
        facts = list(recorded)
        return seal is None if not facts else seal == self._seal(patient_index, facts)

    def _seal(self, patient_index: str, recorded: Iterable[Recorded]) -> str:
        return self._columns.blind("facts", patient_index, *(part for fact in sorted(recorded) for part in fact))


def _recorded(digest: str, at: str, by: str | None) -> Recorded:
    return (digest, at) if by is None else (digest, at, by)
