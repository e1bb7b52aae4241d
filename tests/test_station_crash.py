"""Killed at any moment, or with a host that lies or is away: run again, the station comes to the same end."""

import os
import random
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from demo.records import Invented
from handover.build import build
from lexicon.faults import EXIT_HOST, EXIT_WAITING, HostFault
from pipeline import batches, engine, inbox, intake, settle, steps, unfold
from pipeline.recorded import RecordedTools
from pipeline.station import Station
from storage.batches import Batches
from storage.captured import Captured
from storage.hosts import AlreadyThere, Created, Sink, Stored
from storage.spool import Spool
from storage.tables import BatchRow, ReceiptRow
from tests.host_fixtures import Lie, MemoryHost
from tests.trial_fixtures import Few, RememberingTools, Trial, Worked, register_sheet, work

ENDS = {(2,): ("deposited", None), (4,): ("refused", "withdrawn")}
"""Of the few documents."""
COLUMNS = {"deposited": 1, "refused": 1, "held": 0, "set-aside": 1, "separator": 2, "blank": 0, "duplicate": 0}
"""Of the few documents' four images, and of the one that an unusable file counts as."""


class Crash(BaseException):
    """The end of the process, as the code beneath it sees it: nothing catches it."""


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "DocumentTools", RememberingTools)


def drop(trial: Trial, few: Few) -> None:
    """Into the inbox, as a scanner does: the few documents, and a file that nobody can open."""
    folder = trial.inbox / "lot 1"
    folder.mkdir()
    (folder / few.path.name).write_bytes(few.path.read_bytes())
    (folder / "BROKEN.tif").write_bytes(b"II*\0" + bytes(100))
    os.utime(folder / "BROKEN.tif", (1, 1))  # so old that nobody waits for its end


def require_a_good_end(trial: Trial, host: MemoryHost | None = None) -> None:
    """What holds after the last run, whatever happened before it."""
    with trial.opened() as station:
        if host is not None:
            vars(station)["host"] = host
        with station.database.read() as session:
            documents = station.documents.documents(session)
            ends = {station.documents.positions(session, d.id): (d.state, d.reason) for d in documents}
            assert ends == ENDS
            assert all(file.state in {"settled", "set-aside"} for file in station.captured.files(session))
            assert station.batches.open(session) == ()
        require_nothing_twice(station)
        assert station.ledger.verify().verified
        assert build(station, trial.folder / "restitution").images.columns == COLUMNS
    assert trial.left_at_work() == []
    kept = Counter(path.suffix for path in (trial.home / "quarantine").iterdir())
    assert kept == {".p7m": 1, ".spool": 1}
    assert [path for path in trial.inbox.rglob("*") if path.is_file()] == []


def require_nothing_twice(station: Station) -> None:
    """Every object at the host has its one row: a receipt, a batch's index, or a checkpoint."""
    with station.database.read() as session:
        deposited = station.documents.documents(session, state="deposited")
        versions = session.exec(select(BatchRow.id, BatchRow.index_version)).all()
    indexes = {
        station.keys.index_key(station.id, batch, version) for batch, last in versions for version in range(1, last + 1)
    }
    documents = [station.keys.object_key(station.id, document.id, document.version) for document in deposited]
    there = [stored.key for stored in station.host.list("") if stored.key.endswith(".p7m")]
    assert len(documents) == 1
    assert sorted(key for key in there if key not in indexes) == documents


# --- Killed ---------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_killed_at_any_moment_the_next_run_comes_to_the_same_end(trial: Trial, few: Few) -> None:
    drop(trial, few)
    rng = random.Random(9)  # noqa: S311  moments
    moments = [0.9, 1.6, *(rng.uniform(1.0, 4.0) for _ in range(4))]
    command = trial.command("--as-of", "2026-01-15", "process", trial.inbox, "--json")
    for moment in moments:
        running = subprocess.Popen(
            command, env=trial.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            running.wait(moment)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()
    last = trial.process(trial.inbox, "--json")
    assert last.code in {0, EXIT_WAITING}, last.err
    assert last.accounts["station"]["images"] | {"captured": 5, "in-progress": 0, "balanced": True} == {
        "captured": 5,
        **COLUMNS,
        "in-progress": 0,
        "balanced": True,
    }
    require_a_good_end(trial)


# --- Interrupted between two steps ------------------------------------------------------------------------------------

Place = tuple[object, str, bool]
"""Of a crash: an owner, the name of its function, and whether that function still runs."""

PLACES: dict[str, Place] = {
    "after the claim, before the row": (engine, "take", False),
    "after the spool, before the row": (intake, "_record", False),
    "after the row, before the original is let go": (inbox.Inbox, "release", False),
    "after the original is let go": (inbox.Inbox, "release", True),
    "between packing and the record of the split": (unfold, "_record", False),
    "after the record of the split": (unfold, "_record", True),
    "after reading": (RememberingTools, "recognise", True),
    "after composing": (RememberingTools, "compose", True),
    "after sealing, before its record": (RememberingTools, "seal", True),
    "after the record of the seal, before the put": (RememberingTools, "deposit", False),
    "after the put, before the receipt": (RememberingTools, "deposit", True),
    "after the receipt, before the purge": (RecordedTools, "deposit", True),
    "before the record of a closed document": (settle, "_record", False),
    "after an outcome, before the purge": (settle, "clear", False),
    "after the purge, before its record": (settle, "_record_cleared", False),
    "before the record of an unusable file": (Captured, "set_file_aside", False),
    "after the record of an unusable file": (settle, "set_file_aside", True),
    "when working copies are destroyed": (Spool, "destroy", False),
    "before a file is settled": (Captured, "settle_file", False),
    "after the index is put, before its receipt": (batches, "deposit_index", True),
    "before the batch is closed": (Batches, "close_batch", False),
    "after the batch is closed": (Batches, "close_batch", True),
    "when the checkpoint is sent": (batches, "checkpoint", False),
}
_QUICK = tuple(PLACES)[::3]
"""The rest is of the full counts: of each effect, killed before and after, test_crash_sweep.py tells every time."""


def crash_once(monkeypatch: pytest.MonkeyPatch, place: Place) -> list[int]:
    """Make the place crash the first time it is reached."""
    owner, name, runs = place
    function: Callable[..., Any] = getattr(owner, name)
    crashed: list[int] = []

    def crashing(*arguments: Any, **named: Any) -> Any:
        first = not crashed
        crashed.append(1)
        if first and not runs:
            raise Crash
        ended = function(*arguments, **named)
        if first:
            raise Crash
        return ended

    monkeypatch.setattr(owner, name, crashing)
    return crashed


@pytest.mark.parametrize("place", [p if p in _QUICK else pytest.param(p, marks=pytest.mark.slow) for p in PLACES])
def test_interrupted_between_two_steps_the_next_run_comes_to_the_same_end(
    trial: Trial, few: Few, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    drop(trial, few)
    crashed = crash_once(monkeypatch, PLACES[place])
    with trial.opened() as station, pytest.raises(Crash):
        work(station, trial.inbox)
    assert crashed
    with trial.opened() as station:
        work(station, trial.inbox)
    require_a_good_end(trial)


def test_every_crash_is_a_different_one() -> None:
    assert len(set(PLACES.values())) == len(PLACES)


def test_withdrawn_after_the_put_and_before_the_receipt_the_object_is_taken_back(
    trial: Trial, few: Few, invented_records: Invented, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(trial, few)
    crash_once(monkeypatch, (RememberingTools, "deposit", True))
    with trial.opened() as station, pytest.raises(Crash):
        work(station, trial.inbox)
    with trial.opened() as station:
        assert len([stored for stored in station.host.list("") if stored.key.endswith(".p7m")]) == 1
        station.import_sheet("register", register_sheet(invented_records, "A1001", "retiree"))
        worked = work(station, trial.inbox)
        assert worked.ends()[(2,)] == ("refused", "withdrawn")
        assert [stored for stored in station.host.list("") if stored.key.endswith(".p7m")] == []
        assert station.ledger.verify().verified
        build(station, trial.folder / "restitution")
    assert trial.left_at_work() == []


# --- A host that lies or is away --------------------------------------------------------------------------------------


class AwayHost(MemoryHost):
    """Cannot be reached for the first `away` calls."""

    def __init__(self, away: int) -> None:
        super().__init__()
        self.away = away

    def _call(self) -> None:
        self.away -= 1
        if self.away >= 0:
            raise HostFault("host-unreachable")

    def create(self, key: str, source: Path, sha256: str, size: int) -> Created | AlreadyThere:
        self._call()
        return super().create(key, source, sha256, size)

    def read(self, key: str, target: Sink, version: str | None = None) -> Stored:
        self._call()
        return super().read(key, target, version)


def run_at(trial: Trial, host: MemoryHost) -> Worked:
    with trial.opened() as station:
        vars(station)["host"] = host
        return work(station, trial.inbox)


def receipts(trial: Trial) -> int:
    with trial.opened() as station, station.database.read() as session:
        return len(session.exec(select(ReceiptRow)).all())


@pytest.mark.parametrize("lie", [lie for lie in Lie if lie not in {Lie.NONE, Lie.NEVER_ENDS}])
def test_a_host_that_lies_gets_no_receipt_and_an_honest_one_gets_the_document(trial: Trial, few: Few, lie: Lie) -> None:
    drop(trial, few)
    host = MemoryHost(lie)
    worked = run_at(trial, host)
    assert worked.code == EXIT_HOST
    assert {d.outcome for d in worked.documents if d.patient == "A1001"} == {"in-progress"}
    assert receipts(trial) == 0
    assert worked.accounts.station_images.balanced
    assert worked.accounts.station_images.in_progress == 1
    host.lie = Lie.NONE
    assert run_at(trial, host).ends() == {(2,): ("deposited", None)}
    assert receipts(trial) == 1
    require_a_good_end(trial, host)


@pytest.mark.parametrize("away", [1, 2, 5])
def test_a_host_that_is_away_costs_time_alone(trial: Trial, few: Few, away: int) -> None:
    drop(trial, few)
    host = AwayHost(away)
    codes: list[int] = []
    while not codes or codes[-1] == EXIT_HOST:
        codes.append(run_at(trial, host).code)
        assert len(codes) <= 1 + away
    assert codes[0] == EXIT_HOST
    run_at(trial, host)
    require_a_good_end(trial, host)


def test_a_host_folder_that_is_not_mounted_stops_the_run_before_anything_is_taken(trial: Trial, few: Few) -> None:
    drop(trial, few)
    away = trial.host.rename(trial.folder / "unmounted")
    stopped = trial.process(trial.inbox, "--json")
    assert stopped.code == EXIT_HOST
    assert "[host-unreachable]" in stopped.err
    assert (trial.inbox / "lot 1" / few.path.name).exists()
    away.rename(trial.host)
