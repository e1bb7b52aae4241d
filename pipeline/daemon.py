"""The daemon over the drop folders: sweep, take, tell what becomes of it, close batches that have come to rest."""

import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from contextlib import closing as closing_of
from typing import Final

import structlog

from consent_gate.model import DocumentId
from lexicon.faults import Fault, StationFault
from pipeline.batches import require_continuation
from pipeline.confirming import let_go_of_open
from pipeline.custody_end import close_overdue, sweep_closing
from pipeline.engine import Engine, open_engine
from pipeline.events import Hindered
from pipeline.feeding import Line, Lines
from pipeline.inbox import Inbox
from pipeline.office.backup_schedule import Beside
from pipeline.office.following_up import Closing
from pipeline.office.rejudging import finish
from pipeline.runs import account, send_checkpoint
from pipeline.sources import Tell, open_inbox, recovered, source_of
from pipeline.station import Sole, Station
from pipeline.steps import passes

log = structlog.get_logger("liasse.daemon")

_SLICE: Final = 0.5
"""Seconds: how soon a stop is heard while nothing happens."""
_TAKING: Final = 2.0
"""Seconds at most that files are taken for, before the rest of a round has its turn."""
_SIGNED: Final = 3600.0
"""Seconds between two checkpoints."""
_OVERDUE: Final = 600.0
"""Seconds between two looks for what was curable for too long."""
_AT_ONCE: Final = 20
"""How many are closed in one round."""
_RETRY: Final = 30.0
"""Seconds between two attempts to close a batch while the host is away."""


def watch_inboxes(
    station: Station, tell: Tell, stop: threading.Event, started: Callable[[], None] = lambda: None
) -> None:
    """Take what comes into the drop folders until `stop` is set; then finish the step in hand and sign the ledger.

    `started` is called when the station is ready and alone.
    """
    with ExitStack() as closing:
        sole = closing.enter_context(closing_of(Sole(station)))
        station.ready()
        require_continuation(station)
        engine = closing.enter_context(open_engine(station, tell, stop))
        bell = threading.Event()
        inboxes = [closing.enter_context(open_inbox(station, section, bell)) for section in station.config.inbox]
        beside = closing.enter_context(closing_of(Beside(station)))
        started()
        Daemon(station, engine, inboxes, beside, tell, stop, bell).work(sole)
        engine.close()  # the documents in hand end before the accounts
        send_checkpoint(station)
        tell(account(station, engine.run.files))


def work_along(station: Station, stop: threading.Event, started: Callable[[], None] = lambda: None) -> None:
    """Do what there is to do at a station that another process feeds, until `stop` is set.

    Raises `StationFault("one-process-only")` where the station's database is a file.
    """
    if not station.config.several:
        raise StationFault("one-process-only")
    station.ready()
    with open_engine(station, lambda _: None, stop, role="worker") as engine:
        started()
        hindered = ""
        while not stop.wait(_SLICE):
            hindered = _outlasted(engine.look, hindered)


def _outlasted(part: Callable[[], None], before: str) -> str:
    """Do a part of the work; the fault that keeps it for now, where one that passes does: in the log when it is new."""
    try:
        part()
    except Fault as fault:
        if not passes(fault):
            raise
        if fault.code != before:
            log.warning("hindered", fault=fault.code)
        return fault.code
    return ""


class Daemon:
    """The daemon's rounds."""

    def __init__(
        self,
        station: Station,
        engine: Engine,
        inboxes: list[Inbox],
        beside: Beside,
        tell: Tell,
        stop: threading.Event,
        bell: threading.Event,
    ) -> None:
        """`bell` is rung when something happens in one of the folders."""
        self._station = station
        self._engine = engine
        self._inboxes = inboxes
        self._tell = tell
        self._stop = stop
        self._bell = bell
        self._active: dict[str, float] = {}
        self._tried: dict[str, float] = {}
        self._lines = Lines(())
        self._beside = beside
        self._signed = time.monotonic()
        self._closes = 0.0
        self._closing = False
        """Whether more is to be closed because the gate said so."""
        self._unreadable: frozenset[DocumentId] = frozenset()
        """What of it could not be read: left out until the others are closed, and then until they are judged anew."""
        self._hindered = ""
        """The fault that was told, and is not over."""

    def work(self, sole: Sole) -> None:
        """Take up what was left, then go round until the stop, or until the station is somebody else's.

        A fault that passes costs its part of the round: what it concerned stays where it is, and is tried again.
        """
        self._engine.resume()
        sections = zip(self._inboxes, self._station.config.inbox, strict=True)
        self._lines = Lines(
            [Line(inbox, section.sweep, self._tell, recovered(self._station, inbox)) for inbox, section in sections]
        )
        met = ""
        while not self._stop.is_set():
            away = _outlasted(sole.require, self._hindered)
            if not away:
                for part in (self._claim, self._take, self._judge_anew, self._close_batches, self._chores):
                    met = _outlasted(part, met or self._hindered) or met
            self._tell_hindered(away or met)
            met = _outlasted(self._wait, self._hindered)
            if away or met:
                self._stop.wait(_SLICE)

    def _tell_hindered(self, fault: str) -> None:
        """What keeps the work, once; and that it is over."""
        if fault != self._hindered:
            if self._hindered:
                self._tell(Hindered(self._hindered, over=True))
            if fault:
                self._tell(Hindered(fault, over=False))
        self._hindered = fault

    def _claim(self) -> None:
        self._bell.clear()
        self._lines.claim(time.monotonic(), self._station.identifiers.new)

    def _take(self) -> None:
        """For a while, and as long as there is room behind; the rest waits, claimed, for the next round."""
        if not self._lines.busy:
            return
        until = time.monotonic() + _TAKING
        turns = self._lines.turns()
        while time.monotonic() < until and not self._stop.is_set() and self._engine.has_room():
            inbox, unit = next(turns, (None, None))
            if inbox is None or unit is None:
                break
            try:
                self._engine.take(source_of(self._station, inbox, unit), patient=False)
            except Fault:
                self._lines.put_back(inbox, unit)
                raise
        with self._station.database.read() as session:
            for batch in self._station.batches.open(session):
                self._active[batch] = time.monotonic()

    def _judge_anew(self) -> None:
        """What was recorded since the last round, by whomever, and what a day that has begun changes.

        What closes by it closes some of it a round, so that no file and no stop waits for it.
        """
        closing = Closing(_AT_ONCE, self._stop.is_set, self._unreadable)
        done = finish(self._station, begin=self._engine.take_again, closing=closing)
        self._closing = done.to_close > 0
        self._unreadable = self._unreadable | done.unreadable if self._closing else frozenset()

    def _close_batches(self) -> None:
        """Those in which all is quiet; and what waited for a batch goes on as soon as its counts are right."""
        let_go_of_open(self._station, self._engine.take_again)
        now = time.monotonic()
        with self._station.database.read() as session:
            opened = self._station.batches.closable(session)
        self._active = {batch: self._active.get(batch, now) for batch in opened}
        quiet = self._station.config.batch.quiet
        due = [b for b in opened if now - self._active[b] >= quiet and now >= self._tried.get(b, 0.0)]
        self._engine.close_batches(due)
        self._tried = {batch: self._tried.get(batch, 0.0) for batch in opened} | dict.fromkeys(due, now + _RETRY)

    def _chores(self) -> None:
        """Backups and records, and the ledger's head at least hourly while entries come."""
        self._beside.look()
        self._close_overdue()
        now = time.monotonic()
        if now - self._signed >= _SIGNED:
            self._signed = now
            send_checkpoint(self._station)

    def _close_overdue(self) -> None:
        """What was curable for too long is closed: some of it a round, so that no file waits for it."""
        now = time.monotonic()
        if now >= self._closes:
            closed = close_overdue(self._station, most=_AT_ONCE, stopping=self._stop.is_set)
            self._closes = now if closed == _AT_ONCE else now + _OVERDUE
            if closed < _AT_ONCE:
                sweep_closing(self._station)

    def _wait(self) -> None:
        """Until the next listing is due, something happens in a folder, there is room for what is claimed, or a stop is
        asked for; shortly, where more is to be closed.
        """
        due = min(self._lines.due, time.monotonic() + _SLICE) if self._closing else self._lines.due
        while not self._stop.is_set() and time.monotonic() < due:
            self._engine.look()
            if self._lines.busy and self._engine.has_room():
                return
            if self._bell.wait(min(_SLICE, max(0.0, due - time.monotonic()))):
                return
