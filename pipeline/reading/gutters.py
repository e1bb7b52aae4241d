"""Where a table or a form stands among a page's lines: gaps that go on from row to row, and what stands beside them.

Columns of text stand beside each other too. What tells rows from lines that are level by chance: baselines that agree
closely row after row, cells of few words, labels and the values that they announce, ruled lines through the gap
(white gaps as T. M. Breuel uses them, "High Performance Document Layout Analysis", 2003).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Final

from pipeline.model import Word

Segment = tuple[float, float, float, float]
"""A line from (x0, y0) to (x1, y1)."""

_LEVEL: Final = 0.3
_TIGHT: Final = 0.16
_EVEN: Final = 0.08
_BESIDE: Final = 0.6
"""Of a line's height: how far baselines may differ to be seen as one row, to speak for one, to do so most of the time
where nothing but two columns speaks for a table, to stand in its gap."""
_NEXT_ROW: Final = 4.0
"""Heights from one row of a table to the next, at most."""
_SHARE: Final = 0.6
"""Of a table's rows, how many must be as a table's rows are."""
_FEW: Final = 2
"""Rows that may be level by chance."""
_BOTH: Final = 2
"""Columns beside a gutter."""
_PROSE: Final = 3
"""Words in a text's line, at least."""
_FILLED: Final = 0.8
"""Share of a column's width that most lines of a text reach."""
_SHORT: Final = 4
"""Characters of `Oui`, `12.`, a box; words of `12 à 18 g/L`."""


@dataclass(slots=True, eq=False)
class Cell:
    """Words that stand close on one line, in a frame where the page's text runs along x, and level."""

    words: list[Word]
    line: int
    """Place of their line in the order that was given."""
    left: float
    right: float
    y: float
    """Of the baseline."""
    height: float
    before: "Cell | None" = None
    after: "Cell | None" = None
    """Neighbours on the row."""

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)

    @property
    def labels(self) -> bool:
        """Whether it announces what stands to its right: `Nom :`, `Poids .....`, a question's number."""
        text = self.text
        return text.endswith((":", "..", "…")) or (len(text) <= _SHORT and text.endswith((".", ")", "°")))

    @property
    def brief(self) -> bool:
        """Whether it is a value: a number with its unit, a date, `Oui`, a box."""
        text = self.text
        digits = sum(character.isdigit() for character in text)
        return len(text) <= _SHORT or (len(self.words) <= _SHORT and 3 * digits >= len(text))


@dataclass(frozen=True, slots=True)
class Pair:
    """Two cells with a gap between them, neighbours on a row."""

    left: Cell
    right: Cell

    @property
    def step(self) -> float:
        """From one baseline to the other, in heights."""
        return abs(self.left.y - self.right.y) / max(self.left.height, self.right.height)

    @property
    def tight(self) -> bool:
        """Whether the baselines agree as they do on one row, and elsewhere by chance alone."""
        return self.step <= _TIGHT

    @property
    def beside(self) -> "Iterator[Pair]":
        """The pairs next to it on its row."""
        if self.left.before:
            yield Pair(self.left.before, self.left)
        if self.right.after:
            yield Pair(self.right, self.right.after)


@dataclass(slots=True, eq=False)
class Gutter:
    """Pairs below each other whose gaps overlap: what may be the space between two columns of a table."""

    pairs: list[Pair]
    start: float
    end: float
    """The part of x that all its gaps share."""
    lefts: list[Cell] = field(default_factory=list)
    rights: list[Cell] = field(default_factory=list)
    """The columns beside it, cells without a neighbour too."""
    texts: int = 0
    """How many of the two, with what stands close above and below, are text that goes on from line to line."""

    def is_a_tables(self, rules: Sequence[Segment]) -> bool:
        """Whether its pairs are a table's rows, or a form's; `rules`: lines drawn along the rows, left to right."""
        if self.texts == _BOTH:
            return False
        if sum(pair.left.labels and pair.tight for pair in self.pairs) >= _SHARE * len(self.pairs):
            return True
        return self._regular and (self._wide or (self._even and (self._valued or self._ruled(rules))))

    def goes_with(self, joined: Callable[[Pair], bool]) -> bool:
        """Whether its pairs are the rest of rows that are a table's already: `joined` tells of a pair beside them."""
        return self.texts < _BOTH and all(
            pair.tight and any(joined(beside) for beside in pair.beside) for pair in self.pairs
        )

    @property
    def _regular(self) -> bool:
        """Several rows, level, and few cells of the emptier column without one beside them."""
        count = len(self.pairs)
        level = sum(pair.tight for pair in self.pairs)
        if count == 1 or (count <= _FEW and self.texts):
            return False
        return level >= _SHARE * count and count >= _SHARE * min(len(self.lefts), len(self.rights))

    @property
    def _wide(self) -> bool:
        """Rows of three cells or more."""
        return 2 * sum(bool(pair.left.before or pair.right.after) for pair in self.pairs) >= len(self.pairs)

    @property
    def _even(self) -> bool:
        return median(pair.step for pair in self.pairs) <= _EVEN

    @property
    def _valued(self) -> bool:
        """A column of values, or of places for them: `Depuis :`."""
        labels = sum(cell.labels for cell in self.rights)
        briefs = [(sum(cell.brief for cell in side), len(side)) for side in (self.lefts, self.rights)]
        return any(count >= _SHARE * of for count, of in (*briefs, (labels, len(self.rights))))

    def _ruled(self, rules: Sequence[Segment]) -> bool:
        """Whether at least two lines are drawn through the gap, along its rows."""
        first, last = self.pairs[0].left, self.pairs[-1].left
        top, bottom = first.y - 3 * first.height, last.y + 2 * last.height
        return sum(x0 < self.start and x1 > self.end and top < y0 < bottom for x0, y0, x1, _ in rules) > 1


def _prose(column: list[Cell]) -> bool:
    """Whether a column is text that goes on from line to line: words, and most lines as long as the longest."""
    if median(len(cell.words) for cell in column) < _PROSE or 2 * sum(cell.brief for cell in column) > len(column):
        return False
    left, right = min(cell.left for cell in column), max(cell.right for cell in column)
    return 2 * sum(cell.right >= left + _FILLED * (right - left) for cell in column) >= len(column)


class Level:
    """A page's cells, to be asked for by their baseline."""

    def __init__(self, cells: list[Cell]) -> None:
        self.cells = sorted(cells, key=lambda cell: cell.y)
        self._ys = [cell.y for cell in self.cells]

    def between(self, top: float, bottom: float) -> list[Cell]:
        return self.cells[bisect_left(self._ys, top) : bisect_right(self._ys, bottom)]

    def gutters(self) -> list[Gutter]:
        """All that may be one; sets the cells' neighbours."""
        found: list[Gutter] = []
        near: list[Gutter] = []
        reach = _NEXT_ROW * max((cell.height for cell in self.cells), default=0.0)
        for pair in self._pairs():
            near = [gutter for gutter in near if pair.left.y - gutter.pairs[-1].left.y <= reach]
            if not any(self._goes_on(gutter, pair) for gutter in reversed(near)):
                near.append(Gutter([pair], pair.left.right, pair.right.left))
                found.append(near[-1])
        for gutter in found:
            self._fill(gutter)
        return found

    def _pairs(self) -> list[Pair]:
        """Neighbours on a row, downward; of several, the nearest."""
        near: list[tuple[float, int, int, Pair]] = []
        for cell in self.cells:
            reach = _LEVEL * cell.height
            for other in self.between(cell.y - reach, cell.y + reach):
                gap = other.left - cell.right
                if gap > -reach and other is not cell:
                    near.append((gap, len(near), cell.line, Pair(cell, other)))
        pairs = []
        for _, _, _, pair in sorted(near, key=lambda found: found[:2]):
            if pair.left.after is None and pair.right.before is None and not self._interrupted(pair):
                pair.left.after, pair.right.before = pair.right, pair.left
                pairs.append(pair)
        return sorted(pairs, key=lambda pair: pair.left.y)

    def _interrupted(self, pair: Pair) -> bool:
        """Whether another cell stands in the gap, if not quite level."""
        left, right = pair.left, pair.right
        reach = _BESIDE * left.height
        beside = self.between(left.y - reach, left.y + reach)
        return any(left.right < cell.right and cell.left < right.left for cell in beside if cell not in (left, right))

    def _goes_on(self, gutter: Gutter, pair: Pair) -> bool:
        """Whether the pair is the gutter's next row; if so, it is in."""
        last, here = gutter.pairs[-1].left, pair.left
        start, end = max(gutter.start, here.right), min(gutter.end, pair.right.left)
        step = here.y - last.y
        if not last.height / 2 < step <= _NEXT_ROW * max(last.height, here.height) or end - start < last.height / 3:
            return False
        amid = self.between(last.y + last.height / 3, here.y - here.height / 3)
        if any(cell.left <= start and cell.right >= end for cell in amid):
            return False
        gutter.pairs.append(pair)
        gutter.start, gutter.end = start, end
        return True

    def _fill(self, gutter: Gutter) -> None:
        first, last = gutter.pairs[0].left, gutter.pairs[-1].left
        level = _LEVEL * first.height
        left = min(pair.left.left for pair in gutter.pairs)
        right = max(pair.right.right for pair in gutter.pairs)

        def sides(reach: float) -> tuple[list[Cell], list[Cell]]:
            beside = self.between(first.y - reach, last.y + reach)
            return (
                [cell for cell in beside if left <= cell.right <= gutter.start + level],
                [cell for cell in beside if gutter.end - level <= cell.left <= right],
            )

        gutter.lefts, gutter.rights = sides(level)
        gutter.texts = sum(map(_prose, sides(_NEXT_ROW * first.height)))
