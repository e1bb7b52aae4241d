"""pdfium, through pypdfium2: documents opened to be drawn, and the samples of what was drawn.

pdfium is not made for threads: whatever reaches it in this process holds `LOCK`, from a page's opening to its closing.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, Final

import pypdfium2
from PIL import Image

LOCK: Final = threading.RLock()

_Document: Final[Any] = pypdfium2.PdfDocument  # pypdfium2 has no types; from here on its objects are Any
_IMAGE_OBJECT: Final = 3
"""FPDF_PAGEOBJ_IMAGE of pdfium's fpdf_edit.h."""
_POINTS_AN_INCH: Final = 72


@contextmanager
def drawing(file: BinaryIO) -> Iterator[Any]:
    """The document in pdfium, its forms ready to be drawn; `len()` is its pages, `[n]` a page. Raises PdfiumError."""
    with LOCK:
        document = _Document(file)
        document.init_forms()
    try:
        yield document
    finally:
        with LOCK:
            document.close()


def images(page: Any) -> list[Any]:
    """The image objects of a page, those inside forms too."""
    return list(page.get_objects(filter=(_IMAGE_OBJECT,)))


def pixels(image: Any) -> tuple[int, int]:
    """Width and height of an image object, nothing decoded."""
    width, height = image.get_px_size()
    return int(width), int(height)


def samples(image: Any) -> Image.Image:
    """An image object's own samples, as many as it has, its colour space and Decode applied."""
    return _owned(image.get_bitmap())


def drawn(page: Any, dpi: float, *, grey: bool = False) -> Image.Image:
    """The page as a viewer shows it, with annotations and form fields, at `dpi` dots an inch of its boxes."""
    bitmap = page.render(scale=dpi / _POINTS_AN_INCH, may_draw_forms=True, grayscale=grey)
    try:
        return _owned(bitmap)
    finally:
        bitmap.close()


def inches(page: Any) -> tuple[float, float]:
    """Width and height of the page as shown, without UserUnit."""
    width, height = page.get_size()
    return width / _POINTS_AN_INCH, height / _POINTS_AN_INCH


def _owned(bitmap: Any) -> Image.Image:
    image: Image.Image = bitmap.to_pil()
    return image.copy()
