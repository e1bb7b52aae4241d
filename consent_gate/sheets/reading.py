"""A client's sheet, whatever its format, as rows of named cells, or a fault that says why not.

The content says what it is, never the name: CSV, ODS or XLSX. Columns are found by their header, whatever its case,
accents, spaces or hyphens; of columns that nobody asked for only the names are told.
"""

import re
from collections.abc import Mapping
from typing import Final

from consent_gate.sheets.delimited import read_delimited
from consent_gate.sheets.gathering import Gathering
from consent_gate.sheets.ods import is_ods, read_ods
from consent_gate.sheets.packages import Package
from consent_gate.sheets.rows import CellFlaw, Row, Sheet, Wanted
from consent_gate.sheets.strangers import Guard
from consent_gate.sheets.xlsx import read_xlsx
from lexicon.faults import SheetFault

__all__ = ["LARGEST", "CellFlaw", "Guard", "Row", "Sheet", "read_sheet"]

LARGEST: Final = 64 * 2**20
"""Bytes of a sheet that is read at all."""
DAY_FIELDS: Final = frozenset({"birth_date", "on", "until", "authority_until", "evidence_on", "evidence"})
"""Fields in which a cell that holds a day as such is what was meant; elsewhere a spreadsheet made it one."""

_NO_GUARD: Final = Guard()
_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
_OTHERS: Final = (b"%PDF", b"{\\rtf", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"BZh", b"\xfd7zXZ", b"SQLite format 3\x00")
_MARKUP_OR_JSON: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<|\{|\[\s*[\[{\"])")


def read_sheet(raw: bytes, headers: Mapping[str, str], required: frozenset[str], guard: Guard = _NO_GUARD) -> Sheet:
    """The sheet's rows, empty lines left out. `headers` maps our fields to the client's column names.

    A field with an empty header is declared absent and not asked for, even where it is `required`. Of a workbook the
    one sheet is read that is not hidden and has the header in a row of its first 50 that is not hidden; lines bear the
    numbers that the spreadsheet shows. A row with a `flaw` is no statement. Raises `SheetFault`:

    - `csv-empty`, `csv-too-large`, `csv-not-text`, `csv-encoding`, `csv-malformed`, `csv-column-missing` and
      `csv-column-twice` (with `column`, the client's name for it);
    - `sheet-unsupported`, `sheet-encrypted`, `sheet-malformed`, `sheet-bomb`, `sheet-too-large`, `sheet-empty`,
      `sheet-header-missing`, `sheet-several`, `sheet-column-missing` and `sheet-column-twice` (with `column`);
    - for what would be passed over: `sheet-column-unknown` (with `column` and `place`), `sheet-column-hidden` (with
      `column`), `sheet-header-unclear` (with `place`), `sheet-table-above` (with `line`) and
      `sheet-format-conditional`.
    """
    if len(raw) > LARGEST:
        raise SheetFault("csv-too-large", megabytes=LARGEST // 2**20)
    wanted = Wanted.of(headers, required)
    if raw.startswith(_ZIP):
        return _read_workbook(raw, wanted, guard)
    if raw.startswith(_OLE):
        raise SheetFault("sheet-encrypted" if _OLE_ENCRYPTED in raw else "sheet-unsupported")
    if raw.startswith(_OTHERS) or _MARKUP_OR_JSON.match(raw):
        raise SheetFault("sheet-unsupported")
    return read_delimited(raw, wanted, guard)


def _read_workbook(raw: bytes, wanted: Wanted, guard: Guard) -> Sheet:
    package = Package(raw)
    gathering = Gathering(wanted, DAY_FIELDS, guard)
    if is_ods(package):
        read_ods(package, gathering)
    elif "_rels/.rels" in package and "mimetype" not in package:
        read_xlsx(package, gathering)
    else:
        raise SheetFault("sheet-unsupported")
    return gathering.sheet()
