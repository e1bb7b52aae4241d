"""Sheets of a box that are not to be destroyed: films, of which there is no faithful copy (NF Z42-026)."""

from math import ceil

from sqlmodel import Session

from pipeline.indexing.effective import effective
from pipeline.station import Station
from storage.indexed import NOTHING, Index
from storage.indexing import indexes_of
from storage.stored import StoredDocument


def film_sheets(station: Station, session: Session, box: str) -> int:
    """How many sheets of the box hold films: of batches that were announced to come from it, or are called like it."""
    batches = [one.id for one in station.batches.every(session) if one.is_from(box)]
    found = [one for batch in batches for one in station.documents.documents(session, batch=batch)]
    indexes = indexes_of(session, station.columns, [one.id for one in found])
    return sum(_sheets(station, one, indexes.get(one.id, NOTHING)) for one in found)


def _sheets(station: Station, document: StoredDocument, index: Index) -> int:
    known = effective(document.claim, index, station.types)
    if not known.excluded:
        return 0
    by_type = known.type is not None and station.types.excludes(known.type)
    return ceil((document.pages if by_type else len(index.films)) / station.sides)
