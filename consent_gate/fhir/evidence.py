"""What a FHIR Consent rests on: its source, as the register keeps evidence."""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo

from consent_gate.cells import CellRefused, check_text
from consent_gate.fhir.days import day_of
from consent_gate.model import Evidence, EvidenceKind

Json = Mapping[str, Any]

SHA256_EXTENSION: Final = "urn:uuid:5d0a1c1e-4b5e-4c0e-9a55-6f1b1f0c3a04"
"""Of an attachment, with `valueString`: its SHA-256 in hexadecimal digits."""
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_SHA1: Final = 20
_SHA256: Final = 32


def evidence_of(consent: Json, zone: ZoneInfo) -> Evidence | None:
    """`sourceAttachment` as a signed form, `sourceReference` as a reference. Raises `CellRefused`.

    FHIR's `Attachment.hash` is SHA-1: it is compared with the bytes where they are there, and never kept as evidence.
    One of 32 bytes is taken as SHA-256.
    """
    attachment, reference = consent.get("sourceAttachment"), consent.get("sourceReference")
    if attachment is not None and reference is not None:
        raise CellRefused("fhir-element-unknown", "source")
    if isinstance(attachment, dict):
        return _attached(attachment, zone)
    if isinstance(reference, dict):
        return Evidence(_text(reference.get("reference") or reference.get("display")))
    if attachment is not None or reference is not None:
        raise CellRefused("fhir-element-unknown", "source")
    return None


def _attached(attachment: Json, zone: ZoneInfo) -> Evidence:
    content, digest = _bytes(attachment.get("data")), _bytes(attachment.get("hash"))
    if content and digest and digest not in (hashlib.sha1(content).digest(), hashlib.sha256(content).digest()):  # noqa: S324  what FHIR says
        raise CellRefused("hash-malformed", "sourceAttachment.hash")
    if digest and len(digest) not in (_SHA1, _SHA256):
        raise CellRefused("hash-malformed", "sourceAttachment.hash")
    sha256 = hashlib.sha256(content).hexdigest() if content else digest.hex() if len(digest) == _SHA256 else None
    sha256 = sha256 or _own_digest(attachment)
    on = day_of(attachment["creation"], zone, "sourceAttachment.creation") if "creation" in attachment else None
    return Evidence(
        reference=_text(attachment.get("url") or attachment.get("title")),
        kind=EvidenceKind.SIGNED_FORM,
        on=on,
        sha256=sha256,
    )


def _own_digest(attachment: Json) -> str | None:
    """What an export of ours says beside, for FHIR has no place for it."""
    extensions = attachment.get("extension", [])
    for one in extensions if isinstance(extensions, list) else []:
        if isinstance(one, dict) and one.get("url") == SHA256_EXTENSION and isinstance(one.get("valueString"), str):
            return one["valueString"] if _DIGEST.fullmatch(one["valueString"]) else None
    return None


def _text(value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise CellRefused("evidence-unusable", "source")
    return check_text(value, "source")


def _bytes(value: object) -> bytes:
    if value is None:
        return b""
    try:
        return base64.b64decode(value, validate=True)  # type: ignore[arg-type]  # TypeError is caught
    except (TypeError, ValueError, binascii.Error):
        raise CellRefused("hash-malformed", "sourceAttachment") from None
