"""Backups of a station: sealed for client and escrow, read back, put at the host, opened.

What a backup holds is what no other place has: rows, ledger, the station's keys, configuration, certificates. Working
files are not in it: they are encrypted, live hours, and a copy would bring back what was destroyed.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog
from cryptography import x509
from filelock import FileLock, Timeout

from lexicon.faults import Fault, HostFault, StationFault, TamperFault
from pipeline.config import Config
from pipeline.office.offsite import finish, is_own, let_go, manifests_at_host, put_backup, record, remove
from pipeline.software import VERSION
from pipeline.station import Station
from storage.backup.bundle import CONFIG, DATABASE, read_parts, write_parts
from storage.backup.manifest import MANIFEST, SIGNATURE, Manifest, encoded, read_manifest, require_parts
from storage.backup.snapshot import require_whole, take_snapshot
from storage.database import Database, migrate
from storage.effects import effect
from storage.evidence import Verdict
from storage.files import PART, disk_faults, replacing, sync_folder
from storage.keys import PrivateKey, StationKeys, key_files
from storage.ledger import Ledger
from storage.signature import sign
from storage.times import write_time

log = structlog.get_logger("liasse.backup")

VERIFIED: Final = "backup.verified"
"""In the station's folder: when a backup of it was last opened with a key, and which."""

_STAGE: Final = ".backup-"


@dataclass(frozen=True, slots=True)
class Taken:
    """A backup that was made and read back."""

    path: Path
    manifest: Manifest
    size: int
    """Bytes of all its files."""
    at_host: bool


@dataclass(frozen=True, slots=True)
class Opened:
    """A backup that was opened whole: its content lies in `folder`."""

    folder: Path
    manifest: Manifest
    keys: StationKeys
    verdict: Verdict


# Making


def folder_of(config: Config) -> Path:
    """Where backups are kept."""
    return config.path(config.backup.folder) if config.backup.folder else config.folder / "backups"


def take_backup(station: Station, *, out: Path | None = None, to_host: bool | None = None) -> Taken:
    """Make one, in `out` or where the configuration says; once it is where it was agreed to be, those beyond `keep` go.

    Raises `StationFault` `backup-running`, `disk-full`, `disk-unusable`; `TamperFault` `custody-broken` (such a ledger
    is not what must be brought back: look first) or `backup-damaged`; `HostFault`: the backup is made, not at the host.
    """
    folder = out or folder_of(station.config)
    with _alone(station.config, folder):
        _finish_before(station)
        with disk_faults(), effect("backup.make"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        manifest, path = _make(station, folder)
        record("backup.record", station, manifest, "made")
        station.shipping.begin(manifest.entries)
        agreed = station.config.backup.at_host
        wanted = agreed if to_host is None else to_host
        if wanted:
            put_backup(station, path, manifest)
        if out is None and (wanted or not agreed):  # the host keeps the older ones until it has this
            _prune(station, folder)
    return Taken(path, manifest, sum(file.stat().st_size for file in path.iterdir()), wanted)


def kept(folder: Path) -> list[Manifest]:
    """The manifests of the backups in a folder, oldest first, each under its number; whoever restores one checks it."""
    found = []
    for path in sorted(folder.glob(f"*/{MANIFEST}")):
        if path.parent.suffix == PART:
            continue  # interrupted, and not published
        try:
            manifest = read_manifest(path.parent)
        except Fault:
            log.warning("backup-not-readable", backup=path.parent.name)
            continue
        if manifest.backup == path.parent.name:  # under another name, it is somebody's copy
            found.append(manifest)
    return found


def kept_of(station: Station) -> list[Manifest]:
    """Those that this station made, in its folder."""
    return [manifest for manifest in kept(folder_of(station.config)) if is_own(station, manifest)]


@contextmanager
def _alone(config: Config, folder: Path) -> Iterator[None]:
    """One backup at a time; what one that was interrupted left in `folder` goes first."""
    lock = FileLock(config.folder / "backup.lock", timeout=0, mode=0o600)
    try:
        with lock:
            for left in config.folder.glob(f"{_STAGE}*"):
                with effect("backup.sweep"):  # the stage last: it alone says whose the unfinished backup is
                    shutil.rmtree(folder / f"{left.name.removeprefix(_STAGE)}{PART}", ignore_errors=True)
                    shutil.rmtree(left, ignore_errors=True)
            yield
    except Timeout:
        raise StationFault("backup-running") from None


def _make(station: Station, folder: Path) -> tuple[Manifest, Path]:
    now, backup = station.clock.now(), station.identifiers.new()
    stage, part, path = station.config.folder / f"{_STAGE}{backup}", folder / f"{backup}{PART}", folder / backup
    try:
        with disk_faults(), effect("backup.stage"):
            stage.mkdir(mode=0o700)
            part.mkdir(mode=0o700)
        snapshot = stage / DATABASE
        take_snapshot(station.database, station.config.database_url, snapshot)
        verdict, epoch = _judged(snapshot, station.id, station.keys)
        contents = _contents(station.config, snapshot)
        parts = write_parts(part, backup, contents, station.recipients)
        manifest = Manifest(
            backup=backup,
            station=station.id,
            epoch=epoch,
            entries=verdict.entries,
            root=verdict.root,
            at=write_time(now),
            software=f"liasse/{VERSION}",
            certificate=encoded(station.keys.certificate),
            recipients=tuple(recipient.fingerprint for recipient in station.recipients),
            parts=tuple(parts),
        )
        _write(part / MANIFEST, manifest.canonical())
        _write(part / SIGNATURE, sign(station.keys, manifest.canonical()))
        _require_same(part, manifest)
        with disk_faults(), effect("backup.publish"):
            part.rename(path)
            sync_folder(folder)
    finally:
        with effect("backup.clear"):
            shutil.rmtree(part, ignore_errors=True)
            shutil.rmtree(stage, ignore_errors=True)
    return manifest, path


def _contents(config: Config, snapshot: Path) -> dict[str, Path]:
    """Name in the backup -> file, the database last."""
    certificates = {"client": config.recipients.client, "escrow": config.recipients.escrow}
    return {
        CONFIG: config.file,
        **{f"certificates/{name}.crt": config.path(path) for name, path in certificates.items()},
        **{f"keys/{name}": config.folder / "keys" / name for name in key_files()},
        DATABASE: snapshot,
    }


def _write(path: Path, content: bytes) -> None:
    with replacing(path) as stream:
        stream.write(content)


def _require_same(folder: Path, manifest: Manifest) -> None:
    """What was written, read back: shape, signature, hashes."""
    if read_manifest(folder) != manifest:
        raise TamperFault("backup-forged", file=MANIFEST)
    require_parts(folder, manifest)


def _judged(snapshot: Path, station: str, keys: StationKeys) -> tuple[Verdict, int]:
    """The ledger in a copy, verified from its first entry, and its epoch; the copy gets this version's shape."""
    require_whole(snapshot)
    database = Database(f"sqlite:///{snapshot}")
    try:
        migrate(database)
        ledger = Ledger(database, station, keys.checkpoint)
        verdict = ledger.verify()
        if not verdict.verified:
            raise TamperFault("custody-broken")
        return verdict, ledger.epoch()
    finally:
        database.close()


def finish_backups(station: Station) -> None:
    """Bring to the host what it may have a part of. Raises as `finish`, and `StationFault("backup-running")`."""
    with _alone(station.config, folder_of(station.config)):
        finish(station)


def _finish_before(station: Station) -> None:
    try:
        finish(station)
    except HostFault as fault:
        log.warning("backup-not-at-host", fault=fault.code)


def _prune(station: Station, folder: Path) -> None:
    """Let go of the oldest, wherever they were made, and of the records that the others make needless."""
    here = {manifest.backup: manifest for manifest in kept_of(station)}
    at_host = station.config.backup.at_host
    try:
        there = manifests_at_host(station, here.keys()) if at_host else []
        found = sorted([*here.values(), *there], key=lambda manifest: manifest.backup)
        needless, needed = found[: -station.config.backup.keep], found[-station.config.backup.keep :]
        for manifest in needless:
            if at_host:
                let_go(station, folder / manifest.backup, manifest)
            else:
                with effect("backup.remove"):
                    remove(folder / manifest.backup)
        if at_host:  # what came after a return may hold less than what that return gave up
            station.shipping.forget(min(manifest.entries for manifest in needed))
    except (HostFault, StationFault) as fault:
        log.warning("backup-not-deleted", fault=fault.code)


# Opening


def open_backup(
    folder: Path, key: PrivateKey, certificate: x509.Certificate, into: Path, *, fingerprint: str | None = None
) -> Opened:
    """Open a backup whole into `into`, an empty 0700 folder, and judge what came out as a stranger would.

    `fingerprint` is the SHA-256 of the station's certificate, told by another way. Raises `StationFault`
    `backup-unreadable`, `backup-incomplete`, `backup-newer`, `database-newer`, `key-not-recipient`; `TamperFault`
    `backup-forged`, `backup-foreign`, `backup-damaged`, `envelope-forged`, `custody-broken`.
    """
    manifest = read_manifest(folder)
    if fingerprint is not None and _bare(fingerprint) != _bare(manifest.fingerprint):
        raise TamperFault("backup-foreign")
    require_parts(folder, manifest)
    content = into / "content"
    with disk_faults(), effect("backup.unpack"):
        content.mkdir(mode=0o700)
    read_parts(folder, manifest, key, certificate, content, into)
    keys = StationKeys.load(content / "keys")
    if encoded(keys.certificate) != manifest.certificate:
        raise TamperFault("backup-foreign")
    verdict, epoch = _judged(content / DATABASE, manifest.station, keys)
    if (verdict.entries, verdict.root, epoch) != (manifest.entries, manifest.root, manifest.epoch):
        raise TamperFault("backup-forged", file=MANIFEST)
    return Opened(content, manifest, keys, verdict)


def note_verified(station: Station, opened: Opened) -> None:
    """Somebody with the key has opened a backup of this station: an entry, and a mark for `doctor`."""
    if opened.manifest.station != station.id:
        raise TamperFault("backup-foreign")
    record("backup.verified", station, opened.manifest, "verified")
    stated = {"at": write_time(station.clock.now()), "backup": opened.manifest.backup}
    with effect("backup.mark"):
        _write(station.config.folder / VERIFIED, json.dumps(stated).encode())


def _bare(fingerprint: str) -> str:
    return fingerprint.replace(":", "").lower()
