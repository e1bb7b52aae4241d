"""The daemon over the drop folders: sweep, take, retry what the host refused, close batches that have come to rest."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Final

import structlog

from lexicon.faults import StationFault
from pipeline.batches import require_continuation
from pipeline.engine import Engine
from pipeline.events import FilesLeft, InboxGone
from pipeline.inbox import Claimed, Inbox
from pipeline.runs import account, send_checkpoint
from pipeline.sources import Tell, open_inbox, source_of
from pipeline.station import Station, alone

log = structlog.get_logger("liasse.daemon")

_SLICE: Final = 0.5
"""Seconds: how soon a stop is heard while nothing happens."""
_FIRST_RETRY: Final = 10.0
_LONGEST_RETRY: Final = 300.0
"""Seconds between attempts while the host is away, doubling."""


def watch_inboxes(
    station: Station, tell: Tell, stop: threading.Event, started: Callable[[], None] = lambda: None
) -> None:
    """Take what comes into the drop folders until `stop` is set; then finish the step in hand and sign the ledger.

    `started` is called when the station is ready and alone.
    """
    with alone(station.config), ExitStack() as closing:
        station.ready()
        require_continuation(station)
        engine = Engine(station, tell, stop)
        closing.callback(engine.close)
        inboxes = [closing.enter_context(open_inbox(station, section)) for section in station.config.inbox]
        started()
        Daemon(station, engine, inboxes, tell, stop).work()
        engine.close()  # the documents in hand end before the accounts
        send_checkpoint(station)
        tell(account(station, engine.run.files))


class Daemon:
    """The daemon's rounds."""

    def __init__(
        self, station: Station, engine: Engine, inboxes: list[Inbox], tell: Tell, stop: threading.Event
    ) -> None:
        self._station = station
        self._engine = engine
        self._inboxes = inboxes
        self._tell = tell
        self._left: dict[Inbox, Counter[str]] = {}
        self._gone: set[Inbox] = set()
        self._stop = stop
        self._active: dict[str, float] = {}
        self._retry_at = 0.0
        self._delay = _FIRST_RETRY

    def work(self) -> None:
        """Take up what was left, then go round until the stop."""
        self._engine.resume()
        self._take([(inbox, claimed) for inbox in self._inboxes for claimed in inbox.recover()])
        while not self._stop.is_set():
            self._take([pair for inbox in self._inboxes for pair in self._arrivals(inbox)])
            self._retry()
            self._close_batches()
            self._wait()

    def _arrivals(self, inbox: Inbox) -> Iterator[tuple[Inbox, Claimed]]:
        try:
            arrivals = inbox.sweep(time.monotonic())
        except StationFault as fault:
            if inbox not in self._gone:
                self._gone.add(inbox)
                log.warning("inbox-not-listed", fault=fault.code)
                self._tell(InboxGone(str(inbox.folder), back=False))
            return
        if inbox in self._gone:
            self._gone.discard(inbox)
            self._tell(InboxGone(str(inbox.folder), back=True))
        self._tell_left(inbox)
        for arrival in arrivals:
            claimed = inbox.claim(arrival, self._station.identifiers.new())
            if claimed is not None:
                yield inbox, claimed

    def _tell_left(self, inbox: Inbox) -> None:
        """What is left alone, whenever there is more of it."""
        more = inbox.left_alone - self._left.get(inbox, Counter())
        self._left[inbox] = Counter(inbox.left_alone)
        for kind in sorted(more):
            self._tell(FilesLeft(kind, inbox.left_alone[kind]))

    def _take(self, claimed: list[tuple[Inbox, Claimed]]) -> None:
        if not claimed:
            return
        self._engine.take(source for inbox, one in claimed for source in source_of(self._station, inbox, one))
        with self._station.database.read() as session:
            for batch in self._station.documents.open_batches(session):
                self._active[batch] = time.monotonic()

    def _retry(self) -> None:
        """What the host did not take, at growing distances."""
        now = time.monotonic()
        if not self._engine.run.host_faults or now < self._retry_at:
            return
        self._engine.run.host_faults = 0
        self._engine.resume()
        failed = self._engine.run.host_faults > 0
        self._delay = min(2 * self._delay, _LONGEST_RETRY) if failed else _FIRST_RETRY
        self._retry_at = now + self._delay

    def _close_batches(self) -> None:
        now = time.monotonic()
        with self._station.database.read() as session:
            opened = self._station.documents.open_batches(session)
        quiet = self._station.config.batch.quiet
        self._engine.close_batches(b for b in opened if now - self._active.setdefault(b, now) >= quiet)

    def _wait(self) -> None:
        """Until the next sweep is due, something happens in a folder, or a stop is asked for."""
        due = time.monotonic() + min(section.sweep for section in self._station.config.inbox)
        while not self._stop.is_set() and time.monotonic() < due:
            if self._inboxes[0].wait(min(_SLICE, max(0.0, due - time.monotonic()))):
                return
