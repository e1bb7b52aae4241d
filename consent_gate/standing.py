"""From what a register has on record to what stands: retracted facts go, and an authorization within limits limits."""

from collections.abc import Iterable

from consent_gate.model import Fact, FactKind, is_limited


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
