"""A database that is held, stopped, or cut off in the middle; and who may work at a station at the same time."""

import shutil
import signal
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path

import pytest

from lexicon.faults import EXIT_RUNNING
from tests.pg_fixtures import Server
from tests.trial_fixtures import TODAY, Trial
from tests.wrong_fixtures import ENDS, Running, drop, on_server, settled, watching, whole, working


@pytest.mark.parametrize("seconds", [4, pytest.param(40, marks=pytest.mark.slow)])
def test_another_program_holds_the_database_and_the_daemon_waits(site: Trial, scan: Path, seconds: int) -> None:
    with watching(site) as daemon, closing(sqlite3.connect(site.home / "station.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        drop(site, scan)
        if seconds > 30:
            daemon.until(lambda: daemon.hindered == [("database-unusable", False)])
        else:
            _wait(daemon, seconds)
        assert settled(daemon) == []
        other.execute("ROLLBACK")
        daemon.until(lambda: settled(daemon) == ENDS)
        assert daemon.stop() == 0
    whole(site, deposited=1)


def _wait(daemon: Running, seconds: float) -> None:
    """That long, and it lives on."""
    with pytest.raises(subprocess.TimeoutExpired):
        daemon.process.wait(seconds)


@pytest.fixture
def served(site: Trial, postgresql_url: str) -> Trial:
    return on_server(site, postgresql_url)


def test_the_server_is_stopped_and_started_and_daemon_and_worker_go_on(
    served: Trial, scan: Path, postgresql: Server
) -> None:
    with watching(served) as daemon, working(served) as worker:
        postgresql.stop()
        try:
            drop(served, scan)
            daemon.until(lambda: daemon.hindered[:1] == [("database-away", False)])
            assert worker.process.poll() is None
        finally:
            postgresql.start()
        daemon.until(lambda: settled(daemon) == ENDS, seconds=120)
        assert ("database-away", True) in daemon.hindered
        assert worker.process.poll() is None
        assert (worker.stop(), daemon.stop()) == (0, 0)
    whole(served, deposited=1)


def test_every_connection_is_cut_in_the_middle_of_a_document(served: Trial, scan: Path, postgresql: Server) -> None:
    stall = {"LIASSE_FAILPOINT": "composition.record:before=stall", "LIASSE_FAILPOINT_SECONDS": "3"}
    with watching(served, stall) as daemon:
        drop(served, scan)
        daemon.until(lambda: b"recognised" in _entries(served))
        postgresql.do("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'liasse'")
        daemon.until(lambda: settled(daemon) == ENDS, seconds=120)
        assert daemon.stop() == 0
    whole(served, deposited=1)


def _entries(trial: Trial) -> bytes:
    with trial.opened() as station, station.database.read() as session:
        return b"\n".join(station.ledger.entries(session))


def test_two_daemons_the_second_says_that_one_is_running(site: Trial, scan: Path) -> None:
    with watching(site) as daemon:
        for arguments in (("watch",), ("--as-of", TODAY.isoformat(), "process", site.inbox)):
            second = site.run(*arguments)
            assert second.code == EXIT_RUNNING
            assert "already-running" in second.err
        drop(site, scan)
        daemon.until(lambda: settled(daemon) == ENDS)
        assert daemon.stop() == 0
    whole(site, deposited=1)


def test_two_machines_with_one_database_the_second_daemon_says_that_one_is_running(served: Trial, scan: Path) -> None:
    elsewhere = served.folder.with_name("another machine")
    shutil.copytree(served.folder, elsewhere)
    with watching(served) as daemon:
        second = Trial(elsewhere).run("watch")
        assert (second.code, "already-running" in second.err) == (EXIT_RUNNING, True)
        drop(served, scan)
        daemon.until(lambda: settled(daemon) == ENDS)
        assert daemon.stop() == 0
    whole(served, deposited=1)


# --- Frozen and thawed ------------------------------------------------------------------------------------------------

_SOME = ["deposit.put:after"]
_MORE = [
    "document.pack:after",
    "sealing.record:before",
    "split.record:before",
    "recognition.record:before",
    "deposit.put:before",
    "receipt.record:before",
]
MOMENTS = [*_SOME, *(pytest.param(moment, marks=pytest.mark.slow) for moment in _MORE)]


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_worker_is_frozen_given_up_and_thawed_and_nothing_is_done_twice(
    served: Trial, scan: Path, moment: str
) -> None:
    """Whoever comes to that moment first freezes in the middle of it; the other finishes, and both go on living."""
    told = served.config.read_text(encoding="utf-8")
    served.config.write_text(told.replace("[engine]\n", "[engine]\nlost_seconds = 12.0\n"), encoding="utf-8")
    stalls = [_stalling(served, moment, number) for number in (0, 1)]
    with watching(served, stalls[0]) as daemon, working(served, stalls[1]) as worker:
        drop(served, scan)
        daemon.until(lambda: any(_notes(served, number).exists() for number in (0, 1)))
        frozen = daemon if _notes(served, 0).exists() else worker
        frozen.process.send_signal(signal.SIGSTOP)
        daemon.until(lambda: _ends(served) == ENDS, seconds=120)
        frozen.process.send_signal(signal.SIGCONT)
        _wait(daemon, 5)
        assert (worker.process.poll(), daemon.process.poll()) == (None, None)
        assert (worker.stop(), daemon.stop()) == (0, 0)
    whole(served, deposited=1)


def _notes(trial: Trial, number: int) -> Path:
    return trial.folder / f"notes-{number}"


def _stalling(trial: Trial, moment: str, number: int) -> dict[str, str]:
    """Long enough in that moment to be stopped there."""
    notes = str(_notes(trial, number))
    return {"LIASSE_FAILPOINT": f"{moment}=stall", "LIASSE_FAILPOINT_SECONDS": "2", "LIASSE_FAILPOINT_NOTES": notes}


def _ends(trial: Trial) -> list[str]:
    time.sleep(0.5)
    with trial.opened() as station, station.database.read() as session:
        return sorted(d.state for d in station.documents.documents(session))
