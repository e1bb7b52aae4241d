"""A person of the controller's takes evidence back from the host, or keeps it from going there (RGPD art. 17, 28(3)(a);
CSP L.1111-8).

What the form authorized stands as it stood. What is cut off goes on at the next start, or by the same command.
"""

from collections.abc import Callable

from consent_gate.people import CONTROLLING
from lexicon.faults import StationFault
from pipeline import settle
from pipeline.forms.depositing import deliver_returns
from pipeline.forms.leaving import is_kept, is_there, leave, order, secure
from pipeline.forms.standings import Standing, returned_of, standing_of
from pipeline.office.people import Presented, act_of, authenticate
from pipeline.station import Station
from storage.forms import CHECKED, SEALED, StoredReturn
from storage.work import Superseded


def recall(station: Station, identifier: str, by: Callable[[], Presented]) -> Standing:
    """What was checked leaves the host, or does not go there; its envelope stays at the station.

    Raises `StationFault` `form-unknown`, `form-not-at-host`, or as `authenticate`; `TamperFault("form-differs")` where
    the host has something else; `HostFault`: `host-retains` where a lock keeps it, and the ledger says so. Of what is
    on its way to a host that is away the order stands: it is not put.
    """
    returned = returned_of(station, identifier)
    if returned.state not in (SEALED, CHECKED) or returned.object_key is None or returned.sha256 is None:
        raise StationFault("form-not-at-host")
    who = authenticate(station, by(), act_of(station, "form-recall", f"form:{returned.id}", {}), CONTROLLING)
    if returned.state == CHECKED:
        _secure(station, returned)
    try:
        order(station, returned, who.entry, who.id)
        _leave(station, returned_of(station, returned.id))
    except Superseded:
        raise StationFault("form-not-at-host") from None
    return standing_of(station, returned.id)


def _leave(station: Station, returned: StoredReturn) -> None:
    """What a worker is about to put is its own to take back; it is asked before the row says that it is there."""
    if returned.state == CHECKED:
        leave(station, returned)
        return
    deliver_returns(station, returned.file, only=returned.id)
    settle.end_file(station, returned.file)


def _secure(station: Station, returned: StoredReturn) -> None:
    """Before anything is said of it: the station has its envelope, or gets it."""
    if is_kept(station, returned):
        return
    if not is_there(station, returned):
        raise StationFault("form-not-at-host")
    secure(station, returned)
