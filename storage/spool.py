"""Encrypted working files: AES-256-GCM in chunks, each file under its own key, wrapped by one of the station's.

A file is a mark, the wrapped key (AES key wrap, RFC 3394) and chunks of 1 MiB, each with its 16-byte tag. A chunk's
nonce is its number and whether it is the last (STREAM: Hoang, Reyhanitabar, Rogaway, Vizar 2015), so that none can
be cut, moved or repeated; what it authenticates besides is the spool's identifier, so that no file can stand in
for another. Without the wrapped key a file is noise: destroying starts there.
"""

import hashlib
import io
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, Protocol, runtime_checkable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from lexicon.faults import StationFault, TamperFault
from storage.effects import effect
from storage.files import PART, disk_faults, is_older, parts_of, replacing, sync_folder

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

CHUNK: Final = 1 << 20
"""Bytes of plaintext in every chunk but the last."""
_SUFFIX: Final = ".spool"
_MARK: Final = b"LIASSE\x01\n"
_WRAPPED: Final = 40
_TAG: Final = 16
_BODY: Final = len(_MARK) + _WRAPPED
_KEY: Final = 32
_IDENTIFIER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@runtime_checkable
class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Spooled:
    """What was written: SHA-256 (hex) and size (bytes) of the plaintext."""

    sha256: str
    size: int


class _Cipher:
    """One file's chunks, both ways."""

    def __init__(self, key: bytes, identifier: str) -> None:
        self._aes = AESGCM(key)
        self._bound = b"liasse spool 1|" + identifier.encode()

    def close(self, number: int, chunk: bytes, *, last: bool) -> bytes:
        return self._aes.encrypt(_nonce(number, last=last), chunk, self._bound)

    def open(self, number: int, chunk: bytes, *, last: bool) -> bytes:
        try:
            return self._aes.decrypt(_nonce(number, last=last), chunk, self._bound)
        except InvalidTag:
            raise TamperFault("spool-damaged") from None


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


class SpoolReader(io.RawIOBase):
    """A file's plaintext, seekable; every byte given out was authenticated, and the file's length when it was opened.

    One reader is for one thread. Raises `TamperFault("spool-damaged")`.
    """

    def __init__(self, stream: BinaryIO, cipher: _Cipher, body: int) -> None:
        super().__init__()
        self._stream, self._cipher = stream, cipher
        self._last = max(body - 1, 0) // (CHUNK + _TAG)
        self._number, self._chunk = -1, b""
        self._position = 0
        # The last chunk opens only as the last: its number settles how long the file is.
        self.length = self._last * CHUNK + len(self._load(self._last))

    def read_at(self, offset: int, size: int) -> bytes:
        """The `size` bytes at `offset`, fewer at the end; the reading position stays."""
        if offset < 0:
            raise ValueError("before the beginning")
        wanted = range(offset, min(offset + size, self.length))
        if not wanted:
            return b""
        first, last = wanted.start // CHUNK, wanted[-1] // CHUNK
        joined = b"".join(self._load(number) for number in range(first, last + 1))
        start = wanted.start - first * CHUNK
        return joined[start : start + len(wanted)]

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer).cast("B")
        found = self.read_at(self._position, len(view))
        view[: len(found)] = found
        self._position += len(found)
        return len(found)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        origin = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self.length}[whence]
        if origin + offset < 0:
            raise ValueError("before the beginning")
        self._position = origin + offset
        return self._position

    def close(self) -> None:
        self._chunk = b""
        self._stream.close()
        super().close()

    def _load(self, number: int) -> bytes:
        if number != self._number:
            with disk_faults():
                self._stream.seek(_BODY + number * (CHUNK + _TAG))
                encrypted = self._stream.read(CHUNK + _TAG)
            self._chunk = self._cipher.open(number, encrypted, last=number == self._last)
            self._number = number
        return self._chunk


class Spool:
    """A folder (0700) of encrypted working files by identifier, under one of the station's 32-byte keys.

    Identifiers are 1 to 100 of letters, digits, dot, hyphen and underscore; anything else raises `ValueError`.
    Every function raises `StationFault` `disk-full` or `disk-unusable` when the disk does not serve.
    """

    def __init__(self, directory: Path, wrapping_key: bytes) -> None:
        if len(wrapping_key) != _KEY:
            raise ValueError("a wrapping key is 32 bytes")
        self._directory, self._wrapping_key = directory, wrapping_key
        with disk_faults(), effect("spool.make"):
            directory.mkdir(0o700, parents=True, exist_ok=True)

    def write(self, identifier: str, source: BinaryIO | Iterable[bytes]) -> Spooled:
        """Encrypt all of `source`, memory bounded; whole or not at all. What it replaces is destroyed."""
        path = self._path(identifier)
        key = os.urandom(_KEY)
        cipher, plain, size = _Cipher(key, identifier), hashlib.sha256(), 0
        with disk_faults(), _forgetting(path), replacing(path) as stream:
            stream.write(_MARK + aes_key_wrap(self._wrapping_key, key))
            for number, (chunk, last) in enumerate(_marked(_even(_pieces(source)))):
                plain.update(chunk)
                size += len(chunk)
                stream.write(cipher.close(number, chunk, last=last))
        return Spooled(plain.hexdigest(), size)

    def open(self, identifier: str) -> io.BufferedReader:
        """The plaintext as a seekable stream that verifies as it reads; close it.

        Raises `StationFault("spool-missing")`; `TamperFault("spool-damaged")`, then or on reading.
        """
        return io.BufferedReader(self.reader(identifier), CHUNK)

    def reader(self, identifier: str) -> SpoolReader:
        """As `open`, unbuffered, with `read_at`."""
        path = self._path(identifier)
        with disk_faults():
            while True:
                try:
                    stream = path.open("rb")
                except FileNotFoundError:
                    raise StationFault("spool-missing") from None
                try:
                    return self._reader(identifier, stream)
                except _Forgotten:
                    replaced = _replaced(stream, path)
                    stream.close()
                    if not replaced:
                        raise StationFault("spool-missing") from None
                except BaseException:
                    stream.close()
                    raise

    def destroy(self, identifier: str) -> None:
        """Overwrite the wrapped key, then remove the file and what an interrupted write left; again does no harm."""
        path = self._path(identifier)
        with disk_faults():
            for doomed in (path, *parts_of(path)):
                _destroy(doomed)
            sync_folder(self._directory)

    def sweep(self, older: float | None = None) -> int:
        """Destroy what interrupted writes left; how many there were.

        Where others may be writing, only what was last written to before `older` (seconds since 1970).
        """
        with disk_faults():
            left = [path for path in self._directory.glob(f"*{_SUFFIX}*{PART}") if is_older(path, older)]
            for path in left:
                _destroy(path)
        return len(left)

    def has(self, identifier: str) -> bool:
        """Whether there is a file under this identifier, be it damaged."""
        return self._path(identifier).is_file()

    def ids(self, older: float | None = None) -> tuple[str, ...]:
        """The identifiers of all files, in order; with `older`, of those written before (seconds since 1970)."""
        with disk_faults():
            found = [path for path in self._directory.glob(f"*{_SUFFIX}") if is_older(path, older)]
            return tuple(sorted(path.name.removesuffix(_SUFFIX) for path in found))

    def _path(self, identifier: str) -> Path:
        if not _IDENTIFIER.fullmatch(identifier):
            raise ValueError("not a spool identifier")
        return self._directory / f"{identifier}{_SUFFIX}"

    def _reader(self, identifier: str, stream: BinaryIO) -> SpoolReader:
        head = stream.read(_BODY)
        body = stream.seek(0, os.SEEK_END) - _BODY
        if not head.startswith(_MARK) or body < _TAG:
            raise TamperFault("spool-damaged")
        if head[len(_MARK) :] == bytes(_WRAPPED):
            raise _Forgotten
        try:
            key = aes_key_unwrap(self._wrapping_key, head[len(_MARK) :])
        except (InvalidUnwrap, ValueError):
            raise TamperFault("spool-damaged") from None
        return SpoolReader(stream, _Cipher(key, identifier), body)


class _Forgotten(Exception):
    """Somebody has destroyed this file's key: another file has its place by now, or none will have."""


def _replaced(stream: BinaryIO, path: Path) -> bool:
    """Whether there is another file by now where this one was."""
    try:
        return not os.path.samestat(os.fstat(stream.fileno()), path.stat())
    except FileNotFoundError:
        return True


@contextmanager
def _forgetting(path: Path) -> Iterator[None]:
    """Destroy the key of the file that the block replaces, once it is replaced."""
    try:
        old = path.open("r+b")
    except FileNotFoundError:
        yield
        return
    with old:
        yield
        _forget(old)


def _destroy(path: Path) -> None:
    try:
        with path.open("r+b") as stream:
            _forget(stream)
        with effect("spool.unlink"):
            path.unlink()
    except FileNotFoundError:
        return


def _forget(stream: BinaryIO) -> None:
    with effect("spool.forget"):
        stream.seek(len(_MARK))
        stream.write(bytes(_WRAPPED))
        stream.flush()
        os.fsync(stream.fileno())


def _pieces(source: BinaryIO | Iterable[bytes]) -> Iterable[bytes]:
    if isinstance(source, _Readable):
        return iter(lambda: source.read(CHUNK), b"")
    return source


def _even(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in chunks of `CHUNK`, the last one shorter; none for no bytes."""
    pending = bytearray()
    for piece in pieces:
        pending += piece
        while len(pending) >= CHUNK:
            yield bytes(pending[:CHUNK])
            del pending[:CHUNK]
    if pending:
        yield bytes(pending)


def _marked(chunks: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Each chunk, and whether it is the last; an empty file is one empty chunk."""
    pending = next(chunks, b"")
    for chunk in chunks:
        yield pending, False
        pending = chunk
    yield pending, True
