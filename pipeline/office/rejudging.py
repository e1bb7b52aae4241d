"""A new fact judges everything in hand anew, by the gate itself: what may go on does, what may not stops.

What was recorded stands in a queue, written down with it (`storage.rejudges`): a crash between the two loses nothing,
for the daemon's rounds and every command that records finish it. The answers are found by reading; each stretch of
them is then one transaction, which passes over what was recorded, or settled otherwise, since it was read.

- A curable document whose patient is cleared now goes on, in order of arrival; of too many at once, a person confirms
  the count first (`review.release_threshold`).
- One whose answer is another: told so; closed, where that answer closes.
- A deposited one whose patient says no now is restricted, and its deletion proposed; lifted, where the no is gone.
- One on its way is left to its journey, which asks the gate itself.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Final

import structlog
from sqlmodel import Session

from consent_gate.gate import RULE, decide
from consent_gate.model import Clearance, DocumentId, Fact, KnownPatient, Moment, PatientRef, Refused, RegisterReading
from consent_gate.people import DECIDING
from lexicon.faults import StationFault
from pipeline.identify import identify_stored
from pipeline.model import Held, Identified
from pipeline.office.following_up import ALL, STRETCH, Acting, Closing, Found, Rejudged, Restricting
from pipeline.office.gate_words import (
    ASKS_DELETION,
    asks_deletion,
    lets_read,
    proposes_deletion,
    said_of,
    says_no,
    the_no,
    the_yes,
)
from pipeline.office.people import Presented, act_of, authenticate
from pipeline.office.tasks import prepare_again
from pipeline.reopen import Begin
from pipeline.station import Station
from storage import rejudges, restrictions
from storage.custody import Draft, EntryType
from storage.rejudges import EVERYBODY
from storage.stored import StoredDocument

log = structlog.get_logger("liasse.rejudging")

COUNT_CONFIRMED: Final = "count-confirmed"
"""Outcome of the `review` by which a person says how many documents go on at once."""


def rejudge(
    station: Station, patients: Iterable[PatientRef] | None = None, *, begin: Begin = prepare_again
) -> Rejudged:
    """Judge what is in hand of these patients anew, and whatever else waits to be; of everybody where None."""
    with station.database.write("rejudging.queue") as session:
        if patients is None:
            rejudges.queue_everybody(session)
        else:
            rejudges.queue(session, map(station.columns.reference_index, patients))
    return finish(station, begin=begin)


def finish(station: Station, *, begin: Begin = prepare_again, closing: Closing = ALL) -> Rejudged:
    """Judge what waits to be judged anew: after each command that records, and in the daemon's rounds.

    On a day that has begun, that is everything: authorizations come into force, and withdrawals. So it is where the
    rule has changed, or what the contract asks. Nothing is judged on a clock that cannot be trusted; it waits. So does
    what is more than one look is to close (`closing`). Raises the faults of database and disk: what is left waits.
    """
    moment = station.clock.moment()
    if not moment.trusted:
        return Rejudged()
    _queue_under_new_terms(station, moment)
    with station.database.read() as session:
        marks = rejudges.queued(session, closing.most)
        if not marks:
            return Rejudged()
        found = _Judging(station, session, moment).judge(marks)
    if found.lost:
        log.warning("kept-copy-missing", count=found.lost)
    rejudged = Acting(station, moment, marks, begin, closing=closing).act(found)
    return _settled(station, marks, found, rejudged)


def waiting_for_release(station: Station) -> tuple[DocumentId, ...]:
    """What the gate lets go on and a person is to confirm the count of, in order of arrival."""
    with station.database.read() as session:
        return rejudges.releasable(session)


def release(station: Station, count: int, by: Callable[[], Presented], *, begin: Begin = prepare_again) -> Rejudged:
    """A person confirms how many go on; `by` says who, once the count is known to be right.

    The gate is asked again: what it does not let go any more stays. Raises `StationFault` `clock-untrusted`,
    `release-count-differs` unless so many wait, and what `authenticate` raises.
    """
    moment = station.clock.moment()
    if not moment.trusted:
        raise StationFault("clock-untrusted")
    with station.database.read() as session:
        waiting = rejudges.releasable(session)
        if len(waiting) != count:
            raise StationFault("release-count-differs", waiting=len(waiting))
    _count_confirmed(station, waiting, by())
    with station.database.read() as session:
        marks = rejudges.queued(session)
        found = _Judging(station, session, moment).of_curable(waiting, confirmed=True)
    return Acting(station, moment, marks, begin, confirmed=True).act(found)


def _count_confirmed(station: Station, waiting: Sequence[DocumentId], by: Presented) -> None:
    """Who says so, of which documents (by the act's digest), and how many."""
    act = act_of(station, "release", f"station:{station.id}", {"documents": list(waiting)})
    who = authenticate(station, by, act, DECIDING)
    draft = Draft(
        EntryType.REVIEW,
        f"station:{station.identifiers.new()}",
        COUNT_CONFIRMED,
        counts={"documents": len(waiting)},
        hashes_in=(act.digest(),),
        parent=who.entry,
        person=who.id,
    )
    with station.database.write("rejudging.release") as session:
        station.ledger.append(session, draft, at=station.clock.now())


def _queue_under_new_terms(station: Station, moment: Moment) -> None:
    """A new day, rule or contract may change every answer; that rule, contract or who decides changed is an entry."""
    config = station.config
    people = f"{config.review.four_eyes} {config.deletion.cooling_off_days}"
    day, terms = moment.day.isoformat(), f"{RULE} {station.policy} {people}"
    with station.database.read() as session:
        before = rejudges.judged_under(session)
    if before == f"{day} {terms}":
        return
    with station.database.write("rejudging.new-terms") as session:
        rejudges.judge_under(session, f"{day} {terms}")
        if before.partition(" ")[2] != terms:
            station.ledger.append(session, _changed_terms(station, people), at=moment.at)


def _changed_terms(station: Station, people: str) -> Draft:
    digest = hashlib.sha256(people.encode()).hexdigest()
    about = f"station:{station.identifiers.new()}"
    return Draft(
        EntryType.REVIEW, about, "terms-changed", rule=RULE, terms=station.policy.digest(), hashes_out=(digest,)
    )


def _settled(station: Station, marks: Mapping[str, str], found: Found, rejudged: Rejudged) -> Rejudged:
    """The queue's rows go, but of those who are left; of everybody's, who is left is written down by name."""
    left = found.left
    done = {index: mark for index, mark in marks.items() if index not in left}
    with station.database.write("rejudging.judged") as session:
        if EVERYBODY in done:
            rejudges.queue(session, left)
        rejudges.judged(session, done)
        rejudges.queue_to_close(session, found.to_close - left)
        to_close = rejudges.to_close(session)
    return replace(rejudged, left=len(left), to_close=to_close)


class _Judging:
    """One reading of what is in hand, at one instant."""

    def __init__(self, station: Station, session: Session, moment: Moment) -> None:
        self._station, self._session, self._moment = station, session, moment
        self._readings: dict[PatientRef, RegisterReading] = {}
        self._found = Found()

    def judge(self, marks: Mapping[str, str]) -> Found:
        """All that is in hand of these patients."""
        patients = None if EVERYBODY in marks else sorted(marks)
        self.of_curable(rejudges.curable(self._session, patients))
        deposited = rejudges.at_host(self._session, patients)
        standing = restrictions.standing_among(self._session, deposited)
        for document, identified in self._identified(deposited):
            self._deposited(document, identified, standing.get(document.id))
        return self._found

    def of_curable(self, documents: Sequence[DocumentId], *, confirmed: bool = False) -> Found:
        """Refused documents under the release key. Those that wait already wait on, unless they are `confirmed`."""
        waiting = frozenset(rejudges.releasable(self._session))
        uncleared = rejudges.uncleared_among(self._session, documents)
        self._found.left |= set(rejudges.patients_of(self._session, sorted(uncleared)).values())
        for document, identified in self._identified([one for one in documents if one not in uncleared]):
            answer = decide(
                document.id,
                identified.patient,
                identified.doc_type,
                self._reading(identified.patient),
                self._moment,
                self._station.policy,
            )
            waits = document.id in waiting
            if isinstance(answer, Clearance):
                if not self._station.quarantine.has(document.id):
                    self._found.lost += 1
                    self._found.waiting_no_more += [document] if waits else []
                elif confirmed or not waits:
                    self._found.cleared.append((document, answer))
                continue
            if waits:
                self._found.waiting_no_more.append(document)
            if answer.reason.value != document.reason:
                self._found.refused.append((document, answer))
        return self._found

    def _deposited(
        self, document: StoredDocument, identified: Identified, standing: restrictions.Restriction | None
    ) -> None:
        reading = self._reading(identified.patient)
        if not isinstance(reading, KnownPatient):  # what cannot be read restricts nothing here, and nobody reads it
            return
        said = said_of(self._station, identified, reading, self._moment)
        if says_no(said) and isinstance(said, Refused):
            proposes = proposes_deletion(self._station, identified, reading, self._moment)
            no = Restricting(document, said, _the_no(reading, said, proposes=proposes), proposes=proposes)
            if standing is None or (standing.reason, _proposed(standing, reading)) != (said.reason.value, proposes):
                self._found.restricting.append(no)
        elif standing is not None and lets_read(said):
            self._found.lifting.append((document, the_yes(reading.told, said.judged.day)))

    def _identified(self, documents: Sequence[DocumentId]) -> Iterator[tuple[StoredDocument, Identified]]:
        for start in range(0, len(documents), STRETCH):
            for document in self._station.documents.several(self._session, documents[start : start + STRETCH]):
                found = identify_stored(document)
                if not isinstance(found, Held):
                    yield document, found

    def _reading(self, patient: PatientRef) -> RegisterReading:
        if patient not in self._readings:
            self._readings[patient] = self._station.register.reading_within(self._session, patient)
        return self._readings[patient]


def _the_no(reading: KnownPatient, said: Refused, *, proposes: bool) -> str:
    """The fact that the restriction names: one of the document's own reference where it proposes the deletion, one of
    another reference where that alone asks for it."""
    facts: Iterable[Fact] = reading.told
    if proposes:
        facts = reading.facts
    elif asks_deletion(said):
        facts = chain.from_iterable(reading.others)
    return the_no(facts, said.judged.day)


def _proposed(standing: restrictions.Restriction, reading: KnownPatient) -> bool:
    """Whether the restriction that stands has proposed the deletion: by its reason, and the fact that it names."""
    others = {fact.reference for fact in chain.from_iterable(reading.others)}
    return standing.reason in ASKS_DELETION and standing.fact not in others
