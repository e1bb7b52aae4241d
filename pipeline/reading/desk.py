"""Where one page is read: its time, its private folder on the memory file system, the copies that lie in it."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Final

from pipeline.clean import Readable
from pipeline.reading.attempt import Attempt, Marks
from pipeline.reading.copies import write_copy
from pipeline.reading.engine import Engine, Layout, UnreadError

AUTOMATIC: Final = 3
ONE_BLOCK: Final = 6
"""Tesseract's page segmentation: full layout analysis; one block of text, which rules and columns do not stop."""
SECOND: Final = "second-attempt"
TURNED: Final = "orientation"
"""What is noted of a page that was read again as one block, or otherwise than it lies."""
_NONE: Final = Marks()


class Desk:
    """Reads copies of one page, `seconds` in all, in a `folder` of its own."""

    def __init__(self, folder: Path, engine: Engine, seconds: float) -> None:
        self._folder, self._engine, self._seconds = folder, engine, seconds
        self._started = time.monotonic()

    def read(self, copy: Readable, segmentation: int, *notes: str, share: float) -> Attempt:
        """One attempt, within `share` of the page's time. Raises `UnreadError`, `StationFault`."""
        layout = Layout(self._file(copy), copy.dpi, segmentation)
        return Attempt(copy, self._engine.words(layout, self._left(share)), notes)

    def reread(self, best: Attempt, *, share: float, beside: Marks = _NONE) -> Attempt:
        """The better of an attempt and of one without layout analysis, where there is reason and time for it.

        Reason is what layout analysis leaves out (ruled tables, mostly), of the copy and of the page: `beside` are the
        marks of the page's other part.
        """
        marks = best.marks
        best = replace(best, measured=marks)
        if not (marks.leave_much and (marks + beside).leave_much):
            return best
        try:
            other = self.read(best.copy, ONE_BLOCK, *best.notes, SECOND, share=share)
        except UnreadError:
            return best
        return max(best, other, key=lambda attempt: attempt.score)

    def turns_seen(self, copy: Readable, *, share: float) -> int | None:
        """Clockwise quarter turns that would make the copy upright, as Tesseract sees it; None: it cannot tell."""
        return self._engine.turns(self._file(copy), copy.dpi, self._left(share))

    def other_turns(self, best: Attempt, *, share: float) -> tuple[int, ...]:
        """Quarter turns of the image worth trying, the likeliest first: what Tesseract sees, then upside down."""
        quarters: tuple[int, ...] = ()
        if best.sideways:
            quarters = (1, 3) if best.weak else (3, 1)  # lines that stand were read from top to bottom
        elif best.weak:
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
