"""Where a page looks like a code before any is read: half ink, its edges in two perpendicular directions."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.formats.pixels import Grey
from pipeline.marks.code import Box

DPI: Final = 75.0
"""Of what is looked at here."""
MM: Final = DPI / 25.4
_LEAST_SIDE_MM: Final = 18.0
_EDGE_MM: Final = 3.0
_INKED: Final = (0.28, 0.72)
"""Share of ink in a window: a code is half dark, text a tenth to a quarter."""
_EDGES: Final = 0.8
_DENSE: Final = (0.40, 1.2)
"""Ink and edges from which no letters are so thick, whatever their directions (modules of 2 pixels have none)."""
_CROSSED: Final = 0.5
"""How far edges keep to two perpendicular directions (mean of exp 4i angle): letters hardly do, modules do."""
_ONE_WAY: Final = 0.4
"""How far edges keep to one direction (mean of exp 2i angle): rules and bar codes do, modules do not."""
_COMPACT_MM: Final = (7.0, 30.0)
_COMPACT_SHAPE: Final = 1.3

Dark = NDArray[np.float32]
"""Ink from 0 to 1, of the paper around it and of the page's darkest marks, at `DPI`."""


@dataclass(frozen=True, slots=True)
class _Window:
    """How much is looked at together, and how much of it makes a place."""

    side_mm: float
    least_mm2: float

    @property
    def side(self) -> int:
        return round(self.side_mm * MM) | 1


_WIDE: Final = _Window(9.0, 100.0)
_NARROW: Final = _Window(5.5, 40.0)


def darkness(page: Grey, dpi_x: float, dpi_y: float) -> Dark:
    """Of a page (height, width; 0 black). Empty where the page is too small for any code."""
    width, height = round(page.shape[1] * DPI / dpi_x), round(page.shape[0] * DPI / dpi_y)
    if min(width, height) < _LEAST_SIDE_MM * MM:
        return np.zeros((0, 0), np.float32)
    small = np.asarray(cv2.resize(page, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    paper = cv2.blur(cv2.dilate(small, np.ones((19, 19), np.uint8)), (31, 31)).astype(np.float32)
    dark = (paper - small.astype(np.float32)) / np.maximum(paper, 1)
    darkest = max(float(np.percentile(dark[::2, ::2], 99.5)), 0.25)
    return np.clip(dark / darkest, 0, 1).astype(np.float32)


def code_like(dark: Dark) -> list[Box]:
    """Places with a square code's texture, read or not, at any angle."""
    return _found(dark, _WIDE)


def small_code_like(dark: Dark) -> list[Box]:
    """Smaller ones, as broad as they are high: worth a closer look, which they may owe to a drawing or bold type."""
    return [box for box in _found(dark, _NARROW) if _is_compact(box)]


def _is_compact(box: Box) -> bool:
    short, long = sorted((box[2] - box[0], box[3] - box[1]))
    return _COMPACT_MM[0] <= short and long <= min(_COMPACT_MM[1], _COMPACT_SHAPE * short)


def _found(dark: Dark, window: _Window) -> list[Box]:
    """Places big enough, looked for only where there is ink enough: most pages have few such places or none."""
    if not dark.size:
        return []
    inked = _mean(dark, window)
    half = ((inked > _INKED[0]) & (inked < _INKED[1])).astype(np.uint8)
    edge = round(_EDGE_MM * MM)
    half[:edge], half[-edge:], half[:, :edge], half[:, -edge:] = 0, 0, 0, 0
    if cv2.countNonZero(half) < window.least_mm2 * MM**2:
        return []
    count, labels, stats, _ = cv2.connectedComponentsWithStats(half, connectivity=8)
    found = list[Box]()
    for number in range(1, count):
        x, y, wide, high, area = stats[number].tolist()
        if area >= window.least_mm2 * MM**2:
            first, before = max(0, y - window.side), max(0, x - window.side)
            around = np.s_[first : y + high + window.side, before : x + wide + window.side]
            mask = _texture(np.ascontiguousarray(dark[around]), inked[around], window)
            found += _places(mask & (labels[around] == number), window, (before, first))
    return found


def _places(mask: NDArray[np.bool_], window: _Window, origin: tuple[int, int]) -> list[Box]:
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    areas = stats[1:count, cv2.CC_STAT_AREA]
    across, down = origin
    return [
        ((x + across) / MM, (y + down) / MM, (x + across + wide) / MM, (y + down + high) / MM)
        for x, y, wide, high, _ in stats[1:][areas >= window.least_mm2 * MM**2].tolist()
    ]


def _texture(dark: Dark, inked: Dark, window: _Window) -> NDArray[np.bool_]:
    across, down = cv2.Sobel(dark, cv2.CV_32F, 1, 0, ksize=3), cv2.Sobel(dark, cv2.CV_32F, 0, 1, ksize=3)
    strength = cv2.magnitude(across, down) + np.float32(1e-6)
    twice = _doubled(across / strength, down / strength)
    mean = _mean(strength, window)
    one_way = _length(twice, strength, window) / mean
    crossed = _length(_doubled(*twice), strength, window) / mean
    modules = (mean > _EDGES) & (crossed > _CROSSED)
    dense = (inked > _DENSE[0]) & (mean > _DENSE[1])
    return np.asarray((modules | dense) & (one_way < _ONE_WAY), np.bool_)


def _doubled(cosine: Dark, sine: Dark) -> tuple[Dark, Dark]:
    """The unit vectors of twice the angles."""
    return cosine * cosine - sine * sine, 2 * cosine * sine


def _length(vectors: tuple[Dark, Dark], strength: Dark, window: _Window) -> Dark:
    """Of the vectors' weighted mean in each window."""
    across, down = (_mean(part * strength, window) for part in vectors)
    return np.asarray(cv2.magnitude(across, down), np.float32)


def _mean(values: Dark, window: _Window) -> Dark:
    return np.asarray(cv2.boxFilter(values, -1, (window.side, window.side)), np.float32)
