"""The gate asked once more about what is there already: of a document that is kept, given up, or scanned again."""

from typing import Final

from sqlmodel import Session

from consent_gate.model import Clearance, CustodyClass, Reason, Refused, custody_class
from pipeline.compose import ScanContext
from pipeline.entries import answered
from pipeline.identify import identify_stored
from pipeline.model import Held
from pipeline.station import Station
from pipeline.tools import ask, context_of
from storage.stored import StoredDocument, StoredFile

_ENDED: Final = (CustodyClass.CLOSED.value, CustodyClass.FINAL.value)


def ask_again(station: Station, document: StoredDocument) -> Clearance | Refused | Held:
    """What the gate says now of a document that is kept; the answer is an entry. `Held`: nobody knows whose it is."""
    identified = identify_stored(document)
    if isinstance(identified, Held):
        return identified
    with station.database.write("gate.ask-again") as session:
        decision = ask(station, identified)
        draft = answered(document, decision, station.keys.pseudonym(identified.patient))
        station.ledger.append(session, draft, at=decision.judged.at)
    return decision


def closing_answer(station: Station, document: StoredDocument) -> Refused | None:
    """The gate's answer of now where it closes for good, and its entry; None: what is kept of it may stay curable."""
    if not is_closing(_answer(station, document)):
        return None
    said = ask_again(station, document)
    return said if isinstance(said, Refused) and is_closing(said) else None


def is_closing(answer: Clearance | Refused | Held) -> bool:
    """Whether the gate is closed for good."""
    return isinstance(answer, Refused) and custody_class(answer.reason) is CustodyClass.CLOSED


def _answer(station: Station, document: StoredDocument) -> Clearance | Refused | Held:
    """What the gate would say: nobody acts on it, so nobody writes it down."""
    identified = identify_stored(document)
    return identified if isinstance(identified, Held) else ask(station, identified)


# The same bytes once more


def opened_before(station: Station, session: Session, sha256: str) -> StoredFile | None:
    """The file of these bytes whose images make those of another one duplicates; None: it may be opened.

    So it may where a document of the one before is closed or final, and the gate would be open for it now: its paper is
    scanned again. What of it was deposited is held then (`already-deposited`), and goes nowhere twice.
    """
    first = station.captured.same_bytes(session, sha256)
    if first is None:
        return None
    ended = [d for d in station.documents.documents(session, file=first.id) if d.custody in _ENDED]
    return None if any(_would_pass(station, document) for document in ended) else first


def _would_pass(station: Station, document: StoredDocument) -> bool:
    """A type that is needed is on the new paper's separator, if anywhere: a tombstone has none."""
    match _answer(station, document):
        case Clearance():
            return True
        case Refused(reason=reason):
            return reason is Reason.TYPE_NEEDED
        case Held():
            return False


# What a document is made of


def context(station: Station, stored: StoredDocument) -> ScanContext:
    """Where its images came from, as its rows tell."""
    with station.database.read() as session:
        file = station.captured.file(session, stored.file)
        positions = station.documents.positions(session, stored.id)
    if file is None:
        raise LookupError(stored.file)
    return context_of(station, stored, file, positions)
