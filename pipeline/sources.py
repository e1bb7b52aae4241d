"""Where files come from: a drop folder, whose files are claimed, or any other folder, which is read in place."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from pipeline.config import InboxSection
from pipeline.events import Event, FilesLeft
from pipeline.hosting import folders_of
from pipeline.inbox import Arrival, Claimed, Inbox, check_inbox, open_in_place, snapshot
from pipeline.intake import Source
from pipeline.station import Station
from pipeline.watched import note_opened
from storage.files import disk_faults

Tell = Callable[[Event], None]

_SLICE: Final = 0.5
"""Seconds between two looks at a folder in which something still moves."""


def inbox_of(station: Station, folder: Path) -> Inbox | None:
    """The drop folder that a folder is, or lies in; None for any other folder."""
    for section in station.config.inbox:
        if folder.resolve().is_relative_to(station.config.path(section.folder)):
            return open_inbox(station, section)
    return None


def _lying_still(folder: Path, station: Station, tell: Tell, stop: threading.Event) -> Iterator[Arrival]:
    """A folder's files, those that are still being written to after they lie still; none twice."""
    seen: set[bytes] = set()
    settle = station.config.inbox[0].settle
    deadline = time.monotonic() + station.config.inbox[0].patience
    while not stop.is_set():
        found = snapshot(folder, time.time(), settle, station.limits)
        if not seen:
            yield from _left(found.left_alone, tell)
        fresh = [arrival for arrival in found.ready if arrival.found.path not in seen]
        yield from fresh
        seen.update(arrival.found.path for arrival in fresh)
        if not found.moving or time.monotonic() > deadline:
            yield from _left(Counter({"being-written": len(found.moving)}), tell)
            return
        stop.wait(_SLICE)


def _left(kinds: Counter[str], tell: Tell) -> Iterator[Arrival]:
    for kind, count in sorted(kinds.items()):
        if count:
            tell(FilesLeft(kind, count))
    return iter(())


def in_place(station: Station, folder: Path, tell: Tell, stop: threading.Event) -> Iterator[Source]:
    for arrival in _lying_still(folder, station, tell, stop):
        stream = open_in_place(folder, arrival)
        if stream is None:
            continue
        with stream:
            yield Source(
                identifier=station.identifiers.new(),
                name=_shown(arrival.found.path),
                batch="/".join(filter(None, (folder.resolve().name, arrival.batch_label))),
                stream=stream,
                done=lambda: None,
            )


def claimed_from(station: Station, inbox: Inbox, folder: Path, tell: Tell, stop: threading.Event) -> Iterator[Source]:
    for claimed in inbox.recover():
        yield from source_of(station, inbox, claimed)
    within = folder.resolve().relative_to(inbox.folder)
    for arrival in _lying_still(inbox.folder, station, tell, stop):
        if Path(_shown(arrival.found.path)).is_relative_to(within):
            with disk_faults():
                found = inbox.claim(arrival, station.identifiers.new())
            yield from source_of(station, inbox, found)


def source_of(station: Station, inbox: Inbox, claimed: Claimed | None) -> Iterator[Source]:
    """What there is to take of a claim. Raises `StationFault("disk-unusable")` where the folder has gone."""
    if claimed is None:
        return
    day = station.clock.moment().at.astimezone(station.clock.zone).date()
    with disk_faults():
        opened = claimed.open()
    with opened as stream:
        yield Source(
            identifier=claimed.id,
            name="/".join(filter(None, (claimed.batch_label, _shown(claimed.name)))),
            batch=claimed.batch_label or day.isoformat(),
            stream=stream,
            done=lambda: inbox.release(claimed),
        )


def _shown(name: bytes) -> str:
    """A name as text; bytes that are no UTF-8 show as `\\xNN`."""
    return name.decode("utf-8", "backslashreplace")


def private_folders(station: Station) -> tuple[Path, ...]:
    """What must never be fed to the station: its own folder, and the host's where it is one."""
    return station.config.folder, *folders_of(station.config.host, station.config.path)


def open_inbox(station: Station, section: InboxSection) -> Inbox:
    folder = station.config.path(section.folder)
    check_inbox(folder, private_folders(station))
    inbox = Inbox(folder, settle=section.settle, patience=section.patience, limits=station.limits)
    note_opened(station.config, folder)
    return inbox
