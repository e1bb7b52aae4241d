"""What a deletion rests on, asked in the moment before it: what forbids it, what ledger and register tell.

A row is not believed: a hand in the database can write two names into it, or take a hold away. The entries are in the
tree that `Ledger.verify` checks, and each follows from a person's proof, whose digest nobody makes without the
station's keys.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlmodel import Session

from consent_gate.model import KnownPatient, UnknownPatient
from lexicon.faults import StationFault, TamperFault
from pipeline.deposits_told import Deposited, ToldDeposits
from pipeline.identify import identify_stored
from pipeline.model import Held
from pipeline.office.gate_words import stands
from pipeline.office.people import AUTHENTICATED, Act, act_of
from pipeline.station import Station
from storage import accounts
from storage.custody import DESTROYED, EntryType, read_entry, time_of
from storage.deletions import Deletion, Deletions, DeletionState
from storage.stored import StoredDocument
from storage.times import read_time

CONFIRM: Final = "deletion-confirm"
ORDER: Final = "deletion-order"
RELEASE: Final = "hold-release"
PLACED: Final = "placed"
LIFTED: Final = "lifted"
LOCKED_UNTIL: Final = "locked-until"
"""Outcome of a `deletion`: the host keeps something until a day."""
ORDERED: Final = "ordered"
"""Outcome of a `deletion`, and the reason of one that no restriction proposed: the controller ordered it."""

_APART: Final = timedelta(days=1)
"""How far a proposal's row may be from its entry: what is restricted in one judging is dated by its beginning."""
_SOUGHT: Final = (
    b'"type":"deletion"',
    f'"outcome":"{AUTHENTICATED}"'.encode(),
    f'"outcome":"{DESTROYED}"'.encode(),
)
_CONFIRMING: Final = frozenset({DeletionState.FIRST_CONFIRMED.value, DeletionState.CONFIRMED.value})
_ENDING: Final = frozenset({one.value for one in (DeletionState.REFUSED, DeletionState.CANCELLED)})


def act_by(station: Station, kind: str, about: str, person: str, **content: str) -> Act:
    """The act of this person and of nobody else: its digest in an entry is no proof of another's."""
    return act_of(station, kind, about, {**content, "person": person})


# What forbids it


def cool_at(station: Station, proposed_at: datetime) -> datetime:
    """When the cooling-off ends (UTC)."""
    return proposed_at + timedelta(days=station.config.deletion.cooling_off_days)


def impediments(station: Station, several: Collection[Deletion]) -> dict[str, str]:
    """Deletion -> what forbids it today, where anything does: `deletion-paper-destroyed` or `deletion-held`."""
    with station.database.read() as session:
        return _impediments(station, session, several)


def require_free(station: Station, session: Session, found: Deletion) -> None:
    """Raises `StationFault` `deletion-paper-destroyed` or `deletion-held` where that forbids it."""
    match _impediments(station, session, [found]).get(found.id):
        case "deletion-paper-destroyed":
            raise StationFault("deletion-paper-destroyed")
        case "deletion-held":
            raise StationFault("deletion-held")
        case _:
            return


def _impediments(station: Station, session: Session, several: Collection[Deletion]) -> dict[str, str]:
    """An order goes over what stood when it was given, and over no hold that came since.

    The station does not know which box a document's sheets lay in: any sheet that was destroyed counts.
    """
    if not several:
        return {}
    held = Deletions(station.columns).held_among(session, [one.document for one in several])
    held_on = [one for one in several if one.document in held and held[one.document] >= (one.ordered_at or "")]
    found = {one.id: "deletion-held" for one in held_on}
    unordered = [one.id for one in several if one.ordered_at is None]
    if unordered and accounts.paper(session, station.sides).destroyed:
        found |= dict.fromkeys(unordered, "deletion-paper-destroyed")
    return found


# What the patient says


def still_no(station: Station, session: Session, document: StoredDocument) -> bool:
    """Whether a no stands that asks for it, by the register itself and at this moment.

    What cannot be told is no no; a no that limits who may see it, or that may be a slip, asks for nothing. Raises
    `StationFault` `clock-untrusted`, `patient-not-on-roster`; `TamperFault("register-forged")`.
    """
    moment = station.clock.moment()
    if not moment.trusted:
        raise StationFault("clock-untrusted")
    identified = identify_stored(document)
    if isinstance(identified, Held):
        raise StationFault("patient-not-on-roster")
    match station.register.reading_within(session, identified.patient):
        case KnownPatient() as known:
            return stands(station, identified, known, moment)
        case UnknownPatient():
            raise StationFault("patient-not-on-roster")
        case _:
            raise TamperFault("register-forged")


# What the ledger tells


@dataclass(frozen=True, slots=True)
class _Said:
    """Who, by which proof: the ULID of the entry that this one follows from."""

    person: str
    proof: str

    @classmethod
    def by(cls, entry: Mapping[str, Any]) -> "_Said":
        return cls(entry["agents"].get("person", ""), entry.get("parent", ""))


@dataclass(slots=True)
class _Proposal:
    at: datetime
    confirmed: list[_Said] = field(default_factory=list)
    ordered: _Said | None = None
    over: frozenset[str] = frozenset()
    """Holds that stood when the controller ordered it: the order goes over those."""
    begun: str = ""
    """SHA-256 (hex) of what it has written down of the host, once it was begun."""


class Told:
    """Deletions, holds, destroyed paper and deposits as the ledger tells them: read once, then what was added since.

    Raises `TamperFault("custody-broken")` where the ledger itself does not hold.
    """

    def __init__(self, station: Station) -> None:
        self._station = station
        self._read_to = 0
        self._proofs: dict[str, tuple[str, str]] = {}
        self._proposals: dict[str, _Proposal] = {}
        self._holds: dict[str, str] = {}
        self._destroyed = 0
        self._deposits = ToldDeposits(station)
        if not station.ledger.verify().verified:
            raise TamperFault("custody-broken")
        with station.database.read() as session:
            self._read_on(session)

    def deposited(self, session: Session, found: Deletion, document: StoredDocument) -> Deposited:
        """Where all of it lies at the host. Raises `TamperFault("deletion-forged")` where a row says otherwise."""
        self._read_on(session)
        self._deposits.gather(session, {*self._proposals, document.id}, self._read_to)
        claim = document.claim
        subject = self._station.keys.pseudonym(claim.patient) if claim else ""
        deposited = self._deposits.deposited(session, document)
        if deposited is None or subject != self._deposits.subject(document.id):
            raise TamperFault("deletion-forged", deletion=found.id)
        return deposited

    def require(self, session: Session, found: Deletion, document: StoredDocument) -> Deposited:
        """The ledger tells that it may be done: two people, after the cooling-off, no hold but before an order, and no
        destroyed paper without one; and where it all lies at the host.

        Raises `TamperFault("deletion-forged")` where the row says what the ledger does not, `StationFault`
        `deletion-paper-destroyed`, `deletion-too-soon`.
        """
        deposited = self.deposited(session, found, document)
        told = self._proposals.get(document.id)
        if told is None or not self._tells(told, found):
            raise TamperFault("deletion-forged", deletion=found.id)
        if self._holds_on(document) - (told.over if found.ordered_at is not None else frozenset()):
            raise TamperFault("deletion-forged", deletion=found.id)
        self._require_paper(session, found)
        until = cool_at(self._station, told.at)
        if self._station.clock.now() < until:
            raise StationFault("deletion-too-soon", until=until.date().isoformat())
        return deposited

    def _tells(self, told: _Proposal, found: Deletion) -> bool:
        """Its proposal, confirmations and order, and what was seen at the host when it was begun."""
        begun = hashlib.sha256(found.proof.encode()).hexdigest() if found.proof else ""
        near = abs(read_time(found.proposed_at) - told.at) <= _APART
        return near and begun == told.begun and self._is_confirmed(told, found) and self._is_ordered(told, found)

    def _require_paper(self, session: Session, found: Deletion) -> None:
        if found.ordered_at is not None:
            return
        if accounts.paper(session, self._station.sides).destroyed != self._destroyed:
            raise TamperFault("deletion-forged", deletion=found.id)
        if self._destroyed:
            raise StationFault("deletion-paper-destroyed")

    def _is_confirmed(self, told: _Proposal, found: Deletion) -> bool:
        persons = [said.person for said in told.confirmed]
        differing = len(set(persons)) == len(persons)
        by_both = differing and persons == [found.first_by, found.second_by]
        about = f"document:{found.document}"
        return by_both and all(self._is_proven(said, CONFIRM, about, deletion=found.id) for said in told.confirmed)

    def _is_ordered(self, told: _Proposal, found: Deletion) -> bool:
        if found.ordered_at is None:
            return True
        said, about = told.ordered, f"document:{found.document}"
        if said is None or said.person != found.ordered_by:
            return False
        return self._is_proven(said, ORDER, about, evidence=found.order or "")

    def _holds_on(self, document: StoredDocument) -> frozenset[str]:
        of = {f"document:{document.id}"}
        if document.claim is not None:
            of.add(f"patient:{self._station.keys.pseudonym(document.claim.patient)}")
        return frozenset(hold for hold, on in self._holds.items() if on in of)

    def _is_proven(self, said: _Said, kind: str, about: str, **content: str) -> bool:
        act = act_by(self._station, kind, about, said.person, **content)
        return self._proofs.get(said.proof) == (said.person, act.digest())

    def _read_on(self, session: Session) -> None:
        for raw in self._station.ledger.entries(session, first=self._read_to):
            self._read_to += 1
            self._deposits.take(raw)
            if any(mark in raw for mark in _SOUGHT):
                self._take(read_entry(raw))

    def _take(self, entry: Mapping[str, Any]) -> None:
        kind, _, identifier = entry["object"].partition(":")
        match entry["type"], kind:
            case EntryType.REVIEW, "person":
                self._proofs[entry["id"]] = entry["agents"].get("person", ""), _first(entry.get("hashes_in", ()))
            case EntryType.DESTRUCTION, "box" if entry["outcome"] == DESTROYED:
                self._destroyed += entry["counts"]["sheets"]
            case EntryType.DELETION, "hold":
                self._take_hold(identifier, entry)
            case EntryType.DELETION, "document":
                self._take_deletion(identifier, entry)
            case _:
                pass

    def _take_hold(self, identifier: str, entry: Mapping[str, Any]) -> None:
        if entry["outcome"] == PLACED:
            of = entry.get("within", {}).get("document")
            self._holds[identifier] = f"document:{of}" if of else f"patient:{entry.get('subject', '')}"
        elif self._is_proven(_Said.by(entry), RELEASE, entry["object"]):
            self._holds.pop(identifier, None)

    def _take_deletion(self, document: str, entry: Mapping[str, Any]) -> None:
        outcome, known = entry["outcome"], self._proposals.get(document)
        if outcome == DeletionState.PROPOSED:
            self._proposals[document] = _Proposal(time_of(entry))
        elif outcome in _ENDING:
            self._proposals.pop(document, None)
        elif known is not None and outcome in _CONFIRMING:
            said = _Said.by(entry)
            known.confirmed = [*known.confirmed, said] if outcome == DeletionState.CONFIRMED else [said]
        elif known is not None and outcome == ORDERED:
            known.ordered, known.over = _Said.by(entry), frozenset(self._holds)
        elif known is not None and outcome == DeletionState.INTENDED:
            known.begun = _first(entry["hashes_in"][1:])
        elif known is not None and outcome == LOCKED_UNTIL:
            known.begun = _first(entry["hashes_out"])


def _first(several: Sequence[str]) -> str:
    return several[0] if several else ""
