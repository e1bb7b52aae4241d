"""Captured files as rows: as they came, opened once, settled, or set aside whole."""

from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from storage.columns import Columns
from storage.stored import LOST, StoredFile
from storage.tables import DocumentRow, FileRow, PageRow
from storage.times import write_time
from storage.work import Superseded

_OPENED: Final = ("split", "settled")


class Captured:
    """Reads and writes of files and their images.

    Writes take the caller's session: state and custody entry are one transaction.
    """

    def __init__(self, columns: Columns) -> None:
        self._columns = columns

    def capture(self, session: Session, file: StoredFile, duplicate_of: str | None = None) -> None:
        """A file's row. A duplicate's images stand in their column at once."""
        session.add(
            FileRow(
                id=file.id,
                batch_id=file.batch,
                name_sealed=self._columns.seal("file.name", file.id, file.name.encode("utf-8", "surrogateescape")),
                sha256=file.sha256,
                size=file.size,
                state=file.state,
                pages=file.pages,
                reason=file.reason,
                duplicate_of=duplicate_of,
                captured_at=file.captured_at,
                settled_at=file.captured_at if duplicate_of else None,
                kind=file.kind,
            )
        )
        session.flush()
        if duplicate_of is not None:
            self._fill(session, file.id, file.pages or 0, "duplicate")

    def lose_file(self, session: Session, file: str) -> None:
        """Nothing of a file that was set aside is left: it may come again."""
        row = session.get_one(FileRow, file)
        row.reason, row.custody = LOST, None
        session.add(row)

    def same_bytes(self, session: Session, sha256: str, kind: str = "records") -> StoredFile | None:
        """The last file with these bytes that was opened; one set aside, or that lost a document, may come again."""
        lost = select(DocumentRow.file_id).where(DocumentRow.reason == LOST)
        opened = select(FileRow).where(
            FileRow.sha256 == sha256,
            FileRow.kind == kind,
            col(FileRow.state).in_(_OPENED),
            col(FileRow.id).not_in(lost),
        )
        row = session.exec(opened.order_by(col(FileRow.id).desc()).limit(1)).first()
        return None if row is None else self._file(row)

    def waits_for_twin(self, session: Session, file: StoredFile) -> bool:
        """Whether a file of the same bytes came before, and is still to be opened."""
        before = select(FileRow.id).where(
            FileRow.sha256 == file.sha256,
            FileRow.kind == file.kind,
            FileRow.id < file.id,
            FileRow.state == "captured",
        )
        free = before.where(col(FileRow.paused).is_(None), col(FileRow.trouble).is_(None))
        return session.exec(free.limit(1)).first() is not None

    def set_duplicate(self, session: Session, file: str, first: StoredFile, at: datetime) -> None:
        """The same bytes came before: the images stand in their column."""
        row = unopened(session, file)
        row.state, row.reason, row.pages = "duplicate", "duplicate-file", max(first.pages or 1, 1)
        row.duplicate_of, row.settled_at = first.id, write_time(at)
        session.add(row)
        session.flush()
        self._fill(session, file, row.pages, "duplicate")

    def file(self, session: Session, file: str) -> StoredFile | None:
        row = session.get(FileRow, file)
        return None if row is None else self._file(row)

    def files(self, session: Session, *, batch: str | None = None, state: str | None = None) -> tuple[StoredFile, ...]:
        query = select(FileRow).order_by(FileRow.id)
        if batch is not None:
            query = query.where(FileRow.batch_id == batch)
        if state is not None:
            query = query.where(FileRow.state == state)
        return tuple(self._file(row) for row in session.exec(query))

    def set_file_aside(self, session: Session, file: str, reason: str, pages: int, at: datetime) -> None:
        """The file cannot be used; what could be counted of it stands in its column, one image at the least."""
        row = unopened(session, file)
        row.state, row.reason, row.pages, row.settled_at = "set-aside", reason, max(pages, 1), write_time(at)
        row.custody = None if reason == LOST else "curable"
        session.add(row)
        session.flush()
        self._fill(session, file, row.pages, "set-aside")

    def reopen_file(self, session: Session, file: str) -> int | None:
        """A file that was set aside is to be opened again: its images leave their column; how many they were.

        None where it is not set aside (any more), or sealed for the client by now.
        """
        row = session.get_one(FileRow, file)
        if row.state != "set-aside" or row.custody == "closed":
            return None
        images = row.pages or 0
        for page in session.exec(select(PageRow).where(PageRow.file_id == file)):
            session.delete(page)
        row.state, row.reason, row.pages, row.settled_at, row.custody = "captured", None, None, None, None
        row.attempts += 1
        session.add(row)
        session.flush()
        return images

    def take_up_again(self, session: Session, file: str) -> None:
        """A settled file of forms has something on its way again: its end is to be said once more."""
        row = session.get_one(FileRow, file)
        if row.state == "settled":
            row.state, row.settled_at = "split", None
            session.add(row)

    def settle_file(self, session: Session, file: str, at: datetime) -> bool:
        """None of its documents is on its way any more; False where that was said before."""
        row = session.get_one(FileRow, file)
        if row.state != "split":
            return False
        row.state, row.settled_at = "settled", write_time(at)
        session.add(row)
        return True

    def overdue_files(self, session: Session, before: datetime) -> tuple[str, ...]:
        """The same of files that were set aside whole."""
        kept = (FileRow.state == "set-aside", FileRow.custody == "curable")
        query = select(FileRow.id).where(*kept, col(FileRow.settled_at) < write_time(before))
        return tuple(session.exec(query.order_by(col(FileRow.settled_at), FileRow.id)))

    def close_file(self, session: Session, file: str) -> None:
        """A file that was set aside is sealed for the client. Raises `Superseded` where it is not curable any more."""
        row = session.get_one(FileRow, file)
        if row.state != "set-aside" or row.custody != "curable":
            raise Superseded
        row.custody, row.cleared_at = "closed", None
        session.add(row)
        session.flush()

    def uncleared_files(self, session: Session) -> tuple[str, ...]:
        """Closed files of which nobody has said that the station's copy is destroyed."""
        query = select(FileRow.id).where(FileRow.custody == "closed", col(FileRow.cleared_at).is_(None))
        return tuple(session.exec(query.order_by(FileRow.id)))

    def clear_file(self, session: Session, file: str, at: datetime) -> bool:
        """The station's copy of a closed file is destroyed; False where that was said before."""
        row = session.get_one(FileRow, file)
        if row.custody != "closed" or row.cleared_at is not None:
            return False
        row.cleared_at = write_time(at)
        session.add(row)
        return True

    def _fill(self, session: Session, file: str, pages: int, role: str) -> None:
        session.add_all(PageRow(file_id=file, position=p, role=role) for p in range(1, pages + 1))

    def _file(self, row: FileRow) -> StoredFile:
        return StoredFile(
            id=row.id,
            batch=row.batch_id,
            name=self._columns.open("file.name", row.id, row.name_sealed).decode("utf-8", "surrogateescape"),
            sha256=row.sha256,
            size=row.size,
            state=row.state,
            pages=row.pages,
            reason=row.reason,
            captured_at=row.captured_at,
            attempts=row.attempts,
            custody=row.custody,
            kind=row.kind,
            separator_backs=row.separator_backs,
        )


def unopened(session: Session, file: str) -> FileRow:
    """The row of a file that is still to be opened; raises `Superseded` where another worker was quicker."""
    row = session.get_one(FileRow, file)
    if row.state != "captured":
        raise Superseded
    return row
