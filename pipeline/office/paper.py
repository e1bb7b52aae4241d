"""Paper itself: sheets that came in a box, that will not be scanned, that went back, that were destroyed."""

from collections import Counter

from sqlmodel import Session

from consent_gate.people import DESTROYING
from lexicon.faults import StationFault
from pipeline.office.deletion import written_reference
from pipeline.office.excluded import film_sheets
from pipeline.office.people import Authenticated, Presented, act_of, authenticate
from pipeline.station import Station
from storage.custody import DESTROYED, Draft, EntryType
from storage.movements import Movement, add_movement, sheets_of

_MOVEMENTS = {
    "receive": ("received", EntryType.CAPTURE),
    "unscanned": ("unscanned", EntryType.CAPTURE),
    "return": ("returned", EntryType.RETURN),
}


def record_movement(station: Station, movement: str, box: str, sheets: int) -> None:
    """Record a movement of `sheets` sheets of a box: `receive`, `unscanned` or `return`, with its entry.

    Raises `StationFault("box-overdrawn")` for more sheets than the box brought, or than are there.
    """
    name, kind = _MOVEMENTS[movement]
    _record(station, Movement(box, name, sheets), kind)


def record_destruction(station: Station, box: str, sheets: int, by: Presented, reference: str) -> None:
    """Record that `sheets` sheets of a box were destroyed; `reference` (the order's, the certificate's) is sealed at
    rest. From now on a deletion at the host needs the controller's order.

    Raises `StationFault` `box-overdrawn` for more sheets than are there, `box-holds-films` where films would have to be
    among them, `reference-unfit`, or what `authenticate` raises.
    """
    movement = Movement(box, DESTROYED, sheets, written_reference(reference))
    about = f"box:{station.columns.blind('box', box)}"
    act = act_of(station, "box-destroyed", about, {"sheets": sheets, "reference": movement.reference})
    _record(station, movement, EntryType.DESTRUCTION, authenticate(station, by, act, DESTROYING))


def _record(station: Station, movement: Movement, kind: EntryType, by: Authenticated | None = None) -> None:
    now = station.clock.now()
    with station.database.write("paper.record") as session:
        known = sheets_of(session, station.columns, movement.box)
        gone = ("returned", DESTROYED) if movement.name in {"returned", DESTROYED} else (movement.name,)
        already = sum(known[name] for name in gone)
        if movement.name != "received" and already + movement.sheets > known["received"]:
            raise StationFault("box-overdrawn", received=known["received"], already=already)
        if movement.name == DESTROYED:
            _require_no_films(station, session, movement, known)
        index = add_movement(session, station.columns, station.identifiers.new(), movement, now)
        draft = Draft(
            kind,
            f"box:{index}",
            movement.name,
            counts={"sheets": movement.sheets},
            person=by.id if by else None,
            parent=by.entry if by else None,
        )
        station.ledger.append(session, draft, at=now)


def _require_no_films(station: Station, session: Session, movement: Movement, known: Counter[str]) -> None:
    """Films are not destroyed: so many sheets of the box as they are stay, or went back."""
    films = film_sheets(station, session, movement.box)
    if known[DESTROYED] + movement.sheets > known["received"] - films:
        raise StationFault("box-holds-films", films=films, received=known["received"])
