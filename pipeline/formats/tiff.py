"""TIFF from scanners: directories read strictly, each page kept as it is coded where a PDF can hold it (TIFF 6.0)."""

import struct
from dataclasses import dataclass
from functools import cached_property
from typing import BinaryIO, Final

from PIL import Image

from lexicon.faults import SheetFault
from pipeline.formats import jpeg
from pipeline.formats.limits import Limits
from pipeline.formats.raster import Placing, Taken, foreign_decoding, g4_page, jpeg_taken, taken

MAGICS: Final = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")

_SUBFILE: Final = 254
_WIDTH: Final = 256
_HEIGHT: Final = 257
_BITS: Final = 258
_COMPRESSION: Final = 259
_PHOTOMETRIC: Final = 262
_FILL_ORDER: Final = 266
_STRIPS: Final = 273
_ORIENTATION: Final = 274
_SAMPLES: Final = 277
_ROWS: Final = 278
_COUNTS: Final = 279
_RESOLUTIONS: Final = (282, 283)
_PLANAR: Final = 284
_T6_OPTIONS: Final = 293
_UNIT: Final = 296
_TILES: Final = 324
_TILE_COUNTS: Final = 325
_JPEG_TABLES: Final = 347
_WANTED: Final = frozenset(
    {_SUBFILE, _WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC, _FILL_ORDER, _STRIPS, _ORIENTATION, _SAMPLES}
    | {_ROWS, _COUNTS, *_RESOLUTIONS, _PLANAR, _T6_OPTIONS, _UNIT, _TILES, _TILE_COUNTS, _JPEG_TABLES}
)
_DEPTHS: Final = frozenset((1, 2, 4, 8, 16))
"""Bits a sample whose range is known; 12 bits in 16, or 32, would come out too dark or too light."""
_BLACK_IS_ZERO: Final = 1
_RGB: Final = 2
_YCBCR: Final = 6
_PER_INCH: Final = {2: 1.0, 3: 2.54}
_REVERSED_BITS: Final = bytes(int(f"{value:08b}"[::-1], 2) for value in range(256))
_FORMATS: Final = {
    1: "B", 2: "B", 3: "H", 4: "I", 5: "II", 6: "b", 7: "B", 8: "h", 9: "i", 10: "ii",
    11: "f", 12: "d", 13: "I", 16: "Q", 17: "q", 18: "Q",
}  # fmt: skip
_BYTES: Final = frozenset(("B", "b"))
_BYTES_A_VALUE: Final = 64
_MOST_VALUES: Final = 2_000_000
"""Of all directories of a file together: the drop folder reads them in the daemon itself, so their cost has a bound."""


@dataclass(frozen=True)
class Directory:
    """One image file directory: the fields that matter here, by tag; every field's place is inside the file."""

    number: int
    """Place in the chain, from 0, thumbnails counted."""
    fields: dict[int, tuple[float, ...]]

    def whole(self, tag: int, default: int) -> int:
        values = self.fields.get(tag)
        return int(values[0]) if values else default

    @cached_property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.whole(_WIDTH, 0), self.whole(_HEIGHT, 0)

    @property
    def placing(self) -> Placing:
        unit = _PER_INCH.get(self.whole(_UNIT, 2))
        pairs = [self.fields.get(tag) for tag in _RESOLUTIONS]
        values = [pair[0] / pair[1] for pair in pairs if pair is not None and len(pair) > 1 and pair[1]]
        orientation = self.whole(_ORIENTATION, 1)
        dpi = (values[0] * unit, values[1] * unit) if unit and len(values) == len(_RESOLUTIONS) else None
        return Placing(dpi, orientation if 1 <= orientation <= 8 else 1)  # noqa: PLR2004 - the eight of TIFF 6.0

    @property
    def pieces(self) -> list[tuple[int, int]]:
        """Offset and length of each strip or tile; empty where the file does not say (old-style JPEG may not)."""
        tag, counts = (_TILES, _TILE_COUNTS) if _TILES in self.fields else (_STRIPS, _COUNTS)
        offsets, lengths = self.fields.get(tag, ()), self.fields.get(counts, ())
        return [(int(offset), int(length)) for offset, length in zip(offsets, lengths, strict=False)]


@dataclass(slots=True)
class _Reader:
    """A TIFF's byte order and widths: classic (4-byte offsets) or BigTIFF (8); and how much may still be read of it."""

    file: BinaryIO
    size: int
    order: str
    big: bool
    left: int = _MOST_VALUES

    def spend(self, values: int) -> None:
        """SheetFault `unreadable-scan` for a file whose directories go on and on, each over the same few bytes."""
        self.left -= values
        if self.left < 0:
            raise SheetFault("unreadable-scan")

    def at(self, offset: int, length: int) -> bytes:
        """Exactly `length` bytes at `offset`; SheetFault `truncated-scan` where the file ends before."""
        if offset < 0 or length < 0 or offset + length > self.size:
            raise SheetFault("truncated-scan")
        self.file.seek(offset)
        return self.file.read(length)

    def unpack(self, layout: str, blob: bytes) -> tuple[float, ...]:
        return struct.unpack(self.order + layout, blob)

    def number(self, offset: int, layout: str) -> int:
        return int(self.unpack(layout, self.at(offset, struct.calcsize(self.order + layout)))[0])


def directories(file: BinaryIO, size: int, limits: Limits) -> tuple[Directory, ...]:
    """All pages' directories, in order; every strip lies inside the file. Thumbnails of the page before are left out.

    Raises SheetFault: `truncated-scan`, `unreadable-scan` (loops, no size), `too-many-pages`, `too-many-pixels`,
    `no-pages`.
    """
    reader, offset = _opened(file, size)
    seen: set[int] = set()
    pages: list[Directory] = []
    while offset:
        if offset in seen:
            raise SheetFault("unreadable-scan")
        seen.add(offset)
        directory, offset = _directory(reader, offset, len(seen) - 1)
        limits.check_pixels(*directory.size)
        _refuse_beyond(directory, size)
        if not (pages and _is_thumbnail(directory, pages[-1])):
            pages.append(directory)
        limits.check_pages(len(seen))
    limits.check_pages(len(pages))
    return tuple(pages)


def _opened(file: BinaryIO, size: int) -> tuple[_Reader, int]:
    file.seek(0)
    head = file.read(16)
    big = head[:4] in MAGICS[2:]
    reader = _Reader(file, size, "<" if head[:2] == b"II" else ">", big)
    return reader, reader.number(8, "Q") if big else reader.number(4, "I")


def _directory(reader: _Reader, offset: int, number: int) -> tuple[Directory, int]:
    """The directory at `offset` and where the next one is (0: nowhere)."""
    head, entry = (8, 20) if reader.big else (2, 12)
    count = reader.number(offset, "Q" if reader.big else "H")
    if count > 0xFFFF:  # noqa: PLR2004 - more fields than tags exist
        raise SheetFault("unreadable-scan")
    reader.spend(count)
    table = reader.at(offset + head, count * entry)
    fields: dict[int, tuple[float, ...]] = {}
    for start in range(0, len(table), entry):
        tag = int(reader.unpack("H", table[start : start + 2])[0])
        if tag in _WANTED:
            fields[tag] = _values(reader, table[start : start + entry], reader_width=entry)
    return Directory(number, fields), reader.number(offset + head + count * entry, "Q" if reader.big else "I")


def _values(reader: _Reader, entry: bytes, *, reader_width: int) -> tuple[float, ...]:
    """One field's values, numbers all; rationals as pairs."""
    layout = "HHQ" if reader.big else "HHI"
    fixed = struct.calcsize(reader.order + layout)
    _, kind, count = (int(part) for part in reader.unpack(layout, entry[:fixed]))
    form = _FORMATS.get(kind)
    if form is None:
        raise SheetFault("unreadable-scan")
    reader.spend(count if form not in _BYTES else count // _BYTES_A_VALUE)
    length = count * struct.calcsize("=" + form)
    room = reader_width - fixed
    if length <= room:
        blob = entry[fixed : fixed + length]
    else:
        where = int(reader.unpack("Q" if reader.big else "I", entry[fixed:])[0])
        blob = reader.at(where, length)
    return reader.unpack(form[0] * (count * len(form)), blob)


def _refuse_beyond(directory: Directory, size: int) -> None:
    width, height = directory.size
    if width <= 0 or height <= 0:
        raise SheetFault("unreadable-scan")
    if any(offset + length > size for offset, length in directory.pieces):
        raise SheetFault("truncated-scan")


def _is_thumbnail(directory: Directory, before: Directory) -> bool:
    """Said to be a reduced image (NewSubfileType bit 0), and indeed smaller than the page before it."""
    reduced = directory.whole(_SUBFILE, 0) & 1
    return bool(reduced) and all(mine < other for mine, other in zip(directory.size, before.size, strict=True))


def page_of(file: BinaryIO, directory: Directory) -> Taken:
    """One page of an open TIFF whose `directories` were read. Raises SheetFault."""
    kept = _kept(file, directory)
    return kept if kept is not None else _decoded(file, directory)


def _kept(file: BinaryIO, directory: Directory) -> Taken | None:
    """The page without decoding it, or None where that cannot be."""
    plain = directory.whole(_SAMPLES, 1) in {1, 3} and directory.whole(_PLANAR, 1) == 1
    if _TILES in directory.fields or not directory.pieces or not plain:
        return None
    match directory.whole(_COMPRESSION, 1):
        case 4:
            return _kept_g4(file, directory)
        case 7:
            return _kept_jpeg(file, directory)
        case _:
            return None


def _kept_g4(file: BinaryIO, directory: Directory) -> Taken | None:
    """One T.6 strip without uncompressed mode (T6Options bit 1), its bits in the order of a PDF."""
    photometric = directory.whole(_PHOTOMETRIC, 0)
    mirrored = directory.placing.mirrored
    if len(directory.pieces) != 1 or directory.whole(_T6_OPTIONS, 0) or mirrored or photometric not in {0, 1}:
        return None
    strip = _read(file, *directory.pieces[0])
    if directory.whole(_FILL_ORDER, 1) == 2:  # noqa: PLR2004 - least significant bit first
        strip = strip.translate(_REVERSED_BITS)
    return Taken(g4_page(strip, directory.size, directory.placing, black_is_1=photometric == 0))


def _kept_jpeg(file: BinaryIO, directory: Directory) -> Taken | None:
    """JPEG strips with their shared tables as one JPEG file, coefficients untouched."""
    photometric = directory.whole(_PHOTOMETRIC, 1)
    if photometric not in {_BLACK_IS_ZERO, _RGB, _YCBCR}:
        return None
    width, height = directory.size
    rows_per_strip = min(directory.whole(_ROWS, height), height) or height
    rows = [min(rows_per_strip, height - top) for top in range(0, height, rows_per_strip)]
    if len(rows) != len(directory.pieces):
        return None
    tables = bytes(int(value) for value in directory.fields.get(_JPEG_TABLES, ()))
    strips = [_read(file, *piece) for piece in directory.pieces]
    blob = jpeg.joined(tables, strips, rows, (width, height), rgb=photometric == _RGB)
    return None if blob is None else jpeg_taken(blob, directory.placing)


def _read(file: BinaryIO, offset: int, length: int) -> bytes:
    file.seek(offset)
    return file.read(length)


def _decoded(file: BinaryIO, directory: Directory) -> Taken:
    """The page through Pillow and libtiff, coded again without loss."""
    if directory.whole(_BITS, 1) not in _DEPTHS:
        raise SheetFault("unsupported-format")
    file.seek(0)
    with foreign_decoding(), Image.open(file, formats=("TIFF",)) as image:
        image.seek(directory.number)
        image.load()  # Pillow turns a TIFF upright by its orientation tag
        across = directory.placing.orientation in {5, 6, 7, 8}
        if image.size != (directory.size[::-1] if across else directory.size):
            raise SheetFault("unreadable-scan")
        dpi = directory.placing.dpi
        return taken(image, Placing((dpi[1], dpi[0]) if dpi and across else dpi))
