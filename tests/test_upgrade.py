"""A station of an earlier version: its database comes to this version's shape, and what was on its way ends."""

import hashlib
import json
import signal
import sqlite3
import sys
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest
from alembic import command
from alembic.config import Config
from filelock import FileLock
from sqlalchemy import text
from sqlmodel import Session

from lexicon.faults import EXIT_DONE, EXIT_RUNNING, EXIT_WAITING, StationFault
from pipeline.config import load
from pipeline.station import open_station
from storage.custody import Draft, EntryType
from storage.database import Database, migrate
from tests.crash_fixtures import copied
from tests.station_fixtures import AT, open_ledger
from tests.trial_fixtures import TODAY, Few, Ran, Trial, run_command
from tests.wrong_fixtures import drop, on_server, settled, watching, whole

_OLD: Final = "0001"
_OLD_SHAPE: Final = "5de44a58f1d1cfa60a7089ca01cfd19ba6f0fe6c0016ee7671248c98c11955eb"
"""SHA-256 of the statements in the database of a station that 0.1.0 has founded."""
_MIGRATIONS: Final = Path(__file__).parents[1] / "storage" / "migrations"

# --- A database as 0.1.0 left it --------------------------------------------------------------------------------------


def old_database(path: Path) -> Database:
    """A new database at the shape of 0.1.0."""
    database = Database(f"sqlite:///{path}")
    settings = Config()
    settings.set_main_option("script_location", str(_MIGRATIONS))
    with database.write_connection("test.write") as connection:
        settings.attributes["connection"] = connection
        command.upgrade(settings, _OLD)
    return database


def shape_of(path: Path) -> list[str]:
    """The statements that made the tables, indexes and triggers."""
    with closing(sqlite3.connect(path)) as connection:
        made = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY name"
        return [statement for (statement,) in connection.execute(made)]


def aged(trial: Trial) -> None:
    """The station as 0.1.0 would have left it: its rows, without what only later versions know, in its shape."""
    path, old = trial.home / "station.db", trial.home / "old.db"
    old_database(old).close()
    with closing(sqlite3.connect(path)) as connection:
        waiting = connection.execute("SELECT waits_as, document_id || '-' || version FROM sealed").fetchall()
        connection.execute("ATTACH ? AS old", (str(old),))
        _copy_rows(connection)
    for name, bare in waiting:
        if (trial.home / "sealed" / name).exists():
            (trial.home / "sealed" / name).rename(trial.home / "sealed" / f"{bare}.p7m")
    for leftover in (*trial.home.glob("station.db*"), *trial.home.glob("engine.db*"), trial.home / "keys/backup.key"):
        leftover.unlink()
    old.rename(path)


def _copy_rows(connection: sqlite3.Connection) -> None:
    tables = connection.execute("SELECT name FROM old.sqlite_master WHERE type = 'table'").fetchall()
    for (table,) in tables:
        if table != "alembic_version":
            columns = ", ".join(f'"{c[1]}"' for c in connection.execute(f'PRAGMA old.table_info("{table}")'))
            connection.execute(f'INSERT INTO old."{table}" SELECT {columns} FROM main."{table}" ORDER BY rowid')  # noqa: S608  names of our tables
    connection.commit()


def entries(trial: Trial) -> list[dict[str, object]]:
    with trial.opened() as station, station.database.read() as session:
        return [json.loads(entry) for entry in station.ledger.entries(session)]


def killed(trial: Trial, folder: Path, point: str) -> None:
    """`liasse process`, which a power cut ends there."""
    ran = run_command(
        trial.command("--as-of", TODAY.isoformat(), "process", folder),
        {**trial.environment(), "LIASSE_FAILPOINT": f"{point}=kill"},
    )
    assert ran.code == -signal.SIGKILL, ran.err


def test_the_first_shape_is_that_of_0_1_0_to_the_letter(tmp_path: Path) -> None:
    old_database(tmp_path / "station.db").close()
    made = "\n".join(shape_of(tmp_path / "station.db"))
    assert hashlib.sha256(made.encode()).hexdigest() == _OLD_SHAPE


def test_no_trigger_or_index_of_the_first_shape_is_lost_on_the_way(tmp_path: Path) -> None:
    database = old_database(tmp_path / "station.db")
    before = {made for made in shape_of(tmp_path / "station.db") if not made.startswith("CREATE TABLE")}
    migrate(database)
    database.close()
    assert len(before) > 20
    assert before <= set(shape_of(tmp_path / "station.db"))


# --- Where 0.1.0 was killed -------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def worked(ground: Trial, few: Few, tmp_path_factory: pytest.TempPathFactory) -> Trial:
    """A station without a backup, as all were, that has settled a file; to be copied."""
    trial = Trial.found(tmp_path_factory.mktemp("upgrade") / "station", verapdf="never")
    with trial.opened() as station:
        station.import_sheet("roster", (ground.folder / "roster.csv").read_bytes())
        station.import_sheet("register", (ground.folder / "register.csv").read_bytes())
    _ended(trial.process(few.path.parent))
    return trial


@pytest.fixture
def trial(worked: Trial, tmp_path: Path) -> Trial:
    return copied(worked, tmp_path / "station")


def _ended(ran: Ran) -> None:
    """All that it took has ended; what was refused may wait for a person."""
    assert ran.code in {EXIT_DONE, EXIT_WAITING}, ran.err


MOMENTS: Final = {
    "split.record:before": Counter(captured=1),
    "recognition.record:before": Counter({"in-progress": 1}),
    "sealing.record:after": Counter({"in-progress": 1}),
    "deposit.put:after": Counter({"in-progress": 1}),
    "receipt.record:after": Counter(),
    "clearing.record:before": Counter(),
}
"""Where the program was killed -> what of the second file was certainly on its way."""
_QUICK: Final = {"split.record:before", "deposit.put:after", "clearing.record:before"}


@pytest.mark.parametrize("moment", [m if m in _QUICK else pytest.param(m, marks=pytest.mark.slow) for m in MOMENTS])
def test_what_the_old_version_left_on_its_way_ends_and_what_was_settled_is_let_be(
    trial: Trial, scan: Path, moment: str
) -> None:
    before = entries(trial)
    drop(trial, scan)
    killed(trial, trial.inbox, moment)
    aged(trial)
    assert _on_its_way(trial) >= MOMENTS[moment]
    _ended(trial.process(trial.inbox))
    assert (trial.home / "keys" / "backup.key").stat().st_size == 32
    columns = whole(trial, deposited=2)
    assert (columns["deposited"], columns["refused"]) == (2, 2)
    now = entries(trial)
    assert now[: len(before)] == before
    destroyed = Counter(entry["object"] for entry in now if entry["outcome"] == "working-copies")
    assert set(destroyed.values()) == {1}, "a destruction that was told again"
    _cleared_when_the_ledger_says(trial, now)


def _on_its_way(trial: Trial) -> Counter[str]:
    with closing(sqlite3.connect(trial.home / "station.db")) as connection:
        states = connection.execute("SELECT state FROM file UNION ALL SELECT state FROM document").fetchall()
    return Counter(state for (state,) in states if state in {"captured", "in-progress"})


def _cleared_when_the_ledger_says(trial: Trial, said: list[dict[str, object]]) -> None:
    times = {entry["object"]: entry["time"] for entry in said if entry["outcome"] == "working-copies"}
    with closing(sqlite3.connect(trial.home / "station.db")) as connection:
        rows = connection.execute("SELECT id, cleared_at, state, purged_at FROM document").fetchall()
    assert {f"document:{document}": at for document, at, _, _ in rows} == {
        name: at for name, at in times.items() if str(name).startswith("document:")
    }
    assert all(purged == (at if state == "deposited" else None) for _, at, state, purged in rows)


def test_what_the_old_version_deposited_can_be_backed_up_by_the_new_one(trial: Trial) -> None:
    aged(trial)
    made = trial.run("backup", "--json")
    assert made.code == EXIT_DONE, made.err
    keys = trial.folder / "trial-keys"
    opened = trial.run(
        "backup", "verify", json.loads(made.out)["path"], "--key", keys / "client.key", "--cert", keys / "client.crt"
    )
    assert opened.code == EXIT_DONE, opened.err


def test_the_database_is_left_alone_while_the_old_version_is_at_work(trial: Trial) -> None:
    aged(trial)
    with FileLock(trial.home / "station.lock"):
        assert trial.run("status").code == EXIT_RUNNING
    made = "\n".join(shape_of(trial.home / "station.db"))
    assert hashlib.sha256(made.encode()).hexdigest() == _OLD_SHAPE
    assert trial.run("status").code == EXIT_DONE


def test_a_station_of_today_that_lost_its_backup_key_gets_no_other(trial: Trial) -> None:
    (trial.home / "keys" / "backup.key").unlink()
    with pytest.raises(StationFault, match="key-unavailable"):
        open_station(load(trial.config))
    assert not (trial.home / "keys" / "backup.key").exists()


# --- What the ledger says of rows -------------------------------------------------------------------------------------

_DOCUMENT: Final = "01KEZZZZZZZZZZZZZZZZZZZZZ"
_BATCH: Final = f"{_DOCUMENT}B"
_SHA: Final = "ab" * 32


def test_a_key_that_was_being_taken_back_is_never_used_again(tmp_path: Path) -> None:
    """0.1.0 was killed after it told the host to let go (1), after the host had (2), or before anything (3)."""
    database = old_database(tmp_path / "station.db")
    _lay_documents(database, (1, 2, 3))
    _tell(database, *(_destruction(n, outcome) for n, outcome in ((1, "taking-back"), (2, "taking-back"))))
    _tell(database, _destruction(2, "taken-back"))
    migrate(database)
    with database.read() as session:
        versions = {row[0]: row[1] for row in session.execute(text("SELECT id, version FROM document"))}
        told = {
            row[0]: row[1] for row in session.execute(text("SELECT document_id, taken_back_at IS NOT NULL FROM sealed"))
        }
        waiting = set(session.execute(text("SELECT waits_as FROM sealed")).scalars())
    database.close()
    assert versions == {f"{_DOCUMENT}1": 2, f"{_DOCUMENT}2": 2, f"{_DOCUMENT}3": 1}
    assert told == {f"{_DOCUMENT}1": 0, f"{_DOCUMENT}2": 1, f"{_DOCUMENT}3": 0}
    assert waiting == {f"{_DOCUMENT}{n}-1.p7m" for n in (1, 2, 3)}


@pytest.mark.parametrize(("deposited", "accounted"), [((), 0), ((2,), 2), ((1, 3), 3)])
def test_an_index_that_was_deposited_is_accounted_for(
    tmp_path: Path, deposited: tuple[int, ...], accounted: int
) -> None:
    database = old_database(tmp_path / "station.db")
    _lay_documents(database, ())
    receipts = (
        Draft(EntryType.RECEIPT, f"batch:{_BATCH}", "deposited", counts={"index-version": n}) for n in deposited
    )
    _tell(database, *receipts)
    migrate(database)
    with database.read() as session:
        found = session.execute(text("SELECT index_accounted FROM batch")).scalar()
    database.close()
    assert found == accounted


def _lay_documents(database: Database, numbers: tuple[int, ...]) -> None:
    """Documents on their way, sealed."""
    with database.write("test.write") as session:
        session.execute(text("INSERT INTO batch VALUES (:b, x'00', '', '', NULL, 3)"), {"b": _BATCH})
        file = "INSERT INTO file VALUES ('f', :b, x'00', '', 1, 'split', 3, NULL, NULL, '', NULL)"
        session.execute(text(file), {"b": _BATCH})
        for number in numbers:
            _lay_document(session, f"{_DOCUMENT}{number}")


def _lay_document(session: Session, identifier: str) -> None:
    document = (
        "INSERT INTO document (id, batch_id, file_id, ordinal, pages, version, state, captured_at)"
        " VALUES (:d, :b, 'f', 1, 1, 1, 'in-progress', '')"
    )
    session.execute(text(document), {"d": identifier, "b": _BATCH})
    sealed = "INSERT INTO sealed VALUES (:d, 1, :d, '', :s, 1, 1, '1b', '[]', '')"
    session.execute(text(sealed), {"d": identifier, "s": _SHA})


def _destruction(number: int, outcome: str) -> Draft:
    return Draft(EntryType.DESTRUCTION, f"document:{_DOCUMENT}{number}", outcome, hashes_in=(_SHA,), sizes_in=(1,))


def _tell(database: Database, *drafts: Draft) -> None:
    with database.write("test.write") as session:
        open_ledger(database).append(session, *drafts, at=AT)


# --- Another engine ---------------------------------------------------------------------------------------------------

_OTHER_ENGINE: Final = "import pipeline.durable; pipeline.durable.VERSION = '0'; import cli; cli.main()"
"""The program with another shape of workflows."""


@pytest.fixture(params=["sqlite", "postgresql"])
def station(request: pytest.FixtureRequest, site: Trial) -> Trial:
    """A station on either database."""
    return site if request.param == "sqlite" else on_server(site, request.getfixturevalue("postgresql_url"))


def killed_with_another_engine(trial: Trial, point: str) -> Ran:
    arguments = trial.command("--as-of", TODAY.isoformat(), "process", trial.inbox)[1:]
    variables: Mapping[str, str] = {**trial.environment(), "LIASSE_FAILPOINT": f"{point}=kill"}
    ran = run_command([sys.executable, "-c", _OTHER_ENGINE, *arguments], variables)
    assert ran.code == -signal.SIGKILL, ran.err
    return ran


@pytest.mark.parametrize(
    "point", ["deposit.put:after", pytest.param("recognition.record:before", marks=pytest.mark.slow)]
)
def test_what_another_engine_left_in_a_step_ends_once(station: Trial, scan: Path, point: str) -> None:
    drop(station, scan)
    killed_with_another_engine(station, point)
    _ended(station.process(station.inbox))
    whole(station, deposited=1)


def test_the_daemon_ends_what_another_engine_left_in_a_step(station: Trial, scan: Path) -> None:
    drop(station, scan)
    killed_with_another_engine(station, "recognition.record:before")
    with watching(station) as daemon:
        daemon.until(lambda: "deposited" in settled(daemon))
        assert daemon.stop() == 0
    whole(station, deposited=1)
