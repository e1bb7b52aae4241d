"""What was printed, read back as a scanner would see it: a sheet that cannot be read is never handed out."""

import zlib
from collections.abc import Sequence
from typing import BinaryIO, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lexicon.faults import StationFault
from pipeline.formats import pdfium
from pipeline.model import Colour, Encoding, PageImage, Separator
from pipeline.sheets.patch import BAR_TOLERANCE_MM, Patch, bars_mm
from pipeline.sheets.printing import PerPage, place_of
from pipeline.split import Look, examine

DPI: Final = 150
"""Dots an inch: the least that a separator must be read at."""
_MM_PER_INCH: Final = 25.4
_DARK: Final = 128


def require_readable(printed: BinaryIO, wanted: Sequence[Separator], per_page: PerPage = 1) -> None:
    """Look at each sheet alone, as it will be once cut.

    Raises `StationFault("sheet-not-readable")`, with its `place` from 1: the fault is ours, not the paper's.
    """
    with pdfium.LOCK, pdfium.drawing(printed) as document:
        if len(document) != -(-len(wanted) // per_page):
            raise StationFault("sheet-not-readable", place=0)
        page = None
        for number, separator in enumerate(wanted):
            if number % per_page == 0:
                page = pdfium.drawn(document[number // per_page], DPI, grey=True).convert("L")
            if page is None:
                raise LookupError
            seen = examine(scanned(_cut(page, place_of(number, per_page)), DPI))
            if seen.look is not Look.SEPARATOR or seen.separator != separator:
                raise StationFault("sheet-not-readable", place=number + 1)


def require_patches(printed: BinaryIO, patch: Patch, count: int) -> None:
    """Measure the bars of each sheet from both of its ends, and look at it as at a scanned page.

    Raises `StationFault("sheet-not-readable")`.
    """
    wanted = bars_mm(patch)
    with pdfium.LOCK, pdfium.drawing(printed) as document:
        for number in range(max(count, len(document))):
            page = pdfium.drawn(document[number], DPI, grey=True).convert("L") if number < len(document) else None
            if page is None or not all(_has_bars(ink, wanted) for ink in _from_both_ends(page)) or not _is_plain(page):
                raise StationFault("sheet-not-readable", place=number + 1)


def _is_plain(page: Image.Image) -> bool:
    """Whether it opens a document of nobody in particular."""
    return examine(scanned(page, DPI)).look is Look.PLAIN


def _from_both_ends(page: Image.Image) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Ink down the middle, and up."""
    middle = np.asarray(page, np.uint8)[:, page.width // 2] < _DARK
    return middle, middle[::-1]


def _has_bars(ink: NDArray[np.bool_], wanted: Sequence[float]) -> bool:
    """Whether it begins with bars and spaces of these widths, in mm, after the margin."""
    ends = np.flatnonzero(np.diff(ink.astype(np.int8)))[: len(wanted) + 1] * _MM_PER_INCH / DPI
    found = np.diff(ends)
    return len(found) == len(wanted) and bool(np.all(np.abs(found - np.asarray(wanted)) <= BAR_TOLERANCE_MM))


def scanned(page: Image.Image, dpi: float) -> PageImage:
    """Grey pixels as a page that a scanner made."""
    samples = np.asarray(page.convert("L"), np.uint8)
    return PageImage(
        encoding=Encoding.FLATE,
        payload=zlib.compress(samples.tobytes(), 1),
        width=page.width,
        height=page.height,
        dpi_x=dpi,
        dpi_y=dpi,
        colour=Colour.GREY,
    )


def _cut(page: Image.Image, place: tuple[float, float, float, float]) -> Image.Image:
    left, top, width, height = (value * DPI / _MM_PER_INCH for value in place)
    return page.crop((round(left), round(top), round(left + width), round(top + height)))
