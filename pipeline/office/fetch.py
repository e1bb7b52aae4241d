"""The client's side: a document read at the host, compared with its receipt, opened with the recipient's key."""

from pathlib import Path

from consent_gate.model import DocumentId
from lexicon.faults import StationFault
from pipeline.station import Station
from storage.custody import Draft, EntryType
from storage.deposits import find_receipt
from storage.effects import effect
from storage.envelope import Opened, open_envelope
from storage.files import replacing
from storage.keys import load_certificate, load_private_key


def fetch(station: Station, identifier: str, key: Path, certificate: Path, target: Path) -> Opened:
    """Write the document's PDF/A at `target` (0600); the consultation is an entry, before the document is opened.

    Raises `StationFault` `document-unknown`, `document-not-deposited`, `private-key-unreadable`, `key-not-recipient`;
    `HostFault`; `TamperFault("envelope-forged")`, and then nothing is at `target`.
    """
    private_key, recipient = load_private_key(key), load_certificate(certificate)
    with station.database.read() as session:
        stored = station.documents.document(session, identifier)
        signed = find_receipt(session, DocumentId(identifier)) if stored else None
    if stored is None:
        raise StationFault("document-unknown")
    if signed is None:
        raise StationFault("document-not-deposited")
    with station.database.write("consultation.record") as session:
        draft = Draft(EntryType.CONSULTATION, f"document:{stored.id}", "fetched", hashes_out=(signed.receipt.sha256,))
        station.ledger.append(session, draft, at=station.clock.now())
    with station.workplace() as folder:
        path = folder / "envelope.p7m"
        with replacing(path) as stream, effect("consultation.read"):
            station.host.read(signed.receipt.object_key, stream, signed.receipt.object_version)
        with effect("consultation.open"):
            return open_envelope(path, private_key, recipient, target, signed.receipt)
