"""The envelope's format: CMS AuthEnvelopedData (RFC 5083) with AES-256-GCM (RFC 5084), in definite-length DER.

Written and read by streaming. The reader takes only what the writer could have written: exact lengths, shortest
forms, a 12-byte nonce, a 16-byte tag, no attributes, no byte after the end. Recipients' shares are not
authenticated by GCM: only comparing the object's SHA-256 with a receipt shows that they are the station's.
"""

import hashlib
import hmac
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final

from cryptography import x509
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from lexicon.faults import SheetFault, StationFault, TamperFault
from storage import der, recipients
from storage.recipients import PrivateKey, Recipient, RecipientInfo

MAXIMUM: Final = 512 * 1024 * 1024
"""Bytes of an object: stock tools load a whole one into memory."""

_CHUNK: Final = 1 << 20
_HEAD: Final = 1 << 16
"""Bytes in which everything before the ciphertext must fit."""
_KEY: Final = 32
_NONCE: Final = 12
_TAG: Final = 16
_AUTH_ENVELOPED: Final = der.oid("1.2.840.113549.1.9.16.1.23")
_PLAIN: Final = der.oid("1.2.840.113549.1.7.1")
_AES256_GCM: Final = der.oid("2.16.840.1.101.3.4.1.46")
_TRAILER: Final = len(der.octets(bytes(_TAG)))
_CIPHERTEXT: Final = der.CONTEXT + 0


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: hashes in hex, size of the object in bytes."""

    plaintext_sha256: str
    object_sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Layout:
    """What an object shows without a key, not authenticated. `context` is bound to every recipient's share."""

    shares: tuple[RecipientInfo, ...]
    nonce: bytes
    tag: bytes
    offset: int
    """Of the ciphertext, in bytes from the start."""
    plaintext_size: int

    @property
    def context(self) -> bytes:
        return self.shares[0].context


def write(source: BinaryIO, size: int, target: BinaryIO, to: Sequence[Recipient], context: bytes) -> Written:
    """Encrypt exactly `size` bytes of `source` to every recipient, under one fresh key and nonce.

    `context` is the 32-byte digest bound to each share. Raises `StationFault` `recipient-missing` or
    `source-changed` (more or fewer bytes than `size`), `SheetFault("document-too-large")` beyond 512 MiB.
    """
    if not to:
        raise StationFault("recipient-missing")
    if len(context) != recipients.CONTEXT_SIZE:
        raise ValueError("a context is 32 bytes")
    key, nonce = os.urandom(_KEY), os.urandom(_NONCE)
    head = _head([recipients.wrap(recipient, key, context) for recipient in to], nonce, size)
    if len(head) > _HEAD:
        raise StationFault("recipient-unusable", reason="too-large")
    if len(head) + size + _TRAILER > MAXIMUM:
        raise SheetFault("document-too-large", maximum_mib=MAXIMUM >> 20)
    encryptor = Cipher(algorithms.AES(key), modes.GCM(nonce)).encryptor()
    plain, whole = hashlib.sha256(), hashlib.sha256(head)
    target.write(head)
    for chunk in _exactly(source, size):
        plain.update(chunk)
        encrypted = encryptor.update(chunk)
        whole.update(encrypted)
        target.write(encrypted)
    encryptor.finalize()
    trailer = der.octets(encryptor.tag)
    whole.update(trailer)
    target.write(trailer)
    return Written(plain.hexdigest(), whole.hexdigest(), len(head) + size + len(trailer))


def inspect(source: BinaryIO) -> Layout:
    """Read an object's shape, from a seekable stream. Raises `TamperFault("envelope-forged")`, whatever the bytes."""
    try:
        return _layout(source)
    except der.NotDer:
        raise TamperFault("envelope-forged") from None


def read(
    source: BinaryIO, target: BinaryIO, key: PrivateKey, certificate: x509.Certificate, context: bytes | None
) -> str:
    """Decrypt a seekable `source` into `target`; the plaintext's SHA-256, hex.

    What is in `target` counts only once this has returned: the tag is checked last. `context` is the expected
    digest; None: any. Raises `StationFault("key-not-recipient")` when the object names no share for the
    certificate, `TamperFault("envelope-forged")` for everything else, whatever the bytes.
    """
    layout = inspect(source)
    share = _share(layout, key, certificate)
    if context is not None and not hmac.compare_digest(share.context, context):
        raise TamperFault("envelope-forged")
    try:
        opened = share.unwrap(key)
    except ValueError:
        raise TamperFault("envelope-forged") from None
    if len(opened) != _KEY:
        raise TamperFault("envelope-forged")
    return _decrypt(source, target, layout, opened)


def _decrypt(source: BinaryIO, target: BinaryIO, layout: Layout, key: bytes) -> str:
    decryptor = Cipher(algorithms.AES(key), modes.GCM(layout.nonce, layout.tag)).decryptor()
    plain = hashlib.sha256()
    source.seek(layout.offset)
    left = layout.plaintext_size
    while left:
        chunk = source.read(min(_CHUNK, left))
        if not chunk:
            raise TamperFault("envelope-forged")
        opened = decryptor.update(chunk)
        plain.update(opened)
        target.write(opened)
        left -= len(chunk)
    try:
        decryptor.finalize()
    except InvalidTag:
        raise TamperFault("envelope-forged") from None
    return plain.hexdigest()


def _share(layout: Layout, key: PrivateKey, certificate: x509.Certificate) -> RecipientInfo:
    name = recipients.issuer_serial(certificate)
    for share in layout.shares:
        if share.issuer_serial == name and recipients.same_key(key, certificate):
            return share
    raise StationFault("key-not-recipient")


def _exactly(source: BinaryIO, size: int) -> Iterator[bytes]:
    left = size
    while left:
        chunk = source.read(min(_CHUNK, left))
        if not chunk:
            raise StationFault("source-changed")
        left -= len(chunk)
        yield chunk
    if source.read(1):
        raise StationFault("source-changed")


def _head(shares: Sequence[RecipientInfo], nonce: bytes, size: int) -> bytes:
    """Everything before `size` bytes of ciphertext: five nested values, each announcing what is still to come."""
    algorithm = der.sequence(_AES256_GCM, der.sequence(der.octets(nonce), der.integer(_TAG)))
    content = _open(der.SEQUENCE, _PLAIN + algorithm + _open(_CIPHERTEXT, b"", size), size)
    infos = der.tlv(der.SET, *sorted(share.encode() for share in shares))
    to_come = size + _TRAILER
    envelope = _open(der.SEQUENCE, der.integer(0) + infos + content, to_come)
    return _open(der.SEQUENCE, _AUTH_ENVELOPED + _open(der.EXPLICIT + 0, envelope, to_come), to_come)


def _open(tag: int, begun: bytes, to_come: int) -> bytes:
    """The beginning of a value of which `to_come` bytes follow later."""
    return bytes([tag]) + der.length(len(begun) + to_come) + begun


def _layout(source: BinaryIO) -> Layout:
    total = source.seek(0, os.SEEK_END)
    if total > MAXIMUM:
        raise der.NotDer
    source.seek(0)
    head = source.read(_HEAD)
    cursor = der.Cursor(head, total)
    cursor.enter(der.SEQUENCE)
    cursor.expect(_AUTH_ENVELOPED)
    cursor.enter(der.EXPLICIT + 0)
    cursor.enter(der.SEQUENCE)
    cursor.expect(der.integer(0))
    shares = _shares(cursor.take(der.SET))
    cursor.enter(der.SEQUENCE)
    cursor.expect(_PLAIN)
    nonce = _nonce(cursor)
    size = cursor.enter(_CIPHERTEXT)
    # Writing it again leaves no slack in any length, no second form of a share, and the shares sorted as in a SET.
    if head[: cursor.position] != _head(shares, nonce, size) or cursor.position + size + _TRAILER != total:
        raise der.NotDer
    source.seek(total - _TRAILER)
    tag = der.Cursor(source.read(_TRAILER)).take(der.OCTET_STRING)
    if len(tag) != _TAG:
        raise der.NotDer
    return Layout(shares, nonce, tag, cursor.position, size)


def _shares(encoded: bytes) -> tuple[RecipientInfo, ...]:
    cursor = der.Cursor(encoded)
    shares = []
    while not cursor.at_end():
        shares.append(recipients.decode(cursor.whole(cursor.next_tag())))
    if len({share.context for share in shares}) != 1:
        raise der.NotDer
    return tuple(shares)


def _nonce(cursor: der.Cursor) -> bytes:
    cursor.enter(der.SEQUENCE)
    cursor.expect(_AES256_GCM)
    cursor.enter(der.SEQUENCE)
    nonce = cursor.take(der.OCTET_STRING)
    if len(nonce) != _NONCE:
        raise der.NotDer
    cursor.expect(der.integer(_TAG))
    return nonce
