"""Backups are made when they are due, brought to the host whole, and go when they are too many."""

import json
import shutil
import signal
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lexicon.faults import EXIT_CONFIGURATION, EXIT_WAITING, HostFault, StationFault, TamperFault
from pipeline.config import load
from pipeline.office import backing
from pipeline.office.backing import Opened, finish_backups, kept, kept_of, note_verified, open_backup, take_backup
from pipeline.office.backup_schedule import Beside, backup_if_due, require_backed
from pipeline.office.offsite import unfinished
from pipeline.office.returning import restore, with_setting
from pipeline.station import Station
from storage.backup.manifest import MANIFEST, SIGNATURE, encoded, read_manifest
from storage.backup.records import open_record
from storage.backup.shipping import listed, read
from storage.custody import Draft, EntryType
from storage.hosts import Host
from storage.keys import StationKeys
from storage.signature import sign
from tests.backup_fixtures import Machine, at_host, entries_of, later, opened, place_of, told_of, turn_around
from tests.hunter import Hunter, Person
from tests.trial_fixtures import Few, Trial, people


def test_a_backup_is_made_when_it_is_due_and_the_oldest_go(fresh: Machine) -> None:
    config = fresh.trial.config
    config.write_text(with_setting(config.read_text("utf-8"), "backup", "folder", "kept"), "utf-8")
    config.write_text(config.read_text("utf-8") + "keep = 2\n", "utf-8")
    with fresh.trial.opened() as station:
        folder = backing.folder_of(station.config)
        assert backup_if_due(station)
        assert not backup_if_due(station)
        station.clock = replace(station.clock, wall=later(station, hours=23))
        assert not backup_if_due(station)
        station.clock = replace(station.clock, wall=later(station, hours=25))
        assert backup_if_due(station)
        assert take_backup(station).path.is_dir()
        found = kept(folder)
        assert len(found) == 2
        assert at_host(fresh) == [manifest.backup for manifest in found], "the founding's, in another folder, went too"
        past = [extent.past for _, extent in listed(station.host, station.id)]
    assert all(size > found[0].entries for size in past), "records that a kept backup makes needless are gone"
    assert not list(fresh.trial.home.glob(".backup-*"))
    assert not list(folder.glob("*.part"))


def test_beside_the_daemon_a_double_is_noticed_and_a_backup_keeps_nobody_waiting(machine: Machine) -> None:
    with machine.trial.opened() as station:
        for path in backing.folder_of(station.config).iterdir():
            shutil.rmtree(path)
        with closing(Beside(station)) as beside:
            beside.look()
        assert len(kept(backing.folder_of(station.config))) == 1
    restore(machine.asked())
    with machine.trial.opened() as old:
        _write_one(old)
        beside = Beside(old)
        beside.look()
        beside.close()
        with pytest.raises(TamperFault, match="custody-forked"):
            beside.look()


def test_while_the_host_is_away_a_backup_is_made_here_and_the_host_gets_it_later(fresh: Machine) -> None:
    away = fresh.host.rename(fresh.base / "unmounted")
    with fresh.trial.opened() as station:
        station.clock = replace(station.clock, wall=later(station, hours=48))
        assert not backup_if_due(station)
        made = kept(backing.folder_of(station.config))[-1].backup
        away.rename(fresh.host)
        assert not backup_if_due(station), "tried a moment ago"
        assert not list(fresh.host.glob(f"*/backups/{made}"))
        station.clock = replace(station.clock, wall=later(station, hours=1))
        assert not backup_if_due(station)
        at_home = backing.folder_of(station.config) / made
        (at_host,) = fresh.host.glob(f"*/backups/{made}")
        assert {path.name: path.read_bytes() for path in at_host.iterdir()} == {
            path.name: path.read_bytes() for path in at_home.iterdir()
        }
        assert not unfinished(station.config)
        assert told_of(station, made) == ["made", "intended", "at-host"]


@pytest.mark.parametrize(
    ("failpoint", "told"),
    [
        ("backup.intend:before", ["made"]),
        ("backup.put:after", ["made", "intended"]),
        ("backup.confirm:before", ["made", "intended"]),
    ],
)
def test_of_a_backup_that_was_broken_off_and_is_gone_here_the_host_keeps_nothing(
    fresh: Machine, failpoint: str, told: list[str]
) -> None:
    """Killed while it is put at the host; then its folder is lost."""
    killed = replace(fresh.trial, variables={"LIASSE_FAILPOINT": f"{failpoint}=kill"})
    assert killed.run("backup").code == -signal.SIGKILL
    with fresh.trial.opened() as station:
        broken = max(manifest.backup for manifest in kept(backing.folder_of(station.config)))
        assert told_of(station, broken) == told
        shutil.rmtree(backing.folder_of(station.config) / broken)
        take_backup(station)
        assert told_of(station, broken) == [*told, "not-at-host"]
    assert not list(fresh.host.glob(f"*/backups/{broken}/*"))


def test_of_a_backup_whose_disk_is_not_there_the_host_keeps_what_it_has(fresh: Machine) -> None:
    """Killed while it is put at the host; then the share that it lies on is unmounted."""
    config = fresh.trial.config
    config.write_text(with_setting(config.read_text("utf-8"), "backup", "folder", "share"), "utf-8")
    killed = replace(fresh.trial, variables={"LIASSE_FAILPOINT": "backup.confirm:before=kill"})
    assert killed.run("backup").code == -signal.SIGKILL
    with fresh.trial.opened() as station:
        folder, before = backing.folder_of(station.config), at_host(fresh)
        away = folder.rename(fresh.base / "away")
        folder.mkdir()
        finish_backups(station)
        assert at_host(fresh) == before
        with pytest.raises(StationFault, match="backup-left"):
            require_backed(station)
        folder.rmdir()
        away.rename(folder)
        finish_backups(station)
        require_backed(station)
        assert told_of(station, before[-1])[-1] == "at-host"


def test_a_note_that_cannot_be_read_and_a_backup_that_cannot_be_removed_stop_nothing(fresh: Machine) -> None:
    config = fresh.trial.config
    config.write_text(config.read_text("utf-8") + "\n[backup]\nkeep = 1\n", "utf-8")
    with fresh.trial.opened() as station:
        folder = backing.folder_of(station.config)
        (first,) = (folder / manifest.backup for manifest in kept(folder))
        moved = first.rename(fresh.base / "another-disk")
        first.symlink_to(moved)
        (station.config.folder / ".offsite-0").write_bytes(b"")
        last = take_backup(station).path
        assert first.name in at_host(fresh), "it is here still"
        assert told_of(station, first.name) == ["made", "intended", "at-host"]
        assert {manifest.backup for manifest in kept(folder)} == {first.name, last.name}
        first.unlink()
        finish_backups(station)
        assert told_of(station, first.name)[-1] == "not-at-host"
        assert at_host(fresh) == [last.name]
        with pytest.raises(StationFault, match="backup-left"):
            require_backed(station)


def test_another_stations_backups_in_the_same_folder_are_not_taken_for_its_own(fresh: Machine, tmp_path: Path) -> None:
    other = Trial.found(tmp_path / "other", verapdf="never")
    for trial in (other, fresh.trial):
        text = with_setting(trial.config.read_text("utf-8"), "backup", "folder", str(tmp_path / "both"))
        trial.config.write_text(f"{text}keep = 1\n", "utf-8")
    with other.opened() as station:
        theirs = take_backup(station)
        assert kept_of(station) == [theirs.manifest]
    with fresh.trial.opened() as station:
        assert backup_if_due(station), "one is due here, however new theirs is"
        (ours,) = kept_of(station)
        take_backup(station)
        assert ours not in kept_of(station)
    assert kept(theirs.path.parent)[0] == theirs.manifest


def test_a_strangers_backup_in_the_folder_neither_counts_nor_names_what_is_deleted(fresh: Machine) -> None:
    """Signed by himself, in this station's name; one under a number, one whose number is a path."""
    fresh.trial.config.write_text(f"{fresh.trial.config.read_text('utf-8')}\n[backup]\nkeep = 1\n", "utf-8")
    stranger = StationKeys.create(fresh.base / "stranger", load(fresh.trial.config).station.id, datetime.now(UTC))
    with fresh.trial.opened() as station:
        folder, working = backing.folder_of(station.config), station.config.folder / "quarantine" / "kept.spool"
        working.write_bytes(b"kept")
        taken = take_backup(station)
        planted = replace(taken.manifest, certificate=encoded(stranger.certificate), at="2999-01-01T00:00:00.000Z")
        for name, number in (("0" * 26, "0" * 26), ("1", "../quarantine")):
            (folder / name).mkdir()
            manifest = replace(planted, backup=number)
            (folder / name / MANIFEST).write_bytes(manifest.canonical())
            (folder / name / SIGNATURE).write_bytes(sign(stranger, manifest.canonical()))
        assert kept_of(station) == [taken.manifest]
        there = fresh.backup.parent / ("7" + "Z" * 25)
        there.mkdir()
        manifest = replace(planted, backup=there.name, entries=10**9)
        (there / MANIFEST).write_bytes(manifest.canonical())
        (there / SIGNATURE).write_bytes(sign(stranger, manifest.canonical()))
        last = take_backup(station)
        assert kept_of(station) == [last.manifest]
        assert read_manifest(place_of(fresh, last.manifest.backup)) == last.manifest
        assert working.exists()


def test_a_backup_that_is_not_whole_at_the_host_keeps_none_from_going(fresh: Machine) -> None:
    fresh.trial.config.write_text(f"{fresh.trial.config.read_text('utf-8')}\n[backup]\nkeep = 1\n", "utf-8")
    (fresh.backup / SIGNATURE).unlink()
    with fresh.trial.opened() as station:
        (first,) = kept_of(station)
        (backing.folder_of(station.config) / first.backup).rename(fresh.base / "elsewhere")
        take_backup(station)
        last = take_backup(station)
        assert kept_of(station) == [last.manifest]
        assert at_host(fresh) == [first.backup, last.manifest.backup]


def test_after_a_return_the_older_backups_bring_all_back_until_they_are_too_many(machine: Machine) -> None:
    """Those that the lost machine made count; the last two are kept, and the records that lead on from the older."""
    with machine.trial.opened() as station:
        second = take_backup(station).manifest.backup
    machine.lose()
    config = restore(machine.asked(backup=max(machine.host.glob("*/backups/*")))).config
    config.write_text(config.read_text("utf-8") + "\n[backup]\nkeep = 2\n", "utf-8")
    with closing(opened(config)) as station:
        third = take_backup(station).manifest.backup
        assert at_host(machine) == [second, third]
        station.shipping.ship()
        expected = list(entries_of(station))
    shutil.rmtree(config.parent)
    back = restore(machine.asked("machine-3", place_of(machine, second))).config
    with closing(opened(back)) as station:
        assert list(entries_of(station))[: len(expected)] == expected


def _of_a_later_version(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b'"v":1', b'"v":2'))


@pytest.mark.parametrize(("name", "spoil"), [("part-0001.cms", turn_around), (MANIFEST, _of_a_later_version)])
def test_a_backup_that_was_broken_off_and_cannot_be_read_here_stays_as_it_is_here_and_there(
    fresh: Machine, name: str, spoil: Callable[[Path], None]
) -> None:
    killed = replace(fresh.trial, variables={"LIASSE_FAILPOINT": "backup.confirm:before=kill"})
    assert killed.run("backup").code == -signal.SIGKILL
    with fresh.trial.opened() as station:
        broken = max(manifest.backup for manifest in kept(backing.folder_of(station.config)))
        (at_host,) = fresh.host.glob(f"*/backups/{broken}")
        here = backing.folder_of(station.config) / broken
        spoil(here / name)
        before = {path: path.read_bytes() for folder in (at_host, here) for path in folder.iterdir()}
        take_backup(station)
        assert len(unfinished(station.config)) == 1
        assert {path: path.read_bytes() for folder in (at_host, here) for path in folder.iterdir()} == before


def test_a_backup_that_is_made_here_alone_lets_none_go_at_the_host(fresh: Machine) -> None:
    """The host's is what a lost machine comes back from."""
    fresh.trial.config.write_text(fresh.trial.config.read_text("utf-8") + "\n[backup]\nkeep = 1\n", "utf-8")
    with fresh.trial.opened() as station:
        before = sorted(fresh.host.glob("*/backups/*/*")) + sorted(fresh.host.glob("*/records/*"))
        take_backup(station, to_host=False)
        assert set(before) <= set(fresh.host.glob("*/*/**/*"))
        assert len(kept(backing.folder_of(station.config))) == 2


def test_a_backup_too_many_that_the_host_retains_is_left_there_and_the_ledger_says_so(
    fresh: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def retain(_host: Host, _key: str, _version: str | None = None) -> None:
        raise HostFault("host-retains", until="2030-01-01")

    fresh.trial.config.write_text(fresh.trial.config.read_text("utf-8") + "\n[backup]\nkeep = 1\n", "utf-8")
    with fresh.trial.opened() as station:
        first = kept(backing.folder_of(station.config))[0].backup
        monkeypatch.setattr(type(station.host), "delete", retain)
        take_backup(station)
        assert [manifest.backup for manifest in kept(backing.folder_of(station.config))] != [first]
        assert told_of(station, first)[-1] == "retained"
        assert not unfinished(station.config)
        before = told_of(station, first)
        take_backup(station)
        assert told_of(station, first) == before, "asked again, with nothing new to say"
        assert first in at_host(fresh)
        monkeypatch.undo()
        take_backup(station)
        assert told_of(station, first) == [*before, "not-at-host"]
        assert first not in at_host(fresh)


def test_a_backup_that_a_wrong_clock_dated_ahead_keeps_none_from_being_made(fresh: Machine) -> None:
    with fresh.trial.opened() as station:
        right = station.clock.wall()
        station.clock = replace(station.clock, wall=later(station, hours=24 * 365))
        assert backup_if_due(station)
        station.clock = replace(station.clock, wall=lambda: right + timedelta(hours=25))
        with station.database.write("test.accept") as session:
            station.ledger.accept_clock(session, right + timedelta(hours=25))
        assert backup_if_due(station)


def test_a_copy_taken_while_others_write_is_one_instant(fresh: Machine) -> None:
    with fresh.trial.opened() as station:
        stop = threading.Event()
        writing = threading.Thread(target=_write_on, args=(station, stop))
        writing.start()
        try:
            taken = take_backup(station, to_host=False)
        finally:
            stop.set()
            writing.join()
    asked = fresh.asked()
    work_folder = fresh.base / "opening"
    work_folder.mkdir(mode=0o700)
    found = open_backup(taken.path, asked.key, asked.certificate, work_folder)
    assert found.verdict.entries == taken.manifest.entries


def test_the_doctor_says_when_a_backup_is_old_or_was_never_opened(fresh: Machine) -> None:
    with fresh.trial.opened() as station:
        require_backed(station)
        right = station.clock
        station.clock = replace(right, wall=later(station, hours=60))
        with pytest.raises(StationFault, match="backup-old"):
            require_backed(station)
        station.clock = replace(right, wall=later(station, hours=24 * 9))
        taken = take_backup(station, to_host=False)
        with pytest.raises(StationFault, match="backup-unverified"):
            require_backed(station)
        note_verified(station, _opened(fresh, taken.path))
        require_backed(station)


def test_the_key_is_asked_to_open_a_backup_and_the_entry_says_so(machine: Machine) -> None:
    keys = ("--key", machine.keys / "client.key", "--cert", machine.keys / "client.crt")
    ran = machine.trial.run("backup", "verify", machine.backup, *keys, "--json")
    assert ran.code == 0, ran.err
    assert json.loads(ran.out)["verified"]
    with machine.trial.opened() as station:
        last = json.loads(list(entries_of(station))[-1])
    assert (last["type"], last["outcome"]) == ("backup", "verified")


def test_the_commands_bring_a_station_back(machine: Machine, few: Few) -> None:
    assert machine.trial.run("backup", "--json").code == 0
    backup = max((machine.trial.home / "backups").iterdir())
    apart = shutil.copytree(backup, machine.base / "stick")
    asked = machine.asked()
    machine.lose()
    command = ("restore", apart, "--key", machine.keys / "client.key", "--cert", machine.keys / "client.crt")
    into = machine.base / "machine-2"
    trial = Trial(into)
    (machine.base / "elsewhere").mkdir()
    runner = Trial(machine.base / "elsewhere")
    ran = runner.run(*command, "--into", into, "--with-config", str(asked.config))
    assert ran.code == EXIT_WAITING, ran.err
    assert few.path.name in ran.out
    assert (into / "config.toml").exists()
    shown = trial.run("custody", "verify", "--json")
    assert json.loads(shown.out)["returns"][0]["epoch"] == 1
    again = runner.run(*command, "--into", into)
    assert again.code == EXIT_CONFIGURATION


def test_a_backup_and_what_the_host_keeps_name_nobody(machine: Machine) -> None:
    with machine.trial.opened() as station:
        take_backup(station)
        secrets = {name: getattr(station.keys, name) for name in ("columns", "spool", "backup", "release")}
        key, extent = listed(station.host, station.id)[0]
        assert open_record(read(station.host, key), extent, station.id, station.keys.backup).entries
    hunter = Hunter(map(Person.of, people()), {"FEW": b"FEW_0001", **secrets})
    assert not hunter.in_folder(machine.host)
    assert not hunter.in_folder(machine.trial.home / "backups")


def _opened(machine: Machine, path: Path) -> Opened:
    folder = machine.base / "opening"
    folder.mkdir(mode=0o700)
    asked = machine.asked()
    return open_backup(path, asked.key, asked.certificate, folder)


def _write_on(station: Station, stop: threading.Event) -> None:
    while not stop.is_set():
        _write_one(station)


def _write_one(station: Station) -> None:
    with station.database.write("test.append") as session:
        station.ledger.append(session, Draft(EntryType.REVIEW, "batch:" + "ab" * 8, "done"), at=station.clock.now())
