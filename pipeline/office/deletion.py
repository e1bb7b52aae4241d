"""A deletion at the host: proposed by a no to the deposit, confirmed by two after a cooling-off, never by itself.

Deleting is never blocked by the gate. What blocks it: paper was destroyed, for the deposit may be all that is left, or
a hold stands; then only the controller's order in writing goes on (RGPD art. 17(3), 18(2), 28(3)(a)).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlmodel import Session

from consent_gate.people import CONTROLLING, DECIDING, Role
from lexicon.faults import StationFault
from pipeline.entries import about
from pipeline.office.deletion_grounds import (
    CONFIRM,
    ORDER,
    ORDERED,
    act_by,
    cool_at,
    require_free,
)
from pipeline.office.gate_words import ASKS_DELETION
from pipeline.office.people import Authenticated, Presented, act_of, authenticate
from pipeline.station import Station
from storage.custody import Draft, EntryType
from storage.deletions import BEGUN, OPEN, Deletion, Deletions, DeletionState, is_whole
from storage.people import People, Person
from storage.stored import StoredDocument
from storage.times import read_time, write_time

_LONGEST = 200
_PROPOSING: Final = frozenset({*(reason.value for reason in ASKS_DELETION), ORDERED})


# By a restriction, and by its end


def propose_in(
    station: Station, session: Session, found: Sequence[tuple[StoredDocument, str]], at: datetime
) -> list[Draft]:
    """Propose to delete what was just restricted for a reason that asks for it, or ordered; an entry each, where new.

    Of what is restricted for another reason now, whatever was proposed before is cancelled; an empty reason: by another
    reference of the same person, which proposes nothing.
    """
    reasons = {document.id: reason for document, reason in found if reason in _PROPOSING}
    new = Deletions(station.columns).propose(session, reasons, at)
    drafts = [entry(document, DeletionState.PROPOSED.value) for document, _ in found if document.id in new]
    others = [document for document, reason in found if reason not in _PROPOSING]
    return [*drafts, *cancel_in(station, session, others, at)]


def cancel_in(station: Station, session: Session, found: Sequence[StoredDocument], at: datetime) -> list[Draft]:
    """The no stands no more: what was not begun is not done, nor what a lock kept whole, unless the controller has
    ordered it.

    What was broken off (`intended`) may be gone: the host is asked at the next `deletion execute`.
    """
    deletions, drafts = Deletions(station.columns), list[Draft]()
    document_of = {document.id: document for document in found}
    for one in deletions.among(session, list(document_of), (*OPEN, DeletionState.LOCKED)):
        if one.ordered_at is None and (one.state in OPEN or is_whole(one)):
            deletions.change(session, one.id, DeletionState.CANCELLED, ended_at=write_time(at))
            drafts.append(entry(document_of[one.document], DeletionState.CANCELLED.value))
    return drafts


# By people


def confirm(station: Station, identifier: str, by: Presented) -> Deletion:
    """Say that it is to be done. Two different people do, one of them of the controller's, after the cooling-off.

    Raises `StationFault` `deletion-unknown`, `deletion-ended`, `deletion-too-soon`, `second-person-same`,
    `deletion-paper-destroyed`, `deletion-held`, or what `authenticate` raises. A first confirmation counts no more once
    its person is disabled: the next one is the first.
    """
    found, document = found_of(station, identifier)
    _require_open(found)
    _require_cool(station, found)
    with station.database.read() as session:
        require_free(station, session, found)
        first = _first(station, session, found)
    if first is not None and by.person == first.id:
        raise StationFault("second-person-same")
    roles = CONTROLLING if first is not None and first.role is not Role.CONTROLLER else DECIDING
    act = act_by(station, CONFIRM, f"document:{found.document}", by.person, deletion=found.id)
    person = authenticate(station, by, act, roles)
    now = station.clock.now()
    with station.database.write("deletion.confirm") as session:
        deletions = Deletions(station.columns)
        require_free(station, session, require_as(deletions, session, found))
        second = _first(station, session, found) is not None
        state = DeletionState.CONFIRMED if second else DeletionState.FIRST_CONFIRMED
        names = ("second_by", "second_at") if second else ("first_by", "first_at")
        changed = deletions.change(
            session, found.id, state, **dict(zip(names, (person.id, write_time(now)), strict=True))
        )
        station.ledger.append(session, _by(document, state.value, person), at=now)
    return changed


def refuse(station: Station, identifier: str, by: Presented) -> Deletion:
    """Say that it is not to be done: the document stays at the host, restricted.

    Raises `StationFault` `deletion-unknown`, `deletion-ended`, or what `authenticate` raises.
    """
    found, document = found_of(station, identifier)
    _require_not_begun(found)
    person = authenticate(
        station, by, act_of(station, "deletion-refuse", f"document:{found.document}", {"deletion": found.id}), DECIDING
    )
    now = station.clock.now()
    with station.database.write("deletion.refuse") as session:
        deletions = Deletions(station.columns)
        require_as(deletions, session, found)
        ended = {"ended_by": person.id, "ended_at": write_time(now)}
        changed = deletions.change(session, found.id, DeletionState.REFUSED, **ended)
        station.ledger.append(session, _by(document, DeletionState.REFUSED.value, person), at=now)
    return changed


def order(station: Station, document: str, by: Presented, evidence: str) -> Deletion:
    """The controller orders a deletion in writing; `evidence` is the reference of that writing, sealed at rest.

    It goes on although paper was destroyed or a hold stands, but over no hold that is placed after it; two people and
    the cooling-off are needed all the same. Where none is proposed, this proposes it; one that was broken off, or that
    a lock keeps, goes on by it. Raises `StationFault` `document-unknown`, `document-not-deposited`,
    `document-deleted`, `reference-unfit`, or what `authenticate` raises.
    """
    stored = _deposited(station, document)
    reference = written_reference(evidence)
    act = act_by(station, ORDER, f"document:{stored.id}", by.person, evidence=reference)
    person = authenticate(station, by, act, CONTROLLING)
    now = station.clock.now()
    with station.database.write("deletion.order") as session:
        deletions = Deletions(station.columns)
        drafts = propose_in(station, session, [(stored, ORDERED)], now)
        *_, found = deletions.of_document(session, stored.id)
        if found.state not in (*OPEN, *BEGUN):
            raise StationFault("document-deleted")
        ordered = {"ordered_by": person.id, "ordered_at": write_time(now), "order": reference}
        changed = deletions.change(session, found.id, found.state, **ordered)
        station.ledger.append(session, *drafts, _by(stored, ORDERED, person), at=now)
    return changed


# What is asked before


def found_of(station: Station, identifier: str) -> tuple[Deletion, StoredDocument]:
    """A deletion and its document. Raises `StationFault("deletion-unknown")`."""
    with station.database.read() as session:
        found = Deletions(station.columns).find(session, identifier)
        document = station.documents.document(session, found.document) if found else None
    if found is None or document is None:
        raise StationFault("deletion-unknown")
    return found, document


def written_reference(text: str) -> str:
    """A reference that somebody gives, without spaces around it. Raises `StationFault("reference-unfit")`."""
    said = text.strip()
    if not (said.isprintable() and 0 < len(said) <= _LONGEST):
        raise StationFault("reference-unfit")
    return said


def entry(document: StoredDocument, outcome: str, **more: object) -> Draft:
    """A custody entry about a document's deletion."""
    return about(document, EntryType.DELETION, outcome, **more)


def require_as(deletions: Deletions, session: Session, found: Deletion) -> Deletion:
    """It as it is now. Raises `StationFault("deletion-ended")` where another has changed its state meanwhile."""
    now = deletions.find(session, found.id)
    if now is None or now.state is not found.state:
        raise StationFault("deletion-ended", state=now.state.value if now else "")
    return now


def _require_open(found: Deletion) -> None:
    if found.state not in (DeletionState.PROPOSED, DeletionState.FIRST_CONFIRMED):
        raise StationFault("deletion-ended", state=found.state.value)


def _require_not_begun(found: Deletion) -> None:
    if found.state not in OPEN:
        raise StationFault("deletion-ended", state=found.state.value)


def _require_cool(station: Station, found: Deletion) -> None:
    until = cool_at(station, read_time(found.proposed_at))
    if station.clock.now() < until:
        raise StationFault("deletion-too-soon", until=until.date().isoformat())


def _first(station: Station, session: Session, found: Deletion) -> Person | None:
    """Who has confirmed it, if that counts: one who is disabled since, or unknown, has confirmed nothing."""
    if found.state is not DeletionState.FIRST_CONFIRMED:
        return None
    enrolled = People(station.columns).find(session, found.first_by or "")
    return None if enrolled is None or enrolled.person.disabled_at is not None else enrolled.person


def _deposited(station: Station, document: str) -> StoredDocument:
    with station.database.read() as session:
        stored = station.documents.document(session, document)
    if stored is None:
        raise StationFault("document-unknown")
    if stored.state != "deposited":
        raise StationFault("document-not-deposited")
    return stored


def _by(document: StoredDocument, outcome: str, person: Authenticated) -> Draft:
    return entry(document, outcome, person=person.id, parent=person.entry)
