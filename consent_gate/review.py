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
    Fact,
    FactKind,
    Giver,
    Opposition,
    PatientRef,
    Statement,
)
from consent_gate.people import DECIDING, REVIEWING, Role
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
    """What contradicts itself, or is doubtful, is decided."""


ROLES: Final = {
    Kind.MAINTAIN: DECIDING,
    Kind.AUTHORIZE: DECIDING,
    Kind.CORRECT_IDENTITY: REVIEWING,
    Kind.CHECK: DECIDING,
    Kind.SETTLE: DECIDING,
}
"""Who may decide what."""


class MaintainReason(StrEnum):
    """Why a document is never digitized. The value is hashed into an entry: never rename one."""

    PATIENT_CONFIRMS = "patient-confirms"
    NO_ANSWER = "no-answer"
    NOT_DIGITIZED = "not-to-be-digitized"
    IDENTITY_UNSETTLED = "identity-unsettled"
    SCANNED_ANEW = "scanned-anew"


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


Decision = Maintain | Authorize | CorrectIdentity | Check | Settle


def kind_of(decision: Decision) -> Kind:
    match decision:
        case Maintain():
            return Kind.MAINTAIN
        case Authorize():
            return Kind.AUTHORIZE
        case CorrectIdentity():
            return Kind.CORRECT_IDENTITY
        case Check():
            return Kind.CHECK
        case Settle():
            return Kind.SETTLE


def may_decide(outcome: str, custody: str | None, *, named: bool) -> tuple[Kind, ...]:
    """What a person may decide of a document as it stands; `named`: it says whose it is.

    A closed document may get an authorization: it goes on where the client releases it, or the paper is scanned again.
    """
    if outcome not in ("refused", "held") or custody not in (CustodyClass.CURABLE, CustodyClass.CLOSED):
        return ()
    found = [Kind.MAINTAIN]
    if named and outcome == "refused":
        found.append(Kind.AUTHORIZE)
    if custody == CustodyClass.CURABLE:
        found.append(Kind.CORRECT_IDENTITY)
    return tuple(found)


def roles_for(decision: Decision) -> frozenset[Role]:
    return ROLES[kind_of(decision)]


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
        ("evidence", not evidence.holds),
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


def is_doubtful(facts: Iterable[Fact]) -> bool:
    """Whether a line of the register that could not be used stands in the way."""
    return is_open((fact.kind, fact.recorded_at) for fact in facts)


def is_checkable(fact: Fact) -> bool:
    """Whether there is evidence to look at: of an authorization, or of an opposition's lifting."""
    return fact.kind in (FactKind.GRANTED, FactKind.OPPOSITION_LIFTED) and fact.evidence is not None and fact.evidence.holds


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
