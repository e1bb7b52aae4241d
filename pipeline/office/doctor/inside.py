"""What a station must be like: its folders, space, keys, database, ledger, clock and host."""

import os
import stat
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

from sqlalchemy import text

from consent_gate.model import DocumentId
from consent_gate.people import Role
from lexicon.faults import HostFault, StationFault
from pipeline.clock import wall
from pipeline.config import Config, InboxSection
from pipeline.forms.ending import held_overdue
from pipeline.inbox import CLAIMS
from pipeline.office.backup_schedule import require_backed
from pipeline.office.deleting import to_be_done
from pipeline.office.doctor import volume
from pipeline.office.doctor.findings import Check, Finding, looked, unseen, warning, wrong
from pipeline.office.doctor.volume import Veil
from pipeline.sources import require_apart
from pipeline.station import Station
from storage import gauges, register_account
from storage.forms import TO_CHECK, Forms
from storage.people import People

_ROOM: Final = 1 << 30
"""Bytes that should be free before a day of scanning."""
_INODES: Final = 10_000
_LOOSE: Final = 0o077
_SOON: Final = timedelta(days=60)
_ADMINISTRATORS: Final = 2
_SIGNED: Final = timedelta(hours=26)
"""A day, and the time to notice."""


def of_folders(config: Config) -> list[Check]:
    """What can be seen before anything is opened; never raises."""
    places = dict.fromkeys((config.folder, Path(config.station.work)))
    return [
        *(check for place in places for check in looked("space", partial(_space, place))),
        *looked("rights", lambda: _rights(config)),
        *looked("volume", lambda: _volume(config)),
        *(check for inbox in config.inbox for check in looked("inbox", partial(_inbox, config, inbox))),
    ]


def of_station(station: Station) -> list[Check]:
    """What an open station shows; never raises."""
    return [
        *looked("validator", lambda: _validator(station)),
        *looked("host", lambda: _host(station)),
        *looked("host-certificate", lambda: _certificate(station)),
        *looked("keys", lambda: _keys(station, wall())),
        *looked("clock", lambda: None if station.clock.moment().trusted else wrong(StationFault("clock-untrusted"))),
        *looked("database", lambda: _database(station)),
        *looked("ledger", lambda: _ledger(station)),
        *looked("register", lambda: _register(station)),
        *looked("checkpoint", lambda: _checkpoint(station, wall())),
        *looked("custody", lambda: _custody(station)),
        *looked("quarantine", lambda: _quarantine(station)),
        *looked("deletions", lambda: _deletions(station)),
        *looked("backup", lambda: _backup(station)),
        *looked("people", lambda: _people(station)),
    ]


def _people(station: Station) -> Finding | None:
    """Where anybody is enrolled, two administrators can enrol and unlock."""
    with station.database.read() as session:
        rows = People(station.columns)
        alone = rows.anybody(session) and rows.active(session, Role.ADMINISTRATOR) < _ADMINISTRATORS
    return warning(StationFault("administrator-alone")) if alone else None


def _space(place: Path) -> Iterator[Finding]:
    try:
        found = os.statvfs(place)
    except OSError:
        yield wrong(StationFault("disk-unusable"))
        return
    if found.f_bavail * found.f_frsize < _ROOM:
        yield wrong(StationFault("disk-nearly-full", path=str(place)))
    if found.f_files and found.f_favail < _INODES:
        yield warning(StationFault("inodes-short", path=str(place), free=found.f_favail))


def _rights(config: Config) -> Iterator[Finding]:
    """The station's folders are its account's alone; nobody else writes its configuration or its certificates."""
    folder = config.folder
    inner = (folder / "keys", folder / "log", *(config.shared / name for name in ("spool", "sealed", "quarantine")))
    for path in (folder, *inner):
        if (found := _stat(path)) is not None and (found.st_mode & _LOOSE or found.st_uid != os.geteuid()):
            yield wrong(StationFault("rights-loose", path=str(path)))
    for path in (config.base, *(config.path(p) for p in (config.recipients.client, config.recipients.escrow))):
        if (found := _stat(path)) is not None and found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            yield wrong(StationFault("rights-loose", path=str(path)))


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:
        return None


def _volume(config: Config) -> Finding | None:
    match volume.of_folder(config.folder):
        case Veil.ENCRYPTED | Veil.MEMORY:
            return None
        case Veil.CLEAR if not config.station.encrypted_beneath:
            fault = StationFault("volume-unencrypted", path=str(config.folder))
            return wrong(fault) if config.station.mode == "production" else warning(fault)
        case _:
            return unseen(StationFault("volume-unknown", path=str(config.folder)))


def _inbox(config: Config, section: InboxSection) -> Finding | None:
    """Raises what `check_inbox` raises. A file is taken by a rename: on one file system, into a folder of ours."""
    folder = config.path(section.folder)
    require_apart(config, section)
    claims = folder / CLAIMS
    elsewhere = claims.exists() and claims.stat().st_dev != folder.stat().st_dev
    if elsewhere or not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        return wrong(StationFault("inbox-elsewhere", path=str(folder)))
    return None


def _validator(station: Station) -> None:
    """Raises `StationFault("program-missing")` where veraPDF is required and not there."""
    _ = station.validator


def _host(station: Station) -> None:
    """It opens, and answers about an object that nobody has. Raises `HostFault`."""
    station.host.head(station.keys.object_key(station.id, DocumentId("doctor"), 0))


def _certificate(station: Station) -> Finding | None:
    """The host's HDS facts hold today, and for a while. What closes the deposit in production is a warning in trial."""
    certification, day = station.config.host.hds.certification, station.clock.moment().day
    try:
        certification.require(day)
    except HostFault as fault:
        return wrong(fault) if station.config.station.mode == "production" else warning(fault)
    until = certification.valid_until
    if until is None or certification.own_premises or until - day >= _SOON:
        return None
    return warning(HostFault("host-certificate-ending", until=until.isoformat(), days=(until - day).days))


def _keys(station: Station, at: datetime) -> Iterator[Finding]:
    """Those that could be loaded; how long their certificates hold."""
    client, escrow = station.recipients
    held = {"station": station.keys.certificate, "client": client.certificate, "escrow": escrow.certificate}
    for name, certificate in held.items():
        left = certificate.not_valid_after_utc - at
        if left < _SOON:
            yield warning(StationFault("key-expiring", key=name, days=max(left.days, 0)))


def _database(station: Station) -> Finding | None:
    """SQLite says whether its file is whole; a server looks after its own."""
    with station.database.read() as session:
        connection = session.connection()
        if connection.dialect.name != "sqlite":
            connection.execute(text("SELECT 1"))
            return None
        said = connection.execute(text("PRAGMA quick_check(1)")).scalar_one()
    return None if said == "ok" else wrong(StationFault("database-damaged"))


def _ledger(station: Station) -> Finding | None:
    return None if station.ledger.verify().verified else wrong(StationFault("custody-broken"))


def _register(station: Station) -> None:
    """What the ledger tells of facts and people is there, and each patient is found by their own INS.

    Raises `TamperFault` `register-forged`, `custody-broken`, `column-forged`.
    """
    with station.database.read() as session:
        register_account.require(session, station.ledger.entries(session))
        station.roster.require_own(session)


def _checkpoint(station: Station, at: datetime) -> Finding | None:
    """While entries come, the ledger is signed and sent outside."""
    with station.database.read() as session:
        entries, signed = gauges.entries(session), gauges.last_checkpoint(session)
    if signed is None or entries == signed.size or at - signed.at < _SIGNED:
        return None
    hours = int((at - signed.at) / timedelta(hours=1))
    return warning(StationFault("checkpoint-old", hours=hours, entries=entries - signed.size))


def _backup(station: Station) -> Finding | None:
    """A backup that is fresh enough, and one that somebody has opened."""
    try:
        require_backed(station)
    except StationFault as fault:
        return wrong(fault) if station.config.station.mode == "production" else warning(fault)
    return None


def _custody(station: Station) -> Finding | None:
    """Nothing may stay with a subcontractor longer than agreed (CSP R.1111-8-8, a "short period")."""
    days = station.config.contract.custody_days
    with station.database.read() as session:
        late = gauges.in_custody(session, station.clock.now() - timedelta(days=days))
    return wrong(StationFault("custody-too-long", documents=late.count, days=days)) if late.count else None


def _quarantine(station: Station) -> Iterator[Finding]:
    """What was curable for too long is closed by whoever works at the station; a day late, nobody does. A form that
    came back is readable until somebody checks it.
    """
    days = station.config.quarantine.max_days
    before = station.clock.now() - timedelta(days=days + 1)
    with station.database.read() as session:
        late = len(station.documents.overdue(session, before)) + len(station.captured.overdue_files(session, before))
        unchecked = len(Forms(station.columns).overdue(session, before, TO_CHECK))
    late += sum(1 for _ in held_overdue(station, before))
    if late:
        yield wrong(StationFault("quarantine-overdue", documents=late, days=days))
    if unchecked:
        yield warning(StationFault("forms-unchecked", forms=unchecked, days=days))


def _deletions(station: Station) -> Finding | None:
    """What two people have confirmed waits for nobody: a lock's day is over, or a machine had stopped."""
    count = to_be_done(station)
    return warning(StationFault("deletions-due", deletions=count)) if count else None
