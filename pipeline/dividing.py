"""A run of pages that no sheet opened, divided where the pages themselves say that another patient begins.

Each part is packed as a document of its own, and decided as one: nothing is concluded here but where to cut.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count
from math import inf

from consent_gate.model import DocumentId
from pipeline.clock import part_of
from pipeline.identity.verdict import split_by_identity
from pipeline.model import PageImage
from pipeline.packing import PackedImages, every_image, left_out, pack_beside
from pipeline.split import Section
from pipeline.station import Station
from storage.effects import effect
from storage.stored import StoredFile


@dataclass(frozen=True, slots=True)
class Packed:
    """A section, and the document that its pages were packed as."""

    id: DocumentId
    section: Section


def identifier(file: StoredFile, ordinal: int) -> DocumentId:
    """Of the file's documents in the order in which they were packed, from 1: the same again after a crash."""
    return DocumentId(part_of(file.id, ordinal))


def divided(station: Station, file: StoredFile, sections: Sequence[Section]) -> tuple[Packed, ...]:
    """The packed sections, and the parts of those that are several patients' by what stands on their pages, in order.

    A part that begins where its section does keeps the section's identifier.
    """
    fresh = count(len(sections) + 1)
    found = []
    for ordinal, section in enumerate(sections, start=1):
        whole = Packed(identifier(file, ordinal), section)
        found += _parts(station, file, whole, fresh) if _is_unbounded(station, section) else [whole]
    return tuple(found)


def _is_unbounded(station: Station, section: Section) -> bool:
    """Several pages, and nothing but they themselves to say whether they belong together."""
    told = section.separator is not None or section.damaged or section.form or section.plain
    return station.config.identification.rule == "two-sources" and not told and len(section.pages) > 1


def _parts(station: Station, file: StoredFile, whole: Packed, fresh: Iterator[int]) -> list[Packed]:
    looks = station.looker.look(PackedImages(station.spool, whole.id))
    runs = split_by_identity([look.evidence for look in looks], station.roster_index())
    if len(runs) < 2:  # noqa: PLR2004  one run is no division
        return [whole]
    parts = [Packed(whole.id, _within(whole.section, runs[0]))]
    parts += [Packed(identifier(file, next(fresh)), _within(whole.section, run)) for run in runs[1:]]
    first, *others = zip(parts, runs, strict=True)
    images = _Images(station, whole)
    for part, run in (*others, first):  # the whole is there until its first part replaces it
        with effect("document.divide"):
            pack_beside(station.spool, part.id, images.of(run))
    return parts


class _Images:
    """The images of a packed section, those that were left out of it too."""

    def __init__(self, station: Station, whole: Packed) -> None:
        self._pages, self._beside = whole.section.pages, sorted(left_out(station.spool, whole.id))
        self._images = every_image(station.spool, whole.id)

    def of(self, run: range) -> Iterator[tuple[PageImage, int | None]]:
        """Of some consecutive pages, with what was left out among and behind them."""
        yield from ((self._images[place], None) for place in run)
        first = 0 if run.start == 0 else self._pages[run.start]
        last = self._pages[run.stop] if run.stop < len(self._pages) else inf
        for place, position in enumerate(self._beside, start=len(self._pages)):
            if first <= position < last:
                yield self._images[place], position


def _within(section: Section, run: range) -> Section:
    return replace(section, pages=tuple(section.pages[position] for position in run))
