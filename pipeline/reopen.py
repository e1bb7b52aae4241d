"""What was set aside taken again, when a person asks: after an update, with wider limits, or on a healthier machine.

Only rows and the ledger change here, in one transaction. The bytes stay under the release key until the file is opened
(`pipeline.unfold`); where it fails again, it is set aside again.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from sqlmodel import Session

from consent_gate.model import CustodyClass, DocumentId
from lexicon.faults import StationFault
from pipeline.durable import Task
from pipeline.entries import about
from pipeline.model import HeldReason
from pipeline.office.tasks import enqueue, prepare_again
from pipeline.station import Station
from pipeline.steps import priority
from storage.claims import Finding
from storage.custody import REOPENED, TAKEN_AGAIN, Draft, EntryType
from storage.rejudges import put_back_all, uncleared_among
from storage.stored import KEPT, Claim, StoredDocument, StoredFile

CONFIRMABLE: Final = frozenset({HeldReason.ONE_SOURCE, HeldReason.IDENTITY_CONFLICT, HeldReason.NOT_ANNOUNCED})
"""Reasons for which a document is held though somebody is named: a person may say that it is indeed theirs."""
Begin = Callable[[Station, Sequence[Task]], None]
"""Tells those who are at work which documents there are to prepare."""


def reopen(station: Station, batch: str, file: str | None = None) -> tuple[str, ...]:
    """Take all set-aside files of a batch again, or one of them; their identifiers. A closed batch is open again.

    Raises `StationFault` `batch-unknown`, `file-not-set-aside`.
    """
    now = station.clock.now()
    with station.database.write("batch.reopen") as session:
        if batch not in {known for known, *_ in station.batches.all(session)}:
            raise StationFault("batch-unknown")
        found = [
            one for one in station.captured.files(session, batch=batch, state="set-aside") if file in {None, one.id}
        ]
        if file is not None and not found:
            raise StationFault("file-not-set-aside")
        if file is not None and found[0].custody == CustodyClass.CLOSED:
            raise StationFault("file-closed", file=file)
        found = [one for one in found if one.custody != CustodyClass.CLOSED]
        drafts = [_draft(one, station.captured.reopen_file(session, one.id) or 0) for one in found]
        if found and station.batches.reopen_batch(session, batch):
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


def take_again(
    station: Station,
    documents: Sequence[DocumentId],
    *,
    claim: Claim | None = None,
    person: str | None = None,
    within: Callable[[Session], Sequence[Draft]] = lambda _: (),
    begin: Begin = prepare_again,
) -> tuple[DocumentId, ...]:
    """Have curable documents travel again, files and batches open again: all of them or none.

    `claim` is whose they are and what, where a person (`person`, a ULID) corrected that; `within` writes what else is
    of that transaction, and gives its entries. The gate is asked on the way.
    Their bytes stay under the release key until the first step takes them to the spool (`settle.bring_back`): a crash
    leaves a document kept, or on its way, never both. Raises `StationFault("document-not-curable")`.
    """
    now = station.clock.now()
    with station.database.write("document.take-again") as session:
        beside = within(session)
        found = station.documents.several(session, documents)
        lacking = {*documents} - {one.id for one in found if _is_curable(station, one)}
        if lacking or uncleared_among(session, documents):
            raise StationFault("document-not-curable", document=min(lacking, default=documents[0]))
        if claim is not None:
            for one in found:
                station.documents.reclaim(session, one.id, claim, _confirmed(one, claim))
        drafts = [taken_again(one, None, person) for one in found]
        opened = put_back_all(session, documents)
        station.ledger.append(session, *beside, *drafts, *opened_again(found, *opened), at=now)
    begin(station, [Task(one.id, priority(one.captured_at, one.pages)) for one in found])
    return tuple(one.id for one in found)


def opened_again(
    documents: Iterable[StoredDocument], files: Iterable[str], batches: Iterable[str], outcome: str = TAKEN_AGAIN
) -> list[Draft]:
    """The entries of files and batches that had ended, and are open again with these documents."""
    batch_of = {one.file: one.batch for one in documents}
    drafts = [Draft(EntryType.REVIEW, f"file:{one}", outcome, within={"batch": batch_of[one]}) for one in files]
    return [*drafts, *(Draft(EntryType.REVIEW, f"batch:{batch}", REOPENED) for batch in batches)]


def taken_again(document: StoredDocument, decision: str | None, person: str | None = None) -> Draft:
    """The entry of a curable document that is on its way again."""
    pages = {"pages": document.pages}
    return about(document, EntryType.REVIEW, TAKEN_AGAIN, counts=pages, decision=decision, person=person)


def is_confirmable(document: StoredDocument) -> bool:
    """Whether a person may say of a held document that it is indeed the patient's whom it was held for."""
    return document.state == "held" and document.reason in CONFIRMABLE


def _confirmed(document: StoredDocument, claim: Claim) -> tuple[Finding, ...]:
    """What a person has seen of what contradicts, by saying again that it is the patient's: what it is held for now."""
    if document.claim is None or document.claim.patient != claim.patient:
        return ()
    now = document.shown if is_confirmable(document) else ()
    return tuple(dict.fromkeys((*document.confirmed, *now)))


def _is_curable(station: Station, document: StoredDocument) -> bool:
    kept = document.state in KEPT and document.custody == CustodyClass.CURABLE
    return kept and station.quarantine.has(document.id)
