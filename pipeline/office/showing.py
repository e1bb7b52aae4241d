"""What a reviewer is shown before a decision: what waits and what may be decided; of one document, reason, facts and
what was read to identify. Showing one document is a consultation, by a person who was authenticated.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlmodel import Session

from consent_gate.model import CustodyClass, DocumentId, Evidence, Fact, FactKind, PatientRef
from consent_gate.people import DECIDING
from consent_gate.review import Kind, contradictions, is_checkable, is_doubtful, may_decide
from consent_gate.standing import noes, standing
from lexicon.faults import StationFault
from pipeline.entries import about
from pipeline.model import HeldReason
from pipeline.office import answers, review_record
from pipeline.office.answers import Answer
from pipeline.office.decisions import masked
from pipeline.office.due import openable
from pipeline.office.people import Authenticated, Presented, act_of, authenticate
from pipeline.office.rejudging import waiting_for_release
from pipeline.station import Station
from storage.claims import PERSON, SEPARATOR, of_pages
from storage.custody import EntryType
from storage.review_records import ReviewRecord
from storage.reviews import Reviews
from storage.stored import StoredDocument
from storage.times import read_time

SHOWN = "review-shown"
"""Outcome of the `consultation` of a document that waits for a decision."""
_FORM: Final = HeldReason.FORM_AMONG_RECORDS.value
"""Of a document that becomes nobody's record: its paper is scanned anew."""


def waiting(station: Station) -> list[Answer]:
    """What is not deposited and why (`answers.waiting`), each with what may be decided (`may`), the days until what is
    curable closes (`days_left`), the decision that waits for a second person (`second`), and whether it waits for a
    person to confirm how many go on (`releasable`), or for the client's key, the gate being open now (`openable`)."""
    with station.database.read() as session:
        second = {one.object: one.id for one in Reviews(station.columns).all_waiting(session)}
        opens = frozenset(openable(station, session))
    releasable = frozenset(waiting_for_release(station))
    now = station.clock.now()
    return [
        {
            **answer,
            "may": _may(answer),
            "days_left": _days_left(station, answer["custody"], answer["settled_at"], now),
            "second": second.get(f"document:{answer['document']}"),
            "releasable": answer["document"] in releasable,
            "openable": answer["document"] in opens,
        }
        for answer in answers.waiting(station)
    ]


def show(station: Station, document: str, by: Presented, strip: Path | None = None) -> Answer:
    """One document that waits for a decision; `strip` is where the masked strip of its identity zone is written (PNG).

    Raises `StationFault` `document-unknown`, `document-not-kept`, `review-record-missing` and `target-exists` (where
    `strip` is given), or what `authenticate` raises.
    """
    stored = _kept(station, document)
    who = authenticate(station, by, act_of(station, "show", f"document:{stored.id}", {"strip": bool(strip)}), DECIDING)
    _record(station, stored, who)
    record = _review_record(station, stored.id, strip)
    now = station.clock.now()
    with station.database.read() as session:
        answer = answers.document(station, stored.id)
        facts = _facts(station, session, stored)
        second = {one.object: one.id for one in Reviews(station.columns).all_waiting(session)}
    return {
        **answer,
        "may": _may(answer),
        "days_left": _days_left(station, stored.custody, stored.settled_at, now),
        "second": second.get(f"document:{stored.id}"),
        **facts,
        "identity": None if record is None else _identity(record, strip, _named(station, stored)),
    }


def _kept(station: Station, document: str) -> StoredDocument:
    with station.database.read() as session:
        stored = station.documents.document(session, document)
    if stored is None:
        raise StationFault("document-unknown")
    if stored.state not in ("refused", "held", "set-aside"):
        raise StationFault("document-not-kept", document=document)
    return stored


def _record(station: Station, stored: StoredDocument, who: Authenticated) -> None:
    """Before anything is shown."""
    now = station.clock.now()
    with station.database.write("review.show") as session:
        draft = about(stored, EntryType.CONSULTATION, SHOWN, person=who.id, parent=who.entry)
        station.ledger.append(session, draft, at=now)


def _review_record(station: Station, document: DocumentId, strip: Path | None) -> ReviewRecord | None:
    """None where there is none, unless its strip is asked for."""
    if strip is not None:
        return review_record.export(station, document, strip)
    try:
        return review_record.read(station, document)
    except StationFault as fault:
        if fault.code != "review-record-missing":
            raise
    return None


def _named(station: Station, stored: StoredDocument) -> Answer | None:
    """The other side of a conflict: whom a sheet, a person or other pages name, as far as the roster knows them."""
    if stored.claim is None:
        return None
    patient = station.roster_index().patient(stored.claim.patient)
    by = PERSON if PERSON in stored.sources else "pages" if of_pages(stored.sources) else SEPARATOR
    return {"by": by, "patient": stored.claim.patient, "traits": masked(patient) if patient else None}


def _identity(record: ReviewRecord, strip: Path | None, named: Answer | None) -> Answer:
    return {
        "named": named,
        "read": [{"trait": one.kind, "standing": one.standing, "value": one.value} for one in record.traits],
        "unread": list(record.unread),
        "strip": None if strip is None else str(strip),
    }


def _facts(station: Station, session: Session, stored: StoredDocument) -> Answer:
    if stored.claim is None:
        return {"facts": [], "contradictions": [], "doubtful": False, "same_person": []}
    return _told(station, session, stored.claim.patient)


def _told(station: Station, session: Session, patient: PatientRef) -> Answer:
    """Everything that was ever recorded of a patient, and what of it contradicts itself or is doubtful.

    Evidence is shown by kind, day and digest. Raises `TamperFault("register-forged")`.
    """
    history = station.register.history(session, patient)
    stands = standing(history)
    return {
        "facts": facts_answer(history, stands),
        "contradictions": [sorted(several) for several in contradictions(stands)],
        "doubtful": is_doubtful(stands),
        "same_person": _same_person(station, session, patient),
    }


def _same_person(station: Station, session: Session, patient: PatientRef) -> list[Answer]:
    """What says no of the patient under other references with the same INS."""
    found = station.roster.find(patient, session)
    of_each = station.register.same_person(session, found) if found is not None else {}
    refs = station.roster.refs_of(session, of_each)
    told = ((refs[index], noes(history)) for index, history in of_each.items())
    return [{"patient": ref, "facts": facts_answer(facts, facts)} for ref, facts in sorted(told)]


def facts_answer(facts: Iterable[Fact], stands: Collection[Fact]) -> list[Answer]:
    """These facts, with what the checks among those that stand say of them."""
    references = {fact.reference for fact in stands}
    checks = {fact.about: fact.kind.value for fact in stands if fact.kind in (FactKind.CHECKED, FactKind.CHECK_FAILED)}
    return [fact_answer(fact, checks, stands=fact.reference in references) for fact in facts]


def fact_answer(fact: Fact, checks: Mapping[str | None, str], *, stands: bool) -> Answer:
    evidence = fact.evidence
    told: dict[str, Any] = {
        "fact": fact.reference,
        "kind": fact.kind.value,
        "on": fact.on.isoformat(),
        "until": fact.until.isoformat() if fact.until else None,
        "doc_types": sorted(fact.doc_types) if fact.doc_types is not None else None,
        "purposes": sorted(fact.purposes) if fact.purposes is not None else None,
        "opposition": fact.opposition.value if fact.opposition else None,
        "given_by": fact.given_by.value if fact.given_by else None,
        "about": fact.about,
        "stands": stands,
        "recorded_at": fact.recorded_at.isoformat(),
        "recorded_by": fact.recorded_by,
        "check": checks.get(fact.reference, "not-checked") if is_checkable(fact) else None,
    }
    if evidence is not None:
        told["evidence"] = evidence_answer(evidence)
    return told


def evidence_answer(evidence: Evidence) -> Answer:
    """By kind, day and digest; of a witness, that there is one."""
    return {
        "kind": evidence.kind.value,
        "on": evidence.on.isoformat() if evidence.on else None,
        "sha256": evidence.sha256,
        "envelope": evidence.envelope,
        "reference": evidence.reference,
        "witness": bool(evidence.witness),
    }


def _may(answer: Answer) -> list[str]:
    if answer["document"] is None:
        return []
    named = answer["patient"] is not None
    kinds = may_decide(answer["outcome"], answer["custody"], named=named, reason=answer["reason"])
    return [kind.value for kind in kinds if kind is not Kind.CORRECT_IDENTITY or answer["reason"] != _FORM]


def _days_left(station: Station, custody: str | None, settled_at: str | None, now: datetime) -> int | None:
    """Whole days until the station's key is destroyed; None where it has none (any more)."""
    if custody != CustodyClass.CURABLE or settled_at is None:
        return None
    ends = read_time(settled_at) + timedelta(days=station.config.quarantine.max_days)
    return max(0, (ends - now).days)
