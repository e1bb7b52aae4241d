"""What the station keeps once a document's outcome is known: nothing of what the host has, a curable document under the
release key, a closed one sealed for client and escrow."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from consent_gate.model import CustodyClass, DocumentId, Reason, Refused, custody_class
from pipeline.compose import ScanContext, compose_originals
from pipeline.entries import about
from pipeline.model import Held, Scan
from pipeline.office import review_record
from pipeline.station import Station
from pipeline.taking_back import take_back
from storage import work
from storage.custody import DESTROYED, KEY_DESTROYED, Draft, EntryType
from storage.effects import effect
from storage.envelope import SealedOriginal, seal_refused
from storage.files import PART, disk_faults, is_older, parts_of, sync_folder
from storage.header import RefusedHeader
from storage.review_records import KEPT_FOR_REVIEW
from storage.stored import LOST, StoredDocument, StoredFile
from storage.times import read_time

MEDIA_TYPE = "application/pdf"

_UNREADABLE: Final = {CustodyClass.CLOSED.value: KEY_DESTROYED, CustodyClass.FINAL.value: DESTROYED}
"""Classes of which the station can open nothing any more, and what its ledger says then."""
_UNDER_WAY: Final = timedelta(days=1)
"""Far longer than it takes from a working copy's first byte to the row that knows of it."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the gate was closed, and the digest (hex) of the decision that the ledger has."""

    reason: Reason
    decision: str


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
    take_back(station, document)
    review_record.make(station, document)
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
    take_back(station, document)
    page = held.conflict.page if held.conflict else None
    review_record.make(station, document, page, held.reason)
    _to_quarantine(station, document.id)
    _record(station, document, Kept("held", held.reason.value, CustodyClass.CURABLE, look_at=page))
    clear(station, document.id)


def set_aside(station: Station, document: StoredDocument, reason: str) -> None:
    """No step can use the document: it stays under the release key, with its reason."""
    take_back(station, document)
    _to_quarantine(station, document.id)
    _record(station, document, Kept("set-aside", reason, CustodyClass.CURABLE))
    clear(station, document.id)


def set_closed(station: Station, document: StoredDocument, refused: Refusal) -> None:
    """Its original is sealed for client and escrow, and nobody has written down yet that the gate was closed."""
    now = station.clock.now()
    sha256, size = digest(station.closed_path(document.id)), station.closed_path(document.id).stat().st_size
    with station.database.write("outcome.record") as session:
        work.require_held(session, document.id, document.holder)
        station.documents.settle(
            session,
            document.id,
            "refused",
            now,
            reason=refused.reason.value,
            custody=CustodyClass.CLOSED.value,
            decision=refused.decision,
        )
        draft = about(
            document,
            EntryType.SEALING,
            refused.reason.value,
            counts={"pages": document.pages},
            decision=refused.decision,
            hashes_out=(sha256,),
            sizes_out=(size,),
        )
        station.ledger.append(session, draft, at=now)


def set_lost_aside(station: Station, document: StoredDocument) -> None:
    """Nothing of it is left on the station: it stands in its column with its reason, to be scanned again.

    An original that is sealed for the client, whatever for, stays: it is never cleared away.
    """
    now = station.clock.now()
    custody = CustodyClass.CLOSED.value if station.closed_path(document.id).exists() else None
    with station.database.write("outcome.lose") as session:
        work.require_held(session, document.id, document.holder)
        station.documents.settle(session, document.id, "set-aside", now, reason=LOST, custody=custody)
        station.ledger.append(
            session, about(document, EntryType.REVIEW, LOST, counts={"pages": document.pages}), at=now
        )


def set_lost_file_aside(station: Station, file: StoredFile) -> None:
    """The same of a file: it counts as one image."""
    now = station.clock.now()
    with station.database.write("file.lose") as session:
        station.captured.set_file_aside(session, file.id, LOST, 1, now)
        counts = {"pages": 1, "set-aside": 1}
        draft = Draft(EntryType.SPLIT, f"file:{file.id}", LOST, within={"batch": file.batch}, counts=counts)
        station.ledger.append(session, draft, at=now)


def set_file_aside(
    station: Station, file: StoredFile, reason: str, pages: int = 1, discard: Callable[[], None] = lambda: None
) -> None:
    """The file cannot be used: its images stand in their column, its bytes stay under the release key.

    `discard` destroys what was made of it, while nobody else can open it. Raises `Superseded` where somebody has.
    """
    now = station.clock.now()
    with station.spool.open(file.id) as source, effect("file.quarantine"):
        station.quarantine.write(file.id, source)
    with station.database.write("file.set-aside") as session:
        station.captured.set_file_aside(session, file.id, reason, pages, now)
        discard()
        counts = {"pages": max(pages, 1), "set-aside": max(pages, 1)}
        draft = Draft(EntryType.SPLIT, f"file:{file.id}", reason, within={"batch": file.batch}, counts=counts)
        station.ledger.append(session, draft, at=now)
    with effect("file.destroy"):
        station.spool.destroy(file.id)


def set_duplicate(station: Station, file: StoredFile, first: StoredFile) -> None:
    """The same bytes came before: the file's images stand in their column, and its bytes go."""
    now = station.clock.now()
    with station.database.write("file.set-duplicate") as session:
        station.captured.set_duplicate(session, file.id, first, now)
        pages = max(first.pages or 1, 1)
        counts = {"pages": pages, "duplicate": pages}
        within = {"batch": file.batch}
        draft = Draft(EntryType.SPLIT, f"file:{file.id}", "duplicate", within=within, counts=counts, parent=first.id)
        station.ledger.append(session, draft, at=now)
    with effect("duplicate.destroy"):
        station.spool.destroy(file.id)
        station.quarantine.destroy(file.id)  # where it was to be opened again


def clear(station: Station, document: DocumentId) -> None:
    """Destroy the working copies of a settled document. Run again after a crash, it finishes.

    Of a closed or a final one, its file's original goes too, while others of the file are still on their way: the
    station has nothing of it any more that it could open, and says so. A final one's sealed original goes as well.
    """
    with station.database.read() as session:
        stored = station.documents.document(session, document)
    if stored is None or stored.state == "in-progress":
        return
    left = [*station.sealed_folder.glob(f"{document}-*"), *parts_of(station.closed_path(document))]
    for path in left if stored.custody == CustodyClass.CLOSED.value else [*left, station.closed_path(document)]:
        with disk_faults(), effect("sealed.destroy"):
            path.unlink(missing_ok=True)
    with effect("document.destroy"):
        station.spool.destroy(document)
    if stored.custody != CustodyClass.CURABLE.value:
        with effect("quarantine.destroy"):
            station.quarantine.destroy(document)
    if stored.custody in _UNREADABLE:
        with effect("original.forget"):
            station.spool.destroy(stored.file)
            station.quarantine.destroy(stored.file)
    if stored.state not in KEPT_FOR_REVIEW or stored.custody == CustodyClass.FINAL.value:
        review_record.erase(station, document)
    _record_cleared(station, stored)


def end_file(station: Station, file: str) -> None:
    """When no document of a file is on its way any more and their working copies are gone, its original's goes."""
    with station.database.read() as session:
        stored = station.captured.file(session, file)
        left = work.left_of(session, file)
    if stored is None or stored.state != "split" or left:
        return
    with effect("original.destroy"):
        station.spool.destroy(file)
        station.quarantine.destroy(file)  # where it was opened again, and a crash came between
    now = station.clock.now()
    with station.database.write("file.settle") as session:
        if station.captured.settle_file(session, file, now):
            draft = Draft(EntryType.DESTRUCTION, f"file:{file}", "working-copies", within={"batch": stored.batch})
            station.ledger.append(session, draft, at=now)


def sweep(station: Station, *, alone: bool) -> None:
    """At start: finish what a crash left between an outcome and its purge, and destroy what interrupted writes left and
    working copies that no row knows (their file will be opened again).

    Unless `alone`, others may be writing what no row knows yet: then only what is older than any of that can be.
    """
    station.workshop.sweep()
    older = None if alone else (station.clock.now() - _UNDER_WAY).timestamp()
    _sweep_parts(station, older)
    _sweep_orphans(station, older)
    with station.database.read() as session:
        documents, files = work.uncleared(session), work.unsettled_files(session)
    for document in documents:
        clear(station, DocumentId(document))
    for file in files:
        end_file(station, file)
    review_record.sweep(station, older)


def _sweep_parts(station: Station, older: float | None) -> None:
    with station.database.write("spool.tidy"), effect("spool.sweep"):  # what is being recorded is whole by then
        station.spool.sweep(older)
    with effect("quarantine.sweep"):
        station.quarantine.sweep(older)
    for folder in (station.sealed_folder, station.config.shared / "quarantine"):
        for part in folder.glob(f"*{PART}"):
            if is_older(part, older):
                with effect("sealed.sweep"):
                    part.unlink(missing_ok=True)


def _sweep_orphans(station: Station, older: float | None) -> None:
    """While nobody else can write: a release, which may run beside a start, puts pages and row there together."""
    with station.database.write("spool.tidy") as session:
        needed = work.working_copies(session)
        for identifier in station.spool.ids(older):
            if identifier not in needed:
                with effect("orphan.destroy"):
                    station.spool.destroy(identifier)


def bring_back(station: Station, document: DocumentId) -> None:
    """The working copy of a document that was taken again: from the release key to the spool's.

    What lies under the release key stays until the document is settled, so that nothing is lost between the two.
    """
    if station.quarantine.has(document) and not station.spool.has(document):
        with station.quarantine.open(document) as source, effect("reopened.spool"):
            station.spool.write(document, source)


def _to_quarantine(station: Station, document: DocumentId) -> None:
    """From the spool's key to the release key; what a review or a later authorization may unwrap."""
    with station.spool.open(document) as source, effect("document.quarantine"):
        station.quarantine.write(document, source)


def _seal_closed(
    station: Station, document: StoredDocument, scan: Scan, refused: Refused, context: ScanContext, folder: Path
) -> SealedOriginal:
    """The images as they came, as an image-only PDF, for client and escrow. No text of them exists anywhere."""
    path = folder / f"{document.id}.pdf"
    compose_originals(scan, context, path)
    header = RefusedHeader(document.id, document.version, refused.decision, digest(path), MEDIA_TYPE)
    with path.open("rb") as source:
        target = _beside(station, document)
        with effect("closed.seal"):
            return seal_refused(
                source, path.stat().st_size, header, refused, recipients=station.recipients, target=target
            )


def _beside(station: Station, document: StoredDocument) -> Path:
    """Where this holder seals a closed document: another worker's envelope does not replace the recorded one."""
    return station.sealed_folder / f"{document.id}-closed-{document.holder}.p7m"


def _place(station: Station, document: StoredDocument) -> None:
    target = station.closed_path(document.id)
    with disk_faults(), effect("closed.place"):
        _beside(station, document).replace(target)
        sync_folder(target.parent)


def _record(station: Station, document: StoredDocument, kept: Kept, sealed: SealedOriginal | None = None) -> None:
    now = station.clock.now()
    with station.database.write("outcome.record") as session:
        work.require_held(session, document.id, document.holder)
        if sealed:
            _place(station, document)
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
        draft = about(
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
    with station.database.write("clearing.record") as session:
        if not station.documents.cleared(session, document.id, now):
            return
        seconds = {"custody-seconds": _seconds(read_time(document.captured_at), now)}
        drafts = [about(document, EntryType.DESTRUCTION, "working-copies", counts=seconds)]
        if document.custody in _UNREADABLE:
            drafts.append(about(document, EntryType.DESTRUCTION, _UNREADABLE[document.custody]))
        station.ledger.append(session, *drafts, at=now)


def digest(path: Path) -> str:
    """SHA-256 (hex) of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _seconds(start: datetime, end: datetime) -> int:
    return max(0, round((end - start).total_seconds()))
