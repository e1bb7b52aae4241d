"""From what a register has on record to what stands: retracted facts go, and limited authorizations limit."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import TypeVar

from consent_gate.model import Fact, FactKind

Limit = TypeVar("Limit", bound=str)


def standing(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """Those that nobody has retracted, in the order given; retractions themselves stay."""
    known = tuple(facts)
    retracted = {fact.about for fact in known if fact.kind is FactKind.RETRACTED}
    return tuple(fact for fact in known if fact.reference not in retracted)


def with_limits(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """The same, and beside the limited authorizations of a day the limit that they are together.

    Whoever authorizes within limits says that nothing beyond them is allowed from that day on. Of several such
    authorizations of one day the limits add up; one without limits, and there is none. Retracted facts limit nothing.
    """
    known = tuple(facts)
    granted: dict[date, list[Fact]] = defaultdict(list)
    for fact in standing(known):
        if fact.kind is FactKind.GRANTED:
            granted[fact.on].append(fact)
    limits = (_limit(of_one_day) for of_one_day in granted.values())
    return (*known, *(limit for limit in limits if limit is not None))


def _limit(grants: Sequence[Fact]) -> Fact | None:
    types = _joined(grant.doc_types for grant in grants)
    purposes = _joined(grant.purposes for grant in grants)
    ends = [grant.until for grant in grants if grant.until is not None]
    until = max(ends) if len(ends) == len(grants) else None
    if types is None and purposes is None and until is None:
        return None
    first = min(grants, key=lambda grant: grant.reference)
    return Fact(
        kind=FactKind.LIMITED,
        on=first.on,
        until=until,
        doc_types=types,
        purposes=purposes,
        reference=first.reference,
        recorded_at=first.recorded_at,
        recorded_by=first.recorded_by,
    )


def _joined(limits: Iterable[frozenset[Limit] | None]) -> frozenset[Limit] | None:
    """All that any of them allows; None where one allows everything."""
    joined: frozenset[Limit] = frozenset()
    for limit in limits:
        if limit is None:
            return None
        joined |= limit
    return joined
