"""The words of a page as text that is found and copied but not seen, on the ink they were read from.

ISO 32000-1 (as PDF 1.4): 9.3.6 text rendering mode 3, 9.4.2 text positioning, 14.9.4 replacement text.
What each reader does with it: docs/reference/text-layer.md.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from statistics import median
from typing import Final

from pipeline.model import PageImage, Word
from pipeline.pdfa.typeface import Alphabet, font

__all__ = ["Alphabet", "font", "text_object"]

_TILT: Final = math.tan(math.radians(6))
"""Slope up to which a word is laid along the page's side, through the middle of its baseline: Poppler cuts a word in
two wherever the baseline has moved by half a point, and few sheets are fed as straight as that."""
_LEAST_SPACE: Final = 0.2
"""Of a font size. Readers tell words apart by the gap: one that touches the next is made shorter by that much."""
_UNEVEN: Final = 1.25
"""Within which ratio the words of a line have the line's size."""
_SIZE: Final = 0.07
"""Share of a font size by which it may be off."""
_STEP: Final = 0.1
"""Of a font size: how far a baseline may move before the next piece of the line starts."""
_HAIR: Final = 0.1
"""Points."""
_STEADY: Final = 0.4
"""Points by which a baseline may be off, or a word's end, where that saves telling it anew: 0.14 mm."""
_HYPHENS: Final = "-\u2010\u00ad"


def text_object(image: PageImage, words: Iterable[Word], alphabet: Alphabet) -> bytes:
    """The page's words as one text object for a content stream that has the font as `/T`; empty without words.

    `words`: in reading order, those of a line together.
    """
    placed = _sized([_Placed.on(image, word) for word in words])
    if not placed:
        return b""
    stretches = _settled(
        [_stretch(here, after, alphabet) for here, after in zip(placed, (*placed[1:], None), strict=True)]
    )
    whole = _whole(placed)
    pen = _Pen()
    shown = [b"BT", b"3 Tr"]
    for index, (here, stretch) in enumerate(zip(placed, stretches, strict=True)):
        # a space behind it in one string: pdfium passes over strings of one character without ink
        told = pen.moved(here, stretch).encode("ascii") + alphabet.string(here.word.text + " ") + b"Tj"
        if index in whole:
            told = b"/Span<</ActualText<FEFF%s>>>BDC %s EMC" % (_utf16(whole[index]), told)
        shown.append(told)
    return b"\n".join((*shown, b"ET", b""))


@dataclass(frozen=True, slots=True)
class _Placed:
    """A word in points of the unrotated page, in a frame whose x runs as the word does."""

    word: Word
    cosine: float
    sine: float
    """Of the frame's turn, counter-clockwise about the page's corner."""
    x: float
    y: float
    """Where its baseline starts."""
    length: float
    size: float
    """Of the font."""

    @classmethod
    def on(cls, image: PageImage, word: Word) -> "_Placed":
        across, up = 72 / image.dpi_x, 72 / image.dpi_y
        x, y = word.x0 * across, (image.height - word.y0) * up
        dx, dy = (word.x1 - word.x0) * across, (word.y0 - word.y1) * up
        # the height lies at right angles to the baseline in pixels, which need not be square
        pixels = math.hypot(word.x1 - word.x0, word.y1 - word.y0)
        tall = math.hypot((word.y1 - word.y0) * across, (word.x1 - word.x0) * up) / pixels if pixels else up
        if abs(dy) < _TILT * abs(dx):
            y, dy = y + dy / 2, 0.0
        elif abs(dx) < _TILT * abs(dy):
            x, dx = x + dx / 2, 0.0
        length = math.hypot(dx, dy)
        cosine, sine = (round(dx / length, 4), round(dy / length, 4)) if length else (1.0, 0.0)
        along, over = x * cosine + y * sine, y * cosine - x * sine
        return cls(word, cosine, sine, along, over, length or 1.0, max(1.0, word.height * tall))

    @property
    def end(self) -> float:
        return self.x + self.length

    def turned_as(self, other: "_Placed") -> bool:
        return (self.cosine, self.sine) == (other.cosine, other.sine)

    def room(self, following: "_Placed | None") -> float:
        """How long it may be before the next word, if they stand on one line."""
        if following is None or following.word.line != self.word.line or not self.turned_as(following):
            return math.inf
        return max(following.x - self.x - _LEAST_SPACE * self.size, self.length / 2)

    def goes_on_in(self, below: "_Placed") -> bool:
        """Whether the other is on the line beneath it."""
        down = self.y - below.y
        return self.turned_as(below) and 0 < down < 3 * self.size and below.x < self.end


def _sized(placed: Sequence[_Placed]) -> list[_Placed]:
    """The words of a line with one font size, but for those that are much smaller or larger; lines with the sizes of
    others, where they differ no more than measured heights do."""
    sizes: list[float] = []
    for _, line in groupby(placed, lambda found: found.word.line):
        found = [one.size for one in line]
        usual = median(found)
        sizes += [usual if usual / _UNEVEN < size < usual * _UNEVEN else size for size in found]
    settled = _settled([(size * (1 - _SIZE), size * (1 + _SIZE)) for size in sizes])
    return list(_stepped([replace(one, size=size) for one, size in zip(placed, settled, strict=True)]))


def _stepped(placed: Iterable[_Placed]) -> Iterator[_Placed]:
    """The words, with a size that is a hair larger from where a line has climbed or sunk, and again from the next such
    place: pdf.js and pdfium mark as one level piece what has one size, and their boxes would leave the ink."""
    for _, line in groupby(placed, lambda found: found.word.line):
        level: float | None = None
        larger = False
        for here in line:
            if level is not None and abs(here.y - level) > _STEP * here.size:
                larger, level = not larger, None
            level = here.y if level is None else level
            yield replace(here, size=here.size + _HAIR) if larger else here


def _stretch(placed: _Placed, following: _Placed | None, alphabet: Alphabet) -> tuple[float, float]:
    """Least and most horizontal scaling, in percent, that make the word as long as its ink."""
    natural = alphabet.length(placed.word.text) * placed.size / 100
    room = placed.room(following)
    length = min(placed.length, room)
    return max(length - _STEADY, length / 2) / natural, min(length + _STEADY, room) / natural


def _settled(ranges: Sequence[tuple[float, float]]) -> list[float]:
    """A number in each of the ranges, the same for as many that follow each other as can be, and as round as can be."""
    numbers: list[float] = []
    while len(numbers) < len(ranges):
        low, high = ranges[len(numbers)]
        run = 0
        for least, most in ranges[len(numbers) :]:
            if max(low, least) > min(high, most):
                break
            low, high, run = max(low, least), min(high, most), run + 1
        numbers += [_round(low, high)] * run
    return numbers


def _round(low: float, high: float) -> float:
    """A number from low to high with few digits."""
    for step in (100, 10, 5, 1, 0.5, 0.1):
        nearest = round((low + high) / 2 / step) * step
        if low <= nearest <= high:
            return round(nearest, 1)
    return round((low + high) / 2, 2)


def _whole(placed: Sequence[_Placed]) -> dict[int, str]:
    """What a reader should take words for that are cut at the end of a line: the whole at its first part, a space at
    its second."""
    found: dict[int, str] = {}
    for index in range(len(placed) - 1):
        here, below = placed[index], placed[index + 1]
        if here.word.line != below.word.line and index not in found and here.goes_on_in(below):
            text = _joined(here.word.text, below.word.text)
            if text:
                found |= {index: text, index + 1: " "}
    return found


def _joined(first: str, second: str) -> str:
    """`médica-` and `mentale` as one word; empty, where the hyphen is none that cuts a word.

    The hyphen stays before a capital that follows a small letter, and before a digit: `Saint-Étienne`. pdf.js and
    Poppler take it away before small letters, of `porte-monnaie` too: nothing on the page tells which it is.
    """
    stem = first[:-1]
    if first[-1:] not in _HYPHENS or not stem[-1:].isalpha() or not second[:1].isalnum():
        return ""
    cut = second[0].islower() or (stem[-1].isupper() and second[0].isupper())
    return stem + ("" if cut else "-") + second


class _Pen:
    """What the text object has set so far; tells each word with what must change for it."""

    def __init__(self) -> None:
        self._turn = (1.0, 0.0)
        self._at = (0, 0)
        """Where the last word started, in tenths of a point."""
        self._size = 0.0
        self._stretch = 100.0

    def moved(self, placed: _Placed, stretch: float) -> str:
        """What goes before the word's string."""
        told = ""
        if (placed.cosine, placed.sine) != self._turn:
            self._turn, self._at = (placed.cosine, placed.sine), (0, 0)
            told += " ".join(map(_number, (*self._turn, -self._turn[1], self._turn[0], 0, 0))) + " Tm "
        if placed.size != self._size:
            self._size = placed.size
            told += f"/T {_number(self._size)} Tf "
        if stretch != self._stretch:
            self._stretch = stretch
            told += f"{_number(stretch)} Tz "
        x, y = round(placed.x * 10), round(placed.y * 10)
        if abs(y - self._at[1]) <= 10 * _STEADY:
            y = self._at[1]
        told += f"{_number((x - self._at[0]) / 10)} {_number((y - self._at[1]) / 10)} Td"
        self._at = x, y
        return told


def _number(value: float) -> str:
    """As short as PDF takes it."""
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return text.replace("0.", ".", 1) if abs(value) < 1 and "." in text else text


def _utf16(text: str) -> bytes:
    return text.encode("utf-16-be").hex().upper().encode("ascii")
