"""How much of a scan a drawing of it shows: structure, ink, colour. Whoever drew it is not asked.

Similarity is the structural similarity index of Wang, Bovik, Sheikh and Simoncelli (IEEE Trans. Image Processing
13(4), 2004) of the luma at 150 dots an inch: Gaussian window of 11 x 11, deviation 1.5, K1 = 0.01, K2 = 0.03, the mean
over the page. Grain (sensor noise, paper fibre, a scanner's JPEG noise on bare paper) is taken off both pictures first
by Lee's filter (IEEE Trans. PAMI 2(2), 1980; 7 x 7), with one variance, measured on the scan's own bare paper and
bounded: a drawing is not asked to repeat noise. On a page without grain it is the plain index.
"""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.formats.pixels import Grey
from pipeline.pdfa.compact_pixels import Mask, Picture, Pixels, has_colour

LEAST_SIMILARITY: Final = 0.95
LEAST_INK: Final = 0.995
LEAST_COLOUR: Final = 0.98
LEAST_PLACE: Final = 0.9
"""Of the ink of any one place of 2 cm: a signature is a small part of a page's ink."""
MOST_GRAIN: Final = 10.0
"""Grey levels, standard deviation: what varies more than this is taken for something that was written."""

_DPI: Final = 150.0
_SAME_DPI: Final = 0.02
_K: Final = ((0.01 * 255) ** 2, (0.03 * 255) ** 2)
_WINDOW: Final = 7
_PAPER_PART: Final = 8
_INK_SMOOTH: Final = 1 / 350
"""Inches."""
_INK_NEAR: Final = 0.02
_LEAST_CONTRAST: Final = 22.0
"""Grey levels by which pencil at least differs from its paper."""
_GRAINS: Final = 6.0
_HALF: Final = 0.5
"""What is ink on one picture must be at least half as clearly so on the other."""
_COMPANY: Final = 3
"""Clear pixels among a pixel and its eight neighbours, without which it is a speck."""
_PLACE_INCHES: Final = 0.8
_LEAST_IN_PLACE: Final = 0.012
"""Share of a place that is ink, below which it is not judged by itself."""
_CHROMA: Final = 7.0
"""CIE Lab distance from the paper's colour at which a pixel has one."""
_COLOUR_COMPANY: Final = 5
_LEAST_COLOURED: Final = 100
"""Pixels at 150 dots an inch, 3 square millimetres: what there must be to be lost."""
_RIM: Final = 6
"""The same, 1 mm of each edge, where a JPEG's last blocks have colours of their own."""
_SAME_HUE: Final = 0.8
"""Cosine of the angle between two colours' directions from the paper's."""


@dataclass(frozen=True, slots=True)
class Fidelity:
    """Shares from 0 to 1; 1 where there is nothing of the kind."""

    similarity: float
    ink_recall: float
    """Of the scan's ink pixels, those with ink within one pixel in the drawing."""
    ink_precision: float
    """Of the drawing's, those with ink within one pixel in the scan."""
    worst_place: float
    """The lesser of both in the worst place of 2 cm."""
    colour_recall: float
    """Of the scan's coloured pixels, those with like colour within one pixel in the drawing."""
    colour_precision: float

    @property
    def enough(self) -> bool:
        """Whether the drawing may stand for the scan."""
        return (
            self.similarity >= LEAST_SIMILARITY
            and min(self.ink_recall, self.ink_precision) >= LEAST_INK
            and self.worst_place >= LEAST_PLACE
            and min(self.colour_recall, self.colour_precision) >= LEAST_COLOUR
        )


def fidelity(scan: Picture, drawn: Pixels) -> Fidelity:
    """Compare a drawing of the scan's size, grey or RGB, with it."""
    luma = np.asarray(cv2.cvtColor(drawn, cv2.COLOR_RGB2GRAY), np.uint8) if has_colour(drawn) else drawn
    ink, drawn_ink = _ink(scan, luma)
    recall, places = _found(ink[0], drawn_ink[1], scan.dpi)
    precision, drawn_places = _found(drawn_ink[0], ink[1], scan.dpi)
    similarity = _similarity(small(scan.luma, scan.dpi), small(luma, scan.dpi))
    colour_recall, colour_precision = _colours(scan, drawn)
    return Fidelity(similarity, recall, precision, min(places, drawn_places), colour_recall, colour_precision)


def small(pixels: Pixels, dpi: float) -> Pixels:
    """A picture of so many dots an inch at those of the structural similarity."""
    scale = _DPI / dpi
    if abs(scale - 1) < _SAME_DPI:
        return pixels
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=way), np.uint8)


def _similarity(scan: Grey, drawn: Grey) -> float:
    one, other = scan.astype(np.float32), drawn.astype(np.float32)
    grain = _grain(one)
    return ssim(_without(grain, one), _without(grain, other))


def ssim(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Mean structural similarity of two grey pictures of one size, levels 0 to 255."""
    mean_one, mean_other = _weighted(one), _weighted(other)
    products = mean_one * mean_other
    squares = mean_one * mean_one + mean_other * mean_other
    variances = _weighted(one * one + other * other) - squares
    covariance = _weighted(one * other) - products
    index = ((2 * products + _K[0]) * (2 * covariance + _K[1])) / ((squares + _K[0]) * (variances + _K[1]))
    return float(index.mean())


def _weighted(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(picture, (11, 11), 1.5), np.float32)


def _without(grain: float, picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """What varies no more than bare paper does becomes its mean, the more so the less it varies."""
    mean, variance = _moments(picture)
    kept = np.maximum(variance - grain, 0) / np.maximum(variance, 1e-3)
    return np.asarray(mean + kept * (picture - mean), np.float32)


def _moments(picture: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean and variance of each pixel's window."""
    mean = np.asarray(cv2.blur(picture, (_WINDOW, _WINDOW)), np.float32)
    return mean, np.asarray(cv2.blur(picture * picture, (_WINDOW, _WINDOW)) - mean * mean, np.float32)


def _grain(scan: NDArray[np.float32]) -> float:
    """Variance of bare paper: that of nine windows of ten without ink, and never above `MOST_GRAIN`."""
    size = max(1, scan.shape[1] // _PAPER_PART), max(1, scan.shape[0] // _PAPER_PART)
    reduced = cv2.resize(scan, size, interpolation=cv2.INTER_AREA)
    paper = cv2.dilate(reduced, np.ones((3, 3), np.uint8))
    full = cv2.resize(paper, scan.shape[::-1], interpolation=cv2.INTER_LINEAR)
    inked = (full - cv2.GaussianBlur(scan, (0, 0), 1.0) > _LEAST_CONTRAST).astype(np.uint8)
    bare = cv2.dilate(inked, np.ones((_WINDOW + 2, _WINDOW + 2), np.uint8)) == 0
    _, variance = _moments(scan)
    found = float(np.percentile(variance[bare][::4], 90)) if bare.any() else 0.0
    return min(found, MOST_GRAIN**2)


def _ink(scan: Picture, drawn: Grey) -> tuple[tuple[Mask, Mask], tuple[Mask, Mask]]:
    """Clear ink and possible ink, of the scan and of the drawing, both judged by the scan's paper and grain."""
    height, width = scan.luma.shape
    step = max(1, round(scan.dpi / 37))
    size = max(1, width // step), max(1, height // step)
    reduced = cv2.resize(scan.luma, size, interpolation=cv2.INTER_AREA)
    lightest = cv2.dilate(reduced, np.ones((5, 5), np.uint8))
    full = cv2.resize(cv2.GaussianBlur(lightest, (0, 0), 3.0), (width, height), interpolation=cv2.INTER_LINEAR)
    paper = np.asarray(full, np.uint8)
    own, others = _contrast(scan.luma, paper, scan.dpi), _contrast(drawn, paper, scan.dpi)
    least = max(_LEAST_CONTRAST, _above_grain(paper, scan.luma, scan.dpi))
    return _clear(own, least, scan.dpi), _clear(others, least, scan.dpi)


def _contrast(luma: Grey, paper: Grey, dpi: float) -> Grey:
    return np.asarray(cv2.subtract(paper, cv2.GaussianBlur(luma, (0, 0), max(0.4, _INK_SMOOTH * dpi))), np.uint8)


def _above_grain(paper: Grey, luma: Grey, dpi: float) -> float:
    """Contrast that bare paper does not reach, from what is lighter than any ink."""
    smooth = cv2.GaussianBlur(luma, (0, 0), max(0.4, _INK_SMOOTH * dpi))[::4, ::4]
    levels = paper[::4, ::4].astype(np.int16) - smooth
    levels = levels[levels < _LEAST_CONTRAST]
    if not levels.size:
        return 0.0
    middle = float(np.median(levels))
    return middle + _GRAINS * (middle - float(np.percentile(levels, 16)))


def _clear(contrast: Grey, least: float, dpi: float) -> tuple[Mask, Mask]:
    """Pixels at least half as dark as the darkest nearby; and those that are so by half."""
    near = 2 * max(1, round(_INK_NEAR * dpi)) + 1
    darkest = cv2.dilate(contrast, np.ones((near, near), np.uint8))
    clear, possible = (
        contrast >= np.maximum(cv2.convertScaleAbs(darkest, alpha=_HALF * part), np.uint8(min(least * part, 255)))
        for part in (1.0, _HALF)
    )
    # A stroke is no lone pixel; grain is.
    company = cv2.boxFilter(clear.astype(np.uint8), -1, (3, 3), normalize=False)
    return clear & (company >= _COMPANY), possible


def _found(wanted: Mask, there: Mask, dpi: float) -> tuple[float, float]:
    """Share of the wanted pixels that are there within one pixel; on the page, and in its worst place."""
    lost = wanted & ~cv2.dilate(there.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    side = max(1, round(_PLACE_INCHES * dpi))
    size = max(1, wanted.shape[1] // side), max(1, wanted.shape[0] // side)
    have, gone = (cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA) for mask in (wanted, lost))
    judged = have > _LEAST_IN_PLACE
    shares = 1 - gone[judged] / have[judged]
    return _share(int(wanted.sum() - lost.sum()), int(wanted.sum())), float(shares.min()) if shares.size else 1.0


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0


def _colours(scan: Picture, drawn: Pixels) -> tuple[float, float]:
    """Recall and precision of coloured pixels at `_DPI`, by their direction in CIE Lab from the scan's paper."""
    if not has_colour(scan.pixels) and not has_colour(drawn):
        return 1.0, 1.0
    one, other = (_lab(pixels, scan.dpi) for pixels in (scan.pixels, drawn))
    paper = np.median(one[::4, ::4].reshape(-1, 2), axis=0)
    one, other = one - paper, other - paper
    return _like(one, other), _like(other, one)


def _lab(pixels: Pixels, dpi: float) -> NDArray[np.float32]:
    """The a and b of CIE Lab, averaged over the reach of a scanner's halved chroma."""
    rgb = pixels if has_colour(pixels) else cv2.cvtColor(pixels, cv2.COLOR_GRAY2RGB)
    averaged = cv2.blur(small(np.asarray(rgb, np.uint8), dpi), (3, 3))
    return np.asarray(cv2.cvtColor(averaged, cv2.COLOR_RGB2LAB)[..., 1:], np.float32)


def _like(wanted: NDArray[np.float32], there: NDArray[np.float32]) -> float:
    """Share of clearly coloured pixels beside which, within one pixel, the other picture is coloured alike."""
    chroma = np.linalg.norm(wanted, axis=2)
    coloured = (chroma > _CHROMA).astype(np.uint8)
    coloured &= cv2.boxFilter(coloured, -1, (3, 3), normalize=False) >= _COLOUR_COMPANY
    rows, columns = (places + _RIM for places in np.nonzero(coloured[_RIM:-_RIM, _RIM:-_RIM]))
    if rows.size < _LEAST_COLOURED:
        return 1.0
    asked = wanted[rows, columns] / chroma[rows, columns][:, None]
    padded = np.pad(there, ((1, 1), (1, 1), (0, 0)), mode="edge")
    met = np.zeros(rows.size, np.bool_)
    for down in range(3):
        for right in range(3):
            found = padded[rows + down, columns + right]
            strength = np.linalg.norm(found, axis=1)
            along = np.einsum("ij,ij->i", found, asked)
            met |= (strength > _CHROMA * _HALF) & (along > _SAME_HUE * strength)
    return _share(int(met.sum()), met.size)
