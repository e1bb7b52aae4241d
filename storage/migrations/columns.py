"""What columns need so that they hold, sort and compare the same in SQLite and in PostgreSQL."""

from typing import Any, Final

import sqlalchemy as sa

BIG: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""Eight bytes in any database (`storage.tables.Big`)."""


def sort_text_by_bytes(op: Any) -> None:
    """Let PostgreSQL compare all text as SQLite does, byte by byte: ids, times and indexes are no one's language.

    For the end of each migration that adds a column of text. `op` is alembic's.
    """
    bind = op.get_bind()
    if bind.dialect.name != "postgresql":
        return
    inspector = sa.inspect(bind)
    for table in inspector.get_table_names():
        for column in inspector.get_columns(table):
            kind = column["type"]
            if isinstance(kind, sa.String) and kind.collation != "C":
                op.alter_column(table, column["name"], type_=sa.String(kind.length, collation="C"))
