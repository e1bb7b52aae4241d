"""Where one page is read: its time, its private folder on the memory file system, the copies that lie in it."""

import time
from pathlib import Path
from typing import Final

from pipeline.clean import Readable
from pipeline.reading.attempt import Attempt
from pipeline.reading.columns import Laid
from pipeline.reading.copies import write_copy
from pipeline.reading.engine import Engine, Layout, Strips, UnreadError
from pipeline.reading.strips import strip

AUTOMATIC: Final = 3
ONE_BLOCK: Final = 6
"""Tesseract's page segmentation: full layout analysis; one block of text."""
SECOND: Final = "second-attempt"
TURNED: Final = "orientation"
"""What is noted of a page that was read again with layout analysis, or otherwise than it lies."""


class Desk:
    """Reads copies of one page, `seconds` in all, in a `folder` of its own."""

    def __init__(self, folder: Path, engine: Engine, seconds: float) -> None:
        self._folder, self._engine, self._seconds = folder, engine, seconds
        self._started = time.monotonic()

    def lines(self, copy: Readable, laid: Laid, *notes: str, share: float) -> Attempt:
        """What stands on lines of a copy, within `share` of the page's time. Raises `UnreadError`, `StationFault`."""
        strips = [strip(copy.pixels, line) for line in laid.lines.values()]
        pixels = tuple(cut.pixels for cut in strips)
        read = self._engine.lines(Strips(self._folder, pixels), self._left(share)) if strips else ()
        numbers = zip(laid.lines, strips, read, strict=True)
        words = tuple(word for number, cut, said in numbers for word in cut.words(said, number))
        return Attempt(copy, words, notes, laid.letters)

    def read(self, copy: Readable, segmentation: int, *notes: str, share: float) -> Attempt:
        """A copy as Tesseract lays it out, within `share` of the page's time. Raises `UnreadError`, `StationFault`."""
        layout = Layout(self._file(copy), copy.dpi, segmentation)
        return Attempt(copy, self._engine.words(layout, self._left(share)), notes)

    def reread(self, best: Attempt, *, share: float) -> Attempt:
        """The better of an attempt and of one with Tesseract's layout analysis, where there is reason and time for it.

        Reason is ink that looks like letters and stands in no word.
        """
        if not best.marks.leave_much:
            return best
        try:
            other = self.read(best.copy, AUTOMATIC, *best.notes, SECOND, share=share)
        except UnreadError:
            return best
        return max(best, other, key=lambda attempt: attempt.score)

    def turns_seen(self, copy: Readable, *, share: float) -> int | None:
        """Clockwise quarter turns that would make the copy upright, as Tesseract sees it; None: it cannot tell."""
        return self._engine.turns(self._file(copy), copy.dpi, self._left(share))

    def other_turns(self, best: Attempt, *, share: float) -> tuple[int, ...]:
        """Quarter turns of the image worth trying, the likeliest first: what Tesseract sees, then upside down."""
        if not best.weak:
            return ()
        seen = self.turns_seen(best.copy, share=share)
        quarters = (2,) if seen in {None, 0, 2} else (seen, 2)
        return tuple((best.copy.quarter_turns + quarter) % 4 for quarter in quarters)

    def _file(self, copy: Readable) -> Path:
        path = self._folder / f"{copy.quarter_turns}-{copy.dpi}-{copy.pixels.shape[0]}.tif"
        if not path.exists():
            write_copy(copy.pixels, path, copy.dpi)
        return path

    def _left(self, share: float) -> float:
        left = self._started + share * self._seconds - time.monotonic()
        if left <= 0:
            raise UnreadError("timeout")
        return left
