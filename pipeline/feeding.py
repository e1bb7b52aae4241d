"""The drop folders' lines: what lies ready in each, what is claimed of it, and whose turn it is.

Claiming is quick and keeps a scanner from writing over its own file; taking waits for room behind. So each folder's
files are claimed as they lie still, and taken in turn, one of each folder: a burst in one does not hold up another.
"""

import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

import structlog

from lexicon.faults import Fault, StationFault
from pipeline.events import FilesLeft, InboxGone
from pipeline.inbox import Arrival, Inbox, Unit
from pipeline.sources import Tell
from storage.files import disk_faults

log = structlog.get_logger("liasse.daemon")

_CLAIMING: Final = 1.0
"""Seconds at most that one folder's files are claimed for, before it is the next one's turn."""


class Line:
    """One drop folder's files, from their listing until they are taken."""

    def __init__(self, inbox: Inbox, every: float, tell: Tell, claimed: Iterable[Unit]) -> None:
        """`every`: seconds between two listings; events only make one come sooner. `claimed`: by an earlier run."""
        self.inbox, self._every, self._tell = inbox, every, tell
        self.claimed: deque[Unit] = deque(claimed)
        """Ours, and still to be taken."""
        self._arrivals: deque[Arrival] = deque()
        """Ready at the last listing, and still to be claimed."""
        self.due = 0.0
        """When the next listing is (monotonic seconds)."""
        self._left: Counter[str] = Counter()
        self._gone = False

    @property
    def busy(self) -> bool:
        return bool(self.claimed or self._arrivals)

    def claim(self, now: float, new_identifier: Callable[[], str]) -> None:
        """List the folder where that is due, and claim for a while what lies still in it.

        Raises StationFault `disk-full` or `disk-unusable`: what could not be claimed is where it was.
        """
        if not self._arrivals and (self.inbox.wait(0.0) or now >= self.due):
            self.due = now + self._every
            self._arrivals.extend(self._listed(now))
        until = time.monotonic() + _CLAIMING
        while self._arrivals and time.monotonic() < until:
            with disk_faults():
                claimed = self.inbox.claim(self._arrivals.popleft(), new_identifier())
            unit = self.inbox.paired(claimed) if claimed is not None else None
            if unit is not None:
                self.claimed.append(unit)

    def _listed(self, now: float) -> Sequence[Arrival]:
        try:
            arrivals = self.inbox.sweep(now)
        except StationFault as fault:
            if not self._gone:
                self._gone = True
                log.warning("inbox-not-listed", fault=fault.code)
                self._tell(InboxGone(str(self.inbox.folder), back=False))
            return ()
        if self._gone:
            self._gone = False
            self._tell(InboxGone(str(self.inbox.folder), back=True))
        self._tell_left()
        return arrivals

    def _tell_left(self) -> None:
        """What is left alone, whenever there is more of it."""
        more = self.inbox.left_alone - self._left
        self._left = Counter(self.inbox.left_alone)
        for kind in sorted(more):
            self._tell(FilesLeft(kind, self.inbox.left_alone[kind]))


class Lines:
    """All drop folders of a station."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._lines = deque(lines)

    @property
    def busy(self) -> bool:
        """Whether something lies ready, or is claimed and not taken."""
        return any(line.busy for line in self._lines)

    @property
    def due(self) -> float:
        """When the next listing is (monotonic seconds)."""
        return min(line.due for line in self._lines)

    def claim(self, now: float, new_identifier: Callable[[], str]) -> None:
        """As `Line.claim`, of each folder: the trouble of one does not keep another waiting."""
        met: Fault | None = None
        for line in self._lines:
            try:
                line.claim(now, new_identifier)
            except Fault as fault:
                met = fault
        if met is not None:
            raise met

    def turns(self) -> Iterator[tuple[Inbox, Unit]]:
        """What is claimed now, one of each folder in turn; `put_back` what could not be taken."""
        for _ in range(sum(len(line.claimed) for line in self._lines)):
            while not self._lines[0].claimed:
                self._lines.rotate(-1)
            line = self._lines[0]
            self._lines.rotate(-1)
            yield line.inbox, line.claimed.popleft()

    def put_back(self, inbox: Inbox, unit: Unit) -> None:
        """To the end of its line, so that it does not keep the others for ever."""
        for line in self._lines:
            if line.inbox is inbox and not any(map(inbox.lost, unit)):
                line.claimed.append(unit)
