"""How many forms wait, and for what."""

from collections import Counter
from collections.abc import Mapping
from typing import Final

from sqlalchemy import or_
from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from storage.forms.returned import HELD, IN_HAND, TO_CHECK
from storage.tables import DocumentRow, FormReturnRow

UNCHECKED: Final = "form-unchecked"
"""Why a form that came back waits: nobody has read it yet."""


def document_types(session: Session) -> frozenset[str]:
    """Those that documents came with."""
    query = select(DocumentRow.doc_type).where(col(DocumentRow.doc_type).is_not(None)).distinct()
    return frozenset(one for one in session.exec(query) if one)


def is_return(session: Session, identifier: str) -> bool:
    """Whether it is the identifier of what came back as a form."""
    return session.get(FormReturnRow, identifier) is not None


def in_hand(session: Session, file: str) -> int:
    """How many of a file's returns are not at the host yet, and are to be."""
    waits = col(FormReturnRow.state).in_(IN_HAND)
    return session.exec(select(func.count()).where(FormReturnRow.file_id == file, waits)).one()


def pages_by_state(session: Session, files: SelectOfScalar[str]) -> Mapping[str, int]:
    """State -> pages of what came back in the files that a query chooses."""
    query = select(FormReturnRow.state, func.sum(FormReturnRow.pages)).group_by(FormReturnRow.state)
    query = query.where(col(FormReturnRow.file_id).in_(files))
    return Counter({state: int(pages) for state, pages in session.exec(query)})


def waiting(session: Session) -> Mapping[str, int]:
    """Reason -> returns that wait for a person."""
    kept = or_(col(FormReturnRow.state) == HELD, col(FormReturnRow.state) == TO_CHECK)
    query = select(FormReturnRow.state, FormReturnRow.reason, func.count()).where(kept)
    grouped = query.group_by(FormReturnRow.state, col(FormReturnRow.reason))
    found: Counter[str] = Counter()
    for state, reason, count in session.exec(grouped):
        found[reason if state == HELD and reason else UNCHECKED] += count
    return found
