"""Seal for the client and its escrow, and open again: CMS AuthEnvelopedData (RFC 5083, 5084) with a bound header.

`openssl cms -decrypt -inform DER -in x.p7m -inkey key.pem -recip cert.pem` opens what is sealed here.
A document is sealed with its clearance only. Five things are sealed without one, each by its own function and to its
own type, which no deposit of documents takes: a closed document's originals, a file that was set aside, a batch's
index, a signed authorization form, a part of a backup.
"""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, Generic

from cryptography import x509

from consent_gate.model import Clearance, Refused
from lexicon.faults import StationFault, TamperFault
from storage import cms
from storage.files import disk_faults, replacing
from storage.header import AnyHeader, BackupHeader, FileHeader, FormHeader, Header, IndexHeader, RefusedHeader
from storage.receipt import Expected
from storage.recipients import PrivateKey, Recipient

__all__ = [
    "BackupHeader",
    "FileHeader",
    "FormHeader",
    "Header",
    "IndexHeader",
    "Opened",
    "RefusedHeader",
    "Sealed",
    "SealedBackup",
    "SealedFile",
    "SealedForm",
    "SealedIndex",
    "SealedOriginal",
    "open_envelope",
    "seal",
    "seal_backup",
    "seal_file",
    "seal_form",
    "seal_index",
    "seal_kept",
    "seal_refused",
]

_CHUNK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class _Object(Generic[AnyHeader]):
    """SHA-256 (hex) and size (bytes) of a sealed object, and the size of what is in it."""

    header: AnyHeader
    sha256: str
    size: int
    plaintext_size: int

    @property
    def plaintext_sha256(self) -> str:
        return self.header.plaintext_sha256

    @property
    def header_digest(self) -> str:
        return self.header.digest()


class Sealed(_Object[Header]):
    """A cleared document's envelope."""

    __slots__ = ()


class SealedOriginal(_Object[RefusedHeader]):
    """The envelope of a refused document's originals: it stays, for the client."""

    __slots__ = ()


class SealedFile(_Object[FileHeader]):
    """The envelope of a file that was set aside and kept too long: it stays, for the client."""

    __slots__ = ()


class SealedForm(_Object[FormHeader]):
    """The envelope of a signed authorization form."""

    __slots__ = ()


class SealedIndex(_Object[IndexHeader]):
    """The envelope of a batch's index."""

    __slots__ = ()


class SealedBackup(_Object[BackupHeader]):
    """The envelope of one part of a backup."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Opened:
    """What came out. `origin_checked` is whether the object was compared with a receipt before it was opened."""

    origin_checked: bool
    plaintext_sha256: str
    plaintext_size: int
    header_digest: str
    """What the envelope binds, hex: the digest of its header."""


def seal(
    source: BinaryIO, size: int, header: Header, clearance: Clearance, *, recipients: Sequence[Recipient], target: Path
) -> Sealed:
    """Seal exactly `size` bytes of a cleared document into `target`, whole or not at all.

    Raises `TamperFault("clearance-mismatch")` when the clearance is another's or the header names another decision;
    `StationFault` `source-changed`, `recipient-missing`, `disk-full`; `SheetFault("document-too-large")`.
    """
    clearance.require(header.document)
    if header.decision != clearance.decision:
        raise TamperFault("clearance-mismatch")
    written = _write(source, size, header, recipients, target)
    return Sealed(header, written.object_sha256, written.size, size)


def seal_refused(
    source: BinaryIO,
    size: int,
    header: RefusedHeader,
    refused: Refused,
    *,
    recipients: Sequence[Recipient],
    target: Path,
) -> SealedOriginal:
    """Seal a refused document's original images for the client, who alone can open them. Raises as `seal` does."""
    if header.document != refused.document or header.decision != refused.decision:
        raise TamperFault("clearance-mismatch")
    written = _write(source, size, header, recipients, target)
    return SealedOriginal(header, written.object_sha256, written.size, size)


def seal_kept(
    source: BinaryIO, size: int, header: RefusedHeader, *, recipients: Sequence[Recipient], target: Path
) -> SealedOriginal:
    """Seal the original images of a document that was curable for too long; the client alone can open them.

    No answer of the gate closes it: its time is over. Raises as `seal` does, the clearance aside.
    """
    written = _write(source, size, header, recipients, target)
    return SealedOriginal(header, written.object_sha256, written.size, size)


def seal_file(
    source: BinaryIO, size: int, header: FileHeader, *, recipients: Sequence[Recipient], target: Path
) -> SealedFile:
    """Seal a file that no step could use, as it came. Raises as `seal` does, the clearance aside."""
    written = _write(source, size, header, recipients, target)
    return SealedFile(header, written.object_sha256, written.size, size)


def seal_index(
    source: BinaryIO, size: int, header: IndexHeader, *, recipients: Sequence[Recipient], target: Path
) -> SealedIndex:
    """Seal a batch's index. Raises as `seal` does, the clearance aside: an index needs none."""
    written = _write(source, size, header, recipients, target)
    return SealedIndex(header, written.object_sha256, written.size, size)


def seal_form(
    source: BinaryIO, size: int, header: FormHeader, *, recipients: Sequence[Recipient], target: Path
) -> SealedForm:
    """Seal a signed authorization form. Raises as `seal` does, the clearance aside: it is no record of anybody's."""
    written = _write(source, size, header, recipients, target)
    return SealedForm(header, written.object_sha256, written.size, size)


def seal_backup(
    source: BinaryIO, size: int, header: BackupHeader, *, recipients: Sequence[Recipient], target: Path
) -> SealedBackup:
    """Seal one part of a backup. Raises as `seal` does, the clearance aside: it holds no document."""
    written = _write(source, size, header, recipients, target)
    return SealedBackup(header, written.object_sha256, written.size, size)


def open_envelope(
    source: Path, key: PrivateKey, certificate: x509.Certificate, target: Path, receipt: Expected | None
) -> Opened:
    """Open the object at `source` into a new 0600 file at `target`, which exists only once everything was verified.

    With a receipt: the object's size and SHA-256 first, then the bound header, the tag, the plaintext's SHA-256.
    Raises `TamperFault("envelope-forged")` for anything wrong with the object; `StationFault` `key-not-recipient`,
    `target-exists`, `disk-full`, `disk-unusable`.
    """
    if target.exists() or target.is_symlink():
        raise StationFault("target-exists")
    with _reading(source) as sealed:
        if receipt is not None:
            _require_same(sealed, receipt)
        layout = cms.inspect(sealed)
        context = layout.context if receipt is None else bytes.fromhex(receipt.header_digest)
        with replacing(target) as opened:
            plaintext = cms.read(sealed, opened, key, certificate, context)
            if receipt is not None and plaintext != receipt.plaintext_sha256:
                raise TamperFault("envelope-forged")
    return Opened(receipt is not None, plaintext, layout.plaintext_size, context.hex())


def _write(
    source: BinaryIO,
    size: int,
    header: AnyHeader,
    recipients: Sequence[Recipient],
    target: Path,
) -> cms.Written:
    with replacing(target) as stream:
        written = cms.write(source, size, stream, recipients, bytes.fromhex(header.digest()))
        if written.plaintext_sha256 != header.plaintext_sha256:
            raise StationFault("source-changed")
    return written


def _require_same(sealed: BinaryIO, receipt: Expected) -> None:
    whole, size = hashlib.sha256(), 0
    while size <= receipt.size and (chunk := sealed.read(_CHUNK)):
        whole.update(chunk)
        size += len(chunk)
    if size != receipt.size or whole.hexdigest() != receipt.sha256:
        raise TamperFault("envelope-forged")


@contextmanager
def _reading(source: Path) -> Iterator[BinaryIO]:
    with disk_faults(), source.open("rb") as stream:
        yield stream
