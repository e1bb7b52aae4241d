"""One Consent (HL7 FHIR 4.0.1) as one statement, or why not; and whether one that cannot be used may have restricted.

    status            provision or policyRule      category            fact
    active            permit, OPTIN                (general)           granted, within class, code, purpose, period
    active            deny, OPTOUT                 (general)           refused
    rejected          any                          (general)           refused
    active            deny, OPTOUT                 opposition          opposed
    active, inactive  not deny                     opposition-lifted   opposition lifted
    inactive          any                          withdrawal          withdrawn
    active            deny, OPTOUT                 withdrawal          withdrawn
    active            not deny                     notice              notice

Draft and proposed is nothing that somebody said. Inactive alone does not say why; entered-in-error takes back what an
earlier file may have said.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo

from consent_gate.cells import LONGEST, CellRefused, Said
from consent_gate.fhir.days import day_of
from consent_gate.fhir.evidence import evidence_of
from consent_gate.fhir.limits import Limits, codings, giver_of, limits_of, objects_in
from consent_gate.fhir.names import ACT_CODES, CONSENT_SCOPES, GENERAL, FhirNames
from consent_gate.fhir.people import Person
from consent_gate.model import FactKind, Giver, Statement
from consent_gate.statements import OPENING

Json = Mapping[str, Any]

_STATUSES: Final = frozenset({"active", "rejected", "inactive"})
_NOT_SAID: Final = frozenset({"draft", "proposed"})
_ELEMENTS: Final = frozenset(
    {"resourceType", "id", "meta", "language", "text", "contained", "extension", "identifier", "status", "scope"}
    | {"category", "patient", "dateTime", "performer", "organization", "sourceAttachment", "sourceReference"}
    | {"policy", "policyRule", "verification", "provision"}
)
_OF_PROVISION: Final = frozenset({"id", "extension", "type", "period", "class", "code", "purpose"})
_OTHER_SCOPES: Final = frozenset({"research", "treatment", "adr"})
_DIRECTIONS: Final = {"permit": True, "deny": False}
_RULES: Final = {f"{ACT_CODES}|OPTIN": True, f"{ACT_CODES}|OPTOUT": False}
_RESTRICTING: Final = frozenset({FactKind.REFUSED, FactKind.WITHDRAWN, FactKind.OPPOSED})


@dataclass(frozen=True, slots=True)
class Consent:
    """A resource whose `resourceType` says so."""

    body: Json

    @property
    def status(self) -> str:
        return str(self.body.get("status", ""))

    @property
    def provision(self) -> Json:
        found = self.body.get("provision", {})
        return found if isinstance(found, dict) else {}

    @property
    def is_past(self) -> bool:
        """Whether it takes back what an earlier file may have said; a decision of a later day stands above it."""
        return self.status in ("inactive", "entered-in-error")

    def may_restrict(self, names: FhirNames) -> bool:
        """Whether one that cannot be used may have closed the gate, or have narrowed what is open."""
        if self.status in _NOT_SAID or _scope_codes(self.body) & _OTHER_SCOPES:
            return False
        plain = self._plainly_permits()
        if self.is_past:
            return self.provision.get("type") != "deny"
        said = [names.category(key) for key in codings(self.body.get("category"))]
        return self.status != "active" or not plain or any(one and one.kind in _RESTRICTING for one in said)

    def _plainly_permits(self) -> bool:
        """Without limits, and without anything that this reader does not know."""
        period = self.provision.get("period", {})
        known = set(self.body) <= _ELEMENTS and set(self.provision) <= {"id", "extension", "type", "period"}
        permits = [self.provision.get("type") == "permit", *(_RULES.get(k, False) for k in self._rules())]
        ended = not isinstance(period, dict) or "end" in period
        return known and any(permits) and self.provision.get("type") != "deny" and not ended

    def _rules(self) -> tuple[str, ...]:
        return tuple(codings([self.body["policyRule"]])) if "policyRule" in self.body else ()


def statement_of(
    consent: Consent,
    patients: frozenset[str],
    people: Mapping[str, Person],
    names: FhirNames,
    today: date,
    zone: ZoneInfo,
) -> Statement:
    """What a Consent says; `patients` are the references of its patient within the file. Raises `CellRefused`."""
    _require_known(consent)
    permits = _direction(consent)
    kind, said = _kind(consent, _subject(consent, names), permits=permits)
    _require_verified(consent, kind)
    limits = limits_of(consent.provision, names, zone)
    on = _day(consent, kind, today, zone)
    evidence = evidence_of(consent.body, zone)
    if kind not in OPENING:
        version = _policy(consent) if kind is FactKind.NOTICE else ""
        return Statement(kind=kind, on=on, evidence=evidence, opposition=said.opposition, version=version)
    giver, authority = giver_of(consent.body, patients, people, names)
    if kind is FactKind.OPPOSITION_LIFTED:
        _require_whole(limits, authority if giver is Giver.GUARDIAN else None)
        return Statement(kind=kind, on=on, evidence=evidence, opposition=said.opposition, given_by=giver)
    _require_policy(consent, names)
    until = limits.until
    if until is not None and until < on:
        raise CellRefused("end-before-start", "until")
    return Statement(
        kind=kind,
        on=on,
        until=until,
        doc_types=limits.doc_types,
        purposes=limits.purposes,
        evidence=evidence,
        given_by=giver,
        authority_until=authority if giver is Giver.GUARDIAN else None,
    )


def days_of(consent: Consent, zone: ZoneInfo) -> Iterator[date]:
    """The days that it bears, as far as they can be read."""
    period = consent.provision.get("period", {})
    for value in (consent.body.get("dateTime"), period.get("start") if isinstance(period, dict) else None):
        try:
            yield day_of(value, zone, "on")
        except CellRefused:
            continue


# What it is


def _require_known(consent: Consent) -> None:
    if {"modifierExtension", "implicitRules"} & (set(consent.body) | set(consent.provision)):
        raise CellRefused("fhir-modifier", "modifierExtension")
    if "provision" in consent.body and not (consent.provision and isinstance(consent.body["provision"], dict)):
        raise CellRefused("fhir-element-unknown", "provision")
    if "provision" in consent.provision:
        raise CellRefused("fhir-nested", "provision.provision")
    for place, body, known in (("", consent.body, _ELEMENTS), ("provision.", consent.provision, _OF_PROVISION)):
        odd = sorted(name for name in body if name not in known and name.removeprefix("_") not in known)
        if odd:
            raise CellRefused("fhir-element-unknown", place.removesuffix(".") or "Consent")
    _require_said(consent.status)
    _require_scope(consent.body)


def _require_said(status: str) -> None:
    if status in _NOT_SAID:
        raise CellRefused("fhir-not-in-force", "kind")
    if status == "entered-in-error":
        raise CellRefused("fhir-entered-in-error", "kind")
    if status not in _STATUSES:
        raise CellRefused("fhir-status-unknown", "kind")


def _require_scope(body: Json) -> None:
    scopes = _scope_codes(body)
    if scopes & _OTHER_SCOPES:
        raise CellRefused("fhir-scope-other", "consent-scope")
    if scopes != {"patient-privacy"}:
        raise CellRefused("fhir-code-unknown", "consent-scope")


def _subject(consent: Consent, names: FhirNames) -> Said:
    """What its categories make it about; the one that is not general, where there is one."""
    found: set[Said] = set()
    concepts = consent.body.get("category")
    if not isinstance(concepts, list) or not concepts:
        raise CellRefused("fhir-code-unknown", "category")
    for concept in concepts:
        keys = tuple(codings([concept]))
        said = {one for one in map(names.category, keys) if one is not None}
        if not said and not GENERAL.intersection(keys):
            raise CellRefused("fhir-code-unknown", "category")
        found |= said
    specific = {one for one in found if one.kind is not FactKind.GRANTED}
    if len(specific) > 1:
        raise CellRefused("fhir-contradicts", "category")
    return next(iter(specific), Said(FactKind.GRANTED))


def _direction(consent: Consent) -> bool | None:
    """Whether it permits, by its provision or its rule; None where neither says so."""
    said: set[bool] = set()
    if "type" in consent.provision:
        kind = consent.provision["type"]
        if kind not in ("permit", "deny"):
            raise CellRefused("fhir-code-unknown", "provision.type")
        said.add(_DIRECTIONS[kind])
    if "policyRule" in consent.body:
        rules = {_RULES[key] for key in codings([consent.body["policyRule"]]) if key in _RULES}
        if not rules:
            raise CellRefused("fhir-code-unknown", "policyRule")
        said |= rules
    if len(said) > 1:
        raise CellRefused("fhir-contradicts", "provision.type")
    return next(iter(said), None)


def _kind(consent: Consent, said: Said, *, permits: bool | None) -> tuple[FactKind, Said]:
    status = consent.status
    match said.kind, status, permits:
        case FactKind.GRANTED, "active", True:
            kind = FactKind.GRANTED
        case (FactKind.GRANTED, "active", False) | (FactKind.GRANTED, "rejected", _):
            kind = FactKind.REFUSED
        case FactKind.GRANTED, "active", None:
            raise CellRefused("fhir-direction-missing", "provision.type")
        case (FactKind.REFUSED, "active", False) | (FactKind.REFUSED, "rejected", _):
            kind = FactKind.REFUSED
        case (FactKind.WITHDRAWN, "inactive", _) | (FactKind.WITHDRAWN, "active", False):
            kind = FactKind.WITHDRAWN
        case FactKind.OPPOSED, "active", False:
            kind = FactKind.OPPOSED
        case FactKind.OPPOSITION_LIFTED, "active" | "inactive", True | None:
            kind = FactKind.OPPOSITION_LIFTED
        case FactKind.NOTICE, "active", True | None:
            kind = FactKind.NOTICE
        case _, "inactive", _:
            raise CellRefused("fhir-inactive", "kind")
        case _:
            raise CellRefused("fhir-contradicts", "kind")
    return kind, said


def _require_verified(consent: Consent, kind: FactKind) -> None:
    """A permission that was not verified with the patient is none yet; a no needs no verification."""
    if kind not in OPENING:
        return
    for one in objects_in(consent.body, "verification"):
        if one.get("verified") is not True:
            raise CellRefused("fhir-unverified", "verification")


def _require_whole(limits: Limits, authority: date | None) -> None:
    """An opposition is lifted for everything and for good, or stays: there is no lifting within limits."""
    if limits.field is not None:
        raise CellRefused("scope-not-possible", limits.field)
    if authority is not None:
        raise CellRefused("scope-not-possible", "performer")


def _require_policy(consent: Consent, names: FhirNames) -> None:
    uris = {str(one.get("uri")) for one in objects_in(consent.body, "policy") if "uri" in one}
    if names.policies and not uris <= names.policies:
        raise CellRefused("fhir-code-unknown", "policy.uri")


def _policy(consent: Consent) -> str:
    uris = sorted(str(one["uri"]) for one in objects_in(consent.body, "policy") if "uri" in one)
    text = " ".join(uris)
    return text if len(text) <= LONGEST and text.isprintable() else ""


# When, within which limits, by whom


def _day(consent: Consent, kind: FactKind, today: date, zone: ZoneInfo) -> date:
    """The day on which it was said. A permission that was said before it begins would outlast a no between the two."""
    period = consent.provision.get("period", {})
    said = day_of(consent.body["dateTime"], zone, "on") if "dateTime" in consent.body else None
    start = day_of(period["start"], zone, "until") if "start" in period else None
    days = [day for day in (said, start) if day is not None]
    if not days:
        raise CellRefused("date-missing", "on")
    if kind in _RESTRICTING:
        if max(days) > today:
            raise CellRefused("date-future", "on")
        return max(days)
    if said is not None and start is not None and start > said:
        raise CellRefused("fhir-starts-later", "until")
    return said or days[0]


def _scope_codes(body: Json) -> set[str]:
    """Codes of `Consent.scope` in HL7's own system."""
    keys = codings([body.get("scope")])
    return {code for system, _, code in (key.rpartition("|") for key in keys) if system == CONSENT_SCOPES}
