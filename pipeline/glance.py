"""A look at a page's identity zone before the gate has cleared anybody, when a person must say whose paper it is.

It is no road to a page's text: it takes no clearance and gives no word. What it gives is a strip on which all is black
but the identity fields that it matched (`pipeline.identity.zone`), and these fields. The rest was in the memory of this
function and on the memory file system, and is gone when it returns.
"""

import io
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image
from rapidfuzz.distance import Levenshtein

from lexicon.faults import StationFault
from pipeline.clean import Readable, readable
from pipeline.formats.pixels import Grey
from pipeline.identity.traits import compact
from pipeline.identity.zone import CODE_MARK, Field, Sought, Trait, TraitKind, coded, fields, weak
from pipeline.marks.codes import codes
from pipeline.marks.masking import Shown, cut_out, on_paper, paint
from pipeline.model import PageImage, Word
from pipeline.reading.columns import laid_out
from pipeline.reading.copies import write_copy
from pipeline.reading.desk import Desk
from pipeline.reading.engine import Engine, Layout, UnreadError

_AUTOMATIC: Final = 3
_ONE_BLOCK: Final = 6
_SPARSE: Final = 11
"""Tesseract's page segmentation: full layout analysis, one block of text, as much text as there is in no order."""
_ENOUGH: Final = frozenset({TraitKind.BIRTH_NAME, TraitKind.GIVEN_NAME, TraitKind.BIRTH_DATE})
"""Kinds of traits with which a zone is not read a second time."""
_NO_STRIP: Final[Grey] = np.zeros((0, 0), np.uint8)
_MISREAD: Final = 0.25
"""Share of a word's letters in which what is drawn may be read otherwise: more, and it may be another word."""


@dataclass(frozen=True, slots=True)
class GlanceSettings:
    work: Path
    """A folder on a memory file system, private to the station."""
    zone: float
    """The identity zone: this share of the upright page's height, from its top."""
    engine: Engine
    seconds: float = 20.0
    """Longest time for one page."""
    strip: bool = True
    """Whether the strip is drawn; without it, the traits alone are given."""


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What was matched in a page's identity zone: the strip, and the fields that it shows."""

    strip: Grey = field(repr=False)
    """(height, width), 0 or 255; black but for the fields shown."""
    dpi: int
    traits: tuple[Trait, ...]

    def png(self) -> bytes:
        """The strip as PNG of one bit a pixel, with its resolution and nothing else beside the pixels.

        No bytes where none was drawn.
        """
        if not self.strip.size:
            return b""
        written = io.BytesIO()
        image = Image.fromarray(self.strip).convert("1", dither=Image.Dither.NONE)
        image.save(written, "PNG", dpi=(self.dpi, self.dpi), optimize=True)
        return written.getvalue()


def glance(image: PageImage, sought: Sought, settings: GlanceSettings) -> Glimpse:
    """Look for identity in the page's zone. An all black strip, with the traits of codes alone, where no word was
    matched in time.

    Raises `SheetFault("unreadable-scan")` when the image does not decode, `StationFault` when program or work folder
    fail. Leaves nothing in the work folder.
    """
    try:
        folder = tempfile.TemporaryDirectory(prefix="glance-", dir=settings.work)  # 0700
    except OSError:
        raise StationFault("work-unwritable", path=str(settings.work)) from None
    with folder as place:
        return _Look(image, sought, settings, Path(place)).glimpse()


def stacked(glimpses: Sequence[Glimpse]) -> Glimpse:
    """Several pages' strips one beneath the other, as one. At least one is needed."""
    widest = max(one.strip.shape[1] for one in glimpses)
    traits = dict.fromkeys(trait for one in glimpses for trait in one.traits)
    if not widest:
        return Glimpse(_NO_STRIP, glimpses[0].dpi, tuple(traits))
    padded = [np.pad(one.strip, ((0, one.dpi // 4), (0, widest - one.strip.shape[1]))) for one in glimpses]
    return Glimpse(np.vstack(padded), glimpses[0].dpi, tuple(traits))


_Drawn = tuple[Shown, ...]
"""A field's words as they are drawn."""


class _Look:
    """One page's zone, within its time and in its private folder."""

    def __init__(self, image: PageImage, sought: Sought, settings: GlanceSettings, folder: Path) -> None:
        self._image, self._sought, self._settings, self._folder = image, sought, settings, folder
        self._until = time.monotonic() + settings.seconds
        self._copies = 0

    def glimpse(self) -> Glimpse:
        zone = self._zone(self._image.quarter_turns)
        try:
            for turns in self._turns():
                turned = self._zone(turns)
                words = self._read(turned.pixels, turned.dpi, _AUTOMATIC) or self._lines(turned)
                if not weak(words):
                    return self._shown(turned, self._better(turned, words))
        except UnreadError:
            pass  # a person has less to go by
        strip = np.zeros(zone.pixels.shape, np.uint8) if self._settings.strip else _NO_STRIP
        return Glimpse(strip, zone.dpi, tuple(self._coded(zone)))

    def _turns(self) -> Iterator[int]:
        """As the page lies, upside down, on its sides: the first in which the zone shows upright words."""
        return ((self._image.quarter_turns + more) % 4 for more in (0, 2, 1, 3))

    def _better(self, zone: Readable, words: Sequence[Word]) -> Sequence[Word]:
        """The words of the attempt that finds more kinds of traits: a form's rules and columns stop some."""
        kinds = self._kinds(words)
        if kinds >= _ENOUGH:
            return words
        try:
            again = self._read(zone.pixels, zone.dpi, _ONE_BLOCK)
        except UnreadError:
            return words
        return again if len(self._kinds(again)) > len(kinds) else words

    def _kinds(self, words: Sequence[Word]) -> set[TraitKind]:
        return {one.trait.kind for one in fields(words, self._sought)}

    def _zone(self, turns: int) -> Readable:
        """The zone's copy; the rest of the page is not looked at."""
        copy = readable(self._image, turns)
        height = max(1, round(copy.pixels.shape[0] * self._settings.zone))
        pixels, ruled = (np.ascontiguousarray(rows[:height]) for rows in (copy.pixels, copy.ruled))
        return replace(copy, pixels=pixels, ruled=ruled)

    def _shown(self, zone: Readable, words: Sequence[Word]) -> Glimpse:
        found = fields(words, self._sought)
        if not self._settings.strip:
            return Glimpse(_NO_STRIP, zone.dpi, (*_traits(found), *self._coded(zone)))
        wanted = [word for one in found for word in one.words]
        kept = set(map(id, wanted))
        others = [word for word in words if id(word) not in kept]
        shown = _by_field(found, cut_out(zone.pixels, zone.dpi, wanted, others))
        sure = [one for field in self._sure(shown, zone) for one in field]
        return Glimpse(paint(_size(zone), sure), zone.dpi, (*_traits(found), *self._coded(zone)))

    def _coded(self, zone: Readable) -> Sequence[Trait]:
        """What INS datamatrix codes in the zone say; they are not shown."""
        read = codes(zone.ruled, zone.dpi, zone.dpi, CODE_MARK).read
        said = (coded(code.text, self._sought) for code in read)
        return [trait for trait in dict.fromkeys(said) if trait is not None]

    def _sure(self, shown: Sequence[_Drawn], zone: Readable) -> Sequence[_Drawn]:
        """Those fields that say what they must, and nothing else, when what is drawn of them is read alone.

        A row of them may be read as one.
        """
        if not shown:
            return []
        drawn = [one for field in shown for one in field]
        again = self._read(on_paper(_size(zone), drawn), zone.dpi, _SPARSE)
        rows = [row for row in _rows(drawn) if _says(row, again)]
        sure = {id(one) for row in rows for one in row}
        return [field for field in shown if all(id(one) in sure for one in field) or _says(field, again)]

    def _lines(self, zone: Readable) -> tuple[Word, ...]:
        """Its lines one by one, where layout analysis takes all of it for a picture; nothing where they lie wrong."""
        desk = Desk(self._folder, self._settings.engine, self._left())
        attempt = desk.lines(zone, laid_out(zone), share=1.0)
        return () if attempt.weak else attempt.words

    def _left(self) -> float:
        left = self._until - time.monotonic()
        if left <= 0:
            raise UnreadError("timeout")
        return left

    def _read(self, pixels: Grey, dpi: int, segmentation: int) -> tuple[Word, ...]:
        left = self._left()
        self._copies += 1
        path = self._folder / f"{self._copies}.tif"
        write_copy(pixels, path, dpi)
        words = self._settings.engine.words(Layout(path, dpi, segmentation), left)
        path.unlink()
        return words


def _size(zone: Readable) -> tuple[int, int]:
    height, width = zone.pixels.shape
    return height, width


def _says(drawn: Sequence[Shown], words: Sequence[Word]) -> bool:
    """Whether what is read in these boxes is the words that they must show."""
    here = [word for word in words if any(_lies_in(word, one) for one in drawn)]
    said = compact("".join(word.text for word in sorted(here, key=lambda word: word.x0)))
    wanted = compact("".join(one.word.text for one in sorted(drawn, key=lambda one: one.band[0])))
    return Levenshtein.distance(said, wanted) <= max(1, round(_MISREAD * len(wanted)))


def _lies_in(word: Word, shown: Shown) -> bool:
    left, top, right, bottom = shown.band
    across, down = (word.x0 + word.x1) / 2, (word.y0 + word.y1) / 2 - word.height / 4
    return left <= across < right and top <= down < bottom


def _rows(drawn: Sequence[Shown]) -> Iterator[list[Shown]]:
    """Words that stand at one height."""
    row: list[Shown] = []
    for one in sorted(drawn, key=lambda one: one.box[1] + one.box[3]):
        if row and (one.box[1] + one.box[3]) / 2 > row[0].box[3]:
            yield row
            row = []
        row.append(one)
    if row:
        yield row


def _by_field(found: Sequence[Field], shown: Sequence[Shown]) -> list[_Drawn]:
    """A field is shown with all of its words, or not at all."""
    by_word = {id(one.word): one for one in shown}
    whole = (field for field in found if all(id(word) in by_word for word in field.words))
    return [tuple(by_word[id(word)] for word in field.words) for field in whole]


def _traits(found: Sequence[Field]) -> tuple[Trait, ...]:
    return tuple(dict.fromkeys(one.trait for one in found))
