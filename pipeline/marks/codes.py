"""Two-dimensional codes on a page: read by zxing-cpp, and noticed where they cannot be read (ISO/IEC 18004, 16022)."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

from pipeline.formats.pixels import Grey

_FORMATS: Final = zxingcpp.BarcodeFormats((zxingcpp.BarcodeFormat.QRCode, zxingcpp.BarcodeFormat.DataMatrix))
_PROBE_DPI: Final = 150.0
_FULL_DPI: Final = 400.0
_CLOSE_DPI: Final = 300.0
_MM_PER_INCH: Final = 25.4

_TEXTURE_DPI: Final = 75.0
_TEXTURE_MM: Final = _TEXTURE_DPI / _MM_PER_INCH
_WINDOW: Final = round(9 * _TEXTURE_MM) | 1
_INKED: Final = (0.28, 0.72)
"""Share of ink in a window: a code is half dark, text a tenth to a quarter."""
_EDGES: Final = 0.8
_DENSE: Final = (0.40, 1.2)
"""Ink and edges from which no letters are so thick, whatever their directions (modules of 2 pixels have none)."""
_CROSSED: Final = 0.5
"""How far edges keep to two perpendicular directions (mean of exp 4i angle): letters hardly do, modules do."""
_ONE_WAY: Final = 0.4
"""How far edges keep to one direction (mean of exp 2i angle): rules and bar codes do, modules do not."""
_LEAST_AREA: Final = 100 * _TEXTURE_MM**2
_BROKEN_MM: Final = (8.0, 90.0)
_BROKEN_SHAPE: Final = 2.0
_AROUND_MM: Final = 8.0
_EDGE_MM: Final = 3.0

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in millimetres from the page's top left, as stored."""


@dataclass(frozen=True, slots=True)
class Code:
    text: str
    box: Box


@dataclass(frozen=True, slots=True)
class Codes:
    """What was read, and where something looks like a code that could not be read."""

    read: tuple[Code, ...]
    unread: tuple[Box, ...]


def codes(page: Grey, dpi_x: float, dpi_y: float, wanted: str) -> Codes:
    """QR and Data Matrix codes of a page (height, width; 0 black). The search is over once a text starts with `wanted`.

    A probe at 150 dots an inch comes first (25 ms for A4); the full search only where something looks like a code.
    """
    read, broken = _search(page, (dpi_x, dpi_y), _PROBE_DPI)
    if any(code.text.startswith(wanted) for code in read):
        return Codes(tuple(read), ())
    suspects = [*code_like(page, dpi_x, dpi_y), *broken]
    if _unexplained(suspects, read):
        more, _ = _search(page, (dpi_x, dpi_y), _FULL_DPI)
        read += more
    for box in _unexplained(suspects, read):
        read += _closer(page, (dpi_x, dpi_y), box)
    return Codes(tuple(read), tuple(_unexplained(suspects, read)))


def _unexplained(suspects: list[Box], read: list[Code]) -> list[Box]:
    return [box for box in suspects if not any(_overlap(box, code.box) for code in read)]


def _overlap(one: Box, other: Box) -> bool:
    return max(one[0], other[0]) < min(one[2], other[2]) and max(one[1], other[1]) < min(one[3], other[3])


def _search(page: Grey, dpi: tuple[float, float], at: float) -> tuple[list[Code], list[Box]]:
    """Codes read at no more than `at` dots an inch, and QR codes that were found but not decoded."""
    square = min(at, max(dpi))
    shrunk = _resampled(page, dpi, square)
    found = zxingcpp.read_barcodes(shrunk, formats=_FORMATS, try_invert=False, return_errors=True)
    scale = _MM_PER_INCH / square
    read = [Code(code.text, _box(code, scale)) for code in found if code.valid]
    # zxing finds damaged Data Matrix codes in any noise; three QR finder patterns in a row are no accident.
    lost = [_box(code, scale) for code in found if not code.valid and code.format == zxingcpp.BarcodeFormat.QRCode]
    return read, [box for box in lost if _is_code_sized(box)]


def _is_code_sized(box: Box) -> bool:
    """Not finder patterns of two codes taken for one."""
    short, long = sorted((box[2] - box[0], box[3] - box[1]))
    return _BROKEN_MM[0] <= short and long <= min(_BROKEN_MM[1], _BROKEN_SHAPE * short)


def _resampled(page: Grey, dpi: tuple[float, float], square: float) -> Grey:
    factors = square / dpi[0], square / dpi[1]
    if max(abs(factor - 1) for factor in factors) < 0.05:  # noqa: PLR2004 - close enough to leave as it is
        return page
    way = cv2.INTER_AREA if max(factors) <= 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(page, None, fx=factors[0], fy=factors[1], interpolation=way), np.uint8)


def _box(code: zxingcpp.Barcode, scale: float) -> Box:
    place = code.position
    corners = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
    across, down = [corner.x * scale for corner in corners], [corner.y * scale for corner in corners]
    return min(across), min(down), max(across), max(down)


def _closer(page: Grey, dpi: tuple[float, float], box: Box) -> list[Code]:
    """One place looked at again: enlarged, smoothed, and with another threshold."""
    per_mm = dpi[0] / _MM_PER_INCH, dpi[1] / _MM_PER_INCH
    left, top = max(0, int((box[0] - _AROUND_MM) * per_mm[0])), max(0, int((box[1] - _AROUND_MM) * per_mm[1]))
    right, bottom = int((box[2] + _AROUND_MM) * per_mm[0]), int((box[3] + _AROUND_MM) * per_mm[1])
    crop = np.ascontiguousarray(page[top:bottom, left:right])
    if min(crop.shape) < _WINDOW:
        return []
    enlarged = _resampled(crop, dpi, max(_CLOSE_DPI, *dpi))
    for look in (enlarged, cv2.GaussianBlur(enlarged, (0, 0), 1.5), cv2.medianBlur(enlarged, 5)):
        for binarizer in (zxingcpp.Binarizer.LocalAverage, zxingcpp.Binarizer.GlobalHistogram):
            found = zxingcpp.read_barcodes(look, formats=_FORMATS, binarizer=binarizer)
            if found:
                return [Code(code.text, box) for code in found]
    return []


def code_like(page: Grey, dpi_x: float, dpi_y: float) -> list[Box]:
    """Places with a code's texture, read or not: half ink, edges in two perpendicular directions, at any angle."""
    width, height = round(page.shape[1] * _TEXTURE_DPI / dpi_x), round(page.shape[0] * _TEXTURE_DPI / dpi_y)
    if min(width, height) < 2 * _WINDOW:
        return []
    small = np.asarray(cv2.resize(page, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    mask = _texture(_darkness(small))
    edge = round(_EDGE_MM * _TEXTURE_MM)
    mask[:edge], mask[-edge:], mask[:, :edge], mask[:, -edge:] = 0, 0, 0, 0
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    places = [stats[n] for n in range(1, count) if stats[n][cv2.CC_STAT_AREA] >= _LEAST_AREA]
    return [
        (x / _TEXTURE_MM, y / _TEXTURE_MM, (x + wide) / _TEXTURE_MM, (y + high) / _TEXTURE_MM)
        for x, y, wide, high, _ in (place.tolist() for place in places)
    ]


def _darkness(small: Grey) -> NDArray[np.float32]:
    """Ink from 0 to 1, of the paper around it and of the page's darkest marks."""
    paper = cv2.blur(cv2.dilate(small, np.ones((15, 15), np.uint8)), (31, 31)).astype(np.float32)
    dark = (paper - small.astype(np.float32)) / np.maximum(paper, 1)
    darkest = max(float(np.percentile(dark, 99.5)), 0.25)
    return np.clip(dark / darkest, 0, 1).astype(np.float32)


def _texture(dark: NDArray[np.float32]) -> NDArray[np.uint8]:
    across, down = cv2.Sobel(dark, cv2.CV_32F, 1, 0, ksize=3), cv2.Sobel(dark, cv2.CV_32F, 0, 1, ksize=3)
    strength = cv2.magnitude(across, down) + np.float32(1e-6)
    twice = _doubled(across / strength, down / strength)
    mean = _mean(strength)
    one_way = _length(twice, strength) / mean
    crossed = _length(_doubled(*twice), strength) / mean
    inked = _mean(dark)
    modules = (inked > _INKED[0]) & (mean > _EDGES) & (crossed > _CROSSED)
    dense = (inked > _DENSE[0]) & (mean > _DENSE[1])
    return ((modules | dense) & (inked < _INKED[1]) & (one_way < _ONE_WAY)).astype(np.uint8)


def _doubled(cosine: NDArray[np.float32], sine: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The unit vectors of twice the angles."""
    return cosine * cosine - sine * sine, 2 * cosine * sine


def _length(
    vectors: tuple[NDArray[np.float32], NDArray[np.float32]], strength: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Of the vectors' weighted mean in each window."""
    return np.asarray(cv2.magnitude(_mean(vectors[0] * strength), _mean(vectors[1] * strength)), np.float32)


def _mean(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(cv2.boxFilter(values, -1, (_WINDOW, _WINDOW)), np.float32)
