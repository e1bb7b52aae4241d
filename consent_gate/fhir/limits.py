"""Within which limits a FHIR Consent permits, and who gives it: what is unknown there is refused, never passed over."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from consent_gate.cells import CellRefused, is_doc_type
from consent_gate.fhir.days import last_day_of
from consent_gate.fhir.names import FhirNames
from consent_gate.fhir.people import Person, speaks_for
from consent_gate.model import DocType, Giver

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Limits:
    """None: no such limit."""

    until: date | None
    doc_types: frozenset[DocType] | None
    purposes: frozenset[str] | None

    @property
    def field(self) -> str | None:
        """The element that limits, where one does."""
        said = {"scope": self.doc_types, "provision.purpose": self.purposes, "until": self.until}
        return next((name for name, limit in said.items() if limit is not None), None)


def limits_of(provision: Json, names: FhirNames, zone: ZoneInfo) -> Limits:
    """All of them are read, whatever the Consent says: an unknown one is never ignored."""
    period = provision.get("period", {})
    odd = not isinstance(period, dict) or not set(period) <= {"id", "extension", "start", "end"}
    if odd or ("period" in provision and not period):
        raise CellRefused("fhir-element-unknown", "until")
    if "class" in provision and "code" in provision:  # both at once hold only for what is in both
        raise CellRefused("fhir-code-unknown", "provision.code")
    classes = _named(provision, "class", names.doc_type) or _named(provision, "code", names.doc_type)
    if classes is not None and not all(map(is_doc_type, classes)):
        raise CellRefused("fhir-code-unknown", "scope")
    purposes = _named(provision, "purpose", names.purpose)
    doc_types = None if classes is None else frozenset(map(DocType, classes))
    return Limits(last_day_of(period, zone, "until"), doc_types, purposes)


def _named(provision: Json, element: str, name: Callable[[str], str | None]) -> frozenset[str] | None:
    """Each coding, or each concept by one of its codings, must be known."""
    if element not in provision:
        return None
    found = set()
    asked = provision[element]
    for one in asked if isinstance(asked, list) else [None]:
        concept = one if isinstance(one, dict) and "coding" in one else {"coding": [one]}
        known = {word for word in map(name, codings([concept])) if word}
        if len(known) != 1:
            raise CellRefused("fhir-code-unknown", f"provision.{element}")
        found |= known
    if not found:
        raise CellRefused("fhir-element-unknown", f"provision.{element}")
    return frozenset(found)


def giver_of(
    consent: Json, patients: frozenset[str], people: Mapping[str, Person], names: FhirNames
) -> tuple[Giver | None, date | None]:
    """Who agrees: `performer`, a reference of the file. Anybody but the patient must say in which right, and be
    related to this patient. Raises `CellRefused`.
    """
    given: set[tuple[Giver, date | None]] = set()
    for one in objects_in(consent, "performer"):
        reference = str(one.get("reference", ""))
        if reference in patients or reference == consent["patient"].get("reference"):
            given.add((Giver.PATIENT, None))
            continue
        person = people.get(reference)
        if person is None or person.giver is None or not speaks_for(person, consent, people, names):
            raise CellRefused("fhir-performer-unknown", "performer")
        given.add((person.giver, person.until))
    if len(given) > 1:
        raise CellRefused("fhir-performer-unknown", "performer")
    return next(iter(given), (None, None))


def objects_in(body: Json, name: str) -> tuple[Json, ...]:
    """A list of objects, empty where it is not there. Raises `CellRefused` for anything else."""
    found = body.get(name, [])
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise CellRefused("fhir-element-unknown", name)
    return tuple(found)


def codings(concepts: object) -> Iterator[str]:
    """`system|code` of every coding of some CodeableConcepts, as far as they are such."""
    for concept in concepts if isinstance(concepts, list) else []:
        codings = concept.get("coding", []) if isinstance(concept, dict) else []
        for coding in codings if isinstance(codings, list) else []:
            if (
                isinstance(coding, dict)
                and isinstance(coding.get("system"), str)
                and isinstance(coding.get("code"), str)
            ):
                yield f"{coding['system']}|{coding['code']}"
