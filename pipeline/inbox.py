"""The drop folder: what a scanner puts there is taken once and whole; a listing is the truth, events are hints.

Left alone, and counted by kind: temporary names, symbolic links, pipes, sockets, devices, and files with a second hard
link (whoever holds the other name could still write). A subfolder is a batch; deeper folders make one label, with `/`.
"""

import errno
import os
import stat
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self

from lexicon.faults import StationFault
from pipeline.config import InboxKind
from pipeline.drop.claims import Claimed, Claims
from pipeline.drop.ending import has_end
from pipeline.drop.folder import UNREADABLE, Found, is_being_written, opened_within, parent, walk
from pipeline.drop.settling import Settling
from pipeline.drop.wakeup import Wakeup
from pipeline.formats.limits import Limits

__all__ = ["Arrival", "Claimed", "Inbox", "Snapshot", "check_inbox", "open_in_place", "snapshot"]

CLAIMS: Final = ".liasse-claimed"
"""The claim folder inside the inbox: on the same file system, so that one rename takes a file."""
_NOT_OURS: Final = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
"""The folder, or the file system, lets nobody or not us take something out of it."""
_RETRY: Final = 60.0
"""Seconds until a file that could not be taken out of its folder is tried again."""
_WORLD_WRITABLE: Final = stat.S_IWOTH


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


class Inbox:
    """One drop folder. Use as a context manager: it watches for events and holds the claim folder open."""

    def __init__(
        self,
        folder: Path,
        *,
        settle: float = 5.0,
        patience: float = 600.0,
        limits: Limits | None = None,
        claims: Path | None = None,
        kind: InboxKind = "records",
    ) -> None:
        """`settle` and `patience` in seconds. `claims` is elsewhere only for tests of two file systems.

        Raises StationFault `inbox-missing`. Call `check_inbox` first.
        """
        self.folder = folder.resolve()
        if not self.folder.is_dir():
            raise StationFault("inbox-missing", path=str(folder))
        self.settle, self.patience, self.kind = settle, patience, kind
        self._limits = limits or Limits()
        self._settling = Settling()
        self._place = claims or self.folder / CLAIMS
        self._device = self.folder.stat().st_dev
        self._claims = Claims(self._place)
        self._wakeup = Wakeup(self.folder, self._place)
        self.left_alone: Counter[str] = Counter()
        """What the last sweep did not take, by kind: those of `folder.Walk`, and `being-written` past patience."""
        self._refused: dict[bytes, float] = {}
        """What may be read and not be taken out of its folder, and when (monotonic seconds) to try again."""
        self._swept = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._wakeup.close()
        self._claims.close()

    def recover(self) -> list[Claimed]:
        """Files claimed before the last stop and not released: take them up first."""
        return self._claims.recover()

    def wait(self, timeout: float) -> bool:
        """Sleep until something changes in the folder or `timeout` seconds are over; sweep in both cases."""
        return self._wakeup.wait(timeout)

    def sweep(self, now: float) -> list[Arrival]:
        """List the folder at `now` (monotonic seconds) and tell what is ready, in natural order.

        Raises StationFault `inbox-missing` when the folder cannot be listed (share gone): try again later.
        """
        if not self._claims.in_place():
            self._come_back()
        listing = walk(self.folder)
        self.left_alone = listing.left_alone
        self._settling.watch({found.path: found.mark for found in listing.files}, now)
        self._swept = now
        self._refused = {
            found.path: self._refused[found.path] for found in listing.files if found.path in self._refused
        }
        if self._refused:
            self.left_alone[UNREADABLE] += len(self._refused)
        files = (found for found in listing.files if self._refused.get(found.path, now) <= now)
        ready = (self._ready(found, self._settling.still_for(found.path, now)) for found in files)
        return [arrival for arrival in ready if arrival is not None]

    def claim(self, arrival: Arrival, claim: str) -> Claimed | None:
        """Make a file ours under the opaque name `claim` (letters and digits, new for each call).

        None when it has changed or gone since the sweep: the next one will tell; or when its owner, or the folder's,
        does not let us, which counts as left alone. OSError: the disk's own trouble.
        """
        try:
            with parent(self.folder, arrival.found) as source:
                claimed = self._claims.take(source, arrival.found, claim)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as trouble:
            if trouble.errno not in _NOT_OURS or not os.access(self._place, os.W_OK | os.X_OK, effective_ids=True):
                raise
            self.left_alone[UNREADABLE] += arrival.found.path not in self._refused
            self._refused[arrival.found.path] = self._swept + _RETRY
            return None
        self._refused.pop(arrival.found.path, None)
        return claimed

    def lies_still(self, file: BinaryIO, claimed: Claimed, wall: float) -> bool:
        """Whether an open claimed file is as it was when it was claimed, or has not been written to for `settle`.

        `wall` is the time of day in seconds since 1970.
        """
        written = os.fstat(file.fileno()).st_mtime_ns
        return written == claimed.mtime or abs(wall - written / 1e9) >= self.settle

    def lost(self, claimed: Claimed) -> bool:
        """Whether a claimed file is not there any more, though the folder is: somebody else has taken it up."""
        return self._claims.in_place() and not claimed.path.exists()

    def release(self, claimed: Claimed) -> None:
        """Remove a claimed file, once its bytes are in the spool. Again is no error."""
        self._claims.release(claimed)

    def _come_back(self) -> None:
        """The folder went away, and came back or was made anew: what was open in it is opened again.

        An empty mount point is not the folder: another device, nothing mounted, and nothing of ours in it.
        """
        try:
            device = self.folder.stat().st_dev
            if device != self._device and not self._place.is_dir() and not self.folder.is_mount():
                raise FileNotFoundError
            claims = Claims(self._place)
        except OSError:
            raise StationFault("inbox-missing", path=str(self.folder)) from None
        self._claims.close()
        self._wakeup.close()
        self._claims, self._device = claims, device
        self._wakeup = Wakeup(self.folder, self._place)

    def _ready(self, found: Found, still_for: float) -> Arrival | None:
        if still_for < self.settle:
            return None
        with opened_within(self.folder, found, self.left_alone) as file:
            return None if file is None else self._judged(file, found, still_for)

    def _judged(self, file: BinaryIO, found: Found, still_for: float) -> Arrival | None:
        out_of_patience = still_for >= self.patience
        if is_being_written(file):
            self.left_alone["being-written"] += out_of_patience
            return None
        ended = has_end(file, self._limits)
        return Arrival(found, ended) if ended or out_of_patience else None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A folder seen once, to be read in place: originals stay where they are."""

    ready: tuple[Arrival, ...]
    moving: tuple[Arrival, ...]
    """Written to within the settle time, or open for writing, or without its end and still to be waited for."""
    left_alone: Counter[str]


def snapshot(
    folder: Path, wall: float, settle: float = 5.0, limits: Limits | None = None, patience: float = 0.0
) -> Snapshot:
    """List any folder once, in natural order. `wall` is the time of day in seconds since 1970, to age the files by.

    A file without its end is waited for until it is `patience` seconds old. A modification time in the future (another
    clock) counts by its distance. Raises StationFault `inbox-missing`.
    """
    place = folder.resolve()
    listing = walk(place)
    ready: list[Arrival] = []
    moving: list[Arrival] = []
    for found in listing.files:
        with opened_within(place, found, listing.left_alone) as file:
            if file is None:
                continue
            arrival = Arrival(found, has_end(file, limits or Limits()))
            age = abs(wall - found.mark.mtime / 1e9)
            still = age >= (settle if arrival.ended else max(settle, patience)) and not is_being_written(file)
            (ready if still else moving).append(arrival)
    return Snapshot(tuple(ready), tuple(moving), listing.left_alone)


def open_in_place(folder: Path, arrival: Arrival) -> BinaryIO | None:
    """A file of a snapshot, open for reading through no link; None when it is gone or has changed."""
    with opened_within(folder.resolve(), arrival.found, Counter()) as file:
        return None if file is None else os.fdopen(os.dup(file.fileno()), "rb")


def refuse_overlap(folder: Path, others: Iterable[Path]) -> None:
    """Raise StationFault `inbox-unsafe` for a folder that is one of the others, or lies in one, or holds one."""
    place = folder.resolve()
    for other in others:
        known = other.resolve()
        if place == known or place.is_relative_to(known) or known.is_relative_to(place):
            raise StationFault("inbox-unsafe", path=str(folder), other=str(other))


def check_inbox(folder: Path, private: Iterable[Path], code: Iterable[Path] = ()) -> None:
    """Refuse a drop folder that could feed the station its own files, overwrite it, or be played with by anyone.

    `private` are the station's and the host's folders; `code` folders of programs, those of Liasse and of Python are
    always among them. Raises StationFault: `inbox-missing`, `inbox-unsafe`, `inbox-world-writable`.
    """
    place = folder.resolve()
    if not place.is_dir():
        raise StationFault("inbox-missing", path=str(folder))
    refuse_overlap(folder, (*private, Path(__file__).resolve().parent, Path(os.__file__).resolve().parent, *code))
    mode = place.stat().st_mode
    if mode & _WORLD_WRITABLE and not mode & stat.S_ISVTX:
        raise StationFault("inbox-world-writable", path=str(folder))
