"""A page read in two parts: its identity zone before the gate, the rest after it, cut at a row that crosses no word."""

from dataclasses import dataclass, field, replace
from typing import Final

import cv2
import numpy as np

from pipeline.clean import MIDDLE, Readable
from pipeline.formats.pixels import Grey
from pipeline.model import Word

_MM_PER_INCH: Final = 25.4
_REACH_MM: Final = 12.0
"""How far above the zone's edge a row to cut at is searched: two lines of text have one between them."""
_RULE_MM: Final = 8.0
"""A vertical stroke from this height on is a form's rule or a fold, and may be cut; no letter is as tall."""
_GAP: Final = 3
"""Rows without ink, one beneath the other, between which a page is cut."""
_SPECKS: Final = 2
"""Pixels of ink that such a row may have: dust."""
_MARGIN: Final = 30
"""White rows put at the cut: without them, the line beside it is read badly."""
_TOO_LIGHT: Final = 20
"""Grey levels above `MIDDLE` from which a part's own threshold would take its paper's noise for ink."""
_AROUND: Final = 9
"""Pixels; around ink, the greys of its edges stay."""
_WHITE: Final = 255


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of a page's copy, to be read alone."""

    copy: Readable
    """In its own pixels; `to_stored` is not to be used."""
    top: int
    """Of the page's copy: the row of the part's first one."""

    def on_page(self, words: tuple[Word, ...], first_line: int = 0) -> tuple[Word, ...]:
        """The part's words in pixels of the page's copy, their lines numbered from `first_line`."""
        return tuple(
            replace(word, y0=word.y0 + self.top, y1=word.y1 + self.top, line=word.line + first_line) for word in words
        )


@dataclass(frozen=True, slots=True)
class Zone:
    """The identity zone of a copy and, where the page may be cut at its lower edge, the row of the cut."""

    part: Part
    cut: int | None
    pixels: Grey = field(repr=False)
    """Of the part, without margin."""


def zone_of(copy: Readable, share: float) -> Zone:
    """The upper `share` of a page's copy, down to the lowest row in it at which no word is cut, where there is one."""
    height = max(1, round(copy.pixels.shape[0] * share))
    cut = _cut(copy.pixels[:height], copy.dpi)
    rows = copy.pixels[: cut or height]
    return Zone(Part(_readable(copy, rows, (0, _MARGIN if cut else 0)), 0), cut, rows)


def beneath(copy: Readable, cut: int) -> Part:
    """The rest of a page's copy."""
    return Part(_readable(copy, copy.pixels[cut:], (_MARGIN, 0)), cut - _MARGIN)


def joined(upper: tuple[Word, ...], part: Part, lower: tuple[Word, ...]) -> tuple[Word, ...]:
    """The words of both parts in pixels of the page's copy, the zone's first, no line of both."""
    return (*upper, *part.on_page(lower, 1 + max((word.line for word in upper), default=-1)))


def _cut(zone: Grey, dpi: int) -> int | None:
    """The middle of the lowest gap in the zone's last rows; None where there is none (a column of text beside it)."""
    height, _ = zone.shape
    reach = min(height, round(_REACH_MM / _MM_PER_INCH * dpi))
    first = height - reach
    ink = (zone[first:] <= MIDDLE).astype(np.uint8)
    free = np.count_nonzero(ink & ~_rules(ink, dpi), axis=1) <= _SPECKS
    gaps = np.flatnonzero(np.convolve(free, np.ones(_GAP, np.intp), "valid") == _GAP)
    return first + int(gaps[-1]) + _GAP // 2 if len(gaps) else None


def _rules(ink: Grey, dpi: int) -> Grey:
    """Where the ink is a stroke that stands, with its frayed edges."""
    tall = np.ones((max(1, round(_RULE_MM / _MM_PER_INCH * dpi)), 1), np.uint8)
    return np.asarray(cv2.dilate(cv2.morphologyEx(ink, cv2.MORPH_OPEN, tall), np.ones((1, 5), np.uint8)), np.uint8)


def _readable(copy: Readable, rows: Grey, margins: tuple[int, int]) -> Readable:
    return replace(copy, pixels=np.pad(_as_of_the_page(rows), (margins, (0, 0)), constant_values=_WHITE))


def _as_of_the_page(rows: Grey) -> Grey:
    """The rows with clean paper, where Tesseract would find their own threshold in the paper's noise.

    It takes one threshold for all that it is given (Otsu). The copy's is at `MIDDLE`, for the whole page; a part
    with little ink has it far above, and bleed-through is read as text there.
    """
    threshold, _ = cv2.threshold(rows, 0, _WHITE, cv2.THRESH_OTSU)
    if threshold <= MIDDLE + _TOO_LIGHT:
        return rows
    near = cv2.dilate((rows <= MIDDLE).astype(np.uint8), np.ones((_AROUND, _AROUND), np.uint8))
    return np.where(near > 0, rows, np.uint8(_WHITE))
