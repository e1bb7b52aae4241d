"""Documents that waited for their batch's counts, and go on: they are as announced now, or a person said why."""

from collections.abc import Iterable, Sequence
from typing import Final

from sqlmodel import Session

from consent_gate.model import DocumentId
from lexicon.faults import StationFault
from pipeline.announced import free, waiting
from pipeline.reopen import Begin, take_again
from pipeline.station import Station
from storage import work
from storage.custody import Draft, EntryType

AS_ANNOUNCED: Final = "count-as-announced"
"""Outcome of a `review` of a batch: what waited for its counts goes on."""


def let_go(station: Station, batches: Iterable[str], begin: Begin) -> tuple[DocumentId, ...]:
    """Have documents of these open batches go on that need not wait any more; none of one that something comes to.

    The counts are looked at again on each document's way.
    """
    gone: list[DocumentId] = []
    for batch in batches:
        with station.database.read() as session:
            found = () if work.under_way(session, batch) else free(station, session, batch)
            counts = station.batches.batch(session, batch).announcement.counts
        if found and all(one.cleared_at for one in found):
            told = Draft(EntryType.REVIEW, f"batch:{batch}", AS_ANNOUNCED, counts=counts)
            gone += _gone_on(station, [one.id for one in found], told, begin)
    return tuple(gone)


def _gone_on(station: Station, documents: Sequence[DocumentId], told: Draft, begin: Begin) -> tuple[DocumentId, ...]:
    """None of them where one was decided on meanwhile: the others go at the next look."""
    try:
        return take_again(station, documents, within=lambda _: [told], begin=begin)
    except StationFault as fault:
        if fault.code != "document-not-curable":
            raise
        return ()


def let_go_of_open(station: Station, begin: Begin) -> tuple[DocumentId, ...]:
    """The same of every open batch that documents wait for."""
    with station.database.read() as session:
        batches = station.batches.awaited(session)
    return let_go(station, batches, begin)


def confirm(station: Station, batch: str, reason: str, begin: Begin) -> tuple[DocumentId, ...]:
    """A person says why a batch's counts are as they are (`reason`, an outcome): what waited for it goes on.

    The word, its entry and the documents are one transaction. Raises `StationFault` `batch-not-unlike`,
    `batch-under-way` where working copies of what waits are still being destroyed, `document-not-curable` where
    somebody decided on one of them meanwhile.
    """
    now = station.clock.now()
    told = Draft(EntryType.REVIEW, f"batch:{batch}", reason)

    def said(session: Session) -> tuple[Draft]:
        if not station.batches.confirm(session, batch, now):
            raise StationFault("batch-not-unlike", batch=batch)
        return (told,)

    with station.database.read() as session:
        found = waiting(station, session, batch)
    if not all(one.cleared_at for one in found):
        raise StationFault("batch-under-way", batch=batch)
    if found:
        return take_again(station, [one.id for one in found], within=said, begin=begin)
    with station.database.write("batch.confirm") as session:
        station.ledger.append(session, *said(session), at=now)
    return ()
