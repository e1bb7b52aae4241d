"""What people decide of refused and held documents, and of the register: each by a second factor; by two people, where
`review.four_eyes` says so.

A reviewer supplies facts and corrects whose a document is; what follows, the gate alone says.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence

from consent_gate.model import DocumentId, PatientRef
from consent_gate.people import DECIDING, Role
from consent_gate.review import Check, Decision, Kind, Maintain, MaintainReason, kind_of, may_decide, second_roles_for
from lexicon.faults import StationFault
from pipeline.forms import checking
from pipeline.forms.readings import read_reading
from pipeline.forms.standings import is_reading, of_return
from pipeline.office.deciding import Decided, Deciding
from pipeline.office.decisions import Bound, bind, read_decision
from pipeline.office.following_up import Rejudged
from pipeline.office.people import Act, Authenticated, Presented, act_of, authenticate
from pipeline.office.rejudging import rejudge
from pipeline.station import Station
from storage.custody import Draft, EntryType
from storage.reviews import DECLINED, OVERTAKEN, Reviews, Waiting


def decide(station: Station, decision: Decision, by: Presented) -> Decided:
    """Have a person decide. Where a second one is needed, the first one's decision waits; the very same, from another,
    confirms it.

    Raises what `pipeline.office.decisions.bind` raises, what `authenticate` raises, `StationFault`
    `second-person-same` or `review-overtaken`.
    """
    with station.database.read() as session:
        bound = bind(station, session, decision)
    act = _act(station, decision, bound)
    who = authenticate(station, by, act, _roles(station, decision, bound, act, by.person))
    return Deciding(station, decision, bound, act, who).decide()


def maintain_all(
    station: Station, documents: Sequence[DocumentId], reason: MaintainReason, by: Presented
) -> Iterator[Decided]:
    """Maintain several refusals for one reason; as `decide_all`."""
    return decide_all(station, [Maintain(one, reason) for one in dict.fromkeys(documents)], by)


def check_all(station: Station, facts: Sequence[str], by: Presented, *, passed: bool) -> Iterator[Decided]:
    """Say the same of the evidence of several facts; as `decide_all`."""
    return decide_all(station, [Check(one, passed) for one in dict.fromkeys(facts)], by)


def decide_all(station: Station, decisions: Sequence[Maintain | Check], by: Presented) -> Iterator[Decided]:
    """Decide several of one kind, by one proof that is bound to all of them; each has its own entries.

    All are looked at, and the person is authenticated, before the first is decided; they are decided as the iterator is
    read, and what was before a fault stays decided. Raises as `decide`.
    """
    (kind,) = {kind_of(one) for one in decisions}
    with station.database.read() as session:
        bounds = [bind(station, session, one) for one in decisions]
    acts = [_act(station, one, bound) for one, bound in zip(decisions, bounds, strict=True)]
    together = act_of(station, kind.value, f"station:{station.id}", {"acts": [act.digest() for act in acts]})
    who = authenticate(station, by, acts[0] if len(acts) == 1 else together, DECIDING)
    several = zip(decisions, bounds, acts, strict=True)
    return (Deciding(station, decision, bound, act, who).decide() for decision, bound, act in several)


def maintainable(station: Station, patient: PatientRef) -> tuple[DocumentId, ...]:
    """A patient's documents whose refusal may be maintained, in order of arrival."""
    with station.database.read() as session:
        found = station.documents.documents(session, patient=patient)
    return tuple(one.id for one in found if Kind.MAINTAIN in may_decide(one.state, one.custody, named=True))


def confirm(station: Station, review: str, by: Presented) -> Decided:
    """A second person says the same as the first: the proof is bound to what the first one decided, and to its state.

    Raises `StationFault` `review-not-waiting`, `review-overtaken` (what it was about is not as it was), or as `decide`.
    """
    waiting = get_waiting(station, review)
    if is_reading(waiting):
        return _confirm_reading(station, waiting, by)
    decision = read_decision(waiting.content)
    bound = _as_it_was(station, waiting, decision)
    act = _act(station, decision, bound)
    who = authenticate(station, by, act, second_roles_for(decision) | bound.roles)
    return Deciding(station, decision, bound, act, who).decide()


def decline(station: Station, review: str, by: Presented) -> None:
    """A second person, or the first, says no: nothing follows. Raises `StationFault("review-not-waiting")`, or as
    `authenticate`.
    """
    waiting = get_waiting(station, review)
    act = act_of(station, "decline", waiting.object, {"review": review, "act": waiting.act})
    who = authenticate(station, by, act, roles_of(waiting))
    _settle(station, waiting, DECLINED, who)


def waiting(station: Station) -> tuple[Waiting, ...]:
    """Decisions that wait for a second person."""
    with station.database.read() as session:
        return Reviews(station.columns).all_waiting(session)


def get_waiting(station: Station, review: str) -> Waiting:
    """Raises `StationFault("review-not-waiting")`."""
    with station.database.read() as session:
        return Reviews(station.columns).get(session, review)


def roles_of(waiting: Waiting) -> Collection[Role]:
    """Who may say the same, or no."""
    return DECIDING if is_reading(waiting) else second_roles_for(read_decision(waiting.content))


def _roles(station: Station, decision: Decision, bound: Bound, act: Act, person: str) -> Collection[Role]:
    """Who may say it: where somebody else has said the same and it waits, whoever may confirm it too."""
    with station.database.read() as session:
        first = Reviews(station.columns).waiting_for(session, act.digest())
    return bound.roles if first is None or first.person == person else bound.roles | second_roles_for(decision)


def _act(station: Station, decision: Decision, bound: Bound) -> Act:
    return act_of(station, kind_of(decision).value, bound.about, bound.content)


def _as_it_was(station: Station, waiting: Waiting, decision: Decision) -> Bound:
    """What it is about, if that is as the first person saw it; otherwise it waits no more."""
    try:
        with station.database.read() as session:
            bound = bind(station, session, decision)
    except StationFault as fault:
        if fault.code == "document-held":  # it waits on, until the hold is lifted
            raise
        bound = None
    if bound is None or bound.content != waiting.content:
        _settle(station, waiting, OVERTAKEN, None)
        raise StationFault("review-overtaken")
    return bound


def _confirm_reading(station: Station, waiting: Waiting, by: Presented) -> Decided:
    """The same was read on a returned form."""
    told: list[Rejudged] = []

    def judge(station: Station, patients: Iterable[PatientRef]) -> None:
        told.append(rejudge(station, patients))

    try:
        reading = read_reading(waiting.content)
        standing = checking.check(station, of_return(waiting), reading, lambda: by, judge)
    except StationFault as fault:
        if fault.code not in {"form-unknown", "form-not-to-check"}:
            raise
        _settle(station, waiting, OVERTAKEN, None)
        raise StationFault("review-overtaken") from None
    if standing.waits is not None:  # declined meanwhile: it waits anew, for somebody else
        return Decided(standing.waits.id, Kind.CHECK, waits=True)
    return Decided(waiting.id, Kind.CHECK, rejudged=told[0] if told else Rejudged())


def _settle(station: Station, waiting: Waiting, outcome: str, who: Authenticated | None) -> None:
    """It waits no more, and nothing follows."""
    now = station.clock.now()
    kind, _, identifier = waiting.object.partition(":")
    draft = Draft(
        EntryType.REVIEW,
        f"review:{waiting.id}",
        f"{outcome}-{waiting.kind}",
        within={kind: identifier} if kind == "document" else {},
        subject=identifier if kind == "patient" else None,
        hashes_in=(waiting.act,),
        parent=who.entry if who else None,
        person=who.id if who else None,
    )
    with station.database.write("review.settle") as session:
        Reviews(station.columns).settle(session, waiting.id, outcome, who.id if who else None, now)
        station.ledger.append(session, draft, at=now)
