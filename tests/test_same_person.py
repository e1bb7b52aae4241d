"""Somebody under two references: a no under one closes both, and nothing under one opens the other."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from consent_gate.gate import Policy, decide, opposes_hosting
from consent_gate.model import Clearance, DocumentId, KnownPatient, Moment, Patient, PatientRef
from consent_gate.people import Role
from consent_gate.review import Detach, DetachReason
from demo.records import Invented
from lexicon.faults import StationFault, TamperFault
from pipeline import steps as engine_steps
from pipeline.office import reviews
from pipeline.office.register_answers import shown
from pipeline.office.register_desk import bring_in
from pipeline.station import Station
from storage.backup.records import collect, size_of
from storage.database import Database
from storage.register import Register
from storage.rejudges import CROWD
from storage.roster import Roster
from tests.people_fixtures import entries, staffed
from tests.register_fixtures import TODAY, WHO, answer, bring, importer, line, sheet
from tests.station_fixtures import AT, COLUMNS, open_database
from tests.trial_fixtures import RememberingTools, Trial, make_few, register_sheet, work

INS = "279035121518989"
RIGHT = "279035121519088"
"""Of another order, with its key."""
HEAD = "patient_id;nom_naissance;nom_usage;prenoms;date_naissance;sexe;nir"
ANA = f"ABÈS;;Ana;1979-03-28;F;{INS}"
WHO_TWICE = WHO | {"Q1bis": "Q1bis;ABÈS;1979-03-28"}


@pytest.fixture(autouse=True)
def named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.register_fixtures.WHO", WHO_TWICE)
    monkeypatch.setattr(engine_steps, "DocumentTools", RememberingTools)


def twice(folder: Path, *lines: str, ins: str = INS) -> Database:
    """Q1 and Q1bis are one person by their INS; both are authorized."""
    database = open_database(folder)
    roster = "\n".join((HEAD, f"Q1;{ANA}", f"Q1bis;ABÈS;;Ana;1979-03-28;F;{ins}", "Q3;GIRÓ;;Luz;1990-01-01;F;", ""))
    importer(database).import_roster(roster.encode(), AT)
    granted = [line(ref, "accordee", "2025-01-01") for ref in ("Q1", "Q1bis")]
    bring(database, sheet(*granted))
    for number, one in enumerate(lines, 1):
        bring(database, sheet(one), AT + timedelta(minutes=number))
    return database


def both(database: Database) -> tuple[str, str]:
    return answer(database, "Q1"), answer(database, "Q1bis")


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("refusee", "refused"),
        ("retiree", "withdrawn"),
        ("opposition", "opposition"),
        ("opposition_acces", "opposition-access"),
        ("deces", "deceased"),
        ("refussee", "doubted"),
    ],
)
def test_a_no_under_one_reference_closes_the_other_with_the_same_ins(tmp_path: Path, said: str, reason: str) -> None:
    assert both(twice(tmp_path / "plain")) == ("cleared", "cleared")
    assert both(twice(tmp_path / "one", line("Q1", said, "2025-02-01"))) == (reason, reason)
    assert both(twice(tmp_path / "other", line("Q1bis", said, "2025-02-01"))) == (reason, reason)


def test_without_an_ins_two_of_the_same_name_and_birth_are_two_people(tmp_path: Path) -> None:
    assert both(twice(tmp_path, line("Q1bis", "refusee", "2025-02-01"), ins="")) == ("cleared", "refused")


def test_an_authorization_under_one_reference_opens_no_other(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    importer(database).import_roster(f"{HEAD}\nQ1;{ANA}\nQ1bis;{ANA}\n".encode(), AT)
    bring(database, sheet(line("Q1", "information", "2025-01-01"), line("Q1", "accordee", "2025-01-01")))
    assert both(database) == ("cleared", "no-authorization")


def test_a_later_authorization_of_the_same_person_is_heard_under_its_own_reference_alone(tmp_path: Path) -> None:
    no, yes = line("Q1", "retiree", "2025-02-01"), line("Q1", "accordee", "2025-03-01")
    assert both(twice(tmp_path, no, yes)) == ("cleared", "withdrawn")


def test_a_lifting_lifts_the_opposition_of_its_own_reference_alone(tmp_path: Path) -> None:
    opposed, lifted = line("Q1", "opposition", "2025-02-01"), line("Q1", "opposition_levee", "2025-03-01")
    assert both(twice(tmp_path / "own", opposed, lifted)) == ("cleared", "cleared")
    elsewhere = line("Q1bis", "opposition_levee", "2025-03-01")
    assert both(twice(tmp_path / "other", opposed, elsewhere)) == ("opposition", "opposition")
    policy = Policy(evidence_required=True, purpose="soins")
    assert answer(twice(tmp_path / "bare", opposed, lifted), "Q1bis", policy=policy) == "opposition"


def test_a_doubt_is_settled_under_its_own_reference_alone(tmp_path: Path) -> None:
    doubt = line("Q1", "refussee", "2025-02-01")
    settled, elsewhere = (line(ref, "accordee", "2026-01-15") for ref in ("Q1", "Q1bis"))
    assert both(twice(tmp_path / "own", doubt, settled)) == ("cleared", "cleared")
    twin = line("Q1bis", "refussee", "2025-02-01")
    assert both(twice(tmp_path / "other", doubt, twin, elsewhere)) == ("doubted", "doubted")


def test_the_decision_names_the_facts_that_it_rests_on_and_a_past_one_does_not_know_them(tmp_path: Path) -> None:
    database = twice(tmp_path, line("Q1", "retiree", "2025-02-01"))
    register, ref = Register(database, COLUMNS), PatientRef("Q1bis")
    with database.read() as session:
        now, before = register.reading_in(session, ref), register.reading_in(session, ref, AT)
        (no,) = [one for one in register.history(session, PatientRef("Q1")) if one.kind.value == "withdrawn"]
    moment = Moment(AT + timedelta(days=1), TODAY)
    said = decide(DocumentId("0" * 26), ref, None, now, moment, Policy(purpose="soins"))
    assert no.reference in said.judged.facts
    assert isinstance(decide(DocumentId("0" * 26), ref, None, before, moment, Policy(purpose="soins")), Clearance)
    assert isinstance(now, KnownPatient)
    assert len(now.others) == 1


def test_a_no_that_is_taken_away_by_hand_under_one_reference_makes_the_other_unreadable(tmp_path: Path) -> None:
    database = twice(tmp_path, line("Q1", "retiree", "2025-02-01"))
    with database.write("test.write") as session:
        connection = session.connection()
        triggers = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars().all()
        for name in triggers:
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.exec_driver_sql("DELETE FROM fact WHERE kind = 'withdrawn'")
    assert both(database) == ("register-unreadable", "register-unreadable")


def test_the_roster_tells_how_many_references_look_like_another(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    others = ("N1;ROUX;;Zoé;1990-05-06;F;", "N2;Roux;;ZOE;1990-05-06;F;", "N3;ROUX;;Luc;1990-05-06;M;")
    roster = "\n".join((HEAD, f"Q1;{ANA}", f"Q1bis;{ANA}", *others, "")).encode()
    dry = importer(database).import_roster(roster, AT, dry_run=True)
    assert importer(database).import_roster(roster, AT).alike == dry.alike
    assert dry.alike is not None
    assert (dry.alike.same_ins, dry.alike.same_traits) == (2, 2)
    with database.read() as session:
        assert Roster(database, COLUMNS).alike(session) == dry.alike


def of_many(folder: Path, count: int) -> Database:
    """So many references of one INS, by a slip; Q1 among them is authorized."""
    database = open_database(folder)
    rows = "\n".join(f"T{number};{ANA}" for number in range(count - 1))
    importer(database).import_roster(f"{HEAD}\nQ1;{ANA}\n{rows}\nQ3;GIRÓ;;Luz;1990-01-01;F;\n".encode(), AT)
    bring(database, sheet(*(line(ref, "accordee", "2025-01-01") for ref in ("Q1", "Q3"))))
    return database


def test_an_ins_of_more_references_than_one_person_has_closes_them_all_and_hides_no_no_of_their_own(
    tmp_path: Path,
) -> None:
    assert answer(of_many(tmp_path / "all", CROWD), "Q1") == "cleared"
    database = of_many(tmp_path / "more", CROWD + 1)
    assert [answer(database, ref) for ref in ("Q1", "T0", "Q3")] == ["doubted", "doubted", "cleared"]
    with database.read() as session:
        register = Register(database, COLUMNS)
        known = register.reading_in(session, PatientRef("Q1"))
        assert isinstance(known, KnownPatient)
        assert (known.others, opposes_hosting(known, Moment(AT, TODAY), Policy())) == ((), True)
        assert Roster(database, COLUMNS).same_ins(session, found(database, "Q1")) is None
    bring(database, sheet(line("Q1", "retiree", "2025-02-01")), AT + timedelta(minutes=1))
    assert answer(database, "Q1") == "withdrawn"


def test_a_twin_that_is_hidden_by_hand_makes_both_unreadable_and_the_doctor_finds_it(tmp_path: Path) -> None:
    database = twice(tmp_path, line("Q1bis", "refusee", "2025-02-01"))
    assert both(database) == ("refused", "refused")
    roster = Roster(database, COLUMNS)
    with database.read() as session:
        roster.require_own(session)
    with database.write("test.write") as session:
        session.connection().exec_driver_sql("UPDATE patient SET ins_index = NULL WHERE ins_index IS NOT NULL")
    assert both(database) == ("register-unreadable", "register-unreadable")
    with database.read() as session, pytest.raises(TamperFault, match="column-forged"):
        roster.require_own(session)


def found(database: Database, ref: str) -> Patient:
    known = Roster(database, COLUMNS).find(PatientRef(ref))
    assert known is not None
    return known


def detached(database: Database, ref: str) -> None:
    with database.write("test.write") as session:
        Roster(database, COLUMNS).detach(session, PatientRef(ref), "01KEZZZZZZZZZZZZZZZZZZZZZZ")


def test_a_wrong_ins_is_taken_from_a_reference_and_a_later_line_gives_the_right_one_and_never_the_wrong_one(
    tmp_path: Path,
) -> None:
    database = twice(tmp_path, line("Q1bis", "deces", "2025-02-01"))
    roster = Roster(database, COLUMNS)
    version = roster.version()
    assert both(database) == ("deceased", "deceased")
    detached(database, "Q1bis")
    assert both(database) == ("cleared", "deceased")
    assert (found(database, "Q1bis").ins, found(database, "Q1").ins) == (None, INS)
    assert roster.version() != version
    with pytest.raises(StationFault, match="patient-without-ins"):
        detached(database, "Q1bis")
    for ins, outcome in ((INS, "refused"), ("", "unchanged"), (RIGHT, "unchanged"), (INS, "refused")):
        raw = f"{HEAD}\nQ1bis;ABÈS;;Ana;1979-03-28;F;{ins}\n".encode()
        (verdict,) = importer(database).import_roster(raw, AT + timedelta(minutes=5)).verdicts
        assert verdict.outcome.value == outcome, ins
    assert found(database, "Q1bis").ins == RIGHT
    assert both(database) == ("cleared", "deceased")


# At a station ---------------------------------------------------------------------------------------------------------


def join(station: Station, ref: str, other: str) -> bytes:
    """A roster of another reference for the same person."""
    found = station.roster.find(PatientRef(ref))
    assert found is not None
    assert found.ins
    cells = (other, found.birth_name, "", ", ".join(found.given_names), found.birth_date, found.sex or "", found.ins)
    return f"{HEAD}\n{';'.join(map(str, cells))}\n".encode()


def test_what_is_in_hand_under_every_reference_is_judged_anew(
    trial: Trial, invented_records: Invented, tmp_path: Path
) -> None:
    scans = make_few(
        tmp_path / "scans", "TWO_0001.tif", ("resultats_labo", "A1001", "deposited"), ("ordonnance", "A1009", "refused")
    )
    with trial.opened() as station:
        work(station, scans.path.parent)
        staff = staffed(station)
        bring_in(station, "roster", join(station, "A1001", "A1001-bis"))
        no = register_sheet(invented_records, "A1001", "retiree").replace(b"A1001;", b"A1001-bis;")
        dry = bring_in(station, "register", no, dry_run=True)
        assert dry.change is not None
        assert dry.change.counts["restrict"] == 1
        done = bring_in(station, "register", no)
        assert done.rejudged is not None
        assert done.rejudged.restricted == 1
        told = shown(station, PatientRef("A1001"))
        assert {one["answer"] for one in told["answers"]} == {"withdrawn"}
        (other,) = told["same_person"]
        assert (other["patient"], [fact["kind"] for fact in other["facts"]]) == ("A1001-bis", ["withdrawn"])
        assert "A1001-bis" in json.dumps(told)

        controller, second = staff.enrol("Mme Odile Dépéo", Role.CONTROLLER), staff.reviewer()
        decided = Detach(PatientRef("A1001-bis"), DetachReason.ANOTHERS)
        assert reviews.decide(station, decided, controller.proved()).waits
        detached_ = reviews.decide(station, decided, second.proved())
        assert (detached_.waits, detached_.rejudged.lifted) == (False, 1)
        told = shown(station, PatientRef("A1001"))
        assert (told["same_person"], {one["answer"] for one in told["answers"]}) == ([], {"cleared"})
        subject = station.keys.pseudonym(PatientRef("A1001-bis"))
        said = [(one["object"], one["outcome"], one.get("subject")) for one in entries(station)]
        assert (f"review:{detached_.review}", "decided-detach", subject) in said
        assert (f"patient:{subject}", "ins-of-another", subject) in said
        with station.database.read() as session:
            record = collect(session, 0, max(0, size_of(session) - 20))
        assert record is not None
        rows = {row["patient_index"]: row["ins_index"] for row in record.rows["patient"]}
        assert rows[station.columns.reference_index(PatientRef("A1001-bis"))] is None
