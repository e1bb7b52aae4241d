"""What is wrong with a machine or a station, before the first file is taken: each check a fault with its remedy."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Final

from lexicon.faults import Fault, StationFault
from pipeline.config import Config
from pipeline.reading.tesseract import require_tesseract
from pipeline.station import Station, open_station
from storage.times import write_time

_ROOM: Final = 1 << 30
"""Bytes that should be free before a day of scanning."""
_MEMORY_FILE_SYSTEMS: Final = frozenset({"tmpfs", "ramfs"})


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at; `fault` is None when it is as it should be."""

    name: str
    fault: Fault | None


def examine(config: Config) -> list[Check]:
    """Look at programs, folders, space, keys, recipients, database, ledger, clock and host; never raises."""
    checks = [
        _check("tesseract", lambda: require_tesseract(config.ocr.language)),
        _check("work", lambda: _memory(Path(config.station.work))),
        _check("space", lambda: _space(config.folder)),
        *(_check("inbox", partial(_inbox, config.path(inbox.folder))) for inbox in config.inbox),
    ]
    try:
        station = open_station(config)
    except Fault as fault:
        return [*checks, Check("station", fault)]
    try:
        return [*checks, Check("station", None), *_inside(station)]
    finally:
        station.close()


def _inside(station: Station) -> list[Check]:
    return [
        _check("validator", lambda: station.validator),
        _check("host", lambda: station.host),
        _check("clock", lambda: _clock(station)),
        _check("ledger", lambda: _ledger(station)),
        _check("custody", lambda: _custody(station)),
    ]


def _check(name: str, look: Callable[[], object]) -> Check:
    try:
        look()
    except Fault as fault:
        return Check(name, fault)
    return Check(name, None)


def _memory(work: Path) -> None:
    """The file system of plaintext work files, as /proc/self/mounts names it: the longest mount point above it."""
    real = work.resolve()
    mounts = [line.split() for line in Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()]
    above = [(point, kind) for _, point, kind, *_ in mounts if real.is_relative_to(point)]
    kind = max(above, key=lambda mount: len(mount[0]))[1] if above else ""
    if not real.is_dir() or kind not in _MEMORY_FILE_SYSTEMS:
        raise StationFault("work-on-disk", path=str(work))


def _space(folder: Path) -> None:
    if shutil.disk_usage(folder).free < _ROOM:
        raise StationFault("disk-nearly-full", path=str(folder))


def _inbox(folder: Path) -> None:
    if not folder.is_dir():
        raise StationFault("inbox-missing", path=str(folder))


def _clock(station: Station) -> None:
    if not station.clock.moment().trusted:
        raise StationFault("clock-untrusted")


def _custody(station: Station) -> None:
    """Nothing may stay with a subcontractor longer than agreed (CSP R.1111-8-8, a "short period")."""
    days = station.config.contract.custody_days
    before = write_time(station.clock.now() - timedelta(days=days))
    with station.database.read() as session:
        documents = station.documents.documents(session)
    late = [d for d in documents if d.state != "deposited" and d.captured_at < before]
    if late:
        raise StationFault("custody-too-long", documents=len(late), days=days)


def _ledger(station: Station) -> None:
    if not station.ledger.verify().verified:
        raise StationFault("custody-broken")
