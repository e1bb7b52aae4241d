"""Hostile register files: a clear verdict each, nothing imported by half, no cell's text told, little memory."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from shutil import copyfile

import pytest
import structlog
from sqlalchemy import text

from consent_gate.gate import Policy, decide
from consent_gate.imports import LineOutcome
from consent_gate.model import Clearance, PatientRef
from lexicon.catalogue import FAULTS, LINES
from lexicon.faults import EXIT_REGISTER, SheetFault
from storage.database import Database
from storage.imports import Importer, ImportReport
from storage.ledger import Ledger
from storage.register import Register
from tests.register_hostile_made import BEFORE, PLANTED, ROSTER, Hostile, all_files
from tests.station_fixtures import AT, COLUMNS, open_database, open_ledger
from tests.test_register import DOCUMENT, MOMENT

FILES = all_files()
LIGHT = [name for name, one in FILES.items() if not one.heavy]
HEAVY = [name for name, one in FILES.items() if one.heavy]
ADDRESSES = 1024 * 2**20
"""Bytes of address space of the process that reads the heavy ones; its own code takes about half."""
RESIDENT = 600 * 2**20


def importer(database: Database) -> Importer:
    return Importer(database, COLUMNS, open_ledger(database), Policy())


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the roster, and an authorization of each patient."""
    folder = tmp_path_factory.mktemp("prepared")
    prepare(folder)
    return folder


def prepare(folder: Path) -> None:
    database = open_database(folder)
    importer(database).import_roster(ROSTER.encode(), AT)
    assert importer(database).import_register(BEFORE.encode(), AT).count(LineOutcome.ADDED) == len(open_gates(database))
    database.close()


def fresh(prepared: Path, folder: Path) -> Database:
    copyfile(prepared / "station.db", folder / "station.db")
    return open_database(folder)


def counted(database: Database) -> Mapping[str, int]:
    """Rows of every table."""
    with database.read() as session:
        said = session.connection()
        names = said.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars().all()
        return {name: said.execute(text(f"SELECT count(*) FROM {name}")).scalar_one() for name in names}  # noqa: S608


def open_gates(database: Database) -> frozenset[str]:
    register = Register(database, COLUMNS)
    refs = [PatientRef(f"Q{number}") for number in range(1, 7)]
    read = ((ref, register.reading(ref)) for ref in refs)
    return frozenset(
        ref for ref, facts in read if isinstance(decide(DOCUMENT, ref, None, facts, MOMENT, Policy()), Clearance)
    )


def verdict(database: Database, hostile: Hostile) -> ImportReport | SheetFault:
    try:
        return importer(database).import_register(hostile.make(), AT)
    except SheetFault as fault:
        return fault


@pytest.mark.parametrize("name", LIGHT)
def test_a_hostile_file_meets_its_verdict_and_nothing_of_it_is_imported_by_half(
    name: str, prepared: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    hostile = FILES[name]
    database = fresh(prepared, tmp_path)
    before, gates = counted(database), open_gates(database)
    with structlog.testing.capture_logs() as logged:
        found = verdict(database, hostile)
    if isinstance(found, SheetFault):
        assert (found.code, found.exit_code) == (hostile.fault, EXIT_REGISTER)
        assert (counted(database), open_gates(database)) == (before, gates)
        told = [found.code, str(found), repr(found.facts), FAULTS[found.code].fr.format(**found.facts)]
    else:
        assert hostile.fault is None, [(one.line, one.code) for one in found.verdicts]
        check_lines(database, hostile, found, before)
        told = [repr(found)]
    output = capfd.readouterr()
    said = "\n".join([*told, *map(repr, logged), output.out, output.err, *entries(database)])
    assert not [planted for planted in PLANTED if planted in said]
    database.close()


def check_lines(database: Database, hostile: Hostile, report: ImportReport, before: Mapping[str, int]) -> None:
    """Exactly the good lines are in, the others are told, and who was restricted has no open gate."""
    by_outcome = {
        outcome: tuple(one.line for one in report.verdicts if one.outcome is outcome) for outcome in LineOutcome
    }
    assert tuple((one.line, one.code) for one in report.verdicts if one.code) == hostile.refused
    assert by_outcome[LineOutcome.ADDED] == hostile.good
    assert by_outcome[LineOutcome.UNCHANGED] == hostile.again
    assert {code for _, code in hostile.refused} <= LINES.keys()
    assert not open_gates(database) & hostile.closed
    after = counted(database)
    grown = {name: after[name] - before[name] for name in ("fact", "import", "custody_entry", "patient")}
    with database.read() as session:
        doubts = session.connection().execute(text("SELECT count(*) FROM fact WHERE kind = 'doubted'")).scalar_one()
    assert grown == {"fact": len(hostile.good) + doubts, "import": 1, "custody_entry": 1, "patient": 0}


def entries(database: Database) -> list[str]:
    ledger: Ledger = open_ledger(database)
    with database.read() as session:
        return [entry.decode() for entry in ledger.entries(session)]


def test_heavy_files_meet_their_verdict_in_little_memory(prepared: Path, tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", "from tests.test_register_hostile import read_heavy; read_heavy()", prepared, tmp_path],
        capture_output=True, text=True, check=False, timeout=300, env={**os.environ, "PYTHONPATH": "."},
        cwd=Path(__file__).parents[1],
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-2000:]
    told = [json.loads(one) for one in ran.stdout.splitlines()]
    assert [one["name"] for one in told] == HEAVY
    for one in told:
        hostile = FILES[one["name"]]
        assert one["fault"] == hostile.fault, one
        assert one["refused"] == [list(refused) for refused in hostile.refused], one
        assert one["good"] == list(hostile.good), one
        assert one["whole"], one
        assert one["resident"] < RESIDENT, one
    assert not [planted for planted in PLANTED if planted in ran.stdout + ran.stderr]


def read_heavy() -> None:
    """In a process of its own: read each heavy file, and say what became of it, a line of JSON each."""
    import resource  # noqa: PLC0415, of that process alone

    resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
    prepared, folder = map(Path, sys.argv[1:])
    for name in HEAVY:
        hostile = FILES[name]
        database = fresh(prepared, folder)
        before = counted(database)
        found = verdict(database, hostile)
        one: dict[str, object] = {"name": name, "fault": None, "refused": [], "good": []}
        if isinstance(found, SheetFault):
            one |= {"fault": found.code, "whole": counted(database) == before}
        else:
            lines = [line for line in found.verdicts if line.outcome is LineOutcome.ADDED]
            one["refused"] = [(line.line, line.code) for line in found.verdicts if line.code]
            one["good"] = [line.line for line in lines]
            one["whole"] = counted(database)["fact"] == before["fact"] + len(lines)
        one["resident"] = _most_resident()
        database.close()
        sys.stdout.write(json.dumps(one) + "\n")


def _most_resident() -> int:
    """Bytes of this program alone: what `getrusage` tells begins with what its parent had when it was forked."""
    (peak,) = (line for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines() if "VmHWM" in line)
    return int(peak.split()[1]) * 1024


def test_there_are_hostile_files_of_every_kind_that_the_issue_names() -> None:
    assert len(FILES) >= 60
    faults = {one.fault for one in FILES.values() if one.fault}
    named = {fault for fault in FAULTS if fault.startswith(("csv-", "sheet-"))} - {"sheet-not-readable"}
    assert named == faults - {"fhir-not-set-up"}
    codes = {code for one in FILES.values() for _, code in one.refused}
    assert {"cell-formula", "cell-error", "cell-merged", "number-inexact", "withheld", "line-hidden"} <= codes


def test_every_light_file_is_the_same_each_time_it_is_made() -> None:
    assert all(FILES[name].make() == FILES[name].make() for name in LIGHT)
