"""Certificates and private keys in files: the recipients' (X.509, RFC 5280; PKCS 8), and the station's own."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from lexicon.faults import StationFault
from storage.files import disk_faults, replacing
from storage.recipients import TRIAL_UNIT, PrivateKey, Recipient

VALIDITY: Final = timedelta(days=20 * 365)
"""Of what the station certifies itself: as long as records are kept; rotation comes sooner, by a new key."""

_PEM: Final = b"-----BEGIN"
_SLACK: Final = timedelta(days=1)


def create_trial_recipient(directory: Path, name: str, at: datetime) -> Recipient:
    """Make `<name>.key` (PKCS 8 PEM, 0600) and `<name>.crt` (self-signed, P-384), marked for trials only.

    Raises `StationFault("keys-exist")` when either is there.
    """
    key_path, certificate_path = directory / f"{name}.key", directory / f"{name}.crt"
    if key_path.exists() or certificate_path.exists():
        raise StationFault("keys-exist")
    key = ec.generate_private_key(ec.SECP384R1())
    subject = x509.Name(
        [
            x509.NameAttribute(x509.NameOID.ORGANIZATIONAL_UNIT_NAME, TRIAL_UNIT),
            x509.NameAttribute(x509.NameOID.COMMON_NAME, name),
        ]
    )
    certificate = self_signed(key, subject, at, _usage(agreement=True))
    write_new(key_path, pem(key))
    write_new(certificate_path, certificate.public_bytes(serialization.Encoding.PEM))
    return Recipient(certificate)


def load_recipient(path: Path) -> Recipient:
    """The recipient whose certificate (PEM or DER) is in a file; whether it is valid today, `require_valid` says.

    Raises `StationFault("recipient-unusable")`: unreadable, weak, or of another use.
    """
    return Recipient(load_certificate(path))


def load_certificate(path: Path) -> x509.Certificate:
    """A certificate from a PEM or DER file. Raises `StationFault("recipient-unusable")`."""
    try:
        encoded = path.read_bytes()
        if encoded.lstrip().startswith(_PEM):
            return x509.load_pem_x509_certificate(encoded)
        return x509.load_der_x509_certificate(encoded)
    except OSError:
        raise StationFault("recipient-unusable", reason="unreadable") from None
    except (ValueError, UnsupportedAlgorithm):
        raise StationFault("recipient-unusable", reason="certificate") from None


def load_private_key(path: Path, password: bytes | None = None) -> PrivateKey:
    """A recipient's private key from a PEM or DER file. Raises `StationFault("private-key-unreadable")`."""
    try:
        encoded = path.read_bytes()
        load = serialization.load_der_private_key
        if encoded.lstrip().startswith(_PEM):
            load = serialization.load_pem_private_key
        key = load(encoded, password)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm):
        raise StationFault("private-key-unreadable") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise StationFault("private-key-unreadable")
    return key


def self_signed(
    key: ec.EllipticCurvePrivateKey, subject: x509.Name, at: datetime, usage: x509.KeyUsage
) -> x509.Certificate:
    """A certificate for its own key, valid from the day before `at`: clocks differ."""
    public_key = key.public_key()
    return (
        x509.CertificateBuilder(subject, subject, public_key, x509.random_serial_number())
        .not_valid_before(at - _SLACK)
        .not_valid_after(at + VALIDITY)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .sign(key, hashes.SHA384())
    )


def signing_usage() -> x509.KeyUsage:
    """What the station's signature certificate is for."""
    return _usage(agreement=False)


def pem(key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def write_new(path: Path, content: bytes) -> None:
    """A new 0600 file, whole or not at all. Raises `StationFault` `disk-full` or `disk-unusable`."""
    with disk_faults(), replacing(path) as stream:
        stream.write(content)


def _usage(*, agreement: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not agreement,
        content_commitment=not agreement,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=agreement,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
