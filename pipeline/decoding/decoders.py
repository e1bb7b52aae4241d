"""Files opened at arm's length: each by a fresh process that may crash, hang, swell or lie, and costs its file alone.

The station itself decodes nothing of a file as it came. Pages of a long file are read by several processes in turn,
each with its share of the memory; where one of them fails, by one process with all of it.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

import structlog

from lexicon.faults import SheetFault
from pipeline.decoding.answers import Looked
from pipeline.decoding.confine import Bounds
from pipeline.decoding.nursery import Nursery
from pipeline.decoding.patience import Patience
from pipeline.decoding.readers import LostError, Reader
from pipeline.decoding.room import Room
from pipeline.decoding.warm_terms import Given
from pipeline.formats.limits import Limits
from pipeline.separation import OURS_AND_PATCHES, Separation

log = structlog.get_logger("liasse.decoding")

_Told = TypeVar("_Told")

_MOST_AT_ONCE: Final = 4
"""Processes of all files together: recognition takes twenty times as long as reading."""
_PAGES_A_READER: Final = 4
"""From so many pages on, one more process is worth its start."""

_FOR_WANT_OF_MEMORY: Final = "unreadable-scan"
"""What a library makes of a page for which it gets too little may look like this: said in a share, it is not final."""


class Decoders:
    """Opens files. At most `most` processes read at a time; they start with the first file and end with `close`."""

    def __init__(
        self, limits: Limits, bounds: Bounds, most: int | None = None, separation: Separation | None = OURS_AND_PATCHES
    ) -> None:
        """`separation`: what parts documents; None: a file is one, and its pages are opened and not looked at."""
        self._given = Given(limits, bounds, separation)
        self._room = Room(bounds.memory, most or min(len(os.sched_getaffinity(0)), _MOST_AT_ONCE))
        self._nursery = Nursery(self._given)

    @contextmanager
    def opened(self, path: Path) -> Iterator["OpenedFile"]:
        """A file, for one thread. Faults come with its pages; StationFault `decoder-unusable` now or then."""
        patience = Patience(self._given.bounds)
        start = partial(Reader, self._nursery, path, self._given, patience)
        file = OpenedFile(start, patience, self._room)
        try:
            yield file
        finally:
            file.close()

    def close(self) -> None:
        self._nursery.close()


class OpenedFile:
    """One file's pages, from processes of its own. The second of two attempts at anything decides."""

    def __init__(self, start: Callable[[int], Reader], patience: Patience, room: Room) -> None:
        self._start, self._patience, self._room = start, patience, room
        self._readers: list[Reader] = []
        self._shares = 0
        """Of the room, that this file has."""
        self.count = 1
        """How many pages there are, as far as that is known: one image at the least."""

    def pages(self) -> Iterator[Looked]:
        """Every page, in order, looked at. Raises SheetFault for the whole file: use none of its pages then."""
        self._room.take()
        self._shares = 1
        self._readers.append(self._start(self._room.share))
        self.count = self._tried(self._count, self._count)
        self._tried(self._spread, self._agree)
        for number in range(1, len(self._readers) + 1):
            self._ask(number)
        for number in range(1, self.count + 1):
            looked = self._tried(self._reader(number).page, partial(self._anew, number))
            self._ask(number + len(self._readers))
            yield looked

    def close(self) -> None:
        """End the processes."""
        for reader in self._readers:
            reader.close()
        self._readers.clear()
        self._room.give_back(self._shares)
        self._shares = 0

    def _reader(self, number: int) -> Reader:
        return self._readers[(number - 1) % len(self._readers)]

    def _ask(self, number: int) -> None:
        if number <= self.count:
            self._reader(number).ask(number)

    def _spread(self) -> None:
        """Add as many processes as are worth their start and have room."""
        more = self._room.more(self.count // _PAGES_A_READER - 1)
        self._shares += more
        for _ in range(more):
            self._readers.append(self._start(self._room.share))
        self._agree(1)

    def _count(self) -> int:
        return self._readers[0].count()

    def _agree(self, first: int = 0) -> None:
        """Have the processes from `first` on, which are new, count the pages too."""
        if any(reader.count() != self.count for reader in self._readers[first:]):
            raise SheetFault("unreadable-scan")

    def _anew(self, number: int) -> Looked:
        self._agree()
        self._ask(number)
        return self._readers[0].page()

    def _tried(self, first: Callable[[], _Told], again: Callable[[], _Told]) -> _Told:
        try:
            return first()
        except LostError as lost:
            log.warning("decoder-replaced", fault=lost.code, kind=lost.kind, where=lost.where)
        except SheetFault as fault:
            if fault.code != _FOR_WANT_OF_MEMORY or self._is_alone():
                raise
        if self._patience.over:
            raise SheetFault("decoder-too-slow")
        self._alone()
        try:
            return again()
        except LostError as lost:
            raise lost.fault() from None

    def _is_alone(self) -> bool:
        return len(self._readers) == 1 and self._shares == self._room.shares

    def _alone(self) -> None:
        """From here on one fresh process, with all the memory."""
        self.close()
        self._room.take_all()
        self._shares = self._room.shares
        self._readers.append(self._start(self._room.memory))
