"""What an envelope says of its content: RFC 8785 bytes whose SHA-256 is bound into every recipient's share."""

import hashlib
from dataclasses import asdict, dataclass
from typing import ClassVar, Final, TypeVar

import rfc8785

from consent_gate.model import DocumentId

FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class _Bound:
    """The kind keeps envelopes apart: one sealed as an original or an index cannot pass for a document's."""

    KIND: ClassVar[str]

    def canonical(self) -> bytes:
        """RFC 8785 bytes: the header's fields, its kind and the format's version."""
        return rfc8785.dumps(self.fields())

    def fields(self) -> dict[str, int | str]:
        """What the canonical bytes hold."""
        return {**asdict(self), "kind": self.KIND, "v": FORMAT}

    def digest(self) -> str:
        """SHA-256 of the canonical bytes, hex."""
        return hashlib.sha256(self.canonical()).hexdigest()


@dataclass(frozen=True, slots=True)
class Header(_Bound):
    """Of a cleared document. `version` counts from 1; digests are hex; `decision` is its clearance's digest."""

    KIND: ClassVar[str] = "document"

    document: DocumentId
    version: int
    decision: str
    plaintext_sha256: str
    media_type: str


@dataclass(frozen=True, slots=True)
class RefusedHeader(_Bound):
    """Of a closed document's original images, sealed for client and escrow; `decision` is the refusal's digest.

    Empty where the gate has said nothing of it: nobody knew whose it was, or no step could use it.
    """

    KIND: ClassVar[str] = "original"

    document: DocumentId
    version: int
    decision: str
    plaintext_sha256: str
    media_type: str


@dataclass(frozen=True, slots=True)
class FileHeader(_Bound):
    """Of a file that no step could use, as it came, sealed for client and escrow when its time was over."""

    KIND: ClassVar[str] = "file"

    file: str
    plaintext_sha256: str
    media_type: str


@dataclass(frozen=True, slots=True)
class IndexHeader(_Bound):
    """Of a batch's index: which document is whose, and where."""

    KIND: ClassVar[str] = "index"

    batch: str
    version: int
    plaintext_sha256: str
    media_type: str


@dataclass(frozen=True, slots=True)
class BackupHeader(_Bound):
    """Of one part of a station's backup. `part` counts from 1."""

    KIND: ClassVar[str] = "backup"

    backup: str
    part: int
    plaintext_sha256: str
    media_type: str


@dataclass(frozen=True, slots=True)
class FormHeader(_Bound):
    """Of a signed authorization form that came back: evidence, whatever it says. `form` is its return's number."""

    KIND: ClassVar[str] = "form"

    form: str
    version: int
    plaintext_sha256: str
    media_type: str


AnyHeader = TypeVar("AnyHeader", Header, RefusedHeader, FileHeader, IndexHeader, BackupHeader, FormHeader)
