"""A client's CSV (RFC 4180, and what spreadsheets make of it) as lines of cells, or a fault that says why not.

Semicolon, comma or tab; UTF-8 with or without a byte order mark, or cp1252.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from typing import Final

from consent_gate.sheets.rows import MOST_LINES, CellFlaw, Cells, Row, Sheet, Wanted, fold
from consent_gate.sheets.strangers import Guard
from consent_gate.sheets.values import UNREADABLE, CellCode, plain_text
from lexicon.faults import SheetFault

_DELIMITERS: Final = (";", ",", "\t")
_BOM: Final = b"\xef\xbb\xbf"
_MEMO: Final = 200_000
"""Cells that are looked at once: one object stands for all that say the same."""
_TWO_BYTES: Final = (b"\xff\xfe", b"\xfe\xff")
_UTF8_LETTER: Final = re.compile(rb"[\xc3-\xc5][\x80-\xbf]")
_OTHER_LETTERS: Final = re.compile(rb"[a-z][\x8a\x8e]|[A-Za-z][\x82\x83\x87\x88][A-Za-z]")
"""French accents of MacRoman and DOS, which cp1252 would read as other letters in the middle of a word."""
_SEPARATOR_LINE: Final = re.compile(r"\ufeff?\"?sep=(.)\"?\r?\n?", re.IGNORECASE)


def read_delimited(raw: bytes, wanted: Wanted, guard: Guard) -> Sheet:
    """The sheet, empty lines left out; see `consent_gate.sheets.reading.read_sheet`."""
    encoding = _encoding(raw)
    header, delimiter, before = _first_line(raw, encoding, frozenset(wanted.folded.values()))
    names = [fold(name) for name in header]
    twice = wanted.twice(names)
    if twice is not None:
        raise SheetFault("csv-column-twice", column=twice)
    places = wanted.places(names)
    missing = wanted.missing(places)
    if missing is not None:
        raise SheetFault("csv-column-missing", column=missing)
    guard.check_columns(wanted, ((str(place), name) for place, name in enumerate(header, 1)))
    records = _records(_lines(raw, encoding), delimiter)
    for _ in range(before):
        next(records)
    rows = tuple(_rows(records, places, len(names)))
    if not rows:
        raise SheetFault("csv-empty")
    return Sheet(rows, wanted.unread(header))


def _encoding(raw: bytes) -> str:
    if not raw.removeprefix(_BOM).strip():
        raise SheetFault("csv-empty")
    if raw.startswith(_TWO_BYTES) or b"\x00" in raw:
        raise SheetFault("csv-not-text")
    if max(raw.count(b"\n"), raw.count(b"\r")) > MOST_LINES:
        raise SheetFault("sheet-too-large")
    if _decodes(raw, "utf-8"):
        return "utf-8-sig"
    if raw.startswith(_BOM) or _UTF8_LETTER.search(raw):  # UTF-8 that was cut or mixed would become other names
        raise SheetFault("csv-encoding")
    if _OTHER_LETTERS.search(raw) or not _decodes(raw, "cp1252"):
        raise SheetFault("csv-encoding")
    return "cp1252"


def _decodes(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _lines(raw: bytes, encoding: str) -> Iterator[str]:
    return iter(io.TextIOWrapper(io.BytesIO(raw), encoding, newline=""))


def _records(lines: Iterator[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Records with the number of the line on which each begins."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    line = 1
    try:
        for record in reader:
            yield line, record
            line = reader.line_num + 1
    except csv.Error:
        raise SheetFault("csv-malformed", line=line) from None


def _first_line(raw: bytes, encoding: str, known: frozenset[str]) -> tuple[list[str], str, int]:
    """The header's names, the delimiter under which most of the known ones appear, and records up to it."""
    before = 1
    first = next(_lines(raw, encoding))
    if _SEPARATOR_LINE.fullmatch(first):  # a spreadsheet's own: it names the delimiter, and is no header
        before = 2

    def names_under(delimiter: str) -> list[str]:
        reader = csv.reader(_lines(raw, encoding), delimiter=delimiter)
        records = [next(reader, []) for _ in range(before)]
        return records[-1]

    try:
        best = max(_DELIMITERS, key=lambda delimiter: len(known.intersection(map(fold, names_under(delimiter)))))
        return names_under(best), best, before
    except csv.Error:
        raise SheetFault("csv-malformed", line=before) from None


def _rows(records: Iterator[tuple[int, list[str]]], places: Mapping[str, int], width: int) -> Iterator[Row]:
    order = tuple(places.items())
    slots = {field: slot for slot, field in enumerate(places)}
    memo: dict[str, str] = {}
    for line, record in records:
        if not any(map(str.strip, record)):
            continue
        flaw, texts = None, []
        for field, place in order:
            if place >= len(record):
                break
            cell = record[place]
            text = memo.get(cell)
            if text is None:
                text = plain_text(cell)
                if len(memo) < _MEMO:
                    memo[cell] = text
            if type(text) is CellCode:
                flaw, text = flaw or CellFlaw(text, field), UNREADABLE
            texts.append(text)
        yield Row(line, Cells(slots, tuple(texts)), whole=len(record) == width, flaw=flaw)
