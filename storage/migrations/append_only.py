"""SQL triggers that refuse UPDATE, DELETE and REPLACE on evidence, one dialect a function.

They guard against mistakes and hasty hands; against somebody who drops them, the tree and its outside anchors do.
"""

from collections.abc import Iterator


def sqlite_statements(table: str, *keys: tuple[str, ...]) -> Iterator[str]:
    """DDL that makes a table append-only; `keys` are the sets of columns that are unique in it.

    REPLACE deletes in silence where recursive_triggers is off, so an INSERT that finds its key taken is refused first.
    """
    refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    taken = " OR ".join(_taken(table, key) for key in keys)
    yield f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}"
    yield f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}"
    yield f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {taken} {refuse}"


def sqlite_sequence(table: str) -> str:
    """DDL that refuses an entry whose number is not the next one."""
    following = f"(SELECT coalesce(max(seq) + 1, 0) FROM {table})"  # noqa: S608 - names from our migrations alone
    refuse = f"BEGIN SELECT RAISE(ABORT, '{table} has no gaps'); END"
    return f"CREATE TRIGGER {table}_no_gap BEFORE INSERT ON {table} WHEN NEW.seq <> {following} {refuse}"


def _taken(table: str, key: tuple[str, ...]) -> str:
    same = " AND ".join(f'"{column}" = NEW."{column}"' for column in key)
    return f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608 - names from our migrations alone
