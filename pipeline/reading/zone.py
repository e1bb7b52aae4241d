"""A page's identity zone read before the gate, whatever way the sheet was fed; nothing beneath the zone is kept.

Which way that is, the page's edges tell: as much of it as the zone is read along one after the other, until upright
words show; what an edge that is not the upper one says is forgotten at once. What was read lives in memory, with what
recognition needs to read the rest alone once the gate is open.
"""

import hashlib
from dataclasses import dataclass, field, replace
from typing import Final

import deflate
import numpy as np

from pipeline.clean import Readable, readable
from pipeline.model import PageImage, Word
from pipeline.reading.attempt import BLANK_INK, Attempt
from pipeline.reading.columns import Laid, laid_out
from pipeline.reading.desk import SECOND, TURNED, Desk
from pipeline.reading.engine import UnreadError
from pipeline.reading.lines import without

_ALL: Final = 1.0
_PACKED: Final = 1
"""Level of Deflate: paper packs to a tenth, in a fifth of the time that the copy took to make."""


@dataclass(frozen=True, slots=True)
class KeptCopy:
    """A page's copy in memory between the look and recognition, packed."""

    copy: Readable
    """Without its pixels."""
    packed: bytes = field(repr=False)
    shape: tuple[int, int]

    @classmethod
    def of(cls, copy: Readable) -> "KeptCopy":
        height, width = copy.pixels.shape
        packed = bytes(deflate.zlib_compress(copy.pixels.tobytes(), _PACKED))
        nothing = np.zeros((1, 1), np.uint8)
        return cls(replace(copy, pixels=nothing, ruled=nothing), packed, (height, width))

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.packed)

    def readable(self) -> Readable:
        height, width = self.shape
        pixels = np.frombuffer(deflate.zlib_decompress(self.packed, height * width), np.uint8)
        return replace(self.copy, pixels=pixels.reshape(self.shape))


@dataclass(frozen=True, slots=True)
class ZoneWords:
    """What was read in one page's identity zone. It lives in memory alone; recognition goes on from here."""

    words: tuple[Word, ...] = field(repr=False)
    """In pixels of the upright copy, reading order."""
    quarter_turns: int
    """Clockwise quarter turns that make the stored image upright, as far as the zone shows."""
    notes: tuple[str, ...] = ()
    unread: bool = False
    """The zone could not be read in time: nobody knows what it says."""
    rest: Laid | None = field(default=None, repr=False)
    """The copy's letters, and its lines that were not read; None where the page must be read whole."""
    image: str = field(default="", repr=False)
    """SHA-256 of the stored image."""
    kept: KeptCopy | None = field(default=None, repr=False)

    def goes_on_with(self, image: PageImage) -> bool:
        """Whether the rest of this very image can be read alone."""
        return self.rest is not None and self.image == _digest(image)

    def copy(self, image: PageImage) -> Readable:
        """The page's copy, the very one where it was kept. Raises `SheetFault("unreadable-scan")`."""
        return self.kept.readable() if self.kept else readable(image, self.quarter_turns)


@dataclass(frozen=True, slots=True)
class _Turn:
    """A page's copy in one turn, and what was read in its zone; None where the zone has no ink."""

    copy: Readable
    rest: Laid
    """All letters; lines beneath the zone, or partly."""
    attempt: Attempt | None

    @property
    def upright(self) -> bool:
        return self.attempt is not None and not self.attempt.weak


class ZoneReading:
    """The reading of one page's zone: its upper `share` once upright, within `seconds`, in a folder of its own."""

    def __init__(self, image: PageImage, share: float, desk: Desk) -> None:
        self._image, self._share, self._desk = image, share, desk

    def look(self) -> tuple[ZoneWords, Readable]:
        """What was read, and the page's copy. Raises `SheetFault("unreadable-scan")`, `StationFault`."""
        copy = readable(self._image)
        try:
            best = self._best(self._turn(copy))
        except UnreadError:
            return ZoneWords((), copy.quarter_turns, unread=True), copy
        return self._said(best), best.copy

    def _best(self, first: _Turn) -> _Turn:
        """The page as it lies, or turned where its zone shows upright words only then."""
        best = first
        try:
            start = first if first.attempt else self._turned((first.copy.quarter_turns + 2) % 4)
            if start.upright:
                best = start
            elif start.attempt is not None:
                best = self._other(start.attempt) or first
            if best.attempt is not None and best.upright:
                best = replace(best, attempt=self._desk.reread(best.attempt, share=_ALL))
        except UnreadError:
            pass  # what was read before stands
        return best

    def _other(self, attempt: Attempt) -> _Turn | None:
        for turns in self._desk.other_turns(attempt, share=_ALL):
            other = self._turned(turns)
            if other.attempt is not None and other.upright and attempt.is_beaten_by(other.attempt):
                return other
        return None

    def _turned(self, turns: int) -> _Turn:
        return self._turn(readable(self._image, turns), TURNED)

    def _turn(self, copy: Readable, *notes: str) -> _Turn:
        edge = max(1, round(copy.pixels.shape[0] * self._share))
        laid = laid_out(copy)
        upper, rest = laid.parted(edge)
        zone = replace(copy, pixels=without(copy.pixels[:edge], rest.lines.values()))
        if zone.ink <= BLANK_INK:
            return _Turn(copy, laid, None)
        return _Turn(copy, rest, self._desk.lines(zone, upper, *notes, share=_ALL))

    def _said(self, best: _Turn) -> ZoneWords:
        attempt, turns = best.attempt, best.copy.quarter_turns
        if attempt is None:
            return ZoneWords((), turns, rest=best.rest, image=_digest(self._image))
        if not best.upright or SECOND in attempt.notes:
            return ZoneWords(attempt.words, turns, attempt.notes)
        return ZoneWords(attempt.words, turns, attempt.notes, rest=best.rest, image=_digest(self._image))


def _digest(image: PageImage) -> str:
    return hashlib.sha256(image.payload).hexdigest()
