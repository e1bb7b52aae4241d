"""What came of a batch held against what was announced: the alarm of a missed separator, a lost or a doubled page."""

from collections.abc import Mapping
from typing import Final

from sqlmodel import Session

from pipeline.station import Station
from storage.accounts import seen
from storage.announced import unlike
from storage.custody import Draft, EntryType

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
    slugs = unlike({name: one for name, (one, _) in found.items()}, {name: other for name, (_, other) in found.items()})
    return slugs, Draft(EntryType.REVIEW, f"batch:{batch}", UNLIKE, counts=counts)


def gaps(station: Station, session: Session, batch: str) -> Gaps:
    """The counts that differ now."""
    announced = station.batches.batch(session, batch).announcement.counts
    if not announced:
        return {}
    came = seen(session, station.sides, batch).counts
    return {name: (count, came[name]) for name, count in announced.items() if came[name] != count}
