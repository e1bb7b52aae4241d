"""Drives the journeys: takes files, has them opened and their documents sent on their way, and tells of them.

The durable engine does each step at least once, here or in another worker; the rows and the ledger are the record.
What a crash left, what another version left, and what the engine's tables forgot is begun again from the rows.
"""

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, Literal

import structlog

from pipeline import settle
from pipeline.announced import Gaps, gaps
from pipeline.custody_end import sweep_closing
from pipeline.durable import Durable, Task, Width, object_of
from pipeline.events import BatchClosed, FileTaken
from pipeline.following import Following
from pipeline.forms import ending
from pipeline.intake import Source, take
from pipeline.sources import Tell
from pipeline.station import Station
from pipeline.steps import DEAD_LETTER, Signals, StationSteps, priority
from pipeline.taking_back import look_again
from pipeline.workers import Pulse, announce, end_if_stuck, worker_id
from storage import work
from storage.database import engine_for_dbos

log = structlog.get_logger("liasse.engine")

Role = Literal["front", "worker"]

_LOOK: Final = 0.05
"""Seconds between two looks at what became of things, while somebody waits: at the least, for a look costs time."""
_LOOKING: Final = 0.01
"""The share of a processor that is spent on looking."""
_EXHAUSTED: Final = 5.0
"""Seconds between two looks for work that ended its process too often."""
_MEND: Final = 5.0
"""Seconds between two looks for work that an error of the engine's tables has dropped."""
_ROUNDS: Final = 120.0
"""Seconds between two looks for work that its worker left, or that was never begun."""
_OPENING_SHARE: Final = 2
"""A file is opened at a time for so many documents worked on: each reader may take `[limits] memory`."""
_DELIVERING: Final = 4
_AGAIN: Final = 50
"""Documents that were taken again and are begun at one look: each costs some milliseconds."""
_BYTES_A_PAGE: Final = 100_000
_KEPT: Final = timedelta(days=2)
"""How long the engine's tables remember what was done."""
_FORGETTING: Final = 3600.0
"""Seconds between two clearings of what they remember no longer."""


@dataclass(slots=True)
class Run:
    """What one run has seen: for its accounts."""

    files: list[str] = field(default_factory=list)


class Engine:
    """One process's driver of a station. `tell` hears of every event, in the thread that calls; it must be quick.

    `front` takes files and closes batches, one a station; a `worker` does what there is to do, as many as wanted.
    """

    def __init__(
        self, station: Station, tell: Tell, stop: threading.Event | None = None, *, role: Role = "front"
    ) -> None:
        self._station = station
        self._tell = tell
        self._stop = stop or threading.Event()
        self._closing = threading.Event()
        self._workers = station.config.ocr.pages_at_once
        self._signals = Signals(self._closing.is_set)
        self._following = Following(station, tell)
        self._closing_batches: set[str] = set()
        self._database = engine_for_dbos(station.config.database_url)
        width = Width(
            files=max(1, self._workers // _OPENING_SHARE),
            documents=self._workers + 1,
            deliveries=_DELIVERING,
            batches=1 if role == "front" else 0,
        )
        self._rounds = _ROUNDS if role == "front" else math.inf
        worker = worker_id(station, role)
        if station.config.several:
            announce(station, worker)
        steps = StationSteps(station, self._signals)
        self._durable = Durable(self._database, worker, steps, width)
        self._pulse = Pulse(station, worker, self._durable) if station.config.several else None
        self._looks = self._asked = self._mended = self._forgets = 0.0
        self._errors = 0
        self._again: deque[Task] = deque()
        """Documents that were taken again, and are still to be begun."""
        self._missed: frozenset[str] = frozenset()
        """What the engine seemed to have dropped at the last look."""
        self.run = Run()

    def close(self) -> None:
        """Let the steps in hand end; what has not begun waits for the next run. Again does no harm."""
        if self._closing.is_set():
            return
        self._closing.set()
        if self._pulse:
            self._pulse.close()
        self._durable.close()
        self._database.dispose()
        self._following.look()

    def resume(self) -> None:
        """Take up what an interrupted run left: working copies, opened files, documents on their way."""
        station = self._station
        settle.sweep(station, alone=not station.config.several)
        ending.sweep(station)
        sweep_closing(station)
        look_again(station, at_start=True)
        known = self._durable.open_objects()
        with station.database.read() as session:
            unfinished = work.unfinished_files(session)
        self._following.take_up(unfinished)
        self._begin(lambda identifier: identifier not in known)
        self._durable.hasten()

    def take_again(self, station: Station, tasks: Sequence[Task]) -> None:
        """Have documents prepared that the gate lets go on now (`pipeline.reopen.Begin`), some at each look."""
        with station.database.read() as session:
            files = {one.file for one in station.documents.several(session, [task.object for task in tasks])}
        self._following.take_up(sorted(files))
        self._again += tasks

    def take(self, sources: Iterable[Source], *, patient: bool = True) -> None:
        """Take files one after the other, while their documents travel. Raises what stops the station.

        `patient`: after each, until there is room for the next; who has other things to do asks `has_room` instead.
        """
        for source in sources:
            if self._stop.is_set():
                return
            file = take(self._station, source)
            self.run.files.append(file.id)
            self._tell(FileTaken(file.id, file.batch, file.name, file.size))
            known = self._following.follows(file.id)  # taken before a crash, and begun again since
            self._following.follow(file.id)
            if file.state == "captured" and not known:
                self._durable.open_file(Task(file.id, priority(file.captured_at, file.size // _BYTES_A_PAGE)))
            self.look()
            if patient:
                self._hold_back()

    def has_room(self) -> bool:
        """Back-pressure: no more is opened than can soon be prepared; what a fault keeps does not count."""
        with self._station.database.read() as session:
            return work.waiting(session) < self._station.config.engine.queued

    def look(self) -> None:
        """Tell what became of things meanwhile, as often as is cheap. Raises what stops the station.

        Ends the process where a step is stuck.
        """
        end_if_stuck(self._station)
        if time.monotonic() >= self._looks or self._durable.came_to_rest():
            began = time.thread_time()
            self._following.look()
            self._looks = time.monotonic() + _pause(began)
        for event in self._signals.progress.due():
            self._tell(event)
        for batch in tuple(self._closing_batches & self._signals.batches.keys()):
            self._closing_batches.discard(batch)
            deposited = self._signals.batches.pop(batch)
            if deposited is not None:
                self._tell(BatchClosed(batch, self._documents_of(batch), deposited, self._unlike(batch)))
        for _ in range(min(len(self._again), _AGAIN)):
            self._durable.prepare(self._again.popleft())
        self._pause_exhausted()
        self._mend()
        self._forget()
        if self._signals.broken is not None:
            raise self._signals.broken

    def wait(self) -> None:
        """Until nothing moves any more: all is settled, or kept by a fault, or a stop is asked for."""
        while not self._stop.is_set():
            self.look()
            if not self._following.moving and not self._closing_batches:
                return
            time.sleep(_LOOK)

    def close_batches(self, batches: Iterable[str]) -> None:
        """Have batches closed in which nothing is on its way; a host that is away leaves them open."""
        station = self._station
        for batch in batches:
            with station.database.read() as session:
                under_way = work.under_way(session, batch)
            if under_way or batch in self._closing_batches:
                continue
            self._durable.close_batch(batch)
            self._closing_batches.add(batch)

    def _pause_exhausted(self) -> None:
        """What ended its process again and again waits for a person."""
        now = time.monotonic()
        if now - self._asked < _EXHAUSTED:
            return
        self._asked = now
        for identifier in self._durable.exhausted():
            log.error(DEAD_LETTER, object=identifier)
            with self._station.database.write("work.exhaust") as session:
                work.pause(session, identifier, DEAD_LETTER)

    def _begin(self, wanted: Callable[[str], bool]) -> None:
        """Have what stands open in the rows begun, where it is wanted."""
        with self._station.database.read() as session:
            files = [(one.id, 1) for one in work.open_files(session)]
            documents = [(one.id, 1 + one.size) for one in work.open_documents(session)]
            files += [(one, 1) for one in work.unsettled_files(session)]
            documents += [(one, 1) for one in work.uncleared(session)]
        for identifier, priority_ in files:
            if wanted(identifier):
                self._durable.open_file(Task(identifier, priority_))
        for identifier, priority_ in documents:
            if wanted(identifier):
                self._durable.prepare(Task(identifier, priority_))

    def _mend(self) -> None:
        """Begin again what is twice seen to be missing in the engine's tables: left by a worker, or by a full disk."""
        now, errors = time.monotonic(), self._durable.errors
        hinted = errors != self._errors or bool(self._missed)
        if now - self._mended < (_MEND if hinted else self._rounds):
            return
        self._mended = now
        dropped = self._durable.dropped()
        lost = self._lost(frozenset(map(object_of, dropped)))
        again = lost & self._missed
        self._durable.cancel(workflow for workflow in dropped if object_of(workflow) in again)
        self._begin(again.__contains__)
        self._closing_batches -= again
        self._errors, self._missed = errors, lost - again
        if again:
            log.warning("work-begun-again", objects=len(again))

    def _lost(self, dropped: frozenset[str]) -> frozenset[str]:
        """What nobody works on and nobody is to, though it is not at its end."""
        known = self._durable.open_objects()
        with self._station.database.read() as session:
            opened = {one.id for one in (*work.open_files(session), *work.open_documents(session))}
            ending = work.unended(session)
        return dropped | ((opened | self._closing_batches | set(ending)) - known)

    def _forget(self) -> None:
        """Clear the engine's tables of what was done long ago: bit by bit, for there may be much of it."""
        if self._rounds == math.inf or time.monotonic() < self._forgets:
            return
        began = time.thread_time()
        more = self._durable.forget((self._station.clock.wall() - _KEPT).isoformat())
        self._forgets = time.monotonic() + (_pause(began) if more else _FORGETTING)

    def _unlike(self, batch: str) -> Gaps:
        with self._station.database.read() as session:
            return gaps(self._station, session, batch)

    def _documents_of(self, batch: str) -> int:
        with self._station.database.read() as session:
            return len(self._station.documents.documents(session, batch=batch))

    def _hold_back(self) -> None:
        """Until there is room."""
        while not self._stop.is_set():
            began = time.thread_time()
            if self.has_room():
                return
            self._stop.wait(_pause(began))
            self.look()


def _pause(began: float) -> float:
    """Seconds until the next look, after one that began then by this thread's clock: so that looking has its share."""
    return max(_LOOK, (time.thread_time() - began) / _LOOKING)


@contextmanager
def open_engine(station: Station, tell: Tell, stop: threading.Event, *, role: Role = "front") -> Iterator[Engine]:
    """An engine that is closed at the end of the block."""
    engine = Engine(station, tell, stop, role=role)
    try:
        yield engine
    finally:
        engine.close()
