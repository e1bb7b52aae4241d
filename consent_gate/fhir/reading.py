"""FHIR R4 Consent resources (HL7 FHIR 4.0.1, Bundle or NDJSON) as lines of a register: a verdict a resource.

A strict reader of the few elements that say something of an authorization. An element, a code or a modifier that it
does not know is refused and never ignored; what is refused and may have restricted puts its patient in doubt, like a
line of a sheet. Patient resources of the file give traits; a death in one is a line of its own.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final, NoReturn
from zoneinfo import ZoneInfo

from consent_gate.cells import CellRefused, check_reference
from consent_gate.doubts import Doubt
from consent_gate.fhir.consents import Consent, days_of, statement_of
from consent_gate.fhir.names import FhirNames
from consent_gate.fhir.people import Person, Who, death_of, people_of, reference_of
from consent_gate.imports import Claimed, LineOutcome, LineVerdict, RegisterSheet, StatementLine
from consent_gate.model import FactKind, PatientRef, Statement
from consent_gate.sheets.reading import LARGEST
from lexicon.faults import SheetFault

Json = Mapping[str, Any]

_CONTEXT: Final = frozenset({"Patient", "RelatedPerson", "Organization", "Practitioner", "PractitionerRole"})
"""Resources that only stand around a consent."""
_BUNDLES: Final = frozenset({"collection", "searchset"})
_BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource; `line` is its place in the Bundle, or its line in the file, from 1."""

    line: int
    url: str
    """The Bundle's `fullUrl` of it, or empty."""
    body: Json

    @property
    def type(self) -> str:
        return str(self.body.get("resourceType", ""))

    @property
    def names(self) -> frozenset[str]:
        """By what a reference may call it."""
        identifier = self.body.get("id")
        own = f"{self.type}/{identifier}" if isinstance(identifier, str) else ""
        return frozenset({self.url, own} - {""})


def is_fhir(raw: bytes) -> bool:
    """Whether the file is JSON by its first sign."""
    return raw.removeprefix(_BOM).lstrip()[:1] == b"{"


def read_consents(raw: bytes, today: date, names: FhirNames, zone: ZoneInfo) -> RegisterSheet:
    """Statements of a FHIR file. `today` is the civil day at the client's, `zone` the client's.

    Raises `SheetFault` `csv-too-large`, `fhir-malformed` (with `line`), `fhir-bundle-type`, `fhir-bundle-partial`,
    `sheet-empty`, and `fhir-not-set-up` where no setting says by which identifiers patients are named.
    """
    if not names.patient_system:
        raise SheetFault("fhir-not-set-up")
    resources = tuple(_resources(raw))
    if not resources:
        raise SheetFault("sheet-empty")
    reader = _Reader(people_of(((r.names, r.type, r.body) for r in resources), names, zone), names, today, zone)
    for resource in resources:
        reader.read(resource)
    return reader.sheet()


class _Reader:
    """Takes the resources one by one."""

    def __init__(self, people: Mapping[str, Person], names: FhirNames, today: date, zone: ZoneInfo) -> None:
        self._people, self._names, self._today, self._zone = people, names, today, zone
        self._lines: list[StatementLine] = []
        self._refused: list[LineVerdict] = []
        self._doubts: list[Doubt] = []
        self._unusable: set[str] = set()

    def sheet(self) -> RegisterSheet:
        return RegisterSheet(
            tuple(self._lines), tuple(self._refused), tuple(self._doubts), frozenset(self._unusable), ELEMENTS
        )

    def read(self, resource: Resource) -> None:
        if resource.type == "Consent":
            self._consent(resource)
        elif resource.type == "Patient":
            self._death(resource)
        elif resource.type not in _CONTEXT:
            self._refuse(resource.line, CellRefused("fhir-not-consent", "type"))

    def _consent(self, resource: Resource) -> None:
        consent = Consent(resource.body)
        whom = tuple(reference_of(resource.body, self._people, self._names))
        try:
            who = _only(whom)
            said = statement_of(consent, who.refs, self._people, self._names, self._today, self._zone)
            self._lines.append(_line(resource.line, who, said))
        except CellRefused as refusal:
            self._refuse(resource.line, refusal)
            self._unusable.update(who.ref for who in whom)
            if consent.may_restrict(self._names):
                after = max(days_of(consent, self._zone), default=None) if consent.is_past else None
                self._doubts += [replace(who.doubt, unless_after=after, line=resource.line) for who in whom]

    def _death(self, resource: Resource) -> None:
        found = [self._people[name] for name in resource.names if name in self._people]
        who = found[0].who if found else Who()
        try:
            on = death_of(resource.body, self._today, self._zone)
            if on is not None:
                said = Statement(kind=FactKind.DECEASED, on=on)
                self._lines.append(_line(resource.line, _only((who,)), said))
        except CellRefused as refusal:
            self._refuse(resource.line, refusal)
            self._unusable.add(who.ref)
            self._doubts.append(replace(who.doubt, line=resource.line))

    def _refuse(self, line: int, refusal: CellRefused) -> None:
        element = ELEMENTS.get(refusal.field, refusal.field) if refusal.field else None
        self._refused.append(LineVerdict(line, LineOutcome.REFUSED, refusal.code, element))


ELEMENTS: Final[Mapping[str, str]] = {
    "reference": "patient",
    "birth_name": "Patient.name.family",
    "given_name": "Patient.name.given",
    "birth_date": "Patient.birthDate",
    "ins": "Patient.identifier",
    "kind": "status",
    "on": "dateTime",
    "until": "provision.period",
    "scope": "provision.class",
    "type": "resourceType",
    "deceased": "Patient.deceased",
}
"""Field -> the element of the resource; `note` and narrative are never read."""


def _only(whom: tuple[Who, ...]) -> Who:
    """The one patient that all ways to name him agree on, with the traits of the file's Patient."""
    refs = {who.ref for who in whom if who.ref}
    for who in whom:
        if who.refusal is not None:
            raise who.refusal
    if not refs:
        raise CellRefused("fhir-patient-unresolved", "reference")
    if len(refs) > 1:
        raise CellRefused("fhir-patient-conflict", "reference")
    described = max(whom, key=lambda who: len(who.refs))
    return replace(described, ref=check_reference(refs.pop()))


def _line(line: int, who: Who, said: Statement) -> StatementLine:
    claimed = Claimed(who.birth_name, who.given_name, who.birth_date, who.ins)
    return StatementLine(line, PatientRef(who.ref), claimed, said)


# The file


def _resources(raw: bytes) -> Iterator[Resource]:
    if len(raw) > LARGEST:
        raise SheetFault("csv-too-large", megabytes=LARGEST // 2**20)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SheetFault("fhir-malformed", line=raw.count(b"\n", 0, error.start) + 1) from None
    lines = [(n, line) for n, line in enumerate(text.split("\n"), start=1) if line.strip()]
    if len(lines) > 1 and _parsed(lines[0][1]) is not None:
        yield from _ndjson(lines)
        return
    whole = _whole(text)
    if whole.get("resourceType") != "Bundle":
        yield Resource(1, "", whole)
        return
    yield from _entries(whole)


def _ndjson(lines: list[tuple[int, str]]) -> Iterator[Resource]:
    for number, line in lines:
        body = _parsed(line)
        if body is None or body.get("resourceType") == "Bundle":
            raise SheetFault("fhir-malformed", line=number)
        yield Resource(number, "", body)


def _entries(bundle: Json) -> Iterator[Resource]:
    links, entries = bundle.get("link", []), bundle.get("entry", [])
    if str(bundle.get("type")) not in _BUNDLES or {"implicitRules", "modifierExtension"} & set(bundle):
        raise SheetFault("fhir-bundle-type")
    if not isinstance(entries, list) or not isinstance(links, list):
        raise SheetFault("fhir-malformed", line=1)
    if any(not isinstance(link, dict) or link.get("relation") == "next" for link in links):
        raise SheetFault("fhir-bundle-partial")
    for place, entry in enumerate(entries, start=1):
        body = entry.get("resource") if isinstance(entry, dict) else None
        url = entry.get("fullUrl", "") if isinstance(entry, dict) else ""
        yield Resource(place, url if isinstance(url, str) else "", body if isinstance(body, dict) else {})


def _whole(text: str) -> Json:
    try:
        found = _loads(text)
    except json.JSONDecodeError as error:
        raise SheetFault("fhir-malformed", line=error.lineno) from None
    except (ValueError, RecursionError):
        raise SheetFault("fhir-malformed", line=1) from None
    if not isinstance(found, dict):
        raise SheetFault("fhir-malformed", line=1)
    return found


def _parsed(text: str) -> Json | None:
    try:
        found = _loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _loads(text: str) -> object:
    """JSON without names that stand twice and numbers that are none (RFC 8259, section 4, as SHOULD)."""
    return json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _no_number(_: str) -> NoReturn:
    raise ValueError("not a number")
