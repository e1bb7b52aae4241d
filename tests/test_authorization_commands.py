"""What is said of patients comes in, is asked for and leaves by commands; each look is an entry, each no is easy."""

import json
import stat
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from consent_gate.model import FactKind, PatientRef
from consent_gate.people import Role
from demo.records import Invented
from lexicon.faults import StationFault
from pipeline import steps as engine_steps
from pipeline.office.people import Presented
from pipeline.office.register_answers import export, listed, shown
from pipeline.office.register_desk import Looking, bring_in, take_back
from pipeline.office.register_recording import record
from pipeline.station import Station
from tests.people_fixtures import Staff, enrolled, entries, refused, staffed
from tests.trial_fixtures import TODAY, RememberingTools, Trial, make_few, register_sheet, work

A1001, A1009 = PatientRef("A1001"), PatientRef("A1009")
NO: dict[str, str] = {"kind": "retiree", "on": TODAY.isoformat()}
YES: dict[str, str] = {"kind": "accordee", "on": TODAY.isoformat()}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_steps, "DocumentTools", RememberingTools)


def gate(station: Station, ref: PatientRef, on: date | None = None, known: date | None = None) -> str:
    return str(shown(station, ref, on, known)["answers"][0]["answer"])


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
            ("A1009", "accordee", {"go-on": 1, "stop": 0, "restrict": 0, "lift": 0}),
            ("A1001", "retiree", {"go-on": 0, "stop": 0, "restrict": 1, "lift": 0}),
            ("A1001", "accordee", {"go-on": 0, "stop": 0, "restrict": 0, "lift": 0}),
        ):
            done = bring_in(station, "register", register_sheet(invented_records, ref, said), dry_run=True)
            assert done.change is not None
            assert (dict(done.change.counts), done.report.id, done.rejudged) == (counts, None, None)
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
            found = Looking(station).look(session, frozenset({A1009}))
        assert [(name.split(":")[0], said) for name, said in found.items()] == [("under-way", "cleared")]
        no = bring_in(station, "register", register_sheet(invented_records, "A1009", "refusee"), dry_run=True)
        assert no.change is not None
        assert no.change.stop == 1


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
        take_back(station, str(undone.report.id))
        facts = shown(station, A1001)["facts"]
        (gone,) = [fact for fact in facts if fact["retracted_at"]]
        assert (gone["kind"], gone["on"], gone["recorded_by"]) == ("withdrawn", "2025-12-01", None)
        assert gate(station, A1001) == "contradictory"
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
    assert record(station, A1009, NO | {"on": "2026-01-10"}).fact is not None


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


def test_an_export_is_for_its_owner_alone_an_entry_and_never_over_another_file(trial: Trial, tmp_path: Path) -> None:
    with trial.opened() as station:
        target = tmp_path / "register.csv"
        answer = export(station, "csv", target)
        assert stat.S_IMODE(target.stat().st_mode) == 0o600
        entry = entries(station)[-1]
        assert (entry["type"], entry["outcome"]) == ("consultation", "register-exported")
        assert entry["counts"] == {"facts": answer["facts"]}
        with pytest.raises(StationFault, match="export-target-taken"):
            export(station, "csv", target)
        fhir = tmp_path / "register.json"
        with pytest.raises(StationFault, match="fhir-not-set-up"):
            export(station, "fhir", fhir)
        named = station.config.authorization.fhir.model_copy(update={"patient_system": "urn:example:patients"})
        section = station.config.authorization.model_copy(update={"fhir": named})
        station.config = station.config.model_copy(update={"authorization": section})
        export(station, "fhir", fhir)
        assert json.loads(fhir.read_text("utf-8"))["resourceType"] == "Bundle"
        brought = bring_in(station, "register", target.read_bytes())
        assert brought.report.count(brought.report.verdicts[0].outcome.UNCHANGED) == answer["facts"]
        early = export(station, "csv", tmp_path / "early.csv", known=date(2020, 1, 1))
        assert early["facts"] == 0


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
    nobody = trial.run("authorization", "record", "A1009", "--kind", "accordee", "--on", "2026-01-15")
    assert (nobody.code, "[person-unknown]" in nobody.err) == (10, True)
    assert any(fact["retracted"] for fact in trial.run("authorization", "list", "--json").lines)
