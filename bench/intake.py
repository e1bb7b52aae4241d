"""A burst of files at a drop folder: how fast they are claimed and taken, what it weighs, who waits behind it.

    python -m bench.intake [--files 5000] [--seconds 3600]
    python -m bench.intake play FOLDER [--way dripping] [--pause 1.0] [--content FILE]

The daemon is a process of its own with two drop folders. The burst goes into one of them, all at once; now and then one
file goes into the other: what it waits for is the burst's. The files are no scans, so that each is set aside as soon as
it is opened: what is measured is the intake, and the opening that holds it back.

`play` puts one file into any folder as a scanner of `tests/scanner_simulator.py` does, to be watched by hand; without
`--way` it lists them.
"""

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlmodel import func, select

from pipeline.inbox import CLAIMS
from pipeline.station import Station
from storage.tables import FileRow
from tests.scanner_simulator import WAYS, burst, small_pdf
from tests.trial_fixtures import Trial

_LOOK = 0.25
_BETWEEN = 10.0
"""Seconds between two files of the small folder."""
_SECOND = '\n[[inbox]]\nfolder = "small"\nsettle = 1.0\nsweep = 1.0\n'


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--files", type=int, default=5_000)
    options.add_argument("--seconds", type=float, default=3_600.0)
    play = options.add_subparsers(dest="play").add_parser("play")
    play.add_argument("folder", type=Path)
    play.add_argument("--way", choices=sorted(WAYS))
    play.add_argument("--pause", type=float, default=1.0)
    play.add_argument("--content", type=Path)
    chosen = options.parse_args()
    if chosen.play:
        _played(chosen.folder, chosen.way, chosen.pause, chosen.content)
        return
    with tempfile.TemporaryDirectory() as folder:
        for line in _report(Path(folder), chosen.files, chosen.seconds):
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()


def _played(folder: Path, way: str | None, pause: float, content: Path | None) -> None:
    if way is None:
        sys.stdout.write("\n".join(sorted(WAYS)) + "\n")
        return
    whole = content.read_bytes() if content else small_pdf("by hand", 60_000)
    path = folder / (content.name if content else f"SCAN{int(time.time())}.pdf")
    for number, _ in enumerate(WAYS[way](path, whole), start=1):
        sys.stdout.write(f"operation {number}\n")
        sys.stdout.flush()
        time.sleep(pause)


@dataclass
class _Seen:
    """Of one burst; times in seconds since its last file was written."""

    claimed: float = 0.0
    taken: float = 0.0
    opened: float = 0.0
    waited: list[float] = field(default_factory=list)
    """Of each file of the small folder, until it was claimed."""
    most: int = 0
    """Memory of the daemon's own process, in bytes, at the most."""


def _report(folder: Path, files: int, seconds: float) -> Iterator[str]:
    processors = len(os.sched_getaffinity(0))
    yield f"{datetime.now(UTC).date()}, {processors} processors, Python {platform.python_version()}"
    trial = Trial.found(folder / "station", verapdf="never")
    (trial.folder / "small").mkdir()
    text = trial.config.read_text("utf-8").replace("settle = 0.0\nsweep = 0.2", "settle = 1.0\nsweep = 1.0")
    trial.config.write_text(text + _SECOND, "utf-8")
    contents = [small_pdf(str(number)) for number in range(files)]
    with _watching(trial) as daemon, trial.opened() as station:
        before, began = _memory(daemon), time.monotonic()
        for _ in burst(trial.inbox, contents):
            pass
        yield f"{files} files of {len(contents[0])} bytes, written in {time.monotonic() - began:.1f} s"
        seen = _watched(trial, station, daemon, files, seconds)
    for what, after in (("claimed", seen.claimed), ("taken", seen.taken), ("opened", seen.opened)):
        told = f"after {after:.1f} s ({1000 * after / files:.1f} ms a file)" if after else f"not in {seconds:.0f} s"
        yield f"  all {what} {told}"
    if seen.waited:
        middle, longest = statistics.median(seen.waited), max(seen.waited)
        yield f"  a file of another folder, meanwhile: claimed in {middle:.1f} s (at most {longest:.1f} s)"
    yield f"  {(seen.most - before) / 2**20:.0f} MiB more in the daemon's memory, at the most"


@contextmanager
def _watching(trial: Trial) -> Iterator[int]:
    """`liasse watch`: its process identifier."""
    daemon = subprocess.Popen(
        trial.command("watch"), env=trial.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while not (trial.folder / "small" / CLAIMS).exists():
            time.sleep(_LOOK)
        time.sleep(1.0)
        yield daemon.pid
    finally:
        daemon.terminate()
        daemon.wait(120)


def _watched(trial: Trial, station: Station, daemon: int, files: int, seconds: float) -> _Seen:
    seen, began, small, last = _Seen(), time.monotonic(), 0, 0.0
    while not seen.opened and time.monotonic() - began < seconds:
        now = time.monotonic() - began
        lying = list((trial.folder / "small").glob("*.pdf"))
        if not lying and small > len(seen.waited):
            seen.waited.append(now - last)
        if not lying and now - last >= _BETWEEN:
            (trial.folder / "small" / f"one{small}.pdf").write_bytes(small_pdf(f"small {small}"))
            small, last = small + 1, now
        if not seen.claimed and next(trial.inbox.glob("*.pdf"), None) is None:
            seen.claimed = now
        captured, left = _rows(station)
        seen.taken = seen.taken or (now if captured >= files + len(seen.waited) and seen.claimed else 0.0)
        seen.opened = now if seen.taken and not left else 0.0
        seen.most = max(seen.most, _memory(daemon))
        time.sleep(_LOOK)
    return seen


def _rows(station: Station) -> tuple[int, int]:
    """How many files are recorded, and how many of them are still to be opened."""
    with station.database.read() as session:
        every = session.exec(select(func.count()).select_from(FileRow)).one()
        left = session.exec(select(func.count()).select_from(FileRow).where(FileRow.state == "captured")).one()
    return every, left


def _memory(process: int) -> int:
    """Resident bytes."""
    said = Path(f"/proc/{process}/status").read_text()
    return 1024 * int(said.partition("VmRSS:")[2].split()[0])


if __name__ == "__main__":
    main()
