"""Where files come from: a drop folder, whose files are claimed, or any other folder, which is read in place."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from lexicon.faults import StationFault
from pipeline.config import InboxSection
from pipeline.events import Event, FilesLeft
from pipeline.hosting import folders_of
from pipeline.inbox import Arrival, Claimed, Inbox, Snapshot, check_inbox, open_in_place, snapshot
from pipeline.intake import CHANGED, Source
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


def _lying_still(look: Callable[[], Snapshot], patience: float, tell: Tell, stop: threading.Event) -> Iterator[Arrival]:
    """What `look` finds, and what is still being written to after it lies still; none twice.

    What still moves after `patience` seconds is left.
    """
    seen: set[bytes] = set()
    told: Counter[str] = Counter()
    deadline = time.monotonic() + patience
    while not stop.is_set():
        found = look()
        _left(found.left_alone - told, tell)
        told |= found.left_alone
        fresh = [arrival for arrival in found.ready if arrival.found.path not in seen]
        yield from fresh
        seen.update(arrival.found.path for arrival in fresh)
        if not found.moving or time.monotonic() > deadline:
            _left(Counter({"being-written": len(found.moving)}), tell)
            return
        stop.wait(_SLICE)


def _left(kinds: Counter[str], tell: Tell) -> None:
    for kind, count in sorted(kinds.items()):
        if count:
            tell(FilesLeft(kind, count))


def in_place(station: Station, folder: Path, tell: Tell, stop: threading.Event) -> Iterator[Source]:
    first = station.config.records_inbox

    def look() -> Snapshot:
        return snapshot(folder, time.time(), first.settle, station.limits)

    for arrival in _lying_still(look, first.patience, tell, stop):
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
        yield from _lying(source_of(station, inbox, claimed), tell)
    within = folder.resolve().relative_to(inbox.folder)

    def wanted(arrival: Arrival) -> bool:
        return Path(_shown(arrival.found.path)).is_relative_to(within)

    def look() -> Snapshot:
        seen = snapshot(inbox.folder, time.time(), inbox.settle, station.limits, inbox.patience)
        return Snapshot(tuple(filter(wanted, seen.ready)), tuple(filter(wanted, seen.moving)), seen.left_alone)

    for arrival in _lying_still(look, inbox.patience, tell, stop):
        with disk_faults():
            found = inbox.claim(arrival, station.identifiers.new())
        yield from _lying(source_of(station, inbox, found), tell)
    _left(inbox.left_alone, tell)


def _lying(sources: Iterator[Source], tell: Tell) -> Iterator[Source]:
    """Without what is written to again: it stays claimed for the next run."""
    try:
        yield from sources
    except StationFault as fault:
        if fault.code != CHANGED:
            raise
        tell(FilesLeft("being-written", 1))


def source_of(station: Station, inbox: Inbox, claimed: Claimed | None) -> Iterator[Source]:
    """What there is to take of a claim.

    Raises `StationFault` `disk-unusable` where the folder has gone, `changed-while-read` where somebody who had it open
    goes on writing to it: it stays claimed until it lies still again.
    """
    if claimed is None:
        return
    day = station.clock.moment().at.astimezone(station.clock.zone).date()
    with disk_faults():
        opened = claimed.open()
    with opened as stream:
        if not inbox.lies_still(stream, claimed, time.time()):
            raise StationFault("changed-while-read")
        yield Source(
            identifier=claimed.id,
            name="/".join(filter(None, (claimed.batch_label, _shown(claimed.name)))),
            batch=_batch(inbox, claimed.batch_label or day.isoformat()),
            stream=stream,
            done=lambda: inbox.release(claimed),
            kind=inbox.kind,
        )


def _batch(inbox: Inbox, label: str) -> str:
    """Signed forms are in batches of their own."""
    return label if inbox.kind == "records" else f"{inbox.kind}/{label}"


def _shown(name: bytes) -> str:
    """A name as text; bytes that are no UTF-8 show as `\\xNN`."""
    return name.decode("utf-8", "backslashreplace")


def private_folders(station: Station) -> tuple[Path, ...]:
    """What must never be fed to the station: its own folder, and the host's where it is one."""
    return station.config.folder, *folders_of(station.config.host, station.config.path)


def open_inbox(station: Station, section: InboxSection) -> Inbox:
    folder = station.config.path(section.folder)
    check_inbox(folder, private_folders(station))
    inbox = Inbox(folder, settle=section.settle, patience=section.patience, limits=station.limits, kind=section.kind)
    note_opened(station.config, folder)
    return inbox
