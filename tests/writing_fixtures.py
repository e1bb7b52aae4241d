"""Writing by hand, invented: strokes of a pen joined to words, along a line."""

import random
from typing import Final

import numpy as np
from PIL import Image, ImageDraw

WORDS_MM: Final = (14.0, 22.0)


def write_by_hand(picture: Image.Image, dpi: int, at: tuple[float, float], words: int, seed: int = 1) -> float:
    """Write so many words on a picture, from `at` (left and baseline, mm) on; where the line ends (mm)."""
    draw, pen, mm = random.Random(seed), ImageDraw.Draw(picture), dpi / 25.4  # noqa: S311  an invented hand
    left, baseline = at
    for _ in range(words):
        length = draw.uniform(*WORDS_MM)
        pen.line(_word(draw, left * mm, baseline * mm, length * mm, mm), fill=30, width=max(1, round(0.5 * mm)))
        left += length + 3.0
    return left


def _word(draw: random.Random, left: float, baseline: float, length: float, mm: float) -> list[tuple[float, float]]:
    """Loops of letters of several heights, each joined to the next."""
    letters = max(3, round(length / (3.2 * mm)))
    heights = [draw.choice((2.2, 2.2, 2.6, 5.0)) * mm for _ in range(letters)]
    turns = np.linspace(0, 2 * np.pi * letters, 16 * letters)
    along = left + turns / turns[-1] * length - 0.8 * mm * np.sin(turns)
    up = np.repeat(heights, 16) * (1 - np.cos(turns)) / 2
    return list(zip(along.tolist(), (baseline - up).tolist(), strict=True))


def note(picture: Image.Image, dpi: int, at: tuple[float, float], lines: int, words: int = 4) -> None:
    """Lines by hand beneath each other, 9 mm apart; `at`: left and first baseline (mm)."""
    for line in range(lines):
        write_by_hand(picture, dpi, (at[0], at[1] + 9.0 * line), words, seed=line)
