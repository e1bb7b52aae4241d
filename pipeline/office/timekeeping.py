"""The station's clock against its ledger; and the one way back from a ledger that was dated ahead by a wrong clock."""

from typing import Any

from lexicon.faults import StationFault
from pipeline.clock import wall
from pipeline.station import Station, alone
from storage.times import write_time


def reading(station: Station) -> dict[str, Any]:
    """What the clock says, when the last entry was written, and by how many seconds the clock is behind it."""
    now, last = wall(), station.ledger.last_time()
    behind = max(0, round((last - now).total_seconds())) if last else 0
    return {
        "clock": write_time(now),
        "last_entry": write_time(last) if last else None,
        "behind": behind,
        "trusted": station.ledger.clock_reading(now).trusted,
    }


def accept(station: Station) -> dict[str, Any]:
    """Take the wall clock's word against the ledger's, and say so in it; what the clock was behind before.

    Raises `StationFault` `already-running`; `clock-not-behind` where there is nothing to accept; `clock-before-station`
    where the clock is behind the founding; `clock-facts-ahead` where the register was told something at a time that is
    still to come: what is told from now on would count as older.
    """
    before, now = reading(station), wall()
    with alone(station), station.database.write("clock.accept") as session:
        first = station.ledger.first_time(session)
        if first is not None and now < first:
            raise StationFault("clock-before-station")
        if station.register.told_after(session, now):
            raise StationFault("clock-facts-ahead")
        station.ledger.accept_clock(session, now)
    return before
