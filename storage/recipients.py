"""Who can open an envelope, and how its key reaches them (RFC 5652 section 6.2, RFC 5753, RFC 3560, RFC 4055).

An elliptic-curve recipient gets the key by ephemeral-static ECDH (X9.63 KDF with SHA-384, AES-256 key wrap), an
RSA recipient by OAEP with SHA-256. Both bind the envelope's context, a SHA-256: in the ECDH `ukm`, in the OAEP label.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.kdf.x963kdf import X963KDF
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from lexicon.faults import StationFault
from storage import der

CONTEXT_SIZE: Final = 32
TRIAL_UNIT: Final = "Liasse trial"
"""The organisational unit that marks a certificate as fit for trials only."""

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
RecipientKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey

_RSA_BITS: Final = 3072
_CURVES: Final = (ec.SECP384R1, ec.SECP256R1, ec.SECP521R1)
_KEY_SIZE: Final = 32
_UNCOMPRESSED: Final = b"\x04"

_SHA256: Final = der.sequence(der.oid("2.16.840.1.101.3.4.2.1"))
_OAEP: Final = der.oid("1.2.840.113549.1.1.7")
_MGF1: Final = der.sequence(der.oid("1.2.840.113549.1.1.8"), _SHA256)
_P_SPECIFIED: Final = der.oid("1.2.840.113549.1.1.9")
_EC_PUBLIC_KEY: Final = der.sequence(der.oid("1.2.840.10045.2.1"))
_AES256_WRAP: Final = der.sequence(der.oid("2.16.840.1.101.3.4.1.45"))
_ECDH_SHA384: Final = der.sequence(der.oid("1.3.132.1.11.2"), _AES256_WRAP)
_KEY_BITS: Final = (8 * _KEY_SIZE).to_bytes(4, "big")


@dataclass(frozen=True, slots=True)
class Recipient:
    """A certificate to whose holder envelopes are sealed.

    Raises `StationFault("recipient-unusable")` for anything but RSA of 3072 bits and more, or EC on P-256, P-384
    or P-521, and for a key usage that forbids it.
    """

    certificate: x509.Certificate

    def __post_init__(self) -> None:
        _require_strength(self.public_key)
        _require_usage(self.certificate)

    @property
    def public_key(self) -> RecipientKey:
        match self.certificate.public_key():
            case ec.EllipticCurvePublicKey() | rsa.RSAPublicKey() as key:
                return key
            case _:
                raise StationFault("recipient-unusable", reason="key-type")

    @property
    def trial(self) -> bool:
        """Whether the certificate is marked for trials: production refuses it."""
        units = self.certificate.subject.get_attributes_for_oid(x509.NameOID.ORGANIZATIONAL_UNIT_NAME)
        return any(unit.value == TRIAL_UNIT for unit in units)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, hex."""
        return self.certificate.fingerprint(hashes.SHA256()).hex()

    def require_valid(self, at: datetime) -> None:
        """Raise `StationFault("recipient-unusable")` outside the certificate's validity; `at` is an aware time."""
        if at > self.certificate.not_valid_after_utc:
            raise StationFault("recipient-unusable", reason="expired")
        if at < self.certificate.not_valid_before_utc:
            raise StationFault("recipient-unusable", reason="not-yet-valid")


def require_apart(recipients: Sequence[Recipient]) -> None:
    """Raise `StationFault("recipient-twice")` where two have one key: an escrow that is the client rescues nothing."""
    keys = {
        each.public_key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        for each in recipients
    }
    if len(keys) < len(recipients):
        raise StationFault("recipient-twice")


def _require_strength(key: RecipientKey) -> None:
    if isinstance(key, rsa.RSAPublicKey):
        if key.key_size < _RSA_BITS:
            raise StationFault("recipient-unusable", reason="rsa-too-short")
    elif not isinstance(key.curve, _CURVES):
        raise StationFault("recipient-unusable", reason="curve")


def _require_usage(certificate: x509.Certificate) -> None:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return
    except ValueError:
        raise StationFault("recipient-unusable", reason="certificate") from None
    agreement = isinstance(certificate.public_key(), ec.EllipticCurvePublicKey)
    if not (usage.key_agreement if agreement else usage.key_encipherment):
        raise StationFault("recipient-unusable", reason="key-usage")


@dataclass(frozen=True, slots=True)
class KeyTransport:
    """KeyTransRecipientInfo: an RSA recipient's share."""

    TAG: ClassVar[int] = der.SEQUENCE

    issuer_serial: bytes
    context: bytes
    wrapped: bytes

    def encode(self) -> bytes:
        label = der.sequence(_P_SPECIFIED, der.octets(self.context))
        parameters = der.sequence(
            der.tlv(der.EXPLICIT + 0, _SHA256), der.tlv(der.EXPLICIT + 1, _MGF1), der.tlv(der.EXPLICIT + 2, label)
        )
        algorithm = der.sequence(_OAEP, parameters)
        return der.sequence(der.integer(0), self.issuer_serial, algorithm, der.octets(self.wrapped))

    @classmethod
    def decode(cls, cursor: der.Cursor) -> "KeyTransport":
        cursor.enter(cls.TAG)
        cursor.expect(der.integer(0))
        issuer_serial = cursor.whole(der.SEQUENCE)
        cursor.enter(der.SEQUENCE)
        cursor.expect(_OAEP)
        cursor.enter(der.SEQUENCE)
        cursor.expect(der.tlv(der.EXPLICIT + 0, _SHA256) + der.tlv(der.EXPLICIT + 1, _MGF1))
        cursor.enter(der.EXPLICIT + 2)
        cursor.enter(der.SEQUENCE)
        cursor.expect(_P_SPECIFIED)
        return cls(issuer_serial, cursor.take(der.OCTET_STRING), cursor.take(der.OCTET_STRING))

    def unwrap(self, key: PrivateKey) -> bytes:
        """The envelope's key. Raises `ValueError` whatever is wrong."""
        if not isinstance(key, rsa.RSAPrivateKey):
            raise der.NotDer
        return key.decrypt(self.wrapped, _oaep(self.context))


@dataclass(frozen=True, slots=True)
class KeyAgreement:
    """KeyAgreeRecipientInfo with one recipient: an elliptic-curve recipient's share."""

    TAG: ClassVar[int] = der.EXPLICIT + 1

    issuer_serial: bytes
    context: bytes
    wrapped: bytes
    point: bytes
    """The ephemeral public key, uncompressed (SEC 1)."""

    def encode(self) -> bytes:
        public_key = der.tlv(der.EXPLICIT + 1, _EC_PUBLIC_KEY, der.tlv(der.BIT_STRING, b"\0", self.point))
        return der.tlv(
            self.TAG,
            der.integer(3),
            der.tlv(der.EXPLICIT + 0, public_key),
            der.tlv(der.EXPLICIT + 1, der.octets(self.context)),
            _ECDH_SHA384,
            der.sequence(der.sequence(self.issuer_serial, der.octets(self.wrapped))),
        )

    @classmethod
    def decode(cls, cursor: der.Cursor) -> "KeyAgreement":
        cursor.enter(cls.TAG)
        cursor.expect(der.integer(3))
        cursor.enter(der.EXPLICIT + 0)
        cursor.enter(der.EXPLICIT + 1)
        cursor.expect(_EC_PUBLIC_KEY)
        point = cursor.take(der.BIT_STRING)[1:]
        cursor.enter(der.EXPLICIT + 1)
        context = cursor.take(der.OCTET_STRING)
        cursor.expect(_ECDH_SHA384)
        cursor.enter(der.SEQUENCE)
        cursor.enter(der.SEQUENCE)
        issuer_serial = cursor.whole(der.SEQUENCE)
        return cls(issuer_serial, context, cursor.take(der.OCTET_STRING), point)

    def unwrap(self, key: PrivateKey) -> bytes:
        """The envelope's key. Raises `ValueError` whatever is wrong."""
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise der.NotDer
        if self.point[:1] != _UNCOMPRESSED:
            raise der.NotDer
        ephemeral = ec.EllipticCurvePublicKey.from_encoded_point(key.curve, self.point)
        try:
            return aes_key_unwrap(_agreed(key, ephemeral, self.context), self.wrapped)
        except InvalidUnwrap:
            raise der.NotDer from None


RecipientInfo = KeyTransport | KeyAgreement


def decode(encoded: bytes) -> RecipientInfo:
    """One recipient's share from its DER. Raises `der.NotDer`.

    Lengths around its fields are not compared with each other: `storage.cms` writes the share again and compares.
    """
    kind: Callable[[der.Cursor], RecipientInfo] = KeyTransport.decode
    if encoded[:1] == bytes([KeyAgreement.TAG]):
        kind = KeyAgreement.decode
    share = kind(der.Cursor(encoded))
    if len(share.context) != CONTEXT_SIZE:
        raise der.NotDer
    return share


def wrap(recipient: Recipient, key: bytes, context: bytes) -> RecipientInfo:
    """An envelope's 32-byte key for one recipient, bound to the 32-byte context."""
    match recipient.public_key:
        case rsa.RSAPublicKey() as transport:
            name = issuer_serial(recipient.certificate)
            return KeyTransport(name, context, transport.encrypt(key, _oaep(context)))
        case agreement:
            return _agree(recipient.certificate, agreement, key, context)


def issuer_serial(certificate: x509.Certificate) -> bytes:
    """IssuerAndSerialNumber, with the issuer's name in the very bytes of the certificate (RFC 5652 section 10.2.4)."""
    certified = der.Cursor(certificate.tbs_certificate_bytes)
    certified.enter(der.SEQUENCE)
    if certified.next_tag() == der.EXPLICIT + 0:
        certified.take(der.EXPLICIT + 0)
    serial = certified.whole(der.INTEGER)
    certified.take(der.SEQUENCE)
    return der.sequence(certified.whole(der.SEQUENCE), serial)


def same_key(key: PrivateKey, certificate: x509.Certificate) -> bool:
    """Whether the private key belongs to the certificate."""
    return _public_bytes(key.public_key()) == certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _public_bytes(key: RecipientKey) -> bytes:
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def _agree(
    certificate: x509.Certificate, public_key: ec.EllipticCurvePublicKey, key: bytes, context: bytes
) -> KeyAgreement:
    ephemeral = ec.generate_private_key(public_key.curve)
    point = ephemeral.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    wrapped = aes_key_wrap(_agreed(ephemeral, public_key, context), key)
    return KeyAgreement(issuer_serial(certificate), context, wrapped, point)


def _agreed(mine: ec.EllipticCurvePrivateKey, theirs: ec.EllipticCurvePublicKey, context: bytes) -> bytes:
    """The key-encryption key; ECC-CMS-SharedInfo as in RFC 5753 section 7.2."""
    shared_info = der.sequence(
        _AES256_WRAP,
        der.tlv(der.EXPLICIT + 0, der.octets(context)),
        der.tlv(der.EXPLICIT + 2, der.octets(_KEY_BITS)),
    )
    return X963KDF(hashes.SHA384(), _KEY_SIZE, shared_info).derive(mine.exchange(ec.ECDH(), theirs))


def _oaep(context: bytes) -> padding.OAEP:
    return padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), context)
