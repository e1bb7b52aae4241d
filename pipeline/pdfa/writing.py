"""A PDF file that is written while it is made: streams go to the file one by one, so that memory holds one page.

ISO 32000-1, 7.3.8 (streams), 7.5 (file structure: cross-reference tables, object streams, cross-reference streams),
within ISO 19005-1, 6.1. pikepdf keeps what is small, and would keep the images of all pages until it saves.
"""

import hashlib
import io
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, Final

import deflate
import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Stream, String

_BINARY: Final = b"%\xe2\xe3\xcf\xd3\n"
"""A comment that tells programs which move files that this one is no text (7.5.2)."""
_LEVEL: Final = 9
"""Of libdeflate, for what is not coded yet: a font, a table, a profile."""
_IDENTIFIER: Final = 16
"""Bytes of /ID."""
_FREE: Final = b"0000000000 65535 f \n"
_PLAIN, _COMPRESSED = 1, 2
"""Types of entries in a cross-reference stream."""
_WIDTHS: Final = (1, 5, 2)
"""Bytes of their fields: 1 TiB, 65,536 objects in a stream."""


class Writing:
    """A PDF on its way into a file. `lay` each page's streams, then `finish`, and nothing after it."""

    def __init__(self, pdf: pikepdf.Pdf, target: BinaryIO, version: str, *, gathered: bool = False) -> None:
        """`target`: empty, open for writing; `version`: of PDF; `gathered`: whether what is small goes compressed,
        in object and cross-reference streams (PDF 1.5)."""
        self._pdf, self._target, self._gathered = pdf, target, gathered
        self._digest = hashlib.sha256()
        self._size = 0
        self._places: dict[int, int] = {}
        """Where each object that was written begins."""
        self._put(f"%PDF-{version}\n".encode("ascii") + _BINARY)

    def lay(self, stream: Object) -> None:
        """Write a stream now and let go of its bytes. Its dictionary must be whole; the PDF keeps it, emptied."""
        number, _ = stream.objgen
        self._stream(number, stream)
        stream.write(b"")

    def finish(self) -> str:
        """Write all that is left, and where everything lies; the file's SHA-256, hexadecimal."""
        small = dict(self._left())
        count = max((*self._places, *small)) + 1
        if self._gathered:
            self._end_gathered(small, count)
        else:
            for number, text in small.items():
                self._object(number, text)
            start = self._size
            entries = (self._places.get(number) for number in range(1, count))
            lines = (_FREE if place is None else b"%010d 00000 n \n" % place for place in entries)
            self._put(b"".join((b"xref\n0 %d\n" % count, _FREE, *lines)))
            self._put(b"trailer %s\nstartxref\n%d\n%%%%EOF\n" % (_text(self._trailer(count)), start))
        return self._digest.hexdigest()

    def _left(self) -> Iterator[tuple[int, bytes]]:
        """Number and text of each object that is no stream; streams that nobody laid are laid."""
        for found in self._pdf.objects:
            number, _ = found.objgen
            if not isinstance(found, Stream):
                yield number, found.unparse(resolved=True)
            elif number not in self._places:
                self._stream(number, found)

    def _stream(self, number: int, stream: Object) -> None:
        payload, entries = stream.read_raw_bytes(), dict(stream.stream_dict.items())
        # who archives must be able to read the metadata without knowing any coding (ISO 19005-1, 6.7.2)
        if "/Filter" not in entries and entries.get("/Type") != Name.Metadata:
            payload = bytes(deflate.zlib_compress(payload, _LEVEL))
            entries["/Filter"] = Name.FlateDecode
        self._coded(number, payload, entries)

    def _coded(self, number: int, payload: bytes, entries: Mapping[str, Any]) -> None:
        head = _text(Dictionary({**entries, "/Length": len(payload)}))
        self._object(number, head + b"\nstream\n", payload, b"\nendstream")

    def _object(self, number: int, *pieces: bytes) -> None:
        self._places[number] = self._size
        self._put(b"%d 0 obj\n" % number, *pieces, b"\nendobj\n")

    def _trailer(self, count: int) -> Dictionary:
        """Its identifier is made of the content: the same copy has the same."""
        made = String(self._digest.digest()[:_IDENTIFIER])
        trailer = self._pdf.trailer
        return Dictionary(Size=count, Root=trailer.Root, Info=trailer.Info, ID=Array([made, made]))

    def _end_gathered(self, small: Mapping[int, bytes], count: int) -> None:
        holder, table = count, count + 1
        heads, bodies = io.BytesIO(), io.BytesIO()
        for number, text in small.items():
            heads.write(b"%d %d " % (number, bodies.tell()))
            bodies.write(text + b"\n")
        first = heads.tell()
        coded = bytes(deflate.zlib_compress(heads.getvalue() + bodies.getvalue(), _LEVEL))
        entries = {"/Type": Name.ObjStm, "/N": len(small), "/First": first, "/Filter": Name.FlateDecode}
        self._coded(holder, coded, entries)
        self._cross_references(table, {number: (holder, index) for index, number in enumerate(small)})

    def _cross_references(self, number: int, gathered: Mapping[int, tuple[int, int]]) -> None:
        start = self._places[number] = self._size
        fields = (self._fields(one, gathered) for one in range(number + 1))
        rows = b"".join(field.to_bytes(width) for each in fields for field, width in zip(each, _WIDTHS, strict=True))
        entries = dict(self._trailer(number + 1).items())
        entries |= {"/Type": Name.XRef, "/W": Array(_WIDTHS), "/Filter": Name.FlateDecode}
        self._coded(number, bytes(deflate.zlib_compress(rows, _LEVEL)), entries)
        self._put(b"startxref\n%d\n%%%%EOF\n" % start)

    def _fields(self, number: int, gathered: Mapping[int, tuple[int, int]]) -> tuple[int, int, int]:
        if number in gathered:
            return _COMPRESSED, *gathered[number]
        place = self._places.get(number)
        return (0, 0, 0xFFFF) if place is None else (_PLAIN, place, 0)

    def _put(self, *pieces: bytes) -> None:
        for piece in pieces:
            self._target.write(piece)
            self._digest.update(piece)
            self._size += len(piece)


def _text(dictionary: Object) -> bytes:
    return dictionary.unparse(resolved=True)
