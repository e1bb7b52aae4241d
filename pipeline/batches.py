"""The end of a batch: its index sealed for the client and deposited, and the ledger signed."""

import hashlib
import io
from datetime import datetime
from typing import Final

import rfc8785
from sqlmodel import Session

from lexicon.faults import TamperFault
from pipeline.station import Station
from storage.custody import Draft, EntryType
from storage.deposit import deposit_index
from storage.deposits import find_receipt
from storage.documents import StoredDocument
from storage.envelope import seal_index
from storage.header import IndexHeader
from storage.hosts import AlreadyThere

MEDIA_TYPE: Final = "application/json"

Line = dict[str, str | int | list[str]]


def close_batch(station: Station, batch: str) -> int:
    """Seal and deposit the batch's index, close the batch and sign a checkpoint; how many documents were deposited.

    The index says which document is whose (reference, traits, type, dates, object, pages), so that a dead station
    loses no mapping; the client alone can open it. Raises `HostFault`; the batch then stays open, to be closed again.
    """
    now = station.clock.now()
    with station.database.read() as session:
        lines = _lines(station, session, batch)
    if lines:
        _deposit(station, batch, lines, now)
    with station.database.write() as session:
        station.documents.close_batch(session, batch, now)
        draft = Draft(EntryType.CHECKPOINT, f"batch:{batch}", "batch-closed", counts={"documents": len(lines)})
        station.ledger.append(session, draft, at=now)
    checkpoint(station)
    return len(lines)


def checkpoint(station: Station) -> str:
    """Sign the ledger's head and send a copy to the host. An anchor counts only where the station cannot delete it."""
    now = station.clock.now()
    with station.database.write() as session:
        note = station.ledger.checkpoint(session, now)
    size = int(note.splitlines()[1])
    with station.workplace() as folder:
        path = folder / "checkpoint.txt"
        path.write_text(note, encoding="utf-8")
        content = path.read_bytes()
        key = f"{station.id}/checkpoints/{size:012d}.txt"
        made = station.host.create(key, path, hashlib.sha256(content).hexdigest(), len(content))
    if isinstance(made, AlreadyThere) and _read(station, key) != content:
        raise TamperFault("custody-rolled-back", size=size)
    return note


def require_continuation(station: Station) -> None:
    """Raise `TamperFault("custody-rolled-back")` unless the ledger continues the last checkpoint that the host has.

    A database brought back from an older copy has forgotten what came since: withdrawals among it.
    """
    keys = sorted(stored.key for stored in station.host.list(f"{station.id}/checkpoints/"))
    if keys:
        station.ledger.require_continues(_read(station, keys[-1]).decode("utf-8", "replace"))


def _read(station: Station, key: str) -> bytes:
    content = io.BytesIO()
    station.host.read(key, content)
    return content.getvalue()


def _lines(station: Station, session: Session, batch: str) -> list[Line]:
    documents = station.documents.documents(session, batch=batch, state="deposited")
    return [_line(station, session, document) for document in documents]


def _line(station: Station, session: Session, document: StoredDocument) -> Line:
    signed = find_receipt(session, document.id)
    claim = document.claim
    patient = station.roster.find(claim.patient) if claim else None
    return {
        "document": document.id,
        "version": document.version,
        "patient": claim.patient if claim else "",
        "client_document": (claim.client_document or "") if claim else "",
        "doc_type": (claim.doc_type or "") if claim else "",
        "birth_name": patient.birth_name if patient else "",
        "usage_name": (patient.usage_name or "") if patient else "",
        "given_names": list(patient.given_names) if patient else [],
        "birth_date": patient.birth_date.isoformat() if patient else "",
        "ins": (patient.ins or "") if patient else "",
        "pages": document.pages,
        "captured_at": document.captured_at,
        "deposited_at": document.settled_at or "",
        "object": signed.receipt.object_key if signed else "",
        "sha256": signed.receipt.plaintext_sha256 if signed else "",
    }


def _deposit(station: Station, batch: str, lines: list[Line], now: datetime) -> None:
    with station.database.write() as session:
        version = station.documents.next_index(session, batch)
        draft = Draft(EntryType.DEPOSIT, f"batch:{batch}", "intended", counts={"index-version": version})
        station.ledger.append(session, draft, at=now)
    content = rfc8785.dumps({"batch": batch, "documents": lines, "v": 1, "version": version})
    header = IndexHeader(batch, version, hashlib.sha256(content).hexdigest(), MEDIA_TYPE)
    with station.workplace() as folder:
        path = folder / "index.p7m"
        sealed = seal_index(io.BytesIO(content), len(content), header, recipients=station.recipients, target=path)
        deposit_index(path, sealed, station.keys.index_key(station.id, batch, version), station.host, at=now)
    with station.database.write() as session:
        draft = Draft(
            EntryType.RECEIPT,
            f"batch:{batch}",
            "deposited",
            counts={"index-version": version},
            hashes_in=(header.plaintext_sha256,),
            hashes_out=(sealed.sha256,),
        )
        station.ledger.append(session, draft, at=now)
