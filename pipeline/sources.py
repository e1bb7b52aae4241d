"""Where files come from: a drop folder, whose files are claimed, or any other folder, which is read in place."""

import hashlib
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, Final, cast

from lexicon.faults import StationFault
from pipeline.config import Config, InboxSection
from pipeline.drop.folder import Found
from pipeline.drop.settling import Mark
from pipeline.events import Event, FilesLeft
from pipeline.formats.collated import Bundle
from pipeline.hosting import folders_of
from pipeline.inbox import Arrival, Inbox, Standing, Temporary, Unit, check_inbox, open_in_place
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


def _lying_still(
    standing: Standing, patience: float, tell: Tell, stop: threading.Event, wanted: Callable[[Found], bool]
) -> Iterator[Arrival]:
    """What is there, and what is still being written to after it lies still; none twice.

    What still moves after `patience` seconds is left.
    """
    seen: set[tuple[bytes, Mark]] = set()
    told: Counter[str] = Counter()
    deadline = time.monotonic() + patience
    while not stop.is_set():
        found = standing.look(time.monotonic(), time.time())
        _left(found.left_alone - told, tell)
        told |= found.left_alone
        fresh = [one for one in found.ready if (one.found.path, one.found.mark) not in seen and wanted(one.found)]
        yield from fresh
        seen.update((arrival.found.path, arrival.found.mark) for arrival in fresh)
        moving = sum(map(wanted, found.moving))
        if not moving or time.monotonic() > deadline:
            _left(Counter({"being-written": moving}), tell)
            return
        stop.wait(_SLICE)


def _left(kinds: Counter[str], tell: Tell) -> None:
    for kind, count in sorted(kinds.items()):
        if count:
            tell(FilesLeft(kind, count))


def in_place(station: Station, folder: Path, tell: Tell, stop: threading.Event) -> Iterator[Source]:
    """The files of a folder that is no drop folder, one after the other, each open; none is taken away."""
    first = station.config.records_inbox
    standing = Standing(folder, settle=first.settle, limits=station.limits, temporary=Temporary.of(first.temporary))
    for arrival in _lying_still(standing, first.patience, tell, stop, lambda _: True):
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


def recovered(station: Station, inbox: Inbox) -> Iterator[Unit]:
    """What was claimed before the last stop and not let go of, oldest first.

    Of manual duplex, fronts that are recorded already were so with their backs: these, by their bytes, are still there
    where a crash came before they were let go of, for they go first.
    """
    left = deque(inbox.recover())
    while left:
        first = left.popleft()
        with station.database.read() as session:
            known = station.captured.file(session, first.id)
        if known is None:
            unit = inbox.paired(first)
        else:
            later = (one for one in left if one.batch_label == first.batch_label and inbox.duplex == "manual")
            backs = next(later, None)
            if backs is not None and _digest((first, backs)) == known.sha256:
                left.remove(backs)
                unit = (first, backs)
            else:
                unit = (first,)
        if unit is not None:
            yield unit


def _digest(unit: Unit) -> str:
    """SHA-256 (hex) of the file that the two make. Raises StationFault `disk-unusable`."""
    with disk_faults(), ExitStack() as closing:
        bundle = Bundle([closing.enter_context(claimed.open()) for claimed in unit])
        hashing = hashlib.sha256()
        while chunk := bundle.read(1 << 20):
            hashing.update(chunk)
    return hashing.hexdigest()


def claimed_from(station: Station, inbox: Inbox, folder: Path, tell: Tell, stop: threading.Event) -> Iterator[Source]:
    """What was claimed before, and what lies still in a drop folder, or in a part of it: each claimed, and open."""
    stirred: list[Unit] = []
    for unit in recovered(station, inbox):
        yield from _lying(station, inbox, unit, stirred)
    within = folder.resolve().relative_to(inbox.folder)
    standing = Standing(
        inbox.folder,
        settle=inbox.settle,
        patience=inbox.patience,
        limits=station.limits,
        temporary=inbox.temporary,
    )

    def wanted(found: Found) -> bool:
        return Path(_shown(found.path)).is_relative_to(within)

    for arrival in _lying_still(standing, inbox.patience, tell, stop, wanted):
        with disk_faults():
            claimed = inbox.claim(arrival, station.identifiers.new())
        new = inbox.paired(claimed) if claimed is not None else None
        if new is not None:
            yield from _lying(station, inbox, new, stirred)
    yield from _come_to_rest(station, inbox, stirred, tell, stop)
    _left(inbox.left_alone + Counter({"half": inbox.halves}), tell)


def _lying(station: Station, inbox: Inbox, unit: Unit, stirred: list[Unit]) -> Iterator[Source]:
    """Without what is written to again, which goes among the `stirred`."""
    try:
        yield from source_of(station, inbox, unit)
    except StationFault as fault:
        if fault.code != CHANGED:
            raise
        stirred.append(unit)


def _come_to_rest(
    station: Station, inbox: Inbox, stirred: list[Unit], tell: Tell, stop: threading.Event
) -> Iterator[Source]:
    """Claimed files that somebody went on writing to: as long as the folder waits for any other; then the next run."""
    deadline = time.monotonic() + inbox.patience
    while stirred and not stop.wait(_SLICE):
        again: list[Unit] = []
        for unit in stirred:
            yield from _lying(station, inbox, unit, again)
        stirred = again
        if time.monotonic() > deadline:
            break
    _left(Counter({"being-written": len(stirred)}), tell)


def source_of(station: Station, inbox: Inbox, unit: Unit) -> Iterator[Source]:
    """What there is to take of a claim, or of two: manual duplex's fronts and backs, or a half that is alone.

    Raises `StationFault` `disk-unusable` where the folder has gone, `changed-while-read` where somebody who had it open
    goes on writing to it: it stays claimed until it lies still again.
    """
    first = unit[0]
    day = station.clock.moment().at.astimezone(station.clock.zone).date()
    with ExitStack() as closing:
        with disk_faults():
            streams = [closing.enter_context(claimed.open()) for claimed in unit]
        still = [
            inbox.lies_still(stream, claimed, time.monotonic()) for stream, claimed in zip(streams, unit, strict=True)
        ]
        if not all(still):
            raise StationFault("changed-while-read")
        bundle = None if inbox.duplex == "no" else Bundle(streams, alone=inbox.duplex == "manual" and len(unit) == 1)
        names = " + ".join(_shown(claimed.name) for claimed in unit)
        yield Source(
            identifier=first.id,
            name="/".join(filter(None, (first.batch_label, names))),
            batch=_batch(inbox, first.batch_label or _of_loose_files(station, inbox) or day.isoformat()),
            stream=streams[0] if bundle is None else cast("BinaryIO", bundle),
            done=lambda: _let_go(inbox, unit),
            kind=inbox.kind,
            bundle=bundle,
        )


def _let_go(inbox: Inbox, unit: Unit) -> None:
    """The first of two last: while it is there, a start knows whose other half it met."""
    for claimed in reversed(unit):
        inbox.release(claimed)


def _of_loose_files(station: Station, inbox: Inbox) -> str | None:
    """The one batch that was announced and is open; where there is none, the one that loose files of today came to and
    that was closed with less. Signed forms come beside it.
    """
    if inbox.kind != "records":
        return None
    today = station.clock.now().astimezone(station.clock.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    with station.database.read() as session:
        labels = station.batches.announced_open(session) or tuple(
            label
            for batch, label in station.batches.lacking_since(session, today)
            if any(not file.name.startswith(f"{label}/") for file in station.captured.files(session, batch=batch))
        )
    return labels[0] if len(labels) == 1 else None


def _batch(inbox: Inbox, label: str) -> str:
    """Signed forms are in batches of their own."""
    return label if inbox.kind == "records" else f"{inbox.kind}/{label}"


def _shown(name: bytes) -> str:
    """A name as text; bytes that are no UTF-8 show as `\\xNN`."""
    return name.decode("utf-8", "backslashreplace")


def private_folders(config: Config) -> tuple[Path, ...]:
    """What must never be fed to the station: its own folders, its backups, and the host's where it is one."""
    backups = (config.path(config.backup.folder),) if config.backup.folder else ()
    return config.folder, config.shared, *backups, *folders_of(config.host, config.path)


def require_apart(config: Config, section: InboxSection) -> None:
    """Refuse a drop folder that overlaps another one, the station's own folders, or its programs'.

    Raises what `check_inbox` raises.
    """
    others = (config.path(other.folder) for other in config.inbox if other is not section)
    check_inbox(config.path(section.folder), (*private_folders(config), *others))


def open_inbox(station: Station, section: InboxSection, bell: threading.Event | None = None) -> Inbox:
    """A drop folder, watched from now on; `bell` is rung by its events. Raises what `check_inbox` raises."""
    folder = station.config.path(section.folder)
    require_apart(station.config, section)
    inbox = Inbox(
        folder,
        settle=section.settle,
        patience=section.patience,
        limits=station.limits,
        kind=section.kind,
        watch=section.watch,
        temporary=Temporary.of(section.temporary),
        bell=bell,
        duplex=section.duplex,
        duplex_hours=section.duplex_hours,
    )
    note_opened(station.config, folder)
    return inbox
