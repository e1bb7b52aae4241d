"""The station's database: durable, serialised writes; many readers; the same promises on SQLite and PostgreSQL.

What each of the two needs to keep them is in `storage.dialects`; which one it is, the address alone says.
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import ModuleType
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import URL, Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft
from sqlmodel import Session

from lexicon.faults import StationFault
from storage.dialects import Dialect, Hold
from storage.dialects.addresses import address
from storage.dialects.postgresql import PostgresqlDialect
from storage.dialects.sqlite import SqliteDialect
from storage.effects import reach

BUSY_SECONDS: Final = 30
"""How long a write waits for another process, or another thread, to finish its own; thrice that on PostgreSQL."""

_IN_ONE_QUERY: Final = 500
_MIGRATIONS: Final = Path(__file__).with_name("migrations")
_migrating: Final = threading.Lock()
"""Alembic keeps the migration in hand in its modules: two at once in one process would take each other's away."""


class Database:
    """One client's database, at a SQLAlchemy address: `sqlite:////absolute/path/station.db` or `postgresql://…`.

    `production` closes what a trial may do: another machine without encryption, a server that does not write through.
    `driver` is SQLite's DBAPI module, for tests of the fallback. Raises `StationFault` `database-unsupported`,
    `database-unsafe` (folder open to other accounts), `database-unencrypted`, `program-missing` (no driver) or
    `database-unusable`; each session also `database-away` (PostgreSQL does not answer: it may come back).
    """

    def __init__(self, url: str | URL, *, production: bool = False, driver: ModuleType | None = None) -> None:
        self._dialect = _dialect(url, production=production, driver=driver)
        self._engine = self._dialect.open_engine()
        self._reader = self._engine.execution_options(**self._dialect.reading)
        self._writer = self._engine.execution_options(**self._dialect.writing)
        self._writing = threading.Lock()
        self._owner: int | None = None

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._dialect.name

    @contextmanager
    def write(self, effect: str) -> Iterator[Session]:
        """The one session of all processes that writes: committed at the block's end, rolled back on any exception.

        `effect` names the commit among the failpoints (`storage.effects`): a literal, `room.verb`.
        """
        with self._turn(), self._translated(), Session(self._writer, expire_on_commit=False) as session:
            with session.begin():
                session.connection()
                yield session
                reach(f"{effect}:before")
            reach(f"{effect}:after")

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session on one consistent state of the database, which it cannot change."""
        with self._translated(), Session(self._reader, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write_connection(self, effect: str) -> Iterator[Connection]:
        """The same as `write`, beneath the rows: for migrations."""
        with self._turn(), self._translated():
            with self._writer.begin() as connection:
                yield connection
                reach(f"{effect}:before")
            reach(f"{effect}:after")

    @contextmanager
    def hold(self, name: str) -> Iterator[Hold]:
        """Hold a name alone on this database until the end of the block, over all processes and machines.

        The hold ends with the process, whatever becomes of it; `held()` tells when it has ended before. Raises
        `StationFault("already-running")` where another has it.
        """
        with ExitStack() as holding:
            with self._translated():
                held = holding.enter_context(self._dialect.hold(self._engine, name))
            yield held

    def require_fit(self) -> None:
        """Raise `StationFault("database-unfit")` where the server cannot keep what is promised."""
        with self._translated(), self._reader.connect() as connection:
            self._dialect.require_fit(connection)

    def durability(self) -> Mapping[str, str]:
        """The settings on which a commit's lasting depends, by the database's own names."""
        with self._translated(), self._reader.connect() as connection:
            return self._dialect.durability(connection)

    def close(self) -> None:
        """Close all idle connections; the write-ahead log is folded in with the last one."""
        self._engine.dispose()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """One writer at a time in this process, so that no thread ever meets `database is locked`."""
        if self._owner == threading.get_ident():
            raise RuntimeError("a write block is open in this thread already: pass its session on")
        if not self._writing.acquire(timeout=self._dialect.patience):
            raise StationFault("database-unusable", error="WRITER_BUSY")
        self._owner = threading.get_ident()
        try:
            yield
        finally:
            self._owner = None
            self._writing.release()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            raise self._dialect.fault_of(error) from None
        except NoConnectionLeft:
            raise StationFault("database-unusable", error="POOL") from None


@contextmanager
def faults_of(engine: Engine) -> Iterator[None]:
    """The errors of an engine that is not the station's own, as the station's own are told."""
    try:
        yield
    except DBAPIError as error:
        raise _dialect(engine.url).fault_of(error) from None
    except NoConnectionLeft:
        raise StationFault("database-unusable", error="POOL") from None


def engine_for_dbos(url: str | URL) -> Engine:
    """The engine object that DBOS is given (`system_database_engine`), on the database of the station at `url`.

    SQLite: a file `engine.db` of its own beside the station's. PostgreSQL: the same database, where DBOS
    keeps to its schema `dbos`. The caller disposes of it. Raises the faults of `Database`.
    """
    return _dialect(url).open_engine_for_dbos()


def in_batches(values: Sequence[str]) -> Iterator[Sequence[str]]:
    """Slices short enough for one `IN (...)` in any database."""
    yield from (values[start : start + _IN_ONE_QUERY] for start in range(0, len(values), _IN_ONE_QUERY))


def migrate(database: Database) -> None:
    """Bring the tables to this version's shape, all or nothing.

    Raises `StationFault` `database-newer` for a database that a later version of Liasse has brought further, and
    `database-unfit` for a server that cannot keep what is promised.
    """
    database.require_fit()
    settings = Config()
    settings.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    with _migrating, database.write_connection("database.migrate") as connection:
        settings.attributes["connection"] = connection
        try:
            command.upgrade(settings, "head")
        except CommandError:
            raise StationFault("database-newer") from None


def _dialect(url: str | URL, *, production: bool = False, driver: ModuleType | None = None) -> Dialect:
    parsed = address(url)
    match parsed.get_backend_name():
        case "sqlite":
            return SqliteDialect(parsed, BUSY_SECONDS, driver)
        case "postgresql":
            return PostgresqlDialect(parsed, BUSY_SECONDS, production=production)
        case _:
            raise StationFault("database-unsupported")
