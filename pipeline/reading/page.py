"""Reading one page: a first attempt, a better one where the page calls for it, a simpler one where time runs out."""

from typing import Final

from pipeline.clean import Readable, halved, readable
from pipeline.model import UNREAD, PageImage, RecognisedPage
from pipeline.reading.attempt import Attempt
from pipeline.reading.columns import laid_out
from pipeline.reading.desk import ONE_BLOCK, TURNED, Desk
from pipeline.reading.engine import UnreadError
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
            best = self._first(copy)
        except UnreadError:
            return self._simpler(copy).page()
        return self._better(best).page()

    def _first(self, copy: Readable) -> Attempt:
        """The page's lines; those of its zone as they were read before."""
        if self._zone is None or self._zone.rest is None:
            return self._desk.lines(copy, laid_out(copy), share=_FIRST_SHARE)
        rest = self._desk.lines(copy, self._zone.rest, share=_FIRST_SHARE)
        words = sorted((*self._zone.words, *rest.words), key=lambda word: word.line)
        return Attempt(copy, tuple(words), (*self._zone.notes, _IN_PARTS), rest.letters)

    def _better(self, best: Attempt) -> Attempt:
        """The page as it is best read; what was read before stands where time runs out."""
        try:
            return self._desk.reread(self._upright(best), share=_FIRST_SHARE)
        except UnreadError:
            return best

    def _upright(self, best: Attempt) -> Attempt:
        """The page turned, where it was read badly as it lies."""
        for turns in self._desk.other_turns(best, share=_FIRST_SHARE):
            copy = readable(self._image, turns)
            other = self._desk.lines(copy, laid_out(copy), TURNED, share=_FIRST_SHARE)
            if best.is_beaten_by(other):
                return other
        return best

    def _simpler(self, copy: Readable) -> Attempt:
        try:
            return self._desk.read(halved(copy), ONE_BLOCK, "simpler-attempt", share=_ALL)
        except UnreadError:
            return Attempt(copy, (), (UNREAD,))
