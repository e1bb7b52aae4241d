"""On the shared corpus: nobody deposited who may not be, nobody under another's name, every page told, nobody named."""

import csv
import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Part:
    """Files of the corpus, and what there is to count in them."""

    files: str
    """All whose names begin so."""
    images: int
    documents: int
    decidable: int
    sheets: int
    readable: int


FEW = Part("B002 B004 B005", images=26, documents=10, decidable=5, sheets=7, readable=6)
"""Colour pages without backs, loose images without a sheet, a PDF with all three traps; all of it in `make soak`."""
ALL = Part("B", images=108, documents=34, decidable=25, sheets=27, readable=26)


@pytest.fixture(
    scope="module", params=[pytest.param(FEW, id="few"), pytest.param(ALL, id="all", marks=pytest.mark.slow)]
)
def part(request: pytest.FixtureRequest) -> Part:
    part: Part = request.param
    return part


@pytest.fixture(scope="module")
def corpus(part: Part, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The corpus with these files alone."""
    folder = tmp_path_factory.mktemp("corpus")
    begins = tuple(part.files.split())
    truth = json.loads((CORPUS / "truth.json").read_text(encoding="utf-8"))
    truth["batches"] = [one for one in truth["batches"] if Path(one["file"]).name.startswith(begins)]
    (folder / "truth.json").write_text(json.dumps(truth), encoding="utf-8")
    (folder / "batches").mkdir()
    for name in ("patients.csv", "authorizations.csv", *(one["file"] for one in truth["batches"])):
        shutil.copy(CORPUS / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def station(part: Part, tmp_path_factory: pytest.TempPathFactory) -> Trial:
    assert part.files
    return Trial.found(tmp_path_factory.mktemp("sample") / "station", rule="two-sources")


@pytest.fixture(scope="module")
def result(station: Trial, corpus: Path) -> Result:
    return process(station.command(), corpus, station.environment())


def test_the_table(result: Result, part: Part, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\n\n{table(result)}\n")  # noqa: T201  the table is the answer
    assert len(result.rows) == part.documents
    assert all(row.ends for row in result.rows)


def test_nothing_is_deposited_whose_authorization_does_not_hold(result: Result) -> None:
    assert result.wrongly_deposited == []
    assert {row.outcome for row in result.rows if not row.may_pass} <= {"refused", "held"}


def test_nothing_is_deposited_nor_decided_under_another_patient_than_the_paper_shows(result: Result) -> None:
    assert result.under_another == []
    assert result.wrongly_decided == []


def test_no_page_is_in_two_columns_or_none(result: Result, part: Part, corpus: Path) -> None:
    assert result.misplaced == []
    (accounts,) = result.lines("accounts")
    assert accounts["images"]["balanced"]
    assert accounts["paper"]["balanced"]
    assert accounts["images"]["captured"] == part.images
    assert len(result.lines("file")) == len(list((corpus / "batches").iterdir()))


def test_all_readable_separators_are_read(result: Result, part: Part) -> None:
    assert (result.separators_read, result.separators) == (part.readable, part.sheets)


def test_each_trap_is_held(result: Result) -> None:
    """A sheet of another patient, one that is missing, one that nobody can read."""
    trapped = {row.trap: (row.outcome, row.reason) for row in result.rows if row.trap}
    assert len(trapped) == 3
    assert {outcome for outcome, _ in trapped.values()} == {"held"}
    assert trapped["unreadable_separator"][1] == "separator-damaged"


def test_of_those_that_two_printed_sources_decide_most_need_no_person(result: Result, part: Part) -> None:
    assert len(result.decidable) == part.decidable
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
