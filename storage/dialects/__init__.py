"""What SQLite and PostgreSQL each do to keep the same promises: durable, one writer at a time, a snapshot a reader."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, ClassVar, Protocol

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from lexicon.faults import Fault


class Hold(Protocol):
    """A name that this process alone holds on the database."""

    def held(self) -> bool:
        """Whether it still does: False once the lock's file was taken away, or its connection has died."""


class Dialect(Protocol):
    """One kind of database, at one address."""

    name: ClassVar[str]
    reading: ClassVar[Mapping[str, Any]]
    """Execution options of a session that may read one snapshot and change nothing."""
    writing: ClassVar[Mapping[str, Any]]
    """Execution options of the only session that writes, until its end."""
    patience: float
    """Seconds that a write waits for its turn."""

    def open_engine(self) -> Engine:
        """The engine of the station's own sessions."""

    def open_engine_for_dbos(self) -> Engine:
        """The engine that the durable engine is given; whoever asked for it disposes of it."""

    def require_fit(self, connection: Connection) -> None:
        """Raise `StationFault("database-unfit")` where the server cannot keep what is promised."""

    def durability(self, connection: Connection) -> Mapping[str, str]:
        """The settings on which a commit's lasting depends, by the database's own names."""

    def fault_of(self, error: DBAPIError) -> Fault:
        """What a driver's error means. Nothing of its message leaves: it may quote what was being written."""

    def hold(self, engine: Engine, name: str) -> AbstractContextManager[Hold]:
        """Hold `name` until the end of the block. Raises `StationFault("already-running")` where another does."""
