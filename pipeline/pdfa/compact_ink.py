"""What is written on a page, told from its paper pixel by pixel.

No shape is ever compared with another or replaced by it: each pixel of ink stays where the scan has it.
"""

from typing import Final

import cv2
import numpy as np

from pipeline.formats.pixels import Grey
from pipeline.pdfa.compact_pixels import Mask, Picture, has_colour

_PAPER_DPI: Final = 40.0
_PAPER_CLOSED: Final = 5
"""Pixels at `_PAPER_DPI`, 3 mm: what is dark and larger is a picture, and stays with the paper."""
_PICTURE: Final = 60
"""Grey levels by which the surroundings are darker than the page's paper, where pictures are."""
_LEAST_CONTRAST: Final = 16.0
_GRAIN: Final = (4.0, 4.0)
"""Contrast that grain does not reach: so many times its deviation, and so many levels more."""
_SMOOTH: Final = 1 / 350
"""Inches."""
_NEAR: Final = 0.012
"""Inches within which strokes are compared with the darkest one: what is much less dark is that one's edge."""
EDGES: Final = (0.3, 0.45, 0.65, 0.8)
"""Shares of a stroke's darkness."""
_COMPANY: Final = 3
"""Pixels of ink among a pixel and its eight neighbours, without which it is a speck."""


def written(page: Picture) -> tuple[Mask, ...]:
    """The page's ink, for each of `EDGES` where it is so much as dark as its strokes are. Pictures are no ink."""
    seen = _seen(page)
    darkness, picture = _darkness(seen, page.dpi)
    near = 2 * max(1, round(_NEAR * page.dpi)) + 1
    darkest = cv2.blur(cv2.dilate(darkness, np.ones((near, near), np.uint8)), (near, near))
    ink = np.where(darkness > _floor(seen, darkness, page.dpi), np.uint8(255), np.uint8(0))
    ink[picture] = 0
    ink = cv2.bitwise_and(ink, cv2.compare(darkness, cv2.convertScaleAbs(darkest, alpha=EDGES[0]), cv2.CMP_GT))
    company = cv2.boxFilter(np.bitwise_and(ink, 1), -1, (3, 3), normalize=False, borderType=cv2.BORDER_CONSTANT)
    ink[company < _COMPANY] = 0
    depths = (cv2.compare(darkness, cv2.convertScaleAbs(darkest, alpha=share), cv2.CMP_GT) for share in EDGES)
    return tuple(cv2.bitwise_and(ink, depth).astype(np.bool_) for depth in depths)


def _seen(page: Picture) -> Grey:
    """The page as dark as its inks are: a light blue one is dark to a red light."""
    if not has_colour(page.pixels):
        return page.luma
    red, green, blue = cv2.split(page.pixels)
    return np.asarray(cv2.addWeighted(cv2.min(cv2.min(red, green), blue), 0.5, page.luma, 0.5, 0), np.uint8)


def _darkness(seen: Grey, dpi: float) -> tuple[Grey, Mask]:
    """How much darker than its paper each pixel is, in grey levels; and where pictures are."""
    height, width = seen.shape
    scale = min(1.0, _PAPER_DPI / dpi)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(seen, size, interpolation=cv2.INTER_AREA)
    closed = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((_PAPER_CLOSED, _PAPER_CLOSED), np.uint8))
    paper = cv2.GaussianBlur(closed, (0, 0), _PAPER_CLOSED / 2)
    full = cv2.resize(paper, (width, height), interpolation=cv2.INTER_LINEAR)
    dark = cv2.dilate(
        (closed < float(np.percentile(closed, 75)) - _PICTURE).astype(np.uint8), np.ones((3, 3), np.uint8)
    )
    picture = cv2.resize(dark, (width, height), interpolation=cv2.INTER_NEAREST).astype(np.bool_)
    return np.asarray(cv2.subtract(full, _smooth(seen, dpi)), np.uint8), picture


def _smooth(seen: Grey, dpi: float) -> Grey:
    return np.asarray(cv2.GaussianBlur(seen, (0, 0), max(0.5, _SMOOTH * dpi)), np.uint8)


def _floor(seen: Grey, darkness: Grey, dpi: float) -> float:
    """Grey levels that nothing but ink reaches: above the paper's grain, told from some of the page's pixels."""
    smooth = _smooth(seen, dpi)[::2, ::2].astype(np.float32)
    rough = np.abs(smooth - cv2.GaussianBlur(smooth, (0, 0), 2))[::2, ::2]
    paper = rough[darkness[::4, ::4] < _LEAST_CONTRAST]
    grain = float(np.percentile(paper, 68)) if paper.size else 0.0
    return max(_LEAST_CONTRAST, _GRAIN[0] * grain + _GRAIN[1])
