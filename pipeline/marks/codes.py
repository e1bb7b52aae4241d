"""Codes on a page: read by zxing-cpp, and noticed where they cannot be read (ISO/IEC 18004, 16022, 15417)."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
import zxingcpp

from pipeline.formats.pixels import Grey
from pipeline.marks.bars import bars_like
from pipeline.marks.code import Box, Code, Symbology
from pipeline.marks.texture import Dark, code_like, darkness, small_code_like

_SQUARE: Final[tuple[Symbology, ...]] = ("qr", "datamatrix")
_FORMATS: Final[dict[Symbology, zxingcpp.BarcodeFormat]] = {
    "qr": zxingcpp.BarcodeFormat.QRCode,
    "datamatrix": zxingcpp.BarcodeFormat.DataMatrix,
    "code128": zxingcpp.BarcodeFormat.Code128,
    "code39": zxingcpp.BarcodeFormat.Code39,
    "itf": zxingcpp.BarcodeFormat.ITF,
}
_ANY_BARS: Final = zxingcpp.BarcodeFormats((zxingcpp.BarcodeFormat.AllLinear,))
_PROBE_DPI: Final = 150.0
_FULL_DPI: Final = 400.0
_CLOSE_DPI: Final = 300.0
_MM_PER_INCH: Final = 25.4
_BROKEN_MM: Final = (8.0, 90.0)
_BROKEN_SHAPE: Final = 2.0
_AROUND_MM: Final = 8.0
_LEAST_CROP: Final = 27
_MOST_CLOSER: Final = 12
"""Places of one page that are looked at again: a page of drawings has more."""


@dataclass(frozen=True, slots=True)
class Codes:
    """What was read, and where something looks like a code that could not be read."""

    read: tuple[Code, ...]
    unread: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Probe:
    """A page as it is looked at first: at `dpi` dots an inch, no more than it has, and its ink."""

    pixels: Grey
    dpi: float
    dark: Dark


def probed(page: Grey, dpi_x: float, dpi_y: float) -> Probe:
    """Of a page (height, width; 0 black)."""
    square = min(_PROBE_DPI, max(dpi_x, dpi_y))
    pixels = _resampled(page, (dpi_x, dpi_y), square)
    return Probe(pixels, square, darkness(page, dpi_x, dpi_y) if pixels is page else darkness(pixels, square, square))


def codes(
    page: Grey,
    dpi_x: float,
    dpi_y: float,
    wanted: str,
    bars: Collection[Symbology] = (),
    probe: Probe | None = None,
) -> Codes:
    """QR and Data Matrix codes of a page (height, width; 0 black). The search is over once a text starts with `wanted`.

    `bars`: bar codes that are looked for too. The `probe` comes first (25 ms for A4); the full search only where
    something looks like a code.
    """
    search = _Search(page, (dpi_x, dpi_y), _formats((*_SQUARE, *bars)))
    probe = probed(page, dpi_x, dpi_y) if probe is None else probe
    read, broken = search.whole(probe.pixels, probe.dpi)
    if any(code.text.startswith(wanted) for code in read):
        return Codes(tuple(read), ())
    large = [*code_like(probe.dark), *broken]
    if _unexplained(large, read):
        square = min(_FULL_DPI, max(dpi_x, dpi_y))
        more, _ = search.whole(_resampled(page, (dpi_x, dpi_y), square), square)
        read += more
    suspects = _separate(large, small_code_like(probe.dark))
    for box in _unexplained(suspects, read)[:_MOST_CLOSER]:
        read += search.closer(box)
    return Codes(tuple(read), tuple(_unexplained(suspects, read)))


def bar_codes(
    page: Grey, dpi: tuple[float, float], dark: Dark, read: Sequence[Code], bars: Sequence[Symbology]
) -> Codes:
    """Bar codes that were not `read` yet, looked at from near; those of other symbologies are in neither column."""
    search, any_bars = _Search(page, dpi, _formats(bars)), _Search(page, dpi, _ANY_BARS)
    more, unread = list[Code](), list[Box]()
    for box in _unexplained(bars_like(dark), [*read])[:_MOST_CLOSER]:
        found = search.closer(box)
        more += found
        if not found and not any_bars.closer(box):
            unread.append(box)
    return Codes(tuple(more), tuple(unread))


def _formats(wanted: Collection[Symbology]) -> zxingcpp.BarcodeFormats:
    return zxingcpp.BarcodeFormats(tuple(_FORMATS[kind] for kind in dict.fromkeys(wanted)))


def _unexplained(suspects: list[Box], read: list[Code]) -> list[Box]:
    return [box for box in suspects if not any(_overlap(box, code.box) for code in read)]


def _separate(first: list[Box], others: list[Box]) -> list[Box]:
    """The first ones, and those of the others that lie elsewhere."""
    return first + [box for box in others if not any(_overlap(box, one) for one in first)]


def _overlap(one: Box, other: Box) -> bool:
    return max(one[0], other[0]) < min(one[2], other[2]) and max(one[1], other[1]) < min(one[3], other[3])


@dataclass(frozen=True, slots=True)
class _Search:
    page: Grey
    dpi: tuple[float, float]
    formats: zxingcpp.BarcodeFormats

    def whole(self, shrunk: Grey, square: float) -> tuple[list[Code], list[Box]]:
        """Codes read on the page at `square` dots an inch, and QR codes that were found but not decoded."""
        found = zxingcpp.read_barcodes(shrunk, formats=self.formats, try_invert=False, return_errors=True)
        scale = _MM_PER_INCH / square
        read = [_code(code, _box(code, scale)) for code in found if code.valid]
        # zxing finds damaged Data Matrix codes in any noise; three QR finder patterns in a row are no accident.
        lost = [_box(code, scale) for code in found if not code.valid and code.format == zxingcpp.BarcodeFormat.QRCode]
        return read, [box for box in lost if _is_code_sized(box)]

    def closer(self, box: Box) -> list[Code]:
        """One place looked at again: enlarged, smoothed, mended, and with another threshold."""
        per_mm = self.dpi[0] / _MM_PER_INCH, self.dpi[1] / _MM_PER_INCH
        left, top = max(0, int((box[0] - _AROUND_MM) * per_mm[0])), max(0, int((box[1] - _AROUND_MM) * per_mm[1]))
        right, bottom = int((box[2] + _AROUND_MM) * per_mm[0]), int((box[3] + _AROUND_MM) * per_mm[1])
        crop = np.ascontiguousarray(self.page[top:bottom, left:right])
        if min(crop.shape) < _LEAST_CROP:
            return []
        for look, binarizer in _looks(_resampled(crop, self.dpi, max(_CLOSE_DPI, *self.dpi))):
            found = zxingcpp.read_barcodes(look, formats=self.formats, binarizer=binarizer)
            if found:
                return [_code(code, box) for code in found]
        return []


def _looks(enlarged: Grey) -> Iterator[tuple[Grey, zxingcpp.Binarizer]]:
    """What may show a code: as it is, its grain smoothed, its edges sharpened, its ink (of a copy) made thinner."""
    local, overall = zxingcpp.Binarizer.LocalAverage, zxingcpp.Binarizer.GlobalHistogram
    smooth = _grey(cv2.GaussianBlur(enlarged, (0, 0), 1.5))
    yield from (
        (look, way) for look in (enlarged, smooth, _grey(cv2.medianBlur(enlarged, 5))) for way in (local, overall)
    )
    yield smooth, zxingcpp.Binarizer.FixedThreshold
    yield _grey(cv2.addWeighted(enlarged, 2.5, cv2.GaussianBlur(enlarged, (0, 0), 4.0), -1.5, 0)), local
    larger = cv2.resize(enlarged, None, fx=1.5, fy=1.5, interpolation=cv2.INTER_CUBIC)
    yield _grey(cv2.GaussianBlur(larger, (0, 0), 2.25)), local
    for thinner in (3, 4):
        yield _grey(cv2.dilate(larger, np.ones((thinner, thinner), np.uint8))), local


def _grey(pixels: Any) -> Grey:
    return np.asarray(pixels, np.uint8)


def _code(found: zxingcpp.Barcode, box: Box) -> Code:
    kind: Symbology = next((kind for kind, one in _FORMATS.items() if found.format == one), "qr")
    return Code(found.text, box, kind)


def _is_code_sized(box: Box) -> bool:
    """Not finder patterns of two codes taken for one."""
    short, long = sorted((box[2] - box[0], box[3] - box[1]))
    return _BROKEN_MM[0] <= short and long <= min(_BROKEN_MM[1], _BROKEN_SHAPE * short)


def _resampled(page: Grey, dpi: tuple[float, float], square: float) -> Grey:
    factors = square / dpi[0], square / dpi[1]
    if max(abs(factor - 1) for factor in factors) < 0.05:  # noqa: PLR2004 - close enough to leave as it is
        return page
    if min(round(page.shape[1] * factors[0]), round(page.shape[0] * factors[1])) < 1:
        return page  # a strip of a few pixels: nothing of it would be left
    way = cv2.INTER_AREA if max(factors) <= 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(page, None, fx=factors[0], fy=factors[1], interpolation=way), np.uint8)


def _box(code: zxingcpp.Barcode, scale: float) -> Box:
    place = code.position
    corners = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
    across, down = [corner.x * scale for corner in corners], [corner.y * scale for corner in corners]
    return min(across), min(down), max(across), max(down)
