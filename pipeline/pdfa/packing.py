"""A page's image as streams of the copy: its bytes as the scanner made them, or the same samples in fewer.

ISO 32000-1, 7.4 (filters), 8.9 (images), within what ISO 19005-1 allows: no JPEG 2000, no soft masks.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import cv2
import deflate
import numpy as np
import pikepdf
from numpy.typing import NDArray
from pikepdf import Array, Dictionary, Name, Object, Stream, String
from PIL import Image

from pipeline.formats.pixels import grey, rows_of
from pipeline.formats.raster import MOST_AT_ONCE, g4_strip
from pipeline.model import Colour, Encoding, PageImage
from pipeline.pdfa.predicting import Deflated, Rows, deflated
from pipeline.pdfa.reducing import Reduced, reduced

_WRAP_LEVEL: Final = 1
"""Of libdeflate: there is little to repeat in a JPEG, and level 6 takes half as long again for 0.3 % of its bytes."""
_WORTH: Final = 0.99
"""Of its bytes: what a JPEG must come to, before readers have to unfold it first."""
_POOR: Final = 0.15
"""Of the bits of a picture: a T.6 strip above it does not code what the recommendation is made for, letters and lines,
but dots, and can be larger than the picture itself."""
_GREY: Final = Name.DeviceGray
_RGB: Final = Name.DeviceRGB

Size = tuple[float, float]
"""Width and height of a page in points."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """What shows a page."""

    images: Mapping[str, Object]
    """XObjects, by the names under which they are drawn."""
    content: bytes
    """Operators that paint them over the page and leave the graphics state as it was."""
    way: str
    """How its samples are coded: `jpeg` (the scanner's file), `jpeg-repacked`, `g4`, `flate`, all of them without loss;
    whoever draws otherwise says it in a word of their own."""


Draw = Callable[[pikepdf.Pdf, PageImage, Size], Drawing]
"""Makes a page's image part of a PDF. Raises SheetFault where the image cannot be read."""


@dataclass(frozen=True, slots=True)
class _Coded:
    """An image's bytes and what its dictionary says of them."""

    payload: bytes
    entries: Mapping[str, Object | int]
    way: str


def as_it_came(pdf: pikepdf.Pdf, image: PageImage, size: Size) -> Drawing:
    """The scanner's bytes and nothing around them: what `pipeline.originals` reads again."""
    return _painted(pdf, image, size, _as_it_came(image))


def packed(pdf: pikepdf.Pdf, image: PageImage, size: Size) -> Drawing:
    """The same samples in the fewest bytes that are worth their time.

    A JPEG stays the scanner's file, byte for byte, in a wrapping of Deflate where that is shorter: Huffman tables that
    were not made for the image leave some hundredths. Other images are coded anew where they become smaller.
    """
    came = _as_it_came(image)
    if image.encoding is Encoding.JPEG:
        return _painted(pdf, image, size, _wrapped(came))
    return _painted(pdf, image, size, min((came, *_anew(image)), key=lambda coded: len(coded.payload)))


def repacked(pdf: pikepdf.Pdf, image: PageImage, size: Size) -> Drawing:
    """The same, and a JPEG's coefficients coded anew, progressively, where that is smaller and every pixel the same."""
    payload = smaller_jpeg(image.payload) if image.encoding is Encoding.JPEG else None
    if payload is None:
        return packed(pdf, image, size)
    return _painted(pdf, image, size, _Coded(payload, _as_it_came(image).entries, "jpeg-repacked"))


def smaller_jpeg(payload: bytes) -> bytes | None:
    """The JPEG with Huffman codes made for it and its scans in progressive order, all its markers kept.

    None where it would not be smaller, or anything is unlike: it is decoded to the same pixels, or it is not taken.
    """
    import mozjpeg_lossless_optimization as mozjpeg  # type: ignore[import-untyped]  # noqa: PLC0415  few ask for it

    try:
        again = mozjpeg.optimize(payload, mozjpeg.COPY_MARKERS.ALL)
    except ValueError:
        return None
    return again if len(again) < _WORTH * len(payload) and _same_pixels(payload, again) else None


def _same_pixels(one: bytes, other: bytes) -> bool:
    try:
        pictures = [_decoded(coded) for coded in (one, other)]
    except cv2.error:
        return False
    return pictures[0] is not None and pictures[1] is not None and np.array_equal(pictures[0], pictures[1])


def _decoded(coded: bytes) -> NDArray[Any] | None:
    return cv2.imdecode(np.frombuffer(coded, np.uint8), cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION)


def _painted(pdf: pikepdf.Pdf, image: PageImage, size: Size, coded: _Coded) -> Drawing:
    stream = Stream(pdf, coded.payload)
    stream.Type, stream.Subtype = Name.XObject, Name.Image
    stream.Width, stream.Height = image.width, image.height
    for key, entry in coded.entries.items():
        stream[key] = entry
    content = f"q {size[0]:.3f} 0 0 {size[1]:.3f} 0 0 cm /I Do Q\n".encode("ascii")
    return Drawing({"/I": pdf.make_indirect(stream)}, content, coded.way)


def _as_it_came(image: PageImage) -> _Coded:
    """The image's bytes untouched."""
    entries: dict[str, Object | int] = {
        "/BitsPerComponent": 1 if image.colour is Colour.BILEVEL else 8,
        "/ColorSpace": _RGB if image.colour is Colour.RGB else _GREY,
    }
    match image.encoding:
        case Encoding.JPEG:
            entries["/Filter"] = Name.DCTDecode
        case Encoding.G4:
            entries |= _t6(image, black_is_1=not image.black_is_1)
        case Encoding.FLATE:
            entries["/Filter"] = Name.FlateDecode
            if image.colour is Colour.BILEVEL and image.black_is_1:
                entries["/Decode"] = Array([1, 0])
    return _Coded(image.payload, entries, image.encoding.value)


def _t6(image: PageImage, *, black_is_1: bool) -> dict[str, Object | int]:
    # A T.6 strip codes runs: black ones are ink where a set bit is black, paper where it is not.
    parameters = Dictionary(K=-1, Columns=image.width, Rows=image.height, BlackIs1=black_is_1)
    return {"/Filter": Name.CCITTFaxDecode, "/DecodeParms": parameters}


def _wrapped(coded: _Coded) -> _Coded:
    shorter = bytes(deflate.zlib_compress(coded.payload, _WRAP_LEVEL))
    if len(shorter) > _WORTH * len(coded.payload):
        return coded
    return _Coded(shorter, {**coded.entries, "/Filter": Array([Name.FlateDecode, Name.DCTDecode])}, coded.way)


def _anew(image: PageImage) -> tuple[_Coded, ...]:
    """Other ways to say the same samples; none for what is said well, or is too big to be held twice."""
    if image.colour is Colour.BILEVEL:
        raw = -(-image.width // 8) * image.height
        poor = image.encoding is Encoding.FLATE or len(image.payload) > _POOR * raw
        return _bilevel(image, np.packbits(grey(image), axis=1)) if poor else ()
    channels = 3 if image.colour is Colour.RGB else 1
    if image.width * image.height * channels > MOST_AT_ONCE:
        return ()
    same = reduced(rows_of(image).reshape(image.height, image.width, channels))
    if same.bits == 1 and same.palette is None:
        return _bilevel(image, same.rows)
    return (_of_samples(image, same, deflated(same.rows, same.step)),)


def _bilevel(image: PageImage, white: Rows) -> tuple[_Coded, ...]:
    """Rows of bits, set where paper is: as T.6, as Deflate."""
    size = image.width, image.height
    strip = g4_strip(Image.frombytes("1", size, white.tobytes()))
    entries: dict[str, Object | int] = {"/BitsPerComponent": 1, "/ColorSpace": _GREY}
    coded = _Coded(strip, entries | _t6(image, black_is_1=False), Encoding.G4.value)
    if len(strip) <= _POOR * white.size:
        return (coded,)
    return coded, _of_samples(image, Reduced(white, 1, coloured=False), deflated(white, 1))


def _of_samples(image: PageImage, samples: Reduced, coded: Deflated) -> _Coded:
    entries: dict[str, Object | int] = {
        "/BitsPerComponent": samples.bits,
        "/ColorSpace": _space(samples),
        "/Filter": Name.FlateDecode,
    }
    if coded.predicted:
        parameters = Dictionary(Predictor=15, Columns=image.width, BitsPerComponent=samples.bits)
        parameters.Colors = 3 if samples.coloured and samples.palette is None else 1
        entries["/DecodeParms"] = parameters
    return _Coded(coded.payload, entries, Encoding.FLATE.value)


def _space(samples: Reduced) -> Object:
    base = _RGB if samples.coloured else _GREY
    if samples.palette is None:
        return base
    last = len(samples.palette) // (3 if samples.coloured else 1) - 1
    return Array([Name.Indexed, base, last, String(samples.palette)])
