"""One client, one station, one database: a database belongs to the first station that opens it, and to no other."""

from sqlalchemy import URL
from sqlmodel import select

from lexicon.faults import StationFault
from storage.columns import Columns
from storage.database import Database, migrate
from storage.tables import StationRow


def open_owned(url: str | URL, columns: Columns, station: str, *, production: bool) -> Database:
    """The station's database at this version's shape. Raises what `Database`, `migrate` and `claim` raise."""
    database = Database(url, production=production)
    try:
        migrate(database)
        claim(database, columns, station)
    except BaseException:
        database.close()
        raise
    return database


def claim(database: Database, columns: Columns, station: str) -> None:
    """Take an unowned database for `station`, once.

    Two stations of one name are told apart by their keys. Raises `StationFault("database-taken")` for a database that
    belongs to another.
    """
    mine = (station, columns.blind("station", station))
    asked = select(StationRow.id, StationRow.mark)
    with database.read() as session:
        found = session.exec(asked).first()
    if found is None:
        with database.write("station.claim") as session:
            found = session.exec(asked).first()
            if found is None:
                session.add(StationRow(id=mine[0], mark=mine[1]))
                found = mine
    if tuple(found) != mine:
        raise StationFault("database-taken")
