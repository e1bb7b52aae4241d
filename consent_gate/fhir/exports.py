"""The register as a FHIR R4 Bundle (HL7 FHIR 4.0.1): a Patient, and a Consent a fact.

An opposition is `active` with a provision that denies. A permission is `active` only where the gate opens by it, for
all that it names: a reader that looks for active permissions, and for nothing else, finds none too many. Its period
ends with the authority of whoever gave it.
"""

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from consent_gate.exports import Form, Known
from consent_gate.fhir.evidence import SHA256_EXTENSION
from consent_gate.fhir.names import ACT_CODES, CATEGORIES, CONSENT_SCOPES, DOC_TYPES, LOINC, PURPOSES, FhirNames
from consent_gate.fhir.people import ROLES
from consent_gate.gate import Policy, decide, majority
from consent_gate.model import (
    Clearance,
    DocType,
    DocumentId,
    Evidence,
    Fact,
    FactKind,
    Giver,
    KnownPatient,
    Moment,
    Opposition,
    Patient,
)
from consent_gate.standing import as_read, rejected

Json = dict[str, Any]

_SPACE: Final = uuid.UUID("5d0a1c1e-4b5e-4c0e-9a55-6f1b1f0c3a05")
_INS: Final = "urn:oid:1.2.250.1.213.1.4.8"
_SEXES: Final = {"M": "male", "F": "female", "I": "other"}
_NOBODY: Final = DocumentId("0" * 26)
_RELATED: Final = {Giver.PARENTAL_AUTHORITY: "PRN", Giver.GUARDIAN: "GUARD"}


@dataclass(frozen=True, slots=True)
class Asking:
    """What the gate is asked by, of each permission."""

    moment: Moment
    policy: Policy
    register_at: datetime | None

    def opens(self, known: Known, grant: Fact) -> bool:
        """Whether the gate opens by this authorization, and no other, for every type and purpose that it names."""
        if grant.reference in rejected(known.history):
            return False
        facts = tuple(
            fact
            for fact in as_read(known.history)
            if fact.kind is not FactKind.GRANTED or fact.reference == grant.reference
        )
        born = known.patient.birth_date
        reading = KnownPatient(facts, self.register_at, born, known.others, crowded=known.crowded)
        types: list[DocType | None] = [None] if grant.doc_types is None else [*grant.doc_types]
        purposes = [self.policy.purpose] if grant.purposes is None else [*grant.purposes]
        policies = [replace(self.policy, purpose=purpose) for purpose in purposes]
        return all(
            isinstance(decide(_NOBODY, known.patient.ref, one, reading, self.moment, policy), Clearance)
            for one in types
            for policy in policies
        )


def fhir_form(names: FhirNames, at: datetime, asking: Asking) -> Form:
    """A Bundle of type `collection`, UTF-8, a line a resource. `at` is now (UTC).

    Patients' references are under `FhirNames.patient_system`.
    """
    bundle: Json = {"resourceType": "Bundle", "type": "collection", "timestamp": at.isoformat(timespec="seconds")}

    def of(known: Known) -> bytes:
        return b",\n".join(json.dumps(one, ensure_ascii=False).encode() for one in _entries(known, names, asking))

    head = json.dumps(bundle).removesuffix("}").encode()
    return Form(head, of, first=b', "entry": [\n', between=b",\n", last=b"\n]", tail=b"}\n")


def _entries(known: Known, names: FhirNames, asking: Asking) -> Iterator[Json]:
    url = _url("patient", known.patient.ref)
    facts = known.told
    yield {"fullUrl": url, "resource": _patient(known.patient, facts, names)}
    for fact in facts:
        if fact.kind is FactKind.DECEASED:
            continue
        if fact.given_by in _RELATED:
            yield {"fullUrl": _url("related", fact.reference), "resource": _related(fact, url)}
        until = _until(fact, known.patient)
        consent = _consent(replace(fact, until=until), url, _outcome(fact, known, facts, asking))
        yield {"fullUrl": _url("consent", fact.reference), "resource": consent}


def _url(kind: str, name: str) -> str:
    return f"urn:uuid:{uuid.uuid5(_SPACE, f'{kind}/{name}')}"


def _patient(patient: Patient, facts: Sequence[Fact], names: FhirNames) -> Json:
    identifiers = [{"system": names.patient_system, "value": patient.ref}]
    if patient.ins:
        identifiers.append({"system": _INS, "value": patient.ins})
    name = {"use": "official", "family": patient.birth_name, "given": list(patient.given_names)}
    usual = [{"use": "usual", "family": patient.usage_name}] if patient.usage_name else []
    deaths = sorted(fact.on for fact in facts if fact.kind is FactKind.DECEASED)
    return {
        "resourceType": "Patient",
        "identifier": identifiers,
        "name": [name, *usual],
        "birthDate": patient.birth_date.isoformat(),
        **({"gender": _SEXES[patient.sex]} if patient.sex in _SEXES else {}),
        **({"deceasedDateTime": deaths[0].isoformat()} if deaths else {}),
    }


def _related(fact: Fact, patient: str) -> Json:
    role = _RELATED[fact.given_by or Giver.GUARDIAN]
    period = {"period": {"end": fact.authority_until.isoformat()}} if fact.authority_until else {}
    return {
        "resourceType": "RelatedPerson",
        "patient": {"reference": patient},
        "relationship": [_concept(ROLES, role)],
        **period,
    }


def _until(fact: Fact, patient: Patient) -> date | None:
    """The last day of a permission: its own, its guardian's, or the one before the 18th birthday, for parents."""
    parents = fact.kind is FactKind.GRANTED and fact.given_by is Giver.PARENTAL_AUTHORITY
    of_age = majority(patient.birth_date) - timedelta(days=1) if parents else None
    return min((day for day in (fact.until, fact.authority_until, of_age) if day is not None), default=None)


def _consent(fact: Fact, patient: str, outcome: str) -> Json:
    permits = fact.kind in (FactKind.GRANTED, FactKind.NOTICE, FactKind.OPPOSITION_LIFTED)
    consent: Json = {
        "resourceType": "Consent",
        "id": fact.reference,
        "status": outcome,
        "scope": _concept(CONSENT_SCOPES, "patient-privacy"),
        "category": [_concept(LOINC, "59284-0"), _concept(CATEGORIES, _category(fact))],
        "patient": {"reference": patient},
        "dateTime": fact.on.isoformat(),
        "policyRule": _concept(ACT_CODES, "OPTIN" if permits else "OPTOUT"),
    }
    if fact.version:
        consent["policy"] = [{"uri": fact.version}]
    if fact.given_by is not None:
        related = _url("related", fact.reference) if fact.given_by in _RELATED else patient
        consent["performer"] = [{"reference": related}]
    if fact.evidence is not None and (fact.evidence.reference or fact.evidence.sha256):
        consent["sourceAttachment"] = _attachment(fact.evidence)
    if fact.kind is not FactKind.NOTICE:
        consent["provision"] = _provision(fact, permits=permits)
    return consent


def _outcome(fact: Fact, known: Known, facts: Sequence[Fact], asking: Asking) -> str:
    """Whether a reader may go by it today."""
    match fact.kind:
        case FactKind.REFUSED:
            return "rejected"
        case FactKind.WITHDRAWN | FactKind.OPPOSITION_LIFTED:
            return "inactive"
        case FactKind.GRANTED:
            return "active" if asking.opens(known, fact) else "inactive"
        case FactKind.OPPOSED:
            return "inactive" if _is_lifted(fact, facts, asking.moment.day) else "active"
        case _:
            return "active"


def _is_lifted(fact: Fact, facts: Sequence[Fact], today: date) -> bool:
    """By a fact of a later day that lifts the same opposition."""
    liftings = (other for other in facts if other.kind is FactKind.OPPOSITION_LIFTED)
    return any(other.opposition == fact.opposition and fact.on < other.on <= today for other in liftings)


def _category(fact: Fact) -> str:
    which = fact.opposition or Opposition.HOSTING
    match fact.kind:
        case FactKind.WITHDRAWN:
            return "withdrawal"
        case FactKind.NOTICE:
            return "notice"
        case FactKind.OPPOSED:
            return f"opposition-{which}"
        case FactKind.OPPOSITION_LIFTED:
            return f"opposition-{which}-lifted"
        case _:
            return "authorization"


def _provision(fact: Fact, *, permits: bool) -> Json:
    until = {"end": fact.until.isoformat()} if fact.until else {}
    limits: Json = {}
    if fact.doc_types is not None:
        limits["class"] = [{"system": DOC_TYPES, "code": one} for one in sorted(fact.doc_types)]
    if fact.purposes is not None:
        limits["purpose"] = [{"system": PURPOSES, "code": one} for one in sorted(fact.purposes)]
    period = {"start": fact.on.isoformat(), **until}
    return {"type": "permit" if permits else "deny", "period": period, **limits}


def _attachment(evidence: Evidence) -> Json:
    found: Json = {"title": evidence.reference} if evidence.reference else {}
    if evidence.sha256:
        found["extension"] = [{"url": SHA256_EXTENSION, "valueString": evidence.sha256}]
    if evidence.on:
        found["creation"] = evidence.on.isoformat()
    return found


def _concept(system: str, code: str) -> Mapping[str, Any]:
    return {"coding": [{"system": system, "code": code}]}
