"""What the engine's steps do to one file, one document, one batch. Each finds its own work when it runs again.

A bad page costs its document, a bad file itself; a fault that passes leaves the document on its way; one that does not
stops the station. Whatever happens is in the rows and in the ledger before the engine hears of it.
"""

import os
import shutil
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Final

import structlog

from consent_gate.model import DocumentId, Refused
from lexicon.faults import Fault, HostFault, SheetFault, StationFault
from pipeline import settle
from pipeline.asking_again import closing_answer, context
from pipeline.batches import close_batch
from pipeline.durable import Ended, Task
from pipeline.forms.depositing import deliver_returns
from pipeline.forms.returning import unfold_returns
from pipeline.intake import twin_of
from pipeline.journey import Deposited, Outcome, deliver, prepare
from pipeline.leaves import images_of
from pipeline.model import Held, Scan
from pipeline.office import review_record
from pipeline.packing import PackedImages
from pipeline.progress import Progress
from pipeline.recorded import RecordedTools
from pipeline.station import Station
from pipeline.taking_back import withdraw_unwanted
from pipeline.tools import DocumentTools
from pipeline.unfold import unfold
from storage import work
from storage.envelope import Sealed
from storage.stored import SameBytes, StoredDocument, StoredFile
from storage.times import read_time

log = structlog.get_logger("liasse.engine")

UNEXPECTED: Final = "unexpected-fault"
DEAD_LETTER: Final = "dead-letter"
PASSING: Final = frozenset({"changed-while-read", "disk-full", "disk-unusable", "work-unwritable", "database-away"})
"""Faults of the station that end when somebody makes room, or something comes back: no reason to stop."""
_HELD: Final = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_IOERR", "SQLITE_CANTOPEN", "WRITER_BUSY", "POOL")
"""What makes a database unusable for a while: another program holds it, or its disk does not answer."""
_ROOM: Final = 4 << 20
"""Bytes of room in the work folder below which a program that fails there is not to blame, nor is the page."""
OF_ONE_DOCUMENT: Final = frozenset({"sealed-missing", "spool-missing"})
"""Faults of the station that keep one document, and no other."""

_TWIN: Final = 600.0
"""Seconds that a file waits for an earlier one of the same bytes to be opened."""
_SLICE: Final = 0.05
_FIRST_DAY: Final = datetime(2026, 1, 1, tzinfo=UTC)
_SECONDS_A_PAGE: Final = 3
"""What a page delays its document in the queue: small ones go first, and large ones have their turn."""


class _StoppingError(Exception):
    """The step waits for something, and the process is to end."""


class Signals:
    """What steps and driver tell each other."""

    def __init__(self, stopping: Callable[[], bool]) -> None:
        self.stopping = stopping
        self.broken: BaseException | None = None
        """What stops the station."""
        self.progress = Progress()
        self.batches: dict[str, int | None] = {}
        """Batch -> documents deposited, once its closing was tried; None where the host failed."""

    def stop(self, reason: BaseException) -> None:
        self.broken = self.broken or reason


@dataclass(frozen=True, slots=True)
class StationSteps:
    """The steps, on one station."""

    station: Station
    signals: Signals

    # What durable.Steps asks for

    def open_file(self, file: str) -> tuple[Ended, Sequence[Task]]:
        if self.signals.stopping():
            return Ended.STOPPED, ()
        try:
            with self.station.database.read() as session:
                stored = self.station.captured.file(session, file)
            if stored is None:
                return Ended.SETTLED, ()
            if stored.state == "captured":
                self._unfold(stored)
            return Ended.OPENED, self._left_to_do(file)
        except _StoppingError:
            return Ended.STOPPED, ()
        except work.Superseded:  # another opened it, and may be gone since: each document is begun once all the same
            return Ended.SUPERSEDED, self._tasks(file)
        except Fault as fault:
            return self._kept(file, fault), ()

    def prepare(self, document: str) -> Ended:
        return self._attempt(document, prepare)

    def deliver(self, document: str) -> Ended:
        return self._attempt(document, deliver)

    def close_batch(self, batch: str) -> Ended:
        try:
            self.signals.batches[batch] = close_batch(self.station, batch)
        except Fault as fault:
            self.signals.batches[batch] = None
            if not passes(fault):
                self.signals.stop(fault)
                return Ended.STOPPED
            log.warning("batch-not-closed", batch=batch, fault=fault.code)
            return Ended.DEFERRED
        return Ended.SETTLED

    def delay(self, attempt: int) -> float | None:
        settings = self.station.config.engine
        if attempt >= settings.attempts:
            return None
        return float(min(settings.longest_delay, settings.first_delay * 2 ** min(attempt - 1, 16)))

    def broke_off(self, error: BaseException) -> None:
        self.signals.stop(error)

    def give_up(self, identifier: str) -> None:
        log.error(DEAD_LETTER, object=identifier)
        try:
            with self.station.database.write("work.pause") as session:
                work.pause(session, identifier, DEAD_LETTER)
        except Fault as fault:  # the next start begins the work anew, from its row
            log.warning("pause-not-recorded", fault=fault.code)

    # Files

    def _unfold(self, file: StoredFile) -> None:
        first = self._opened_before(file)
        if first is not None:
            settle.set_duplicate(self.station, file, first)
            return
        try:
            (unfold_returns if file.kind == "authorizations" else unfold)(self.station, file)
        except Fault:
            raise
        except work.Superseded:
            raise
        except SameBytes:
            self._unfold(file)
        except Exception as error:  # noqa: BLE001  whatever a file does to a decoder, it costs that file alone
            self._require_room()
            log_unexpected(error, file=file.id)
            settle.set_file_aside(self.station, file, UNEXPECTED)

    def _opened_before(self, file: StoredFile) -> StoredFile | None:
        """The file of the same bytes that is opened; one that came before and is about to be is waited for."""
        station, since = self.station, time.monotonic()
        while True:
            with station.database.read() as session:
                first = twin_of(station, session, file.kind, file.sha256)
                waits = first is None and station.captured.waits_for_twin(session, file)
            if not waits or time.monotonic() - since > _TWIN:
                return first
            if self.signals.stopping():
                raise _StoppingError
            time.sleep(_SLICE)

    def _tasks(self, file: str) -> tuple[Task, ...]:
        with self.station.database.read() as session:
            documents = self.station.documents.documents(session, file=file, state="in-progress")
        return tuple(Task(document.id, priority(document.captured_at, document.pages)) for document in documents)

    def _left_to_do(self, file: str) -> tuple[Task, ...]:
        """Its documents; where there is none left, it has its end."""
        tasks = self._tasks(file)
        if not tasks:
            deliver_returns(self.station, file)
            settle.end_file(self.station, file)
        return tasks

    # Documents

    def _attempt(self, document: str, part: Callable[[Scan, RecordedTools], Sealed | Outcome]) -> Ended:
        """One part of the journey, by whoever took the document last."""
        if self.signals.stopping():
            return Ended.STOPPED
        holder: str | None = None
        try:
            taken = self._take(document)
            if taken is None:
                withdraw_unwanted(self.station, DocumentId(document))
                return self._after(document)
            holder = taken[0].holder
            ended = self._part(*taken, part)
            return self._after(document) if ended is Ended.SETTLED else ended
        except work.Superseded:
            return self._overtaken(document, holder) or Ended.SUPERSEDED
        except Fault as fault:
            return self._overtaken(document, holder) or self._kept(document, fault)

    def _overtaken(self, document: str, holder: str | None) -> Ended | None:
        """Where another has the document, it is that one's; where it is settled, nothing of this worker's stays."""
        try:
            with self.station.database.read() as session:
                stored = self.station.documents.document(session, document)
            if stored is None:
                return None
            if stored.state == "in-progress":
                return Ended.SUPERSEDED if holder and stored.holder != holder else None
            withdraw_unwanted(self.station, stored.id)
            return self._after(document)
        except Fault:
            return None

    def _take(self, document: str) -> tuple[StoredDocument, StoredFile, tuple[int, ...]] | None:
        station = self.station
        holder = station.identifiers.new()
        with station.database.write("document.take") as session:
            if not work.take(session, document, holder):
                return None
            stored = station.documents.document(session, document)
            file = station.captured.file(session, stored.file) if stored else None
            positions = station.documents.positions(session, document)
        return (stored, file, positions) if stored and file else None

    def _part(
        self,
        document: StoredDocument,
        file: StoredFile,
        positions: tuple[int, ...],
        part: Callable[[Scan, RecordedTools], Sealed | Outcome],
    ) -> Ended:
        """The journey's part; what breaks in it, or in keeping what does not go, costs the document alone."""
        station = self.station
        try:
            settle.bring_back(station, document.id)
            review_record.erase(station, document.id)  # of an earlier stay: it was decided that it goes on
            with station.workplace() as folder, self.signals.progress.of(document, file.name) as told:
                tools = DocumentTools(station, document, file, positions, folder, told=told)
                scan = Scan(document.id, PackedImages(station.spool, document.id, positions))
                outcome = part(scan, RecordedTools(tools))
            return self._settled(document, scan, outcome, tools)
        except SheetFault as fault:
            self._keep(document, partial(settle.set_aside, station, document, fault.code))
        except work.Superseded:
            withdraw_unwanted(station, document.id)
            raise
        except Fault:
            raise
        except Exception as error:  # noqa: BLE001  a page that breaks a library costs its document, never the daemon
            self._require_room()
            log_unexpected(error, document=document.id)
            self._keep(document, partial(settle.set_aside, station, document, UNEXPECTED))
        return Ended.SETTLED

    def _keep(self, document: StoredDocument, keep: Callable[[], None]) -> None:
        """Under the release key, but of somebody who said no: that is refused, and closed, whatever else befell it."""
        with self.station.database.read() as session:  # as it was identified meanwhile
            known = self.station.documents.document(session, document.id) or document
        refused = closing_answer(self.station, known)
        if refused is None or not self._close(known, refused):
            keep()

    def _close(self, document: StoredDocument, refused: Refused) -> bool:
        """False where its pages cannot be sealed: they are what broke the step before."""
        try:
            scan = Scan(document.id, images_of(self.station, document.id, self.station.spool))
            settle.refuse(self.station, document, scan, refused, context(self.station, document))
        except SheetFault:
            return False
        except (Fault, work.Superseded):
            raise
        except Exception as error:  # noqa: BLE001  as above
            log_unexpected(error, document=document.id)
            return False
        return True

    def _settled(self, document: StoredDocument, scan: Scan, outcome: Sealed | Outcome, tools: DocumentTools) -> Ended:
        """What the station keeps of a document that does not go."""
        match outcome:
            case Sealed():
                return Ended.SEALED
            case Refused():
                settle.refuse(self.station, document, scan, outcome, tools.context())
            case Held():
                self._keep(document, partial(settle.hold, self.station, document, outcome))
            case Deposited():
                pass
        return Ended.SETTLED

    def _after(self, document: str) -> Ended:
        """The working copies of a settled document go, and its file's with the last one."""
        with self.station.database.read() as session:
            stored = self.station.documents.document(session, document)
        if stored is None or stored.state == "in-progress":
            return Ended.PAUSED
        settle.clear(self.station, stored.id)
        settle.end_file(self.station, stored.file)
        return Ended.SETTLED

    # Faults

    def _require_room(self) -> None:
        """Raise `StationFault("work-unwritable")` where the work folder is full: then whatever failed is no defect."""
        folder = self.station.work
        try:
            room = shutil.disk_usage(folder).free
        except OSError:
            room = 0
        if room < _ROOM:
            raise StationFault("work-unwritable", path=str(folder.parent)) from None

    def _kept(self, identifier: str, fault: Fault) -> Ended:
        """What a fault makes of the work: it passes, or concerns this document alone, or stops the station."""
        if fault.code in OF_ONE_DOCUMENT:
            log.error("document-kept", object=identifier, fault=fault.code)
            self._trouble(identifier, fault, paused=DEAD_LETTER)
            return Ended.PAUSED
        if not passes(fault):
            self.signals.stop(fault)
            return Ended.STOPPED
        log.warning("fault-passes", object=identifier, fault=fault.code)
        self._trouble(identifier, fault)
        return Ended.DEFERRED

    def _trouble(self, identifier: str, fault: Fault, paused: str = "") -> None:
        try:
            now = self.station.clock.now()
            with self.station.database.write("work.trouble") as session:
                work.trouble(session, identifier, fault.code, now)
                if paused:
                    work.pause(session, identifier, paused)
        except Fault as other:  # the database may be what is away: then the attempt is told by the log alone
            log.warning("trouble-not-recorded", fault=other.code)


def passes(fault: Fault) -> bool:
    """Whether waiting may help."""
    if not isinstance(fault, StationFault):
        return isinstance(fault, HostFault)
    held = fault.code == "database-unusable" and str(fault.facts.get("error")).startswith(_HELD)
    return held or fault.code in PASSING


def priority(captured_at: str, pages: int) -> int:
    """A document's place in the queue: by arrival, a large one as if it had come later."""
    arrived = int((read_time(captured_at) - _FIRST_DAY).total_seconds())
    return min(max(1, arrived + _SECONDS_A_PAGE * pages), 2**31 - 1)


def log_unexpected(error: Exception, **of: str) -> None:
    """Where it happened and what kind it is; never its message, which may quote what is on the paper."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else "?"  # noqa: PTH119  a name in a traceback
    log.error(UNEXPECTED, kind=type(error).__name__, where=where, **of)
