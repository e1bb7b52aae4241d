"""Backups at the host: put there, brought there later where something came between, deleted when they are too many.

Before the first file goes, a note on the station's disk says that the host may have a part of this backup. Whatever
comes between, the intention in the ledger comes to an outcome, and the host to the whole backup or to nothing of it.
"""

import hashlib
import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import structlog

from lexicon.faults import HostFault, StationFault, TamperFault
from pipeline.config import Config
from pipeline.station import Station
from storage.backup.manifest import MANIFEST, SIGNATURE, Manifest, read_manifest, require_parts
from storage.backup.shipping import put_file, require_alone
from storage.custody import Draft, EntryType, read_entry
from storage.effects import effect
from storage.files import PART, disk_faults, replacing
from storage.ledger_rows import kept_entries

log = structlog.get_logger("liasse.backup")

_NOTE: Final = ".offsite-"


def record(effect: str, station: Station, manifest: Manifest, outcome: str) -> None:
    """An entry on a backup, by the effect of that name."""
    content = manifest.canonical()
    draft = Draft(
        EntryType.BACKUP,
        f"station:{manifest.backup}",
        outcome,
        counts={"entries": manifest.entries, "parts": len(manifest.parts)},
        hashes_out=(hashlib.sha256(content).hexdigest(),),
        sizes_out=(len(content),),
    )
    with station.database.write(effect) as session:
        station.ledger.append(session, draft, at=station.clock.now())


def put_backup(station: Station, path: Path, manifest: Manifest) -> None:
    """Put a backup at the host and read it back. Raises `HostFault`: `finish` does the rest, later."""
    note = _noted(station, path, manifest)
    _bring(station, path, manifest)
    _strike(note)


def let_go(station: Station, path: Path, manifest: Manifest) -> None:
    """Remove a backup here and at the host. Raises `HostFault`: `finish` does the rest, later."""
    note = _noted(station, path, manifest)
    _give_up(station, path, _names(manifest))
    _strike(note)


def unfinished(config: Config) -> list[Path]:
    """The notes of backups of which the host may have a part, oldest first."""
    return sorted(note for note in config.folder.glob(f"{_NOTE}*") if note.suffix != PART)


def finish(station: Station) -> None:
    """Bring to the host what it may have a part of; delete that part where the backup is not here any more.

    By whoever alone makes backups. Raises `HostFault`, `TamperFault("custody-forked")`.
    """
    for left in station.config.folder.glob(f"{_NOTE}*{PART}"):
        with effect("backup.tidy"):
            left.unlink(missing_ok=True)
    for note in unfinished(station.config):
        try:
            path, names = _read(note)
            manifest = _whole(path, names)
        except (StationFault, TamperFault) as fault:  # what the host has may be the only good copy
            log.warning("backup-not-readable", backup=note.name.removeprefix(_NOTE), fault=fault.code)
            continue
        if manifest is None:
            _give_up(station, path, names)
        else:
            _bring(station, path, manifest)
        _strike(note)


def tell_outcomes(station: Station, first: int) -> None:
    """After a return: of each backup that was intended in entry `first` or later, what the host has of it now.

    The note stayed with the lost machine. A part is deleted, a whole one stays. Raises `HostFault`.
    """
    for backup in _intended(station, first):
        with effect("restore.backups"):
            names = [stored.key.rpartition("/")[2] for stored in station.host.list(_key(station, backup, ""))]
        outcome = "at-host" if MANIFEST in names else _deleted(station, backup, names)
        _tell("restore.tell-backup", station, backup, outcome)


def _intended(station: Station, first: int) -> list[str]:
    """The backups whose last word in the ledger is their intention."""
    said: dict[str, str] = {}
    with station.database.read() as session:
        for kept in kept_entries(session, first):
            entry = read_entry(kept.entry)
            if entry["type"] == EntryType.BACKUP:
                said[entry["object"].partition(":")[2]] = entry["outcome"]
    return [backup for backup, outcome in said.items() if outcome == "intended"]


def _noted(station: Station, path: Path, manifest: Manifest) -> Path:
    note = station.config.folder / f"{_NOTE}{manifest.backup}"
    with replacing(note) as stream:
        stream.write(json.dumps({"folder": str(path.absolute()), "names": list(_names(manifest))}).encode())
    return note


def _read(note: Path) -> tuple[Path, list[str]]:
    """The backup's folder, and the names of its files."""
    with disk_faults():
        stated = json.loads(note.read_text(encoding="utf-8"))
    return Path(stated["folder"]), stated["names"]


def _whole(path: Path, names: Iterable[str]) -> Manifest | None:
    """The manifest of a backup as it was made; None where a file of it is gone. Raises what else is wrong with it."""
    with disk_faults():
        if not all((path / name).is_file() for name in names):
            return None
    manifest = read_manifest(path)
    require_parts(path, manifest)
    return manifest


def _strike(note: Path) -> None:
    with disk_faults(), effect("backup.strike"):
        note.unlink(missing_ok=True)


def _bring(station: Station, path: Path, manifest: Manifest) -> None:
    require_alone(station.host, station.id, station.ledger.epoch())
    record("backup.intend", station, manifest, "intended")
    station.shipping.ship()  # whoever can open an older one alone finds no gap after it
    for name in _names(manifest):
        put_file(station.host, _key(station, manifest.backup, name), path / name)
    record("backup.confirm", station, manifest, "at-host")


def _give_up(station: Station, path: Path, names: Iterable[str]) -> None:
    """What is left of it here goes first: from then on, it is not brought to the host any more."""
    require_alone(station.host, station.id, station.ledger.epoch())
    with effect("backup.let-go"):
        shutil.rmtree(path, ignore_errors=True)
    _tell("backup.give-up", station, path.name, _deleted(station, path.name, names))


def _deleted(station: Station, backup: str, names: Iterable[str]) -> str:
    """Delete these files at the host; the outcome."""
    try:
        for name in reversed(list(names)):
            with effect("backup.delete"):
                station.host.delete(_key(station, backup, name))
    except HostFault as fault:
        if fault.code != "host-retains":
            raise
        return "retained"
    return "not-at-host"


def _tell(effect: str, station: Station, backup: str, outcome: str) -> None:
    with station.database.write(effect) as session:
        draft = Draft(EntryType.BACKUP, f"station:{backup}", outcome)
        station.ledger.append(session, draft, at=station.clock.now())


def _names(manifest: Manifest) -> tuple[str, ...]:
    """Parts first: where the manifest is, the backup is whole."""
    return (*(part.name for part in manifest.parts), SIGNATURE, MANIFEST)


def _key(station: Station, backup: str, name: str) -> str:
    return f"{station.id}/backups/{backup}/{name}"
