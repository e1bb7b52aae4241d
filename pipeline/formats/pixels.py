"""A page's image as grey pixels, for eyes that only look: the stored bytes stay what the scanner made.

TIFF 6.0 (the wrapper around a T.6 strip), ITU-T T.6, T.81; RFC 1950.
"""

import struct
import zlib
from typing import Final, assert_never

import cv2
import deflate
import numpy as np
from numpy.typing import NDArray

from lexicon.faults import SheetFault
from pipeline.model import Colour, Encoding, PageImage

Grey = NDArray[np.uint8]
"""Grey samples, shape (height, width), 0 black to 255 white."""

_BITS: Final = {Colour.BILEVEL: 1, Colour.GREY: 8, Colour.RGB: 24}
_SHORT: Final = 3
_LONG: Final = 4

cv2.setNumThreads(1)  # pages go in parallel; threads within a page would only fight over the same cores


def grey(image: PageImage) -> Grey:
    """The image's pixels as stored, before `quarter_turns`.

    Raises SheetFault: `unreadable-scan` when the bytes do not decode to the announced size, `decoder-too-big`.
    """
    match image.encoding:
        case Encoding.JPEG:
            pixels = _decoded(image.payload)
        case Encoding.G4:
            pixels = _decoded(_tiff(image))
        case Encoding.FLATE:
            pixels = _inflated(image)
        case never:
            assert_never(never)
    if pixels.shape != (image.height, image.width):
        raise SheetFault("unreadable-scan")
    return pixels


def _decoded(encoded: bytes) -> Grey:
    flags = cv2.IMREAD_GRAYSCALE | cv2.IMREAD_IGNORE_ORIENTATION
    try:
        pixels = cv2.imdecode(np.frombuffer(encoded, np.uint8), flags)
    except cv2.error as error:
        if error.code == cv2.Error.StsNoMem:
            raise SheetFault("decoder-too-big") from None
        pixels = None
    if pixels is None:
        raise SheetFault("unreadable-scan")
    return np.asarray(pixels, np.uint8)


def _tiff(image: PageImage) -> bytes:
    """A T.6 strip as a one-strip TIFF. WhiteIsZero (0): its black runs are ink; BlackIsZero (1): its white runs are."""
    fields = (
        (256, _LONG, image.width),
        (257, _LONG, image.height),
        (258, _SHORT, 1),  # BitsPerSample
        (259, _SHORT, 4),  # Compression: T.6
        (262, _SHORT, 0 if image.black_is_1 else 1),  # PhotometricInterpretation
        (273, _LONG, 8),  # StripOffsets
        (277, _SHORT, 1),  # SamplesPerPixel
        (278, _LONG, image.height),  # RowsPerStrip
        (279, _LONG, len(image.payload)),  # StripByteCounts
    )
    payload = image.payload + b"\0" * (len(image.payload) % 2)
    directory = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in fields)
    return b"".join(
        (
            struct.pack("<2sHI", b"II", 42, 8 + len(payload)),
            payload,
            struct.pack("<H", len(fields)),
            directory,
            bytes(4),
        )
    )


def _inflated(image: PageImage) -> Grey:
    rows = rows_of(image)
    if image.colour is Colour.BILEVEL:
        bits = np.unpackbits(rows, axis=1, count=image.width)
        return np.where(bits.astype(bool) ^ image.black_is_1, np.uint8(255), np.uint8(0))
    if image.colour is Colour.GREY:
        return rows
    return np.asarray(cv2.cvtColor(rows.reshape(image.height, image.width, 3), cv2.COLOR_RGB2GRAY), np.uint8)


def rows_of(image: PageImage) -> Grey:
    """Samples of a FLATE image as they are packed, shape (height, bytes a row).

    Raises SheetFault `unreadable-scan` when there are not so many.
    """
    bits = image.width * _BITS[image.colour]
    stride = -(-bits // 8)
    samples = _inflate(image.payload, stride * image.height)
    return np.frombuffer(samples, np.uint8).reshape(image.height, stride)


def _inflate(payload: bytes, size: int) -> bytes | bytearray:
    """Exactly `size` bytes; never more in memory, whatever the stream claims to hold."""
    try:
        samples = _whole(payload, size)
    except zlib.error:
        raise SheetFault("unreadable-scan") from None
    if len(samples) != size:
        raise SheetFault("unreadable-scan")
    return samples


def _whole(payload: bytes, size: int) -> bytes | bytearray:
    """libdeflate takes half the time, and only streams that are as they should be; zlib takes the part that is there.

    Raises `zlib.error`.
    """
    try:
        return deflate.zlib_decompress(payload, size)
    except deflate.DeflateError:
        return zlib.decompressobj().decompress(payload, size)
