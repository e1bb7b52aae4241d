"""What is closed, opened with the client's own key and on its way again: only where the gate is open now.

The private key is read, used and forgotten; nothing of it is written anywhere. The sealed original stays until the
document is settled again, so that a release that breaks off has changed nothing.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from cryptography import x509

from consent_gate.model import Clearance, CustodyClass, DocumentId, PatientRef, Refused
from lexicon.faults import Fault, StationFault, TamperFault
from pipeline.asking_again import ask_again
from pipeline.custody_end import put_back
from pipeline.durable import Task
from pipeline.model import Held, PageImage
from pipeline.office.tasks import enqueue
from pipeline.originals import read_originals
from pipeline.packing import pack
from pipeline.settle import digest
from pipeline.station import Station
from pipeline.steps import priority
from pipeline.tools import MEDIA_TYPE
from storage.custody import EntryType, read_entry
from storage.effects import effect
from storage.envelope import Opened, open_envelope
from storage.header import RefusedHeader
from storage.keys import PrivateKey
from storage.spool import Spool
from storage.stored import LOST, StoredDocument
from storage.work import Superseded


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of one document: `reason` says why it stays closed; None: it is on its way."""

    document: DocumentId
    reason: str | None
    decision: str | None


def release(
    station: Station, documents: Sequence[str], key: PrivateKey, certificate: x509.Certificate
) -> Iterator[Answered]:
    """Release closed documents, one after the other; each is whole before the next begins.

    Raises `StationFault` `document-unknown`, `document-not-closed`, `closed-missing`, `key-not-recipient`;
    `TamperFault("envelope-forged")` where the sealed original is not the one that the station sealed. What was released
    before stays released.
    """
    closed = [_closed(station, one) for one in dict.fromkeys(documents)]
    sealed = _sealed_as(station, closed)
    for stored in closed:
        yield _release(station, stored, sealed.get(stored.id, frozenset()), key, certificate)


def closed_of(station: Station, patient: PatientRef) -> tuple[str, ...]:
    """A patient's closed documents, in the order of their arrival."""
    with station.database.read() as session:
        found = station.documents.documents(session, patient=patient)
    return tuple(document.id for document in found if document.custody == CustodyClass.CLOSED)


def _closed(station: Station, identifier: str) -> StoredDocument:
    with station.database.read() as session:
        stored = station.documents.document(session, identifier)
    if stored is None:
        raise StationFault("document-unknown")
    if stored.state == "in-progress" or stored.custody != CustodyClass.CLOSED:
        raise StationFault("document-not-closed", document=stored.id)
    if not station.closed_path(stored.id).exists():
        raise StationFault("closed-missing", document=stored.id)
    return stored


def _release(
    station: Station,
    stored: StoredDocument,
    sealed: frozenset[str],
    key: PrivateKey,
    certificate: x509.Certificate,
) -> Answered:
    """The gate first; then the envelope. A refused answer leaves everything as it was."""
    answer = ask_again(station, stored)
    match answer:
        case Held():
            return Answered(stored.id, answer.reason.value, None)
        case Refused():
            return Answered(stored.id, answer.reason.value, answer.decision)
        case Clearance():
            _require_ours(station, stored, sealed)
            with open_closed(station, stored, answer, key, certificate) as opened:
                _record(station, stored, answer, opened)
            enqueue(station, "document", Task(stored.id, priority(stored.captured_at, stored.pages)))
            return Answered(stored.id, None, answer.decision)


def _require_ours(station: Station, stored: StoredDocument, sealed: frozenset[str]) -> None:
    """Raise `TamperFault("envelope-forged")` unless it is the object of which the ledger says that it was sealed.

    Of one that was lost with a machine the entry may be lost too: its images are compared all the same.
    """
    if digest(station.closed_path(stored.id)) not in sealed and not (stored.reason == LOST and not sealed):
        raise TamperFault("envelope-forged")


@contextmanager
def open_closed(
    station: Station, stored: StoredDocument, clearance: Clearance, key: PrivateKey, certificate: x509.Certificate
) -> Iterator[Spool]:
    """The pages, encrypted as the spool has them, in a place of this process that ends with it: the very images that
    were sealed, by the hashes that the rows have of them.

    Raises `TamperFault` `clearance-mismatch`, `envelope-forged`; `StationFault` `key-not-recipient`, `disk-full`.
    """
    clearance.require(stored.id)
    with station.database.read() as session:
        hashes = station.documents.image_hashes(session, stored.id)
    with station.workplace() as folder:
        path = folder / f"{stored.id}.pdf"
        with effect("release.open"):
            opened = open_envelope(station.closed_path(stored.id), key, certificate, path, None)
        _require_bound(stored, opened)
        apart = Spool(folder / "pages", os.urandom(32))
        with effect("release.pack"):
            pack(apart, stored.id, _same(read_originals(path), hashes))
        yield apart


def _require_bound(stored: StoredDocument, opened: Opened) -> None:
    """The envelope's header is this document's, and of a closed one: no other envelope can stand in for it."""
    versions = range(1, stored.version + 1)
    decisions = {stored.decision or "", ""}
    headers = [
        RefusedHeader(stored.id, version, decision, opened.plaintext_sha256, MEDIA_TYPE)
        for version in versions
        for decision in decisions
    ]
    if opened.header_digest not in {header.digest() for header in headers} and stored.reason != LOST:
        raise TamperFault("envelope-forged")


def _same(images: Iterator[PageImage], hashes: Sequence[str]) -> Iterator[PageImage]:
    count = 0
    for sha256, image in zip(hashes, images, strict=False):
        if hashlib.sha256(image.payload).hexdigest() != sha256:
            raise TamperFault("envelope-forged")
        count += 1
        yield image
    if count != len(hashes) or next(images, None) is not None:
        raise TamperFault("envelope-forged")


def _record(station: Station, stored: StoredDocument, clearance: Clearance, opened: Spool) -> None:
    """Row, entry and pages in one transaction: a start that clears the spool sees them together, or none of them."""
    now = station.clock.now()
    try:
        with station.database.write("release.record") as session:
            put_back(station, session, stored, now, decision=clearance.decision)
            with opened.open(stored.id) as pages, effect("release.spool"):
                station.spool.write(stored.id, pages)
    except Superseded:  # somebody else released it, or maintained the refusal, meanwhile: it is theirs
        raise StationFault("document-not-closed", document=stored.id) from None
    except BaseException:
        _forget(station, stored)
        raise


def _forget(station: Station, stored: StoredDocument) -> None:
    """What was not recorded leaves nothing readable. Where nobody can say whether it was, the next start does."""
    with suppress(Fault), station.database.write("release.forget") as session:
        now = station.documents.document(session, stored.id)
        if now is None or now.state != "in-progress":
            with effect("release.destroy"):
                station.spool.destroy(stored.id)


def _sealed_as(station: Station, closed: Iterable[StoredDocument]) -> dict[str, frozenset[str]]:
    """Document -> hashes of the objects in which its original was sealed, by the ledger."""
    names = {f"document:{stored.id}": stored.id for stored in closed}
    found: dict[str, frozenset[str]] = dict.fromkeys(names.values(), frozenset())
    marks = {name.encode() for name in names}
    with station.database.read() as session:
        for encoded in station.ledger.entries(session):
            if b'"sealing"' not in encoded or not any(mark in encoded for mark in marks):
                continue
            entry = read_entry(encoded)
            if entry["type"] == EntryType.SEALING and entry["outcome"] != "sealed" and entry["object"] in names:
                found[names[entry["object"]]] |= frozenset(entry.get("hashes_out", ()))
    return found
