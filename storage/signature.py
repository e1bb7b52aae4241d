"""The station's detached signature over a manifest: CMS SignedData (RFC 5652 section 5), ECDSA P-384 with SHA-384.

It gives origin, which encryption to a public key does not. Any CMS tool verifies it:
`openssl cms -verify -binary -inform DER -in x.p7s -content manifest -CAfile station.crt -purpose any`.
"""

import hashlib
import hmac
from typing import Any, Final

from asn1crypto import cms as asn1_cms
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from lexicon.faults import TamperFault
from storage.keys import StationKeys

# asn1crypto has no types.
_ContentInfo: Final[Any] = asn1_cms.ContentInfo


def sign(keys: StationKeys, content: bytes) -> bytes:
    """DER of a detached signature over exactly these bytes, with the station's certificate in it."""
    builder = pkcs7.PKCS7SignatureBuilder().set_data(content)
    builder = builder.add_signer(keys.certificate, keys.signature, hashes.SHA384())
    options = [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary, pkcs7.PKCS7Options.NoCapabilities]
    return builder.sign(Encoding.DER, options)


def verify(signature: bytes, content: bytes, certificate: x509.Certificate) -> None:
    """Raise `TamperFault("signature-forged")`, whatever the bytes, unless `certificate` signed this content."""
    try:
        _verify(signature, content, certificate)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, InvalidSignature):
        raise TamperFault("signature-forged") from None


def _verify(signature: bytes, content: bytes, certificate: x509.Certificate) -> None:
    message = _ContentInfo.load(signature, strict=True)
    signed = message["content"]
    (signer,) = signed["signer_infos"]
    attributes = {attribute["type"].native: attribute["values"] for attribute in signer["signed_attrs"]}
    (digest,) = attributes["message_digest"].native
    (content_type,) = attributes["content_type"].native
    named = (message["content_type"].native, content_type, signer["digest_algorithm"]["algorithm"].native)
    if named != ("signed_data", "data", "sha384") or not hmac.compare_digest(digest, hashlib.sha384(content).digest()):
        raise InvalidSignature
    public_key = certificate.public_key()
    if not isinstance(public_key, ec.EllipticCurvePublicKey):
        raise InvalidSignature
    # RFC 5652 section 5.4: what is signed is the attributes as a SET, not as the field [0].
    covered = signer["signed_attrs"].untag().dump(force=True)
    public_key.verify(signer["signature"].native, covered, ec.ECDSA(hashes.SHA384()))
