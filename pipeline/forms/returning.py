"""A file of an inbox of authorizations: its pages laid out by form, each form sealed as evidence and put at the host.

Nothing of it passes the patient gate, and nothing becomes a document. Until a person has read it, each return is also
kept readable under the release key. What was done before a crash is done again, under the same identifiers.
"""

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from itertools import count, groupby
from operator import itemgetter
from pathlib import Path
from typing import Final

from consent_gate.model import DocumentId
from lexicon.faults import SheetFault
from pipeline import settle
from pipeline.clock import part_of
from pipeline.compose import ScanContext, compose_originals
from pipeline.decoding.answers import Looked
from pipeline.forms.code import station_tag
from pipeline.forms.laying import FormLaying, Laid
from pipeline.model import PageImage, Scan
from pipeline.packing import PackedImages, pack
from pipeline.station import SOFTWARE, Station
from pipeline.unfold import decrypt_file, take_back_file
from storage.custody import Draft, EntryType
from storage.deposit import DamagedFault, deposit_form
from storage.effects import effect
from storage.envelope import SealedForm, seal_form
from storage.files import disk_faults
from storage.forms import ROLE, SEALED, TO_SEAL, Forms, Returned, StoredReturn
from storage.header import FormHeader
from storage.hosts import Absent
from storage.receipt import FormReceipt
from storage.stored import LOST, PageTable, SameBytes, StoredFile
from storage.times import read_time
from storage.work import Superseded

MEDIA_TYPE: Final = "application/pdf"


def unfold_returns(station: Station, file: StoredFile) -> None:
    """Lay a captured file out, or set it aside whole; after a crash, again.

    Raises `SameBytes` where another file of the same bytes was opened meanwhile, `Superseded` where another worker was
    quicker with this one.
    """
    take_back_file(station, file)
    with station.workplace() as folder:
        path = folder / file.id
        decrypt_file(station, file, path)
        with station.decoders.opened(path) as opened:
            try:
                laid, blanks, hashes = _packed(station, file, opened.pages())
            except SheetFault as fault:
                settle.set_file_aside(station, file, fault.code, opened.count, partial(_unpack, station, file, 1))
                return
    _unpack(station, file, len(laid) + 1)
    try:
        _record(station, file, laid, blanks, hashes)
    except SameBytes:
        _unpack(station, file, 1)
        raise
    if station.quarantine.has(file.id):
        with effect("form.leave-quarantine"):
            station.quarantine.destroy(file.id)


def _packed(
    station: Station, file: StoredFile, pages: Iterator[Looked]
) -> tuple[tuple[Laid, ...], list[int], dict[int, str]]:
    """Each return's images under the release key, and where each page went. Raises SheetFault."""
    forms, hashes = Forms(station.columns), dict[int, str]()

    def length(form: str) -> int | None:
        with station.database.read() as session:
            found = forms.find(session, form)
        return found.pages if found else None

    laying = FormLaying(station_tag(station.id), length)
    for ordinal, images in groupby(_placed(pages, laying, hashes), key=itemgetter(0)):
        with effect("form.pack"):
            pack(station.quarantine, part_of(file.id, ordinal), (image for _, image in images))
    return laying.laid(), laying.blanks, hashes


def _placed(pages: Iterator[Looked], laying: FormLaying, hashes: dict[int, str]) -> Iterator[tuple[int, PageImage]]:
    """The pages that are kept, each with its return's ordinal; one in memory at a time."""
    for position, looked in enumerate(pages, start=1):
        hashes[position] = hashlib.sha256(looked.image.payload).hexdigest()
        ordinal = laying.place(looked.sighting)
        if ordinal is not None:
            yield ordinal, looked.image


def _unpack(station: Station, file: StoredFile, first: int) -> None:
    """Destroy the readable copies from an ordinal on: this attempt's, or an interrupted one's."""
    for ordinal in count(first):
        identifier = part_of(file.id, ordinal)
        if not station.quarantine.has(identifier):
            return
        with effect("form.unpack"):
            station.quarantine.destroy(identifier)


def _record(
    station: Station, file: StoredFile, laid: tuple[Laid, ...], blanks: list[int], hashes: dict[int, str]
) -> None:
    """Where each page stands, in one transaction with its entries: one of the file, one of each return."""
    roles = dict.fromkeys(blanks, "blank") | {page: ROLE for one in laid for page in one.pages}
    table = PageTable(roles=roles, pieces=(), images=hashes)
    returned = tuple(
        Returned(part_of(file.id, ordinal), one.form, one.pages, one.reason)
        for ordinal, one in enumerate(laid, start=1)
    )
    within, now = {"batch": file.batch, "file": file.id}, station.clock.now()
    split = Draft(
        EntryType.SPLIT,
        f"file:{file.id}",
        "split",
        within={"batch": file.batch},
        counts={"pages": table.pages, "blank": len(blanks), "forms": len(laid)},
        hashes_in=(file.sha256,),
        hashes_out=(table.digest(),),
    )
    drafts = [
        Draft(
            EntryType.IDENTIFICATION,
            f"form:{one.id}",
            one.reason or "matched",
            within=within,
            counts={"pages": len(one.positions)},
            parent=one.form,
        )
        for one in returned
    ]
    with station.database.write("form.split") as session:
        station.documents.split(session, file, table)
        Forms(station.columns).take(session, file.id, file.captured_at, returned)
        station.ledger.append(session, split, *drafts, at=now)


# To the host


def deliver_returns(station: Station, file: str) -> None:
    """Seal what was matched with a form, and put it at the host; again after a crash, it goes on where it was.

    Nothing to do for a file of records. Raises `HostFault`: what is sealed stays, and the same bytes are put again.
    """
    forms = Forms(station.columns)
    with station.database.read() as session:
        stored = station.captured.file(session, file)
        open_ones = forms.returns(session, file=file, states=(TO_SEAL, SEALED))
    if stored is None:
        return
    for returned in open_ones:
        with suppress(Superseded):
            _deliver(station, stored, returned)


def _deliver(station: Station, file: StoredFile, returned: StoredReturn) -> None:
    if returned.state == TO_SEAL:
        sealed = _seal(station, file, returned)
        if sealed is None:
            return
    elif returned.sealed is None or returned.object_key is None:
        raise Superseded
    forms = Forms(station.columns)
    with station.database.read() as session:
        current = forms.returned(session, returned.id)
    if current is not None and current.state == SEALED:
        _put(station, file, current)


def _seal(station: Station, file: StoredFile, returned: StoredReturn) -> SealedForm | None:
    """The images as they came, as an image-only PDF, for client and escrow; None where they are lost."""
    forms, now = Forms(station.columns), station.clock.now()
    if not station.quarantine.has(returned.id):
        with station.database.write("form.lose") as session:
            forms.lose(session, returned, LOST)
            station.ledger.append(session, _about(returned, file, EntryType.REVIEW, LOST), at=now)
        return None
    name = f"{returned.id}-form-{station.identifiers.new()}.p7m"
    with station.workplace() as folder:
        path = folder / "form.pdf"
        compose(station, file, returned, path)
        with path.open("rb") as source:
            sha256 = hashlib.file_digest(source, "sha256").hexdigest()
            source.seek(0)
            header = FormHeader(returned.id, returned.version, sha256, MEDIA_TYPE)
            with effect("form.seal"):
                sealed = seal_form(
                    source, path.stat().st_size, header,
                    recipients=station.recipients, target=station.sealed_folder / name,
                )  # fmt: skip
    entry = _about(returned, file, EntryType.SEALING, "sealed", sealed=sealed)
    try:
        with station.database.write("form.seal-record") as session:
            forms.seal(session, sealed, station.keys.form_key(station.id, returned.id, returned.version), name)
            station.ledger.append(session, entry, at=now)
    except Superseded:
        with disk_faults(), effect("form.unseal"):
            (station.sealed_folder / name).unlink(missing_ok=True)
        raise
    return sealed


def compose(station: Station, file: StoredFile, returned: StoredReturn, target: Path) -> None:
    """The scanner's images alone as a PDF at `target`: the same each time. Nothing of them is read."""
    context = ScanContext(station.id, SOFTWARE, read_time(file.captured_at), file.sha256, returned.positions)
    scan = Scan(DocumentId(returned.id), PackedImages(station.quarantine, returned.id))
    compose_originals(scan, context, target)


def _put(station: Station, file: StoredFile, returned: StoredReturn) -> None:
    sealed, now = returned.sealed, station.clock.now()
    if sealed is None or returned.object_key is None or returned.waits_as is None:
        raise Superseded
    path = station.sealed_folder / returned.waits_as
    if not path.exists():
        _without_envelope(station, file, returned, sealed)
        return
    with station.database.write("form.intend") as session:
        station.ledger.append(session, _about(returned, file, EntryType.DEPOSIT, "intended", sealed=sealed), at=now)
    station.shipping.ship()  # what the host is about to have can be explained without this machine
    try:
        receipt = deposit_form(path, sealed, returned.object_key, station.host, at=now)
    except DamagedFault:
        _give_up(station, file, returned)
        raise
    _record_receipt(station, file, returned, receipt)
    with disk_faults(), effect("form.unseal"):
        path.unlink(missing_ok=True)


def _record_receipt(station: Station, file: StoredFile, returned: StoredReturn, receipt: FormReceipt) -> None:
    now = station.clock.now()
    with station.database.write("form.receipt") as session:
        Forms(station.columns).deposit(session, receipt)
        entry = _about(returned, file, EntryType.RECEIPT, "deposited", sealed=returned.sealed)
        station.ledger.append(session, entry, at=now)


def _without_envelope(station: Station, file: StoredFile, returned: StoredReturn, sealed: SealedForm) -> None:
    """The envelope is not in the station's folder: a machine was lost. What the host has counts, if it is the same."""
    key = returned.object_key or ""
    found = _at_host(station, key)
    if found is None or found[0] != sealed.sha256:
        _give_up(station, file, returned)
        return
    receipt = FormReceipt(
        header=sealed.header,
        host=station.host.name,
        object_key=key,
        object_version=found[1],
        sha256=sealed.sha256,
        size=sealed.size,
        plaintext_size=sealed.plaintext_size,
        deposited_at=station.clock.now(),
    )
    _record_receipt(station, file, returned, receipt)


def _at_host(station: Station, key: str) -> tuple[str, str | None] | None:
    """SHA-256 (hex) and version of what lies under a key at the host; None where nothing does."""
    with effect("form.look"):
        if isinstance(station.host.head(key), Absent):
            return None
    with station.workplace() as folder:
        path = folder / "found.p7m"
        with effect("form.read"), path.open("wb") as target:
            stored = station.host.read(key, target)
        return settle.digest(path), stored.version


def _give_up(station: Station, file: StoredFile, returned: StoredReturn) -> None:
    """Sealed anew under another key; where no readable copy is left either, it is held as lost."""
    lost = None if station.quarantine.has(returned.id) else LOST
    with station.database.write("form.give-up") as session:
        Forms(station.columns).give_up(session, returned, lost=lost)
        entry = _about(returned, file, EntryType.DEPOSIT, "not-received", sealed=returned.sealed)
        station.ledger.append(session, entry, at=station.clock.now())
    if returned.waits_as is not None:
        with disk_faults(), effect("form.unseal"):
            (station.sealed_folder / returned.waits_as).unlink(missing_ok=True)


def _about(
    returned: StoredReturn, file: StoredFile, kind: EntryType, outcome: str, sealed: SealedForm | None = None
) -> Draft:
    return Draft(
        kind,
        f"form:{returned.id}",
        outcome,
        within={"batch": file.batch, "file": file.id},
        counts={"pages": len(returned.positions), "version": returned.version},
        hashes_in=(sealed.plaintext_sha256,) if sealed else (),
        hashes_out=(sealed.sha256,) if sealed else (),
        parent=returned.form,
    )
