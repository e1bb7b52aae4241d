"""Checkpoints of the custody tree as signed notes (C2SP signed-note and tlog-checkpoint, Ed25519)."""

import base64
import binascii
import hashlib
import re
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
_EPOCH: Final = re.compile(r"epoch ([1-9][0-9]{0,3})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Head:
    """A tree's size and root, as somebody vouched for it; `epoch` counts how often the station came from a backup."""

    size: int
    root: bytes
    epoch: int = 0


def origin_of(station: str) -> str:
    """The log's name in its checkpoints, and the name of its key."""
    return f"liasse/{station}"


def sign_note(origin: str, head: Head, key: Ed25519PrivateKey) -> str:
    """Checkpoint text: origin, size, root in base64, the epoch but the first, an empty line, one signature line."""
    extension = f"epoch {head.epoch}\n" if head.epoch else ""
    body = f"{origin}\n{head.size}\n{_base64(head.root)}\n{extension}"
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
    lines = body.split("\n")
    if len(lines) < _LINES or lines[0] != origin:
        raise TamperFault("checkpoint-forged")
    try:
        size, root = int(lines[1]), base64.b64decode(lines[2], validate=True)
    except (binascii.Error, ValueError):
        raise TamperFault("checkpoint-forged") from None
    if str(size) != lines[1] or size < 0 or len(root) != HASH:
        raise TamperFault("checkpoint-forged")
    epochs = [int(said[1]) for line in lines[_LINES:] if (said := _EPOCH.fullmatch(line))]
    return Head(size, root, max(epochs, default=0))


def _key_id(origin: str, key: Ed25519PublicKey) -> bytes:
    return hashlib.sha256(origin.encode() + b"\n" + _ED25519 + key.public_bytes_raw()).digest()[:4]


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
