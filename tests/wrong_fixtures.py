"""What goes wrong around a station: full file systems, hosts and databases that are away, clocks, frozen processes.

The real program is driven as a process; what is taken from it is real too: a small file system, a lock, a server.
"""

import errno
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy.engine import make_url

from demo.scanner import write_tiff
from storage import accounts
from tests.command_mother import Process, begun
from tests.crash_fixtures import copied, found_template
from tests.crash_records import document_pages
from tests.trial_fixtures import TODAY, Json, Trial

PATIENCE = 60.0
"""Seconds within which what must come has come."""


@dataclass
class Running:
    """A `liasse` command at work, and what it has said so far."""

    process: Process
    out: Path
    err: Path

    @property
    def lines(self) -> list[Json]:
        whole = self.out.read_text(encoding="utf-8").split("\n")[:-1]
        return [json.loads(line) for line in whole if line.startswith("{")]

    def of_kind(self, kind: str) -> list[Json]:
        return [line for line in self.lines if line["kind"] == kind]

    @property
    def hindered(self) -> list[tuple[str, bool]]:
        """What kept it, and whether that was over, as told."""
        return [(line["fault"], line["over"]) for line in self.of_kind("hindered")]

    def until(self, met: Callable[[], object], *, seconds: float = PATIENCE) -> None:
        """Wait for something, while the process lives."""
        deadline = time.monotonic() + seconds
        while not met():
            assert self.process.poll() is None, f"it ended: {self.err.read_text(encoding='utf-8')[-2000:]}"
            assert time.monotonic() < deadline, f"in vain: {self.out.read_text(encoding='utf-8')[-3000:]}"
            time.sleep(0.1)

    def stop(self) -> int:
        """SIGTERM, and its exit code."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(PATIENCE)
        assert code == 0, self.err.read_text(encoding="utf-8")[-2000:]
        return code


@contextmanager
def running(trial: Trial, *arguments: str | Path, variables: Mapping[str, str] | None = None) -> Iterator[Running]:
    """`liasse --config … ARGUMENTS` until the block ends, with these variables besides."""
    trial.temporary.mkdir(exist_ok=True)
    number = len(list(trial.temporary.parent.glob("said-*")))
    out, err = (trial.temporary.parent / f"said-{number}-{name}" for name in ("out", "err"))
    process = begun(trial.command(*arguments), {**trial.environment(), **(variables or {})}, out, err)
    try:
        yield Running(process, out, err)
    finally:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGCONT)
        process.kill()
        process.wait()


@contextmanager
def watching(trial: Trial, variables: Mapping[str, str] | None = None) -> Iterator[Running]:
    """`liasse watch --json`, ready."""
    with running(trial, "--as-of", TODAY.isoformat(), "watch", "--json", variables=variables) as daemon:
        daemon.until(lambda: "inbox" in daemon.err.read_text(encoding="utf-8"))
        yield daemon


@pytest.fixture(scope="session")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    """A station that knows the invented people, its drop folder empty; to be copied."""
    template = found_template(tmp_path_factory.mktemp("wrong") / "ground")
    shutil.rmtree(template.inbox / "lot 1")
    text = template.config.read_text(encoding="utf-8")
    template.config.write_text(f"{text}\n[engine]\nfirst_delay = 1.0\nlongest_delay = 2.0\n", encoding="utf-8")
    return template


@pytest.fixture
def site(ground: Trial, tmp_path: Path) -> Trial:
    """A station of one's own that tries again soon."""
    return copied(ground, tmp_path / "station")


@pytest.fixture(scope="session")
def scan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two documents in one file: one to be deposited, one whose patient withdrew."""
    path = tmp_path_factory.mktemp("scan") / "two.tif"
    grain = np.random.default_rng(5)
    write_tiff([*document_pages("A1001", "W-1", grain), *document_pages("A1007", "W-2", grain)], path)
    return path


ENDS = ["deposited", "refused"]
"""Of that file's documents."""


def drop(trial: Trial, scan: Path) -> Path:
    """The file comes to the drop folder."""
    part = trial.inbox / f"{scan.name}.part"
    shutil.copyfile(scan, part)
    return part.rename(trial.inbox / scan.name)


def settled(daemon: Running) -> list[str]:
    """The outcomes that were told and are final, in order of their names."""
    last = {line["document"]: line["outcome"] for line in daemon.of_kind("document")}
    return sorted(outcome for outcome in last.values() if outcome != "in-progress")


# --- Small file systems -----------------------------------------------------------------------------------------------


@dataclass
class Small:
    """A file system of a few megabytes that can be filled to its last byte, and emptied again."""

    folder: Path
    _ballast: list[Path] = field(default_factory=list)

    def fill(self, leaving: int = 0) -> None:
        """Take all its room but so many bytes; what others write there meanwhile makes it less, or nothing."""
        path = self.folder / f".ballast-{len(self._ballast)}"
        self._ballast.append(path)
        with path.open("wb") as stream:
            while (size := self._free() - leaving) > 0:
                try:
                    os.posix_fallocate(stream.fileno(), 0, size)
                except OSError as trouble:
                    if trouble.errno != errno.ENOSPC:
                        raise
                else:
                    return

    def _free(self) -> int:
        there = os.statvfs(self.folder)
        return there.f_bavail * there.f_frsize

    def empty(self) -> None:
        for path in self._ballast:
            path.unlink(missing_ok=True)
        self._ballast.clear()


@contextmanager
def mounted(folder: Path, megabytes: int) -> Iterator[Small]:
    """`folder`, what it holds included, becomes a memory file system of that size. Root alone can; others skip."""
    if os.geteuid() != 0:
        pytest.skip("mounting a file system is for root")
    aside = folder.with_name(f"{folder.name} beneath")
    if folder.exists():
        folder.rename(aside)
    folder.mkdir()
    if not mount(folder, f"{megabytes}m"):
        folder.rmdir()
        if aside.exists():
            aside.rename(folder)
        pytest.skip("this machine does not let root mount (a container)")
    try:
        if aside.exists():
            shutil.copytree(aside, folder, dirs_exist_ok=True)
        yield Small(folder)
    finally:
        unmount(folder)


def mount(folder: Path, size: str) -> bool:
    """A memory file system there; whether this machine lets us."""
    command: list[str | Path] = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "liasse-tests", folder]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def unmount(folder: Path) -> None:
    """As when a share goes while it is in use."""
    subprocess.run(["umount", "--lazy", folder], check=True)


# --- What must hold ---------------------------------------------------------------------------------------------------


def whole(trial: Trial, *, deposited: int) -> Mapping[str, int]:
    """That nothing is lost, doubled or left at a station whose work has ended; its columns."""
    with trial.opened() as station, station.database.read() as session:
        documents = station.documents.documents(session)
        ended = {d.id: d.state for d in documents}
        keys = {station.keys.object_key(station.id, d.id, d.version) for d in documents if d.state == "deposited"}
        images = accounts.images(session)
        entries = [json.loads(entry) for entry in station.ledger.entries(session)]
        there = {stored.key for stored in station.host.list("")}
    assert images.in_progress == 0
    assert images.balanced
    assert list(ended.values()).count("deposited") == deposited
    assert keys <= there
    receipts = [e["object"] for e in entries if e["type"] == "receipt" and e["object"].startswith("document:")]
    assert sorted(receipts) == sorted(f"document:{d}" for d, state in ended.items() if state == "deposited")
    envelopes = {key for key in there if key.endswith(".p7m")}
    indexes = sum(e["type"] == "receipt" and e["object"].startswith("batch:") for e in entries)
    assert len(envelopes) == len(keys) + indexes, "an object that nobody knows"
    with trial.opened() as station:
        assert station.ledger.verify().verified
    left = [path for path in trial.left_at_work() if ".ballast" not in path]
    assert left == [], left
    return images.columns


# --- PostgreSQL -------------------------------------------------------------------------------------------------------


def on_server(trial: Trial, url: str) -> Trial:
    """The same station with its database on a server: what it knows is imported again."""
    address = make_url(url)
    secret = trial.folder / "database.secret"
    secret.write_text(f"{address.password}\n", encoding="ascii")
    secret.chmod(0o600)
    shown = url.replace(f":{address.password}@", "@")
    with trial.config.open("a", encoding="utf-8") as told:
        told.write(f'\n[database]\nurl = "{shown}"\npassword = "file:{secret.name}"\n')
    for file in trial.home.glob("station.db*"):
        file.unlink()
    with trial.opened() as station:
        station.import_sheet("roster", (trial.folder / "roster.csv").read_bytes())
        station.import_sheet("register", (trial.folder / "register.csv").read_bytes())
    return trial


@contextmanager
def working(trial: Trial, variables: Mapping[str, str] | None = None) -> Iterator[Running]:
    """`liasse worker`, at work."""
    with running(trial, "--as-of", TODAY.isoformat(), "worker", variables=variables) as worker:
        worker.until(lambda: worker.err.read_text(encoding="utf-8"))
        yield worker


# --- The time of day --------------------------------------------------------------------------------------------------

_SLEEPS = """import select, time
time.sleep = lambda seconds: select.select((), (), (), seconds)
"""
"""Python sleeps until a moment (clock_nanosleep, TIMER_ABSTIME), which libfaketime now and then ends with EINVAL."""


def libfaketime() -> list[Path]:
    return sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))


class Dial:
    """Sets the clock of the programs that are started with `variables`."""

    def __init__(self, folder: Path) -> None:
        found = libfaketime()
        if not found:
            pytest.skip("no libfaketime: apt-get install faketime")
        self._file = folder / "dial"
        self.turn(0)
        (folder / "sitecustomize.py").write_text(_SLEEPS, encoding="ascii")
        self.variables = {
            "PYTHONPATH": str(folder),
            "LD_PRELOAD": str(found[0]),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }

    def turn(self, seconds: int) -> None:
        """The clock is wrong by so many seconds."""
        ready = self._file.with_suffix(".part")
        ready.write_text(f"{seconds:+d}", encoding="ascii")
        ready.replace(self._file)
