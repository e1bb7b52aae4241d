"""ODS (OpenDocument 1.2 and 1.3, part 3) told row by row to a `Gathering`; what a cell says, not what it would show.

Our own reader, for the reasons of `consent_gate.sheets.xlsx`. What was deleted under change tracking, notes, drawings
and tables that are linked from elsewhere are never read.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from consent_gate.sheets import values
from consent_gate.sheets.gathering import Gathering, Range
from consent_gate.sheets.packages import Package
from lexicon.faults import SheetFault

CONTENT: Final = "content.xml"
_MANIFEST: Final = "META-INF/manifest.xml"
_KINDS: Final = (
    b"application/vnd.oasis.opendocument.spreadsheet",
    b"application/vnd.oasis.opendocument.spreadsheet-template",
)
_URN: Final = "urn:oasis:names:tc:opendocument:xmlns"
_OFFICE: Final = f"{_URN}:office:1.0}}"
_TABLE: Final = f"{_URN}:table:1.0}}"
_TEXT: Final = f"{_URN}:text:1.0}}"
_STYLE: Final = f"{_URN}:style:1.0}}"
_CALC_TYPE: Final = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}value-type"
_ENCRYPTED: Final = f"{_URN}:manifest:1.0}}encryption-data"

_SHEET, _ROW, _CELL = f"{_TABLE}table", f"{_TABLE}table-row", f"{_TABLE}table-cell"
_COVERED: Final = f"{_TABLE}covered-table-cell"
_CELLS: Final = frozenset({_CELL, _COVERED})
_PARAGRAPH: Final = f"{_TEXT}p"
_PASSED: Final = frozenset({f"{_TEXT}span", f"{_TEXT}a"})
_SIGNS: Final = {f"{_TEXT}tab": "\t", f"{_TEXT}line-break": "\n"}
_SPACE: Final = f"{_TEXT}s"
_UNSEEN: Final = frozenset(
    f"{_TEXT}{name}" for name in ("note", "bookmark", "bookmark-start", "bookmark-end", "soft-page-break")
)
_HIDDEN: Final = frozenset({"collapse", "filter"})
_TYPE, _FORMULA = f"{_OFFICE}value-type", f"{_TABLE}formula"
_COLUMNS_REPEATED, _ROWS_REPEATED = f"{_TABLE}number-columns-repeated", f"{_TABLE}number-rows-repeated"
_MATRIX_COLUMNS = f"{_TABLE}number-matrix-columns-spanned"
_MATRIX_ROWS = f"{_TABLE}number-matrix-rows-spanned"

_OF_KIND: Final = {"boolean": values.BOOLEAN, "error": values.ERROR}
_MOST_COLUMNS: Final = 16_384
_HEADER_COLUMNS: Final = 1024
_MEMO: Final = 200_000
_LONGEST_MEMO: Final = 64
_BLANKS: Final = re.compile(r"[ \t\r\n]+")
_DIGITS: Final = re.compile(r"[0-9]+")
_COUNT: Final = re.compile(r"[0-9]{1,9}")


def is_ods(package: Package) -> bool:
    """Whether the archive says that it is a spreadsheet."""
    return package.start_of("mimetype", 100).strip() in _KINDS


def read_ods(package: Package, gathering: Gathering) -> None:
    """Tell every table that is not hidden. Raises `SheetFault`: `sheet-encrypted`, `sheet-malformed` and others."""
    if _MANIFEST in package:
        package.read(_MANIFEST, _Manifest())
    package.read(CONTENT, _Reader(gathering))


class _Manifest:
    def start(self, name: str, _attributes: Mapping[str, str], _depth: int) -> None:
        if name == _ENCRYPTED:
            raise SheetFault("sheet-encrypted")

    def end(self, _name: str, _depth: int) -> None:
        pass

    def text(self, _text: str) -> None:
        pass


class _Cell:
    """The cell that is being read: its attributes, and the text that it shows."""

    def __init__(self, attributes: Mapping[str, str], depth: int, *, covered: bool) -> None:
        self.attributes = attributes
        self.depth = depth
        self.covered = covered
        self.computes = _FORMULA in attributes
        self._parts: list[str] = []
        self._room = values.LONGEST + 1

    def hear(self, text: str) -> None:
        if self._room > 0:
            self._parts.append(text[: self._room])
            self._room -= len(text)

    def hear_characters(self, text: str) -> None:
        """Blanks are one space, whatever they are (OpenDocument 1.2, 6.1.2)."""
        self.hear(_BLANKS.sub(" ", text))

    def paragraph(self) -> None:
        if self._parts:
            self.hear("\n")

    @property
    def filled(self) -> bool:
        return bool(self._parts or self.computes or _TYPE in self.attributes)

    def said(self) -> str:
        if self.covered:
            return values.MERGED
        if self.computes:
            return values.FORMULA
        if self._room <= 0:
            return values.TOO_LONG
        kind = "error" if self.attributes.get(_CALC_TYPE) == "error" else self.attributes.get(_TYPE, "string")
        return _said(kind, self.attributes, "".join(self._parts).strip())


class _Reader:
    """The content of a spreadsheet. What is skipped is skipped whole, whatever it holds."""

    def __init__(self, gathering: Gathering) -> None:
        self._gathering = gathering
        self._skipped = 0
        """Depth of what is skipped; 0: nothing."""
        self._style = ""
        self._hidden_styles: set[str] = set()
        self._sheet = 0
        """Depth of the table; 0: none."""
        self._row: Mapping[str, str] | None = None
        self._number = 0
        self._column = 0
        self._found: dict[int, str] = {}
        self._filled = False
        self._cell: _Cell | None = None
        self._in_paragraph = False
        self._memo: dict[str, str] = {}

    def start(self, name: str, attributes: Mapping[str, str], depth: int) -> None:
        if self._skipped:
            return
        if self._cell is not None:
            self._within_cell(self._cell, name, attributes, depth)
        elif self._row is not None:
            if name in _CELLS:
                self._cell = _Cell(attributes, depth, covered=name == _COVERED)
            else:
                self._skipped = depth
        elif self._sheet:
            self._within_sheet(name, attributes, depth)
        else:
            self._outside(name, attributes, depth)

    def end(self, name: str, depth: int) -> None:
        if self._skipped:
            if depth == self._skipped:
                self._skipped = 0
        elif self._cell is not None:
            if depth == self._cell.depth:
                self._end_cell(self._cell)
            elif name == _PARAGRAPH:
                self._in_paragraph = False
        elif name == _ROW and self._row is not None:
            self._end_row(self._row)
        elif depth == self._sheet:
            self._sheet = 0
            self._gathering.end()

    def text(self, text: str) -> None:
        if self._in_paragraph and not self._skipped and self._cell is not None:
            self._cell.hear_characters(text)

    def _outside(self, name: str, attributes: Mapping[str, str], depth: int) -> None:
        if name == f"{_STYLE}style":
            self._style = attributes.get(f"{_STYLE}name", "")
        elif name == f"{_STYLE}table-properties" and attributes.get(f"{_TABLE}display") == "false":
            self._hidden_styles.add(self._style)
        elif name == f"{_TABLE}tracked-changes":
            self._skipped = depth
        elif name == _SHEET:
            if attributes.get(f"{_TABLE}style-name") in self._hidden_styles:
                self._skipped = depth
                return
            self._sheet, self._number = depth, 0
            self._gathering.begin()

    def _within_sheet(self, name: str, attributes: Mapping[str, str], depth: int) -> None:
        if name == f"{_TABLE}table-source":  # what another file said once
            self._gathering.over = True
        elif name == _ROW:
            if self._gathering.over:
                self._skipped = depth
                return
            self._row, self._column, self._found, self._filled = attributes, 0, {}, False
        elif name not in _ROW_HOLDERS:
            self._skipped = depth

    def _within_cell(self, cell: _Cell, name: str, attributes: Mapping[str, str], depth: int) -> None:
        if not self._in_paragraph:
            if name == _PARAGRAPH and depth == cell.depth + 1:
                self._in_paragraph = True
                cell.paragraph()
            else:
                self._skipped = depth
        elif name in _SIGNS:
            cell.hear(_SIGNS[name])
        elif name == _SPACE:
            cell.hear(" " * min(_times(attributes, f"{_TEXT}c"), values.LONGEST + 1))
        elif name not in _PASSED:
            self._skipped = depth
            if name.startswith(_TEXT) and name not in _UNSEEN:  # a field: the date, the author, the sheet's name
                cell.computes = True

    def _end_cell(self, cell: _Cell) -> None:
        self._cell, self._in_paragraph = None, False
        column = self._column + 1
        attributes = cell.attributes
        repeated = _times(attributes, _COLUMNS_REPEATED) if _COLUMNS_REPEATED in attributes else 1
        self._column += repeated
        if self._column > _MOST_COLUMNS:
            raise SheetFault("sheet-malformed")
        if _MATRIX_COLUMNS in attributes or _MATRIX_ROWS in attributes:
            bottom = self._number + _times(attributes, _MATRIX_ROWS)
            right = self._column + _times(attributes, _MATRIX_COLUMNS) - 1
            self._gathering.cover(Range(self._number + 1, column, bottom, right, values.FORMULA))
        if cell.filled:
            self._filled = True
        elif not cell.covered:
            return
        columns = self._wanted(column, repeated)
        if columns:
            said = self._remembered(cell.said())
            if said:
                self._found |= dict.fromkeys(columns, said)

    def _wanted(self, column: int, repeated: int) -> Iterable[int]:
        asked = self._gathering.columns
        if asked is None:
            return range(column, min(column + repeated, _HEADER_COLUMNS))
        if repeated == 1:
            return (column,) if column in asked else ()
        return [one for one in asked if column <= one < column + repeated]

    def _remembered(self, said: str) -> str:
        """One object for one text: dates and words of the status stand in many rows."""
        if type(said) is not str or len(said) > _LONGEST_MEMO or len(self._memo) >= _MEMO:
            return said
        return self._memo.setdefault(said, said)

    def _end_row(self, row: Mapping[str, str]) -> None:
        repeated = _times(row, _ROWS_REPEATED) if _ROWS_REPEATED in row else 1
        hidden = row.get(f"{_TABLE}visibility") in _HIDDEN
        self._gathering.line(self._number + 1, self._found, filled=self._filled, hidden=hidden, repeated=repeated)
        self._number += repeated
        self._row = None


_ROW_HOLDERS: Final = frozenset(f"{_TABLE}{name}" for name in ("table-rows", "table-header-rows", "table-row-group"))


def _said(kind: str, attributes: Mapping[str, str], shown: str) -> str:
    match kind:
        case "string" | "void":
            return values.plain_text(shown) if _agrees(attributes, shown) else values.UNSHOWN
        case "float":
            return _number(attributes.get(f"{_OFFICE}value", ""), shown)
        case "date":
            return _day(attributes.get(f"{_OFFICE}date-value", ""), shown)
        case _:
            return _OF_KIND.get(kind, values.INEXACT)


def _number(text: str, shown: str) -> str:
    """A number's digits; with the zeros before them that the cell shows."""
    number = values.digits(text)
    padded = number.isdigit() and len(shown) <= values.LONGEST_PADDED and _DIGITS.fullmatch(shown)
    return shown if padded and shown.lstrip("0") == number.lstrip("0") else number


def _day(text: str, shown: str) -> str:
    """A day, where the cell shows that day and that year."""
    day = values.day_of_iso(text)
    if isinstance(day, values.CellCode) or not shown:
        return day
    year, _, number = (int(part) for part in day.split("-"))
    numbers = [int(each) for each in _DIGITS.findall(shown[:100])]
    if number not in numbers:
        return values.UNCLEAR
    numbers.remove(number)
    return day if year in numbers or year % 100 in numbers else values.UNCLEAR


def _agrees(attributes: Mapping[str, str], shown: str) -> bool:
    """Whether a text that is stored apart is the one that is shown."""
    stored = attributes.get(f"{_OFFICE}string-value")
    return stored is None or _BLANKS.sub(" ", stored).strip() == _BLANKS.sub(" ", shown)


def _times(attributes: Mapping[str, str], name: str) -> int:
    text = attributes.get(name, "1")
    if not _COUNT.fullmatch(text) or int(text) == 0:
        raise SheetFault("sheet-malformed")
    return int(text)
