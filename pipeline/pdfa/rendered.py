"""The copy drawn again and held against the scan: it catches what no validator sees, an inverted or shifted page.

Each page is looked at twice: what lies on it (upright images that cover it, invisible text), which tells a mirrored
blank page too, and what pdfium draws of it, against the scan's own samples, decoded by another library at that size.

Measured on 395 pages, invented, real, hostile, as a share of what is allowed: a page with the scanner's image reaches
0.5 (in colour 0.2), its sabotage 2.5 and more wherever ink is concerned. In layers, 52 of 53 pages pass and their
sabotage reaches 1.8; the other had a black stain for a shaded corner of the paper, and is refused.
"""

import math
from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from lexicon.faults import SheetFault
from pipeline.formats.pixels import Grey, grey, rows_of
from pipeline.model import Colour, Encoding, PageImage
from pipeline.pdfa.drawn import Colours, Drawn, Layout, Matrix

_LEAST_DPI: Final = 64.0
_MOST_PIXELS: Final = 1_500_000
_REDUCED: Final = {
    1: (cv2.IMREAD_GRAYSCALE, cv2.IMREAD_COLOR),
    2: (cv2.IMREAD_REDUCED_GRAYSCALE_2, cv2.IMREAD_REDUCED_COLOR_2),
    4: (cv2.IMREAD_REDUCED_GRAYSCALE_4, cv2.IMREAD_REDUCED_COLOR_4),
    8: (cv2.IMREAD_REDUCED_GRAYSCALE_8, cv2.IMREAD_REDUCED_COLOR_8),
}
"""JPEG decoded at a fraction of its size costs little (ITU-T T.81: the low frequencies of each block alone)."""
_SMALLER: Final = 1.3
"""Pixels for one, from which samples are averaged rather than interpolated."""
_WINDOW: Final = 16
"""Pixels: side of the squares in which pictures are compared; 4 to 6 mm."""
_LIGHTNESS: Final = 6.0
_COLOUR: Final = 4.0
"""Levels: distance (root of the mean square in a window) that is no difference, in lightness and in each chroma."""
_NEUTRAL: Final = 128
"""Level of both chromas where there is no colour."""
_SHARE: Final = 0.3
"""Of what varies in a window in both pictures, the share (in squares) that may differ."""
_TONED: Final = 10.0
_TONED_SHARE: Final = 0.5
_TONES: Final = (0.5, 2.0)
_SHADE: Final = 35.0
"""The same for a page in layers (ITU-T T.44), whose strokes have few tones: floor and share after its contrast was
multiplied by what fits best within `_TONES`, and its shade moved by at most so many levels."""
_SMALLEST: Final = 3.0
_PLACE: Final = 0.05
"""Points by which a box may be off: a sixtieth of a millimetre."""

Levels = NDArray[np.float32]


def looks_like(drawn: Drawn, index: int, image: PageImage, quarter_turns: int) -> bool:
    """Whether a page of the copy, counted from 0, is the image's sheet, turned so, and shows it.

    Raises `PdfiumError` where it cannot be drawn, `SheetFault("unreadable-scan")` when the image does not decode.
    """
    layout = drawn.layout(index)
    if not _well_laid(layout, _sheet(image), quarter_turns):
        return False
    reduction, scale = _reduction(image)
    width, height = (max(1, round(side * scale)) for side in _sheet(image))
    expected = np.rot90(_small(image, reduction, (width, height)), -quarter_turns)
    rows, columns = expected.shape[:2]
    return same_look(drawn.look(index, columns, rows), expected, layered=len(layout.images) > 1)


def _sheet(image: PageImage) -> tuple[float, float]:
    """Width and height in points, as stored; no page is smaller than 3 (ISO 32000-1, annex C.2)."""
    return max(image.width * 72 / image.dpi_x, _SMALLEST), max(image.height * 72 / image.dpi_y, _SMALLEST)


def _well_laid(layout: Layout, size: tuple[float, float], quarter_turns: int) -> bool:
    """Whether the page is the sheet, turned as it must be, each of its images upright and covering it."""
    sheet = (0.0, 0.0, *size)
    if layout.foreign or layout.quarter_turns != quarter_turns or not _near(layout.box, sheet):
        return False
    return bool(layout.images) and all(_upright(matrix) and _near(_lies(matrix), sheet) for matrix in layout.images)


def _upright(matrix: Matrix) -> bool:
    a, b, c, d, _, _ = matrix
    return a > 0 and d > 0 and _near((b, c), (0.0, 0.0))


def _lies(matrix: Matrix) -> tuple[float, ...]:
    a, _, _, d, e, f = matrix
    return e, f, e + a, f + d


def _near(found: tuple[float, ...], wanted: tuple[float, ...]) -> bool:
    return all(abs(one - other) < _PLACE for one, other in zip(found, wanted, strict=True))


def _reduction(image: PageImage) -> tuple[int, float]:
    """By how much a decoder may divide the image's size, and pixels a point of the drawing: about 64 to 128 dpi."""
    dpi = min(image.dpi_x, image.dpi_y)
    reduction = max((part for part in _REDUCED if dpi / part >= _LEAST_DPI), default=1)
    width, height = _sheet(image)
    return reduction, min(dpi / reduction / 72, math.sqrt(_MOST_PIXELS / (width * height)))


def _small(image: PageImage, reduction: int, size: tuple[int, int]) -> Grey | Colours:
    """The scan's samples brought to `size` (width, height), grey or blue, green, red; not turned."""
    if image.encoding is Encoding.FLATE and image.colour is Colour.RGB:
        return _resized(rows_of(image).reshape(image.height, image.width, 3), size)[..., ::-1]
    if image.encoding is not Encoding.JPEG:
        return _resized(grey(image), size)
    pixels = _reduced(image, reduction)
    ratios = image.width / (size[0] * reduction), image.height / (size[1] * reduction)
    if max(ratios) > _SMALLER:
        return _resized(pixels, size)
    # The last column and row of a reduced picture reach beyond the image: each sample is taken where it was.
    taken = np.array([[ratios[0], 0, ratios[0] / 2 - 0.5], [0, ratios[1], ratios[1] / 2 - 0.5]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(pixels, taken, size, flags=flags, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def _reduced(image: PageImage, reduction: int) -> Grey | Colours:
    flags = _REDUCED[reduction][image.colour is Colour.RGB] | cv2.IMREAD_IGNORE_ORIENTATION
    try:
        pixels = cv2.imdecode(np.frombuffer(image.payload, np.uint8), flags)
    except cv2.error:
        pixels = None
    if pixels is None or pixels.shape[:2] != (-(-image.height // reduction), -(-image.width // reduction)):
        raise SheetFault("unreadable-scan")
    return np.asarray(pixels, np.uint8)


def _resized(pixels: Grey | Colours, size: tuple[int, int]) -> Grey | Colours:
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def same_look(drawn: Colours, expected: Grey | Colours, *, layered: bool = False) -> bool:
    """Whether two pictures of one size show the same, in every window of 16 pixels, in lightness and colour.

    In a window, the mean square of what differs is at most a floor and a share of what varies in both.
    """
    (found, *found_chromas), (wanted, *wanted_chromas) = _planes(drawn), _planes(expected)
    lightness = _toned(found, wanted) if layered else _alike(found, wanted, _LIGHTNESS)
    return lightness and _same_colours(found_chromas, wanted_chromas)


def _same_colours(found: Sequence[Levels], wanted: Sequence[Levels]) -> bool:
    """A picture without any has no chromas."""
    neutral = [np.full_like(chroma, _NEUTRAL) for chroma in (*found, *wanted)[:2]]
    return all(map(_alike, found or neutral, wanted or neutral, (_COLOUR, _COLOUR)))


def _planes(picture: Grey | Colours) -> tuple[Levels, ...]:
    """Lightness, and of what has colours both chromas at half the size.

    Blurred by a pixel: half a pixel's shift is no difference.
    """
    if picture.ndim == 2:  # noqa: PLR2004  rows and columns: a grey scan has no colour, and neither has its copy
        return (_soft(picture),)
    blue, green, red = cv2.split(picture)
    if cv2.countNonZero(cv2.absdiff(blue, green)) == cv2.countNonZero(cv2.absdiff(green, red)) == 0:
        return (_soft(np.asarray(green, np.uint8)),)
    lightness, *chromas = cv2.split(cv2.cvtColor(np.ascontiguousarray(picture), cv2.COLOR_BGR2YCrCb))
    red, blue = (_soft(_resized(np.asarray(plane, np.uint8), _half(picture)[::-1])) for plane in chromas)
    return _soft(np.asarray(lightness, np.uint8)), red, blue


def _half(picture: Grey | Colours) -> tuple[int, int]:
    return -(-picture.shape[0] // 2), -(-picture.shape[1] // 2)


def _soft(plane: Grey) -> Levels:
    return np.asarray(cv2.GaussianBlur(np.ascontiguousarray(plane), (0, 0), 1.0), np.float32)


def _alike(found: Levels, wanted: Levels, floor: float) -> bool:
    distance = _mean((found - wanted) ** 2)
    if float(distance.max()) <= floor**2:
        return True
    varying = np.minimum(_varies(found), _varies(wanted))
    return bool((distance <= floor**2 + _SHARE * varying).all())


def _toned(found: Levels, wanted: Levels) -> bool:
    """The same where tones may differ: least squares in each window."""
    shade = _mean(found) - _mean(wanted)
    varies, wanted_varies = _varies(found), _varies(wanted)
    together = _mean(found * wanted) - _mean(found) * _mean(wanted)
    contrast = np.clip(together / np.maximum(wanted_varies, 1.0), *_TONES)
    unlike = np.maximum(varies + contrast**2 * wanted_varies - 2 * contrast * together, 0)
    distance = unlike + np.maximum(np.abs(shade) - _SHADE, 0) ** 2
    return bool((distance <= _TONED**2 + _TONED_SHARE * np.minimum(varies, wanted_varies)).all())


def _varies(levels: Levels) -> Levels:
    return np.asarray(np.maximum(_mean(levels**2) - _mean(levels) ** 2, 0), np.float32)


def _mean(levels: Levels) -> Levels:
    return np.asarray(cv2.blur(levels, (_WINDOW, _WINDOW), borderType=cv2.BORDER_REFLECT), np.float32)
