"""A backup's content: a compressed tar in sealed parts. By hand: `openssl cms -decrypt` each part, `cat`, `tar -xz`.

Parts are small enough to be sealed from memory: no file holds keys or rows beside the station's own folder.
"""

import gzip
import io
import re
import tarfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO, Final

from cryptography import x509

from lexicon.faults import TamperFault
from storage.backup.manifest import MEDIA_TYPE, Manifest, Part
from storage.effects import effect
from storage.envelope import open_envelope, seal_backup
from storage.files import disk_faults, replacing
from storage.header import BackupHeader
from storage.keys import key_files
from storage.recipients import PrivateKey, Recipient

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

PART: Final = 64 << 20
"""Bytes of compressed content in every part but the last."""
CONFIG: Final = "config.toml"
DATABASE: Final = "station.db"

_CHUNK: Final = 1 << 20
_FASTEST: Final = 1
"""Of gzip: hashes do not compress, and what does, does at once."""
_CERTIFICATE: Final = re.compile(r"certificates/[a-z]{1,20}\.crt")


def write_parts(folder: Path, backup: str, contents: Mapping[str, Path], recipients: Sequence[Recipient]) -> list[Part]:
    """Pack files (name within -> path) and seal them into `folder`. Raises as `storage.envelope.seal` does."""
    sealer = _Sealer(folder, backup, recipients)
    with (
        disk_faults(),
        gzip.GzipFile("", "wb", _FASTEST, sealer, mtime=0) as compressed,
        tarfile.open(fileobj=compressed, mode="w|", format=tarfile.PAX_FORMAT) as archive,
    ):
        for name, path in contents.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = path.stat().st_size, 0o600
            with path.open("rb") as source:
                archive.addfile(member, source)
    sealer.finish()
    return sealer.parts


def read_parts(
    folder: Path, manifest: Manifest, key: PrivateKey, certificate: x509.Certificate, target: Path, work: Path
) -> None:
    """Open every part and lay the files into `target`, an empty folder; `work` holds one part at a time.

    Raises `StationFault` `key-not-recipient`, `disk-full`; `TamperFault` `backup-forged` or `envelope-forged`.
    """
    opened = _Opened(folder, manifest, key, certificate, work)
    seen: set[str] = set()
    try:
        with gzip.GzipFile(fileobj=opened, mode="rb") as plain, tarfile.open(fileobj=plain, mode="r|") as archive:
            for member in archive:
                content = archive.extractfile(member) if _is_known(member) and member.name not in seen else None
                if content is None:
                    raise TamperFault("backup-forged", file=manifest.parts[0].name)
                seen.add(member.name)
                with effect("backup.extract"):
                    _lay(content, target / member.name)
            while plain.read(_CHUNK):  # to the end, where the checksum is
                pass
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile):
        raise TamperFault("backup-forged", file=manifest.parts[-1].name) from None
    finally:
        opened.close()
    if not {CONFIG, DATABASE, *(f"keys/{name}" for name in key_files())} <= seen:
        raise TamperFault("backup-forged", file=manifest.parts[0].name)


def _is_known(member: tarfile.TarInfo) -> bool:
    keys = {f"keys/{name}" for name in key_files()}
    known = member.name in {CONFIG, DATABASE, *keys} or _CERTIFICATE.fullmatch(member.name) is not None
    return member.isreg() and known


def _lay(content: IO[bytes], path: Path) -> None:
    with disk_faults():
        path.parent.mkdir(mode=0o700, exist_ok=True)
    with replacing(path) as target:
        while chunk := content.read(_CHUNK):
            target.write(chunk)


@dataclass
class _Sealer(io.RawIOBase):
    """What is written goes into parts of equal size; each is sealed as soon as it is full."""

    folder: Path
    backup: str
    recipients: Sequence[Recipient]
    parts: list[Part] = field(default_factory=list)
    _pending: bytearray = field(default_factory=bytearray)

    def writable(self) -> bool:
        return True

    def write(self, chunk: "ReadableBuffer", /) -> int:
        self._pending += chunk
        while len(self._pending) > PART:
            self._seal(bytes(self._pending[:PART]))
            del self._pending[:PART]
        return memoryview(chunk).nbytes

    def finish(self) -> None:
        self._seal(bytes(self._pending))
        self._pending.clear()

    def _seal(self, plain: bytes) -> None:
        number = len(self.parts) + 1
        name, digest = f"part-{number:04d}.cms", sha256(plain).hexdigest()
        header = BackupHeader(self.backup, number, digest, MEDIA_TYPE)
        with effect("backup.seal"):
            sealed = seal_backup(
                io.BytesIO(plain), len(plain), header, recipients=self.recipients, target=self.folder / name
            )
        self.parts.append(Part(name, sealed.sha256, sealed.size, digest, len(plain)))


class _Opened(io.RawIOBase):
    """The parts' plaintext one after the other; each is in `work` only while it is read."""

    def __init__(
        self, folder: Path, manifest: Manifest, key: PrivateKey, certificate: x509.Certificate, work: Path
    ) -> None:
        super().__init__()
        self._plain = work / "part.plain"
        self._streams = self._open(folder, manifest, key, certificate)
        self._stream: BinaryIO | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer).cast("B")
        while True:
            if self._stream is None and (following := next(self._streams, None)) is None:
                return 0
            self._stream = self._stream or following
            assert self._stream is not None  # noqa: S101  for the type checker: one of the two is there
            if chunk := self._stream.read(len(view)):
                view[: len(chunk)] = chunk
                return len(chunk)
            self._let_go()

    def close(self) -> None:
        self._let_go()
        super().close()

    def _let_go(self) -> None:
        if self._stream is not None:
            self._stream.close()
        self._stream = None
        with effect("backup.forget-part"):
            self._plain.unlink(missing_ok=True)

    def _open(
        self, folder: Path, manifest: Manifest, key: PrivateKey, certificate: x509.Certificate
    ) -> Iterator[BinaryIO]:
        for number, part in enumerate(manifest.parts, start=1):
            with effect("backup.open"):
                open_envelope(folder / part.name, key, certificate, self._plain, manifest.expected(number))
            yield self._plain.open("rb")
