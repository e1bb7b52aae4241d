"""A page made ready to be read: upright, square pixels, even background, straight, without rules, black on white.

All of it happens on a copy that recognition reads and forgets; what is archived is the scanner's own image.
"""

import math
from dataclasses import dataclass, field, replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.cleaning.contrast import contrasted, even
from pipeline.cleaning.rules import Segment, unruled
from pipeline.cleaning.skew import skew
from pipeline.formats.pixels import Grey, grey
from pipeline.model import Colour, PageImage

Affine = NDArray[np.float64]
"""2 x 3: a point (x, y) of the copy goes to `affine @ (x, y, 1)` of the stored image, in pixels."""

READING_DPI: Final = 300
"""What scans far from it are resampled to; in between, letters are read as well as they stand, and faster."""
_CLOSE_ENOUGH: Final = (140.0, 350.0)
_SQUARE: Final = 0.02
_MOST_PIXELS: Final = 40_000_000
"""Largest copy made by resampling (A3 at 300 dpi has 17 million); a wrong resolution must not eat the memory."""
MIDDLE: Final = 127
"""Grey level up to which a copy's pixel counts as ink."""
_NOTHING: Final[Grey] = np.zeros((0, 0), np.uint8)
_LEAST_SKEW: Final = 0.15
"""Degrees. Below it, resampling would cost more than the tilt."""


@dataclass(frozen=True, slots=True)
class Readable:
    """The copy to be read, and the way back."""

    pixels: Grey
    """Ink dark, paper white, with the greys of letters' edges where the scan has them."""
    dpi: int
    to_stored: Affine
    quarter_turns: int
    """Clockwise quarter turns from the stored image to this copy."""
    operations: tuple[str, ...]
    rules: tuple[Segment, ...] = field(default=(), repr=False)
    """The lines that were drawn on the page, in the copy's pixels; their ink was taken out."""
    ruled: Grey = field(default_factory=lambda: _NOTHING, repr=False)
    """The copy as it was before that, for codes, whose edges are lines too."""

    @property
    def ink(self) -> float:
        """Share of the page that is ink, 0 to 1."""
        return 1.0 - float(np.count_nonzero(self.pixels > MIDDLE)) / self.pixels.size


def readable(image: PageImage, quarter_turns: int | None = None) -> Readable:
    """The page's copy for recognition, turned by the image's own quarter turns unless others are given.

    Raises `SheetFault("unreadable-scan")` when the image does not decode.
    """
    turns = (image.quarter_turns if quarter_turns is None else quarter_turns) % 4
    pixels, dpi, to_stored = _resampled(image)
    resampled = pixels.shape != (image.height, image.width)
    done = [f"resample:{dpi:.0f}"] if resampled else []
    if image.colour is not Colour.BILEVEL:
        pixels = even(pixels)
        done.append("background")
    if turns:
        pixels, back = _turned(pixels, turns)
        to_stored = _after(to_stored, back)
        done.append(f"turn:{turns * 90}")
    angle = skew(pixels, dpi)
    if abs(angle) >= _LEAST_SKEW:
        pixels, back = _straightened(pixels, angle)
        to_stored = _after(to_stored, back)
        done.append(f"deskew:{angle:.2f}")
    ruled, plain = pixels, unruled(pixels, dpi)
    if plain.rules:
        done.append(f"rules:{len(plain.rules)}")
    pixels = plain.pixels
    if image.colour is not Colour.BILEVEL or resampled:
        pixels = contrasted(pixels)
        done.append("contrast")
    return Readable(pixels, round(dpi), to_stored, turns, tuple(done), plain.rules, ruled)


def halved(copy: Readable) -> Readable:
    """The copy at half its resolution: a quarter of the work."""
    height, width = copy.pixels.shape
    smaller = cv2.resize(copy.pixels, (max(1, width // 2), max(1, height // 2)), interpolation=cv2.INTER_AREA)
    back = np.array([[width / smaller.shape[1], 0, 0], [0, height / smaller.shape[0], 0]], np.float64)
    return replace(
        copy,
        pixels=np.asarray(smaller, np.uint8),
        dpi=copy.dpi // 2,
        to_stored=_after(copy.to_stored, back),
        operations=(*copy.operations, "halve"),
        rules=tuple((x0 / 2, y0 / 2, x1 / 2, y1 / 2) for x0, y0, x1, y1 in copy.rules),
    )


def _resampled(image: PageImage) -> tuple[Grey, float, Affine]:
    """Square pixels near `READING_DPI`; with the copy's resolution and the way back."""
    pixels = grey(image)
    if _close(image.dpi_x) and _close(image.dpi_y) and abs(image.dpi_x / image.dpi_y - 1) < _SQUARE:
        return pixels, (image.dpi_x + image.dpi_y) / 2, np.eye(2, 3)
    inches = image.width / image.dpi_x * image.height / image.dpi_y
    dpi = min(READING_DPI, math.sqrt(_MOST_PIXELS / inches))
    width = max(1, round(image.width * dpi / image.dpi_x))
    height = max(1, round(image.height * dpi / image.dpi_y))
    shrinks = width < image.width or height < image.height
    resized = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)
    back = np.array([[image.width / width, 0, 0], [0, image.height / height, 0]], np.float64)
    return np.asarray(resized, np.uint8), dpi, back


def _close(dpi: float) -> bool:
    return _CLOSE_ENOUGH[0] <= dpi <= _CLOSE_ENOUGH[1]


def _turned(pixels: Grey, turns: int) -> tuple[Grey, Affine]:
    """Turned clockwise by quarters; a pixel is a square, so its far edge maps to the near one."""
    height, width = pixels.shape
    back: dict[int, list[list[float]]] = {
        1: [[0, 1, 0], [-1, 0, height]],
        2: [[-1, 0, width], [0, -1, height]],
        3: [[0, -1, width], [1, 0, 0]],
    }
    return np.ascontiguousarray(np.rot90(pixels, -turns)), np.array(back[turns], np.float64)


def _straightened(pixels: Grey, angle: float) -> tuple[Grey, Affine]:
    height, width = pixels.shape
    forth = cv2.getRotationMatrix2D((width / 2, height / 2), -angle, 1.0)
    straight = cv2.warpAffine(pixels, forth, (width, height), flags=cv2.INTER_LINEAR, borderValue=(255.0,))
    return np.asarray(straight, np.uint8), np.asarray(cv2.invertAffineTransform(forth), np.float64)


def _after(outer: Affine, inner: Affine) -> Affine:
    """The map that applies `inner`, then `outer`."""
    square = np.vstack([inner, [0.0, 0.0, 1.0]])
    return np.asarray(outer @ square, np.float64)
