"""The compact profile: ink cut out at the scan's resolution, in its own colours, over the paper as a small JPEG.

Mixed raster content (ITU-T T.44) with what PDF 1.4 has and ISO 19005-1 allows: images under stencil masks
(ISO 32000-1, 8.9.6.3) coded by ITU-T T.6, no transparency. No shape is coded as another. It is lossy, so each page is
drawn and held against its scan; the one that shows less than `fidelity` asks stays as the scanner made it.
"""

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import pikepdf
from pikepdf import Dictionary, Name, Object, Stream
from PIL import Image

from pipeline.formats.raster import g4_strip
from pipeline.model import Colour, PageImage
from pipeline.pdfa.compact_ink import written
from pipeline.pdfa.compact_pixels import Mask, Picture, Pixels, has_colour, picture
from pipeline.pdfa.compact_tint import INK, PAPER, Steps, calm, jpeg, plain, tint
from pipeline.pdfa.drawn import drawing
from pipeline.pdfa.fidelity import Fidelity, fidelity
from pipeline.pdfa.packing import Draw, Drawing, Size, packed

_LEAST_SIDE: Final = 64
_MOST_SIDE: Final = 14_000
"""Pixels; the trial page has a unit a pixel, and a page's sides have a limit."""
_WORTH: Final = 0.6
"""Of the scan's bytes: saving less is not worth a loss."""
_SMALL: Final = 0.18
"""The same, under which strokes get two tones."""
_COARSE: Final = 250.0
"""Dots an inch from which on one tone is as good as two."""
_PAPER: Final = (72.0, 1.0)
"""Dots an inch and the coarseness of its JPEG."""
_PICTURES: Final = (120.0, 0.6)
"""The same, where there is more than paper to show."""
_INK_DPI: Final = 45.0
_INK_REACH: Final = 0.7
"""Of its small pixels: a stroke's colour is that of its neighbourhood."""
_OBJECT: Final = 240
"""Bytes that an image costs beside its samples."""

BILEVEL: Final = "bilevel"
NO_SMALLER: Final = "no-smaller"
UNLIKE: Final = "unlike"
FAILED: Final = "failed"
"""Why a page has no layers: it needs none; they would save too little, or show too little; something went wrong."""


@dataclass(frozen=True, slots=True)
class Tint:
    """A small JPEG, over the whole page."""

    payload: bytes
    width: int
    height: int
    coloured: bool
    """RGB; else grey."""


@dataclass(frozen=True, slots=True)
class Stencil:
    """Pixels painted in the colours of a tint, over the whole page."""

    strip: bytes
    """One T.6 strip, its black runs the pixels to paint."""
    width: int
    height: int
    tint: Tint


@dataclass(frozen=True, slots=True)
class Layers:
    """A page as it is painted: the paper, then the stencils in their order."""

    paper: Tint
    stencils: tuple[Stencil, ...]

    @property
    def size(self) -> int:
        """Bytes that they take in a file, about."""
        coded = sum(len(stencil.strip) + len(stencil.tint.payload) + 2 * _OBJECT for stencil in self.stencils)
        return coded + len(self.paper.payload) + _OBJECT


@dataclass(frozen=True, slots=True)
class Weighed(Drawing):
    """A page for which layers were tried."""

    shows: Fidelity | None = None
    """How much of the scan its layers show; None without layers."""
    left: str = ""
    """Why it has none: one of `BILEVEL`, `NO_SMALLER`, `UNLIKE`, `FAILED`."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What came of the tries: layers and how much they show, or why there are none."""

    layers: Layers | None = None
    shows: Fidelity | None = None
    left: str = ""


def compact(image: PageImage) -> Layers | None:
    """The page in layers; None where it is better left as it is. Raises SheetFault as `pixels.grey` does."""
    return choose(image).layers


def choose(image: PageImage) -> Choice:
    """The first layers that are small enough and show enough.

    The same image gives the same choice. Raises SheetFault as `pixels.grey` does, `PdfiumError` where layers cannot be
    drawn.
    """
    if image.colour is Colour.BILEVEL:
        return Choice(left=BILEVEL)
    scan = picture(image)
    if min(scan.size) < _LEAST_SIDE or max(scan.size) > _MOST_SIDE:
        return Choice(left=NO_SMALLER)
    left = NO_SMALLER
    for layers in _tries(scan, len(image.payload)):
        if layers.size <= _WORTH * len(image.payload):
            shows = measured(scan, layers)
            if shows.enough:
                return Choice(layers, shows)
            left = UNLIKE
    return Choice(left=left)


def _tries(scan: Picture, scanned: int) -> Iterator[Layers]:
    """What is worth a look, the best first: two tones where they are small, one tone, finer paper."""
    whole, half, most, middle = written(scan)
    paper = _paper(scan, whole, _PAPER)
    fine, coarse = ((half, middle),), ((whole, whole & ~most), (most, middle))
    two = Layers(paper, _stencils(scan, coarse)) if scan.dpi < _COARSE else None
    if two is not None and two.size <= _SMALL * scanned:
        yield two
        yield Layers(paper, _stencils(scan, fine))
    else:
        yield Layers(paper, _stencils(scan, fine))
        if two is not None:
            yield two
    yield Layers(_paper(scan, whole, _PICTURES), two.stencils if two is not None else _stencils(scan, fine))


def _paper(scan: Picture, ink: Mask, grain: tuple[float, float]) -> Tint:
    """What lies around the ink, edges of strokes left out."""
    dpi, coarseness = grain
    between = ~cv2.dilate(ink.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(np.bool_)
    return _tint(calm(tint(scan, between, dpi)), PAPER, coarseness)


def _stencils(scan: Picture, inks: Iterable[tuple[Mask, Mask]]) -> tuple[Stencil, ...]:
    """Each ink is what to paint and where its colour is taken from."""
    return tuple(_stencil(scan, mask, shows) for mask, shows in inks if shows.any())


def _stencil(scan: Picture, mask: Mask, shows: Mask) -> Stencil:
    height, width = mask.shape
    bilevel = Image.frombytes("1", (width, height), np.packbits(~mask, axis=1).tobytes())
    return Stencil(g4_strip(bilevel), width, height, _tint(tint(scan, shows, _INK_DPI, _INK_REACH), INK, 1.0))


def _tint(pixels: Pixels, steps: Steps, coarseness: float) -> Tint:
    pixels = plain(pixels)
    height, width = pixels.shape[:2]
    return Tint(jpeg(pixels, steps, coarseness), width, height, has_colour(pixels))


def measured(scan: Picture, layers: Layers) -> Fidelity:
    """How much of the scan the layers show when pdfium draws them."""
    return fidelity(scan, drawn(layers, scan.size))


def drawn(layers: Layers, size: tuple[int, int]) -> Pixels:
    """The layers as pdfium draws them on so many pixels; RGB unless all of them are grey."""
    coloured = layers.paper.coloured or any(stencil.tint.coloured for stencil in layers.stencils)
    with io.BytesIO() as target, pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=size)
        shown = draw(pdf, layers, size)
        page.obj.Resources = Dictionary(XObject=Dictionary(shown.images))
        page.obj.Contents = pdf.make_indirect(Stream(pdf, shown.content))
        pdf.save(target)
        with drawing(target) as document:
            seen = document.look(0, *size)
    return np.ascontiguousarray(seen[..., ::-1] if coloured else seen[..., 0])


def compacted(pdf: pikepdf.Pdf, image: PageImage, size: Size, otherwise: Draw = packed) -> Weighed:
    """A page in layers where they suit it, else as `otherwise` has it; so too whatever goes wrong with the layers.

    Raises SheetFault as `otherwise` does.
    """
    try:
        choice = choose(image)
    except Exception:  # noqa: BLE001  an optional saving must never cost a document: the scanner's image is there
        choice = Choice(left=FAILED)
    drawing = otherwise(pdf, image, size) if choice.layers is None else draw(pdf, choice.layers, size)
    return Weighed(drawing.images, drawing.content, drawing.way, choice.shows, choice.left)


def draw(pdf: pikepdf.Pdf, layers: Layers, size: Size) -> Drawing:
    """The layers' images, put into the PDF, and what paints them over `size` points."""
    images = {"/I": _image(pdf, layers.paper)}
    for number, stencil in enumerate(layers.stencils, start=1):
        coloured = _image(pdf, stencil.tint)
        coloured.Mask = _mask(pdf, stencil)
        images[f"/I{number}"] = coloured
    width, height = size
    placed = f"q {width:.3f} 0 0 {height:.3f} 0 0 cm {' '.join(f'{name} Do' for name in images)} Q\n"
    return Drawing(images, placed.encode("ascii"), "compact")


def _image(pdf: pikepdf.Pdf, shown: Tint) -> Object:
    stream = _xobject(pdf, shown.payload, shown.width, shown.height)
    stream.BitsPerComponent = 8
    stream.ColorSpace = Name.DeviceRGB if shown.coloured else Name.DeviceGray
    stream.Filter = Name.DCTDecode
    return pdf.make_indirect(stream)


def _mask(pdf: pikepdf.Pdf, stencil: Stencil) -> Object:
    """Of an explicit mask (ISO 32000-1, 8.9.6.3), what is 0 is painted: T.6 decodes black runs to 0."""
    stream = _xobject(pdf, stencil.strip, stencil.width, stencil.height)
    stream.ImageMask = True
    stream.BitsPerComponent = 1
    stream.Filter = Name.CCITTFaxDecode
    stream.DecodeParms = Dictionary(K=-1, Columns=stencil.width, Rows=stencil.height)
    return pdf.make_indirect(stream)


def _xobject(pdf: pikepdf.Pdf, samples: bytes, width: int, height: int) -> Stream:
    stream = Stream(pdf, samples)
    stream.Type, stream.Subtype = Name.XObject, Name.Image
    stream.Width, stream.Height = width, height
    return stream
