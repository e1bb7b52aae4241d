"""Documents one behind the other in a file that are the same patient's: perhaps one separator stood before both."""

from dataclasses import dataclass
from itertools import pairwise

from sqlmodel import Session, col, select

from storage.tables import DocumentRow


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Two documents, the second right behind the first."""

    first: str
    second: str


def alike(session: Session, batch: str) -> tuple[Neighbours, ...]:
    """Those of a batch of which nothing but the sheet between them says that they are two documents.

    Same patient, same type, and no two numbers of the client's that tell them apart: the same separator may have been
    printed twice, or laid before another patient's pages.
    """
    query = select(DocumentRow).where(DocumentRow.batch_id == batch, col(DocumentRow.patient_index).is_not(None))
    rows = session.exec(query.order_by(DocumentRow.file_id, col(DocumentRow.ordinal))).all()
    return tuple(Neighbours(one.id, other.id) for one, other in pairwise(rows) if _is_alike(one, other))


def _is_alike(one: DocumentRow, other: DocumentRow) -> bool:
    together = one.file_id == other.file_id and one.ordinal + 1 == other.ordinal
    numbers = {one.client_document_index, other.client_document_index}
    apart = None not in numbers and len(numbers) > 1
    return together and not apart and (one.patient_index, one.doc_type) == (other.patient_index, other.doc_type)
