"""The index of documents as rows: sealed, for a type and a day speak of somebody's health."""

from collections.abc import Mapping, Sequence
from typing import Final

from sqlmodel import Session, col, select

from storage.columns import Columns
from storage.database import in_batches
from storage.indexed import NOTHING, Index, index_in
from storage.tables import DocumentRow

_PLACE: Final = "document.index"


def record_index(session: Session, columns: Columns, document: str, index: Index) -> None:
    """What is known of it from now on. The caller's transaction holds what it comes with: the seal, or a review."""
    row = session.get_one(DocumentRow, document)
    row.index_sealed = columns.seal(_PLACE, document, index.text().encode())
    session.add(row)
    session.flush()


def index_of(session: Session, columns: Columns, document: str) -> Index:
    """What is known of it; `NOTHING` where nobody has read it. Raises `TamperFault("column-forged")`."""
    return indexes_of(session, columns, [document]).get(document, NOTHING)


def indexes_of(session: Session, columns: Columns, documents: Sequence[str]) -> Mapping[str, Index]:
    """The same of several; those of which nothing is known are left out."""
    found: dict[str, Index] = {}
    for some in in_batches(documents):
        query = select(DocumentRow.id, DocumentRow.index_sealed).where(col(DocumentRow.id).in_(some))
        for document, sealed in session.exec(query):
            if sealed is not None:
                found[document] = index_in(columns.open(_PLACE, document, sealed).decode())
    return found


def forget_read(session: Session, columns: Columns, document: str) -> None:
    """It is deleted at the host: neither type nor day stays, but that it holds films, which are not to be destroyed."""
    films = index_of(session, columns, document).films
    if films:
        record_index(session, columns, document, Index(films=films))
        return
    row = session.get_one(DocumentRow, document)
    row.index_sealed = None
    session.add(row)
    session.flush()
