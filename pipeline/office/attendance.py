"""Beside the work: numbers for Prometheus, the alarms' bell, signs of life for the service manager."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Final

import structlog

from lexicon.faults import Fault, StationFault
from pipeline.clock import wall
from pipeline.events import Event
from pipeline.office.alarms import Bell, alarms
from pipeline.office.notify import READY, STOPPING, Pulse, notify
from pipeline.station import Station

if TYPE_CHECKING:
    from pipeline.office.metrics import Metrics

log = structlog.get_logger("liasse.attendance")

_ROUND: Final = 30.0
"""Seconds between two looks at what lasts too long."""


class Stop(threading.Event):
    """Whether the work is asked to end. Whoever looks is at work: each look is a sign of life (`WatchdogSec=`)."""

    def __init__(self) -> None:
        super().__init__()
        self._pulse = Pulse()

    def is_set(self) -> bool:
        self._pulse.beat()
        return super().is_set()

    def wait(self, timeout: float | None = None) -> bool:
        self._pulse.beat()
        return super().wait(timeout)

    def set(self) -> None:
        if not super().is_set():
            notify(STOPPING)
        super().set()


class Attendance:
    """What a working process does beside its work. None of it can fail the work."""

    def __init__(self, station: Station, metrics: "Metrics | None") -> None:
        self._station, self._metrics = station, metrics
        self._bell = Bell(station.id, station.config.alarms.command)

    def tell(self, event: Event) -> None:
        """An event of the engine's, from any thread."""
        if self._metrics is not None:
            self._metrics.tell(event)

    def ready(self) -> None:
        """The station is open, alone, and takes files from now on."""
        notify(READY)

    def look(self) -> None:
        """Raise and clear alarms, once."""
        try:
            now = wall()
            self._bell.hear(alarms(self._station, now), now)
        except Fault as fault:
            log.warning("alarms-unread", fault=fault.code)
        except Exception as error:  # noqa: BLE001  what looks after the work must not end it
            log.warning("alarms-unread", kind=type(error).__name__)


@contextmanager
def attended(station: Station, *, rings: bool) -> Iterator[Attendance]:
    """Attend to a station while the block works. `rings`: this process tells of alarms; one a station should.

    Raises `StationFault` where metrics are asked for and cannot be had; a process that does not ring goes on without:
    several share a machine, and one address.
    """
    with ExitStack() as closing:
        metrics = None
        try:
            metrics = _metrics(station) if station.config.metrics.listen else None
        except StationFault as fault:
            if rings:
                raise
            log.info("metrics-elsewhere", fault=fault.code)
        if metrics is not None:
            closing.callback(metrics.close)
        attendance = Attendance(station, metrics)
        if rings:
            closing.enter_context(_looking(attendance))
        yield attendance


def _metrics(station: Station) -> "Metrics":
    try:
        from pipeline.office.metrics import start_metrics  # noqa: PLC0415  an extra, wanted only where it is asked for
    except ModuleNotFoundError:
        install = "pip install 'liasse[metrics]'"
        raise StationFault("program-missing", program="prometheus-client", install=install) from None
    return start_metrics(station)


@contextmanager
def _looking(attendance: Attendance) -> Iterator[None]:
    """A look now and then, in a thread that ends with the block."""
    ended = threading.Event()

    def look() -> None:
        attendance.look()
        while not ended.wait(_ROUND):
            attendance.look()

    thread = threading.Thread(target=look, name="attendance", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
