"""Drawn pages for the text layer: lines of words, each where a recogniser would see it."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from pipeline.compose import compose
from pipeline.model import PageImage, RecognisedPage, Word
from tests.compose_fixtures import CONTEXT, FONT, Box, jpeg, recognised, scan

DPI = 200
poppler = pytest.mark.skipif(
    shutil.which("pdftotext") is None, reason="needs pdftotext (apt-get install poppler-utils)"
)

CUT = (
    "La prescription comprend une surveillance médica-",
    "mentale quotidienne, une hospitalisation à Saint-",
    "Étienne puis une RÉÉDUCA-",
    "TION du genou, avec deux doses de vaccin anti-COVID-",
    "19 au printemps.",
)
FOUND = ("médicamentale", "Saint-Étienne", "RÉÉDUCATION", "anti-COVID-19")


def drawn(lines: Sequence[str], left: float = 150, top: float = 200) -> tuple[Image.Image, tuple[Word, ...], list[Box]]:
    """An A5 page; its words on their baselines; the ink of each: left, top, right, bottom in pixels."""
    picture = Image.new("L", (1165, 1654), 255)
    pen, letters = ImageDraw.Draw(picture), ImageFont.truetype(FONT, round(10 / 72 * DPI))
    ascent, descent = letters.getmetrics()
    words, ink = [], []
    for number, line in enumerate(lines):
        x, y = left, top + number * 60
        for text in line.split():
            pen.text((x, y), text, font=letters, fill=0)
            box = pen.textbbox((x, y), text, font=letters)
            ink.append(box)
            words.append(Word(text, box[0], y + ascent, box[2], y + ascent, ascent + descent, 95.0, number))
            x += letters.getlength(text + " ")
    return picture, tuple(words), ink


def written(path: Path, *pages: tuple[PageImage, Sequence[Word]], quarter_turns: int = 0) -> Path:
    read = [RecognisedPage(tuple(words), quarter_turns, ()) for _, words in pages]
    return compose(scan(*(image for image, _ in pages)), recognised(*read), CONTEXT, path).path


def copy_of(path: Path, lines: Sequence[str]) -> Path:
    picture, words, _ = drawn(lines)
    return written(path, (jpeg(picture, (DPI, DPI)), words))
