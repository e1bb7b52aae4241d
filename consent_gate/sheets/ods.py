"""ODS (OpenDocument 1.2 and 1.3, part 3) told row by row to a `Gathering`; what a cell says, not what it would show.

Our own reader, for the reasons of `consent_gate.sheets.xlsx`. What was deleted under change tracking, notes, drawings
and tables that are linked from elsewhere are never read.
"""

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Final

from consent_gate.sheets import values
from consent_gate.sheets.gathering import Gathering, Range
from consent_gate.sheets.ods_cells import TABLE, Cell
from consent_gate.sheets.ods_styles import Looks
from consent_gate.sheets.packages import Package
from lexicon.faults import SheetFault

CONTENT: Final = "content.xml"
_STYLES: Final = "styles.xml"
_MANIFEST: Final = "META-INF/manifest.xml"
_KINDS: Final = (
    b"application/vnd.oasis.opendocument.spreadsheet",
    b"application/vnd.oasis.opendocument.spreadsheet-template",
)
_URN: Final = "urn:oasis:names:tc:opendocument:xmlns"
_TEXT: Final = f"{_URN}:text:1.0}}"
_CALC: Final = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
_CONDITIONS: Final = frozenset({f"{_CALC}conditional-formats", f"{_CALC}conditional-format"})
_ENCRYPTED: Final = f"{_URN}:manifest:1.0}}encryption-data"

_SHEET, _ROW, _CELL = f"{TABLE}table", f"{TABLE}table-row", f"{TABLE}table-cell"
_COLUMN: Final = f"{TABLE}table-column"
_STYLE_NAME, _DEFAULT_STYLE = f"{TABLE}style-name", f"{TABLE}default-cell-style-name"
_COVERED: Final = f"{TABLE}covered-table-cell"
_CELLS: Final = frozenset({_CELL, _COVERED})
_PARAGRAPH: Final = f"{_TEXT}p"
_PASSED: Final = frozenset({f"{_TEXT}span", f"{_TEXT}a"})
_SIGNS: Final = {f"{_TEXT}tab": "\t", f"{_TEXT}line-break": "\n"}
_SPACE: Final = f"{_TEXT}s"
_UNSEEN: Final = frozenset(
    f"{_TEXT}{name}" for name in ("note", "bookmark", "bookmark-start", "bookmark-end", "soft-page-break")
)
_HIDDEN: Final = frozenset({"collapse", "filter"})
_COLUMNS_REPEATED, _ROWS_REPEATED = f"{TABLE}number-columns-repeated", f"{TABLE}number-rows-repeated"
_MATRIX_COLUMNS = f"{TABLE}number-matrix-columns-spanned"
_MATRIX_ROWS = f"{TABLE}number-matrix-rows-spanned"

_MOST_COLUMNS: Final = 16_384
_HEADER_COLUMNS: Final = 1024
_MEMO: Final = 200_000
_LONGEST_MEMO: Final = 64
_COUNT: Final = re.compile(r"[0-9]{1,9}")


def is_ods(package: Package) -> bool:
    """Whether the archive says that it is a spreadsheet."""
    return package.start_of("mimetype", 100).strip() in _KINDS


def read_ods(package: Package, gathering: Gathering) -> None:
    """Tell every table that is not hidden. Raises `SheetFault`: `sheet-encrypted`, `sheet-malformed` and others."""
    if _MANIFEST in package:
        package.read(_MANIFEST, _Manifest())
    looks = Looks()
    if _STYLES in package:
        package.read(_STYLES, looks)
    package.read(CONTENT, _Reader(gathering, looks))


class _Manifest:
    def start(self, name: str, _attributes: Mapping[str, str], _depth: int) -> None:
        if name == _ENCRYPTED:
            raise SheetFault("sheet-encrypted")

    def end(self, _name: str, _depth: int) -> None:
        pass

    def text(self, _text: str) -> None:
        pass


class _Reader:
    """The content of a spreadsheet. What is skipped is skipped whole, whatever it holds."""

    def __init__(self, gathering: Gathering, looks: Looks) -> None:
        self._gathering = gathering
        self._looks = looks
        self._skipped = 0
        """Depth of what is skipped; 0: nothing."""
        self._sheet = 0
        """Depth of the table; 0: none."""
        self._veiled = 0
        """Depth of the group that is not shown; 0: none."""
        self._ends: list[int] = []
        """Last places of runs of columns."""
        self._defaults: list[str] = []
        """Of each, the style of cells that have none."""
        self._dressed: dict[str, tuple[bool, bool]] = {}
        self._row: Mapping[str, str] | None = None
        self._number = 0
        self._column = 0
        self._found: dict[int, str] = {}
        self._filled = False
        self._cell: Cell | None = None
        self._in_paragraph = False
        self._memo: dict[str, str] = {}

    def start(self, name: str, attributes: Mapping[str, str], depth: int) -> None:
        if self._skipped:
            return
        if self._cell is not None:
            self._within_cell(self._cell, name, attributes, depth)
        elif self._row is not None:
            if name in _CELLS:
                self._cell = Cell(attributes, depth, covered=name == _COVERED)
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
        elif depth == self._veiled:
            self._veiled = 0
        elif not self._sheet:
            self._looks.end(name, depth)

    def text(self, text: str) -> None:
        if self._in_paragraph and not self._skipped and self._cell is not None:
            self._cell.hear_characters(text)

    def _outside(self, name: str, attributes: Mapping[str, str], depth: int) -> None:
        if name == f"{TABLE}tracked-changes":
            self._skipped = depth
        elif name == _SHEET:
            if self._looks.hides("table", attributes.get(_STYLE_NAME, "")):
                self._skipped = depth
                return
            self._sheet, self._number, self._veiled = depth, 0, 0
            self._ends, self._defaults = [], []
            self._gathering.begin()
        else:
            self._looks.start(name, attributes, depth)

    def _within_sheet(self, name: str, attributes: Mapping[str, str], depth: int) -> None:
        if name == f"{TABLE}table-source":  # what another file said once
            self._gathering.over = True
        elif name == _ROW:
            if self._gathering.over:
                self._skipped = depth
                return
            self._row, self._column, self._found, self._filled = attributes, 0, {}, False
        elif name == _COLUMN:
            self._describe_columns(attributes)
        elif name in _CONDITIONS:
            pass
        elif name == f"{_CALC}condition":
            if self._looks.changes(attributes.get(f"{_CALC}apply-style-name", "")) and self._gathering.columns:
                raise SheetFault("sheet-format-conditional")
        elif name not in _HOLDERS:
            self._skipped = depth
        elif attributes.get(f"{TABLE}display") == "false" and not self._veiled:
            self._veiled = depth

    def _describe_columns(self, attributes: Mapping[str, str]) -> None:
        left = self._ends[-1] + 1 if self._ends else 1
        right = left + _times(attributes, _COLUMNS_REPEATED) - 1
        if right > _MOST_COLUMNS:
            raise SheetFault("sheet-malformed")
        self._ends.append(right)
        self._defaults.append(attributes.get(_DEFAULT_STYLE, ""))
        unseen = self._looks.hides("table-column", attributes.get(_STYLE_NAME, ""))
        if unseen or self._veiled or attributes.get(f"{TABLE}visibility") in _HIDDEN:
            self._gathering.hide(left, right)

    def _within_cell(self, cell: Cell, name: str, attributes: Mapping[str, str], depth: int) -> None:
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
        elif name in _PASSED:
            cell.struck = cell.struck or self._looks.strikes("text", attributes.get(f"{_TEXT}style-name", ""))
        else:
            self._skipped = depth
            if name.startswith(_TEXT) and name not in _UNSEEN:  # a field: the date, the author, the sheet's name
                cell.computes = True

    def _end_cell(self, cell: Cell) -> None:
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
            self._dress(cell, columns)
            said = self._remembered(cell.said())
            if said:
                self._found |= dict.fromkeys(columns, said)

    def _dress(self, cell: Cell, columns: Sequence[int]) -> None:
        """What the cell's own style does to it, or else its row's, or else its columns'."""
        own = cell.attributes.get(_STYLE_NAME) or (self._row or {}).get(_DEFAULT_STYLE)
        for name in {own} if own else {self._default(column) for column in columns}:
            if name not in self._dressed:
                self._dressed[name] = self._looks.strikes("table-cell", name), self._looks.replaces(name)
            struck, otherwise = self._dressed[name]
            cell.struck, cell.otherwise = cell.struck or struck, cell.otherwise or otherwise

    def _default(self, column: int) -> str:
        run = bisect_left(self._ends, column)
        return self._defaults[run] if run < len(self._defaults) else ""

    def _wanted(self, column: int, repeated: int) -> Sequence[int]:
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
        unseen = self._veiled or self._looks.hides("table-row", row.get(_STYLE_NAME, ""))
        hidden = bool(unseen) or row.get(f"{TABLE}visibility") in _HIDDEN
        self._gathering.line(self._number + 1, self._found, filled=self._filled, hidden=hidden, repeated=repeated)
        self._number += repeated
        self._row = None


_HOLDERS: Final = frozenset(
    f"{TABLE}table-{name}" for name in ("rows", "header-rows", "row-group", "columns", "header-columns", "column-group")
)


def _times(attributes: Mapping[str, str], name: str) -> int:
    text = attributes.get(name, "1")
    if not _COUNT.fullmatch(text) or int(text) == 0:
        raise SheetFault("sheet-malformed")
    return int(text)
