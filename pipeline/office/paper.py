"""Paper itself: sheets that came in a box, that will not be scanned, that went back."""

from lexicon.faults import StationFault
from pipeline.station import Station
from storage.custody import Draft, EntryType
from storage.movements import add_movement, sheets_of

_MOVEMENTS = {
    "receive": ("received", EntryType.CAPTURE),
    "unscanned": ("unscanned", EntryType.CAPTURE),
    "return": ("returned", EntryType.RETURN),
}


def record_movement(station: Station, movement: str, box: str, sheets: int) -> None:
    """Record a movement of `sheets` sheets of a box: `receive`, `unscanned` or `return`, with its entry.

    Raises `StationFault("box-overdrawn")` for more sheets than the box brought.
    """
    name, kind = _MOVEMENTS[movement]
    now = station.clock.now()
    with station.database.write("paper.record") as session:
        known = sheets_of(session, station.columns, box)
        if movement != "receive" and known[name] + sheets > known["received"]:
            raise StationFault("box-overdrawn", received=known["received"], already=known[name])
        index = add_movement(session, station.columns, station.identifiers.new(), box, name, sheets, now)
        draft = Draft(kind, f"box:{index}", name, counts={"sheets": sheets})
        station.ledger.append(session, draft, at=now)
