"""One consistent copy of the database as a SQLite file, whichever database it comes from; and the way back."""

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import Final

from sqlalchemy import URL, func, insert, select
from sqlalchemy.engine import make_url
from sqlmodel import Session

from lexicon.faults import StationFault, TamperFault
from storage.database import Database, migrate
from storage.effects import effect
from storage.files import disk_faults, sync_folder
from storage.tables import PatientRow

_driver: ModuleType
try:
    from pysqlite3 import dbapi2 as _driver
except ImportError:  # as storage.database: no wheel for this machine
    _driver = sqlite3

_AT_ONCE: Final = 1_000
"""Rows copied in one statement."""
_TABLES: Final = tuple(PatientRow.metadata.sorted_tables)
"""Parents before children."""


def take_snapshot(database: Database, url: str | URL, target: Path) -> None:
    """Copy the database at one instant into `target`, a new file, while others read and write.

    SQLite's own backup in one step (in increments a busy station would never end); another database table by table
    within one snapshot. Raises `StationFault` `database-unusable` or `disk-full`.
    """
    with effect("backup.snapshot"):
        if _is_sqlite(url):
            _copy_file(_file_of(url), target)
        else:
            _copy_out(database, target)


def require_whole(snapshot: Path) -> None:
    """Raise `TamperFault("backup-damaged")` unless SQLite finds every page of the copy sound."""
    try:
        with closing(_driver.connect(snapshot)) as connection:
            found = connection.execute("PRAGMA integrity_check(1)").fetchall()
    except _driver.Error:
        found = []
    if found != [("ok",)]:
        raise TamperFault("backup-damaged")


def bring_back(snapshot: Path, url: str | URL) -> None:
    """Make the copy the station's database. Raises `StationFault("restore-database-used")` over one that has rows."""
    if _is_sqlite(url):
        _move(snapshot, _file_of(url))
    else:
        _copy_in(snapshot, url)


def _is_sqlite(url: str | URL) -> bool:
    return make_url(url).get_backend_name() == "sqlite"


def _file_of(url: str | URL) -> Path:
    return Path(str(make_url(url).database))


def _copy_file(source: Path, target: Path) -> None:
    try:
        with closing(_driver.connect(source)) as live, closing(_driver.connect(target)) as copy:
            live.execute("PRAGMA query_only = ON")
            live.backup(copy, pages=-1)
    except _driver.Error as error:
        name = str(getattr(error, "sqlite_errorname", "UNKNOWN"))
        raise (
            StationFault("disk-full") if name == "SQLITE_FULL" else StationFault("database-unusable", error=name)
        ) from None


def _copy_out(database: Database, target: Path) -> None:
    copy = Database(f"sqlite:///{target}")
    try:
        migrate(copy)
        with database.read() as source, copy.write("backup.copy") as session:
            _copy_rows(source, session)
    finally:
        copy.close()


def _copy_in(snapshot: Path, url: str | URL) -> None:
    copy, database = Database(f"sqlite:///{snapshot}"), Database(url)
    try:
        migrate(database)
        with copy.read() as source, database.write("restore.copy") as session:
            used = sum(session.execute(select(func.count()).select_from(table)).scalar_one() for table in _TABLES)
            if used:
                raise StationFault("restore-database-used")
            _copy_rows(source, session)
    finally:
        copy.close()
        database.close()


def _copy_rows(source: Session, target: Session) -> None:
    for table in _TABLES:
        query = select(table).order_by(*table.primary_key.columns).execution_options(yield_per=_AT_ONCE)
        for rows in source.execute(query).mappings().partitions(_AT_ONCE):
            target.execute(insert(table), [dict(row) for row in rows])


def _move(snapshot: Path, target: Path) -> None:
    if target.exists():
        raise StationFault("restore-database-used")
    with disk_faults(), effect("restore.database"):
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.move(snapshot, target)
        target.chmod(0o600)
        descriptor = os.open(target, os.O_RDONLY | os.O_CLOEXEC)
        os.fsync(descriptor)
        os.close(descriptor)
        sync_folder(target.parent)
