"""The handover (restitution, RGPD art. 28(3)(g)): all that a stranger needs to check the work, or nothing at all.

Accounts are taken from the rows and from the ledger, at one instant; the package is written beside its place, read
again as a stranger would, and renamed.
"""

import json
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.serialization import Encoding

from handover.balance import require_balanced
from handover.folder import MANIFEST, file_sha256, require_vacant, whole_folder, write_manifest
from handover.inventory import HandedDocument, Inventory, take
from handover.lists import DOCUMENTS, REFUSALS, write_lists
from handover.notices import write_notices
from handover.recount import recount
from handover.replay import replay
from handover.summary import DELETIONS, FILE, Head, statement_name, summary
from handover.told import Told
from lexicon.faults import StationFault, TamperFault
from pipeline.office.gate_words import no_of
from pipeline.office.rejudging import finish
from pipeline.station import Station
from storage import gauges, register_account, rejudges
from storage.accounts import Images, Paper
from storage.custody import Draft, EntryType, read_entry
from storage.effects import effect
from storage.evidence import Verdict
from storage.export import verify_export, write_export
from storage.keys import CERTIFICATE
from storage.signature import sign
from storage.times import write_time

LEDGER: Final = "ledger"
RECEIPTS: Final = "receipts"
SIGNATURE: Final = Path(MANIFEST).with_suffix(".p7s").name


@dataclass(frozen=True, slots=True)
class Built:
    """What was handed over, and where it lies."""

    path: Path
    handover: str
    documents: int
    images: Images
    paper: Paper
    verdict: Verdict
    """Of the ledger in the package."""


@dataclass(frozen=True, slots=True)
class _Recorded:
    handover: str
    at: str
    seq: int
    note: str


def build(station: Station, target: Path) -> Built:
    """Write the handover into `target`, a new or empty folder, whole or not at all.

    Raises `StationFault` `accounts-unbalanced` (something is on its way or unexplained, or rows and ledger differ),
    `target-not-empty`, `handover-overtaken` (the station worked meanwhile), `clock-untrusted` (somebody said no, and
    nobody can say since when), `disk-full` or `disk-unusable`; `TamperFault` `custody-broken`, `register-forged`,
    `column-forged`, `receipt-forged` or `signature-forged`.
    """
    require_vacant(target)
    if not station.ledger.verify().verified:
        raise TamperFault("custody-broken")
    with station.database.read() as session:
        register_account.require(session, station.ledger.entries(session))
        station.roster.require_own(session)
    inventory, told = _accounts(station)
    finish(station)
    if _entries(station) != told.entries:
        inventory, told = _accounts(station)
    _require_restrictions(station, inventory)
    with whole_folder(target) as folder:
        with effect("handover.lists"):
            write_lists(folder, inventory, told)
        with effect("handover.receipts"):
            _write_receipts(folder / RECEIPTS, station, inventory.deposited)
            _write_statements(folder / DELETIONS, inventory)
        recorded = _record(station, folder, inventory, told)
        verdict = _write_ledger(folder / LEDGER, station, recorded)
        head = Head(recorded.handover, recorded.at, recorded.seq, verdict)
        text = json.dumps(summary(station, inventory, told, head), ensure_ascii=False, indent=2, sort_keys=True)
        with effect("handover.notices"):
            (folder / FILE).write_text(text + "\n", encoding="utf-8", newline="\n")
            write_notices(folder, station, inventory, head)
        with effect("handover.sign"):
            (folder / SIGNATURE).write_bytes(sign(station.keys, write_manifest(folder)))
        _read_again(folder)
    return Built(
        path=target,
        handover=recorded.handover,
        documents=len(inventory.deposited),
        images=inventory.images,
        paper=inventory.paper,
        verdict=verdict,
    )


def _entries(station: Station) -> int:
    with station.database.read() as session:
        return gauges.entries(session)


def _accounts(station: Station) -> tuple[Inventory, Told]:
    """Rows and entries of one instant, found to tell the same."""
    with station.database.read() as session:
        inventory = take(station, session)
        told = replay(map(read_entry, station.ledger.entries(session)), station.sides)
    require_balanced(inventory, told)
    return inventory, told


def _require_restrictions(station: Station, inventory: Inventory) -> None:
    """Nothing is handed over without its restriction said: whoever says no now, by the register, has one on record."""
    with station.database.read() as session:
        asked = set(rejudges.at_host(session, None))
        unrestricted = [one.stored for one in inventory.deposited if one.restriction is None and one.stored.id in asked]
        if any(no_of(station, session, stored) is not None for stored in unrestricted):
            raise StationFault("handover-overtaken" if station.clock.moment().trusted else "clock-untrusted")


def _write_receipts(folder: Path, station: Station, documents: tuple[HandedDocument, ...]) -> None:
    """Manifests exactly as signed, their signatures, and the certificate to check them with."""
    folder.mkdir()
    (folder / CERTIFICATE).write_bytes(station.keys.certificate.public_bytes(Encoding.PEM))
    for document in documents:
        if document.signed is not None:
            (folder / f"{document.stored.id}.json").write_bytes(document.signed.receipt.manifest())
            (folder / f"{document.stored.id}.p7s").write_bytes(document.signed.signature)


def _write_statements(folder: Path, inventory: Inventory) -> None:
    """Of each deletion at the host what the station has signed; no folder where there is none."""
    for one in inventory.deletions:
        folder.mkdir(exist_ok=True)
        (folder / statement_name(one)).write_bytes((one.proof or "").encode())
        (folder / statement_name(one)).with_suffix(".p7s").write_bytes(one.signature or b"")


def _record(station: Station, folder: Path, inventory: Inventory, told: Told) -> _Recorded:
    """The entry that binds both lists, and the checkpoint over it. Before the package leaves: it is in its ledger."""
    now, identifier = station.clock.now(), station.identifiers.new()
    lists = (folder / DOCUMENTS, folder / REFUSALS)
    draft = Draft(
        EntryType.HANDOVER,
        f"handover:{identifier}",
        "prepared",
        counts=_counts(inventory),
        hashes_out=tuple(file_sha256(path) for path in lists),
        sizes_out=tuple(path.stat().st_size for path in lists),
    )
    with station.database.write("handover.record") as session:
        if next(station.ledger.entries(session, first=told.entries), None) is not None:
            raise StationFault("handover-overtaken")
        (entry,) = station.ledger.append(session, draft, at=now)
        note = station.ledger.checkpoint(session, now)
    return _Recorded(identifier, write_time(entry.at), entry.seq, note)


def _counts(inventory: Inventory) -> dict[str, int]:
    return {
        "files": len(inventory.files),
        "documents": len(inventory.documents),
        "images": inventory.images.captured,
        **inventory.images.columns,
        "sheets": inventory.paper.received,
    }


def _write_ledger(folder: Path, station: Station, recorded: _Recorded) -> Verdict:
    """The ledger up to the handover's checkpoint, judged as it was written."""
    public_key = station.keys.checkpoint.public_key()
    with station.database.read() as session:
        entries = islice(station.ledger.entries(session), recorded.seq + 1)
        with effect("handover.ledger"):
            write_export(folder, entries, recorded.note, station.id, public_key)
    verdict = verify_export(folder, station.id, public_key)
    if not verdict.verified or verdict.entries != recorded.seq + 1:
        raise TamperFault("custody-broken")
    return verdict


def _read_again(folder: Path) -> None:
    found = recount(folder)
    if not found.balanced:
        raise StationFault(
            "accounts-unbalanced",
            unfinished=0,
            images=0,
            sheets=0,
            differences=len(found.differing),
            first=found.differing[0],
        )
