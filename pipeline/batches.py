"""The end of a batch: its index sealed for the client and deposited, and the ledger signed.

Checkpoints lie at the host by epoch and size. A station that came back from a backup counts a new epoch: what it signs
never meets the name of what was signed before the loss, and a double of it stops at its next word with the host.
"""

import hashlib
import io
import re
from datetime import datetime
from typing import Any, Final

import rfc8785
from sqlmodel import Session

from lexicon.faults import TamperFault
from pipeline.announced import compare, free
from pipeline.indexing.effective import effective
from pipeline.station import Station
from storage import work
from storage.backup.shipping import require_alone
from storage.custody import Draft, EntryType
from storage.deposit import deposit_index
from storage.deposits import find_receipt
from storage.effects import effect
from storage.envelope import seal_index
from storage.header import IndexHeader
from storage.hosts import Absent, AlreadyThere, Host
from storage.indexing import index_of
from storage.notes import Head
from storage.stored import StoredDocument

MEDIA_TYPE: Final = "application/json"

Answer = dict[str, Any]

_ANCHOR: Final = re.compile(r".*/checkpoints/(?:e(\d{4})-)?(\d{12})\.txt", re.ASCII)

Line = dict[str, str | int | list[str] | Answer]


def close_batch(station: Station, batch: str) -> int | None:
    """Seal and deposit the batch's index, close the batch and sign a checkpoint; how many documents were deposited.

    None where something came to the batch meanwhile, or what waited for it may go on: it stays open, and its next index
    says more. Other counts than announced are told, and close it all the same.

    The index says which document is whose (reference, traits, type, dates, object, pages), so that a dead station
    loses no mapping; the client alone can open it. Raises `HostFault`; the batch then stays open, to be closed again.
    """
    now = station.clock.now()
    with station.database.read() as session:
        lines = _lines(station, session, batch)
    if lines:
        _deposit(station, batch, lines, now)
    with station.database.write("batch.close") as session:
        deposited = len(station.documents.documents(session, batch=batch, state="deposited"))
        if work.under_way(session, batch) or deposited != len(lines) or free(station, session, batch):
            return None
        unlike, told = compare(station, session, batch)
        station.batches.close_batch(session, batch, now, unlike)
        draft = Draft(EntryType.CHECKPOINT, f"batch:{batch}", "batch-closed", counts={"documents": len(lines)})
        station.ledger.append(session, *([told] if told else []), draft, at=now)
    checkpoint(station)
    return len(lines)


def checkpoint(station: Station) -> str:
    """Sign the ledger's head and send a copy to the host. An anchor counts only where the station cannot delete it."""
    now = station.clock.now()
    with station.database.write("checkpoint.sign") as session:
        note = station.ledger.checkpoint(session, now)
    head = station.ledger.signed(note)
    if head is None:
        raise TamperFault("custody-broken")
    station.shipping.ship()  # first: no anchor is ahead of what could be brought back
    require_alone(station.host, station.id, head.epoch)
    with station.workplace() as folder:
        path = folder / "checkpoint.txt"
        path.write_text(note, encoding="utf-8")
        content = path.read_bytes()
        key = anchor_key(station.id, head)
        with effect("checkpoint.send"):
            made = station.host.create(key, path, hashlib.sha256(content).hexdigest(), len(content))
    if isinstance(made, AlreadyThere) and _read(station, key) != content:
        raise TamperFault("custody-rolled-back", size=head.size)
    return note


def require_continuation(station: Station) -> None:
    """Raise `TamperFault` `custody-forked` where the station came back elsewhere, or `custody-rolled-back` unless the
    ledger continues the last checkpoint of its epoch that the host has.

    A database brought back from an older copy has forgotten what came since: withdrawals among it. What an earlier
    epoch signed and a declared return has lost is told by `custody verify`, not refused.
    """
    epoch = station.ledger.epoch()
    require_alone(station.host, station.id, epoch)
    keys = [key for key, found in anchors(station.host, station.id) if found[0] == epoch]
    if keys:
        station.ledger.require_continues(_read(station, keys[-1]).decode("utf-8", "replace"))


def anchor_key(station: str, head: Head) -> str:
    """Where a checkpoint lies at the host."""
    epoch = f"e{head.epoch:04d}-" if head.epoch else ""
    return f"{station}/checkpoints/{epoch}{head.size:012d}.txt"


def anchors(host: Host, station: str) -> list[tuple[str, tuple[int, int]]]:
    """The checkpoints at the host by their names, the last of the last epoch at the end: key, (epoch, size)."""
    with effect("checkpoint.list"):
        keys = [stored.key for stored in host.list(f"{station}/checkpoints/")]
    named = [(key, said) for key in keys if (said := _ANCHOR.fullmatch(key))]
    return sorted(((key, (int(said[1] or 0), int(said[2]))) for key, said in named), key=lambda found: found[1])


def _read(station: Station, key: str) -> bytes:
    content = io.BytesIO()
    with effect("checkpoint.read"):
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
        "index": effective(claim, index_of(session, station.columns, document.id), station.types).answer(),
        "identified_by": list(document.sources),
        "pages_inheriting": document.inherited,
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
    _account_for_attempts(station, batch, now)
    with station.database.write("index.intend") as session:
        version = station.batches.next_index(session, batch)
        draft = Draft(EntryType.DEPOSIT, f"batch:{batch}", "intended", counts={"index-version": version})
        station.ledger.append(session, draft, at=now)
    station.shipping.ship()  # the number is taken wherever the station comes back
    content = rfc8785.dumps({"batch": batch, "documents": lines, "v": 1, "version": version})
    header = IndexHeader(batch, version, hashlib.sha256(content).hexdigest(), MEDIA_TYPE)
    with station.workplace() as folder:
        path = folder / "index.p7m"
        with effect("index.seal"):
            sealed = seal_index(io.BytesIO(content), len(content), header, recipients=station.recipients, target=path)
        deposit_index(path, sealed, station.keys.index_key(station.id, batch, version), station.host, at=now)
    with station.database.write("index.record") as session:
        draft = Draft(
            EntryType.RECEIPT,
            f"batch:{batch}",
            "deposited",
            counts={"index-version": version},
            hashes_in=(header.plaintext_sha256,),
            hashes_out=(sealed.sha256,),
        )
        station.batches.account_for_index(session, batch, version)
        station.ledger.append(session, draft, at=now)


def _account_for_attempts(station: Station, batch: str, now: datetime) -> None:
    """What interrupted attempts had intended: what lies at the host of it is in the ledger, and gives way to the next.

    Such an index was sealed for the client like any other. It stays: a host may have locked it.
    """
    with station.database.read() as session:
        unaccounted = station.batches.unaccounted_indexes(session, batch)
    for version in unaccounted:
        draft = _found_of(station, batch, version)
        with station.database.write("index.account") as session:
            station.batches.account_for_index(session, batch, version)
            station.ledger.append(session, draft, at=now)


def _found_of(station: Station, batch: str, version: int) -> Draft:
    key, counts = station.keys.index_key(station.id, batch, version), {"index-version": version}
    with effect("index.look"):
        found = station.host.head(key)
    if isinstance(found, Absent):
        return Draft(EntryType.DEPOSIT, f"batch:{batch}", "not-received", counts=counts)
    content = io.BytesIO()
    with effect("index.read"):
        station.host.read(key, content)
    sha256, size = hashlib.sha256(content.getvalue()).hexdigest(), len(content.getvalue())
    return Draft(
        EntryType.RECEIPT, f"batch:{batch}", "superseded", counts=counts, hashes_out=(sha256,), sizes_out=(size,)
    )
