"""Whom a FHIR Consent is about and who gave it, by the Patient and RelatedPerson resources of the same file."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo

from consent_gate.cells import CellRefused
from consent_gate.doubts import Doubt
from consent_gate.fhir.days import day_of, last_day_of
from consent_gate.fhir.names import FhirNames
from consent_gate.model import Giver
from consent_gate.traits import is_matricule, key_is_right, matricule

Json = Mapping[str, Any]

INS_SYSTEMS: Final = frozenset(f"urn:oid:1.2.250.1.213.1.4.{arc}" for arc in (8, 9, 10, 11))
"""INS-NIR and INS-NIA, their test and demonstration numbers (ANS)."""

_BIRTH_NAMES: Final = ("official", "maiden")
"""`HumanName.use` of a birth name (FR Core: official)."""
ROLES: Final = "http://terminology.hl7.org/CodeSystem/v3-RoleCode"
_PARENTS: Final = frozenset({"PRN", "MTH", "FTH", "NMTH", "NFTH", "NPRN", "ADOPTP", "ADOPTM", "ADOPTF", "PRNFOST"})
_GUARDIANS: Final = frozenset({"GUARD", "GUADLTM", "POWATT", "HPOWATT"})


@dataclass(frozen=True, slots=True)
class Who:
    """Whom a resource names, as far as it can be read."""

    ref: str = ""
    refusal: CellRefused | None = None
    """Why nothing can be said of this patient."""
    birth_name: str = ""
    given_name: str = ""
    birth_date: date | None = None
    ins: str = ""
    refs: frozenset[str] = frozenset()
    """By what references call the patient."""

    @property
    def doubt(self) -> Doubt:
        return Doubt(self.ref, self.birth_name, self.birth_date)


@dataclass(frozen=True, slots=True)
class Person:
    """A Patient or a RelatedPerson of the file."""

    who: Who
    giver: Giver | None = None
    """Of a related person: in which right; None where it is not told."""
    until: date | None = None
    of: Json = field(default_factory=dict)
    """Of a related person: `patient`, as a Consent has it."""


def people_of(
    resources: Iterable[tuple[frozenset[str], str, Json]], names: FhirNames, zone: ZoneInfo
) -> Mapping[str, Person]:
    """Reference -> person. A reference that two resources bear gives nobody that can be used."""
    found: dict[str, Person] = {}
    for called, kind, body in resources:
        if kind not in ("Patient", "RelatedPerson"):
            continue
        person = _patient(body, called, names) if kind == "Patient" else _related(body, called, zone)
        for name in called:
            twice = Person(Who(refusal=CellRefused("fhir-patient-conflict", "reference")))
            found[name] = twice if name in found else person
    return found


def reference_of(consent: Json, people: Mapping[str, Person], names: FhirNames) -> Iterator[Who]:
    """Everybody whom `Consent.patient` names: by an identifier of the client's, by a reference within the file."""
    patient = consent.get("patient")
    if not isinstance(patient, dict):
        return
    identifier, reference = patient.get("identifier"), patient.get("reference")
    if isinstance(identifier, dict) and identifier.get("system") == names.patient_system:
        yield Who(ref=_text(identifier.get("value")))
    if isinstance(reference, str) and reference in people:
        yield people[reference].who


def speaks_for(person: Person, consent: Json, people: Mapping[str, Person], names: FhirNames) -> bool:
    """Whether a related person is one of the Consent's patient: all that either names are one and the same."""
    theirs, ours = tuple(reference_of(person.of, people, names)), tuple(reference_of(consent, people, names))
    refs = {who.ref for who in (*theirs, *ours)}
    return bool(theirs and ours) and len(refs) == 1 and "" not in refs and not any(who.refusal for who in theirs)


def death_of(patient: Json, today: date, zone: ZoneInfo) -> date | None:
    """The day of a death that a Patient tells; None where it tells none. Raises `CellRefused`."""
    if patient.get("deceasedBoolean") is False:
        return None
    if "deceasedDateTime" in patient:
        on = day_of(patient["deceasedDateTime"], zone, "deceased")
        if on > today:
            raise CellRefused("date-future", "deceased")
        return on
    if any(name.removeprefix("_").startswith("deceased") for name in patient):
        raise CellRefused("date-missing", "deceased")
    return None


def _patient(body: Json, called: frozenset[str], names: FhirNames) -> Person:
    identifiers = [one for one in _list(body, "identifier") if isinstance(one, dict)]
    own = {_text(one.get("value")) for one in identifiers if one.get("system") == names.patient_system}
    refusal = None
    if len(own) > 1:
        refusal = CellRefused("fhir-patient-conflict", "reference")
    if body.get("active") is False or {"link", "modifierExtension", "implicitRules"} & set(body):
        refusal = CellRefused("fhir-patient-inactive", "reference")
    numbers = [matricule(_text(one.get("value"))) for one in identifiers if _text(one.get("system")) in INS_SYSTEMS]
    if any(not is_matricule(number) or not key_is_right(number) for number in numbers):
        refusal = refusal or CellRefused("ins-key-wrong", "ins")
    birth_date: date | None = None
    try:
        birth_date = date.fromisoformat(body["birthDate"]) if "birthDate" in body else None
    except (TypeError, ValueError):
        refusal = refusal or CellRefused("date-unreadable", "birth_date")
    family, given = _birth_name(body)
    ref = next(iter(own)) if len(own) == 1 else ""
    ins = numbers[0] if len(set(numbers)) == 1 else ""
    return Person(Who(ref, refusal, family, given, birth_date, ins, called))


def _related(body: Json, called: frozenset[str], zone: ZoneInfo) -> Person:
    codes = {
        _text(coding.get("code"))
        for concept in _list(body, "relationship")
        if isinstance(concept, dict)
        for coding in _list(concept, "coding")
        if isinstance(coding, dict) and coding.get("system") == ROLES
    }
    giver = Giver.GUARDIAN if codes & _GUARDIANS else Giver.PARENTAL_AUTHORITY if codes & _PARENTS else None
    if body.get("active") is False or {"modifierExtension", "implicitRules"} & set(body):
        giver = None
    period = body.get("period")
    try:
        until = last_day_of(period, zone, "performer") if isinstance(period, dict) else None
    except CellRefused:
        giver, until = None, None
    return Person(Who(refs=called), giver, until, {"patient": body.get("patient")})


def _birth_name(body: Json) -> tuple[str, str]:
    for use in _BIRTH_NAMES[::-1]:
        for name in _list(body, "name"):
            if isinstance(name, dict) and name.get("use") == use:
                given = [one for one in _list(name, "given") if isinstance(one, str)]
                return _text(name.get("family")), given[0] if given else ""
    return "", ""


def _list(body: Json, name: str) -> list[Any]:
    found = body.get(name, [])
    return found if isinstance(found, list) else []


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""
