"""How long the station waits for one file in all: a while, and more with what it yields, however many pages it has."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from pipeline.decoding.confine import Bounds

_MEGABYTE: Final = 1_000_000


class Patience:
    """Seconds in hand. Waiting takes of them, a page that came gives some back, never beyond those at the beginning.

    What counts is how far a file falls behind an easy pace. Only waiting for its readers is counted: neither what the
    station does with the pages, nor its waiting for room to read in.
    """

    def __init__(self, bounds: Bounds) -> None:
        self._most, self._pace = bounds.file_seconds, bounds.pace
        self.left = self._most

    @property
    def over(self) -> bool:
        return self.left <= 0

    @contextmanager
    def waiting(self) -> Iterator[None]:
        began = time.monotonic()
        try:
            yield
        finally:
            self.left -= time.monotonic() - began

    def page(self, size: int) -> None:
        """A page of `size` bytes came."""
        self.left = min(self._most, self.left + self._pace * (1 + size / _MEGABYTE))
