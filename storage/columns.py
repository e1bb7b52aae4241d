"""Sealed columns and blind indexes: AES-256-GCM bound to its cell; keyed HMAC-SHA-256, to search without reading.

An index never covers one low-entropy column alone: names are indexed together with the birth date.
"""

import hmac
import os
from collections.abc import Callable
from datetime import date
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from consent_gate.model import PatientRef
from consent_gate.traits import comparable_name, matricule
from lexicon.faults import TamperFault

_FORMAT: Final = b"\x01"
_NONCE: Final = 12
_KEY: Final = 32


class Columns:
    """Seals and indexes with two keys of 32 bytes. `random(n)` gives n fresh bytes (nonces; NIST SP 800-38D)."""

    def __init__(self, column_key: bytes, blind_key: bytes, *, random: Callable[[int], bytes] = os.urandom) -> None:
        if len(column_key) != _KEY or len(blind_key) != _KEY:
            raise ValueError("column and blind keys are 32 bytes each")
        self._cipher = AESGCM(column_key)
        self._blind_key = blind_key
        self._random = random

    def seal(self, place: str, row: str, plain: bytes) -> bytes:
        """Encrypt one cell. `place` is `table.column`, `row` the row's key: elsewhere the bytes do not open."""
        nonce = self._random(_NONCE)
        return _FORMAT + nonce + self._cipher.encrypt(nonce, plain, _cell(place, row))

    def open(self, place: str, row: str, sealed: bytes) -> bytes:
        """Decrypt one cell. Raises `TamperFault("column-forged")` on a changed or moved cell, or with another key."""
        form, nonce, ciphertext = sealed[:1], sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
        if form != _FORMAT or len(nonce) != _NONCE:
            raise TamperFault("column-forged", column=place)
        try:
            return self._cipher.decrypt(nonce, ciphertext, _cell(place, row))
        except InvalidTag:
            raise TamperFault("column-forged", column=place) from None

    def blind(self, purpose: str, *parts: str) -> str:
        """Keyed index (64 hex digits) of values that the caller has normalised; no two purposes share one."""
        return hmac.digest(self._blind_key, _framed("liasse-blind-1", purpose, *parts), "sha256").hex()

    def reference_index(self, ref: PatientRef) -> str:
        """Index of the client's reference, taken as it is: a patient's key in every table."""
        return self.blind("patient-reference", ref)

    def ins_index(self, number: str) -> str:
        return self.blind("patient-ins", matricule(number))

    def birth_index(self, name: str, birth_date: date) -> str:
        return self.blind("patient-birth", comparable_name(name), birth_date.isoformat())


def _cell(place: str, row: str) -> bytes:
    return f"{place}|{row}".encode()


def _framed(*parts: str) -> bytes:
    """Each part after its length in 4 bytes, so that no two lists of parts give the same bytes."""
    encoded = [part.encode() for part in parts]
    return b"".join([len(part).to_bytes(4, "big") + part for part in encoded])
