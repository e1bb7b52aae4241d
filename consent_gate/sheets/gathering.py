"""Lines gathered from a workbook's sheets: of the one sheet, not hidden, that has the header in its first 50 rows."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from consent_gate.sheets.rows import MOST_LINES, CellFlaw, Cells, Row, Sheet, Wanted, fold
from consent_gate.sheets.strangers import Guard
from consent_gate.sheets.values import HIDDEN, MERGED, NOT_A_DAY, STRUCK, UNREADABLE, CellCode, Day, Struck
from lexicon.faults import SheetFault

HEADER_WITHIN: Final = 50
"""Rows in which the header is looked for: titles stand above it."""

_RANGES: Final = 200_000
_LONGEST_HEADER: Final = 200
_ENOUGH: Final = 2
"""Known names by which a row is taken for a header that lacks others."""
_WHOM: Final = frozenset({"reference", "birth_name", "birth_date"})
"""Fields by which a line that is no statement still says whom it may be about."""


@dataclass(frozen=True, slots=True)
class Range:
    """Cells from one corner to the other, rows and columns from 1, of which only the first speaks for itself."""

    top: int
    left: int
    bottom: int
    right: int
    code: CellCode


class Gathering:
    """What the readers of workbooks tell, sheet by sheet and row by row.

    While `columns` is None the header is looked for and every cell is wanted; then those columns alone are.
    `over`: nothing more is wanted of this sheet.
    """

    def __init__(self, wanted: Wanted, day_fields: frozenset[str], guard: Guard) -> None:
        self.columns: frozenset[int] | None = None
        self.over = True
        self._wanted = wanted
        self._day_fields = day_fields
        self._guard = guard
        self._places: dict[str, int] = {}
        self._order: tuple[tuple[str, int], ...] = ()
        self._rows: list[Row] = []
        self._gathered: Sheet | None = None
        self._unread: tuple[str, ...] = ()
        self._header = 0
        self._table_above = 0
        """The first row above the header that is no title; 0: none."""
        self._hidden: list[tuple[int, int]] = []
        self._ranges: list[Range] = []
        self._best: Mapping[str, int] = {}

    def begin(self) -> None:
        """A sheet that is not hidden begins."""
        self.columns, self.over = None, False
        self._rows, self._ranges, self._hidden, self._table_above = [], [], [], 0

    def line(
        self, number: int, cells: Mapping[int, str], *, filled: bool, hidden: bool = False, repeated: int = 1
    ) -> None:
        """A row, columns from 1; a `Day` or `CellCode` is no text. `filled`: there is something in any column."""
        if self.columns is None:
            self._look(number, cells, hidden=hidden)
            return
        if not filled:
            return
        if len(self._rows) + repeated > MOST_LINES:
            raise SheetFault("sheet-too-large")
        row = self._row(number, cells, hidden=hidden)
        self._rows += [row] if repeated == 1 else [replace(row, line=number + more) for more in range(repeated)]

    def cover(self, cells: Range) -> None:
        """Cells of which only the first speaks for itself: merged ones, the results of one formula."""
        self._ranges.append(cells)
        if len(self._ranges) > _RANGES:
            raise SheetFault("sheet-too-large")

    def hide(self, left: int, right: int) -> None:
        """Columns that the sheet does not show, told before its rows."""
        self._hidden.append((left, right))
        if len(self._hidden) > _RANGES:
            raise SheetFault("sheet-too-large")

    def disguise(self, cells: Range) -> None:
        """Cells that a condition may strike through, or make show something else.

        Raises `SheetFault` `sheet-format-conditional`, where they are of a column that is asked for.
        """
        if self.columns and any(cells.left <= column <= cells.right for column in self.columns):
            raise SheetFault("sheet-format-conditional")

    def end(self) -> None:
        """The sheet ends. Raises `SheetFault`: `sheet-several`, if it is the second with the header, and others."""
        self.over = True
        if self.columns is None:
            return
        if self._gathered is not None:
            raise SheetFault("sheet-several")
        for _, column in self._order:
            if (cover := _Cover.of(self._ranges, column)) and cover.code(self._header) is not None:
                raise SheetFault("sheet-header-unclear", place=letters(column))
        self._gathered = Sheet(tuple(self._uncovered()), self._unread)
        self._rows = []

    def sheet(self) -> Sheet:
        """What was gathered. Raises `SheetFault`: `sheet-empty`, `sheet-column-missing` or `sheet-header-missing`."""
        if self._gathered is None:
            missing = self._wanted.missing(self._best)
            if len(self._best) >= _ENOUGH and missing is not None:
                raise SheetFault("sheet-column-missing", column=missing)
            raise SheetFault("sheet-header-missing")
        if not self._gathered.rows:
            raise SheetFault("sheet-empty")
        return self._gathered

    def _look(self, number: int, cells: Mapping[int, str], *, hidden: bool) -> None:
        if number > HEADER_WITHIN:
            self.over = True
            return
        named = {column: fold(text) for column, text in cells.items() if _may_be_header(text)}
        first = list(named.values())
        places = self._wanted.places(first)
        if len(places) > len(self._best) and not hidden:
            self._best = places
        if hidden or not places or self._wanted.missing(places) is not None:
            texts = (text for text in cells.values() if _may_be_header(text))
            if not self._table_above and self._guard.is_table(self._wanted, texts):
                self._table_above = number
            return
        columns = list(named)
        self._order = tuple((field, columns[place]) for field, place in places.items())
        self._check_header(number, cells, first)
        self._places = {field: place for place, field in enumerate(places)}
        self.columns = frozenset(column for _, column in self._order)

    def _check_header(self, number: int, cells: Mapping[int, str], first: Sequence[str]) -> None:
        """That nothing would be passed over: what stands above the header, and every column of it."""
        twice = self._wanted.twice(first)
        if twice is not None:
            raise SheetFault("sheet-column-twice", column=twice)
        if self._table_above:
            raise SheetFault("sheet-table-above", line=self._table_above)
        for column, text in cells.items():
            if type(text) is Struck or (type(text) is CellCode and text != MERGED):
                raise SheetFault("sheet-header-unclear", place=letters(column))
        for field, column in self._order:
            if any(left <= column <= right for left, right in self._hidden):
                raise SheetFault("sheet-column-hidden", column=self._wanted.headers[field])
        names = {column: text for column, text in cells.items() if type(text) is str}
        self._guard.check_columns(self._wanted, ((letters(column), text) for column, text in names.items()))
        self._header, self._unread = number, self._wanted.unread(names.values())

    def _row(self, number: int, cells: Mapping[int, str], *, hidden: bool) -> Row:
        flaw = CellFlaw(HIDDEN) if hidden else None
        texts: list[str] = []
        for field, column in self._order:
            text = cells.get(column, "")
            if type(text) is not str and not (type(text) is Day and field in self._day_fields):
                flaw = flaw or CellFlaw(_code(text), field)
                text = str(text) if type(text) is Struck and field in _WHOM else UNREADABLE
            texts.append(text)
        return Row(number, Cells(self._places, tuple(texts)), whole=True, flaw=flaw)

    def _uncovered(self) -> Iterable[Row]:
        """The rows, each cell that another speaks for taken out."""
        covers = [(field, cover) for field, column in self._order if (cover := _Cover.of(self._ranges, column))]
        if not covers:
            return self._rows
        return [self._without(row, covers) for row in self._rows]

    def _without(self, row: Row, covers: Iterable[tuple[str, "_Cover"]]) -> Row:
        hit = {field: code for field, cover in covers if (code := cover.code(row.line)) is not None}
        if not hit:
            return row
        field, code = next(iter(hit.items()))
        texts = tuple(UNREADABLE if name in hit else row.cells[name] for name in self._places)
        return replace(row, cells=Cells(self._places, texts), flaw=row.flaw or CellFlaw(code, field))


@dataclass(frozen=True, slots=True)
class _Cover:
    """The rows of one column that ranges cover, as runs that do not touch, in order."""

    tops: tuple[int, ...]
    bottoms: tuple[int, ...]
    codes: tuple[CellCode, ...]

    @classmethod
    def of(cls, ranges: Iterable[Range], column: int) -> "_Cover | None":
        over = [one for one in ranges if one.left <= column <= one.right]
        runs: list[tuple[int, int, CellCode]] = []
        for top, bottom, code in sorted((one.top + (one.left == column), one.bottom, one.code) for one in over):
            if runs and top <= runs[-1][1]:
                runs[-1] = (runs[-1][0], max(bottom, runs[-1][1]), runs[-1][2])
            elif top <= bottom:
                runs.append((top, bottom, code))
        if not runs:
            return None
        return cls(tuple(r[0] for r in runs), tuple(r[1] for r in runs), tuple(r[2] for r in runs))

    def code(self, row: int) -> CellCode | None:
        place = bisect_right(self.tops, row) - 1
        return self.codes[place] if place >= 0 and row <= self.bottoms[place] else None


def letters(column: int) -> str:
    """`A` of 1, as spreadsheets call their columns."""
    text = ""
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def _code(text: str) -> CellCode:
    return text if isinstance(text, CellCode) else STRUCK if isinstance(text, Struck) else NOT_A_DAY


def _may_be_header(text: str) -> bool:
    return type(text) is str and len(text) <= _LONGEST_HEADER
