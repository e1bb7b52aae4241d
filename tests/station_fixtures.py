"""A station's database, columns and ledger for tests, with fixed keys and times."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from storage.columns import Columns
from storage.database import Database, migrate
from storage.ledger import Ledger
from tests.pg_fixtures import OPENED, WHERE

AT = datetime(2026, 1, 15, 8, 0, 0, 123456, tzinfo=UTC)
CHECKPOINT_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
COLUMNS = Columns(b"c" * 32, b"b" * 32)


def open_database(folder: Path) -> Database:
    """The station's database in `folder`, or the one that a note there names (`tests.pg_fixtures.either`)."""
    note = folder / WHERE
    database = Database(note.read_text(encoding="ascii") if note.exists() else f"sqlite:///{folder}/station.db")
    migrate(database)
    OPENED.append(database)
    return database


def open_ledger(database: Database) -> Ledger:
    return Ledger(database, "atelier-1", CHECKPOINT_KEY)


@contextmanager
def burglar(folder: Path) -> Iterator[sqlite3.Connection]:
    """A connection of somebody with the file in hand, who dropped the triggers."""
    with closing(sqlite3.connect(folder / "station.db", isolation_level=None)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]
        for name in names:
            connection.execute(f"DROP TRIGGER {name}")
        yield connection
