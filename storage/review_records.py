"""Review records: which documents have one, from when and until when, and what lies in it, under the release key.

A record is one encrypted working file (`storage.package`) in a folder of its own, beside the quarantine: the masked
strip as PNG where one is made, and what was read to identify. It is in no backup; its row says nothing of what is in
it.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, or_, select

from consent_gate.model import CustodyClass
from lexicon.faults import TamperFault
from storage.package import Package, write_package
from storage.spool import Spool, Spooled
from storage.tables import DocumentRow, ReviewRecordRow
from storage.times import read_time, write_time

KEPT_FOR_REVIEW: Final = frozenset({"refused", "held"})
"""Outcomes that a person must look at."""


@dataclass(frozen=True, slots=True)
class TraitRead:
    """One trait as it was read: kind, how it stands to the roster (slugs of `pipeline.identity.zone`), value."""

    kind: str
    standing: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ReviewRecord:
    """What a reviewer is shown of a document before a decision."""

    strip: bytes = field(repr=False)
    """PNG; empty where traits alone were kept."""
    traits: tuple[TraitRead, ...]
    unread: tuple[str, ...]
    """Kinds of the announced patient's traits that the roster has and the zone did not show."""


def write_record(spool: Spool, document: str, record: ReviewRecord) -> Spooled:
    """Write it under the document's identifier; what it replaces is destroyed. Raises as `Spool.write` does."""
    traits = [[trait.kind, trait.standing, trait.value] for trait in record.traits]
    facts = {"traits": json.dumps(traits), "unread": json.dumps(list(record.unread))}
    return write_package(spool, document, [(facts, record.strip)])


def read_record(spool: Spool, document: str) -> ReviewRecord:
    """What was written. Raises `StationFault("spool-missing")`, `TamperFault("spool-damaged")`."""
    package = Package(spool, document)
    try:
        page = package[0]
        traits = tuple(TraitRead(*map(str, trait)) for trait in json.loads(str(page.facts["traits"])))
        unread = tuple(map(str, json.loads(str(page.facts["unread"]))))
    except (IndexError, KeyError, TypeError, ValueError):
        raise TamperFault("spool-damaged") from None
    return ReviewRecord(page.payload, traits, unread)


def keep(session: Session, document: str, at: datetime) -> None:
    """A document has a record from now on."""
    row = session.get(ReviewRecordRow, document) or ReviewRecordRow(document_id=document, made_at="")
    row.made_at, row.erased_at = write_time(at), None
    session.add(row)


def made_at(session: Session, document: str) -> datetime | None:
    """Since when a document has a record; None where it has none (any more)."""
    row = session.get(ReviewRecordRow, document)
    return None if row is None or row.erased_at is not None else read_time(row.made_at)


def erase(session: Session, document: str, at: datetime) -> bool:
    """The record is destroyed; False where there was none."""
    row = session.get(ReviewRecordRow, document)
    if row is None or row.erased_at is not None:
        return False
    row.erased_at = write_time(at)
    session.add(row)
    return True


def live(session: Session) -> frozenset[str]:
    """The documents that have a record."""
    return frozenset(session.exec(select(ReviewRecordRow.document_id).where(col(ReviewRecordRow.erased_at).is_(None))))


def decided(session: Session) -> Sequence[str]:
    """Documents with a record whose outcome is none (any more) that a person must look at, or is final."""
    other = or_(
        col(DocumentRow.state).not_in([*KEPT_FOR_REVIEW, "in-progress"]),
        DocumentRow.custody == CustodyClass.FINAL.value,
    )
    query = select(ReviewRecordRow.document_id).join(
        DocumentRow, col(DocumentRow.id) == col(ReviewRecordRow.document_id)
    )
    return session.exec(query.where(col(ReviewRecordRow.erased_at).is_(None), other)).all()


def overdue(session: Session, before: datetime, most: int) -> Sequence[str]:
    """Documents whose record was made before, oldest first."""
    query = select(ReviewRecordRow.document_id).where(
        col(ReviewRecordRow.erased_at).is_(None), ReviewRecordRow.made_at < write_time(before)
    )
    return session.exec(query.order_by(ReviewRecordRow.made_at).limit(most)).all()
