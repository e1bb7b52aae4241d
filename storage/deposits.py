"""Sealed envelopes and receipts as rows: what is about to be put, and what was read back."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from consent_gate.model import DocumentId
from storage.envelope import Sealed
from storage.header import Header
from storage.receipt import Receipt
from storage.tables import ReceiptRow, SealedRow
from storage.times import write_time


@dataclass(frozen=True, slots=True)
class Archived:
    """What is known of the PDF/A inside an envelope."""

    level: str
    validators: tuple[str, ...]
    """Who judged it; empty: not checked."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A receipt with the station's detached CMS signature (DER) over its manifest."""

    receipt: Receipt
    signature: bytes


def record_sealed(
    session: Session, sealed: Sealed, object_key: str, archived: Archived, waits_as: str, at: datetime
) -> None:
    """Before the first put: a retry will send these very bytes under this very key, from the file `waits_as`."""
    session.add(
        SealedRow(
            document_id=sealed.header.document,
            version=sealed.header.version,
            object_key=object_key,
            header=sealed.header.canonical().decode(),
            waits_as=waits_as,
            sha256=sealed.sha256,
            size=sealed.size,
            pdf_size=sealed.plaintext_size,
            pdfa_level=archived.level,
            validators=json.dumps(archived.validators),
            at=write_time(at),
        )
    )


def waiting_file(session: Session, document: DocumentId, version: int) -> str | None:
    """The name of the file in which the version's envelope waits for its receipt."""
    row = session.get(SealedRow, (document, version))
    return None if row is None else row.waits_as


def find_sealed(session: Session, document: DocumentId, version: int) -> tuple[Sealed, Archived] | None:
    """What `record_sealed` kept of a document's version."""
    row = session.get(SealedRow, (document, version))
    if row is None:
        return None
    stated = json.loads(row.header)
    header = Header(
        document=DocumentId(stated["document"]),
        version=stated["version"],
        decision=stated["decision"],
        plaintext_sha256=stated["plaintext_sha256"],
        media_type=stated["media_type"],
    )
    return Sealed(header, row.sha256, row.size, row.pdf_size), Archived(
        row.pdfa_level, tuple(json.loads(row.validators))
    )


def unrecord_sealed(session: Session, document: DocumentId, version: int) -> None:
    """An envelope that neither the host nor the station has: it is sealed anew."""
    row = session.get(SealedRow, (document, version))
    if row is not None:
        session.delete(row)


def record_receipt(session: Session, signed: Signed) -> None:
    """After the read-back: the manifest exactly as signed."""
    receipt = signed.receipt
    session.add(
        ReceiptRow(
            document_id=receipt.document,
            version=receipt.version,
            host=receipt.host,
            object_version=receipt.object_version,
            manifest=receipt.manifest().decode(),
            signature=signed.signature,
            at=write_time(receipt.deposited_at),
        )
    )


def find_receipt(session: Session, document: DocumentId) -> Signed | None:
    """The receipt of the latest version. Raises `TamperFault("receipt-forged")` when the row is not what was signed."""
    query = select(ReceiptRow).where(ReceiptRow.document_id == document).order_by(col(ReceiptRow.version).desc())
    row = session.exec(query).first()
    return None if row is None else Signed(Receipt.parse(row.manifest.encode()), row.signature)


def receipts(session: Session, documents: Sequence[str]) -> tuple[Signed, ...]:
    """The latest receipts of these documents, in the same order; documents without one are left out."""
    found = (find_receipt(session, DocumentId(document)) for document in documents)
    return tuple(signed for signed in found if signed is not None)
