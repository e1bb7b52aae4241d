"""What a cleared document's words propose: its type and its day; and which of its pages are films.

Pure, on what was recognised. A proposal is for the index alone: at the gate a separator's or a person's word counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Final

from pipeline.indexing.dates import date_of
from pipeline.indexing.film import is_film
from pipeline.indexing.kinds import FILM, IMAGING_REPORT
from pipeline.indexing.lines import pieces
from pipeline.indexing.table import TypeTable
from pipeline.indexing.titles import kind_of
from pipeline.model import Archival, Recognised, RecognisedPage, Scan
from storage.indexed import Index, Proposed

_PAGES: Final = 12
"""Pages from the first in which type and day are looked for."""
_TEXT: Final = 40
"""Words read with confidence from which what is headed as a film is text about one."""
_CONFIDENT: Final = 60.0
_LETTERS: Final = 3
_SEEN: Final = 80
"""Confidence (of 100) that a dark picture without words is a film."""


@dataclass(frozen=True, slots=True)
class IndexedArchival(Archival):
    """An archival copy with what its words propose: that goes into its row with its seal, and not into the copy."""

    index: Index

    @classmethod
    def of(cls, archival: Archival, index: Index) -> "IndexedArchival":
        return cls(**{one.name: getattr(archival, one.name) for one in fields(archival)}, index=index)


def propose(scan: Scan, recognised: Recognised, table: TypeTable, latest: date, birth: date | None) -> Index:
    """The document's index, nothing of it said by anybody. `latest`: the day of the scan, in the station's zone;
    `birth`: the patient's birth date, where the roster has it.

    Looks at the images of pages with hardly a word. Raises `SheetFault("unreadable-scan")` where one does not decode.
    """
    read = zip(scan.images, recognised.pages, strict=True)
    films = tuple(position for position, (image, page) in enumerate(read, start=1) if is_film(image, page))
    looked = [pieces(page) for page in recognised.pages[:_PAGES]]
    found = kind_of(looked, table.own_titles)
    day = date_of(looked, latest, birth)
    kind = found and (_of_film(recognised.pages, films) if found.kind == FILM else found.kind)
    if kind and found:
        name, confidence = table.named(kind), found.confidence
    else:
        bare = bool(films) and len(films) == len(recognised.pages)
        name, confidence = (table.named(FILM) if bare else None), _SEEN
    return Index(
        proposed_type=Proposed(name, confidence) if name else None,
        proposed_date=Proposed(day.day.isoformat(), day.confidence) if day else None,
        films=films,
    )


def _of_film(pages: Sequence[RecognisedPage], films: Sequence[int]) -> str:
    """Headed as a film, it is one where it says hardly more; else it is what was read on it."""
    sure = sum(word.confidence >= _CONFIDENT and len(word.text) >= _LETTERS for page in pages for word in page.words)
    return FILM if films or sure < _TEXT else IMAGING_REPORT
