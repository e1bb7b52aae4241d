"""Looks for people where none may be named: in files, their names, databases and streams, however they are written.

A term is hunted in upper, lower and title case, with and without accents, in UTF-8, UTF-16 and cp1252, escaped as JSON
does, as it is and within layers: hex, base64, zlib, gzip, ZIP, PNG and PDF, one inside another. A PDF is hunted for its
text as a reader has it, which its own font codes, and for its images' samples. A piece is hunted as the bytes it is, a
birth date as forms, databases and JSON write dates.
"""

import base64
import binascii
import io
import json
import re
import shutil
import sqlite3
import struct
import tempfile
import unicodedata
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any, Final

import numpy as np
import pikepdf
import pypdfium2

from consent_gate.model import Patient
from pipeline.formats import pdfium
from pipeline.formats.limits import Limits
from pipeline.formats.pixels import rows_of
from pipeline.model import Colour, Encoding
from pipeline.pages import open_pages

_ENCODINGS: Final = ("utf-8", "utf-16-le", "utf-16-be", "cp1252")
_KEY: Final = 4
"""Bytes of a pattern by which it is looked up; the shortest pattern."""
_CERTAIN: Final = 7
"""Bytes from which a match cannot be chance in noise; a shorter one must stand in text."""
_DEPTH: Final = 3
_PIECE: Final = 40
"""Bytes of a scan that stand for it."""
_LARGEST: Final = 64 << 20
"""Bytes of one unpacked stream that are looked at."""
_TEXT: Final = rb"(?:[\x00\t\r\n\x20-\x7e]|\xc3[\x80-\xbf])*"
"""ASCII, and the accented letters of UTF-8."""
_BEFORE: Final = re.compile(rb"[\x80-\xbf]?" + _TEXT)
_AFTER: Final = re.compile(_TEXT + rb"\xc3?")
_GAP: Final = b"\n" * _KEY
_BASE64: Final = (re.compile(rb"[A-Za-z0-9+/]{6,}"), re.compile(rb"[A-Za-z0-9_-]{6,}"))
"""The two alphabets of RFC 4648."""
_HEX: Final = re.compile(rb"[0-9a-fA-F]{8,}")
_ZLIB: Final = [
    bytes([window, flags])
    for window, flags in product(range(0x08, 0x80, 0x10), range(256))
    if (window << 8 | flags) % 31 == 0 and not flags & 0x20
]
"""All heads of a zlib stream without dictionary (RFC 1950)."""
_STREAM: Final = re.compile(
    b"(?=" + b"|".join(map(re.escape, [*_ZLIB, b"\x1f\x8b\x08", b"PK\x03\x04"])) + b")", re.DOTALL
)
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_PDF: Final = b"%PDF-"
_LIGATURES: Final = str.maketrans({"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ß": "ss"})
_MONTHS: Final = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
_GROUPS: Final = ((1, 2, 2, 2, 3, 3, 2), (1, 2, 2, 2, 3, 3), (13, 2))
"""How a number of 15 or 13 characters is grouped on paper and in files."""


@dataclass(frozen=True, slots=True)
class Trace:
    """Something that was found: what, in which place, inside which layers."""

    term: str
    where: str
    layers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """What names somebody: never below four letters alone, shorter only together."""

    names: tuple[str, ...]
    numbers: tuple[str, ...]
    days: tuple[date, ...] = ()

    @classmethod
    def of(cls, patient: Patient, *, born: bool = False) -> "Person":
        """`born`: by the birth date too."""
        lasting = [patient.birth_name, *([patient.usage_name] if patient.usage_name else [])]
        pairs = [pair for name in lasting for given in patient.given_names for pair in ((name, given), (given, name))]
        together = [link.join(pair) for pair in pairs for link in (" ", "_", "-", ",", ";", "")]
        names = [name for name in (*lasting, *patient.given_names) if _letters(name) >= _KEY]
        days = (patient.birth_date,) if born else ()
        return cls((*names, *together), (patient.ins,) if patient.ins else (), days)


def pieces_of(scan: Path) -> Iterator[tuple[str, bytes]]:
    """Of each page of a file, forty bytes from the middle of its image as the scanner encoded it; of one that was
    encoded without loss, forty samples too, whatever they were encoded in since."""
    for number, image in enumerate(open_pages(scan, Limits()), start=1):
        piece = _middle(image.payload)
        if len(set(piece)) > _PIECE // 2:
            yield f"{scan.name} p. {number}", piece
        if image.encoding is Encoding.FLATE and image.colour is not Colour.BILEVEL:
            samples = _middle(rows_of(image).tobytes())
            if len(set(samples)) > _KEY:
                yield f"{scan.name} p. {number} samples", samples


def _middle(content: bytes) -> bytes:
    return content[len(content) // 2 :][:_PIECE]


def cores_in(folder: Path) -> list[Path]:
    """Core files beneath a folder, whatever their names: ELF, of the type of a memory image (ET_CORE)."""
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and _is_core(path)]


def _is_core(path: Path) -> bool:
    with path.open("rb") as stream:
        head = stream.read(18)
    return head.startswith(b"\x7fELF") and head[16:] == b"\4\0"


class Hunter:
    """Hunts names, numbers (of 15 characters, with their key or without) and pieces (bytes, by a label)."""

    def __init__(self, people: Iterable[Person], pieces: Mapping[str, bytes] | None = None) -> None:
        self._by_key: dict[bytes, set[tuple[bytes, str]]] = {}
        for person in people:
            for name in person.names:
                self._hunt(name, _writings(name))
            for number in person.numbers:
                self._hunt(number, _groupings(number))
            for day in person.days:
                self._hunt(day.isoformat(), _datings(day))
        for label, piece in (pieces or {}).items():
            self._by_key.setdefault(piece[:_KEY], set()).add((piece, label))
        keys = np.frombuffer(b"".join(self._by_key), "<u4")
        self._keys = np.sort(keys)
        self._first = np.zeros(1 << 16, np.bool_)
        self._first[keys & 0xFFFF] = True

    def in_folder(self, folder: Path, *, but: Iterable[Path] = ()) -> set[Trace]:
        """All files beneath a folder, and their names; not what lies in the folders `but`."""
        left_out = tuple(but)
        paths = [p for p in sorted(folder.rglob("*")) if not any(p.is_relative_to(other) for other in left_out)]
        names = "\n".join(str(path.relative_to(folder)) for path in paths)
        found = self.in_bytes(names.encode("utf-8", "surrogateescape"), f"{folder}: names")
        for path in paths:
            if path.is_file() and not path.is_symlink():
                found |= self.in_file(path)
        return found

    def in_file(self, path: Path) -> set[Trace]:
        """One file's bytes; of a SQLite database its cells as well."""
        content = path.read_bytes()
        found = self.in_bytes(content, str(path))
        if content.startswith(b"SQLite format 3\0"):
            found |= self.in_bytes(_GAP.join(_cells(path)), f"{path}: cells")
        return found

    def in_text(self, text: str, where: str) -> set[Trace]:
        return self.in_bytes(text.encode(), where)

    def in_bytes(self, content: bytes, where: str, layers: tuple[str, ...] = ()) -> set[Trace]:
        found = {Trace(term, where, layers) for term in self._terms(content)}
        if len(layers) < _DEPTH:
            for layer, inner in _inner(content):
                found |= self.in_bytes(inner, where, (*layers, layer))
        return found

    def _hunt(self, term: str, writings: Iterable[str]) -> None:
        for text, encoding in product(set(writings), _ENCODINGS):
            try:
                pattern = text.encode(encoding)
            except UnicodeEncodeError:
                continue
            if len(pattern) >= _KEY:
                self._by_key.setdefault(pattern[:_KEY], set()).add((pattern, term))

    def _terms(self, content: bytes) -> Iterator[str]:
        """Which terms stand in these bytes: the places where four bytes begin a pattern, then pattern by pattern."""
        if len(content) < _KEY:
            return
        octets = np.frombuffer(content, np.uint8)
        pairs = octets[:-1].astype(np.uint16) | octets[1:].astype(np.uint16) << 8
        places = np.flatnonzero(self._first[pairs[:-2]])
        keys = pairs[places].astype(np.uint32) | pairs[places + 2].astype(np.uint32) << 16
        for place in places[np.isin(keys, self._keys)].tolist():
            for pattern, term in self._by_key[content[place : place + _KEY]]:
                if content.startswith(pattern, place) and _counts(content, place, place + len(pattern)):
                    yield term


def _counts(content: bytes, start: int, end: int) -> bool:
    if end - start >= _CERTAIN:
        return True
    before, after = content[max(0, start - _KEY) : start], content[end : end + _KEY]
    return _BEFORE.fullmatch(before) is not None and _AFTER.fullmatch(after) is not None


# --- Writings ---------------------------------------------------------------------------------------------------------


def _letters(name: str) -> int:
    return sum(c.isalpha() for c in name)


def bare(text: str) -> str:
    """Without accents and ligatures."""
    apart = unicodedata.normalize("NFKD", text.translate(_LIGATURES))
    return "".join(c for c in apart if not unicodedata.combining(c))


def _writings(name: str) -> Iterator[str]:
    linked = {re.sub(r"[ -]", link, name) for link in (" ", "-", "_", "")}
    for text in {re.sub("['’]", mark, part) for part in linked for mark in ("'", "’", " ", "")}:
        for accents in (unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text), bare(text)):
            cases = (accents, accents.upper(), accents.lower(), accents.title())
            yield from cases
            yield from (json.dumps(case)[1:-1] for case in cases)


def _datings(day: date) -> Iterator[str]:
    """A date, in figures alone of eight, or parted; the month by its French name."""
    for link in ("/", ".", "-", " ", "", "\\/"):
        yield f"{day:%d{link}%m{link}%Y}"
        yield f"{day:%Y{link}%m{link}%d}"
    yield from _writings(f"{day.day} {_MONTHS[day.month - 1]} {day.year}")


def _groupings(number: str) -> Iterator[str]:
    for plain in {number, number[:13], number.lower()}:
        yield plain
        for sizes, link in product(_GROUPS, (" ", ".", "-", "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}")):
            if sum(sizes) == len(plain):
                ends = [sum(sizes[: place + 1]) for place in range(len(sizes))]
                yield link.join(plain[end - size : end] for end, size in zip(ends, sizes, strict=True))


# --- Layers -----------------------------------------------------------------------------------------------------------


def _inner(content: bytes) -> Iterator[tuple[str, bytes]]:
    yield from _hex(content)
    yield from _base64(content)
    for match in _STREAM.finditer(content):
        inner = _unpacked(content, match.start())
        if inner:
            yield "deflate", inner
    for start in (match.start() for match in re.finditer(re.escape(_PNG), content)):
        yield "png", _inflate(memoryview(_image_of(content, start)), zlib.MAX_WBITS)
    for start in (match.start() for match in re.finditer(_PDF, content)):
        yield "pdf text", _text_of(content[start:])
        yield "pdf samples", _GAP.join(_samples_of(content[start:]))


def _hex(content: bytes) -> Iterator[tuple[str, bytes]]:
    runs = [match.group() for match in _HEX.finditer(content)]
    for shift in range(2) if runs else ():
        even = (run[shift : len(run) - (len(run) - shift) % 2] for run in runs)
        yield "hex", _GAP.join(binascii.unhexlify(run) for run in even)


def _base64(content: bytes) -> Iterator[tuple[str, bytes]]:
    """All runs, decoded from each of four places; of text that is broken into lines, whole too."""
    unbroken = content.replace(b"\r", b"").replace(b"\n", b"")
    for text, (alphabet, runs_of) in product({content, unbroken}, zip((b"+/", b"-_"), _BASE64, strict=True)):
        runs = [match.group() for match in runs_of.finditer(text)]
        for shift in range(4) if runs else ():
            yield "base64", _GAP.join(_decoded(run[shift:], alphabet) for run in runs)


def _decoded(run: bytes, alphabet: bytes) -> bytes:
    whole = run[: len(run) - 1] if len(run) % 4 == 1 else run
    return base64.b64decode(whole + b"=" * (-len(whole) % 4), altchars=alphabet)


def _unpacked(content: bytes, start: int) -> bytes:
    view = memoryview(content)
    if content.startswith(b"\x1f\x8b", start):
        return _inflate(view[start:], zlib.MAX_WBITS | 16)
    if not content.startswith(b"PK", start):
        return _inflate(view[start:], zlib.MAX_WBITS)
    if len(content) < start + 30:
        return b""
    name, extra = struct.unpack_from("<HH", content, start + 26)
    return _inflate(view[start + 30 + name + extra :], -zlib.MAX_WBITS)


def _inflate(packed: memoryview, window: int) -> bytes:
    """What comes out until the end, an error or the limit."""
    unpacker, out = zlib.decompressobj(window), bytearray()
    try:
        for place in range(0, len(packed), 1 << 12):
            out += unpacker.decompress(packed[place : place + (1 << 12)], _LARGEST - len(out))
            if unpacker.eof or len(out) >= _LARGEST:
                break
    except zlib.error:
        pass
    return bytes(out)


def _image_of(content: bytes, start: int) -> bytes:
    """A PNG's IDAT chunks, joined."""
    place, joined = start + len(_PNG), bytearray()
    while place + 8 <= len(content):
        (size,) = struct.unpack_from(">I", content, place)
        if content[place + 4 : place + 8] == b"IDAT":
            joined += content[place + 8 : place + 8 + size]
        place += 12 + size
    return bytes(joined)


def _text_of(pdf: bytes) -> bytes:
    """What a reader selects on its pages, lines that are cut joined by spaces too."""
    text = ""
    read: Any = pypdfium2.PdfDocument  # it has no types
    with suppress(pypdfium2.PdfiumError), pdfium.LOCK, read(pdf) as opened:
        text = "\n".join(page.get_textpage().get_text_range() for page in opened)
    return f"{text}\n{' '.join(text.split())}".encode("utf-8", "surrogatepass")


def _samples_of(pdf: bytes) -> Iterator[bytes]:
    """Of images that are coded without loss; what is torn is read as far as it goes."""
    with suppress(pikepdf.PdfError), pikepdf.open(io.BytesIO(pdf)) as opened:
        for found in opened.objects:
            if isinstance(found, pikepdf.Stream) and found.get("/Subtype") == "/Image" and "/DecodeParms" in found:
                with suppress(pikepdf.PdfError):
                    yield found.read_bytes()


def _cells(path: Path) -> Iterator[bytes]:
    """Every value of every table, as the database gives it, its write-ahead log included; read from a copy."""
    with tempfile.TemporaryDirectory(prefix="hunter-") as folder:
        for suffix in ("", "-wal"):
            source = path.with_name(path.name + suffix)
            if source.exists():
                shutil.copyfile(source, Path(folder, path.name + suffix))
        with closing(sqlite3.connect(Path(folder, path.name))) as connection:
            tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            for table in tables:
                for row in connection.execute(f'SELECT * FROM "{table}"'):  # noqa: S608  names from the database itself
                    yield from (cell.encode() if isinstance(cell, str) else bytes(cell) for cell in row if _said(cell))


def _said(cell: object) -> bool:
    return isinstance(cell, str | bytes)
