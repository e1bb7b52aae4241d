"""What was sealed, and may have been put, of a document that is not to be at the host: it goes again.

A deletion may come late: from a worker that was frozen, or at a host that was asked twice. So the key of what is taken
back is given up before anything is deleted, and never used again; and what a put that nobody waited for brings in later
is looked for again.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import structlog
from sqlmodel import Session

from consent_gate.model import DocumentId
from lexicon.faults import HostFault, TamperFault
from pipeline.deposits_told import ToldDeposits
from pipeline.entries import about
from pipeline.station import Station
from storage import work
from storage.backup.shipping import require_alone
from storage.custody import Draft, EntryType
from storage.deposits import find_receipt, give_up_version, record_taken_back, unwanted, unwanted_since, was_sealed
from storage.effects import effect
from storage.envelope import Sealed
from storage.hosts import Stored
from storage.stored import StoredDocument

log = structlog.get_logger("liasse.taking-back")

_AWAY: Final = frozenset({"host-unreachable", "host-slow", "host-busy", "host-failing"})
_LATE: Final = timedelta(days=7)
"""Far longer than any host or proxy may sit on a request before it carries it out."""


def take_back(station: Station, document: StoredDocument) -> None:
    """What an interrupted run sealed, and may have put, before the answer became another: it does not stay at the host.

    What has a receipt is never taken back: raises `Superseded`, or `TamperFault("receipt-forged")` where the ledger
    alone tells of it. Raises `HostFault`; the document stays on its way. What the host has locked is given up, and the
    ledger says until when it stays: each start asks for it again.
    """
    with station.database.read() as session:
        work.require_held(session, document.id, document.holder)
        if not was_sealed(session, document.id):
            return
        if find_receipt(session, document.id) is None:
            _require_not_received(station, session, document.id)
    with station.database.write("take-back.intend") as session:
        work.require_held(session, document.id, document.holder)
        if find_receipt(session, document.id) is not None:
            raise work.Superseded
        give_up_version(session, document.id)
        sealed = [one.sealed for one in unwanted(session, document.id) if not one.told]
        station.ledger.append(session, *_drafts(document, sealed, "taking-back"), at=station.clock.now())
    require_alone(station.host, station.id, station.ledger.epoch())
    kept = [(one, until) for one in sealed if (until := _delete(station, one)) is not None]
    with station.database.write("take-back.record") as session:
        work.require_held(session, document.id, document.holder)
        _tell(station, session, document, [one for one in sealed if one not in {left for left, _ in kept}])
        if kept:
            drafts = [_retained(document, one, until) for one, until in kept]
            station.ledger.append(session, *drafts, at=station.clock.now())


def withdraw_unwanted(station: Station, identifier: DocumentId) -> None:
    """What a worker may have put after somebody settled the document otherwise: it goes again.

    Raises `HostFault`; `TamperFault("receipt-forged")` where the ledger tells of a receipt that the rows do not.
    """
    with station.database.read() as session:
        document = station.documents.document(session, identifier)
        found = unwanted(session, identifier)
    if document is None:
        return
    for one in found:
        with effect("unwanted.look"):
            there = station.host.head(_key(station, one.sealed))
        if one.told and not isinstance(there, Stored):
            continue
        with station.database.read() as session:
            _require_not_received(station, session, identifier, one.sealed.header.version)
        with effect("unwanted.delete"):  # where nothing stands under the key, parts of it may: an upload's
            station.host.delete(_key(station, one.sealed))
        with station.database.write("unwanted.record") as session:
            _tell(station, session, document, [one.sealed])


def look_again(station: Station, *, at_start: bool = False) -> None:
    """Withdraw what reached the host after it was taken back; at a start, however long ago that was.

    A host that is away is asked at the next look; what it does not let go of keeps none of the others. Raises
    `TamperFault("custody-forked")` where the station came back elsewhere: there, something may be wanted again; and as
    `withdraw_unwanted`.
    """
    with station.database.read() as session:
        documents = unwanted_since(session, None if at_start else station.clock.now() - _LATE)
    for number, document in enumerate(documents):
        try:
            if number == 0:
                require_alone(station.host, station.id, station.ledger.epoch())
            withdraw_unwanted(station, document)
        except HostFault as fault:
            log.warning("not-looked-for", object=document, fault=fault.code)
            if fault.code in _AWAY:
                return


def _require_not_received(station: Station, session: Session, document: DocumentId, version: int | None = None) -> None:
    """That the ledger tells of no receipt of that version, or of any: a hand may have taken the row of one away."""
    told = ToldDeposits(station)
    told.gather(session, [document])
    received = told.received_version(document)
    if received is not None and version in {None, received}:
        raise TamperFault("receipt-forged")


def _delete(station: Station, sealed: Sealed) -> str | None:
    """None where it is gone; where a lock keeps it, the day until which (ISO 8601), or what the host told of it."""
    try:
        with effect("take-back.delete"):
            station.host.delete(_key(station, sealed))
    except HostFault as fault:
        if fault.code != "host-retains":
            raise
        return str(fault.facts.get("until", ""))
    return None


def _retained(document: StoredDocument, sealed: Sealed, until: str) -> Draft:
    day = until.replace("-", "")
    counts = {"until": int(day)} if day.isdecimal() else {}
    return about(
        document,
        EntryType.DESTRUCTION,
        "host-retains",
        hashes_in=(sealed.sha256,),
        sizes_in=(sealed.size,),
        counts=counts,
    )


def _tell(station: Station, session: Session, document: StoredDocument, sealed: Sequence[Sealed]) -> None:
    now = station.clock.now()
    for one in sealed:
        record_taken_back(session, one, now)
    station.ledger.append(session, *_drafts(document, sealed, "taken-back"), at=now)


def _drafts(document: StoredDocument, sealed: Sequence[Sealed], outcome: str) -> list[Draft]:
    return [
        about(document, EntryType.DESTRUCTION, outcome, hashes_in=(one.sha256,), sizes_in=(one.size,)) for one in sealed
    ]


def _key(station: Station, sealed: Sealed) -> str:
    return station.keys.object_key(station.id, sealed.header.document, sealed.header.version)
