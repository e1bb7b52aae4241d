"""What a station's instruments show: counts and oldest moments of its rows, in a query each, however many there are."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, func, select

from storage import forms
from storage.tables import (
    CheckpointRow,
    DocumentRow,
    EntryRow,
    FileRow,
    FormReturnRow,
    ReceiptRow,
    SealedRow,
    WorkerRow,
)
from storage.times import read_time, write_time

WAITING: Final = ("refused", "held", "set-aside")
"""States in which a document waits for a person, or keeps what a person must give back."""
_NOT_FINAL: Final = or_(col(DocumentRow.custody).is_(None), col(DocumentRow.custody) != "final")
"""Of a final one nothing is here, and nobody waits for it."""


@dataclass(frozen=True, slots=True)
class Since:
    """How many rows, and the oldest moment among them (UTC); None where there are none."""

    count: int
    oldest: datetime | None


def documents(session: Session) -> Mapping[str, int]:
    """State -> documents."""
    return dict(session.exec(select(DocumentRow.state, func.count()).group_by(DocumentRow.state)).all())


def reasons(session: Session) -> Mapping[str, int]:
    """Reason -> documents, files and forms that wait for a person because of it."""
    found: Counter[str] = Counter()
    waits = and_(col(DocumentRow.state).in_(WAITING), _NOT_FINAL)
    for row, kept in ((DocumentRow, waits), (FileRow, col(FileRow.state) == "set-aside")):
        query = select(row.reason, func.count()).where(kept, col(row.reason).is_not(None)).group_by(row.reason)
        found.update({str(reason): count for reason, count in session.exec(query)})
    found.update(forms.waiting(session))
    return dict(sorted(found.items()))


def waiting(session: Session, before: datetime) -> Since:
    """Documents, files and forms that have waited for a person since before a moment."""
    at = write_time(before)
    settled = col(DocumentRow.settled_at)
    kept = _since(session, settled, settled < at, col(DocumentRow.state).in_(WAITING), _NOT_FINAL)
    aside = col(FileRow.settled_at)
    files = _since(session, aside, aside < at, col(FileRow.state) == "set-aside")
    back = col(FormReturnRow.captured_at)
    returned = _since(session, back, back < at, col(FormReturnRow.state).in_((forms.HELD, forms.TO_CHECK)))
    return _both(_both(kept, files), returned)


def under_way(session: Session, before: datetime) -> Since:
    """Documents and unopened files that were captured before a moment, are not settled, and wait for nobody."""
    at = write_time(before)
    here, there = col(DocumentRow.captured_at), col(FileRow.captured_at)
    travelling = (col(DocumentRow.state) == "in-progress", col(DocumentRow.paused).is_(None))
    unopened = (col(FileRow.state) == "captured", col(FileRow.paused).is_(None))
    return _both(_since(session, here, here < at, *travelling), _since(session, there, there < at, *unopened))


def undelivered(session: Session, before: datetime) -> Since:
    """Envelopes sealed before a moment whose receipt the host still owes."""
    at = col(SealedRow.at)
    receipted = select(ReceiptRow.document_id).where(
        ReceiptRow.document_id == SealedRow.document_id, ReceiptRow.version == SealedRow.version
    )
    travelling = select(DocumentRow.id).where(
        DocumentRow.id == SealedRow.document_id,
        DocumentRow.version == SealedRow.version,
        DocumentRow.state == "in-progress",
        col(DocumentRow.paused).is_(None),
    )
    return _since(session, at, at < write_time(before), travelling.exists(), ~receipted.exists())


def troubled(session: Session) -> Mapping[str, int]:
    """Fault -> documents and files that it keeps on their way for now."""
    found: Counter[str] = Counter()
    for state, trouble in (
        (col(DocumentRow.state) == "in-progress", col(DocumentRow.trouble)),
        (col(FileRow.state) == "captured", col(FileRow.trouble)),
    ):
        query = select(trouble, func.count()).where(state, trouble.is_not(None)).group_by(trouble)
        for slug, count in session.exec(query):
            found[str(slug)] += count
    return dict(found)


def paused(session: Session) -> Since:
    """Documents and files that go on only when a person says so; since when they are at the station."""
    here = (col(DocumentRow.state) == "in-progress", col(DocumentRow.paused).is_not(None))
    there = (col(FileRow.state) == "captured", col(FileRow.paused).is_not(None))
    return _both(
        _since(session, col(DocumentRow.captured_at), *here), _since(session, col(FileRow.captured_at), *there)
    )


def in_custody(session: Session, before: datetime) -> Since:
    """Documents that the station has had since before a moment and has not deposited, or destroyed for good."""
    at = col(DocumentRow.captured_at)
    return _since(session, at, at < write_time(before), col(DocumentRow.state) != "deposited", _NOT_FINAL)


def classes(session: Session) -> Mapping[str, int]:
    """Custody class -> documents and files; every class is there."""
    found: Counter[str] = Counter({"curable": 0, "closed": 0, "final": 0})
    for row in (DocumentRow, FileRow):
        query = select(row.custody, func.count()).where(col(row.custody).is_not(None)).group_by(row.custody)
        found.update({str(name): count for name, count in session.exec(query)})
    return dict(found)


def queued(session: Session) -> int:
    """Files not opened yet, and documents on their way."""
    files = select(func.count()).select_from(FileRow).where(FileRow.state == "captured")
    travelling = select(func.count()).select_from(DocumentRow).where(DocumentRow.state == "in-progress")
    return session.exec(files).one() + session.exec(travelling).one()


def entries(session: Session) -> int:
    """How many custody entries there are: they are numbered from 0, without gaps."""
    last = session.exec(select(EntryRow.seq).order_by(col(EntryRow.seq).desc()).limit(1)).first()
    return 0 if last is None else last + 1


@dataclass(frozen=True, slots=True)
class Signed:
    """The last checkpoint: how many entries it covers, and when it was signed."""

    size: int
    at: datetime


def last_checkpoint(session: Session) -> Signed | None:
    query = select(CheckpointRow.size, CheckpointRow.at).order_by(col(CheckpointRow.size).desc()).limit(1)
    found = session.exec(query).first()
    return None if found is None else Signed(found[0], read_time(found[1]))


def workers(session: Session, since: datetime) -> int:
    """Processes that have worked at the station's documents since a moment."""
    alive = select(func.count()).select_from(WorkerRow).where(WorkerRow.seen_at >= write_time(since))
    return session.exec(alive).one()


def _since(session: Session, at: Mapped[str] | Mapped[str | None], *which: ColumnElement[bool]) -> Since:
    count, oldest = session.exec(select(func.count(), func.min(at)).where(*which)).one()
    return Since(count, _moment(oldest))


def _both(one: Since, other: Since) -> Since:
    moments = [moment for moment in (one.oldest, other.oldest) if moment is not None]
    return Since(one.count + other.count, min(moments, default=None))


def _moment(text: str | None) -> datetime | None:
    return None if text is None else read_time(text)
