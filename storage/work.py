"""Who is at work on what, and what keeps it: the few columns and rows that the engine's steps share.

Two workers may hold the same document for a moment (one was frozen, and given up): the row names the last that took it,
and each write of another one is refused.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, or_
from sqlmodel import Session, col, select

from storage.database import in_batches
from storage.tables import DocumentRow, FileRow, FormReturnRow, WorkerRow
from storage.times import write_time

_UNDER_WAY: Final = ("captured", "in-progress")


class Superseded(Exception):
    """Somebody else has taken the document, or it is settled."""


@dataclass(frozen=True, slots=True)
class Open:
    """A file to be opened or a document to be prepared, and its size (bytes; pages)."""

    id: str
    size: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a document has come. `trouble` is the fault that keeps it, `troubled_at` since when."""

    document: str
    file: str
    state: str
    trouble: str | None
    troubled_at: str | None
    paused: str | None


@dataclass(frozen=True, slots=True)
class FileStanding:
    """How far a file has come; the rest as of a document. A trouble may keep its end as well."""

    file: str
    state: str
    trouble: str | None
    troubled_at: str | None
    paused: str | None


@dataclass(frozen=True, slots=True)
class Paused:
    """Something that does not go on: `reason` says why a person must say so; empty: it is tried again by itself."""

    id: str
    kind: str
    """`file` or `document`."""
    batch: str
    reason: str
    trouble: str | None


@dataclass(frozen=True, slots=True)
class Worker:
    """A process that works. `beats` grows while it lives."""

    id: str
    version: str
    beats: int
    seen_at: str


# Documents in hand


def take(session: Session, document: str, holder: str, *, paused: bool = False) -> bool:
    """Have the document; False where it is settled, or paused unless `paused`. Whoever had it before is superseded."""
    row = session.get_one(DocumentRow, document)
    if row.state != "in-progress" or (row.paused and not paused):
        return False
    row.holder = holder
    session.add(row)
    session.flush()
    return True


def require_held(session: Session, document: str, holder: str | None) -> None:
    """Raise `Superseded` unless the document is still in progress and `holder`'s."""
    query = select(DocumentRow.state, DocumentRow.holder).where(DocumentRow.id == document)
    if session.exec(query).one() != ("in-progress", holder):
        raise Superseded


def trouble(session: Session, identifier: str, code: str, at: datetime) -> None:
    """Write down what keeps a file or a document from going on for now; of a settled document, it keeps its file."""
    row = session.get(DocumentRow, identifier) or session.get_one(FileRow, identifier)
    if isinstance(row, DocumentRow) and row.state != "in-progress":
        row = session.get_one(FileRow, row.file_id)
    row.trouble, row.troubled_at = code, write_time(at)
    session.add(row)


def pause(session: Session, identifier: str, reason: str) -> bool:
    """Have a file or a document wait for a person; a batch is closed again by itself. False where it has ended."""
    row = session.get(DocumentRow, identifier) or session.get(FileRow, identifier)
    if row is None or row.state not in _UNDER_WAY:
        return False
    row.paused = reason
    session.add(row)
    return True


def resume(session: Session, identifier: str) -> bool:
    """Let it go on; False where it was not paused."""
    row = session.get(DocumentRow, identifier) or session.get(FileRow, identifier)
    if row is None or row.paused is None:
        return False
    row.paused = row.trouble = row.troubled_at = None
    session.add(row)
    return True


# What there is to do


def open_files(session: Session) -> tuple[Open, ...]:
    """Files that were captured and not opened yet, in the order of their arrival."""
    query = select(FileRow.id, FileRow.size).where(FileRow.state == "captured", col(FileRow.paused).is_(None))
    return tuple(Open(*row) for row in session.exec(query.order_by(FileRow.id)))


def unfinished_files(session: Session) -> tuple[str, ...]:
    """Files of which something is to be opened, or on its way."""
    query = select(FileRow.id).where(col(FileRow.state).in_(("captured", "split")))
    return tuple(session.exec(query.order_by(FileRow.id)))


def open_documents(session: Session) -> tuple[Open, ...]:
    """Documents in progress, in the order of their files and within them."""
    query = select(DocumentRow.id, DocumentRow.pages).where(
        DocumentRow.state == "in-progress", col(DocumentRow.paused).is_(None)
    )
    return tuple(Open(*row) for row in session.exec(query.order_by(DocumentRow.file_id, col(DocumentRow.ordinal))))


def waiting(session: Session) -> int:
    """How many files and documents are on their way and not kept by anything."""
    files = select(func.count()).where(
        FileRow.state == "captured", col(FileRow.trouble).is_(None), col(FileRow.paused).is_(None)
    )
    documents = select(func.count()).where(
        DocumentRow.state == "in-progress", col(DocumentRow.trouble).is_(None), col(DocumentRow.paused).is_(None)
    )
    return session.exec(files).one() + session.exec(documents).one()


def under_way(session: Session, batch: str) -> bool:
    """Whether something of the batch is still to be opened or to be settled."""
    files = select(FileRow.id).where(FileRow.batch_id == batch, FileRow.state == "captured")
    documents = select(DocumentRow.id).where(DocumentRow.batch_id == batch, DocumentRow.state == "in-progress")
    return session.exec(files.limit(1)).first() is not None or session.exec(documents.limit(1)).first() is not None


def paused(session: Session) -> tuple[Paused, ...]:
    """What waits for a person before it goes on."""
    files = select(FileRow).where(col(FileRow.paused).is_not(None), FileRow.state == "captured")
    documents = select(DocumentRow).where(col(DocumentRow.paused).is_not(None), DocumentRow.state == "in-progress")
    return (
        *(Paused(f.id, "file", f.batch_id, f.paused or "", f.trouble) for f in session.exec(files)),
        *(Paused(d.id, "document", d.batch_id, d.paused or "", d.trouble) for d in session.exec(documents)),
    )


def troubled(session: Session) -> tuple[Paused, ...]:
    """What a fault keeps for now, and is tried again by itself."""
    files = select(FileRow).where(col(FileRow.trouble).is_not(None), FileRow.state == "captured")
    documents = select(DocumentRow).where(col(DocumentRow.trouble).is_not(None), DocumentRow.state == "in-progress")
    return (
        *(Paused(f.id, "file", f.batch_id, "", f.trouble) for f in session.exec(files) if f.paused is None),
        *(Paused(d.id, "document", d.batch_id, "", d.trouble) for d in session.exec(documents) if d.paused is None),
    )


def standings(session: Session, files: Sequence[str]) -> Iterator[Standing]:
    """The documents of these files, as they stand."""
    columns = select(DocumentRow.id, DocumentRow.file_id, DocumentRow.state, DocumentRow.trouble).add_columns(
        col(DocumentRow.troubled_at), col(DocumentRow.paused)
    )
    for some in in_batches(files):
        query = columns.where(col(DocumentRow.file_id).in_(some))
        yield from (
            Standing(*row) for row in session.execute(query.order_by(DocumentRow.file_id, col(DocumentRow.ordinal)))
        )


def file_standings(session: Session, files: Sequence[str]) -> Iterator[FileStanding]:
    """These files, as they stand."""
    columns = select(FileRow.id, FileRow.state, FileRow.trouble, FileRow.troubled_at).add_columns(col(FileRow.paused))
    for some in in_batches(files):
        yield from (FileStanding(*row) for row in session.execute(columns.where(col(FileRow.id).in_(some))))


# What a crash may have left


def uncleared(session: Session) -> tuple[str, ...]:
    """Settled documents whose working copies were not said to be destroyed."""
    query = select(DocumentRow.id).where(DocumentRow.state != "in-progress", col(DocumentRow.cleared_at).is_(None))
    return tuple(session.exec(query))


def left_of(session: Session, file: str) -> int:
    """How many documents of a file are on their way, or have working copies still; and forms that are on their way."""
    left = or_(col(DocumentRow.state) == "in-progress", col(DocumentRow.cleared_at).is_(None))
    forms = select(func.count()).where(FormReturnRow.file_id == file, col(FormReturnRow.state).in_(("taken", "sealed")))
    return session.exec(select(func.count()).where(DocumentRow.file_id == file, left)).one() + session.exec(forms).one()


def unsettled_files(session: Session) -> tuple[str, ...]:
    """Opened files none of whose documents is on its way any more."""
    under_way = select(DocumentRow.file_id).where(DocumentRow.state == "in-progress")
    query = select(FileRow.id).where(FileRow.state == "split", col(FileRow.id).not_in(under_way))
    return tuple(session.exec(query))


def unended(session: Session) -> tuple[str, ...]:
    """Settled documents, and files of which nothing is on its way any more, that still have working copies."""
    return (*uncleared(session), *unsettled_files(session))


def working_copies(session: Session) -> frozenset[str]:
    """What the spool must hold: files that are not settled, documents in progress."""
    files = session.exec(select(FileRow.id).where(col(FileRow.state).in_(("captured", "split"))))
    documents = session.exec(select(DocumentRow.id).where(DocumentRow.state == "in-progress"))
    return frozenset((*files, *documents))


# Workers


def beat(session: Session, worker: str, version: str, at: datetime) -> None:
    """Say that this worker lives."""
    row = session.get(WorkerRow, worker) or WorkerRow(id=worker, version=version, beats=0, seen_at="")
    row.version, row.beats, row.seen_at = version, row.beats + 1, write_time(at)
    session.add(row)


def workers(session: Session) -> tuple[Worker, ...]:
    return tuple(
        Worker(r.id, r.version, r.beats, r.seen_at) for r in session.exec(select(WorkerRow).order_by(WorkerRow.id))
    )


def forget_workers(session: Session, gone: Iterable[str]) -> None:
    for worker in gone:
        row = session.get(WorkerRow, worker)
        if row is not None:
            session.delete(row)
