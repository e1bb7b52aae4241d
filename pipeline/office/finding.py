"""Documents that somebody looks for: by patient, type, day, batch, box, state. Each search is an entry.

A type or a day that is no more than proposed is found too, and marked. Of a restricted document, nothing that was read
is told (RGPD art. 18).
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlmodel import Session

from consent_gate.model import PatientRef
from lexicon.faults import StationFault
from pipeline.entries import about
from pipeline.indexing.effective import Effective, effective
from pipeline.office import answers
from pipeline.office.answers import Answer
from pipeline.station import Station
from storage.custody import Draft, EntryType
from storage.indexed import NOTHING, Index
from storage.indexing import index_of, indexes_of
from storage.stored import StoredDocument
from storage.times import read_time

FOUND: Final = "documents-found"
"""Outcome of the `consultation` that a search is; `counts` says how many were found, `subject` of whom, if so asked."""
SHOWN: Final = "document-shown"


@dataclass(frozen=True, slots=True)
class Sought:
    """What is asked for; None: whatever it is. Days are inclusive, those of capture in the station's zone."""

    patient: PatientRef | None = None
    doc_type: str | None = None
    dated_from: date | None = None
    dated_to: date | None = None
    captured_from: date | None = None
    captured_to: date | None = None
    batch: str | None = None
    """Its number or its label."""
    box: str | None = None
    """That its batch was announced to come from; of a batch of which nobody said so, as its folder is named."""
    state: str | None = None

    @property
    def by_index(self) -> bool:
        return self.doc_type is not None or self.dated_from is not None or self.dated_to is not None


def find(station: Station, sought: Sought) -> list[Answer]:
    """The documents, in order of arrival, each with its `index`. Raises `StationFault("batch-unknown")` for a batch
    that is not there.
    """
    with station.database.read() as session:
        stored = _stored(station, session, sought)
        indexes = indexes_of(session, station.columns, [one.id for one in stored])
        kept = [one for one in stored if _fits(station, sought, one, indexes.get(one.id, NOTHING))]
    told = [_told(station, one, indexes.get(one.id, NOTHING)) for one in kept]
    found = [answer for one, answer in zip(kept, told, strict=True) if _still_fits(station, sought, one, answer)]
    subject = station.keys.pseudonym(sought.patient) if sought.patient else None
    about_all = f"station:{station.identifiers.new()}"
    draft = Draft(EntryType.CONSULTATION, about_all, FOUND, subject=subject, counts={"documents": len(found)})
    _consulted(station, draft)
    return found


def show(station: Station, identifier: str) -> Answer:
    """One document with its `index`. Raises `StationFault("document-unknown")`."""
    with station.database.read() as session:
        stored = station.documents.document(session, identifier)
        index = index_of(session, station.columns, identifier) if stored else NOTHING
    if stored is None:
        raise StationFault("document-unknown")
    _consulted(station, about(stored, EntryType.CONSULTATION, SHOWN))
    return _told(station, stored, index)


def _consulted(station: Station, draft: Draft) -> None:
    """Before anything is shown."""
    with station.database.write("document.consult") as session:
        station.ledger.append(session, draft, at=station.clock.now())


def _stored(station: Station, session: Session, sought: Sought) -> list[StoredDocument]:
    batches = _batches(station, session, sought)
    found = station.documents.documents(
        session, batch=batches[0] if len(batches) == 1 else None, state=sought.state, patient=sought.patient
    )
    wanted = frozenset(batches)
    return [one for one in found if _no_batch_asked(sought) or one.batch in wanted]


def _no_batch_asked(sought: Sought) -> bool:
    return sought.batch is None and sought.box is None


def _batches(station: Station, session: Session, sought: Sought) -> list[str]:
    """Those of the number or label, and of the box, that were asked for."""
    if _no_batch_asked(sought):
        return []
    every = list(station.batches.every(session))
    if sought.batch is not None:
        every = [one for one in every if sought.batch in (one.id, one.label)]
        if not every:
            raise StationFault("batch-unknown")
    if sought.box is not None:
        every = [one for one in every if one.is_from(sought.box)]
    return [one.id for one in every]


def _fits(station: Station, sought: Sought, stored: StoredDocument, index: Index) -> bool:
    captured = read_time(stored.captured_at).astimezone(station.clock.zone).date()
    if not _within(captured, sought.captured_from, sought.captured_to):
        return False
    return not sought.by_index or _indexed_so(sought, effective(stored.claim, index, station.types))


def _indexed_so(sought: Sought, known: Effective) -> bool:
    if sought.doc_type is not None and known.type != sought.doc_type:
        return False
    if sought.dated_from is None and sought.dated_to is None:
        return True
    return known.date is not None and _within(date.fromisoformat(known.date), sought.dated_from, sought.dated_to)


def _within(day: date, since: date | None, until: date | None) -> bool:
    return (since is None or since <= day) and (until is None or day <= until)


def _told(station: Station, stored: StoredDocument, index: Index) -> Answer:
    answer = answers.document(station, stored.id)
    read = NOTHING if answer.get("restriction") else index
    return {**answer, "index": effective(stored.claim, read, station.types).answer()}


def _still_fits(station: Station, sought: Sought, stored: StoredDocument, answer: Answer) -> bool:
    """A restricted document is not found by what was read in it."""
    return not answer.get("restriction") or _fits(station, sought, stored, NOTHING)
