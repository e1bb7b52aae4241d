"""A station brought back from its backup on a bare machine; what came after it, from the host and working copies.

Nothing is written where the station is to be before the backup was opened whole and judged. Each return begins a new
epoch of the ledger: an object at the host says so to whatever double of the station is still alive, and an entry, with
what is known to be missing, to whoever verifies the ledger later: a declared fork, never a silent one.
"""

import json
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import structlog
from cryptography import x509
from sqlmodel import Session

from lexicon.faults import HostFault, StationFault, TamperFault
from pipeline.batches import anchors, checkpoint
from pipeline.clock import wall
from pipeline.config import FILE_NAME, Config, load
from pipeline.office.backing import Opened, open_backup
from pipeline.office.offsite import settle_backups
from pipeline.office.rebuilding import Rebuilt, adopt_working_copies, rebuild
from pipeline.station import Station, open_station
from storage.backup.bundle import CONFIG, DATABASE
from storage.backup.records import Extent, apply, open_record, size_of
from storage.backup.shipping import epoch_key, listed, put, read
from storage.backup.snapshot import bring_back
from storage.custody import Draft, EntryType
from storage.effects import effect
from storage.files import disk_faults, replacing, sync_folder
from storage.keys import PrivateKey
from storage.ledger_rows import root_at
from storage.notes import Head
from storage.times import write_time

log = structlog.get_logger("liasse.restore")

CERTIFICATES: Final = "certificates"

_EPOCH: Final = re.compile(r".*/epochs/(\d{4})\.json", re.ASCII)
_AT_ONCE: Final = 200
"""Records brought in by one transaction."""


@dataclass(frozen=True, slots=True)
class Return:
    """What a person says to bring a station back. `into` is a folder without a station."""

    backup: Path
    key: PrivateKey
    certificate: x509.Certificate
    into: Path
    database_url: str | None = None
    """In place of the configuration's."""
    config: Path | None = None
    """A configuration in place of the backup's: other folders, another host's address."""
    saved: Path | None = None
    """The lost station's folder, or what was saved of it: spool, sealed envelopes, quarantine."""
    fingerprint: str | None = None
    """SHA-256 of the station's certificate, as it was told when the station was founded."""


@dataclass(frozen=True, slots=True)
class Anchored:
    """What the host's last checkpoint says of the ledger that came back: entries known to be missing."""

    size: int
    missing: int


@dataclass(frozen=True, slots=True)
class Returned:
    """What came back, what was rebuilt, what is lost."""

    station: str
    config: Path
    epoch: int
    backup: str
    backed_up_at: str
    backed_up: int
    """Entries in the backup."""
    entries: int
    """Entries that came back, the host's records included."""
    records: int
    damaged: int
    """Records at the host that could not be used."""
    missing: int
    """Entries that the host's last checkpoint had signed and nobody has; 0: it was reached."""
    since: datetime
    """When the last entry that came back was written: what was done from then on may be lost."""
    until: datetime
    working_copies: int
    rebuilt: Rebuilt
    fingerprint: str


def restore(asked: Return) -> Returned:
    """Bring the station back; at the end it can watch again, and a double of it cannot go on.

    Raises `StationFault` `station-exists`, `restore-database-used`, `restore-overtaken`, `backup-superseded` and what
    `open_backup` raises; `TamperFault("backup-foreign")` where the host knows this station by another key;
    `HostFault`: without the host nothing is brought back, for only there can the return be declared.
    """
    _require_vacant(asked.into)
    with _staged(asked.into) as stage:
        opened = open_backup(asked.backup, asked.key, asked.certificate, stage, fingerprint=asked.fingerprint)
        with _settled(asked, opened) as config:
            station = open_station(config)
            try:
                returned = _return(station, opened, asked)
            finally:
                station.close()
            with disk_faults(), effect("restore.publish"):
                config.file.rename(asked.into / FILE_NAME)
                sync_folder(asked.into)
    return returned


def _require_vacant(into: Path) -> None:
    if (into / FILE_NAME).exists():
        raise StationFault("station-exists", path=str(into / FILE_NAME))


@contextmanager
def _staged(into: Path) -> Iterator[Path]:
    """A folder for what comes out of the backup, on the disk where the station will be."""
    new = not into.exists()
    stage = into / f".restore-{secrets.token_hex(8)}"
    try:
        with disk_faults(), effect("restore.stage"):
            into.mkdir(mode=0o700, parents=True, exist_ok=True)
            stage.mkdir(mode=0o700)
        yield stage
    finally:
        with effect("restore.clear"):
            shutil.rmtree(stage, ignore_errors=True)
        if new:
            with suppress(OSError), effect("restore.leave"):
                into.rmdir()


@contextmanager
def _settled(asked: Return, opened: Opened) -> Iterator[Config]:
    """Configuration, certificates, keys and database in their places; all of it gone again where the block fails."""
    made: list[Path] = []
    try:
        config = _configured(asked, opened, made)
        _require_room(config, opened.manifest.station)
        made.append(config.folder)
        with disk_faults(), effect("restore.keys"):
            config.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            shutil.move(opened.folder / "keys", config.folder / "keys")
        bring_back(opened.folder / DATABASE, config.database_url)
        _make_inboxes(config, made)
        yield config
    except BaseException:
        for path in reversed(made):
            with effect("restore.undo"):
                shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
        raise


def _require_room(config: Config, station: str) -> None:
    if config.station.id != station:
        raise TamperFault("backup-foreign")
    if config.folder.exists() and any(config.folder.iterdir()):
        raise StationFault("station-exists", path=str(config.folder))


def _configured(asked: Return, opened: Opened, made: list[Path]) -> Config:
    """The configuration under a name of its own until the end; certificates beside it where theirs are not there."""
    text = (asked.config or opened.folder / CONFIG).read_text(encoding="utf-8")
    if asked.database_url is not None:
        text = with_setting(text, "database", "url", asked.database_url)
    part = asked.into / f"{FILE_NAME}.part"
    made.append(part)
    _write(part, text)
    config = load(part)
    for name in ("client", "escrow"):
        if not config.path(getattr(config.recipients, name)).exists():
            target = asked.into / CERTIFICATES / f"{name}.crt"
            made.append(target if target.parent.exists() else target.parent)
            with disk_faults(), effect("restore.certificates"):
                target.parent.mkdir(mode=0o700, exist_ok=True)
                shutil.copyfile(opened.folder / CERTIFICATES / f"{name}.crt", target)
            text = with_setting(text, "recipients", name, f"{CERTIFICATES}/{name}.crt")
    _write(part, text)
    return load(part)


def _write(path: Path, text: str) -> None:
    with replacing(path) as stream:
        stream.write(text.encode())


def _make_inboxes(config: Config, made: list[Path]) -> None:
    """Drop folders that lie in the station's own place; shares are mounted by who owns them."""
    for section in config.inbox:
        folder = config.path(section.folder)
        if folder.is_relative_to(config.base) and not folder.exists():
            made.append(folder)
            with disk_faults(), effect("restore.inbox"):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def with_setting(text: str, section: str, name: str, value: str) -> str:
    """The same TOML with one string set, comments and all: in its line, in its section, or in a section of its own."""
    line = f"{name} = {json.dumps(value, ensure_ascii=False)}"
    head = re.search(rf"(?m)^\[{section}\][^\n]*\n", text)
    if head is None:
        return f"{text.rstrip()}\n\n[{section}]\n{line}\n"
    following = re.compile(r"(?m)^\[").search(text, head.end())
    end = following.start() if following else len(text)
    body, found = re.subn(rf"(?m)^{name}\s*=.*$", lambda _: line, text[head.end() : end], count=1)
    return text[: head.end()] + (body if found else f"{line}\n{body}") + text[end:]


# The host's part


def _return(station: Station, opened: Opened, asked: Return) -> Returned:
    manifest = opened.manifest
    _require_known(station)
    epoch = _begin_epoch(station, opened)
    records, damaged = _bring_records(station, manifest.epoch, manifest.entries)
    with station.database.read() as session:
        entries, since = size_of(session), station.ledger.last_time(session) or wall()
    copies = adopt_working_copies(station, asked.saved) if asked.saved else 0
    anchored, until = _declare(station, epoch, manifest.backup, entries)
    station.shipping.resume(entries)
    rebuilt = rebuild(station)
    settle_backups(station)
    checkpoint(station)
    return Returned(
        station=station.id,
        config=asked.into / FILE_NAME,
        epoch=epoch,
        backup=manifest.backup,
        backed_up_at=manifest.at,
        backed_up=manifest.entries,
        entries=entries,
        records=records,
        damaged=damaged,
        missing=anchored.missing,
        since=since,
        until=until,
        working_copies=copies,
        rebuilt=rebuilt,
        fingerprint=manifest.fingerprint,
    )


def _require_known(station: Station) -> None:
    """Raise `TamperFault("backup-foreign")` where the host keeps checkpoints of this name, and none by this key."""
    keys = [key for key, _ in anchors(station.host, station.id)]
    if keys and _signed(station, keys[-1]) is None and all(_signed(station, key) is None for key in keys):
        raise TamperFault("backup-foreign")


def _signed(station: Station, key: str) -> Head | None:
    return station.ledger.signed(read(station.host, key).decode("utf-8", "replace"))


def _begin_epoch(station: Station, opened: Opened) -> int:
    """Take the next epoch: from here on, no double of the station comes any further.

    Raises `StationFault` `backup-superseded`, or `restore-overtaken` where another return takes it at this moment.
    """
    manifest = opened.manifest
    with effect("epoch.list"):
        taken = [
            int(said[1])
            for stored in station.host.list(f"{station.id}/epochs/")
            if (said := _EPOCH.fullmatch(stored.key))
        ]
    begun = _beginnings(listed(station.host, station.id))
    if any(first < manifest.entries for epoch, first in begun.items() if epoch > manifest.epoch):
        raise StationFault("backup-superseded")
    epoch = max(taken, default=0) + 1
    stated = {"at": write_time(wall()), "backup": manifest.backup, "epoch": epoch, "station": station.id}
    with station.workplace() as folder:
        new = put(station.host, epoch_key(station.id, epoch), json.dumps(stated).encode(), folder / "epoch")
    if not new:
        raise StationFault("restore-overtaken")
    return epoch


def _beginnings(found: list[tuple[str, Extent]]) -> dict[int, int]:
    """Epoch -> the entry with which it began, as its records tell."""
    begun: dict[int, int] = {}
    for _, extent in found:
        begun[extent.epoch] = min(extent.first, begun.get(extent.epoch, extent.first))
    return begun


def _bring_records(station: Station, epoch: int, size: int) -> tuple[int, int]:
    """Apply what the host has since the backup, stretch by stretch; how many records, and how many were of no use."""
    found = listed(station.host, station.id)
    begun = _beginnings(found)
    usable = [(key, e) for key, e in found if e.past > size and e.epoch >= epoch and not _left_behind(e, begun)]
    waiting = sorted(usable, key=lambda one: (one[1].first, -one[1].epoch, -one[1].past))
    applied = damaged = 0
    while waiting:
        with station.database.write("restore.records") as session:
            for _ in range(min(_AT_ONCE, len(waiting))):
                key, extent = waiting.pop(0)
                match _bring(station, session, key, extent):
                    case True:
                        applied += 1
                    case None:
                        damaged += 1
                    case _:
                        pass
    return applied, damaged


def _left_behind(extent: Extent, begun: dict[int, int]) -> bool:
    """Whether a later epoch began before the record ends: it tells of what that return did not have."""
    return any(first < extent.past for epoch, first in begun.items() if epoch > extent.epoch)


def _bring(station: Station, session: Session, key: str, extent: Extent) -> bool | None:
    """True: applied; False: it does not continue; None: damaged."""
    try:
        record = open_record(read(station.host, key), extent, station.id, station.keys.backup)
        return apply(session, record)
    except HostFault as fault:
        if fault.code != "host-object-missing":
            raise
        return None
    except TamperFault:
        log.warning("record-not-used", first=extent.first, past=extent.past)
        return None


def _declare(station: Station, epoch: int, backup: str, entries: int) -> tuple[Anchored, datetime]:
    """The entry and the checkpoint that say what this return is."""
    now = station.clock.now()
    with station.database.write("restore.declare") as session:
        anchored = _anchored(station, session, entries)
        draft = Draft(
            EntryType.CHECKPOINT,
            f"station:{backup}",
            "forked" if anchored.missing else "restored",
            counts={"anchor": anchored.size, "entries": entries, "epoch": epoch, "missing": anchored.missing},
        )
        station.ledger.append(session, draft, at=now)
        station.ledger.checkpoint(session, now, epoch=epoch)
    return anchored, now


def _anchored(station: Station, session: Session, entries: int) -> Anchored:
    """Compare with the last checkpoint at the host that this station signed.

    Raises `TamperFault("custody-rolled-back")` where that covers no more than what came back, and differs.
    """
    for key, _ in reversed(anchors(station.host, station.id)):
        head = _signed(station, key)
        if head is None:
            continue
        if head.size <= entries and root_at(session, head.size) != head.root:
            raise TamperFault("custody-rolled-back", size=head.size)
        return Anchored(head.size, max(0, head.size - entries))
    return Anchored(0, 0)
