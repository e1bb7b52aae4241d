"""Evidence that is not to be at the host any more: brought back to the station, sealed as it is, and deleted there.

The person opposes hosting by now, or the controller orders it (RGPD art. 17, 28(3)(a); CSP L.1111-8). What the form
authorized stands as it stood. After a crash it is done again: it finds what is left.
"""

import shutil
from collections.abc import Callable

from consent_gate.people import CONTROLLING
from lexicon.faults import HostFault, StationFault, TamperFault
from pipeline import settle
from pipeline.forms.standings import Standing, returned_of, standing_of
from pipeline.forms.telling import told_by
from pipeline.office.people import Authenticated, Presented, act_of, authenticate
from pipeline.station import Station
from storage.backup.shipping import require_alone
from storage.custody import Draft, EntryType
from storage.effects import effect
from storage.files import replacing
from storage.forms import CHECKED, Forms, StoredReturn
from storage.hosts import Stored


def recall(station: Station, identifier: str, by: Callable[[], Presented]) -> Standing:
    """A person of the controller's takes a checked form back from the host; its envelope stays at the station.

    Raises `StationFault` `form-unknown`, `form-not-at-host`, or as `authenticate`; `TamperFault("form-differs")` where
    the host has something else; `HostFault`: `host-retains` where a lock keeps it, and the ledger says so.
    """
    returned = returned_of(station, identifier)
    if returned.state != CHECKED or returned.object_key is None or returned.sha256 is None:
        raise StationFault("form-not-at-host")
    who = authenticate(station, by(), act_of(station, "form-recall", f"form:{returned.id}", {}), CONTROLLING)
    _tell(station, returned, who, "taking-back")
    station.shipping.ship()  # what the host is about to lose can be explained without this machine
    require_alone(station.host, station.id, station.ledger.epoch())
    _bring(station, returned.object_key, returned)
    try:
        with effect("form.recall-delete"):
            station.host.delete(returned.object_key)
    except HostFault as fault:
        if fault.code == "host-retains":
            _tell(station, returned, who, "host-retains", str(fault.facts.get("until", "")))
        raise
    with station.database.write("form.recall") as session:
        Forms(station.columns).take_back(session, returned)
        draft = told_by(who, returned, EntryType.DESTRUCTION, "taken-back")
        station.ledger.append(session, draft, at=station.clock.now())
    return standing_of(station, returned.id)


def _bring(station: Station, key: str, returned: StoredReturn) -> None:
    """The envelope, as the row has it, durable beside the other closed ones; without it nothing is deleted."""
    target = station.closed_path(returned.id)
    if target.exists() and settle.digest(target) == returned.sha256:
        return
    with effect("form.recall-look"):
        there = isinstance(station.host.head(key), Stored)
    if not there:
        raise StationFault("form-not-at-host")
    with station.workplace() as folder:
        found = folder / "found.p7m"
        with effect("form.recall-read"), found.open("wb") as stream:
            station.host.read(key, stream)
        if settle.digest(found) != returned.sha256:
            raise TamperFault("form-differs")
        with effect("form.recall-place"), replacing(target) as copy, found.open("rb") as source:
            shutil.copyfileobj(source, copy)


def _tell(station: Station, returned: StoredReturn, who: Authenticated, outcome: str, until: str = "") -> None:
    day = until.replace("-", "")
    draft = Draft(
        EntryType.DESTRUCTION,
        f"form:{returned.id}",
        outcome,
        within={"file": returned.file},
        counts={"until": int(day)} if day.isdecimal() else {},
        hashes_in=(returned.sha256,) if returned.sha256 else (),
        parent=who.entry,
        person=who.id,
    )
    with station.database.write("form.recall-tell") as session:
        station.ledger.append(session, draft, at=station.clock.now())
