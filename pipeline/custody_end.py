"""How the station's custody of what is not deposited ends: closed, final, or on its way again.

Curable: under the release key, one key a document, for `quarantine.max_days` at most. Closed: sealed for client and
escrow, and nothing that the station could open. Final: destroyed, its row and its entries stay. Each step finds its own
work when it runs again; the release key's copy is destroyed only after the row and the ledger say that it is closed.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

import structlog
from sqlmodel import Session

from consent_gate.model import CustodyClass, DocumentId, Refused
from consent_gate.review import MaintainReason
from lexicon.faults import Fault, StationFault
from pipeline import settle
from pipeline.asking_again import context, is_closing
from pipeline.compose import compose_originals
from pipeline.entries import about
from pipeline.forms.ending import close_held, held_overdue
from pipeline.leaves import images_of
from pipeline.model import Scan
from pipeline.office import review_record
from pipeline.reopen import opened_again
from pipeline.station import Station
from pipeline.tools import MEDIA_TYPE
from storage.custody import KEPT_TOO_LONG, KEY_DESTROYED, RELEASED, Draft, EntryType
from storage.effects import effect
from storage.envelope import SealedFile, SealedOriginal, seal_file, seal_kept, seal_refused
from storage.files import disk_faults, is_older, sync_folder
from storage.header import FileHeader, RefusedHeader
from storage.rejudges import put_back_all
from storage.stored import KEPT, LOST, StoredDocument, StoredFile
from storage.work import Superseded

log = structlog.get_logger("liasse.custody")

ANY_FILE: Final = "application/octet-stream"
_UNDER_WAY: Final = timedelta(days=1)
"""Far longer than it takes to seal something."""
_ONE_ONLY: Final = frozenset({"spool-missing", "spool-damaged", "source-changed", "document-too-large"})
"""Faults that keep one document from being closed, and no other."""


# Curable to closed


Within = Callable[[Session], None]
"""Writes what else is of a transaction; raises `Superseded` where nothing is to be written any more."""


def close_curable(
    station: Station, document: DocumentId, refused: Refused | None = None, *, within: Within = lambda _: None
) -> bool:
    """Seal a curable document for client and escrow and destroy the release key's copy; False where it is not curable.

    `refused` is a closing answer of the gate whose `consent-check` is in the ledger (as `ask_again` writes it), or
    which `within` writes: the document is refused for that reason from then on. None: its time is over
    (`kept-too-long`), its column, its reason and its decision stay. After a crash, called again or not, it is whole:
    either still curable, or closed.

    Raises `StationFault` `spool-missing`, `disk-full`; `TamperFault("spool-damaged")`: then it stays as it is.
    """
    if refused is not None and not is_closing(refused):
        raise ValueError("not a closing answer")
    stored = _stored(station, document)
    if stored is None or stored.state not in KEPT or stored.custody != CustodyClass.CURABLE:
        if stored is not None and stored.custody == CustodyClass.CLOSED:
            settle.clear(station, document)
        return False
    sealing = station.sealed_folder / f"{document}-closing-{station.identifiers.new()}.p7m"
    try:
        sealed = _seal(station, stored, refused, sealing)
        _record_closed(station, stored, refused, sealed, sealing, within)
    except Superseded:  # taken again, reviewed or closed by somebody else meanwhile
        return False
    finally:
        with disk_faults(), effect("closing.tidy"):
            sealing.unlink(missing_ok=True)
    settle.clear(station, document)
    return True


def refuse_lost(station: Station, stored: StoredDocument, refused: Refused, *, within: Within) -> bool:
    """A curable document whose copy is not there any more is refused, with nothing to seal; False where not curable.

    `refused` is a closing answer of the gate whose `consent-check` `within` writes.
    """
    now = station.clock.now()
    pages = {"pages": stored.pages}
    reason, decision = refused.reason.value, refused.decision
    with suppress(Superseded), station.database.write("closing.lose") as session:
        within(session)
        station.documents.lose(session, stored.id, now, (reason, decision))
        refusal = about(stored, EntryType.REVIEW, reason, counts=pages, decision=decision)
        station.ledger.append(session, refusal, about(stored, EntryType.DESTRUCTION, LOST), at=now)
        return True
    return False


def close_overdue(station: Station, *, most: int | None = None, stopping: Callable[[], bool] = lambda: False) -> int:
    """Close what has been curable for longer than `quarantine.max_days`, files set aside and held pages of an inbox of
    authorizations as well; how many it was.

    Nothing while the clock cannot be trusted. One that cannot be read is left, told in the log, and keeps no other.
    """
    moment = station.clock.moment()
    if not moment.trusted:
        return 0
    review_record.erase_overdue(station)
    before = moment.at - timedelta(days=station.config.quarantine.max_days)
    closed = 0
    for close in _overdue(station, before):
        if stopping() or closed == most:
            break
        closed += bool(close())
    if closed:
        log.info("closed", count=closed)
    return closed


def _overdue(station: Station, before: datetime) -> Iterator[Callable[[], bool | None]]:
    """What would close each of them; what a lost machine took with it is not there to be closed."""
    with station.database.read() as session:
        documents = station.documents.overdue(session, before)
        files = station.captured.overdue_files(session, before)
    for document in documents:
        if station.quarantine.has(document):
            yield partial(unless_unreadable, document, partial(close_curable, station, document))
    for file in files:
        if station.quarantine.has(file):
            yield partial(unless_unreadable, file, partial(close_file, station, file))
    for returned in held_overdue(station, before):
        yield partial(unless_unreadable, returned, partial(close_held, station, returned))


def close_file(station: Station, identifier: str) -> bool:
    """Seal a file that was set aside as it came, for client and escrow, and destroy the release key's copy.

    Its images stay in their column; False where it is not curable. Raises as `close_curable`.
    """
    with station.database.read() as session:
        file = station.captured.file(session, identifier)
    if file is None or file.state != "set-aside" or file.custody != CustodyClass.CURABLE:
        return False
    sealing = station.sealed_folder / f"{identifier}-closing-{station.identifiers.new()}.p7m"
    try:
        sealed = _seal_file(station, file, sealing)
        _record_closed_file(station, file, sealed, sealing)
    except Superseded:
        return False
    finally:
        with disk_faults(), effect("closing.tidy"):
            sealing.unlink(missing_ok=True)
    clear_file(station, identifier)
    return True


def clear_file(station: Station, identifier: str) -> None:
    """Destroy the release key's copy of a closed file; run again after a crash, it finishes."""
    for left in station.sealed_folder.glob(f"{identifier}-closing-*.p7m"):
        with disk_faults(), effect("closing.sweep"):
            left.unlink(missing_ok=True)
    with effect("file.forget"):
        station.quarantine.destroy(identifier)
    now = station.clock.now()
    with station.database.write("file.forgotten") as session:
        file = station.captured.file(session, identifier)
        if file is not None and station.captured.clear_file(session, identifier, now):
            within = {"batch": file.batch}
            draft = Draft(EntryType.DESTRUCTION, f"file:{identifier}", KEY_DESTROYED, within=within)
            station.ledger.append(session, draft, at=now)


def sweep_closing(station: Station) -> None:
    """At start: finish what a crash left between a file's closing and the end of the release key's copy, and clear away
    what nobody seals any more.
    """
    older = (station.clock.now() - _UNDER_WAY).timestamp()
    for left in station.sealed_folder.glob("*-closing-*.p7m"):
        if is_older(left, older):
            with disk_faults(), effect("closing.sweep"):
                left.unlink(missing_ok=True)
    with station.database.read() as session:
        files = station.captured.uncleared_files(session)
    for file in files:
        clear_file(station, file)


# Final


def end_custody(
    station: Station, session: Session, stored: StoredDocument, *, person: str, reason: MaintainReason, at: datetime
) -> None:
    """A refusal is maintained: every copy is to be destroyed, the client's sealed one included; the tombstone stays.

    Row and entry, in the caller's transaction; `settle.clear` does the rest, or a sweep. `person` is the ULID of who
    decided. No later authorization brings it back: the paper would have to be scanned anew. Raises
    `StationFault("document-not-kept")`.
    """
    try:
        station.documents.end(session, stored)
    except Superseded:
        raise StationFault("document-not-kept", document=stored.id) from None
    draft = about(stored, EntryType.DESTRUCTION, reason.value, counts={"pages": stored.pages}, person=person)
    station.ledger.append(session, draft, at=at)


# On its way again


def put_back(
    station: Station,
    session: Session,
    stored: StoredDocument,
    at: datetime,
    *,
    decision: str,
) -> None:
    """A kept document is released: on its way again, its file and its batch with it, in the caller's transaction.

    Its pages must be in the spool by then; the copy that they came from stays until the document is settled again.
    Raises `Superseded` where it is not kept any more. The caller tells the engine afterwards
    (`pipeline.office.tasks.enqueue`).
    """
    now = station.documents.document(session, stored.id)
    if now is None or now.state not in KEPT or now.custody == CustodyClass.FINAL:
        raise Superseded
    pages = {"pages": stored.pages}
    draft = about(stored, EntryType.REVIEW, RELEASED, counts=pages, decision=decision)
    opened = put_back_all(session, [stored.id])
    station.ledger.append(session, draft, *opened_again([stored], *opened, RELEASED), at=at)


# Sealing


def _seal(station: Station, stored: StoredDocument, refused: Refused | None, target: Path) -> SealedOriginal:
    """The images as they came, as an image-only PDF. No text of them exists anywhere."""
    scan = Scan(stored.id, images_of(station, stored.id, station.quarantine))
    with station.workplace() as folder:
        path = folder / f"{stored.id}.pdf"
        compose_originals(scan, context(station, stored), path)
        sha256, size = settle.digest(path), path.stat().st_size
        decision = refused.decision if refused else stored.decision or ""
        header = RefusedHeader(stored.id, stored.version, decision, sha256, MEDIA_TYPE)
        with path.open("rb") as source, effect("closing.seal"):
            if refused is None:
                return seal_kept(source, size, header, recipients=station.recipients, target=target)
            return seal_refused(source, size, header, refused, recipients=station.recipients, target=target)


def _seal_file(station: Station, file: StoredFile, target: Path) -> SealedFile:
    header = FileHeader(file.id, file.sha256, ANY_FILE)
    with station.quarantine.open(file.id) as source, effect("closing.seal-file"):
        return seal_file(source, file.size, header, recipients=station.recipients, target=target)


def _record_closed(
    station: Station,
    stored: StoredDocument,
    refused: Refused | None,
    sealed: SealedOriginal,
    sealing: Path,
    within: Within,
) -> None:
    now = station.clock.now()
    with station.database.write("closing.record") as session:
        if len(station.documents.positions(session, stored.id)) != stored.pages:
            raise Superseded  # a page was put back after it was sealed
        within(session)
        answer = (refused.reason.value, refused.decision) if refused else None
        station.documents.close(session, stored.id, now, answer)
        _place(station, stored.id, sealing)
        draft = about(
            stored,
            EntryType.SEALING,
            refused.reason.value if refused else KEPT_TOO_LONG,
            counts={"pages": stored.pages},
            decision=refused.decision if refused else stored.decision,
            hashes_out=(sealed.sha256,),
            sizes_out=(sealed.size,),
        )
        station.ledger.append(session, draft, at=now)


def _record_closed_file(station: Station, file: StoredFile, sealed: SealedFile, sealing: Path) -> None:
    now = station.clock.now()
    with station.database.write("closing.record-file") as session:
        station.captured.close_file(session, file.id)
        _place(station, file.id, sealing)
        draft = Draft(
            EntryType.SEALING,
            f"file:{file.id}",
            KEPT_TOO_LONG,
            within={"batch": file.batch},
            counts={"pages": file.pages or 1},
            hashes_in=(file.sha256,),
            hashes_out=(sealed.sha256,),
            sizes_out=(sealed.size,),
        )
        station.ledger.append(session, draft, at=now)


def _place(station: Station, identifier: str, sealing: Path) -> None:
    target = station.closed_path(identifier)
    with disk_faults(), effect("closing.place"):
        sealing.replace(target)
        sync_folder(target.parent)


def unless_unreadable(identifier: str, close: Callable[[], bool]) -> bool | None:
    """Close it; None where it cannot be read, which is told in the log and keeps no other."""
    try:
        return close()
    except Fault as fault:
        if fault.code not in _ONE_ONLY:
            raise
        log.error("not-closed", object=identifier, fault=fault.code)  # noqa: TRY400  its traceback tells nothing more
        return None


# Rows


def _stored(station: Station, document: DocumentId) -> StoredDocument | None:
    with station.database.read() as session:
        return station.documents.document(session, document)
