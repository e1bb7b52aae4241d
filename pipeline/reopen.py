"""What was set aside taken again, when a person asks: after an update, with wider limits, or on a healthier machine.

Only rows and the ledger change here, in one transaction. The bytes stay under the release key until the file is opened
(`pipeline.unfold`); where it fails again, it is set aside again.
"""

from lexicon.faults import StationFault
from pipeline.durable import Task
from pipeline.office.tasks import enqueue
from pipeline.station import Station
from pipeline.steps import priority
from storage.custody import REOPENED, Draft, EntryType
from storage.documents import StoredFile


def reopen(station: Station, batch: str, file: str | None = None) -> tuple[str, ...]:
    """Take all set-aside files of a batch again, or one of them; their identifiers. A closed batch is open again.

    Raises `StationFault` `batch-unknown`, `file-not-set-aside`.
    """
    now = station.clock.now()
    with station.database.write("batch.reopen") as session:
        if batch not in {known for known, *_ in station.documents.batches(session)}:
            raise StationFault("batch-unknown")
        found = [
            one for one in station.documents.files(session, batch=batch, state="set-aside") if file in {None, one.id}
        ]
        if file is not None and not found:
            raise StationFault("file-not-set-aside")
        drafts = [_draft(one, station.documents.reopen_file(session, one.id) or 0) for one in found]
        if found and station.documents.reopen_batch(session, batch):
            drafts.append(Draft(EntryType.REVIEW, f"batch:{batch}", REOPENED))
        if drafts:
            station.ledger.append(session, *drafts, at=now)
    for one in found:
        enqueue(station, "file", Task(one.id, priority(one.captured_at, one.pages or 1)))
    return tuple(one.id for one in found)


def _draft(file: StoredFile, images: int) -> Draft:
    counts = {"pages": images, "attempt": file.attempts + 1}
    within = {"batch": file.batch}
    return Draft(EntryType.REVIEW, f"file:{file.id}", REOPENED, within=within, counts=counts, hashes_in=(file.sha256,))
