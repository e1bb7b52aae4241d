"""Checkpoints of the custody tree as signed notes (C2SP signed-note and tlog-checkpoint, Ed25519)."""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from lexicon.faults import TamperFault
from storage.merkle import HASH

_ED25519: Final = b"\x01"
_DASH: Final = "\u2014"
_LONGEST: Final = 65_536
_LINES: Final = 3
_WORDS: Final = 3


@dataclass(frozen=True, slots=True)
class Head:
    """A tree's size and root, as somebody vouched for it."""

    size: int
    root: bytes


def origin_of(station: str) -> str:
    """The log's name in its checkpoints, and the name of its key."""
    return f"liasse/{station}"


def sign_note(origin: str, head: Head, key: Ed25519PrivateKey) -> str:
    """Checkpoint text: origin, size, root in base64, an empty line, one signature line."""
    body = f"{origin}\n{head.size}\n{_base64(head.root)}\n"
    signature = _key_id(origin, key.public_key()) + key.sign(body.encode())
    return f"{body}\n{_DASH} {origin} {_base64(signature)}\n"


def open_note(note: str, origin: str, key: Ed25519PublicKey) -> Head:
    """The head in a checkpoint that this key signed.

    Other signatures beside it (witnesses) are left alone. Raises `TamperFault("checkpoint-forged")`, whatever the text.
    """
    body, separator, signatures = note.rpartition("\n\n")
    body += "\n"
    if not separator or len(note) > _LONGEST or not signatures.endswith("\n"):
        raise TamperFault("checkpoint-forged")
    if not any(_signed_by(line, body, origin, key) for line in signatures[:-1].split("\n")):
        raise TamperFault("checkpoint-forged")
    return _head(body, origin)


def verifier_key(origin: str, key: Ed25519PublicKey) -> str:
    """The public key as C2SP tools read it: `name+id+base64(algorithm, key)`."""
    encoded = _base64(_ED25519 + key.public_bytes_raw())
    return f"{origin}+{_key_id(origin, key).hex()}+{encoded}"


def _signed_by(line: str, body: str, origin: str, key: Ed25519PublicKey) -> bool:
    words = line.split(" ")
    if len(words) != _WORDS or words[:2] != [_DASH, origin]:
        return False
    try:
        signature = base64.b64decode(words[2], validate=True)
        if signature[:4] != _key_id(origin, key) or _base64(signature) != words[2]:
            return False
        key.verify(signature[4:], body.encode())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def _head(body: str, origin: str) -> Head:
    lines = body.split("\n")[:_LINES]
    if len(lines) != _LINES or lines[0] != origin:
        raise TamperFault("checkpoint-forged")
    try:
        size, root = int(lines[1]), base64.b64decode(lines[2], validate=True)
    except (binascii.Error, ValueError):
        raise TamperFault("checkpoint-forged") from None
    if str(size) != lines[1] or size < 0 or len(root) != HASH:
        raise TamperFault("checkpoint-forged")
    return Head(size, root)


def _key_id(origin: str, key: Ed25519PublicKey) -> bytes:
    return hashlib.sha256(origin.encode() + b"\n" + _ED25519 + key.public_bytes_raw()).digest()[:4]


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
