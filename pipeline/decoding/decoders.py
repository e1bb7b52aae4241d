"""Files opened at arm's length: each by a fresh process that may crash, hang, swell or lie, and costs its file alone.

The station itself decodes nothing of a file as it came. Pages of a long file are read by several processes in turn.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeVar

import structlog

from lexicon.faults import SheetFault
from pipeline.decoding.answers import Looked
from pipeline.decoding.confine import Bounds
from pipeline.decoding.nursery import Nursery
from pipeline.decoding.readers import LostError, Reader
from pipeline.decoding.warm_terms import Given
from pipeline.formats.limits import Limits

log = structlog.get_logger("liasse.decoding")

_Told = TypeVar("_Told")

_MOST_AT_ONCE: Final = 4
"""Processes of all files together: recognition takes twenty times as long as reading."""
_PAGES_A_HAND: Final = 4
"""From so many pages on, one more process is worth its start."""


class Decoders:
    """Opens files. At most `most` processes read at a time; they start with the first file and end with `close`."""

    def __init__(self, limits: Limits, bounds: Bounds, most: int | None = None) -> None:
        self._given = Given(limits, bounds)
        self._most = most or min(len(os.sched_getaffinity(0)), _MOST_AT_ONCE)
        self._slots = threading.BoundedSemaphore(self._most)
        self._nursery = Nursery(self._given)

    @contextmanager
    def opened(self, path: Path) -> Iterator["OpenedFile"]:
        """A file, for one thread. Faults come with its pages; StationFault `decoder-unusable` now or then."""
        until = time.monotonic() + self._given.bounds.file_seconds
        file = OpenedFile(lambda: Reader(self._nursery, path, self._given, until), until, self._spare)
        with self._slots:
            try:
                yield file
            finally:
                for _ in range(file.close() - 1):
                    self._slots.release()

    def close(self) -> None:
        self._nursery.close()

    def _spare(self, wanted: int) -> int:
        """How many of `wanted` more processes there may be just now."""
        return sum(self._slots.acquire(blocking=False) for _ in range(min(wanted, self._most - 1)))


class OpenedFile:
    """One file's pages, from processes of its own."""

    def __init__(self, start: Callable[[], Reader], until: float, spare: Callable[[int], int]) -> None:
        self._start, self._until, self._spare = start, until, spare
        self._hands: list[_Hand] = []
        self.count = 1
        """How many pages there are, as far as that is known: one image at the least."""

    def pages(self) -> Iterator[Looked]:
        """Every page, in order, looked at. Raises SheetFault for the whole file: use none of its pages then."""
        self._hands.append(_Hand(self._start, self._until))
        self.count = self._hands[0].count()
        spared = self._spare(self.count // _PAGES_A_HAND - 1)
        self._hands += [_Hand(self._start, self._until) for _ in range(spared)]
        if any(hand.count() != self.count for hand in self._hands[1:]):
            raise SheetFault("unreadable-scan")
        for number in range(1, len(self._hands) + 1):
            self._ask(number)
        for number in range(1, self.count + 1):
            looked = self._hand(number).page()
            self._ask(number + len(self._hands))
            yield looked

    def close(self) -> int:
        """End the processes; how many slots they had, the first one's included."""
        for hand in self._hands:
            hand.close()
        return max(1, len(self._hands))

    def _hand(self, number: int) -> "_Hand":
        return self._hands[(number - 1) % len(self._hands)]

    def _ask(self, number: int) -> None:
        if number <= self.count:
            self._hand(number).ask(number)


class _Hand:
    """One process at a time over a file. Where it fails a fresh one tries; the second of two attempts decides."""

    def __init__(self, start: Callable[[], Reader], until: float) -> None:
        self._start, self._until = start, until
        self._reader = start()
        self._asked = 0

    def count(self) -> int:
        return self._tried(lambda reader: reader.count(), lambda reader: reader.count())

    def ask(self, number: int) -> None:
        self._asked = number
        self._reader.ask(number)

    def page(self) -> Looked:
        return self._tried(lambda reader: reader.page(), self._anew)

    def close(self) -> None:
        self._reader.close()

    def _anew(self, reader: Reader) -> Looked:
        reader.count()
        reader.ask(self._asked)
        return reader.page()

    def _tried(self, first: Callable[[Reader], _Told], again: Callable[[Reader], _Told]) -> _Told:
        try:
            return first(self._reader)
        except LostError as lost:
            log.warning("decoder-replaced", fault=lost.code, kind=lost.kind, where=lost.where)
            self._reader.close()
        if time.monotonic() >= self._until:
            raise SheetFault("decoder-too-slow")
        self._reader = self._start()
        try:
            return again(self._reader)
        except LostError as lost:
            raise lost.fault() from None
