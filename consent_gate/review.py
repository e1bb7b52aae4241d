"""What a reviewer may decide of a document or a patient, and the facts that it becomes. Pure: nothing here is written.

A reviewer supplies facts; only the gate opens the gate: nothing here makes a clearance.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from consent_gate.doubts import is_open
from consent_gate.model import (
    CustodyClass,
    DocType,
    DocumentId,
    Evidence,
    EvidenceKind,
    Fact,
    FactKind,
    Giver,
    Opposition,
    PatientRef,
    Reason,
    Statement,
)
from consent_gate.people import CONTROLLING, DECIDING, REVIEWING, Role
from consent_gate.statements import restricts
from lexicon.faults import StationFault


class Kind(StrEnum):
    """What a person decides. The value is stored: never rename one."""

    MAINTAIN = "maintain"
    """The refusal stands: the document becomes final."""
    AUTHORIZE = "authorize"
    """An authorization that the register does not have is supplied."""
    CORRECT_IDENTITY = "correct-identity"
    """The document is another patient's, or of another type, than its separator says."""
    CHECK = "check"
    """The evidence of a fact was looked at."""
    SETTLE = "settle"
    """What contradicts itself, is doubtful, or was recorded by mistake, is decided."""
    DISMISS = "dismiss"
    """The controller does not uphold an opposition to hosting: its ground is not legitimate (CSP L.1111-8)."""
    DETACH = "detach"
    """The INS that a reference has on the roster is not its patient's, and is taken from it (GDPR, article 16)."""


BY_TWO: Final = frozenset({Kind.DISMISS, Kind.DETACH})
"""What the controller decides first, and a second person confirms, whatever `review.four_eyes` names."""


ROLES: Final = {
    Kind.MAINTAIN: DECIDING,
    Kind.AUTHORIZE: DECIDING,
    Kind.CORRECT_IDENTITY: REVIEWING,
    Kind.CHECK: DECIDING,
    Kind.SETTLE: DECIDING,
    Kind.DISMISS: CONTROLLING,
    Kind.DETACH: CONTROLLING,
}
"""Who may decide what."""


class MaintainReason(StrEnum):
    """Why a document is never digitized. The value is hashed into an entry: never rename one."""

    PATIENT_CONFIRMS = "patient-confirms"
    NO_ANSWER = "no-answer"
    NOT_DIGITIZED = "not-to-be-digitized"
    IDENTITY_UNSETTLED = "identity-unsettled"
    SCANNED_ANEW = "scanned-anew"


class DismissReason(StrEnum):
    """Why an opposition to hosting is not upheld. The value is hashed into an entry: never rename one."""

    NO_GROUND = "no-ground-given"
    NOT_LEGITIMATE = "ground-not-legitimate"


class DetachReason(StrEnum):
    """Why an INS is taken from a reference. The value is hashed into an entry: never rename one."""

    ANOTHERS = "ins-of-another"
    MISTYPED = "ins-mistyped"


class SettleReason(StrEnum):
    """Why a fact is retracted, or a doubt lifted. The value is hashed into an entry: never rename one."""

    RECORDED_BY_MISTAKE = "recorded-by-mistake"
    WRONG_PATIENT = "wrong-patient"
    WRONG_DAY = "wrong-day"
    SAID_BEFORE = "said-before"
    """Of two of one day, the one that was said first: the patient changed their mind that very day."""
    LINE_EXPLAINED = "line-explained"
    """The line that could not be used is known not to restrict."""


@dataclass(frozen=True, slots=True)
class Maintain:
    document: DocumentId
    reason: MaintainReason


@dataclass(frozen=True, slots=True)
class Authorize:
    document: DocumentId
    said: Statement
    """A permission (`granted`) with evidence that holds."""


@dataclass(frozen=True, slots=True)
class CorrectIdentity:
    document: DocumentId
    patient: PatientRef = field(repr=False)
    doc_type: DocType | None
    evidence: str = field(repr=False)
    """What the reviewer went by: a reference for the client's eyes."""


@dataclass(frozen=True, slots=True)
class Check:
    fact: str
    passed: bool


@dataclass(frozen=True, slots=True)
class Settle:
    patient: PatientRef = field(repr=False)
    retract: tuple[str, ...]
    """References of the facts that do not stand; none, and it is the doubt that is lifted."""
    reason: SettleReason


@dataclass(frozen=True, slots=True)
class Dismiss:
    patient: PatientRef = field(repr=False)
    said: Statement
    """What `dismissal` makes."""
    reason: DismissReason


@dataclass(frozen=True, slots=True)
class Detach:
    patient: PatientRef = field(repr=False)
    reason: DetachReason


Decision = Maintain | Authorize | CorrectIdentity | Check | Settle | Dismiss | Detach


_KINDS: Final[dict[type[Decision], Kind]] = {
    Maintain: Kind.MAINTAIN,
    Authorize: Kind.AUTHORIZE,
    CorrectIdentity: Kind.CORRECT_IDENTITY,
    Check: Kind.CHECK,
    Settle: Kind.SETTLE,
    Dismiss: Kind.DISMISS,
    Detach: Kind.DETACH,
}


def kind_of(decision: Decision) -> Kind:
    return _KINDS[type(decision)]


_ELSEWHERE: Final[dict[str, tuple[Kind, ...]]] = {
    Reason.DECEASED: (),
    Reason.PATIENT_UNKNOWN: (),
    Reason.REGISTER_UNREADABLE: (),
    Reason.REGISTER_STALE: (),
    Reason.CLOCK_UNTRUSTED: (),
    Reason.INFORMATION_MISSING: (),
    Reason.OPPOSITION: (Kind.DISMISS,),
    Reason.OPPOSITION_ACCESS: (),
    Reason.OPPOSITION_TRANSMISSION: (),
    Reason.CONTRADICTORY: (Kind.SETTLE,),
    Reason.DOUBTED: (Kind.SETTLE,),
    Reason.EVIDENCE_UNCHECKED: (Kind.CHECK,),
}
"""Reasons that an authorization does not answer, and what does."""


def may_decide(outcome: str, custody: str | None, *, named: bool, reason: str | None = None) -> tuple[Kind, ...]:
    """What a person may decide of a document as it stands; `named`: it says whose it is.

    With the reason for which it waits, what leads somewhere: an authorization opens for no deceased patient, and no
    opposition, contradiction or doubt ends by one. A closed document may get one: it goes on where the client releases
    it, or the paper is scanned again.
    """
    if outcome not in ("refused", "held") or custody not in (CustodyClass.CURABLE, CustodyClass.CLOSED):
        return ()
    found = [Kind.MAINTAIN]
    if named and outcome == "refused":
        found += _ELSEWHERE.get(reason or "", (Kind.AUTHORIZE,))
    if custody == CustodyClass.CURABLE:
        found.append(Kind.CORRECT_IDENTITY)
    return tuple(found)


def roles_for(decision: Decision) -> frozenset[Role]:
    return ROLES[kind_of(decision)]


def second_roles_for(decision: Decision) -> frozenset[Role]:
    """Who may say the same as a first person: of what the controller alone decides, a reviewer too."""
    return DECIDING if kind_of(decision) in BY_TWO else roles_for(decision)


def authorization(
    on: date,
    evidence: Evidence,
    *,
    until: date | None = None,
    doc_types: Iterable[str] = (),
    purposes: Iterable[str] = (),
    given_by: Giver = Giver.PATIENT,
    authority_until: date | None = None,
) -> Statement:
    """The permission that a reviewer supplies; no type and no purpose named: all of them.

    Raises `StationFault("authorization-unfit", field=...)`.
    """
    flaws = (
        ("until", until is not None and until < on),
        ("authority-until", authority_until is not None and (given_by is not Giver.GUARDIAN or authority_until < on)),
        ("evidence", not evidence.holds or evidence.kind is EvidenceKind.CONTROLLER_DECISION),
    )
    for name, wrong in flaws:
        if wrong:
            raise StationFault("authorization-unfit", field=name)
    types = frozenset(DocType(one) for one in doc_types)
    return Statement(
        kind=FactKind.GRANTED,
        on=on,
        until=until,
        doc_types=types or None,
        purposes=frozenset(purposes) or None,
        evidence=evidence,
        given_by=given_by,
        authority_until=authority_until,
    )


def dismissal(on: date, reference: str, sha256: str | None = None) -> Statement:
    """The controller's decision in writing not to uphold an opposition to hosting, as the fact that it becomes.

    Raises `StationFault("review-evidence-missing")` without a reference to that decision.
    """
    if not reference.strip():
        raise StationFault("review-evidence-missing")
    evidence = Evidence(reference, kind=EvidenceKind.CONTROLLER_DECISION, on=on, sha256=sha256)
    return Statement(kind=FactKind.OPPOSITION_LIFTED, on=on, evidence=evidence, opposition=Opposition.HOSTING)


def is_dismissed_by(facts: Sequence[Fact], said: Statement, today: date) -> bool:
    """Whether an opposition to hosting stands, and the decision is of a later day than it, and of no day to come."""
    lifted = max((fact.on for fact in _hosting(facts, FactKind.OPPOSITION_LIFTED)), default=date.min)
    opposed = max((fact.on for fact in _hosting(facts, FactKind.OPPOSED)), default=None)
    return opposed is not None and lifted <= opposed < said.on <= today


def _hosting(facts: Iterable[Fact], kind: FactKind) -> list[Fact]:
    several = (fact for fact in facts if fact.kind is kind)
    return [fact for fact in several if (fact.opposition or Opposition.HOSTING) is Opposition.HOSTING]


def contradictions(facts: Iterable[Fact]) -> tuple[frozenset[str], ...]:
    """The references of facts of one day that contradict each other, a set a contradiction; of facts that stand."""
    by_day: dict[tuple[date, Opposition | None], list[Fact]] = {}
    for fact in facts:
        side = _side(fact)
        if side is not None:
            by_day.setdefault((fact.on, side[0]), []).append(fact)
    return tuple(
        frozenset(fact.reference for fact in several)
        for _, several in sorted(by_day.items(), key=lambda one: (one[0][0], str(one[0][1])))
        if len({_side(fact) for fact in several}) > 1
    )


def settled_by(facts: Sequence[Fact], retract: Collection[str]) -> bool:
    """Whether retracting these, and each of them stands in a contradiction, leaves one side of it, and one alone."""
    found = contradictions(facts)
    touched = [several for several in found if several & set(retract)]
    if not retract or not set(retract) <= frozenset[str]().union(*touched):
        return False
    left = [fact for fact in facts if fact.reference not in retract]
    still = contradictions(left)
    return all(several - set(retract) for several in touched) and not any(
        several & one for several in touched for one in still
    )


_MISTAKES: Final = (SettleReason.RECORDED_BY_MISTAKE, SettleReason.WRONG_PATIENT, SettleReason.WRONG_DAY)
_STAY: Final = frozenset({FactKind.RETRACTED, FactKind.DOUBTED, FactKind.CHECKED, FactKind.CHECK_FAILED})
"""What another fact answers: a doubt is lifted, evidence is checked anew."""


def taken_back(facts: Iterable[Fact], settle: Settle) -> tuple[Fact, ...]:
    """The facts that are retracted because they should never have been recorded (GDPR, articles 5(1)(d) and 16).

    Empty where one of them does not stand, is not of a kind that a person takes back, or the reason is another.
    """
    found = tuple(fact for fact in facts if fact.reference in settle.retract)
    whole = {fact.reference for fact in found} == set(settle.retract)
    fit = settle.reason in _MISTAKES and not any(fact.kind in _STAY for fact in found)
    return found if whole and fit else ()


def may_open(facts: Iterable[Fact]) -> bool:
    """Whether without these facts something may be open that is closed."""
    return any(map(restricts, facts))


def is_doubtful(facts: Iterable[Fact]) -> bool:
    """Whether a line of the register that could not be used stands in the way."""
    return is_open((fact.kind, fact.recorded_at) for fact in facts)


def is_checkable(fact: Fact) -> bool:
    """Whether there is evidence to look at: of an authorization, or of an opposition's lifting."""
    return (
        fact.kind in (FactKind.GRANTED, FactKind.OPPOSITION_LIFTED)
        and fact.evidence is not None
        and fact.evidence.holds
    )


def _side(fact: Fact) -> tuple[Opposition | None, bool] | None:
    """What a fact speaks of (None: the authorization), and whether it allows; None where it does neither."""
    match fact.kind:
        case FactKind.GRANTED:
            return None, True
        case FactKind.REFUSED | FactKind.WITHDRAWN:
            return None, False
        case FactKind.OPPOSITION_LIFTED:
            return fact.opposition or Opposition.HOSTING, True
        case FactKind.OPPOSED:
            return fact.opposition or Opposition.HOSTING, False
        case _:
            return None
