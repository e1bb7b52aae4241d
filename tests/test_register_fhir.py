"""FHIR Consent: what plainly permits permits, what may restrict closes, and nothing unknown is passed over."""

import base64
import copy
import hashlib
import json
import random
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from consent_gate.fhir.names import ACT_CODES, CONSENT_SCOPES, DOC_TYPES, LOINC, PURPOSES, FhirNames
from consent_gate.fhir.reading import read_consents
from consent_gate.gate import Policy
from consent_gate.imports import RegisterSheet
from consent_gate.model import DocType, Evidence, EvidenceKind, FactKind, Giver, Opposition, Statement
from lexicon.catalogue import LINES
from lexicon.faults import SheetFault
from tests.register_fixtures import (
    DENIED,
    NAMES,
    SYSTEM,
    TODAY,
    ZONE,
    Json,
    answer,
    bring,
    bundle,
    concept,
    consent,
    filled,
    line,
    ndjson,
    own,
    person,
)
from tests.station_fixtures import AT

GRANT = line("Q1", "accordee", "2024-01-01")


def read(raw: bytes) -> RegisterSheet:
    return read_consents(raw, TODAY, NAMES, ZONE)


def said(resource: Json, *others: Json) -> Statement:
    """What one Consent says; it is read whole."""
    found = read(bundle(resource, *others))
    assert found.refused == ()
    return found.lines[0].statement


def code(resource: Json, *others: Json) -> tuple[str | None, bool]:
    """Why one is refused, and whether it puts its patient in doubt."""
    found = read(bundle(resource, *others))
    assert found.lines == ()
    return found.refused[0].code, bool(found.doubts)


# What each says ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "kind", "which"),
    [
        ({}, FactKind.GRANTED, None),
        ({"provision": None}, FactKind.GRANTED, None),
        ({"policyRule": None}, FactKind.GRANTED, None),
        (DENIED, FactKind.REFUSED, None),
        ({"policyRule": concept(ACT_CODES, "OPTOUT"), "provision": None}, FactKind.REFUSED, None),
        ({"status": "rejected"}, FactKind.REFUSED, None),
        ({"status": "rejected", **DENIED}, FactKind.REFUSED, None),
        ({"status": "inactive", "category": own("withdrawal")}, FactKind.WITHDRAWN, None),
        ({"status": "inactive", "category": [concept("urn:example:kinds", "wd")]}, FactKind.WITHDRAWN, None),
        ({"category": own("withdrawal"), **DENIED}, FactKind.WITHDRAWN, None),
        ({"category": own("opposition-hosting"), **DENIED}, FactKind.OPPOSED, Opposition.HOSTING),
        ({"category": [concept(LOINC, "64292-6")], **DENIED}, FactKind.OPPOSED, Opposition.ACCESS),
        ({"category": own("opposition-transmission"), **DENIED}, FactKind.OPPOSED, Opposition.TRANSMISSION),
        ({"category": own("opposition-access-lifted")}, FactKind.OPPOSITION_LIFTED, Opposition.ACCESS),
        ({"category": own("notice"), "provision": None}, FactKind.NOTICE, None),
    ],
)
def test_status_provision_and_category_make_the_fact(more: Json, kind: FactKind, which: Opposition | None) -> None:
    statement = said(consent(**more))
    assert (statement.kind, statement.opposition, statement.on) == (kind, which, date(2025, 1, 2))


def test_a_permission_is_limited_by_class_purpose_and_the_end_of_its_period() -> None:
    limits = {
        "type": "permit",
        "class": [{"system": DOC_TYPES, "code": "ordonnance"}, {"system": LOINC, "code": "11502-2"}],
        "purpose": [{"system": PURPOSES, "code": "archivage"}],
        "period": {"start": "2025-01-02", "end": "2025-12-31"},
    }
    statement = said(consent(provision=limits))
    assert statement.doc_types == frozenset({DocType("ordonnance"), DocType("resultats_labo")})
    assert (statement.purposes, statement.until) == (frozenset({"archivage"}), date(2025, 12, 31))


@pytest.mark.parametrize(
    ("end", "until"),
    [
        ("2025-12-31", date(2025, 12, 31)),
        ("2025-12-31T23:59:59+01:00", date(2025, 12, 31)),
        ("2025-12-31T00:00:00+01:00", date(2025, 12, 30)),
        ("2025-12-31T23:30:00Z", date(2025, 12, 31)),
    ],
)
def test_a_permission_never_lasts_a_day_longer_than_its_period(end: str, until: date) -> None:
    assert said(consent(provision={"type": "permit", "period": {"end": end}})).until == until


def test_a_refusal_is_never_limited_by_its_provision() -> None:
    limits = {"type": "deny", "class": [{"system": DOC_TYPES, "code": "x"}], "period": {"end": "2025-02-01"}}
    statement = said(consent(policyRule=None, provision=limits))
    assert statement == Statement(kind=FactKind.REFUSED, on=date(2025, 1, 2))


def test_the_source_is_evidence_by_its_bytes_or_its_sha256_and_never_by_sha1() -> None:
    form = b"%PDF form"
    attached = {"title": "F-7", "creation": "2025-01-01", "data": base64.b64encode(form).decode()}
    whole = attached | {"hash": base64.b64encode(hashlib.sha1(form).digest()).decode()}  # noqa: S324
    expected = Evidence("F-7", EvidenceKind.SIGNED_FORM, date(2025, 1, 1), hashlib.sha256(form).hexdigest())
    assert said(consent(sourceAttachment=whole)).evidence == expected
    hashed = {"hash": base64.b64encode(b"\x07" * 20).decode(), "title": "F-7"}
    evidence = said(consent(sourceAttachment=hashed)).evidence
    assert evidence == Evidence("F-7", EvidenceKind.SIGNED_FORM)
    assert said(consent(sourceReference={"reference": "DocumentReference/7"})).evidence == Evidence(
        "DocumentReference/7"
    )
    forged = attached | {"hash": base64.b64encode(b"\x07" * 20).decode()}
    assert code(consent(sourceAttachment=forged)) == ("hash-malformed", False)


def related(role: str, ref: str = "Q1", **more: Any) -> Json:
    """A RelatedPerson `r` of that patient."""
    roles = [concept("http://terminology.hl7.org/CodeSystem/v3-RoleCode", role)]
    whom = {"identifier": {"system": SYSTEM, "value": ref}}
    period = {"end": "2026-06-30"}
    body = {"resourceType": "RelatedPerson", "id": "r", "patient": whom, "relationship": roles, "period": period}
    return body | more


def test_who_gave_it_is_read_from_the_related_person() -> None:
    given = consent(performer=[{"reference": "RelatedPerson/r"}])
    parent, guardian = said(given, related("MTH")), said(given, related("GUARD"))
    assert (parent.given_by, parent.authority_until) == (Giver.PARENTAL_AUTHORITY, None)
    assert (guardian.given_by, guardian.authority_until) == (Giver.GUARDIAN, date(2026, 6, 30))
    assert code(given, related("NBOR")) == ("fhir-performer-unknown", False)
    assert code(given) == ("fhir-performer-unknown", False)
    own_word = consent(patient={"reference": "Patient/Q1"}, performer=[{"reference": "Patient/Q1"}])
    assert said(own_word, person("Q1")).given_by is Giver.PATIENT
    refused = consent(performer=[{"reference": "RelatedPerson/r"}], **DENIED)
    assert said(refused).kind is FactKind.REFUSED


def test_whoever_speaks_for_a_patient_is_related_to_that_patient_and_no_other() -> None:
    by_reference = consent(patient={"reference": "Patient/Q1"}, performer=[{"reference": "RelatedPerson/r"}])
    for whom, taken in (
        ({"reference": "Patient/Q1"}, True),
        ({"reference": "Patient/Q1", "identifier": {"system": SYSTEM, "value": "Q1"}}, True),
        ({"identifier": {"system": SYSTEM, "value": "Q1"}}, True),
        ({"reference": "Patient/Q2"}, False),
        ({"reference": "Patient/Q1", "identifier": {"system": SYSTEM, "value": "Q2"}}, False),
        ({"reference": "Patient/Q9"}, False),
        ({"identifier": {"system": "urn:other", "value": "Q1"}}, False),
        (None, False),
    ):
        others = (person("Q1"), person("Q2"), related("GUARD", patient=whom))
        if taken:
            assert said(by_reference, *others).given_by is Giver.GUARDIAN
        else:
            assert code(by_reference, *others) == ("fhir-performer-unknown", False)


@pytest.mark.parametrize(
    ("limits", "element"),
    [
        ({"class": [{"system": LOINC, "code": "11502-2"}]}, "provision.class"),
        ({"purpose": [{"system": PURPOSES, "code": "recherche"}]}, "provision.purpose"),
        ({"period": {"start": "2025-01-02", "end": "2025-04-01"}}, "provision.period"),
    ],
)
def test_an_opposition_is_lifted_for_everything_and_for_good_or_stays(limits: Json, element: str) -> None:
    lifted = consent(category=own("opposition-hosting-lifted"), provision={"type": "permit", **limits})
    (verdict,) = read(bundle(lifted)).refused
    assert (verdict.code, verdict.column) == ("scope-not-possible", element)


def test_an_opposition_is_lifted_by_somebody_who_may_speak_for_the_patient() -> None:
    lifted = consent(category=own("opposition-hosting-lifted"), performer=[{"reference": "RelatedPerson/r"}])
    assert said(lifted, related("GUARD", period=None)).given_by is Giver.GUARDIAN
    assert code(lifted, related("GUARD")) == ("scope-not-possible", False)
    assert code(lifted, related("GUARD", "Q2")) == ("fhir-performer-unknown", False)
    assert code(lifted) == ("fhir-performer-unknown", False)


# What none is ---------------------------------------------------------------------------------------------------------

LIMIT = {"type": "permit", "class": [{"system": "urn:other", "code": "x"}]}


@pytest.mark.parametrize(
    ("more", "why", "doubt"),
    [
        ({"status": "draft"}, "fhir-not-in-force", False),
        ({"status": "proposed", **DENIED}, "fhir-not-in-force", False),
        ({"status": "entered-in-error"}, "fhir-entered-in-error", True),
        ({"status": "entered-in-error", **DENIED}, "fhir-entered-in-error", False),
        ({"status": "inactive"}, "fhir-inactive", True),
        ({"status": "inactive", **DENIED}, "fhir-inactive", False),
        ({"status": "aktiv"}, "fhir-status-unknown", True),
        ({"status": None}, "fhir-status-unknown", True),
        ({"scope": concept(CONSENT_SCOPES, "research")}, "fhir-scope-other", False),
        ({"scope": concept("urn:other", "patient-privacy")}, "fhir-code-unknown", False),
        ({"scope": None, **DENIED}, "fhir-code-unknown", True),
        ({"category": [concept("urn:other", "59284-0")]}, "fhir-code-unknown", False),
        ({"category": [concept("urn:other", "59284-0")], **DENIED}, "fhir-code-unknown", True),
        ({"category": [{"text": "hébergement"}], **DENIED}, "fhir-code-unknown", True),
        ({"category": None}, "fhir-code-unknown", False),
        ({"category": own("withdrawal") + own("notice")}, "fhir-contradicts", True),
        ({"category": own("withdrawal")}, "fhir-contradicts", True),
        ({"category": own("notice"), **DENIED}, "fhir-contradicts", True),
        ({"provision": {"type": "deny"}}, "fhir-contradicts", True),
        ({"policyRule": concept(ACT_CODES, "OPTINR")}, "fhir-code-unknown", False),
        ({"policyRule": None, "provision": None}, "fhir-direction-missing", True),
        ({"provision": LIMIT}, "fhir-code-unknown", True),
        ({"policyRule": None, "provision": LIMIT | {"type": "deny"}}, "fhir-code-unknown", True),
        ({"provision": {"type": "permit", "purpose": [{"code": "x"}]}}, "fhir-code-unknown", True),
        ({"provision": {"type": "permit", "class": []}}, "fhir-element-unknown", True),
        ({"provision": {"type": "permit", "actor": []}}, "fhir-element-unknown", True),
        ({"provision": {"type": "permit", "data": []}}, "fhir-element-unknown", True),
        ({"provision": {"type": "permit", "provision": [{"type": "deny"}]}}, "fhir-nested", True),
        ({"provision": {"type": "permit", "modifierExtension": []}}, "fhir-modifier", True),
        ({"modifierExtension": [{"url": "urn:not"}]}, "fhir-modifier", True),
        ({"implicitRules": "urn:rules"}, "fhir-modifier", True),
        ({"dosage": []}, "fhir-element-unknown", True),
        ({"verification": [{"verified": False}]}, "fhir-unverified", False),
        ({"dateTime": None}, "date-missing", False),
        ({"dateTime": "2025-01"}, "date-unreadable", False),
        ({"dateTime": "2025", **DENIED}, "date-unreadable", True),
        ({"dateTime": "2026-01-16", **DENIED}, "date-future", True),
        ({"provision": {"type": "permit", "period": {"start": "2025-02-01"}}}, "fhir-starts-later", False),
        ({"provision": {"type": "permit", "period": {"end": "2024-02-01"}}}, "end-before-start", True),
        ({"patient": {"display": "ABÈS Ana"}}, "fhir-patient-unresolved", False),
        ({"patient": {"identifier": {"system": "urn:other", "value": "Q1"}}}, "fhir-patient-unresolved", False),
        ({"patient": {"identifier": {"system": SYSTEM, "value": "279035121518989"}}}, "reference-is-ins", False),
    ],
)
def test_what_cannot_be_used_is_told_and_closes_where_it_may_have_restricted(
    more: Json, why: str, *, doubt: bool
) -> None:
    assert code(consent(**more)) == (why, doubt)
    assert why in LINES


def test_a_no_needs_no_verification() -> None:
    assert said(consent(verification=[{"verified": False}], **DENIED)).kind is FactKind.REFUSED


def test_a_policy_that_is_not_the_clients_permits_nothing() -> None:
    names = FhirNames(SYSTEM, policies=frozenset({"urn:example:notice"}))
    ours, others = (consent(policy=[{"uri": uri}]) for uri in ("urn:example:notice", "urn:example:study"))
    assert len(read_consents(bundle(ours), TODAY, names, ZONE).lines) == 1
    (verdict,) = read_consents(bundle(others), TODAY, names, ZONE).refused
    assert (verdict.code, verdict.column) == ("fhir-code-unknown", "policy.uri")


def test_two_ways_to_name_two_patients_permit_nobody_and_close_both() -> None:
    torn = consent(patient={"reference": "Patient/Q2", "identifier": {"system": SYSTEM, "value": "Q1"}}, **DENIED)
    found = read(bundle(torn, person("Q2")))
    assert [verdict.code for verdict in found.refused] == ["fhir-patient-conflict"]
    assert {doubt.reference for doubt in found.doubts} == {"Q1", "Q2"}


@pytest.mark.parametrize("more", [{"active": False}, {"link": [{"type": "replaced-by"}]}])
def test_a_merged_or_inactive_patient_is_nobodys_permission(more: Json) -> None:
    asked = consent(patient={"reference": "Patient/Q1"})
    assert code(asked, person("Q1", **more)) == ("fhir-patient-inactive", False)


def test_other_resources_are_told_and_people_are_not() -> None:
    found = read(bundle(person("Q1"), {"resourceType": "Organization"}, {"resourceType": "OperationOutcome"}, {}))
    assert [(verdict.line, verdict.code) for verdict in found.refused] == [
        (3, "fhir-not-consent"),
        (4, "fhir-not-consent"),
    ]


# The file -------------------------------------------------------------------------------------------------------------


def test_a_bundle_ndjson_and_one_resource_alone_say_the_same() -> None:
    two = (consent(), consent("Q2", **DENIED))
    whole, lines = read(bundle(*two)), read(ndjson(*two))
    assert whole == lines
    assert [found.line for found in whole.lines] == [1, 2]
    assert read(json.dumps(two[0], indent=2).encode()).lines == whole.lines[:1]
    assert read(b"\xef\xbb\xbf" + bundle(*two)).lines == whole.lines


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (bundle(), "sheet-empty"),
        (bundle(consent(), type="transaction"), "fhir-bundle-type"),
        (bundle(consent(), type="history"), "fhir-bundle-type"),
        (bundle(consent(), link=[{"relation": "next", "url": "x"}]), "fhir-bundle-partial"),
        (ndjson(consent()) + b"\n{", "fhir-malformed"),
        (bundle(consent())[:-1], "fhir-malformed"),
        (b'{"resourceType": "Consent", "status": "active", "status": "inactive"}', "fhir-malformed"),
        (b'{"resourceType": "Consent", "status": NaN}', "fhir-malformed"),
        (b'{"a":' * 100_000, "fhir-malformed"),
        (b'{"a": "\xff"}', "fhir-malformed"),
    ],
)
def test_a_file_that_cannot_be_used_as_a_whole_gives_no_line(raw: bytes, why: str) -> None:
    with pytest.raises(SheetFault) as caught:
        read(raw)
    assert caught.value.code == why


def test_without_the_clients_system_nobody_is_guessed() -> None:
    with pytest.raises(SheetFault, match="fhir-not-set-up"):
        read_consents(bundle(consent()), TODAY, FhirNames(), ZONE)


VALUES: list[Any] = [
    None, [], {}, "", 1, True, [1], [{}], {"coding": 1}, "active", "deny", ["x"], {"coding": [{"system": 1}]},
    {"reference": []}, [{"reference": {}}], [[]], "2025", {"identifier": []}, 1e400,
]  # fmt: skip


def test_any_json_gives_verdicts_or_a_fault_and_a_broken_permission_never_grows() -> None:
    """An element replaced by anything: the limits that are left are no wider than the limits that were there."""
    limits = {
        "type": "permit",
        "class": [{"system": DOC_TYPES, "code": "ordonnance"}],
        "purpose": [{"system": PURPOSES, "code": "soins"}],
        "period": {"start": "2025-01-02", "end": "2025-12-31"},
    }
    source = {"title": "F"}
    whole = consent(
        provision=limits, performer=[{"reference": "Patient/Q1"}], verification=[{"verified": True}],
        sourceAttachment=source, patient={"reference": "Patient/Q1"}, policy=[{"uri": "u"}],
    )  # fmt: skip
    rng, kept = random.Random(7), 0  # noqa: S311
    for _ in range(3000):
        made = [copy.deepcopy(person("Q1")), copy.deepcopy(whole)]
        _spoil(rng, rng.choice(made))
        with suppress(SheetFault):
            found = read(bundle(*made))
            assert all(verdict.code in LINES for verdict in found.refused)
            for statement in (one.statement for one in found.lines):
                kept += 1
                assert statement.kind is not FactKind.GRANTED or (
                    None not in (statement.doc_types, statement.purposes, statement.until)
                )
    assert kept > 100


def _spoil(rng: random.Random, resource: Json) -> None:
    """Replace one value somewhere in the resource."""
    places: list[tuple[Any, Any]] = []

    def walk(value: Any) -> None:
        inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, below in inner:
            places.append((value, key))
            walk(below)

    walk(resource)
    where, key = rng.choice(places)
    where[key] = copy.deepcopy(rng.choice(VALUES))


# In a station ---------------------------------------------------------------------------------------------------------


def test_a_denied_consent_that_cannot_be_used_closes_a_permission_on_record_until_it_is_settled(
    tmp_path: Path,
) -> None:
    database = filled(tmp_path, GRANT)
    assert answer(database, "Q1") == "cleared"
    odd = {"type": "deny", "class": [{"system": "urn:other", "code": "x"}]}
    bring(database, bundle(consent(policyRule=None, provision=odd)))
    assert answer(database, "Q1") == "doubted"
    bring(database, bundle(consent(on="2025-06-01")), AT.replace(hour=9))
    assert answer(database, "Q1") == "doubted"  # of an earlier day than the file that could not be used
    bring(database, bundle(consent(on=TODAY.isoformat())), AT.replace(hour=10))
    assert answer(database, "Q1") == "cleared"


def test_traits_of_the_files_patient_are_held_against_the_roster(tmp_path: Path) -> None:
    database = filled(tmp_path, GRANT)
    other = person("Q1") | {"birthDate": "1979-03-29"}
    report = bring(database, bundle(other, consent(patient={"reference": "Patient/Q1"}, **DENIED)))
    assert [verdict.code for verdict in report.verdicts] == ["birth-date-differs"]
    assert answer(database, "Q1") == "doubted"


def test_an_inactive_consent_closes_unless_a_later_decision_of_the_same_file_stands_above_it(tmp_path: Path) -> None:
    database = filled(tmp_path, GRANT)
    past = consent(on="2024-01-01", status="inactive")
    bring(database, bundle(past))
    assert answer(database, "Q1") == "doubted"
    bring(database, bundle(past, consent(on="2025-02-01")), AT.replace(hour=9))
    assert answer(database, "Q1") == "doubted"  # all lines must be usable to settle
    bring(database, bundle(consent(on=TODAY.isoformat())), AT.replace(hour=10))
    assert answer(database, "Q1") == "cleared"
    bring(database, bundle(past, consent(on="2025-02-01")), AT.replace(hour=11))
    assert answer(database, "Q1") == "cleared"


def test_a_death_in_the_patients_record_closes_and_one_without_a_day_does_too(tmp_path: Path) -> None:
    database = filled(tmp_path, GRANT, line("Q2", "accordee", "2024-01-01"))
    raw = bundle(person("Q1", deceasedDateTime="2025-12-24"), person("Q2", deceasedBoolean=True), person("Q3"))
    report = bring(database, raw)
    assert [(verdict.line, verdict.code) for verdict in report.verdicts] == [(1, None), (2, "date-missing")]
    assert (answer(database, "Q1"), answer(database, "Q2")) == ("deceased", "doubted")


def test_a_permission_by_fhir_is_judged_as_one_by_a_sheet(tmp_path: Path) -> None:
    database = filled(tmp_path)
    limits = {"type": "permit", "class": [{"system": LOINC, "code": "11502-2"}]}
    bring(database, bundle(consent(provision=limits), consent("Q4", performer=[{"reference": "RelatedPerson/r"}]),
        related("PRN", "Q4")))  # fmt: skip
    assert answer(database, "Q1", "resultats_labo") == "cleared"
    assert answer(database, "Q1", "ordonnance") == "out-of-scope"
    assert answer(database, "Q1") == "type-needed"
    assert answer(database, "Q4") == "cleared"
    assert answer(database, "Q4", policy=Policy(evidence_required=True)) == "evidence-missing"
