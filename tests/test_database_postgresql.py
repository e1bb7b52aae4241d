"""PostgreSQL: what a server adds to go wrong is told by its own name, and the station goes on after it."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import text
from sqlalchemy.engine import make_url

from lexicon.faults import Fault, StationFault, TamperFault
from storage.custody import Draft, EntryType
from storage.database import Database, migrate
from storage.dialects import postgresql as room
from storage.dialects.addresses import require_encrypted
from storage.evidence import Finding, Flaw
from storage.merkle import Frontier, leaf_hash
from storage.tables import ImportRow
from tests.pg_fixtures import STATION, Server
from tests.station_fixtures import AT, open_ledger

END_ALL = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{STATION}'"  # noqa: S608  a constant
FILE = "file:01KEZZZZZZZZZZZZZZZZZZZZZZ"


@pytest.fixture
def database(postgresql_url: str) -> Iterator[Database]:
    database = Database(postgresql_url)
    yield database
    database.close()


def name_of(url: str) -> str:
    return str(make_url(url).database)


def add(database: Database, identifier: str) -> None:
    with database.write("test.write") as session:
        session.add(ImportRow(id=identifier, kind="roster", sha256="", lines=0, added=0, unchanged=0, refused=0, at=""))


def count(database: Database) -> int:
    with database.read() as session:
        return int(session.execute(text('SELECT count(*) FROM "import"')).scalar_one())


# The address ---------------------------------------------------------------------------------------------------------


def test_without_the_driver_the_command_that_brings_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)  # what the import system takes for absent
    with pytest.raises(StationFault, match="program-missing") as caught:
        Database("postgresql://nobody@127.0.0.1/none")
    assert caught.value.facts == {"program": "psycopg", "install": "pip install 'liasse[postgres]'"}


ELSEWHERE = [
    "postgresql://liasse@db.example/liasse",
    "postgresql://liasse@db.example/liasse?sslmode=require",
    "postgresql://liasse@10.0.0.7/liasse?sslmode=verify-ca",
    "postgresql://liasse@/liasse?host=db.example",
    "postgresql://liasse@/liasse?host=localhost&host=db.example:5433",
    "postgresql://liasse@localhost/liasse?hostaddr=10.0.0.7",
    "postgresql://liasse@/liasse?service=far",
    "postgresql://liasse@[2001:db8::7]/liasse",
    "postgresql://liasse@localhost.example/liasse",
]
HERE = [
    "postgresql://liasse@/liasse",
    "postgresql://liasse@localhost/liasse",
    "postgresql://liasse@127.0.0.1:5433/liasse",
    "postgresql://liasse@[::1]/liasse",
    "postgresql://liasse@/liasse?host=/run/postgresql",
    "postgresql://liasse@/liasse?host=localhost:5432&host=127.0.0.1:5433",
]


@pytest.mark.parametrize("url", ELSEWHERE)
def test_in_production_another_machine_is_spoken_to_encrypted_or_not_at_all(url: str) -> None:
    with pytest.raises(StationFault, match="database-unencrypted"):
        Database(url, production=True)
    Database(url).close()
    require_encrypted(make_url(url).difference_update_query(["sslmode"]).update_query_dict({"sslmode": "verify-full"}))


@pytest.mark.parametrize("url", HERE)
def test_this_machine_needs_no_encryption_but_libpqs_own_variables_count(url: str) -> None:
    require_encrypted(make_url(url), {})
    require_encrypted(make_url(url), {"PGSERVICE": "far", "PGSSLMODE": "verify-full"})
    with pytest.raises(StationFault, match="database-unencrypted"):
        require_encrypted(make_url(url), {"PGSERVICE": "far"})


def test_libpqs_host_counts_where_the_address_names_none() -> None:
    with pytest.raises(StationFault, match="database-unencrypted"):
        require_encrypted(make_url("postgresql:///liasse"), {"PGHOST": "db.example"})


def make_certificate(key: Path, certificate: Path) -> None:
    made = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(key), "-out", str(certificate))
    named = ("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2")
    subprocess.run([*made, *named], check=True, capture_output=True)


@pytest.fixture
def certificate(postgresql: Server) -> Iterator[Path]:
    """The server speaks TLS with this certificate, which vouches for itself."""
    key, certificate = postgresql.folder / "server.key", postgresql.folder / "server.crt"
    make_certificate(key, certificate)
    key.chmod(0o600)
    postgresql.give(key, certificate)
    postgresql.stop()
    postgresql.start("ssl=on", f"ssl_key_file={key}", f"ssl_cert_file={certificate}")
    yield certificate
    postgresql.stop()
    postgresql.start()


def test_a_server_is_spoken_to_encrypted_and_another_than_the_known_one_not_at_all(
    certificate: Path, postgresql_url: str, tmp_path: Path
) -> None:
    other = tmp_path / "other.crt"
    make_certificate(tmp_path / "other.key", other)
    known, unknown = (
        Database(f"{postgresql_url}?sslmode=verify-full&sslrootcert={path}") for path in (certificate, other)
    )
    with known.read() as session:
        assert session.execute(text("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")).scalar() is True
    with pytest.raises(StationFault, match="database-away"), unknown.read() as session:
        session.execute(text("SELECT 1"))
    known.close()


# The server ----------------------------------------------------------------------------------------------------------


def test_each_commit_lasts_whatever_the_account_is_configured_for(postgresql: Server, postgresql_url: str) -> None:
    postgresql.do(f"ALTER ROLE {STATION} IN DATABASE {name_of(postgresql_url)} SET synchronous_commit = off")
    database = Database(postgresql_url)
    assert database.durability()["synchronous_commit"] == "on"
    database.close()


def test_production_refuses_a_server_that_does_not_write_through(postgresql: Server, postgresql_url: str) -> None:
    database = Database(postgresql_url, production=True)
    with pytest.raises(StationFault, match="database-unfit") as caught:
        migrate(database)
    database.close()
    assert caught.value.facts == {"setting": "fsync", "found": "off"}
    postgresql.stop()
    postgresql.start("fsync=on", "full_page_writes=on")
    migrate(database)
    database.close()
    postgresql.stop()
    postgresql.start()


def test_a_database_that_is_not_in_utf8_is_refused(postgresql: Server) -> None:
    postgresql.do(f"CREATE DATABASE latin OWNER {STATION} TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")
    database = Database(postgresql.url("latin"))
    with pytest.raises(StationFault, match="database-unfit") as caught:
        migrate(database)
    database.close()
    assert caught.value.facts == {"setting": "server_encoding", "found": "LATIN1"}


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT])
def test_a_server_that_goes_away_is_told_and_found_again(
    postgresql: Server, database: Database, how: signal.Signals
) -> None:
    add(database, "one")
    postgresql.stop(how)
    for attempt in (lambda: add(database, "two"), lambda: count(database)):
        with pytest.raises(StationFault, match="database-away"):
            attempt()
    postgresql.start()
    add(database, "three")
    assert count(database) == 2


def test_a_server_that_goes_away_within_a_write_leaves_nothing_of_it(postgresql: Server, database: Database) -> None:
    with pytest.raises(StationFault, match="database-away"), database.write("test.write") as session:  # noqa: PT012  the commit's
        session.execute(text('UPDATE "import" SET kind = kind'))
        postgresql.stop(signal.SIGQUIT)
        postgresql.start()
    add(database, "one")
    assert count(database) == 1


def test_a_wrong_password_is_told_without_being_said(postgresql_url: str) -> None:
    database = Database(make_url(postgresql_url).set(password="not-the-password"))
    with pytest.raises(StationFault, match="database-away") as caught, database.read() as session:
        session.execute(text("SELECT 1"))
    assert caught.value.__cause__ is None
    assert caught.value.facts == {"error": "CONNECTION"}
    assert "not-the-password" not in f"{caught.value!r}{database._engine!r}"


@pytest.mark.parametrize(
    ("state", "fault", "code"),
    [
        ("53100", StationFault, "disk-full"),
        ("53300", StationFault, "database-away"),
        ("57P01", StationFault, "database-away"),
        ("08006", StationFault, "database-away"),
        ("55P03", StationFault, "database-unusable"),
        ("XX001", StationFault, "database-unusable"),
        ("LIA01", TamperFault, "append-only"),
    ],
)
def test_what_the_server_says_is_told_by_its_code_alone(
    database: Database, state: str, fault: type[Fault], code: str
) -> None:
    raised = f"DO $$ BEGIN RAISE EXCEPTION 'planted-name' USING ERRCODE = '{state}', DETAIL = 'planted-name'; END $$"
    with pytest.raises(fault) as caught, database.write("test.write") as session:
        session.execute(text(raised))
    assert caught.value.code == code
    assert "planted-name" not in f"{caught.value!r} {caught.value.facts} {caught.value.__cause__}"


# A frozen process ----------------------------------------------------------------------------------------------------


def test_a_frozen_writer_does_not_keep_the_others_waiting_and_its_commit_fails(
    postgresql_url: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.database.BUSY_SECONDS", 0.5)
    frozen = Database(postgresql_url)
    with pytest.raises(StationFault, match="database-away"), frozen.write("test.write") as session:  # noqa: PT012  the commit's
        session.execute(text("INSERT INTO \"import\" VALUES ('lost', '', '', 0, 0, 0, 0, '')"))
        add(database, "one")
    add(frozen, "two")
    frozen.close()
    assert count(database) == 2


def test_a_lock_is_lost_with_its_connection_and_that_is_seen(postgresql: Server, database: Database) -> None:
    with database.hold("station") as held:
        assert held.held()
        postgresql.do(END_ALL)
        assert not held.held()
        with database.hold("station") as again:
            assert again.held()
        assert not held.held()


def test_a_session_that_ends_says_nothing_to_the_screen(
    postgresql: Server, database: Database, capfd: pytest.CaptureFixture[str]
) -> None:
    with database.hold("station"), pytest.raises(StationFault), database.write("test.write") as session:  # noqa: PT012  as above
        postgresql.do(END_ALL)
        session.execute(text("SELECT 1"))
    assert capfd.readouterr() == ("", "")


# Evidence ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def filled(database: Database) -> Database:
    """Fifty entries, with checkpoints at 25 and 50."""
    ledger = open_ledger(database)
    for _ in range(2):
        with database.write("test.write") as session:
            drafts = [Draft(EntryType.CAPTURE, FILE, counts={"pages": n}) for n in range(25)]
            ledger.append(session, *drafts, at=AT)
            ledger.checkpoint(session, AT)
    return database


@pytest.mark.parametrize("table", ["custody_entry", "custody_node", "custody_checkpoint", "fact", "station"])
def test_no_table_of_evidence_is_emptied_nor_changed_by_a_session_that_calls_itself_a_replica(
    postgresql: Server, filled: Database, postgresql_url: str, table: str
) -> None:
    with pytest.raises(TamperFault, match="append-only"), filled.write("test.write") as session:
        session.execute(text(f"TRUNCATE {table} CASCADE"))
    with postgresql.boss(name_of(postgresql_url)) as connection:
        connection.execute("SET session_replication_role = replica")
        delete = sql.SQL("DELETE FROM {}").format(sql.Identifier(table))
        with pytest.raises(psycopg.Error) as caught:
            connection.execute(delete)
        assert caught.value.sqlstate == room.APPEND_ONLY
    assert open_ledger(filled).verify().entries == 50


Boss = psycopg.Connection[tuple[int | bytes | str, ...]]


def _rewrite(connection: Boss) -> None:
    """Change an entry and make all after it agree, as an expert would."""
    frontier = Frontier()
    rows = connection.execute("SELECT seq, entry FROM custody_entry ORDER BY seq").fetchall()
    connection.execute("DELETE FROM custody_node")
    for seq, entry in rows:
        assert isinstance(entry, bytes)
        other = entry.replace(b'"pages":', b'"pages":9') if seq == 27 else entry
        frontier, made = frontier.push(leaf_hash(other))
        connection.execute(
            "UPDATE custody_entry SET entry = %s, leaf = %s, frontier = %s WHERE seq = %s",
            (other, leaf_hash(other), frontier.packed, seq),
        )
        for node in made:
            connection.execute("INSERT INTO custody_node VALUES (%s, %s, %s)", (node.level, node.index, node.hash))


TAMPERINGS: list[tuple[Callable[[Boss], object], Finding]] = [
    (
        lambda c: c.execute("UPDATE custody_entry SET entry = entry || 'x' WHERE seq = 7"),
        Finding(Flaw.ENTRY_EDITED, 7, 7),
    ),
    (lambda c: c.execute("DELETE FROM custody_entry WHERE seq = 7"), Finding(Flaw.ENTRY_MISSING, 7, 7)),
    (lambda c: c.execute("DELETE FROM custody_entry WHERE seq >= 45"), Finding(Flaw.TRUNCATED, 45, 49)),
    (
        lambda c: c.execute("UPDATE custody_node SET hash = '' WHERE level = 2 AND index = 1"),
        Finding(Flaw.TREE_EDITED, 4, 7),
    ),
    (
        lambda c: c.execute("UPDATE custody_checkpoint SET note = replace(note, '25', '24') WHERE size = 25"),
        Finding(Flaw.CHECKPOINT_FORGED, 24, 24),
    ),
    (_rewrite, Finding(Flaw.CHECKPOINT_DIFFERS, 25, 49)),
]


@pytest.mark.parametrize(("tampering", "finding"), TAMPERINGS)
def test_what_a_burglar_who_drops_the_triggers_changes_is_found(
    postgresql: Server,
    filled: Database,
    postgresql_url: str,
    tampering: Callable[[Boss], object],
    finding: Finding,
) -> None:
    with postgresql.boss(name_of(postgresql_url)) as connection:
        for table in ("custody_entry", "custody_node", "custody_checkpoint"):
            connection.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(sql.Identifier(table)))
        tampering(connection)
    assert open_ledger(filled).verify().finding == finding


# The shape -----------------------------------------------------------------------------------------------------------


def test_every_column_of_text_is_compared_byte_by_byte(database: Database) -> None:
    asked = (
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
        " AND data_type IN ('text', 'character varying', 'character') AND collation_name IS DISTINCT FROM 'C'"
    )
    with database.read() as session:
        assert session.execute(text(asked)).all() == []


def test_two_processes_that_migrate_at_once_make_one_shape(postgresql: Server) -> None:
    url = postgresql.url(postgresql.create())
    databases = [Database(url), Database(url)]
    began = time.monotonic()
    with databases[0].hold("migrating"):
        for database in databases:
            migrate(database)
    assert time.monotonic() - began < 30
    for database in databases:
        database.close()
