"""A client's CSV (RFC 4180, and what spreadsheets make of it) as rows of named cells, or a fault that says why not.

Semicolon, comma or tab; UTF-8 with or without a byte order mark, or cp1252. Columns are found by their header,
whatever its case, accents, spaces or hyphens; columns that nobody asked for are never read.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from lexicon.faults import SheetFault

LARGEST: Final = 64 * 2**20
"""Bytes of a sheet that is read at all."""

_DELIMITERS: Final = (";", ",", "\t")
_BOM: Final = b"\xef\xbb\xbf"
_OTHER_FORMATS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"\xff\xfe", b"\xfe\xff")
_UTF8_LETTER: Final = re.compile(rb"[\xc3-\xc5][\x80-\xbf]")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the sheet. `line` is its number in the file, from 1; `whole`: it has as many cells as the header."""

    line: int
    cells: Mapping[str, str]
    """Field -> cell, trimmed and in NFC; fields whose column the sheet lacks are absent."""
    whole: bool


def read_sheet(raw: bytes, headers: Mapping[str, str], required: frozenset[str]) -> tuple[Row, ...]:
    """The sheet's rows, empty lines left out. `headers` maps our fields to the client's column names.

    A field with an empty header is declared absent and not asked for, even where it is `required`. Raises
    `SheetFault`: `csv-empty`, `csv-too-large`, `csv-not-text`, `csv-encoding`, `csv-malformed`,
    `csv-column-missing` or `csv-column-twice` (with `column`, the client's name for it).
    """
    text = _decoded(raw)
    wanted = {field: _folded(header) for field, header in headers.items() if header}
    first, delimiter = _first_line(text, frozenset(wanted.values()))
    places = _places(first, wanted, headers, required)
    rows = tuple(_rows(text, delimiter, places, len(first)))
    if not rows:
        raise SheetFault("csv-empty")
    return rows


def _decoded(raw: bytes) -> str:
    if len(raw) > LARGEST:
        raise SheetFault("csv-too-large", megabytes=LARGEST // 2**20)
    if not raw.removeprefix(_BOM).strip():
        raise SheetFault("csv-empty")
    if raw.startswith(_OTHER_FORMATS) or b"\x00" in raw:
        raise SheetFault("csv-not-text")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    if raw.startswith(_BOM) or _UTF8_LETTER.search(raw):  # UTF-8 that was cut or mixed would become other names
        raise SheetFault("csv-encoding")
    try:
        return raw.decode("cp1252")
    except UnicodeDecodeError:
        raise SheetFault("csv-encoding") from None


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Records with the number of the line on which each begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for record in reader:
            yield line, record
            line = reader.line_num + 1
    except csv.Error:
        raise SheetFault("csv-malformed", line=line) from None


def _first_line(text: str, wanted: frozenset[str]) -> tuple[list[str], str]:
    """The header's folded names and the delimiter under which most of the wanted ones appear."""

    def names_under(delimiter: str) -> list[str]:
        return [_folded(name) for name in next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))]

    try:
        best = max(_DELIMITERS, key=lambda delimiter: len(wanted.intersection(names_under(delimiter))))
        return names_under(best), best
    except csv.Error:
        raise SheetFault("csv-malformed", line=1) from None


def _places(
    first: list[str], wanted: Mapping[str, str], headers: Mapping[str, str], required: frozenset[str]
) -> dict[str, int]:
    places = {}
    for field, name in wanted.items():
        if first.count(name) > 1:
            raise SheetFault("csv-column-twice", column=headers[field])
        if name in first:
            places[field] = first.index(name)
        elif field in required:
            raise SheetFault("csv-column-missing", column=headers[field])
    return places


def _rows(text: str, delimiter: str, places: Mapping[str, int], width: int) -> Iterator[Row]:
    records = _records(text, delimiter)
    next(records)
    for line, record in records:
        if any(cell.strip() for cell in record):
            cells = {field: _cell(record[place]) for field, place in places.items() if place < len(record)}
            yield Row(line, cells, whole=len(record) == width)


def _cell(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()


def _folded(header: str) -> str:
    """`Date de  naissance`, `date-de-naissance` and `DATE_DE_NAISSANCE` are one header."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", header.casefold()) if not unicodedata.combining(c))
    return "_".join(re.findall(r"[a-z0-9]+", plain))
