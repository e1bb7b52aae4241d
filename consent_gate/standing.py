"""From what a register has on record to what stands: retracted facts go, an authorization within limits limits, and
evidence that a person rejected stays rejected, whoever brings it again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from consent_gate.model import Evidence, Fact, FactKind, is_limited

_OPENING: Final = (FactKind.GRANTED, FactKind.OPPOSITION_LIFTED)
_NOES: Final = frozenset(
    {
        FactKind.REFUSED,
        FactKind.WITHDRAWN,
        FactKind.OPPOSED,
        FactKind.OPPOSITION_LIFTED,
        FactKind.DECEASED,
        FactKind.DOUBTED,
        FactKind.DOUBT_LIFTED,
    }
)
_CHECKS: Final = (FactKind.CHECKED, FactKind.CHECK_FAILED)


def as_read(history: Iterable[Fact]) -> tuple[Fact, ...]:
    """What the gate is given, of all that was ever recorded of a patient."""
    known = tuple(history)
    return with_limits((*standing(known), *rejections(known)))


def noes(history: Iterable[Fact]) -> tuple[Fact, ...]:
    """What says no of a patient, and what takes that back: all that counts under another reference of the same person.

    An INS may be wrong in a client's roster: two references may close each other, and never open. So no authorization
    is among them; a lifting, with the checks of its evidence, is for the oppositions of its own reference alone.
    """
    known = tuple(history)
    kept = {fact.reference for fact in known if fact.kind in _NOES}
    return tuple(fact for fact in as_read(known) if fact.kind in _NOES or fact.about in kept)


def standing(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """Those that nobody has retracted, in the order given; retractions themselves stay."""
    known = tuple(facts)
    retracted = {fact.about for fact in known if fact.kind is FactKind.RETRACTED}
    return tuple(fact for fact in known if fact.reference not in retracted)


def with_limits(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """The same, and beside the authorizations within limits of a day the limit that they are together.

    Whoever authorizes within limits says that nothing else is allowed from that day on: what was allowed before ends,
    and what is allowed without limits that day. Retracted facts limit nothing.
    """
    known = tuple(facts)
    limited = [fact for fact in standing(known) if fact.kind is FactKind.GRANTED and is_limited(fact)]
    first = {fact.on: fact for fact in sorted(limited, key=lambda fact: fact.reference, reverse=True)}
    return (*known, *(_limit(of_a_day) for of_a_day in first.values()))


def _limit(grant: Fact) -> Fact:
    return Fact(
        kind=FactKind.LIMITED,
        on=grant.on,
        reference=grant.reference,
        recorded_at=grant.recorded_at,
        recorded_by=grant.recorded_by,
    )


def rejections(history: Sequence[Fact]) -> tuple[Fact, ...]:
    """A rejected check about each fact that opens, stands and is unchecked, on evidence that a person rejected last.

    Else a fact that is taken back and brought anew, or of another day, would launder what it rests on. One that was
    checked itself has its own answer.
    """
    stand = standing(history)
    if not any(fact.kind is FactKind.CHECK_FAILED for fact in stand):
        return ()
    checks: dict[str | None, list[Fact]] = {}
    for check in stand:
        if check.kind in _CHECKS:
            checks.setdefault(check.about, []).append(check)
    checked = [fact for fact in history if fact.reference in checks]
    found = []
    for fact in stand:
        if fact.kind not in _OPENING or fact.evidence is None or fact.reference in checks:
            continue
        alike = [one for other in checked if _alike(fact.evidence, other.evidence) for one in checks[other.reference]]
        last = _last(alike)
        if last is not None and last.kind is FactKind.CHECK_FAILED:
            found.append(replace(last, about=fact.reference))
    return tuple(found)


def rejected(history: Sequence[Fact]) -> frozenset[str | None]:
    """References of the facts that stand whose evidence a person rejected last."""
    stand = standing(history)
    checks: dict[str | None, list[Fact]] = {}
    for check in (*stand, *rejections(history)):
        if check.kind in _CHECKS:
            checks.setdefault(check.about, []).append(check)
    last: Mapping[str | None, Fact | None] = {about: _last(several) for about, several in checks.items()}
    return frozenset(about for about, one in last.items() if one is not None and one.kind is FactKind.CHECK_FAILED)


def _last(checks: Sequence[Fact]) -> Fact | None:
    """The one recorded last; of two at one instant, the one that failed."""
    return max(checks, key=lambda one: (one.recorded_at, one.kind is FactKind.CHECK_FAILED), default=None)


def _alike(one: Evidence, other: Evidence | None) -> bool:
    """Whether it is one form, one message or one word: by what a person goes by to find it."""
    if other is None:
        return False
    marks = ((one.reference, other.reference), (one.sha256, other.sha256), (one.envelope, other.envelope))
    return one == other or any(mine and mine == theirs for mine, theirs in marks)
