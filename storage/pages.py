"""Pages as rows: what was seen on each, and those that were left out of a document and may be put back."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, or_, select

from lexicon.flags import slug_of
from storage.stored import LEFT_OUT
from storage.tables import DocumentRow, FileRow, PageRow


@dataclass(frozen=True, slots=True)
class StoredPage:
    """One captured image and where it stands."""

    file: str
    position: int
    """1-based, in the file."""
    batch: str
    role: str
    document: str | None
    """That it is in, or was left out of."""
    outcome: str | None
    """Of that document."""
    flags: tuple[str, ...]

    @property
    def left_out(self) -> bool:
        return self.role in LEFT_OUT


def page_of(session: Session, file: str, position: int) -> StoredPage | None:
    found = select_pages(session, file=file, position=position)
    return found[0] if found else None


def select_pages(
    session: Session,
    *,
    file: str | None = None,
    position: int | None = None,
    batch: str | None = None,
    roles: tuple[str, ...] = (),
    flagged: bool = False,
) -> tuple[StoredPage, ...]:
    """Pages of records in the order of their files; of these roles or `flagged`, where either is asked for."""
    document = or_(DocumentRow.id == PageRow.document_id, DocumentRow.id == PageRow.beside)
    query = select(PageRow, FileRow.batch_id, DocumentRow.id, DocumentRow.state).join(
        FileRow, col(FileRow.id) == PageRow.file_id
    )
    query = query.join(DocumentRow, document, isouter=True).where(FileRow.kind == "records")
    for column, wanted in ((PageRow.file_id, file), (PageRow.position, position), (FileRow.batch_id, batch)):
        if wanted is not None:
            query = query.where(column == wanted)
    asked: list[ColumnElement[bool]] = [col(PageRow.role).in_(roles)] if roles else []
    if flagged:
        asked.append(col(PageRow.flags) != "")
    if asked:
        query = query.where(or_(*asked))
    rows = session.exec(query.order_by(PageRow.file_id, col(PageRow.position)))
    return tuple(
        StoredPage(page.file_id, page.position, of, page.role, document, state, tuple(page.flags.split()))
        for page, of, document, state in rows
    )


def flags_of(session: Session, document: str) -> Mapping[int, tuple[str, ...]]:
    """Position in the file -> flags, of a document's pages that have any."""
    query = select(PageRow.position, PageRow.flags).where(PageRow.document_id == document, col(PageRow.flags) != "")
    return {position: tuple(flags.split()) for position, flags in session.exec(query.order_by(col(PageRow.position)))}


def flag_pages(session: Session, document: str, flags: Mapping[int, Sequence[str]], replaced: Container[str]) -> None:
    """Flag a document's pages (position -> flags) with what was seen later than they were told apart.

    `replaced`: slugs of what was told so before; flags of other slugs stay.
    """
    for page in session.exec(select(PageRow).where(PageRow.document_id == document)):
        kept = [flag for flag in page.flags.split() if slug_of(flag) not in replaced]
        page.flags = " ".join((*kept, *flags.get(page.position, ())))
        session.add(page)


def restore_page(session: Session, file: str, position: int) -> int:
    """A page that was left out is one of its document's again; its place among them, from 1.

    What a person had looked at behind it, and where one must look, moves with it.
    """
    page = session.get_one(PageRow, (file, position))
    row = session.get_one(DocumentRow, page.beside)
    page.role, page.document_id, page.beside = "document", row.id, None
    before = select(PageRow.position).where(PageRow.document_id == row.id, col(PageRow.position) < position)
    place = len(session.exec(before).all()) + 1
    row.pages += 1
    if row.look_at is not None and row.look_at >= place:
        row.look_at += 1
    session.add_all((page, row))
    session.flush()
    return place
