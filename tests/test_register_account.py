"""What another hand takes from the register, or puts back as it was, leaves its entry in the ledger behind."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import Connection

import pytest

from lexicon.faults import TamperFault
from pipeline.office.enrolling import disable
from pipeline.office.people import Presented
from pipeline.station import Station
from storage import register_account
from storage.custody import Draft, EntryType
from tests.handover_fixtures import ABSALON, LEONIE, Workshop
from tests.people_fixtures import Staff, staffed
from tests.station_fixtures import burglar

HEAD = "patient_id;nom_naissance;prenom;date_naissance;nir;statut;date_signature;date_fin;perimetre;note"


def sheet(*lines: str) -> bytes:
    return "\n".join([HEAD, *lines, ""]).encode()


def line(said: str, on: str) -> str:
    return f"{LEONIE.ref};{LEONIE.birth_name};{LEONIE.given_names[0]};{LEONIE.birth_date};;{said};{on};;tous_documents;"


GRANT = sheet(line("accordee", "2025-01-01"))


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    """A patient who authorized, by one import."""
    with opened(tmp_path) as station:
        with station.database.write("test.write") as session:
            station.roster.add(session, [LEONIE, ABSALON], station.clock.now())
        station.import_sheet("register", GRANT)
        yield station


@contextmanager
def opened(folder: Path) -> Iterator[Station]:
    workshop = Workshop.open(folder / "st")
    try:
        yield workshop.station
    finally:
        workshop.station.close()


def copied(connection: Connection, table: str) -> Callable[[Connection], None]:
    """What puts the rows of a table back as they are now."""
    rows = connection.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608  a name of ours

    def put_back(later: Connection) -> None:
        later.execute(f"DELETE FROM {table}")  # noqa: S608
        for row in rows:
            later.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)  # noqa: S608

    return put_back


def missing(station: Station) -> tuple[str, ...]:
    with station.database.read() as session:
        return register_account.missing(session, station.ledger.entries(session))


def proved_later(staff: Staff) -> Presented:
    """By the administrator, with a code of another half minute."""
    staff.clock.pass_(minutes=2)
    return staff.administrator.proved()


def test_what_was_recorded_is_there(station: Station) -> None:
    station.import_sheet("register", sheet(line("retiree", "2025-02-01"), line("refusee", "31/02/2025")))
    staff = staffed(station)
    disable(station, staff.reviewer().id, proved_later(staff))
    assert missing(station) == ()


def test_a_withdrawal_that_is_taken_away_with_yesterdays_seal_put_back_is_missed(
    station: Station, tmp_path: Path
) -> None:
    station.close()
    with burglar(tmp_path / "st" / "station") as connection:
        yesterday = copied(connection, "fact_seal")
    with opened(tmp_path) as again:
        withdrawn = again.import_sheet("register", sheet(line("retiree", "2025-02-01")))
    with burglar(tmp_path / "st" / "station") as connection:
        connection.execute("DELETE FROM fact WHERE kind = 'withdrawn'")
        yesterday(connection)
    with opened(tmp_path) as after:
        with after.database.read() as session:
            after.register.facts(session, LEONIE.ref)  # whose seal holds
        assert missing(after) == (f"import:{withdrawn.id}",)
        with after.database.read() as session, pytest.raises(TamperFault, match="register-forged"):
            register_account.require(session, after.ledger.entries(session))


def test_a_register_that_is_emptied_and_imported_again_without_its_noes_is_missed(
    station: Station, tmp_path: Path
) -> None:
    station.import_sheet("register", sheet(line("retiree", "2025-02-01")))
    station.close()
    with burglar(tmp_path / "st" / "station") as connection:
        connection.execute("DELETE FROM fact")
        connection.execute("DELETE FROM fact_seal")
    with opened(tmp_path) as after:
        after.import_sheet("register", GRANT)
        assert len(missing(after)) == 2


def test_a_disabled_person_put_back_is_missed(station: Station, tmp_path: Path) -> None:
    staff = staffed(station)
    gone = staff.reviewer()
    station.database.close()
    with burglar(tmp_path / "st" / "station") as connection:
        before = copied(connection, "person")
    disable(station, gone.id, proved_later(staff))
    station.close()
    with burglar(tmp_path / "st" / "station") as connection:
        before(connection)
    with opened(tmp_path) as after:
        assert missing(after) == (f"person:{gone.id}",)


def test_a_fact_that_a_person_recorded_is_missed(station: Station) -> None:
    ulid = "01K00000000000000000000000"
    with station.database.write("test.write") as session:
        draft = Draft(EntryType.REVIEW, f"fact:{ulid}", "withdrawn-recorded")
        station.ledger.append(session, draft, at=station.clock.now())
    assert missing(station) == (f"fact:{ulid}",)
