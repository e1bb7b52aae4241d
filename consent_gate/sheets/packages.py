"""The zip and XML beneath ODS and XLSX (APPNOTE 6.3, XML 1.0), read so that no file can swell, nest or reach outside.

Every bound is checked against what the archive declares before anything is inflated, and again while it is.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from typing import Final, Protocol
from xml.parsers import expat

from lexicon.faults import SheetFault

MEMBERS: Final = 4096
"""Members of an archive."""
LARGEST_PART: Final = 512 * 2**20
"""Bytes of one part, inflated."""
RATIO: Final = 300
"""Bytes that one stored byte may become, in parts above `_SMALL`."""
ELEMENTS: Final = 12_000_000
"""Elements of one part."""

_SMALL: Final = 16 * 2**20
_DEPTH: Final = 64
_CHUNK: Final = 64 * 2**10
_LONGEST_TOKEN: Final = 2**20
"""Bytes of one tag or comment: the parser keeps them whole."""
_BETWEEN: Final = "}"
_ENCRYPTED: Final = 0x1
_PACKINGS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_DIRECTORY_ENTRY: Final = b"PK\x01\x02"
_LOCAL_HEADER: Final = 30
_BROKEN: Final = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, ValueError, OSError, RuntimeError,
)  # fmt: skip


class Reader(Protocol):
    """What is told of a part, element by element; names are `namespace}local`."""

    def start(self, name: str, attributes: Mapping[str, str], depth: int, /) -> None:
        """An element begins; the root's depth is 1."""

    def end(self, name: str, depth: int, /) -> None:
        """An element ends."""

    def text(self, text: str, /) -> None:
        """Characters, in pieces."""


class Package:
    """The parts of an archive, by name whatever its case."""

    def __init__(self, raw: bytes) -> None:
        """Raise `SheetFault`: `sheet-malformed`, `sheet-encrypted`, `sheet-bomb`, `sheet-too-large`."""
        if raw.count(_DIRECTORY_ENTRY) > MEMBERS:  # before the directory becomes objects
            raise SheetFault("sheet-bomb")
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(raw))
        except _BROKEN:
            raise SheetFault("sheet-malformed") from None
        members = self._archive.infolist()
        self._members = {member.filename.casefold(): member for member in members}
        if len(self._members) < len(members) or _overlap(members, len(raw)):
            raise SheetFault("sheet-malformed")
        if any(member.flag_bits & _ENCRYPTED for member in members):
            raise SheetFault("sheet-encrypted")
        if any(member.compress_type not in _PACKINGS for member in members):  # the others inflate without measure
            raise SheetFault("sheet-malformed")
        for member in members:
            _check_size(member.file_size, member.compress_size)

    def __contains__(self, name: str) -> bool:
        return name.casefold() in self._members

    def chunks(self, name: str) -> Iterator[bytes]:
        """The part's bytes in pieces. Raises `SheetFault` where there is none, or as soon as it is too much."""
        member = self._members.get(name.casefold())
        if member is None:
            raise SheetFault("sheet-malformed")
        inflated = 0
        try:
            with self._archive.open(member) as part:
                while chunk := part.read(_CHUNK):
                    inflated += len(chunk)
                    _check_size(inflated, member.compress_size)
                    yield chunk
        except _BROKEN:
            raise SheetFault("sheet-malformed") from None

    def start_of(self, name: str, size: int) -> bytes:
        """The part's first `size` bytes at most."""
        return next(self.chunks(name), b"")[:size] if name in self else b""

    def read(self, name: str, reader: Reader) -> None:
        """Tell `reader` the whole part."""
        for _ in self.reading(name, reader):
            pass

    def reading(self, name: str, reader: Reader) -> Iterator[None]:
        """Tell `reader` the part, with a pause after each piece.

        Raises `SheetFault`: `sheet-malformed` for what is not XML, or XML that declares a document type (entities
        are declared there, and nowhere else), nests or runs on without end; `sheet-too-large` for too many elements.
        """
        parser = _parser(reader)
        fed = 0
        try:
            for chunk in self.chunks(name):
                parser.Parse(chunk, False)  # noqa: FBT003, its third argument has no name
                fed += len(chunk)
                if fed - max(parser.CurrentByteIndex, 0) > _LONGEST_TOKEN:
                    raise SheetFault("sheet-malformed")
                yield
            parser.Parse(b"", True)  # noqa: FBT003
            yield
        except (expat.ExpatError, LookupError, UnicodeError, ValueError):
            raise SheetFault("sheet-malformed") from None


def _parser(reader: Reader) -> expat.XMLParserType:
    parser = expat.ParserCreate(namespace_separator=_BETWEEN)
    parser.buffer_text = True
    parser.buffer_size = _CHUNK
    depth = elements = 0
    tell_start, tell_end = reader.start, reader.end

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, elements
        depth += 1
        elements += 1
        if depth > _DEPTH:
            raise SheetFault("sheet-malformed")
        if elements > ELEMENTS:
            raise SheetFault("sheet-too-large")
        tell_start(name, attributes, depth)

    def end(name: str) -> None:
        nonlocal depth
        tell_end(name, depth)
        depth -= 1

    def refuse(*_: object) -> None:
        raise SheetFault("sheet-malformed")

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    return parser


def _check_size(inflated: int, stored: int) -> None:
    if inflated > _SMALL and inflated > RATIO * max(stored, 1):
        raise SheetFault("sheet-bomb")
    if inflated > LARGEST_PART:
        raise SheetFault("sheet-too-large")


def _overlap(members: list[zipfile.ZipInfo], size: int) -> bool:
    """Whether two members share bytes, as in an archive that is quoted many times over."""
    end = 0
    for member in sorted(members, key=lambda member: member.header_offset):
        if member.header_offset < end:
            return True
        end = member.header_offset + _LOCAL_HEADER + member.compress_size
    return end > size
