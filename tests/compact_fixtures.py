"""Invented pages in colour, as a scanner sees them: letters, rules, stamps, pens, pencil, photographs, other sides."""

from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from pipeline.model import PageImage
from pipeline.pdfa.compact import Layers, compact
from tests.compose_fixtures import FONT, jpeg

Kind = Literal[
    "text", "blue", "red", "violet", "green", "signature", "pencil", "bleed", "tinted", "rules", "photo", "screen"
]
KINDS: Final[tuple[Kind, ...]] = (
    "text",
    "blue",
    "red",
    "violet",
    "green",
    "signature",
    "pencil",
    "bleed",
    "tinted",
    "rules",
    "photo",
)
"""What is worth more in layers than as it is."""
COLOURS: Final = {
    "blue": (70, 80, 190),
    "red": (200, 50, 60),
    "violet": (130, 70, 170),
    "green": (40, 140, 80),
    "signature": (30, 50, 150),
    "pencil": (165, 165, 165),
}
_LINES: Final = (
    "Service de santé au travail",
    "Fiche d'aptitude médicale",
    "Poste occupé : soudeuse qualifiée",
    "Audiométrie sans anomalie relevée 12,5 mg",
    "Prochaine visite prévue ce printemps",
    "Le médecin soussigné certifie avoir examiné",
    "la personne salariée le 14 mars, à jeun",
)
_PAPER: Final = (247, 246, 243)
_TINTED: Final = (250, 232, 170)

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Page:
    """A scan, and where its stamp, pen or pencil lies."""

    image: PageImage
    special: Mask
    """Shape of the image: the pixels that were drawn in `COLOURS`."""


@cache
def page(kind: Kind = "text", dpi: int = 200, grain: float = 3.0, *, grey: bool = False) -> Page:
    """A6, with its lines of text and what `kind` says, seen with grain of so many grey levels, as a JPEG."""
    size = round(105 / 25.4 * dpi), round(148 / 25.4 * dpi)
    sheet = Image.new("RGB", size, _TINTED if kind == "tinted" else _PAPER)
    if kind == "bleed":
        other = _text(Image.new("RGB", size, "white"), dpi).transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        sheet = ImageChops.multiply(sheet, Image.blend(Image.new("RGB", size, "white"), other, 0.1))
    sheet = _text(sheet, dpi)
    special = _special(kind, size, dpi)
    if kind in COLOURS:
        sheet = ImageChops.multiply(
            sheet, Image.composite(Image.new("RGB", size, COLOURS[kind]), _white(size), special)
        )
    if kind == "rules":
        _rules(sheet, dpi)
    if kind in {"photo", "screen"}:
        detail = 3 if kind == "photo" else 1
        sheet.paste(_photo((size[0] // 2, size[1] // 3), detail), (size[0] // 4, size[1] // 2))
    seen = _seen(sheet.convert("L") if grey else sheet, grain)
    return Page(jpeg(seen, (dpi, dpi)), np.asarray(special.filter(ImageFilter.MinFilter(1)), np.uint8) > 200)


@cache
def screened() -> PageImage:
    """Narrow bars of one grey, every other one of it screened by darker lines that layers run together.

    The measure finds all ink where it was; drawn small, half the bars are black.
    """
    dpi = 300
    sheet = _text(Image.new("RGB", (1240, 1748), _PAPER), dpi).convert("L")
    pen, top, bottom = ImageDraw.Draw(sheet), 1100, 1500
    for bar in range(8):
        left = 300 + bar * 18
        if bar % 2:
            pen.rectangle((left, top, left + 13, bottom), fill=127)
            continue
        pen.rectangle((left, top, left + 13, bottom), fill=151)
        for line in range(top, bottom, 10):
            pen.rectangle((left, line, left + 13, line + 1), fill=47)
    return jpeg(_seen(sheet, 3.0), (dpi, dpi))


@cache
def layers_of(image: PageImage) -> Layers:
    """Made once for all tests; the page is one that layers suit."""
    layers = compact(image)
    assert layers is not None
    return layers


def _white(size: tuple[int, int]) -> Image.Image:
    return Image.new("RGB", size, "white")


def _text(sheet: Image.Image, dpi: int) -> Image.Image:
    pen, letters = ImageDraw.Draw(sheet), ImageFont.truetype(FONT, round(9 / 72 * dpi))
    for number, line in enumerate(_LINES):
        pen.text((dpi * 0.3, dpi * (0.35 + number * 0.22)), line, font=letters, fill=(25, 25, 28))
    return sheet


def _special(kind: Kind, size: tuple[int, int], dpi: int) -> Image.Image:
    """Where the stamp is, or the pen or the pencil went: 255."""
    mask = Image.new("L", size, 0)
    pen = ImageDraw.Draw(mask)
    if kind in {"signature", "pencil"}:
        points = [(dpi * (1.2 + t / 40), dpi * (2.6 + 0.35 * np.sin(t / 3.0) * np.cos(t / 11.0))) for t in range(70)]
        pen.line([(float(x), float(y)) for x, y in points], fill=255, width=max(2, round(dpi * 0.02)), joint="curve")
    elif kind in COLOURS:
        pen.rectangle((dpi * 1.2, dpi * 2.3, dpi * 3.2, dpi * 3.1), outline=255, width=max(2, round(dpi * 0.02)))
        letters = ImageFont.truetype(FONT, round(11 / 72 * dpi))
        pen.text((dpi * 1.35, dpi * 2.4), "Dr MARTIN", font=letters, fill=255)
        pen.text((dpi * 1.35, dpi * 2.7), "10004567890", font=letters, fill=255)
    return mask


def _rules(sheet: Image.Image, dpi: int) -> None:
    pen = ImageDraw.Draw(sheet)
    for step in range(8):
        pen.line((dpi * 0.4, dpi * (2.2 + step * 0.3), dpi * 3.6, dpi * (2.2 + step * 0.3)), fill=(90, 90, 90), width=2)
        pen.line(
            (dpi * (0.4 + step * 0.457), dpi * 2.2, dpi * (0.4 + step * 0.457), dpi * 4.3), fill=(60, 60, 60), width=2
        )


def _photo(size: tuple[int, int], detail: int) -> Image.Image:
    """All colours and lightnesses, in spots of so many pixels: leaves, gravel, a printer's screen."""
    dice = np.random.default_rng(5)
    small = dice.integers(20, 235, (size[1] // detail, size[0] // detail, 3), dtype=np.uint8)
    return Image.fromarray(small).resize(size, Image.Resampling.BICUBIC)


def _seen(sheet: Image.Image, grain: float) -> Image.Image:
    """By a lens that is not quite sharp and a sensor that is not quite quiet."""
    sharp = np.asarray(sheet.filter(ImageFilter.GaussianBlur(0.6)), np.float64)
    noise = np.random.default_rng(7).normal(0, grain, sharp.shape[:2])
    seen = sharp + (noise[..., None] if sharp.ndim == 3 else noise)
    return Image.fromarray(np.clip(seen, 0, 255).astype(np.uint8))
