"""What is said of patients comes in, is asked for and leaves by commands; each look is an entry, each no is easy."""

import json
import os
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import click
import pytest

from cli import liasse as cli
from commands.misuse import misuse_text
from consent_gate.gate import decide
from consent_gate.imports import LineOutcome
from consent_gate.model import Decision, FactKind, PatientRef
from consent_gate.people import Role
from demo.records import Invented
from lexicon.faults import StationFault
from pipeline import steps as engine_steps
from pipeline.clock import wall
from pipeline.office import register_answers, register_desk
from pipeline.office.people import Presented
from pipeline.office.register_answers import export, listed, shown
from pipeline.office.register_desk import Brought, bring_in, take_back
from pipeline.office.register_recording import record
from pipeline.station import Station
from storage.rejudges import under_way
from tests.people_fixtures import Staff, code_of, enrolled, entries, refused, staffed
from tests.trial_fixtures import TODAY, Ran, RememberingTools, Trial, make_few, register_sheet, run_command, work

A1001, A1009 = PatientRef("A1001"), PatientRef("A1009")
NO: dict[str, str] = {"kind": "retiree", "on": TODAY.isoformat()}
YES: dict[str, str] = {"kind": "accordee", "on": TODAY.isoformat()}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_steps, "DocumentTools", RememberingTools)


def gate(station: Station, ref: PatientRef, on: date | None = None, known: date | None = None) -> str:
    return str(shown(station, ref, on, known)["answers"][0]["answer"])


def would(done: Brought) -> dict[str, int]:
    """What a dry run tells, but for what it does not touch."""
    assert done.change is not None
    return {name: count for name, count in done.change.counts.items() if count}


# What an import would change ------------------------------------------------------------------------------------------


def test_a_dry_run_tells_what_would_become_of_documents_in_hand_and_changes_nothing(
    trial: Trial, invented_records: Invented, tmp_path: Path
) -> None:
    scans = make_few(
        tmp_path / "scans", "TWO_0001.tif", ("resultats_labo", "A1001", "deposited"), ("ordonnance", "A1009", "refused")
    )
    with trial.opened() as station:
        work(station, scans.path.parent)
        before = len(entries(station))
        for ref, said, counts in (
            ("A1009", "accordee", {"go-on": 1}),
            ("A1009", "refusee", {"close": 1}),
            ("A1009", "refussee", {"otherwise": 1}),
            ("A1001", "retiree", {"restrict": 1, "propose-deletion": 1}),
            ("A1001", "opposition_acces", {"restrict": 1}),
            ("A1001", "accordee", {}),
        ):
            done = bring_in(station, "register", register_sheet(invented_records, ref, said), dry_run=True)
            assert (would(done), done.report.id, done.rejudged) == (counts, None, None)
        assert len(entries(station)) == before
        assert (gate(station, A1001), gate(station, A1009)) == ("cleared", "no-authorization")
        restricted = bring_in(station, "register", register_sheet(invented_records, "A1001", "retiree"))
        assert restricted.rejudged is not None
        assert restricted.rejudged.restricted == 1
        undone = take_back(station, str(restricted.report.id), dry_run=True)
        assert undone.change is not None
        assert undone.change.counts["lift"] == 0, "a no that is taken back stays a doubt"


def test_a_document_on_its_way_is_counted_among_those_that_would_stop(
    trial: Trial, invented_records: Invented, tmp_path: Path
) -> None:
    scans = make_few(tmp_path / "scans", "ONE_0001.tif", ("ordonnance", "A1009", "refused"))
    with trial.opened() as station:
        work(station, scans.path.parent)
        bring_in(station, "register", register_sheet(invented_records, "A1009", "accordee"))
        with station.database.read() as session:
            assert len(under_way(session, None)) == 1
        for said, counts in (("refusee", {"stop": 1, "close": 1}), ("refussee", {"stop": 1}), ("accordee", {})):
            done = bring_in(station, "register", register_sheet(invented_records, "A1009", said), dry_run=True)
            assert would(done) == counts


def test_a_line_that_cannot_be_used_closes_no_document_for_good(
    trial: Trial, invented_records: Invented, tmp_path: Path
) -> None:
    scans = make_few(tmp_path / "scans", "ONE_0001.tif", ("ordonnance", "A1009", "refused"))
    with trial.opened() as station:
        work(station, scans.path.parent)
        doubted = bring_in(station, "register", register_sheet(invented_records, "A1009", "refussee"))
        assert doubted.rejudged is not None
        assert (doubted.rejudged.otherwise, doubted.rejudged.closed) == (1, 0)
        with station.database.read() as session:
            (kept,) = station.documents.documents(session, patient=A1009)
        assert (kept.reason, kept.custody) == ("doubted", "curable")
        mended = bring_in(station, "register", register_sheet(invented_records, "A1009", "accordee"))
        assert mended.rejudged is not None
        assert len(mended.rejudged.gone_on) == 1


def test_a_dry_run_asks_the_gate_when_another_writer_need_not_wait(
    trial: Trial, invented_records: Invented, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scans = make_few(tmp_path / "scans", "ONE_0001.tif", ("ordonnance", "A1009", "refused"))
    with trial.opened() as station, trial.opened() as other:
        work(station, scans.path.parent)
        asked = []

        def writing(*question: Any) -> Decision:
            with other.database.write("test.write"):
                asked.append(question[0])
            return decide(*question)

        monkeypatch.setattr(register_desk, "decide", writing)
        done = bring_in(station, "register", register_sheet(invented_records, "A1009", "accordee"), dry_run=True)
        assert would(done) == {"go-on": 1}
        undone = bring_in(station, "register", register_sheet(invented_records, "A1009", "refusee"), dry_run=True)
        assert would(undone) == {"close": 1}
        assert len(asked) == 4


# Two times ------------------------------------------------------------------------------------------------------------


def test_what_held_on_a_day_and_what_was_believed_on_another_are_two_answers(
    trial: Trial, invented_records: Invented
) -> None:
    with trial.opened() as station:
        staff = staffed(station)
        early = date(2025, 12, 1)
        yesterday = staff.clock().astimezone(station.clock.zone).date()
        assert gate(station, A1001) == "cleared"
        staff.clock.pass_(days=1)
        sheet = register_sheet(invented_records, "A1001", "retiree", on=early)
        undone = bring_in(station, "register", sheet)
        assert gate(station, A1001) == "withdrawn"
        assert gate(station, A1001, on=early - timedelta(days=1)) == "cleared"
        assert gate(station, A1001, on=early, known=yesterday) == "cleared"
        assert gate(station, A1001, on=early) == "withdrawn"
        staff.clock.pass_(days=1)
        take_back(station, str(undone.report.id), staff.reviewer().proved)
        facts = shown(station, A1001)["facts"]
        (gone,) = [fact for fact in facts if fact["retracted_at"]]
        assert (gone["kind"], gone["on"], gone["recorded_by"]) == ("withdrawn", "2025-12-01", None)
        assert gate(station, A1001) == "doubted"
        assert gate(station, A1001, known=yesterday + timedelta(days=1)) == "withdrawn"


def test_the_answer_is_told_for_each_type_that_anybody_has_named(trial: Trial) -> None:
    with trial.opened() as station:
        staffed(station)
        record(station, A1009, NO)
        with pytest.raises(StationFault, match="second-factor-missing"):
            record(station, A1009, YES | {"scope": "labo"})
        answers = shown(station, A1009)["answers"]
    assert [(one["doc_type"], one["answer"]) for one in answers] == [(None, "withdrawn")]


def test_every_look_at_the_register_is_an_entry_and_lists_have_opaque_references_alone(trial: Trial) -> None:
    with trial.opened() as station:
        before = len(entries(station))
        granted = listed(station, FactKind.GRANTED)
        assert granted
        assert {fact["kind"] for fact in granted} == {"granted"}
        assert listed(station, None, date(2100, 1, 1)) == []
        shown(station, A1001)
        looks = entries(station)[before:]
        assert [(str(e["type"]), str(e["outcome"])) for e in looks] == [
            ("consultation", "register-listed"),
            ("consultation", "register-listed"),
            ("consultation", "register-shown"),
        ]
        assert looks[2]["subject"] == station.keys.pseudonym(A1001)
        names = {patient.birth_name for patient in station.roster.all()}
        assert not [name for name in names if name in json.dumps(granted, ensure_ascii=False)]
        with pytest.raises(StationFault, match="patient-not-on-roster"):
            shown(station, PatientRef("A9999"))


# What a person records ------------------------------------------------------------------------------------------------


@pytest.fixture
def staff(trial: Trial) -> Iterator[Staff]:
    with trial.opened() as station:
        yield staffed(station)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("refusee", "refused"),
        ("retiree", "withdrawn"),
        ("opposition", "opposition"),
        ("opposition_acces", "opposition-access"),
        ("deces", "deceased"),
    ],
)
def test_a_no_is_recorded_by_anybody_at_once(trial: Trial, said: str, reason: str) -> None:
    with trial.opened() as station:
        done = record(station, A1001, {"kind": said, "on": station.clock.moment().day.isoformat()})
        assert gate(station, A1001) == reason
        entry = next(e for e in reversed(entries(station)) if e["object"] == f"fact:{done.fact}")
        assert (entry["type"], entry["outcome"]) == ("review", f"{done.kind.value}-recorded")
        assert entry["subject"] == station.keys.pseudonym(A1001)
        assert record(station, A1001, {"kind": said, "on": station.clock.moment().day.isoformat()}).fact is None


def test_a_permission_is_recorded_by_an_enrolled_person_alone(staff: "Staff") -> None:
    station, on = staff.station, TODAY.isoformat()
    yes = {"kind": "accordee", "on": on, "evidence": "F-1", "evidence_kind": "oral", "witness": "Zéphyrine Témoin"}
    with pytest.raises(StationFault, match="second-factor-missing"):
        record(station, A1009, yes)
    operator = enrolled(station, staff.clock, "Opérateur", Role.OPERATOR, staff.administrator.proved())
    with refused(station, "role-insufficient", operator.id):
        record(station, A1009, yes, operator.proved)
    reviewer = staff.reviewer()
    with refused(station, "second-factor-missing", reviewer.id):
        record(station, A1009, yes, lambda: Presented(reviewer.id))
    assert gate(station, A1009) == "no-authorization"
    done = record(station, A1009, yes, reviewer.proved)
    assert gate(station, A1009) == "cleared"
    (fact,) = [one for one in shown(station, A1009)["facts"] if one["fact"] == done.fact]
    assert (fact["recorded_by"], fact["evidence"]["witness"]) == (reviewer.id, "Zéphyrine Témoin")
    told = [e for e in entries(station) if e["object"] == f"fact:{done.fact}"]
    assert [e["agents"]["person"] for e in told] == [reviewer.id]
    assert "phyrine" not in json.dumps(entries(station), ensure_ascii=False)


@pytest.mark.parametrize("said", ["accordee", "limitee", "information", "opposition_levee"])
def test_nothing_that_may_open_the_gate_is_recorded_by_nobody(trial: Trial, said: str) -> None:
    words = {"kind": said, "on": "2026-01-10", "scope": "labo" if said == "limitee" else ""}
    with trial.opened() as station, pytest.raises(StationFault, match="second-factor-missing"):
        record(station, A1009, words)


def test_a_station_of_four_eyes_records_no_permission_by_one(staff: "Staff") -> None:
    station = staff.station
    review = station.config.review.model_copy(update={"four_eyes": ("authorize",)})
    station.config = station.config.model_copy(update={"review": review})
    with pytest.raises(StationFault, match="four-eyes-needed"):
        record(station, A1009, YES, staff.reviewer().proved)
    with pytest.raises(StationFault, match="four-eyes-needed"):
        record(station, A1009, {"kind": "opposition_levee", "on": "2026-01-10"}, staff.reviewer("Dr B").proved)
    assert record(station, A1009, NO | {"on": "2026-01-10"}).fact is not None
    assert record(station, A1009, {"kind": "information", "on": "2026-01-10"}, staff.reviewer("Dr C").proved).fact


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ({"kind": "peut-etre", "on": "2026-01-10"}, "--kind, kind-unknown"),
        ({"kind": "retiree", "on": "2999-01-01"}, "--on, date-future"),
        ({"kind": "retiree", "on": "hier"}, "--on, date-unreadable"),
        ({"kind": "limitee", "on": "2026-01-10"}, "--scope, limit-missing"),
        ({"kind": "accordee", "on": "2026-01-10", "evidence_sha256": "00"}, "--evidence-sha256, hash-malformed"),
    ],
)
def test_what_cannot_be_recorded_is_told_by_its_option_and_never_by_its_text(
    trial: Trial, words: dict[str, str], why: str
) -> None:
    with trial.opened() as station, pytest.raises(StationFault) as caught:
        record(station, A1001, words)
    assert (caught.value.code, caught.value.facts) == ("statement-unusable", {"reason": why})


# Files ----------------------------------------------------------------------------------------------------------------


def test_an_export_is_for_its_owner_alone_an_entry_and_never_over_another_file(staff: Staff, tmp_path: Path) -> None:
    station, by = staff.station, staff.reviewer().proved
    target = tmp_path / "register.csv"
    answer = export(station, "csv", target, by)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    entry = entries(station)[-1]
    assert (entry["type"], entry["outcome"]) == ("consultation", "register-exported")
    assert entry["counts"] == {"facts": answer["facts"], "patients": answer["patients"]}
    with pytest.raises(StationFault, match="export-target-taken"):
        export(station, "csv", target, by)
    fhir = tmp_path / "register.json"
    with pytest.raises(StationFault, match="fhir-not-set-up"):
        export(station, "fhir", fhir, by)
    named = station.config.authorization.fhir.model_copy(update={"patient_system": "urn:example:patients"})
    section = station.config.authorization.model_copy(update={"fhir": named})
    station.config = station.config.model_copy(update={"authorization": section})
    export(station, "fhir", fhir, by)
    assert json.loads(fhir.read_text("utf-8"))["resourceType"] == "Bundle"
    brought = bring_in(station, "register", target.read_bytes())
    assert brought.report.count(brought.report.verdicts[0].outcome.UNCHANGED) == answer["facts"]
    early = export(station, "csv", tmp_path / "early.csv", by, known=date(2020, 1, 1))
    assert (early["facts"], early["patients"]) == (0, 0)


def test_the_register_leaves_with_somebody_who_says_who_they_are(staff: Staff, tmp_path: Path) -> None:
    """It leaves with names and numbers: an administrator, who sees no patient, does not take it out."""
    station, target, reviewer = staff.station, tmp_path / "register.csv", staff.reviewer()
    with refused(station, "role-insufficient", staff.administrator.id):
        export(station, "csv", target, staff.administrator.proved)
    with refused(station, "second-factor-missing", reviewer.id):
        export(station, "csv", target, lambda: Presented(reviewer.id))
    assert not list(tmp_path.glob("register*"))
    export(station, "csv", target, reviewer.proved)
    *_, proof, entry = entries(station)
    assert (proof["outcome"], entry["outcome"]) == ("authenticated", "register-exported")
    assert (entry["agents"]["person"], entry["parent"]) == (reviewer.id, proof["id"])
    assert entry["hashes_in"] == proof["hashes_in"]


@pytest.mark.parametrize(("form", "largest"), [("csv", 600), ("fhir", 6000)])
def test_what_no_import_would_take_is_written_into_several_files_that_are_whole(
    staff: Staff, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: Literal["csv", "fhir"], largest: int
) -> None:
    station, by = staff.station, staff.reviewer().proved
    named = station.config.authorization.fhir.model_copy(update={"patient_system": "urn:example:patients"})
    section = station.config.authorization.model_copy(update={"fhir": named})
    station.config = station.config.model_copy(update={"authorization": section})
    monkeypatch.setattr(register_answers, "LARGEST", largest)
    target = tmp_path / f"register.{form}"
    answer = export(station, form, target, by)
    assert len(answer["paths"]) > 1
    assert sorted(map(str, tmp_path.glob("register*"))) == sorted(answer["paths"])
    unchanged = 0
    for path in map(Path, answer["paths"]):
        assert path.stat().st_size <= largest
        unchanged += bring_in(station, "register", path.read_bytes()).report.count(LineOutcome.UNCHANGED)
    assert unchanged > 1
    Path(answer["paths"][0]).unlink()
    with pytest.raises(StationFault, match="export-target-taken"):
        export(station, form, target, by)
    assert not target.exists()


def test_an_import_that_holds_a_no_is_taken_back_by_a_person_who_may_decide(
    staff: Staff, invented_records: Invented
) -> None:
    """Reviewers supply facts, and a retraction is one; what restricts nobody is taken back by anybody."""
    station, reviewer = staff.station, staff.reviewer()
    no = str(bring_in(station, "register", register_sheet(invented_records, "A1001", "retiree")).report.id)
    with pytest.raises(StationFault, match="second-factor-missing"):
        take_back(station, no)
    operator = staff.enrol("Opérateur", Role.OPERATOR)
    with refused(station, "role-insufficient", operator.id):
        take_back(station, no, operator.proved)
    assert gate(station, A1001) == "withdrawn"
    take_back(station, no, reviewer.proved)
    told = [entry for entry in entries(station) if entry["outcome"] == "register-undone"]
    assert [(entry["agents"]["person"], entry["parent"]) for entry in told] == [(reviewer.id, no)]
    proof = next(e for e in reversed(entries(station)) if e["outcome"] == "authenticated")
    assert told[0]["hashes_in"] == proof["hashes_in"]
    for said in ("information", "accordee"):
        later = register_sheet(invented_records, "A1001", said, on=TODAY - timedelta(days=400))
        bring_in(station, "register", later)
        assert gate(station, A1001) == "doubted"
    yes = str(bring_in(station, "register", register_sheet(invented_records, "A1009", "accordee")).report.id)
    assert take_back(station, yes).report.retracted == 1


def test_a_doubt_is_of_the_clients_day_and_so_is_a_birth(trial: Trial, invented_records: Invented) -> None:
    """In Guadeloupe it is still the day before when a new day has begun by UTC."""
    with trial.opened() as station:
        staff = staffed(station)
        midnight = staff.clock().replace(hour=2, minute=0, second=0, microsecond=0) + timedelta(days=2)
        staff.clock.at = midnight
        station.clock = replace(station.clock, zone=ZoneInfo("America/Guadeloupe"), as_of=None, wall=staff.clock)
        today = midnight.date() - timedelta(days=1)
        bring_in(station, "register", register_sheet(invented_records, "A1001", "refussee"))
        (doubt,) = [fact for fact in shown(station, A1001)["facts"] if fact["kind"] == "doubted"]
        assert doubt["on"] == today.isoformat()
        head = "patient_id;nom_naissance;prenoms;date_naissance"
        born = [f"{head}\nB{n};ROUX;Ana;{today + timedelta(days=n)}\n".encode() for n in (0, 1)]
        codes = [bring_in(station, "roster", raw).report.verdicts[0].code for raw in born]
        assert codes == [None, "birth-date-future"]


def test_the_commands_from_import_to_withdrawal(trial: Trial, invented_records: Invented, tmp_path: Path) -> None:
    """As an operator types them; each answer of a reading command is JSON too."""
    sheet = tmp_path / "sheet.csv"
    sheet.write_bytes(register_sheet(invented_records, "A1009", "accordee", on=TODAY))
    as_of = ("--as-of", TODAY.isoformat(), "authorization")
    dry = trial.run(*as_of, "import", sheet, "--dry-run")
    assert (dry.code, "reprendraient" in dry.out, "rien n'a été enregistré" in dry.out) == (0, True, True)
    brought = json.loads(trial.run(*as_of, "import", sheet, "--json").out)
    assert (brought["added"], brought["rejudged"]["restricted"]) == (1, 0)
    undone = json.loads(trial.run(*as_of, "undo", brought["import"], "--json").out)
    assert (undone["retracted"], undone["doubted"]) == (1, 0)
    withdrawn = trial.run("authorization", "withdraw", "A1001", "--on", "2026-01-15", "--json")
    assert json.loads(withdrawn.out)["kind"] == "withdrawn"
    spoken = trial.run("authorization", "show", "A1001")
    assert (spoken.code, "[withdrawn]" in spoken.out) == (0, True)
    sheet.write_bytes(register_sheet(invented_records, "A1009", "retiree", on=TODAY))
    no = json.loads(trial.run(*as_of, "import", sheet, "--json").out)["import"]
    by_nobody = (
        ("record", "A1009", "--kind", "accordee", "--on", "2026-01-15"),
        ("undo", no),
        ("export", "--format", "csv", "--out", tmp_path / "register.csv"),
    )
    for words in by_nobody:
        nobody = trial.run("authorization", *words)
        assert (nobody.code, "[person-unknown]" in nobody.err) == (10, True)
    assert not (tmp_path / "register.csv").exists()
    assert any(fact["retracted"] for fact in trial.run("authorization", "list", "--json").lines)


def test_a_witness_is_asked_for_and_is_no_argument(trial: Trial) -> None:
    words = (
        "authorization",
        "withdraw",
        "A1001",
        "--on",
        "2026-01-15",
        "--evidence-kind",
        "oral",
        "--witness",
        "--json",
    )
    ran = run_command(trial.command(*words), trial.environment(), answers="Zéphyrine Témoin\n")
    assert (ran.code, "phyrine" in ran.out + ran.err) == (0, False), ran.err
    with trial.opened() as station:
        fact = shown(station, A1001)["facts"][-1]
    assert fact["evidence"]["witness"] == "Zéphyrine Témoin"


def test_what_leaves_something_for_a_person_ends_with_three(
    trial: Trial, invented_records: Invented, tmp_path: Path
) -> None:
    scans = make_few(
        tmp_path / "scans", "TWO_0001.tif", ("ordonnance", "A1009", "refused"), ("ordonnance", "A1009", "refused")
    )
    with trial.config.open("a") as config:
        config.write("\n[review]\nrelease_threshold = 1\n")
    with trial.opened() as station:
        work(station, scans.path.parent)
        staff = staffed(station)
        reviewer = staff.reviewer()
    (tmp_path / "code").write_text(code_of(reviewer.secret or b"", wall() + timedelta(seconds=30)))
    who = ("--person", reviewer.id, "--code-file", tmp_path / "code")
    yes = trial.run("authorization", "record", "A1009", "--kind", "accordee", "--on", TODAY.isoformat(), *who, "--json")
    assert (yes.code, json.loads(yes.out)["rejudged"]["held-back"]) == (3, 2), yes.err
    no = trial.run("authorization", "withdraw", "A1001", "--on", TODAY.isoformat(), "--json")
    assert (no.code, json.loads(no.out)["rejudged"]["held-back"]) == (0, 0)
    sheet = tmp_path / "sheet.csv"
    sheet.write_bytes(register_sheet(invented_records, "A1009", "refussee", on=TODAY))
    assert trial.run("authorization", "import", sheet).code == 3


# What is told before and after ----------------------------------------------------------------------------------------


def at_a_terminal(trial: Trial, typed: str, *arguments: str) -> Ran:
    """The command with a terminal to read from."""
    master, slave = os.openpty()
    try:
        os.write(master, typed.encode())
        ended = subprocess.run(
            list(map(str, trial.command(*arguments))), stdin=slave, capture_output=True, text=True,
            env=trial.environment(), timeout=120, check=False,
        )  # fmt: skip
    finally:
        os.close(slave)
        os.close(master)
    return Ran(ended.returncode, ended.stdout, ended.stderr, 0.0, 0.0)


def test_a_no_typed_at_a_terminal_shows_of_whom_it_is_and_what_it_changes_and_is_asked(
    trial: Trial, tmp_path: Path
) -> None:
    scans = make_few(tmp_path / "scans", "ONE_0001.tif", ("resultats_labo", "A1001", "deposited"))
    with trial.opened() as station:
        work(station, scans.path.parent)
        patient = station.roster.find(A1001)
    assert patient is not None
    words = ("authorization", "withdraw", "A1001", "--on", TODAY.isoformat())
    asked = at_a_terminal(trial, "n\n", *words)
    assert (asked.code, "Rien n'a été enregistré." in asked.err) == (0, True), asked.err
    assert f"{patient.birth_name[0]}•••" in asked.out
    assert "1 seraient limités" in asked.out
    assert patient.birth_name not in asked.out + asked.err
    dry = json.loads(trial.run(*words, "--dry-run", "--json").out)
    assert (dry["would"]["restrict"], dry["would"]["propose-deletion"], dry["kind"]) == (1, 1, "withdrawn")
    assert dry["patient"]["birth_year"] == patient.birth_date.year
    assert "essai à blanc" in trial.run(*words, "--dry-run").out
    with trial.opened() as station:
        assert gate(station, A1001) == "cleared"
    done = at_a_terminal(trial, "", *words, "--yes")
    assert (done.code, "enregistré" in done.out, "?" in done.err) == (0, True, False)
    with trial.opened() as station:
        assert gate(station, A1001) == "withdrawn"


@pytest.mark.parametrize(
    ("kind", "given_by", "on", "evidence"),
    [
        ("retiree", "autorite_parentale", "10/01/2026", "courriel"),
        ("withdrawn", "parental-authority", "2026-01-10", "e-mail"),
    ],
)
def test_the_clients_words_and_the_programs_mean_the_same(
    trial: Trial, kind: str, given_by: str, on: str, evidence: str
) -> None:
    more = ("--given-by", given_by, "--on", on, "--evidence-kind", evidence, "--evidence", "M-1", "--evidence-on", on)
    ran = trial.run("authorization", "record", "A1001", "--kind", kind, *more, "--json")
    assert ran.code == 0, ran.err
    with trial.opened() as station:
        fact = shown(station, A1001)["facts"][-1]
    assert (fact["kind"], fact["on"], fact["given_by"]) == ("withdrawn", "2026-01-10", "parental-authority")
    assert (fact["evidence"]["kind"], fact["evidence"]["on"]) == ("e-mail", "2026-01-10")


@pytest.mark.parametrize(
    "words",
    [
        ("authorization", "record", "A1001", "--on", "2026-01-10", "--kind"),
        ("authorization", "record", "A1001", "--on", "2026-01-10", "--kind", "retiree", "--given-by"),
        ("refusal", "review", "authorize", "D", "--on", "10/01/2026", "--evidence-kind"),
        ("refusal", "review", "authorize", "D", "--on", "10/01/2026", "--evidence-kind", "courriel", "--given-by"),
        ("authorization", "forms", "check", "F", "accordee", "--on", "10/01/2026", "--given-by"),
    ],
)
def test_a_word_that_is_none_is_told_with_those_that_are(words: tuple[str, ...]) -> None:
    for right in WORDS[words[-1]]:
        assert parsed(*words, right) is None
    told = parsed(*words, "MARTIN")
    assert told is not None
    assert all(right in told for right in WORDS[words[-1]])
    assert "MARTIN" not in told


WORDS = {
    "--kind": ("accordee", "granted", "opposition_levee", "opposition-lifted"),
    "--given-by": ("autorite_parentale", "parental-authority", "tuteur", "guardian"),
    "--evidence-kind": ("formulaire_signe", "signed-form", "courriel", "e-mail"),
}


def parsed(*words: str) -> str | None:
    """What is wrong with a command line, in English."""
    command: click.Command = cli
    context = click.Context(command, **command.context_settings)  # click keeps what a first context made of `--help`
    rest = list(words)
    while isinstance(command, click.Group):
        command = command.commands[rest.pop(0)]
        context = click.Context(command, parent=context, info_name=command.name)
    try:
        command.parse_args(context, rest)
    except click.ClickException as error:
        return misuse_text(error, "en")
    return None


def test_what_is_to_be_looked_at_is_shown_with_where_to_find_it(trial: Trial) -> None:
    with trial.opened() as station:
        staff = staffed(station)
        words = {"evidence": "F-17", "evidence_kind": "signed-form", "evidence_on": "2026-01-09", "scope": "labo,ecg"}
        done = record(station, A1009, {"kind": "limitee", "on": "2026-01-10", **words}, staff.reviewer().proved)
        (fact,) = [one for one in shown(station, A1009)["facts"] if one["fact"] == done.fact]
        assert fact["check"] == "not-checked"
    spoken = " ".join(trial.run("authorization", "show", "A1009").out.split())
    assert "un formulaire signé, F-17, du 2026-01-09" in spoken
    assert "preuve non vérifiée" in spoken
    assert "types : ecg, labo" in spoken
    assert "selon le contrat d'aujourd'hui" in spoken


def test_a_patient_whom_the_roster_did_not_know_then_was_unknown_then(trial: Trial) -> None:
    with trial.opened() as station:
        yesterday = station.clock.moment().day - timedelta(days=3650)
        answer = shown(station, A1001, known=yesterday)
        assert [one["answer"] for one in answer["answers"]] == ["patient-unknown"]
        assert (answer["facts"], answer["terms"]) == ([], station.policy.digest())
        assert gate(station, A1001) == "cleared"


def test_an_import_tells_whom_it_puts_in_doubt_and_by_which_lines(
    trial: Trial, invented_records: Invented, tmp_path: Path
) -> None:
    lines = (
        register_sheet(invented_records, "A1001", "refussee")
        + register_sheet(invented_records, "A1009", "refussee").splitlines()[1]
        + b"\n"
        + register_sheet(invented_records, "A1009", "accordee").splitlines()[1]
        + b"\n"
    )
    sheet = tmp_path / "sheet.csv"
    sheet.write_bytes(lines)
    dry = trial.run("authorization", "import", sheet, "--dry-run")
    assert "2 patient(s) en doute par les lignes 2-3" in dry.out
    assert dry.out.count("jusqu'à ce qu'un fichier ou une personne lève le doute") == 2
    brought = json.loads(trial.run("authorization", "import", sheet, "--json").out)
    assert (brought["doubted"], brought["doubting"]) == (2, [2, 3])
    assert [one["doubts"] for one in brought["refusals"]] == [True, True, False]
