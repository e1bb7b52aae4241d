"""Files of which one begins with another: a scanner that appends page by page paused for longer than was waited.

What it then writes is the same file with more pages, under other bytes: a TIFF's directories are linked anew, a PDF has
one trailer more, or is written afresh. The images tell: those of the shorter one are the first of the longer one, byte
for byte. No paper that is scanned twice gives the same bytes.
"""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import and_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from storage.stored import PageTable, StoredFile
from storage.tables import FileRow, PageRow

_OPENED: Final = ("split", "settled")
_MOST: Final = 100
"""Files that begin with the same image; of more than that, the last ones are looked at."""
_BARE: Final = "blank"


def earlier_part(session: Session, file: StoredFile, table: PageTable) -> str | None:
    """The first file whose images this one begins with, or that begins with those of this one; of a family, its first.

    Other bytes of the same kind of inbox, opened before. Blank pages alone make no family.
    """
    candidates = (
        select(FileRow)
        .join(PageRow)
        .where(
            PageRow.position == 1,
            PageRow.image_sha256 == table.images.get(1),
            FileRow.id != file.id,
            FileRow.sha256 != file.sha256,
            FileRow.kind == file.kind,
            col(FileRow.state).in_(_OPENED),
        )
        .order_by(col(FileRow.id).desc())
        .limit(_MOST)
    )
    family = [row.continues or row.id for row in session.exec(candidates) if _begins_alike(session, row.id, table)]
    return min(family, default=None)


def of_the_same_images(file: FileRow, document: str) -> SelectOfScalar[str] | SelectOfScalar[None]:
    """Documents of the file's family that have an image of this document's, at the same place (a subquery)."""
    first = file.continues or file.id
    family = select(FileRow.id).where((col(FileRow.id) == first) | (col(FileRow.continues) == first))
    mine, other = aliased(PageRow), aliased(PageRow)
    same = and_(col(mine.position) == col(other.position), col(mine.image_sha256) == col(other.image_sha256))
    return (
        select(other.document_id)
        .join(mine, same)
        .where(
            col(mine.document_id) == document,
            col(other.file_id).in_(family),
            col(other.file_id) != file.id,
            col(other.document_id).is_not(None),
        )
    )


def _begins_alike(session: Session, file: str, table: PageTable) -> bool:
    query = select(PageRow).where(PageRow.file_id == file).order_by(col(PageRow.position))
    pages = session.exec(query).all()
    both = min(len(pages), table.pages)
    mine: Mapping[int, str] = table.images
    alike = all(page.image_sha256 == mine.get(page.position) for page in pages[:both])
    return alike and any(page.role != _BARE for page in pages[:both])
