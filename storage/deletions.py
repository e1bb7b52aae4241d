"""Deletions at the host as rows: proposed, confirmed by two, executed; and the holds that forbid them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import insert
from sqlmodel import Session, col, func, or_, select

from consent_gate.model import DocumentId, PatientRef
from storage.columns import Columns
from storage.database import in_batches
from storage.tables import DeletionRow, DocumentRow, HoldRow
from storage.times import fresh_id, write_time

_ORDER: Final = "deletion.order"
_REFERENCE: Final = "hold.reference"


class DeletionState(StrEnum):
    """How far a deletion has come. The value is stored: never rename one."""

    PROPOSED = "proposed"
    FIRST_CONFIRMED = "first-confirmed"
    CONFIRMED = "confirmed"
    INTENDED = "intended"
    """The ledger says that it is about to be done; after a crash it is done again."""
    LOCKED = "locked"
    """The host keeps what was put until a day: it is done then."""
    EXECUTED = "executed"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    """The no that proposed it stands no more, and nothing was deleted."""


OPEN: Final = (DeletionState.PROPOSED, DeletionState.FIRST_CONFIRMED, DeletionState.CONFIRMED)
"""Nothing of the object was touched yet."""
BEGUN: Final = (DeletionState.INTENDED, DeletionState.LOCKED)
"""It may be gone, or in part."""
_STANDING: Final = (*OPEN, *BEGUN, DeletionState.EXECUTED)


@dataclass(frozen=True, slots=True)
class Deletion:
    """Times as rows have them (UTC, ISO 8601); people by their ULID. `order` is the controller's reference."""

    id: str
    document: DocumentId
    state: DeletionState
    reason: str
    proposed_at: str
    first_by: str | None
    first_at: str | None
    second_by: str | None
    second_at: str | None
    ordered_by: str | None
    ordered_at: str | None
    order: str | None
    ended_by: str | None
    ended_at: str | None
    locked_until: str | None
    proof: str | None
    signature: bytes | None


@dataclass(frozen=True, slots=True)
class Hold:
    """What forbids deleting; `reference` is the client's own, of a claim or an inspection. Never logged."""

    id: str
    document: DocumentId | None
    patient_index: str | None
    reference: str
    placed_by: str
    placed_at: str
    lifted_by: str | None
    lifted_at: str | None


def is_whole(found: Deletion) -> bool:
    """Of one that a lock keeps: whether every version is at the host still, and no marker hides it."""
    places = json.loads(found.proof)["keys"] if found.proof else []

    def versions(several: Sequence[Mapping[str, Any]]) -> set[str]:
        return {one["version"] for one in several if not one["marker"]}

    hidden = any(one["marker"] for place in places for one in place["after"])
    return bool(places) and not hidden and all(versions(one["before"]) <= versions(one["after"]) for one in places)


class Deletions:
    """Reads and writes of these rows; writes take the caller's session."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns

    # Deletions

    def propose(self, session: Session, reasons: Mapping[DocumentId, str], at: datetime) -> frozenset[DocumentId]:
        """Propose deletions: document -> reason. Of which: those of which none is proposed, under way or done."""
        known: set[str] = set()
        for some in in_batches(list(reasons)):
            standing = select(DeletionRow.document_id).where(col(DeletionRow.document_id).in_(some))
            known |= set(session.exec(standing.where(col(DeletionRow.state).in_([one.value for one in _STANDING]))))
        new = [
            {
                "id": fresh_id(at),
                "document_id": document,
                "state": DeletionState.PROPOSED.value,
                "reason": reason,
                "proposed_at": write_time(at),
            }
            for document, reason in reasons.items()
            if document not in known
        ]
        if new:
            session.execute(insert(DeletionRow), new)
        return frozenset(reasons.keys() - known)

    def among(
        self, session: Session, documents: Sequence[str], states: Sequence[DeletionState]
    ) -> tuple[Deletion, ...]:
        """Those of these documents that are in one of these states."""
        query = select(DeletionRow).where(col(DeletionRow.state).in_([one.value for one in states]))
        return tuple(
            self._read(row)
            for some in in_batches(documents)
            for row in session.exec(query.where(col(DeletionRow.document_id).in_(some)))
        )

    def find(self, session: Session, identifier: str) -> Deletion | None:
        """By its own ULID."""
        row = session.get(DeletionRow, identifier)
        return None if row is None else self._read(row)

    def of_document(self, session: Session, document: str) -> tuple[Deletion, ...]:
        """All of a document, the oldest first."""
        query = select(DeletionRow).where(DeletionRow.document_id == document)
        return tuple(map(self._read, session.exec(query.order_by(DeletionRow.proposed_at, DeletionRow.id))))

    def all(self, session: Session, *states: DeletionState) -> tuple[Deletion, ...]:
        """Those in these states, the oldest first; every one where none is named."""
        query = select(DeletionRow)
        if states:
            query = query.where(col(DeletionRow.state).in_([one.value for one in states]))
        return tuple(map(self._read, session.exec(query.order_by(DeletionRow.proposed_at, DeletionRow.id))))

    def counted(self, session: Session) -> dict[str, int]:
        """State -> deletions that stand in it."""
        query = select(DeletionRow.state, func.count()).group_by(DeletionRow.state).order_by(DeletionRow.state)
        return dict(session.exec(query).all())

    def change(self, session: Session, identifier: str, state: DeletionState, **fields: Any) -> Deletion:
        """Another state, and what is known with it; `order` is sealed."""
        row = session.get_one(DeletionRow, identifier)
        row.state = state.value
        order = fields.pop("order", None)
        if order is not None:
            row.order_sealed = self._columns.seal(_ORDER, identifier, str(order).encode())
        for name, value in fields.items():
            setattr(row, name, value)
        session.add(row)
        session.flush()
        return self._read(row)

    def deleted(self, session: Session, documents: Sequence[str]) -> dict[str, Deletion]:
        """Document -> the deletion that was executed, or that a lock keeps from its end."""
        ended = (DeletionState.EXECUTED.value, DeletionState.LOCKED.value, DeletionState.INTENDED.value)
        query = select(DeletionRow).where(col(DeletionRow.state).in_(ended))
        return {
            row.document_id: self._read(row)
            for some in in_batches(documents)
            for row in session.exec(query.where(col(DeletionRow.document_id).in_(some)))
        }

    def _read(self, row: DeletionRow) -> Deletion:
        sealed = row.order_sealed
        return Deletion(
            id=row.id,
            document=DocumentId(row.document_id),
            state=DeletionState(row.state),
            reason=row.reason,
            proposed_at=row.proposed_at,
            first_by=row.first_by,
            first_at=row.first_at,
            second_by=row.second_by,
            second_at=row.second_at,
            ordered_by=row.ordered_by,
            ordered_at=row.ordered_at,
            order=None if sealed is None else self._columns.open(_ORDER, row.id, sealed).decode(),
            ended_by=row.ended_by,
            ended_at=row.ended_at,
            locked_until=row.locked_until,
            proof=row.proof,
            signature=row.signature,
        )

    # Holds

    def hold(
        self, session: Session, of: DocumentId | PatientRef, *, patient: bool, reference: str, person: str, at: datetime
    ) -> Hold:
        """Forbid deleting a document, or all that is a patient's."""
        identifier = fresh_id(at)
        row = HoldRow(
            id=identifier,
            document_id=None if patient else of,
            patient_index=self._columns.reference_index(PatientRef(of)) if patient else None,
            reference_sealed=self._columns.seal(_REFERENCE, identifier, reference.encode()),
            placed_by=person,
            placed_at=write_time(at),
        )
        session.add(row)
        session.flush()
        return self._read_hold(row)

    def holds(self, session: Session) -> tuple[Hold, ...]:
        """Those that stand, the oldest first."""
        query = select(HoldRow).where(col(HoldRow.lifted_at).is_(None)).order_by(HoldRow.placed_at, HoldRow.id)
        return tuple(map(self._read_hold, session.exec(query)))

    def held_among(self, session: Session, documents: Sequence[str]) -> dict[str, str]:
        """Those of these documents on which a hold stands, or on their patient -> when the last one was placed."""
        on_it = or_(HoldRow.document_id == DocumentRow.id, HoldRow.patient_index == DocumentRow.patient_index)
        query = select(DocumentRow.id, func.max(HoldRow.placed_at)).join(HoldRow, on_it)
        standing = query.where(col(HoldRow.lifted_at).is_(None)).group_by(DocumentRow.id)
        return {
            document: placed_at
            for some in in_batches(documents)
            for document, placed_at in session.exec(standing.where(col(DocumentRow.id).in_(some)))
        }

    def lift_hold(self, session: Session, identifier: str, person: str, at: datetime) -> Hold | None:
        """Let go of a hold; None where it does not stand."""
        row = session.get(HoldRow, identifier)
        if row is None or row.lifted_at is not None:
            return None
        row.lifted_by, row.lifted_at = person, write_time(at)
        session.add(row)
        session.flush()
        return self._read_hold(row)

    def _read_hold(self, row: HoldRow) -> Hold:
        return Hold(
            id=row.id,
            document=None if row.document_id is None else DocumentId(row.document_id),
            patient_index=row.patient_index,
            reference=self._columns.open(_REFERENCE, row.id, row.reference_sealed).decode(),
            placed_by=row.placed_by,
            placed_at=row.placed_at,
            lifted_by=row.lifted_by,
            lifted_at=row.lifted_at,
        )
