"""A line of text as a strip that a recogniser reads by itself, and its words' places back on the copy."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.formats.pixels import Grey
from pipeline.model import Word
from pipeline.reading.letters import INK_TO
from pipeline.reading.lines import Line

HEIGHT: Final = 36
"""Pixels of a strip: what Tesseract's networks take, so that it resamples nothing."""
DPI: Final = 300
"""Said of a strip, whatever its copy has."""
_MARGIN: Final = 0.03
"""Of the rise, at both ends; with more, a `_` is read before the line."""
_AFTER: Final = 0.1
"""Of the rise, more at the right end, without which a last colon is not read."""
_LEAST_WIDTH: Final = 12
_BENT: Final = 0.06
"""Of the rise: how far a baseline may leave its level before the strip is straightened."""
_OFF: Final = 8
"""Pixels of a strip by which a recogniser may misplace a word's end."""


@dataclass(frozen=True, slots=True)
class Read:
    """A word that was read on a strip."""

    text: str
    x0: float
    x1: float
    """Where it begins and ends, in the strip's pixels."""
    confidence: float
    """0 to 100."""


@dataclass(frozen=True, slots=True)
class Strip:
    """A line cut out of a copy, level and `HEIGHT` pixels high."""

    line: Line
    pixels: Grey
    left: float
    """Of the strip, in the copy's pixels."""
    scale: float
    """Pixels of the strip for one of the copy, along the line."""

    def words(self, read: Sequence[Read], number: int) -> Iterator[Word]:
        """The words on the copy, each from its first ink to its last, on the baseline; `number`: of the line."""
        for word, (x0, x1) in zip(read, _on_ink(self._inked(), read), strict=True):
            left, right = self.left + x0 / self.scale, self.left + x1 / self.scale
            y0, y1 = self.line.y(left), self.line.y(right)
            yield Word(word.text, left, y0, right, y1, self.line.height, word.confidence, number)

    def _inked(self) -> NDArray[np.bool_]:
        """Columns that have ink."""
        return np.asarray(self.pixels.min(axis=0) <= INK_TO, np.bool_)


def strip(pixels: Grey, line: Line, narrowed: float = 1.0) -> Strip:
    """The line as a strip; `narrowed`: by how much its letters become narrower."""
    up, down = line.reach
    margin = int(_MARGIN * line.rise) + 2
    left, right = max(0, line.left - margin), min(pixels.shape[1], line.right + margin + int(_AFTER * line.rise))
    high = max(2, round(up + down))
    cut = _cut(pixels, line, (left, right), up, high)
    if line.light:
        cut = ~cut
    scale = HEIGHT / high * narrowed
    width = max(_LEAST_WIDTH, round((right - left) * scale))
    way = cv2.INTER_AREA if high > HEIGHT else cv2.INTER_LINEAR
    return Strip(
        line, np.asarray(cv2.resize(cut, (width, HEIGHT), interpolation=way), np.uint8), left, width / (right - left)
    )


def _cut(pixels: Grey, line: Line, ends: tuple[int, int], up: float, high: int) -> Grey:
    """The line's part of the copy, straightened where its baseline is not level; white beyond the page."""
    x = np.arange(*ends, dtype=np.float32) - line.left
    c0, c1, c2 = line.baseline
    lies = c0 + (c1 + c2 * x) * x - up
    top = round(float(np.median(lies)))
    if float(np.ptp(lies)) > max(1.5, _BENT * line.rise):
        low, up_to = max(0, int(lies.min())), min(pixels.shape[0], int(lies.max()) + high + 2)
        rows = np.arange(high, dtype=np.float32)[:, None] + (lies - low).astype(np.float32)
        columns = np.broadcast_to(np.arange(len(x), dtype=np.float32), rows.shape)
        part = np.ascontiguousarray(pixels[low:up_to, ends[0] : ends[1]])
        return np.asarray(
            cv2.remap(
                part, columns.copy(), rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=(255.0,)
            ),
            np.uint8,
        )
    part = pixels[max(0, top) : max(0, top + high), ends[0] : ends[1]]
    above = min(high, max(0, -top))
    below = high - above - part.shape[0]
    if above or below:
        return np.asarray(cv2.copyMakeBorder(part, above, below, 0, 0, cv2.BORDER_CONSTANT, value=(255.0,)), np.uint8)
    return part


def _on_ink(inked: NDArray[np.bool_], read: Sequence[Read]) -> list[tuple[float, float]]:
    """Each word's first and last ink; words part at the widest gap near where the recogniser says."""
    white = np.flatnonzero(~inked)
    starts = white[np.flatnonzero(np.diff(white, prepend=-2) > 1)]
    ends = white[np.flatnonzero(np.diff(white, append=len(inked) + 2) > 1)] + 1
    parts = [max(0.0, read[0].x0 - _OFF)] if read else []
    for one, other in pairwise(read):
        end = (
            one.x1 if one.x1 <= other.x0 + _OFF else other.x0
        )  # now and then a word is said to go on to the line's end
        parts.append(_parting(starts, ends, min(end, other.x0), max(end, other.x0)))
    if read:
        parts.append(min(float(len(inked)), read[-1].x1 + _OFF))
    parts = list(np.maximum.accumulate(parts))
    black = np.flatnonzero(inked)
    found: list[tuple[float, float]] = []
    for word, low, high in ((word, *ends_of) for word, ends_of in zip(read, pairwise(parts), strict=True)):
        first, last = np.searchsorted(black, low), np.searchsorted(black, high)
        found.append((float(black[first]), float(black[last - 1] + 1)) if first < last else (word.x0, word.x1))
    return found


def _parting(starts: NDArray[np.intp], ends: NDArray[np.intp], low: float, high: float) -> float:
    """Between two words: the middle of the widest gap near it, or of what was read."""
    near = np.flatnonzero((starts < high + _OFF) & (ends > low - _OFF))
    middle = (low + high) / 2
    if not len(near):
        return middle
    wide = np.minimum(ends[near], high + 2 * _OFF) - np.maximum(starts[near], low - 2 * _OFF)
    away = np.abs((starts[near] + ends[near]) / 2 - middle)
    best = near[int(np.argmax(wide - 0.5 * away))]
    return float((starts[best] + ends[best]) / 2)
