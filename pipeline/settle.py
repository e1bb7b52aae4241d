"""What the station keeps once a document's outcome is known: nothing of what the host has, a curable document under the
release key, a closed one sealed for client and escrow."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from consent_gate.model import CustodyClass, DocumentId, Refused, custody_class
from lexicon.faults import StationFault
from pipeline.compose import ScanContext, compose_originals
from pipeline.model import Held, Scan
from pipeline.station import Station
from storage.custody import Draft, EntryType
from storage.deposits import find_receipt, find_sealed
from storage.documents import StoredDocument, StoredFile
from storage.envelope import Sealed, SealedOriginal, seal_refused
from storage.files import PART, disk_faults
from storage.header import RefusedHeader
from storage.times import read_time

MEDIA_TYPE = "application/pdf"


@dataclass(frozen=True, slots=True)
class Kept:
    """How a document that is not deposited stays on the station."""

    outcome: str
    reason: str
    custody: CustodyClass
    decision: str | None = None
    look_at: int | None = None


def refuse(station: Station, document: StoredDocument, scan: Scan, refused: Refused, context: ScanContext) -> None:
    """The gate is closed: keep what its reason allows, destroy the rest, and say so."""
    _take_back(station, document)
    custody = custody_class(refused.reason)
    if custody is CustodyClass.CURABLE:
        _to_quarantine(station, document.id)
        sealed = None
    else:
        with station.workplace() as folder:
            sealed = _seal_closed(station, document, scan, refused, context, folder)
    _record(station, document, Kept("refused", refused.reason.value, custody, refused.decision), sealed)
    clear(station, document.id)


def hold(station: Station, document: StoredDocument, held: Held) -> None:
    """A person must say: the document stays under the release key."""
    _take_back(station, document)
    _to_quarantine(station, document.id)
    page = held.conflict.page if held.conflict else None
    _record(station, document, Kept("held", held.reason.value, CustodyClass.CURABLE, look_at=page))
    clear(station, document.id)


def set_aside(station: Station, document: StoredDocument, reason: str) -> None:
    """No step can use the document: it stays under the release key, with its reason."""
    _take_back(station, document)
    _to_quarantine(station, document.id)
    _record(station, document, Kept("set-aside", reason, CustodyClass.CURABLE))
    clear(station, document.id)


def set_file_aside(station: Station, file: StoredFile, reason: str, pages: int = 1) -> None:
    """The file cannot be used: its images stand in their column, its bytes stay under the release key."""
    now = station.clock.now()
    with station.spool.open(file.id) as source:
        station.quarantine.write(file.id, source)
    with station.database.write() as session:
        station.documents.set_file_aside(session, file.id, reason, pages, now)
        counts = {"pages": max(pages, 1), "set-aside": max(pages, 1)}
        draft = Draft(EntryType.SPLIT, f"file:{file.id}", reason, within={"batch": file.batch}, counts=counts)
        station.ledger.append(session, draft, at=now)
    station.spool.destroy(file.id)


def clear(station: Station, document: DocumentId) -> None:
    """Destroy the working copies of a settled document. Run again after a crash, it finishes."""
    with station.database.read() as session:
        stored = station.documents.document(session, document)
    if stored is None or stored.state == "in-progress":
        return
    with disk_faults():
        station.sealed_path(document, stored.version).unlink(missing_ok=True)
    station.spool.destroy(document)
    if stored.custody != CustodyClass.CURABLE.value:
        station.quarantine.destroy(document)
    _record_cleared(station, stored)


def sweep(station: Station) -> None:
    """At start, when nobody else works: finish what a crash left between an outcome and its purge, and destroy working
    copies that no row knows (their file will be opened again)."""
    station.workshop.sweep()
    station.spool.sweep()
    station.quarantine.sweep()
    for folder in (station.config.folder / "sealed", station.config.folder / "quarantine"):
        for part in folder.glob(f"*{PART}"):
            part.unlink()
    unfinished: list[DocumentId] = []
    with station.database.read() as session:
        for identifier in station.spool.ids():
            stored = station.documents.document(session, identifier)
            if stored is None and not _is_open(station.documents.file(session, identifier)):
                station.spool.destroy(identifier)
            elif stored is not None and stored.state != "in-progress":
                unfinished.append(stored.id)
        deposited = station.documents.documents(session, state="deposited")
        unfinished += [document.id for document in deposited if document.purged_at is None]
    for document in dict.fromkeys(unfinished):
        clear(station, document)


def _is_open(file: StoredFile | None) -> bool:
    """Whether a file's own working copy is still needed."""
    return file is not None and file.state in {"captured", "split"}


def _take_back(station: Station, document: StoredDocument) -> None:
    """What an interrupted run sealed, and may have put, before the answer became another: it does not stay at the host.

    What has a receipt is never taken back. Raises `HostFault`; the document then stays on its way.
    """
    with station.database.read() as session:
        stored = station.documents.document(session, document.id)
        found = find_sealed(session, document.id, document.version)
        received = find_receipt(session, document.id)
    if stored is None or stored.state != "in-progress" or received is not None:
        raise StationFault("already-settled", document=document.id)
    if found is None:
        return
    sealed, _ = found
    _record_taking_back(station, document, sealed, "taking-back")
    station.host.delete(station.keys.object_key(station.id, document.id, document.version))
    _record_taking_back(station, document, sealed, "taken-back")


def _record_taking_back(station: Station, document: StoredDocument, sealed: Sealed, outcome: str) -> None:
    draft = _draft(document, EntryType.DESTRUCTION, outcome, hashes_in=(sealed.sha256,), sizes_in=(sealed.size,))
    with station.database.write() as session:
        station.ledger.append(session, draft, at=station.clock.now())


def _to_quarantine(station: Station, document: DocumentId) -> None:
    """From the spool's key to the release key; what a review or a later authorization may unwrap."""
    with station.spool.open(document) as source:
        station.quarantine.write(document, source)


def _seal_closed(
    station: Station, document: StoredDocument, scan: Scan, refused: Refused, context: ScanContext, folder: Path
) -> SealedOriginal:
    """The images as they came, as an image-only PDF, for client and escrow. No text of them exists anywhere."""
    path = folder / f"{document.id}.pdf"
    compose_originals(scan, context, path)
    with path.open("rb") as source:
        sha256 = hashlib.file_digest(source, "sha256").hexdigest()
        header = RefusedHeader(document.id, document.version, refused.decision, sha256, MEDIA_TYPE)
        source.seek(0)
        target = station.closed_path(document.id)
        return seal_refused(source, path.stat().st_size, header, refused, recipients=station.recipients, target=target)


def _record(station: Station, document: StoredDocument, kept: Kept, sealed: SealedOriginal | None = None) -> None:
    now = station.clock.now()
    with station.database.write() as session:
        station.documents.settle(
            session,
            document.id,
            kept.outcome,
            now,
            reason=kept.reason,
            custody=kept.custody.value,
            decision=kept.decision,
            look_at=kept.look_at,
        )
        draft = _draft(
            document,
            EntryType.SEALING if sealed else EntryType.REVIEW,
            kept.reason,
            counts={"pages": document.pages},
            decision=kept.decision,
            hashes_out=(sealed.sha256,) if sealed else (),
            sizes_out=(sealed.size,) if sealed else (),
        )
        station.ledger.append(session, draft, at=now)


def _record_cleared(station: Station, document: StoredDocument) -> None:
    now = station.clock.now()
    with station.database.write() as session:
        if document.state == "deposited":
            station.documents.purged(session, document.id, now)
        seconds = {"custody-seconds": _seconds(read_time(document.captured_at), now)}
        draft = _draft(document, EntryType.DESTRUCTION, "working-copies", counts=seconds)
        station.ledger.append(session, draft, at=now)


def _seconds(start: datetime, end: datetime) -> int:
    return max(0, round((end - start).total_seconds()))


def _draft(document: StoredDocument, kind: EntryType, outcome: str, **more: object) -> Draft:
    within = {"batch": document.batch, "file": document.file}
    return Draft(kind, f"document:{document.id}", outcome, within=within, **more)  # type: ignore[arg-type]  # fields of Draft
