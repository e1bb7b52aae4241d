"""PostgreSQL 14 and later through psycopg 3: a server of the house, shared by as many workers as wanted.

The promises are those of SQLite: a commit that was answered lasts, whatever the server's configuration says of
`synchronous_commit`; one writer at a time over all processes and machines; a reader sees one state. A frozen process
cannot keep the others waiting for ever: the server ends its transaction, and its commit fails when it wakes.
"""

import hashlib
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import Any, ClassVar, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError

from lexicon.faults import Fault, StationFault, TamperFault
from storage.dialects.addresses import require_encrypted

INSTALL: Final = "pip install 'liasse[postgres]'"
"""What brings the driver."""
APPEND_ONLY: Final = "LIA01"
"""The SQLSTATE of our own triggers. Classes from I on are nobody's in the standard, and LI is not PostgreSQL's."""

_DRIVERS: Final = ("postgresql", "postgresql+psycopg")
_OLDEST: Final = 140_000
_LASTING: Final = ("fsync", "full_page_writes", "synchronous_commit")

_CONNECT_SECONDS: Final = 10
_WRITER_IDLE: Final = 2
"""How long a writer may say nothing within its transaction, in the seconds that a write waits on SQLite: a large
import reckons that long between two statements."""
_PATIENCE: Final = 3
"""How long a writer waits for its turn, in the same: longer than a frozen one can hold it."""
_READER_IDLE_SECONDS: Final = 3600
_KEEPALIVE: Final = {"idle": 30, "interval": 10, "count": 3}
"""A machine that went dark is noticed within a minute, on both ends."""

_POOL: Final[dict[str, Any]] = {"pool_size": 5, "max_overflow": 15}
_ENGINE_POOL: Final[dict[str, Any]] = {"pool_size": 20, "max_overflow": 0}

_WRITER: Final = "liasse: the only writer"
_AWAY: Final = frozenset({"25P03", "53300", "57P01", "57P02", "57P03", "57P05"})
"""Transaction ended for idling, too many connections, server stopping, crashed, starting, session ended for idling."""


class PostgresqlDialect:
    """The database at `url`, which is `postgresql://` or `postgresql+psycopg://`.

    Raises `StationFault` `database-unsupported` (another driver), `program-missing` (no psycopg), or, in production,
    `database-unencrypted` (another machine without `sslmode=verify-full`).
    """

    name: ClassVar[str] = "postgresql"
    reading: ClassVar[Mapping[str, Any]] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    writing: ClassVar[Mapping[str, Any]] = {"isolation_level": "READ COMMITTED", "writes": True}

    def __init__(self, url: URL, busy_seconds: float, *, production: bool) -> None:
        if url.drivername not in _DRIVERS:
            raise StationFault("database-unsupported")
        try:
            import_module("psycopg")
        except ImportError:  # not installed, or without the server's client library
            raise StationFault("program-missing", program="psycopg", install=INSTALL) from None
        if production:
            require_encrypted(url)
        self._url = url.set(drivername="postgresql+psycopg")
        self._idle = round(_WRITER_IDLE * busy_seconds * 1000)
        self.patience = _PATIENCE * busy_seconds
        self._production = production

    def open_engine(self) -> Engine:
        engine = self._create("liasse", _READER_IDLE_SECONDS, **_POOL)
        turn = (
            f"SELECT pg_advisory_xact_lock({_key(_WRITER)});"
            f" SET LOCAL idle_in_transaction_session_timeout = {self._idle}"
        )

        @event.listens_for(engine, "begin")
        def on_begin(connection: Connection) -> None:
            if connection.get_execution_options().get("writes"):
                connection.exec_driver_sql(turn)

        return engine

    def open_engine_for_dbos(self) -> Engine:
        """DBOS keeps to its schema `dbos` of the same database; its commits wait for no disk: it is not the record."""
        return self._create("liasse-engine", 60, durable=False, **_ENGINE_POOL)

    def require_fit(self, connection: Connection) -> None:
        found = self._settings(connection, "server_version_num", "server_encoding", *_LASTING)
        wrong = {}
        if int(found["server_version_num"]) < _OLDEST:
            wrong["server_version_num"] = found["server_version_num"]
        if found["server_encoding"] != "UTF8":
            wrong["server_encoding"] = found["server_encoding"]
        if self._production:
            wrong |= {name: found[name] for name in _LASTING if found[name] == "off"}
        for setting, value in wrong.items():
            raise StationFault("database-unfit", setting=setting, found=value)

    def durability(self, connection: Connection) -> Mapping[str, str]:
        return self._settings(connection, *_LASTING)

    def fault_of(self, error: DBAPIError) -> Fault:
        """By SQLSTATE alone. An error without one comes from the driver: the server is not there, or gone."""
        state = getattr(error.orig, "sqlstate", None)
        match state:
            case str() if state == APPEND_ONLY:
                return TamperFault("append-only")
            case "53100":  # disk_full
                return StationFault("disk-full")
            case "55P03":  # lock_not_available
                return StationFault("database-unusable", error="WRITER_BUSY")
            case str() if state in _AWAY or state.startswith("08"):
                return StationFault("database-away", error=state)
            case None if isinstance(error, OperationalError | InterfaceError):
                return StationFault("database-away", error="CONNECTION")
            case _:
                return StationFault("database-unusable", error=state or type(error.orig).__name__)

    @contextmanager
    def hold(self, engine: Engine, name: str) -> "Iterator[ServerHold]":
        """A session-level advisory lock on a connection of its own; the server frees it when that connection ends."""
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.detach()
            key = _key(f"liasse: {name}")
            if not connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": key}):
                raise StationFault("already-running")
            held = ServerHold(connection, key)
            try:
                yield held
            finally:
                held.release()

    def _create(self, name: str, idle_seconds: int, *, durable: bool = True, **more: Any) -> Engine:
        return create_engine(
            self._url,
            hide_parameters=True,
            pool_pre_ping=True,
            connect_args=self._told(name, idle_seconds, durable=durable),
            **more,
        )

    def _told(self, name: str, idle_seconds: int, *, durable: bool) -> dict[str, Any]:
        """What each session is told as it opens, whatever the server's own configuration says."""
        session: dict[str, int | str] = {
            "synchronous_commit": "on" if durable else "off",
            "default_transaction_isolation": r"read\ committed",
            "lock_timeout": round(self.patience * 1000),
            "statement_timeout": 0,
            "idle_session_timeout": 0,
            "idle_in_transaction_session_timeout": idle_seconds * 1000,
            **{f"tcp_keepalives_{word}": value for word, value in _KEEPALIVE.items()},
        }
        asked = self._url.query.get("options", "")
        options = [*([asked] if isinstance(asked, str) else asked), *(f"-c {k}={v}" for k, v in session.items())]
        return {
            "application_name": name,
            "client_encoding": "utf8",
            "connect_timeout": _CONNECT_SECONDS,
            "options": " ".join(filter(None, options)),
            "tcp_user_timeout": 60_000,
            **{f"keepalives_{word}": value for word, value in _KEEPALIVE.items()},
        }

    @staticmethod
    def _settings(connection: Connection, *names: str) -> dict[str, str]:
        return {name: str(connection.scalar(text("SELECT current_setting(:name)"), {"name": name})) for name in names}


class ServerHold:
    """A lock that lives as long as its connection. Safe to ask from any thread."""

    def __init__(self, connection: Connection, key: int) -> None:
        self._connection = connection
        self._key = key
        self._guard = threading.Lock()
        self._lost = False

    def held(self) -> bool:
        """Asks the server whether this very session has the lock: a connection that was made anew has not."""
        asked = text(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND granted"
            " AND (classid::bigint << 32 | objid::bigint) = :key AND objsubid = 1)"
        )
        with self._guard:
            if not self._lost:
                try:
                    self._lost = not self._connection.scalar(asked, {"key": self._key})
                except SQLAlchemyError:
                    self._lost = True
            return not self._lost

    def release(self) -> None:
        """Let go at once: the end of the connection would do it a little later."""
        with self._guard, suppress(SQLAlchemyError):
            self._connection.scalar(text("SELECT pg_advisory_unlock(:key)"), {"key": self._key})


def _key(name: str) -> int:
    """A name as PostgreSQL's advisory locks have it: 64 bits, signed."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
