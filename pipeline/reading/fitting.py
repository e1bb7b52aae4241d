"""Letters that stand side by side as lines: their baselines, how high they rise, what else belongs to them."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.formats.pixels import Grey
from pipeline.reading.letters import INK_TO, Chosen, Found, Marks, Numbers

Reals = NDArray[np.float64]

MOST: Final = 600
"""Lines of a page; noise and photographs end there, and the smallest are left out."""
_NEAR: Final = 1.45
"""Of the line's rise, how far beyond its letters what belongs to it may stand: a colon, a quotation mark."""
_ROUNDS: Final = 2
_FAINT, _SOLID, _BLOCK = 0.1, 0.25, 0.72
"""Share of the letters' boxes that is ink: of any line at least, of one large letter by itself at least, at most."""
_BODY: Final = 0.5
"""Of the height of a line's larger letters, from which a piece of ink has a say on where the line stands."""
_HIDDEN: Final = 3.0
"""Of the rise: the widest gap that ink may hide."""
_STAINED: Final = 0.3
"""Share of the gap between two parts of a line that has ink, from which they are read as one."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """Lines of letters, each a place in every array; in pixels."""

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
    """How many there are, without what is far smaller than most."""
    ink: Reals
    """Share of the letters' boxes."""

    @classmethod
    def to(cls, letters: Marks, line: Numbers, count: int) -> "Fitted":
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
        around = np.add.reduceat(letters.width * letters.height, first)
        ink = np.add.reduceat(letters.ink, first) / np.maximum(1, around)
        usual = _quantile(letters.height.astype(np.float64), line, np.bincount(line, minlength=count), 0.75)
        body = letters.height >= _BODY * usual[line]
        letters, line = letters.only(body), line[body]
        number = np.bincount(line, minlength=count)
        across = (2 * letters.left + letters.width - (start + end)[line]) / np.maximum(1, end - start)[line]
        curve = _baselines(across, letters, line, count)
        base = (curve[line] * np.stack([np.ones(len(line)), across, across**2], 1)).sum(1)
        half, nearly_all = (_quantile(base - letters.top, line, number, share) for share in (0.5, 0.9))
        fall = _quantile(letters.bottom - base, line, number, 0.9)
        return cls(box, curve, start, end, half, nearly_all, np.maximum(0.0, fall), number, ink)

    def only(self, chosen: Chosen | Numbers) -> "Fitted":
        return Fitted(*(getattr(self, name)[chosen] for name in self.__slots__))

    def worth(self, dpi: float) -> Numbers:
        """Those that may be text; the `MOST` largest of them."""
        width = self.end - self.start
        alone = self.letters == 1
        usual = float(np.median(np.repeat(self.rise, self.letters)))
        readable = (self.rise >= 0.035 * dpi) & (self.ink >= _FAINT)
        tall = self.rise > 1.6 * usual
        stroke = tall & ((width < 0.3 * self.rise) | (width > 3 * self.rise) | (self.ink < _SOLID))
        stroke |= (self.ink > _BLOCK) & (width > 0.4 * self.rise)
        single = (self.rise >= 0.6 * usual) & (width < 6 * self.rise) & ~stroke
        kept = np.flatnonzero(readable & (~alone | single))
        largest = kept[np.argsort(-(width * self.rise)[kept], kind="stable")]
        return np.sort(largest[:MOST])

    def beside(self, seen: Found) -> "Fitted":
        """Widened to the marks that stand next to the letters."""
        box = self.box.copy()
        marks = Marks(np.concatenate([seen.small.boxes, seen.misfits.boxes, seen.letters.boxes]))
        middle = marks.top + marks.height / 2
        order = np.argsort(middle, kind="stable")
        marks, middle = marks.only(order), middle[order]
        base, rise = self._middle(), self.rise
        reach = (_NEAR * np.maximum(rise, 1.3 * self.x_height)).tolist()
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
                box[place, 0], box[place, 2] = _widened(int(box[place, 0]), int(box[place, 2]), fits, reach[place])
        return Fitted(box, *(getattr(self, name) for name in self.__slots__[1:]))

    def rows(self, pixels: Grey) -> Numbers:
        """Of each line, the number of the row that it is a part of: parts that have a mark or a stain between them."""
        row = np.arange(len(self.rise))
        left, right, base = self.box[:, 0], self.box[:, 2], self._middle()
        low, high = np.minimum(self.rise[:, None], self.rise), np.maximum(self.rise[:, None], self.rise)
        after = (left + right)[:, None] < left + right
        level = (np.abs(self._at(right)[:, None] - self._at(left)) < 0.25 * low) & (high < 1.6 * low)
        gap = left - right[:, None]
        for one, other in np.argwhere(after & level & (gap < _HIDDEN * low)).tolist():
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

    def touched(self, marks: Marks) -> Chosen:
        """Marks that reach into a line's box."""
        left, top, right, bottom = self.box.T
        across = (marks.left[:, None] < right) & (marks.right[:, None] > left)
        along = (marks.top[:, None] < bottom) & (marks.bottom[:, None] > top)
        return np.asarray((across & along).any(1), np.bool_)

    def _middle(self) -> Reals:
        return self.curve[:, 0]


def _stained(pixels: Grey, across: tuple[int, int], base: float, rise: float) -> bool:
    """Whether there is ink between two parts of a line, which hides letters."""
    part = pixels[max(0, int(base - rise)) : max(0, int(base)), across[0] : across[1]]
    return part.size > 0 and float((part.min(axis=0) <= INK_TO).mean()) > _STAINED


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
