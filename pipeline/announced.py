"""What came of a batch held against what was announced: the alarm of a missed separator, a lost or a doubled page."""

from collections.abc import Mapping
from typing import Final

from sqlmodel import Session

from consent_gate.model import CustodyClass
from pipeline.station import Station
from storage.accounts import seen
from storage.announced import UNCONFIRMED, unlike
from storage.claims import PERSON
from storage.custody import Draft, EntryType
from storage.stored import StoredDocument

UNLIKE: Final = "count-unlike-announced"
"""Outcome of a `review`, and the alarm: a batch was closed with other counts than announced."""

Gaps = Mapping[str, tuple[int, int]]
"""What differs (`sheets`, `documents`, `pages`) -> how many were announced, how many were seen."""


def compare(station: Station, session: Session, batch: str) -> tuple[tuple[str, ...], Draft | None]:
    """What differs, as slugs, and its entry; of a batch of which nothing was announced, nothing does."""
    found = gaps(station, session, batch)
    if not found:
        return (), None
    said = {f"announced-{name}": announced for name, (announced, _) in found.items()}
    counts = said | {name: came for name, (_, came) in found.items()}
    return slugs(found), Draft(EntryType.REVIEW, f"batch:{batch}", UNLIKE, counts=counts)


def waits(station: Station, session: Session, document: StoredDocument) -> bool:
    """Whether a document is not to go on before its batch is as announced, or a person has said why it is not.

    As `[batch] confirm` says: `always` of each batch, `on-alarm` of one that was announced and differs, be it because
    not all of it has come yet. What a person said of the document itself (a review) is said of its batch's doubt too,
    and what was said of a batch holds for what had been captured by then.
    """
    rule = station.config.batch.confirm
    if rule == "never" or PERSON in document.sources:
        return False
    differing = slugs(gaps(station, session, document.batch))
    if not differing and rule == "on-alarm":
        return False
    return not station.batches.batch(session, document.batch).is_explained(differing, document.captured_at)


def waiting(station: Station, session: Session, batch: str) -> tuple[StoredDocument, ...]:
    """Documents that wait for their batch, and whose kept copy is there."""
    held = station.documents.documents(session, batch=batch, state="held")
    for_it = (one for one in held if one.reason == UNCONFIRMED and one.custody == CustodyClass.CURABLE)
    return tuple(one for one in for_it if station.quarantine.has(one.id))


def free(station: Station, session: Session, batch: str) -> tuple[StoredDocument, ...]:
    """Those of `waiting` that need not wait any more."""
    return tuple(one for one in waiting(station, session, batch) if not waits(station, session, one))


def slugs(found: Gaps) -> tuple[str, ...]:
    """What differs, each with whether it is fewer or more."""
    return unlike({name: one for name, (one, _) in found.items()}, {name: other for name, (_, other) in found.items()})


def gaps(station: Station, session: Session, batch: str) -> Gaps:
    """The counts that differ now."""
    announced = station.batches.batch(session, batch).announcement.counts
    if not announced:
        return {}
    came = seen(session, station.sides, batch).counts
    return {name: (count, came[name]) for name, count in announced.items() if came[name] != count}
