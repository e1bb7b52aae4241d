"""How well a page was scanned: tilt, sharpness, contrast, blackness, and writing that runs out of the image.

Only what the image itself shows is measured, on a reduced copy and on a few places at full size; nothing is read.
What is asked of a page is the contract's (NF Z42-026: quality is agreed and controlled), and nothing here refuses one.
"""

from dataclasses import dataclass
from typing import Any, Final, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.formats.pixels import Grey
from pipeline.formats.raster import inferred_dpi
from pipeline.marks import likeness
from pipeline.marks.profile import Profile
from pipeline.marks.small import MM as _MM
from pipeline.marks.small import Small, reduced
from pipeline.model import Colour, PageImage

_MM_PER_INCH: Final = 25.4
_INK: Final = 0.8
"""Of the paper's level around it: darker is ink."""
_LEAST_SIDE: Final = 100
"""Pixels of the reduced copy; a smaller scrap shows neither lines nor letters enough."""
_LEAST_INK: Final = 300
_NEGATIVE: Final = 0.5
"""Black share from which a page shows no lines of ink."""
_MOST_POINTS: Final = 6_000
_REACH: Final = 8.0
_STEPS: Final = ((8.0, 0.5), (0.4, 0.1))
"""Reach and step of the search for the tilt, in degrees, one pass each."""
_LINES: Final = 2.2
"""How much sharper than at other angles the lines' profile must be; a page of drawings has no direction."""
_TILE_MM: Final = 12.0
_MOST_TILES: Final = 12
_AROUND_MM: Final = 0.8
_STEEP: Final = 95
"""Percentile of the edges' slopes: the sharpest edges of a place say how sharp it is."""
_FAINT: Final = 24
"""Levels: weaker edges are the paper's grain."""
_BLACK: Final = 48
_LETTER_MM: Final = (1.4, 9.0)
"""How deep a letter that is cut reaches into the image: the speckles of a border do not."""
_STRIP_MM: Final = 12.0
_RIM: Final = 2
_WHOLE_RIM: Final = 0.15
"""Share of a side that dark borders cover: beyond it, what touches the side is the scanner's lid."""

_EVERY: Final = 2
"""Of the pixels each way that the contrast is taken from."""

_Mask = NDArray[np.uint8]
_Level = TypeVar("_Level", np.uint8, np.float32)


@dataclass(frozen=True, slots=True)
class Measures:
    """One page's image, measured. Where nothing tells (no ink, a scrap, two levels only) a measure is harmless."""

    skew: float = 0.0
    """Degrees between the lines and the nearest side, 0 to 8."""
    blur: float = 0.0
    """Millimetres from paper to ink at the sharpest edges, the median of several places."""
    contrast: float = 1.0
    """Of the page's darkest ink against its paper."""
    black: float = 0.0
    cut: int = 0
    """Marks of a letter's size that run out of one side of the image."""


def survey(page: Grey, image: PageImage, small: Small | None = None) -> tuple[Measures, bytes]:
    """A page (height, width; 0 black) with the facts of its image: how it was scanned, and its print (`likeness`).

    `small`: the page `reduced`, where it is known.
    """
    small = reduced(page, image.dpi_x, image.dpi_y) if small is None else small
    levels = small.levels
    if min(levels.shape) < _LEAST_SIDE:
        return Measures(), b""
    ink = np.where(levels < _INK * small.paper, np.uint8(255), np.uint8(0))
    black = float(np.count_nonzero(levels < _BLACK)) / levels.size
    contrast, blur = 1.0, 0.0
    if image.colour is not Colour.BILEVEL:
        contrast, blur = _contrast(small, ink), _blur(page, image, _places(ink))
    skew = _skew(ink) if black < _NEGATIVE else 0.0
    measures = Measures(round(skew, 2), round(blur, 3), round(contrast, 3), round(black, 3), _cut(ink))
    return measures, likeness.pressed(small)


def flags_of(image: PageImage, measures: Measures, profile: Profile) -> tuple[str, ...]:
    """In what a page is below the profile: slugs of `lexicon.flags`."""
    edge = max(profile.blur, 2.2 * _MM_PER_INCH / min(image.dpi_x, image.dpi_y))  # no pixel is sharper than itself
    found = {
        "resolution-unknown": (image.dpi_x, image.dpi_y) == inferred_dpi(image.width, image.height),
        "rescan-resolution": min(image.dpi_x, image.dpi_y) < profile.dpi - 0.5,
        "rescan-colour": image.colour.value not in profile.colours,
        "rescan-skew": measures.skew > profile.skew,
        "rescan-blur": measures.blur > edge,
        "rescan-clipped": measures.contrast < profile.contrast or measures.black > profile.black,
        "rescan-cut": measures.cut >= profile.cut,
    }
    return tuple(slug for slug, is_so in found.items() if is_so)


def _skew(ink: _Mask) -> float:
    """The profile of the ink is sharpest along its lines (Postl 1986), level or upright."""
    found: Any = cv2.findNonZero(np.ascontiguousarray(_inner(ink)))
    if found is None or len(found) < _LEAST_INK:
        return 0.0
    some = found.reshape(-1, 2)[:: max(1, len(found) // _MOST_POINTS)]
    columns, rows = np.ascontiguousarray(some.T, np.float32)
    level, upright = _tilt(rows, columns), _tilt(columns, rows)
    angle, lines = max(level, upright, key=lambda found: found[1])
    return abs(angle) if lines >= _LINES and abs(angle) < _REACH else 0.0


def _tilt(along: NDArray[np.float32], across: NDArray[np.float32]) -> tuple[float, float]:
    """The angle at which the profile is sharpest, and how much sharper it is than at most others."""
    best, first = 0.0, np.zeros(1)
    for reach, step in _STEPS:
        angles = best + step * np.arange(-round(reach / step), round(reach / step) + 1)
        sharp = _sharpness(along, across, angles)
        best = float(angles[int(sharp.argmax())])
        first = sharp if first.size == 1 else first
    return best, float(first.max() / max(1.0, float(np.median(first))))


def _sharpness(
    along: NDArray[np.float32], across: NDArray[np.float32], angles: NDArray[np.floating[Any]]
) -> NDArray[np.float64]:
    """Of the profile at each of the angles: what it changes from line to line, squared."""
    levels = along + across * np.tan(np.radians(angles)).astype(np.float32)[:, None]
    lines = (levels - levels.min(axis=1, keepdims=True)).astype(np.intp)
    last = lines.max(axis=1)
    each = int(last.max()) + 1
    lines += each * np.arange(len(angles))[:, None]
    profiles = np.bincount(lines.ravel(), minlength=each * len(angles)).reshape(-1, each).astype(np.float64)
    changes = np.sum(np.diff(profiles, axis=1) ** 2, axis=1)
    # a profile that is shorter than the longest ends with its last line, not with a fall to nothing
    falls = np.where(last < each - 1, profiles[np.arange(len(angles)), last], 0.0)
    return np.asarray(changes - falls**2, np.float64)


def _inner(ink: NDArray[_Level]) -> NDArray[_Level]:
    """Without the outer 8 mm: a scanner's black border is straight, the text may not be."""
    edge = round(8 * _MM)
    return ink[edge:-edge, edge:-edge]


def _contrast(small: Small, ink: _Mask) -> float:
    """Of the darkest twentieth of the ink; where there is hardly any above the threshold, of the darkest marks."""
    few = np.s_[::_EVERY, ::_EVERY]
    level, dark = _inner(small.paper)[few], _inner(small.levels)[few]
    inner = np.asarray(((level - dark) / np.maximum(level, 1) * 255).clip(0, 255), np.uint8)
    found = inner[_inner(ink)[few] > 0]
    if found.size >= _LEAST_INK // _EVERY**2:
        return float(np.percentile(found, 95)) / 255
    marks = inner[inner > 8]  # noqa: PLR2004 - levels: less is the paper's grain
    return float(np.percentile(marks, 95)) / 255 if marks.size >= 10 * _LEAST_INK // _EVERY**2 else 1.0


def _places(ink: _Mask) -> list[tuple[float, float]]:
    """Left and top in millimetres of the places with most ink edges, half of them ink at most."""
    tile = round(_TILE_MM * _MM)
    edges = cv2.morphologyEx(ink, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    rows, columns = ink.shape[0] // tile, ink.shape[1] // tile
    shape = (rows, tile, columns, tile)
    counted = (edges[: rows * tile, : columns * tile].reshape(shape) > 0).mean(axis=(1, 3))
    counted[0], counted[-1], counted[:, 0], counted[:, -1] = 0, 0, 0, 0
    best = np.argsort(counted, axis=None)[::-1][:_MOST_TILES]
    return [
        (int(column) * _TILE_MM, int(row) * _TILE_MM)
        for row, column in zip(*np.unravel_index(best, counted.shape), strict=True)
        if counted[row, column] > 0.02  # noqa: PLR2004 - share of the place: a stroke or two
    ]


def _blur(page: Grey, image: PageImage, places: list[tuple[float, float]]) -> float:
    found = [width for place in places if (width := _edge(page, image, place)) is not None]
    return float(np.median(found)) if found else 0.0


def _edge(page: Grey, image: PageImage, place: tuple[float, float]) -> float | None:
    """Millimetres from paper to ink at the sharpest edges of one place; None where there is hardly an edge."""
    per_mm = image.dpi_x / _MM_PER_INCH, image.dpi_y / _MM_PER_INCH
    left, top = round(place[0] * per_mm[0]), round(place[1] * per_mm[1])
    tile = page[top : top + round(_TILE_MM * per_mm[1]), left : left + round(_TILE_MM * per_mm[0])]
    window = np.ones((round(_AROUND_MM * per_mm[1]) | 1, round(_AROUND_MM * per_mm[0]) | 1), np.uint8)
    if min(tile.shape) < 2 * max(window.shape):
        return None
    soft = np.asarray(cv2.GaussianBlur(tile, (3, 3), 0.5), np.uint8)  # the grain of a page makes edges of its own
    span = np.asarray(cv2.dilate(soft, window) - cv2.erode(soft, window), np.uint8)
    slopes = cv2.absdiff(soft[1:], soft[:-1]), cv2.absdiff(soft[:, 1:], soft[:, :-1])
    widths = [
        _width(np.asarray(slope, np.uint8), span, 1 / scale)
        for slope, scale in zip(slopes, reversed(per_mm), strict=True)
    ]
    told = [width for width in widths if width is not None]
    return min(told) if told else None


def _width(slopes: Grey, span: Grey, pixel: float) -> float | None:
    high, wide = slopes.shape
    span = span[:high, :wide]
    there = span > max(_FAINT, 0.5 * float(span.max()))
    told = slopes[there].astype(np.float32) / span[there].astype(np.float32)
    if told.size < 50:  # noqa: PLR2004 - pixels: a dot
        return None
    return pixel / max(float(np.percentile(told, _STEEP)), 1e-3)


def _cut(ink: _Mask) -> int:
    """Marks of a letter's size that touch a side of the image, on the side with most of them."""
    return max(_cut_by(np.ascontiguousarray(np.rot90(ink, turns)[: round(_STRIP_MM * _MM)])) for turns in range(4))


def _cut_by(strip: _Mask) -> int:
    """By the upper side of a strip. Where a dark border runs along it, nobody can tell letters from its shadow."""
    if np.count_nonzero(strip[:_RIM].max(axis=0)) > _WHOLE_RIM * strip.shape[1]:
        return 0
    least, most = _LETTER_MM[0] * _MM, _LETTER_MM[1] * _MM
    count, _, stats, _ = cv2.connectedComponentsWithStats(strip, connectivity=8)
    touching = stats[1:count][stats[1:count, cv2.CC_STAT_TOP] == 0]
    deep, along = touching[:, cv2.CC_STAT_HEIGHT], touching[:, cv2.CC_STAT_WIDTH]
    return int(np.count_nonzero((deep >= least) & (deep <= most) & (along <= most)))
