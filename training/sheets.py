"""A piece of page to draw on, at twice the resolution of its scan, that remembers where each word stands."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from training.faces import RARE, Font, font

FINER: Final = 2
"""Pixels of the print for one of the scan, in each direction."""
_WIDTH, _HEIGHT = 172.0, 62.0
"""Millimetres of a piece of page."""
_MM: Final = 25.4
_POINT: Final = 72
_PITCHES: Final = (1.15, 1.2, 1.3, 1.4, 1.5, 1.8, 2.2)
"""From one row to the next, of the letters' size."""


@dataclass(frozen=True, slots=True)
class Word:
    """Text, and the box of its ink in pixels of the print, the far edges not part of it."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    base: float
    """Its baseline."""
    body: float
    """Height of its small letters."""


@dataclass(frozen=True, slots=True)
class Type:
    """What is written with."""

    face: Path
    points: float
    fill: int = 0
    typed: bool = False
    """Letter by letter, by a machine whose letters do not stand level and are not all as black."""


@dataclass(slots=True)
class Sheet:
    """The print; lengths in its pixels."""

    random: Random
    dpi: float
    """Of the print."""
    image: Image.Image = field(init=False)
    draw: ImageDraw.ImageDraw = field(init=False)
    words: list[Word] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.image = Image.new("L", (round(self.mm(_WIDTH)), round(self.mm(_HEIGHT))), 255)
        self.draw = ImageDraw.Draw(self.image)

    @property
    def pixels(self) -> NDArray[np.uint8]:
        return np.asarray(self.image, np.uint8)

    def mm(self, length: float) -> float:
        return length / _MM * self.dpi

    def size(self, points: float) -> float:
        return points / _POINT * self.dpi

    def rows(self, points: float) -> Iterator[float]:
        """Baselines."""
        pitch = self.size(points) * self.random.choice(_PITCHES)
        base = self.mm(self.random.uniform(6, 9))
        while base < self.image.height - self.mm(4):
            yield base
            base += pitch

    def write(self, kind: Type, left: float, base: float, text: str) -> float:
        """Words from `left`, on `base`; gives where they end. A text whose characters the face lacks is left out."""
        with_font = font(kind.face, round(self.size(kind.points)))
        if any(letter in RARE and letter not in with_font.rare for letter in text):
            return left
        gap = with_font.drawn.getlength(" ") * self.random.choice((1, 1, 1, 1.15))
        for word in text.split():
            right = left + with_font.drawn.getlength(word)
            if right > self.image.width - self.mm(1):
                break
            self._word(kind, with_font, (left, base), word)
            left = right + gap
        return left

    def _word(self, kind: Type, with_font: Font, at: tuple[float, float], word: str) -> None:
        x, base = at
        first, top, last, bottom = with_font.ink(word)
        self.words.append(Word(word, x + first, base + top, x + last, base + bottom, base, with_font.body))
        if not kind.typed:
            self.draw.text(at, word, fill=kind.fill, font=with_font.drawn, anchor="ls")
            return
        for letter in word:
            off = self.random.gauss(0, 0.04) * with_font.body
            fill = min(190, max(0, round(self.random.gauss(kind.fill, 35))))
            self.draw.text((x + 0.6 * off, base + off), letter, fill=fill, font=with_font.drawn, anchor="ls")
            x += with_font.drawn.getlength(letter)

    def rule(self, x0: float, x1: float, y: float, *, stands: bool = False, dotted: bool = False) -> None:
        """A drawn line, from x0 to x1 at y, or from y0 to y1 at x where it `stands`."""
        thick = max(1, round(self.mm(self.random.uniform(0.1, 0.35))))
        step = self.mm(self.random.uniform(0.8, 1.4))
        parts = np.arange(x0, x1, step) if dotted else [x0]
        for part in parts:
            end = part + step / 3 if dotted else x1
            ends = (y, part, y, end) if stands else (part, y, end, y)
            self.draw.line(ends, fill=0, width=thick)

    def tick_box(self, at: float, base: float, side: float) -> None:
        """A box, crossed now and then."""
        thick = max(1, round(self.mm(self.random.uniform(0.15, 0.3))))
        self.draw.rectangle((at, base - side, at + side, base), outline=0, width=thick)
        if self.random.random() < 0.4:  # noqa: PLR2004  a share, as all numbers compared with chance
            self.draw.line((at, base - side, at + side, base), fill=0, width=thick)
            self.draw.line((at, base, at + side, base - side), fill=0, width=thick)
