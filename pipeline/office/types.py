"""The table of document types as it is in force: told, and written out for somebody to edit."""

import os
from pathlib import Path

from lexicon.faults import StationFault
from pipeline.config import Config
from pipeline.indexing import table
from pipeline.indexing.table import TypeTable
from pipeline.office.answers import Answer
from storage.effects import effect
from storage.files import replacing


def in_force(config: Config | None) -> TypeTable:
    """The client's table, else the shipped one. Raises `StationFault` as `pipeline.indexing.table.read` does."""
    named = _named(config)
    return table.read(named) if named else table.shipped()


def rows(types: TypeTable) -> list[Answer]:
    return [
        {
            "type": row.name,
            "kinds": list(row.kinds),
            "bucket": f"DMST-{row.bucket}" if row.bucket else None,
            "code_system": row.system,
            "code": row.code,
            "label": row.label,
            "excluded": row.excluded,
            "titles": list(row.titles),
        }
        for row in types.rows.values()
    ]


def export(config: Config | None, target: Path) -> None:
    """Write the table in force as it is read; with the mark by which a spreadsheet knows UTF-8.

    Raises `StationFault` `target-exists`, `disk-full`, `disk-unusable`, or what `in_force` raises.
    """
    named = _named(config)
    in_force(config)
    raw = named.read_bytes() if named else table.shipped_bytes()
    mark = b"" if raw.startswith(b"\xef\xbb\xbf") else b"\xef\xbb\xbf"
    if os.path.lexists(target):
        raise StationFault("target-exists", path=str(target))
    with effect("types.write"), replacing(target) as stream:
        stream.write(mark + raw)


def _named(config: Config | None) -> Path | None:
    return config.path(config.indexing.table) if config and config.indexing.table else None
