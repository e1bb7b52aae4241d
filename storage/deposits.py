"""Sealed envelopes and receipts as rows: what is about to be put, and what was read back."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import and_, func, or_
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from consent_gate.model import DocumentId
from lexicon.faults import TamperFault
from storage.envelope import Sealed
from storage.header import Header
from storage.receipt import Receipt
from storage.stored import LOST
from storage.tables import DocumentRow, ReceiptRow, SealedRow
from storage.times import write_time

_HOLDER: Final = r"(?:-[0-9A-Za-z]{4,26})?"
"""Of the worker that sealed it; version 0.1.0 had one."""


@dataclass(frozen=True, slots=True)
class Archived:
    """What is known of the PDF/A inside an envelope."""

    level: str
    validators: tuple[str, ...]
    """Who judged it; empty: not checked."""


@dataclass(frozen=True, slots=True)
class Unwanted:
    """An envelope that is not to be at the host. `told`: the ledger says that it is not."""

    sealed: Sealed
    told: bool


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
    """The name of the file in which the version's envelope waits for its receipt.

    Raises `TamperFault("column-forged")` for a name that no station gives one: it would lead to another file.
    """
    row = session.get(SealedRow, (document, version))
    if row is not None and not re.fullmatch(rf"{re.escape(document)}-{version}{_HOLDER}\.p7m", row.waits_as, re.ASCII):
        raise TamperFault("column-forged", column="sealed.waits_as")
    return None if row is None else row.waits_as


def find_sealed(session: Session, document: DocumentId, version: int) -> tuple[Sealed, Archived] | None:
    """What `record_sealed` kept of a document's version."""
    row = session.get(SealedRow, (document, version))
    if row is None:
        return None
    return _sealed(row), Archived(row.pdfa_level, tuple(json.loads(row.validators)))


def was_sealed(session: Session, document: DocumentId) -> bool:
    """Whether anything was ever sealed of the document."""
    return session.exec(select(SealedRow.version).where(SealedRow.document_id == document)).first() is not None


def sealed_of(session: Session, document: DocumentId) -> list[tuple[int, str, str]]:
    """Version, key at the host and SHA-256 (hex) of all that was ever sealed of the document, the oldest first.

    As the rows say: what is deleted goes by the ledger (`pipeline.deposits_told`).
    """
    columns = select(SealedRow.version, SealedRow.object_key, SealedRow.sha256)
    rows = session.exec(columns.where(SealedRow.document_id == document).order_by(col(SealedRow.version)))
    return [(version, key, sha256) for version, key, sha256 in rows]


def give_up_version(session: Session, document: DocumentId) -> None:
    """What was sealed of the document is never put again: it goes on as its next version, under another key.

    A deletion of the old object that comes late, from whomever, then meets nothing that has a receipt.
    """
    row = session.get_one(DocumentRow, document)
    if session.get(SealedRow, (document, row.version)) is not None:
        row.version += 1
        session.add(row)


def unwanted(session: Session, document: DocumentId) -> tuple[Unwanted, ...]:
    """Envelopes of the document that are not to be at the host: given up, or of a document settled otherwise."""
    found = session.exec(_unwanted().where(SealedRow.document_id == document))
    return tuple(Unwanted(_sealed(row), row.taken_back_at is not None) for row in found)


def record_taken_back(session: Session, sealed: Sealed, at: datetime) -> None:
    """It was deleted at the host, or never was there."""
    row = session.get_one(SealedRow, (sealed.header.document, sealed.header.version))
    row.taken_back_at = write_time(at)
    session.add(row)


def unwanted_since(session: Session, since: datetime | None) -> tuple[DocumentId, ...]:
    """Documents with `unwanted` envelopes that are on their way, or were settled since then, or whenever."""
    settled = col(DocumentRow.settled_at)
    lately = () if since is None else (or_(settled.is_(None), settled >= write_time(since)),)
    found = session.exec(_unwanted().where(*lately).order_by(SealedRow.document_id))
    return tuple(dict.fromkeys(DocumentId(row.document_id) for row in found))


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
    if row is None:
        return None
    receipt = Receipt.parse(row.manifest.encode())
    if (receipt.document, receipt.version) != (row.document_id, row.version):
        raise TamperFault("receipt-forged")
    return Signed(receipt, row.signature)


def receipts(session: Session, documents: Sequence[str]) -> tuple[Signed, ...]:
    """The latest receipts of these documents, in the same order; documents without one are left out."""
    found = (find_receipt(session, DocumentId(document)) for document in documents)
    return tuple(signed for signed in found if signed is not None)


def _sealed(row: SealedRow) -> Sealed:
    """Raises `TamperFault("column-forged")` for the header of another envelope: it would lead to another object."""
    stated = json.loads(row.header)
    if (stated["document"], stated["version"]) != (row.document_id, row.version):
        raise TamperFault("column-forged", column="sealed.header")
    header = Header(
        document=DocumentId(stated["document"]),
        version=stated["version"],
        decision=stated["decision"],
        plaintext_sha256=stated["plaintext_sha256"],
        media_type=stated["media_type"],
    )
    return Sealed(header, row.sha256, row.size, row.pdf_size)


def _unwanted() -> SelectOfScalar[SealedRow]:
    """Of a document that was lost with its machine only what was given up: what else lies there, nobody said no to."""
    received = select(ReceiptRow.document_id).where(
        ReceiptRow.document_id == SealedRow.document_id, ReceiptRow.version == SealedRow.version
    )
    given_up = col(SealedRow.version) < col(DocumentRow.version)
    settled = col(DocumentRow.state).not_in(("in-progress", "deposited"))
    otherwise = and_(settled, func.coalesce(DocumentRow.reason, "") != LOST)
    of_document = and_(col(DocumentRow.id) == col(SealedRow.document_id), or_(given_up, otherwise))
    return select(SealedRow).join(DocumentRow, of_document).where(~received.exists())
