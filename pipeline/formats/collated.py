"""Manual duplex: all fronts first, then, the stack turned over, all backs in reverse; read sheet by sheet.

What the feeder gave in two goes (or in one) is one file of the station's: a ustar archive (POSIX 1003.1, pax) of the
scanner's files as they came, always the same bytes for the same files. `tar -xf` gives them back.
"""

import hashlib
import io
import os
import tarfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, BinaryIO, Final

from lexicon.faults import SheetFault

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

    from pipeline.pages import Pages

FRONTS: Final = "liasse-fronts"
BACKS: Final = "liasse-backs"
BOTH: Final = "liasse-fronts-and-backs"
_ALONE: Final = (FRONTS,)
"""A half whose other one did not come: kept as it came, and read by nobody."""
_FORMS: Final = ((FRONTS, BACKS), (BOTH,), _ALONE)
_BLOCK: Final = tarfile.BLOCKSIZE
_END: Final = bytes(2 * _BLOCK)
_MAGIC: Final = (257, b"ustar")


def is_collated(head: bytes) -> bool:
    """Whether a file begins as one of these does, by its first 512 bytes."""
    place, magic = _MAGIC
    return head.startswith(b"liasse-fronts") and head[place : place + len(magic)] == magic


class Bundle(io.RawIOBase):
    """The archive of one or two open files, to be read once from its beginning to its end."""

    def __init__(self, parts: Sequence[BinaryIO], *, alone: bool = False) -> None:
        """One file of fronts and backs, or one of fronts and one of backs; or a half `alone`. Each at its beginning."""
        super().__init__()
        names = _ALONE if alone else next(form for form in _FORMS if len(form) == len(parts))
        self.parts = tuple(parts)
        self._hashes = [hashlib.sha256() for _ in parts]
        self._chunks = self._made(names)
        self._left = b""

    @property
    def hashes(self) -> tuple[str, ...]:
        """SHA-256 (hex) of each file as it came; once all was read."""
        return tuple(hashing.hexdigest() for hashing in self._hashes)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer).cast("B")
        while not self._left:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._left = chunk
        given, self._left = self._left[: len(view)], self._left[len(view) :]
        view[: len(given)] = given
        return len(given)

    def _made(self, names: Sequence[str]) -> Iterator[bytes]:
        for name, part, hashing in zip(names, self.parts, self._hashes, strict=True):
            size = os.fstat(part.fileno()).st_size
            yield _header(name, size)
            left = size
            while left and (chunk := part.read(min(left, 1 << 20))):
                hashing.update(chunk)
                left -= len(chunk)
                yield chunk
            yield bytes(left + -size % _BLOCK)  # `left`: it shrank meanwhile, and will not be recorded
        yield _END


def _header(name: str, size: int) -> bytes:
    about = tarfile.TarInfo(name)
    about.size, about.mode, about.mtime = size, 0o600, 0
    return about.tobuf(tarfile.USTAR_FORMAT)


class Window(io.RawIOBase):
    """A part of an open file as a file of its own. It shares no position with any other."""

    def __init__(self, file: BinaryIO, start: int, size: int) -> None:
        super().__init__()
        self._descriptor, self._start, self._size, self._at = file.fileno(), start, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._at = max(0, offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence])
        return self._at

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer).cast("B")
        wanted = max(0, min(len(view), self._size - self._at))
        found = os.pread(self._descriptor, wanted, self._start + self._at)
        view[: len(found)] = found
        self._at += len(found)
        return len(found)


@contextmanager
def opened(
    file: BinaryIO, size: int, open_part: Callable[[ExitStack, BinaryIO], "Pages"]
) -> Iterator[tuple[int, Callable[[int], tuple["Pages", int]]]]:
    """How many pages there are, and where the n-th of them is (from 0, sheet by sheet): in whose pages, and which.

    Raises SheetFault: `unreadable-scan` for an archive that is not one of ours, `duplex-mismatch` where there are not
    as many backs as fronts, `duplex-half-alone` for one half; and what `open_part` raises.
    """
    names, windows = _windows(file, size)
    if names == _ALONE:
        raise SheetFault("duplex-half-alone")
    with ExitStack() as held:
        halves = [open_part(held, io.BufferedReader(window)) for window in windows]
        fronts, backs = halves[0], halves[-1]
        total = sum(half.count for half in halves)
        if total % 2 or fronts.count * len(halves) != total:
            raise SheetFault("duplex-mismatch")

        def place(number: int) -> tuple["Pages", int]:
            sheet, back = divmod(number, 2)
            return (backs, backs.count - 1 - sheet) if back else (fronts, sheet)

        yield total, place


def _windows(file: BinaryIO, size: int) -> tuple[tuple[str, ...], list[Window]]:
    """Names and contents."""
    found: list[tuple[str, Window]] = []
    at = 0
    while len(found) < len(max(_FORMS, key=len)) and at + _BLOCK <= size - len(_END):
        file.seek(at)
        head = file.read(_BLOCK)
        name, length = _said(head)
        found.append((name, Window(file, at + _BLOCK, length)))
        at += _BLOCK + length + -length % _BLOCK
    file.seek(at)
    names = tuple(name for name, _ in found)
    if names not in _FORMS or file.read(len(_END) + 1) != _END:
        raise SheetFault("unreadable-scan")
    return names, [window for _, window in found]


def _said(head: bytes) -> tuple[str, int]:
    """A part's name and its size in bytes. Raises SheetFault for a header that is not as we write it."""
    try:
        about = tarfile.TarInfo.frombuf(head, "ascii", "strict")
    except (tarfile.HeaderError, ValueError):
        raise SheetFault("unreadable-scan") from None
    if about.size < 0 or _header(about.name, about.size) != head:
        raise SheetFault("unreadable-scan")
    return about.name, about.size
