"""Two machines, one station: each with a folder of its own, one database, one shared folder, one host."""

import shutil
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from demo.scanner import write_tiff
from lexicon.faults import EXIT_UNEXPECTED
from pipeline.office.journal import FILE
from tests.crash_records import document_pages
from tests.trial_fixtures import Trial
from tests.wrong_fixtures import drop, on_server, watching, whole, working

_FILES = 5
_LOST = 12.0
"""Seconds of silence after which a worker's work is taken over: short, for the test."""
_AT_ONCE = "[ocr]\nworkers = 1\n"


@pytest.fixture
def first(site: Trial, postgresql_url: str) -> Trial:
    """The machine of the drop folder. What both need lies where both see it: shared folder, host, database."""
    told = site.config.read_text(encoding="utf-8")
    told = told.replace("[station]\n", f'[station]\nshared = "{_shared(site)}"\n')
    told = told.replace("[engine]\n", f"[engine]\nlost_seconds = {_LOST}\n")
    told = told.replace('folder = "host"', f'folder = "{site.host}"')
    site.config.write_text(f"{told}\n{_AT_ONCE}", encoding="utf-8")
    return on_server(site, postgresql_url)


@pytest.fixture
def second(first: Trial) -> Trial:
    """The other machine: configuration, keys, certificates and password copied; no drop folder, nothing else."""
    trial = Trial(first.folder.with_name("another machine"))
    for part in ("config.toml", "database.secret", "trial-keys/client.crt", "trial-keys/escrow.crt"):
        (trial.folder / part).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(first.folder / part, trial.folder / part)
    shutil.copytree(first.home / "keys", trial.home / "keys")
    trial.work.mkdir(mode=0o700)
    told = trial.config.read_text(encoding="utf-8")
    assert str(first.work) in told
    trial.config.write_text(told.replace(str(first.work), str(trial.work)), encoding="utf-8")
    return trial


@pytest.fixture(scope="session")
def scans(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    """Files of two documents each, all of them to be deposited."""
    folder, grain = tmp_path_factory.mktemp("scans"), np.random.default_rng(7)
    paths = tuple(folder / f"{number}.tif" for number in range(_FILES))
    for number, path in enumerate(paths):
        pages = (document_pages("A1001", f"M-{number}-{part}", grain) for part in range(2))
        write_tiff([page for document in pages for page in document], path)
    return paths


def test_two_machines_work_for_one_station_and_one_of_them_is_killed_with_documents_in_hand(
    first: Trial, second: Trial, scans: tuple[Path, ...]
) -> None:
    stall = {"LIASSE_FAILPOINT": "sealing.record:before@2=stall", "LIASSE_FAILPOINT_NOTES": str(_notes(second))}
    with watching(first) as daemon:
        with working(second, stall) as doomed:
            for scan in scans:
                drop(first, scan)
            doomed.until(_notes(second).exists, seconds=120)
            doomed.process.kill()
            assert _states(first)["in-progress"]
        with working(second):
            daemon.until(lambda: _states(first) == {"deposited": 2 * _FILES}, seconds=180)
        assert daemon.stop() == 0
    whole(first, deposited=2 * _FILES)
    assert _working_copies(first) == _working_copies(second) == []


@pytest.mark.slow
def test_both_machines_have_their_part_of_the_work(first: Trial, second: Trial, scans: tuple[Path, ...]) -> None:
    noted = [{"LIASSE_FAILPOINT": "*=note", "LIASSE_FAILPOINT_NOTES": str(_notes(one))} for one in (first, second)]
    with working(second, noted[1]) as worker, watching(first, noted[0]) as daemon:
        for scan in scans:
            drop(first, scan)
        daemon.until(lambda: _states(first) == {"deposited": 2 * _FILES}, seconds=180)
        assert (worker.stop(), daemon.stop()) == (0, 0)
    done = [Counter(_notes(one).read_text(encoding="ascii").split()) for one in (first, second)]
    sealed = [one["sealing.record:after"] for one in done]
    assert all(sealed), sealed
    assert sum(sealed) == 2 * _FILES
    assert [one["claim.move:after"] for one in done] == [_FILES, 0], "one machine alone takes files"
    whole(first, deposited=2 * _FILES)
    assert _working_copies(first) == _working_copies(second) == []


@pytest.mark.slow
def test_a_worker_whose_step_does_not_come_back_ends_and_the_other_machine_finishes_the_work(
    first: Trial, second: Trial, scans: tuple[Path, ...]
) -> None:
    told = second.config.read_text(encoding="utf-8")
    second.config.write_text(told.replace("[engine]\n", "[engine]\nstep_hours = 0.001\n"), encoding="utf-8")
    stall = {"LIASSE_FAILPOINT": "sealing.record:before=stall"}
    with watching(first) as daemon:
        with working(second, stall) as stuck:
            for scan in scans:
                drop(first, scan)
            assert stuck.process.wait(120) == EXIT_UNEXPECTED
        assert "step-stuck" in (second.home / "log" / FILE).read_text(encoding="utf-8")
        daemon.until(lambda: _states(first) == {"deposited": 2 * _FILES}, seconds=180)
        assert daemon.stop() == 0
    whole(first, deposited=2 * _FILES)
    assert _working_copies(first) == [], "what the second had in clear goes with its next start"


def _shared(trial: Trial) -> Path:
    return trial.folder / "shared"


def _notes(trial: Trial) -> Path:
    return trial.folder / "notes"


def _states(trial: Trial) -> Counter[str]:
    time.sleep(0.5)
    with trial.opened() as station, station.database.read() as session:
        return Counter(d.state for d in station.documents.documents(session))


def _working_copies(trial: Trial) -> list[Path]:
    """What is left of them: in the folder of both, and in the machine's own."""
    kept = (folder / part for folder in (_shared(trial), trial.home) for part in ("spool", "sealed", "quarantine"))
    places = (*kept, trial.work, trial.temporary)
    return [path for place in places for path in place.rglob("*") if path.is_file()]
