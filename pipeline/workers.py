"""The processes that work for one station: each has a name that it keeps, says that it lives, and is missed."""

import hashlib
import os
import socket
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import structlog

from lexicon.faults import EXIT_UNEXPECTED, Fault, StationFault
from pipeline.durable import Durable, longest_in_hand
from pipeline.software import VERSION
from pipeline.station import Station
from storage import work

log = structlog.get_logger("liasse.workers")

_BEAT: Final = 5.0
"""Seconds between two signs of life."""
_MOST: Final = 64
"""Workers on one machine."""
_FORGOTTEN: Final = 40
"""A worker that is gone is forgotten after so many times the silence that made it so."""


def worker_id(station: Station, role: str) -> str:
    """This process's name, the same after each start: `front`, or the machine's digest and a free number.

    The name is held on the database, over all machines, and let go of with the process.

    Raises `StationFault("already-running")` beyond 64 workers.
    """
    if role == "front":
        return "front"
    for number in range(1, _MOST + 1):
        name = f"{_machine()}-{number}"
        try:
            _names.enter_context(station.database.hold(f"worker-{name}"))
        except StationFault as fault:
            if fault.code != "already-running":
                raise
            continue
        return name
    raise StationFault("already-running")


def announce(station: Station, worker: str) -> None:
    """Say that this worker lives, before it has anything in hand: what it has then is missed with it."""
    now = station.clock.wall()
    with station.database.write("worker.announce") as session:
        work.beat(session, worker, VERSION, now)


_names: Final = ExitStack()
"""Names that this process holds on the database: as long as it lives."""


def _machine() -> str:
    """Eight hex digits of this machine: its name may be a person's, and goes nowhere."""
    try:
        name = Path("/etc/machine-id").read_text(encoding="ascii")
    except OSError:
        name = socket.gethostname()
    return hashlib.sha256(name.encode()).hexdigest()[:8]


class Pulse:
    """Says every few seconds that this worker lives, and has the work of those that fell silent taken over.

    Silence is counted on this machine's own steady clock: a clock that is set, here or there, kills nobody.
    """

    def __init__(self, station: Station, worker: str, durable: Durable) -> None:
        self._station, self._worker, self._durable = station, worker, durable
        self._seen: dict[str, tuple[int, float]] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pulse", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(_BEAT):
            try:
                self._beat()
                self._take_over()
            except Fault as fault:
                log.warning("pulse-missed", fault=fault.code)
            except Exception as error:  # noqa: BLE001  a thread that ends is missed by nobody
                log.warning("pulse-missed", kind=type(error).__name__)

    def _beat(self) -> None:
        now = self._station.clock.wall()
        with self._station.database.write("worker.beat") as session:
            work.beat(session, self._worker, VERSION, now)

    def _take_over(self) -> None:
        with self._station.database.read() as session:
            workers = work.workers(session)
        now, lost = time.monotonic(), self._station.config.engine.lost_seconds
        silent = {}
        for one in workers:
            beats, since = self._seen.get(one.id, (-1, now))
            self._seen[one.id] = (one.beats, now if beats != one.beats else since)
            if one.id != self._worker and now - self._seen[one.id][1] > lost:
                silent[one.id] = now - self._seen[one.id][1]
        if not silent:
            return
        self._durable.take_over(tuple(silent))
        gone = [worker for worker, seconds in silent.items() if seconds > _FORGOTTEN * lost]
        log.warning("workers-silent", workers=len(silent))
        if gone:
            with self._station.database.write("worker.forget") as session:
                work.forget_workers(session, gone)


def end_if_stuck(station: Station) -> None:
    """End the process where a step has not come back for hours: what it had in hand is begun again elsewhere.

    A thread cannot be stopped from outside, and a process that is half dead is worse than one that is gone.
    """
    if longest_in_hand() > station.config.engine.step_hours * 3600:
        log.error("step-stuck")
        os._exit(EXIT_UNEXPECTED)
