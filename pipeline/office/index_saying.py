"""A person says what a deposited document is, or of which day: a correction of the index, or its confirmation.

What is not deposited yet is said by a review of its identity, for there a type counts at the gate.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlmodel import Session

from consent_gate.cells import is_doc_type
from consent_gate.model import Clearance, DocType
from consent_gate.people import DECIDING
from lexicon.faults import StationFault
from pipeline.indexing.days import OLDEST
from pipeline.indexing.effective import effective
from pipeline.model import Identified
from pipeline.office.answers import Answer
from pipeline.office.people import Authenticated, Presented, act_of, authenticate
from pipeline.station import Station
from pipeline.tools import ask
from storage.custody import REOPENED, Draft, EntryType
from storage.deletions import Deletions
from storage.indexed import Index
from storage.indexing import index_of, record_index
from storage.stored import StoredDocument
from storage.times import read_time

INDEXED: Final = "indexed"
"""Outcome of a `review`: a person has said what a document is, or of which day; `counts` says which of both."""
CLEARED: Final = "cleared"


@dataclass(frozen=True, slots=True)
class IndexSaid:
    """`gate`: what the gate answers of the document with that type, or None where no type was said."""

    index: Answer
    gate: str | None
    reopened: bool
    """Whether its batch was closed, and is open for its index to be sealed anew."""


def say_index(station: Station, document: str, doc_type: str | None, day: date | None, by: Presented) -> IndexSaid:
    """Type, day, or both, of a deposited document; what is None stays as it is.

    Raises `StationFault` `document-unknown`, `document-deleted`, `index-before-deposit`, `index-unfit`, or what
    `authenticate` raises.
    """
    stored = _deposited(station, document)
    _require_fit(station, stored, doc_type, day)
    said = {"type": doc_type, "date": day.isoformat() if day else None}
    who = authenticate(station, by, act_of(station, "index", f"document:{stored.id}", said), DECIDING)
    with station.database.write("index.say") as session:
        _require_there(station, session, stored)
        index = index_of(session, station.columns, stored.id).said(doc_type, said["date"])
        record_index(session, station.columns, stored.id, index)
        drafts = [_draft(station, stored, doc_type, day, who)]
        reopened = _reopen(station, session, stored)
        if reopened:
            drafts.append(Draft(EntryType.REVIEW, f"batch:{stored.batch}", REOPENED))
        station.ledger.append(session, *drafts, at=station.clock.now())
    return IndexSaid(_answer(station, stored, index), _gate(station, stored, doc_type), reopened)


def _deposited(station: Station, document: str) -> StoredDocument:
    with station.database.read() as session:
        stored = station.documents.document(session, document)
        if stored is None:
            raise StationFault("document-unknown")
        _require_there(station, session, stored)
    return stored


def _require_there(station: Station, session: Session, stored: StoredDocument) -> None:
    if stored.state != "deposited":
        raise StationFault("index-before-deposit", document=stored.id)
    if Deletions(station.columns).deleted(session, [stored.id]):
        raise StationFault("document-deleted")


def _require_fit(station: Station, stored: StoredDocument, doc_type: str | None, day: date | None) -> None:
    captured = read_time(stored.captured_at).astimezone(station.clock.zone).date()
    typed = doc_type is None or is_doc_type(doc_type)
    dated = day is None or (day.year >= OLDEST and day <= captured)
    if not (typed and dated) or (doc_type is None and day is None):
        raise StationFault("index-unfit")


def _draft(
    station: Station, stored: StoredDocument, doc_type: str | None, day: date | None, who: Authenticated
) -> Draft:
    """What was said is in its keyed digest alone."""
    return Draft(
        EntryType.REVIEW,
        f"review:{station.identifiers.new()}",
        INDEXED,
        within={"batch": stored.batch, "file": stored.file, "document": stored.id},
        counts={"type": int(doc_type is not None), "date": int(day is not None)},
        subject=station.keys.pseudonym(stored.claim.patient) if stored.claim else None,
        hashes_in=(who.act.digest(),),
        person=who.id,
        parent=who.entry,
    )


def _reopen(station: Station, session: Session, stored: StoredDocument) -> bool:
    """The batch's index is sealed anew with what was said, unless another batch of its label is open."""
    label = station.batches.batch(session, stored.batch).label
    return station.batches.open_of(session, label) is None and station.batches.reopen_batch(session, stored.batch)


def _gate(station: Station, stored: StoredDocument, doc_type: str | None) -> str | None:
    if doc_type is None or stored.claim is None:
        return None
    answer = ask(station, Identified(stored.id, stored.claim.patient, DocType(doc_type), stored.sources))
    return CLEARED if isinstance(answer, Clearance) else answer.reason.value


def _answer(station: Station, stored: StoredDocument, index: Index) -> Answer:
    return {"document": stored.id, **effective(stored.claim, index, station.types).answer()}
