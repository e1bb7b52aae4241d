"""Restrictions as rows: deposited documents whose patient said no since (RGPD art. 18; Code du travail L.4624-8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, update
from sqlmodel import Session, col, select

from consent_gate.model import DocumentId
from storage.database import in_batches
from storage.tables import RestrictionRow
from storage.times import fresh_id, write_time


@dataclass(frozen=True, slots=True)
class Restriction:
    """Since when (UTC) and why, by the gate's reason; `fact` is the reference of the fact that says no."""

    id: str
    document: DocumentId
    since: str
    reason: str
    fact: str
    lifted_at: str | None
    lifted_by: str | None


def standing(session: Session, document: str) -> Restriction | None:
    """The restriction that stands on a document, if one does."""
    return standing_among(session, [document]).get(document)


def standing_among(session: Session, documents: Sequence[str]) -> dict[str, Restriction]:
    """Document -> the restriction that stands on it."""
    query = select(RestrictionRow).where(col(RestrictionRow.lifted_at).is_(None))
    return {
        row.document_id: _read(row)
        for some in in_batches(documents)
        for row in session.exec(query.where(col(RestrictionRow.document_id).in_(some)))
    }


def all_standing(session: Session) -> tuple[Restriction, ...]:
    """Every restriction that stands, the oldest first."""
    query = select(RestrictionRow).where(col(RestrictionRow.lifted_at).is_(None))
    return tuple(_read(row) for row in session.exec(query.order_by(RestrictionRow.since, RestrictionRow.id)))


def history(session: Session, document: str) -> tuple[Restriction, ...]:
    """All that were ever placed on a document, the oldest first."""
    query = select(RestrictionRow).where(RestrictionRow.document_id == document)
    return tuple(_read(row) for row in session.exec(query.order_by(RestrictionRow.since, RestrictionRow.id)))


def restrict(session: Session, found: Sequence[tuple[DocumentId, str, str]], at: datetime) -> None:
    """Place restrictions: document, reason, fact. Where one stands, it is that one, for the reason of now."""
    standing_ = standing_among(session, [document for document, _, _ in found])
    for document, reason, fact in found:
        if document in standing_:
            same = col(RestrictionRow.id) == standing_[document].id
            session.execute(update(RestrictionRow).where(same).values(reason=reason, fact=fact))
    new = [
        {"id": fresh_id(at), "document_id": document, "since": write_time(at), "reason": reason, "fact": fact}
        for document, reason, fact in found
        if document not in standing_
    ]
    if new:
        session.execute(insert(RestrictionRow), new)


def lift(session: Session, found: Sequence[tuple[DocumentId, str | None]], at: datetime) -> None:
    """Lift the restrictions that stand on these documents: each with the fact that says otherwise, if one does."""
    standing_ = standing_among(session, [document for document, _ in found])
    for document, by in found:
        if document in standing_:
            same = col(RestrictionRow.id) == standing_[document].id
            session.execute(update(RestrictionRow).where(same).values(lifted_at=write_time(at), lifted_by=by))


def _read(row: RestrictionRow) -> Restriction:
    return Restriction(
        row.id, DocumentId(row.document_id), row.since, row.reason, row.fact, row.lifted_at, row.lifted_by
    )
