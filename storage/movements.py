"""Movements of paper as rows: sheets received in a box, not to be scanned, or given back."""

from collections import Counter
from datetime import datetime

from sqlmodel import Session, func, select

from storage.columns import Columns
from storage.tables import PaperRow
from storage.times import write_time


def sheets_of(session: Session, columns: Columns, box: str) -> Counter[str]:
    """Sheets of one box by movement."""
    query = select(PaperRow.movement, func.sum(PaperRow.sheets)).where(PaperRow.box_index == columns.blind("box", box))
    return Counter({movement: int(sheets) for movement, sheets in session.exec(query.group_by(PaperRow.movement))})


def add_movement(
    session: Session, columns: Columns, identifier: str, box: str, movement: str, sheets: int, at: datetime
) -> str:
    """Add a movement (`received`, `unscanned`, `returned`); the box's blind index is returned. Its label is sealed."""
    index = columns.blind("box", box)
    sealed = columns.seal("paper.box", identifier, box.encode())
    session.add(
        PaperRow(id=identifier, box_sealed=sealed, box_index=index, movement=movement, sheets=sheets, at=write_time(at))
    )
    return index
