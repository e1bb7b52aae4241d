"""Movements of paper as rows: sheets received in a box, not to be scanned, given back, or destroyed."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlmodel import Session, func, select

from storage.columns import Columns
from storage.tables import PaperRow
from storage.times import write_time

_REFERENCE: Final = "paper.reference"


@dataclass(frozen=True, slots=True)
class Movement:
    """Of sheets of one box: `received`, `unscanned`, `returned` or `destroyed`; `reference`: the client's own, of an
    order or a certificate of destruction. Never logged."""

    box: str
    name: str
    sheets: int
    reference: str | None = field(default=None, repr=False)


def sheets_of(session: Session, columns: Columns, box: str) -> Counter[str]:
    """Sheets of one box by movement."""
    query = select(PaperRow.movement, func.sum(PaperRow.sheets)).where(PaperRow.box_index == columns.blind("box", box))
    return Counter({movement: int(sheets) for movement, sheets in session.exec(query.group_by(PaperRow.movement))})


def add_movement(session: Session, columns: Columns, identifier: str, movement: Movement, at: datetime) -> str:
    """Add a movement; the box's blind index is returned. Its label and its reference are sealed."""
    index, reference = columns.blind("box", movement.box), movement.reference
    row = PaperRow(
        id=identifier,
        box_sealed=columns.seal("paper.box", identifier, movement.box.encode()),
        box_index=index,
        movement=movement.name,
        sheets=movement.sheets,
        at=write_time(at),
        reference_sealed=None if reference is None else columns.seal(_REFERENCE, identifier, reference.encode()),
    )
    session.add(row)
    return index
