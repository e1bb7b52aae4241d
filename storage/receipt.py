"""What was read back from a host and compared: the receipt, and the manifest that the station signs."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, Final, Generic, Protocol, Self

import rfc8785

from consent_gate.model import DocumentId
from lexicon.faults import TamperFault
from storage.header import AnyHeader, FormHeader, Header, IndexHeader

FORMAT: Final = 2
_BARE: Final = 1
"""The format of receipts that say nothing of by what a patient was known: indexes, forms, documents of before."""


class Expected(Protocol):
    """What is known of an object before it is opened. Receipts and sealed objects are such."""

    @property
    def sha256(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def plaintext_sha256(self) -> str: ...
    @property
    def header_digest(self) -> str: ...


@dataclass(frozen=True, slots=True)
class _Receipt(Generic[AnyHeader]):
    """What a host was seen to hold: hashes in hex, sizes in bytes; `deposited_at` is an aware time."""

    KIND: ClassVar[str]

    header: AnyHeader
    host: str
    object_key: str
    object_version: str | None
    """As the host named what was read back; None where it keeps no versions."""
    sha256: str
    size: int
    plaintext_size: int
    deposited_at: datetime

    def __post_init__(self) -> None:
        if self.deposited_at.tzinfo is None:
            raise ValueError("the time of a deposit names its zone")

    @property
    def plaintext_sha256(self) -> str:
        return self.header.plaintext_sha256

    @property
    def header_digest(self) -> str:
        return self.header.digest()

    def manifest(self) -> bytes:
        """RFC 8785 bytes, for the station to sign: the header as bound, its digest, and what was read back."""
        return rfc8785.dumps(self._stated())

    def _stated(self) -> dict[str, Any]:
        return {
            "deposited_at": self.deposited_at.astimezone(UTC).isoformat(timespec="microseconds"),
            "header": self.header.fields(),
            "header_digest": self.header_digest,
            "host": self.host,
            "kind": self.KIND,
            "object_key": self.object_key,
            "object_version": self.object_version or "",
            "plaintext_size": self.plaintext_size,
            "sha256": self.sha256,
            "size": self.size,
            "v": _BARE,
        }


@dataclass(frozen=True, slots=True)
class Receipt(_Receipt[Header]):
    """Of a document. `storage.deposit` makes one from what it read back; `parse` takes a stored manifest."""

    KIND = "receipt"

    identified_by: tuple[str, ...] = ()
    """By what its patient was known, as slugs (`separator`, `nir`…); empty in receipts of before."""
    inherited: int = 0
    """Pages that show no identity of their own, and go by the document's."""

    @property
    def document(self) -> DocumentId:
        return self.header.document

    @property
    def version(self) -> int:
        return self.header.version

    @property
    def decision(self) -> str:
        return self.header.decision

    def _stated(self) -> dict[str, Any]:
        stated = _Receipt._stated(self)  # noqa: SLF001  a slotted dataclass is another class than `super` knows
        if not self.identified_by:
            return stated
        known = {"identified_by": list(self.identified_by), "pages_inheriting": self.inherited}
        return {**stated, **known, "v": FORMAT}

    @classmethod
    def parse(cls, manifest: bytes) -> Self:
        """The receipt that a manifest states. Raises `TamperFault("receipt-forged")`, whatever the bytes."""
        try:
            stated = json.loads(manifest)
            receipt = cls(header=_header(stated["header"]), **_kept(stated), **_known(stated))
            same = receipt.manifest() == manifest
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise TamperFault("receipt-forged") from None
        if not same:
            raise TamperFault("receipt-forged")
        return receipt


class IndexReceipt(_Receipt[IndexHeader]):
    """Of a batch's index."""

    __slots__ = ()
    KIND = "index-receipt"


class FormReceipt(_Receipt[FormHeader]):
    """Of a signed authorization form."""

    __slots__ = ()
    KIND = "form-receipt"


def _header(stated: Mapping[str, Any]) -> Header:
    return Header(
        stated["document"], stated["version"], stated["decision"], stated["plaintext_sha256"], stated["media_type"]
    )


def _kept(stated: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "host": stated["host"],
        "object_key": stated["object_key"],
        "object_version": stated["object_version"] or None,
        "sha256": stated["sha256"],
        "size": stated["size"],
        "plaintext_size": stated["plaintext_size"],
        "deposited_at": datetime.fromisoformat(stated["deposited_at"]),
    }


def _known(stated: Mapping[str, Any]) -> dict[str, Any]:
    if stated["v"] != FORMAT:
        return {}
    return {"identified_by": tuple(stated["identified_by"]), "inherited": stated["pages_inheriting"]}
