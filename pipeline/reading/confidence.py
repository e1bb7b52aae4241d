"""What of a page's ink stands in no word to rely on: handwriting, mostly, which no engine here reads.

Told by the ink alone: strokes as tall as letters, close to each other along a line, on a copy where the words that were
read are covered. What is drawn, punched or a border is no stroke: too tall, too solid, at the edge, or alone.
"""

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.clean import Readable
from pipeline.formats.pixels import Grey
from pipeline.model import RecognisedPage, Word

RELIED_ON: Final = 40.0
"""Of 100: a word with less says next to nothing. The figures are in docs/reference/text-layer.md."""
_SURE: Final = 60.0
_FEW: Final = 20
"""Letters of words read with `_SURE`: with fewer, next to nothing was read of the page."""
_MM: Final = 100 / 25.4
"""Pixels a millimetre of the reduced copy on which strokes are looked for."""
_LARGEST: Final = 20_000_000
"""Pixels of the reduced copy: A0 has 16 million; what is larger is not looked at."""
_INK: Final = 170
"""Level up to which a pixel is ink there: a hairline, reduced, is grey."""
_TALL: Final = (1.0 * _MM, 15.0 * _MM)
_WIDE: Final = 80.0 * _MM
_UPRIGHT: Final = (0.6 * _MM, 8.0 * _MM)
"""Thinner than the first and taller than the second: what is left of a rule."""
_SOLID: Final = 0.75
"""Share of its box that a stroke fills at most; what is smaller than `_SMALL` may fill more."""
_SMALL: Final = 4.0 * _MM**2
_EDGE: Final = 4.0 * _MM
_APART: Final = round(5.0 * _MM) | 1
"""Between two strokes of a line."""
_AROUND: Final = round(8.0 * _MM)
"""Half of what may lie between two lines of a zone, beside or beneath each other."""
_WORD: Final = (1.15, 0.4)
"""How far a word's ink goes above and below its baseline, in heights of its line."""

_Boxes = NDArray[np.intp]
"""(count, 4): left, top, right, bottom."""


class _Least(NamedTuple):
    """From what on ink is told: strokes in a line, its length, the length of all such lines."""

    strokes: int
    line: float
    enough: float


_ON_A_READ_PAGE: Final = _Least(3, 20.0 * _MM, 60.0 * _MM)
"""Two words by hand, and some line of them: a signature, a stamp, a doubtful number alone are not told."""
_ON_A_BARE_PAGE: Final = _Least(1, 6.0 * _MM, 6.0 * _MM)
"""A word by hand is all that there is on the page."""


def not_read(copy: Readable, words: Sequence[Word]) -> int:
    """Zones of a copy that look written and were not read: of one line, or of several that lie beneath each other.

    `words`: what was read, in pixels of the copy.
    """
    scale = 25.4 * _MM / copy.dpi
    if copy.pixels.size * scale**2 > _LARGEST:
        return 0
    read = [word for word in words if word.confidence >= RELIED_ON]
    sure = sum(word.letters for word in words if word.confidence >= _SURE)
    least = _ON_A_READ_PAGE if sure >= _FEW else _ON_A_BARE_PAGE
    strokes = _strokes(_reduced(copy.pixels, scale), read, scale)
    lines = _lines(strokes, least.strokes) if len(strokes) else strokes
    lengths = lines[:, 2] - lines[:, 0]
    told = lengths >= least.line
    return _zones(lines[told]) if float(lengths[told].sum()) >= least.enough else 0


def places_not_read(page: RecognisedPage) -> int:
    """The same of a page that was read: one at least where no word on it is to be relied on."""
    relied_on = any(word.confidence >= RELIED_ON and word.letters for word in page.words)
    return max(page.not_read, 0 if relied_on else 1)


def _reduced(pixels: Grey, scale: float) -> Grey:
    height, width = (max(1, round(side * scale)) for side in pixels.shape)
    return np.asarray(cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _strokes(pixels: Grey, read: Sequence[Word], scale: float) -> _Boxes:
    """Pieces of ink that may be letters, or letters that a hand joined, and whose middle lies in none of the words."""
    ink = (pixels <= _INK).astype(np.uint8)
    _, _, boxes, centres = cv2.connectedComponentsWithStats(ink, connectivity=8)
    left, top, wide, tall, area = (boxes[1:, column] for column in range(5))
    across, down = centres[1:, 0], centres[1:, 1]
    like_letters = (tall >= _TALL[0]) & (tall <= _TALL[1]) & (wide <= _WIDE)
    rule = (wide < _UPRIGHT[0]) & (tall > _UPRIGHT[1])
    solid = (area > _SOLID * wide * tall) & (wide * tall > _SMALL)
    inner = (np.minimum(across, ink.shape[1] - across) > _EDGE) & (np.minimum(down, ink.shape[0] - down) > _EDGE)
    covered = _covered(ink.shape, read, scale)[down.astype(np.intp), across.astype(np.intp)] > 0
    kept = like_letters & inner & ~(rule | solid | covered)
    return np.asarray(np.stack((left, top, left + wide, top + tall), axis=1)[kept], np.intp)


def _covered(shape: tuple[int, ...], words: Sequence[Word], scale: float) -> Grey:
    """The words' ink as filled boxes, 1 on 0."""
    covered = np.zeros(shape, np.uint8)
    for word in words:
        ends = np.array([[word.x0, word.y0], [word.x1, word.y1]])
        along = ends[1] - ends[0]
        up = np.array([along[1], -along[0]]) / (math.hypot(*along) or 1.0) * word.height
        corners = np.concatenate((ends + _WORD[0] * up, ends[::-1] - _WORD[1] * up)) * scale
        cv2.fillPoly(covered, [corners.astype(np.int32)], (1,))
    return covered


def _lines(strokes: _Boxes, least: int) -> _Boxes:
    """Boxes of strokes that lie beside each other, so many at least."""
    left, top, right, low = strokes.T
    middles = _drawn(np.stack((left, (3 * top + low) // 4, right, (top + 3 * low) // 4), axis=1))
    closed = cv2.morphologyEx(middles, cv2.MORPH_CLOSE, np.ones((1, _APART), np.uint8))
    count, labels, boxes, _ = cv2.connectedComponentsWithStats(closed, connectivity=8)
    counted = np.bincount(labels[(top + low) // 2, (left + right) // 2], minlength=count)[1:]
    lines = boxes[1:][counted >= least]
    return np.concatenate((lines[:, :2], lines[:, :2] + lines[:, 2:4]), axis=1).astype(np.intp)


def _zones(lines: _Boxes) -> int:
    grown = lines + np.array([0, 0, 2 * _AROUND, 2 * _AROUND])
    return int(cv2.connectedComponents(_drawn(grown), connectivity=8)[0]) - 1


def _drawn(boxes: _Boxes) -> Grey:
    """Filled boxes, 1 on 0."""
    width, height = boxes[:, 2:].max(axis=0) + 1
    drawn = np.zeros((height, width), np.uint8)
    for left, top, right, bottom in boxes.tolist():
        drawn[top : max(bottom, top + 1), left:right] = 1
    return drawn
