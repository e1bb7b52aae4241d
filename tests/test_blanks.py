"""Backs and empty sheets: paper, wear, rules and what shines through are blank; whatever a hand left there is not."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from pipeline.formats.pixels import grey
from pipeline.marks.ink import is_blank
from tests.test_split_looks import A4, scanned, written_page

RNG = np.random.default_rng(5)


def paper(level: int = 245) -> Image.Image:
    return Image.new("L", A4, level)


def ruled(apart: float, level: int, inset: int = 0) -> Image.Image:
    """Rules so many millimetres apart, and a margin's."""
    sheet = paper()
    pen = ImageDraw.Draw(sheet)
    for y in np.arange(200, 2250, apart * 200 / 25.4):
        pen.line((inset, round(y), A4[0] - inset, round(y)), fill=level, width=2)
    pen.line((250, 0, 250, A4[1]), fill=level - 15, width=2)
    return sheet


def squared(level: int) -> Image.Image:
    sheet = paper()
    pen = ImageDraw.Draw(sheet)
    for place in np.arange(0, A4[1], 5 * 200 / 25.4):
        pen.line((0, round(place), A4[0], round(place)), fill=level, width=2)
        pen.line((round(place), 0, round(place), A4[1]), fill=level, width=2)
    return sheet


def dusty() -> Image.Image:
    sheet = paper()
    pen = ImageDraw.Draw(sheet)
    for x, y in RNG.integers(100, 1550, (25, 2)).tolist():
        pen.point(((x, y), (x + 1, y)), fill=60)
    return sheet


def in_the_shade() -> Image.Image:
    levels = np.full((A4[1], A4[0]), 245.0) - 0.6 * np.linspace(0, 60, A4[0])[None, :]
    return Image.fromarray(levels.astype(np.uint8))


def ringed() -> Image.Image:
    """Where a cup stood."""
    sheet = paper()
    ImageDraw.Draw(sheet).ellipse((500, 900, 1000, 1400), outline=225, width=14)
    return sheet.filter(ImageFilter.GaussianBlur(6))


def shone_through(strength: float, softness: float) -> Image.Image:
    other = np.asarray(written_page().transpose(Image.Transpose.FLIP_LEFT_RIGHT)).astype(np.float32)
    ghost = (255 - cv2.GaussianBlur(other, (0, 0), softness)) * strength
    return Image.fromarray(np.clip(245 - ghost, 0, 255).astype(np.uint8))


def words(sheet: Image.Image, level: int, count: int) -> Image.Image:
    """Joined strokes, 0.4 mm wide."""
    pen = ImageDraw.Draw(sheet)
    for word in range(count):
        places = [
            (300 + 130 * word + 6 * step, 900 + round(14 * np.sin(step * 1.3) - 10 * (step % 3))) for step in range(16)
        ]
        pen.line(places, fill=level, width=3)
    return sheet


def tick(level: int) -> Image.Image:
    sheet = paper()
    ImageDraw.Draw(sheet).line((800, 1200, 815, 1220, 850, 1170), fill=level, width=5)
    return sheet


def signature() -> Image.Image:
    sheet = paper()
    places = [(1000 + 8 * step, 1900 + round(40 * np.sin(step * 0.7))) for step in range(30)]
    ImageDraw.Draw(sheet).line(places, fill=70, width=4)
    return sheet


def stamped() -> Image.Image:
    sheet = paper()
    pen = ImageDraw.Draw(sheet)
    pen.ellipse((1100, 300, 1260, 460), outline=140, width=4)
    pen.text((1130, 360), "RECU", 150, font_size=30)
    return sheet


BLANK: dict[str, Callable[[], Image.Image]] = {
    "coloured paper": lambda: paper(195),
    "brown paper": lambda: paper(165),
    "ruled": lambda: ruled(8, 205),
    "ruled faintly": lambda: ruled(8, 225),
    "ruled closely": lambda: ruled(2, 215),
    "squared": lambda: squared(205),
    "dust": dusty,
    "a shadow": in_the_shade,
    "where a cup stood": ringed,
    "shone through": lambda: shone_through(0.05, 1.2),
    "shone through softly": lambda: shone_through(0.1, 3.5),
}
INKED: dict[str, Callable[[], Image.Image]] = {
    "a tick": lambda: tick(60),
    "a tick in pencil": lambda: tick(150),
    "a signature": signature,
    "a small stamp": stamped,
    "a line on ruled paper": lambda: words(ruled(8, 205), 90, 5),
    "pencil on ruled paper": lambda: words(ruled(8, 205), 170, 3),
    "pencil on squared paper": lambda: words(squared(205), 170, 3),
    "a word in pencil": lambda: words(paper(), 180, 1),
    "a word in faint pencil": lambda: words(paper(), 215, 1),
    "two words in the faintest pencil": lambda: words(paper(), 222, 2),
    "faint pencil on coloured paper": lambda: words(paper(200), 175, 2),
}
"""Paper is 245 levels: 222 is 9 % darker. Fainter still, it depends on the scan: at 300 dpi and not at 150."""


@pytest.mark.parametrize("what", BLANK)
def test_paper_that_nobody_wrote_on_is_blank(what: str) -> None:
    assert is_blank(grey(scanned(BLANK[what](), 300)), 300, 300)


@pytest.mark.parametrize("what", INKED)
def test_whatever_a_hand_left_is_no_blank_page(what: str) -> None:
    for dpi in (150, 200):
        assert not is_blank(grey(scanned(INKED[what](), dpi)), dpi, dpi)


def test_what_shines_through_as_dark_as_faint_pencil_is_kept() -> None:
    """Nobody can tell it from writing without reading it: one page too many, and none lost."""
    assert not is_blank(grey(scanned(shone_through(0.2, 1.2), 200)), 200, 200)
