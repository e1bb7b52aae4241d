"""A scan in its own colours, on square pixels of at most 300 dots an inch: what the compact profile looks at."""

import math
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from lexicon.faults import SheetFault
from pipeline.formats.pixels import Grey, grey, rows_of
from pipeline.model import Colour, Encoding, PageImage

Pixels = NDArray[np.uint8]
"""Grey samples (height, width) or sRGB ones (height, width, 3), 0 dark to 255 light."""
Mask = NDArray[np.bool_]
"""Shape (height, width)."""

FINEST: Final = 300.0
"""Dots an inch: what a finer scan shows besides is the paper's fibre, which is told smaller by the faithful profile."""
_WITH_CHANNELS: Final = 3
_SQUARE: Final = 0.02
_MOST_PIXELS: Final = 40_000_000


@dataclass(frozen=True, slots=True)
class Picture:
    """A page's pixels as stored, before `quarter_turns`."""

    pixels: Pixels
    """RGB where the scan has colour."""
    luma: Grey
    dpi: float

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        height, width = self.luma.shape
        return width, height


def has_colour(pixels: NDArray[Any]) -> bool:
    """Whether pixels have channels; grey ones have rows and columns alone."""
    return pixels.ndim == _WITH_CHANNELS


def picture(image: PageImage) -> Picture:
    """The scan's pixels.

    Raises SheetFault: `unreadable-scan` when the bytes do not decode to the announced size, `decoder-too-big`.
    """
    pixels = _rgb(image) if image.colour is Colour.RGB else grey(image)
    if pixels.shape[:2] != (image.height, image.width):
        raise SheetFault("unreadable-scan")
    pixels, dpi = _square(pixels, image)
    if not has_colour(pixels):
        return Picture(pixels, pixels, dpi)
    luma = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)
    return Picture(pixels, luma, dpi)


def _rgb(image: PageImage) -> Pixels:
    if image.encoding is Encoding.FLATE:
        return rows_of(image).reshape(image.height, image.width, 3)
    try:
        flags = cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION
        pixels = cv2.imdecode(np.frombuffer(image.payload, np.uint8), flags)
    except cv2.error as error:
        raise SheetFault("decoder-too-big" if error.code == cv2.Error.StsNoMem else "unreadable-scan") from None
    if pixels is None:
        raise SheetFault("unreadable-scan")
    return np.asarray(pixels, np.uint8)


def _square(pixels: Pixels, image: PageImage) -> tuple[Pixels, float]:
    """Resampled where the resolution is above `FINEST` or not the same both ways; with the resolution."""
    dpi = max(image.dpi_x, image.dpi_y)
    inches = image.width / image.dpi_x * image.height / image.dpi_y
    asked = min(dpi, FINEST, math.sqrt(_MOST_PIXELS / inches))
    even = abs(image.dpi_x / image.dpi_y - 1) < _SQUARE
    if even and asked > dpi * (1 - _SQUARE):
        return pixels, (image.dpi_x + image.dpi_y) / 2
    size = max(1, round(image.width * asked / image.dpi_x)), max(1, round(image.height * asked / image.dpi_y))
    shrinks = asked <= min(image.dpi_x, image.dpi_y)
    resized = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    return np.asarray(resized, np.uint8), asked
