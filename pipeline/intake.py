"""A file's first minutes: its bytes hashed before anything else, safe in the spool, and told if they came before."""

import io
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Final

from sqlmodel import Session

from lexicon.faults import StationFault
from pipeline.asking_again import opened_before
from pipeline.config import InboxKind
from pipeline.formats.collated import Bundle
from pipeline.station import Station
from storage.custody import OF_FORMS, REOPENED, Draft, EntryType
from storage.effects import effect
from storage.files import disk_faults
from storage.stored import StoredFile
from storage.times import write_time

CHANGED: Final = "changed-while-read"


@dataclass(frozen=True, slots=True)
class Source:
    """A file that is ready to be taken.

    `name` and `batch` (its folder's name) may hold a patient's name: for the operator's eyes, and sealed at rest.
    `identifier` is what the file was claimed under; `done` lets go of the original once its bytes are safe.
    """

    identifier: str
    name: str
    batch: str
    stream: BinaryIO
    """At its beginning."""
    done: Callable[[], None]
    kind: InboxKind = "records"
    """What its drop folder is for."""
    bundle: Bundle | None = None
    """The stream, where it holds the scanner's files of manual duplex."""

    @property
    def written(self) -> tuple[tuple[int, int] | None, ...]:
        """What changes when somebody writes to what it is read from."""
        return tuple(map(_written, self.bundle.parts if self.bundle else (self.stream,)))


def take(station: Station, source: Source) -> StoredFile:
    """Spool, rows and entry for a file, then let go of the original. Taken again after a crash, it is the same file.

    Raises `StationFault` `disk-full` or `disk-unusable`, or `changed-while-read` where somebody wrote to it meanwhile:
    then nothing of it is recorded, and it is to be taken once more. Whatever the content, a file can be taken.
    """
    with station.database.read() as session:
        known = station.captured.file(session, source.identifier)
    if known is None:
        before = source.written
        with effect("capture.spool"):
            spooled = station.spool.write(source.identifier, source.stream)
        if source.written != before:
            raise StationFault("changed-while-read")
        known = _record(station, source, spooled.sha256, spooled.size)
    if known.state == "duplicate":
        with effect("capture.discard"):
            station.spool.destroy(known.id)
    with disk_faults():
        source.done()
    return known


def _written(stream: BinaryIO) -> tuple[int, int] | None:
    """What changes when a file is written to: its size in bytes, its modification time in nanoseconds.

    None for what is no file: nobody else writes to it.
    """
    try:
        seen = os.fstat(stream.fileno())
    except io.UnsupportedOperation:
        return None
    return seen.st_size, seen.st_mtime_ns


def twin_of(station: Station, session: Session, kind: str, sha256: str) -> StoredFile | None:
    """The file of the same bytes that was opened before, in an inbox of the same kind."""
    if kind == "authorizations":
        return station.captured.same_bytes(session, sha256, kind)
    return opened_before(station, session, sha256)


def _record(station: Station, source: Source, sha256: str, size: int) -> StoredFile:
    now = station.clock.now()
    with station.database.write("capture.record") as session:
        batch, again = _batch_of(station, session, source.batch, now)
        first = twin_of(station, session, source.kind, sha256)
        file = StoredFile(
            id=source.identifier,
            batch=batch,
            name=source.name,
            sha256=sha256,
            size=size,
            state="captured" if first is None else "duplicate",
            pages=None if first is None else max(first.pages or 1, 1),
            reason=None if first is None else "duplicate-file",
            captured_at=write_time(now),
            kind=source.kind,
        )
        counts = {"pages": file.pages or 1} if first else {}
        station.captured.capture(session, file, first.id if first else None)
        draft = Draft(
            EntryType.CAPTURE,
            f"file:{file.id}",
            "captured" if first is None else "duplicate",
            within={"batch": batch},
            counts=counts | ({OF_FORMS: 1} if file.kind == "authorizations" else {}),
            hashes_in=source.bundle.hashes if source.bundle else (),
            hashes_out=(sha256,),
            sizes_out=(size,),
            parent=first.id if first else None,
        )
        station.ledger.append(session, *again, draft, at=now)
    return file


def _batch_of(station: Station, session: Session, label: str, now: datetime) -> tuple[str, tuple[Draft, ...]]:
    """The batch that a file of this label belongs to; with its entry, where that is open again for it."""
    lacking = station.batches.lacking(session, label)
    if lacking is None or not station.batches.reopen_batch(session, lacking):
        return station.batches.batch_for(session, label, station.identifiers.new(), now), ()
    return lacking, (Draft(EntryType.REVIEW, f"batch:{lacking}", REOPENED),)
