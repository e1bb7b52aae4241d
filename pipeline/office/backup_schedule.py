"""Backups on a schedule, beside the daemon's rounds; what `doctor` says of those that are missing."""

import json
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import structlog

from lexicon.faults import HostFault, StationFault
from pipeline.office.backing import VERIFIED, finish_backups, kept_of, take_backup
from pipeline.office.offsite import require_finishable, unfinished
from pipeline.station import Station
from storage.effects import effect
from storage.files import disk_faults
from storage.times import read_time, write_time

log = structlog.get_logger("liasse.backup")

_PATIENCE: Final = timedelta(minutes=10)
"""Between two attempts at a backup that does not come about."""
_TRIAL: Final = timedelta(days=7)
"""How long a station may have backups that nobody has opened yet."""
_OPENED: Final = timedelta(days=90)
"""How old the last opening of a backup may be."""


def backup_if_due(station: Station) -> bool:
    """Bring what is new to the host, and what it has a part of; make a backup when the last one is too old.

    Whether one was made and is where it should be. Cheap to call as often as wanted, from any thread. What fails is
    told in the log and tried again; only a `TamperFault` is raised: the station must stop.
    """
    _ship(station)
    try:
        due = station.config.backup.every > 0 and _is_due(station)
        if not (due or unfinished(station.config)) or _was_tried(station):
            return False
        if not due:
            finish_backups(station)
            return False
        taken = take_backup(station)
    except (HostFault, StationFault) as fault:
        log.warning("backup-not-made", fault=fault.code)
        return False
    log.info("backup-made", backup=taken.manifest.backup, bytes=taken.size, entries=taken.manifest.entries)
    return True


def _ship(station: Station) -> None:
    """A host that is away keeps no backup from being made here."""
    try:
        station.shipping.ship_if_due(station.config.backup.record_seconds)
    except (HostFault, StationFault) as fault:
        log.warning("records-not-brought", fault=fault.code)


class Beside:
    """Backups and records beside the daemon's rounds, in a thread of their own: a large copy keeps no file waiting."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="backup")
        self._running: Future[bool] | None = None

    def look(self) -> None:
        """Begin what is due, unless it is being done. Raises the `TamperFault` that the last time came to."""
        if self._running is not None and not self._running.done():
            return
        if self._running is not None:
            self._running.result()
        self._running = self._pool.submit(backup_if_due, self._station)

    def close(self) -> None:
        """Wait for the one in hand."""
        self._pool.shutdown(wait=True)


def _is_due(station: Station) -> bool:
    now = station.clock.now()
    last = _last(station, now)
    return last is None or now - last >= timedelta(hours=station.config.backup.every)


def _last(station: Station, now: datetime) -> datetime | None:
    """When the last backup was made; one that a wrong clock dated ahead keeps none from being made."""
    made = [read_time(manifest.at) for manifest in kept_of(station)]
    return max((at for at in made if at <= now), default=None)


def _was_tried(station: Station) -> bool:
    """Whether somebody has tried a short while ago; if not, this is the attempt."""
    now, attempt = station.clock.now(), station.config.folder / "backup.attempt"
    try:
        recent = abs(now - read_time(attempt.read_text(encoding="ascii"))) < _PATIENCE
    except (OSError, ValueError):
        recent = False
    if not recent:
        with disk_faults(), effect("backup.attempt"):
            attempt.write_text(write_time(now), encoding="ascii")
    return recent


def require_backed(station: Station) -> None:
    """For `doctor`. Raises `StationFault` `backup-left`, `backup-old` (twice as old as agreed), `backup-unverified`."""
    require_finishable(station.config)
    every = station.config.backup.every
    if not every:
        return
    now = station.clock.now()
    with station.database.read() as session:
        founded = station.ledger.first_time(session) or now
    last = _last(station, now) or founded
    if now - last > 2 * timedelta(hours=every):
        raise StationFault("backup-old", hours=round((now - last) / timedelta(hours=1)))
    if now - founded > _TRIAL and now - _verified_at(station.config.folder, founded - _OPENED) > _OPENED:
        raise StationFault("backup-unverified", days=_OPENED.days)


def _verified_at(folder: Path, otherwise: datetime) -> datetime:
    try:
        return read_time(json.loads((folder / VERIFIED).read_text(encoding="utf-8"))["at"])
    except (OSError, ValueError, KeyError, TypeError):
        return otherwise
