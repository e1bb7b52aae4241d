"""What a decision becomes once its person was authenticated: it waits for a second one, or takes effect, in one
transaction with its entries.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Final

from sqlmodel import Session

from consent_gate.model import Evidence, FactKind, PatientRef, Statement
from consent_gate.review import (
    Authorize,
    Check,
    CorrectIdentity,
    Decision,
    Detach,
    Dismiss,
    Kind,
    Maintain,
    Settle,
    kind_of,
)
from lexicon.faults import StationFault
from pipeline import settle
from pipeline.custody_end import end_custody
from pipeline.entries import about
from pipeline.office import review_record
from pipeline.office.decisions import Bound, bind
from pipeline.office.following_up import Rejudged
from pipeline.office.people import Act, Authenticated
from pipeline.office.rejudging import rejudge
from pipeline.reopen import take_again
from pipeline.station import Station
from storage.custody import Draft, EntryType
from storage.fact_rows import Recording
from storage.reviews import CONFIRMED, Reviews, Waiting, new_waiting

DECIDED: Final = "decided"
"""Beginning of the outcome of the `review` by which a decision takes effect: its kind follows."""
WAITS: Final = "waits-for-second"
"""Outcome of the `review` by which a first person's decision waits."""
SUPPLIED: Final = "authorization-supplied"
IDENTITY_WITHDRAWN: Final = "identity-withdrawn"
"""Outcome of an `identification`: the document is not this patient's."""
IDENTITY_CORRECTED: Final = "identity-corrected"
IDENTITY_CONFIRMED: Final = "identity-confirmed"
DOUBT_LIFTED: Final = "doubt-lifted"
DISMISSED: Final = "opposition-dismissed"
"""Outcome of the `review` of the fact by which the controller does not uphold an opposition to hosting."""
SAME_PERSON: Final = "second-person-same"


@dataclass(frozen=True, slots=True)
class Decided:
    """What a decision came to. `review` is its number; `waits` until a second person confirms it."""

    review: str
    kind: Kind
    waits: bool = False
    facts: tuple[str, ...] = ()
    """References of the facts that were recorded."""
    rejudged: Rejudged = field(default_factory=Rejudged)
    patient: PatientRef | None = field(default=None, repr=False)
    """Whose register, or whose document, it is about."""


@dataclass(frozen=True, slots=True)
class Deciding:
    """One decision of one person who was authenticated for just it, or for several of which it is one."""

    station: Station
    decision: Decision
    bound: Bound
    act: Act
    """Of this decision: the very same from another person has the same digest."""
    who: Authenticated

    def decide(self) -> Decided:
        first = self._first()
        if isinstance(first, Decided):
            return first
        recorded = self._record(first)
        if self.bound.document is not None and isinstance(self.decision, Maintain):
            review_record.erase(self.station, self.bound.document.id)
            settle.clear(self.station, self.bound.document.id)
        if (recorded.facts or isinstance(self.decision, Detach)) and self.bound.patient is not None:
            rejudged = rejudge(self.station, [self.bound.patient])
            return replace(recorded, rejudged=rejudged)
        return recorded

    # Four eyes

    def _first(self) -> Waiting | Decided | None:
        """The other person's decision that this one confirms; or this one, waiting; None where one person is enough."""
        kind = kind_of(self.decision)
        if not self.bound.by_two and kind.value not in self.station.config.review.four_eyes:
            return None
        reviews, now = Reviews(self.station.columns), self.station.clock.now()
        with self.station.database.write("review.wait") as session:
            found = reviews.waiting_for(session, self.act.digest())
            if found is not None and found.person != self.who.id:
                return found
            if found is None and self.who.role not in self.bound.roles:  # whoever may only confirm begins nothing
                raise StationFault("role-insufficient", role=self.who.role.value)
            asked = self._kept(now)
            if found is None:
                reviews.keep(session, asked)
            self._append(session, [self._draft(f"review:{(found or asked).id}", SAME_PERSON if found else WAITS)], now)
        if found is not None:
            raise StationFault("second-person-same")
        return Decided(asked.id, kind, waits=True)

    # What is written down

    def _record(self, first: Waiting | None) -> Decided:
        kept = self._kept(self.station.clock.now())
        facts: list[str] = []

        def within(session: Session) -> Sequence[Draft]:
            self._require_as_bound(session)
            reviews = Reviews(self.station.columns)
            if first is None:
                reviews.keep(session, kept, CONFIRMED)
            else:
                reviews.settle(session, first.id, CONFIRMED, self.who.id, kept.at)
            decided = self._draft(f"review:{(first or kept).id}", f"{DECIDED}-{kept.kind}")
            if isinstance(self.decision, Detach):
                self.station.roster.detach(session, self.decision.patient, (first or kept).id)
            return [decided, *self._write(session, kept.at, facts)]

        if isinstance(self.decision, CorrectIdentity) and self.bound.document is not None:
            document, claim = self.bound.document.id, self.bound.claim
            take_again(self.station, [document], claim=claim, person=self.who.id, within=within)
        else:
            with self.station.database.write("review.record") as session:
                self._append(session, within(session), kept.at)
        review, patient = first.id if first else kept.id, self.bound.patient
        return Decided(review, kind_of(self.decision), facts=tuple(facts), patient=patient)

    def _write(self, session: Session, at: datetime, facts: list[str]) -> Sequence[Draft]:
        match self.decision:
            case Maintain(reason=reason):
                document = self.bound.document
                if document is None:
                    raise LookupError
                end_custody(self.station, session, document, person=self.who.id, reason=reason, at=at)
                return []
            case CorrectIdentity():
                return self._identities()
            case Detach(reason=reason):
                return [self._draft(self.bound.about, reason.value)]
            case Settle(retract=retract, reason=reason):
                return self._settled(session, retract, reason.value, at, facts)
            case Check(fact, passed):
                kind = FactKind.CHECKED if passed else FactKind.CHECK_FAILED
                said = Statement(kind=kind, on=self._day(), about=fact)
                return [self._of_fact(one, kind.value) for one in self._add(session, [said], at, facts)]
            case Authorize() | Dismiss():
                outcome = SUPPLIED if isinstance(self.decision, Authorize) else DISMISSED
                return [self._of_fact(one, outcome) for one in self._add(session, [self.decision.said], at, facts)]

    def _settled(
        self, session: Session, retract: Sequence[str], reason: str, at: datetime, facts: list[str]
    ) -> Sequence[Draft]:
        if not retract:
            evidence = Evidence(self.who.entry)  # so that another doubt of the same day is lifted by another fact
            said = Statement(kind=FactKind.DOUBT_LIFTED, on=self._day(), evidence=evidence)
            return [self._of_fact(one, DOUBT_LIFTED) for one in self._add(session, [said], at, facts)]
        said_of = [Statement(kind=FactKind.RETRACTED, on=self._day(), about=one) for one in retract]
        return [self._of_fact(one, reason) for one in self._add(session, said_of, at, facts)]

    def _add(self, session: Session, said: Sequence[Statement], at: datetime, facts: list[str]) -> Sequence[str]:
        patient = self.bound.patient
        if patient is None:
            raise LookupError
        by = Recording(at, person=self.who.id)
        recorded = self.station.register.record(session, [(patient, one) for one in said], by)
        found = [one.reference for one in recorded if one.reference is not None]
        if len(found) < len(said):
            raise StationFault("fact-known-already")
        facts += found
        return found

    def _identities(self) -> Sequence[Draft]:
        """Whose it was by the separator, and whose it is; once where that is the same."""
        document = self.bound.document
        if document is None or self.bound.patient is None:
            raise LookupError
        before = document.claim.patient if document.claim else None
        told = [(before, IDENTITY_WITHDRAWN)] if before is not None and before != self.bound.patient else []
        now = IDENTITY_CONFIRMED if self.bound.claim == document.claim else IDENTITY_CORRECTED
        more = {"person": self.who.id, "parent": self.who.entry, "hashes_in": self._acts()}
        return [
            about(document, EntryType.IDENTIFICATION, outcome, subject=self.station.keys.pseudonym(patient), **more)
            for patient, outcome in (*told, (self.bound.patient, now))
        ]

    def _require_as_bound(self, session: Session) -> None:
        """What was decided of is still as it was when the person was asked who they are."""
        if bind(self.station, session, self.decision).content != self.bound.content:
            raise StationFault("review-overtaken")

    def _kept(self, at: datetime) -> Waiting:
        act = self.act
        return new_waiting(act.kind, act.object, act.digest(), self.bound.content, self.who.id, at)

    def _acts(self) -> tuple[str, ...]:
        """Digests: of this decision, and of what the person was authenticated for, where that was several."""
        return tuple(dict.fromkeys((self.act.digest(), self.who.act.digest())))

    def _day(self) -> date:
        return self.station.clock.moment().day

    def _of_fact(self, fact: str, outcome: str) -> Draft:
        return self._draft(f"fact:{fact}", outcome)

    def _draft(self, what: str, outcome: str) -> Draft:
        document, patient = self.bound.document, self.bound.patient
        within = {"batch": document.batch, "file": document.file, "document": document.id} if document else {}
        return Draft(
            EntryType.REVIEW,
            what,
            outcome,
            within=within,
            subject=self.station.keys.pseudonym(patient) if patient else None,
            hashes_in=self._acts(),
            parent=self.who.entry,
            person=self.who.id,
        )

    def _append(self, session: Session, drafts: Sequence[Draft], at: datetime) -> None:
        self.station.ledger.append(session, *drafts, at=at)
