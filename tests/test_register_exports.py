"""What leaves the register says no more than what is in it: a fresh station that reads it opens nothing else."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from consent_gate.exports import Known, to_csv
from consent_gate.fhir.exports import to_fhir
from consent_gate.gate import Policy
from consent_gate.model import PatientRef, Statement
from consent_gate.standing import standing
from storage.database import Database
from storage.register import Register
from storage.roster import Roster
from storage.undoing import Undoing
from tests.register_fixtures import NAMES, TODAY, WHO, answer, bring, filled, line, sheet
from tests.station_fixtures import AT, COLUMNS, open_ledger

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
    raw = to_csv(known(database), TODAY)
    other = elsewhere(tmp_path, raw)
    assert said(other) == said(database)
    assert answers(other) == answers(database)
    assert to_csv(known(other), TODAY) == raw


def test_what_was_taken_back_is_not_exported(tmp_path: Path) -> None:
    database = filled(tmp_path, line("Q1", "accordee", "2024-01-01"))
    brought = bring(database, sheet(line("Q2", "accordee", "2025-01-01")), AT + timedelta(hours=1))
    Undoing(database, COLUMNS, open_ledger(database)).undo(str(brought.id), AT + timedelta(hours=2), today=TODAY)
    assert said(elsewhere(tmp_path, to_csv(known(database), TODAY))) == {
        one for one in said(database) if one[0] == "Q1"
    }


@pytest.mark.parametrize("form", ["csv", "fhir"])
def test_a_doubt_travels_and_closes_there_too(tmp_path: Path, form: str) -> None:
    database = filled(tmp_path, line("Q1", "accordee", "2024-01-01"), line("Q2", "accordee", "2024-01-01"))
    bring(database, sheet(line("Q1", "retiree", "hier")), AT + timedelta(hours=1))
    found = known(database)
    other = elsewhere(tmp_path, to_csv(found, TODAY) if form == "csv" else to_fhir(found, NAMES, NOW, TODAY))
    assert (answer(other, "Q1"), answer(other, "Q2")) == ("contradictory", "cleared")


def consents(raw: bytes) -> list[dict[str, Any]]:
    resources = [entry["resource"] for entry in json.loads(raw)["entry"]]
    return [one for one in resources if one["resourceType"] == "Consent"]


def test_a_fresh_station_that_reads_the_fhir_export_answers_the_same(tmp_path: Path) -> None:
    database = filled(tmp_path, *EVERYTHING)
    other = elsewhere(tmp_path, to_fhir(known(database), NAMES, NOW, TODAY))
    assert answers(other) == answers(database)


def test_every_consent_has_what_r4_requires(tmp_path: Path) -> None:
    """HL7 FHIR 4.0.1, Consent: status, scope, category 1..*, and the rule ppc-1 (a policy or a policyRule)."""
    database = filled(tmp_path, *EVERYTHING, line("Q1", "deces", "2026-01-02"))
    raw = to_fhir(known(database), NAMES, NOW, TODAY)
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
    found = consents(to_fhir(known(database), NAMES, NOW, TODAY))

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
    assert len(active) == 4


def test_a_same_day_contradiction_is_one_there_too(tmp_path: Path) -> None:
    database = filled(tmp_path, line("Q1", "accordee", "2025-01-01"), line("Q1", "refusee", "2025-01-01"))
    assert answer(database, "Q1") == "contradictory"
    found = known(database)
    (first, *_) = consents(to_fhir(found, NAMES, NOW, TODAY))
    assert {one["status"] for one in consents(to_fhir(found, NAMES, NOW, TODAY))} == {"inactive", "rejected"}
    assert first["resourceType"] == "Consent"
    other = elsewhere(tmp_path, to_fhir(found, NAMES, NOW, TODAY))
    assert answer(other, "Q1") in {"contradictory", "refused"}


def test_only_what_was_known_by_then_is_told(tmp_path: Path) -> None:
    database = filled(tmp_path, line("Q1", "accordee", "2024-01-01"))
    bring(database, sheet(line("Q1", "retiree", "2025-01-01")), AT + timedelta(days=1))
    then = [
        replace(one, history=tuple(fact for fact in one.history if fact.recorded_at <= AT)) for one in known(database)
    ]
    assert [fact.kind.value for one in then for fact in one.told] == ["granted"]
