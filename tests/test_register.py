"""Roster and register on record: what was imported answers the gate; what was altered opens nothing."""

import csv
import io
import json
import os
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from sqlite3 import Connection
from time import monotonic

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from consent_gate.gate import Policy, decide
from consent_gate.imports import LineOutcome
from consent_gate.model import (
    Clearance,
    DocType,
    DocumentId,
    Evidence,
    FactKind,
    KnownPatient,
    Moment,
    Patient,
    PatientRef,
    Reason,
    Statement,
    UnknownPatient,
    UnreadableRegister,
)
from consent_gate.register import Register as RegisterPort
from lexicon.faults import SheetFault, StationFault, TamperFault
from storage.columns import Columns
from storage.custody import read_entry
from storage.database import Database
from storage.imports import Importer
from storage.register import Register
from storage.roster import Roster
from tests.register_fixtures import add_facts
from tests.station_fixtures import AT, COLUMNS, burglar, open_database, open_ledger

MOMENT = Moment(datetime(2026, 1, 15, 9, tzinfo=UTC), date(2026, 1, 15))
DOCUMENT = DocumentId("01KEZZZZZZZZZZZZZZZZZZZZZZ")
LAB = DocType("resultats_labo")

ROSTER = """\
patient_id;nom_naissance;nom_usage;prenoms;date_naissance;sexe;nir;employeur
Q1;ABÈS;;Ana, Éva;1979-03-28;F;279035121518989;Fabrique
Q2;BÉRÉ-COUR;DUPÊCHE;Théo;1985-05-06;M;;Fabrique
Q3;ABÈS;;Noé;1979-03-28;M;;
Q4;GIRÓ;;Luz;1990-01-01;F;;
Q5;HÛ;;Ugo;1991-01-01;M;;
REF-Q6;ÏLE;;Ida;1992-01-01;F;;
Q7;JAY;;Jan;1993-01-01;M;;
Q8;KOÇ;;Kim;1994-01-01;;;
Q9;LOÏ;;Lou;1995-01-01;;;
"""
REGISTER = """\
patient_id;nom_naissance;prenom;date_naissance;nir;statut;date_signature;date_fin;perimetre;note
Q1;ABÈS;Ana;1979-03-28;279035121518989;accordee;2024-07-15;;tous_documents;
Q2;BERE COUR;Theo;06/05/1985;;Refusée;2025-10-17;;tous_documents;dit en consultation
Q3;ABÈS;Noé;1979-03-28;;accordee;2024-12-11;;tous_documents;
Q3;ABÈS;Noé;1979-03-28;;retiree;2026-01-03;;tous_documents;
Q4;GIRÓ;Luz;1990-01-01;;accordee;2023-11-07;2026-01-14;tous_documents;
Q5;HÛ;Ugo;1991-01-01;;accordee;2026-01-16;;tous_documents;
REF-Q6;ÏLE;Ida;1992-01-01;;retiree;2025-03-21;;tous_documents;
REF-Q6;ÏLE;Ida;1992-01-01;;accordee;2025-12-16;;tous_documents;
Q7;JAY;Jan;1993-01-01;;accordee;2025-11-16;;resultats_labo;
Q8;KOÇ;Kim;1994-01-01;;refusee;2025-11-16;;tous_documents;
Q8;KOÇ;Kim;1994-01-01;;accordee;2025-11-16;;tous_documents;
"""
EXPECTED = {
    ("Q1", None): None,
    ("Q2", None): Reason.REFUSED,
    ("Q3", None): Reason.WITHDRAWN,
    ("Q4", None): Reason.EXPIRED,
    ("Q5", None): Reason.NOT_YET_IN_FORCE,
    ("REF-Q6", None): None,
    ("Q7", None): Reason.TYPE_NEEDED,
    ("Q7", LAB): None,
    ("Q7", DocType("ordonnance")): Reason.OUT_OF_SCOPE,
    ("Q8", None): Reason.CONTRADICTORY,
    ("Q9", None): Reason.NO_AUTHORIZATION,
    ("Q0", None): Reason.PATIENT_UNKNOWN,
}
PLANTED = [
    "ABÈS",
    "BÉRÉ-COUR",
    "DUPÊCHE",
    "Théo",
    "279035121518989",
    "1979-03-28",
    "consultation",
    "REF-Q6",
    "PREUVE-É77",
]


def importer(database: Database) -> Importer:
    return Importer(database, COLUMNS, open_ledger(database), Policy())


def answers(
    register: RegisterPort, asked: Sequence[tuple[str, DocType | None]]
) -> dict[tuple[str, DocType | None], Reason | None]:
    found: dict[tuple[str, DocType | None], Reason | None] = {}
    for ref, doc_type in asked:
        patient = PatientRef(ref)
        decision = decide(DOCUMENT, patient, doc_type, register.reading(patient), MOMENT, Policy())
        found[ref, doc_type] = None if isinstance(decision, Clearance) else decision.reason
    return found


def filled(folder: Path) -> Database:
    database = open_database(folder)
    importer(database).import_roster(ROSTER.encode(), AT)
    importer(database).import_register(REGISTER.encode("cp1252"), AT)
    return database


@pytest.mark.usefixtures("either")
def test_an_imported_register_answers_as_each_patient_said(tmp_path: Path) -> None:
    assert answers(Register(filled(tmp_path), COLUMNS), list(EXPECTED)) == EXPECTED


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.randoms(use_true_random=False))
def test_the_order_of_lines_never_changes_an_answer(
    tmp_path_factory: pytest.TempPathFactory, chance: random.Random
) -> None:
    database = open_database(tmp_path_factory.mktemp("shuffled"))
    for sheet, bring in ((ROSTER, importer(database).import_roster), (REGISTER, importer(database).import_register)):
        header, *lines = sheet.splitlines()
        chance.shuffle(lines)
        bring("\n".join((header, *lines)).encode(), AT)
    assert answers(Register(database, COLUMNS), list(EXPECTED)) == EXPECTED
    database.close()


@pytest.mark.usefixtures("either")
def test_importing_again_changes_nothing(tmp_path: Path) -> None:
    database = filled(tmp_path)
    before = [Register(database, COLUMNS).reading(PatientRef(ref)) for ref, _ in EXPECTED]
    for report in (
        importer(database).import_roster(ROSTER.encode(), AT),
        importer(database).import_register(REGISTER.encode(), AT),
    ):
        assert {verdict.outcome for verdict in report.verdicts} == {LineOutcome.UNCHANGED}
    assert [Register(database, COLUMNS).reading(PatientRef(ref)) for ref, _ in EXPECTED] == before


@pytest.mark.usefixtures("either")
def test_good_lines_go_in_and_the_others_are_told_one_by_one(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    lines = ROSTER.replace("279035121518989", "279035121518988").splitlines()
    report = importer(database).import_roster("\n".join([*lines, "Q2;AUTRE;;Ana;1979-03-28;F;;"]).encode(), AT)
    refused = [(v.line, v.code) for v in report.verdicts if v.outcome is LineOutcome.REFUSED]
    assert refused == [(2, "ins-key-wrong"), (3, "reference-twice"), (11, "reference-twice")]
    assert [v.line for v in report.verdicts] == list(range(2, 12))
    assert (report.count(LineOutcome.ADDED), report.count(LineOutcome.REFUSED)) == (7, 3)


@pytest.mark.usefixtures("either")
def test_a_known_patient_is_never_overwritten_by_other_traits(tmp_path: Path) -> None:
    database = filled(tmp_path)
    changed = ROSTER.replace("Ana, Éva;1979-03-28", "Ana, Éva;1979-03-29")
    report = importer(database).import_roster(changed.encode(), AT)
    assert [(v.line, v.code, v.column) for v in report.verdicts if v.code] == [(2, "traits-differ", "patient_id")]
    found = Roster(database, COLUMNS).find(PatientRef("Q1"))
    assert found is not None
    assert found.birth_date == date(1979, 3, 28)


@pytest.mark.usefixtures("either")
def test_a_dry_run_tells_the_same_and_keeps_nothing(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    dry = importer(database).import_roster(ROSTER.encode(), AT, dry_run=True)
    assert (dry.id, list(Roster(database, COLUMNS).all())) == (None, [])
    assert open_ledger(database).verify().entries == 0
    wet = importer(database).import_roster(ROSTER.encode(), AT)
    assert (wet.verdicts, wet.sha256) == (dry.verdicts, dry.sha256)


@pytest.mark.usefixtures("either")
def test_a_file_that_cannot_be_used_imports_nothing_and_leaves_no_entry(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    with pytest.raises(SheetFault, match="csv-malformed"):
        importer(database).import_roster(ROSTER.encode() + b'Q10;"ROUX', AT)
    assert list(Roster(database, COLUMNS).all()) == []
    assert open_ledger(database).verify().entries == 0


@pytest.mark.usefixtures("either")
def test_each_import_is_one_entry_with_file_hash_counts_and_root(tmp_path: Path) -> None:
    database = filled(tmp_path)
    header, *lines = REGISTER.splitlines()
    importer(database).import_register("\n".join((header, *reversed(lines))).encode(), AT)
    with database.read() as session:
        roster, register, again = (read_entry(entry) for entry in open_ledger(database).entries(session))
    assert (roster["type"], roster["outcome"], register["outcome"]) == (
        "import",
        "roster-imported",
        "register-imported",
    )
    assert register["counts"] == {"lines": 11, "added": 11, "unchanged": 0, "refused": 0, "covers": 100}
    assert again["counts"] == {"lines": 11, "added": 0, "unchanged": 11, "refused": 0, "covers": 100}
    assert register["sizes_in"] == [len(REGISTER.encode("cp1252"))]
    assert register["hashes_in"] != again["hashes_in"]
    assert register["hashes_out"] == again["hashes_out"]
    assert open_ledger(database).verify().verified


# Roster --------------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("either")
def test_patients_are_found_by_reference_and_by_name_with_birth_date(tmp_path: Path) -> None:
    roster = Roster(filled(tmp_path), COLUMNS)
    assert roster.find(PatientRef("Q2")) == Patient(
        PatientRef("Q2"), "BÉRÉ-COUR", "DUPÊCHE", ("Théo",), date(1985, 5, 6), "M", None
    )
    assert roster.find(PatientRef("q2")) is None
    assert {p.ref for p in roster.by_birth("abes", date(1979, 3, 28))} == {"Q1", "Q3"}
    assert roster.by_birth("abes", date(1979, 3, 29)) == ()
    assert sorted(p.ref for p in roster.all()) == sorted(["REF-Q6", *(f"Q{n}" for n in range(1, 10) if n != 6)])


@pytest.mark.usefixtures("either")
def test_the_rosters_version_changes_with_it(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    roster = Roster(database, COLUMNS)
    versions = [roster.version()]
    for line in ("Q1;ABÈS;;Ana;1979-03-28;F;;", "Q2;ABÈS;;Ana;1979-03-28;F;;", "Q2;ABÈS;;Ana;1979-03-28;F;;"):
        importer(database).import_roster(f"{ROSTER.splitlines()[0]}\n{line}\n".encode(), AT)
        versions.append(roster.version())
    assert len(set(versions)) == 3
    assert versions[2] == versions[3]


# Register ------------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("either")
def test_a_statement_added_twice_is_one_fact_and_its_evidence_comes_back(tmp_path: Path) -> None:
    database = filled(tmp_path)
    register = Register(database, COLUMNS)
    said = Statement(
        kind=FactKind.GRANTED, on=date(2026, 1, 10), doc_types=frozenset({LAB}), evidence=Evidence("PREUVE-É77")
    )
    with database.write("test.write") as session:
        assert add_facts(register, session, [(PatientRef("Q9"), said)] * 2, AT) == (True, False)
        other = replace(said, evidence=Evidence("PREUVE-É78"))
        later = add_facts(
            register, session, [(PatientRef("Q9"), said), (PatientRef("Q9"), other)], AT + timedelta(days=1)
        )
    assert later == (False, True)
    with database.read() as session:
        history = register.history(session, PatientRef("Q9"))
    assert {fact.evidence for fact in history} == {Evidence("PREUVE-É77"), Evidence("PREUVE-É78")}
    assert {(fact.kind, fact.on, fact.doc_types) for fact in history} == {
        (FactKind.GRANTED, date(2026, 1, 10), frozenset({LAB}))
    }
    assert [fact.recorded_at for fact in history] == [AT, AT + timedelta(days=1)]


@pytest.mark.usefixtures("either")
def test_the_register_is_as_old_as_its_last_usable_import(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    register = Register(database, COLUMNS)
    importer(database).import_roster(ROSTER.encode(), AT)
    assert register.reading(PatientRef("Q1")) == KnownPatient((), None, date(1979, 3, 28))
    header, *lines = REGISTER.splitlines()
    importer(database).import_register("\n".join((header, *lines)).encode(), AT + timedelta(days=1))
    importer(database).import_register(f"{header}\n{lines[0].replace('Q1', 'Q77')}".encode(), AT + timedelta(days=2))
    importer(database).import_register("\n".join((header, *lines)).encode(), AT + timedelta(days=3), dry_run=True)
    importer(database).import_roster(ROSTER.encode(), AT + timedelta(days=4))
    reading = register.reading(PatientRef("Q1"))
    assert isinstance(reading, KnownPatient)
    assert reading.register_at == AT + timedelta(days=1)
    assert isinstance(register.reading(PatientRef("Q77")), UnknownPatient)


def test_a_file_about_a_few_makes_nobody_elses_register_younger(tmp_path: Path) -> None:
    database = filled(tmp_path)
    register = Register(database, COLUMNS)
    header, *lines = REGISTER.splitlines()
    authorized = ("Q1", "Q4", "Q5", "REF-Q6", "Q7")
    whole = [line for line in lines if line.split(";")[0] in authorized and "accordee" in line]

    def age(day: int, *some: str) -> datetime | None:
        report = importer(database).import_register("\n".join((header, *some)).encode(), AT + timedelta(days=day))
        assert report.count(LineOutcome.REFUSED) == 0
        reading = register.reading(PatientRef("Q1"))
        assert isinstance(reading, KnownPatient)
        return reading.register_at

    assert age(1, lines[0]) == AT
    assert age(2, *whole) == AT + timedelta(days=2), "of those who may be digitized, all are named"
    assert age(3, *whole[1:]) == AT + timedelta(days=2)


BAD = "Q1;ABÈS;Ana;1979-03-28;;retiree;15/11/25;;tous_documents;"
GOOD = "Q1;ABÈS;Ana;1979-03-28;;retiree;2025-11-15;;tous_documents;"
NOTE = "Q1;ABÈS;Ana;1979-03-28;;information;2024-01-01;;;"


def brought(database: Database, hours: int, *lines: str) -> Reason | None:
    """What the gate answers for Q1 after a sheet of these lines was imported so many hours later."""
    sheet = "\n".join((REGISTER.splitlines()[0], *lines))
    importer(database).import_register(sheet.encode(), AT + timedelta(hours=hours))
    return answers(Register(database, COLUMNS), [("Q1", None)])["Q1", None]


@pytest.mark.parametrize(
    "bad", [BAD, BAD.replace("Q1", "q1"), BAD.replace("Q1", "Q1\u200b"), GOOD.replace("2025", "2062")]
)
def test_a_withdrawal_that_cannot_be_used_closes_a_grant_on_record_until_it_is_corrected(
    tmp_path: Path, bad: str
) -> None:
    database = filled(tmp_path)
    grant = REGISTER.splitlines()[1]
    later = grant.replace("2024-07-15", AT.date().isoformat())
    assert brought(database, 1, bad) is Reason.DOUBTED
    before = Register(database, COLUMNS).reading(PatientRef("Q1"))
    assert isinstance(before, KnownPatient)
    assert brought(database, 2, bad, grant) is Reason.DOUBTED
    after = Register(database, COLUMNS).reading(PatientRef("Q1"))
    assert isinstance(after, KnownPatient)
    assert after.facts == before.facts
    assert brought(database, 3, grant, NOTE.replace("2024", "xxxx")) is Reason.DOUBTED
    assert brought(database, 4, grant, NOTE) is Reason.DOUBTED, "what was on record before says nothing of the line"
    assert brought(database, 5, GOOD, grant) is Reason.WITHDRAWN, "the line was corrected"
    assert brought(database, 6, bad, later) is Reason.DOUBTED
    assert brought(database, 7, grant.replace("2024-07-15", "2025-12-01")) is Reason.DOUBTED, "it may have ended since"
    assert brought(database, 8, later) is None


def test_the_ledger_tells_how_many_doubts_an_import_opened_and_lifted(tmp_path: Path) -> None:
    database = filled(tmp_path)
    for hours, line in enumerate((BAD, BAD, NOTE, GOOD), start=1):
        brought(database, hours, line)
    with database.read() as session:
        counts = [read_entry(entry)["counts"] for entry in open_ledger(database).entries(session)][2:]
    assert [(c.get("doubted", 0), c.get("doubt-lifted", 0)) for c in counts] == [(1, 0), (0, 0), (0, 0), (0, 1)]


def test_a_dry_run_leaves_no_doubt(tmp_path: Path) -> None:
    database = filled(tmp_path)
    sheet = "\n".join((REGISTER.splitlines()[0], BAD))
    importer(database).import_register(sheet.encode(), AT, dry_run=True)
    assert answers(Register(database, COLUMNS), [("Q1", None)])["Q1", None] is None


FORGERIES: list[Callable[[Connection], object]] = [
    lambda c: c.execute("UPDATE fact SET kind = 'granted'"),
    lambda c: c.execute("UPDATE fact SET \"on\" = '2020-01-01'"),
    lambda c: c.execute("UPDATE fact SET until = '2030-01-01'"),
    lambda c: c.execute("UPDATE fact SET doc_types = '[\"ordonnance\"]'"),
    lambda c: c.execute("UPDATE fact SET doc_types = 7"),
    lambda c: c.execute("UPDATE fact SET kind = 7"),
    lambda c: c.execute("UPDATE fact SET kind = 'other'"),
    lambda c: c.execute("UPDATE fact SET recorded_at = 'never'"),
    lambda c: c.execute("UPDATE fact SET evidence_sealed = x'01'"),
    lambda c: c.execute("UPDATE fact SET patient_index = (SELECT patient_index FROM fact ORDER BY id LIMIT 1)"),
    lambda c: c.execute("UPDATE patient SET identity_sealed = x'00'"),
    lambda c: c.execute(
        "UPDATE patient SET identity_sealed = (SELECT identity_sealed FROM patient ORDER BY patient_index LIMIT 1)"
    ),
    lambda c: c.execute("DROP TABLE fact"),
]


REMOVALS = [
    "DELETE FROM fact WHERE kind = 'withdrawn'",
    "DELETE FROM fact WHERE kind = 'withdrawn'; DELETE FROM fact_seal",
    "UPDATE fact_seal SET digest = (SELECT digest FROM fact_seal LIMIT 1); DELETE FROM fact WHERE kind = 'withdrawn'",
    "UPDATE fact SET recorded_at = '2020-01-01T00:00:00.000000+00:00' WHERE kind = 'withdrawn'",
]


@pytest.mark.parametrize("removal", REMOVALS)
def test_a_fact_taken_away_is_missed_and_no_import_makes_it_forgotten(tmp_path: Path, removal: str) -> None:
    filled(tmp_path).close()
    with burglar(tmp_path) as connection:
        connection.executescript(removal)
    database = open_database(tmp_path)
    asked = [("Q3", None)]
    assert answers(Register(database, COLUMNS), asked) == {("Q3", None): Reason.REGISTER_UNREADABLE}
    grant = REGISTER.replace("retiree;2026-01-03", "accordee;2026-01-04")
    importer(database).import_register(grant.encode(), AT + timedelta(hours=1))
    assert answers(Register(database, COLUMNS), asked) == {("Q3", None): Reason.REGISTER_UNREADABLE}


def test_a_doubt_taken_away_is_missed(tmp_path: Path) -> None:
    database = filled(tmp_path)
    assert brought(database, 1, BAD) is Reason.DOUBTED
    database.close()
    with burglar(tmp_path) as connection:
        connection.execute("DELETE FROM fact WHERE kind = 'doubted'")
    found = answers(Register(open_database(tmp_path), COLUMNS), [("Q1", None), ("REF-Q6", None)])
    assert found == {("Q1", None): Reason.REGISTER_UNREADABLE, ("REF-Q6", None): None}


def test_a_large_register_is_imported_in_seconds(tmp_path: Path) -> None:
    database, header = open_database(tmp_path), REGISTER.splitlines()[0]
    people = [f"P{n};ROUX;;Ana;1979-03-28;F;;" for n in range(2500)]
    importer(database).import_roster("\n".join((ROSTER.splitlines()[0], *people)).encode(), AT)
    said = [
        f"P{n};ROUX;Ana;1979-03-28;;{kind}" for n in range(2500) for kind in ("accordee;2025-01-02;;tous;", "x;;;;")
    ]
    started = monotonic()
    report = importer(database).import_register("\n".join((header, *said)).encode(), AT)
    assert report.count(LineOutcome.REFUSED) == 5000
    report = importer(database).import_register("\n".join((header, *said[::2])).encode(), AT + timedelta(hours=1))
    assert report.count(LineOutcome.ADDED) == 2500
    assert monotonic() - started < 20


@pytest.mark.parametrize("forgery", FORGERIES)
def test_an_altered_row_opens_nothing(tmp_path: Path, forgery: Callable[[Connection], object]) -> None:
    filled(tmp_path).close()
    with burglar(tmp_path) as connection:
        forgery(connection)
    found = answers(Register(open_database(tmp_path), COLUMNS), list(EXPECTED))
    refused = {key for key, reason in EXPECTED.items() if reason is not None}
    assert all(found[key] is not None for key in refused)
    assert Reason.REGISTER_UNREADABLE in found.values()


@pytest.mark.usefixtures("either")
def test_with_another_key_nobody_is_known_and_nothing_opens(tmp_path: Path) -> None:
    database = filled(tmp_path)
    assert isinstance(Register(database, Columns(b"x" * 32, b"b" * 32)).reading(PatientRef("Q1")), UnreadableRegister)
    assert isinstance(Register(database, Columns(b"c" * 32, b"x" * 32)).reading(PatientRef("Q1")), UnknownPatient)


def test_a_damaged_database_is_an_unreadable_register(tmp_path: Path) -> None:
    filled(tmp_path).close()
    (tmp_path / "station.db").write_bytes(b"gone" * 4096)
    register = Register(Database(f"sqlite:///{tmp_path}/station.db"), COLUMNS)
    assert isinstance(register.reading(PatientRef("Q1")), UnreadableRegister)


@pytest.mark.parametrize(
    "statement", ["UPDATE fact SET kind = 'granted'", "DELETE FROM fact", "REPLACE INTO fact SELECT * FROM fact"]
)
def test_the_database_itself_refuses_to_change_a_fact(tmp_path: Path, statement: str) -> None:
    with pytest.raises(TamperFault, match="append-only"), filled(tmp_path).write("test.write") as session:
        session.execute(text(statement))


# Secrecy -------------------------------------------------------------------------------------------------------------


def hits(folder: Path, words: Sequence[str]) -> set[tuple[str, str]]:
    found = set()
    for path in folder.iterdir():
        content = path.read_bytes()
        for word in words:
            for writing in {word, word.upper(), word.lower()}:
                if any(
                    writing.encode(code, "ignore") in content for code in ("utf-8", "utf-16-le", "utf-16-be", "cp1252")
                ):
                    found.add((path.name, word))
    return found


def test_no_name_number_or_note_is_in_the_databases_bytes(tmp_path: Path) -> None:
    database = filled(tmp_path)
    with database.write("test.write") as session:
        said = Statement(kind=FactKind.GRANTED, on=date(2026, 1, 10), evidence=Evidence("PREUVE-É77"))
        add_facts(Register(database, COLUMNS), session, [(PatientRef("Q9"), said)], AT)
    assert (tmp_path / "station.db-wal").stat().st_size > 0
    assert hits(tmp_path, PLANTED) == set()
    with database.write("test.write") as session:
        session.execute(text("INSERT INTO alembic_version VALUES ('planted DUPÊCHE')"))
    assert hits(tmp_path, PLANTED) == {("station.db-wal", "DUPÊCHE")}
    database.close()
    assert hits(tmp_path, PLANTED) == {("station.db", "DUPÊCHE")}


def test_no_fault_of_an_import_tells_a_cell(tmp_path: Path) -> None:
    database = filled(tmp_path)
    with burglar(tmp_path) as connection:
        connection.execute("DROP TABLE patient")
    with pytest.raises(StationFault) as caught:
        importer(database).import_roster(ROSTER.encode(), AT)
    assert not [word for word in PLANTED if word in f"{caught.value!r}{caught.value.facts}"]


# The sample ----------------------------------------------------------------------------------------------------------

CORPUS = Path(os.environ.get("LIASSE_CORPUS", Path(__file__).parents[2] / "shared" / "corpus")) / "sample"


@pytest.mark.corpus
def test_the_samples_register_answers_as_its_truth_says(tmp_path: Path) -> None:
    if not (CORPUS / "truth.json").exists():
        pytest.skip("the shared corpus is not here (LIASSE_CORPUS)")
    database = open_database(tmp_path)
    roster = importer(database).import_roster((CORPUS / "patients.csv").read_bytes(), AT)
    register = importer(database).import_register((CORPUS / "authorizations.csv").read_bytes(), AT)
    assert {v.outcome for v in (*roster.verdicts, *register.verdicts)} == {LineOutcome.ADDED}
    truth = json.loads((CORPUS / "truth.json").read_text(encoding="utf-8"))["authorizations_truth"]
    reasons = {
        "granted": None,
        "regranted": None,
        "refused": Reason.REFUSED,
        "withdrawn": Reason.WITHDRAWN,
        "expired": Reason.EXPIRED,
        "absent": Reason.NO_AUTHORIZATION,
        "future": Reason.NOT_YET_IN_FORCE,
        "scope_limited": Reason.OUT_OF_SCOPE,
        "ambiguous": Reason.CONTRADICTORY,
    }
    other = DocType("certificat")
    expected = {(ref, other): reasons[said["case"]] for ref, said in truth.items()}
    found = answers(Register(database, COLUMNS), list(expected))
    assert found == expected
    limited = [(ref, LAB) for ref, said in truth.items() if said["case"] == "scope_limited"]
    assert answers(Register(database, COLUMNS), limited) == dict.fromkeys(limited)
    names = {
        row["nom_naissance"]
        for row in csv.DictReader(io.StringIO((CORPUS / "patients.csv").read_text("utf-8")), delimiter=";")
    }
    assert hits(tmp_path, sorted(names)) == set()
