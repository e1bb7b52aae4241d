"""Backups of a station: made on a schedule, sealed for client and escrow, read back, put at the host, opened.

What a backup holds is what no other place has: rows, ledger, the station's keys, configuration, certificates. Working
files are not in it: they are encrypted, live hours, and a copy would bring back what was destroyed.
"""

import hashlib
import json
import shutil
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import structlog
from cryptography import x509
from filelock import FileLock, Timeout

from lexicon.faults import Fault, HostFault, StationFault, TamperFault
from pipeline.config import Config
from pipeline.station import VERSION, Station
from storage.backup.bundle import CONFIG, DATABASE, read_parts, write_parts
from storage.backup.manifest import MANIFEST, SIGNATURE, Manifest, encoded, read_manifest, require_parts
from storage.backup.shipping import put_file
from storage.backup.snapshot import require_whole, take_snapshot
from storage.custody import Draft, EntryType
from storage.database import Database, migrate
from storage.effects import effect
from storage.evidence import Verdict
from storage.files import PART, disk_faults, replacing, sync_folder
from storage.keys import PrivateKey, StationKeys, key_files
from storage.ledger import Ledger
from storage.signature import sign
from storage.times import read_time, write_time

log = structlog.get_logger("liasse.backup")

VERIFIED: Final = "verified.json"

_STAGE: Final = ".backup-"
_PATIENCE: Final = timedelta(minutes=10)
"""Between two attempts at a backup that does not come about."""
_TRIAL: Final = timedelta(days=7)
"""How long a station may have backups that nobody has opened yet."""
_OPENED: Final = timedelta(days=90)
"""How old the last opening of a backup may be."""


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
    """Make one, in `out` or where the configuration says; there, older ones beyond `keep` go.

    Raises `StationFault` `backup-running`, `disk-full`, `disk-unusable`; `TamperFault` `custody-broken` (such a ledger
    is not what must be brought back: look first) or `backup-damaged`; `HostFault`: the backup is made, not at the host.
    """
    folder = out or folder_of(station.config)
    with _alone(station.config, folder):
        with disk_faults(), effect("backup.make"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        manifest, path = _make(station, folder)
        _record("backup.record", station, manifest, "made")
        station.shipping.begin(manifest.entries)
        wanted = station.config.backup.at_host if to_host is None else to_host
        if wanted:
            _put(station, path, manifest)
        if out is None:
            _prune(station, folder)
    return Taken(path, manifest, sum(file.stat().st_size for file in path.iterdir()), wanted)


def kept(folder: Path) -> list[Manifest]:
    """The manifests of the backups in a folder, oldest first; whoever restores one checks it."""
    found = []
    for path in sorted(folder.glob(f"*/{MANIFEST}")):
        if path.parent.suffix == PART:
            continue  # interrupted, and not published
        try:
            found.append(read_manifest(path.parent))
        except Fault:
            log.warning("backup-not-readable", backup=path.parent.name)
    return found


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


def _draft(manifest: Manifest, outcome: str) -> Draft:
    content = manifest.canonical()
    return Draft(
        EntryType.BACKUP,
        f"station:{manifest.backup}",
        outcome,
        counts={"entries": manifest.entries, "parts": len(manifest.parts)},
        hashes_out=(hashlib.sha256(content).hexdigest(),),
        sizes_out=(len(content),),
    )


def _record(effect: str, station: Station, manifest: Manifest, outcome: str) -> None:
    with station.database.write(effect) as session:
        station.ledger.append(session, _draft(manifest, outcome), at=station.clock.now())


def _put(station: Station, path: Path, manifest: Manifest) -> None:
    """Parts first: where the manifest is, the backup is whole."""
    _record("backup.intend", station, manifest, "intended")
    for name in (*(part.name for part in manifest.parts), SIGNATURE, MANIFEST):
        put_file(station.host, f"{station.id}/backups/{manifest.backup}/{name}", path / name)
    _record("backup.confirm", station, manifest, "at-host")


def _prune(station: Station, folder: Path) -> None:
    """Let go of the oldest; a host that keeps what it was told to keep longer is left alone."""
    found = [manifest for manifest in kept(folder) if manifest.station == station.id]
    for manifest in found[: -station.config.backup.keep]:
        with effect("backup.remove"):
            shutil.rmtree(folder / manifest.backup, ignore_errors=True)
        if station.config.backup.at_host:
            _forget(station, manifest)
    if station.config.backup.at_host:
        oldest = found[-station.config.backup.keep :][0]
        try:
            station.shipping.forget(oldest.entries)
        except HostFault as fault:
            log.warning("records-not-deleted", fault=fault.code)


def _forget(station: Station, manifest: Manifest) -> None:
    try:
        for name in (MANIFEST, SIGNATURE, *(part.name for part in manifest.parts)):
            with effect("backup.delete"):
                station.host.delete(f"{station.id}/backups/{manifest.backup}/{name}")
    except HostFault as fault:
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
    _record("backup.verified", station, opened.manifest, "verified")
    with disk_faults(), effect("backup.mark"):
        folder = folder_of(station.config)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    stated = {"at": write_time(station.clock.now()), "backup": opened.manifest.backup}
    _write(folder / VERIFIED, json.dumps(stated).encode())


def _bare(fingerprint: str) -> str:
    return fingerprint.replace(":", "").lower()


# On a schedule


def backup_if_due(station: Station) -> bool:
    """Bring what is new to the host, and make a backup when the last one is too old; whether one was made.

    Cheap to call as often as wanted, from any thread. What fails is told in the log and tried again; only a
    `TamperFault` is raised: the station must stop.
    """
    settings = station.config.backup
    try:
        station.shipping.ship_if_due(settings.record_seconds)
        if not settings.every or not _is_due(station):
            return False
        taken = take_backup(station)
    except (HostFault, StationFault) as fault:
        log.warning("backup-not-made", fault=fault.code)
        return False
    log.info("backup-made", backup=taken.manifest.backup, bytes=taken.size, entries=taken.manifest.entries)
    return True


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
    now, folder = station.clock.now(), folder_of(station.config)
    found = [manifest.at for manifest in kept(folder)] if folder.is_dir() else []
    if found and now - read_time(max(found)) < timedelta(hours=station.config.backup.every):
        return False
    attempt = station.config.folder / "backup.attempt"
    try:
        recent = now - read_time(attempt.read_text(encoding="ascii")) < _PATIENCE
    except (OSError, ValueError):
        recent = False
    if not recent:
        with disk_faults(), effect("backup.attempt"):
            attempt.write_text(write_time(now), encoding="ascii")
    return not recent


def require_backed(station: Station) -> None:
    """For `doctor`. Raises `StationFault` `backup-old` (none for twice the time agreed) or `backup-unverified`."""
    every = station.config.backup.every
    if not every:
        return
    now, folder = station.clock.now(), folder_of(station.config)
    with station.database.read() as session:
        founded = station.ledger.first_time(session) or now
    last = max((read_time(manifest.at) for manifest in kept(folder)), default=founded)
    if now - last > 2 * timedelta(hours=every):
        raise StationFault("backup-old", hours=round((now - last) / timedelta(hours=1)))
    if now - founded > _TRIAL and now - _verified_at(folder, founded - _OPENED) > _OPENED:
        raise StationFault("backup-unverified", days=_OPENED.days)


def _verified_at(folder: Path, otherwise: datetime) -> datetime:
    try:
        return read_time(json.loads((folder / VERIFIED).read_text(encoding="utf-8"))["at"])
    except (OSError, ValueError, KeyError, TypeError):
        return otherwise
