"""Whether a side of a sheet bears ink: told from holes, staples, folds, dark borders and what shines through.

A doubt is ink: a blank page taken for content is one page too many, a page taken for blank is lost to its reader.
"""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.formats.pixels import Grey

_DPI: Final = 100
_MM: Final = _DPI / 25.4
_STRONG: Final = 0.2
"""Darker than the paper around it by this share: pen, pencil, toner. What shines through stays below."""
_STRONG_ENOUGH: Final = 1.0 * _MM**2
_FAINT_ENOUGH: Final = 25.0 * _MM**2
"""Fainter marks count together: fewer than half a line of type is dust and paper."""
_FAINT_LEVELS: Final = 2.0
_FAINT_NOISES: Final = 5.0
_SPECK: Final = 4
"""Pixels: smaller spots are dust."""
_MOST_SPOTS: Final = 400
_MARGIN: Final = round(5 * _MM)
_BORDER: Final = 15 * _MM
_HOLE: Final = (3.5 * _MM, 9.0 * _MM)
_HOLE_FROM_EDGE: Final = 20 * _MM
_ROUND: Final = 0.7
_STAPLE: Final = (3.0 * _MM, 14.0 * _MM)
_STAPLE_THICK: Final = 1.8 * _MM
_CORNER: Final = 25 * _MM
_MOST_STAPLES: Final = 2
_MOST_LINES: Final = 6
_LINE_SPAN: Final = 0.5
_LINE_GAP: Final = 12 * _MM
_LINE_HALF: Final = 0.9 * _MM
_LINE_SURROUND: Final = 2.8 * _MM
_LINE_STRAYS: Final = 0.25

_Mask = NDArray[np.uint8]


def is_blank(page: Grey, dpi_x: float, dpi_y: float) -> bool:
    """True only when nothing but paper and its wear is there. `page` is (height, width), 0 black to 255 white."""
    small = _reduced(page, dpi_x, dpi_y)
    if min(small.shape) < 10 * _MARGIN:
        return False
    strong = _strong(small)
    if _is_written_all_over(strong):
        return False
    faint = _faint(small) if np.any((page > 0) & (page < 255)) else np.zeros_like(small)  # noqa: PLR2004 - grey levels
    worn = _wear(strong | faint)
    return _area(strong & ~worn) <= _STRONG_ENOUGH and _area(faint & ~worn) <= _FAINT_ENOUGH


def inked_share(page: Grey, dpi_x: float, dpi_y: float) -> float:
    """Share of the page darker than the paper around it, 0 to 1, margins left out."""
    small = _reduced(page, dpi_x, dpi_y)
    inner = _strong(small)[_MARGIN:-_MARGIN, _MARGIN:-_MARGIN]
    return cv2.countNonZero(np.ascontiguousarray(inner)) / inner.size if inner.size else 1.0


def _reduced(page: Grey, dpi_x: float, dpi_y: float) -> Grey:
    width = max(1, round(page.shape[1] * _DPI / dpi_x))
    height = max(1, round(page.shape[0] * _DPI / dpi_y))
    return np.asarray(cv2.resize(page, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _strong(small: Grey) -> _Mask:
    """Marks darker than the paper around them, whatever the paper's own shade."""
    lit = cv2.dilate(cv2.medianBlur(small, 5), np.ones((5, 5), np.uint8))
    paper = cv2.medianBlur(lit, 31).astype(np.float32)
    darkness = (paper - small.astype(np.float32)) / np.maximum(paper, 32)
    return np.where(darkness > _STRONG, np.uint8(255), np.uint8(0))


def _faint(small: Grey) -> _Mask:
    """Strokes of 0.3 to 0.6 mm that stand out of the paper's own grain, however light. What shines through is wider."""
    levels = small.astype(np.float32)
    strokes = cv2.GaussianBlur(levels, (0, 0), 0.6 * _MM) - cv2.GaussianBlur(levels, (0, 0), 0.3 * _MM)
    grain = 1.4826 * float(np.median(np.abs(strokes - np.median(strokes))))
    return np.where(strokes > max(_FAINT_LEVELS, _FAINT_NOISES * grain), np.uint8(255), np.uint8(0))


def _is_written_all_over(strong: _Mask) -> bool:
    """More spots away from the edges than wear ever leaves: spares most pages the closer look."""
    inner = strong[4 * _MARGIN : -4 * _MARGIN, 4 * _MARGIN : -4 * _MARGIN]
    count, _, stats, _ = cv2.connectedComponentsWithStats(np.ascontiguousarray(inner), connectivity=8)
    return int(np.count_nonzero(stats[1:count, cv2.CC_STAT_AREA] >= _SPECK)) > _MOST_SPOTS


def _wear(marks: _Mask) -> _Mask:
    """Where marks are no ink: the margin, thin straight lines from edge to edge, dark borders, holes, staples."""
    worn = np.full_like(marks, 255)
    worn[_MARGIN:-_MARGIN, _MARGIN:-_MARGIN] = 0
    for line in _folds(marks):
        cv2.line(worn, line[:2], line[2:], 255, round(2 * _LINE_HALF))
    _mark_shapes(marks & ~worn, worn)
    return worn


def _folds(marks: _Mask) -> list[tuple[int, int, int, int]]:
    """Folds and streaks: a few thin straight lines across half the page, with hardly a mark along their sides."""
    height, width = marks.shape
    span = int(_LINE_SPAN * min(height, width))
    found = cv2.HoughLinesP(marks, 1, np.pi / 720, 60, minLineLength=span, maxLineGap=_LINE_GAP)
    folds: list[tuple[int, int, int, int]] = []
    rest = marks.copy()
    for ends in [] if found is None else np.asarray(found).reshape(-1, 4).tolist():
        x0, y0, x1, y1 = (int(end) for end in ends)
        if not _thin(rest, (x0, y0, x1, y1)):
            continue
        folds.append((x0, y0, x1, y1))
        cv2.line(rest, (x0, y0), (x1, y1), 0, round(2 * _LINE_HALF))
        if len(folds) > _MOST_LINES:
            return []
    return folds


def _thin(marks: _Mask, line: tuple[int, int, int, int]) -> bool:
    """Marks on the line itself, and hardly any within 2.8 mm beside it: no line of writing is like that."""
    core, around = np.zeros_like(marks), np.zeros_like(marks)
    cv2.line(core, line[:2], line[2:], 255, round(2 * _LINE_HALF))
    cv2.line(around, line[:2], line[2:], 255, round(2 * _LINE_SURROUND))
    on_line = cv2.countNonZero(marks & core)
    return cv2.countNonZero(marks & around) - on_line <= _LINE_STRAYS * on_line


def _mark_shapes(left: _Mask, worn: _Mask) -> None:
    """Add borders, holes and at most two staples to `worn`."""
    height, width = left.shape
    contours, _ = cv2.findContours(left, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    staples = 0
    for found in contours:
        contour = np.asarray(found, np.int32)
        x, y, wide, high = cv2.boundingRect(contour)
        from_sides = min(x, width - x - wide), min(y, height - y - high)
        far_sides = min(x + wide, width - x), min(y + high, height - y)
        border = min(from_sides) <= _MARGIN and min(far_sides) <= _BORDER
        hole = min(far_sides) <= _HOLE_FROM_EDGE + _HOLE[1] and _is_round(contour, wide, high)
        staple = staples < _MOST_STAPLES and max(far_sides) <= _CORNER and _is_bar(contour)
        staples += staple and not border and not hole
        if border or hole or staple:
            cv2.drawContours(worn, [contour], -1, 255, cv2.FILLED)
            cv2.drawContours(worn, [contour], -1, 255, 5)


def _is_round(contour: NDArray[np.int32], wide: int, high: int) -> bool:
    least, most = _HOLE
    if not (least <= min(wide, high) and max(wide, high) <= most):
        return False
    hull = cv2.convexHull(contour)
    _, radius = cv2.minEnclosingCircle(hull)
    return bool(cv2.contourArea(hull) > _ROUND * np.pi * radius**2)


def _is_bar(contour: NDArray[np.int32]) -> bool:
    _, sides, _ = cv2.minAreaRect(contour)
    least, most = _STAPLE
    return bool(least <= max(sides) <= most and min(sides) <= _STAPLE_THICK)


def _area(mask: _Mask) -> int:
    """Pixels in spots bigger than dust."""
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    areas = stats[1:count, cv2.CC_STAT_AREA]
    return int(areas[areas >= _SPECK].sum())
