"""The station on PostgreSQL: the same journey by changing one URL, the same accounts, nobody named in the server."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from demo.records import Invented
from handover.recount import recount
from lexicon.faults import StationFault, TamperFault
from pipeline.config import load
from pipeline.office.founding import Founding, found
from tests.hunter import Hunter, Person
from tests.pg_fixtures import Server
from tests.trial_fixtures import Few, Json, Ran, Trial, people


def moved_to(trial: Trial, url: str) -> Trial:
    """The same station with another address, its password in a file of the station's."""
    address = make_url(url)
    secret = trial.folder / "database.secret"
    secret.write_text(f"{address.password}\n", encoding="ascii")
    secret.chmod(0o600)
    shown = url.replace(f":{address.password}@", "@")
    told = f'\n[database]\nurl = "{shown}"\npassword = "file:{secret.name}"\n'
    trial.config.write_text(trial.config.read_text(encoding="utf-8") + told, encoding="utf-8")
    return trial


@dataclass(frozen=True, slots=True)
class Both:
    """The same records processed on each kind of database."""

    sqlite: Ran
    postgresql: Ran
    trial: Trial
    """The station on PostgreSQL."""
    database: str
    logged: bytes
    """What the server's log had to say of it."""


@pytest.fixture(scope="module")
def both(
    tmp_path_factory: pytest.TempPathFactory, invented_records: Invented, few: Few, postgresql: Server, migrated: str
) -> Both:
    folder = tmp_path_factory.mktemp("both")
    one, other = (Trial.found(folder / name, verapdf="never") for name in ("one", "other"))
    database = postgresql.create(migrated)
    moved_to(other, postgresql.url(database))
    began = postgresql.log.stat().st_size
    for trial in (one, other):
        trial.know(invented_records)
    first, second = (trial.process(few.path.parent, "--json") for trial in (one, other))
    return Both(first, second, other, database, said_since(postgresql, began))


def said_since(server: Server, began: int) -> bytes:
    """What the log says from there on, each line once: the durable engine asks the same all the time."""
    return b"\n".join(dict.fromkeys(server.log.read_bytes()[began:].splitlines()))


def ends(ran: Ran) -> list[tuple[object, ...]]:
    lines = ran.of_kind("document")
    return sorted((tuple(line["pages"]), line["patient"], line["outcome"], str(line["reason"])) for line in lines)


def balance(ran: Ran) -> Json:
    return {name: ran.accounts[name] for name in ("images", "paper", "waiting")}


def test_the_journey_is_the_same_and_so_are_the_accounts(both: Both, few: Few) -> None:
    assert (both.postgresql.code, both.postgresql.err) == (both.sqlite.code, both.sqlite.err)
    assert ends(both.postgresql) == ends(both.sqlite)
    assert len(ends(both.postgresql)) == len(few.documents)
    assert balance(both.postgresql) == balance(both.sqlite)
    assert both.postgresql.accounts["images"]["balanced"]


def test_nothing_of_it_is_in_a_file_of_sqlite(both: Both) -> None:
    assert {path.name for path in both.trial.home.glob("*.db*")} <= {"station.db"}, "of the founding, before the move"


def test_the_ledger_verifies_and_the_handover_agrees_with_it(both: Both, tmp_path: Path) -> None:
    assert both.trial.run("custody", "verify").code == 0
    built = both.trial.run("handover", "build", "--out", tmp_path / "restitution")
    assert built.code == 0, built.err
    assert recount(tmp_path / "restitution").balanced


QUESTIONS = [
    ("status", "--json"),
    ("custody", "show"),
    ("document", "find", "--patient", "A1001"),
]


@pytest.mark.parametrize("question", QUESTIONS, ids=" ".join)
def test_every_question_is_answered(both: Both, question: tuple[str, ...]) -> None:
    answered = both.trial.run(*question)
    assert (answered.code, answered.err) == (0, "")
    assert answered.out


def test_the_database_refuses_to_change_the_evidence_of_it(both: Both) -> None:
    with both.trial.opened() as station:
        for table in ("custody_entry", "custody_node", "custody_checkpoint", "fact", "station"):
            for change in (f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):  # noqa: S608  names from the line above
                with pytest.raises(TamperFault, match="append-only"), station.database.write("test.write") as session:
                    session.execute(text(change))


@pytest.fixture(scope="module")
def hunter() -> Hunter:
    return Hunter(map(Person.of, people()), {})


def test_nobody_is_named_in_a_dump_of_everything(both: Both, postgresql: Server, hunter: Hunter) -> None:
    dump = postgresql.dump(both.database)
    assert dump.count(b"\n") > 100
    assert hunter.in_bytes(dump, "dump") == set()


def test_nobody_is_named_in_a_log_that_says_all(both: Both, hunter: Hunter) -> None:
    assert both.logged.count(b"INSERT INTO") > 20
    assert hunter.in_bytes(both.logged, "log") == set()


def test_the_hunt_reaches_dump_and_log(both: Both, postgresql: Server, hunter: Hunter) -> None:
    (person,) = [person for person in people() if person.usage_name == "GUILLOU"]
    planted = str(person.usage_name)
    began = postgresql.log.stat().st_size
    with postgresql.boss(both.database) as connection:
        connection.execute(
            "CREATE TABLE planted AS SELECT %s::text AS cell, %s::bytea AS raw", (planted, planted.encode())
        )
    dump = postgresql.dump(both.database)
    postgresql.do("DROP TABLE planted", both.database)
    assert {trace.layers for trace in hunter.in_bytes(dump, "dump") if trace.term == planted} == {(), ("hex",)}
    assert {trace.term for trace in hunter.in_bytes(said_since(postgresql, began), "log")} == {planted}


# Founded on it -------------------------------------------------------------------------------------------------------


@pytest.fixture
def founding(postgresql_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Founding]:
    address = make_url(postgresql_url)
    monkeypatch.setenv("LIASSE_DATABASE", str(address.password))
    url = postgresql_url.replace(f":{address.password}@", "@")
    yield Founding("trial", "Service inventé", "CT-1", database=url, database_password="env:LIASSE_DATABASE")
    assert "LIASSE_DATABASE" in os.environ


def test_a_station_is_founded_on_the_server_and_leaves_no_other_database(founding: Founding, tmp_path: Path) -> None:
    found(tmp_path / "station", founding, datetime.now(UTC))
    trial = Trial(tmp_path / "station")
    with trial.opened() as station:
        assert station.ledger.verify().entries == 1
    assert list(trial.home.glob("*.db*")) == []


def test_two_stations_do_not_share_a_database(founding: Founding, tmp_path: Path) -> None:
    found(tmp_path / "one", founding, datetime.now(UTC))
    with pytest.raises(StationFault, match="database-taken"):
        found(tmp_path / "two", founding, datetime.now(UTC))
    other = tmp_path / "three"
    shutil.copytree(tmp_path / "one", other)
    told = (other / "config.toml").read_text(encoding="utf-8")
    (other / "config.toml").write_text(told.replace('id = "st-', 'id = "st-x'), encoding="utf-8")
    with pytest.raises(StationFault, match="database-taken"), Trial(other).opened():
        pass


# The password --------------------------------------------------------------------------------------------------------


def test_a_password_in_the_address_is_refused_and_not_repeated(tmp_path: Path) -> None:
    trial = Trial.found(tmp_path / "station", verapdf="never")
    with trial.config.open("a", encoding="utf-8") as told:
        told.write('\n[database]\nurl = "postgresql://liasse:planted-secret@localhost/liasse"\n')
    with pytest.raises(StationFault, match="config-invalid") as caught:
        load(trial.config)
    assert "planted-secret" not in f"{caught.value.facts}"
    assert caught.value.facts["setting"] == "database.url"


def test_the_password_is_in_no_text_of_the_configuration(tmp_path: Path) -> None:
    trial = moved_to(Trial.found(tmp_path / "station"), "postgresql://liasse:planted-secret@localhost/liasse")
    config = load(trial.config)
    assert config.database_url.password == "planted-secret"
    assert "planted-secret" not in f"{config!r} {config.database_url} {config.model_dump_json()}"
