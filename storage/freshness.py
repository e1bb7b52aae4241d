"""How fresh the register is: it is as old as the last file that names nearly everybody of whom it can open the gate.

A file about a few makes nobody else's facts younger.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, bindparam, case, func
from sqlmodel import Session, col, select

from consent_gate.model import FactKind, PatientRef
from storage.columns import Columns
from storage.tables import FactRow, ImportRow
from storage.times import read_time, write_time

IMPORT_KIND: Final = "register"
COVERING: Final = 90
"""Of a hundred patients who stand authorized, those whom a file must name to bring the register up to date."""

_WHOLE: Final = 100
_FOREVER: Final = "9"
"""Sorts after every time."""
_UNDONE: Final = select(ImportRow.undoes).where(
    col(ImportRow.undoes).is_not(None), col(ImportRow.at) <= bindparam("known")
)
_USABLE: Final = (
    select(ImportRow.at)
    .where(ImportRow.kind == IMPORT_KIND, ImportRow.added + ImportRow.unchanged > 0)
    .where(col(ImportRow.covers) >= COVERING)
    .where(col(ImportRow.at) <= bindparam("known"), col(ImportRow.id).not_in(_UNDONE))
    .order_by(col(ImportRow.at).desc())
    .limit(1)
)


def _last_day(*kinds: FactKind) -> ColumnElement[str | None]:
    values = [kind.value for kind in kinds]
    return func.max(case((col(FactRow.kind).in_(values), col(FactRow.on))))


_RETRACTED: Final = select(FactRow.about).where(
    FactRow.kind == FactKind.RETRACTED.value, col(FactRow.about).is_not(None)
)
_AUTHORIZED: Final = (
    select(FactRow.patient_index)
    .where(col(FactRow.id).not_in(_RETRACTED))
    .group_by(col(FactRow.patient_index))
    .having(_last_day(FactKind.GRANTED) > func.coalesce(_last_day(FactKind.REFUSED, FactKind.WITHDRAWN), ""))
    .having(_last_day(FactKind.DECEASED).is_(None))
)
"""Patients with an authorization of a later day than their last no, who live: of the others nothing has to be fresh."""


def brought_up_to_date(session: Session, known_at: datetime | None = None) -> datetime | None:
    """When a file was last imported that covers the register, and that nobody took back; by what was known then."""
    known = _FOREVER if known_at is None else write_time(known_at)
    last = session.connection().execute(_USABLE, {"known": known}).scalar()
    return None if last is None else read_time(last)


def coverage(session: Session, columns: Columns, named: Collection[PatientRef]) -> int:
    """How many of a hundred patients who stand authorized are among `named`, as the session stands."""
    authorized = set(session.connection().execute(_AUTHORIZED).scalars())
    if not authorized:
        return _WHOLE
    return _WHOLE * len(authorized & set(map(columns.reference_index, named))) // len(authorized)
