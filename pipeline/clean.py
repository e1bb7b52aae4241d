"""A page made ready to be read: upright, square pixels, even background, straight, black on white.

All of it happens on a copy that recognition reads and forgets; what is archived is the scanner's own image.
"""

import math
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.formats.pixels import Grey, grey
from pipeline.model import Colour, PageImage

Affine = NDArray[np.float64]
"""2 x 3: a point (x, y) of the copy goes to `affine @ (x, y, 1)` of the stored image, in pixels."""

READING_DPI: Final = 300
"""Resolution that the recogniser was trained for; copies far from it are resampled."""
_CLOSE_ENOUGH: Final = (250.0, 350.0)
_SQUARE: Final = 0.02
_MOST_PIXELS: Final = 40_000_000
"""Largest copy made by resampling (A3 at 300 dpi has 17 million); a wrong resolution must not eat the memory."""
_PROFILE_DPI: Final = 100
_DARK: Final = 200
MIDDLE: Final = 127
"""Grey level up to which a copy's pixel counts as ink."""
_RAMP: Final = 40
"""Grey levels on each side of the threshold between black and white."""
_SEARCH: Final = ((8.0, 0.5), (0.5, 0.1), (0.1, 0.02))
"""Reach and step in degrees, one pass each."""
_WIDEST_SKEW: Final = 8.0
_LEAST_SKEW: Final = 0.15
"""Degrees. Below it, resampling would cost more than the tilt."""
_LEAST_SIDE: Final = 100
"""Pixels; a smaller scrap has no lines to go by."""
_LEAST_INK: Final = 200
"""Ink pixels at `_PROFILE_DPI` without which a page shows no direction."""


@dataclass(frozen=True, slots=True)
class Readable:
    """The copy to be read, and the way back."""

    pixels: Grey
    """Ink dark, paper white: two values where the scan is fine enough, else greys that keep small letters' edges."""
    dpi: int
    to_stored: Affine
    quarter_turns: int
    """Clockwise quarter turns from the stored image to this copy."""
    operations: tuple[str, ...]

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
        pixels = _even(pixels)
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
    pixels, last = (_steep(pixels), "contrast") if resampled else (_black_on_white(pixels), "binarise")
    return Readable(pixels, round(dpi), to_stored, turns, (*done, last))


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


def _even(pixels: Grey) -> Grey:
    """Paper divided out: what is as light as its surroundings becomes white (background from an eighth of the size)."""
    height, width = pixels.shape
    small = cv2.resize(pixels, (max(1, width // 8), max(1, height // 8)), interpolation=cv2.INTER_AREA)
    paper = cv2.GaussianBlur(cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8)), (0, 0), 5)
    full = cv2.resize(paper, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.divide(pixels, full, scale=255), np.uint8)


def _turned(pixels: Grey, turns: int) -> tuple[Grey, Affine]:
    """Turned clockwise by quarters; a pixel is a square, so its far edge maps to the near one."""
    height, width = pixels.shape
    back: dict[int, list[list[float]]] = {
        1: [[0, 1, 0], [-1, 0, height]],
        2: [[-1, 0, width], [0, -1, height]],
        3: [[0, -1, width], [1, 0, 0]],
    }
    return np.ascontiguousarray(np.rot90(pixels, -turns)), np.array(back[turns], np.float64)


def skew(pixels: Grey, dpi: float) -> float:
    """Degrees by which text lines climb (counter-clockwise tilt), within `_WIDEST_SKEW`; 0.0 when nothing tells.

    The projection profile of the ink is sharpest along the lines (Postl 1986). It is searched on a reduced
    copy, half a degree at a time, then finer around the best.
    """
    if min(pixels.shape) < _LEAST_SIDE:
        return 0.0
    rows, columns = _ink_points(pixels, dpi)
    if len(rows) < _LEAST_INK:
        return 0.0
    best = 0.0
    for reach, step in _SEARCH:
        count = round(reach / step)
        angles = [best + step * k for k in range(-count, count + 1)]
        best = max(angles, key=lambda angle: _sharpness(rows, columns, angle))
    return best if abs(best) < _WIDEST_SKEW else 0.0


def _ink_points(pixels: Grey, dpi: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    factor = max(min(1.0, _PROFILE_DPI / dpi), _LEAST_SIDE / (2 * min(pixels.shape)))
    small = cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    margin_y, margin_x = (
        side // 25 for side in small.shape
    )  # a scanner's black border is straight, the text may not be
    ink = np.zeros_like(small, bool)
    inner = (slice(margin_y, small.shape[0] - margin_y), slice(margin_x, small.shape[1] - margin_x))
    threshold, _ = cv2.threshold(small[inner], 0, 255, cv2.THRESH_OTSU)
    ink[inner] = small[inner] <= min(threshold, _DARK)
    rows, columns = np.nonzero(ink)
    return rows.astype(np.float64), columns.astype(np.float64)


def _sharpness(rows: NDArray[np.float64], columns: NDArray[np.float64], angle: float) -> float:
    slope = math.tan(math.radians(angle))
    levels = rows + columns * slope
    profile = np.bincount((levels - levels.min()).astype(np.intp)).astype(np.float64)
    return float(np.sum(np.diff(profile) ** 2))


def _straightened(pixels: Grey, angle: float) -> tuple[Grey, Affine]:
    height, width = pixels.shape
    forth = cv2.getRotationMatrix2D((width / 2, height / 2), -angle, 1.0)
    straight = cv2.warpAffine(pixels, forth, (width, height), flags=cv2.INTER_LINEAR, borderValue=(255.0,))
    return np.asarray(straight, np.uint8), np.asarray(cv2.invertAffineTransform(forth), np.float64)


def _black_on_white(pixels: Grey) -> Grey:
    _, black = cv2.threshold(pixels, 0, 255, cv2.THRESH_OTSU)
    return np.asarray(black, np.uint8)


def _steep(pixels: Grey) -> Grey:
    """Paper to white, ink to black, a short ramp between (at 150 to 200 dpi, 1.5 % errors; two values: 2.4 %)."""
    threshold, _ = cv2.threshold(pixels, 0, 255, cv2.THRESH_OTSU)
    ramp = np.arange(256, dtype=np.float64) - (threshold - _RAMP)
    table = np.clip(ramp * 255 / (2 * _RAMP), 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(pixels, table), np.uint8)


def _after(outer: Affine, inner: Affine) -> Affine:
    """The map that applies `inner`, then `outer`."""
    square = np.vstack([inner, [0.0, 0.0, 1.0]])
    return np.asarray(outer @ square, np.float64)
