"""Reading one page: a first attempt, a better one where the page calls for it, a simpler one where time runs out."""

from typing import Final

from pipeline.clean import Readable, halved, readable
from pipeline.model import UNREAD, PageImage, RecognisedPage
from pipeline.reading.attempt import Attempt
from pipeline.reading.desk import AUTOMATIC, ONE_BLOCK, TURNED, Desk
from pipeline.reading.parts import beneath, joined
from pipeline.reading.tesseract import UnreadError
from pipeline.reading.zone import ZoneWords

_FIRST_SHARE: Final = 0.7
"""Of a page's time; the rest is kept for a simpler attempt."""
_ALL: Final = 1.0
_IN_PARTS: Final = "two-parts"
"""What is noted of a page whose identity zone was read before the gate, and the rest after it."""


class Reading:
    """One page's reading, at its desk; `zone`: what was read of it before the gate."""

    def __init__(self, image: PageImage, desk: Desk, zone: ZoneWords | None = None) -> None:
        self._image, self._desk = image, desk
        self._zone = zone if zone is not None and zone.goes_on_with(image) else None

    def page(self) -> RecognisedPage:
        """The page's words; none, and `unread`, when there was no reading it in time.

        Raises `SheetFault("unreadable-scan")`, `StationFault("program-missing")`.
        """
        copy = self._zone.copy(self._image) if self._zone else readable(self._image)
        try:
            best = self._rest(copy, self._zone) if self._zone else self._desk.read(copy, AUTOMATIC, share=_FIRST_SHARE)
        except UnreadError:
            return self._simpler(copy).page()
        return self._better(best).page()

    def _rest(self, copy: Readable, zone: ZoneWords) -> Attempt:
        """The zone's words and those beneath it, each part read as often as it asks for."""
        part = beneath(copy, zone.cut or 0)
        lower = self._desk.read(part.copy, AUTOMATIC, share=_FIRST_SHARE)
        lower = self._desk.reread(lower, share=_FIRST_SHARE, beside=zone.marks)
        notes = dict.fromkeys((*zone.notes, _IN_PARTS, *lower.notes))
        return Attempt(copy, joined(zone.words, part, lower.words), tuple(notes))

    def _better(self, best: Attempt) -> Attempt:
        """The page as it is best read; what was read before stands where time runs out."""
        try:
            turned = self._upright(best)
        except UnreadError:
            return best
        if self._zone and turned is best:
            return best  # its parts were read again where they asked for it
        return self._desk.reread(turned, share=_FIRST_SHARE)

    def _upright(self, best: Attempt) -> Attempt:
        """The page turned, where it was read badly as it lies, or read on its side."""
        for turns in self._desk.other_turns(best, share=_FIRST_SHARE):
            other = self._desk.read(readable(self._image, turns), AUTOMATIC, TURNED, share=_FIRST_SHARE)
            if best.is_beaten_by(other):
                return other
        return best

    def _simpler(self, copy: Readable) -> Attempt:
        try:
            return self._desk.read(halved(copy), ONE_BLOCK, "simpler-attempt", share=_ALL)
        except UnreadError:
            return Attempt(copy, (), (UNREAD,))
