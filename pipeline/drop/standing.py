"""A folder looked at again and again until what is in it lies still: for one run, and without taking anything away."""

import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from pipeline.drop.ending import has_end
from pipeline.drop.folder import Found, Temporary, is_being_written, opened_within, walk
from pipeline.drop.settling import Mark, Settling
from pipeline.formats.limits import Limits

_NANO: Final = 1e9


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file that lies still. `ended`: its end is there; if not, patience is over and the decoder tells."""

    found: Found
    ended: bool

    @property
    def name(self) -> bytes:
        """As on disk. It may name a patient."""
        return self.found.name

    @property
    def batch_label(self) -> str | None:
        return self.found.label

    @property
    def size(self) -> int:
        """Bytes."""
        return self.found.mark.size


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A folder seen once."""

    ready: tuple[Arrival, ...]
    moving: tuple[Found, ...]
    """Seen too shortly to know, or open for writing, or without its end and still to be waited for."""
    left_alone: Counter[str]


class Standing:
    """Tells what lies still. No clock decides it, but the one that nobody can set.

    A file's own time is its scanner's, or its server's; the time of day may be put right while we look. So a file is
    ready once it was seen unchanged for `settle` seconds. The time of day has one use: whatever lacked its end and was
    older than `patience` when it was first looked at is not waited for as long as that again.
    """

    def __init__(
        self,
        folder: Path,
        *,
        settle: float = 5.0,
        patience: float = 0.0,
        limits: Limits | None = None,
        temporary: Temporary | None = None,
    ) -> None:
        """`settle` and `patience` in seconds."""
        self._folder, self._settle, self._patience = folder.resolve(), settle, patience
        self._limits, self._temporary = limits or Limits(), temporary or Temporary()
        self._settling = Settling()
        self._old: dict[bytes, Mark] | None = None
        """What was older than `patience` at the first look."""

    def look(self, now: float, wall: float) -> Snapshot:
        """List the folder, in natural order, at `now` (monotonic seconds); `wall` in seconds since 1970.

        Raises StationFault `inbox-missing`.
        """
        listing = walk(self._folder, self._temporary)
        self._settling.watch({found.path: found.mark for found in listing.files}, now)
        if self._old is None:
            self._old = {found.path: found.mark for found in listing.files if _age(found, wall) >= self._patience}
        ready: list[Arrival] = []
        moving: list[Found] = []
        for found in listing.files:
            still_for = self._settling.still_for(found.path, now)
            if still_for < self._settle:
                moving.append(found)
                continue
            with opened_within(self._folder, found, listing.left_alone) as file:
                if file is None:
                    continue
                ended = has_end(file, self._limits)
                waited = ended or still_for >= self._patience or self._old.get(found.path) == found.mark
                if waited and not is_being_written(file):
                    ready.append(Arrival(found, ended))
                else:
                    moving.append(found)
        return Snapshot(tuple(ready), tuple(moving), listing.left_alone)


def open_in_place(folder: Path, arrival: Arrival) -> BinaryIO | None:
    """A file of a snapshot, open for reading through no link; None when it is gone or has changed."""
    with opened_within(folder.resolve(), arrival.found, Counter()) as file:
        return None if file is None else os.fdopen(os.dup(file.fileno()), "rb")


def _age(found: Found, wall: float) -> float:
    """Seconds since it was written to; a time in the future (another clock) counts by its distance."""
    return abs(wall - found.mark.mtime / _NANO)
