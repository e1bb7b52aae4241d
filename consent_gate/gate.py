"""The gate: a pure, total decision over dated facts and a moment. Whatever is not plainly open is closed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, assert_never

from consent_gate.doubts import is_open
from consent_gate.model import (
    Clearance,
    Decision,
    DocType,
    DocumentId,
    Fact,
    FactKind,
    Judged,
    KnownPatient,
    Moment,
    PatientRef,
    Reason,
    Refused,
    RegisterReading,
    UnknownPatient,
    UnreadableRegister,
    _bind,
)

RULE: Final = "gate-1"
"""Version of the rule below; in every decision's digest. Raise it whenever an answer could change."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What the contract asks beyond a recorded authorization."""

    notice_required: bool = False
    evidence_required: bool = False
    maximum_age: timedelta | None = None
    """Age beyond which the register is stale; None: it never is."""


def decide(
    document: DocumentId,
    patient: PatientRef,
    doc_type: DocType | None,
    reading: RegisterReading,
    moment: Moment,
    policy: Policy,
) -> Decision:
    """Answer for one document of one patient at one moment. Never raises; each way to be closed has its own name."""
    facts = reading.facts if isinstance(reading, KnownPatient) else ()
    judged = Judged(
        document=document,
        patient=patient,
        doc_type=doc_type,
        facts=tuple(sorted(fact.reference for fact in facts)),
        at=moment.at,
        day=moment.day,
        rule=RULE,
    )
    obstacle = _obstacle(doc_type, reading, moment, policy)
    if obstacle is not None:
        return Refused(judged, obstacle)
    return Clearance(judged, _bind(judged))


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
    if _stale(known, moment, policy):
        return Reason.REGISTER_STALE
    in_force = [fact for fact in known.facts if fact.on <= moment.day]
    return (
        _opposition(in_force)
        or _doubt(known.facts)
        or _authorization(known.facts, doc_type, moment.day)
        or _conditions(in_force, policy)
    )


def _stale(known: KnownPatient, moment: Moment, policy: Policy) -> bool:
    if policy.maximum_age is None:
        return False
    return known.register_at is None or moment.at - known.register_at > policy.maximum_age


def _opposition(in_force: Iterable[Fact]) -> Reason | None:
    """An opposition stands until a fact of a later day lifts it; both on one day contradict each other."""
    opposed = _days(in_force, FactKind.OPPOSED)
    lifted = _days(in_force, FactKind.OPPOSITION_LIFTED)
    if not opposed:
        return None
    last = max(opposed)
    if last in lifted:
        return Reason.CONTRADICTORY
    return None if lifted and max(lifted) > last else Reason.OPPOSITION


def _doubt(facts: Iterable[Fact]) -> Reason | None:
    """A line that may have restricted could not be used: it holds from its import on, whatever day is judged."""
    said = [(fact.kind, fact.recorded_at) for fact in facts]
    return Reason.CONTRADICTORY if is_open(said) else None


def _authorization(facts: Iterable[Fact], doc_type: DocType | None, day: date) -> Reason | None:
    """The latest day on which the patient said something decides; what was said that day must not contradict itself."""
    said = [f for f in facts if f.kind in (FactKind.GRANTED, FactKind.REFUSED, FactKind.WITHDRAWN)]
    in_force = [f for f in said if f.on <= day]
    if not in_force:
        return Reason.NOT_YET_IN_FORCE if _days(said, FactKind.GRANTED) else Reason.NO_AUTHORIZATION
    latest_day = max(f.on for f in in_force)
    latest = [f for f in in_force if f.on == latest_day]
    kinds = {f.kind for f in latest}
    if FactKind.GRANTED in kinds and len(kinds) > 1:
        return Reason.CONTRADICTORY
    if FactKind.REFUSED in kinds:
        return Reason.REFUSED
    if FactKind.WITHDRAWN in kinds:
        return Reason.WITHDRAWN
    return _grant(latest, doc_type, day)


def _grant(grants: Iterable[Fact], doc_type: DocType | None, day: date) -> Reason | None:
    alive = [g for g in grants if g.until is None or day <= g.until]
    if not alive:
        return Reason.EXPIRED
    if any(g.doc_types is None for g in alive):
        return None
    if doc_type is None:
        return Reason.TYPE_NEEDED
    return None if any(doc_type in (g.doc_types or ()) for g in alive) else Reason.OUT_OF_SCOPE


def _conditions(in_force: Iterable[Fact], policy: Policy) -> Reason | None:
    if policy.notice_required and not _days(in_force, FactKind.NOTICE):
        return Reason.INFORMATION_MISSING
    if policy.evidence_required and not _evidenced(in_force):
        return Reason.EVIDENCE_MISSING
    return None


def _evidenced(in_force: Iterable[Fact]) -> bool:
    grants = [f for f in in_force if f.kind is FactKind.GRANTED]
    latest = max((f.on for f in grants), default=None)
    return latest is not None and all(f.evidence for f in grants if f.on == latest)


def _days(facts: Iterable[Fact], kind: FactKind) -> set[date]:
    return {f.on for f in facts if f.kind is kind}
