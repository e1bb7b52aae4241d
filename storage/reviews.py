"""What people decided, and what waits for a second person: sealed with who decided, so that it cannot be another's."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import rfc8785
from sqlmodel import Session, select

from lexicon.faults import StationFault, TamperFault
from storage.columns import Columns
from storage.people import People
from storage.tables import ReviewRow
from storage.times import fresh_id, read_time, write_time

WAITING: Final = "waiting"
CONFIRMED: Final = "confirmed"
DECLINED: Final = "declined"
OVERTAKEN: Final = "overtaken"
"""The document or the register is not any more as it was when the first person decided."""

_CONTENT: Final = "review.content"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A decision of one person that takes effect when a second one confirms the very same."""

    id: str
    kind: str
    object: str
    act: str
    """SHA-256 (hex) of the act."""
    content: Mapping[str, Any] = field(repr=False)
    person: str
    at: datetime


class Reviews:
    """Reads and writes of these rows. Writes take the caller's session.

    A decision waits for as long as its first person may decide: one who was disabled since, or whom nobody enrolled,
    has said nothing that a second one could confirm (as of a deletion).
    """

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._people = People(columns)

    def keep(self, session: Session, asked: Waiting, outcome: str = WAITING) -> None:
        """A decision that waits for a second person; or, with its outcome, one that needed none."""
        session.add(
            ReviewRow(
                id=asked.id,
                kind=asked.kind,
                object=asked.object,
                act=asked.act,
                content_sealed=self._columns.seal(_CONTENT, asked.id, rfc8785.dumps(_sealed_of(asked))),
                person_id=asked.person,
                at=write_time(asked.at),
                settled_at=None if outcome == WAITING else write_time(asked.at),
                outcome=outcome,
            )
        )
        session.flush()

    def all_waiting(self, session: Session) -> tuple[Waiting, ...]:
        """Raises `TamperFault` `review-forged`, `column-forged`, `person-forged`."""
        query = select(ReviewRow).where(ReviewRow.outcome == WAITING).order_by(ReviewRow.id)
        return tuple(self._waiting(row) for row in session.exec(query) if self._counts(session, row))

    def waiting_for(self, session: Session, act: str) -> Waiting | None:
        """The decision of just this that waits. Raises as `all_waiting`."""
        query = select(ReviewRow).where(ReviewRow.act == act, ReviewRow.outcome == WAITING).order_by(ReviewRow.id)
        return next((self._waiting(row) for row in session.exec(query) if self._counts(session, row)), None)

    def get(self, session: Session, review: str) -> Waiting:
        """Raises `StationFault("review-not-waiting")`, or as `all_waiting`."""
        return self._waiting(self._row(session, review))

    def settle(self, session: Session, review: str, outcome: str, second: str | None, at: datetime) -> None:
        """It does not wait any more. Raises `StationFault("review-not-waiting")` where it did not."""
        row = self._row(session, review)
        row.outcome, row.second_id, row.settled_at = outcome, second, write_time(at)
        session.add(row)
        session.flush()

    def _row(self, session: Session, review: str) -> ReviewRow:
        row = session.get(ReviewRow, review)
        if row is None or row.outcome != WAITING or not self._counts(session, row):
            raise StationFault("review-not-waiting")
        return row

    def _counts(self, session: Session, row: ReviewRow) -> bool:
        first = self._people.find(session, row.person_id)
        return first is not None and first.person.disabled_at is None

    def _waiting(self, row: ReviewRow) -> Waiting:
        sealed = json.loads(self._columns.open(_CONTENT, row.id, row.content_sealed))
        found = Waiting(
            id=row.id,
            kind=row.kind,
            object=row.object,
            act=row.act,
            content=sealed["content"],
            person=row.person_id,
            at=read_time(row.at),
        )
        if _sealed_of(found) != sealed:
            raise TamperFault("review-forged")
        return found


def new_waiting(kind: str, about: str, act: str, content: Mapping[str, Any], person: str, at: datetime) -> Waiting:
    return Waiting(fresh_id(at), kind, about, act, content, person, at)


def _sealed_of(asked: Waiting) -> dict[str, Any]:
    return {
        "act": asked.act,
        "at": write_time(asked.at),
        "content": dict(asked.content),
        "kind": asked.kind,
        "object": asked.object,
        "person": asked.person,
    }
