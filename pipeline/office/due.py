"""What is due of a person at a station today, in counts: each has its command on the screen."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from sqlmodel import Session

from consent_gate.gate import decide
from consent_gate.model import Clearance, DocumentId, PatientRef, RegisterReading
from pipeline.identify import identify_stored
from pipeline.model import Held
from pipeline.office.deleting import to_be_done
from pipeline.station import Station
from storage import due, forms, rejudges
from storage.deletions import Deletions
from storage.reviews import Reviews

SOON: Final = 7
"""Days within which what closes is told."""
_FORGOTTEN: Final = timedelta(days=30)
"""After which a printed form that has not come back is told."""


def counted(station: Station) -> dict[str, int]:
    """Decisions that wait for a second person, counts to confirm, closed documents for which the gate is open now,
    forms to look at, deletions to decide and to execute, what closes within `SOON` days, forms that never came back.
    """
    now = station.clock.now()
    with station.database.read() as session:
        deletions = Deletions(station.columns).counted(session)
        found = {
            "second": len(Reviews(station.columns).all_waiting(session)),
            "releasable": len(rejudges.releasable(session)),
            "openable": len(openable(station, session)),
            "forms": sum(forms.waiting(session).values()),
            "deletions": sum(deletions.get(state, 0) for state in ("proposed", "first-confirmed")),
            "closing": due.closing(session, now - timedelta(days=station.config.quarantine.max_days - SOON)),
            "unreturned": due.never_returned(session, now - _FORGOTTEN),
        }
    return {**found, "deletions-due": to_be_done(station)}


def openable(station: Station, session: Session) -> tuple[DocumentId, ...]:
    """Closed documents that are here and for which the gate is open now: the client's key lets them go on.

    Only patients of whom something was recorded since are read, once each.
    """
    return tuple(_openable(station, session))


def _openable(station: Station, session: Session) -> Iterator[DocumentId]:
    moment, readings = station.clock.moment(), dict[PatientRef, RegisterReading]()
    for document in station.documents.several(session, due.closed_since_told(session)):
        found = identify_stored(document)
        if isinstance(found, Held) or not station.closed_path(document.id).exists():
            continue
        if found.patient not in readings:
            readings[found.patient] = station.register.reading_within(session, found.patient)
        answer = decide(document.id, found.patient, found.doc_type, readings[found.patient], moment, station.policy)
        if isinstance(answer, Clearance):
            yield document.id
