"""Whether a file that lies still also has its end: a scanner may pause between two pages for longer than any wait."""

import os
import re
from typing import BinaryIO, Final

from lexicon.faults import SheetFault
from pipeline.formats import tiff
from pipeline.formats.limits import Limits
from pipeline.pages import kind_of

_HEAD: Final = 1024
_TAIL: Final = 4096
_PDF_END: Final = b"%%EOF"
_JPEG_END: Final = b"\xff\xd9"
_PNG_END: Final = b"IEND\xaeB`\x82"
_MARKER: Final = b"\xff\xda\0\0"
"""Of a scan (SOS): two bytes, and two of its segment's length."""
_JPEG_SEGMENTS: Final = 2_000
_LINEARIZED: Final = re.compile(rb"/Linearized\b[^>]*?/L\s+(\d{1,18})\b", re.DOTALL)
"""ISO 32000-1, annex F.2: the dictionary at a PDF's beginning that says how long the file is."""


def has_end(file: BinaryIO, limits: Limits) -> bool:
    """False where the file is of a known kind and its end is missing, where it is empty, begins with nothing but zeros,
    or has a hole.

    TIFF: the chain of directories is complete and all strips lie inside the file. PDF, JPEG, PNG: the trailer is near
    the end; a linearized PDF has the length that it says, a JPEG's trailer is not its thumbnail's. A file of another
    kind, or one broken otherwise, counts as ended: the decoder says what is wrong with it.
    """
    size = os.fstat(file.fileno()).st_size
    if _has_hole(file, size):
        return False
    file.seek(0)
    head = file.read(_HEAD)
    file.seek(max(0, size - _TAIL))
    tail = file.read(_TAIL)
    match kind_of(head):
        case "tiff":
            return _is_whole_tiff(file, size, limits)
        case "pdf":
            return _PDF_END in tail and size >= _said_length(head)
        case "jpeg":
            return _is_whole_jpeg(file, size, tail)
        case "png":
            return _PNG_END in tail
        case "collated" | None:
            return any(head)


def _is_whole_tiff(file: BinaryIO, size: int, limits: Limits) -> bool:
    try:
        found = tiff.directories(file, size, limits)
    except SheetFault as fault:
        # A first directory that is not there yet: libtiff writes its place last.
        return fault.code not in {"truncated-scan", "no-pages"}
    return bool(found)


def _has_hole(file: BinaryIO, size: int) -> bool:
    """Whether a part of it was never written: its place was taken beforehand, as some copy, and comes later.

    False too where the file system cannot say (lseek(2), SEEK_HOLE).
    """
    try:
        return os.lseek(file.fileno(), 0, os.SEEK_HOLE) < size
    except OSError:
        return False


def _said_length(head: bytes) -> int:
    """Bytes that a linearized PDF says to have; 0 of any other."""
    said = _LINEARIZED.search(head)
    return int(said[1]) if said else 0


def _is_whole_jpeg(file: BinaryIO, size: int, tail: bytes) -> bool:
    """Whether an end stands behind the image's own beginning: a thumbnail, in a segment before it, has an end too.

    ISO/IEC 10918-1, B.1.1: segments say their length, up to the first scan; in a scan no end can be but the image's.
    """
    end = tail.rfind(_JPEG_END)
    if end < 0:
        return False
    place = 2
    for _ in range(_JPEG_SEGMENTS):
        file.seek(place)
        marker = file.read(len(_MARKER))
        if len(marker) < len(_MARKER):
            return False
        if marker[0] != _MARKER[0]:
            return True  # broken otherwise: the decoder says so
        if marker[1] == _MARKER[1]:
            return size - len(tail) + end > place
        place += 2 + int.from_bytes(marker[2:])
    return True
