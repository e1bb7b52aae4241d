"""How far the documents in hand are read: noted by the threads that read, told now and then by the one that looks.

It is for whoever waits, and in no record: a document that is begun again is told from its first page.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from pipeline.events import PagesRead
from storage.stored import StoredDocument

APART: Final = 15.0
"""Seconds at least from its beginning until a document is told, and from then on between two times: short ones never
are."""
_TENTHS: Final = 10
"""Of its pages, one more at least since it was told: nine times at most, however long it takes."""


@dataclass(slots=True)
class _InHand:
    document: StoredDocument
    name: str
    told_at: float
    told: int = 0
    read: int = 0
    of: int = 0

    def is_due(self, now: float) -> bool:
        more = (self.read - self.told) * _TENTHS >= self.of
        return 0 < self.read < self.of and more and now - self.told_at >= APART

    def event(self) -> PagesRead:
        of = self.document
        return PagesRead(of.id, of.batch, of.file, self.name, self.read, self.of)


class Progress:
    """The documents that one process reads. Several threads may ask. `clock`: seconds, monotonic."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._in_hand: dict[str, _InHand] = {}
        self._guard = threading.Lock()

    @contextmanager
    def of(self, document: StoredDocument, name: str) -> Iterator[Callable[[int, int], None]]:
        """What hears how many of the document's pages are read, and of how many, while the block works on it.

        `name`: its file's.
        """
        in_hand = _InHand(document, name, self._clock())

        def told(read: int, of: int) -> None:
            with self._guard:
                in_hand.read, in_hand.of = read, of

        with self._guard:
            self._in_hand[document.id] = in_hand
        try:
            yield told
        finally:
            with self._guard:
                self._in_hand.pop(document.id, None)

    def due(self) -> tuple[PagesRead, ...]:
        """What is to be told now; asked again at once, there is nothing."""
        with self._guard:
            now = self._clock()
            due = [one for one in self._in_hand.values() if one.is_due(now)]
            for one in due:
                one.told, one.told_at = one.read, now
            return tuple(one.event() for one in due)
