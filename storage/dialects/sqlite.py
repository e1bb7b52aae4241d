"""SQLite: a file of one machine, opened by the station's account alone, durable at each commit.

Runs on the library bundled with pysqlite3 in WAL with synchronous=FULL. SQLite 3.7.0 to 3.51.2 can corrupt a WAL
database under two connections, so an older library gets journal_mode=TRUNCATE with synchronous=EXTRA.
"""

import os
import sqlite3
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar, Final

from filelock import FileLock, Timeout
from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError

from lexicon.faults import Fault, StationFault, TamperFault
from storage.effects import effect

_bundled: ModuleType | None
try:
    from pysqlite3 import dbapi2 as _bundled
except ImportError:  # no wheel for this machine: the interpreter's own library serves, without WAL
    _bundled = None

_WAL_IS_SAFE_FROM: Final = (3, 51, 3)
_TRIGGERS_SAY: Final = ("is append-only", "has no gaps")
_ENGINE_FILE: Final = "engine.db"
_ENGINE_POOL: Final = 20


class SqliteDialect:
    """The database in one file. `driver` is the DBAPI module; by default pysqlite3, else the interpreter's sqlite3.

    Raises `StationFault` `database-unsupported` (a database in memory), `database-unsafe` (a folder open to other
    accounts) or `database-unusable`.
    """

    name: ClassVar[str] = "sqlite"
    reading: ClassVar[Mapping[str, Any]] = {}
    writing: ClassVar[Mapping[str, Any]] = {"writes": True}

    def __init__(self, url: URL, busy_seconds: float, driver: ModuleType | None = None) -> None:
        self._url = url
        self._path = _file_of(url)
        self.patience = busy_seconds
        self._driver = driver or _bundled or sqlite3

    def open_engine(self) -> Engine:
        _prepare(self._path)
        engine = self._create()

        @event.listens_for(engine, "connect")
        def on_connect(connection: Any, _record: object) -> None:
            connection.isolation_level = None  # transactions are begun by `on_begin`, never by the driver
            _set_up(connection, self._driver)

        @event.listens_for(engine, "begin")
        def on_begin(connection: Connection) -> None:
            writes = bool(connection.get_execution_options().get("writes"))
            connection.exec_driver_sql(f"PRAGMA query_only = {'OFF' if writes else 'ON'}")
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

        return engine

    def open_engine_for_dbos(self) -> Engine:
        """DBOS's own file `engine.db` beside the station's, so that neither waits for the other's writer.

        A power cut may take its last moments, as it may take the whole file: it is not the record (ADR 0016).
        DBOS expects the driver to begin at the first change, with the write lock at once. Now and then it asks for
        AUTOCOMMIT, after which SQLAlchemy leaves the driver in DEFERRED: so it is told anew at each checkout.
        """
        path = self._path.with_name(_ENGINE_FILE)
        _prepare(path)
        engine = self._create(path, pool_size=_ENGINE_POOL, max_overflow=0)

        @event.listens_for(engine, "connect")
        def on_connect(connection: Any, _record: object) -> None:
            _set_up(connection, self._driver, durable=False)

        @event.listens_for(engine, "checkout")
        def on_checkout(connection: Any, _record: object, _proxy: object) -> None:
            connection.isolation_level = "IMMEDIATE"

        return engine

    def require_fit(self, connection: Connection) -> None:
        """Each connection is set up, or refused, as it opens."""

    def durability(self, connection: Connection) -> Mapping[str, str]:
        asked = ("journal_mode", "synchronous")
        return {name: str(connection.exec_driver_sql(f"PRAGMA {name}").scalar()) for name in asked}

    def fault_of(self, error: DBAPIError) -> Fault:
        cause = error.orig
        name = str(getattr(cause, "sqlite_errorname", "UNKNOWN"))
        if name.startswith("SQLITE_CONSTRAINT") and str(cause).endswith(_TRIGGERS_SAY):
            return TamperFault("append-only")
        if name == "SQLITE_FULL":
            return StationFault("disk-full")
        return StationFault("database-unusable", error=name)

    @contextmanager
    def hold(self, engine: Engine, name: str) -> "Iterator[FileHold]":  # noqa: ARG002  a server's lock needs it
        """A lock on the file `<name>.lock` beside the database: the kernel frees it whatever becomes of the process."""
        path = self._path.with_name(f"{name}.lock")
        lock = FileLock(path, timeout=0, mode=0o600, thread_local=False)
        try:
            lock.acquire()
        except Timeout:
            raise StationFault("already-running") from None
        except OSError as error:
            raise StationFault("database-unusable", error=type(error).__name__) from None
        try:
            yield FileHold(path, path.stat().st_ino)
        finally:
            lock.release()

    def _create(self, path: Path | None = None, **more: Any) -> Engine:
        return create_engine(
            self._url.set(database=str(path or self._path)),
            module=self._driver,
            hide_parameters=True,
            connect_args={"timeout": self.patience},
            **more,
        )


@dataclass(frozen=True, slots=True)
class FileHold:
    """A locked file. It locks nothing any more when another lies in its place."""

    path: Path
    inode: int

    def held(self) -> bool:
        try:
            return self.path.stat().st_ino == self.inode
        except OSError:
            return False


def _file_of(url: URL) -> Path:
    if url.database in (None, "", ":memory:"):
        raise StationFault("database-unsupported")
    return Path(str(url.database))


def _prepare(path: Path) -> None:
    """Create the file as 0600 in a 0700 folder before SQLite does; its log and index files take over its rights."""
    try:
        with effect("database.folder"):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if stat.S_IMODE(path.parent.stat().st_mode) & 0o077:
            raise StationFault("database-unsafe", folder=str(path.parent))
        with effect("database.create"):
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            try:
                os.fchmod(descriptor, 0o600)
            finally:
                os.close(descriptor)
    except OSError as error:
        raise StationFault("database-unusable", error=type(error).__name__) from None


def _set_up(connection: Any, driver: ModuleType, *, durable: bool = True) -> None:
    safe = driver.sqlite_version_info >= _WAL_IS_SAFE_FROM
    journal, synchronous = ("wal", "FULL" if durable else "NORMAL") if safe else ("truncate", "EXTRA")
    (found,) = connection.execute(f"PRAGMA journal_mode = {journal}").fetchone()
    if found != journal:
        raise StationFault("database-unusable", error="JOURNAL_MODE")
    connection.execute(f"PRAGMA synchronous = {synchronous}")
    for pragma in ("foreign_keys = ON", "recursive_triggers = ON", "trusted_schema = OFF"):
        connection.execute(f"PRAGMA {pragma}")
