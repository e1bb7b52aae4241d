"""SQL triggers that refuse UPDATE, DELETE, TRUNCATE and REPLACE on evidence, one dialect a function.

They guard against mistakes and hasty hands; against somebody who drops them, the tree and its outside anchors do.
"""

from collections.abc import Iterator
from typing import Any, Final

from storage.dialects.postgresql import APPEND_ONLY

_Key = tuple[str, ...]

_REFUSE: Final = "liasse_append_only"


def append_only(op: Any, table: str, *keys: _Key) -> None:
    """Make a table append-only; `keys` are the sets of columns that are unique in it. `op` is alembic's."""
    statements = _postgresql if op.get_bind().dialect.name == "postgresql" else _sqlite
    for statement in statements(table, *keys):
        op.execute(statement)


def without_gaps(op: Any, table: str) -> None:
    """Refuse a row whose `seq` is not the next one. `op` is alembic's."""
    following = f"(SELECT coalesce(max(seq) + 1, 0) FROM {table})"  # noqa: S608 - names from our migrations alone
    if op.get_bind().dialect.name == "postgresql":
        statements: Iterator[str] = _postgresql_insert(table, "no_gap", f"NEW.seq <> {following}")
    else:
        statements = iter([_sqlite_insert(table, "no_gap", f"NEW.seq <> {following}", "has no gaps")])
    for statement in statements:
        op.execute(statement)


# SQLite


def _sqlite(table: str, *keys: _Key) -> Iterator[str]:
    """REPLACE deletes in silence where recursive_triggers is off, so an INSERT that finds its key taken is refused."""
    refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    yield f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}"
    yield f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}"
    yield _sqlite_insert(table, "no_replace", _taken(table, *keys), "is append-only")


def _sqlite_insert(table: str, name: str, condition: str, says: str) -> str:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{table} {says}'); END"
    return f"CREATE TRIGGER {table}_{name} BEFORE INSERT ON {table} WHEN {condition} {refuse}"


# PostgreSQL


def _postgresql(table: str, *keys: _Key) -> Iterator[str]:
    """Whole statements are refused, those that touch no row and `ON CONFLICT DO UPDATE` included.

    ENABLE ALWAYS: a session that calls itself a replica does not get around them.
    """
    refuse = f"RAISE EXCEPTION USING ERRCODE = '{APPEND_ONLY}', MESSAGE = TG_TABLE_NAME || ' is append-only'"
    yield _function(_REFUSE, f"BEGIN {refuse}; END")
    name = f"{table}_no_change"
    yield (
        f"CREATE TRIGGER {name} BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {_REFUSE}()"
    )
    yield f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}"
    yield from _postgresql_insert(table, "no_replace", _taken(table, *keys))


def _postgresql_insert(table: str, name: str, condition: str) -> Iterator[str]:
    """A row is refused where the condition holds; rows of the same statement before it count."""
    refuse = f"RAISE EXCEPTION USING ERRCODE = '{APPEND_ONLY}', MESSAGE = TG_TABLE_NAME || ' is append-only'"
    trigger = f"{table}_{name}"
    yield _function(trigger, f"BEGIN IF {condition} THEN {refuse}; END IF; RETURN NEW; END")
    yield f"CREATE TRIGGER {trigger} BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {trigger}()"
    yield f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}"


def _function(name: str, body: str) -> str:
    return f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$"


def _taken(table: str, *keys: _Key) -> str:
    return " OR ".join(f"EXISTS (SELECT 1 FROM {table} WHERE {_same(key)})" for key in keys)  # noqa: S608 - as above


def _same(key: _Key) -> str:
    return " AND ".join(f'"{column}" = NEW."{column}"' for column in key)
