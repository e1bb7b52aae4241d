"""A scanner's JPEG kept as it came: what its markers say, and strips joined (ISO/IEC 10918-1, TIFF Tech Note 2)."""

import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from lexicon.faults import SheetFault

_SOI: Final = b"\xff\xd8"
EOI: Final = b"\xff\xd9"
_SOS: Final = 0xDA
_MARKER: Final = 0xFF
_TRANSFORM_AT: Final = 11
"""Byte of APP14's body (Adobe TN 5116)."""
_DQT: Final = 0xDB
_DHT: Final = 0xC4
_DRI: Final = 0xDD
_APP0: Final = 0xE0
_APP14: Final = 0xEE
_BASELINE: Final = 0xC0
_EXTENDED: Final = 0xC1
_PROGRESSIVE: Final = 0xC2
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {_DHT, 0xC8, 0xCC}
_TAIL: Final = 64
_HIGHEST: Final = 65_500
"""Rows that decoders take."""
_MOST_RESTART_UNITS: Final = 0xFFFF
_MARKER_AFTER_ENTROPY: Final = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
"""In entropy-coded bytes FF is followed by 00 or a restart (D0 to D7); anything else is the next marker."""


@dataclass(frozen=True, slots=True)
class Jpeg:
    """What the markers of one JPEG image say. `end` is the offset just after EOI; `entropy` that of the first scan."""

    width: int
    height: int
    process: int
    """The frame marker's second byte: 0xC0 baseline, 0xC1 extended, 0xC2 progressive."""
    precision: int
    sampling: tuple[tuple[int, int, int], ...]
    """Component id, horizontal and vertical factor, one a component."""
    segments: tuple[tuple[int, bytes], ...]
    """Marker and body of each segment before the first scan, and the scan header itself, in order."""
    entropy: int
    last_data: int
    """Offset where entropy-coded bytes of the last scan end."""
    end: int
    whole: bool
    """Whether EOI is there."""

    @property
    def components(self) -> int:
        return len(self.sampling)

    @property
    def unit_height(self) -> int:
        """Rows of a coding unit."""
        return 8 if self.components == 1 else 8 * max(vertical for _, _, vertical in self.sampling)

    @property
    def adobe_transform(self) -> int | None:
        """Colour transform of an Adobe APP14 segment: 0 none, 1 YCbCr, 2 YCCK; None without one."""
        bodies = [body for marker, body in self.segments if marker == _APP14 and body[:5] == b"Adobe"]
        return bodies[0][_TRANSFORM_AT] if bodies and len(bodies[0]) > _TRANSFORM_AT else None

    @property
    def for_pdf(self) -> bool:
        """Whether readers of PDF (DCTDecode) show it as JPEG decoders do: 8 bits, grey, or colour without doubt."""
        if self.process not in {_BASELINE, _EXTENDED, _PROGRESSIVE} or self.precision != 8:  # noqa: PLR2004 - bits
            return False
        if self.components == 1:
            return True
        ids = tuple(component for component, _, _ in self.sampling)
        jfif = any(marker == _APP0 and body[:4] == b"JFIF" for marker, body in self.segments)
        return self.components == 3 and (self.adobe_transform in {0, 1} or jfif or ids == (1, 2, 3))  # noqa: PLR2004 - RGB or YCbCr


def read(blob: bytes) -> Jpeg:
    """Walk the markers of the first image in `blob`; what follows its EOI (MPO, trailers) is not looked at.

    Raises SheetFault `unreadable-scan` or `truncated-scan`.
    """
    if blob[:2] != _SOI:
        raise SheetFault("unreadable-scan")
    segments: list[tuple[int, bytes]] = []
    at = 2
    while True:
        marker, body, at = _segment(blob, at)
        segments.append((marker, body))
        if marker == _SOS:
            break
    last_data, end, whole = _skip_scans(blob, at)
    return _described(tuple(segments), at, last_data, end, whole=whole)


def _segment(blob: bytes, at: int) -> tuple[int, bytes, int]:
    """The segment at `at`: marker, body, offset after it. Fill bytes (FF FF) and stray restarts are stepped over."""
    while blob[at : at + 2] == b"\xff\xff":
        at += 1
    head = blob[at : at + 4]
    if len(head) < 4:  # noqa: PLR2004 - a marker and a length
        raise SheetFault("truncated-scan")
    if head[0] != _MARKER or head[1] in {0x00, 0xD8, 0xD9}:
        raise SheetFault("unreadable-scan")
    length = int.from_bytes(head[2:], "big")
    end = at + 2 + length
    if length < 2:  # noqa: PLR2004 - the length counts itself
        raise SheetFault("unreadable-scan")
    if end > len(blob):
        raise SheetFault("truncated-scan")
    return head[1], blob[at + 4 : end], end


def _skip_scans(blob: bytes, at: int) -> tuple[int, int, bool]:
    """From the first entropy byte to EOI: (end of the last scan's bytes, offset after EOI, whether EOI is there)."""
    while True:
        found = _MARKER_AFTER_ENTROPY.search(blob, at)
        if found is None:
            return len(blob), len(blob), False
        if found.group() == EOI:
            return found.start(), found.end(), True
        if found.group() == _SOI:
            raise SheetFault("unreadable-scan")
        try:
            _, _, at = _segment(blob, found.start())
        except SheetFault:
            # No segment, so no marker: bytes inside the scan are wrong, or the file was cut there.
            raise SheetFault("unreadable-scan" if EOI in blob[-_TAIL:] else "truncated-scan") from None


def _described(segments: tuple[tuple[int, bytes], ...], entropy: int, last_data: int, end: int, *, whole: bool) -> Jpeg:
    frames = [(marker, body) for marker, body in segments if marker in _FRAMES]
    if len(frames) != 1 or len(frames[0][1]) < 6:  # noqa: PLR2004 - fixed part of SOF
        raise SheetFault("unreadable-scan")
    process, frame = frames[0]
    precision, height, width, components = struct.unpack(">BHHB", frame[:6])
    if not width or not height or len(frame) < 6 + 3 * components:
        raise SheetFault("unreadable-scan")
    parts = [frame[6 + 3 * n : 9 + 3 * n] for n in range(components)]
    sampling = tuple((part[0], part[1] >> 4, part[1] & 15) for part in parts)
    if not sampling or any(not horizontal or not vertical for _, horizontal, vertical in sampling):
        raise SheetFault("unreadable-scan")
    return Jpeg(width, height, process, precision, sampling, segments, entropy, last_data, end, whole)


def paddings(blob: bytes, jpeg: Jpeg) -> tuple[bytes, bytes]:
    """The image with two different runs of bytes before its EOI.

    A decoder that has all its data ignores both; one that lacks data reads them, and the two pictures differ.
    """
    body = blob[: jpeg.entropy] + _body(blob, jpeg)
    return body + b"\x5a\xa5" * 64 + EOI, body + b"\x13\xec\x77" * 43 + EOI


def _body(blob: bytes, jpeg: Jpeg) -> bytes:
    """The coded bytes; an odd FF at the very end would make a marker with what comes behind it."""
    body = blob[jpeg.entropy : jpeg.last_data]
    return body[:-1] if body.endswith(b"\xff") else body


def overlong(blob: bytes, jpeg: Jpeg) -> bytes | None:
    """The image said to be higher by a row of coding units than its data reach; None unless it is one sequential scan.

    A decoder begins that row from nothing where it had all data before it, which makes some blot; where it ran out of
    data earlier it leaves all that follows out, at the middle level, 128.
    """
    scan = _MARKER_AFTER_ENTROPY.search(blob, jpeg.entropy)
    alone = (scan.start() if scan else len(blob)) == jpeg.last_data and jpeg.segments[-1][1][0] == jpeg.components
    if jpeg.process not in {_BASELINE, _EXTENDED} or not alone or _own_restart(jpeg):
        return None
    high = -(-jpeg.height // jpeg.unit_height) * jpeg.unit_height + jpeg.unit_height
    if high > _HIGHEST:
        return None
    frame = next(body for marker, body in jpeg.segments if marker == jpeg.process)
    told = [(marker, body) for marker, body in jpeg.segments if marker != jpeg.process]
    told.insert(0, (jpeg.process, frame[:1] + struct.pack(">H", high) + frame[3:]))
    return _SOI + b"".join(_packed(*segment) for segment in told) + _body(blob, jpeg) + EOI


def joined(
    tables: bytes, strips: Sequence[bytes], rows: Sequence[int], size: tuple[int, int], *, rgb: bool
) -> bytes | None:
    """JPEG-in-TIFF strips (compression 7) as one JPEG, not decoded: shared tables first, strips as restart intervals.

    `tables` is the JPEGTables tag (may be empty), `rows` the rows of each strip, `size` width and height, `rgb` whether
    samples are RGB (else YCbCr or grey). None where the strips do not allow it (then they are decoded).
    """
    parts = [read(strip) for strip in strips]
    first = parts[0]
    if not all(_alike(first, part, width=size[0], height=height) for part, height in zip(parts, rows, strict=True)):
        return None
    shared = list(_tables(tables))
    shared += [own for own in _own_tables(first) if own not in shared]
    if any(own not in shared for part in parts[1:] for own in _own_tables(part)):
        return None
    units = _restart_units(first, rows) if len(parts) > 1 else _own_restart(first)
    if units is None:
        return None
    scans = [strip[part.entropy : part.last_data] for strip, part in zip(strips, parts, strict=True)]
    header = [_SOI, _adobe(rgb=rgb) if first.components > 1 else b""]
    header += [_packed(marker, body) for marker, body in shared]
    frame = next(body for marker, body in first.segments if marker == first.process)
    header.append(_packed(first.process, frame[:1] + struct.pack(">HH", size[1], size[0]) + frame[5:]))
    header.append(_packed(_DRI, struct.pack(">H", units)) if units else b"")
    header.append(_packed(*first.segments[-1]))
    return b"".join(header) + b"".join(_with_restarts(scans)) + EOI


def _alike(first: Jpeg, part: Jpeg, *, width: int, height: int) -> bool:
    return (
        part.process in {_BASELINE, _EXTENDED}
        and part.precision == 8  # noqa: PLR2004 - bits
        and (part.width, part.height) == (width, height)
        and part.sampling == first.sampling
        and part.segments[-1] == first.segments[-1]
        and (part.whole or part.end == part.last_data)
    )


def _tables(tables: bytes) -> Iterator[tuple[int, bytes]]:
    at = 2
    while tables[:2] == _SOI and tables[at : at + 2] not in {EOI, b""}:
        marker, body, at = _segment(tables, at)
        if marker in {_DQT, _DHT}:
            yield marker, body


def _own_tables(part: Jpeg) -> list[tuple[int, bytes]]:
    return [(marker, body) for marker, body in part.segments if marker in {_DQT, _DHT}]


def _own_restart(part: Jpeg) -> int:
    return next((int.from_bytes(body[:2], "big") for marker, body in part.segments if marker == _DRI), 0)


def _restart_units(first: Jpeg, rows: Sequence[int]) -> int | None:
    """Coding units of one strip, where strips can be restart intervals: whole, equal but the last, no restarts."""
    if _own_restart(first) or any(height != rows[0] for height in rows[:-1]) or rows[-1] > rows[0]:
        return None
    alone = first.components == 1
    wide = 8 if alone else 8 * max(horizontal for _, horizontal, _ in first.sampling)
    high = 8 if alone else 8 * max(vertical for _, _, vertical in first.sampling)
    units = -(-first.width // wide) * (rows[0] // high)
    return units if rows[0] % high == 0 and units <= _MOST_RESTART_UNITS else None


def _with_restarts(scans: Sequence[bytes]) -> Iterator[bytes]:
    for number, scan in enumerate(scans):
        if number:
            yield bytes((0xFF, 0xD0 + (number - 1) % 8))
        yield scan


def _adobe(*, rgb: bool) -> bytes:
    """APP14 (Adobe TN 5116): says whether colour is RGB or YCbCr, so that no reader has to guess."""
    return _packed(_APP14, b"Adobe" + struct.pack(">HHHB", 100, 0, 0, 0 if rgb else 1))


def _packed(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body
