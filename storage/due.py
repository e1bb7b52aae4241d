"""What is due at a station, counted in a query each: what may open again, what closes soon, what never came back."""

from datetime import datetime

from sqlmodel import Session, col, func, select

from consent_gate.model import CustodyClass, DocumentId
from storage.tables import DocumentRow, FactRow, FileRow, FormReturnRow, FormRow, PatientRow, ReviewRow
from storage.times import write_time


def closed_since_told(session: Session) -> tuple[DocumentId, ...]:
    """Closed documents in order of arrival for which the gate may open now: something was recorded of their patients
    since, or an INS was taken from them or from another reference that had the same.

    For all others it answers as before, or another obstacle has come with time.
    """
    later = select(FactRow.id).where(
        FactRow.patient_index == DocumentRow.patient_index,
        col(FactRow.recorded_at) > func.coalesce(col(DocumentRow.settled_at), ""),
    )
    parted = select(ReviewRow.id).where(
        PatientRow.patient_index == DocumentRow.patient_index,
        ReviewRow.id == PatientRow.parted_by,
        col(ReviewRow.settled_at) > func.coalesce(col(DocumentRow.settled_at), ""),
    )
    query = select(DocumentRow.id).where(
        DocumentRow.state == "refused",
        DocumentRow.custody == CustodyClass.CLOSED.value,
        later.exists() | parted.exists(),
    )
    found = session.exec(query.order_by(col(DocumentRow.file_id), col(DocumentRow.ordinal)))
    return tuple(DocumentId(one) for one in found)


def closing(session: Session, settled_before: datetime) -> int:
    """Curable documents and files that were settled before a moment."""
    at = write_time(settled_before)
    documents = select(func.count()).select_from(DocumentRow).where(
        DocumentRow.custody == CustodyClass.CURABLE.value, col(DocumentRow.settled_at) <= at
    )  # fmt: skip
    files = select(func.count()).select_from(FileRow).where(
        FileRow.custody == CustodyClass.CURABLE.value, col(FileRow.settled_at) <= at
    )  # fmt: skip
    return session.exec(documents).one() + session.exec(files).one()


def never_returned(session: Session, printed_before: datetime) -> int:
    """Forms that were printed before a moment and have not come back."""
    back = select(FormReturnRow.id).where(FormReturnRow.form_id == FormRow.id)
    query = select(func.count()).select_from(FormRow)
    return session.exec(query.where(col(FormRow.printed_at) <= write_time(printed_before), ~back.exists())).one()
