"""The station's own keys: made once, in one folder of the station's user, each for one use (NIST SP 800-57, 5.2).

The private keys of the client and of the escrow are never here.
"""

import hmac
import os
import re
import secrets
import shutil
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from consent_gate.model import DocumentId, PatientRef
from lexicon.faults import StationFault
from storage import certificates
from storage.certificates import create_trial_recipient, load_certificate, load_private_key, load_recipient
from storage.effects import effect
from storage.files import disk_faults, sync_folder
from storage.recipients import PrivateKey, Recipient, require_apart

__all__ = [
    "PrivateKey",
    "Recipient",
    "StationKeys",
    "create_trial_recipient",
    "load_certificate",
    "load_private_key",
    "load_recipient",
    "require_apart",
]

CERTIFICATE: Final = "station.crt"

_SIZE: Final = 32
_SYMMETRIC: Final = ("columns", "blind", "pseudonym", "object_names", "spool", "release", "backup")
_CHECKPOINT: Final = "checkpoint"
_SIGNATURE: Final = "signature"
_LOOSE: Final = 0o077
_LARGEST: Final = 1 << 16
_STATION: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


@dataclass(frozen=True, slots=True)
class StationKeys:
    """Everything the station can decrypt, name or sign with. Never printed, never logged.

    Symmetric keys are 32 bytes: `columns` (AES-256-GCM of identity columns), `blind` (blind indexes), `pseudonym`
    (subjects in the custody ledger), `object_names`, `spool` (wraps the keys of working files), `release` (wraps
    the keys of curable quarantine) and `backup` (AES-256-GCM of what the host keeps of the rows since a backup).
    """

    columns: bytes = field(repr=False)
    blind: bytes = field(repr=False)
    pseudonym_key: bytes = field(repr=False)
    object_names: bytes = field(repr=False)
    spool: bytes = field(repr=False)
    release: bytes = field(repr=False)
    backup: bytes = field(repr=False)
    checkpoint: ed25519.Ed25519PrivateKey = field(repr=False)
    signature: ec.EllipticCurvePrivateKey = field(repr=False)
    certificate: x509.Certificate

    @classmethod
    def create(cls, directory: Path, station: str, at: datetime) -> "StationKeys":
        """Make the keys of a station named `station` (a-z, 0-9, hyphen) in a new 0700 folder, all or none.

        Raises `StationFault` `keys-exist`, `station-name`, `disk-full` or `disk-unusable`.
        """
        require_station_name(station)
        if directory.exists():
            raise StationFault("keys-exist")
        made = directory.with_name(directory.name + ".part")
        with disk_faults(), effect("keys.create"):
            shutil.rmtree(made, ignore_errors=True)
            made.mkdir(0o700, parents=True)
            _make(made, station, at)
            made.rename(directory)
            sync_folder(directory.parent)
        return cls.load(directory)

    @classmethod
    def load(cls, directory: Path) -> "StationKeys":
        """Read the station's keys. Raises `StationFault` `key-unavailable` or `key-permissions`, naming the key."""
        _require_private(directory, stat.S_ISDIR, "keys")
        columns, blind, pseudonym, names, spool, release, backup = (_symmetric(directory, name) for name in _SYMMETRIC)
        checkpoint, signature = _private(directory, _CHECKPOINT), _private(directory, _SIGNATURE)
        certificate = _certificate(directory)
        if not isinstance(checkpoint, ed25519.Ed25519PrivateKey):
            raise StationFault("key-unavailable", key=_CHECKPOINT)
        if not isinstance(signature, ec.EllipticCurvePrivateKey) or signature.public_key() != certificate.public_key():
            raise StationFault("key-unavailable", key=_SIGNATURE)
        return cls(columns, blind, pseudonym, names, spool, release, backup, checkpoint, signature, certificate)

    def pseudonym(self, patient: PatientRef) -> str:
        """The patient's name in the custody ledger: HMAC-SHA-256, hex."""
        return hmac.digest(self.pseudonym_key, patient.encode(), "sha256").hex()

    def object_key(self, station: str, document: DocumentId, version: int) -> str:
        """Where a document's version lies at the host: the same for a retry, with nothing to learn from it."""
        return self._name(station, f"document|{document}|{version}")

    def index_key(self, station: str, batch: str, version: int) -> str:
        """Where a version of a batch's index lies at the host."""
        return self._name(station, f"index|{batch}|{version}")

    def form_key(self, station: str, returned: str, version: int) -> str:
        """Where a version of a signed authorization form lies at the host."""
        return self._name(station, f"form|{returned}|{version}")

    def _name(self, station: str, named: str) -> str:
        require_station_name(station)
        return f"{station}/{hmac.digest(self.object_names, named.encode(), 'sha256').hex()}.p7m"


def key_files() -> tuple[str, ...]:
    """The names of the files in a station's folder of keys."""
    return (*(f"{name}.key" for name in _SYMMETRIC), f"{_CHECKPOINT}.pem", f"{_SIGNATURE}.pem", CERTIFICATE)


def require_station_name(station: str) -> None:
    """Raise `StationFault("station-name")` unless it is 1 to 63 of a-z, 0-9 and hyphen, not hyphen first."""
    if not _STATION.fullmatch(station):
        raise StationFault("station-name")


def _make(directory: Path, station: str, at: datetime) -> None:
    for name in _SYMMETRIC:
        certificates.write_new(directory / f"{name}.key", secrets.token_bytes(_SIZE))
    checkpoint = ed25519.Ed25519PrivateKey.generate()
    signature = ec.generate_private_key(ec.SECP384R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, station)])
    certificate = certificates.self_signed(signature, subject, at, certificates.signing_usage())
    contents: Mapping[str, bytes] = {
        f"{_CHECKPOINT}.pem": certificates.pem(checkpoint),
        f"{_SIGNATURE}.pem": certificates.pem(signature),
        CERTIFICATE: certificate.public_bytes(serialization.Encoding.PEM),
    }
    for file_name, content in contents.items():
        certificates.write_new(directory / file_name, content)


def _symmetric(directory: Path, name: str) -> bytes:
    content = _content(directory / f"{name}.key", name)
    if len(content) != _SIZE:
        raise StationFault("key-unavailable", key=name)
    return content


def _private(directory: Path, name: str) -> object:
    try:
        return serialization.load_pem_private_key(_content(directory / f"{name}.pem", name), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise StationFault("key-unavailable", key=name) from None


def _certificate(directory: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(_content(directory / CERTIFICATE, CERTIFICATE))
    except ValueError:
        raise StationFault("key-unavailable", key=CERTIFICATE) from None


def _content(path: Path, name: str) -> bytes:
    _require_private(path, stat.S_ISREG, name)
    try:
        with path.open("rb") as stream:
            return stream.read(_LARGEST)
    except OSError:
        raise StationFault("key-unavailable", key=name) from None


def _require_private(path: Path, right_kind: Callable[[int], bool], name: str) -> None:
    try:
        found = path.lstat()
    except OSError:
        raise StationFault("key-unavailable", key=name) from None
    if not right_kind(found.st_mode):
        raise StationFault("key-unavailable", key=name)
    if found.st_mode & _LOOSE or found.st_uid != os.geteuid():
        raise StationFault("key-permissions", key=name)
