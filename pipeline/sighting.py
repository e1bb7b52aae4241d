"""One page seen alone: a separator, a form, a blank, a page of a record, or something nobody can be sure of."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Final

import numpy as np

from lexicon.flags import UNREAD_CODE
from pipeline import separator
from pipeline.formats.pixels import Grey, grey
from pipeline.forms import code as forms
from pipeline.forms.code import FormCode
from pipeline.marks.code import Box, Code
from pipeline.marks.codes import Codes, bar_codes, codes, probed
from pipeline.marks.ink import inked_share, is_blank, written
from pipeline.marks.patch import Patch, patches
from pipeline.marks.quality import Measures, survey
from pipeline.marks.small import Small, reduced
from pipeline.marks.texture import Dark, code_like
from pipeline.model import Colour, PageImage, Separator
from pipeline.separation import OURS_AND_PATCHES, Separation

HARMLESS: Final = Measures()

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
_SHEET_DARK: Final = 0.06
_FRAMED: Final = 3
"""Patches on so many sides are those of a printed patch sheet, which explains itself in small type."""
_FRAMED_MARKS: Final = 1500
_FRAMED_INK: Final = 2400.0


class Look(StrEnum):
    """What one page is, seen alone."""

    CONTENT = "content"
    BLANK = "blank"
    SEPARATOR = "separator"
    PLAIN = "plain"
    """A separator that names no patient: a patch sheet."""
    LABELLED = "labelled"
    """A page of a record that opens its document itself: by the client's barcode, or by a patch without patient."""
    FORM = "form"
    """A page of an authorization form, by its code."""
    DAMAGED = "damaged"
    """A separator for certain, but its code contradicts itself or is of another version."""
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
    """Of a SEPARATOR, and of a LABELLED page with a barcode."""
    form: FormCode | None = None
    """Of a FORM."""
    measures: Measures = HARMLESS
    """How the page was scanned; harmless ones of a blank."""
    print: bytes = b""
    """Its marks (`pipeline.marks.likeness`); empty where they say too little."""
    flags: tuple[str, ...] = ()
    """What a person should know of the page, as slugs."""


@dataclass(frozen=True)
class _Page:
    """What was found on a page, before it is judged."""

    image: PageImage
    pixels: Grey
    dark: Dark
    codes: Codes
    patches: tuple[Patch, ...]
    barred: tuple[Box, ...] = ()
    """Where a bar code stands that nobody could read; looked for on pages that may be a sheet."""

    @property
    def is_decided(self) -> bool:
        """Whether a sheet of ours or a patch was found already."""
        return bool(self.patches) or any(code.text.startswith(separator.MARK) for code in self.codes.read)

    @property
    def is_sparse(self) -> bool:
        """Whether there is so little on the page that it may be a sheet with a bar code."""
        return bool(self.dark.size) and float(self.dark.mean()) < _SHEET_DARK

    @property
    def dpi(self) -> tuple[float, float]:
        return self.image.dpi_x, self.image.dpi_y

    @cached_property
    def small(self) -> Small:
        return reduced(self.pixels, *self.dpi)


def examine(image: PageImage, separation: Separation = OURS_AND_PATCHES, decoded: Grey | None = None) -> Sighting:
    """Look at one page, at codes and at whether there is ink; nothing is read. Raises SheetFault `unreadable-scan`.

    `decoded`: the image in grey, where it is known.
    """
    pixels = grey(image) if decoded is None else decoded
    page = _searched(image, pixels, separation)
    digest = _digest(image, pixels)
    form = _form(page.codes.read)
    if form is not None:
        return _surveyed(Sighting(Look.FORM, digest, form=form), page)
    look, said = _judged(page, separation)
    if look in {Look.CONTENT, Look.PLAIN} and any(_is_suspect(box, page) for box in page.codes.unread):
        look = Look.SUSPECT
    if look is Look.CONTENT and page.barred and (separation.barred or not _says_more(page)):
        look = Look.SUSPECT
    if look is Look.CONTENT and not (page.codes.read or page.patches) and is_blank(pixels, *page.dpi, page.small):
        look = Look.BLANK
    return _surveyed(Sighting(look, digest, said, flags=_flags(look, page)), page)


def unexamined(image: PageImage, decoded: Grey | None = None) -> Sighting:
    """A page that nobody looks at; it decodes. Raises SheetFault `unreadable-scan`. `decoded`: as for `examine`."""
    return Sighting(Look.CONTENT, _digest(image, grey(image) if decoded is None else decoded))


def _searched(image: PageImage, pixels: Grey, separation: Separation) -> _Page:
    dpi = image.dpi_x, image.dpi_y
    probe = probed(pixels, *dpi)
    found = codes(pixels, *dpi, separator.MARK, separation.bars, probe)
    page = _Page(image, pixels, probe.dark, found, patches(probe.dark) if separation.patches else ())
    if not separation.bars or page.is_decided or not (separation.barred or page.is_sparse):
        return page
    bars = bar_codes(pixels, dpi, probe.dark, found.read, separation.bars)
    return replace(page, codes=Codes((*found.read, *bars.read), found.unread), barred=bars.unread)


def _surveyed(seen: Sighting, page: _Page) -> Sighting:
    """The same, with how the page was scanned; of a blank or a separator nobody asks."""
    if seen.look in {Look.BLANK, Look.SEPARATOR, Look.PLAIN, Look.DAMAGED}:
        return seen
    measures, pressed = survey(page.pixels, page.image, page.small)
    return replace(seen, measures=measures, print=pressed)


def _flags(look: Look, page: _Page) -> tuple[str, ...]:
    kept = look in {Look.CONTENT, Look.LABELLED, Look.SUSPECT}
    return (UNREAD_CODE,) if kept and (page.codes.unread or page.barred) else ()


def _judged(page: _Page, separation: Separation) -> tuple[Look, Separator | None]:
    """What the readable codes make of a page; codes of others are content."""
    ours = {code.text for code in page.codes.read if code.text.startswith(separator.MARK)}
    barcodes = separation.said([code for code in page.codes.read if code.text not in ours])
    if ours:
        look, said = _of_ours(ours, barcodes)
        return (Look.SUSPECT, None) if _says_more(page) else (look, said)
    if barcodes:
        return _of_barcodes(barcodes, kept=separation.kept or _says_more(page))
    if separation.has_patch([patch.kind for patch in page.patches], page.codes.read):
        return (Look.LABELLED if _says_more(page) else Look.PLAIN), None
    return Look.CONTENT, None


def _of_ours(texts: Collection[str], barcodes: Collection[Separator | None]) -> tuple[Look, Separator | None]:
    if any(text.startswith(forms.MARK) for text in texts):
        return Look.SUSPECT, None
    said = {separator.parse(text) for text in texts}
    only = said.pop()
    others = {other.patient for other in barcodes if other is not None}
    # Two separators that contradict each other on one sheet say nothing.
    if said or only is None or others - {only.patient}:
        return Look.DAMAGED, None
    return Look.SEPARATOR, only


def _of_barcodes(said: Collection[Separator | None], *, kept: bool) -> tuple[Look, Separator | None]:
    """A barcode of the client's on a sheet of its own, or on a page that belongs to the document."""
    only = next(iter(said)) if len(said) == 1 else None
    if only is None:
        return (Look.SUSPECT if kept else Look.DAMAGED), None
    return (Look.LABELLED if kept else Look.SEPARATOR), only


def _form(read: Sequence[Code]) -> FormCode | None:
    """The form whose page it is; None where a code of ours says something else, or another page."""
    ours = {code.text for code in read if code.text.startswith(separator.MARK)}
    said = {forms.parse(text) for text in ours}
    return said.pop() if len(said) == 1 else None


def _says_more(page: _Page) -> bool:
    """Whether a page bears clearly more than a printed separator sheet, outside of codes."""
    boxes = [code.box for code in page.codes.read] + [patch.box for patch in page.patches] + code_like(page.dark)
    marks, ink = written(page.small, [*boxes, *page.barred])
    said = max((len(code.text) for code in page.codes.read), default=0)
    framed = len(page.patches) >= _FRAMED
    most_marks, most_ink = (_FRAMED_MARKS, _FRAMED_INK) if framed else (_SHEET_MARKS, _SHEET_INK)
    return marks > most_marks + _REFERENCE_MARKS * said or ink > most_ink + _REFERENCE_INK * said


def _is_suspect(box: Box, page: _Page) -> bool:
    """Whether an unread place is as big as a separator's code: big on any page, smaller on a sheet with little else."""
    short, long = sorted((box[2] - box[0], box[3] - box[1]))
    if short < _THIN_MM or long < _SMALL_MM or long > _LONGEST_SHAPE * short:
        return False
    return long >= _LARGE_MM or inked_share(page.small) < _SPARSE


def _digest(image: PageImage, pixels: Grey) -> str:
    """SHA-256 of size and samples; of the coded bytes for colour, where grey says too little."""
    digest = hashlib.sha256(f"{image.colour} {image.width} {image.height} ".encode())
    digest.update(image.payload if image.colour is Colour.RGB else np.ascontiguousarray(pixels).data)
    return digest.hexdigest()
