"""Holds: what a claim at law or an inspection keeps, at the host and at the station (RGPD art. 17(3)(e), 18(2))."""

from dataclasses import dataclass
from typing import NamedTuple

from sqlmodel import Session

from consent_gate.model import DocumentId, PatientRef
from consent_gate.people import CONTROLLING, DECIDING
from lexicon.faults import StationFault
from pipeline.office.deletion import written_reference
from pipeline.office.deletion_grounds import LIFTED, PLACED, RELEASE, act_by
from pipeline.office.people import Authenticated, Presented, act_of, authenticate
from pipeline.station import Station
from storage.custody import Draft, EntryType
from storage.deletions import Deletions, Hold


@dataclass(frozen=True, slots=True)
class Of:
    """What a hold is placed on: one document, or all of a patient's."""

    document: DocumentId | None = None
    patient: PatientRef | None = None


class Held(NamedTuple):
    """A hold, and the client's own references of whose it is, for who must lift it; in no entry and no log."""

    hold: Hold
    patient: str | None
    document: str | None


def hold(station: Station, of: Of, by: Presented, reference: str) -> Hold:
    """Forbid deleting: a claim at law, an inspection (RGPD art. 17(3)(e)). `reference` is sealed at rest.

    Raises `StationFault` `document-unknown`, `patient-not-on-roster`, `reference-unfit`, or what `authenticate` raises.
    """
    said = written_reference(reference)
    about_ = _object(station, of)
    person = authenticate(station, by, act_of(station, "deletion-hold", about_, {"reference": said}), DECIDING)
    now = station.clock.now()
    with station.database.write("hold.place") as session:
        placed = Deletions(station.columns).hold(
            session,
            of.document or of.patient or DocumentId(""),
            patient=of.patient is not None,
            reference=said,
            person=person.id,
            at=now,
        )
        station.ledger.append(session, _of_hold(placed, PLACED, person, about_), at=now)
    return placed


def release_hold(station: Station, identifier: str, by: Presented) -> Hold:
    """Let go of a hold. Raises `StationFault("hold-unknown")`, or what `authenticate` raises."""
    with station.database.read() as session:
        if identifier not in {one.id for one in Deletions(station.columns).holds(session)}:
            raise StationFault("hold-unknown")
    about_ = f"hold:{identifier}"
    person = authenticate(station, by, act_by(station, RELEASE, about_, by.person), CONTROLLING)
    now = station.clock.now()
    with station.database.write("hold.lift") as session:
        lifted = Deletions(station.columns).lift_hold(session, identifier, person.id, now)
        if lifted is None:
            raise StationFault("hold-unknown")
        station.ledger.append(session, _of_hold(lifted, LIFTED, person, about_), at=now)
    return lifted


def holds(station: Station) -> tuple[Held, ...]:
    """Those in force, the oldest first, each with whose it is."""
    with station.database.read() as session:
        return tuple(_held(station, session, one) for one in Deletions(station.columns).holds(session))


def _object(station: Station, of: Of) -> str:
    """As a custody entry names it. Raises `StationFault` `document-unknown`, `patient-not-on-roster`."""
    if of.patient is None:
        with station.database.read() as session:
            if of.document is None or station.documents.document(session, of.document) is None:
                raise StationFault("document-unknown")
        return f"document:{of.document}"
    if station.roster.find(of.patient) is None:
        raise StationFault("patient-not-on-roster")
    return f"patient:{station.keys.pseudonym(of.patient)}"


def _held(station: Station, session: Session, found: Hold) -> Held:
    if found.document is None:
        index = found.patient_index or ""
        return Held(found, station.roster.refs_of(session, [index]).get(index), None)
    document = station.documents.document(session, found.document)
    claim = document.claim if document else None
    return Held(found, claim.patient if claim else None, claim.client_document if claim else None)


def _of_hold(placed: Hold, outcome: str, person: Authenticated, about_: str) -> Draft:
    kind, _, identifier = about_.partition(":")
    return Draft(
        EntryType.DELETION,
        f"hold:{placed.id}",
        outcome,
        within={"document": placed.document} if placed.document else {},
        subject=identifier if kind == "patient" else None,
        person=person.id,
        parent=person.entry,
    )
