"""What a look can come to: as it should be, worth a warning, wrong, or not to be seen from here."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from lexicon.faults import Fault, StationFault


class Outcome(StrEnum):
    OK = "ok"
    WARNING = "warning"
    """The station works; somebody should see to it."""
    FAULT = "fault"
    """The station must not work so, or cannot."""
    NOT_CHECKED = "not-checked"
    """Nobody can tell from here: a person must look elsewhere."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found instead of what should be."""

    outcome: Outcome
    fault: Fault


@dataclass(frozen=True, slots=True)
class Seen:
    """As it should be, and worth a word: slugs and what was seen."""

    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at; `fault` is None when it is as it should be."""

    name: str
    outcome: Outcome
    fault: Fault | None
    seen: Mapping[str, str] = field(default_factory=dict)
    """What is worth a word where all is well."""


Look = Callable[[], Finding | Seen | Iterable[Finding] | None]
"""Looks at one thing. Nothing found is as it should be; a `Fault` that it raises is a fault."""


def warning(fault: Fault) -> Finding:
    return Finding(Outcome.WARNING, fault)


def wrong(fault: Fault) -> Finding:
    return Finding(Outcome.FAULT, fault)


def unseen(fault: Fault) -> Finding:
    return Finding(Outcome.NOT_CHECKED, fault)


def looked(name: str, look: Look) -> list[Check]:
    """The checks that one look makes: one where all is well, else one a finding."""
    try:
        found = look()
        if isinstance(found, Seen):
            return [Check(name, Outcome.OK, None, found.facts)]
        findings = [] if found is None else [found] if isinstance(found, Finding) else list(found)
    except Fault as fault:
        findings = [wrong(fault)]
    except OSError:
        findings = [wrong(StationFault("disk-unusable"))]
    return [Check(name, finding.outcome, finding.fault) for finding in findings] or [Check(name, Outcome.OK, None)]
