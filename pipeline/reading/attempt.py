"""One reading of one copy: its words, and whether they are what stands on the paper."""

import math
from dataclasses import dataclass, field, replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.clean import Affine, Readable
from pipeline.formats.pixels import Grey
from pipeline.model import RecognisedPage, Word
from pipeline.reading.confidence import not_read
from pipeline.reading.order import in_order

_CONFIDENT: Final = 60.0
"""Of 100: the confidence from which a word counts when attempts are compared."""
_WORD: Final = 3
"""Letters and digits of such a word, at least: single letters are read with confidence on any page that lies wrong."""
_WEAK_SHARE: Final = 0.4
"""Share of letters so read under which a page may lie wrong. Of pages fed wrongly it is 0.2 at most, of those that
lie right 0.67 at least, but for one out of focus (27 pages, each in four turns)."""
_FEW: Final = 20
"""Letters; a page with fewer is not judged by shares."""
BLANK_INK: Final = 0.0005
"""Share of ink under which there is nothing to search for."""
_MISSED: Final = 0.08
"""Share of letter-like marks outside all words from which a copy is read again in another way."""
_BETTER: Final = 1.5
"""How much of the confident letters another turn must bring."""

Places = NDArray[np.int64]
"""(count, 2): x, y."""


def _nowhere() -> Places:
    return np.zeros((0, 2), np.int64)


@dataclass(frozen=True, slots=True)
class Attempt:
    """Words of a copy, in its pixels; `notes` tell what was tried besides the copy's own operations."""

    copy: Readable
    words: tuple[Word, ...] = field(repr=False)
    notes: tuple[str, ...] = ()
    letters: Places = field(default_factory=_nowhere, repr=False)
    """Of the copy's letters: where their middles are (`columns.Laid`)."""

    @property
    def score(self) -> int:
        """Letters and digits read with confidence, in words."""
        counted = (word.letters for word in self.words if word.confidence >= _CONFIDENT)
        return sum(count for count in counted if count >= _WORD)

    @property
    def weak(self) -> bool:
        """Whether there is ink, and what was read of it is mostly noise or next to nothing."""
        found = sum(word.letters for word in self.words)
        return self.copy.ink > BLANK_INK and (found < _FEW or self.score < _WEAK_SHARE * found)

    @property
    def marks(self) -> "Marks":
        """What looks like letters on the copy, and how much of it was left out."""
        return _marks(self.copy, self.words, self.letters)

    def is_beaten_by(self, other: "Attempt") -> bool:
        """Whether another turn of the same page shows words where this one does not."""
        return other.score > _BETTER * self.score

    def page(self) -> RecognisedPage:
        """The attempt in pixels of the stored image."""
        placed = tuple(_stored(word, self.copy.to_stored) for word in in_order(self.words, self.copy.rules))
        operations = (*self.copy.operations, *self.notes)
        return RecognisedPage(placed, self.copy.quarter_turns, operations, not_read(self.copy, self.words))


@dataclass(frozen=True, slots=True)
class Marks:
    """Letter-sized marks of a copy: all, and those that lie in no word."""

    all: int = 0
    missed: int = 0

    @property
    def leave_much(self) -> bool:
        """Whether much was left out; never of a copy that has hardly any marks."""
        return self.all >= _FEW and self.missed >= _MISSED * self.all


def _marks(copy: Readable, words: tuple[Word, ...], letters: Places) -> Marks:
    covered = np.zeros(copy.pixels.shape, np.uint8)
    for word in words:
        _cover(covered, word)
    return Marks(len(letters), len(letters) - int(np.count_nonzero(covered[letters[:, 1], letters[:, 0]])))


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
