"""The two second factors: codes by the clock (RFC 6238) and a private key's signature."""

from datetime import datetime, timedelta
from typing import Final

import pyotp
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from lexicon.faults import StationFault

STEP: Final = timedelta(seconds=30)
_WINDOW: Final = (-1, 0, 1)
"""Steps around the present one whose code is taken: clocks of telephones differ."""
_CURVES: Final = {"secp256r1": hashes.SHA256, "secp384r1": hashes.SHA384}

_Private = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey
_Public = ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey


def new_secret() -> bytes:
    """A fresh shared secret: 160 bits in base 32 (RFC 4226, section 4)."""
    return pyotp.random_base32(32).encode()


def otpauth(secret: bytes, station: str, name: str) -> str:
    """The address that an authenticator takes in, as text or as a code."""
    return pyotp.TOTP(secret.decode()).provisioning_uri(name=name, issuer_name=f"Liasse {station}")


def steps_of(secret: bytes, digits: str, now: datetime) -> tuple[int, ...]:
    """The time steps around `now` (UTC) of which this is the code."""
    counter, present = pyotp.HOTP(secret.decode()), int(now.timestamp()) // int(STEP.total_seconds())
    typed = digits.replace(" ", "")
    if not (typed.isascii() and typed.isdigit()):
        return ()
    steps = (present + offset for offset in _WINDOW)
    return tuple(step for step in steps if counter.verify(typed, step))


def public_key_of(pem: bytes) -> bytes:
    """DER of the public key in a PEM file. Raises `StationFault("identity-key-unreadable")`."""
    try:
        key = serialization.load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        raise StationFault("identity-key-unreadable") from None
    if not isinstance(key, _Public) or not _fits(key):
        raise StationFault("identity-key-unreadable")
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def sign_challenge(pem: bytes, password: bytes | None, content: bytes) -> bytes:
    """A signature by the private key of a PEM file. Raises `StationFault("identity-key-unreadable")`."""
    key = _private(pem, password)
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(content)
    return key.sign(content, ec.ECDSA(_CURVES[key.curve.name]()))


def signature_holds(public_key: bytes, signature: bytes, content: bytes) -> bool:
    """Whether the owner of a public key (DER) signed just this."""
    key = serialization.load_der_public_key(public_key)
    try:
        match key:
            case ed25519.Ed25519PublicKey():
                key.verify(signature, content)
            case ec.EllipticCurvePublicKey():
                key.verify(signature, content, ec.ECDSA(_CURVES[key.curve.name]()))
            case _:
                return False
    except InvalidSignature:
        return False
    return True


def _private(pem: bytes, password: bytes | None) -> _Private:
    try:
        key = serialization.load_pem_private_key(pem, password)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise StationFault("identity-key-unreadable") from None
    if not isinstance(key, _Private) or not _fits(key.public_key()):
        raise StationFault("identity-key-unreadable")
    return key


def _fits(key: _Public) -> bool:
    return isinstance(key, ed25519.Ed25519PublicKey) or key.curve.name in _CURVES
