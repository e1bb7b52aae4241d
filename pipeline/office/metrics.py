"""Numbers for Prometheus: what a station has in hand, what it waits for, how fast it goes. Labels are slugs only.

Gauges are read from the rows when they are asked for, at most every few seconds; counters are this process's own.
"""

import ipaddress
import os
import threading
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from wsgiref.simple_server import WSGIServer

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, start_http_server
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from ulid import ULID

from lexicon.alarms import ALARMS
from lexicon.faults import Fault, StationFault
from pipeline.events import DocumentSettled, Event, FileSettled, FileTaken
from pipeline.office.alarms import alarms, free_bytes, inboxes_there, last_taken, unclaimed
from pipeline.office.backing import kept_of
from pipeline.station import Station
from storage import accounts, gauges
from storage.times import read_time

log = structlog.get_logger("liasse.metrics")

_KEPT_SECONDS: Final = 10.0
"""How long an answer holds: a scraper in a hurry must not slow the work."""
_FOLDERS_SECONDS: Final = 120.0
"""The same for what must be counted file by file."""
_ALIVE: Final = timedelta(minutes=1)
_OUTCOMES: Final = ("in-progress", "deposited", "refused", "held", "set-aside")
_JOURNEY: Final = (2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 900.0, 3600.0, 14400.0, 86400.0)
_PLACES: Final = ("spool", "sealed", "quarantine")


class Metrics:
    """One process's numbers. `tell` takes the engine's events, from any thread."""

    def __init__(self, station: Station) -> None:
        self.registry = CollectorRegistry()
        self.registry.register(_Station(station))
        ProcessCollector(registry=self.registry)
        self._files = Counter("liasse_files_taken", "Files taken.", registry=self.registry)
        self._pages = Counter("liasse_pages", "Images of files that are done.", registry=self.registry)
        self._settled = Counter(
            "liasse_documents_settled", "Documents by their outcome.", ["outcome"], registry=self.registry
        )
        self._host_faults = Counter(
            "liasse_host_faults", "Documents that the host did not take, by fault.", ["code"], registry=self.registry
        )
        self._journey = Histogram(
            "liasse_deposit_seconds", "From a document's capture to its receipt.",
            buckets=_JOURNEY, registry=self.registry,
        )  # fmt: skip
        self._server: WSGIServer | None = None
        self._serving: threading.Thread | None = None

    def tell(self, event: Event) -> None:
        match event:
            case FileTaken():
                self._files.inc()
            case FileSettled():
                self._pages.inc(event.pages)
            case DocumentSettled(outcome="in-progress"):
                self._host_faults.labels(event.reason or "unknown").inc()
            case DocumentSettled():
                self._settled.labels(event.outcome).inc()
                if event.outcome == "deposited":
                    self._journey.observe(_age(event.document))
            case _:
                pass

    def serve(self, listen: str, *, beyond_loopback: bool) -> int:
        """Answer `GET /metrics` in a thread until `close`; the port. Port 0: any that is free.

        Raises `StationFault` `metrics-open` for an address that other machines reach, where that was not allowed,
        and `metrics-unusable` for one that cannot be listened at.
        """
        address, _, port = listen.rpartition(":")
        host = address.strip("[]")
        if not beyond_loopback and not _is_loopback(host):
            raise StationFault("metrics-open", listen=listen)
        try:
            self._server, self._serving = start_http_server(int(port), host, self.registry)
        except (OSError, OverflowError):
            raise StationFault("metrics-unusable", listen=listen) from None
        return self._server.server_port

    def close(self) -> None:
        if self._server is not None and self._serving is not None:
            self._server.shutdown()
            self._server.server_close()
            self._serving.join()
            self._server = self._serving = None


def start_metrics(station: Station) -> Metrics:
    """The numbers of a station, served where its configuration says, if it does. Raises what `Metrics.serve` raises."""
    settings = station.config.metrics
    metrics = Metrics(station)
    if settings.listen:
        metrics.serve(settings.listen, beyond_loopback=settings.beyond_loopback)
    return metrics


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _age(document: str) -> float:
    """Seconds since a document was captured: its identifier says when."""
    return max(0.0, time.time() - ULID.from_str(document).timestamp)


class _Station(Collector):
    """What the rows and folders say, asked anew when the last answer is old."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._asking = threading.Lock()
        self._answer: tuple[Metric, ...] = ()
        self._until = 0.0
        self._stored: Mapping[str, int] = {}
        self._stored_until = 0.0
        self._backed: datetime | None = None

    def describe(self) -> Iterator[Metric]:
        """Nothing is read when the collector is registered."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        with self._asking:
            if time.monotonic() >= self._until:
                self._answer = self._asked()
                self._until = time.monotonic() + _KEPT_SECONDS
            yield from self._answer

    def _asked(self) -> tuple[Metric, ...]:
        """Every gauge; where the station cannot be read, that alone: a text of the failure would go to the log."""
        try:
            found = tuple(self._gauges(datetime.now(UTC)))
        except Fault as fault:
            log.warning("metrics-unread", fault=fault.code)
        except Exception as error:  # noqa: BLE001  a gauge must never stop the work
            log.warning("metrics-unread", kind=type(error).__name__)
        else:
            return (_one("liasse_readable", "Whether the station's rows could be read.", 1), *found)
        return (_one("liasse_readable", "Whether the station's rows could be read.", 0),)

    def _gauges(self, now: datetime) -> Iterator[Metric]:
        yield from self._rows(now)
        yield from self._places(now)
        standing = {alarm.slug: alarm.count for alarm in alarms(self._station, now)}
        yield _by(
            "liasse_alarm", "What lasts too long, and how many.", "alarm", {**dict.fromkeys(ALARMS, 0), **standing}
        )
        trusted = self._station.clock.moment().trusted
        yield _one("liasse_clock_trusted", "Whether the gate trusts the clock.", trusted)

    def _rows(self, now: datetime) -> Iterator[Metric]:
        far = now + timedelta(days=1)  # everything there is, a clock that was ahead included
        with self._station.database.read() as session:
            images = accounts.images(session)
            documents = {**dict.fromkeys(_OUTCOMES, 0), **gauges.documents(session)}
            waiting, travelling = gauges.waiting(session, far), gauges.under_way(session, far)
            troubled, paused = gauges.troubled(session), gauges.paused(session)
            queued, alive = gauges.queued(session), gauges.workers(session, now - _ALIVE)
            custody = gauges.in_custody(session, far)
            classes = gauges.classes(session)
            entries, signed = gauges.entries(session), gauges.last_checkpoint(session)
        yield _by("liasse_images", "Images by column.", "column", {**images.columns, "in-progress": images.in_progress})
        yield _by("liasse_documents", "Documents by state.", "outcome", documents)
        yield _by("liasse_kept", "Documents and files not deposited, by custody class.", "custody", classes)
        yield _by("liasse_troubled", "Documents and files kept on their way, by fault.", "code", troubled)
        yield _one("liasse_waiting", "Documents and files that wait for a person.", waiting.count)
        yield _one("liasse_oldest_waiting_seconds", "Age of the oldest of them.", _since(waiting.oldest, now))
        yield _one("liasse_oldest_in_progress_seconds", "Age of the oldest work.", _since(travelling.oldest, now))
        yield _one("liasse_queue", "Files not opened yet, and documents on their way.", queued)
        yield _one("liasse_dead_letters", "Work that goes on only when a person says so.", paused.count)
        yield _one("liasse_workers", "Processes at work within the last minute.", alive)
        yield _one(
            "liasse_custody_days", "Days of the oldest document not deposited.", _since(custody.oldest, now) / 86400
        )
        yield _one("liasse_ledger_entries", "Custody entries.", entries)
        yield _one(
            "liasse_checkpoint_age_seconds", "Age of the last checkpoint.", _since(signed.at if signed else None, now)
        )
        yield _one("liasse_ledger_unsigned_entries", "Entries since then.", entries - (signed.size if signed else 0))

    def _places(self, now: datetime) -> Iterator[Metric]:
        taken = {str(number): _since(at, now) for number, at in last_taken(self._station).items() if at is not None}
        yield _by("liasse_last_file_seconds", "Since a file was last taken, by drop folder's number.", "inbox", taken)
        there = {str(number): one for number, one in inboxes_there(self._station).items()}
        yield _by("liasse_inbox_present", "Whether the drop folder is there, by its number.", "inbox", there)
        lying = {str(number): since for number, since in unclaimed(self._station).items()}
        files = {number: len(since) for number, since in lying.items()}
        yield _by("liasse_unclaimed_files", "Files in the drop folder that nobody has claimed.", "inbox", files)
        oldest = {number: _since(min(since, default=None), now) for number, since in lying.items()}
        yield _by("liasse_oldest_unclaimed_seconds", "Age of the oldest of them.", "inbox", oldest)
        yield _by("liasse_free_bytes", "Free where the station keeps and works.", "place", free_bytes(self._station))
        if time.monotonic() >= self._stored_until:
            self._stored = {name: _size(self._station.config.shared / name) for name in _PLACES}
            backups = [manifest.at for manifest in kept_of(self._station)]
            self._backed = read_time(max(backups)) if backups else None
            self._stored_until = time.monotonic() + _FOLDERS_SECONDS
        if self._backed is not None:
            yield _one("liasse_backup_age_seconds", "Age of the last backup.", _since(self._backed, now))
        yield _by("liasse_stored_bytes", "Encrypted files that the station keeps.", "place", self._stored)


def _one(name: str, help_text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, help_text, value=float(value))


def _by(name: str, help_text: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(name, help_text, labels=[label])
    for key, value in values.items():
        family.add_metric([key], float(value))
    return family


def _since(at: datetime | None, now: datetime) -> float:
    """Seconds; 0 where there is nothing to be old."""
    return 0.0 if at is None else max(0.0, (now - at).total_seconds())


def _size(folder: Path) -> int:
    """Bytes of all files in a folder; one that goes meanwhile has none."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                total += Path(place, name).lstat().st_size
            except OSError:
                continue
    return total
