"""The database: durable, serialised, closed to others, at the models' shape, and silent about what was in it."""

import importlib.util
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from types import ModuleType

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from pysqlite3 import dbapi2 as pysqlite
from sqlalchemy import text

from lexicon.faults import StationFault, TamperFault
from storage.columns import Columns
from storage.database import Database, migrate
from storage.tables import EntryRow, ImportRow
from tests.station_fixtures import COLUMNS, open_database

ROOT = Path(__file__).parents[1]


def an_import(identifier: str) -> ImportRow:
    return ImportRow(id=identifier, kind="roster", sha256="", lines=0, added=0, unchanged=0, refused=0, at="")


@pytest.mark.usefixtures("either")
def test_models_and_migrations_agree(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    with database.write_connection("test.write") as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, EntryRow.metadata) == []


@pytest.mark.usefixtures("either")
def test_migrating_again_changes_nothing_and_a_later_version_is_told(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    migrate(database)
    with database.write("test.write") as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StationFault, match="database-newer"):
        migrate(database)


def test_several_databases_are_migrated_at_once_by_one_process(tmp_path: Path) -> None:
    folders = [tmp_path / str(number) for number in range(12)]
    for folder in folders:
        folder.mkdir(0o700)
    with ThreadPoolExecutor(len(folders)) as pool:
        opened = list(pool.map(open_database, folders))
    for database in opened:
        with database.read() as session:
            assert session.execute(text("SELECT version_num FROM alembic_version")).scalar_one()


def test_migrations_run_from_an_installed_wheel_at_the_root_folder(tmp_path: Path) -> None:
    source, dist, site = tmp_path / "source", tmp_path / "dist", tmp_path / "site"
    for room in ("consent_gate", "lexicon", "storage"):
        shutil.copytree(ROOT / room, source / room, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "config.example.toml"):
        shutil.copy(ROOT / name, source)
    (source / "pipeline").mkdir()
    for name in ("cli.py", "README.md", "LICENSE", "demo", "handover"):
        (source / name).touch()
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(dist)]
    subprocess.run(build, cwd=source, check=True, capture_output=True, timeout=60)
    (wheel,) = dist.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(site)
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); import storage.database as d;"
        "assert d.__file__.startswith(sys.argv[1]); b = d.Database('sqlite:///' + sys.argv[2]); d.migrate(b); b.close()"
    )
    run = [sys.executable, "-I", "-B", "-c", program, str(site), str(tmp_path / "100% new" / "station.db")]
    subprocess.run(run, cwd="/", check=True, timeout=60)
    with sqlite3.connect(tmp_path / "100% new" / "station.db") as connection:
        assert connection.execute("SELECT count(*) FROM custody_entry").fetchone() == (0,)
    connection.close()


@pytest.mark.parametrize(
    ("driver", "journal", "synchronous"),
    [(pysqlite, "wal", 2), *([(sqlite3, "truncate", 3)] if sqlite3.sqlite_version_info < (3, 51, 3) else [])],
)
def test_writes_are_durable_with_either_library(
    tmp_path: Path, driver: ModuleType, journal: str, synchronous: int
) -> None:
    database = Database(f"sqlite:///{tmp_path}/station.db", driver=driver)
    migrate(database)
    with database.write("test.write") as session:
        session.add(an_import("one"))
    with database.read() as session:
        assert session.get(ImportRow, "one") is not None
        found = {
            pragma: session.execute(text(f"PRAGMA {pragma}")).scalar()
            for pragma in ("journal_mode", "synchronous", "foreign_keys", "recursive_triggers", "trusted_schema")
        }
    assert found == {
        "journal_mode": journal,
        "synchronous": synchronous,
        "foreign_keys": 1,
        "recursive_triggers": 1,
        "trusted_schema": 0,
    }
    with pytest.raises(TamperFault, match="append-only"), database.write("test.write") as session:
        session.execute(text("INSERT INTO custody_entry VALUES (5, x'00', x'00', x'00')"))


def test_the_files_are_the_stations_alone(tmp_path: Path) -> None:
    folder = tmp_path / "station"
    database = open_database(folder)
    with database.write("test.write") as session:
        session.add(an_import("one"))
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    files = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert files == {"station.db": 0o600, "station.db-wal": 0o600, "station.db-shm": 0o600}


def test_a_folder_open_to_others_is_refused(tmp_path: Path) -> None:
    (tmp_path / "station").mkdir(mode=0o755)
    with pytest.raises(StationFault, match="database-unsafe"):
        Database(f"sqlite:///{tmp_path}/station/station.db")


def test_a_link_in_place_of_the_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "station.db").symlink_to("elsewhere.db")
    with pytest.raises(StationFault, match="database-unusable"):
        Database(f"sqlite:///{tmp_path}/station.db")
    assert not (tmp_path / "elsewhere.db").exists()


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///:memory:", "postgresql+pg8000://host/base", "mysql://host/base", "station.db", ""]
)
def test_an_address_that_is_not_supported_is_told(url: str) -> None:
    with pytest.raises(StationFault, match="database-unsupported"):
        Database(url)


@pytest.mark.usefixtures("either")
def test_threads_never_meet_a_locked_database(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    failures: list[BaseException] = []

    def work(name: str) -> None:
        try:
            for number in range(20):
                with database.write("test.write") as session:
                    session.add(an_import(f"{name}-{number}"))
                with database.read() as session:
                    session.execute(text('SELECT count(*) FROM "import"')).scalar()
        except BaseException as failure:  # noqa: BLE001 - whatever it is, the test tells it
            failures.append(failure)

    threads = [threading.Thread(target=work, args=(str(n),)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with database.read() as session:
        assert session.execute(text('SELECT count(*) FROM "import"')).scalar() == 120


@pytest.mark.usefixtures("either")
def test_a_write_block_within_another_is_told_at_once(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    with (
        database.write("test.write"),
        pytest.raises(RuntimeError, match="open in this thread"),
        database.write("test.write"),
    ):
        pass
    with database.write("test.write") as session:
        session.add(an_import("one"))


@pytest.mark.usefixtures("either")
def test_a_reader_cannot_write(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    with pytest.raises(StationFault, match="database-unusable"), database.read() as session:
        session.execute(text('DELETE FROM "import"'))
    with database.write("test.write") as session:
        session.add(an_import("one"))


@pytest.mark.usefixtures("either")
def test_an_exception_leaves_nothing_of_the_block(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    with pytest.raises(ZeroDivisionError), database.write("test.write") as session:
        assert session.execute(text("INSERT INTO alembic_version VALUES (1)")).rowcount // 0  # type: ignore[attr-defined]
    with database.read() as session:
        assert session.execute(text("SELECT count(*) FROM alembic_version")).scalar() == 1


def test_a_damaged_database_is_told_as_unusable(tmp_path: Path) -> None:
    (tmp_path / "station.db").write_bytes(b"this is no database, but it is long enough to be read as one" * 99)
    database = Database(f"sqlite:///{tmp_path}/station.db")
    for attempt in (partial(database.write, "test.write"), database.read):
        with pytest.raises(StationFault) as caught, attempt() as session:
            session.execute(text("SELECT 1"))
        assert (caught.value.code, caught.value.facts) == ("database-unusable", {"error": "SQLITE_NOTADB"})


def test_a_database_locked_by_another_program_is_told_as_unusable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.database.BUSY_SECONDS", 0.1)
    database = open_database(tmp_path)
    other = pysqlite.connect(str(tmp_path / "station.db"), isolation_level=None)  # type: ignore[attr-defined] # a C module without stub
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StationFault) as caught, database.write("test.write"):
        pass
    other.close()
    assert caught.value.facts == {"error": "SQLITE_BUSY"}
    with database.write("test.write") as session:
        session.add(an_import("one"))


@pytest.mark.usefixtures("either")
def test_what_was_being_written_is_in_no_fault(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    with database.write("test.write") as session:
        session.add(an_import("planted-name"))
    with pytest.raises(StationFault) as caught, database.write("test.write") as session:
        session.add(an_import("planted-name"))
    told = f"{caught.value!r} {caught.value.facts} {caught.value.__cause__}"
    assert "planted-name" not in told


def test_every_migration_is_a_module_that_a_wheel_can_hold() -> None:
    for path in (ROOT / "storage" / "migrations" / "versions").glob("*.py"):
        assert importlib.util.find_spec(f"storage.migrations.versions.{path.stem}") is not None


# Sealed columns ------------------------------------------------------------------------------------------------------


def test_a_sealed_cell_opens_in_its_place_alone() -> None:
    sealed = COLUMNS.seal("patient.identity", "row-1", b"plain")
    assert COLUMNS.open("patient.identity", "row-1", sealed) == b"plain"
    for place, row in (("patient.identity", "row-2"), ("batch.label", "row-1")):
        with pytest.raises(TamperFault, match="column-forged"):
            COLUMNS.open(place, row, sealed)


def test_any_flipped_bit_cut_or_addition_of_a_sealed_cell_is_refused() -> None:
    sealed = COLUMNS.seal("patient.identity", "row", b"plain")
    flipped = [
        bytes([*sealed[:n], sealed[n] ^ (1 << bit), *sealed[n + 1 :]]) for n in range(len(sealed)) for bit in range(8)
    ]
    for other in [*flipped, *(sealed[:n] for n in range(len(sealed))), sealed + b"\0"]:
        with pytest.raises(TamperFault, match="column-forged"):
            COLUMNS.open("patient.identity", "row", other)


def test_the_same_value_never_seals_twice_alike_and_another_key_does_not_open_it() -> None:
    one, other = (COLUMNS.seal("patient.identity", "row", b"plain") for _ in range(2))
    assert one != other
    with pytest.raises(TamperFault, match="column-forged"):
        Columns(b"d" * 32, b"b" * 32).open("patient.identity", "row", one)


def test_blind_indexes_are_one_for_a_purpose_and_a_key() -> None:
    assert COLUMNS.blind("batch", "a", "b") == COLUMNS.blind("batch", "a", "b")
    different = {
        COLUMNS.blind("batch", "a", "b"),
        COLUMNS.blind("batch", "ab"),
        COLUMNS.blind("batch", "a", "b", ""),
        COLUMNS.blind("box", "a", "b"),
        COLUMNS.blind("batcha", "b"),
        Columns(b"c" * 32, b"x" * 32).blind("batch", "a", "b"),
    }
    assert len(different) == 6


def test_keys_of_another_length_are_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Columns(b"c" * 16, b"b" * 32)
