"""What a second person is told of a decision before saying the same: what was decided, of whom, on what evidence."""

from collections.abc import Collection
from typing import Any

from sqlmodel import Session

from consent_gate.model import Fact, PatientRef, Statement
from consent_gate.review import Authorize, Check, CorrectIdentity, Decision, Detach, Dismiss, Maintain, Settle
from consent_gate.standing import standing
from pipeline.forms.standings import is_reading, of_return
from pipeline.office.answers import Answer
from pipeline.office.decisions import masked, read_decision
from pipeline.office.people import Authenticated, Presented, act_of, authenticate
from pipeline.office.reviews import get_waiting, roles_of
from pipeline.office.showing import evidence_answer, facts_answer
from pipeline.station import Station
from storage.custody import Draft, EntryType
from storage.facts import patient_of
from storage.forms import Forms
from storage.reviews import Waiting

DECISION_SHOWN = "decision-shown"
"""Outcome of the `consultation` of a decision that waits for a second person."""


def show(station: Station, review: str, by: Presented) -> Answer:
    """A decision that waits, whole, to whoever may confirm it; a consultation.

    Raises `StationFault("review-not-waiting")`, or what `authenticate` raises.
    """
    waiting = get_waiting(station, review)
    act = act_of(station, "show", f"review:{waiting.id}", {"act": waiting.act})
    who = authenticate(station, by, act, roles_of(waiting))
    _record(station, waiting, who)
    return told(station, waiting)


def told(station: Station, waiting: Waiting) -> Answer:
    """What the first person decided. `decision` is its kind, or `reading` (of a form that came back).

    Always there: `review`, `decision`, `person`, `at`, `document`, `patient`. As the decision has it: `reason`, `said`
    (an authorization: `on`, `until`, `doc_types`, `purposes`, `given_by`, `authority_until`, `evidence`), `was`,
    `doc_type`, `candidate` (masked traits of the new patient), `evidence`, `passed`, `lifts`, `facts` (those that it is
    about), `form`, `outcome`.
    """
    with station.database.read() as session:
        found = _reading(station, session, waiting) if is_reading(waiting) else _decided(station, session, waiting)
    about: dict[str, Any] = {"document": None, "patient": None}
    return {"review": waiting.id, "person": waiting.person, "at": waiting.at.isoformat(), **about, **found}


def _decided(station: Station, session: Session, waiting: Waiting) -> Answer:
    decision = read_decision(waiting.content)
    return {"decision": waiting.kind, **_of_document(station, session, decision), **_said(station, session, decision)}


def _of_document(station: Station, session: Session, decision: Decision) -> Answer:
    if not isinstance(decision, Maintain | Authorize | CorrectIdentity):
        return {}
    stored = station.documents.document(session, decision.document)
    claim = stored.claim if stored else None
    return {"document": decision.document, "patient": claim.patient if claim else None}


def _said(station: Station, session: Session, decision: Decision) -> Answer:
    """Whatever the kind has of its own; the new patient in the place of the one of before, who is `was`."""
    match decision:
        case Maintain(reason=reason):
            return {"reason": reason.value}
        case Authorize(said=said):
            return {"said": _statement(said)}
        case CorrectIdentity():
            return {
                "was": _of_document(station, session, decision)["patient"],
                "patient": decision.patient,
                **_candidate(station, session, decision.patient),
                "doc_type": decision.doc_type,
                "evidence": decision.evidence,
            }
        case Check(fact, passed):
            patient = patient_of(station.roster, session, fact)
            return {"patient": patient, "passed": passed, "facts": _facts(station, session, patient, {fact})}
        case Settle(patient, retract, reason):
            facts = _facts(station, session, patient, set(retract))
            return {"patient": patient, "reason": reason.value, "lifts": not retract, "facts": facts}
        case Dismiss() | Detach():
            dismissed = {"said": _statement(decision.said)} if isinstance(decision, Dismiss) else {}
            more = dismissed or _candidate(station, session, decision.patient)
            return {"patient": decision.patient, "reason": decision.reason.value, **more}


def _candidate(station: Station, session: Session, patient: PatientRef) -> Answer:
    found = station.roster.find(patient, session)
    return {"candidate": masked(found) if found else None}


def _reading(station: Station, session: Session, waiting: Waiting) -> Answer:
    returned = Forms(station.columns).returned(session, of_return(waiting))
    form = Forms(station.columns).find(session, returned.form) if returned and returned.form else None
    content = waiting.content
    said = {"on": content["on"], "until": content["until"], "doc_types": content["doc_types"], "purposes": None}
    said |= {"given_by": content["given_by"], "authority_until": content["authority_until"], "evidence": None}
    return {
        "decision": "reading",
        "form": of_return(waiting),
        "patient": form.patient if form else None,
        "outcome": content["outcome"],
        "said": said,
    }


def _statement(said: Statement) -> Answer:
    return {
        "on": said.on.isoformat(),
        "until": said.until.isoformat() if said.until else None,
        "doc_types": sorted(said.doc_types) if said.doc_types is not None else None,
        "purposes": sorted(said.purposes) if said.purposes is not None else None,
        "given_by": said.given_by.value if said.given_by else None,
        "authority_until": said.authority_until.isoformat() if said.authority_until else None,
        "evidence": evidence_answer(said.evidence) if said.evidence else None,
    }


def _facts(station: Station, session: Session, patient: PatientRef | None, references: Collection[str]) -> list[Answer]:
    history: tuple[Fact, ...] = tuple(station.register.history(session, patient)) if patient else ()
    return facts_answer([fact for fact in history if fact.reference in references], standing(history))


def _record(station: Station, waiting: Waiting, who: Authenticated) -> None:
    """Before anything is shown."""
    kind, _, identifier = waiting.object.partition(":")
    draft = Draft(
        EntryType.CONSULTATION,
        f"review:{waiting.id}",
        DECISION_SHOWN,
        within={kind: identifier} if kind == "document" else {},
        subject=identifier if kind == "patient" else None,
        hashes_in=(waiting.act,),
        parent=who.entry,
        person=who.id,
    )
    with station.database.write("review.show-decision") as session:
        station.ledger.append(session, draft, at=station.clock.now())
