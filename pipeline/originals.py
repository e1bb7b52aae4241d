"""A closed document's images again, out of the PDF in which they were sealed: the very ones that went in.

`pipeline.compose.compose_originals` wrote it: one image a page, its bytes untouched, and what the scanner said of it in
the page's PieceInfo.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pikepdf

from lexicon.faults import TamperFault
from pipeline.compose import PIECE
from pipeline.image_facts import image_of
from pipeline.model import Colour, Encoding, PageImage

_POINTS: Final = 72
_ENCODINGS: Final = {
    "/DCTDecode": Encoding.JPEG,
    "/CCITTFaxDecode": Encoding.G4,
    "/FlateDecode": Encoding.FLATE,
}


def read_originals(path: Path) -> Iterator[PageImage]:
    """The images in order, one in memory at a time. Raises `TamperFault("envelope-forged")` for any other PDF."""
    try:
        with pikepdf.open(path) as pdf:
            for page in pdf.pages:
                yield _image(page)
    except (pikepdf.PdfError, AttributeError, KeyError, ValueError, TypeError):
        raise TamperFault("envelope-forged") from None


def _image(page: pikepdf.Page) -> PageImage:
    (drawn,) = page.get_images().values()
    payload = drawn.read_raw_bytes()
    if "/PieceInfo" not in page.obj:
        return _as_drawn(page, drawn, payload)
    facts = json.loads(str(page.obj.PieceInfo[PIECE].Private))
    image = image_of(facts, payload)
    if (image.width, image.height) != (int(drawn.Width), int(drawn.Height)):
        raise ValueError
    return image


def _as_drawn(page: pikepdf.Page, drawn: pikepdf.Object, payload: bytes) -> PageImage:
    """Of an envelope of before: all that the page itself shows; the resolution to a hundredth of a dot an inch."""
    left, bottom, right, top = (float(edge) for edge in page.mediabox)
    width, height = int(drawn.Width), int(drawn.Height)
    encoding, colour = _ENCODINGS[str(drawn.Filter)], _colour(drawn)
    return PageImage(
        encoding=encoding,
        payload=payload,
        width=width,
        height=height,
        dpi_x=round(width * _POINTS / (right - left), 2),
        dpi_y=round(height * _POINTS / (top - bottom), 2),
        colour=colour,
        black_is_1=_black_is_1(drawn, encoding),
        quarter_turns=int(page.obj.get("/Rotate", 0)) // 90 % 4,
    )


def _colour(drawn: pikepdf.Object) -> Colour:
    if int(drawn.BitsPerComponent) == 1:
        return Colour.BILEVEL
    return Colour.RGB if drawn.ColorSpace == pikepdf.Name.DeviceRGB else Colour.GREY


def _black_is_1(drawn: pikepdf.Object, encoding: Encoding) -> bool:
    if encoding is Encoding.G4:
        return not bool(drawn.DecodeParms.BlackIs1)
    return "/Decode" in drawn
