"""What a person decides about work that does not go on by itself: look at it, stop it, let it go on, set it aside.

A person's word is a custody entry; the row says that the work is paused, and the engine's queue follows.
"""

from collections.abc import Iterable
from itertools import islice
from typing import Any, Final

from lexicon.faults import StationFault
from pipeline import durable, settle
from pipeline.asking_again import closing_answer, context
from pipeline.durable import Task
from pipeline.leaves import images_of
from pipeline.model import Scan
from pipeline.settle import bring_back
from pipeline.station import Station
from pipeline.steps import priority
from pipeline.taking_back import take_back
from storage import work
from storage.custody import Draft, EntryType
from storage.database import engine_for_dbos
from storage.stored import StoredDocument, StoredFile

CANCELLED: Final = "cancelled"
ABANDONED: Final = "abandoned"
_TOLD: Final = 200
"""Documents that are put into the engine's queue at once, from outside."""


def kept(station: Station) -> list[dict[str, Any]]:
    """What is paused, then what a fault keeps for now: identifiers and slugs, ready for JSON."""
    with station.database.read() as session:
        paused, troubled = work.paused(session), work.troubled(session)
    return [
        {"id": one.id, "kind": one.kind, "batch": one.batch, "paused": one.reason, "fault": one.trouble or ""}
        for one in (*paused, *troubled)
    ]


def cancel(station: Station, identifier: str) -> None:
    """Have it wait for a person. A step in hand ends first. Raises `StationFault` `task-unknown`."""
    _found(station, identifier)
    _record(station, identifier, CANCELLED)
    engine = engine_for_dbos(station.config.database_url)
    try:
        durable.cancel_from_outside(engine, identifier)
    finally:
        engine.dispose()


def resume(station: Station, identifier: str) -> None:
    """Let it go on. Raises `StationFault` `task-unknown`, or `task-not-paused`."""
    found = _found(station, identifier)
    _record(station, identifier, None)
    enqueue(station, _kind(found), Task(identifier, priority(found.captured_at, found.pages or 1)))


def enqueue(station: Station, kind: str, task: Task) -> None:
    """Tell those who are at work that there is a `file` to open, or a `document` to prepare."""
    engine = engine_for_dbos(station.config.database_url)
    try:
        durable.enqueue_from_outside(engine, kind, task)
    finally:
        engine.dispose()


def prepare_again(station: Station, tasks: Iterable[Task]) -> None:
    """Tell those who are at work of documents to prepare: the first of them, the rows tell of the others soon."""
    engine = engine_for_dbos(station.config.database_url)
    try:
        durable.prepare_from_outside(engine, islice(tasks, _TOLD))
    finally:
        engine.dispose()


def abandon(station: Station, identifier: str) -> None:
    """Set aside what is paused: its bytes stay under the release key, or are said to be lost where the spool has none.

    The gate is asked first: a document of somebody for whom it is closed for good is refused, and closed.

    Raises as `resume`, and `HostFault`.
    """
    found = _found(station, identifier)
    with station.database.read() as session:
        if identifier not in {one.id for one in work.paused(session)}:
            raise StationFault("task-not-paused", id=identifier)
    try:
        _set_aside(station, found)
    except work.Superseded:  # somebody let it go on meanwhile
        raise StationFault("task-not-paused", id=identifier) from None


def _set_aside(station: Station, found: StoredDocument | StoredFile) -> None:
    """It stays paused until it is set aside: a host that is away meanwhile lets nothing go on."""
    if isinstance(found, StoredFile):
        if station.spool.has(found.id):
            settle.set_file_aside(station, found, ABANDONED)
        else:
            settle.set_lost_file_aside(station, found)
        return
    holder = station.identifiers.new()
    with station.database.write("document.take") as session:
        if not work.take(session, found.id, holder, paused=True):
            raise work.Superseded
        taken = station.documents.document(session, found.id) or found
    bring_back(station, taken.id)
    if station.spool.has(taken.id):
        _keep(station, taken)
    else:
        take_back(station, taken)
        settle.set_lost_aside(station, taken)
        settle.clear(station, taken.id)
    settle.end_file(station, taken.file)


def _keep(station: Station, document: StoredDocument) -> None:
    """Under the release key, unless the gate is closed for good: then sealed for the client, as if it had been asked
    on the way.
    """
    answer = closing_answer(station, document)
    if answer is None:
        settle.set_aside(station, document, ABANDONED)
        return
    scan = Scan(document.id, images_of(station, document.id, station.spool))
    settle.refuse(station, document, scan, answer, context(station, document))


def _kind(found: StoredDocument | StoredFile) -> str:
    return "file" if isinstance(found, StoredFile) else "document"


def _found(station: Station, identifier: str) -> StoredDocument | StoredFile:
    """What is still on its way under this identifier."""
    with station.database.read() as session:
        document = station.documents.document(session, identifier)
        file = station.captured.file(session, identifier)
    if document is not None and document.state == "in-progress":
        return document
    if file is not None and file.state == "captured":
        return file
    raise StationFault("task-unknown", id=identifier)


def _record(station: Station, identifier: str, reason: str | None) -> None:
    """The person's word, in the row and in the ledger: paused for a reason, or to go on."""
    found = _found(station, identifier)
    now = station.clock.now()
    with station.database.write("task.decide") as session:
        if reason is not None and not work.pause(session, identifier, reason):
            raise StationFault("task-unknown", id=identifier)  # it ended a moment ago
        if reason is None and not work.resume(session, identifier):
            raise StationFault("task-not-paused", id=identifier)
        within = {"batch": found.batch} | ({"file": found.file} if isinstance(found, StoredDocument) else {})
        kind, outcome = _kind(found), "work-stopped" if reason else "work-resumed"
        station.ledger.append(session, Draft(EntryType.TASK, f"{kind}:{identifier}", outcome, within=within), at=now)
