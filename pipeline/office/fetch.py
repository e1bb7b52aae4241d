"""The client's side: a document read at the host, compared with its receipt, opened with the recipient's key.

Reading asks for restrictions: those on record, and the register itself, so that nothing said a moment ago is passed
over. What is restricted is read by the controller alone, for a reason of RGPD article 18(2).
"""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from consent_gate.model import DocumentId
from consent_gate.people import CONTROLLING
from lexicon.faults import StationFault
from pipeline.office.gate_words import no_of
from pipeline.office.people import Authenticated, Presented, act_of, authenticate
from pipeline.station import Station
from storage.custody import Draft, EntryType
from storage.deletions import Deletions
from storage.deposits import find_receipt
from storage.effects import effect
from storage.envelope import Opened, open_envelope
from storage.files import replacing
from storage.keys import load_certificate, load_private_key
from storage.stored import StoredDocument


class AccessReason(StrEnum):
    """For what a restricted document may be read all the same (RGPD art. 18(2)). The value is recorded."""

    PATIENT_REQUEST = "patient-request"
    LEGAL_CLAIM = "legal-claim"
    RIGHTS_OF_OTHERS = "rights-of-others"
    PUBLIC_INTEREST = "public-interest"


@dataclass(frozen=True, slots=True)
class Access:
    """Who reads a restricted document, and for what."""

    by: Presented
    reason: AccessReason


def fetch(
    station: Station, identifier: str, key: Path, certificate: Path, target: Path, access: Access | None = None
) -> Opened:
    """Write the document's PDF/A at `target` (0600); the consultation is an entry, before the document is opened.

    Raises `StationFault` `document-unknown`, `document-not-deposited`, `document-deleted`, `document-restricted`
    (unless there is `access`; the attempt is an entry), `private-key-unreadable`, `key-not-recipient`, or what
    `authenticate` raises; `HostFault`; `TamperFault("envelope-forged")`, and then nothing is at `target`.
    """
    private_key, recipient = load_private_key(key), load_certificate(certificate)
    with station.database.read() as session:
        stored = station.documents.document(session, identifier)
        signed = find_receipt(session, DocumentId(identifier)) if stored else None
        gone = Deletions(station.columns).deleted(session, [identifier])
    if stored is None:
        raise StationFault("document-unknown")
    if signed is None:
        raise StationFault("document-not-deposited")
    if gone:
        raise StationFault("document-deleted")
    _record(station, stored, signed.receipt.sha256, access)
    with station.workplace() as folder:
        path = folder / "envelope.p7m"
        with replacing(path) as stream, effect("consultation.read"):
            station.host.read(signed.receipt.object_key, stream, signed.receipt.object_version)
        with effect("consultation.open"):
            return open_envelope(path, private_key, recipient, target, signed.receipt)


def _record(station: Station, stored: StoredDocument, sha256: str, access: Access | None) -> None:
    """Asked while nobody else can write: what is recorded afterwards comes after the consultation."""
    by = _authenticated(station, stored, access) if access else None
    with station.database.write("consultation.record") as session:
        no = no_of(station, session, stored)
        closed = no is not None and by is None
        read = f"fetched-{access.reason.value}" if no and access else "fetched"
        outcome = "document-restricted" if closed else read
        draft = Draft(
            EntryType.CONSULTATION,
            f"document:{stored.id}",
            outcome,
            hashes_out=() if closed else (sha256,),
            person=by.id if by else None,
            parent=by.entry if by else None,
        )
        station.ledger.append(session, draft, at=station.clock.now())
    if closed:
        raise StationFault("document-restricted", reason=no or "")


def _authenticated(station: Station, stored: StoredDocument, access: Access) -> Authenticated:
    act = act_of(station, "restricted-access", f"document:{stored.id}", {"reason": access.reason.value})
    return authenticate(station, access.by, act, CONTROLLING)
