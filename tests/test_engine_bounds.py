"""The engine's bounds: a step that never comes back, how much is open at a time, how soon a worker is missed."""

import shutil
import subprocess
import threading
from pathlib import Path

import numpy as np
import pytest

from demo.scanner import write_tiff
from lexicon.faults import EXIT_DONE, EXIT_UNEXPECTED, EXIT_WAITING
from pipeline import steps, workers
from pipeline.config import EngineSection
from pipeline.events import Event, FileTaken
from pipeline.runs import process_folder
from pipeline.station import Station
from storage import work
from tests.crash_records import document_pages
from tests.trial_fixtures import TODAY, RememberingTools, Trial
from tests.wrong_fixtures import ENDS, drop, settled, watching, whole

_FILES = 6
_MINUTE = 60.0
_SOON = 8.0
"""Seconds after which a step counts as one that will not come back: for the test."""
_STUCK = {"LIASSE_FAILPOINT": "document.pack:before=stall"}
"""For an hour."""


# A step that does not come back


def _told(site: Trial, setting: str) -> None:
    """One more setting of `[engine]`."""
    text = site.config.read_text(encoding="utf-8")
    assert text.count("[engine]\n") == 1
    site.config.write_text(text.replace("[engine]\n", f"[engine]\n{setting}\n"), encoding="utf-8")


def _patient(site: Trial) -> None:
    """As it comes: no step takes six hours here."""
    text = site.config.read_text(encoding="utf-8")
    kept = [line for line in text.splitlines() if not line.startswith("step_hours")]
    site.config.write_text("\n".join(kept) + "\n", encoding="utf-8")


def _said(site: Trial) -> str:
    return (site.home / "log" / "liasse.jsonl").read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_daemon_whose_step_does_not_come_back_ends_and_the_next_one_finishes_the_work(
    site: Trial, scan: Path
) -> None:
    _told(site, f"step_hours = {_SOON / 3600}")
    with watching(site, _STUCK) as stuck:
        drop(site, scan)
        assert stuck.process.wait(_MINUTE) == EXIT_UNEXPECTED
        assert settled(stuck) != ENDS
    assert "step-stuck" in _said(site)
    _patient(site)
    with watching(site) as daemon:
        daemon.until(lambda: settled(daemon) == ENDS)
        assert daemon.stop() == 0
    whole(site, deposited=1)


def test_a_run_whose_step_does_not_come_back_ends_and_the_next_one_finishes_the_work(site: Trial, scan: Path) -> None:
    _told(site, f"step_hours = {_SOON / 3600}")
    drop(site, scan)
    run = site.command("--as-of", TODAY.isoformat(), "process", site.inbox)
    stuck = subprocess.run(run, env=site.environment() | _STUCK, timeout=_MINUTE, check=False, capture_output=True)
    assert stuck.returncode == EXIT_UNEXPECTED
    assert "step-stuck" in _said(site)
    _patient(site)
    assert site.run("--as-of", TODAY.isoformat(), "process", site.inbox).code == EXIT_WAITING
    whole(site, deposited=1)


# Back-pressure


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of six files of one document each, all of them to be deposited."""
    folder, grain = tmp_path_factory.mktemp("six"), np.random.default_rng(6)
    for number in range(_FILES):
        write_tiff(list(document_pages("A1001", f"B-{number}", grain)), folder / f"{number}.tif")
    return folder


def _most_open(station: Station, inbox: Path) -> int:
    """Of the files and documents that were open when one more file had been taken; all of them come to their end."""
    opened = []

    def look(event: Event) -> None:
        if isinstance(event, FileTaken):
            with station.database.read() as session:
                opened.append(work.waiting(session))

    assert process_folder(station, inbox, look, threading.Event()) == EXIT_DONE
    with station.database.read() as session:
        assert [d.state for d in station.documents.documents(session)] == ["deposited"] * _FILES
    assert len(opened) == _FILES
    return max(opened)


@pytest.mark.parametrize("queued", [2, 200], ids=["held back", "free"])
def test_no_more_is_open_at_a_time_than_was_agreed_and_all_of_it_ends(
    site: Trial, six: Path, monkeypatch: pytest.MonkeyPatch, queued: int
) -> None:
    monkeypatch.setattr(steps, "DocumentTools", RememberingTools)
    _told(site, f"queued = {queued}")
    shutil.copytree(six, site.inbox, dirs_exist_ok=True)
    with site.opened() as station:
        most = _most_open(station, site.inbox)
    assert most <= queued
    assert queued == 2 or most > 2, "where nothing holds back, all of them are open"


# A minute


def test_a_worker_that_is_gone_is_missed_within_a_minute_unless_told_otherwise() -> None:
    """The promise of the reference holds for the settings as they come: a beat may just have been heard."""
    assert EngineSection().lost_seconds + 2 * workers._BEAT < _MINUTE
