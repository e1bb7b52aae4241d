"""What came back of a form on its way: sealed at the station, and put at the host once a person made it evidence.

What nobody has read is at no host: it may be unusable, another's, or of somebody who opposes hosting. Whether it may be
there is asked again in the transactions that say that it goes there, and that it is there. What was done before a crash
is done again; the same bytes are put under the same key.
"""

import hashlib
from contextlib import suppress

from lexicon.faults import HostFault
from pipeline import settle
from pipeline.forms.ending import clear
from pipeline.forms.leaving import Unwanted, leave, require_wanted
from pipeline.forms.returning import MEDIA_TYPE, compose
from pipeline.station import Station
from storage.custody import Draft, EntryType
from storage.deposit import DamagedFault, deposit_form
from storage.effects import effect
from storage.envelope import SealedForm, seal_form
from storage.files import disk_faults
from storage.forms import SEALED, TO_SEAL, Forms, StoredReturn, envelope_name
from storage.header import FormHeader
from storage.hosts import Absent
from storage.receipt import FormReceipt
from storage.stored import LOST, StoredFile
from storage.work import Superseded


def deliver_returns(station: Station, file: str, *, only: str | None = None) -> None:
    """Seal what was matched with a form, and put at the host what was read; after a crash, it goes on where it was.

    Nothing to do for a file of records; `only` is one return of it. Raises `HostFault`: what is sealed stays, and the
    same bytes are put again.
    """
    forms = Forms(station.columns)
    with station.database.read() as session:
        stored = station.captured.file(session, file)
        open_ones = forms.returns(session, file=file, states=(TO_SEAL, SEALED))
    if stored is None:
        return
    for returned in (one for one in open_ones if only in {None, one.id}):
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
    name = envelope_name(returned.id, station.identifiers.new())
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


def _put(station: Station, file: StoredFile, returned: StoredReturn) -> None:
    """There and read back; or, where it is not to be there, nowhere but at the station."""
    try:
        _deposit(station, file, returned)
    except Unwanted:
        try:
            leave(station, returned)
        except HostFault as fault:
            if fault.code == "host-retains":
                clear(station, returned.id)
            raise
    clear(station, returned.id)


def _deposit(station: Station, file: StoredFile, returned: StoredReturn) -> None:
    sealed, now = returned.sealed, station.clock.now()
    if sealed is None or returned.object_key is None or returned.waits_as is None:
        raise Superseded
    path = station.sealed_folder / returned.waits_as
    if not path.exists():
        _without_envelope(station, file, returned, sealed)
        return
    with station.database.write("form.intend") as session:
        require_wanted(station, session, returned)
        station.ledger.append(session, _about(returned, file, EntryType.DEPOSIT, "intended", sealed=sealed), at=now)
    station.shipping.ship()  # what the host is about to have can be explained without this machine

    def still() -> None:
        with station.database.read() as session:
            require_wanted(station, session, returned)

    try:
        receipt = deposit_form(path, sealed, returned.object_key, station.host, at=now, still=still)
    except DamagedFault:
        _give_up(station, file, returned)
        raise
    _record_receipt(station, file, returned, receipt)
    with disk_faults(), effect("form.unseal"):
        path.unlink(missing_ok=True)


def _record_receipt(station: Station, file: StoredFile, returned: StoredReturn, receipt: FormReceipt) -> None:
    now = station.clock.now()
    with station.database.write("form.receipt") as session:
        require_wanted(station, session, returned)
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
    """Sealed anew under another key; where no readable copy is left either, the paper alone is evidence."""
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
