"""Where the lines of text stand on a copy: letters that stand side by side, on one baseline.

Each piece of ink that may be a letter is drawn as a band across its middle, widened by about its height; bands that
touch are a line.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.formats.pixels import Grey
from pipeline.reading.fitting import MOST, Fitted
from pipeline.reading.letters import INK_TO, NOTHING, Chosen, Found, Marks, Numbers, found

Reals = NDArray[np.float64]

_BAND: Final = (0.3, 0.75)
"""Of a letter's height from its top, what is drawn of it."""
_REACH: Final = 1.0
"""Of its height, by how much a letter's band is widened to either side."""
_ACCENT, _ASCENDER, _DESCENDER = 1.12, 1.35, 0.32
"""How far a strip goes above and below the baseline, of the rise, of the x-height, of the rise."""
_PAD: Final = 0.2
"""Of the rise, white above and below."""
_SQUARE, _EDGE, _ALONG = 0.75, 3, 0.8
"""Of a box to tick: its shorter side of the longer, pixels of its edge, share of each side that has ink."""
_WHITE: Final = 255
_WORD: Final = 3
"""Letters side by side, from which what is out of the ordinary is taken for text."""


@dataclass(frozen=True, slots=True)
class Line:
    """Letters on one baseline, in pixels of the copy; y grows downwards."""

    left: int
    right: int
    """From the first ink to the pixel after the last, marks beside the letters included."""
    baseline: tuple[float, float, float]
    """c0, c1, c2: at x, it lies at c0 + c1·(x - left) + c2·(x - left)²."""
    x_height: float
    """Of most letters."""
    rise: float
    """Of the tallest, accents apart, above the baseline."""
    fall: float
    """Of the deepest beneath it."""
    letters: int
    """Pieces of ink that it is made of."""
    light: bool = False
    """Whether its letters are white, on black."""

    def y(self, x: float) -> float:
        """The baseline at x."""
        c0, c1, c2 = self.baseline
        return c0 + (c1 + c2 * (x - self.left)) * (x - self.left)

    @property
    def top(self) -> float:
        """Of the tallest letters, at the line's middle."""
        return self.y((self.left + self.right) / 2) - self.rise

    @property
    def bottom(self) -> float:
        return self.y((self.left + self.right) / 2) + self.fall

    @property
    def lowest(self) -> float:
        """The last row that is looked at when it is read."""
        return max(self.y(self.left), self.y(self.right)) + self.reach[1]

    @property
    def reach(self) -> tuple[float, float]:
        """What must be seen of it above and below the baseline: accents on capitals, what hangs, some white."""
        up = max(_ACCENT * self.rise, _ASCENDER * self.x_height)
        down = max(self.fall, _DESCENDER * max(self.rise, 1.2 * self.x_height))
        return up + _PAD * self.rise + 1, down + _PAD * self.rise + 1

    def holds(self, places: Numbers) -> Chosen:
        """Which of the places (rows of x, y) are on it."""
        x, y = places[:, 0], places[:, 1]
        (c0, c1, c2), (up, down) = self.baseline, self.reach
        base = c0 + (c1 + c2 * (x - self.left)) * (x - self.left)
        return np.asarray((x >= self.left) & (x < self.right) & (y >= base - up) & (y <= base + down), np.bool_)

    @property
    def height(self) -> float:
        """Of the tallest letters with what hangs, or may hang, beneath the baseline."""
        return self.rise + max(self.fall, _DESCENDER * self.rise)


def lines_of(pixels: Grey, dpi: float) -> tuple[Line, ...]:
    """The lines of a cleaned copy that stands upright: ink dark, paper white, ruled lines taken out.

    From top to bottom; at most `MOST`, the largest, whatever the page is of. Lines that run otherwise than from left to
    right are not found.
    """
    return lines_among(found(pixels, dpi), pixels, dpi)


def lines_among(seen: Found, pixels: Grey, dpi: float) -> tuple[Line, ...]:
    """The same, of ink that was found before."""
    lines = [*_dark_on_light(pixels, seen, dpi), *_light_on_dark(pixels, seen, dpi)]
    largest = sorted(lines, key=lambda line: (line.left - line.right) * line.height)[:MOST]
    return tuple(sorted(largest, key=lambda line: (line.top, line.left)))


def without(pixels: Grey, lines: Iterable[Line]) -> Grey:
    """The copy, or rows of it from its first on, with white where the lines stand."""
    left = pixels.copy()
    for line in lines:
        up, down = line.reach
        low, high = sorted((line.y(line.left), line.y(line.right)))
        left[max(0, int(low - up)) : max(0, int(high + down) + 1), line.left : line.right] = _WHITE
    return left


def _dark_on_light(pixels: Grey, seen: Found, dpi: float) -> Iterator[Line]:
    if not len(seen.letters):
        return
    letters, grouped, count = _grouped(seen.letters, pixels.shape, dpi)
    lines = Fitted.to(letters, grouped, count)
    kept = lines.worth(dpi)
    alone = kept[lines.letters[kept] == 1]
    kept = np.setdiff1d(kept, [place for place in alone.tolist() if _is_a_box(pixels, *lines.box[place].tolist())])
    lines = lines.only(kept).beside(seen)
    row = np.full(count, -1)
    row[kept] = lines.rows(pixels)
    letters, grouped = letters.only(row[grouped] >= 0), row[grouped][row[grouped] >= 0]
    order = np.lexsort((letters.left, grouped))
    lines = Fitted.to(letters.only(order), grouped[order], len(np.unique(grouped))).beside(seen)
    yield from _lines(lines.only(~lines.within_others()))
    large = seen.misfits.only(~lines.touched(seen.misfits))
    others = _dark_on_light(pixels, Found(large, NOTHING, seen.small, NOTHING), dpi)
    yield from (line for line in others if line.letters >= _WORD)


def _is_a_box(pixels: Grey, left: int, top: int, right: int, bottom: int) -> bool:
    """Whether a mark has ink all along its four sides, as boxes to tick have and letters have not."""
    if not _SQUARE * (right - left) <= bottom - top <= (right - left) / _SQUARE:
        return False
    ink = pixels[top:bottom, left:right] <= INK_TO
    sides = (ink[:_EDGE].any(0), ink[-_EDGE:].any(0), ink[:, :_EDGE].any(1), ink[:, -_EDGE:].any(1))
    return min(float(side.mean()) for side in sides) >= _ALONG


def _light_on_dark(pixels: Grey, seen: Found, dpi: float) -> Iterator[Line]:
    """White letters on bars of ink."""
    for left, top, width, height, _ in seen.dark.boxes.tolist():
        bar = ~pixels[top : top + height, left : left + width]
        for line in _dark_on_light(bar, found(bar, dpi), dpi):
            if line.letters >= _WORD:
                (c0, c1, c2) = line.baseline
                baseline = (c0 + top, c1, c2)
                yield replace(line, left=line.left + left, right=line.right + left, baseline=baseline, light=True)


def _grouped(letters: Marks, shape: tuple[int, ...], dpi: float) -> tuple[Marks, Numbers, int]:
    """The letters line by line, of each the number of its line from 0, and how many lines there are."""
    step = 4 if dpi >= 250 else 3 if dpi >= 180 else 2  # noqa: PLR2004  by how much the mask is reduced
    usual = float(np.median(letters.height))
    height = letters.height
    reach = np.clip(_REACH * height, 0.6 * usual, np.maximum(1.2 * usual, 0.6 * height))
    mask = _drawn(
        ((letters.left - reach) / step, (letters.top + _BAND[0] * height) / step),
        ((letters.right + reach) / step, (letters.top + _BAND[1] * height) / step),
        (shape[0] // step + 2, shape[1] // step + 2),
    )
    _, labels = cv2.connectedComponents(mask, connectivity=8)
    middle = (letters.top + 0.5 * height) / step, (letters.left + 0.5 * letters.width) / step
    own = labels[middle[0].astype(np.intp), middle[1].astype(np.intp)]
    numbers, grouped = np.unique(own, return_inverse=True)
    order = np.lexsort((letters.left, grouped))
    return letters.only(order), grouped[order].astype(np.int64), len(numbers)


def _drawn(start: tuple[Reals, Reals], end: tuple[Reals, Reals], shape: tuple[int, int]) -> Grey:
    """A mask of boxes, from (x, y) to (x, y), both included."""
    rows, columns = shape
    (x0, x1), (y0, y1) = (
        (np.clip(start[axis], 0, limit - 2).astype(np.intp), np.clip(end[axis], 0, limit - 2).astype(np.intp) + 1)
        for axis, limit in ((0, columns), (1, rows))
    )
    corners = np.concatenate([y0 * columns + x0, y1 * columns + x1, y0 * columns + x1, y1 * columns + x0])
    sign = np.repeat(np.array([1.0, 1.0, -1.0, -1.0]), len(x0))
    steps = np.bincount(corners, sign, rows * columns).astype(np.int32).reshape(rows, columns)
    return np.asarray(steps.cumsum(0).cumsum(1) > 0).astype(np.uint8)


def _lines(fitted: Fitted) -> Iterator[Line]:
    half, centre = np.maximum(1, fitted.end - fitted.start) / 2, (fitted.start + fitted.end) / 2
    slope, bend = fitted.curve[:, 1] / half, fitted.curve[:, 2] / half**2
    off = fitted.box[:, 0] - centre
    c0 = fitted.curve[:, 0] + slope * off + bend * off**2
    c1 = slope + 2 * bend * off
    columns = (c0, c1, bend, fitted.x_height, fitted.rise, fitted.fall, fitted.letters)
    for box, at, climb, bent, x_height, rise, fall, letters in zip(
        fitted.box.tolist(), *(column.tolist() for column in columns), strict=True
    ):
        yield Line(box[0], box[2], (at, climb, bent), x_height, rise, fall, letters)
