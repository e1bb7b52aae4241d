"""The gate: a pure, total decision over dated facts and a moment. Whatever is not plainly open is closed.

The rule is told in sentences in docs/adr/0023; the table that it is held against is `tests/decision_table.csv`.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, date, timedelta
from enum import IntEnum
from functools import lru_cache
from typing import Final, assert_never

import rfc8785

from consent_gate.doubts import is_open
from consent_gate.model import (
    Clearance,
    Decision,
    DocType,
    DocumentId,
    Fact,
    FactKind,
    Giver,
    Judged,
    KnownPatient,
    Moment,
    Opposition,
    PatientRef,
    Reason,
    Refused,
    RegisterReading,
    UnknownPatient,
    UnreadableRegister,
    _bind,
    is_limited,
)
from consent_gate.standing import standing

RULE: Final = "gate-2"
"""Version of the rule below; in every decision's digest. Raise it whenever an answer could change."""

MAJORITY: Final = 18
"""Years (Code civil, article 414)."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What the contract asks beyond a recorded authorization."""

    notice_required: bool = False
    evidence_required: bool = False
    check_required: bool = False
    """Whether there must be evidence that a person has looked at."""
    maximum_age: timedelta | None = None
    """Age beyond which the register is stale; None: it never is."""
    purpose: str = ""
    """What the contract is for: an authorization that is limited to purposes must name it."""

    def digest(self) -> str:
        """SHA-256 (hex) of its RFC 8785 bytes: under what terms a decision was made."""
        age = self.maximum_age
        asked = {
            "check_required": self.check_required,
            "evidence_required": self.evidence_required,
            "maximum_age_seconds": None if age is None else int(age.total_seconds()),
            "notice_required": self.notice_required,
            "purpose": self.purpose,
        }
        return hashlib.sha256(rfc8785.dumps(asked)).hexdigest()


_digest_of: Final = lru_cache(maxsize=16)(Policy.digest)


@dataclass(frozen=True, slots=True)
class _Asked:
    """One question to the gate, and what stands on record."""

    doc_type: DocType | None
    day: date
    birth_date: date | None
    policy: Policy
    facts: tuple[Fact, ...]
    """Standing, whatever day they hold from."""
    others: tuple["_Asked", ...] = ()
    """The same of what says no under other references of the same person: each has its own doubts and oppositions."""

    def noes(self) -> tuple[Fact, ...]:
        """Refusals and withdrawals in force, whichever reference they stand under."""
        kinds = FactKind.REFUSED, FactKind.WITHDRAWN
        return tuple(fact for one in (self, *self.others) for fact in one.in_force(*kinds))

    def in_force(self, *kinds: FactKind) -> tuple[Fact, ...]:
        return tuple(fact for fact in self.facts if fact.kind in kinds and fact.on <= self.day)


def decide(
    document: DocumentId,
    patient: PatientRef,
    doc_type: DocType | None,
    reading: RegisterReading,
    moment: Moment,
    policy: Policy,
) -> Decision:
    """Answer for one document of one patient at one moment. Never raises; each way to be closed has its own name."""
    facts = reading.told if isinstance(reading, KnownPatient) else ()
    judged = Judged(
        document=document,
        patient=patient,
        doc_type=doc_type,
        facts=tuple(sorted({fact.reference for fact in facts})),
        at=moment.at,
        day=moment.day,
        rule=RULE,
        terms=_digest_of(policy),
    )
    obstacle = _obstacle(doc_type, reading, moment, policy)
    if obstacle is not None:
        return Refused(judged, obstacle)
    return Clearance(judged, _bind(judged))


def opposes_hosting(reading: RegisterReading, moment: Moment, policy: Policy) -> bool:
    """Whether an opposition to hosting stands, or contradicts its lifting, under any reference of the person.

    By the rule of `decide`, for what needs no clearance: a signed form. What cannot be read counts as one.
    """
    if not isinstance(reading, KnownPatient) or reading.crowded:
        return True
    references = (standing(facts) for facts in (reading.facts, *reading.others))
    asked = (_Asked(None, moment.day, None, policy, facts) for facts in references)
    return any(_opposition(one, Opposition.HOSTING) for one in asked)


def _obstacle(doc_type: DocType | None, reading: RegisterReading, moment: Moment, policy: Policy) -> Reason | None:
    match reading:
        case UnreadableRegister():
            return Reason.REGISTER_UNREADABLE
        case UnknownPatient():
            return Reason.PATIENT_UNKNOWN if moment.trusted else Reason.CLOCK_UNTRUSTED
        case KnownPatient() as known:
            pass
        case _:
            assert_never(reading)
    if not moment.trusted:
        return Reason.CLOCK_UNTRUSTED
    others = tuple(_Asked(doc_type, moment.day, None, policy, standing(other)) for other in known.others)
    asked = _Asked(doc_type, moment.day, known.birth_date, policy, standing(known.facts), others)
    doubted = Reason.DOUBTED if known.crowded else None
    return _says_no(asked) or doubted or _stale(known, moment, policy) or _authorization(asked)


# What the person says no to


def _says_no(asked: _Asked) -> Reason | None:
    """Death, a doubt, an opposition, a contradiction, a refusal or a withdrawal; in this order."""
    references = asked, *asked.others
    if any(one.in_force(FactKind.DECEASED) for one in references):
        return Reason.DECEASED
    if any(is_open((fact.kind, fact.recorded_at) for fact in one.facts) for one in references):
        return Reason.DOUBTED
    oppositions = (_opposition(one, which) for which in Opposition for one in references)
    return next((found for found in oppositions if found), None) or _refusal(asked)


_OPPOSED: Final = {
    Opposition.HOSTING: Reason.OPPOSITION,
    Opposition.ACCESS: Reason.OPPOSITION_ACCESS,
    Opposition.TRANSMISSION: Reason.OPPOSITION_TRANSMISSION,
}


def _opposition(asked: _Asked, which: Opposition) -> Reason | None:
    """An opposition stands until a fact of a later day lifts that same one; both on one day contradict each other.

    A lifting opens, as an authorization does: it counts with the evidence that the contract asks for.
    """

    def days(kind: FactKind) -> set[date]:
        facts = (fact for fact in asked.in_force(kind) if (fact.opposition or Opposition.HOSTING) is which)
        return {fact.on for fact in facts if kind is FactKind.OPPOSED or _evidence(asked, fact) is _Stage.HOLDS}

    opposed, lifted = days(FactKind.OPPOSED), days(FactKind.OPPOSITION_LIFTED)
    if not opposed or max(lifted, default=date.min) > max(opposed):
        return None
    return Reason.CONTRADICTORY if max(opposed) in lifted else _OPPOSED[which]


def _refusal(asked: _Asked) -> Reason | None:
    """The last no stands until an authorization of a later day; with one of the same day it is a contradiction."""
    noes = asked.noes()
    granted = {fact.on for fact in asked.in_force(FactKind.GRANTED)}
    last = max((no.on for no in noes), default=None)
    if last is None or any(day > last for day in granted):
        return None
    if last in granted:
        return Reason.CONTRADICTORY
    refused = any(no.kind is FactKind.REFUSED for no in noes if no.on == last)
    return Reason.REFUSED if refused else Reason.WITHDRAWN


def _stale(known: KnownPatient, moment: Moment, policy: Policy) -> Reason | None:
    if policy.maximum_age is None:
        return None
    fresh = known.register_at is not None and moment.at - known.register_at <= policy.maximum_age
    return None if fresh else Reason.REGISTER_STALE


# What the authorizations allow


class _Stage(IntEnum):
    """How far an authorization comes; the furthest is told."""

    EXPIRED = 1
    AUTHORITY_ENDED = 2
    OUT_OF_SCOPE = 3
    TYPE_NEEDED = 4
    EVIDENCE_MISSING = 5
    EVIDENCE_UNCHECKED = 6
    HOLDS = 7


_SHORT: Final = {
    _Stage.EXPIRED: Reason.EXPIRED,
    _Stage.AUTHORITY_ENDED: Reason.AUTHORITY_ENDED,
    _Stage.OUT_OF_SCOPE: Reason.OUT_OF_SCOPE,
    _Stage.TYPE_NEEDED: Reason.TYPE_NEEDED,
    _Stage.EVIDENCE_MISSING: Reason.EVIDENCE_MISSING,
    _Stage.EVIDENCE_UNCHECKED: Reason.EVIDENCE_UNCHECKED,
}


def _authorization(asked: _Asked) -> Reason | None:
    noes = asked.noes()
    since = max((no.on for no in noes), default=date.min)
    grants = [grant for grant in asked.in_force(FactKind.GRANTED) if grant.on > since and not _replaced(asked, grant)]
    if not grants:
        later = any(fact.kind is FactKind.GRANTED and fact.on > asked.day for fact in asked.facts)
        return Reason.NOT_YET_IN_FORCE if later else Reason.NO_AUTHORIZATION
    furthest = max(_stage(asked, grant) for grant in grants)
    if furthest >= _Stage.EVIDENCE_MISSING and asked.policy.notice_required and not asked.in_force(FactKind.NOTICE):
        return Reason.INFORMATION_MISSING
    return _SHORT.get(furthest)


def holds(grant: Fact, known: KnownPatient, day: date, policy: Policy) -> bool:
    """Whether an authorization on record lets something be digitized that day, all that says no left aside."""
    if grant.on > day:
        return False
    facts = standing(known.facts)
    each = (_Asked(one, day, known.birth_date, policy, facts) for one in grant.doc_types or (None,))
    return any(not _replaced(asked, grant) and _stage(asked, grant) is _Stage.HOLDS for asked in each)


def _replaced(asked: _Asked, grant: Fact) -> bool:
    """A limit that names none leaves what is authorized within limits that day, and ends all else until then."""
    days = [limit.on for limit in asked.in_force(FactKind.LIMITED) if not is_limited(limit)]
    return any(day > grant.on or (day == grant.on and not is_limited(grant)) for day in days)


def _stage(asked: _Asked, grant: Fact) -> _Stage:
    limits = (grant, *(limit for limit in asked.in_force(FactKind.LIMITED) if limit.on >= grant.on))
    if any(limit.until is not None and asked.day > limit.until for limit in limits):
        return _Stage.EXPIRED
    if _authority_ended(asked, grant):
        return _Stage.AUTHORITY_ENDED
    if any(limit.purposes is not None and asked.policy.purpose not in limit.purposes for limit in limits):
        return _Stage.OUT_OF_SCOPE
    types = [limit.doc_types for limit in limits if limit.doc_types is not None]
    if types and asked.doc_type is None:
        return _Stage.TYPE_NEEDED
    if any(asked.doc_type not in allowed for allowed in types):
        return _Stage.OUT_OF_SCOPE
    return _evidence(asked, grant)


def _authority_ended(asked: _Asked, grant: Fact) -> bool:
    if grant.authority_until is not None and asked.day > grant.authority_until:
        return True
    parents = grant.given_by is Giver.PARENTAL_AUTHORITY
    if asked.birth_date is None:
        return parents
    of_age = majority(asked.birth_date)
    return asked.day >= of_age and (parents or grant.on < of_age)


def majority(birth_date: date) -> date:
    """The 18th birthday; of somebody born on 29 February, the 28th."""
    year = min(birth_date.year + MAJORITY, MAXYEAR)
    leap_day = (birth_date.month, birth_date.day) == (2, 29)
    return birth_date.replace(year=year, day=28 if leap_day else birth_date.day)


def _evidence(asked: _Asked, grant: Fact) -> _Stage:
    """How far what opens (an authorization, a lifting) comes with its evidence."""
    if not (asked.policy.evidence_required or asked.policy.check_required):
        return _Stage.HOLDS
    if grant.evidence is None or not grant.evidence.holds:
        return _Stage.EVIDENCE_MISSING
    checked = _checked([fact for fact in asked.in_force(*_CHECKS) if fact.about == grant.reference])
    unchecked = checked is _Stage.EVIDENCE_UNCHECKED
    return _Stage.HOLDS if unchecked and not asked.policy.check_required else checked


_CHECKS: Final = (FactKind.CHECKED, FactKind.CHECK_FAILED)


def _checked(checks: Sequence[Fact]) -> _Stage:
    """The check recorded last decides; of two at one instant, the one that failed."""
    if not checks:
        return _Stage.EVIDENCE_UNCHECKED
    last = _latest(checks)
    return _Stage.HOLDS if all(check.kind is FactKind.CHECKED for check in last) else _Stage.EVIDENCE_MISSING


def _latest(facts: Iterable[Fact]) -> list[Fact]:
    known = list(facts)
    when = max(fact.recorded_at for fact in known)
    return [fact for fact in known if fact.recorded_at == when]
