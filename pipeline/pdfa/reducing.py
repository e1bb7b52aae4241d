"""Samples in as few bits as they need: the same picture, as PDF 1.4 can hold it (ISO 32000-1, 8.6.6.3, 8.9.5.1)."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.uint8]
"""Packed samples, shape (rows, bytes a row)."""
Pixels = NDArray[np.uint8]
"""Shape (rows, columns, channels); one channel is grey, three are red, green and blue."""

_MOST_COLOURS: Final = 256
_BITS: Final = ((4, 2), (16, 4), (256, 8))
"""Colours that so many bits tell apart. Not one bit for two: Poppler's pdfimages takes that for black and white."""
_SAMPLES: Final = (16, 256)
"""Rows, from all over an image, by which most images are seen to have too many colours; then some more."""
_SHIFTS: Final = np.array([16, 8, 0], np.uint32)


@dataclass(frozen=True, slots=True)
class Reduced:
    """Packed samples and what they mean."""

    rows: Rows
    bits: int
    """Of a sample."""
    coloured: bool
    """Whether a sample, or an entry of `palette`, is red, green and blue; else it is grey."""
    palette: bytes | None = None
    """The colours that samples are the numbers of."""

    @property
    def step(self) -> int:
        """Bytes a pixel, at least one."""
        return 3 if self.coloured and self.palette is None else 1


def reduced(pixels: Pixels) -> Reduced:
    """Grey for colours that all are, numbers for colours that are few, bits for black and white."""
    if pixels.shape[2] == 1:
        return _of_grey(pixels[..., 0])
    if _is_grey(_some(pixels, _SAMPLES[0])) and _is_grey(pixels):
        return _of_grey(np.ascontiguousarray(pixels[..., 0]))
    if all(len(_colours(_codes(_some(pixels, rows)))) <= _MOST_COLOURS for rows in _SAMPLES):
        codes = _codes(pixels)
        colours = _colours(codes)
        if len(colours) <= _MOST_COLOURS:
            palette = (colours[:, None] >> _SHIFTS).astype(np.uint8).tobytes()
            return _numbered(_numbers(codes, colours), len(colours), palette, coloured=True)
    return Reduced(pixels.reshape(len(pixels), -1), 8, coloured=True)


def _of_grey(pixels: Pixels) -> Reduced:
    levels = _levels(_some(pixels, _SAMPLES[0]))
    if len(levels) <= _BITS[-2][0]:
        levels = _levels(pixels)
    if set(levels.tolist()) <= {0, 255}:
        return Reduced(np.packbits(pixels, axis=1), 1, coloured=False)
    if len(levels) > _BITS[-2][0]:
        return Reduced(pixels, 8, coloured=False)
    number = np.zeros(256, np.uint8)
    number[levels] = np.arange(len(levels))
    return _numbered(number[pixels], len(levels), levels.astype(np.uint8).tobytes(), coloured=False)


def _some(pixels: Pixels, rows: int) -> Pixels:
    """About so many rows, from all over the image."""
    return np.ascontiguousarray(pixels[:: max(1, len(pixels) // rows)])


def _levels(pixels: Pixels) -> NDArray[np.intp]:
    """The levels of grey that there are, in order."""
    return np.asarray(np.flatnonzero(cv2.calcHist([pixels], [0], None, [256], [0, 256])), np.intp)


def _is_grey(pixels: Pixels) -> bool:
    return bool(np.array_equal(pixels[..., 0], pixels[..., 1]) and np.array_equal(pixels[..., 0], pixels[..., 2]))


def _codes(pixels: Pixels) -> NDArray[np.uint32]:
    """Each pixel's colour as one number."""
    red, green, blue = (pixels[..., channel].astype(np.uint32) for channel in range(3))
    return np.asarray(red << 16 | green << 8 | blue, np.uint32)


def _colours(codes: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """The colours that there are, in order: by a table of them all, which takes a tenth of the time of sorting."""
    seen = np.zeros(1 << 24, np.bool_)
    seen[codes.ravel()] = True
    return np.asarray(np.flatnonzero(seen), np.uint32)


def _numbers(codes: NDArray[np.uint32], colours: NDArray[np.uint32]) -> Pixels:
    number = np.zeros(1 << 24, np.uint8)
    number[colours] = np.arange(len(colours))
    return number[codes]


def _numbered(numbers: Pixels, count: int, palette: bytes, *, coloured: bool) -> Reduced:
    bits = next(bits for most, bits in _BITS if count <= most)
    return Reduced(_packed(numbers, bits), bits, coloured=coloured, palette=palette)


def _packed(numbers: Pixels, bits: int) -> Rows:
    """Rows of `bits` a sample, each filled up to whole bytes."""
    each = 8 // bits
    padded = np.pad(numbers, ((0, 0), (0, -numbers.shape[1] % each)))
    rows = np.zeros((len(padded), padded.shape[1] // each), np.uint8)
    for place in range(each):
        rows |= padded[:, place::each] << (8 - bits * (place + 1))
    return rows
