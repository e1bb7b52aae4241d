"""Movements of paper as rows: sheets received in a box, not to be scanned, or given back."""

from datetime import datetime

from sqlmodel import Session

from storage.columns import Columns
from storage.tables import PaperRow
from storage.times import write_time


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
