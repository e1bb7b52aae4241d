"""Questions about a station: what is where, what waits, whose documents. Answers are ready for JSON."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session

from consent_gate.model import CustodyClass, DocumentId
from lexicon.faults import StationFault
from pipeline.clock import wall
from pipeline.model import kind_in
from pipeline.office import due
from pipeline.office.alarms import alarms
from pipeline.office.gate_words import no_of
from pipeline.station import Station
from storage import accounts, gauges, rejudges, restrictions
from storage.accounts import Images, Paper
from storage.deletions import Deletions, DeletionState
from storage.deposits import find_receipt
from storage.pages import flags_of
from storage.stored import KEPT, StoredDocument, StoredFile

Answer = dict[str, Any]
"""JSON: strings, integers, lists and objects."""


def images_answer(images: Images) -> Answer:
    return {
        "captured": images.captured,
        **images.columns,
        "in-progress": images.in_progress,
        "balanced": images.balanced,
    }


def paper_answer(paper: Paper) -> Answer:
    return {
        "declared": paper.declared,
        "received": paper.received,
        "workshop": paper.workshop,
        "waiting": paper.waiting,
        "returned": paper.returned,
        "destroyed": paper.destroyed,
        "balanced": paper.balanced,
    }


def status(station: Station) -> Answer:
    """The station at a glance: accounts, what waits for a person and why, what is due, open batches, alarms, ledger."""
    with station.database.read() as session:
        answer = {
            "station": station.id,
            "mode": station.config.station.mode,
            "images": images_answer(accounts.images(session)),
            "paper": paper_answer(accounts.paper(session, station.sides)),
            "forms": images_answer(accounts.form_images(session)),
            "documents": dict(gauges.documents(session)),
            "waiting": dict(gauges.reasons(session)),
            "kept": dict(gauges.classes(session)),
            "open_batches": list(station.batches.open(session)),
            "releasable": len(rejudges.releasable(session)),
            "restricted": _restricted(station, session),
            "deletions": Deletions(station.columns).counted(session),
        }
    counted = due.counted(station)
    answer |= {"due": counted, "deletions_due": counted["deletions-due"]}
    last = station.ledger.last_time()
    standing = [dict(alarm.answer) for alarm in alarms(station, wall())]
    return {**answer, "alarms": standing, "last_entry": last.isoformat() if last else None}


def _restricted(station: Station, session: Session) -> int:
    """Deposited documents that are restricted, and still at the host."""
    standing = [one.document for one in restrictions.all_standing(session)]
    return len(set(standing) - Deletions(station.columns).deleted(session, standing).keys())


def batches(station: Station) -> list[Answer]:
    """Every batch, with the images' equation."""
    with station.database.read() as session:
        return [
            {
                "batch": batch,
                "label": label,
                "opened": opened,
                "closed": closed,
                "images": images_answer(accounts.images(session, batch=batch)),
            }
            for batch, label, opened, closed in station.batches.all(session)
        ]


def batch(station: Station, identifier: str) -> Answer:
    """One batch: its files and documents. Raises `StationFault("batch-unknown")`."""
    found = [b for b in batches(station) if b["batch"] == identifier]
    if not found:
        raise StationFault("batch-unknown")
    with station.database.read() as session:
        files = station.captured.files(session, batch=identifier)
        documents = station.documents.documents(session, batch=identifier)
        return {
            **found[0],
            "files": [
                {
                    "file": f.id,
                    "name": f.name,
                    "sha256": f.sha256,
                    "pages": f.pages,
                    "state": f.state,
                    "reason": f.reason,
                    "attempts": f.attempts,
                }
                for f in files
            ],
            "documents": [_document(station, session, document) for document in documents],
        }


def document(station: Station, identifier: str) -> Answer:
    """One document. Raises `StationFault("document-unknown")`."""
    with station.database.read() as session:
        stored = station.documents.document(session, identifier)
        if stored is None:
            raise StationFault("document-unknown")
        return _document(station, session, stored)


def waiting(station: Station) -> list[Answer]:
    """What is not deposited and why, file by file: documents refused, held or set aside, and files set aside."""
    with station.database.read() as session:
        labels = {batch: label for batch, label, _, _ in station.batches.all(session)}
        answers = []
        for file in station.captured.files(session):
            place = {"label": labels[file.batch], "name": file.name}
            if file.state == "set-aside":
                answers.append({**_file(file), **place})
            found = station.documents.documents(session, file=file.id)
            kept = [d for d in found if d.state in KEPT and d.custody != CustodyClass.FINAL]
            answers += [{**_document(station, session, document), **place} for document in kept]
        return answers


def _file(file: StoredFile) -> Answer:
    return {
        "document": None,
        "batch": file.batch,
        "file": file.id,
        "pages": [],
        "patient": None,
        "doc_type": None,
        "identified_by": [],
        "pages_inheriting": 0,
        "outcome": file.state,
        "reason": file.reason,
        "custody": file.custody,
        "look_at": None,
        "contradicts": [],
        "flags": {},
        "captured_at": file.captured_at,
        "settled_at": None,
    }


def _document(station: Station, session: Session, stored: StoredDocument) -> Answer:
    receipt = find_receipt(session, DocumentId(stored.id))
    claim = stored.claim
    positions = list(station.documents.positions(session, stored.id))
    deposited: Mapping[str, str | int | None] = {}
    if receipt is not None:
        deposited = {
            "object": receipt.receipt.object_key,
            "sha256": receipt.receipt.plaintext_sha256,
            "deposited_at": receipt.receipt.deposited_at.isoformat(),
        }
    return {
        "document": stored.id,
        "batch": stored.batch,
        "file": stored.file,
        "pages": positions,
        "patient": claim.patient if claim else None,
        "doc_type": claim.doc_type if claim else None,
        "identified_by": list(stored.sources),
        "pages_inheriting": stored.inherited,
        "outcome": stored.state,
        "reason": stored.reason,
        "custody": stored.custody,
        "look_at": positions[stored.look_at - 1] if stored.look_at else None,
        "contradicts": [kind_in(one) for one in stored.shown] if stored.state == "held" else [],
        "flags": {str(position): list(flags) for position, flags in flags_of(session, stored.id).items()},
        "captured_at": stored.captured_at,
        "settled_at": stored.settled_at,
        **deposited,
        **_changed_mind(station, session, stored),
    }


def _changed_mind(station: Station, session: Session, stored: StoredDocument) -> Answer:
    """Of a deposited document: whether it is restricted, by the register of now as well, and to be deleted."""
    if stored.state != "deposited":
        return {}
    placed, deletions = restrictions.standing(session, stored.id), Deletions(station.columns)
    last = deletions.of_document(session, stored.id)[-1:]
    return {
        "restriction": no_of(station, session, stored),
        "restricted_since": placed.since if placed else None,
        "deletion": last[0].state.value if last else None,
        "deleted_at": last[0].ended_at if last and last[0].state is DeletionState.EXECUTED else None,
    }
