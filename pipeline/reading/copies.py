"""A copy on the memory file system, as leptonica reads it soonest: TIFF without compression.

Of a grey A4 page at 300 dpi it reads that in 0.01 s of processor time, and PGM, byte by byte, in 0.2 s.
"""

import os
import struct
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np

from lexicon.faults import StationFault
from pipeline.formats.pixels import Grey
from pipeline.reading.strips import DPI

_WHITE: Final = 255
_SHORT: Final = 3
_LONG: Final = 4
_RATIONAL: Final = 5


def write_copy(pixels: Grey, path: Path, dpi: int) -> None:
    """The copy as TIFF 6.0, one strip: of one bit a pixel where it has two values, else of eight. Made 0600.

    Raises `StationFault("work-unwritable")`.
    """
    ink = pixels == 0
    bilevel = bool(np.all(ink | (pixels == _WHITE)))
    rows = np.packbits(ink, axis=1) if bilevel else np.ascontiguousarray(pixels)
    head = _head(pixels.shape[1], pixels.shape[0], dpi, rows.nbytes, 1 if bilevel else 8)
    _write(path, (head, rows.data))


@contextmanager
def strips_written(strips: Sequence[Grey], folder: Path) -> Iterator[tuple[Path, ...]]:
    """Each strip as a copy of its own in the folder, for as long as they are read.

    Raises `StationFault("work-unwritable")`.
    """
    paths = tuple(folder / f"line-{number}.tif" for number in range(len(strips)))
    try:
        for strip, path in zip(strips, paths, strict=True):
            write_copy(strip, path, DPI)
        yield paths
    finally:
        _remove(paths)


@contextmanager
def samples_written(strips: Sequence[Grey], folder: Path) -> Iterator[Path]:
    """The samples of all strips, one after the other, in one file of the folder, for as long as they are read.

    Raises `StationFault("work-unwritable")`.
    """
    path = folder / "lines.grey"
    try:
        _write(path, (np.ascontiguousarray(strip).data for strip in strips))
        yield path
    finally:
        _remove((path,))


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


def _write(path: Path, parts: Iterable[bytes | memoryview]) -> None:
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as written:
            written.writelines(parts)
    except OSError:
        raise StationFault("work-unwritable", path=str(path.parent)) from None


def _head(width: int, height: int, dpi: int, size: int, bits: int) -> bytes:
    """Header, directory and resolution of a TIFF whose samples come next."""
    after = 8 + 2 + 11 * 12 + 4
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
    entries = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in fields)
    directory = struct.pack("<H", len(fields)) + entries + struct.pack("<I", 0)
    return struct.pack("<2sHI", b"II", 42, 8) + directory + struct.pack("<II", dpi, 1)
