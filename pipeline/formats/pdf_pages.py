"""PDF from scanners: a page's one image taken out as it is coded, any other page drawn at 300 dpi (ISO 32000-1)."""

import os
import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import BinaryIO, Final

import pikepdf
from PIL import Image

from lexicon.faults import SheetFault
from pipeline.formats import draw, jpeg
from pipeline.formats.limits import Limits
from pipeline.formats.pdf_image import Placed, sole_image
from pipeline.formats.raster import Placing, Taken, foreign_decoding, g4_page, jpeg_taken, squeezed, taken

_RENDER_DPI: Final = 300.0
_LEAST_RENDER_DPI: Final = 100.0
_MOST_RENDERED_PIXELS: Final = 100_000_000
_OBJECT_AFTER_END: Final = re.compile(rb"\d+ \d+ obj\b")
_WINDOW: Final = 1 << 20
_OVERLAP: Final = 64
"""Bytes of the window behind that a mark, or an object's head, may reach into."""
_GREY_SPACES: Final = frozenset(("/DeviceGray", "/CalGray"))
_RGB_SPACES: Final = frozenset(("/DeviceRGB", "/CalRGB"))


@contextmanager
def opened(file: BinaryIO, limits: Limits) -> Iterator[tuple[int, Callable[[int], Taken]]]:
    """How many pages the document has, and what gives one of them (from 0). Both raise SheetFault."""
    _refuse_cut(file)
    with ExitStack() as held:
        with _foreign():
            document = held.enter_context(pikepdf.open(file))
            number = _checked(document, limits)
        drawing = held.enter_context(draw.drawing(file, number))

        def page_of(index: int) -> Taken:
            with _foreign():
                return _page(document, drawing, index, limits)

        yield number, page_of


@contextmanager
def _foreign() -> Iterator[None]:
    """The one adapter around pikepdf and pdfium."""
    with foreign_decoding():
        try:
            yield
        except pikepdf.PasswordError:
            raise SheetFault("encrypted-pdf") from None


def _refuse_cut(file: BinaryIO) -> None:
    """SheetFault `truncated-scan` unless the file has its end: `%%EOF`, and no object after the last one.

    A reader that repairs a cut file would give fewer pages and say nothing.
    """
    tail = b""
    for start in range(max(0, file.seek(0, os.SEEK_END) - 1) // _WINDOW * _WINDOW, -1, -_WINDOW):
        file.seek(start)
        window = file.read(_WINDOW) + tail[: _OVERLAP if tail else 0]
        end = window.rfind(b"%%EOF")
        if _OBJECT_AFTER_END.search(window, max(end, 0)):
            break
        if end >= 0:
            return
        tail = window
    raise SheetFault("truncated-scan")


def _checked(document: pikepdf.Pdf, limits: Limits) -> int:
    """The number of pages, of a document that is pages and nothing more (no XFA form, no portfolio of files)."""
    root = document.Root
    form = root.get("/AcroForm")
    if "/Collection" in root or (form is not None and "/XFA" in form and root.get("/NeedsRendering", False)):
        raise SheetFault("unsupported-format")
    number = len(document.pages)
    limits.check_pages(number)
    return number


def _page(document: pikepdf.Pdf, drawing: draw.Drawing, index: int, limits: Limits) -> Taken:
    placed = sole_image(document.pages[index])
    if placed is not None:
        limits.check_pixels(int(placed.image["/Width"]), int(placed.image["/Height"]))
        kept = _kept(placed, limits)
        if kept is not None:
            return kept
    images, inches = drawing.describe(index)
    for size in images:
        limits.check_pixels(*size)
    if placed is not None and images == [(int(placed.image["/Width"]), int(placed.image["/Height"]))]:
        same = _sampled(drawing.samples(index), placed)
        if same is not None:
            return same
    return _rendered(drawing, index, inches, float(document.pages[index].obj.get("/UserUnit", 1)), limits)


def _kept(placed: Placed, limits: Limits) -> Taken | None:
    """The image's own coded bytes, or None when they are not what an archival copy may hold."""
    image = placed.image
    filters, parameters = _filters(image)
    space = _components(image)
    inverted = _inverted(image)
    if filters == ["/CCITTFaxDecode"] and space == 1 and not placed.placing.mirrored:
        return _kept_g4(placed, parameters, inverted=inverted)
    if filters not in (["/DCTDecode"], ["/FlateDecode", "/DCTDecode"]) or inverted or "/ColorTransform" in parameters:
        return None
    blob = image.read_raw_bytes()
    if len(filters) > 1:
        blob = zlib.decompressobj().decompress(blob, limits.max_pixels)
    described = jpeg.read(blob)
    limits.check_pixels(described.width, described.height)
    same = (described.width, described.height) == (int(image["/Width"]), int(image["/Height"]))
    return jpeg_taken(blob, placed.placing) if same and described.components == space and described.for_pdf else None


def _kept_g4(placed: Placed, parameters: pikepdf.Object, *, inverted: bool) -> Taken | None:
    width, height = int(placed.image["/Width"]), int(placed.image["/Height"])
    plain = int(parameters.get("/K", 0)) < 0 and not parameters.get("/EncodedByteAlign", False)
    if not plain or int(parameters.get("/Columns", 1728)) != width:
        return None
    black_is_1 = bool(parameters.get("/BlackIs1", False)) == inverted
    return Taken(g4_page(placed.image.read_raw_bytes(), (width, height), placed.placing, black_is_1=black_is_1))


def _filters(image: pikepdf.Object) -> tuple[list[str], pikepdf.Object]:
    """The filters' names and the last one's parameters."""
    filters = image.get("/Filter", pikepdf.Array())
    names = [str(name) for name in filters] if isinstance(filters, pikepdf.Array) else [str(filters)]
    parameters = image.get("/DecodeParms")
    if isinstance(parameters, pikepdf.Array):
        parameters = parameters[-1] if len(parameters) else None
    return names, parameters if isinstance(parameters, pikepdf.Dictionary) else pikepdf.Dictionary()


def _components(image: pikepdf.Object) -> int:
    """1 for grey, 3 for RGB, 0 for what PDF/A-1b under an sRGB intent should not hold as it is."""
    space = image.get("/ColorSpace")
    if isinstance(space, pikepdf.Array):
        if str(space[0]) == "/ICCBased":
            components = int(space[1].get("/N", 0))
            return components if components in {1, 3} else 0
        space = space[0]
    return 1 if str(space) in _GREY_SPACES else 3 if str(space) in _RGB_SPACES else 0


def _inverted(image: pikepdf.Object) -> bool:
    decode = image.get("/Decode")
    return decode is not None and [float(bound) for bound in decode][:2] == [1.0, 0.0]


def _sampled(samples: Image.Image, placed: Placed) -> Taken | None:
    """The image's samples by pdfium (JBIG2, JPX, Flate, palettes), in their own resolution; None if it has others."""
    if samples.size != (int(placed.image["/Width"]), int(placed.image["/Height"])):
        return None
    return taken(_narrowed(samples, bilevel=int(placed.image.get("/BitsPerComponent", 8)) == 1), placed.placing)


def _rendered(drawing: draw.Drawing, index: int, inches: tuple[float, float], unit: float, limits: Limits) -> Taken:
    """The page drawn with its forms and annotations, upright; fewer dots on a sheet bigger than A0."""
    most = min(limits.max_pixels, _MOST_RENDERED_PIXELS)
    dpi = min(_RENDER_DPI, (most / (inches[0] * inches[1])) ** 0.5 / unit)
    if not dpi >= _LEAST_RENDER_DPI:
        raise SheetFault("too-many-pixels", limit=limits.max_pixels)
    return taken(_narrowed(drawing.drawn(index, dpi * unit), bilevel=False), Placing((dpi, dpi)))


def _narrowed(samples: Image.Image, *, bilevel: bool) -> Image.Image:
    """Grey that pdfium gave as colour made grey again, and black and white bilevel; no sample changes its value."""
    plain = samples if samples.mode == "L" else squeezed(samples.convert("RGB"))
    if bilevel and plain.mode == "L" and sum(plain.histogram()[1:255]) == 0:
        return plain.convert("1", dither=Image.Dither.NONE)
    return plain
