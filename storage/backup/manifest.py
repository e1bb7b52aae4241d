"""What a backup says of itself in clear: station, ledger's head, parts with their hashes (RFC 8785), signed.

Nothing in it names anybody. `openssl cms -verify` checks the signature, `sha256sum` the parts.
"""

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import rfc8785
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from lexicon.faults import StationFault, TamperFault
from storage.custody import ULID
from storage.files import disk_faults
from storage.header import BackupHeader
from storage.signature import verify

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
SIGNATURE: Final = "manifest.p7s"
MEDIA_TYPE: Final = "application/gzip"

_LARGEST: Final = 1 << 20
"""Bytes of a manifest or of a signature, at most."""


@dataclass(frozen=True, slots=True)
class Part:
    """One sealed file of a backup; hashes are SHA-256 in hex, sizes bytes."""

    name: str
    sha256: str
    size: int
    plaintext_sha256: str
    plaintext_size: int


@dataclass(frozen=True, slots=True)
class Expected:
    """What is known of a part before it is opened (storage.receipt.Expected)."""

    sha256: str
    size: int
    plaintext_sha256: str
    header_digest: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """`entries` and `root` (hex) are the ledger's when the copy was made, `at` is when (UTC)."""

    backup: str
    station: str
    epoch: int
    entries: int
    root: str
    at: str
    software: str
    certificate: str
    """The station's, DER in base64: whom the signature must be from."""
    recipients: tuple[str, ...]
    """SHA-256 of the certificates that it is sealed to."""
    parts: tuple[Part, ...]

    def canonical(self) -> bytes:
        """RFC 8785 bytes, as signed."""
        return rfc8785.dumps({**asdict(self), "kind": "backup", "v": FORMAT})

    def expected(self, number: int) -> Expected:
        """Of part `number`, from 1."""
        part = self.parts[number - 1]
        header = BackupHeader(self.backup, number, part.plaintext_sha256, MEDIA_TYPE)
        return Expected(part.sha256, part.size, part.plaintext_sha256, header.digest())

    @property
    def signer(self) -> x509.Certificate:
        """Raises ValueError, `x509.InvalidVersion`."""
        return x509.load_der_x509_certificate(base64.b64decode(self.certificate, validate=True))

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the station's certificate, as OpenSSL writes it."""
        return self.signer.fingerprint(SHA256()).hex(":").upper()


def encoded(certificate: x509.Certificate) -> str:
    """A certificate as the manifest holds it."""
    return base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()


def read_manifest(folder: Path) -> Manifest:
    """The manifest in a backup's folder, signed by whom it names: who that is, only the caller can know.

    Raises `StationFault` `backup-unreadable` (no backup there) or `backup-newer`; `TamperFault("backup-forged")`.
    """
    content, signature = _content(folder / MANIFEST), _content(folder / SIGNATURE)
    try:
        stated = json.loads(content)
        if isinstance(stated, dict) and isinstance(version := stated.get("v"), int) and version > FORMAT:
            raise StationFault("backup-newer")
        manifest = _manifest(stated)
        verify(signature, manifest.canonical(), manifest.signer)
        same = manifest.canonical() == content
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, x509.InvalidVersion, UnsupportedAlgorithm):
        raise TamperFault("backup-forged", file=MANIFEST) from None
    except TamperFault:
        raise TamperFault("backup-forged", file=MANIFEST) from None
    if not same:
        raise TamperFault("backup-forged", file=MANIFEST)
    return manifest


def require_parts(folder: Path, manifest: Manifest) -> None:
    """Raise `StationFault("backup-incomplete")` or `TamperFault("backup-forged")` unless each part is as stated."""
    for part in manifest.parts:
        path = folder / part.name
        if not path.is_file():
            raise StationFault("backup-incomplete", file=part.name)
        with disk_faults(), path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        if path.stat().st_size != part.size or digest != part.sha256:
            raise TamperFault("backup-forged", file=part.name)


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(_LARGEST)
    except OSError:
        raise StationFault("backup-unreadable", path=str(path.parent)) from None


def _manifest(stated: Mapping[str, Any]) -> Manifest:
    parts = tuple(Part(**part) for part in stated["parts"])
    kept = {name: value for name, value in stated.items() if name not in ("parts", "recipients", "kind", "v")}
    names = [f"part-{number:04d}.cms" for number in range(1, len(parts) + 1)]
    if [part.name for part in parts] != names or not parts:
        raise ValueError("parts are numbered")
    if re.fullmatch(ULID, kept["backup"]) is None:
        raise ValueError("its number names a folder")
    return Manifest(**kept, parts=parts, recipients=tuple(stated["recipients"]))
