"""The copy drawn again and held against the scan: it catches what no validator sees, an inverted or turned page."""

from pathlib import Path
from typing import Final

import cv2
import numpy as np
import pypdfium2

from lexicon.faults import StationFault
from pipeline.compose import sheet_size
from pipeline.formats import pdfium
from pipeline.formats.pixels import Grey, grey
from pipeline.model import PageImage, Recognised, Scan

_DPI: Final = 36
_LEAST_SIDE: Final = 48
"""Pixels; a small label is drawn larger, so that there is something to compare."""
_FLAT: Final = 4.0
"""Grey levels: standard deviation under which a picture shows nothing to correlate."""
_SAME: Final = 0.8
_SAME_TILE: Final = 0.5
_TILES: Final = 4
_FAR: Final = 16.0
"""Grey levels: mean distance beyond which two flat pictures differ."""
_ROUNDING: Final = 2.0
"""Pixels."""


def require_same_look(path: Path, scan: Scan, recognised: Recognised) -> None:
    """Raise `StationFault("render-differs", page=...)` unless each page, drawn small, shows what was scanned, upright.

    `recognised` tells which way is up. A file that cannot be drawn differs as well.
    """
    try:
        with pdfium.LOCK:
            document = pypdfium2.PdfDocument(path)  # type: ignore[no-untyped-call]  # pypdfium2 has no types
    except pypdfium2.PdfiumError:
        raise StationFault("render-differs", page=1) from None
    try:
        if len(document) != len(scan.images):
            raise StationFault("render-differs", page=min(len(document), len(scan.images)) + 1)
        for index, page in enumerate(recognised.pages):
            image = scan.images[index]
            drawn = _drawn(document, index, _scale(image))
            if drawn is None or not _faithful(drawn, image, page.quarter_turns):
                raise StationFault("render-differs", page=index + 1)
    finally:
        with pdfium.LOCK:
            document.close()  # type: ignore[no-untyped-call]  # the same


def _faithful(drawn: Grey, image: PageImage, quarter_turns: int) -> bool:
    """Whether the drawing has the size of the sheet and its look."""
    scale = _scale(image)
    width, height = sheet_size(image)[:: -1 if quarter_turns % 2 else 1]
    if abs(drawn.shape[1] - width * scale) > _ROUNDING or abs(drawn.shape[0] - height * scale) > _ROUNDING:
        return False
    upright = np.ascontiguousarray(np.rot90(grey(image), -quarter_turns))
    size = drawn.shape[1], drawn.shape[0]
    return same_look(drawn, np.asarray(cv2.resize(upright, size, interpolation=cv2.INTER_AREA), np.uint8))


def same_look(drawn: Grey, expected: Grey) -> bool:
    """Whether two pictures of one size show the same: as a whole, and in each tile that shows something.

    The tiles tell a turned page whose dark border is the same on all sides; flat ones are compared by lightness.
    """
    drawn, expected = _matched(_soft(drawn), _soft(expected))
    if not _alike(drawn, expected, _SAME):
        return False
    rows = np.array_split(np.arange(drawn.shape[0]), _TILES)
    columns = np.array_split(np.arange(drawn.shape[1]), _TILES)
    tiles = [np.ix_(row, column) for row in rows for column in columns]
    return all(_alike(drawn[tile], expected[tile], _SAME_TILE) for tile in tiles)


def _soft(picture: Grey) -> Grey:
    """Blurred by a pixel: half a pixel's shift is no difference."""
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 1.0), np.uint8)


def _matched(drawn: Grey, expected: Grey) -> tuple[Grey, Grey]:
    """Both without their outermost pixels, the drawing moved by at most one: pdfium rounds where it samples rows."""
    height, width = drawn.shape
    inner = expected[1:-1, 1:-1]
    moved = [drawn[y : height - 2 + y, x : width - 2 + x] for y in range(3) for x in range(3)]
    return min(moved, key=lambda picture: float(np.mean(cv2.absdiff(picture, inner)))), inner


def _alike(drawn: Grey, expected: Grey, least: float) -> bool:
    if max(drawn.std(), expected.std()) < _FLAT:
        return abs(float(drawn.mean()) - float(expected.mean())) < _FAR
    if min(drawn.std(), expected.std()) == 0:
        return False
    return float(np.corrcoef(drawn.ravel(), expected.ravel())[0, 1]) >= least


def _scale(image: PageImage) -> float:
    """Of points to pixels, at which the page's shorter side is worth looking at."""
    return max(_DPI / 72, _LEAST_SIDE / min(sheet_size(image)))


def _drawn(document: pypdfium2.PdfDocument, index: int, scale: float) -> Grey | None:
    with pdfium.LOCK:
        try:
            page = document[index]
            bitmap = page.render(scale=scale, grayscale=True, draw_annots=False)
        except pypdfium2.PdfiumError:
            return None
        pixels = np.array(bitmap.to_numpy())
        bitmap.close()
        page.close()
    return pixels.reshape(pixels.shape[:2]).astype(np.uint8)
