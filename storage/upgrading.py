"""What a station of an earlier version lacks, and gets before its database is brought to this version's shape."""

import secrets
from pathlib import Path
from typing import Final

from sqlalchemy import URL, inspect, text

from storage.certificates import write_new
from storage.database import Database

_FIRST: Final = "0001"
"""The database's shape in 0.1.0, whose stations had no key for backups."""
_KEY: Final = "backup.key"
_SIZE: Final = 32


def complete_keys(directory: Path, url: str | URL, *, production: bool) -> None:
    """Make the key for backups of a station that never had one, while nobody else works for it.

    A later station that has lost its own gets no other: it would hide that its backups' records do not open any more.
    Raises `StationFault("already-running")` where the earlier version is still at work: its database is left alone.
    """
    if (directory / _KEY).exists() or not directory.exists():
        return
    database = Database(url, production=production)
    try:
        if _shape(database) != _FIRST:
            return
        with database.hold("station"):
            if not (directory / _KEY).exists():
                write_new(directory / _KEY, secrets.token_bytes(_SIZE))
    finally:
        database.close()


def _shape(database: Database) -> str | None:
    """The last migration that the database has seen; None: none."""
    with database.read() as session:
        if not inspect(session.connection()).has_table("alembic_version"):
            return None
        return session.execute(text("SELECT version_num FROM alembic_version")).scalar()
