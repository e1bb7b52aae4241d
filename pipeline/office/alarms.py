"""What has lasted too long, and that a person should look at: a silent scanner, a host that is away, work that stands.

Computed anew from rows, folders and clock, so that any process may ask; `Bell` tells what begins and what ends.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import structlog

from lexicon.faults import StationFault
from pipeline.announced import UNLIKE
from pipeline.config import AlarmsSection
from pipeline.drop.claims import waiting_halves
from pipeline.drop.folder import Temporary, walk
from pipeline.inbox import CLAIMS
from pipeline.station import Station
from pipeline.watched import was_opened
from storage import gauges
from storage.times import read_time, write_time

log = structlog.get_logger("liasse.alarms")

COMMAND_SECONDS: Final = 30.0
"""For the program that is run when an alarm begins or ends."""
_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MEGABYTE: Final = 1_000_000
_NANO: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that lasts: a slug of `lexicon.alarms`, how many (documents, folders, places), and since when (UTC)."""

    slug: str
    count: int
    since: datetime | None
    """None where nobody knows."""

    @property
    def answer(self) -> Mapping[str, str | int | None]:
        """As JSON has it."""
        return {"alarm": self.slug, "count": self.count, "since": write_time(self.since) if self.since else None}


def alarms(station: Station, now: datetime) -> tuple[Alarm, ...]:
    """What stands at `now` (UTC), in the order of the slugs. One short reading of the database."""
    settings = station.config.alarms
    found = [*_of_rows(station, settings, now), *_of_folders(station, settings, now)]
    if not station.clock.moment().trusted:
        found.append(Alarm("clock-behind", 1, station.ledger.last_time()))
    return tuple(sorted(found, key=lambda alarm: alarm.slug))


def _of_rows(station: Station, settings: AlarmsSection, now: datetime) -> Iterator[Alarm]:
    asked = (
        ("waiting-long", gauges.waiting, timedelta(days=settings.waiting_days)),
        ("progress-long", gauges.under_way, timedelta(hours=settings.progress_hours)),
        ("host-away", gauges.undelivered, timedelta(minutes=settings.host_minutes)),
        ("custody-long", gauges.in_custody, timedelta(days=station.config.contract.custody_days)),
    )
    with station.database.read() as session:
        found = [(slug, ask(session, now - longest)) for slug, ask, longest in asked if longest]
        found.append(("dead-letters", gauges.paused(session)))
        unlike, since = station.batches.unlike(session)
    if unlike:
        yield Alarm(UNLIKE, unlike, read_time(since) if since else None)
    yield from (Alarm(slug, since.count, since.oldest) for slug, since in found if since.count)


def _of_folders(station: Station, settings: AlarmsSection, now: datetime) -> Iterator[Alarm]:
    zone = ZoneInfo(station.config.station.timezone)
    last = [taken for taken in last_taken(station).values() if taken is not None]
    silent = [taken for taken in last if is_silent(settings, zone, taken, now)]
    if silent:
        yield Alarm("folder-silent", len(silent), min(silent))
    if away := _away(station):
        yield Alarm("inbox-away", away, None)
    if late := tuple(_late(station, settings, now)):
        yield Alarm("unclaimed-long", len(late), min(late))
    if halves := tuple(_halves(station, now)):
        yield Alarm("duplex-half-waiting", len(halves), min(halves))
    short = [place for place, free in free_bytes(station).items() if free < settings.free_megabytes * _MEGABYTE]
    if short:
        yield Alarm("disk-short", len(short), None)


def last_taken(station: Station) -> Mapping[int, datetime | None]:
    """Number of the drop folder (from 1, as in the configuration) -> when a file was last taken there.

    The claim folder's own time says it, whoever took the file; it begins when the daemon first opens the folder.
    None: never opened, or not to be seen now.
    """
    return {number: _changed(folder) for number, folder in _folders(station).items()}


def _changed(folder: Path) -> datetime | None:
    try:
        return datetime.fromtimestamp((folder / CLAIMS).stat().st_mtime, UTC)
    except OSError:
        return None


def unclaimed(station: Station) -> Mapping[int, tuple[datetime, ...]]:
    """Number of the drop folder -> since when each file has lain there unchanged that nobody has claimed, oldest first.

    By the folder's own file system: no scanner's clock has a say. Those of temporary names and of a second name are
    among them: a scanner that broke off leaves such a one. A folder that cannot be listed now is left out.
    """
    found: dict[int, tuple[datetime, ...]] = {}
    for number, section in enumerate(station.config.inbox, start=1):
        with suppress(StationFault):
            listing = walk(station.config.path(section.folder), Temporary.of(section.temporary))
            found[number] = tuple(datetime.fromtimestamp(at / _NANO, UTC) for at in sorted(listing.lying))
    return found


def _late(station: Station, settings: AlarmsSection, now: datetime) -> Iterator[datetime]:
    """What lies unclaimed for longer than agreed, and than its folder's own settings let it."""
    agreed = timedelta(minutes=settings.unclaimed_minutes)
    if not agreed:
        return
    for number, lying in unclaimed(station).items():
        section = station.config.inbox[number - 1]
        waits = timedelta(seconds=section.settle + section.patience + 2 * section.sweep)
        yield from (since for since in lying if now - since > max(agreed, waits))


def _halves(station: Station, now: datetime) -> Iterator[datetime]:
    """Fronts of manual duplex whose backs have not come within their folder's patience."""
    for section in station.config.inbox:
        if section.duplex == "manual":
            waiting = waiting_halves(station.config.path(section.folder) / CLAIMS, section.duplex_hours)
            since = (datetime.fromtimestamp(at / _NANO, UTC) for at in waiting)
            yield from (at for at in since if now - at > timedelta(seconds=section.patience))


def inboxes_there(station: Station) -> Mapping[int, bool]:
    """Number of the drop folder -> whether it is there: an empty place is not the folder that was opened before."""
    taken = last_taken(station)
    return {
        number: taken[number] is not None or (_is_folder(folder) and not was_opened(station.config, folder))
        for number, folder in _folders(station).items()
    }


def _away(station: Station) -> int:
    """How many drop folders have gone that this machine has opened; one that never was here is for `doctor` to tell."""
    folders = _folders(station)
    gone = [number for number, there in inboxes_there(station).items() if not there]
    return sum(was_opened(station.config, folders[number]) for number in gone)


def _folders(station: Station) -> Mapping[int, Path]:
    return {number: station.config.path(inbox.folder) for number, inbox in enumerate(station.config.inbox, start=1)}


def _is_folder(folder: Path) -> bool:
    try:
        return folder.is_dir()
    except OSError:
        return False


def free_bytes(station: Station) -> Mapping[str, int]:
    """Bytes that are free where the station keeps its folder, and where it works; a place that is gone has none."""
    places = {"station": station.config.folder, "work": Path(station.config.station.work)}
    return {name: _free(place) for name, place in places.items()}


def _free(place: Path) -> int:
    try:
        return shutil.disk_usage(place).free
    except OSError:
        return 0


def is_silent(settings: AlarmsSection, zone: ZoneInfo, taken: datetime, now: datetime) -> bool:
    """Whether more working time has gone by since the last file than agreed, and it is working time now."""
    longest = timedelta(hours=settings.silent_hours)
    return bool(longest) and working_time(settings, zone, taken, now) > longest


def working_time(settings: AlarmsSection, zone: ZoneInfo, since: datetime, until: datetime) -> timedelta:
    """Working time between two moments (UTC): the part of each working day that lies between them."""
    begins, ends = time.fromisoformat(settings.begins), time.fromisoformat(settings.ends)
    worked = timedelta()
    for day in _days(since.astimezone(zone).date(), until.astimezone(zone).date()):
        if _DAYS[day.weekday()] in settings.days:
            opened = max(datetime.combine(day, begins, zone).astimezone(UTC), since)
            closed = min(datetime.combine(day, ends, zone).astimezone(UTC), until)
            worked += max(closed - opened, timedelta())
    return worked


def _days(first: date, last: date) -> Iterator[date]:
    """The days from one to another; of more than a year, the last year's, which is silence enough."""
    first = max(first, last - timedelta(days=366))
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


class Bell:
    """Tells of each alarm once when it begins and once when it ends: in the log, and to the station's own program."""

    def __init__(self, station: str, command: Sequence[str]) -> None:
        self._station, self._command = station, tuple(command)
        self._ringing: dict[str, Alarm] = {}

    def hear(self, standing: Iterable[Alarm], now: datetime) -> None:
        """What stands now. Nothing is raised: a bell that is broken must not stop the work."""
        before, self._ringing = self._ringing, {alarm.slug: alarm for alarm in standing}
        raised = [alarm for slug, alarm in self._ringing.items() if slug not in before]
        cleared = [alarm for slug, alarm in before.items() if slug not in self._ringing]
        for alarm in raised:
            log.warning("alarm-raised", **alarm.answer)
        for alarm in cleared:
            log.info("alarm-cleared", alarm=alarm.slug)
        if (raised or cleared) and self._command:
            self._run(raised, cleared, now)

    def _run(self, raised: list[Alarm], cleared: list[Alarm], now: datetime) -> None:
        told: dict[str, Any] = {
            "station": self._station,
            "at": write_time(now),
            "raised": [alarm.answer for alarm in raised],
            "cleared": [alarm.slug for alarm in cleared],
            "standing": sorted(self._ringing),
        }
        try:
            ended = subprocess.run(
                self._command,
                input=json.dumps(told).encode(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=COMMAND_SECONDS,
                env=_plain_environment(),
                cwd="/",
                check=False,
            )
        except subprocess.TimeoutExpired:
            log.warning("alarm-command-failed", kind="timeout")
        except OSError as error:
            log.warning("alarm-command-failed", kind=type(error).__name__)
        else:
            if ended.returncode:
                log.warning("alarm-command-failed", kind="exit", code=ended.returncode)


def _plain_environment() -> Mapping[str, str]:
    """The program needs no secret of the station's: neither its variables nor its credentials."""
    plain = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}
    with suppress(KeyError):
        plain["TZ"] = os.environ["TZ"]
    return plain
