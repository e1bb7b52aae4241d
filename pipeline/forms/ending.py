"""How the station's custody of a return ends: its readable copy is destroyed once it is checked or discarded; held for
too long, it is sealed for client and escrow first, like a file that was set aside.

What waits to be checked is kept readable until somebody checks it, for it is nowhere else; `doctor` tells it.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import structlog

from lexicon.faults import TamperFault
from pipeline import settle
from pipeline.forms.leaving import resume
from pipeline.forms.readings import Read
from pipeline.forms.returning import MEDIA_TYPE, compose
from pipeline.station import Station
from storage.custody import KEPT_TOO_LONG, KEY_DESTROYED, Draft, EntryType
from storage.effects import effect
from storage.envelope import SealedForm, seal_form
from storage.files import disk_faults, is_older, sync_folder
from storage.forms import CHECKED, DISCARDED, HELD, Forms, StoredReturn, return_of
from storage.header import FormHeader
from storage.stored import StoredFile
from storage.work import Superseded

log = structlog.get_logger("liasse.forms")

_UNDER_WAY: Final = timedelta(days=1)
"""Far longer than it takes to seal a form."""


def clear(station: Station, identifier: str) -> None:
    """Destroy the readable copy of a return that was checked, discarded or closed; after a crash, again.

    Of what was discarded or is unusable the sealed copy goes as well; evidence that is not to be at the host stays
    sealed for client and escrow, beside the other closed ones.
    """
    with station.database.read() as session:
        returned = Forms(station.columns).returned(session, identifier)
    if returned is None or not (returned.closed or returned.state in (CHECKED, DISCARDED)):
        return
    _end_envelope(station, returned)
    with effect("form.destroy"):
        station.quarantine.destroy(identifier)
        if returned.state == DISCARDED:
            station.closed_path(identifier).unlink(missing_ok=True)
    outcome = KEY_DESTROYED if returned.closed else "working-copies"
    with station.database.write("form.cleared") as session:
        now = station.clock.now()
        if Forms(station.columns).cleared(session, identifier, now):
            draft = Draft(EntryType.DESTRUCTION, f"form:{identifier}", outcome, within={"file": returned.file})
            station.ledger.append(session, draft, at=now)


def _end_envelope(station: Station, returned: StoredReturn) -> None:
    """Where one still waits in the station's folder of what goes nowhere."""
    if returned.waits_as is None:
        return
    path = station.sealed_folder / returned.waits_as
    with disk_faults(), effect("form.end-envelope"):
        target = station.closed_path(returned.id)
        if path.exists() and returned.state == CHECKED and returned.outcome != Read.UNUSABLE and not target.exists():
            path.replace(target)
            sync_folder(target.parent)
        path.unlink(missing_ok=True)


def held_overdue(station: Station, before: datetime) -> Iterator[str]:
    """Held returns that came before a moment, and that the station can still read."""
    with station.database.read() as session:
        found = Forms(station.columns).overdue(session, before, HELD)
    return (identifier for identifier in found if station.quarantine.has(identifier))


def close_held(station: Station, identifier: str) -> bool:
    """Seal held pages for client and escrow, beside the other closed ones, and destroy the release key's copy; False
    where they are not held any more. They stay in their column, with their reason.

    Raises `StationFault` `spool-missing`, `disk-full`; `TamperFault("spool-damaged")`: then they stay as they are.
    """
    with station.database.read() as session:
        returned = Forms(station.columns).returned(session, identifier)
        file = station.captured.file(session, returned.file) if returned else None
    if returned is None or file is None or returned.state != HELD:
        return False
    if returned.closed:
        clear(station, identifier)
        return False
    sealing = station.sealed_folder / f"{identifier}-closing-{station.identifiers.new()}.p7m"
    try:
        _record_closed(station, file, returned, _seal(station, file, returned, sealing), sealing)
    except Superseded:
        return False
    finally:
        with disk_faults(), effect("form.close-tidy"):
            sealing.unlink(missing_ok=True)
    clear(station, identifier)
    return True


def sweep(station: Station) -> None:
    """At start: finish what a crash left of a recall, or between an outcome and its destruction, and destroy envelopes
    that no row knows.

    Where others may be sealing, only those that are older than that can take.
    """
    older = (station.clock.now() - _UNDER_WAY).timestamp() if station.config.several else None
    resume(station)
    with station.database.read() as session:
        uncleared = Forms(station.columns).uncleared(session)
    for identifier in uncleared:
        try:
            clear(station, identifier)
        except TamperFault as fault:  # it is told to whoever looks at it, and stops no other
            log.warning("not-cleared", object=f"form:{identifier}", fault=fault.code)
    for path in station.sealed_folder.glob("*-form-*.p7m"):
        if is_older(path, older) and not _waits(station, path.name):
            with disk_faults(), effect("form.sweep"):
                path.unlink(missing_ok=True)


def _waits(station: Station, name: str) -> bool:
    """Whether an envelope is its return's; where the row was altered, nobody can tell, and it stays."""
    try:
        with station.database.read() as session:
            returned = Forms(station.columns).returned(session, return_of(name) or "")
    except TamperFault as fault:
        log.warning("not-swept", object=f"form:{return_of(name)}", fault=fault.code)
        return True
    return returned is not None and returned.waits_as == name


def _seal(station: Station, file: StoredFile, returned: StoredReturn, target: Path) -> SealedForm:
    """The images as they came, as an image-only PDF. Nothing of them is read."""
    with station.workplace() as folder:
        path = folder / "form.pdf"
        compose(station, file, returned, path)
        header = FormHeader(returned.id, returned.version, settle.digest(path), MEDIA_TYPE)
        with path.open("rb") as source, effect("form.close-seal"):
            return seal_form(source, path.stat().st_size, header, recipients=station.recipients, target=target)


def _record_closed(
    station: Station, file: StoredFile, returned: StoredReturn, sealed: SealedForm, sealing: Path
) -> None:
    target = station.closed_path(returned.id)
    draft = Draft(
        EntryType.SEALING,
        f"form:{returned.id}",
        KEPT_TOO_LONG,
        within={"batch": file.batch, "file": file.id},
        counts={"pages": len(returned.positions)},
        hashes_in=(sealed.plaintext_sha256,),
        hashes_out=(sealed.sha256,),
        sizes_out=(sealed.size,),
    )
    with station.database.write("form.close") as session:
        Forms(station.columns).close(session, sealed)
        with disk_faults(), effect("form.close-place"):
            sealing.replace(target)
            sync_folder(target.parent)
        station.ledger.append(session, draft, at=station.clock.now())
