"""Backups at the host: put there, brought there later where something came between, deleted when they are too many.

Before the first file goes, a note on the station's disk says that the host may have a part of this backup. Whatever
comes between, the intention in the ledger comes to an outcome, and the host to the whole backup or to nothing of it.
"""

import hashlib
import json
import re
import shutil
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

import structlog

from lexicon.faults import HostFault, StationFault, TamperFault
from pipeline.config import Config
from pipeline.station import Station
from storage.backup.manifest import MANIFEST, SIGNATURE, Manifest, encoded, read_manifest, require_parts
from storage.backup.shipping import put_file, require_alone
from storage.custody import ULID, Draft, EntryType, read_entry
from storage.effects import effect
from storage.files import PART, disk_faults, replacing
from storage.ledger_rows import kept_entries

log = structlog.get_logger("liasse.backup")

_NOTE: Final = ".offsite-"
_TYPE: Final = f'"type":"{EntryType.BACKUP}"'.encode()
_FILE: Final = re.compile(rf"/backups/({ULID})/(part-\d{{4}}\.cms|{re.escape(MANIFEST)}|{re.escape(SIGNATURE)})\Z")
"""The end of a backup's file's key: number, name."""
_PLACES: Final = frozenset({"intended", "at-host", "not-at-host", "retained"})
"""Outcomes that say where a backup is."""


def record(effect: str, station: Station, manifest: Manifest, outcome: str) -> None:
    """An entry on a backup, by the effect of that name."""
    content = manifest.canonical()
    counts = {"entries": manifest.entries, "parts": len(manifest.parts)}
    digest, size = hashlib.sha256(content).hexdigest(), len(content)
    draft = replace(_about(manifest.backup, outcome), counts=counts, hashes_out=(digest,), sizes_out=(size,))
    _append(effect, station, draft)


def put_backup(station: Station, path: Path, manifest: Manifest) -> None:
    """Put a backup at the host and read it back. Raises `HostFault`: `finish` does the rest, later."""
    note = _noted(station, path, manifest)
    _bring(station, path, manifest)
    _strike(note)


def let_go(station: Station, path: Path, manifest: Manifest) -> None:
    """Remove a backup here and at the host. Raises `HostFault`: `finish` does the rest, later."""
    note, here = _noted(station, path, manifest), path.exists()
    _give_up(station, path, _names(manifest), unsaid=() if here else ("retained",))
    _strike(note)


def unfinished(config: Config) -> list[Path]:
    """The notes of backups of which the host may have a part, oldest first."""
    return sorted(note for note in config.folder.glob(f"{_NOTE}*") if note.suffix != PART)


def finish(station: Station) -> None:
    """Bring to the host what it may have a part of; delete that part where the backup is not here any more.

    By whoever alone makes backups. Raises `HostFault`, `TamperFault("custody-forked")`.
    """
    for left in station.config.folder.glob(f"{_NOTE}*{PART}"):
        with suppress(OSError), effect("backup.tidy"):
            left.unlink()
    for note in unfinished(station.config):
        try:
            path, names, manifest = _found(note)
            if manifest is None:
                _give_up(station, path, names)
            else:
                _bring(station, path, manifest)
            _strike(note)
        except StationFault as fault:
            log.warning("backup-not-finished", backup=_backup_of(note), fault=fault.code)


def require_finishable(config: Config) -> None:
    """For `doctor`. Raises `StationFault("backup-left")` where a backup that was broken off cannot be read here."""
    for note in unfinished(config):
        _found(note)


def manifests_at_host(station: Station, but: Collection[str]) -> list[Manifest]:
    """Of the station's backups that are whole at the host, except those; one that is not right there is passed over.

    Raises `HostFault`.
    """
    found = []
    for backup, names in sorted(_at_host(station).items()):
        if backup in but or not {MANIFEST, SIGNATURE} <= set(names):
            continue
        with station.workplace() as folder, suppress(StationFault, TamperFault):
            for name in (MANIFEST, SIGNATURE):
                with replacing(folder / name) as stream, effect("backup.look"):
                    station.host.read(_key(station, backup, name), stream)
            manifest = read_manifest(folder)
            found += [manifest] if manifest.backup == backup and is_own(station, manifest) else []
    return found


def is_own(station: Station, manifest: Manifest) -> bool:
    """Whether this station made and signed it: others keep theirs in the same place, and anybody can write a name."""
    return (manifest.station, manifest.certificate) == (station.id, encoded(station.keys.certificate))


def settle_backups(station: Station) -> None:
    """After a return, whose notes stayed with the lost machine: what the host has is whole, or deleted; and told.

    Raises `HostFault`.
    """
    there, said = _at_host(station), _said(station)
    for backup in sorted({*there, *said}):
        names, last = there.get(backup, []), said.get(backup)
        if MANIFEST in names:
            if last == "intended":
                _append("restore.tell-backup", station, _about(backup, "at-host"))
        elif names or last in {"intended", "at-host"}:
            _append("restore.tell-backup", station, _about(backup, _deleted(station, backup, names)))


def _at_host(station: Station) -> dict[str, list[str]]:
    """Backup -> its files at the host; what else somebody put there is nobody's of ours."""
    found: dict[str, list[str]] = {}
    with effect("backup.list"):
        for stored in station.host.list(f"{station.id}/backups/"):
            if one := _FILE.search(stored.key):
                found.setdefault(one[1], []).append(one[2])
    return found


def _said(station: Station) -> dict[str, str]:
    """Backup -> the ledger's last word on where it is."""
    said: dict[str, str] = {}
    with station.database.read() as session:
        for kept in kept_entries(session):
            if _TYPE not in kept.entry:
                continue
            entry = read_entry(kept.entry)
            if entry["type"] == EntryType.BACKUP and entry["outcome"] in _PLACES:
                said[entry["object"].partition(":")[2]] = entry["outcome"]
    return said


def _noted(station: Station, path: Path, manifest: Manifest) -> Path:
    note = station.config.folder / f"{_NOTE}{manifest.backup}"
    with replacing(note) as stream:
        stream.write(json.dumps({"folder": str(path.absolute()), "names": list(_names(manifest))}).encode())
    return note


def _backup_of(note: Path) -> str:
    return note.name.removeprefix(_NOTE)


def _found(note: Path) -> tuple[Path, list[str], Manifest | None]:
    """The backup's folder, the names of its files, and its manifest; None where a file of it is gone.

    Raises `StationFault("backup-left")` where that cannot be said: what the host has may be the only good copy.
    """
    left = StationFault("backup-left", backup=_backup_of(note))
    try:
        stated = json.loads(note.read_text(encoding="utf-8"))
        path, names = Path(stated["folder"]), [str(name) for name in stated["names"]]
        if not all((path / name).is_file() for name in names):
            if not any(path.parent.glob(f"*/{MANIFEST}")):  # the disk is not there now, perhaps
                raise left
            return path, names, None
        manifest = read_manifest(path)
        require_parts(path, manifest)
    except (OSError, ValueError, KeyError, TypeError, StationFault, TamperFault):
        raise left from None
    return path, names, manifest


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


def _give_up(station: Station, path: Path, names: Iterable[str], *, unsaid: Collection[str] = ()) -> None:
    """What is left of it here goes first: from then on, it is not brought to the host any more."""
    require_alone(station.host, station.id, station.ledger.epoch())
    with effect("backup.let-go"):
        remove(path)
    outcome = _deleted(station, path.name, names)
    if outcome not in unsaid:
        _append("backup.give-up", station, _about(path.name, outcome))


def remove(path: Path) -> None:
    """Remove a backup from the station's disk. Raises `StationFault` where something of it stays."""
    with disk_faults(), suppress(FileNotFoundError):
        shutil.rmtree(path)


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


def _about(backup: str, outcome: str) -> Draft:
    return Draft(EntryType.BACKUP, f"station:{backup}", outcome)


def _append(effect: str, station: Station, draft: Draft) -> None:
    with station.database.write(effect) as session:
        station.ledger.append(session, draft, at=station.clock.now())


def _names(manifest: Manifest) -> tuple[str, ...]:
    """Parts first: where the manifest is, the backup is whole."""
    return (*(part.name for part in manifest.parts), SIGNATURE, MANIFEST)


def _key(station: Station, backup: str, name: str) -> str:
    return f"{station.id}/backups/{backup}/{name}"
