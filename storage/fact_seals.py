"""Seals over the register's facts, one a patient: each row is bound by its own digest, this binds that none is missing.

A seal that does not hold is never written anew: what was taken away would otherwise be forgotten at the next import.
Facts put back with the seal of an earlier day are for `storage.register_account`.
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

Recorded = tuple[str, str, str, str, str]
"""A fact's reference and digest, when it was recorded, by whom and by which import; empty where by none."""


def recorded_of(row: Row[Any]) -> Recorded:
    """What the seal binds of a row."""
    return _recorded(row.id, row.digest, row.recorded_at, row.recorded_by, row.import_id)


class FactSeals:
    """Seals of patients by their blind index."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns

    def require(self, session: Session, patient_index: str, recorded: Iterable[Recorded]) -> None:
        """Raise `TamperFault("register-forged")` unless these are the facts that were recorded, all of them."""
        seal = session.connection().execute(_SEAL, {"index": patient_index}).scalar()
        if not self._holds(patient_index, recorded, seal):
            raise TamperFault("register-forged")

    def require_each(self, session: Session, recorded: Mapping[str, Sequence[Recorded]]) -> None:
        """The same of several patients, by one query some."""
        seals = self._seals(session, sorted(recorded))
        if not all(self._holds(index, facts, seals.get(index)) for index, facts in recorded.items()):
            raise TamperFault("register-forged")

    def add(self, session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert facts (rows of `FactRow`) and seal their patients anew, but for those whose seal did not hold."""
        patients = sorted({row["patient_index"] for row in rows})
        before, seals = self._facts(session, patients), self._seals(session, patients)
        intact = [index for index in patients if self._holds(index, before[index], seals.get(index))]
        for row in rows:
            before[row["patient_index"]].append(_recorded(*(row[name] for name in _BOUND)))
        for some in in_batches(intact):
            session.execute(delete(FactSealRow).where(col(FactSealRow.patient_index).in_(some)))
        session.execute(insert(FactRow.__table__), list(rows))  # type: ignore[attr-defined]  # rows as they are
        if intact:
            fresh = [{"patient_index": index, "digest": self._seal(index, before[index])} for index in intact]
            session.execute(insert(FactSealRow), fresh)

    def _facts(self, session: Session, patients: Sequence[str]) -> dict[str, list[Recorded]]:
        found: dict[str, list[Recorded]] = defaultdict(list)
        asked = select(FactRow.patient_index, *(getattr(FactRow, name) for name in _BOUND))
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
        if not facts or seal is None:
            return not facts and seal is None
        return seal == self._seal(patient_index, facts) or seal == self._first_seal(patient_index, facts)

    def _seal(self, patient_index: str, recorded: Iterable[Recorded]) -> str:
        return self._columns.blind("facts-2", patient_index, *(part for fact in sorted(recorded) for part in fact))

    def _first_seal(self, patient_index: str, recorded: Iterable[Recorded]) -> str:
        """As version 0.1.0 made it, of facts that no other speaks about; the next fact of the patient replaces it."""
        facts = sorted((digest, at) for _, digest, at, _, _ in recorded)
        return self._columns.blind("facts", patient_index, *(part for fact in facts for part in fact))


_BOUND: Final = ("id", "digest", "recorded_at", "recorded_by", "import_id")


def _recorded(identifier: str, digest: str, at: str, by: str | None, import_id: str | None) -> Recorded:
    return identifier, digest, at, by or "", import_id or ""
