"""The station's database: durable, serialised writes; many readers; files that only the station's account opens.

SQLite runs on the library bundled with pysqlite3 in WAL with synchronous=FULL. SQLite 3.7.0 to 3.51.2 can corrupt a
WAL database under two connections, so an older library gets journal_mode=TRUNCATE with synchronous=EXTRA.
"""

import os
import sqlite3
import stat
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlmodel import Session

from lexicon.faults import Fault, StationFault, TamperFault

_bundled: ModuleType | None
try:
    from pysqlite3 import dbapi2 as _bundled
except ImportError:  # no wheel for this machine: the interpreter's own library serves, without WAL
    _bundled = None

BUSY_SECONDS: Final = 30
"""How long a write waits for another process, or another thread, to finish its own."""

_WAL_IS_SAFE_FROM: Final = (3, 51, 3)
_IN_ONE_QUERY: Final = 500
_TRIGGERS_SAY: Final = ("is append-only", "has no gaps")
_MIGRATIONS: Final = Path(__file__).with_name("migrations")


class Database:
    """One client's database. `url` is a SQLAlchemy URL; today `sqlite:////absolute/path/station.db`.

    `driver` is the DBAPI module, for tests of the fallback; by default pysqlite3, else the interpreter's sqlite3.
    Raises `StationFault` `database-unsupported`, `database-unsafe` (folder open to other accounts) or
    `database-unusable` (locked, corrupt, or impossible to open).
    """

    def __init__(self, url: str, *, driver: ModuleType | None = None) -> None:
        _prepare(_file_of(url))
        self._engine = _engine(url, driver or _bundled or sqlite3)
        self._writer = self._engine.execution_options(writes=True)
        self._writing = threading.Lock()
        self._owner: int | None = None

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session in BEGIN IMMEDIATE, committed at the end of the block and rolled back on any exception."""
        with self._turn(), _translated(), Session(self._writer, expire_on_commit=False) as session, session.begin():
            session.connection()
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session on one consistent state of the database, which it cannot change."""
        with _translated(), Session(self._engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write_connection(self) -> Iterator[Connection]:
        """The same as `write`, beneath the rows: for migrations."""
        with self._turn(), _translated(), self._writer.begin() as connection:
            yield connection

    def close(self) -> None:
        """Close all idle connections; the write-ahead log is folded in with the last one."""
        self._engine.dispose()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """One writer at a time in this process, so that no thread ever meets `database is locked`."""
        if self._owner == threading.get_ident():
            raise RuntimeError("a write block is open in this thread already: pass its session on")
        if not self._writing.acquire(timeout=BUSY_SECONDS):
            raise StationFault("database-unusable", error="WRITER_BUSY")
        self._owner = threading.get_ident()
        try:
            yield
        finally:
            self._owner = None
            self._writing.release()


def in_batches(values: Sequence[str]) -> Iterator[Sequence[str]]:
    """Slices short enough for one `IN (...)` in any database."""
    yield from (values[start : start + _IN_ONE_QUERY] for start in range(0, len(values), _IN_ONE_QUERY))


def migrate(database: Database) -> None:
    """Bring the tables to this version's shape, all or nothing.

    Raises `StationFault("database-newer")` for a database that a later version of Liasse has brought further.
    """
    settings = Config()
    settings.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    with database.write_connection() as connection:
        settings.attributes["connection"] = connection
        try:
            command.upgrade(settings, "head")
        except CommandError:
            raise StationFault("database-newer") from None


def _file_of(url: str) -> Path:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StationFault("database-unsupported") from None
    if parsed.get_backend_name() != "sqlite" or parsed.database in (None, "", ":memory:"):
        raise StationFault("database-unsupported")
    return Path(str(parsed.database))


def _prepare(path: Path) -> None:
    """Create the file as 0600 in a 0700 folder before SQLite does; its log and index files take over its rights."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if stat.S_IMODE(path.parent.stat().st_mode) & 0o077:
            raise StationFault("database-unsafe", folder=str(path.parent))
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            os.fchmod(descriptor, 0o600)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise StationFault("database-unusable", error=type(error).__name__) from None


def _engine(url: str, driver: ModuleType) -> Engine:
    engine = create_engine(url, module=driver, hide_parameters=True, connect_args={"timeout": BUSY_SECONDS})

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: object) -> None:
        _set_up(connection, driver)

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        writes = bool(connection.get_execution_options().get("writes"))
        connection.exec_driver_sql(f"PRAGMA query_only = {'OFF' if writes else 'ON'}")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _set_up(connection: Any, driver: ModuleType) -> None:
    connection.isolation_level = None  # transactions are begun by `on_begin`, never by the driver
    safe = driver.sqlite_version_info >= _WAL_IS_SAFE_FROM
    journal, synchronous = ("wal", "FULL") if safe else ("truncate", "EXTRA")
    (found,) = connection.execute(f"PRAGMA journal_mode = {journal}").fetchone()
    if found != journal:
        raise StationFault("database-unusable", error="JOURNAL_MODE")
    connection.execute(f"PRAGMA synchronous = {synchronous}")
    for pragma in ("foreign_keys = ON", "recursive_triggers = ON", "trusted_schema = OFF"):
        connection.execute(f"PRAGMA {pragma}")


@contextmanager
def _translated() -> Iterator[None]:
    """A driver's message may quote what was being written: nothing of it leaves but SQLite's own name for the error."""
    try:
        yield
    except DBAPIError as error:
        raise _fault(error.orig) from None


def _fault(cause: BaseException | None) -> Fault:
    name = str(getattr(cause, "sqlite_errorname", "UNKNOWN"))
    if name.startswith("SQLITE_CONSTRAINT") and str(cause).endswith(_TRIGGERS_SAY):
        return TamperFault("append-only")
    if name == "SQLITE_FULL":
        return StationFault("disk-full")
    return StationFault("database-unusable", error=name)
