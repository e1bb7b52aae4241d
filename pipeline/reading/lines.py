"""Where the lines of text stand on a copy: letters that stand side by side, on one baseline.

Each piece of ink that may be a letter is drawn as a band across its middle, widened by about its height; bands that
touch are a line.
"""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.formats.pixels import Grey
from pipeline.reading.letters import MIDDLE, Chosen, Found, Marks, Numbers, found

Reals = NDArray[np.float64]

MOST: Final = 600
"""Lines of a page; noise and photographs end there, and the smallest are left out."""
_BAND: Final = (0.3, 0.75)
"""Of a letter's height from its top, what is drawn of it."""
_REACH: Final = 1.0
"""Of its height, by how much a letter's band is widened to either side."""
_NEAR: Final = 1.25
"""Of the line's rise, how far beyond its letters what belongs to it may stand: a colon, a quotation mark."""
_ROUNDS: Final = 2


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
    def height(self) -> float:
        """Of the tallest letters with what hangs beneath the baseline."""
        return self.rise + self.fall


def lines_of(pixels: Grey, dpi: float) -> tuple[Line, ...]:
    """The lines of a cleaned copy that stands upright: ink dark, paper white, ruled lines taken out.

    At most `MOST`, from top to bottom. Lines that run otherwise than from left to right are not found.
    """
    seen = found(pixels, dpi)
    if not len(seen.letters):
        return ()
    grouped, count = _grouped(seen.letters, pixels.shape, dpi)
    order = np.lexsort((seen.letters.left, grouped))
    letters, grouped = seen.letters.only(order), grouped[order]
    lines = _Fitted.to(letters, grouped, count)
    kept = lines.worth(dpi)
    lines = lines.only(kept).beside(seen)
    row = np.full(count, -1)
    row[kept] = lines.rows(pixels)
    letters, grouped = letters.only(row[grouped] >= 0), row[grouped][row[grouped] >= 0]
    order = np.lexsort((letters.left, grouped))
    lines = _Fitted.to(letters.only(order), grouped[order], len(np.unique(grouped))).beside(seen)
    return lines.only(~lines.within_others()).lines()


def _grouped(letters: Marks, shape: tuple[int, ...], dpi: float) -> tuple[Numbers, int]:
    """Of each letter, the number of its line from 0; and how many lines there are."""
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
    return grouped.astype(np.int64), len(numbers)


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


@dataclass(frozen=True, slots=True)
class _Fitted:
    """Lines, each a place in every array."""

    box: Numbers
    """Left, top, right, bottom of the letters."""
    curve: Reals
    """Baseline at t in -1 to 1 across the letters: rows of c0, c1, c2."""
    start: Numbers
    end: Numbers
    """Where the letters begin and end: the curve's -1 and 1."""
    x_height: Reals
    rise: Reals
    fall: Reals
    letters: Numbers
    ink: Reals
    """Share of the letters' boxes."""

    @classmethod
    def to(cls, letters: Marks, line: Numbers, count: int) -> "_Fitted":
        """`line`: of each letter its line's number, ascending; `count`: of lines."""
        first = np.searchsorted(line, np.arange(count))
        box = np.stack(
            [
                np.minimum.reduceat(letters.left, first),
                np.minimum.reduceat(letters.top, first),
                np.maximum.reduceat(letters.right, first),
                np.maximum.reduceat(letters.bottom, first),
            ],
            axis=1,
        )
        start, end = box[:, 0], box[:, 2]
        number = np.bincount(line, minlength=count)
        across = (2 * letters.left + letters.width - (start + end)[line]) / np.maximum(1, end - start)[line]
        curve = _baselines(across, letters, line, count)
        base = (curve[line] * np.stack([np.ones(len(line)), across, across**2], 1)).sum(1)
        up, down = base - letters.top, letters.bottom - base
        around = np.add.reduceat(letters.width * letters.height, first)
        return cls(
            box,
            curve,
            start,
            end,
            _quantile(up, line, number, 0.5),
            _quantile(up, line, number, 0.9),
            np.maximum(0.0, _quantile(down, line, number, 0.9)),
            number,
            np.add.reduceat(letters.ink, first) / np.maximum(1, around),
        )

    def only(self, chosen: Chosen | Numbers) -> "_Fitted":
        return _Fitted(*(getattr(self, name)[chosen] for name in self.__slots__))

    def worth(self, dpi: float) -> Numbers:
        """Those that may be text; the `MOST` largest of them."""
        width = self.end - self.start
        alone = self.letters == 1
        usual = float(np.median(np.repeat(self.rise, self.letters)))
        readable = (self.rise >= 0.035 * dpi) & (self.ink >= 0.1)
        tall = self.rise > 1.6 * usual
        single = (self.rise >= 0.6 * usual) & (width < 6 * self.rise) & ~(tall & (width < 0.3 * self.rise))
        kept = np.flatnonzero(readable & (~alone | single))
        largest = kept[np.argsort(-(width * self.rise)[kept], kind="stable")]
        return np.sort(largest[:MOST])

    def beside(self, seen: Found) -> "_Fitted":
        """Widened to the marks that stand next to the letters."""
        box = self.box.copy()
        marks = Marks(np.concatenate([seen.small.boxes, seen.misfits.boxes, seen.letters.boxes]))
        middle = marks.top + marks.height / 2
        order = np.argsort(middle, kind="stable")
        marks, middle = marks.only(order), middle[order]
        base, rise = self._middle(), self.rise
        lows = np.searchsorted(middle, base - 1.1 * rise)
        highs = np.searchsorted(middle, base + 0.25 * rise)
        for place, (low, high) in enumerate(zip(lows.tolist(), highs.tolist(), strict=True)):
            if low < high:
                near = marks.only(np.arange(low, high))
                fits = near.only(
                    (near.height <= 2.5 * rise[place])
                    & (near.width <= 2 * rise[place])
                    & (np.maximum(near.height, near.width) >= 0.12 * rise[place])
                    & (near.width >= 0.25 * near.height)
                )
                box[place, 0], box[place, 2] = _widened(
                    int(box[place, 0]), int(box[place, 2]), fits, _NEAR * rise[place]
                )
        return _Fitted(box, *(getattr(self, name) for name in self.__slots__[1:]))

    def rows(self, pixels: Grey) -> Numbers:
        """Of each line, the number of the row that it is a part of: parts that have a mark or a stain between them."""
        row = np.arange(len(self.rise))
        left, right, base = self.box[:, 0], self.box[:, 2], self._middle()
        low, high = np.minimum(self.rise[:, None], self.rise), np.maximum(self.rise[:, None], self.rise)
        after = (left + right)[:, None] < left + right
        level = (np.abs(self._at(right)[:, None] - self._at(left)) < 0.25 * low) & (high < 1.6 * low)
        gap = left - right[:, None]
        for one, other in np.argwhere(after & level & (gap < 1.5 * low)).tolist():
            if gap[one, other] <= 0 or _stained(pixels, (right[one], left[other]), base[one], self.rise[one]):
                row[row == row[other]] = row[one]
        return np.unique(row, return_inverse=True)[1].astype(np.int64)

    def _at(self, x: Numbers) -> Reals:
        """Each line's baseline at a place."""
        across = (2 * x - self.start - self.end) / np.maximum(1, self.end - self.start)
        across = np.clip(across, -1.2, 1.2)
        return np.asarray(self.curve[:, 0] + (self.curve[:, 1] + self.curve[:, 2] * across) * across, np.float64)

    def within_others(self) -> Chosen:
        """Lines that stand, mostly, within the strip of a larger one."""
        base = self._middle()
        up, down = base - 1.3 * self.rise, base + np.maximum(self.fall, 0.35 * self.rise)
        left, top, right, bottom = self.box.T
        wide = np.minimum(right[:, None], right) - np.maximum(left[:, None], left)
        high = np.minimum(bottom[:, None], down) - np.maximum(top[:, None], up)
        shared = np.clip(wide, 0, None) * np.clip(high, 0, None)
        size = (right - left) * (bottom - top)
        held = (shared >= 0.7 * size[:, None]) & (self.letters[:, None] < self.letters)
        return np.asarray(held.any(1), np.bool_)

    def _middle(self) -> Reals:
        return self.curve[:, 0]

    def lines(self) -> tuple[Line, ...]:
        """From top to bottom."""
        half, centre = np.maximum(1, self.end - self.start) / 2, (self.start + self.end) / 2
        slope, bend = self.curve[:, 1] / half, self.curve[:, 2] / half**2
        off = self.box[:, 0] - centre
        c0 = self.curve[:, 0] + slope * off + bend * off**2
        c1 = slope + 2 * bend * off
        rows = zip(
            self.box.tolist(), c0.tolist(), c1.tolist(), bend.tolist(),
            self.x_height.tolist(), self.rise.tolist(), self.fall.tolist(), self.letters.tolist(), strict=True,
        )
        made = [
            Line(box[0], box[2], (at, climb, bent), x_height, rise, fall, letters)
            for box, at, climb, bent, x_height, rise, fall, letters in rows
        ]
        return tuple(sorted(made, key=lambda line: (line.top, line.left)))


def _stained(pixels: Grey, across: tuple[int, int], base: float, rise: float) -> bool:
    """Whether there is ink between two parts of a line, which hides letters."""
    part = pixels[max(0, int(base - rise)) : max(0, int(base)), across[0] : across[1]]
    return part.size > 0 and float((part.min(axis=0) <= MIDDLE).mean()) > 0.3  # noqa: PLR2004


def _widened(left: int, right: int, marks: Marks, reach: float) -> tuple[int, int]:
    """Until nothing stands within reach, `_ROUNDS` times at most."""
    for _ in range(_ROUNDS):
        near = (marks.right > left - reach) & (marks.left < right + reach)
        if not near.any():
            break
        left, right = min(left, int(marks.left[near].min())), max(right, int(marks.right[near].max()))
    return left, right


def _baselines(across: Reals, letters: Marks, line: Numbers, count: int) -> Reals:
    """Least squares over the letters' feet, those that hang beneath or stand above weighing little.

    Tukey's biweight; short lines are held level.
    """
    feet = letters.bottom.astype(np.float64)
    number = np.bincount(line, minlength=count)
    curve = np.zeros((count, 3))
    curve[:, 0] = _quantile(feet, line, number, 0.5)
    powers = np.stack([np.ones(len(line)), across, across**2], 1)
    size = _quantile(letters.height.astype(np.float64), line, number, 0.5)
    steady = np.array([1e-6, 2.0, 4.0])
    for width in (0.7, 0.4, 0.25):
        off = feet - (curve[line] * powers).sum(1)
        weight = np.clip(1 - (off / np.maximum(2.0, width * size[line])) ** 2, 0, 1) ** 2
        weighted = powers * weight[:, None]
        normal = np.zeros((count, 3, 3))
        aim = np.zeros((count, 3))
        for i in range(3):
            aim[:, i] = np.bincount(line, weighted[:, i] * off, count)
            for j in range(3):
                normal[:, i, j] = np.bincount(line, weighted[:, i] * powers[:, j], count)
        normal += np.diag(steady)
        aim -= steady * curve * np.array([0.0, 1.0, 1.0])
        curve += np.linalg.solve(normal, aim[:, :, None])[:, :, 0]
    return curve


def _quantile(values: Reals, line: Numbers, number: Numbers, share: float) -> Reals:
    """Of each line's values; `line` ascends."""
    order = np.lexsort((values, line))
    first = np.cumsum(number) - number
    return np.asarray(values[order][first + np.rint(share * (number - 1)).astype(np.intp)], np.float64)
