"""After a return: what the gate has said of a document, and whether that lets its object stay at the host.

An object that lies there was put under a clearance, which the ledger has. That an authorization ended since, or that
nobody can say today, does not reach back; that the person says no does.
"""

from dataclasses import replace
from pathlib import Path
from typing import Final

from consent_gate.gate import Policy, decide
from consent_gate.model import Clearance, CustodyClass, KnownPatient, Reason, Refused, custody_class
from lexicon.faults import TamperFault
from pipeline.model import Held, Identified, Scan
from pipeline.recorded import RecordedTools
from pipeline.settle import Refusal
from pipeline.station import Station
from pipeline.tools import DocumentTools
from storage.custody import EntryType, read_entry
from storage.documents import StoredDocument

SAYS_NO: Final = frozenset({Reason.REFUSED, Reason.WITHDRAWN, Reason.OPPOSITION, Reason.CONTRADICTORY})
"""The person said no, or may have. All other reasons are a lapse of time, a want of form, or something that the station
does not know today: none of them undoes what was deposited while the gate was open."""

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
        file = station.documents.file(session, document.file)
        positions = station.documents.positions(session, document.id)
    if file is None:
        raise LookupError(document.file)
    return RecordedTools(DocumentTools(station, document, file, positions, folder))


def _says_no(station: Station, identified: Identified) -> bool:
    """Whether what is on record of the person closes the gate, whatever else closes it before: age, clock, form.

    So it does where the record cannot be read: what another hand took away may have been a no.
    """
    try:
        with station.database.read() as session:
            facts = station.register.facts(session, identified.patient)
    except (TamperFault, ValueError):
        return True
    moment = station.clock.moment()
    day = moment.day if moment.trusted else max([moment.day, *(fact.on for fact in facts)])
    found = decide(
        identified.document,
        identified.patient,
        identified.doc_type,
        KnownPatient(facts, moment.at),
        replace(moment, day=day, trusted=True),
        Policy(),
    )
    return isinstance(found, Refused) and found.reason in SAYS_NO


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
