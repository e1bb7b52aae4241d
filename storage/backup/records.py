"""What the host keeps of the station's rows since its oldest backup: records, each a stretch of the ledger.

A record holds entries as they were hashed, and every row that they speak of as it then stood: a change and its entry
are one transaction, so the ledger itself tells which rows changed. Records chain by entry numbers and the tree's root.
They are AES-256-GCM under the station's backup key, bound to station, epoch and numbers; sealed columns stay sealed.
"""

import base64
import hashlib
import json
import os
import re
import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import delete, insert
from sqlmodel import Session, SQLModel, col, select

from lexicon.faults import TamperFault
from storage import tables
from storage.custody import EntryType
from storage.database import in_batches
from storage.ledger_rows import end_of, kept_entries, root_at
from storage.merkle import Frontier, leaf_hash

FORMAT: Final = 1
LONGEST: Final = 2_000
"""Entries in one record, at most."""

_NONCE: Final = 12
_KEY: Final = re.compile(r"[a-z0-9-]+/records/e(\d{4})-(\d{12})-(\d{12})-[0-9a-f]{16}", re.ASCII)
_CHANGES: Final[tuple[tuple[str, type[SQLModel], str], ...]] = (
    ("batch", tables.BatchRow, "id"),
    ("file", tables.FileRow, "id"),
    ("document", tables.DocumentRow, "id"),
    ("opened", tables.DocumentRow, "file_id"),
    ("opened", tables.PageRow, "file_id"),
    ("read", tables.PageRow, "document_id"),
    ("form", tables.FormRow, "id"),
    ("opened", tables.FormReturnRow, "file_id"),
    ("form", tables.FormReturnRow, "id"),
    ("document", tables.SealedRow, "document_id"),
    ("document", tables.ReceiptRow, "document_id"),
    ("document", tables.RestrictionRow, "document_id"),
    ("document", tables.DeletionRow, "document_id"),
    ("hold", tables.HoldRow, "id"),
    ("person", tables.PersonRow, "id"),
    ("review", tables.ReviewRow, "id"),
    ("import", tables.ImportRow, "id"),
    ("import", tables.PatientRow, "import_id"),
    ("import", tables.PatientRow, "ins_import_id"),
    ("review", tables.PatientRow, "parted_by"),
    ("import", tables.FactRow, "import_id"),
    ("fact", tables.FactRow, "id"),
    ("patient", tables.FactSealRow, "patient_index"),
    ("box", tables.PaperRow, "box_index"),
)
"""Objects of entries -> rows that change with them, parents before children; `opened` are files with pages, `read` are
documents whose pages were read."""
_ADDED: Final = (tables.FactRow, tables.CheckpointRow)
"""Append-only rows: put where they are not, left where they are."""
_MODELS: Final = {str(model.__tablename__): model for _, model, _ in _CHANGES} | {
    str(tables.CheckpointRow.__tablename__): tables.CheckpointRow
}


@dataclass(frozen=True, slots=True)
class Extent:
    """Entries [first, past) of an epoch."""

    epoch: int
    first: int
    past: int


@dataclass(frozen=True, slots=True)
class Record:
    """One stretch: its entries' exact bytes, the root (hex) after them, rows by table."""

    extent: Extent
    root: str
    entries: tuple[bytes, ...]
    rows: Mapping[str, Sequence[Mapping[str, Any]]]


def size_of(session: Session) -> int:
    """How many entries the ledger has."""
    last = session.exec(select(tables.EntryRow.seq).order_by(col(tables.EntryRow.seq).desc()).limit(1)).first()
    return 0 if last is None else last + 1


def collect(session: Session, epoch: int, first: int) -> Record | None:
    """The record of what follows entry `first`, itself included, at most `LONGEST`; None where nothing does."""
    kept = [entry.entry for _, entry in zip(range(LONGEST), kept_entries(session, first), strict=False)]
    if not kept:
        return None
    past = first + len(kept)
    root = root_at(session, past)
    if root is None:
        raise TamperFault("custody-broken")
    rows: dict[str, list[dict[str, Any]]] = {}
    for model, found in _rows(session, _named(kept)):
        rows.setdefault(str(model.__tablename__), []).extend(found)
    query = select(tables.CheckpointRow).where(tables.CheckpointRow.size >= first, tables.CheckpointRow.size <= past)
    rows[str(tables.CheckpointRow.__tablename__)] = [row.model_dump() for row in session.exec(query)]
    return Record(Extent(epoch, first, past), root.hex(), tuple(kept), rows)


def apply(session: Session, record: Record) -> bool:
    """Bring a record's entries and rows into a ledger that reaches its beginning; False where it continues another.

    Nothing is written then. Raises `TamperFault("record-forged")` where its own root does not follow from its entries.
    """
    frontier, _ = end_of(session)
    known = frontier.size - record.extent.first
    if known < 0 or known >= len(record.entries) or not _same(session, record, known):
        return False
    entries, nodes = _grown(frontier, record.entries[known:], record.root)
    session.execute(insert(tables.EntryRow), entries)
    if nodes:
        session.execute(insert(tables.NodeRow), nodes)
    _close_off_reopened(session, record)
    for name, rows in record.rows.items():
        _put(session, _MODELS[name], rows)
    session.flush()
    return True


def _grown(
    frontier: Frontier, added: Sequence[bytes], root: str
) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    entries: list[dict[str, object]] = []
    nodes: list[dict[str, object]] = []
    for entry in added:
        leaf, seq = leaf_hash(entry), frontier.size
        frontier, made = frontier.push(leaf)
        entries.append({"seq": seq, "entry": entry, "leaf": leaf, "frontier": frontier.packed})
        nodes += [{"level": node.level, "index": node.index, "hash": node.hash} for node in made]
    if frontier.root.hex() != root:
        raise TamperFault("record-forged")
    return entries, nodes


def _same(session: Session, record: Record, known: int) -> bool:
    """Whether the entries that both have are the same."""
    first = record.extent.first
    query = select(tables.EntryRow.leaf).where(tables.EntryRow.seq >= first, tables.EntryRow.seq < first + known)
    stored = list(session.exec(query.order_by(col(tables.EntryRow.seq))))
    return stored == [leaf_hash(entry) for entry in record.entries[:known]]


def _close_off_reopened(session: Session, record: Record) -> None:
    """A file that a person had opened again left its column: its pages of before do not stand beside those to come."""
    files = record.rows.get(str(tables.FileRow.__tablename__), [])
    reopened = [str(row["id"]) for row in files if row["state"] == "captured"]
    for identifiers in in_batches(reopened):
        session.execute(delete(tables.PageRow).where(col(tables.PageRow.file_id).in_(identifiers)))


def _put(session: Session, model: type[SQLModel], rows: Iterable[Mapping[str, Any]]) -> None:
    keys = [column.name for column in SQLModel.metadata.tables[str(model.__tablename__)].primary_key.columns]
    for row in rows:
        there = session.get(model, tuple(row[key] for key in keys)) if model in _ADDED else None
        if there is None:
            session.merge(model(**row))
    session.flush()


# Which rows changed


def _named(entries: Iterable[bytes]) -> dict[str, list[str]]:
    """Identifiers by kind of object, each once."""
    named: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for raw in entries:
        entry = json.loads(raw)
        kind, _, identifier = entry["object"].partition(":")
        named[kind][identifier] = None
        batch = entry.get("within", {}).get("batch")
        if batch is not None:
            named["batch"][batch] = None
        if kind == "file" and entry["type"] in (EntryType.CAPTURE, EntryType.SPLIT):
            named["opened"][identifier] = None
        if kind == "document" and entry["type"] == EntryType.RECOGNITION:
            named["read"][identifier] = None
    return {kind: list(found) for kind, found in named.items()}


def _rows(session: Session, named: dict[str, list[str]]) -> Iterable[tuple[type[SQLModel], list[dict[str, Any]]]]:
    for kind, model, column in _CHANGES:
        found: list[dict[str, Any]] = []
        for identifiers in in_batches(named.get(kind, ())):
            query = select(model).where(col(getattr(model, column)).in_(identifiers))
            found += [row.model_dump() for row in session.exec(query)]
        if model is tables.FactRow:
            indexes = (*named.get("patient", ()), *(row["patient_index"] for row in found))
            named["patient"] = list(dict.fromkeys(indexes))
        yield model, found


# As the host keeps it


def prefix_of(station: str) -> str:
    return f"{station}/records/"


def key_of(station: str, extent: Extent, sealed: bytes) -> str:
    """Where a record lies: the end tells two records of the same stretch apart."""
    numbers = f"e{extent.epoch:04d}-{extent.first:012d}-{extent.past:012d}"
    return f"{prefix_of(station)}{numbers}-{hashlib.sha256(sealed).hexdigest()[:16]}"


def extent_of(key: str) -> Extent | None:
    """What the name of an object says; None for another object's."""
    said = _KEY.fullmatch(key)
    return None if said is None else Extent(*map(int, said.groups()))


def seal_record(record: Record, station: str, key: bytes) -> bytes:
    """Compressed, then encrypted under the backup key (32 bytes) with a fresh nonce."""
    stated = {
        "entries": [entry.decode() for entry in record.entries],
        "root": record.root,
        "rows": {name: [_plain(row) for row in rows] for name, rows in record.rows.items()},
        "v": FORMAT,
    }
    nonce = os.urandom(_NONCE)
    packed = zlib.compress(json.dumps(stated, separators=(",", ":")).encode(), 1)
    return nonce + AESGCM(key).encrypt(nonce, packed, _bound(station, record.extent))


def open_record(sealed: bytes, extent: Extent, station: str, key: bytes) -> Record:
    """Raises `TamperFault("record-forged")`, whatever the bytes."""
    try:
        packed = AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], _bound(station, extent))
        stated = json.loads(zlib.decompress(packed))
        entries = tuple(entry.encode() for entry in stated["entries"])
        rows = {name: [_typed(row) for row in rows] for name, rows in stated["rows"].items()}
    except (InvalidTag, ValueError, KeyError, TypeError, AttributeError, zlib.error):
        raise TamperFault("record-forged") from None
    if stated["v"] != FORMAT or len(entries) != extent.past - extent.first or not rows.keys() <= _MODELS.keys():
        raise TamperFault("record-forged")
    return Record(extent, stated["root"], entries, rows)


def _bound(station: str, extent: Extent) -> bytes:
    return f"liasse record 1|{station}|{extent.epoch}|{extent.first}|{extent.past}".encode()


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: [base64.b64encode(v).decode()] if isinstance(v, bytes) else v for name, v in row.items()}


def _typed(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: base64.b64decode(v[0], validate=True) if isinstance(v, list) else v for name, v in row.items()}
