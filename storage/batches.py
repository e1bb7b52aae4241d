"""Batches as rows: what came under one label, until it is closed."""

from datetime import datetime

from sqlmodel import Session, col, select

from storage.columns import Columns
from storage.tables import BatchRow
from storage.times import write_time


class Batches:
    """Reads and writes of batches. Writes take the caller's session: state and custody entry are one transaction."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns

    def batch_for(self, session: Session, label: str, new_id: str, at: datetime) -> str:
        """The open batch of that label, opened now if there is none."""
        index = self._columns.blind("batch-label", label)
        found = session.exec(
            select(BatchRow.id).where(BatchRow.label_index == index, col(BatchRow.closed_at).is_(None))
        ).first()
        if found is not None:
            return found
        sealed = self._columns.seal("batch.label", new_id, label.encode())
        session.add(BatchRow(id=new_id, label_sealed=sealed, label_index=index, opened_at=write_time(at)))
        session.flush()
        return new_id

    def open(self, session: Session) -> tuple[str, ...]:
        return tuple(session.exec(select(BatchRow.id).where(col(BatchRow.closed_at).is_(None)).order_by(BatchRow.id)))

    def all(self, session: Session) -> tuple[tuple[str, str, str, str | None], ...]:
        """All batches in order: identifier, label, opened, closed."""
        rows = session.exec(select(BatchRow).order_by(BatchRow.id))
        return tuple(
            (r.id, self._columns.open("batch.label", r.id, r.label_sealed).decode(), r.opened_at, r.closed_at)
            for r in rows
        )

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

    def close_batch(self, session: Session, batch: str, at: datetime) -> None:
        """What arrives under the same label later opens a new batch."""
        row = session.get_one(BatchRow, batch)
        row.closed_at = write_time(at)
        session.add(row)

    def reopen_batch(self, session: Session, batch: str) -> bool:
        """Something of a closed batch is taken again: it will be closed once more. False where it is open."""
        row = session.get_one(BatchRow, batch)
        if row.closed_at is None:
            return False
        row.closed_at = None
        session.add(row)
        return True
