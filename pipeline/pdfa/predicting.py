"""Rows of samples as few bytes: a PNG predictor in front of Deflate, the pair that suits the image best.

W3C PNG (Third Edition), 9: filters, and ISO 32000-1, 7.4.4.4: the same as predictors of FlateDecode; RFC 1950, 1951.
"""

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import cv2
import deflate
import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.uint8]
"""Packed samples, shape (rows, bytes a row)."""

_BAND_ROWS: Final = 16
"""Rows worked on at a time: what stays in the processor's cache is done in half the time."""
_LEVEL: Final = 6
"""Of libdeflate: beyond it, a hundredth of the bytes costs twice the time."""
_THOROUGH: Final = 9
_PLAIN: Final = 20
"""How many times smaller an image must become for the thorough level to be quick: most of it is paper without noise."""
_SAMPLE_BANDS: Final = 8
_SAMPLE_ROWS: Final = 9
_UP, _AVERAGE, _PAETH = 2, 3, 4


@dataclass(frozen=True, slots=True)
class Deflated:
    """A zlib stream, and whether a PNG filter's number stands before each row (Predictor 15)."""

    payload: bytes
    predicted: bool


def deflated(rows: Rows, step: int) -> Deflated:
    """The rows in the fewest bytes that one pass over them gives; `step`: bytes a pixel, 1 where it has fewer bits.

    The way is chosen on a sample. Scanned paper is noise, whose residues are best coded one by one: Deflate would spend
    more on telling short repetitions than they save. Drawn pages repeat themselves.
    """
    sample = list(_sample(rows))
    size, (coded, filtered) = min(
        ((len(way[0](np.concatenate([way[1](band, step)[1:] for band in sample]))), way) for way in _WAYS),
        key=lambda tried: tried[0],
    )
    if coded is _repetitions and size * _PLAIN < sum(band.size for band in sample):
        coded = _repetitions_thoroughly
    return Deflated(coded(filtered(rows, step)), predicted=filtered is not _unfiltered)


def _sample(rows: Rows) -> Iterator[Rows]:
    """Bands from all over the image, or all of one that is small; their first rows are there to predict the others."""
    if len(rows) <= _SAMPLE_BANDS * _SAMPLE_ROWS:
        yield rows
        return
    for top in np.linspace(0, len(rows) - _SAMPLE_ROWS, _SAMPLE_BANDS, dtype=int):
        yield rows[top : top + _SAMPLE_ROWS]


def _repetitions(filtered: Rows) -> bytes:
    return bytes(deflate.zlib_compress(np.ascontiguousarray(filtered), _LEVEL))


def _repetitions_thoroughly(filtered: Rows) -> bytes:
    return bytes(deflate.zlib_compress(np.ascontiguousarray(filtered), _THOROUGH))


def _one_by_one(filtered: Rows) -> bytes:
    """Huffman codes alone."""
    stream = zlib.compressobj(1, zlib.DEFLATED, zlib.MAX_WBITS, zlib.DEF_MEM_LEVEL, zlib.Z_HUFFMAN_ONLY)
    return stream.compress(np.ascontiguousarray(filtered).data) + stream.flush()


def _unfiltered(rows: Rows, step: int) -> Rows:  # noqa: ARG001  as the others are called
    return rows


def _up(rows: Rows, step: int) -> Rows:  # noqa: ARG001  the pixel above is as many bytes back whatever its size
    filtered = _numbered(rows, _UP)
    filtered[0, 1:] = rows[0]
    np.subtract(rows[1:], rows[:-1], out=filtered[1:, 1:])
    return filtered


def _average(rows: Rows, step: int) -> Rows:
    return _banded(rows, step, _AVERAGE, _mean)


def _paeth(rows: Rows, step: int) -> Rows:
    return _banded(rows, step, _PAETH, _nearest)


def _banded(rows: Rows, step: int, number: int, predict: Callable[[Rows, Rows, Rows], Rows]) -> Rows:
    """`predict`: from the samples to the left, above, and above those to the left; beyond the edges they are zero."""
    filtered = _numbered(rows, number)
    padded = np.zeros((rows.shape[0] + 1, rows.shape[1] + step), np.uint8)
    padded[1:, step:] = rows
    for top in range(0, len(rows), _BAND_ROWS):
        bottom = min(top + _BAND_ROWS, len(rows))
        upper, lower = padded[top:bottom], padded[top + 1 : bottom + 1]
        predicted = predict(lower[:, :-step], upper[:, step:], upper[:, :-step])
        np.subtract(lower[:, step:], predicted, out=filtered[top:bottom, 1:])
    return filtered


def _mean(left: Rows, up: Rows, corner: Rows) -> Rows:  # noqa: ARG001  as the other is called
    """Of two samples, rounded down: no sum need be wider than a byte."""
    return (left & up) + ((left ^ up) >> 1)


def _nearest(left: Rows, up: Rows, corner: Rows) -> Rows:
    """Of the three, the one nearest to left + up - corner; of equals, in that order.

    The distances are |up - corner|, |left - corner| and the third's, which is their difference where the corner lies
    between the two others, and else their sum: no sample need be wider than a byte. OpenCV compares into masks of all
    ones, by which samples are chosen without a branch.
    """
    from_left, from_up = cv2.absdiff(up, corner), cv2.absdiff(left, corner)
    nearest = _chosen(up, left, cv2.compare(from_left, from_up, cv2.CMP_LE))
    between = cv2.inRange(corner, cv2.min(left, up), cv2.max(left, up))
    nearer = cv2.compare(cv2.absdiff(from_left, from_up), cv2.min(from_left, from_up), cv2.CMP_LT)
    return _chosen(nearest, corner, cv2.bitwise_and(between, nearer))


def _chosen(one: Rows, other: Rows, mask: Any) -> Rows:
    """The other where the mask is set."""
    return np.asarray(one ^ ((one ^ other) & mask), np.uint8)


def _numbered(rows: Rows, number: int) -> Rows:
    """Room for filtered rows, the filter's number before each."""
    filtered = np.empty((rows.shape[0], rows.shape[1] + 1), np.uint8)
    filtered[:, 0] = number
    return filtered


_WAYS: Final[tuple[tuple[Callable[[Rows], bytes], Callable[[Rows, int], Rows]], ...]] = (
    (_one_by_one, _unfiltered),
    (_repetitions, _unfiltered),
    (_repetitions, _up),
    (_repetitions, _paeth),
    (_one_by_one, _average),
    (_one_by_one, _paeth),
)
