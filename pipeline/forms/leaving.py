"""Evidence that is not to be at the host: its patient opposes hosting by now, or the controller takes it back.

A row that says so comes first: what is on its way there is stopped by it. What is there is deleted once its envelope is
durable at the station. After a crash it is done again, at the next start too: it finds what is left.
"""

import shutil
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

import structlog
from sqlmodel import Session

from consent_gate.gate import opposes_hosting
from lexicon.faults import HostFault, TamperFault
from pipeline import settle
from pipeline.forms.readings import Read
from pipeline.station import Station
from storage.backup.shipping import require_alone
from storage.custody import Draft, EntryType
from storage.effects import effect
from storage.files import replacing
from storage.forms import CHECKED, SEALED, Forms, StoredReturn
from storage.hosts import Stored
from storage.stored import LOST
from storage.work import Superseded

log = structlog.get_logger("liasse.forms")

KEPT: Final = "kept-from-host"
_TAKEN_BACK: Final = "taken-back"
_RETAINED: Final = "host-retains"


class Unwanted(Exception):
    """It is not to be at the host."""


def require_wanted(station: Station, session: Session, returned: StoredReturn) -> None:
    """Raise `Unwanted` where it is not to be at the host, `Superseded` where it is not on its way there as it was.

    In the transaction that says that it goes there, or that it is there.
    """
    forms = Forms(station.columns)
    now = forms.returned(session, returned.id)
    if now is None or now.version != returned.version:
        raise Superseded
    if now.object_key is None:  # another worker kept it from there meanwhile
        raise Unwanted
    if now.state != SEALED:
        raise Superseded
    form = forms.find(session, now.form) if now.form else None
    if now.leaving is not None or form is None:
        raise Unwanted
    reading = station.register.reading_within(session, form.patient)
    if opposes_hosting(reading, station.clock.moment(), station.policy):
        raise Unwanted


def order(station: Station, returned: StoredReturn, parent: str | None = None, person: str | None = None) -> None:
    """Row and ledger say that it is to leave the host: `taking-back`; on a person's word each time it is given.

    Raises `Superseded` where it is a person's, and it is not at the host or on its way there any more.
    """
    forms = Forms(station.columns)
    with station.database.write("form.recall-tell") as session:
        now = forms.returned(session, returned.id)
        if now is not None and now.leaving is not None and person is None:
            return
        draft = _draft(returned, EntryType.DESTRUCTION, "taking-back", parent, person)
        (entry,) = station.ledger.append(session, draft, at=station.clock.now())
        try:
            forms.leave(session, returned, entry.id, person)
        except Superseded:  # another kept it from there; what this worker has put there goes all the same
            if person is not None:
                raise


def leave(station: Station, returned: StoredReturn, *, again: bool = False) -> str:
    """Have nothing of it at the host; what became of it: `taken-back`, `kept-from-host`, or that nobody has it.

    The readable copy is for the caller to end. Raises `HostFault`, `TamperFault`; `host-retains` where a lock keeps it,
    which the ledger says unless it was asked for `again`; `Superseded` where another did all of it.
    """
    there = is_there(station, returned)
    if there:
        order(station, returned)
        station.shipping.ship()  # what the host is about to lose can be explained without this machine
        require_alone(station.host, station.id, station.ledger.epoch())
        secure(station, returned)
        _delete(station, returned, again=again)
    return _end(station, returned, deleted=there)


def is_there(station: Station, returned: StoredReturn) -> bool:
    with effect("form.recall-look"):
        return isinstance(station.host.head(returned.object_key or ""), Stored)


def secure(station: Station, returned: StoredReturn) -> None:
    """The envelope, as the row has it, durable at the station; without it nothing is deleted.

    Raises `TamperFault("form-differs")` where the host has something else; `HostFault`.
    """
    if is_kept(station, returned):
        return
    with station.workplace() as folder:
        found = folder / "found.p7m"
        with effect("form.recall-read"), found.open("wb") as stream:
            station.host.read(returned.object_key or "", stream)
        if settle.digest(found) != returned.sha256:
            raise TamperFault("form-differs")
        target = station.closed_path(returned.id)
        with effect("form.recall-place"), replacing(target) as copy, found.open("rb") as source:
            shutil.copyfileobj(source, copy)


def is_kept(station: Station, returned: StoredReturn) -> bool:
    """Whether the station has the envelope: beside the closed ones, or where it waits for the host."""
    paths = [station.closed_path(returned.id)]
    if returned.waits_as is not None:
        paths.append(station.sealed_folder / returned.waits_as)
    return any(path.exists() and settle.digest(path) == returned.sha256 for path in paths)


def resume(station: Station) -> tuple[StoredReturn, ...]:
    """At start: what was to leave the host, and was cut off or kept there by a lock; those that nobody has any more.

    A host that is away is asked at the next start. Raises `TamperFault("custody-forked")`.
    """
    forms, lost = Forms(station.columns), list[StoredReturn]()
    with station.database.read() as session:
        identifiers = forms.leaving(session)
    for identifier in identifiers:
        try:
            with station.database.read() as session:
                returned = forms.returned(session, identifier)
            if returned is None or returned.object_key is None:  # it is sealed anew first
                continue
            if leave(station, returned, again=True) == LOST:
                lost.append(returned)
        except Superseded:
            continue
        except HostFault as fault:
            log.warning("not-taken-back", object=f"form:{identifier}", fault=fault.code)
            if fault.code != _RETAINED:
                break
        except TamperFault as fault:
            if fault.code == "custody-forked":
                raise
            log.warning("not-taken-back", object=f"form:{identifier}", fault=fault.code)
    return tuple(lost)


def tell_lost(station: Station) -> tuple[StoredReturn, ...]:
    """After a return from a backup: evidence that the station alone had, and that is gone with a machine; each once."""
    forms, lost = Forms(station.columns), list[StoredReturn]()
    with station.database.read() as session:
        checked = forms.returns(session, states=(CHECKED,))
    for one in checked:
        kept = one.sha256 is not None and one.object_key is None and one.outcome != Read.UNUSABLE
        if not kept or one.reason == LOST or is_kept(station, one):
            continue
        with suppress(Superseded), station.database.write("form.lose-kept") as session:
            forms.lose_kept(session, one, LOST)
            draft = _draft(one, EntryType.DESTRUCTION, LOST, None, None)
            station.ledger.append(session, draft, at=station.clock.now())
            lost.append(one)
    return tuple(lost)


def _delete(station: Station, returned: StoredReturn, *, again: bool) -> None:
    try:
        with effect("form.recall-delete"):
            station.host.delete(returned.object_key or "")
    except HostFault as fault:
        if fault.code == _RETAINED:
            _retain(station, returned, str(fault.facts.get("until", "")), again=again)
        raise


def _retain(station: Station, returned: StoredReturn, until: str, *, again: bool) -> None:
    """It is at the host for now, and the row says so: nobody puts it there again, and each start asks for it."""
    forms, now, day = Forms(station.columns), station.clock.now(), until.replace("-", "")
    with station.database.write("form.retained") as session:
        current = forms.returned(session, returned.id)
        if current is None or current.object_key is None:
            raise Superseded
        forms.retain(session, returned, station.host.name, now)
        if not again:
            counts = {"until": int(day)} if day.isdecimal() else {}
            draft = _draft(
                returned, EntryType.DESTRUCTION, _RETAINED, current.leaving, current.recalled_by, counts=counts
            )
            station.ledger.append(session, draft, at=now)


def _end(station: Station, returned: StoredReturn, *, deleted: bool) -> str:
    """Row and entry: it is not at the host."""
    forms = Forms(station.columns)
    with station.database.write("form.recall") as session:
        now = forms.returned(session, returned.id)
        told, overtaken = [_TAKEN_BACK], now is None or now.object_key is None or now.version != returned.version
        if now is None or (overtaken and not deleted):
            raise Superseded
        if not overtaken:
            told = _told(station, now, deleted=deleted)
            forms.take_back(session, returned, lost=LOST if LOST in told else None)
        drafts = [_draft(returned, _KINDS[one], one, now.leaving, now.recalled_by) for one in told]
        station.ledger.append(session, *drafts, at=station.clock.now())
    if overtaken:
        raise Superseded
    return told[0]


_KINDS: Final = {_TAKEN_BACK: EntryType.DESTRUCTION, LOST: EntryType.DESTRUCTION, KEPT: EntryType.SEALING}


def _told(station: Station, now: StoredReturn, *, deleted: bool) -> list[str]:
    """What to say of it. Raises `Superseded` where its envelope is to be made anew first, `TamperFault`
    `sealed-changed` where it is not the one that was sealed.
    """
    if not deleted and not is_kept(station, now):
        if now.state == CHECKED:
            return [LOST]
        if now.waits_as is not None and (station.sealed_folder / now.waits_as).exists():
            raise TamperFault("sealed-changed")
        raise Superseded
    back = [_TAKEN_BACK] if deleted or now.leaving is not None else []
    return [*back, KEPT] if now.state == SEALED and now.recalled_by is None else back


def _draft(
    returned: StoredReturn,
    kind: EntryType,
    outcome: str,
    parent: str | None,
    person: str | None,
    counts: Mapping[str, int] | None = None,
) -> Draft:
    """Of what lies at the host, its envelope; of what stays at the station, the PDF."""
    digest = returned.pdf_sha256 if outcome == KEPT else returned.sha256
    return Draft(
        kind,
        f"form:{returned.id}",
        outcome,
        within={"file": returned.file},
        counts=counts or {"pages": len(returned.positions)},
        hashes_in=(digest,) if digest else (),
        parent=parent,
        person=person,
    )
