"""What a station needs to survive crashes, several workers and a return from a backup.

Columns are added and nothing is rebuilt: the triggers and indexes of the first shape stay as they are. What the new
columns say of rows that 0.1.0 wrote is read in them and in the ledger, so that it is true of an old station too.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from alembic import op

from storage.migrations.append_only import append_only
from storage.migrations.columns import sort_text_by_bytes

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_CHUNK = 1_000


def upgrade() -> None:
    _station()
    _worker()
    _batch()
    _file()
    _document()
    _sealed()
    _say_of_old_rows(op.get_bind())
    sort_text_by_bytes(op)


def _station() -> None:
    """Whose database this is: the station that opens it next writes its name."""
    op.create_table(
        "station",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("mark", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    append_only(op, "station", ("id",))


def _worker() -> None:
    """The processes that work at the station's documents."""
    op.create_table(
        "worker",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("beats", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def _batch() -> None:
    op.add_column("batch", sa.Column("index_accounted", sa.Integer(), server_default="0", nullable=False))


def _file() -> None:
    _troubles("file")
    op.add_column("file", sa.Column("attempts", sa.Integer(), server_default="1", nullable=False))


def _document() -> None:
    op.add_column("document", sa.Column("cleared_at", sa.String(), nullable=True))
    op.add_column("document", sa.Column("holder", sa.String(), nullable=True))
    _troubles("document")


def _troubles(table: str) -> None:
    for name in ("trouble", "troubled_at", "paused"):
        op.add_column(table, sa.Column(name, sa.String(), nullable=True))


def _sealed() -> None:
    """0.1.0 had one worker, and one name for a version's envelope."""
    op.add_column("sealed", sa.Column("waits_as", sa.String(), server_default=sa.text("''"), nullable=False))
    op.add_column("sealed", sa.Column("taken_back_at", sa.String(), nullable=True))
    op.execute("UPDATE sealed SET waits_as = document_id || '-' || version || '.p7m'")


# What the ledger says of old rows


@dataclass(frozen=True, slots=True)
class _Said:
    """What the ledger has of an old station."""

    cleared: dict[str, str] = field(default_factory=dict)
    """Document -> when its working copies were destroyed."""
    to_take_back: dict[str, str] = field(default_factory=dict)
    """Document -> the SHA-256 of its envelope, which was to be deleted at the host."""
    taken_back: dict[str, str] = field(default_factory=dict)
    """Document -> when that was done."""
    indexes: dict[str, int] = field(default_factory=dict)
    """Batch -> the number of its last index that was deposited."""

    def hear(self, entry: Mapping[str, Any]) -> None:
        kind, _, identifier = str(entry["object"]).partition(":")
        match kind, entry["type"], entry["outcome"]:
            case "document", "destruction", "working-copies":
                self.cleared[identifier] = entry["time"]
            case "document", "destruction", "taking-back":
                self.to_take_back[identifier] = entry["hashes_in"][0]
            case "document", "destruction", "taken-back":
                self.taken_back[identifier] = entry["time"]
            case "batch", "receipt", "deposited":
                self.indexes[identifier] = entry["counts"]["index-version"]
            case _:
                pass


def _say_of_old_rows(bind: sa.Connection) -> None:
    said = _Said()
    for entry in _entries(bind):
        with suppress(ValueError, LookupError, TypeError):  # what is no entry any more is told by `custody verify`
            said.hear(json.loads(entry))
    for document, at in said.cleared.items():
        _execute("UPDATE document SET cleared_at = :at WHERE id = :id AND state <> 'in-progress'", id=document, at=at)
    for document, sha256 in said.to_take_back.items():
        _give_up(document, sha256, said.taken_back.get(document))
    for batch, version in said.indexes.items():
        _execute("UPDATE batch SET index_accounted = :version WHERE id = :id", id=batch, version=version)


def _give_up(document: str, sha256: str, at: str | None) -> None:
    """A key from which something was to be deleted is never used again: a document on its way goes on under the next.

    What the ledger does not say to be deleted is looked for at the next start.
    """
    _execute(
        "UPDATE sealed SET taken_back_at = :at WHERE document_id = :id AND sha256 = :sha256",
        id=document, sha256=sha256, at=at,
    )  # fmt: skip
    _execute("UPDATE document SET version = version + 1 WHERE id = :id AND state = 'in-progress'", id=document)


def _entries(bind: sa.Connection) -> Iterator[bytes]:
    """All entries in order, few at a time."""
    query = sa.text("SELECT seq, entry FROM custody_entry WHERE seq > :last ORDER BY seq LIMIT :most")
    last = -1
    while rows := bind.execute(query, {"last": last, "most": _CHUNK}).all():
        last = rows[-1].seq
        yield from (row.entry for row in rows)


def _execute(statement: str, **values: str | int | None) -> None:
    op.get_bind().execute(sa.text(statement), values)
