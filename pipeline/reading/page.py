"""Reading one page: a first attempt, a better one where the page calls for it, a simpler one where time runs out."""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from pipeline.clean import MIDDLE, Affine, Readable, halved, readable
from pipeline.formats.pixels import Grey
from pipeline.model import UNREAD, PageImage, RecognisedPage, Word
from pipeline.reading.hocr import confident, letters
from pipeline.reading.tesseract import Layout, UnreadError, read_turns, read_words, write_copy

_CONFIDENT: Final = 60.0
"""Of 100: the confidence from which a word counts when attempts are compared."""
_WEAK_SHARE: Final = 0.3
"""Share of letters read with confidence; upside-down pages stay below (invented ones: to 0.15; upright from 0.39)."""
_FEW: Final = 20
"""Letters; a page with fewer is not judged by shares."""
_SAME: Final = 0.8
_BETTER: Final = 1.5
"""How much of the confident letters another turn must bring, for a page read on its side, and for one read badly."""
_BLANK_INK: Final = 0.0005
"""Share of ink under which there is nothing to search for."""
_MISSED: Final = 0.08
"""Share of letter-like marks outside all words from which the page is read again without layout analysis."""
_FIRST_SHARE: Final = 0.7
"""Of a page's time; the rest is kept for a simpler attempt."""
_AUTOMATIC: Final = 3
_ONE_BLOCK: Final = 6
"""Tesseract's page segmentation: full layout analysis; one block of text, which rules and columns do not stop."""


@dataclass(frozen=True, slots=True)
class _Attempt:
    copy: Readable
    words: tuple[Word, ...]
    """In pixels of the copy."""
    notes: tuple[str, ...] = ()

    @property
    def score(self) -> int:
        return confident(self.words, _CONFIDENT)

    @property
    def weak(self) -> bool:
        found = sum(letters(word) for word in self.words)
        return self.copy.ink > _BLANK_INK and (found < _FEW or self.score < _WEAK_SHARE * found)

    @property
    def sideways(self) -> bool:
        """Whether most letters stand in lines that run up or down the page."""
        standing = sum(letters(word) for word in self.words if abs(word.y1 - word.y0) > abs(word.x1 - word.x0))
        return 2 * standing > sum(letters(word) for word in self.words)

    def page(self) -> RecognisedPage:
        """The attempt in pixels of the stored image."""
        placed = tuple(_stored(word, self.copy.to_stored) for word in self.words)
        return RecognisedPage(placed, self.copy.quarter_turns, (*self.copy.operations, *self.notes))


class Reading:
    """One page's reading, within its time and in its private folder."""

    def __init__(self, image: PageImage, folder: Path, language: str, seconds: float) -> None:
        self._image = image
        self._folder = folder
        self._language = language
        self._seconds = seconds
        self._started = time.monotonic()

    def page(self) -> RecognisedPage:
        """The page's words; none, and `unread`, when there was no reading it in time.

        Raises `SheetFault("unreadable-scan")`, `StationFault("program-missing")`.
        """
        copy = readable(self._image)
        try:
            best = self._read(copy, _AUTOMATIC)
        except UnreadError:
            return self._simpler(copy).page()
        try:
            best = self._upright(best)
            best = self._whole(best)
        except UnreadError:
            pass  # what was read before stands
        return best.page()

    def _upright(self, best: _Attempt) -> _Attempt:
        """The page turned, where it was read badly as it lies, or read on its side."""
        least = _SAME if best.sideways else _BETTER
        for turns in self._other_turns(best):
            other = self._read(readable(self._image, turns), _AUTOMATIC, "orientation")
            if not other.sideways and other.score > least * best.score:
                return other
        return best

    def _other_turns(self, best: _Attempt) -> Iterator[int]:
        """Turns of the image worth trying, the likeliest first: what Tesseract sees, then upside down."""
        quarters: tuple[int, ...] = ()
        if best.sideways:
            quarters = (1, 3) if best.weak else (3, 1)  # lines that stand were read from top to bottom
        elif best.weak:
            seen = read_turns(self._file(best.copy), best.copy.dpi, self._left(_FIRST_SHARE))
            quarters = (2,) if seen in {None, 0, 2} else (seen, 2)
        for quarter in quarters:
            yield (best.copy.quarter_turns + quarter) % 4

    def _whole(self, best: _Attempt) -> _Attempt:
        """The page as one block of text, where layout analysis left out much of it (ruled tables, mostly)."""
        if missed(best.copy, best.words) < _MISSED:
            return best
        other = self._read(best.copy, _ONE_BLOCK, *best.notes, "second-attempt")
        return max(best, other, key=lambda attempt: attempt.score)

    def _simpler(self, copy: Readable) -> _Attempt:
        smaller = halved(copy)
        try:
            return self._read(smaller, _ONE_BLOCK, "simpler-attempt", share=1.0)
        except UnreadError:
            return _Attempt(copy, (), (UNREAD,))

    def _read(self, copy: Readable, segmentation: int, *notes: str, share: float = _FIRST_SHARE) -> _Attempt:
        layout = Layout(self._file(copy), copy.dpi, segmentation)
        return _Attempt(copy, read_words(layout, self._language, self._left(share)), notes)

    def _file(self, copy: Readable) -> Path:
        path = self._folder / f"{copy.quarter_turns}-{copy.dpi}.pnm"
        if not path.exists():
            write_copy(copy.pixels, path)
        return path

    def _left(self, share: float) -> float:
        left = self._started + share * self._seconds - time.monotonic()
        if left <= 0:
            raise UnreadError("timeout")
        return left


def missed(copy: Readable, words: tuple[Word, ...]) -> float:
    """Share (0 to 1) of the copy's letter-sized marks that lie in no word; 0.0 when there are hardly any marks."""
    ink = (copy.pixels <= MIDDLE).astype(np.uint8)
    _, _, boxes, centres = cv2.connectedComponentsWithStats(ink, connectivity=8)
    least, most = copy.dpi / 25, copy.dpi / 4  # 1 mm to 6 mm
    tall = (boxes[:, cv2.CC_STAT_HEIGHT] >= least) & (boxes[:, cv2.CC_STAT_HEIGHT] <= most)
    like_letters = tall & (boxes[:, cv2.CC_STAT_WIDTH] <= 2 * most)
    marks = centres[like_letters].astype(np.intp)
    if len(marks) < _FEW:
        return 0.0
    covered = np.zeros(copy.pixels.shape, np.uint8)
    for word in words:
        _cover(covered, word)
    return 1.0 - float(np.count_nonzero(covered[marks[:, 1], marks[:, 0]])) / len(marks)


def _cover(covered: Grey, word: Word) -> None:
    """Fill the word's box: its height above the baseline, a third of it below."""
    length = math.hypot(word.x1 - word.x0, word.y1 - word.y0) or 1.0
    up = ((word.y1 - word.y0) / length * word.height, -(word.x1 - word.x0) / length * word.height)
    corners = [
        (x + up[0] * part, y + up[1] * part)
        for part, ends in ((1.0, (0, 1)), (-1 / 3, (1, 0)))
        for x, y in (((word.x0, word.y0), (word.x1, word.y1))[end] for end in ends)
    ]
    cv2.fillPoly(covered, [np.array(corners, np.int32)], (1,))


def _stored(word: Word, to_stored: Affine) -> Word:
    x0, y0 = to_stored @ (word.x0, word.y0, 1.0)
    x1, y1 = to_stored @ (word.x1, word.y1, 1.0)
    length = math.hypot(word.x1 - word.x0, word.y1 - word.y0) or 1.0
    normal = ((word.y1 - word.y0) / length, -(word.x1 - word.x0) / length)
    height = word.height * float(np.linalg.norm(to_stored[:, :2] @ normal))
    return replace(word, x0=float(x0), y0=float(y0), x1=float(x1), y1=float(y1), height=height)
