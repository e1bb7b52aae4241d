"""What leaves the register says no more than what is in it: a fresh station that reads it opens nothing else."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from consent_gate.exports import Known, csv_form
from consent_gate.fhir.exports import Asking, fhir_form
from consent_gate.gate import Policy
from consent_gate.model import FactKind, Moment, PatientRef, Statement
from consent_gate.standing import standing
from storage.database import Database
from storage.register import Register
from storage.roster import Roster
from tests.register_fixtures import NAMES, TODAY, WHO, add_facts, answer, bring, filled, line, sheet
from tests.station_fixtures import AT, COLUMNS
from tests.test_register_undo import undo

NOW = datetime(2026, 1, 15, 9, tzinfo=UTC)
HASH = "0f" * 32
EVERYTHING = (
    line("Q1", "information", "2024-01-01", "", "", "", "", "patient", "", "", "", "", "", "v3", "courrier"),
    line("Q1", "limitee", "2024-07-15", "2026-12-31", "labo,ordonnance", "F-É1", "soins", "", "", "formulaire signé",
         "2024-07-14", HASH),
    line("Q2", "accordee", "2024-01-01", "", "tous_documents", "", "", "", "", "oral", "", "", "Mme Témoin"),
    line("Q2", "retiree", "2025-01-01"),
    line("Q3", "accordee", "2024-01-01"),
    line("Q3", "opposition acces", "2025-01-01"),
    line("Q3", "opposition hebergement", "2025-02-01"),
    line("Q3", "opposition hebergement levee", "2025-03-01"),
    line("Q4", "accordee", "2024-01-01", "", "tous_documents", "", "", "autorité parentale"),
    line("Q5", "accordee", "2024-01-01", "", "tous_documents", "", "", "tuteur", "2026-06-30"),
    line("Q5", "refusee", "2025-01-01", "", "", "", "", "tuteur"),
    line("Q5", "accordee", "2025-06-01", "", "tous_documents", "", "", "tuteur", "2026-06-30"),
)  # fmt: skip
TYPES = (None, "labo", "certificat")


PLAIN = Policy(purpose="soins")


def csv_of(found: list[Known], today: date) -> bytes:
    return csv_form(today).whole(found)


def fhir_of(found: list[Known], today: date = TODAY, policy: Policy = PLAIN) -> bytes:
    return fhir_form(NAMES, NOW, Asking(Moment(NOW, today), policy, AT)).whole(found)


def known(database: Database) -> list[Known]:
    register, roster = Register(database, COLUMNS), Roster(database, COLUMNS)
    with database.read() as session:
        found = roster.find_many(session, [PatientRef(ref) for ref in WHO])
        return [Known(found[ref], register.history(session, ref)) for ref in sorted(found)]


def said(database: Database) -> set[tuple[str, Statement]]:
    """What stands, without its references and times."""
    fields = Statement.__slots__
    return {
        (one.patient.ref, Statement(**{name: getattr(fact, name) for name in fields}))
        for one in known(database)
        for fact in standing(one.history)
    }


def answers(database: Database) -> dict[tuple[str, str | None], str]:
    strict = Policy(purpose="soins", evidence_required=False)
    return {(ref, kind): answer(database, ref, kind, strict) for ref in WHO for kind in TYPES}


def elsewhere(tmp_path: Path, raw: bytes) -> Database:
    """A fresh station with the same roster that was given the export."""
    folder = tmp_path / "elsewhere"
    folder.mkdir(mode=0o700)
    database = filled(folder)
    bring(database, raw)
    return database


def test_an_exported_sheet_imports_into_a_fresh_station_as_the_same_facts(tmp_path: Path) -> None:
    database = filled(tmp_path, *EVERYTHING)
    assert len(said(database)) == len(EVERYTHING)
    raw = csv_of(known(database), TODAY)
    other = elsewhere(tmp_path, raw)
    assert said(other) == said(database)
    assert answers(other) == answers(database)
    assert csv_of(known(other), TODAY) == raw


def test_what_was_taken_back_is_not_exported(tmp_path: Path) -> None:
    database = filled(tmp_path, line("Q1", "accordee", "2024-01-01"))
    brought = bring(database, sheet(line("Q2", "accordee", "2025-01-01")), AT + timedelta(hours=1))
    undo(database, str(brought.id))
    assert said(elsewhere(tmp_path, csv_of(known(database), TODAY))) == {
        one for one in said(database) if one[0] == "Q1"
    }


@pytest.mark.parametrize("form", ["csv", "fhir"])
def test_a_doubt_travels_and_closes_there_too(tmp_path: Path, form: str) -> None:
    database = filled(tmp_path, line("Q1", "accordee", "2024-01-01"), line("Q2", "accordee", "2024-01-01"))
    bring(database, sheet(line("Q1", "retiree", "hier")), AT + timedelta(hours=1))
    found = known(database)
    other = elsewhere(tmp_path, csv_of(found, TODAY) if form == "csv" else fhir_of(found))
    assert (answer(other, "Q1"), answer(other, "Q2")) == ("doubted", "cleared")


def consents(raw: bytes) -> list[dict[str, Any]]:
    resources = [entry["resource"] for entry in json.loads(raw)["entry"]]
    return [one for one in resources if one["resourceType"] == "Consent"]


def test_a_fresh_station_that_reads_the_fhir_export_opens_the_same_and_nothing_else(tmp_path: Path) -> None:
    database = filled(tmp_path, *EVERYTHING)
    here = answers(database)
    there = answers(elsewhere(tmp_path, fhir_of(known(database))))
    assert {asked for asked, said in there.items() if said == "cleared"} == {
        asked for asked, said in here.items() if said == "cleared"
    }
    assert {asked[0] for asked, said in there.items() if said != here[asked]} == {"Q3"}
    assert there["Q3", None] == "doubted", "a permission that an opposition closes is not active, and says no more"


def test_every_consent_has_what_r4_requires(tmp_path: Path) -> None:
    """HL7 FHIR 4.0.1, Consent: status, scope, category 1..*, and the rule ppc-1 (a policy or a policyRule)."""
    database = filled(tmp_path, *EVERYTHING, line("Q1", "deces", "2026-01-02"))
    raw = fhir_of(known(database))
    bundle = json.loads(raw)
    assert (bundle["resourceType"], bundle["type"]) == ("Bundle", "collection")
    urls = [entry["fullUrl"] for entry in bundle["entry"]]
    assert len(set(urls)) == len(urls)
    for one in consents(raw):
        assert one["status"] in {"active", "inactive", "rejected"}
        assert one["scope"]["coding"][0]["code"] == "patient-privacy"
        assert one["category"]
        assert one["policyRule"]["coding"]
        assert one["patient"]["reference"] in urls
        assert all(who["reference"] in urls for who in one.get("performer", []))
    dead = [entry["resource"] for entry in bundle["entry"] if "deceasedDateTime" in entry["resource"]]
    assert [one["deceasedDateTime"] for one in dead] == ["2026-01-02"]


def test_an_opposition_denies_actively_and_what_was_withdrawn_is_never_active(tmp_path: Path) -> None:
    """The first: domain.md 3.4. The second: gICS tells an invalidated consent as active in FHIR (gICS issue 5)."""
    database = filled(tmp_path, *EVERYTHING)
    found = consents(fhir_of(known(database)))

    def told(code: str) -> list[tuple[str, str, str]]:
        return sorted(
            (one["dateTime"], one["status"], one["provision"]["type"])
            for one in found
            if one["category"][1]["coding"][0]["code"] == code
        )

    assert told("opposition-access") == [("2025-01-01", "active", "deny")]
    assert told("opposition-hosting") == [("2025-02-01", "inactive", "deny")]
    assert told("withdrawal") == [("2025-01-01", "inactive", "deny")]
    granted = {(day, status) for day, status, kind in told("authorization") if kind == "permit"}
    assert ("2024-07-15", "active") in granted
    assert ("2024-01-01", "inactive") in granted
    active = [one for one in found if one["status"] == "active" and one.get("provision", {}).get("type") == "permit"]
    assert len(active) == 3


ENDED = (line("Q1", "accordee", "2024-01-01", "2025-01-01", "tous_documents"), line("Q1", "accordee", "2025-06-01"))
NARROWED = (line("Q1", "accordee", "2024-01-01"), line("Q1", "limitee", "2025-01-02", "", "ordonnance"))


@pytest.mark.parametrize(
    ("lines", "doc_type", "active"),
    [
        ((line("Q1", "accordee", "2024-01-01"),), None, ["2024-01-01"]),
        (NARROWED, "ordonnance", ["2025-01-02"]),
        ((line("Q1", "accordee", "2024-01-01"), line("Q1", "opposition", "2024-02-01")), None, []),
        ((line("Q1", "accordee", "2024-01-01"), line("Q1", "deces", "2024-05-01")), None, []),
        (ENDED, None, ["2025-06-01"]),
        ((line("Q1", "accordee", "2024-01-01", "", "tous_documents", "", "archivage, soins"),), None, ["2024-01-01"]),
        ((line("Q1", "accordee", "2026-06-01"),), None, []),
    ],
)  # fmt: skip
def test_a_permission_is_active_only_where_the_gate_opens_by_it(
    tmp_path: Path, lines: tuple[str, ...], doc_type: str | None, active: list[str]
) -> None:
    database = filled(tmp_path, *lines)
    assert (answer(database, "Q1", doc_type) == "cleared") is bool(active)
    told = permissions(fhir_of(known(database)))
    assert [one["dateTime"] for one in told if one["status"] == "active"] == active
    assert len(told) == sum("accordee" in line or "limitee" in line for line in lines)


def test_a_permission_of_which_the_contract_asks_more_is_not_active(tmp_path: Path) -> None:
    database = filled(tmp_path, line("Q1", "accordee", "2024-01-01"))
    for policy in (replace(PLAIN, evidence_required=True), replace(PLAIN, maximum_age=timedelta(0))):
        assert [one["status"] for one in permissions(fhir_of(known(database), policy=policy))] == ["inactive"]


def test_what_parents_and_guardians_permit_ends_with_their_authority(tmp_path: Path) -> None:
    parents = line("Q4", "accordee", "2024-01-01", "", "tous_documents", "", "", "autorite_parentale")
    guardian = line("Q5", "accordee", "2024-01-01", "", "tous_documents", "", "", "tuteur", "2026-06-30")
    database = filled(tmp_path, parents, guardian)
    raw = fhir_of(known(database))
    assert [one["provision"]["period"]["end"] for one in permissions(raw)] == ["2029-12-31", "2026-06-30"]
    assert [one["status"] for one in permissions(raw)] == ["active", "active"]
    birthday = permissions(fhir_of(known(database), date(2030, 1, 1)))
    assert [one["status"] for one in birthday] == ["inactive", "inactive"]


def permissions(raw: bytes) -> list[dict[str, Any]]:
    found = [one for one in consents(raw) if one.get("provision", {}).get("type") == "permit"]
    return [one for one in found if one["category"][1]["coding"][0]["code"] == "authorization"]


def test_evidence_that_a_person_rejected_is_not_told(tmp_path: Path) -> None:
    database = filled(tmp_path, line("Q1", "accordee", "2024-01-01", "", "tous_documents", "F-12"))
    (grant,) = known(database)[0].history
    said = Statement(kind=FactKind.CHECK_FAILED, on=TODAY, about=grant.reference)
    with database.write("test.check") as session:
        add_facts(Register(database, COLUMNS), session, [(PatientRef("Q1"), said)], AT + timedelta(hours=1))
    found, strict = known(database), replace(PLAIN, evidence_required=True)
    assert b"F-12" not in csv_of(found, TODAY) + fhir_of(found)
    assert [one["status"] for one in permissions(fhir_of(found))] == ["inactive"]
    assert answer(elsewhere(tmp_path, csv_of(found, TODAY)), "Q1", policy=strict) == "evidence-missing"


def test_a_same_day_contradiction_is_one_there_too(tmp_path: Path) -> None:
    database = filled(tmp_path, line("Q1", "accordee", "2025-01-01"), line("Q1", "refusee", "2025-01-01"))
    assert answer(database, "Q1") == "contradictory"
    found = known(database)
    (first, *_) = consents(fhir_of(found))
    assert {one["status"] for one in consents(fhir_of(found))} == {"inactive", "rejected"}
    assert first["resourceType"] == "Consent"
    other = elsewhere(tmp_path, fhir_of(found))
    assert answer(other, "Q1") == "doubted"  # an inactive permission says no more


def test_only_what_was_known_by_then_is_told(tmp_path: Path) -> None:
    database = filled(tmp_path, line("Q1", "accordee", "2024-01-01"))
    bring(database, sheet(line("Q1", "retiree", "2025-01-01")), AT + timedelta(days=1))
    then = [
        replace(one, history=tuple(fact for fact in one.history if fact.recorded_at <= AT)) for one in known(database)
    ]
    assert [fact.kind.value for one in then for fact in one.told] == ["granted"]
