"""Every effect has a failpoint before and after it, read from the source; an armed point ends the process there."""

import os
import signal
import subprocess
import sys
import time
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from storage import effects
from storage.effects import armed_by
from tests.failpoint_fixtures import HOUSE, NAME, effects_in, failpoints, points, sources, without_a_failpoint

WORK = "in the work folder on the memory file system: work.make, work.remove and workshop.* stand around all of it"
PROGRAM = "a program or library that reads one copy, or is asked about itself, and answers through a pipe"
LOG = "the technical log says what happened and nothing is decided by it"
ALLOWED = {
    "pipeline/batches.py:checkpoint:path.write_text": WORK,
    "pipeline/compose.py:_file:*": WORK,
    "pipeline/compose.py:_remove:*": WORK,
    "pipeline/reading/copies.py:*": WORK,
    "pipeline/reading/room.py:_private_folder:*": WORK,
    "pipeline/reading/program.py:_run:*": WORK,
    "pipeline/reading/program.py:_alone:*": WORK,
    "pipeline/reading/program.py:_takes_names:*": PROGRAM,
    "pipeline/reading/processes.py:*": PROGRAM,
    "pipeline/reading/tessdata.py:*": PROGRAM,
    "pipeline/glance.py:*": WORK,
    "pipeline/copies.py:_made:target.unlink": WORK,
    "pipeline/tools.py:DocumentTools.seal:archival.path.unlink": WORK,
    "pipeline/unfold.py:decrypt_file:*": WORK,
    "pipeline/pdfa/verapdf/__init__.py:*": f"a program that reads one file and answers through a pipe; its own {WORK}",
    "pipeline/office/journal.py:*": LOG,
    "storage/files.py:replacing:part.unlink": "tidies up after a failure; where it does not come to that, sweeps do",
    "handover/folder.py:whole_folder:shutil.rmtree": "the same; the next attempt begins by removing what is left",
    "storage/spool.py:_forgetting:path.open": "opened only; what is written to it is spool.forget",
    "storage/spool.py:_destroy:path.open": "the same",
    "storage/hosts/probe.py:*": "a probe of the host under names of its own, which the next one clears away",
    "storage/hosts/s3_probe.py:*": "the same",
    "storage/hosts/kept.py:kept:host.head": "looked at within deletion.look and deletion.look-again, whatever the host",
    "pipeline/office/alarms.py:Bell._run:*": "calls a person by a program of theirs; nothing is decided by it",
    "pipeline/office/doctor/*": "looks, and changes nothing",
}
"""Effects that need no failpoint of their own, and why."""


# --- From the source --------------------------------------------------------------------------------------------------


def test_every_effect_has_a_failpoint() -> None:
    assert without_a_failpoint(sources(), ALLOWED) == []


def test_every_exception_is_one_that_is_there() -> None:
    bare = [effect.key for effect in effects_in(sources()) if not effect.guarded]
    assert [pattern for pattern in ALLOWED if not any(fnmatchcase(key, pattern) for key in bare)] == []


def test_the_effects_that_one_knows_of_are_seen() -> None:
    seen = {effect.what for effect in effects_in(sources())}
    assert seen >= {
        "os.link", "os.fsync", "os.open", "os.rename", "os.unlink", "part.replace", "path.unlink",
        "station.host.delete", "host.create", "host.read", "station.spool.write", "station.spool.destroy",
        "station.quarantine.write", "shutil.rmtree", "tempfile.mkdtemp",
    }  # fmt: skip


def test_names_are_room_and_verb_and_each_has_two_points() -> None:
    names = {one.name for one in failpoints()}
    assert all(NAME.fullmatch(name) for name in names)
    assert len(points()) == 2 * len(names)
    assert {"deposit.put", "deposit.read-back", "receipt.record", "capture.spool", "claim.move", "file.rename"} <= names


HEAD = "from storage.effects import effect\nimport os, shutil\n"
PLANTED = {
    "a file removed": "def forget(path):\n    path.unlink()\n",
    "a file written": "def keep(path):\n    path.write_bytes(b'')\n",
    "a file opened for writing": "def keep(path):\n    with path.open('wb') as out:\n        out.write(b'')\n",
    "a file created": "def keep(path):\n    os.open(path, os.O_WRONLY | os.O_CREAT)\n",
    "a name changed": "def publish(part, target):\n    part.replace(target)\n",
    "a folder removed": "def clear(folder):\n    shutil.rmtree(folder)\n",
    "an object put": "def put(station, path):\n    station.host.create('key', path, 'hash', 1)\n",
    "a working copy destroyed": "def clear(station, one):\n    station.spool.destroy(one)\n",
    "a commit with no name": "def keep(station, name):\n    with station.database.write(name):\n        pass\n",
    "a name made up as it runs": "def keep(path, of):\n    with effect(f'file.{of}'):\n        path.unlink()\n",
    "called from outside a block": "def forget(path):\n    path.unlink()\n\ndef clear(path):\n    forget(path)\n",
    "in a block, but later": "def clear(path):\n    with effect('a.b'):\n        return lambda: path.unlink()\n",
    "after the block": "def clear(path):\n    with effect('file.destroy'):\n        pass\n    path.unlink()\n",
    "in functions that call each other": "def a(p):\n    p.unlink()\n    b(p)\n\ndef b(p):\n    a(p)\n",
    "in a method": "class Kept:\n    def forget(self):\n        self.path.unlink()\n",
}


@pytest.mark.parametrize("effect", PLANTED)
def test_an_effect_without_a_failpoint_is_found(effect: str) -> None:
    assert without_a_failpoint({"storage/planted.py": HEAD + PLANTED[effect]}, {}) != []


GUARDED = {
    "in its block": "def forget(path):\n    with effect('file.destroy'):\n        path.unlink()\n",
    "called from a block": (
        "def _forget(path):\n    path.unlink()\n\ndef clear(path):\n    with effect('a.b'):\n        _forget(path)\n"
    ),
    "named by the caller": (
        "def _record(effect, station):\n    with station.database.write(effect):\n        pass\n\n"
        "def keep(station):\n    _record('outcome.record', station)\n"
    ),
    "a text changed": "def shown(text):\n    return text.replace('a', 'b')\n",
    "a file read": "def read(path):\n    return path.open('rb'), os.open(path, os.O_RDONLY)\n",
}


@pytest.mark.parametrize("effect", GUARDED)
def test_an_effect_with_its_failpoint_is_left_alone(effect: str) -> None:
    assert without_a_failpoint({"storage/planted.py": HEAD + GUARDED[effect]}, {}) == []


# --- When they are reached --------------------------------------------------------------------------------------------

PROGRAM = """
from storage.effects import effect
for turn in range(3):
    with effect("test.write"):
        print(f"written {turn}", flush=True)
    print(f"after {turn}", flush=True)
"""


def run_armed(value: str, **more: str) -> subprocess.CompletedProcess[str]:
    variables = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=HOUSE, capture_output=True, text=True, check=False, timeout=60,
        env={**variables, "LIASSE_FAILPOINT": value, **more},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("test.write:before=kill", []),
        ("test.write:after=kill", ["written 0"]),
        ("test.write:before@2=kill", ["written 0", "after 0"]),
        ("test.write:after@3=kill", ["written 0", "after 0", "written 1", "after 1", "written 2"]),
    ],
)
def test_a_kill_ends_the_process_at_its_point_and_at_no_other(value: str, said: list[str]) -> None:
    ended = run_armed(value)
    assert ended.returncode == -signal.SIGKILL
    assert ended.stdout.split("\n")[:-1] == said


def test_a_raise_unwinds_like_an_interrupted_run() -> None:
    ended = run_armed("test.write:after@2=raise")
    assert ended.stdout.split("\n")[:-1] == ["written 0", "after 0", "written 1"]
    assert "KeyboardInterrupt" in ended.stderr


def test_a_stall_waits_and_goes_on() -> None:
    began = time.monotonic()
    ended = run_armed("test.write:before=stall", LIASSE_FAILPOINT_SECONDS="1.5")
    assert ended.returncode == 0
    assert time.monotonic() - began >= 1.5


def test_a_note_is_taken_of_every_point_that_is_reached(tmp_path: Path) -> None:
    run_armed("*=note", LIASSE_FAILPOINT_NOTES=str(tmp_path / "notes"))
    assert (tmp_path / "notes").read_text().split() == ["test.write:before", "test.write:after"] * 3


def test_a_point_that_is_never_reached_changes_nothing() -> None:
    assert run_armed("other.write:before=kill").returncode == 0


@pytest.mark.parametrize(
    "value", ["test.write", "test.write:before", "test.write:later=kill", "test.write:before=burn"]
)
def test_a_point_that_says_nothing_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="LIASSE_FAILPOINT"):
        armed_by({"LIASSE_FAILPOINT": value})


def test_no_point_is_armed_where_nobody_asks() -> None:
    assert armed_by({}) is None
    assert effects._armed is None


def test_an_unarmed_point_costs_less_than_a_hundredth_of_a_millisecond() -> None:
    """A commit, the cheapest of the effects, is a hundred times that."""
    best = float("inf")
    for _ in range(5):
        began = time.perf_counter()
        for _ in range(1000):
            with effects.effect("test.write"):
                pass
        best = min(best, (time.perf_counter() - began) / 1000)
    assert best < 10e-6
