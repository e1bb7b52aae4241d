"""A recognised page as somebody looks at it: pieces of text upright, how large each is, and how far down it stands."""

import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from pipeline.identity.traits import normalise, words
from pipeline.model import RecognisedPage, Word

_GAP: Final = 2.2
"""Blank between two words of a line, in heights of the page's text, from which they are two pieces (columns)."""
_CONFIDENT: Final = 30.0
"""Of 100: what was read with less says nothing of the page's size of type."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Words that stand together on one line of text. Lengths are in heights of the page's text."""

    read: tuple[Word, ...]
    left: float
    right: float
    baseline: float
    size: float
    """Height of its letters."""
    down: float
    """0 (the page's first line of text) to 1 (its last)."""

    @property
    def raw(self) -> str:
        return " ".join(word.text for word in self.read)

    @property
    def text(self) -> str:
        """Upper case without diacritics; punctuation as it was read."""
        return " ".join(normalise(self.raw).split())

    @property
    def words(self) -> list[str]:
        return words(self.raw)

    @property
    def capitals(self) -> bool:
        """Whether it is printed in capitals: some small letter of a word may be misread."""
        letters = [sign for sign in self.raw if sign.isalpha()]
        return bool(letters) and sum(sign.isupper() for sign in letters) >= 0.9 * len(letters)


def pieces(page: RecognisedPage) -> tuple[Piece, ...]:
    """The page's pieces of text, from top to bottom and from left to right; none where nothing was read."""
    placed = [_Placed.of(word, page.quarter_turns) for word in page.words if word.text.strip()]
    if not placed:
        return ()
    unit = _unit(placed)
    top, bottom = min(one.y for one in placed), max(one.y for one in placed)
    high = max(bottom - top, unit)
    runs = (run for line in _lines(placed) for run in _runs(line, _GAP * unit))
    found = [_piece(run, unit, top, high) for run in runs]
    return tuple(sorted(found, key=lambda piece: (round(piece.baseline), piece.left)))


@dataclass(frozen=True, slots=True)
class _Placed:
    """A word upright, in pixels: its baseline runs from (x, y) to (end, y)."""

    word: Word
    x: float
    y: float
    end: float

    @classmethod
    def of(cls, word: Word, turns: int) -> "_Placed":
        (x0, y0), (x1, _) = _turned(word.x0, word.y0, turns), _turned(word.x1, word.y1, turns)
        return cls(word, min(x0, x1), y0, max(x0, x1))


def _turned(x: float, y: float, turns: int) -> tuple[float, float]:
    """A point after so many clockwise quarter turns about the origin; y grows downwards."""
    for _ in range(turns % 4):
        x, y = -y, x
    return x, y


def _unit(placed: Sequence[_Placed]) -> float:
    sure = [one.word.height for one in placed if one.word.confidence >= _CONFIDENT]
    return statistics.median(sure or [one.word.height for one in placed]) or 1.0


def _lines(placed: Iterable[_Placed]) -> Iterator[list[_Placed]]:
    lines: dict[int, list[_Placed]] = {}
    for one in placed:
        lines.setdefault(one.word.line, []).append(one)
    yield from lines.values()


def _runs(line: list[_Placed], gap: float) -> Iterator[list[_Placed]]:
    ordered = sorted(line, key=lambda one: one.x)
    run = ordered[:1]
    for before, one in pairwise(ordered):
        if one.x - before.end > gap:
            yield run
            run = []
        run.append(one)
    yield run


def _piece(run: Sequence[_Placed], unit: float, top: float, high: float) -> Piece:
    baseline = statistics.median(one.y for one in run)
    return Piece(
        read=tuple(one.word for one in run),
        left=run[0].x / unit,
        right=max(one.end for one in run) / unit,
        baseline=baseline / unit,
        size=statistics.median(one.word.height for one in run) / unit,
        down=(baseline - top) / high,
    )
