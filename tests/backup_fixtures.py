"""A station with its host and its client's keys apart from it, lost and brought back: see `test_backup`."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from demo.records import Invented
from lexicon.faults import EXIT_WAITING
from pipeline.config import load
from pipeline.office.backing import take_backup
from pipeline.office.returning import Return, with_setting
from pipeline.runs import account
from pipeline.station import Station, open_station
from storage.custody import read_entry
from storage.keys import load_certificate, load_private_key
from tests.trial_fixtures import TODAY, Few, Trial, work


@dataclass(frozen=True, slots=True)
class Machine:
    """A station with its host and its client's keys apart from it, as they are when the machine burns."""

    base: Path

    @property
    def trial(self) -> Trial:
        return Trial(self.base / "machine")

    @property
    def host(self) -> Path:
        return self.base / "host"

    @property
    def keys(self) -> Path:
        return self.base / "keys"

    @property
    def backup(self) -> Path:
        """The first backup, as the host has it."""
        return min(self.host.glob("*/backups/*"))

    def copy(self, base: Path) -> "Machine":
        """The same at this moment, elsewhere."""
        shutil.copytree(self.base, base)
        for path in (base / "machine" / "config.toml", base / "config.kept"):
            path.write_text(path.read_text("utf-8").replace(str(self.base), str(base)), "utf-8")
        return Machine(base)

    def asked(self, into: str = "machine-2", backup: Path | None = None) -> Return:
        key, certificate = load_private_key(self.keys / "client.key"), load_certificate(self.keys / "client.crt")
        config = self.base / "their.toml"
        (self.base / "work-2").mkdir(mode=0o700, exist_ok=True)
        config.write_text(_config(self, self.base / "work-2"), "utf-8")
        return Return(backup or self.backup, key, certificate, self.base / into, config=config)

    def lose(self) -> None:
        """Disk and all."""
        shutil.rmtree(self.trial.folder)

    def objects(self) -> list[str]:
        """The documents and indexes at the host."""
        return sorted(path.name for path in self.host.glob("*/*.p7m"))

    def records(self) -> list[Path]:
        return sorted(self.host.glob("*/records/*"))


def _config(machine: Machine, workplace: Path) -> str:
    found = min(machine.base.glob("machine*/config.toml"), default=None)
    text = found.read_text("utf-8") if found else (machine.base / "config.kept").read_text("utf-8")
    return with_setting(text, "station", "work", str(workplace))


def opened(path: Path) -> Station:
    return open_station(load(path), TODAY)


@pytest.fixture(scope="module")
def backed(tmp_path_factory: pytest.TempPathFactory, invented_records: Invented) -> Machine:
    """Founded, and backed up to the host; then roster and register were imported, and came to the host as a record."""
    base = tmp_path_factory.mktemp("backed") / "site"
    machine = Machine(base)
    trial = Trial.found(base / "machine", verapdf="never")
    (base / "host").mkdir()
    shutil.copytree(trial.folder / "trial-keys", base / "keys")
    trial.config.write_text(
        with_setting(trial.config.read_text("utf-8"), "host", "folder", str(base / "host")), "utf-8"
    )
    shutil.copyfile(trial.config, base / "config.kept")
    with trial.opened() as station:
        take_backup(station)
    trial.know(invented_records)
    with trial.opened() as station:
        station.shipping.ship()  # as the daemon does within a minute
    return machine


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory, backed: Machine, few: Few) -> Machine:
    """The same after a file: one document deposited, one refused."""
    machine = backed.copy(tmp_path_factory.mktemp("lived") / "site")
    with machine.trial.opened() as station:
        assert work(station, few.path.parent).code == EXIT_WAITING
    return machine


@pytest.fixture
def machine(lived: Machine, tmp_path: Path) -> Machine:
    return lived.copy(tmp_path / "site")


@pytest.fixture
def fresh(backed: Machine, tmp_path: Path) -> Machine:
    return backed.copy(tmp_path / "site")


def columns(station: Station) -> dict[str, int]:
    return {name: count for name, count in account(station, []).station_images.columns.items() if count}


def later(station: Station, *, hours: int) -> Callable[[], datetime]:
    now = station.clock.now()
    return lambda: now + timedelta(hours=hours)


def turn_around(path: Path) -> None:
    path.write_bytes(bytes(reversed(path.read_bytes())))


def at_host(machine: Machine) -> list[str]:
    """The backups at the host, oldest first, whole or not."""
    return sorted({path.parent.name for path in machine.host.glob("*/backups/*/*")})


def place_of(machine: Machine, backup: str) -> Path:
    return next(machine.host.glob(f"*/backups/{backup}"))


def told_of(station: Station, backup: str) -> list[str]:
    """What the ledger says of a backup."""
    entries = map(read_entry, entries_of(station))
    return [entry["outcome"] for entry in entries if entry["object"] == f"station:{backup}"]


def entries_of(station: Station) -> Iterator[bytes]:
    with station.database.read() as session:
        yield from station.ledger.entries(session)
