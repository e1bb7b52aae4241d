"""Invented documents, clearances, recipients and one station, for the tests of what lasts."""

import hashlib
import io
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from consent_gate.gate import Policy, decide
from consent_gate.model import (
    Clearance,
    DocumentId,
    Fact,
    FactKind,
    KnownPatient,
    Moment,
    PatientRef,
    Refused,
)
from storage.envelope import Header, RefusedHeader, Sealed, seal
from storage.recipients import PrivateKey, Recipient

NOW = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
DOCUMENT = DocumentId("01JHN0Q8V5Z6Q2W3E4R5T6Y7U8")
OTHER = DocumentId("01JHN0Q8V5ZZZZZZZZZZZZZZZZ")
PDF = "application/pdf"


def cleared(document: DocumentId = DOCUMENT) -> Clearance:
    """What the gate answers for a patient with an authorization."""
    match _decide(document, FactKind.GRANTED):
        case Clearance() as clearance:
            return clearance
        case Refused():
            raise AssertionError


def refused(document: DocumentId = DOCUMENT) -> Refused:
    """What the gate answers for a patient who said no."""
    match _decide(document, FactKind.REFUSED):
        case Refused() as refusal:
            return refusal
        case Clearance():
            raise AssertionError


def _decide(document: DocumentId, kind: FactKind) -> Clearance | Refused:
    fact = Fact(reference="f1", kind=kind, on=date(2025, 1, 1), recorded_at=NOW)
    moment = Moment(NOW, NOW.date())
    return decide(document, PatientRef("P-0001"), None, KnownPatient((fact,), NOW), moment, Policy())


@dataclass(frozen=True, slots=True)
class Holder:
    """A recipient with its private key."""

    key: PrivateKey
    recipient: Recipient

    @property
    def certificate(self) -> x509.Certificate:
        return self.recipient.certificate

    def write(self, folder: Path, name: str) -> tuple[Path, Path]:
        """The private key and the certificate as PEM files."""
        key, certificate = folder / f"{name}.key", folder / f"{name}.crt"
        key.write_bytes(
            self.key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        certificate.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))
        return key, certificate


@cache
def holder(kind: str, name: str = "client") -> Holder:
    """A holder of a `p256`, `p384`, `p521`, or `rsa` (3072 bits) key."""
    key = new_key(kind)
    return Holder(key, Recipient(certify(key, name)))


def new_key(kind: str) -> PrivateKey:
    if kind == "rsa":
        return rsa.generate_private_key(65537, 3072)
    curves: dict[str, ec.EllipticCurve] = {"p256": ec.SECP256R1(), "p384": ec.SECP384R1(), "p521": ec.SECP521R1()}
    return ec.generate_private_key(curves[kind])


def certify(
    key: PrivateKey,
    name: str,
    *,
    until: datetime = NOW + timedelta(days=3650),
    usage: x509.KeyUsage | None = None,
) -> x509.Certificate:
    """A self-signed certificate with a subject like those that clients have."""
    subject = x509.Name(
        [
            x509.NameAttribute(x509.NameOID.COUNTRY_NAME, "FR"),
            x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "Service de santé inventé"),
            x509.NameAttribute(x509.NameOID.COMMON_NAME, name),
        ]
    )
    builder = x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(NOW - timedelta(days=3650)).not_valid_after(until)
    if usage is not None:
        builder = builder.add_extension(usage, critical=True)
    return builder.sign(key, hashes.SHA256())


def header_of(plaintext: bytes, document: DocumentId = DOCUMENT) -> Header:
    return Header(document, 1, cleared(document).decision, hashlib.sha256(plaintext).hexdigest(), PDF)


def refused_header_of(plaintext: bytes, document: DocumentId = DOCUMENT) -> RefusedHeader:
    return RefusedHeader(document, 1, refused(document).decision, hashlib.sha256(plaintext).hexdigest(), "image/tiff")


def sealed_at(target: Path, plaintext: bytes, *holders: Holder) -> Sealed:
    """The envelope of a cleared document, at `target`."""
    recipients = [each.recipient for each in holders] or [holder("p384").recipient]
    return seal(
        io.BytesIO(plaintext), len(plaintext), header_of(plaintext), cleared(), recipients=recipients, target=target
    )
