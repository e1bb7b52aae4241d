"""Connected ink of a copy, sorted into what may be letters, what may belong to letters, and all else."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.formats.pixels import Grey

Numbers = NDArray[np.int64]
Chosen = NDArray[np.bool_]

INK_TO: Final = 150
"""Grey level up to which a pixel is ink; lighter than the middle, so that thin strokes stay in one piece."""
_SMALLEST, _TALLEST = 0.03, 0.5
"""Inches a letter is high: x-height of 5 points, capitals of 48."""
_SPECK: Final = 0.008
"""Inches; what is smaller on both sides is dust."""
_FLAT: Final = 6
"""Times as wide as high: a dash, or what is left of a rule."""
_WIDE, _THIN = 3, 0.12
"""Times as wide as high, share of its box that is ink: what is wider and emptier is a frame."""
_MISFIT: Final = 2.0
"""Times as high as what stands beside it: letters of two lines that touch, a bracket, a stroke of a pen."""
_HIGH: Final = 1.5
"""Times as high as the page's letters are; a digit among ditto marks is not."""
_BESIDE: Final = 1.0
"""Inches to either side."""
_COMPANY: Final = 3
"""Letters beside one, from which it can be called a misfit."""
_BAR: Final = 0.4
"""Inches a bar of ink is wide, at least."""
_MOST_BARS: Final = 8
_EDGED: Final = 0.85
"""Share of its upper and lower edge that is ink."""
_CELL: Final = 0.04
"""Inches; letters beside one are counted on a grid."""


@dataclass(frozen=True, slots=True)
class Marks:
    """Pieces of ink, each in its box."""

    boxes: Numbers
    """Rows of left, top, width, height, pixels of ink; in pixels."""

    def __len__(self) -> int:
        return len(self.boxes)

    def only(self, chosen: Chosen | Numbers) -> "Marks":
        return Marks(self.boxes[chosen])

    @property
    def left(self) -> Numbers:
        return self.boxes[:, 0]

    @property
    def top(self) -> Numbers:
        return self.boxes[:, 1]

    @property
    def width(self) -> Numbers:
        return self.boxes[:, 2]

    @property
    def height(self) -> Numbers:
        return self.boxes[:, 3]

    @property
    def ink(self) -> Numbers:
        return self.boxes[:, 4]

    @property
    def right(self) -> Numbers:
        return self.left + self.width

    @property
    def bottom(self) -> Numbers:
        return self.top + self.height


NOTHING: Final = Marks(np.zeros((0, 5), np.int64))


@dataclass(frozen=True, slots=True)
class Found:
    """What lies on a page."""

    letters: Marks
    """As high as letters are, and standing among their like."""
    misfits: Marks
    """As high as letters are, and far higher than what stands beside them."""
    small: Marks
    """Dots, commas, accents, dashes."""
    dark: Marks
    """Bars of ink, which may have light letters."""


def found(pixels: Grey, dpi: float) -> Found:
    """The ink of a copy in pieces; dust is left out."""
    marks = _connected(pixels)
    marks = marks.only(np.maximum(marks.width, marks.height) >= dpi * _SPECK)
    high, flat = marks.height >= dpi * _SMALLEST, marks.width > _FLAT * marks.height
    large = (marks.height > dpi * _TALLEST) | _framing(marks)
    letters = high & ~large & ~(flat & (marks.height < dpi * 0.05)) & (marks.width >= dpi * 0.006)
    small = ~high & (marks.width < dpi * 0.2)
    dark = _bars(marks, pixels, dpi)
    letters[dark] = False
    for left, top, width, height, _ in marks.boxes[dark].tolist():  # holes of the light letters
        inside = (marks.left >= left) & (marks.top >= top) & (marks.right <= left + width)
        letters &= ~(inside & (marks.bottom <= top + height))
    candidates = marks.only(letters)
    misfit = _misfits(candidates, pixels.shape, dpi)
    return Found(candidates.only(~misfit), candidates.only(misfit), marks.only(small), marks.only(dark))


def _connected(pixels: Grey) -> Marks:
    """Every piece of ink. Empty rows, most of a page, are left out, but for one between pieces."""
    ink = (pixels <= INK_TO).view(np.uint8)
    inked = np.asarray(ink.any(axis=1))
    inked[1:] |= inked[:-1].copy()
    rows = np.flatnonzero(inked)
    if not len(rows):
        return NOTHING
    dense = np.ascontiguousarray(ink[rows])
    try:
        _, _, stats, _ = cv2.connectedComponentsWithStatsWithAlgorithm(dense, 8, cv2.CV_16U, cv2.CCL_SPAGHETTI)
    except cv2.error:  # more pieces than 16 bits count: noise
        _, _, stats, _ = cv2.connectedComponentsWithStatsWithAlgorithm(dense, 8, cv2.CV_32S, cv2.CCL_SPAGHETTI)
    boxes = np.asarray(stats[1:], np.int64)
    boxes[:, 1] = rows[boxes[:, 1]]
    return Marks(boxes)


def _bars(marks: Marks, pixels: Grey, dpi: float) -> Numbers:
    """The largest pieces that are mostly ink and wider than high, and solid along their edges."""
    wide = (marks.width >= _BAR * dpi) & (marks.height >= dpi * 0.08) & (marks.height <= dpi)
    dense = (marks.width > 2 * marks.height) & (2 * marks.ink > marks.width * marks.height)
    found = np.flatnonzero(wide & dense)
    largest = found[np.argsort(-marks.ink[found], kind="stable")][:_MOST_BARS]

    def edged(left: int, top: int, width: int, height: int) -> bool:
        inner = pixels[top + 2 : top + height - 2, left : left + width] <= INK_TO
        return float(min(inner[0].mean(), inner[-1].mean())) >= _EDGED

    return np.array([place for place in largest.tolist() if edged(*marks.boxes[place, :4].tolist())], np.int64)


def _framing(marks: Marks) -> Chosen:
    around = marks.width * marks.height
    return np.asarray((marks.width > _WIDE * marks.height) & (marks.ink < _THIN * around), np.bool_)


def _misfits(letters: Marks, shape: tuple[int, ...], dpi: float) -> Chosen:
    """Those far higher than the letters beside them."""
    if not len(letters):
        return np.zeros(0, np.bool_)
    cell, reach = max(1.0, dpi * _CELL), dpi * _BESIDE
    rows, columns = int(shape[0] / cell) + 2, int(shape[1] / cell) + 2
    row = ((letters.top + letters.height / 2) / cell).astype(np.intp)
    column = ((letters.left + letters.width / 2) / cell).astype(np.intp)
    place = row * columns + column
    counts, heights = (
        np.asarray(np.bincount(place, weights, rows * columns).reshape(rows, columns), np.float64)
        for weights in (np.ones(len(letters)), letters.height.astype(np.float64))
    )
    up, down = (letters.top / cell).astype(np.intp), (letters.bottom / cell).astype(np.intp)
    left = np.clip((letters.left - reach) / cell, 0, columns - 1).astype(np.intp)
    right = np.clip((letters.right + reach) / cell, 0, columns - 1).astype(np.intp)
    others, sum_of_heights = (
        _summed(grid, (up, left, down, right)) - own for grid, own in ((counts, 1), (heights, letters.height))
    )
    higher = letters.height * others > _MISFIT * sum_of_heights
    return np.asarray((others >= _COMPANY) & higher & (letters.height > _HIGH * np.median(letters.height)), np.bool_)


def _summed(grid: NDArray[np.float64], box: tuple[NDArray[np.intp], ...]) -> NDArray[np.float64]:
    """Sums over boxes of cells: up, left, down, right, the last two included."""
    up, left, down, right = box
    table = np.pad(grid.cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    return np.asarray(table[down + 1, right + 1] - table[up, right + 1] - table[down + 1, left] + table[up, left])
