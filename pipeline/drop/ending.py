"""Whether a file that lies still also has its end: a scanner may pause between two pages for longer than any wait."""

import os
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


def has_end(file: BinaryIO, limits: Limits) -> bool:
    """False where the file is of a known kind and its end is missing, or where it is empty.

    TIFF: the chain of directories is complete and all strips lie inside the file. PDF, JPEG, PNG: the trailer is near
    the end. A file of another kind, or one broken otherwise, counts as ended: the decoder says what is wrong with it.
    """
    size = os.fstat(file.fileno()).st_size
    file.seek(0)
    head = file.read(_HEAD)
    file.seek(max(0, size - _TAIL))
    tail = file.read(_TAIL)
    match kind_of(head):
        case "tiff":
            return _is_whole_tiff(file, size, limits)
        case "pdf":
            return _PDF_END in tail
        case "jpeg":
            return _JPEG_END in tail
        case "png":
            return _PNG_END in tail
        case None:
            return size > 0


def _is_whole_tiff(file: BinaryIO, size: int, limits: Limits) -> bool:
    try:
        found = tiff.directories(file, size, limits)
    except SheetFault as fault:
        # A first directory that is not there yet: libtiff writes its place last.
        return fault.code not in {"truncated-scan", "no-pages"}
    return bool(found)
