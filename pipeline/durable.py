"""The durable engine: DBOS keeps what is to be done in tables of its own, and has it done again after a crash.

The only module that knows DBOS. What goes into its tables is identifiers of files, documents and batches, and slugs;
the documents' rows and the ledger stay the record (ADR 0016), so these tables may be lost at any time.
"""

import logging
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Protocol

import structlog
from dbos import DBOS, DBOSClient, DBOSConfig, DBOSPortableJSONSerializer, EnqueueOptions
from sqlalchemy import Engine, event
from sqlalchemy.engine.interfaces import ExceptionContext
from sqlalchemy.exc import DBAPIError
from ulid import ULID

from pipeline.waking import Waker
from storage.database import faults_of

log = structlog.get_logger("liasse.durable")

VERSION: Final = "1"
"""Of the workflows' shape, not of Liasse: one that starts with another cancels what is open and has it begun anew."""
RECOVERIES: Final = 5
"""How often work that ended with its process is begun again before it waits for a person."""
FILES: Final = "files"
DOCUMENTS: Final = "documents"
DELIVERIES: Final = "deliveries"
BATCHES: Final = "batches"

_POLLED: Final = {FILES: 1.0, DOCUMENTS: 1.0, DELIVERIES: 3.0, BATCHES: 3.0}
"""Seconds between two looks at a queue: each costs some milliseconds. What this process puts there, it sees at once."""
_NEXT: Final = 0.15
"""Seconds after which what ended has made room for the next."""
_LISTENED: Final = 0.05
_NEVER: Final = 86_400.0
"""Seconds between two looks at schedules, of which there are none."""
_SERIALIZER: Final = DBOSPortableJSONSerializer()
_NAME: Final = "liasse"
_OPEN: Final = ["ENQUEUED", "PENDING", "DELAYED"]
_DONE: Final = ["SUCCESS", "CANCELLED"]
_EXHAUSTED: Final = "MAX_RECOVERY_ATTEMPTS_EXCEEDED"
_CONTENTION: Final = frozenset({"40001", "40P01", "55P03"})
"""Of PostgreSQL: two workers asked for the same, and one of them asks again."""
_AT_ONCE: Final = 500
_JOINED: Final = 3600
"""Seconds that a stop waits for the steps in hand: each has limits of its own."""


class Ended(StrEnum):
    """What a step came to. The value is recorded in the engine's tables."""

    OPENED = "opened"
    SEALED = "sealed"
    SETTLED = "settled"
    DEFERRED = "deferred"
    """A fault that passes: to be tried again later."""
    PAUSED = "paused"
    """It waits for a person."""
    SUPERSEDED = "superseded"
    """Another worker has it."""
    STOPPED = "stopped"
    """The station cannot go on: its row says where it stands, the next start takes it up."""


@dataclass(frozen=True, slots=True)
class Task:
    """Something to be done: `object` is an identifier; a lower `priority` goes first."""

    object: str
    priority: int


class Steps(Protocol):
    """What the engine has done. Every step finds its own work when it runs again, and raises nothing."""

    def open_file(self, file: str) -> tuple[Ended, Sequence[Task]]:
        """What it came to, and the documents that are now to be prepared."""
        ...

    def prepare(self, document: str) -> Ended: ...
    def deliver(self, document: str) -> Ended: ...
    def close_batch(self, batch: str) -> Ended: ...
    def delay(self, attempt: int) -> float | None:
        """Seconds before the attempt of that number (from 1); None: a person must say."""
        ...

    def broke_off(self, error: BaseException) -> None:
        """A step ended by what it does not answer for: the process is to end, and the work to be begun again."""
        ...

    def give_up(self, identifier: str) -> None:
        """The last attempt at a file or a document failed."""
        ...


@dataclass(frozen=True, slots=True)
class Width:
    """How many of each kind one process does at once; 0: none, others do."""

    files: int
    documents: int
    deliveries: int
    batches: int


class Durable:
    """One process's part in the engine. DBOS is one a process: a second one may be made once this one is closed."""

    def __init__(self, engine: Engine, executor: str, steps: Steps, width: Width) -> None:
        """`engine` is for DBOS alone; `executor` names this worker, the same after each start."""
        self._version, self._executor, self._engine = VERSION, executor, engine
        self.errors = 0
        """Errors of the engine's tables so far. Each may have ended what it met: DBOS begins nothing anew by itself."""
        event.listen(engine, "handle_error", self._count)
        queues = {FILES: width.files, DOCUMENTS: width.documents}
        queues |= {DELIVERIES: width.deliveries, BATCHES: width.batches}
        _current.begin(steps)
        try:
            _quiet()
            _launch(engine, executor, queues, VERSION)
        except BaseException:
            _current.finish()
            raise

    def close(self) -> None:
        """Begin nothing more, and end when the steps in hand have; what was not begun waits for the next start."""
        _current.leave()
        DBOS.destroy(workflow_completion_timeout_sec=_JOINED if _current.active() else 0)
        _current.finish()
        event.remove(self._engine, "handle_error", self._count)

    def _count(self, context: ExceptionContext) -> None:
        cause = context.original_exception
        self.errors += getattr(cause, "sqlstate", None) not in _CONTENTION

    @contextmanager
    def _reached(self) -> Iterator[None]:
        """Around each word with the tables: a database that is away is told, where DBOS would wait for it for ever."""
        with faults_of(self._engine):
            with self._engine.connect():
                pass
            yield

    # What is to be done

    def open_file(self, task: Task) -> None:
        with self._reached():
            _enqueue(FILES, "file", _identified(task.object), task.priority, task.object, 0)

    def prepare(self, task: Task) -> None:
        with self._reached():
            _enqueue(DOCUMENTS, "document", _identified(task.object), task.priority, task.object, 0)

    def close_batch(self, batch: str) -> None:
        with self._reached():
            _enqueue(BATCHES, "batch", _identified(batch), 1, batch)

    # What is being done

    def open_objects(self) -> frozenset[str]:
        """What waits, is being worked on by anybody, or ended its process too often and was not told yet.

        What another shape of workflows left is cancelled first.
        """
        with self._reached():
            found = DBOS.list_workflows(status=[*_OPEN, _EXHAUSTED], load_input=False, load_output=False)
            self._cancel([one.workflow_id for one in found if one.app_version != self._version])
        return frozenset(object_of(one.workflow_id) for one in found if one.app_version == self._version)

    def came_to_rest(self) -> bool:
        """Whether no step is in hand, and one has ended since this was last true."""
        return _current.came_to_rest()

    def dropped(self) -> frozenset[str]:
        """Workflows that this worker has in hand by the tables, and does not work on: between two steps, or lost."""
        with self._reached():
            found = DBOS.list_workflows(
                status="PENDING", executor_id=self._executor, load_input=False, load_output=False
            )
        return frozenset(one.workflow_id for one in found) - _current.in_hand()

    def cancel(self, workflows: Iterable[str]) -> None:
        """Have them given up; a step in hand ends first."""
        with self._reached():
            self._cancel(sorted(workflows))

    def _cancel(self, workflows: Sequence[str]) -> None:
        for start in range(0, len(workflows), _AT_ONCE):
            DBOS.cancel_workflows(list(workflows[start : start + _AT_ONCE]))

    def exhausted(self) -> tuple[str, ...]:
        """What ended its process again and again; told once."""
        with self._reached():
            found = DBOS.list_workflows(status=_EXHAUSTED, load_input=False, load_output=False)
            self._cancel([one.workflow_id for one in found])
        return tuple(object_of(one.workflow_id) for one in found)

    def hasten(self) -> None:
        """Have everything that waits for a later attempt tried now."""
        for one in DBOS.list_workflows(status="DELAYED", load_input=False, load_output=False):
            DBOS.set_workflow_delay(one.workflow_id, delay_seconds=0)

    def take_over(self, executors: Sequence[str]) -> None:
        """Have the work of workers that are gone done by those that are there."""
        # The one private call (the plan says so): DBOS offers it to its own control plane only.
        with self._reached():
            DBOS._recover_pending_workflows(list(executors))  # noqa: SLF001

    def forget(self, before: str) -> bool:
        """Remove some of what ended before that time (ISO 8601); whether there may be more of it."""
        done = [*_DONE, "ERROR"]
        with self._reached():
            found = DBOS.list_workflows(
                status=done, completed_before=before, limit=_AT_ONCE, load_input=False, load_output=False
            )
            if found:
                DBOS.delete_workflows([one.workflow_id for one in found])
        return len(found) == _AT_ONCE


def object_of(workflow: str) -> str:
    """What a workflow is about, by its identifier."""
    return workflow.partition(".")[0]


# From other processes, while workers may be running elsewhere


def cancel_from_outside(engine: Engine, identifier: str) -> None:
    """Take the work on a file or a document off the queues; a step in hand ends first."""
    with _from_outside(engine) as client:
        prefix = f"{identifier}."
        found = client.list_workflows(status=_OPEN, workflow_id_prefix=prefix, load_input=False, load_output=False)
        if found:
            client.cancel_workflows([one.workflow_id for one in found])


def enqueue_from_outside(engine: Engine, workflow: str, task: Task) -> None:
    """Have a file opened (`file`) or a document prepared (`document`)."""
    with _from_outside(engine) as client:
        queue = FILES if workflow == "file" else DOCUMENTS
        client.enqueue(_options(queue, workflow, _identified(task.object), task.priority, VERSION), task.object, 0)


def prepare_from_outside(engine: Engine, tasks: Iterable[Task]) -> None:
    """Have several documents prepared."""
    with _from_outside(engine) as client:
        for task in tasks:
            options = _options(DOCUMENTS, "document", _identified(task.object), task.priority, VERSION)
            client.enqueue(options, task.object, 0)


@contextmanager
def _from_outside(engine: Engine) -> Iterator[DBOSClient]:
    """Where nobody ever worked, there is nothing to tell: the first start reads the rows."""
    _quiet()
    with suppress(DBAPIError):
        client = DBOSClient(
            system_database_engine=engine,
            application_name=_NAME,
            serializer=_SERIALIZER,
            retry_connection_errors=False,
        )
        try:
            yield client
        finally:
            client.destroy()


# Workflows: their inputs and outputs stand in the engine's tables


def longest_in_hand() -> float:
    """Seconds since the step began that has been in hand longest."""
    return _current.longest()


class _Current:
    """The steps of this process's engine, and which of them are in hand."""

    def __init__(self) -> None:
        self._steps: Steps | None = None
        self._leaving = self._restless = False
        self._began: dict[object, tuple[float, str]] = {}
        self._lock = threading.Lock()

    def begin(self, steps: Steps) -> None:
        if self._steps is not None:
            raise RuntimeError("one engine a process: close the other first")
        self._leaving = False
        self._steps = steps

    def leave(self) -> None:
        """Begin no step any more."""
        self._leaving = True

    def finish(self) -> None:
        self._steps = None

    def active(self) -> int:
        with self._lock:
            return len(self._began)

    def came_to_rest(self) -> bool:
        with self._lock:
            rests = self._restless and not self._began
            self._restless = self._restless and not rests
            return rests

    def longest(self) -> float:
        with self._lock:
            return time.monotonic() - min((since for since, _ in self._began.values()), default=time.monotonic())

    def in_hand(self) -> frozenset[str]:
        """The workflows of the steps in hand."""
        with self._lock:
            return frozenset(workflow for _, workflow in self._began.values())

    @contextmanager
    def steps(self) -> Iterator[Steps]:
        with self._lock:
            steps = self._steps
            if steps is None or self._leaving:  # the work stays open for the next start
                raise SystemExit
            self._began[mark := object()] = time.monotonic(), DBOS.workflow_id or ""
        try:
            yield steps
        except BaseException as error:  # noqa: BLE001  told to the one who waits
            steps.broke_off(error)
            raise SystemExit from None  # left open, and nothing of the error is in the engine's tables
        finally:
            with self._lock:
                del self._began[mark]
                self._restless = True


_current: Final = _Current()
_waker: Final = Waker("queue-worker-")
"""By the names that DBOS gives to the threads that look at queues."""


@DBOS.step(name="open")
def _open_file(file: str) -> list[Any]:
    with _current.steps() as steps:
        ended, tasks = steps.open_file(file)
        return [ended.value, [[task.object, task.priority] for task in tasks]]


@DBOS.step(name="prepare")
def _prepare(document: str) -> str:
    with _current.steps() as steps:
        return steps.prepare(document).value


@DBOS.step(name="deliver")
def _deliver(document: str) -> str:
    with _current.steps() as steps:
        return steps.deliver(document).value


@DBOS.step(name="close")
def _close_batch(batch: str) -> str:
    with _current.steps() as steps:
        return steps.close_batch(batch).value


@DBOS.step(name="delay")
def _delay(identifier: str, attempt: int) -> float | None:
    with _current.steps() as steps:
        seconds = steps.delay(attempt)
        if seconds is None:
            steps.give_up(identifier)
        return seconds


@DBOS.workflow(name="file", max_recovery_attempts=RECOVERIES)
def _file(file: str, attempt: int) -> str:
    """Open a file, and have each of its documents prepared."""
    ended, documents = _open_file(file)
    for document, priority in documents:
        _enqueue(DOCUMENTS, "document", f"{document}.0.0", priority, document, 0)
    _waker.wake(FILES, _NEXT)
    return _again_later(FILES, "file", file, attempt + 1) if ended == Ended.DEFERRED else str(ended)


@DBOS.workflow(name="document", max_recovery_attempts=RECOVERIES)
def _document(document: str, attempt: int) -> str:
    """Prepare a document and deliver it."""
    ended = _prepare(document)
    if ended == Ended.SEALED:
        ended = _deliver(document)
    _waker.wake(DOCUMENTS, _NEXT)
    return _again_later(DELIVERIES, "document", document, attempt + 1) if ended == Ended.DEFERRED else ended


def _again_later(queue: str, workflow: str, identifier: str, attempt: int) -> str:
    """Where a fault passes: another attempt, and the worker is free meanwhile."""
    seconds = _delay(identifier, attempt)
    if seconds is None:
        return Ended.PAUSED.value
    stem = str(DBOS.workflow_id).rpartition(".")[0]
    _enqueue(queue, workflow, f"{stem}.{attempt}", 1, identifier, attempt, delay=seconds)
    return Ended.DEFERRED.value


@DBOS.workflow(name="batch", max_recovery_attempts=RECOVERIES)
def _batch(batch: str) -> str:
    return _close_batch(batch)


def _identified(of: str) -> str:
    """A fresh identifier for the work on `of`; the last part counts attempts."""
    return f"{of}.{ULID()}.0"


def _enqueue(queue: str, workflow: str, identifier: str, priority: int, *arguments: Any, delay: float = 0) -> None:
    options = _options(queue, workflow, identifier, priority, DBOS.application_version)
    if delay:
        options["delay_seconds"] = delay
    DBOS.enqueue_workflow_with_options(options, *arguments)
    _waker.wake(queue)


def _options(queue: str, workflow: str, identifier: str, priority: int, version: str) -> EnqueueOptions:
    return EnqueueOptions(
        workflow_name=workflow, queue_name=queue, workflow_id=identifier, priority=priority, app_version=version
    )


# DBOS's own ways


def _launch(engine: Engine, executor: str, queues: Mapping[str, int], version: str) -> None:
    """Start DBOS listening to `queues`; the first time in a database twice, for it sees new queues a second late."""
    listened = [name for name, wide in queues.items() if wide]
    while True:
        dbos = DBOS(config=_config(engine, executor, version))
        DBOS.listen_queues(listened)
        DBOS.launch()
        for stop in dbos.background_thread_stop_events:
            _waker.attend(stop)
        known = {queue.name for queue in DBOS.list_queues()}
        for name in listened:
            DBOS.register_queue(name, worker_concurrency=queues[name], polling_interval_sec=_POLLED[name])
        if known.issuperset(listened):
            return
        DBOS.destroy(workflow_completion_timeout_sec=0)


def _config(engine: Engine, executor: str, version: str) -> DBOSConfig:
    return DBOSConfig(
        name=_NAME,
        system_database_url=f"{engine.dialect.name}:///liasse",  # named only: the engine object is what is used
        system_database_engine=engine,
        application_version=version,
        executor_id=executor,
        enable_otlp=False,
        use_listen_notify=False,
        serializer=_SERIALIZER,
        notification_listener_polling_interval_sec=_LISTENED,
        scheduler_polling_interval_sec=_NEVER,
    )


def _quiet() -> None:
    """DBOS's log quotes statements and arguments: what it would say is passed on as where it was said."""
    logger = logging.getLogger("dbos")
    if not any(isinstance(handler, _Passed) for handler in logger.handlers):
        for handler in tuple(logger.handlers):
            logger.removeHandler(handler)
        logger.addHandler(_Passed(logging.WARNING))
        logger.propagate = False


class _Passed(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        kind = type(record.exc_info[1]).__name__ if record.exc_info else ""
        log.warning("engine-library", where=f"{record.module}:{record.lineno}", level=record.levelname, kind=kind)
