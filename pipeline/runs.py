"""The journey once over a folder, and the accounts that end every run."""

import threading
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import structlog

from lexicon.faults import EXIT_DONE, EXIT_WAITING, Fault, StationFault, exit_of_passing
from pipeline.batches import checkpoint, require_continuation
from pipeline.confirming import let_go_of_open
from pipeline.custody_end import close_overdue
from pipeline.engine import Engine, open_engine
from pipeline.events import Accounts, BatchClosed, DocumentSettled, Event, FileSettled, FilesLeft
from pipeline.inbox import refuse_overlap
from pipeline.intake import CHANGED, Source
from pipeline.office.following_up import Closing
from pipeline.office.rejudging import finish
from pipeline.sources import Tell, claimed_from, in_place, inbox_of, private_folders
from pipeline.station import Station, alone
from pipeline.steps import passes
from pipeline.taking_back import look_again
from storage import accounts, gauges

log = structlog.get_logger("liasse.runs")

_A_PERSONS: Final = frozenset({"cancelled", "dead-letter"})
"""What keeps work until a person says so; anything else passes."""


class Tally:
    """Passes events on and keeps what the end of a run needs to know."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._files: dict[str, None] = {}
        self._waiting: set[str] = set()
        """Documents, files and batches as they were told last, where a person must look at them."""
        self.kept: dict[str, str] = {}
        """Documents and files that are on their way -> the fault that keeps them."""

    def __call__(self, event: Event) -> None:
        if isinstance(event, DocumentSettled):
            self.kept.pop(event.document, None)
        match event:
            case DocumentSettled(outcome="in-progress", reason=reason) if reason in _A_PERSONS:
                self._waiting.add(event.document)
            case DocumentSettled(outcome="in-progress", reason=str(fault)):
                self.kept[event.document] = fault
            case DocumentSettled(outcome=outcome):
                self._waits(event.document, outcome != "deposited")
            case BatchClosed():
                self._waits(event.batch, bool(event.unlike))
            case FileSettled():
                self._files[event.file] = None
                forms = event.columns.get("form-to-check", 0) + event.columns.get("form-held", 0)
                self._waits(event.file, bool(event.columns["set-aside"] + forms) or event.kept in _A_PERSONS)
                self.kept.pop(event.file, None)
                if event.kept and event.kept not in _A_PERSONS:
                    self.kept[event.file] = event.kept
            case _:
                pass
        self._tell(event)

    def _waits(self, identifier: str, waits: bool) -> None:  # noqa: FBT001  what was told of it
        (self._waiting.add if waits else self._waiting.discard)(identifier)

    @property
    def files(self) -> list[str]:
        """Each once, in the order of their ends."""
        return list(self._files)

    @property
    def exit_code(self) -> int:
        if self.kept:
            return exit_of_passing(next(iter(self.kept.values())))
        return EXIT_WAITING if self._waiting else EXIT_DONE


def process_folder(station: Station, folder: Path, tell: Tell, stop: threading.Event) -> int:
    """The journey once over all files of a folder, and the accounts; the exit code.

    0; 3 when something waits for a person; 7 when the host failed and documents stay on their way, 1 or 6 where it was
    the disk or the database.

    Files of a drop folder are claimed, as the daemon does; another folder is read in place and left as it is.
    """
    tally = Tally(tell)
    with alone(station), ExitStack() as closing:
        station.ready()
        require_continuation(station)
        engine = closing.enter_context(open_engine(station, tally, stop))
        until = Closing(stopping=stop.is_set)
        finish(station, begin=lambda *_: None, closing=until)  # the rows say what goes on
        engine.resume()
        close_overdue(station, stopping=stop.is_set)
        inbox = inbox_of(station, folder)
        if inbox is None:
            refuse_overlap(folder, private_folders(station.config))
            _take(engine, in_place(station, folder, tell, stop), tell, stop)
        else:
            _take(engine, claimed_from(station, closing.enter_context(inbox), folder, tell, stop), tell, stop)
        engine.wait()
        while finish(station, begin=engine.take_again, closing=until).gone_on:
            engine.wait()
        while not stop.is_set() and let_go_of_open(station, engine.take_again):
            engine.wait()
        if not stop.is_set():
            engine.close_batches(_open_batches(station))
            engine.wait()
        engine.close()  # asked to stop, documents may still be in hand: the accounts come after them
        send_checkpoint(station)
        tell(account(station, tally.files))
    return tally.exit_code


def _take(engine: Engine, sources: Iterable[Source], tell: Tell, stop: threading.Event) -> None:
    """One after the other; what is written to meanwhile is left for the next run, and told."""
    for source in sources:
        if stop.is_set():
            return
        try:
            engine.take([source])
        except StationFault as fault:
            if fault.code != CHANGED:
                raise
            tell(FilesLeft("being-written", 1))


def account(station: Station, files: list[str]) -> Accounts:
    """Both equations of a run's files and of the station, and how long it kept what it deposited."""
    with station.database.read() as session:
        return Accounts(
            images=accounts.images(session, files=files),
            paper=accounts.paper(session, station.sides),
            station_images=accounts.images(session),
            custody=accounts.custody(session),
            waiting=gauges.reasons(session),
        )


def _open_batches(station: Station) -> tuple[str, ...]:
    with station.database.read() as session:
        return station.batches.closable(session)


def send_checkpoint(station: Station) -> None:
    """The ledger's head, signed and sent, and a look at the host for what came late and is not to be there.

    A host that is away gets the next one, and a full disk as well.
    """
    try:
        look_again(station)
        checkpoint(station)
    except Fault as fault:
        if not passes(fault):
            raise
        log.warning("checkpoint-not-sent", fault=fault.code)
