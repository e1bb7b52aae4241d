"""After a return from a backup: what was on its way is taken up from the host, the spool and the quarantine.

Nothing is deposited twice: every object at the host has its intention in a record, and what lies there as it was sealed
becomes its document's receipt, unless the person says no (`gate_words`). What nobody has any more is set aside, to be
scanned again, and told by name.
"""

import hashlib
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from consent_gate.model import CustodyClass
from lexicon.faults import HostFault, SheetFault
from pipeline import settle
from pipeline.entries import about
from pipeline.forms.leaving import resume, tell_lost
from pipeline.model import PageImage
from pipeline.office.gate_words import ground_of_deposit, ground_of_refusal
from pipeline.office.recapturing import LostPages, is_package, recapture, unless_unreadable
from pipeline.packing import pack
from pipeline.station import Station
from pipeline.taking_back import take_back
from storage import work
from storage.custody import Draft, EntryType
from storage.deposits import Signed, find_sealed, give_up_version, record_receipt, waiting_file
from storage.effects import effect
from storage.envelope import Sealed
from storage.files import disk_faults, replacing
from storage.forms import StoredReturn
from storage.hosts import Absent, Stored
from storage.receipt import Receipt
from storage.signature import sign
from storage.stored import LOST, StoredDocument, StoredFile
from storage.work import forget_workers, workers

_CHUNK: Final = 1 << 20
_WORKING: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,119}\.(?:spool|p7m)", re.ASCII)


@dataclass(slots=True)
class Rebuilt:
    """What came of the documents that were on their way."""

    receipts: int = 0
    """Found at the host as they were sealed."""
    under_way: int = 0
    """To go on as if nothing had been."""
    recaptured: int = 0
    """Files made of what lay in the spool or in quarantine and no row knew."""
    lost: list[LostPages] = field(default_factory=list)


def adopt_working_copies(station: Station, saved: Path) -> int:
    """Bring spool, sealed envelopes and quarantine from a saved station's folder; how many files. None is replaced."""
    brought = 0
    for name in ("spool", "sealed", "quarantine"):
        source, target = saved / name, station.config.shared / name
        for path in sorted(source.glob("*")) if source.is_dir() else ():
            if _WORKING.fullmatch(path.name) and path.is_file() and not path.is_symlink():
                brought += _copy(path, target / path.name)
    return brought


def rebuild(station: Station) -> Rebuilt:
    """Take up what was on its way; run again after a crash, it goes on. Raises `HostFault`."""
    rebuilt = Rebuilt()
    with station.database.write("restore.forget") as session:
        forget_workers(session, [worker.id for worker in workers(session)])
    with station.database.read() as session:
        under_way = station.documents.documents(session, state="in-progress")
        captured = station.captured.files(session, state="captured")
        aside = station.captured.files(session, state="set-aside")
        kept = [d for s in ("refused", "held", "set-aside") for d in station.documents.documents(session, state=s)]
    for document in under_way:
        _take_up(station, document, rebuilt)
    for file in captured:
        if not station.spool.has(file.id) and not station.quarantine.has(file.id):  # from there it is opened again
            _lose_file(station, file, rebuilt)
    for document in kept:
        there = station.quarantine.has(document.id) or station.closed_path(document.id).exists()
        if not there and document.custody != CustodyClass.FINAL:
            _tell_lost(station, document, rebuilt)
    for file in aside:
        if file.reason != LOST and not (station.quarantine.has(file.id) or station.closed_path(file.id).exists()):
            _tell_lost_file(station, file, rebuilt)
    for returned in (*resume(station), *tell_lost(station)):
        rebuilt.lost.append(_told_form(station, returned))
    rebuilt.recaptured, untold = recapture(station)
    rebuilt.lost += untold
    return rebuilt


def _copy(source: Path, target: Path) -> int:
    if target.exists():
        return 0
    with disk_faults(), source.open("rb") as stream, effect("restore.adopt"):
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with replacing(target) as copy:
            shutil.copyfileobj(stream, copy, _CHUNK)
    return 1


# Documents


def _take_up(station: Station, document: StoredDocument, rebuilt: Rebuilt) -> None:
    document = _held(station, document)
    with station.database.read() as session:
        found = find_sealed(session, document.id, document.version)
        name = waiting_file(session, document.id, document.version)
    if found is not None:
        there = _at_host(station, found[0])
        if isinstance(there, Absent):
            if name is not None and (station.sealed_folder / name).exists():
                rebuilt.under_way += 1
                return
        elif _stays(station, document, found[0], there, rebuilt):
            return
        with station.database.write("restore.unseal") as session:
            give_up_version(session, document.id)
    if _has_pages(station, document):
        rebuilt.under_way += 1
    else:
        _lose(station, document, rebuilt)


def _stays(station: Station, document: StoredDocument, sealed: Sealed, there: Stored | None, rebuilt: Rebuilt) -> bool:
    """Whether what lies at the host is left there: as a deposit, or, spoilt (None), because nobody has another."""
    decision = ground_of_deposit(station, document)
    if decision is None:
        _take_back(station, document)
        return False
    if there is not None:
        _record_receipt(station, document, sealed, there, decision)
        rebuilt.receipts += 1
        return True
    if _has_pages(station, document):  # it is sealed and put anew, under another key
        return False
    _lose(station, document, rebuilt)
    return True


def _take_back(station: Station, document: StoredDocument) -> None:
    """What the host does not let go of yet is given up: the ledger says so, and each start asks for it again."""
    try:
        take_back(station, document)
    except HostFault as fault:
        if fault.code != "host-retains":
            raise


def _at_host(station: Station, sealed: Sealed) -> Stored | Absent | None:
    """The object as it was sealed; `Absent`; None where it is another: the host altered it, or gave it out so."""
    key = station.keys.object_key(station.id, sealed.header.document, sealed.header.version)
    whole = _Whole()
    with effect("restore.head"):
        found = station.host.head(key)
    if isinstance(found, Absent):
        return found
    try:
        with effect("restore.read"):
            stored = station.host.read(key, whole)
    except HostFault as fault:
        if fault.code == "host-object-missing":
            return Absent()
        raise
    return stored if whole.is_(sealed) else None


class _Whole:
    def __init__(self) -> None:
        self._hash, self._size = hashlib.sha256(), 0

    def write(self, chunk: bytes, /) -> int:
        self._hash.update(chunk)
        self._size += len(chunk)
        return len(chunk)

    def is_(self, sealed: Sealed) -> bool:
        return (self._hash.hexdigest(), self._size) == (sealed.sha256, sealed.size)


def _held(station: Station, document: StoredDocument) -> StoredDocument:
    with station.database.write("restore.take") as session:
        work.take(session, document.id, station.identifiers.new())
        return station.documents.document(session, document.id) or document


def _record_receipt(station: Station, document: StoredDocument, sealed: Sealed, stored: Stored, decision: str) -> None:
    """The gate was open, and the object is there: what the lost machine would have written now."""
    now = station.clock.now()
    with effect("restore.retain"):
        station.host.retain(stored, now)
    receipt = Receipt(
        header=sealed.header,
        host=station.host.name,
        object_key=stored.key,
        object_version=stored.version,
        sha256=sealed.sha256,
        size=sealed.size,
        plaintext_size=sealed.plaintext_size,
        deposited_at=now,
    )
    signed = Signed(receipt, sign(station.keys, receipt.manifest()))
    draft = about(
        document,
        EntryType.RECEIPT,
        "deposited",
        counts={"pages": document.pages},
        hashes_out=(sealed.sha256,),
        sizes_out=(sealed.size,),
        decision=decision,
    )
    with station.database.write("restore.receipt") as session:
        record_receipt(session, signed)
        station.documents.settle(session, document.id, "deposited", now, decision=decision)
        station.ledger.append(session, draft, at=now)


def _has_pages(station: Station, document: StoredDocument) -> bool:
    """Whether its images are in the spool, or can be put there again from quarantine or from its file."""
    if is_package(station.spool, document.id):
        return True
    if station.quarantine.has(document.id):  # its outcome was lost: it is found again
        with unless_unreadable(), station.quarantine.open(document.id) as source, effect("restore.unquarantine"):
            station.spool.write(document.id, source)
        return is_package(station.spool, document.id)
    return station.spool.has(document.file) and _pack_again(station, document)


def _pack_again(station: Station, document: StoredDocument) -> bool:
    with station.database.read() as session:
        positions = frozenset(station.documents.positions(session, document.id))
    with unless_unreadable(), suppress(SheetFault), station.workplace() as folder, effect("restore.pack"):
        path = folder / document.file
        with station.spool.open(document.file) as source, path.open("xb") as target:
            shutil.copyfileobj(source, target, _CHUNK)
        pack(station.spool, document.id, _at(path, station, positions))
    return is_package(station.spool, document.id)


def _at(path: Path, station: Station, positions: frozenset[int]) -> Iterator[PageImage]:
    with station.decoders.opened(path) as opened:
        for position, looked in enumerate(opened.pages(), start=1):
            if position in positions:
                yield looked.image


def _lose(station: Station, document: StoredDocument, rebuilt: Rebuilt) -> None:
    """Nothing of it is left: it stands in its column with its reason, to be scanned again.

    Where its original is sealed for the client it was refused, and is so again if the gate's word is known.
    """
    refused = ground_of_refusal(station, document) if station.closed_path(document.id).exists() else None
    if refused is not None:
        settle.set_closed(station, document, refused)
        return
    settle.set_lost_aside(station, document)
    rebuilt.lost.append(_told(station, document))


def _tell_lost(station: Station, document: StoredDocument, rebuilt: Rebuilt) -> None:
    """Settled, and its images, which stayed with the station, are gone.

    A curable one stands in the column of what is to be scanned again: no new fact can let it go on.
    """
    if document.reason == LOST:
        return
    now = station.clock.now()
    with station.database.write("restore.tell") as session:
        draft = about(document, EntryType.DESTRUCTION, LOST)
        if document.custody == CustodyClass.CURABLE:
            station.documents.lose(session, document.id, now)
            draft = about(document, EntryType.REVIEW, LOST, counts={"pages": document.pages})
        station.ledger.append(session, draft, at=now)
    rebuilt.lost.append(_told(station, document))


def _told(station: Station, document: StoredDocument) -> LostPages:
    with station.database.read() as session:
        positions = station.documents.positions(session, document.id)
        file = station.captured.file(session, document.file)
        labels = {batch: label for batch, label, *_ in station.batches.all(session)}
    return LostPages(labels.get(document.batch, ""), file.name if file else "", positions)


def _told_form(station: Station, returned: StoredReturn) -> LostPages:
    """A signed form whose evidence was at the station alone."""
    with station.database.read() as session:
        file = station.captured.file(session, returned.file)
        labels = {batch: label for batch, label, *_ in station.batches.all(session)}
    return LostPages(labels.get(file.batch, "") if file else "", file.name if file else "", returned.positions)


# Files


def _lose_file(station: Station, file: StoredFile, rebuilt: Rebuilt) -> None:
    settle.set_lost_file_aside(station, file)
    with station.database.read() as session:
        labels = {batch: label for batch, label, *_ in station.batches.all(session)}
    rebuilt.lost.append(LostPages(labels.get(file.batch, ""), file.name, ()))


def _tell_lost_file(station: Station, file: StoredFile, rebuilt: Rebuilt) -> None:
    with station.database.write("restore.tell-file") as session:
        station.captured.lose_file(session, file.id)
        draft = Draft(EntryType.DESTRUCTION, f"file:{file.id}", LOST, within={"batch": file.batch})
        station.ledger.append(session, draft, at=station.clock.now())
        labels = {batch: label for batch, label, *_ in station.batches.all(session)}
    rebuilt.lost.append(LostPages(labels.get(file.batch, ""), file.name, ()))
