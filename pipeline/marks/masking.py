"""A strip that shows some words and nothing else: all is painted black, and of each word its own ink is drawn anew.

No pixel of the scan is uncovered. What lies near a word, above it, beneath it, joined to it, or shines through beside
it, is not drawn: the margin around a word is white because it was painted white.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.formats.pixels import Grey
from pipeline.model import Word

_INK: Final = 127
"""Grey level up to which a pixel is ink."""
_RULE_INCHES: Final = 0.32
"""Straight runs of ink from this length on are a form's rules: no letter is so wide."""
_MARGIN: Final = 0.6
"""Of the word's height: white around its own ink."""
_ASCENT: Final = 1.0
_DESCENT: Final = 0.32
_ACCENT: Final = 1.15
"""Of the word's height: the letters' band above and beneath the baseline, and how far a capital's accent rises."""
_ASIDE: Final = 0.12
"""Of the word's height: how far a letter may stand out of the box that it was read in."""
_COVERED: Final = 0.55
"""Share of a word's width that must be its own ink, gaps between letters closed: less is a ruin nobody can read."""
_SPECK: Final = 0.04
"""Of the word's height, squared: smaller marks are dust."""

_Mask = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Shown:
    """One word as it is shown: its own ink, and where its white box stands, in pixels of the copy."""

    word: Word
    box: tuple[int, int, int, int]
    """Left, top, right, bottom; right and bottom are outside."""
    band: tuple[int, int, int, int]
    """The same without the margin: the word's letters alone."""
    ink: _Mask
    """Of the box's size: 1 where ink is drawn."""


@dataclass(frozen=True, slots=True)
class _Marks:
    """The connected marks of a copy, its rules taken out."""

    labels: NDArray[np.int32]
    boxes: NDArray[np.int32]
    centres: NDArray[np.float64]

    @classmethod
    def of(cls, pixels: Grey, dpi: int) -> "_Marks":
        ink = _without_rules((pixels <= _INK).astype(np.uint8), max(3, round(_RULE_INCHES * dpi)))
        _, labels, boxes, centres = cv2.connectedComponentsWithStats(ink, connectivity=8)
        return cls(np.asarray(labels, np.int32), np.asarray(boxes, np.int32), np.asarray(centres, np.float64))


def cut_out(pixels: Grey, dpi: int, wanted: Sequence[Word], others: Sequence[Word]) -> tuple[Shown, ...]:
    """The words of a copy as they may be shown; a word whose ink cannot be told from what is around it is left out.

    `others` are all other words that were read there: nothing of what may be theirs is drawn.
    """
    marks = _Marks.of(pixels, dpi)
    forbidden = np.zeros(len(marks.boxes), bool)
    forbidden[0] = True
    for other in others:
        forbidden[_within(marks, other)] = True
    return tuple(shown for word in wanted if (shown := _cut_out(marks, word, forbidden)) is not None)


def paint(size: tuple[int, int], shown: Sequence[Shown]) -> Grey:
    """The strip, (height, width), 0 or 255: black, and each word in black on its own white box."""
    strip = np.zeros(size, np.uint8)
    for one in shown:
        left, top, right, bottom = one.box
        strip[top:bottom, left:right] = 255
    return _inked(strip, shown)


def on_paper(size: tuple[int, int], shown: Sequence[Shown]) -> Grey:
    """The same words on white paper: what is read to see that they say what they must."""
    return _inked(np.full(size, 255, np.uint8), shown)


def _inked(strip: Grey, shown: Sequence[Shown]) -> Grey:
    for one in shown:
        left, top, right, bottom = one.box
        strip[top:bottom, left:right][one.ink > 0] = 0
    return strip


def _cut_out(marks: _Marks, word: Word, forbidden: NDArray[np.bool_]) -> Shown | None:
    own = [mark for mark in _whole(marks, word) if not forbidden[mark]]
    if not own:
        return None
    sides = marks.boxes[own]
    left, top = int(sides[:, cv2.CC_STAT_LEFT].min()), int(sides[:, cv2.CC_STAT_TOP].min())
    right = int((sides[:, cv2.CC_STAT_LEFT] + sides[:, cv2.CC_STAT_WIDTH]).max())
    bottom = int((sides[:, cv2.CC_STAT_TOP] + sides[:, cv2.CC_STAT_HEIGHT]).max())
    margin = max(1, round(_MARGIN * word.height))
    high, wide = marks.labels.shape
    middle = (word.y0 + word.y1) / 2  # words of a line have their boxes at one height
    top, bottom = min(top, round(middle - word.height)), max(bottom, round(middle + _DESCENT * word.height))
    box = max(0, left - margin), max(0, top - margin), min(wide, right + margin), min(high, bottom + margin)
    ink = np.isin(marks.labels[box[1] : box[3], box[0] : box[2]], own).astype(np.uint8)
    return Shown(word, box, (left, top, right, bottom), ink) if _is_whole(ink, word) else None


def _whole(marks: _Marks, word: Word) -> Iterator[int]:
    """Marks that lie wholly within the word's box; what leaves it is joined to something else."""
    lefts, tops = marks.boxes[:, cv2.CC_STAT_LEFT], marks.boxes[:, cv2.CC_STAT_TOP]
    rights, bottoms = lefts + marks.boxes[:, cv2.CC_STAT_WIDTH], tops + marks.boxes[:, cv2.CC_STAT_HEIGHT]
    aside = _ASIDE * word.height
    levels = _baseline(word, marks.centres[:, 0])
    within = (lefts >= word.x0 - aside) & (rights <= word.x1 + aside)
    within &= (tops >= levels - _ACCENT * word.height) & (bottoms <= levels + _DESCENT * word.height)
    within &= tops < levels + aside  # what begins beneath the baseline is the next line's
    within &= bottoms > levels - _ASCENT * word.height
    within &= marks.boxes[:, cv2.CC_STAT_AREA] >= (_SPECK * word.height) ** 2
    for mark in np.flatnonzero(within):
        if mark:
            yield int(mark)


def _within(marks: _Marks, word: Word) -> NDArray[np.bool_]:
    """Marks of which the middle lies in the word's letters."""
    across, down = marks.centres[:, 0], marks.centres[:, 1]
    levels = _baseline(word, across)
    within: NDArray[np.bool_] = (across >= word.x0) & (across <= word.x1)
    return within & (down >= levels - 0.9 * word.height) & (down <= levels + 0.25 * word.height)


def _baseline(word: Word, across: NDArray[np.float64]) -> NDArray[np.float64]:
    slope = (word.y1 - word.y0) / max(1.0, word.x1 - word.x0)
    return np.asarray(word.y0 + slope * (across - word.x0), np.float64)


def _is_whole(ink: _Mask, word: Word) -> bool:
    gap = max(1, round(0.3 * word.height))
    columns = cv2.dilate(ink.max(axis=0, keepdims=True), np.ones((1, gap), np.uint8))
    return cv2.countNonZero(columns) >= _COVERED * (word.x1 - word.x0)


def _without_rules(ink: _Mask, length: int) -> _Mask:
    """The ink without the straight lines of forms, level and upright."""
    rules = np.zeros_like(ink)
    for shape in ((1, length), (length, 1)):
        line = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones(shape, np.uint8))
        rules |= np.asarray(cv2.dilate(line, np.ones((3, 3), np.uint8)), np.uint8)
    return np.where(rules > 0, np.uint8(0), ink)
