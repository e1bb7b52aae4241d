"""Whether a side of a sheet bears ink: told from holes, staples, folds, dark borders and what shines through.

A doubt is ink: a blank page taken for content is one page too many, a page taken for blank is lost to its reader.
"""

from collections.abc import Iterable
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.formats.pixels import Grey
from pipeline.marks.code import Box
from pipeline.marks.small import MM as _MM
from pipeline.marks.small import Small, has_grey, reduced

_STRONG: Final = 0.2
"""Darker than the paper around it by this share: pen, pencil, toner. What shines through stays below."""
_STRONG_ENOUGH: Final = 1.0 * _MM**2
_FAINT_ENOUGH: Final = 25.0 * _MM**2
"""Fainter marks count together: fewer than half a line of type is dust and paper."""
_FAINT_WORD: Final = 6.0 * _MM**2
_WORD: Final = (round(40 * _MM), round(15 * _MM))
"""But close together, a word in pencil is enough: what shines through, and dust, are spread over the sheet."""
_FAINT_LEVELS: Final = 2.0
_FAINT_NOISES: Final = 5.0
_SPECK: Final = 4
"""Pixels: smaller spots are dust."""
_MOST_SPOTS: Final = 400
_LETTER: Final = (1.0 * _MM, 8.0 * _MM)
_BLACK: Final = 0.6
"""Of the paper's level: print and pen, seen at a glance."""
_LETTERS: Final = 60
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
_MOST_RULES: Final = 60
"""Of paper that is ruled: as far from each other, all of them."""
_RULED: Final = 0.12
"""Of their distance: how far a rule may lie elsewhere."""
_LINE_SPAN: Final = 0.5
_LINE_SLANT: Final = 0.06
"""Rise over run: folds and streaks run along the sheet's sides."""
_PAPER_LEAST: Final = 160
"""Median level of the darkest paper; a darker page is a picture, a negative, or a sheet nobody can judge."""
_SHADING: Final = 32.0
"""Levels: paper unevenly lit or shining through keeps within them, once its slope is taken off; pictures do not."""
_SHADE: Final = 2.0 * _MM
_RIM: Final = round(1.5 * _MM)
"""Borders begin in it: they come from outside the sheet."""
_DARK: Final = 0.6
"""Of the paper's level: as dark as a scanner's lid."""
_MOST_BORDER: Final = 0.05
_RIM_INK_ENOUGH: Final = 3.0 * _MM**2
_QUIET: Final = round(5 * _MM)
"""Around a code: its quiet zone, and what the search for its texture leaves out."""
_RULE: Final = 100 * _MM
_LINE_GAP: Final = 12 * _MM
"""A fold or a streak runs across the whole sheet; a stroke of the pen begins and ends on it."""
_LINE_HALF: Final = 0.9 * _MM
_LINE_SURROUND: Final = 2.8 * _MM
_LINE_STRAYS: Final = 0.25

_Mask = NDArray[np.uint8]


def is_blank(page: Grey, dpi_x: float, dpi_y: float, small: Small | None = None) -> bool:
    """True only when nothing but paper and its wear is there. `page` is (height, width), 0 black to 255 white.

    `small`: the page `reduced`, where it is known.
    """
    small = reduced(page, dpi_x, dpi_y) if small is None else small
    levels, paper = small.levels, small.median
    if min(levels.shape) < 10 * _MARGIN or paper < _PAPER_LEAST or _is_plainly_written(small):
        return False
    strong = _strong(levels)
    if _is_written_all_over(strong):
        return False
    border = _border(strong | np.where(levels < _DARK * paper, np.uint8(255), np.uint8(0)))
    if cv2.countNonZero(border) > _MOST_BORDER * border.size or _is_written_in_margin(strong & ~border):
        return False
    faint = _faint(levels) if has_grey(page) else np.zeros_like(levels)
    worn = _wear(strong | faint, border)
    if _area(strong & ~worn) > _STRONG_ENOUGH or _area(faint & ~worn) > _FAINT_ENOUGH or _is_a_word(faint & ~worn):
        return False
    return _shading(np.where(worn > 0, np.uint8(paper), levels)) <= _SHADING


def inked_share(small: Small) -> float:
    """Share of a page darker than the paper around it, 0 to 1, margins left out."""
    inner = _strong(small.levels)[_MARGIN:-_MARGIN, _MARGIN:-_MARGIN]
    return cv2.countNonZero(np.ascontiguousarray(inner)) / inner.size if inner.size else 1.0


def written(small: Small, apart: Iterable[Box]) -> tuple[int, float]:
    """Marks away from the edges and outside the boxes `apart`: how many, and how many mm² but for rules and frames."""
    marks = _strong(small.levels)
    for box in apart:
        left, top, right, bottom = (round(place * _MM) for place in box)
        marks[max(0, top - _QUIET) : bottom + _QUIET, max(0, left - _QUIET) : right + _QUIET] = 0
    inner = np.ascontiguousarray(marks[_MARGIN:-_MARGIN, _MARGIN:-_MARGIN])
    _, _, stats, _ = cv2.connectedComponentsWithStats(inner, connectivity=8)
    spots = stats[1:][stats[1:, cv2.CC_STAT_AREA] >= _SPECK]
    sides = np.maximum(spots[:, cv2.CC_STAT_WIDTH], spots[:, cv2.CC_STAT_HEIGHT])
    return len(spots), float(spots[sides < _RULE, cv2.CC_STAT_AREA].sum()) / _MM**2


def _is_plainly_written(small: Small) -> bool:
    """Black spots away from the edges, of the size of letters each way, more than holes and staples ever make: a glance
    that spares most pages the others."""
    inner = np.s_[4 * _MARGIN : -4 * _MARGIN, 4 * _MARGIN : -4 * _MARGIN]
    black = (small.levels[inner] < _BLACK * small.paper[inner]).astype(np.uint8)
    count, _, stats, _ = cv2.connectedComponentsWithStats(black, connectivity=8)
    sides = stats[1:count, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]]
    least, most = _LETTER
    return int(np.count_nonzero(((sides >= least) & (sides <= most)).all(axis=1))) > _LETTERS


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
    """More spots away from the edges than wear ever leaves: spares many pages the closer look."""
    inner = strong[4 * _MARGIN : -4 * _MARGIN, 4 * _MARGIN : -4 * _MARGIN]
    count, _, stats, _ = cv2.connectedComponentsWithStats(np.ascontiguousarray(inner), connectivity=8)
    return int(np.count_nonzero(stats[1:count, cv2.CC_STAT_AREA] >= _SPECK)) > _MOST_SPOTS


def _border(dark: _Mask) -> _Mask:
    """What runs into the sheet from beyond its edge: the scanner's lid, the shadow of the sheet."""
    _, labels = cv2.connectedComponents(dark, connectivity=8)
    rims = labels[:_RIM], labels[-_RIM:], labels[:, :_RIM], labels[:, -_RIM:]
    outer = np.unique(np.concatenate([rim.ravel() for rim in rims]))
    found = np.isin(labels, outer[outer > 0]).astype(np.uint8) * np.uint8(255)
    return np.asarray(cv2.dilate(found, np.ones((5, 5), np.uint8)), np.uint8)


def _is_written_in_margin(marks: _Mask) -> bool:
    """Whether marks that begin on the sheet, in the margin where wear is not looked at, may be writing."""
    height, width = marks.shape
    _, _, stats, _ = cv2.connectedComponentsWithStats(marks, connectivity=8)
    inked = 0
    for x, y, wide, high, area in stats[1:].tolist():
        in_margin = min(x, y, width - x - wide, height - y - high) < _MARGIN
        shadow = min(wide, high) <= _STAPLE_THICK and max(wide, high) > _STAPLE[1]
        inked += area if in_margin and not shadow and area >= _SPECK else 0
    return inked > _RIM_INK_ENOUGH


def _shading(small: Grey) -> float:
    """Levels between the lightest and the darkest place away from the edges, the slope of uneven light taken off."""
    shade = cv2.GaussianBlur(small.astype(np.float32), (0, 0), _SHADE)[
        3 * _MARGIN : -3 * _MARGIN, 3 * _MARGIN : -3 * _MARGIN
    ]
    sparse = shade[:: _MARGIN // 4, :: _MARGIN // 4]
    down, across = np.mgrid[: sparse.shape[0], : sparse.shape[1]]
    slope = np.stack((np.ones(sparse.size), down.ravel(), across.ravel()), axis=1)
    levels = sparse.ravel().astype(np.float64)
    uneven = levels - slope @ np.linalg.lstsq(slope, levels, rcond=None)[0]
    return float(np.ptp(uneven))


def _wear(marks: _Mask, border: _Mask) -> _Mask:
    """Where marks are no ink: the margin, thin straight lines from edge to edge, dark borders, holes, staples."""
    worn = np.full_like(marks, 255)
    worn[_MARGIN:-_MARGIN, _MARGIN:-_MARGIN] = 0
    worn |= border & _outskirts(marks.shape)
    for line in _folds(marks):
        cv2.line(worn, line[:2], line[2:], 255, round(2 * _LINE_HALF))
    _mark_shapes(marks & ~worn, worn)
    return worn


def _outskirts(shape: tuple[int, ...]) -> _Mask:
    """As deep as borders go: what is joined to one further in is no border."""
    depth = round(_BORDER)
    outskirts = np.full(shape, 255, np.uint8)
    outskirts[depth:-depth, depth:-depth] = 0
    return outskirts


def _folds(marks: _Mask) -> list[tuple[int, int, int, int]]:
    """Folds and streaks: a few thin straight lines from edge to edge, with hardly a mark along their sides."""
    height, width = marks.shape
    span = int(_LINE_SPAN * min(height, width))
    found = cv2.HoughLinesP(marks, 1, np.pi / 720, 60, minLineLength=span, maxLineGap=_LINE_GAP)
    folds: list[tuple[int, int, int, int]] = []
    rest = marks.copy()
    for ends in [] if found is None else np.asarray(found).reshape(-1, 4).tolist():
        x0, y0, x1, y1 = (int(end) for end in ends)
        line = _across(rest, (x0, y0, x1, y1))
        if line is None or not _thin(rest, line):
            continue
        folds.append(line)
        cv2.line(rest, line[:2], line[2:], 0, round(2 * _LINE_HALF))
        if len(folds) > _MOST_RULES:
            return []
    return folds if len(folds) <= _MOST_LINES or _is_ruled(folds) else []


def _is_ruled(lines: list[tuple[int, int, int, int]]) -> bool:
    """Whether lines are those of ruled paper: all but a margin's run one way, whole distances from each other."""
    level = [(y0 + y1) / 2 for x0, y0, x1, y1 in lines if abs(x1 - x0) > abs(y1 - y0)]
    upright = [(x0 + x1) / 2 for x0, y0, x1, y1 in lines if abs(x1 - x0) <= abs(y1 - y0)]
    rules, margins = sorted((level, upright), key=len, reverse=True)
    gaps = np.diff(sorted(rules))
    gaps = gaps[gaps > 2 * _LINE_HALF]  # one rule may be found as two lines
    apart = float(np.median(gaps)) if gaps.size else 1.0
    strays = np.abs(gaps / apart - np.maximum(1, np.round(gaps / apart)))
    return len(margins) <= _MOST_LINES // 2 and bool(np.all(strays <= _RULED))


def _across(marks: _Mask, line: tuple[int, int, int, int]) -> tuple[int, int, int, int] | None:
    """The line drawn out to the sheet's edges, if it runs along two sides with marks from edge to edge."""
    (x0, y0, x1, y1), (height, width) = line, marks.shape
    run, rise = sorted((abs(x1 - x0), abs(y1 - y0)), reverse=True)
    if rise > _LINE_SLANT * run:
        return None
    if abs(x1 - x0) == run:
        slope, side, axis = (y1 - y0) / (x1 - x0), width, 0
        whole = 0, round(y0 - slope * x0), width - 1, round(y0 + slope * (width - 1 - x0))
    else:
        slope, side, axis = (x1 - x0) / (y1 - y0), height, 1
        whole = round(x0 - slope * y0), 0, round(x0 + slope * (height - 1 - y0)), height - 1
    core = np.zeros_like(marks)
    cv2.line(core, whole[:2], whole[2:], 255, round(2 * _LINE_HALF))
    at = np.flatnonzero((marks & core).any(axis=axis))
    gaps = np.diff(np.concatenate(([0], at, [side])))
    return whole if gaps.max() <= _LINE_GAP else None


def _thin(marks: _Mask, line: tuple[int, int, int, int]) -> bool:
    """Marks on the line itself, and hardly any within 2.8 mm beside it: no line of writing is like that."""
    core, around = np.zeros_like(marks), np.zeros_like(marks)
    cv2.line(core, line[:2], line[2:], 255, round(2 * _LINE_HALF))
    cv2.line(around, line[:2], line[2:], 255, round(2 * _LINE_SURROUND))
    on_line = cv2.countNonZero(marks & core)
    return cv2.countNonZero(marks & around) - on_line <= _LINE_STRAYS * on_line


def _mark_shapes(left: _Mask, worn: _Mask) -> None:
    """Add holes and at most two staples to `worn`."""
    height, width = left.shape
    contours, _ = cv2.findContours(left, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    staples = 0
    for found in contours:
        contour = np.asarray(found, np.int32)
        x, y, wide, high = cv2.boundingRect(contour)
        far_sides = min(x + wide, width - x), min(y + high, height - y)
        hole = min(far_sides) <= _HOLE_FROM_EDGE + _HOLE[1] and _is_round(contour, wide, high)
        staple = staples < _MOST_STAPLES and max(far_sides) <= _CORNER and _is_bar(contour)
        staples += staple and not hole
        if hole or staple:
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


def _is_a_word(faint: _Mask) -> bool:
    """Whether faint marks stand together somewhere, as those of a word do."""
    found = _without_dust(faint).astype(np.float32)
    return float(cv2.boxFilter(found, -1, _WORD, normalize=False, borderType=cv2.BORDER_CONSTANT).max()) > _FAINT_WORD


def _without_dust(mask: _Mask) -> _Mask:
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    kept = stats[:, cv2.CC_STAT_AREA] >= _SPECK
    kept[0] = False
    return np.asarray(kept[labels], np.uint8)


def _area(mask: _Mask) -> int:
    """Pixels in spots bigger than dust."""
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    areas = stats[1:count, cv2.CC_STAT_AREA]
    return int(areas[areas >= _SPECK].sum())
