"""Ruled lines of tables and forms taken out of a page's copy: they keep rows from being read, and are read as letters.

A rule is dark across less than a millimetre and goes on along centimetres, dotted or broken by the scanner's threshold
as it may be, with paper on both sides. So do the feet and heads of letters in a line of text, but for the paper: stems
stand on them; and stems of like letters beneath one another, line by line, but for the paper between two lines: a rule
goes on there. What is found is followed as a straight line; only thin ink along it is taken out, so that a letter that
crosses it stays whole.
"""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.cleaning.contrast import ink_threshold
from pipeline.formats.pixels import Grey

Segment = tuple[float, float, float, float]
"""A line's ends x0, y0, x1, y1 in pixels."""

_SEARCH_DPI: Final = 150.0
_MM_PER_INCH: Final = 25.4
_THICK_MM: Final = 0.85
"""Across: what is dark for longer is no rule."""
_STEP: Final = 14
"""Grey levels by which a rule is darker than what lies beside it."""
_SHORTEST_MM: Final = 10.0
_AROUND_MM: Final = 22.0
"""Along: the stretch over which ink on the line and beside it is counted."""
_LEAST_INK: Final = {False: 0.38, True: 0.75}
"""Share of the stretch that is dark on a rule that lies, that stands: a column of the digit 1 has up to 0.7."""
_MOST_BESIDE: Final = 0.35
"""Of that, what may be dark close beside it."""
_LEAST_BETWEEN_INK: Final = 0.38
"""Share of what lies between lines of text that a rule that stands has dark there."""
_GAPS_MM: Final = {False: 1.6, True: 5.0}
"""Longest gap of a rule that lies, that stands: words stand closer in a line than lines on a page."""
_LINE_MM: Final = 8.0
"""To either side of what stands: ink there makes a row a line of text's."""
_SPECKS: Final = 2
"""Pixels of ink that a row between two lines may have there."""
_LEAST_BETWEEN: Final = 0.04
"""Share of the stretch that must lie between lines of text for a rule that stands to be told from stems."""
_STRAYED: Final = 81
"""Rows, of the search's copy, that a rule followed across a page may leave its seeds by, to both sides together."""
_NEAR, _BAND = 3, 5
"""Pixels from the line's middle where "beside" begins, and how many it takes in."""
_MIDDLE: Final = 127
_FULL: Final = np.uint8(120)
_SHORT: Final = 8
_JOIN_MM: Final = 25.0
_TRACKED_MM: Final = 12.0
_STEEPEST: Final = 0.02
_LOOK_MM, _CROWDED = 10.0, 0.4
"""Further along a rule: the stretch that is looked at, and how much of it may be beside it."""
_FAINT: Final = {False: (10.0, 0.2), True: (1.0, 0.01)}
"""There, of a rule that lies, that stands: the stretch, how much of it must be ink."""
_WALK_MM: Final = {False: 3.0, True: 0.5}
"""How far it goes on where there is nothing."""
_WIDE: Final = 2
"""Pixels on each side of a tracked line, within which thin ink is its own."""


@dataclass(frozen=True, slots=True)
class Unruled:
    """A copy without the rules that it had."""

    pixels: Grey
    rules: tuple[Segment, ...]


def unruled(pixels: Grey, dpi: float) -> Unruled:
    """The page without its ruled lines that lie or stand; it is upright and straight, its paper even."""
    if min(pixels.shape) < _pixels(_SHORTEST_MM, dpi):
        return Unruled(pixels, ())
    factor = min(1.0, _SEARCH_DPI / dpi)
    small = cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA) if factor < 1 else pixels
    small = np.asarray(small, np.uint8)
    threshold = ink_threshold(small)
    ink_to = _MIDDLE if threshold is None else threshold
    rules: list[Segment] = []
    for stands in (False, True):
        view = np.ascontiguousarray(small.T) if stands else small
        lines = _Lines(view, dpi * factor, ink_to, stands=stands)
        if lines.mask.any():
            mask = lines.mask.T if stands else lines.mask
            pixels = _erased(pixels, np.ascontiguousarray(mask), dpi, stands=stands)
            ends = (tuple(end / factor for end in line) for line in lines.found)
            rules += [(y0, x0, y1, x1) if stands else (x0, y0, x1, y1) for x0, y0, x1, y1 in ends]
    return Unruled(pixels, tuple(rules))


def _erased(pixels: Grey, mask: Grey, dpi: float, *, stands: bool) -> Grey:
    """Thin ink under the mask filled with the paper across it; only bands of the page that have some are looked at."""
    height, width = pixels.shape
    full = cv2.resize(cv2.dilate(mask, _across(3, stands=stands)), (width, height), interpolation=cv2.INTER_NEAREST)
    thick = _pixels(_THICK_MM * 1.15, dpi)
    erased = pixels.copy()
    for first, end in _bands(np.asarray(full.any(axis=0 if stands else 1)), thick):
        band = np.s_[:, first:end] if stands else np.s_[first:end, :]
        closed = cv2.morphologyEx(pixels[band], cv2.MORPH_CLOSE, _across(thick, stands=stands))
        erased[band] = cv2.copyTo(closed, full[band], pixels[band].copy())
    return erased


def _bands(marked: NDArray[np.bool_], margin: int) -> list[tuple[int, int]]:
    """Stretches of places that hold all that are marked, with as many unmarked at both ends as two margins."""
    near = np.convolve(marked, np.ones(4 * margin + 1, np.intp), "same") > 0
    edges = np.flatnonzero(np.diff(near, prepend=False, append=False)).tolist()
    return list(zip(edges[::2], edges[1::2], strict=True))


class _Lines:
    """Rules that lie in a view of a page, and where their ink is."""

    def __init__(self, view: Grey, dpi: float, ink_to: int, *, stands: bool) -> None:
        self._dpi, self._stands = dpi, stands
        hat = cv2.morphologyEx(view, cv2.MORPH_BLACKHAT, _across(_pixels(_THICK_MM, dpi)))
        self._thin = np.asarray(hat >= _STEP, np.uint8)
        self._near = np.asarray(cv2.dilate(self._thin, _across(3)), np.uint8)
        self.mask = np.zeros_like(self._thin)
        self.found: list[Segment] = []
        runs = cv2.morphologyEx(self._near, cv2.MORPH_CLOSE, _along(_pixels(_GAPS_MM[stands], dpi)))
        runs = cv2.morphologyEx(runs, cv2.MORPH_OPEN, _along(_pixels(_SHORTEST_MM, dpi)))
        if runs.any():
            ink = view <= ink_to
            self._beside = _beside(ink)
            seeds = self._seeds(np.asarray(runs, np.uint8))
            self._goes_on = self._between_lines(ink, seeds) if stands and seeds.any() else np.ones_like(seeds)
            seeds &= self._goes_on
            if seeds.any():
                self._follow(seeds)

    def _seeds(self, runs: Grey) -> Grey:
        """What is a rule by the stretch around it; rows are looked at that have runs."""
        stretch, rows = (_pixels(_AROUND_MM, self._dpi), 1), np.flatnonzero(runs.any(axis=1))
        ink, beside = _share(self._near[rows], stretch), _share(self._beside[rows], stretch)
        free = beside <= np.asarray(cv2.convertScaleAbs(ink, alpha=_MOST_BESIDE), np.uint8)
        seeds = np.zeros_like(runs)
        seeds[rows] = runs[rows] & free & (ink > _LEAST_INK[self._stands] * float(_FULL))
        return seeds

    def _between_lines(self, ink: NDArray[np.bool_], seeds: Grey) -> Grey:
        """Where what stands goes on between lines of text, as stems do not, in rows near the seeds; 1 or 0."""
        rows = np.flatnonzero(cv2.dilate(seeds, _across(_STRAYED)).any(axis=1))
        stretch, reach = (_pixels(_AROUND_MM, self._dpi), 1), _pixels(_LINE_MM, self._dpi)
        marks = ink.astype(np.uint8)
        wide, own = (
            cv2.boxFilter(marks, cv2.CV_16S, (1, 2 * one + 1), normalize=False, borderType=cv2.BORDER_CONSTANT)
            for one in (reach, _NEAR)
        )
        between = np.asarray(wide[rows] - own[rows] <= _SPECKS, np.uint8)
        there = _share(between, stretch).astype(np.int16)
        found = _share(self._near[rows] & between, stretch) >= _LEAST_BETWEEN_INK * there
        goes_on = np.zeros_like(seeds)
        goes_on[rows] = found & (there >= _LEAST_BETWEEN * float(_FULL))
        return goes_on

    def _follow(self, seeds: Grey) -> None:
        """Seeds that go on from each other are one rule's; they are joined on a copy that is short along them."""
        height, width = seeds.shape
        short = cv2.resize(
            cv2.dilate(seeds, _across(3)) * _FULL, (-(-width // _SHORT), height), interpolation=cv2.INTER_AREA
        )
        joined = cv2.morphologyEx(short, cv2.MORPH_CLOSE, _along(_pixels(_JOIN_MM, self._dpi) // _SHORT))
        _, labels = cv2.connectedComponents(np.asarray(joined > 0, np.uint8), connectivity=8)
        columns, rows = cv2.findNonZero(seeds).reshape(-1, 2).T.astype(np.intp)
        self.mask[rows, columns] = 1
        of = labels[rows, np.minimum(columns // _SHORT, labels.shape[1] - 1)]
        order = np.argsort(of, kind="stable")
        starts = np.flatnonzero(np.diff(of[order], prepend=-1))
        for one in np.split(order, starts[1:]):
            self._track(rows[one], columns[one])

    def _track(self, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> None:
        """Follow the straight line through a rule's seeds both ways, as far as ink lies on it and paper beside it."""
        first, last = int(columns.min()), int(columns.max())
        if last - first < _pixels(_TRACKED_MM, self._dpi):
            return
        slope, start = np.polyfit(columns, rows, 1)
        at = np.rint(start + slope * np.arange(self.mask.shape[1])).astype(np.intp)
        if abs(slope) > _STEEPEST or at.min() < 0 or at.max() >= len(self.mask):
            return
        every = np.arange(len(at))
        along = np.ones(_pixels(_LOOK_MM, self._dpi), np.float32)
        stretch, faint = _FAINT[self._stands]
        seen = np.ones(_pixels(stretch, self._dpi), np.float32)
        ink = np.convolve(self._near[at, every], seen / len(seen), "same")
        beside = np.convolve(self._beside[at, every], along / len(along), "same")
        on = (ink >= faint) & (self._goes_on[at, every] > 0)
        on[:first] &= beside[:first] <= _CROWDED
        on[last:] &= beside[last:] <= _CROWDED
        reach = _pixels(_WALK_MM[self._stands], self._dpi)
        begin, end = first - _walk(on[first::-1], reach), last + _walk(on[last:], reach)
        for row in range(-_WIDE, _WIDE + 1):
            here = (np.clip(at + row, 0, len(self.mask) - 1)[begin : end + 1], every[begin : end + 1])
            self.mask[here] |= self._thin[here] & on[begin : end + 1]
        self.found.append((begin, float(at[begin]), end, float(at[end])))


def _walk(on: NDArray[np.bool_], reach: int) -> int:
    """How far one comes from the first place before there is nothing for `reach` places."""
    steps = np.flatnonzero(on)
    if not len(steps):
        return 0
    gaps = np.flatnonzero(np.diff(steps, prepend=0) > reach)
    return int(steps[-1] if not len(gaps) else steps[gaps[0] - 1] if gaps[0] else 0)


def _beside(ink: NDArray[np.bool_]) -> Grey:
    """Ink above a pixel or below it, 1, or both, 2; a little away from it."""
    band = np.asarray(cv2.dilate(ink.astype(np.uint8), _across(_BAND)), np.uint8)
    away = _NEAR + _BAND // 2
    counted = np.zeros_like(band)
    counted[away:] += band[:-away]
    counted[:-away] += band[away:]
    return counted


def _share(marks: Grey, stretch: tuple[int, int]) -> Grey:
    """Of 0 to 2 marks a pixel, how many there are in the stretch around it: `_FULL` is one everywhere."""
    return np.asarray(cv2.boxFilter(marks * _FULL, -1, stretch, borderType=cv2.BORDER_REFLECT), np.uint8)


def _along(length: int) -> Grey:
    return np.ones((1, length), np.uint8)


def _across(length: int, *, stands: bool = False) -> Grey:
    return np.ones((1, length) if stands else (length, 1), np.uint8)


def _pixels(millimetres: float, dpi: float) -> int:
    return max(1, round(millimetres / _MM_PER_INCH * dpi))
