"""Decisions as a second person finds them again: what they are about, as JSON, and what they rest on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlmodel import Session

from consent_gate.doubts import open_doubts
from consent_gate.model import DocType, DocumentId, Fact, Patient, PatientRef, Statement
from consent_gate.people import CONTROLLING, Role
from consent_gate.review import (
    Authorize,
    Check,
    CorrectIdentity,
    Decision,
    Detach,
    DetachReason,
    Dismiss,
    DismissReason,
    Kind,
    Maintain,
    MaintainReason,
    Settle,
    SettleReason,
    is_checkable,
    is_dismissed_by,
    kind_of,
    may_decide,
    may_open,
    roles_for,
    settled_by,
    taken_back,
)
from lexicon.faults import StationFault
from pipeline.reopen import is_confirmable
from pipeline.station import Station
from storage.deletions import Deletions
from storage.facts import patient_of, recorded_at_station
from storage.said import else_said, read_statement, said_of
from storage.stored import Claim, StoredDocument

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Bound:
    """A decision with what it is about as it stands now; another state gives another `content`."""

    about: str
    """As the object of a custody entry."""
    content: Json = field(repr=False)
    patient: PatientRef | None = field(repr=False)
    document: StoredDocument | None = None
    claim: Claim | None = field(default=None, repr=False)
    """Of a corrected identity: the new one."""
    roles: frozenset[Role] = frozenset()
    """Who may decide it first."""
    by_two: bool = False
    """Whether it needs two people, whatever `review.four_eyes` names."""


def bind(station: Station, session: Session, decision: Decision) -> Bound:
    """What the decision is about. Raises `StationFault` where there is nothing of the kind to decide:

    `document-unknown`, `document-held`, `document-holds-form`, `review-not-possible`, `patient-not-on-roster`,
    `identity-unchanged`, `review-evidence-missing`, `fact-unknown`, `fact-not-checkable`, `nothing-to-settle`,
    `opposition-not-dismissible`, `patient-without-ins`.
    """
    bound = _bind(station, session, decision)
    return bound if bound.roles else replace(bound, roles=roles_for(decision))


def _bind(station: Station, session: Session, decision: Decision) -> Bound:
    match decision:
        case Maintain(document) | Authorize(document) | CorrectIdentity(document):
            return _of_document(station, session, decision, document)
        case Check(fact):
            patient = patient_of(station.roster, session, fact)
            facts = station.register.facts(session, patient) if patient else ()
            found = [one for one in facts if one.reference == fact]
            if patient is None or not found:
                raise StationFault("fact-unknown")
            if not any(map(is_checkable, found)):
                raise StationFault("fact-not-checkable")
            return Bound(f"fact:{fact}", _content(station, decision, {}), patient)
        case Settle():
            return _of_settled(station, session, decision)
        case Dismiss():
            return _of_dismissed(station, session, decision)
        case Detach():
            return _of_detached(station, session, decision)


def read_decision(content: Mapping[str, Any]) -> Decision:
    """The decision that `bind` put into `content`."""
    said = content["decision"]
    match Kind(said["kind"]):
        case Kind.MAINTAIN:
            return Maintain(DocumentId(said["document"]), MaintainReason(said["reason"]))
        case Kind.AUTHORIZE:
            return Authorize(DocumentId(said["document"]), read_statement(said["said"], said["else"], None))
        case Kind.CORRECT_IDENTITY:
            doc_type = DocType(said["doc_type"]) if said["doc_type"] else None
            return CorrectIdentity(
                DocumentId(said["document"]), PatientRef(said["patient"]), doc_type, said["evidence"]
            )
        case Kind.CHECK:
            return Check(said["fact"], said["passed"])
        case Kind.SETTLE:
            return Settle(PatientRef(said["patient"]), tuple(said["retract"]), SettleReason(said["reason"]))
        case Kind.DISMISS | Kind.DETACH as kind:
            return _read_of_controller(kind, said)


def _read_of_controller(kind: Kind, said: Mapping[str, Any]) -> Dismiss | Detach:
    patient = PatientRef(said["patient"])
    if kind is Kind.DETACH:
        return Detach(patient, DetachReason(said["reason"]))
    return Dismiss(patient, read_statement(said["said"], said["else"], None), DismissReason(said["reason"]))


def candidate(station: Station, patient: PatientRef) -> Json:
    """A patient of the roster, masked, to be shown before a document becomes theirs.

    Raises `StationFault("patient-not-on-roster")`.
    """
    found = station.roster.find(patient)
    if found is None:
        raise StationFault("patient-not-on-roster")
    return masked(found)


def masked(patient: Patient) -> Json:
    """Enough of a patient for somebody who knows whom to expect: initials, sex, year of birth, end of the number."""
    return {
        "birth_name": _initial(patient.birth_name),
        "given_names": " ".join(map(_initial, patient.given_names)),
        "usage_name": _initial(patient.usage_name) if patient.usage_name else None,
        "sex": patient.sex,
        "birth_year": patient.birth_date.year,
        "ins": f"•••{patient.ins[-3:]}" if patient.ins else None,
    }


def _of_document(station: Station, session: Session, decision: Decision, document: DocumentId) -> Bound:
    stored = station.documents.document(session, document)
    if stored is None:
        raise StationFault("document-unknown")
    if stored.form and isinstance(decision, CorrectIdentity):
        raise StationFault("document-holds-form", document=document)
    if kind_of(decision) not in may_decide(stored.state, stored.custody, named=stored.claim is not None):
        raise StationFault("review-not-possible", document=document)
    if isinstance(decision, Maintain) and Deletions(station.columns).held_among(session, [stored.id]):
        raise StationFault("document-held", document=document)
    patient, claim = stored.claim.patient if stored.claim else None, None
    if isinstance(decision, CorrectIdentity):
        claim = _corrected(station, session, stored, decision)
        patient = claim.patient
    if isinstance(decision, Authorize) and (patient is None or station.roster.find(patient, session) is None):
        raise StationFault("patient-not-on-roster")
    state = {
        "custody": stored.custody,
        "decision": stored.decision,
        "outcome": stored.state,
        "reason": stored.reason,
        "settled_at": stored.settled_at,
    }
    return Bound(f"document:{stored.id}", _content(station, decision, state), patient, stored, claim)


def _corrected(station: Station, session: Session, stored: StoredDocument, decision: CorrectIdentity) -> Claim:
    before = stored.claim
    if station.roster.find(decision.patient, session) is None:
        raise StationFault("patient-not-on-roster")
    if not decision.evidence.strip():
        raise StationFault("review-evidence-missing")
    doc_type = decision.doc_type or (before.doc_type if before else None)
    claim = Claim(decision.patient, doc_type, before.client_document if before else None)
    if claim == before and not is_confirmable(stored):
        raise StationFault("identity-unchanged")
    return claim


def _of_settled(station: Station, session: Session, decision: Settle) -> Bound:
    """One side of a contradiction, or a doubt; else what somebody recorded at the station by mistake.

    A doubt about a no that was taken back with its import is all that is left of that no: two people lift it.
    """
    facts, bound = _of_patient(station, session, decision)
    doubts = () if decision.retract else open_doubts(facts)
    if doubts or settled_by(facts, decision.retract):
        return replace(bound, by_two=any(doubt.about is not None for doubt in doubts))
    mistaken = taken_back(facts, decision) if decision.retract else ()
    if not mistaken or not recorded_at_station(session, decision.retract):
        raise StationFault("nothing-to-settle")
    return replace(bound, roles=CONTROLLING, by_two=may_open(mistaken))


def _of_dismissed(station: Station, session: Session, decision: Dismiss) -> Bound:
    facts, bound = _of_patient(station, session, decision)
    if not is_dismissed_by(facts, decision.said, station.clock.moment().day):
        raise StationFault("opposition-not-dismissible")
    return replace(bound, by_two=True)


def _of_detached(station: Station, session: Session, decision: Detach) -> Bound:
    """Bound to the INS, as a keyed digest."""
    found = station.roster.find(decision.patient, session)
    if found is None:
        raise StationFault("patient-not-on-roster")
    if found.ins is None:
        raise StationFault("patient-without-ins")
    content = _content(station, decision, {"ins": station.columns.ins_index(found.ins)})
    return Bound(f"patient:{station.keys.pseudonym(found.ref)}", content, found.ref, by_two=True)


def _of_patient(station: Station, session: Session, decision: Settle | Dismiss) -> tuple[Sequence[Fact], Bound]:
    """The facts that stand, and the decision bound to them."""
    patient = decision.patient
    if station.roster.find(patient, session) is None:
        raise StationFault("patient-not-on-roster")
    facts = station.register.facts(session, patient)
    state = {"facts": sorted({fact.reference for fact in facts})}
    return facts, Bound(f"patient:{station.keys.pseudonym(patient)}", _content(station, decision, state), patient)


def _content(station: Station, decision: Decision, state: Json) -> Json:
    return {"decision": _written(decision), "state": state, "station": station.id}


def _written(decision: Decision) -> Json:
    kind = {"kind": kind_of(decision).value}
    match decision:
        case Maintain(document, reason):
            return {**kind, "document": document, "reason": reason.value}
        case Authorize(document, said):
            return {**kind, "document": document, **_said(said)}
        case CorrectIdentity(document, patient, doc_type, evidence):
            claimed = {"patient": patient, "doc_type": doc_type, "evidence": evidence}
            return {**kind, "document": document, **claimed}
        case Check(fact, passed):
            return {**kind, "fact": fact, "passed": passed}
        case Settle(patient, retract, reason):
            return {**kind, "patient": patient, "retract": sorted(retract), "reason": reason.value}
        case Dismiss() | Detach():
            more = _said(decision.said) if isinstance(decision, Dismiss) else {}
            return {**kind, "patient": decision.patient, "reason": decision.reason.value, **more}


def _said(statement: Statement) -> Json:
    return {"said": said_of(statement), "else": else_said(statement)}


def _initial(name: str) -> str:
    return f"{name[:1]}•••"
