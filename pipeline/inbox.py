"""The drop folder: what a scanner puts there is taken once and whole; a listing is the truth, events are hints.

Left alone, and counted by kind: temporary names, symbolic links, pipes, sockets, devices, and files with a second hard
link (whoever holds the other name could still write). A subfolder is a batch; deeper folders make one label, with `/`.
"""

import errno
import os
import stat
import threading
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self

from lexicon.faults import StationFault
from pipeline.config import Duplex, InboxKind
from pipeline.drop.claims import Claimed, Claims, are_far_apart
from pipeline.drop.ending import has_end
from pipeline.drop.folder import UNREADABLE, Found, Temporary, is_being_written, opened_within, parent, walk
from pipeline.drop.settling import Settling
from pipeline.drop.standing import Arrival, Snapshot, Standing, open_in_place
from pipeline.drop.wakeup import Wakeup, Watch
from pipeline.formats.limits import Limits

__all__ = [
    "Arrival", "Claimed", "Inbox", "Snapshot", "Standing", "Temporary", "Unit", "check_inbox", "open_in_place",
    "refuse_overlap",
]  # fmt: skip

CLAIMS: Final = ".liasse-claimed"
"""The claim folder inside the inbox: on the same file system, so that one rename takes a file."""
_NOT_OURS: Final = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
"""The folder, or the file system, lets nobody or not us take something out of it."""
_RETRY: Final = 60.0
"""Seconds until a file that could not be taken out of its folder is tried again."""
_WORLD_WRITABLE: Final = stat.S_IWOTH

Unit = tuple[Claimed, ...]
"""What is taken as one file: one of the scanner's, or two that are fronts and backs; of those, one whose other half
did not come in time."""


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
        watch: Watch = "auto",
        temporary: Temporary | None = None,
        bell: threading.Event | None = None,
        duplex: Duplex = "no",
        duplex_hours: float = 4.0,
    ) -> None:
        """`settle` and `patience` in seconds. `claims` is elsewhere only for tests of two file systems.

        `bell` is rung by events of this folder; others may share it.
        Raises StationFault `inbox-missing`. Call `check_inbox` first.
        """
        self.folder = folder.resolve()
        if not self.folder.is_dir():
            raise StationFault("inbox-missing", path=str(folder))
        self.settle, self.patience, self.kind, self.duplex = settle, patience, kind, duplex
        self._duplex_hours = duplex_hours
        self._halves: dict[str | None, Claimed] = {}
        """With manual duplex: by batch, the fronts whose backs have not come."""
        self._limits, self.temporary = limits or Limits(), temporary or Temporary()
        self._settling = Settling()
        self._stirred: dict[str, tuple[tuple[int, int], float]] = {}
        """Claimed files that somebody wrote to since: their size and time, and since when (monotonic) they are so."""
        self._place = claims or self.folder / CLAIMS
        self._device = self.folder.stat().st_dev
        self._claims = Claims(self._place)
        self._watch: Watch = watch
        self._bell = bell
        self._wakeup = self._woken()
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
        listing = walk(self.folder, self.temporary)
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

    @property
    def halves(self) -> int:
        """With manual duplex: how many claimed files wait for their other half."""
        return len(self._halves)

    def paired(self, claimed: Claimed) -> Unit | None:
        """A claimed file, with its other half where the folder is one of manual duplex; None while that has not come.

        The second file of a batch is the first one's other half, the fourth the third one's, in the order of claiming.
        A file that comes more than `duplex_hours` after a half is none of its stack: the half goes alone, and the file
        waits for its own.
        """
        if self.duplex != "manual":
            return (claimed,)
        first = self._halves.pop(claimed.batch_label, None)
        if first is not None and not are_far_apart(first.since, claimed.since, self._duplex_hours):
            return first, claimed
        self._halves[claimed.batch_label] = claimed
        return None if first is None else (first,)

    def lies_still(self, file: BinaryIO, claimed: Claimed, now: float) -> bool:
        """Whether an open claimed file is as it was when it was claimed, or was seen unchanged for `settle` since.

        `now` in monotonic seconds: no clock that is put right makes a file look finished.
        """
        seen = os.fstat(file.fileno())
        mark = (seen.st_size, seen.st_mtime_ns)
        if mark[1] == claimed.mtime:
            return True
        before = self._stirred.get(claimed.id)
        since = before[1] if before is not None and before[0] == mark else now
        self._stirred[claimed.id] = (mark, since)
        return now - since >= self.settle

    def lost(self, claimed: Claimed) -> bool:
        """Whether a claimed file is not there any more, though the folder is: somebody else has taken it up."""
        return self._claims.in_place() and not claimed.path.exists()

    def release(self, claimed: Claimed) -> None:
        """Remove a claimed file, once its bytes are in the spool. Again is no error."""
        self._stirred.pop(claimed.id, None)
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
        self._wakeup = self._woken()

    def _woken(self) -> Wakeup:
        return Wakeup(self.folder, self._place, self._watch, self._bell)

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


def refuse_overlap(folder: Path, others: Iterable[Path]) -> None:
    """Raise StationFault `inbox-unsafe` for a folder that is one of the others, or lies in one, or holds one.

    Folders are compared, not only their paths: one of two names, by a second mount or by its case, is one folder.
    """
    place = folder.resolve()
    above = _identities(place)
    for other in others:
        known = other.resolve()
        near = place.is_relative_to(known) or known.is_relative_to(place)
        if near or _identity(known) in above or _identity(place) in _identities(known):
            raise StationFault("inbox-unsafe", path=str(folder), other=str(other))


def _identity(folder: Path) -> tuple[int, int]:
    """Device and inode; of what is not there none that another has."""
    try:
        seen = folder.stat()
    except OSError:
        return (-1, id(folder))
    return seen.st_dev, seen.st_ino


def _identities(folder: Path) -> set[tuple[int, int]]:
    """Its own, and of every folder that it lies in."""
    return {_identity(step) for step in (folder, *folder.parents)}


def check_inbox(folder: Path, private: Iterable[Path], code: Iterable[Path] = ()) -> None:
    """Refuse a drop folder that could feed the station its own files, overwrite it, or be played with by anyone.

    `private` are the station's and the host's folders and the other drop folders; `code` folders of programs, those of
    Liasse and of Python are always among them. Raises StationFault: `inbox-missing`, `inbox-unsafe`,
    `inbox-world-writable`.
    """
    place = folder.resolve()
    if not place.is_dir():
        raise StationFault("inbox-missing", path=str(folder))
    refuse_overlap(folder, (*private, Path(__file__).resolve().parent, Path(os.__file__).resolve().parent, *code))
    mode = place.stat().st_mode
    if mode & _WORLD_WRITABLE and not mode & stat.S_ISVTX:
        raise StationFault("inbox-world-writable", path=str(folder))
