"""A PDF's pages as pdfium sees them: asked only of what cannot be taken out as it is coded."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, BinaryIO, Final

from PIL import Image

from lexicon.faults import SheetFault
from pipeline.formats import pdfium

_PLAIN: Final = frozenset(("L", "RGB"))


class Drawing:
    """A file's pages in pdfium, which opens the file with the first question."""

    def __init__(self, file: BinaryIO, pages: int) -> None:
        self._file, self._pages = file, pages
        self._opened = ExitStack()
        self._document: Any = None

    def describe(self, page: int) -> tuple[list[tuple[int, int]], tuple[float, float]]:
        """Sizes of the page's image objects in pixels, and width and height of the page in inches."""
        with self._page(page) as found:
            return [pdfium.pixels(image) for image in pdfium.images(found)], pdfium.inches(found)

    def samples(self, page: int) -> Image.Image:
        """The first image object's own samples."""
        with self._page(page) as found:
            return _plain(pdfium.samples(pdfium.images(found)[0]))

    def drawn(self, page: int, dpi: float) -> Image.Image:
        """The page as a viewer shows it; a fault where an image of it cannot be decoded."""
        with self._page(page) as found:
            for image in pdfium.images(found):
                pdfium.samples(image)  # raises where it cannot be decoded: the page would come out white, unnoticed
            return _plain(pdfium.drawn(found, dpi))

    def close(self) -> None:
        self._opened.close()

    @contextmanager
    def _page(self, number: int) -> Iterator[Any]:
        """Raises SheetFault `unreadable-scan` where pdfium counts the pages otherwise than we do."""
        with pdfium.LOCK:
            if self._document is None:
                self._document = self._opened.enter_context(pdfium.drawing(self._file))
            if len(self._document) != self._pages:
                raise SheetFault("unreadable-scan")
            page = self._document[number]
            try:
                yield page
            finally:
                page.close()


def _plain(picture: Image.Image) -> Image.Image:
    return picture if picture.mode in _PLAIN else picture.convert("RGB")


@contextmanager
def drawing(file: BinaryIO, pages: int) -> Iterator[Drawing]:
    """The document of an open file that has so many pages."""
    asked = Drawing(file, pages)
    try:
        yield asked
    finally:
        asked.close()
