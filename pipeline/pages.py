"""Files from a scanner as pages, by what they hold and not by their names: TIFF, JPEG, PNG, PDF."""

import io
import os
import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, Literal

from PIL import ExifTags, Image

from lexicon.faults import SheetFault
from pipeline.formats import collated, jpeg, pdf_pages, png, tiff
from pipeline.formats.limits import Limits
from pipeline.formats.pixels import grey
from pipeline.formats.raster import Placing, Taken, foreign_decoding, jpeg_taken, taken
from pipeline.model import PageImage

__all__ = ["Limits", "Pages", "count_pages", "grey", "kind_of", "open_pages", "opened"]

Kind = Literal["tiff", "jpeg", "png", "pdf", "collated"]

PNG_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_PDF_HEADER_WITHIN: Final = 1024
"""ISO 32000-1 annex H.3.4.1: readers accept the header within the first 1,024 bytes."""
_MOST_PNG_CHUNKS: Final = 1_000_000


def kind_of(head: bytes) -> Kind | None:
    """What a file is, by its first 1,024 bytes; None: nothing that Liasse reads."""
    if head[:4] in tiff.MAGICS:
        return "tiff"
    if head[:3] == b"\xff\xd8\xff":
        return "jpeg"
    if head[:8] == PNG_SIGNATURE:
        return "png"
    if collated.is_collated(head):
        return "collated"
    return "pdf" if b"%PDF-" in head[:_PDF_HEADER_WITHIN] else None


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages of an open file: how many, and each of them, from 0, checked to be whole; that raises SheetFault."""

    count: int
    take: Callable[[int], Taken]

    def page(self, number: int) -> PageImage:
        return self.take(number).image


@contextmanager
def opened(file: BinaryIO, limits: Limits) -> Iterator[Pages]:
    """The pages of a file that is open for reading. A fault of any page holds for the whole file: use none of it.

    Raises SheetFault: `empty-file`, `too-many-bytes`, `unsupported-format`, `too-many-pages`, `too-many-pixels`,
    `no-pages`, `truncated-scan`, `encrypted-pdf`, `unreadable-scan`, `decoder-too-big`, `duplex-mismatch`,
    `duplex-half-alone`.
    OSError only for the station's own trouble.
    """
    match _recognised(file, limits):
        case "tiff":
            found = tiff.directories(file, _size(file), limits)
            yield Pages(len(found), lambda number: tiff.page_of(file, found[number]))
        case "jpeg":
            yield Pages(1, lambda _: _jpeg(file, limits))
        case "png":
            yield Pages(1, lambda _: _png(file, limits))
        case "pdf":
            with pdf_pages.opened(file, limits) as (count, page_of):
                yield Pages(count, page_of)
        case "collated":
            with collated.opened(file, _size(file), lambda held, part: _part(held, part, limits)) as (count, place):
                limits.check_pages(count)
                yield Pages(count, lambda number: _placed(*place(number)))


def _part(held: ExitStack, part: BinaryIO, limits: Limits) -> Pages:
    """What the scanner gave in one go; it is no archive in its turn."""
    if collated.is_collated(part.read(_PDF_HEADER_WITHIN)):
        raise SheetFault("unsupported-format")
    part.seek(0)
    return held.enter_context(opened(part, limits))


def _placed(pages: Pages, number: int) -> Taken:
    return pages.take(number)


def open_pages(path: Path, limits: Limits) -> Iterator[PageImage]:
    """The pages of a file, one at a time, in order, in this very process: for files of our own making.

    What a stranger made is opened by `pipeline.decoding`. Raises as `opened`.
    """
    with _opened(path) as file, opened(file, limits) as pages:
        for number in range(pages.count):
            yield pages.page(number)


def count_pages(path: Path, limits: Limits) -> int:
    """How many pages a file has, without decoding any. Raises as `opened`."""
    with _opened(path) as file, opened(file, limits) as pages:
        return pages.count


def _opened(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb")


def _size(file: BinaryIO) -> int:
    """In bytes; read from its beginning from then on."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    return size


def _recognised(file: BinaryIO, limits: Limits) -> Kind:
    limits.check_bytes(_size(file))
    kind = kind_of(file.read(_PDF_HEADER_WITHIN))
    if kind is None:
        raise SheetFault("unsupported-format")
    file.seek(0)
    return kind


def _jpeg(file: BinaryIO, limits: Limits) -> Taken:
    """The first image of a JPEG file (a camera's MPO holds more: previews of the same picture)."""
    blob = file.read()
    described = jpeg.read(blob)
    limits.check_pixels(described.width, described.height)
    with foreign_decoding(), Image.open(io.BytesIO(blob), formats=("JPEG",)) as image:
        placing = _placing(image)
    return jpeg_taken(blob, placing)


def _png(file: BinaryIO, limits: Limits) -> Taken:
    """A PNG's one image; an animated one is refused, for its other frames may be other pages."""
    blob = file.read()
    chunks = _png_chunks(blob)
    if "acTL" in chunks:
        raise SheetFault("unsupported-format")
    with foreign_decoding(), Image.open(io.BytesIO(blob), formats=("PNG",)) as image:
        limits.check_pixels(*image.size)
    with foreign_decoding(), Image.open(io.BytesIO(png.unfolded(blob)), formats=("PNG",)) as image:
        image.load()
        return taken(image, _placing(image))


def _png_chunks(blob: bytes) -> frozenset[str]:
    """The kinds of chunks, each chunk whole and its CRC right up to IEND (PNG 3, clause 5). Raises SheetFault."""
    kinds: set[str] = set()
    at = len(PNG_SIGNATURE)
    for _ in range(_MOST_PNG_CHUNKS):
        if at + 12 > len(blob):
            raise SheetFault("truncated-scan")
        (length,) = struct.unpack_from(">I", blob, at)
        end = at + 12 + length
        if end > len(blob):
            raise SheetFault("truncated-scan")
        if zlib.crc32(memoryview(blob)[at + 4 : end - 4]) != struct.unpack_from(">I", blob, end - 4)[0]:
            raise SheetFault("unreadable-scan")
        kinds.add(blob[at + 4 : at + 8].decode("latin-1"))
        if "IEND" in kinds:
            return frozenset(kinds)
        at = end
    raise SheetFault("unreadable-scan")


def _placing(image: Image.Image) -> Placing:
    """Resolution (JFIF, EXIF or pHYs) and EXIF orientation; what cannot be read counts as not said."""
    said = image.info.get("dpi")
    dpi = (float(said[0]), float(said[1])) if isinstance(said, tuple) and len(said) == 2 else None  # noqa: PLR2004 - x, y
    try:
        orientation = int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # noqa: BLE001 - broken EXIF raises many things and says nothing about the picture
        orientation = 1
    return Placing(dpi, orientation if 1 <= orientation <= 8 else 1)  # noqa: PLR2004 - the eight of TIFF 6.0
