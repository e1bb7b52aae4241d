"""A killed station takes its programs with it, leaves no core file, and shows its memory to nobody."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytesseract import pytesseract

from demo.records import Invented
from pipeline.reading import tesseract
from tests.trial_fixtures import TODAY, Few, Trial

_SECONDS = 60.0


def descendants(pid: int) -> dict[int, str]:
    """Processes that come from this one, with the names of their programs."""
    found: dict[int, str] = {}
    pairs = list(_parents())
    grown = True
    while grown:
        more = {child: name for child, parent, name in pairs if parent in found.keys() | {pid}}
        grown, found = not more.keys() <= found.keys(), more
    return found


def _parents() -> Iterator[tuple[int, int, str]]:
    for place in Path("/proc").glob("[0-9]*"):
        try:
            name, _, rest = place.joinpath("stat").read_text(encoding="ascii", errors="replace").rpartition(")")
        except OSError:
            continue
        yield int(place.name), int(rest.split()[1]), name.partition("(")[2]


def alive(pids: set[int]) -> set[int]:
    """Of these, those that run (a zombie does not)."""
    return {pid for pid in pids if (found := _state(pid)) is not None and found != "Z"}


def _state(pid: int) -> str | None:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[0]
    except OSError:
        return None


_ENDLESS = """#!/bin/sh
case "$1" in --*) PATH="${PATH#*:}"; exec tesseract "$@";; esac
exec sleep 600
"""
"""A Tesseract that answers about itself and never ends a page."""


@pytest.mark.parametrize(("program", "seen"), [("tesseract", "sleep"), ("java", "java")])
def test_a_killed_station_leaves_no_program_running(
    tmp_path: Path, few: Few, invented_records: Invented, program: str, seen: str
) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    endless = tmp_path / "bin" / "tesseract"
    endless.parent.mkdir()
    endless.write_text(_ENDLESS, encoding="ascii")
    endless.chmod(0o755)
    path = f"{endless.parent}:{os.environ['PATH']}" if program == "tesseract" else os.environ["PATH"]
    trial = Trial.found(tmp_path / "station", verapdf="auto" if program == "java" else "never")
    trial.configure('[ocr]\nengine = "pytesseract"\n')
    trial.know(invented_records)
    shutil.copy(few.path, trial.inbox)
    station = subprocess.Popen(
        trial.command("--as-of", TODAY.isoformat(), "process", trial.inbox),
        env={**trial.environment(), "PATH": path},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + _SECONDS
        while seen not in (started := descendants(station.pid)).values():
            assert time.monotonic() < deadline, "the program was never seen"
            assert station.poll() is None, "the run ended first"
            time.sleep(0.02)
    finally:
        station.kill()
        station.wait()
    deadline = time.monotonic() + 5
    while left := alive(set(started)):
        assert time.monotonic() < deadline, {pid: started[pid] for pid in left}
        time.sleep(0.02)


def test_the_starter_of_tesseract_can_be_run_and_is_used() -> None:
    assert os.access(tesseract._WITH_US, os.X_OK)
    assert pytesseract.tesseract_cmd == str(tesseract._WITH_US)


_HARDENED = """
import json, os, sys
from pipeline.office.hardening import harden
before = os.open(sys.argv[1], os.O_RDONLY)
held = harden()
again = os.open(f"/proc/self/fd/{before}", os.O_RDONLY)  # as the room that draws PDF pages does
with open("/proc/self/mounts") as mounts:
    mounts.read()
made = os.open(sys.argv[2], os.O_CREAT | os.O_WRONLY, 0o666)
print(json.dumps([held.closed, held.dumpable, held.core_bytes, os.fstat(made).st_mode & 0o777]), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def hardened(tmp_path: Path) -> Iterator[tuple["subprocess.Popen[str]", list[Any]]]:
    """A process that has closed itself, and what it says of it."""
    run = subprocess.Popen(
        [sys.executable, "-c", _HARDENED, __file__, tmp_path / "made"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        text=True, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
    )  # fmt: skip
    assert run.stdout is not None
    yield run, json.loads(run.stdout.readline())
    run.kill()
    run.communicate()


def test_a_hardened_process_makes_files_for_itself_alone(hardened: tuple["subprocess.Popen[str]", list[Any]]) -> None:
    assert hardened[1] == [True, False, 1, 0o600]


def test_a_hardened_process_that_falls_leaves_no_core_file(
    hardened: tuple["subprocess.Popen[str]", list[Any]], tmp_path: Path
) -> None:
    run, _ = hardened
    limits = Path(f"/proc/{run.pid}/limits").read_text(encoding="ascii")
    (line,) = [line for line in limits.splitlines() if line.startswith("Max core file size")]
    assert line.split()[4:6] == ["1", "1"]
    run.send_signal(signal.SIGSEGV)
    assert run.wait(10) == -signal.SIGSEGV
    assert [path.name for path in tmp_path.iterdir()] == ["made"]


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("setpriv") is None, reason="needs root, to become somebody else")
def test_an_account_cannot_look_into_its_own_hardened_process() -> None:
    """Ordinary accounts may read their own processes' memory; not this one's. Root may: `doctor` speaks of it."""
    become = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
    look = 'cat "/proc/$1/environ" >/dev/null 2>&1 && echo open || echo closed'
    nap = (
        "from pipeline.office.hardening import harden\nif {}: harden()\nprint(flush=True)\nimport time; time.sleep(30)"
    )
    house = str(Path(__file__).parents[1])
    if subprocess.run(
        [*become, sys.executable, "-c", "import pipeline"], cwd=house, capture_output=True, check=False
    ).returncode:
        pytest.skip("other accounts cannot read the program here")
    said = []
    for hard in (False, True):
        with subprocess.Popen(
            [*become, sys.executable, "-c", nap.format(hard)], stdout=subprocess.PIPE, cwd=house
        ) as run:
            assert run.stdout is not None
            run.stdout.readline()
            ran = subprocess.run(
                [*become, "sh", "-c", look, "sh", str(run.pid)], capture_output=True, text=True, check=True
            )
            said.append(ran.stdout.strip())
            run.kill()
    assert said == ["open", "closed"]
