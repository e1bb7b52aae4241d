"""Patch codes: four bars that tell a scanner's software that a document begins (Kodak A-61599).

Wide bars are 0.20 inch, narrow bars and the spaces 0.08 inch, 0.80 inch in all; they run along the edge that goes
first, an inch or more. Two of the four are wide, and their order is the code. Read from the other side, a T is a 3 and
a 1 is a 6; what counts is the nearer edge of the page.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.marks.code import Box
from pipeline.marks.texture import MM, Dark

KINDS: Final = {"wwnn": "1", "wnnw": "2", "wnwn": "3", "nwwn": "4", "nnww": "6", "nwnw": "T"}
"""Bars from the leading edge inwards."""
_UNITS: Final = 20
"""A code's depth in units of 0.04 inch: narrow 2, wide 5."""
_DEPTH_MM: Final = (12.0, 27.0)
"""Whole; sheets are printed smaller to fit a page, and copied."""
_RUNS: Final = 7
_BOUNDARY: Final = 5.5
"""Units from one bar's edge to the next one's: 4 after a narrow bar, 7 after a wide one, however the ink spreads."""
_STRAY: Final = 1.25
"""Units that such a distance may be off."""
_SPACE: Final = (0.6, 3.3)
_BAR: Final = ((0.8, 3.4), (3.3, 6.8))
_CLEAR: Final = 3.0
"""Units of paper before and behind, where the page does not end."""
_STEP_MM: Final = 1.0
_LEAST_MM: Final = 16.0
"""Along the bars."""
_GAP_MM: Final = 9.0
"""What a hole, a stamp or a fold may spoil."""
_SOLID: Final = 0.6
"""Share of the lines over a code's length that show it: lines of type do so here and there."""
_SLOPE: Final = 0.3
_DARK: Final = 0.45
_LEAST_DARK: Final = 0.15
_AROUND_MM: Final = 30.0


@dataclass(frozen=True, slots=True)
class Patch:
    kind: str
    """1, 2, 3, 4, 6 or T."""
    box: Box


@dataclass(slots=True)
class _Chain:
    """A code's crossings on neighbouring lines."""

    pattern: str
    places: list[tuple[int, float, float]] = field(default_factory=list)
    """Line, where the code begins on it and where it ends."""

    def goes_on(self, pattern: str, line: int, start: float, stop: float) -> bool:
        last, before, behind = self.places[-1]
        most = 2.0 + _SLOPE * (line - last)
        return pattern == self.pattern and abs(start - before) <= most and abs(stop - behind) <= most

    def is_solid(self, step: int) -> bool:
        """Whether lines every `step` pixels cross the code nearly all along its bars, and these are long enough."""
        length = self.places[-1][0] - self.places[0][0] + step
        shown = len(self.places) * step
        return shown >= _LEAST_MM * MM and shown >= _SOLID * length


def patches(dark: Dark) -> tuple[Patch, ...]:
    """The patch codes on a page, at any quarter turn and up to some 15 degrees of skew."""
    if not dark.size:
        return ()
    solid = _solid(dark)
    lying = [_patch(chain, solid.shape[0], lying=True) for chain in _chains(np.ascontiguousarray(solid.T))]
    upright = [_patch(chain, solid.shape[1], lying=False) for chain in _chains(solid)]
    return (*lying, *upright)


def _solid(dark: Dark) -> NDArray[np.uint8]:
    """Ink as against the darkest around it, without thin cracks in bars and thin strokes between them."""
    side = round(_AROUND_MM * MM / 4) | 1
    quarter = cv2.resize(dark, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    darkest = cv2.resize(cv2.dilate(quarter, np.ones((side, side), np.uint8)), dark.shape[::-1])
    inked = (dark > np.maximum(_DARK * darkest, _LEAST_DARK)).astype(np.uint8)
    touch = np.ones((3, 3), np.uint8)
    whole = cv2.morphologyEx(inked, cv2.MORPH_CLOSE, touch)
    return np.asarray(cv2.morphologyEx(whole, cv2.MORPH_OPEN, touch), np.uint8)


def _chains(solid: NDArray[np.uint8]) -> list[_Chain]:
    """Codes whose bars cross the rows of `solid`."""
    step, gap = round(_STEP_MM * MM), _GAP_MM * MM
    running, ended = list[_Chain](), list[_Chain]()
    for line, pattern, start, stop in _crossings(solid, step):
        ended += [one for one in running if one.places[-1][0] < line - gap]
        running = [one for one in running if one.places[-1][0] >= line - gap]
        chain = next((one for one in running if one.goes_on(pattern, line, start, stop)), None)
        if chain is None:
            chain = _Chain(pattern)
            running.append(chain)
        chain.places.append((line, start, stop))
    return [chain for chain in ended + running if chain.is_solid(step)]


def _crossings(solid: NDArray[np.uint8], step: int) -> Iterator[tuple[int, str, float, float]]:
    """Every few rows: the row, a pattern of four bars on it, and where the code begins and ends."""
    some = np.pad(solid[step // 2 :: step], ((0, 0), (1, 1)))
    rows, edges = np.nonzero(np.diff(some, axis=1))
    first = np.arange(0, max(0, len(edges) - _RUNS), 2)
    first = first[rows[first] == rows[first + _RUNS]]
    ends = edges[first[:, None] + np.arange(_RUNS + 1)].astype(np.float64)
    unit = (ends[:, -1] - ends[:, 0]) / _UNITS
    alone = _is_clear(rows, edges, first, unit) & _is_between(unit * _UNITS / MM, _DEPTH_MM)
    wide, fits = _bars(np.diff(ends[alone], axis=1) / unit[alone, None])
    for row, crossed, broad in zip(rows[first[alone]][fits], ends[alone][fits], wide[fits], strict=True):
        pattern = "".join("w" if one else "n" for one in broad)
        if pattern in KINDS:
            yield int(row) * step + step // 2, pattern, float(crossed[0]), float(crossed[-1])


def _is_clear(
    rows: NDArray[np.int64], edges: NDArray[np.int64], first: NDArray[np.int64], unit: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Whether there is paper before and behind, or the page's end."""
    before, behind = np.maximum(first - 1, 0), np.minimum(first + _RUNS + 1, len(edges) - 1)
    alone_before = (rows[before] != rows[first]) | (before == first)
    alone_behind = (rows[behind] != rows[first]) | (behind == first + _RUNS)
    clear = _CLEAR * unit
    return np.asarray(
        (alone_before | (edges[first] - edges[before] >= clear))
        & (alone_behind | (edges[behind] - edges[first + _RUNS] >= clear)),
        np.bool_,
    )


def _bars(runs: NDArray[np.float64]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Of rows of bar, space, bar, space, bar, space, bar in units: which bars are wide, and which rows are patterns."""
    bars, spaces = runs[:, 0::2], runs[:, 1::2]
    pitches = np.concatenate((bars[:, :3] + spaces, bars[:, 3:] + spaces[:, 2:]), axis=1)
    wide = pitches > _BOUNDARY
    regular = np.abs(pitches - np.where(wide, 7, 4)) <= _STRAY
    thick = np.where(wide, _is_between(bars, _BAR[1]), _is_between(bars, _BAR[0]))
    narrow = _is_between(spaces, _SPACE)
    return wide, np.asarray(np.concatenate((regular & thick, narrow), axis=1).all(axis=1), np.bool_)


def _is_between(values: NDArray[np.float64], bounds: tuple[float, float]) -> NDArray[np.bool_]:
    return (values >= bounds[0]) & (values <= bounds[1])


def _patch(chain: _Chain, across: int, *, lying: bool) -> Patch:
    """`across`: pixels of the page's side that the bars' order runs along."""
    lines = [place[0] for place in chain.places]
    start, stop = min(place[1] for place in chain.places), max(place[2] for place in chain.places)
    inwards = start <= across - stop
    pattern = chain.pattern if inwards else chain.pattern[::-1]
    low, high, first, last = start / MM, stop / MM, min(lines) / MM, max(lines) / MM
    box = (first, low, last, high) if lying else (low, first, high, last)
    return Patch(KINDS[pattern], box)
