"""Drives the journeys: takes files, opens them, sends each document on its way, settles what became of it.

A bad file costs itself and nothing more; a host that is away costs time; what a crash left is taken up again.
"""

import os
import threading
import traceback
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

import structlog

from consent_gate.model import Refused
from lexicon.faults import Fault, HostFault, SheetFault
from pipeline import settle
from pipeline.batches import close_batch
from pipeline.events import BatchClosed, DocumentSettled, Event, FileSettled, FileTaken
from pipeline.intake import Source, take
from pipeline.journey import Deposited, Outcome, journey
from pipeline.model import Held, Scan
from pipeline.packing import PackedImages
from pipeline.recorded import RecordedTools
from pipeline.station import Station
from pipeline.tools import DocumentTools
from pipeline.unfold import unfold
from storage import accounts
from storage.custody import Draft, EntryType
from storage.deposits import find_receipt
from storage.documents import StoredDocument, StoredFile

log = structlog.get_logger("liasse.engine")

UNEXPECTED: Final = "unexpected-fault"


@dataclass(slots=True)
class Run:
    """What one run has seen: for its accounts."""

    files: list[str] = field(default_factory=list)
    host_faults: int = 0


class Engine:
    """One station's driver. `tell` hears of every event, from the thread that works: it must be quick."""

    def __init__(self, station: Station, tell: Callable[[Event], None], stop: threading.Event | None = None) -> None:
        self._station = station
        self._tell = tell
        self._stop = stop or threading.Event()
        workers = station.config.ocr.workers or os.cpu_count() or 1
        self._travelling = ThreadPoolExecutor(workers, thread_name_prefix="journey")
        self._looking = ThreadPoolExecutor(workers, thread_name_prefix="look")
        self._most_waiting = 4 * workers
        self._waiting: dict[str, list[Future[None]]] = {}
        self.run = Run()

    def close(self) -> None:
        """Let the step in hand end; what has not begun waits for the next run."""
        self._travelling.shutdown(wait=True, cancel_futures=True)
        self._looking.shutdown(wait=True, cancel_futures=True)

    def resume(self) -> None:
        """Take up what an interrupted run left: working copies, opened files, documents on their way."""
        station = self._station
        settle.sweep(station)
        with station.database.read() as session:
            unfinished = [f for state in ("captured", "split") for f in station.documents.files(session, state=state)]
        for file in unfinished:
            self._work_on(file)
        self._settle_files(wait=True)

    def take(self, sources: Iterable[Source]) -> None:
        """Take files one after the other, while their documents travel."""
        for source in sources:
            if self._stop.is_set():
                return
            file = take(self._station, source)
            self.run.files.append(file.id)
            self._tell(FileTaken(file.id, file.batch, file.name, file.size))
            self._work_on(file)
            self._settle_files(wait=False)
        self._settle_files(wait=True)

    def close_batches(self, batches: Iterable[str]) -> None:
        """End batches in which nothing is on its way; a host that is away leaves them open."""
        station = self._station
        for batch in batches:
            with station.database.read() as session:
                found = station.documents.documents(session, batch=batch)
            if any(document.state == "in-progress" for document in found):
                continue
            try:
                deposited = close_batch(station, batch)
            except HostFault as fault:
                self.run.host_faults += 1
                log.warning("batch-not-closed", batch=batch, fault=fault.code)
                continue
            self._tell(BatchClosed(batch, len(found), deposited))

    # Files

    def _work_on(self, file: StoredFile) -> None:
        station = self._station
        if file.state == "captured":
            self._unfold(file)
        with station.database.read() as session:
            opened = station.documents.file(session, file.id) or file
            documents = station.documents.documents(session, file=file.id)
        self._waiting[file.id] = []
        for document in documents:
            if document.state == "in-progress":
                future = self._travelling.submit(self._travel, document, opened)
                self._waiting[file.id].append(future)
        self._hold_back()

    def _unfold(self, file: StoredFile) -> None:
        try:
            unfold(self._station, file, self._looking)
        except Fault:
            raise
        except Exception as error:  # noqa: BLE001  whatever a file does to a decoder, it costs that file alone
            _log_unexpected(error, file=file.id)
            settle.set_file_aside(self._station, file, UNEXPECTED)

    def _hold_back(self) -> None:
        """Back-pressure: no more documents wait than the workers can soon take."""
        waiting = [future for futures in self._waiting.values() for future in futures if not future.done()]
        for future in waiting[: max(0, len(waiting) - self._most_waiting)]:
            future.result()

    def _settle_files(self, *, wait: bool) -> None:
        for file, futures in list(self._waiting.items()):
            if not wait and not all(future.done() for future in futures):
                continue
            for future in futures:
                if not future.cancelled():
                    future.result()
            del self._waiting[file]
            self._settle_file(file)

    def _settle_file(self, file: str) -> None:
        """When no document of a file is on its way any more, its original's working copy goes."""
        station = self._station
        with station.database.read() as session:
            stored = station.documents.file(session, file)
            images = accounts.images(session, files=[file])
        if stored is None:
            return
        if stored.state == "split" and not images.in_progress:
            station.spool.destroy(file)
            now = station.clock.now()
            with station.database.write() as session:
                station.documents.settle_file(session, file, now)
                draft = Draft(EntryType.DESTRUCTION, f"file:{file}", "working-copies", within={"batch": stored.batch})
                station.ledger.append(session, draft, at=now)
        self._tell(
            FileSettled(
                file=file,
                batch=stored.batch,
                name=stored.name,
                sha256=stored.sha256,
                pages=images.captured,
                accounted=images.accounted,
                columns=images.columns,
                reason=stored.reason,
            )
        )

    # Documents

    def _travel(self, document: StoredDocument, file: StoredFile) -> None:
        if self._stop.is_set():
            return
        reason = self._journey(document, file)
        self._tell(self._settled(document, file, reason))

    def _journey(self, document: StoredDocument, file: StoredFile) -> str | None:
        """One document from its pages to its outcome; the fault's code where it stays on its way."""
        try:
            self._try(document, file)
        except HostFault as fault:
            self.run.host_faults += 1
            log.warning("host-fault", document=document.id, fault=fault.code)
            return fault.code
        return None

    def _try(self, document: StoredDocument, file: StoredFile) -> None:
        station = self._station
        try:
            outcome = self._travelled(document, file)
        except SheetFault as fault:
            settle.set_aside(station, document, fault.code)
            return
        except Fault:
            raise
        except Exception as error:  # noqa: BLE001  a page that breaks a library costs its document, never the daemon
            _log_unexpected(error, document=document.id)
            settle.set_aside(station, document, UNEXPECTED)
            return
        if isinstance(outcome, Deposited):
            settle.clear(station, document.id)

    def _travelled(self, document: StoredDocument, file: StoredFile) -> Outcome:
        """The journey, and what the station keeps of a document that did not go."""
        station = self._station
        with station.database.read() as session:
            positions = station.documents.positions(session, document.id)
        with station.workplace() as folder:
            tools = DocumentTools(station, document, file, positions, folder)
            scan = Scan(document.id, PackedImages(station.spool, document.id))
            outcome = journey(scan, RecordedTools(tools))
        match outcome:
            case Refused():
                settle.refuse(station, document, scan, outcome, tools.context())
            case Held():
                settle.hold(station, document, outcome)
            case Deposited():
                pass
        return outcome

    def _settled(self, document: StoredDocument, file: StoredFile, reason: str | None) -> DocumentSettled:
        station = self._station
        with station.database.read() as session:
            stored = station.documents.document(session, document.id) or document
            positions = station.documents.positions(session, document.id)
            signed = find_receipt(session, document.id) if stored.state == "deposited" else None
        claim = document.claim
        return DocumentSettled(
            document=document.id,
            batch=document.batch,
            file=file.id,
            name=file.name,
            pages=positions,
            patient=claim.patient if claim else None,
            doc_type=claim.doc_type if claim else None,
            outcome=stored.state,
            reason=stored.reason or reason,
            look_at=positions[stored.look_at - 1] if stored.look_at else None,
            object_key=signed.receipt.object_key if signed else None,
            sha256=signed.receipt.plaintext_sha256 if signed else None,
        )


def _log_unexpected(error: Exception, **of: str) -> None:
    """Where it happened and what kind it is; never its message, which may quote what is on the paper."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else "?"  # noqa: PTH119  a name in a traceback
    log.error(UNEXPECTED, kind=type(error).__name__, where=where, **of)
