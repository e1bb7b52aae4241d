"""Put an envelope at the host, read it back whole, compare, and only then say that it is received.

A document needs its clearance, asked anew just before. What is put is first seen to be the envelope of its header,
so that nothing sealed for another purpose is deposited as a document or as an index.
"""

import hashlib
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final

from consent_gate.model import Clearance
from lexicon.faults import HostFault, TamperFault
from storage import cms
from storage.envelope import Sealed, SealedIndex
from storage.files import disk_faults
from storage.hosts import AlreadyThere, Created, Host, Stored
from storage.receipt import IndexReceipt, Receipt

__all__ = ["IndexReceipt", "Receipt", "deposit", "deposit_index"]

_CHUNK: Final = 1 << 20


def deposit(
    sealed_path: Path, sealed: Sealed, object_key: str, host: Host, clearance: Clearance, *, at: datetime
) -> Receipt:
    """Deposit a cleared document's envelope; its receipt. Doing it again gives a receipt for the same object.

    `at` is an aware time. Raises `TamperFault` `clearance-mismatch`, or `sealed-changed` when the file is no longer
    what was sealed; `HostFault` `host-conflict` when another object lies under the key, `receipt-mismatch` when the
    host gives back anything else than what it was given, and the host's own.
    """
    clearance.require(sealed.header.document)
    stored = _put(sealed_path, sealed, object_key, host)
    return Receipt(
        header=sealed.header,
        host=host.name,
        object_key=object_key,
        object_version=stored.version,
        sha256=sealed.sha256,
        size=sealed.size,
        plaintext_size=sealed.plaintext_size,
        deposited_at=at,
    )


def deposit_index(sealed_path: Path, sealed: SealedIndex, object_key: str, host: Host, *, at: datetime) -> IndexReceipt:
    """Deposit a batch's index; its receipt. Raises as `deposit` does, the clearance aside: an index needs none."""
    stored = _put(sealed_path, sealed, object_key, host)
    return IndexReceipt(
        header=sealed.header,
        host=host.name,
        object_key=object_key,
        object_version=stored.version,
        sha256=sealed.sha256,
        size=sealed.size,
        plaintext_size=sealed.plaintext_size,
        deposited_at=at,
    )


def _put(sealed_path: Path, sealed: Sealed | SealedIndex, object_key: str, host: Host) -> Stored:
    _require_sealed(sealed_path, sealed)
    match host.create(object_key, sealed_path, sealed.sha256, sealed.size):
        case AlreadyThere():
            return _read_back(sealed, object_key, host, otherwise="host-conflict")
        case Created(version=version):
            stored = _read_back(sealed, object_key, host, otherwise="receipt-mismatch")
            if stored.version != version:
                raise HostFault("receipt-mismatch")
            return stored


def _require_sealed(sealed_path: Path, sealed: Sealed | SealedIndex) -> None:
    """Raise `TamperFault("sealed-changed")` unless the file is the envelope that binds this header."""
    with disk_faults(), sealed_path.open("rb") as stream:
        if _fingerprint(stream) != (sealed.sha256, sealed.size):
            raise TamperFault("sealed-changed")
        layout = cms.inspect(stream)
    if layout.context.hex() != sealed.header_digest or layout.plaintext_size != sealed.plaintext_size:
        raise TamperFault("sealed-changed")


def _fingerprint(stream: BinaryIO) -> tuple[str, int]:
    whole = hashlib.sha256()
    while chunk := stream.read(_CHUNK):
        whole.update(chunk)
    return whole.hexdigest(), stream.tell()


def _read_back(sealed: Sealed | SealedIndex, object_key: str, host: Host, *, otherwise: str) -> Stored:
    comparison = _Comparison(sealed.size, otherwise)
    stored = host.read(object_key, comparison)
    if stored.key != object_key or not comparison.same(sealed.sha256):
        raise HostFault(otherwise)
    return stored


class _Comparison:
    """Hashes what a host gives back, and stops one that gives more than it was given."""

    def __init__(self, size: int, otherwise: str) -> None:
        self._size, self._otherwise = size, otherwise
        self._whole, self._read = hashlib.sha256(), 0

    def write(self, chunk: bytes, /) -> int:
        self._read += len(chunk)
        if self._read > self._size:
            raise HostFault(self._otherwise)
        self._whole.update(chunk)
        return len(chunk)

    def same(self, sha256: str) -> bool:
        return self._read == self._size and self._whole.hexdigest() == sha256
