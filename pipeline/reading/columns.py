"""The order in which lines are read that stand on a page in columns, from their places alone.

T. M. Breuel, "High Performance Document Layout Analysis" (2003): of two lines above each other the upper comes first;
of two beside each other the left one does, unless a line that spans both stands between them. Here the left one comes
first only where their blocks stand beside each other: a page's number is read before what stands further down.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.clean import Readable
from pipeline.reading.letters import Marks, found
from pipeline.reading.lines import Line, lines_among

_SHARED: Final = 0.5
"""Of a line's rise: the width that two must share to stand above each other."""
_BLOCK: Final = 3.6
"""Of a line's rise, from baseline to baseline within a block: an empty line parts none."""

_LETTER: Final = 0.04
"""Inches: a millimetre; what is smaller says little where it is missed."""

Matrix = NDArray[np.bool_]


Numbered = Mapping[int, Line]
"""Lines of a copy by their numbers in reading order."""


@dataclass(frozen=True, slots=True)
class Laid:
    """How a copy is laid out."""

    lines: Numbered
    letters: NDArray[np.int64]
    """(count, 2): x and y of the middle of each piece of ink as large as a letter."""

    def parted(self, edge: int) -> tuple["Laid", "Laid"]:
        """The lines that are seen whole above a row, with the letters above it; the other lines, with all letters."""
        upper = {number: line for number, line in self.lines.items() if line.lowest < edge}
        rest = {number: line for number, line in self.lines.items() if number not in upper}
        above = self.letters[:, 1] < edge
        for line in rest.values():
            above &= ~line.holds(self.letters)
        return Laid(upper, self.letters[above]), Laid(rest, self.letters)


def laid_out(copy: Readable) -> Laid:
    """The lines and the letters of a copy."""
    seen = found(copy.pixels, copy.dpi)
    lines = in_columns(lines_among(seen, copy.pixels, copy.dpi))
    marks = Marks(np.concatenate([seen.letters.boxes, seen.misfits.boxes]))
    large = marks.only(marks.height >= copy.dpi * _LETTER)
    middles = np.stack([large.left + large.width // 2, large.top + large.height // 2], axis=1)
    return Laid(dict(enumerate(lines)), middles)


def in_columns(lines: Sequence[Line]) -> tuple[Line, ...]:
    """The lines, those of a column together."""
    ordered = sorted(lines, key=lambda line: (line.top + line.bottom, line.left))
    return tuple(ordered[place] for place in _sorted(_before(ordered)))


def _before(lines: Sequence[Line]) -> list[list[int]]:
    """Of each line, those that are read before it; `lines` from top to bottom."""
    if not lines:
        return []
    left, right, rise, y = (
        np.array([getattr(line, side) for line in lines]) for side in ("left", "right", "rise", "bottom")
    )
    shared = np.minimum(right[:, None], right) - np.maximum(left[:, None], left)
    over = shared > _SHARED * np.minimum(rise[:, None], rise)
    spans = [int.from_bytes(np.packbits(row, bitorder="little").tobytes(), "little") for row in over]
    near = over & (np.abs(y[:, None] - y) <= _BLOCK * np.maximum(rise[:, None], rise))
    top, bottom = _blocks(near, y - rise, y)
    level = np.minimum(bottom[:, None], bottom) > np.maximum(top[:, None], top)
    beside = ~over & level & (left[:, None] + right[:, None] > left + right)
    above = (over | ~level) & np.tri(len(lines), k=-1, dtype=np.bool_)
    return [
        [
            other
            for other in np.flatnonzero(above[place] | beside[place]).tolist()
            if above[place, other] or not spans[place] & spans[other] & _between(place, other)
        ]
        for place in range(len(lines))
    ]


def _blocks(near: Matrix, top: NDArray[np.float64], bottom: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    """Of each line, the top and the bottom of the lines that hang together with it."""
    while True:
        higher = np.where(near, top, np.inf).min(1)
        lower = np.where(near, bottom, -np.inf).max(1)
        if np.array_equal(higher, top) and np.array_equal(lower, bottom):
            return top, bottom
        top, bottom = higher, lower


def _between(one: int, other: int) -> int:
    """As bits, the lines that stand between two."""
    low, high = min(one, other), max(one, other)
    return (1 << high) - (1 << low + 1)


def _sorted(before: Sequence[Sequence[int]]) -> Iterator[int]:
    """Each place after those before it; where they go in circles, the first comes first."""
    seen: set[int] = set()
    for start in range(len(before)):
        waiting = [(start, iter(before[start]))] if start not in seen else []
        seen.add(start)
        while waiting:
            place, rest = waiting[-1]
            following = next((other for other in rest if other not in seen), None)
            if following is None:
                waiting.pop()
                yield place
            else:
                seen.add(following)
                waiting.append((following, iter(before[following])))
