"""A page's words in reading order: a row of a table or form is one line, and columns of text stay columns.

Tesseract's layout analysis gives a table without rules column by column. Where rows show that a table stands, lines are
joined and put in the order of its rows; for all else, the order is Tesseract's.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pipeline.model import Word
from pipeline.reading.gutters import Cell, Gutter, Level, Pair, Segment

_CELL_GAP: Final = 1.2
"""Of a line's height: the gap between words from which they are two cells."""


def in_order(words: Sequence[Word], rules: Iterable[Segment] = ()) -> tuple[Word, ...]:
    """The words in reading order, their lines numbered from 0 in that order.

    `words`: of one page, in the recogniser's order. `rules`: lines drawn on the page, in the words' pixels; without
    them, two columns of plain words are no table. Lines that run another way than most stay as they came.
    """
    lines: dict[int, list[Word]] = {}
    for word in words:
        lines.setdefault(word.line, []).append(word)
    rows = _Rows(list(lines.values()), _Frame.of(words), rules)
    return tuple(
        word if word.line == number else replace(word, line=number)
        for number, row in enumerate(rows.ordered())
        for word in row
    )


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where x runs as most of the page's text does, and lines that climb a little lie level."""

    quarter: int
    """Clockwise quarter turns from the page's x."""
    slope: float

    @classmethod
    def of(cls, words: Sequence[Word]) -> "_Frame":
        letters = [0, 0, 0, 0]
        for word in words:
            letters[_quarter(word)] += len(word.text)
        turned = cls(letters.index(max(letters)), 0.0)
        ends = [turned.ends(word) for word in words if turned.holds(word)]
        slopes = sorted(((y1 - y0) / (x1 - x0), x1 - x0) for x0, y0, x1, y1 in ends if x1 > x0)
        half = sum(length for _, length in slopes) / 2
        for slope, length in slopes:
            half -= length
            if half <= 0:
                return cls(turned.quarter, slope)
        return turned

    def at(self, x: float, y: float) -> tuple[float, float]:
        """A point of the page in this frame."""
        match self.quarter:
            case 1:
                x, y = y, -x
            case 2:
                x, y = -x, -y
            case 3:
                x, y = -y, x
            case _:
                pass
        return x, y - self.slope * x

    def ends(self, word: Word) -> Segment:
        return (*self.at(word.x0, word.y0), *self.at(word.x1, word.y1))

    def holds(self, word: Word) -> bool:
        """Whether the word runs as most do."""
        return _quarter(word) == self.quarter

    def along(self, rules: Iterable[Segment]) -> list[Segment]:
        """The ruled lines that run as the text does, left to right."""
        laid = (sorted((self.at(x0, y0), self.at(x1, y1))) for x0, y0, x1, y1 in rules)
        return [(x0, y0, x1, y1) for (x0, y0), (x1, y1) in laid if x1 - x0 > abs(y1 - y0)]

    def cells(self, line: Sequence[Word], place: int) -> Iterator[Cell]:
        """The line's words, parted where gaps are wide."""
        cell: Cell | None = None
        for x0, y0, x1, y1, word in sorted(((*self.ends(word), word) for word in line), key=lambda found: found[0]):
            if cell and x0 - cell.right <= _CELL_GAP * cell.height:
                cell.words.append(word)
                cell.right = max(cell.right, x1)
                continue
            if cell:
                yield cell
            cell = Cell([word], place, x0, x1, (y0 + y1) / 2, word.height)
        if cell:
            yield cell


def _quarter(word: Word) -> int:
    return round(math.atan2(word.y1 - word.y0, word.x1 - word.x0) / (math.pi / 2)) % 4


class _Table:
    """Lines that are read row by row, and where they stand."""

    def __init__(self, cells: Sequence[Cell]) -> None:
        self.lines = {cell.line for cell in cells}
        self._left, self._right = min(cell.left for cell in cells), max(cell.right for cell in cells)
        self._top, self._bottom = min(cell.y for cell in cells), max(cell.y for cell in cells)

    def follows(self, cell: Cell) -> bool:
        """Whether the cell stands above the table."""
        return cell.y < self._top and self._spans(cell)

    def holds(self, cell: Cell) -> bool:
        """Whether the cell stands between its first row and its last."""
        return self._top <= cell.y <= self._bottom and self._spans(cell)

    def _spans(self, cell: Cell) -> bool:
        return cell.left < self._right and cell.right > self._left


class _Rows:
    """A page's lines, joined to rows where a table stands; a table is read row by row, and what is above it before."""

    def __init__(self, lines: list[list[Word]], frame: _Frame, rules: Iterable[Segment]) -> None:
        self._lines = lines
        level = [place for place, line in enumerate(lines) if frame.holds(line[0])]
        self._cells = [cell for place in level for cell in frame.cells(lines[place], place)]
        drawn = frame.along(rules)
        gutters = _tables(Level(self._cells).gutters(), drawn)
        pairs = [(pair.left.line, pair.right.line) for gutter in gutters for pair in gutter.pairs]
        below = [(gutter.pairs[0].left.line, pair.left.line) for gutter in gutters for pair in gutter.pairs]
        self._row = _joined(len(lines), pairs)
        self._tables = self._gathered(_joined(len(lines), pairs + below))
        self._unread = dict.fromkeys(range(len(lines)))

    def _gathered(self, group: list[int]) -> dict[int, _Table]:
        """The table of each line that is in one."""
        cells: dict[int, list[Cell]] = {}
        for cell in self._cells:
            cells.setdefault(group[cell.line], []).append(cell)
        tables = [_Table(held) for held in cells.values() if len({cell.line for cell in held}) > 1]
        found = {line: table for table in tables for line in table.lines}
        for table in tables:
            within = {cell.line for cell in self._cells if cell.line not in found and table.holds(cell)}
            table.lines |= within
            found |= dict.fromkeys(within, table)
        return found

    def ordered(self) -> Iterator[list[Word]]:
        """The words of each row in turn."""
        while self._unread:
            yield from self._from(next(iter(self._unread)))

    def _from(self, place: int) -> Iterator[list[Word]]:
        """The line, or its table with what stands above that."""
        table = self._tables.get(place)
        if table is None:
            del self._unread[place]
            yield self._lines[place]
            return
        rows: dict[int, list[Cell]] = {}
        for cell in self._cells:
            if cell.line in table.lines:
                rows.setdefault(self._row[cell.line], []).append(cell)
        for line in table.lines:
            self._unread.pop(line, None)
        for above in dict.fromkeys(cell.line for cell in self._cells if table.follows(cell)):
            if above in self._unread:
                yield from self._from(above)
        for row in sorted(rows.values(), key=lambda cells: min(cells, key=lambda cell: cell.left).y):
            yield [word for cell in sorted(row, key=lambda cell: cell.left) for word in cell.words]


def _tables(gutters: list[Gutter], drawn: list[Segment]) -> list[Gutter]:
    """The gutters of tables and forms, and those through the rest of their rows."""
    found = [gutter for gutter in gutters if gutter.is_a_tables(drawn)]
    joined = {(pair.left, pair.right) for gutter in found for pair in gutter.pairs}

    def together(pair: Pair) -> bool:
        return pair.left.line == pair.right.line or (pair.left, pair.right) in joined

    return found + [gutter for gutter in gutters if gutter not in found and gutter.goes_with(together)]


def _joined(count: int, links: Iterable[tuple[int, int]]) -> list[int]:
    """Of each number below `count`, one that stands for all it is linked with."""
    stands = list(range(count))

    def root(number: int) -> int:
        while stands[number] != number:
            stands[number] = number = stands[stands[number]]
        return number

    for one, other in links:
        stands[root(other)] = root(one)
    return [root(number) for number in range(count)]
