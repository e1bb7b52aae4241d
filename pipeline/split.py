"""Pages to documents: a separator opens one, blanks and double scans are told, a doubt never joins two patients."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from lexicon.flags import ALONE
from pipeline.model import Separator
from pipeline.sighting import Look, Sighting, examine

__all__ = ["Laying", "Look", "Section", "Sighting", "Split", "examine", "split"]


@dataclass(frozen=True, slots=True)
class Section:
    """Pages that belong together, 1-based positions in the file. At least one.

    Without separator: pages before the first one. `damaged`: they follow a separator that could not be read, so nobody
    knows whose they are; where it only may have been one (SUSPECT), that page is the section's first, to be seen.
    """

    separator: Separator | None
    damaged: bool
    pages: tuple[int, ...]
    form: bool = False
    """It begins with an authorization form, which belongs to no record."""
    plain: bool = False
    """A separator without patient opened it."""


@dataclass(frozen=True, slots=True)
class Split:
    """A file's pages: each position is in exactly one place, a section or one of the three columns."""

    sections: tuple[Section, ...]
    separators: tuple[int, ...]
    blanks: tuple[int, ...]
    duplicates: tuple[int, ...]
    """The same image as an earlier page of the same section."""
    flags: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    """position -> what a person should know of it, as slugs; positions without any are not there."""


def split(sightings: Sequence[Sighting]) -> Split:
    """Lay a file's pages out. A separator's attributes hold until the next separator, readable or not, and no longer.

    Positions are 1-based. A section that would have no page is not made; its separator is in its column all the same.
    """
    laying = Laying()
    for sighting in sightings:
        laying.place(sighting)
    return laying.laid()


@dataclass(frozen=True, slots=True)
class _Opening:
    """What the pages that come now follow."""

    separator: Separator | None = None
    damaged: bool = False
    form: bool = False
    plain: bool = False

    def section(self, pages: Sequence[int]) -> Section:
        return Section(self.separator, self.damaged, tuple(pages), self.form, self.plain)


_DOUBTFUL: Final = _Opening(damaged=True)


@dataclass(slots=True)
class Laying:
    """Pages laid out one by one, in order, as they come."""

    _sections: list[Section] = field(default_factory=list)
    _separators: list[int] = field(default_factory=list)
    _blanks: list[int] = field(default_factory=list)
    _duplicates: list[int] = field(default_factory=list)
    _flags: dict[int, tuple[str, ...]] = field(default_factory=dict)
    _position: int = 0
    _opening: _Opening = _Opening()
    _sheets: list[int] = field(default_factory=list)
    """Separators that opened what is in hand: one, or the same again and again."""
    _pages: list[int] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)

    def place(self, sighting: Sighting) -> int | None:
        """The next page's section, from 1; None for a separator, a blank or a duplicate."""
        self._position += 1
        if sighting.flags:
            self._flags[self._position] = sighting.flags
        match sighting.look:
            case Look.BLANK:
                self._blanks.append(self._position)
                return None
            case Look.SEPARATOR | Look.PLAIN | Look.DAMAGED:
                self._separate(_opening(sighting))
                return None
            case Look.LABELLED if not self._is_labelled_alike(sighting.separator):
                self._open(_opening(sighting))
            case Look.SUSPECT:
                self._open(_DOUBTFUL)
            case Look.FORM if not self._opening.form:
                self._open(_Opening(damaged=True, form=True))
        return self._content(sighting.digest)

    def laid(self) -> Split:
        """All pages placed so far."""
        self._close()
        columns = tuple(self._separators), tuple(self._blanks), tuple(self._duplicates)
        return Split(tuple(self._sections), *columns, dict(sorted(self._flags.items())))

    def _content(self, digest: str) -> int | None:
        if digest in self._seen:
            self._duplicates.append(self._position)
            return None
        self._seen.add(digest)
        self._pages.append(self._position)
        return len(self._sections) + 1

    def _separate(self, opening: _Opening) -> None:
        """A sheet between documents. The same once more, with no page between, is that sheet's back, or its copy."""
        self._separators.append(self._position)
        if self._pages or not self._sheets or opening != self._opening:
            self._open(opening)
        self._sheets.append(self._position)

    def _is_labelled_alike(self, said: Separator | None) -> bool:
        """Whether a page names the very document that is in hand: a label that stands on each of its pages."""
        return said is not None and said.client_document is not None and said == self._opening.separator

    def _open(self, opening: _Opening) -> None:
        self._close()
        self._opening, self._seen = opening, set()

    def _close(self) -> None:
        if self._pages:
            self._sections.append(self._opening.section(self._pages))
        else:
            self._flags |= dict.fromkeys(self._sheets, (ALONE,))
        self._pages, self._sheets = [], []


def _opening(sighting: Sighting) -> _Opening:
    """Of a separator sheet or a labelled page."""
    if sighting.look is Look.DAMAGED:
        return _DOUBTFUL
    return _Opening(sighting.separator, plain=sighting.separator is None)
