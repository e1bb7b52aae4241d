"""A real PostgreSQL server of the tests' own, on loopback; a fresh database a test, of an account without powers."""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from storage.database import Database, migrate

STATION: str = "liasse"
"""The account of the stations: neither superuser nor allowed to create databases."""
WHERE = "database.url"
"""A file of this name in a station's folder says where `tests.station_fixtures.open_database` finds its database."""
OPENED: list[Database] = []
"""Closed when a test that runs on either has ended: psycopg warns of connections that are not."""

_TALKATIVE = (
    "log_statement=all",
    "log_parameter_max_length_on_error=-1",
    "log_min_error_statement=debug5",
    "log_line_prefix=",
)
_QUICK = ("fsync=off", "full_page_writes=off", "autovacuum=off", "shared_buffers=32MB", "max_connections=150")


@dataclass
class Server:
    """PostgreSQL in a folder. Its log says all that a log can be made to say."""

    folder: Path
    port: int
    password: str = field(default_factory=lambda: secrets.token_hex(8))
    _running: subprocess.Popen[bytes] | None = None
    _names: Iterator[str] = field(default_factory=lambda: (f"station_{number}" for number in count()))

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @property
    def cluster(self) -> Path:
        return self.folder / "cluster"

    def url(self, database: str) -> str:
        """As a station's configuration has it, but for the password."""
        return f"postgresql://{STATION}:{self.password}@127.0.0.1:{self.port}/{database}"

    def make(self) -> None:
        """A new cluster with the stations' account."""
        secret = self.folder / "password"
        secret.write_text(self.password, encoding="ascii")
        self.give(secret)
        made = ("initdb", "-D", self.cluster, "-U", "postgres", "-A", "scram-sha-256", "--pwfile", secret)
        subprocess.run(
            _as_account(*made, "-E", "UTF8", "--locale", "C.UTF-8", "--no-sync"), check=True, capture_output=True
        )
        secret.unlink()
        self.start()
        self.do(f"CREATE ROLE {STATION} LOGIN PASSWORD '{self.password}'")

    def start(self, *settings: str) -> None:
        """Start, and wait until it answers."""
        told = (*_QUICK, *_TALKATIVE, "listen_addresses=127.0.0.1", "unix_socket_directories=", *settings)
        options = [part for setting in told for part in ("-c", setting)]
        with self.log.open("ab") as log:
            self._running = subprocess.Popen(
                _as_account("postgres", "-D", self.cluster, "-p", self.port, *options), stdout=log, stderr=log, cwd="/"
            )
        until = time.monotonic() + 60
        while True:
            with suppress(psycopg.OperationalError), self.boss("postgres"):
                return
            assert time.monotonic() < until, self.log.read_text(encoding="utf-8", errors="replace")[-2000:]
            time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGINT: end all connections and shut down; SIGQUIT: as after a crash."""
        if self._running is not None:
            self._running.send_signal(how)
            self._running.wait(60)
            self._running = None

    @contextmanager
    def boss(self, database: str) -> Iterator[psycopg.Connection]:
        """A connection of the superuser, who may do all that a burglar with the server in hand may do."""
        address = {"host": "127.0.0.1", "port": self.port, "user": "postgres", "password": self.password}
        with psycopg.connect(dbname=database, autocommit=True, connect_timeout=5, **address) as connection:  # type: ignore[arg-type]  # a str or an int each
            yield connection

    def do(self, statement: str, database: str = "postgres") -> None:
        with self.boss(database) as connection:
            connection.execute(statement.encode())

    def create(self, template: str = "template1") -> str:
        """A database of the stations' account; its name."""
        name = next(self._names)
        words = [sql.Identifier(word) for word in (name, template, STATION)]
        with self.boss("postgres") as connection:
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {}").format(*words))
        return name

    def give(self, *paths: Path) -> None:
        """Let the server's account own these files."""
        if os.geteuid() == 0:
            for path in paths:
                shutil.chown(path, _account())

    def dump(self, database: str) -> bytes:
        """Everything in a database, as `pg_dump` writes it."""
        asked = [str(_program("pg_dump")), "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", database]
        environment = {**os.environ, "PGPASSWORD": self.password}
        return subprocess.run(asked, env=environment, check=True, capture_output=True).stdout


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """Started for the first test that asks; gone with the session, whatever ends it."""
    with served() as server:
        yield server


@contextmanager
def served() -> Iterator[Server]:
    """A server until the end of the block."""
    folder = _home()
    server = Server(folder, _free_port())
    try:
        server.make()
        yield server
    finally:
        server.stop(signal.SIGQUIT)
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def migrated(postgresql: Server) -> str:
    """A database at the tables' shape, of which others are copies."""
    name = postgresql.create()
    database = Database(postgresql.url(name))
    migrate(database)
    database.close()
    return name


@pytest.fixture
def postgresql_url(postgresql: Server, migrated: str) -> Iterator[str]:
    """A fresh database on the server, its tables made; gone with the test."""
    name = postgresql.create(migrated)
    yield postgresql.url(name)
    postgresql.do(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/station.db"
    return str(request.getfixturevalue("postgresql_url"))


@pytest.fixture
def either(database_url: str, tmp_path: Path) -> Iterator[None]:
    """The test runs twice: what `open_database(tmp_path)` opens is on SQLite, then on PostgreSQL."""
    if database_url.startswith("postgresql"):
        (tmp_path / WHERE).write_text(database_url, encoding="ascii")
    yield
    while OPENED:
        OPENED.pop().close()


def _home() -> Path:
    """A folder for the server. PostgreSQL does not run as root, and root's own folders are closed to others."""
    if os.geteuid() != 0:
        return Path(tempfile.mkdtemp(prefix="liasse-tests-"))
    account = _account()
    home = Path(pwd.getpwnam(account).pw_dir)
    folder = Path(tempfile.mkdtemp(prefix="liasse-tests-", dir=home if home.is_dir() else None))
    shutil.chown(folder, account)
    return folder


def _account() -> str:
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _as_account(program: str, *arguments: object) -> list[str]:
    """The command, as an account that PostgreSQL accepts; it does not outlive the tests, even where they are killed."""
    drop: Sequence[str] = ()
    if os.geteuid() == 0:
        entry = pwd.getpwnam(_account())
        drop = (f"--reuid={entry.pw_uid}", f"--regid={entry.pw_gid}", "--clear-groups")
    return ["setpriv", *drop, "--pdeathsig", "QUIT", "--", str(_program(program)), *map(str, arguments)]


def _program(name: str) -> Path:
    """From PATH, else the newest of Debian's, which are not in PATH."""
    found = shutil.which(name)
    newest = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: float(path.parts[4]))
    if found is None and not newest:
        raise AssertionError(f"{name} is not installed: apt-get install postgresql (.ci/setup dev does it)")
    return newest[-1] if newest else Path(str(found))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
