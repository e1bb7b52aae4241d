"""What the gate has said of a document, and whether that lets its object stay at the host, or be read there.

An object that lies there was put under a clearance, which the ledger has. That an authorization ended since, or that
nobody can say today, does not reach back; that the person says no does.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

from sqlmodel import Session

from consent_gate.gate import Policy, decide
from consent_gate.model import (
    Clearance,
    CustodyClass,
    Decision,
    Fact,
    FactKind,
    KnownPatient,
    Moment,
    Opposition,
    Reason,
    Refused,
    UnknownPatient,
    UnreadableRegister,
    custody_class,
)
from lexicon.faults import TamperFault
from pipeline.identify import identify
from pipeline.model import Held, Identified, Scan, Separator
from pipeline.recorded import RecordedTools
from pipeline.settle import Refusal
from pipeline.station import Station
from pipeline.tools import DocumentTools
from storage import restrictions
from storage.custody import EntryType, read_entry
from storage.stored import StoredDocument

SAYS_NO: Final = frozenset(
    {
        Reason.REFUSED,
        Reason.WITHDRAWN,
        Reason.OPPOSITION,
        Reason.OPPOSITION_ACCESS,
        Reason.OPPOSITION_TRANSMISSION,
        Reason.CONTRADICTORY,
        Reason.DOUBTED,
    }
)
"""The person said no, or may have. All other reasons are a lapse of time, a want of form, or something that the station
does not know today: none of them undoes what was deposited while the gate was open."""

ASKS_DELETION: Final = frozenset({Reason.REFUSED, Reason.WITHDRAWN, Reason.OPPOSITION})
"""Noes to the record's being at the host at all. The others limit who may see it (Code du travail, art. L.4624-8), or
may be a slip of the pen: of a record that the law requires (RGPD art. 17(3)(b)) they propose no deletion."""

LETS_READ: Final = frozenset({Reason.EXPIRED, Reason.AUTHORITY_ENDED})
"""An authorization of after the no: that it has ended since does not bring the no back."""

_NARROWER: Final = frozenset({Reason.OPPOSITION_ACCESS, Reason.OPPOSITION_TRANSMISSION, Reason.CONTRADICTORY})
_NARROW: Final = frozenset({Opposition.ACCESS, Opposition.TRANSMISSION})
_NO: Final = frozenset({FactKind.REFUSED, FactKind.WITHDRAWN, FactKind.OPPOSED, FactKind.DOUBTED})
_YES: Final = frozenset({FactKind.GRANTED, FactKind.OPPOSITION_LIFTED, FactKind.DOUBT_LIFTED, FactKind.RETRACTED})

_CLEARED: Final = "cleared"


def ground_of_deposit(station: Station, document: StoredDocument) -> str | None:
    """The digest (hex) of the decision under which its object stays at the host; None: it is to be taken back.

    That of now, where the gate is open; else the ledger's last, if that opened the gate and the person does not say no.
    The answer of now is written down where it decides.
    """
    with station.workplace() as folder:
        tools = _tools(station, document, folder)
        identified = tools.inner.identified(Scan(document.id, ()))
        if isinstance(identified, Held):
            return None
        if isinstance(tools.inner.ask(identified), Refused) and not _says_no(station, identified):
            decision, answer = _last(station, document)
            if answer == _CLEARED:
                return decision
        answered = tools.ask(identified)
    return answered.decision if isinstance(answered, Clearance) else None


def ground_of_refusal(station: Station, document: StoredDocument) -> Refusal | None:
    """Why its original was sealed for the client: by the ledger's last word, else by the gate's of now; None: neither.

    The answer of now is written down where it decides.
    """
    decision, said = _last(station, document)
    if said in set(Reason) and custody_class(Reason(said)) is CustodyClass.CLOSED:
        return Refusal(Reason(said), decision)
    with station.workplace() as folder:
        tools = _tools(station, document, folder)
        identified = tools.inner.identified(Scan(document.id, ()))
        answer = None if isinstance(identified, Held) else tools.ask(identified)
    if isinstance(answer, Refused) and custody_class(answer.reason) is CustodyClass.CLOSED:
        return Refusal(answer.reason, answer.decision)
    return None


def _tools(station: Station, document: StoredDocument, folder: Path) -> RecordedTools:
    with station.database.read() as session:
        file = station.captured.file(session, document.file)
        positions = station.documents.positions(session, document.id)
    if file is None:
        raise LookupError(document.file)
    return RecordedTools(DocumentTools(station, document, file, positions, folder))


def said_of(station: Station, identified: Identified, reading: KnownPatient, moment: Moment) -> Decision:
    """What the person says of the document, whatever else closes the gate: age, clock, form, or the person's death.

    On a clock that cannot be trusted, everything that is on record has come to hold. A no that asks for the deletion is
    told before one that does not.
    """
    living = reading.without(FactKind.DECEASED)
    day = moment.day if moment.trusted else max([moment.day, *(fact.on for fact in living.told)])

    def said(known: KnownPatient) -> Decision:
        return decide(
            identified.document,
            identified.patient,
            identified.doc_type,
            replace(known, register_at=moment.at),
            replace(moment, day=day, trusted=True),
            Policy(purpose=station.policy.purpose),
        )

    first = said(living)
    if isinstance(first, Refused) and first.reason in _NARROWER:
        behind = said(_of_hosting(living))
        return behind if asks_deletion(behind) else first
    return first


def _of_hosting(reading: KnownPatient) -> KnownPatient:
    """As if nobody had ever objected to access or transmission."""
    facts, *others = (
        tuple(fact for fact in several if fact.opposition not in _NARROW)
        for several in (reading.facts, *reading.others)
    )
    return replace(reading, facts=facts, others=tuple(others))


def no_of(station: Station, session: Session, stored: StoredDocument) -> str | None:
    """Why a deposited document may not be read: the restriction that stands on it, or what the register says now.

    What cannot be told is no yes: an unreadable register restricts as well. None: nothing does.
    """
    standing = restrictions.standing(session, stored.id)
    if standing is not None:
        return standing.reason
    claim = stored.claim
    separator = Separator(claim.patient, claim.doc_type, claim.client_document) if claim else None
    identified = identify(stored.id, separator, damaged=stored.damaged)
    if isinstance(identified, Held):
        return None
    match station.register.reading_within(session, identified.patient):
        case KnownPatient() as known:
            said = said_of(station, identified, known, station.clock.moment())
            return said.reason.value if isinstance(said, Refused) and says_no(said) else None
        case UnknownPatient():
            return Reason.PATIENT_UNKNOWN.value
        case UnreadableRegister():
            return Reason.REGISTER_UNREADABLE.value


def says_no(said: Decision) -> bool:
    """Whether the person does."""
    return isinstance(said, Refused) and said.reason in SAYS_NO


def asks_deletion(said: Decision) -> bool:
    """Whether the person does not want it at the host."""
    return isinstance(said, Refused) and said.reason in ASKS_DELETION


def proposes_deletion(station: Station, identified: Identified, reading: KnownPatient, moment: Moment) -> bool:
    """Whether the person asks for it under the document's own reference as well.

    What says no under another reference with the same INS restricts: the INS may be a slip in a roster, and nothing
    that may be a slip proposes to erase (docs/adr/0025).
    """
    return all(asks_deletion(said_of(station, identified, one, moment)) for one in _with_and_without_others(reading))


def stands(station: Station, identified: Identified, reading: KnownPatient, moment: Moment) -> bool:
    """Whether the no that proposed a deletion does still: no later authorization, no narrower no, took its place."""
    several = (said_of(station, identified, one, moment) for one in _with_and_without_others(reading))
    return all(asks_deletion(said) or not (lets_read(said) or says_no(said)) for said in several)


def _with_and_without_others(reading: KnownPatient) -> tuple[KnownPatient, ...]:
    return (reading, replace(reading, others=())) if reading.others else (reading,)


def lets_read(said: Decision) -> bool:
    """Whether a no of before does not stand any more: it was followed by an authorization, or taken away."""
    return isinstance(said, Clearance) or said.reason in LETS_READ


def the_no(facts: Iterable[Fact], day: date) -> str:
    """The reference of the last fact that says no by that day; empty where none does."""
    return _last_of(_NO, (fact for fact in facts if fact.on <= day))


def the_yes(facts: Iterable[Fact], day: date) -> str | None:
    """The reference of the last fact that takes a no away, or authorizes anew; None where none does."""
    return _last_of(_YES, (fact for fact in facts if fact.on <= day)) or None


def _last_of(kinds: frozenset[FactKind], facts: Iterable[Fact]) -> str:
    found = [(fact.on, fact.recorded_at, fact.reference) for fact in facts if fact.kind in kinds]
    return max(found)[2] if found else ""


def _says_no(station: Station, identified: Identified) -> bool:
    """So it does where the record cannot be read: what another hand took away may have been a no."""
    try:
        with station.database.read() as session:
            reading = station.register.reading_in(session, identified.patient)
    except (TamperFault, ValueError):
        return True
    if not isinstance(reading, KnownPatient):
        return False
    return says_no(said_of(station, identified, reading, station.clock.moment()))


def _last(station: Station, document: StoredDocument) -> tuple[str, str]:
    """Decision and answer of the last consent check of the document in the ledger; empty: there is none."""
    last = "", ""
    name = f"document:{document.id}"
    with station.database.read() as session:
        for encoded in station.ledger.entries(session):
            if name.encode() not in encoded:
                continue
            entry = read_entry(encoded)
            if entry["object"] == name and entry["type"] == EntryType.CONSENT_CHECK:
                last = str(entry.get("decision", "")), str(entry["outcome"])
    return last
