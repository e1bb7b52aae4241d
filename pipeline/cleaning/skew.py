"""How far a page's text lines climb: the projection profile of its ink is sharpest along them (Postl 1986)."""

import math
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.formats.pixels import Grey

_PROFILE_DPI: Final = 100
_DARK: Final = 200
_SEARCH: Final = ((8.0, 0.5, 4), (0.5, 0.1, 2), (0.1, 0.02, 1))
"""Reach and step in degrees, and every which point of ink is looked at, one pass each."""
_WIDEST: Final = 8.0
_LEAST_SIDE: Final = 100
"""Pixels; a smaller scrap has no lines to go by."""
_LEAST_INK: Final = 200
"""Ink pixels at `_PROFILE_DPI` without which a page shows no direction."""
_SPARE_INK: Final = 4_000
"""Ink pixels that each pass looks at, where there are so many."""

Points = tuple[NDArray[np.float32], NDArray[np.float32]]
"""Rows and columns of ink."""


def skew(pixels: Grey, dpi: float) -> float:
    """Degrees by which text lines climb (counter-clockwise tilt), less than 8; 0.0 when nothing tells.

    Searched on a reduced copy, half a degree at a time, then finer around the best.
    """
    if min(pixels.shape) < _LEAST_SIDE:
        return 0.0
    rows, columns = _ink_points(pixels, dpi)
    if len(rows) < _LEAST_INK:
        return 0.0
    best = 0.0
    for reach, step, every in _SEARCH:
        each = max(1, min(every, len(rows) // _SPARE_INK))
        points = rows[::each], columns[::each]
        count = round(reach / step)
        angles = [best + step * k for k in range(-count, count + 1)]
        best = max(angles, key=lambda angle: _sharpness(points, angle))
    return best if abs(best) < _WIDEST else 0.0


def _ink_points(pixels: Grey, dpi: float) -> Points:
    factor = max(min(1.0, _PROFILE_DPI / dpi), _LEAST_SIDE / (2 * min(pixels.shape)))
    small = cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    margin_y, margin_x = (
        side // 25 for side in small.shape
    )  # a scanner's black border is straight, the text may not be
    inner = small[margin_y : small.shape[0] - margin_y, margin_x : small.shape[1] - margin_x]
    threshold, _ = cv2.threshold(inner, 0, 255, cv2.THRESH_OTSU)
    rows, columns = np.nonzero(inner <= min(threshold, _DARK))
    return rows.astype(np.float32), columns.astype(np.float32)


def _sharpness(points: Points, angle: float) -> float:
    levels = points[0] + points[1] * np.float32(math.tan(math.radians(angle)))
    profile = np.bincount((levels - levels.min()).astype(np.intp)).astype(np.float64)
    return float(np.sum(np.diff(profile) ** 2))
