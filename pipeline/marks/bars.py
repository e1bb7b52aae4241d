"""Where a page looks like a bar code, read or not: dark bars side by side, straight along their whole length."""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.marks.code import Box
from pipeline.marks.texture import MM, Dark

_WINDOW: Final = round(7 * MM) | 1
_ONE_WAY: Final = 0.75
"""How far edges keep to one direction (coherence of the structure tensor)."""
_INKED: Final = (0.2, 0.8)
_EDGES: Final = 0.05
"""Mean of the squared slopes: of bars, not of a shade."""
_LEAST_MM: Final = (5.0, 15.0)
_AREA: Final = 60 * MM**2
_FILLED: Final = 0.4
"""Of its bounding box: what winds around a page's border is none."""
_BORDER_MM: Final = 4.0
_STRAIGHT: Final = 0.55
"""Share of the variance that is the same all along the bars."""
_LEAST_BARS: Final = 8


def bars_like(dark: Dark) -> list[Box]:
    """At any angle; lines of type, rules and frames are none."""
    if not dark.size:
        return []
    across, down = cv2.Sobel(dark, cv2.CV_32F, 1, 0, ksize=3), cv2.Sobel(dark, cv2.CV_32F, 0, 1, ksize=3)
    tensor = [_mean(part) for part in (across * across, down * down, across * down)]
    energy = tensor[0] + tensor[1]
    one_way = cv2.magnitude(tensor[0] - tensor[1], 2 * tensor[2])
    inked = _mean(dark)
    mask = (one_way > _ONE_WAY * energy) & (energy > _EDGES) & (inked > _INKED[0]) & (inked < _INKED[1])
    if not mask.any():
        return []
    joined = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((_WINDOW, _WINDOW), np.uint8))
    if cv2.countNonZero(joined) < _AREA:
        return []
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    found = []
    for number in range(1, count):
        x, y, wide, high, area = stats[number].tolist()
        if _is_placed((x, y, wide, high), area, dark.shape) and _is_barred(dark, labels == number, tensor):
            found.append((x / MM, y / MM, (x + wide) / MM, (y + high) / MM))
    return found


def _is_placed(box: tuple[int, int, int, int], area: int, shape: tuple[int, ...]) -> bool:
    x, y, wide, high = box
    short, long = sorted((wide / MM, high / MM))
    away = min(x, y, shape[1] - x - wide, shape[0] - y - high) > _BORDER_MM * MM
    return away and area >= _AREA and area >= _FILLED * wide * high and short >= _LEAST_MM[0] and long >= _LEAST_MM[1]


def _is_barred(dark: Dark, place: NDArray[np.bool_], tensor: list[Dark]) -> bool:
    """Whether what is there is the same all along one direction, and changes often enough across it."""
    one, other, mixed = (float(part[place].mean()) for part in tensor)
    angle = 0.5 * np.arctan2(2 * mixed, one - other)
    rows, columns = np.nonzero(place)
    along = columns * np.cos(angle) + rows * np.sin(angle)
    bins = np.floor(along - along.min()).astype(np.int64)
    ink, counted = np.bincount(bins, dark[place]), np.bincount(bins)
    profile = (ink / np.maximum(counted, 1))[counted > 0]
    level = float(profile.mean())
    changes = np.count_nonzero(np.diff((profile > level).astype(np.int8)))
    spread = float(dark[place].var())
    return bool(spread > 0 and profile.var() >= _STRAIGHT * spread and changes >= 2 * _LEAST_BARS)


def _mean(values: NDArray[np.float32]) -> Dark:
    return np.asarray(cv2.boxFilter(values, -1, (_WINDOW, _WINDOW)), np.float32)
