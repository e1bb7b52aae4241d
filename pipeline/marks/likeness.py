"""Whether two pages are one sheet that went through the feeder twice: the same marks, whatever tilt, grain and light.

Forms of one kind share all that is printed, so it is not enough that pages look alike: every mark of each must be on
the other. A doubt is no likeness; what is told is a warning, and nothing is left out because of it.
"""

import zlib
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.marks.small import MM as _MM
from pipeline.marks.small import Small

_STRONG, _WEAK = 0.68, 0.88
"""Of the paper's level around it: ink for certain, and ink perhaps."""
_SIDE: Final = (64, 2_000)
"""Pixels of a print's sides; where one is shorter there is nothing to compare."""
_MOST_BYTES: Final = 36_000
"""Of a print; a page of noise has no likeness worth its weight."""
_LEAST_INK: Final = 1_500
"""Pixels of ink: what says less is like everything."""
_SAME_SIZE: Final = 0.04
_SAME_INK: Final = 0.75
_HALF: Final = 2
"""Places are sought at half the size: a sixteenth of the work."""
_ANCHOR: Final = 32
_ANCHORS: Final = 12
_FAR: Final = 22
"""Pixels of half the size that a sheet may lie elsewhere the second time: 11 mm, tilt included."""
_LIKE: Final = 0.55
_LEAST_HELD: Final = 6
_MOST_STRAY: Final = 2.0
_BLOCK: Final = 48
_NEAR: Final = 3
_TOUCH: Final = np.ones((3, 3), np.uint8)
_AROUND: Final = np.ones((9, 9), np.uint8)
_CLEARLY: Final = 40
"""Pixels of marks with nothing near them on the other page, from which no closer look is needed."""
_SPECK: Final = 6
_MOST_MISSING: Final = 3
"""Pixels of marks that may be missing on the other page."""

_Mask = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Print:
    """The marks of a page at 100 dots an inch, 0 or 1 each: certain ones, and those with all that may be one."""

    strong: _Mask
    weak: _Mask
    ink: int
    """Pixels of certain ink."""


def pressed(small: Small) -> bytes:
    """A page's print; empty where it says too little."""
    high, wide = small.levels.shape
    strong, weak = small.levels < _STRONG * small.paper, small.levels < _WEAK * small.paper
    if not _has_sides(high, wide) or np.count_nonzero(strong) < _LEAST_INK:
        return b""
    bits = b"".join(np.packbits(mask).tobytes() for mask in (strong, weak))
    coded = high.to_bytes(2, "big") + wide.to_bytes(2, "big") + zlib.compress(bits, 6)
    return coded if len(coded) <= _MOST_BYTES else b""


def unpressed(coded: bytes) -> Print | None:
    """The print again; None for an empty one. Raises ValueError for bytes that are no print, whoever made them."""
    if not coded:
        return None
    high, wide = int.from_bytes(coded[:2], "big"), int.from_bytes(coded[2:4], "big")
    each = -(-high * wide // 8)
    if len(coded) > _MOST_BYTES or not _has_sides(high, wide):
        raise ValueError("print")
    try:
        bits = zlib.decompressobj().decompress(coded[4:], 2 * each)
    except zlib.error:
        raise ValueError("print") from None
    if len(bits) != 2 * each:
        raise ValueError("print")
    packed = np.frombuffer(bits, np.uint8).reshape(2, each)
    strong, weak = (np.unpackbits(mask, count=high * wide).reshape(high, wide) for mask in packed)
    return Print(strong, weak, int(np.count_nonzero(strong)))


def _has_sides(*sides: int) -> bool:
    least, most = _SIDE
    return all(least <= side <= most for side in sides)


def alike(one: Print, other: Print) -> bool:
    """Whether both are the same sheet, upright or upside down."""
    if min(one.ink, other.ink) < _SAME_INK * max(one.ink, other.ink):
        return False
    return _same(one, other) or _same(one, _turned(other))


def _turned(one: Print) -> Print:
    return Print(np.ascontiguousarray(one.strong[::-1, ::-1]), np.ascontiguousarray(one.weak[::-1, ::-1]), one.ink)


def _same(one: Print, other: Print) -> bool:
    sizes = zip(one.strong.shape, other.strong.shape, strict=True)
    if any(abs(a - b) > _SAME_SIZE * max(a, b) for a, b in sizes):
        return False
    laid = _laid_over(one, other)
    if laid is None or any(_clearly_missing(a.strong, b.weak) for a, b in ((one, laid), (laid, one))):
        return False
    return _is_all_there(one.strong, laid.weak) and _is_all_there(laid.strong, one.weak)


def _laid_over(one: Print, other: Print) -> Print | None:
    """The other print turned and shifted onto the first, by places with many marks; None where too few are found."""
    here, there = _found(_halved(one.strong), _halved(other.strong))
    if len(here) < _LEAST_HELD:
        return None
    moved, held = cv2.estimateAffinePartial2D(
        _HALF * np.array(there, np.float32), _HALF * np.array(here, np.float32), ransacReprojThreshold=_MOST_STRAY
    )
    if int(np.count_nonzero(held)) < _LEAST_HELD:
        return None
    size = one.strong.shape[1], one.strong.shape[0]
    strong, weak = (
        _mask(cv2.warpAffine(mask, moved, size, flags=cv2.INTER_NEAREST)) for mask in (other.strong, other.weak)
    )
    return Print(strong, weak, other.ink)


def _mask(made: object) -> _Mask:
    return np.asarray(made, np.uint8)


def _found(one: NDArray[np.float32], other: NDArray[np.float32]) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Places of the first page, and where they are on the other."""
    over = np.pad(other, _FAR)
    here, there = list[tuple[int, int]](), list[tuple[int, int]]()
    for tried, (x, y) in enumerate(_anchors(one)):
        window = over[y : y + _ANCHOR + 2 * _FAR, x : x + _ANCHOR + 2 * _FAR]
        if min(window.shape) < _ANCHOR:
            continue
        matched = cv2.matchTemplate(window, one[y : y + _ANCHOR, x : x + _ANCHOR], cv2.TM_CCOEFF_NORMED)
        _, best, _, at = cv2.minMaxLoc(matched)
        if best >= _LIKE:
            here.append((x, y))
            there.append((x + at[0] - _FAR, y + at[1] - _FAR))
        if tried - len(here) >= _ANCHORS // 2:
            return [], []
    return here, there


def _halved(mask: _Mask) -> NDArray[np.float32]:
    small = cv2.resize(mask.astype(np.float32), None, fx=1 / _HALF, fy=1 / _HALF, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.GaussianBlur(small, (0, 0), 0.8), np.float32)


def _anchors(strong: NDArray[np.float32]) -> list[tuple[int, int]]:
    """Left and top of the places with most marks, spread over the page: the best of each ninth in turn."""
    rows, columns = strong.shape[0] // _ANCHOR, strong.shape[1] // _ANCHOR
    if min(rows, columns) < 1:
        return []
    shape = (rows, _ANCHOR, columns, _ANCHOR)
    inked = strong[: rows * _ANCHOR, : columns * _ANCHOR].reshape(shape).mean(axis=(1, 3))
    ninths: dict[tuple[int, int], list[tuple[float, int, int]]] = {}
    for (row, column), share in np.ndenumerate(inked):
        if 0.02 < share < 0.6:  # noqa: PLR2004 - a stroke or two; no picture
            ninths.setdefault((3 * row // rows, 3 * column // columns), []).append((float(share), row, column))
    for places in ninths.values():
        places.sort()
    chosen = list[tuple[int, int]]()
    while len(chosen) < _ANCHORS and any(ninths.values()):
        best = [places.pop() for places in ninths.values() if places]
        chosen += [(column * _ANCHOR, row * _ANCHOR) for _, row, column in best]
    return chosen[:_ANCHORS]


def _clearly_missing(marks: _Mask, around: _Mask) -> bool:
    return cv2.countNonZero(_inside(marks) & ~_mask(cv2.dilate(around, _AROUND)) & 1) > _CLEARLY


def _inside(marks: _Mask) -> _Mask:
    """Without the outer 6 mm, where the glass and the sheet's edge show."""
    edge = round(6 * _MM)
    inside = np.zeros_like(marks)
    inside[edge:-edge, edge:-edge] = marks[edge:-edge, edge:-edge]
    return inside


def _is_all_there(marks: _Mask, around: _Mask) -> bool:
    """Whether every mark is on the other, each place shifted a little, for paper stretches in a feeder."""
    inside = _without_specks(_inside(marks))
    near = np.pad(_mask(cv2.dilate(around, _TOUCH)), _NEAR)
    missing = 0
    for top in range(0, inside.shape[0], _BLOCK):
        for left in range(0, inside.shape[1], _BLOCK):
            block = inside[top : top + _BLOCK, left : left + _BLOCK]
            if block.any():
                missing += _missing(block, near[top : top + _BLOCK + 2 * _NEAR, left : left + _BLOCK + 2 * _NEAR])
                if missing > _MOST_MISSING:
                    return False
    return True


def _without_specks(marks: _Mask) -> _Mask:
    _, labels, stats, _ = cv2.connectedComponentsWithStats(marks, connectivity=8)
    kept = stats[:, cv2.CC_STAT_AREA] >= _SPECK
    kept[0] = False
    return np.asarray(kept[labels], np.uint8)


def _missing(block: _Mask, near: _Mask) -> int:
    """Pixels of a place's marks that the other has not, at the shift at which it has most of them."""
    high, wide = block.shape
    found = cv2.matchTemplate(near.astype(np.float32), block.astype(np.float32), cv2.TM_CCORR)
    _, _, _, (x, y) = cv2.minMaxLoc(found)
    return cv2.countNonZero(block & ~near[y : y + high, x : x + wide] & 1)
