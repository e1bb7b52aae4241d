"""On SQLite and PostgreSQL alike: one writer, one state for a reader, evidence that stays, one station, one holder."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from lexicon.faults import StationFault, TamperFault
from storage.columns import Columns
from storage.custody import Draft, EntryType
from storage.database import Database, engine_for_dbos, migrate
from storage.owner import claim
from storage.tables import BatchRow, FactRow, FileRow, ImportRow
from tests.station_fixtures import AT, COLUMNS, open_ledger

ROOT = Path(__file__).parents[1]
FILE = "file:01KEZZZZZZZZZZZZZZZZZZZZZZ"
WORDS = ["a", "B", "_", "é", "Z", "z", "É", "0", "a-b", "aB", "ab", "À", "~", "-"]


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    migrate(database)
    yield database
    database.close()


@pytest.fixture
def other(database: Database, database_url: str) -> Iterator[Database]:
    """The same database, opened a second time: to it, the first is another process."""
    assert database.dialect in database_url
    other = Database(database_url)
    yield other
    other.close()


def an_import(identifier: str) -> ImportRow:
    return ImportRow(id=identifier, kind="roster", sha256="", lines=0, added=0, unchanged=0, refused=0, at="")


def imports(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.exec(select(ImportRow.id).order_by(ImportRow.id)))


def append(database: Database, count: int) -> None:
    ledger = open_ledger(database)
    for _ in range(count):
        with database.write("test.write") as session:
            ledger.append(session, Draft(EntryType.CAPTURE, FILE, counts={"pages": 1}), at=AT)


def test_text_sorts_byte_by_byte(database: Database) -> None:
    with database.write("test.write") as session:
        session.add_all(map(an_import, WORDS))
    assert imports(database) == sorted(WORDS)
    with database.read() as session:
        later = session.exec(select(ImportRow.id).where(col(ImportRow.id) > "a")).all()
    assert set(later) == {word for word in WORDS if word > "a"}


def test_a_size_beyond_two_gibibytes_is_kept(database: Database) -> None:
    with database.write("test.write") as session:
        session.add(BatchRow(id="b", label_sealed=b"", label_index="", opened_at=""))
        session.flush()
        session.add(
            FileRow(id="f", batch_id="b", name_sealed=b"\0", sha256="", size=1 << 40, state="captured", captured_at="")
        )
    with database.read() as session:
        row = session.get_one(FileRow, "f")
        assert (row.size, row.name_sealed) == (1 << 40, b"\0")


def test_a_reader_sees_one_state_whatever_is_committed_meanwhile(database: Database, other: Database) -> None:
    with database.write("test.write") as session:
        session.add(an_import("one"))
    with database.read() as session:
        before = session.exec(select(ImportRow.id)).all()
        with other.write("test.write") as writing:
            writing.add(an_import("two"))
        assert session.exec(select(ImportRow.id)).all() == before == ["one"]
    assert imports(database) == ["one", "two"]


def test_a_large_answer_comes_in_parts_and_others_are_asked_meanwhile(database: Database) -> None:
    append(database, 3)
    with database.write("test.write") as session:
        session.add_all(an_import(f"{n:04}") for n in range(500))
    found = 0
    with database.read() as session:
        for identifier in session.exec(select(ImportRow.id).execution_options(yield_per=50)):
            found += 1
            assert session.get(ImportRow, identifier) is not None
    assert found == 500


def test_a_writer_waits_for_another_to_end(database: Database, other: Database) -> None:
    order: list[str] = []

    def second() -> None:
        with other.write("test.write") as session:
            order.append("second")
            session.add(an_import("two"))

    with database.write("test.write") as session:
        thread = threading.Thread(target=second)
        thread.start()
        time.sleep(0.3)
        order.append("first")
        session.add(an_import("one"))
    thread.join()
    assert order == ["first", "second"]
    assert imports(database) == ["one", "two"]


def test_a_writer_that_waits_too_long_is_told(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.database.BUSY_SECONDS", 0.2)
    hurried = Database(database_url)
    with (
        database.write("test.write"),
        pytest.raises(StationFault, match="database-unusable") as caught,
        hurried.write("test.write"),
    ):
        pass
    assert caught.value.facts["error"] in {"WRITER_BUSY", "SQLITE_BUSY"}
    with hurried.write("test.write") as session:
        session.add(an_import("one"))
    hurried.close()


_APPEND = """
import sys
from storage.database import Database
from tests.test_database_either import append
database = Database(sys.stdin.read())
append(database, 10)
database.close()
"""


def test_processes_that_append_together_leave_no_fork_and_no_gap(database: Database, database_url: str) -> None:
    running = [
        subprocess.Popen([sys.executable, "-c", _APPEND], cwd=ROOT, stdin=subprocess.PIPE, text=True) for _ in range(2)
    ]
    for process in running:
        assert process.stdin is not None
        process.stdin.write(database_url)
        process.stdin.close()
    append(database, 10)
    assert [process.wait(60) for process in running] == [0, 0]
    verdict = open_ledger(database).verify()
    assert (verdict.verified, verdict.entries) == (True, 30)


# Evidence ------------------------------------------------------------------------------------------------------------

CHANGES = [
    "UPDATE custody_entry SET leaf = leaf",
    "DELETE FROM custody_entry WHERE seq = 1",
    "INSERT INTO custody_entry SELECT * FROM custody_entry WHERE seq = 1",
    "INSERT INTO custody_entry SELECT seq + 5, entry, leaf, frontier FROM custody_entry WHERE seq = 1",
    "INSERT INTO custody_entry SELECT * FROM custody_entry WHERE seq = 1 ON CONFLICT DO NOTHING",
    "INSERT INTO custody_entry SELECT * FROM custody_entry WHERE true ON CONFLICT (seq) DO UPDATE SET leaf = ''",
    "UPDATE custody_node SET hash = hash",
    "DELETE FROM custody_node",
    "INSERT INTO custody_node SELECT * FROM custody_node",
    "UPDATE custody_checkpoint SET note = ''",
    "DELETE FROM custody_checkpoint",
    "INSERT INTO custody_checkpoint SELECT * FROM custody_checkpoint",
    "UPDATE fact SET kind = 'granted'",
    "DELETE FROM fact",
    "INSERT INTO fact SELECT * FROM fact",
    "UPDATE station SET id = 'other'",
    "DELETE FROM station",
]


@pytest.fixture
def evidence(database: Database) -> Database:
    """Entries, nodes, a checkpoint, a fact, an owner."""
    append(database, 3)
    claim(database, COLUMNS, "atelier-1")
    with database.write("test.write") as session:
        open_ledger(database).checkpoint(session, AT)
        session.add(FactRow(id="1", patient_index="", kind="", on="", digest="", recorded_at=""))
    return database


@pytest.mark.parametrize("change", CHANGES)
def test_the_database_itself_refuses_to_change_evidence(evidence: Database, change: str) -> None:
    with pytest.raises(TamperFault, match="append-only"), evidence.write("test.write") as session:
        session.execute(text(change))
    assert open_ledger(evidence).verify().verified
    append(evidence, 1)


# One station ---------------------------------------------------------------------------------------------------------


def test_a_database_belongs_to_the_first_station_and_to_no_other(database: Database, other: Database) -> None:
    claim(database, COLUMNS, "atelier-1")
    claim(other, COLUMNS, "atelier-1")
    with pytest.raises(StationFault, match="database-taken"):
        claim(other, COLUMNS, "atelier-2")
    with pytest.raises(StationFault, match="database-taken"):
        claim(other, Columns(b"c" * 32, b"other key of the same name......"), "atelier-1")


# One holder ----------------------------------------------------------------------------------------------------------


def test_a_name_is_held_by_one_at_a_time(database: Database, other: Database) -> None:
    with database.hold("station") as held:
        assert held.held()
        with pytest.raises(StationFault, match="already-running"), other.hold("station"):
            pass
        with other.hold("another") as second:
            assert second.held()
        assert held.held()
    with other.hold("station") as held:
        assert held.held()


def test_what_goes_wrong_while_a_name_is_held_is_told_as_it_is(database: Database, other: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.hold("station"):
        assert 1 // 0
    with other.hold("station"):
        pass


_HOLD = """
import sys
from storage.database import Database
with Database(sys.stdin.readline().strip()).hold("station") as held:
    print(held.held(), flush=True)
    sys.stdin.read()
"""


def test_a_killed_holder_holds_no_more(database: Database, database_url: str) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLD], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        print(database_url, file=holder.stdin, flush=True)
        assert holder.stdout.readline() == "True\n"
        with pytest.raises(StationFault, match="already-running"), database.hold("station"):
            pass
        holder.kill()
    until = time.monotonic() + 10
    while not can_hold(database) and time.monotonic() < until:
        time.sleep(0.02)
    assert can_hold(database)


def can_hold(database: Database) -> bool:
    try:
        with database.hold("station") as held:
            return held.held()
    except StationFault:
        return False


# The durable engine's own --------------------------------------------------------------------------------------------


def test_the_engines_own_tables_are_not_the_record_and_wait_for_no_disk(database: Database, database_url: str) -> None:
    engine = engine_for_dbos(database_url)
    lasting = {"sqlite": ("PRAGMA synchronous", "1"), "postgresql": ("SHOW synchronous_commit", "off")}
    asked, expected = lasting[database.dialect]
    for _ in range(3):
        with engine.connect() as connection:
            assert str(connection.exec_driver_sql(asked).scalar()) == expected
            if database.dialect == "sqlite":
                driver = connection.connection.driver_connection
                assert driver is not None
                assert driver.isolation_level == "IMMEDIATE"
                assert connection.exec_driver_sql("PRAGMA database_list").all()[0][2].endswith("/engine.db")
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("SELECT 1")
    engine.dispose()
