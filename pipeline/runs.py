"""The two ways to work: once over a folder, or as a daemon over the drop folders."""

import threading
from collections.abc import Callable
from pathlib import Path

from lexicon.faults import EXIT_DONE, EXIT_HOST, EXIT_WAITING
from pipeline.batches import checkpoint
from pipeline.engine import Engine
from pipeline.events import Accounts, DocumentSettled, Event, FileSettled
from pipeline.intake import Source
from pipeline.station import Station, alone
from storage import accounts

Tell = Callable[[Event], None]


class Tally:
    """Passes events on and keeps what a run's ending needs to know."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self.files: list[str] = []
        self.waiting = 0
        self.under_way = 0

    def __call__(self, event: Event) -> None:
        match event:
            case DocumentSettled(outcome="refused" | "held" | "set-aside"):
                self.waiting += 1
            case DocumentSettled(outcome="in-progress"):
                self.under_way += 1
            case FileSettled():
                self.files.append(event.file)
                self.waiting += event.columns["set-aside"]
            case _:
                pass
        self._tell(event)


def process_folder(station: Station, folder: Path, tell: Tell, stop: threading.Event) -> int:
    """Take what lies in a folder, once; the exit code: 0, 3 when something waits for a person, 7 when the host failed."""
    tally = Tally(tell)
    with alone(station.config):
        station.ready()
        engine = Engine(station, tally, stop)
        try:
            engine.resume()
            engine.take(_sources(station, folder))
            with station.database.read() as session:
                batches = station.documents.open_batches(session)
            engine.close_batches(batches)
            checkpoint(station)
        finally:
            engine.close()
        tell(account(station, tally.files))
    if tally.under_way:
        return EXIT_HOST
    return EXIT_WAITING if tally.waiting else EXIT_DONE


def account(station: Station, files: list[str]) -> Accounts:
    """Both equations of a run's files and of the station, and how long it kept what it deposited."""
    with station.database.read() as session:
        return Accounts(
            images=accounts.images(session, files=files),
            paper=accounts.paper(session, station.sides),
            station_images=accounts.images(session),
            custody=accounts.custody(session),
        )


def _sources(station: Station, folder: Path):
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        yield Source(station.identifiers.new(), str(path.relative_to(folder)), folder.name, lambda path=path: path.open("rb"), lambda: None)
