"""A copy's pages as pdfium has them: what lies on each and where, and what it looks like.

pypdfium2's own `render` lays a page on whole pixels, and pdfium then rounds an image outwards by a row or a column,
which shifts half of it by one; drawn by a matrix a hair smaller than the bitmap, its samples fall where they belong.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
import pypdfium2
from numpy.typing import NDArray

from pipeline.formats import pdfium

Colours = NDArray[np.uint8]
"""Shape (height, width, 3): blue, green, red."""
Matrix = tuple[float, float, float, float, float, float]
"""What takes an image's unit square to the page, in points: a, b, c, d, e, f of ISO 32000-1, 8.3.3."""
Box = tuple[float, float, float, float]
"""Left, bottom, right and top, in points."""

_raw: Final[Any] = pypdfium2.raw  # made by ctypes: no checker sees its names
_Bitmap: Final[Any] = pypdfium2.PdfBitmap
_Opened: Final[Any] = pypdfium2.PdfDocument

_HAIR: Final = 0.02
"""Pixels between the bitmap's edge and the page's."""
_WHITE: Final = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Layout:
    """What a page is made of, before it is turned."""

    box: Box
    quarter_turns: int
    images: tuple[Matrix, ...]
    foreign: bool
    """Whether anything but images and invisible text lies on it: lines, fills, forms, annotations, visible words."""


class Drawn:
    """An open copy."""

    def __init__(self, document: Any) -> None:
        self._document = document

    def __len__(self) -> int:
        return len(self._document)

    def layout(self, index: int) -> Layout:
        """Raises `PdfiumError` where the page cannot be read."""
        with self._page(index) as page:
            kinds = [_kind(_raw.FPDFPage_GetObject(page, number)) for number in range(_raw.FPDFPage_CountObjects(page))]
            images = tuple(kind for kind in kinds if isinstance(kind, tuple))
            foreign = "foreign" in kinds or _raw.FPDFPage_GetAnnotCount(page) > 0
            return Layout(_box(page), _raw.FPDFPage_GetRotation(page), images, foreign)

    def look(self, index: int, width: int, height: int) -> Colours:
        """The page as a viewer shows it, upright, in so many pixels. Raises `PdfiumError`."""
        with self._page(index) as page:
            across, down = page.get_size()
            bitmap = _Bitmap.new_native(width, height, _raw.FPDFBitmap_BGR)
            try:
                _raw.FPDFBitmap_FillRect(bitmap, 0, 0, width, height, _WHITE)
                sides = (width - 2 * _HAIR) / across, (height - 2 * _HAIR) / down
                matrix = _raw.FS_MATRIX(sides[0], 0, 0, sides[1], _HAIR, _HAIR)
                _raw.FPDF_RenderPageBitmapWithMatrix(bitmap, page, matrix, _raw.FS_RECTF(0, 0, width, height), 0)
                return np.array(bitmap.to_numpy(), np.uint8)
            finally:
                bitmap.close()

    @contextmanager
    def _page(self, index: int) -> Iterator[Any]:
        with pdfium.LOCK:
            page = self._document[index]
            try:
                yield page
            finally:
                page.close()


@contextmanager
def drawing(file: Path | BinaryIO) -> Iterator[Drawn]:
    """Raises `PdfiumError` where the file cannot be opened."""
    with pdfium.LOCK:
        document = _Opened(file)
    try:
        yield Drawn(document)
    finally:
        with pdfium.LOCK:
            document.close()


def _kind(found: Any) -> Matrix | str:
    kind = _raw.FPDFPageObj_GetType(found)
    if kind == _raw.FPDF_PAGEOBJ_IMAGE:
        matrix = _raw.FS_MATRIX()
        _raw.FPDFPageObj_GetMatrix(found, matrix)
        return matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f
    if kind == _raw.FPDF_PAGEOBJ_TEXT:
        mode = _raw.FPDFTextObj_GetTextRenderMode(found)
        return "invisible" if mode == _raw.FPDF_TEXTRENDERMODE_INVISIBLE else "foreign"
    return "foreign"


def _box(page: Any) -> Box:
    box = _raw.FS_RECTF()
    _raw.FPDF_GetPageBoundingBox(page, box)
    return box.left, box.bottom, box.right, box.top
