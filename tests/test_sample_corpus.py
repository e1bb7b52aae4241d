"""On the shared corpus: nobody deposited who may not be, nobody under another's name, every page told, nobody named."""

import csv
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from bench.sample import CORPUS, Result, process, table
from consent_gate.model import Patient, PatientRef
from tests.hunter import Hunter, Person
from tests.trial_fixtures import Trial

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not (CORPUS / "truth.json").exists(), reason=f"no corpus in {CORPUS} (set LIASSE_CORPUS)"),
]


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    return Trial.found(tmp_path_factory.mktemp("sample") / "station", rule="two-sources")


@pytest.fixture(scope="module")
def result(station: Trial) -> Result:
    return process(station.command(), CORPUS, station.environment())


def test_the_table(result: Result, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\n\n{table(result)}\n")  # noqa: T201  the table is the answer
    assert len(result.rows) == 34
    assert all(row.ends for row in result.rows)


def test_nothing_is_deposited_whose_authorization_does_not_hold(result: Result) -> None:
    assert result.wrongly_deposited == []
    assert {row.outcome for row in result.rows if not row.may_pass} <= {"refused", "held"}


def test_nothing_is_deposited_nor_decided_under_another_patient_than_the_paper_shows(result: Result) -> None:
    assert result.under_another == []
    assert result.wrongly_decided == []


def test_no_page_is_in_two_columns_or_none(result: Result) -> None:
    assert result.misplaced == []
    (accounts,) = result.lines("accounts")
    assert accounts["images"]["balanced"]
    assert accounts["paper"]["balanced"]
    assert accounts["images"]["captured"] == 108
    assert len(result.lines("file")) == len(list((CORPUS / "batches").iterdir()))


def test_all_readable_separators_are_read(result: Result) -> None:
    assert (result.separators_read, result.separators) == (26, 27)


def test_each_trap_is_held(result: Result) -> None:
    """A sheet of another patient, one that is missing, one that nobody can read."""
    trapped = {row.trap: (row.outcome, row.reason) for row in result.rows if row.trap}
    assert len(trapped) == 3
    assert {outcome for outcome, _ in trapped.values()} == {"held"}
    assert trapped["unreadable_separator"][1] == "separator-damaged"


def test_of_those_that_two_printed_sources_decide_most_need_no_person(result: Result) -> None:
    assert len(result.decidable) == 25
    assert len(result.decided) >= 0.85 * len(result.decidable)


def test_the_evidence_verifies(station: Trial, result: Result) -> None:
    assert result.talk == ""
    assert station.run("custody", "verify").code == 0


def patients() -> list[Patient]:
    with (CORPUS / "patients.csv").open(encoding="utf-8", newline="") as lines:
        return [
            Patient(
                PatientRef(line["patient_id"]),
                line["nom_naissance"],
                line["nom_usage"] or None,
                tuple(name.strip() for name in line["prenoms"].split(",")),
                date.fromisoformat(line["date_naissance"]),
                line["sexe"],
                line["nir"],
            )
            for line in csv.DictReader(lines, delimiter=";")
        ]


def test_nobody_is_named_in_databases_spool_logs_host_and_temporary_folders(station: Trial, result: Result) -> None:
    people = patients()
    hunter = Hunter(map(Person.of, people))
    said = station.run("status").out + station.run("refusal", "list").out
    engine = station.home / "engine.db"
    with closing(sqlite3.connect(f"file:{engine}?mode=ro", uri=True)) as connection:
        shape = "\n".join(str(sql) for (sql,) in connection.execute("SELECT sql FROM sqlite_master"))
    columns = {trace.term for trace in hunter.in_text(shape, "shape")}  # a column of DBOS's is called as a family is
    found = hunter.in_folder(station.folder)
    assert {t for t in found if not (Path(t.where).name.startswith(engine.name) and t.term in columns)} == set()
    assert hunter.in_text(result.told + result.talk + said, "output") == set()
    assert station.left_at_work() == []
    control = station.work / "control"
    control.write_text(f"{people[3].given_names[0].upper()} {people[3].ins}", encoding="utf-16-le")
    assert {trace.term for trace in hunter.in_folder(station.work)} == {people[3].given_names[0], people[3].ins}
    control.unlink()
