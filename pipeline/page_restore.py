"""A blank or a double scan put back into the document that it lay in, when a person says that it is none.

Its image lies beside the document's pages until they go (`pipeline.left_out`): rows and ledger change, and no copy.
Once the document is deposited, closed or destroyed the station has nothing of it: the paper is scanned again.
"""

from dataclasses import dataclass

from sqlmodel import Session

from consent_gate.model import CustodyClass, DocumentId
from lexicon.faults import StationFault
from pipeline.durable import Task
from pipeline.entries import about
from pipeline.office.tasks import prepare_again
from pipeline.packing import left_out
from pipeline.reopen import Begin
from pipeline.station import Station
from pipeline.steps import priority
from storage import work
from storage.custody import PAGE_RESTORED, Draft, EntryType
from storage.deposits import find_sealed
from storage.pages import StoredPage, page_of, restore_page
from storage.spool import Spool
from storage.stored import KEPT, StoredDocument


@dataclass(frozen=True, slots=True)
class Restored:
    """Where a page is again."""

    document: DocumentId
    page: int
    """1-based, in the document."""
    outcome: str
    """Of the document: it stays held, refused or set aside, or begins its way anew."""


def restore(station: Station, file: str, position: int, begin: Begin = prepare_again) -> Restored:
    """Put a page back. A document on its way begins again; of one that waits, whoever decides sees it with the page.

    Raises `StationFault` `page-unknown`, `page-not-left-out`, `page-gone`, `page-under-way`.
    """
    now = station.clock.now()
    with station.database.write("page.restore") as session:
        page = _left_out(session, file, position)
        document = _of(station, session, page)
        _require_there(station, session, document, position)
        if document.state == "in-progress":
            work.take(session, document.id, station.identifiers.new(), paused=True)  # who works on it has it no more
        place = restore_page(session, file, position)
        station.documents.shift(session, document.id, place)
        station.ledger.append(session, _draft(document, page), at=now)
    if document.state == "in-progress":
        begin(station, [Task(document.id, priority(document.captured_at, document.pages + 1))])
    return Restored(document.id, place, document.state)


def _left_out(session: Session, file: str, position: int) -> StoredPage:
    page = page_of(session, file, position)
    if page is None:
        raise StationFault("page-unknown", page=position)
    if not page.left_out:
        raise StationFault("page-not-left-out", page=position)
    return page


def _of(station: Station, session: Session, page: StoredPage) -> StoredDocument:
    document = station.documents.document(session, page.document) if page.document else None
    if document is None:
        raise StationFault("page-gone", page=page.position)
    return document


def _require_there(station: Station, session: Session, document: StoredDocument, position: int) -> None:
    """That the station has the page's image still, and that no envelope without it is on its way."""
    if document.state == "in-progress" and find_sealed(session, document.id, document.version) is not None:
        raise StationFault("page-under-way", page=position)
    kept = document.state in KEPT and document.custody == CustodyClass.CURABLE
    places = [station.quarantine] if kept else [station.spool, station.quarantine]
    readable = kept or document.state == "in-progress"
    if not (readable and any(_lies_in(place, document, position) for place in places)):
        raise StationFault("page-gone", page=position)


def _lies_in(place: Spool, document: StoredDocument, position: int) -> bool:
    try:
        return place.has(document.id) and position in left_out(place, document.id)
    except StationFault as fault:
        if fault.code != "spool-missing":
            raise
        return False


def _draft(document: StoredDocument, page: StoredPage) -> Draft:
    """How many pages the document has from now on, and which column the page left."""
    return about(document, EntryType.SPLIT, PAGE_RESTORED, counts={"pages": document.pages + 1, page.role: 1})
