"""The daemon among hostile files and a folder's traps: each file one column and one reason, then a good record."""

import itertools
import json
import os
import signal
import socket
import stat
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lexicon import catalogue
from lexicon.reasons import REASONS
from pipeline.packing import PackedImages
from tests.hostile_fixtures import Peak, Treated, everything, treatments
from tests.hostile_made import MISLEADING, families, named
from tests.trial_fixtures import TODAY, Few, Trial

GIB = 1 << 30
PATIENCE = 400.0
"""Seconds for everything."""
HELD = 60.0
"""Seconds: the two attempts at a page that `SETTINGS` allow, on a machine with much else to do."""
MADE = families()
NAMED = named()
SETTINGS = "[limits]\npage_seconds = 4.0\n"


@dataclass(frozen=True, slots=True)
class Watched:
    trial: Trial
    treated: dict[str, Treated]
    good: list[str]
    """How the documents of the good file ended, which came last."""
    left: dict[str, int]
    traps: dict[str, int]
    """File type of each trap, after all."""
    accounts: dict[str, Any]
    code: int
    peak: int
    longest: float
    """Seconds between two lines: nothing holds the others longer."""
    strangers: frozenset[str]
    said: str


def lay_traps(inbox: Path, outside: Path) -> tuple[Path, ...]:
    """What is no file of a scanner's: opened, it would hang, or lead out of the folder."""
    os.mkfifo(inbox / "pipe.tif")
    (inbox / "passwords.tif").symlink_to("/etc/passwd")
    (inbox / "dangling.tif").symlink_to(inbox / "gone")
    (inbox / "root").symlink_to("/")
    (outside / "kept.tif").write_bytes(MADE["cut.tif"].content)
    (inbox / "second name.tif").hardlink_to(outside / "kept.tif")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(inbox / "socket.tif"))
    names = ["pipe.tif", "passwords.tif", "dangling.tif", "root", "second name.tif", "socket.tif"]
    if os.geteuid() == 0:
        os.mknod(inbox / "zero.tif", 0o600 | stat.S_IFCHR, os.makedev(1, 5))
        names.append("zero.tif")
    return tuple(inbox / name for name in names)


@contextmanager
def watching(trial: Trial, base: Path) -> Iterator[subprocess.Popen[str]]:
    environment = trial.environment() | {"HOME": str(base / "home")}
    with (
        (base / "err").open("wb") as err,
        subprocess.Popen(
            trial.command("--as-of", TODAY.isoformat(), "watch", "--json"),
            env=environment, stdout=subprocess.PIPE, stderr=err, cwd=base / "cwd", text=True,
        ) as daemon,
    ):  # fmt: skip
        patience = threading.Timer(PATIENCE, daemon.kill)
        patience.start()
        try:
            yield daemon
        finally:
            patience.cancel()
            daemon.kill()


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory, few: Few, invented_records: Any) -> Watched:
    base = tmp_path_factory.mktemp("traps")
    trial = Trial.found(base / "station", verapdf="never")
    config = trial.config.read_text(encoding="utf-8").replace("sweep = 0.2", "sweep = 0.2\npatience = 1.0")
    trial.config.write_text(config + SETTINGS, encoding="utf-8")
    trial.know(invented_records)
    elsewhere = [base / name for name in ("home", "cwd", "outside")]
    for folder in elsewhere:
        folder.mkdir()
    traps = lay_traps(trial.inbox, elsewhere[2])
    for name, made in MADE.items():
        (trial.inbox / name).write_bytes(made.content)
    for raw, content in NAMED.items():
        Path(os.fsdecode(os.fsencode(trial.inbox) + b"/" + raw)).write_bytes(content)
    before, lines, ticks = everything(*elsewhere), list[Any](), [time.monotonic()]
    with watching(trial, base) as daemon, Peak().of(daemon.pid) as peak:
        for line in until(daemon, {*MADE, *(raw.decode("utf-8", "backslashreplace") for raw in NAMED)}):
            lines.append(line)
            ticks.append(time.monotonic())
        (trial.inbox / "good.tif").write_bytes(few.path.read_bytes())
        lines += until(daemon, {"good.tif"})
        daemon.send_signal(signal.SIGTERM)
        assert daemon.stdout is not None
        lines += [json.loads(line) for line in daemon.stdout]
        code = daemon.wait()
    return Watched(
        trial=trial,
        treated=treatments(lines),
        good=sorted(line["outcome"] for line in lines if line["kind"] == "document" and line["file"] == "good.tif"),
        left={line["reason"]: line["files"] for line in lines if line["kind"] == "left"},
        traps={trap.name: stat.S_IFMT(trap.lstat().st_mode) for trap in traps},
        accounts=lines[-1],
        code=code,
        peak=peak.bytes,
        longest=max(later - sooner for sooner, later in itertools.pairwise(ticks)),
        strangers=before ^ everything(*elsewhere),
        said=(base / "err").read_text(encoding="utf-8"),
    )


def until(daemon: subprocess.Popen[str], files: set[str]) -> Iterator[dict[str, Any]]:
    """The daemon's lines until these files are settled."""
    assert daemon.stdout is not None
    for line in daemon.stdout:
        event = json.loads(line)
        yield event
        if event["kind"] == "file" and event["accounted"] == event["pages"]:
            files.discard(event["file"])
        if not files:
            return
    raise AssertionError(f"not settled: {files}")


@pytest.mark.parametrize("name", MADE)
def test_a_hostile_file_ends_in_one_column_with_its_reason(watched: Watched, name: str) -> None:
    treated = watched.treated[name]
    (reason,) = treated.reasons
    assert reason in MADE[name].reasons
    assert treated.columns == (("held",) if reason == "no-separator" else ("set-aside",))
    assert (catalogue.FAULTS | REASONS)[reason].fr_hint


@pytest.mark.parametrize("raw", NAMED)
def test_a_page_is_read_whatever_its_name_is(watched: Watched, raw: bytes) -> None:
    treated = watched.treated[raw.decode("utf-8", "backslashreplace")]
    assert (treated.columns, treated.reasons) == (("held",), ("no-separator",))


def test_traps_are_left_where_they_are_and_counted(watched: Watched) -> None:
    kinds = {stat.S_IFIFO, stat.S_IFLNK, stat.S_IFSOCK, stat.S_IFREG, stat.S_IFCHR}
    assert set(watched.traps.values()) <= kinds
    assert watched.left["link"] == 3
    assert watched.left["hard-link"] == 1
    assert watched.left["special"] == len(watched.traps) - 4


def test_a_good_record_is_deposited_afterwards_and_all_is_accounted_for(watched: Watched) -> None:
    assert watched.good == ["deposited", "refused"]
    assert watched.code == 0
    assert watched.accounts["images"]["balanced"]
    assert watched.accounts["images"]["in-progress"] == 0
    assert watched.trial.left_at_work() == []


def test_nothing_swells_or_holds_the_others_and_nothing_is_written_elsewhere(watched: Watched) -> None:
    assert watched.peak < 2 * GIB
    assert watched.longest < HELD
    assert watched.strangers == frozenset()
    assert "Traceback" not in watched.said


def test_neither_names_nor_texts_of_files_are_in_the_log(watched: Watched) -> None:
    log = (watched.trial.home / "log" / "liasse.jsonl").read_text(encoding="utf-8") + watched.said
    for secret in ("MARTIN", "1850575991108", "fdp.exe", "bomb", MISLEADING.split()[0], "annexe"):
        assert secret not in log


def test_of_an_active_pdf_its_picture_is_kept_and_nothing_else(watched: Watched) -> None:
    with watched.trial.opened() as station, station.database.read() as session:
        (file,) = [file for file in station.captured.files(session) if file.name == "active.pdf"]
        (document,) = station.documents.documents(session, file=file.id)
        kept = list(PackedImages(station.quarantine, document.id))
    assert len(kept) == 1
    assert not [image for image in kept if MISLEADING.encode() in image.payload or b"JavaScript" in image.payload]
