"""Pages to documents: a separator opens one, blanks and double scans are told, a doubt never joins two patients."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import numpy as np

from pipeline import separator
from pipeline.formats.pixels import Grey, grey
from pipeline.forms import code as forms
from pipeline.forms.code import FormCode
from pipeline.marks.codes import Box, Code, code_like, codes
from pipeline.marks.ink import inked_share, is_blank, written
from pipeline.model import Colour, PageImage, Separator

_THIN_MM: Final = 7.0
_SMALL_MM: Final = 12.0
_LARGE_MM: Final = 18.0
_LONGEST_SHAPE: Final = 4.0
_SPARSE: Final = 0.03
"""Share of ink of a sheet with a code and a few words; a page of type has more."""


_SHEET_MARKS: Final = 300
_SHEET_INK: Final = 1200.0
"""Marks, and mm² of them, that a printed separator sheet has outside its codes at most, references not counted."""
_REFERENCE_MARKS: Final = 3
_REFERENCE_INK: Final = 3.0
"""Of each character of a reference, which a sheet may print twice."""


class Look(StrEnum):
    """What one page is, seen alone."""

    CONTENT = "content"
    BLANK = "blank"
    SEPARATOR = "separator"
    FORM = "form"
    """A page of an authorization form, by its code."""
    DAMAGED = "damaged"
    """A separator of ours for certain, but its code contradicts itself or is of another version."""
    SUSPECT = "suspect"
    """Something like a separator's code that nobody could read: perhaps a separator, perhaps a page with a bad code.

    Or a code of ours on a page that says more than a separator sheet does: a record with a sticker, a sheet written on.
    """


@dataclass(frozen=True, slots=True)
class Sighting:
    """What was seen on one page. `digest` is equal for two pages with the same pixels (colour: the same bytes)."""

    look: Look
    digest: str
    separator: Separator | None = None
    """Of a SEPARATOR."""
    form: FormCode | None = None
    """Of a FORM."""


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


@dataclass(frozen=True, slots=True)
class Split:
    """A file's pages: each position is in exactly one place, a section or one of the three columns."""

    sections: tuple[Section, ...]
    separators: tuple[int, ...]
    blanks: tuple[int, ...]
    duplicates: tuple[int, ...]
    """The same image as an earlier page of the same section."""


def examine(image: PageImage) -> Sighting:
    """Look at one page, at codes and at whether there is ink; nothing is read. Raises SheetFault `unreadable-scan`."""
    pixels = grey(image)
    digest = _digest(image, pixels)
    found = codes(pixels, image.dpi_x, image.dpi_y, separator.MARK)
    form = _form(found.read)
    if form is not None:
        return Sighting(Look.FORM, digest, form=form)
    look, said = _judged(found.read)
    if look in {Look.SEPARATOR, Look.DAMAGED} and _says_more(found.read, pixels, image):
        look, said = Look.SUSPECT, None
    if look is Look.CONTENT and any(_is_suspect(box, pixels, image) for box in found.unread):
        look = Look.SUSPECT
    if look is Look.CONTENT and not found.read and is_blank(pixels, image.dpi_x, image.dpi_y):
        look = Look.BLANK
    return Sighting(look, digest, said)


def _judged(read: Sequence[Code]) -> tuple[Look, Separator | None]:
    """What the readable codes make of a page; codes of others are content."""
    ours = {code.text for code in read if code.text.startswith(separator.MARK)}
    if not ours:
        return Look.CONTENT, None
    if any(text.startswith(forms.MARK) for text in ours):
        return Look.SUSPECT, None
    said = {separator.parse(text) for text in ours}
    only = said.pop()
    # Two separators that contradict each other on one sheet say nothing.
    return (Look.SEPARATOR, only) if not said and only is not None else (Look.DAMAGED, None)


def _form(read: Sequence[Code]) -> FormCode | None:
    """The form whose page it is; None where a code of ours says something else, or another page."""
    ours = {code.text for code in read if code.text.startswith(separator.MARK)}
    said = {forms.parse(text) for text in ours}
    return said.pop() if len(said) == 1 else None


def _says_more(read: Sequence[Code], pixels: Grey, image: PageImage) -> bool:
    """Whether a page with a code of ours bears clearly more than a printed separator sheet, outside of codes."""
    dpi = image.dpi_x, image.dpi_y
    boxes = [*(code.box for code in read), *code_like(pixels, *dpi)]
    marks, ink = written(pixels, *dpi, boxes)
    said = max(len(code.text) for code in read)
    return marks > _SHEET_MARKS + _REFERENCE_MARKS * said or ink > _SHEET_INK + _REFERENCE_INK * said


def _is_suspect(box: Box, pixels: Grey, image: PageImage) -> bool:
    """Whether an unread place is as big as a separator's code: big on any page, smaller on a sheet with little else."""
    short, long = sorted((box[2] - box[0], box[3] - box[1]))
    if short < _THIN_MM or long < _SMALL_MM or long > _LONGEST_SHAPE * short:
        return False
    return long >= _LARGE_MM or inked_share(pixels, image.dpi_x, image.dpi_y) < _SPARSE


def _digest(image: PageImage, pixels: Grey) -> str:
    """SHA-256 of size and samples; of the coded bytes for colour, where grey says too little."""
    seen = image.payload if image.colour is Colour.RGB else np.ascontiguousarray(pixels).tobytes()
    return hashlib.sha256(f"{image.colour} {image.width} {image.height} ".encode() + seen).hexdigest()


def split(sightings: Sequence[Sighting]) -> Split:
    """Lay a file's pages out. A separator's attributes hold until the next separator, readable or not, and no longer.

    Positions are 1-based. A section that would have no page is not made; its separator is in its column all the same.
    """
    laying = Laying()
    for sighting in sightings:
        laying.place(sighting)
    return laying.laid()


@dataclass(slots=True)
class Laying:
    """Pages laid out one by one, in order, as they come."""

    _sections: list[Section] = field(default_factory=list)
    _separators: list[int] = field(default_factory=list)
    _blanks: list[int] = field(default_factory=list)
    _duplicates: list[int] = field(default_factory=list)
    _position: int = 0
    _said: Separator | None = None
    _damaged: bool = False
    _form: bool = False
    _pages: list[int] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)

    def place(self, sighting: Sighting) -> int | None:
        """The next page's section, from 1; None for a separator, a blank or a duplicate."""
        self._position += 1
        match sighting.look:
            case Look.CONTENT:
                return self._content(sighting.digest)
            case Look.BLANK:
                self._blanks.append(self._position)
            case Look.SEPARATOR | Look.DAMAGED:
                self._separators.append(self._position)
                self._open(sighting.separator, damaged=sighting.look is Look.DAMAGED)
            case Look.SUSPECT:
                self._open(None, damaged=True)
                return self._content(sighting.digest)
            case Look.FORM:
                if not self._form:
                    self._open(None, damaged=True, form=True)
                return self._content(sighting.digest)
        return None

    def laid(self) -> Split:
        """All pages placed so far."""
        self._close()
        return Split(tuple(self._sections), tuple(self._separators), tuple(self._blanks), tuple(self._duplicates))

    def _content(self, digest: str) -> int | None:
        if digest in self._seen:
            self._duplicates.append(self._position)
            return None
        self._seen.add(digest)
        self._pages.append(self._position)
        return len(self._sections) + 1

    def _open(self, said: Separator | None, *, damaged: bool, form: bool = False) -> None:
        self._close()
        self._said, self._damaged, self._form, self._seen = said, damaged, form, set()

    def _close(self) -> None:
        if self._pages:
            self._sections.append(Section(self._said, self._damaged, tuple(self._pages), self._form))
            self._pages = []
