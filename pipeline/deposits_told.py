"""What the ledger tells of a document's deposits: its patient, every envelope that was sealed, the one with a receipt.

A deletion goes by this and by no row: a hand that writes another key, another version or another patient into the
database would have another object deleted, and a statement signed that this one is gone.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

from sqlmodel import Session

from consent_gate.model import DocumentId
from pipeline.station import Station
from storage.custody import EntryType, read_entry
from storage.deposits import find_receipt, sealed_of
from storage.receipt import Receipt
from storage.stored import StoredDocument

_OF_DOCUMENT: Final = re.compile(rb'"object":"document:([0-9A-Z]{26})"')
_SOUGHT: Final = (b'"type":"identification"', b'"outcome":"sealed"', b'"outcome":"deposited"')


@dataclass(slots=True)
class _Deposit:
    sealed: list[str] = field(default_factory=list)
    """SHA-256 (hex) of each envelope: of version 1, 2 and so on, for a version is sealed once."""
    received: str = ""
    subject: str = ""
    """The patient's pseudonym, as the document was identified last."""

    def take(self, entry: Mapping[str, Any]) -> None:
        match entry["type"], entry["outcome"]:
            case EntryType.IDENTIFICATION, _:
                self.subject = entry.get("subject", self.subject)
            case EntryType.SEALING, "sealed":
                self.sealed += entry["hashes_out"]
            case EntryType.RECEIPT, "deposited":
                (self.received,) = entry["hashes_out"]
            case _:
                pass


@dataclass(frozen=True, slots=True)
class Deposited:
    """Where a document's versions lie at the host, the oldest first, and the receipt of the one that was deposited."""

    keys: tuple[str, ...]
    receipt: Receipt


class ToldDeposits:
    """Of the documents that somebody asked for, and of no others: the ledger of a large station tells of millions."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._of: dict[str, _Deposit] = {}

    def gather(self, session: Session, documents: Iterable[str], read_to: int | None = None) -> None:
        """Read, once, what the first `read_to` entries, or all, tell of these documents."""
        new = {document: _Deposit() for document in documents if document not in self._of}
        self._of |= new
        for raw in islice(self._station.ledger.entries(session), read_to) if new else ():
            self._take(raw, new)

    def take(self, raw: bytes) -> None:
        """An entry that came since."""
        self._take(raw, self._of)

    def subject(self, document: str) -> str:
        """The pseudonym of whose it is; empty where nobody has told."""
        return self._of[document].subject

    def received_version(self, document: str) -> int | None:
        """The version that has a receipt."""
        told = self._of[document]
        return told.sealed.index(told.received) + 1 if told.received in told.sealed else None

    def deposited(self, session: Session, document: StoredDocument) -> Deposited | None:
        """None where rows and ledger tell different versions, keys or receipts, or none at all."""
        told = self._of[document.id]
        keys = [self._key(document.id, version) for version, _ in enumerate(told.sealed, start=1)]
        expected = [(number, *one) for number, one in enumerate(zip(keys, told.sealed, strict=True), start=1)]
        signed, version = find_receipt(session, document.id), self.received_version(document.id)
        if signed is None or version is None or sealed_of(session, document.id) != expected:
            return None
        receipt = signed.receipt
        stated = (receipt.document, receipt.version, receipt.object_key, receipt.sha256)
        if stated != (document.id, version, keys[version - 1], told.received):
            return None
        return Deposited(tuple(keys), receipt)

    def _key(self, document: DocumentId, version: int) -> str:
        return self._station.keys.object_key(self._station.id, document, version)

    @staticmethod
    def _take(raw: bytes, of: Mapping[str, _Deposit]) -> None:
        if not of or not any(mark in raw for mark in _SOUGHT):
            return
        found = _OF_DOCUMENT.search(raw)
        if found is not None and (deposit := of.get(found[1].decode())) is not None:
            deposit.take(read_entry(raw))
