"""What colour a layer has where it shows: the paper between the ink, or the ink itself, as one small JPEG."""

import io
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pipeline.pdfa.compact_pixels import Mask, Picture, Pixels, has_colour

_FAR: Final = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
"""Small pixels: how far away the colour of what does not show is taken from, nearest first."""
_ENOUGH: Final = 0.2
"""Share of a small pixel that must show for its colour to be known."""
_CALM: Final = (7, 12.0, 2.5)
"""Bilateral filter: window in pixels, grey levels and pixels up to which neighbours are averaged."""
_COLOURLESS: Final = 6
"""Levels between a pixel's channels."""


@dataclass(frozen=True, slots=True)
class Steps:
    """Quantiser steps of the lowest and the highest frequencies: fine for slow shades, whose steps the eye sees."""

    luma: tuple[float, float]
    chroma: tuple[float, float]
    subsampling: int
    """Pillow's: 2 halves the chroma both ways, 0 leaves it."""


PAPER: Final = Steps((3.0, 60.0), (5.0, 120.0), 0)
INK: Final = Steps((12.0, 100.0), (4.0, 28.0), 0)


def tint(page: Picture, shows: Mask, dpi: float, reach: float = 0.0) -> Pixels:
    """The page's colours where it shows, at `dpi` dots an inch at most; elsewhere those of what shows nearby.

    With `reach`, in the small pixels, each colour is an average about so far around.
    """
    width, height = page.size
    scale = min(1.0, dpi / page.dpi)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    visible = np.asarray(shows * np.uint8(255), np.uint8)
    parts = _reduced(visible, size, reach) / np.float32(255)
    sums = _reduced(np.asarray(cv2.copyTo(page.pixels, visible), np.uint8), size, reach)
    colours, known = _mean(sums, parts), parts > _ENOUGH * (0.1 if reach else 1.0)
    for far in _FAR:
        if known.all():
            break
        around = _around(parts, far)
        found = ~known & (around > _ENOUGH / 10)
        colours[found] = _mean(_around(sums, far), around)[found]
        known |= found
    if known.any() and not known.all():
        colours[~known] = colours[known].mean(axis=0)
    return np.asarray(np.clip(colours + 0.5, 0, 255), np.uint8)


def _reduced(pixels: Pixels, size: tuple[int, int], reach: float) -> NDArray[np.float32]:
    small = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.float32)
    return _around(small, reach) if reach else small


def _around(small: NDArray[np.float32], reach: float) -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(small, (0, 0), reach), np.float32)


def _mean(sums: NDArray[np.float32], parts: NDArray[np.float32]) -> NDArray[np.float32]:
    weights = np.maximum(parts, 1 / 255)
    return np.asarray(sums / (weights[..., None] if has_colour(sums) else weights), np.float32)


def calm(pixels: Pixels) -> Pixels:
    """Without grain, edges kept."""
    return np.asarray(cv2.bilateralFilter(pixels, *_CALM), np.uint8)


def plain(pixels: Pixels) -> Pixels:
    """Grey where there is no colour to speak of."""
    if not has_colour(pixels) or int((pixels.max(axis=2) - pixels.min(axis=2)).max()) > _COLOURLESS:
        return pixels
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)


def jpeg(pixels: Pixels, steps: Steps, coarseness: float) -> bytes:
    """A progressive JPEG (ITU-T T.81)."""
    tables = [_table(*steps.luma, coarseness), _table(*steps.chroma, coarseness)]
    with io.BytesIO() as target:
        Image.fromarray(pixels).save(
            target,
            "JPEG",
            qtables=tables[: pixels.ndim - 1],
            subsampling=steps.subsampling,
            optimize=True,
            progressive=True,
        )
        return target.getvalue()


def _table(low: float, high: float, coarseness: float) -> list[int]:
    """A quantiser, in the order of rows: steps grow with the frequency."""
    rows, columns = np.mgrid[0:8, 0:8]
    steps = low + (high - low) * np.minimum(1.0, (rows + columns) / 6.0) ** 1.5
    return [int(step) for step in np.clip(np.round(steps * coarseness), 1, 255).ravel()]
