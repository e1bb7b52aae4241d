"""Put an envelope at the host, read it back whole, compare, lock it where configured, and only then say that it is
received.

A document needs its clearance, asked anew just before. What is put is first seen to be the envelope of its header,
so that nothing sealed for another purpose is deposited as a document or as an index.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime
from operator import eq
from pathlib import Path
from typing import BinaryIO, Final, TypedDict

from consent_gate.model import Clearance
from lexicon.faults import HostFault, TamperFault
from storage import cms
from storage.effects import effect
from storage.envelope import Sealed, SealedForm, SealedIndex
from storage.files import disk_faults
from storage.hosts import AlreadyThere, Created, Host, Stored
from storage.receipt import FormReceipt, IndexReceipt, Receipt

__all__ = ["FormReceipt", "IndexReceipt", "Receipt", "deposit", "deposit_form", "deposit_index"]

_CHUNK: Final = 1 << 20
_TELLING: Final = 1024
"""Bytes after which two envelopes that begin alike have parted."""
_NEARLY: Final = 0.99


class DamagedFault(HostFault):
    """`receipt-mismatch`: our own envelope lies at the host, damaged, under a key that it is still to have.

    It was not removed, for a removal that comes late would reach what is put there next: give the key up first.
    """


class Known(TypedDict):
    """By what a document's patient was known: sources as slugs, and how many pages show no identity of their own."""

    identified_by: tuple[str, ...]
    inherited: int


UNSAID: Final = Known(identified_by=(), inherited=0)


def deposit(
    sealed_path: Path,
    sealed: Sealed,
    object_key: str,
    host: Host,
    clearance: Clearance,
    *,
    at: datetime,
    still: Callable[[], None] = lambda: None,
    known: Known = UNSAID,
) -> Receipt:
    """Deposit a cleared document's envelope; its receipt. Doing it again gives a receipt for the same object.

    `at` is an aware time; `known`: by what its patient was known, for the receipt to say.
    `still` is asked once the object is read back, before it is locked or, damaged, removed: it
    raises where the document is no longer this caller's. Raises `TamperFault` `clearance-mismatch`, or `sealed-changed`
    when the file is no longer what was sealed; `HostFault` `host-conflict` when another object lies under the key,
    `receipt-mismatch` when the host gives back anything else than what it was given, and the host's own.
    """
    clearance.require(sealed.header.document)
    stored = _put(sealed_path, sealed, object_key, host, at, still)
    told = _told(sealed, object_key, host, stored, at)
    return Receipt(header=sealed.header, **told, **known)


def deposit_index(sealed_path: Path, sealed: SealedIndex, object_key: str, host: Host, *, at: datetime) -> IndexReceipt:
    """Deposit a batch's index; its receipt. Raises as `deposit` does, the clearance aside: an index needs none."""
    stored = _put(sealed_path, sealed, object_key, host, at, lambda: None, used_once=True)
    return IndexReceipt(header=sealed.header, **_told(sealed, object_key, host, stored, at))


def deposit_form(
    sealed_path: Path, sealed: SealedForm, object_key: str, host: Host, *, at: datetime, still: Callable[[], None]
) -> FormReceipt:
    """Deposit a signed form; its receipt. As `deposit`, the clearance aside: a form is no record."""
    stored = _put(sealed_path, sealed, object_key, host, at, still)
    return FormReceipt(header=sealed.header, **_told(sealed, object_key, host, stored, at))


class _Told(TypedDict):
    """What each receipt says beside its header."""

    host: str
    object_key: str
    object_version: str | None
    sha256: str
    size: int
    plaintext_size: int
    deposited_at: datetime


def _told(
    sealed: Sealed | SealedForm | SealedIndex, object_key: str, host: Host, stored: Stored, at: datetime
) -> _Told:
    return _Told(
        host=host.name,
        object_key=object_key,
        object_version=stored.version,
        sha256=sealed.sha256,
        size=sealed.size,
        plaintext_size=sealed.plaintext_size,
        deposited_at=at,
    )


def _put(
    sealed_path: Path,
    sealed: Sealed | SealedForm | SealedIndex,
    object_key: str,
    host: Host,
    at: datetime,
    still: Callable[[], None],
    *,
    used_once: bool = False,
) -> Stored:
    """`used_once`: the next attempt has another key."""
    _require_sealed(sealed_path, sealed)
    with effect("deposit.put"):
        made = host.create(object_key, sealed_path, sealed.sha256, sealed.size)
    with disk_faults():
        ours = sealed_path.open("rb")
    with ours:
        try:
            stored = _proven(ours, sealed, object_key, host, made)
        except _Damaged as damaged:
            still()
            _remove(host, object_key, damaged.version, used_once=used_once)
            raise HostFault("receipt-mismatch") from None
    still()
    with effect("deposit.retain"):
        host.retain(stored, at)
    return stored


def _proven(
    ours: BinaryIO,
    sealed: Sealed | SealedForm | SealedIndex,
    object_key: str,
    host: Host,
    made: Created | AlreadyThere,
) -> Stored:
    match made:
        case AlreadyThere():
            return _read_back(ours, sealed, object_key, host, None, otherwise="host-conflict")
        case Created(version=version):
            stored = _read_back(ours, sealed, object_key, host, version, otherwise="receipt-mismatch")
            if stored.version != version:
                raise HostFault("receipt-mismatch")
            return stored


def _require_sealed(sealed_path: Path, sealed: Sealed | SealedForm | SealedIndex) -> None:
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


def _read_back(
    ours: BinaryIO,
    sealed: Sealed | SealedForm | SealedIndex,
    object_key: str,
    host: Host,
    version: str | None,
    *,
    otherwise: str,
) -> Stored:
    """The whole object, compared; a version that the host named is asked for by its name.

    Raises `_Damaged` where the host kept a damaged copy of this very envelope.
    """
    comparison = _Comparison(ours, sealed.size, otherwise)
    with effect("deposit.read-back"):
        stored = host.read(object_key, comparison, version)
    if stored.key == object_key and comparison.same(sealed.sha256):
        return stored
    if comparison.damaged:
        raise _Damaged(stored.version)
    raise HostFault(otherwise)


class _Damaged(Exception):
    """The host kept our own envelope, cut short or altered; `version` as the host names it."""

    def __init__(self, version: str | None) -> None:
        super().__init__()
        self.version = version


def _remove(host: Host, object_key: str, version: str | None, *, used_once: bool) -> None:
    """That version alone, so that the next attempt can put it again; anything else under the key stays."""
    if version is None and not used_once:
        raise DamagedFault("receipt-mismatch")
    with effect("deposit.remove-damaged"):
        host.delete(object_key, version)


class _Comparison:
    """Hashes what a host gives back, beside the file that it was given, and stops one that gives more than that."""

    def __init__(self, ours: BinaryIO, size: int, otherwise: str) -> None:
        self._ours, self._size, self._otherwise = ours, size, otherwise
        self._whole, self._read, self._alike = hashlib.sha256(), 0, 0

    def write(self, chunk: bytes, /) -> int:
        self._read += len(chunk)
        if self._read > self._size:
            raise HostFault(self._otherwise)
        self._whole.update(chunk)
        self._alike += _alike(chunk, self._ours.read(len(chunk)))
        return len(chunk)

    def same(self, sha256: str) -> bool:
        return self._read == self._size and self._whole.hexdigest() == sha256

    @property
    def damaged(self) -> bool:
        """Whether it can only be our own bytes, cut short or altered in places.

        Each envelope has keys and nonces of its own from its first hundreds of bytes on: another one is nowhere near.
        """
        return self._read >= _TELLING and self._alike >= self._read * _NEARLY


def _alike(one: bytes, other: bytes) -> int:
    """At how many places two runs of bytes agree."""
    if one == other:
        return len(one)
    return sum(map(eq, one, other))
