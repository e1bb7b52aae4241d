"""Batches as rows: what came under one label, until it is closed; and what somebody announced of it, sealed at rest."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Final

import rfc8785
from sqlmodel import Session, col, func, select

from consent_gate.model import PatientRef
from storage.announced import FEWER, UNCONFIRMED, Announcement, Coming, StoredBatch
from storage.columns import Columns
from storage.tables import BatchRow, DocumentRow, FileRow
from storage.times import write_time

_LABEL: Final = "batch.label"
_BOX: Final = "batch.box"
_SEAL: Final = "batch.seal"
_PATIENTS: Final = "batch.announced_patients"
_WAITS: Final = (
    col(DocumentRow.state) == "held",
    col(DocumentRow.reason) == UNCONFIRMED,
    col(DocumentRow.custody) == "curable",
)


class Batches:
    """Reads and writes of batches. Writes take the caller's session: state and custody entry are one transaction."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns

    def batch_for(self, session: Session, label: str, new_id: str, at: datetime) -> str:
        """The open batch of that label, opened now if there is none."""
        index = self._columns.blind("batch-label", label)
        found = self.open_of(session, label)
        if found is not None:
            return found
        sealed = self._columns.seal(_LABEL, new_id, label.encode())
        session.add(BatchRow(id=new_id, label_sealed=sealed, label_index=index, opened_at=write_time(at)))
        session.flush()
        return new_id

    def open(self, session: Session) -> tuple[str, ...]:
        return tuple(session.exec(select(BatchRow.id).where(col(BatchRow.closed_at).is_(None)).order_by(BatchRow.id)))

    def closable(self, session: Session) -> tuple[str, ...]:
        """Open ones, but for those that were announced and of which nothing has come."""
        filled = select(FileRow.id).where(FileRow.batch_id == BatchRow.id).exists()
        opened = select(BatchRow.id).where(
            col(BatchRow.closed_at).is_(None), col(BatchRow.announced_at).is_(None) | filled
        )
        return tuple(session.exec(opened.order_by(BatchRow.id)))

    def open_of(self, session: Session, label: str) -> str | None:
        """The open batch of that label."""
        index = self._columns.blind("batch-label", label)
        query = select(BatchRow.id).where(BatchRow.label_index == index, col(BatchRow.closed_at).is_(None))
        return session.exec(query.order_by(BatchRow.id)).first()

    def all(self, session: Session) -> tuple[tuple[str, str, str, str | None], ...]:
        """All batches in order: identifier, label, opened, closed."""
        rows = session.exec(select(BatchRow).order_by(BatchRow.id))
        return tuple((r.id, self._label(r), r.opened_at, r.closed_at) for r in rows)

    def next_index(self, session: Session, batch: str) -> int:
        """Claim the number of the batch's next sealed index: no two attempts share one."""
        row = session.get_one(BatchRow, batch)
        row.index_version += 1
        session.add(row)
        return row.index_version

    def unaccounted_indexes(self, session: Session, batch: str) -> range:
        """Numbers that interrupted attempts claimed, and of which nothing says what became of them."""
        row = session.get_one(BatchRow, batch)
        return range(row.index_accounted + 1, row.index_version + 1)

    def account_for_index(self, session: Session, batch: str, version: int) -> None:
        """The ledger says what became of this number, and of those before it."""
        row = session.get_one(BatchRow, batch)
        row.index_accounted = version
        session.add(row)

    def close_batch(self, session: Session, batch: str, at: datetime, unlike: tuple[str, ...] = ()) -> None:
        """What arrives under the same label later opens a new batch, unless this one lacks something (`lacking`).

        What a person said of it before holds no more where it differs otherwise, or where something waits for it.
        """
        row = session.get_one(BatchRow, batch)
        row.closed_at = write_time(at)
        before, row.unlike = row.unlike, " ".join(unlike) or None
        if row.unlike != before or self.is_awaited(session, batch):
            row.confirmed_at = None
        session.add(row)

    def reopen_batch(self, session: Session, batch: str) -> bool:
        """Something of a closed batch is taken again: it will be closed once more. False where it is open."""
        row = session.get_one(BatchRow, batch)
        if row.closed_at is None:
            return False
        row.closed_at = None
        session.add(row)
        return True

    # What was announced

    def announce(self, session: Session, batch: str, said: Announcement, at: datetime) -> str | None:
        """Write down what is coming; the blind index of the box, where one was named."""
        row = session.get_one(BatchRow, batch)
        seal = self._columns.seal
        row.announced_at = write_time(at)
        row.box_sealed = None if said.box is None else seal(_BOX, batch, said.box.encode())
        row.box_index = None if said.box is None else self._columns.blind("box", said.box)
        row.seal_sealed = None if said.seal is None else seal(_SEAL, batch, said.seal.encode())
        row.announced_sheets, row.announced_documents, row.announced_pages = said.sheets, said.documents, said.pages
        lines = None if said.patients is None else rfc8785.dumps([asdict(one) for one in said.patients])
        row.announced_patients_sealed = None if lines is None else seal(_PATIENTS, batch, lines)
        session.add(row)
        return row.box_index

    def announced(self, session: Session, batch: str) -> frozenset[PatientRef] | None:
        """Of whom paper was announced: this can only exclude. None: no list came with the batch.

        Raises `TamperFault("column-forged")`.
        """
        row = session.get_one(BatchRow, batch)
        coming = self._coming(row)
        return None if coming is None else frozenset(one.patient for one in coming)

    def batch(self, session: Session, batch: str) -> StoredBatch:
        """Raises `LookupError` for one that is not there."""
        row = session.get(BatchRow, batch)
        if row is None:
            raise LookupError(batch)
        return self._stored(row)

    def every(self, session: Session) -> Iterator[StoredBatch]:
        """All batches in the order of their opening."""
        return map(self._stored, session.exec(select(BatchRow).order_by(BatchRow.id)).all())

    def find(self, session: Session, name: str) -> str | None:
        """The batch of this number, or the last one of this label, open ones before closed ones."""
        if session.get(BatchRow, name) is not None:
            return name
        index = self._columns.blind("batch-label", name)
        query = select(BatchRow.id, BatchRow.closed_at).where(BatchRow.label_index == index)
        return max(session.exec(query).all(), key=lambda one: (one[1] is None, one[0]), default=(None, None))[0]

    def announced_open(self, session: Session) -> tuple[str, ...]:
        """Labels of the batches that were announced and are open."""
        opened = (col(BatchRow.closed_at).is_(None), col(BatchRow.announced_at).is_not(None))
        return tuple(map(self._label, session.exec(select(BatchRow).where(*opened)).all()))

    def lacking_since(self, session: Session, since: datetime) -> tuple[tuple[str, str], ...]:
        """Batches that were announced, were closed since then, and lack something (`lacking`): number and label."""
        closed = (col(BatchRow.closed_at) >= write_time(since), col(BatchRow.announced_at).is_not(None))
        found = [(row.id, self._label(row)) for row in session.exec(select(BatchRow).where(*closed)).all()]
        return tuple((batch, label) for batch, label in found if self.lacking(session, label) == batch)

    def lacking(self, session: Session, label: str) -> str | None:
        """The last batch of that label, where it was closed with less than announced and nobody has said why: what
        comes under its label is what it lacks.
        """
        index = self._columns.blind("batch-label", label)
        row = session.exec(
            select(BatchRow).where(BatchRow.label_index == index).order_by(col(BatchRow.id).desc()).limit(1)
        ).first()
        if row is None or row.closed_at is None or row.confirmed_at is not None:
            return None
        return row.id if any(slug.endswith(FEWER) for slug in _slugs(row)) else None

    def is_awaited(self, session: Session, batch: str) -> bool:
        """Whether documents wait for it."""
        return session.exec(select(DocumentRow.id).where(DocumentRow.batch_id == batch, *_WAITS)).first() is not None

    def awaited(self, session: Session) -> tuple[str, ...]:
        """Open batches that documents wait for."""
        waits = select(DocumentRow.id).where(DocumentRow.batch_id == BatchRow.id, *_WAITS).exists()
        query = select(BatchRow.id).where(col(BatchRow.closed_at).is_(None), waits)
        return tuple(session.exec(query.order_by(BatchRow.id)))

    def confirm(self, session: Session, batch: str, at: datetime) -> bool:
        """A person has said why the counts differ, or that they are right. False while it is open, and where nobody
        asks: nothing waits for it, and its counts do not differ, or somebody said so before.
        """
        row = session.get_one(BatchRow, batch)
        asks = (row.unlike is not None and row.confirmed_at is None) or self.is_awaited(session, batch)
        if row.closed_at is None or not asks:
            return False
        row.confirmed_at = write_time(at)
        session.add(row)
        return True

    def unlike(self, session: Session) -> tuple[int, str | None]:
        """How many closed batches have other counts than announced, and nobody has said why; since when the first."""
        waits = (col(BatchRow.unlike).is_not(None), col(BatchRow.confirmed_at).is_(None))
        query = select(BatchRow.closed_at).where(col(BatchRow.closed_at).is_not(None), *waits)
        found = [one for one in session.exec(query) if one is not None]
        return len(found), min(found, default=None)

    def sheets_announced(self, session: Session, box_index: str) -> int:
        """Sheets that all batches of a box announce together."""
        query = select(func.coalesce(func.sum(BatchRow.announced_sheets), 0)).where(BatchRow.box_index == box_index)
        return int(session.exec(query).one() or 0)

    def _label(self, row: BatchRow) -> str:
        return self._columns.open(_LABEL, row.id, row.label_sealed).decode()

    def _stored(self, row: BatchRow) -> StoredBatch:
        opened = self._columns.open
        said = Announcement(
            None if row.box_sealed is None else opened(_BOX, row.id, row.box_sealed).decode(),
            None if row.seal_sealed is None else opened(_SEAL, row.id, row.seal_sealed).decode(),
            row.announced_sheets,
            row.announced_documents,
            row.announced_pages,
            self._coming(row),
        )
        times = (row.opened_at, row.closed_at)
        return StoredBatch(row.id, self._label(row), *times, row.announced_at, said, _slugs(row), row.confirmed_at)

    def _coming(self, row: BatchRow) -> tuple[Coming, ...] | None:
        if row.announced_patients_sealed is None:
            return None
        lines = json.loads(self._columns.open(_PATIENTS, row.id, row.announced_patients_sealed))
        return tuple(Coming(**line) for line in lines)


def _slugs(row: BatchRow) -> tuple[str, ...]:
    return tuple((row.unlike or "").split())
