"""A copy on the memory file system, as leptonica reads it soonest: TIFF without compression.

Of a grey A4 page at 300 dpi it reads that in 0.01 s of processor time, and PGM, byte by byte, in 0.2 s.
"""

import os
import struct
from pathlib import Path
from typing import Final

import numpy as np

from lexicon.faults import StationFault
from pipeline.formats.pixels import Grey

_WHITE: Final = 255
_SHORT: Final = 3
_LONG: Final = 4
_RATIONAL: Final = 5
_SIZE: Final = {_SHORT: 2, _LONG: 4, _RATIONAL: 8}
_INCH: Final = 2


def write_copy(pixels: Grey, path: Path, dpi: int) -> None:
    """The copy as TIFF 6.0, one strip: of one bit a pixel where it has two values, else of eight. Made 0600.

    Raises `StationFault("work-unwritable")`.
    """
    ink = pixels == 0
    bilevel = bool(np.all(ink | (pixels == _WHITE)))
    rows = np.packbits(ink, axis=1) if bilevel else np.ascontiguousarray(pixels)
    head = _head(pixels.shape[1], pixels.shape[0], dpi, rows.nbytes, 1 if bilevel else 8)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as written:
            written.write(head)
            written.write(rows.data)
    except OSError:
        raise StationFault("work-unwritable", path=str(path.parent)) from None


def _head(width: int, height: int, dpi: int, size: int, bits: int) -> bytes:
    """Header, directory and resolution of a TIFF whose strip comes next."""
    tags = 11
    after = 8 + 2 + 12 * tags + 4
    fields = (
        (256, _LONG, width),
        (257, _LONG, height),
        (258, _SHORT, bits),
        (259, _SHORT, 1),  # no compression
        (262, _SHORT, 0 if bits == 1 else 1),  # a set bit is ink; or 0 is black
        (273, _LONG, after + 8),
        (277, _SHORT, 1),
        (278, _LONG, height),
        (279, _LONG, size),
        (282, _RATIONAL, after),
        (283, _RATIONAL, after),
    )
    directory = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in fields)
    return struct.pack("<2sHIH", b"II", 42, 8, tags) + directory + struct.pack("<III", 0, dpi, 1)
