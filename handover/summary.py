"""`handover.json`: parties, period, both equations with every column, lists, evidence, and what nobody checked."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from cryptography.hazmat.primitives import hashes

from handover.inventory import HandedDocument, HandedFile, HandedForms, Inventory, custody
from handover.lists import NOT_CHECKED, reason_said
from handover.reserves import reserves
from handover.told import Told
from pipeline.office.answers import images_answer, paper_answer
from pipeline.office.host_check import facts
from pipeline.software import SOFTWARE
from pipeline.station import Station
from storage.deletions import Deletion
from storage.evidence import Return, Verdict
from storage.people import Person
from storage.times import write_time

FILE: Final = "handover.json"
DELETIONS: Final = "deletions"
FORMAT: Final = 1
EVIDENCE_LEVEL: Final = "P1"
"""Hashes, a traced journal and the station's own signature; without a qualified time stamp or seal, nothing higher."""

Answer = dict[str, Any]
"""JSON: strings, integers, truth values, lists and objects."""


@dataclass(frozen=True, slots=True)
class Head:
    """Where the package stands in the ledger: its `handover` entry, and the checkpoint that covers it."""

    handover: str
    at: str
    seq: int
    verdict: Verdict


def summary(station: Station, inventory: Inventory, told: Told, head: Head) -> Answer:
    """The whole of `handover.json`."""
    config = station.config
    captured = sorted(file.captured_at for file in inventory.files)
    return {
        "format": FORMAT,
        "handover": head.handover,
        "built_at": head.at,
        "station": {"id": station.id, "mode": config.station.mode, "timezone": config.station.timezone},
        "parties": {
            "client": config.client.name,
            "client_dpo": config.client.dpo,
            "contract": config.contract.reference,
            "subcontractor": config.contract.subcontractor,
            "purpose": config.contract.purpose,
            "legal_basis": config.contract.legal_basis,
        },
        "period": {"first_capture": captured[0] if captured else "", "last_capture": captured[-1] if captured else ""},
        "software": {"built_by": SOFTWARE, "recorded_by": list(told.software)},
        "images": images_answer(inventory.images),
        "paper": _paper(station, inventory),
        "batches": _batches(inventory),
        "files": _files(inventory.files),
        "documents": [_document(document) for document in inventory.deposited],
        "refusals": _refusals(inventory),
        "deletions": [_deletion(one) for one in inventory.deletions],
        "forms": _forms(inventory.forms),
        "people": [_person(one) for one in inventory.people],
        "custody": asdict(custody(inventory.deposited)),
        "recipients": _recipients(station),
        "host": {"kind": station.config.host.kind, "certification": facts(station)},
        "evidence": _evidence(station, head),
        "not_checked": [asdict(reserve) for reserve in reserves(inventory)],
    }


def _paper(station: Station, inventory: Inventory) -> Answer:
    paper = inventory.paper
    counted = {"scanned": paper.scanned, "unscanned": paper.unscanned, "sides": station.sides}
    return {**paper_answer(paper), **counted}


def _batches(inventory: Inventory) -> list[Answer]:
    files = Counter(file.batch for file in inventory.files)
    documents = Counter(document.stored.batch for document in inventory.documents)
    form_pages = Counter[str]()
    for file in inventory.forms.files:
        form_pages[file.batch] += file.images.captured
    return [
        {
            "batch": batch.id,
            "opened_at": batch.opened_at,
            "closed_at": batch.closed_at or "",
            "unlike": list(batch.unlike),
            "unlike_explained": batch.explained,
            "files": files[batch.id],
            "documents": documents[batch.id],
            "images": images_answer(batch.images),
            "form_pages": form_pages[batch.id],
        }
        for batch in inventory.batches
    ]


def _files(files: Iterable[HandedFile]) -> list[Answer]:
    return [
        {
            "file": file.id,
            "batch": file.batch,
            "sha256": file.sha256,
            "size": file.size,
            "captured_at": file.captured_at,
            "outcome": file.state,
            "reason": file.reason or "",
            "images": images_answer(file.images),
            "separator_backs": file.separator_backs,
        }
        for file in files
    ]


def statement_name(deletion: Deletion) -> str:
    """The file of a deletion's signed statement; its signature lies beside it, as .p7s."""
    return f"deletion-{deletion.id}.json"


def _deletion(found: Deletion) -> Answer:
    """Of which the station has signed a statement; cancelled since, where a lock had kept all of it."""
    return {
        "deletion": found.id,
        "document": found.document,
        "outcome": found.state.value,
        "statement": f"{DELETIONS}/{statement_name(found)}",
        "statement_sha256": hashlib.sha256((found.proof or "").encode()).hexdigest(),
    }


def _forms(forms: HandedForms) -> Answer:
    """What came back through inboxes of authorizations; the objects at the host that are no record's."""
    returns = [
        {
            "return": one.id,
            "file": one.file,
            "pages": len(one.positions),
            "outcome": one.state,
            "reason": one.reason or "",
            "object_key": (one.object_key or "") if one.deposited_at else "",
            "object_sha256": (one.sha256 or "") if one.deposited_at else "",
            "pdf_sha256": one.pdf_sha256 or "",
            "deposited_at": one.deposited_at or "",
        }
        for one in forms.returns
    ]
    return {"images": images_answer(forms.images), "files": _files(forms.files), "returns": returns}


def _person(one: Person) -> Answer:
    """By number, as entries name people: no name."""
    until = write_time(one.disabled_at) if one.disabled_at else ""
    return {"person": one.id, "role": one.role.value, "from": write_time(one.enrolled_at), "until": until}


def _document(document: HandedDocument) -> Answer:
    stored, signed, archived = document.stored, document.signed, document.archived
    return {
        "document": stored.id,
        "batch": stored.batch,
        "file": stored.file,
        "patient": document.patient,
        "doc_type": document.doc_type,
        "pages": stored.pages,
        "object_key": signed.receipt.object_key if signed else "",
        "object_sha256": signed.receipt.sha256 if signed else "",
        "pdf_sha256": signed.receipt.plaintext_sha256 if signed else "",
        "identified_by": list(signed.receipt.identified_by) if signed else [],
        "pages_inheriting": signed.receipt.inherited if signed else 0,
        "pdfa_level": archived.level if archived else "",
        "validators": (list(archived.validators) if archived else []) or [NOT_CHECKED],
        "restriction": document.restriction.reason if document.restriction else "",
        "deletion": document.deletion.state.value if document.deletion else "",
    }


def _refusals(inventory: Inventory) -> list[Answer]:
    """How many documents, files and pages were not deposited, by outcome, custody class and reason."""
    documents: Counter[tuple[str, str, str]] = Counter()
    pages: Counter[tuple[str, str, str]] = Counter()
    files: Counter[tuple[str, str, str]] = Counter()
    for document in inventory.kept_back:
        key = (document.stored.state, document.stored.custody or "", document.stored.reason or "")
        documents[key] += 1
        pages[key] += document.stored.pages
    for file in inventory.files_set_aside:
        key = ("set-aside", file.custody or "", file.reason or "")
        files[key] += 1
        pages[key] += file.images.captured
    return [
        {
            "outcome": key[0],
            "custody": key[1],
            "reason": key[2],
            "reason_fr": reason_said(key[2], "fr"),
            "reason_en": reason_said(key[2], "en"),
            "documents": documents[key],
            "files": files[key],
            "pages": pages[key],
        }
        for key in sorted(pages)
    ]


def _recipients(station: Station) -> list[Answer]:
    """Who can open the envelopes; the order is that of the configuration."""
    return [
        {"role": role, "certificate_sha256": recipient.fingerprint, "trial": recipient.trial}
        for role, recipient in zip(("client", "escrow"), station.recipients, strict=True)
    ]


def _evidence(station: Station, head: Head) -> Mapping[str, Any]:
    return {
        "level": EVIDENCE_LEVEL,
        "timestamp": "none",
        "seal": "station-certificate",
        "station_certificate_sha256": station.keys.certificate.fingerprint(hashes.SHA256()).hex(),
        "ledger": {
            "size": head.verdict.entries,
            "root": head.verdict.root,
            "guarantee": head.verdict.guarantee.value,
            "returns": [_returned(found) for found in head.verdict.returns],
            "handover_entry": head.seq,
        },
    }


def _returned(found: Return) -> Mapping[str, Any]:
    """A return of the station from its backup: a fork of its ledger that the ledger itself declares."""
    return {
        "entry": found.seq,
        "epoch": found.epoch,
        "since": write_time(found.since),
        "at": write_time(found.at),
        "missing": found.missing,
    }
