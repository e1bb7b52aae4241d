"""What is wrong with a station: each fault that doctor knows is found where it is, and nothing else is."""

import json
import os
import shutil
import stat
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lexicon.catalogue import FAULTS
from lexicon.faults import StationFault
from pipeline.config import Config, load
from pipeline.office.doctor import Check, Outcome, examine, inside, volume
from pipeline.office.doctor.findings import looked, unseen, warning
from pipeline.office.doctor.inside import of_folders, of_station
from pipeline.office.doctor.told import check_answer, check_text
from pipeline.office.doctor.volume import Veil
from pipeline.station import open_station
from storage.custody import Draft, EntryType
from tests.docs_fixtures import REFERENCE, coded, rows, section
from tests.station_fixtures import burglar
from tests.trial_fixtures import Trial

OF_THE_MACHINE = {
    "account",
    "engine",
    "clock-sync",
    "volume",
    "swap",
    "space",
    "memory",
    "watches",
    "core",
    "host-certificate",
}
"""Checks whose outcome depends on the machine that runs these tests, or on a trial station's having no contract."""

STATION = f"station:{'0' * 32}"


@pytest.fixture
def trial(tmp_path: Path) -> Trial:
    return Trial.found(tmp_path / "st", verapdf="never")


@pytest.fixture
def config(trial: Trial) -> Config:
    return load(trial.config)


def told(checks: list[Check], *names: str) -> list[tuple[str, Outcome, str | None]]:
    return [(c.name, c.outcome, c.fault.code if c.fault else None) for c in checks if not names or c.name in names]


def faults(checks: list[Check]) -> dict[str, str]:
    """What is wrong, by check, but for what depends on this machine."""
    return {c.name: c.fault.code for c in checks if c.fault and c.name not in OF_THE_MACHINE}


def in_memory(config: Config) -> Config:
    return config.model_copy(update={"station": config.station.model_copy(update={"work": "/dev/shm"})})  # noqa: S108


def test_a_new_station_has_nothing_wrong_with_it(config: Config) -> None:
    assert faults(examine(in_memory(config))) == {}


def _open_spool(config: Config) -> None:
    (config.folder / "spool").chmod(0o755)


def _open_configuration(config: Config) -> None:
    config.base.chmod(0o770)


def _open_key(config: Config) -> None:
    (config.folder / "keys" / "release.key").chmod(0o644)


def _lose_key(config: Config) -> None:
    (config.folder / "keys" / "checkpoint.pem").unlink()


def _lose_inbox(config: Config) -> None:
    config.path("inbox").rmdir()


def _open_inbox(config: Config) -> None:
    config.path("inbox").chmod(0o777)


def _lose_host(config: Config) -> None:
    shutil.rmtree(config.path("host"))


def _break_ledger(config: Config) -> None:
    station = open_station(config)
    with station.database.write("test.append") as session:
        station.ledger.append(session, *[Draft(EntryType.KEY, STATION, "founded")] * 2, at=station.clock.now())
    station.close()
    with burglar(config.folder) as connection:
        changed = connection.execute(
            "UPDATE custody_entry SET entry = CAST(replace(entry, 'founded', 'refound') AS BLOB) WHERE seq = 1"
        )
        assert changed.rowcount == 1


def _expire(config: Config) -> None:
    config.path(config.recipients.client).write_text("no certificate", encoding="ascii")


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (_open_spool, {"rights": "rights-loose"}),
        (_open_configuration, {"rights": "rights-loose"}),
        (_open_key, {"station": "key-permissions"}),
        (_lose_key, {"station": "key-unavailable"}),
        (_lose_inbox, {"inbox": "inbox-missing"}),
        (_open_inbox, {"inbox": "inbox-world-writable"}),
        (_lose_host, {"host": "host-unreachable"}),
        (_break_ledger, {"ledger": "custody-broken"}),
        (_expire, {"station": "recipient-unusable"}),
    ],
)
def test_what_is_spoiled_is_found(config: Config, spoil: Callable[[Config], None], expected: dict[str, str]) -> None:
    examine(in_memory(config))  # folders that a first opening makes are there
    spoil(config)
    assert faults(examine(in_memory(config))) == expected


def test_a_damaged_database_is_found(trial: Trial, config: Config) -> None:
    """A page of an index in the middle of the file, overwritten."""
    with trial.opened() as station, station.database.write("test.fill") as session:
        draft = Draft(EntryType.KEY, STATION, "founded")
        station.ledger.append(session, *[draft] * 400, at=station.clock.now())
    path = config.folder / "station.db"
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size // 2 // 4096 * 4096)
        file.write(os.urandom(4096 * 4))
    found = {c.name: c.fault.code for c in examine(in_memory(config)) if c.fault}
    assert {"database-damaged", "database-unusable"} & {found.get("database"), found.get("station")}


# What only time brings


def test_certificates_are_told_sixty_days_before_their_end(trial: Trial) -> None:
    with trial.opened() as station:
        end = station.recipients[0].certificate.not_valid_after_utc
        assert list(inside._keys(station, end - timedelta(days=61))) == []
        soon = list(inside._keys(station, end - timedelta(days=10, hours=1)))
    assert {finding.fault.facts["key"] for finding in soon} == {"station", "client", "escrow"}
    assert {finding.fault.facts["days"] for finding in soon} <= {10, 9, 11}
    assert all(finding.outcome is Outcome.WARNING for finding in soon)


def test_a_ledger_that_nobody_signs_is_told(trial: Trial) -> None:
    with trial.opened() as station:
        later = datetime.now(UTC) + timedelta(hours=27)
        assert inside._checkpoint(station, later) is None, "no entry came since"
        with station.database.write("test.append") as session:
            station.ledger.append(session, Draft(EntryType.KEY, STATION, "founded"), at=station.clock.now())
        assert inside._checkpoint(station, later - timedelta(hours=2)) is None
        finding = inside._checkpoint(station, later)
    assert finding is not None
    assert (finding.outcome, finding.fault.code, finding.fault.facts["entries"]) == (
        Outcome.WARNING,
        "checkpoint-old",
        1,
    )


def test_a_clock_behind_the_ledger_is_a_fault(trial: Trial) -> None:
    with trial.opened() as station:
        behind = replace(station.clock, wall=lambda: datetime.now(UTC) - timedelta(hours=1))
        found = told(of_station(replace(station, clock=behind)), "clock")
    assert found == [("clock", Outcome.FAULT, "clock-untrusted")]


# Volume, space, host


@pytest.mark.parametrize(
    ("veil", "beneath", "trial_outcome", "production_outcome"),
    [
        (Veil.ENCRYPTED, False, Outcome.OK, Outcome.OK),
        (Veil.MEMORY, False, Outcome.OK, Outcome.OK),
        (Veil.CLEAR, False, Outcome.WARNING, Outcome.FAULT),
        (Veil.CLEAR, True, Outcome.NOT_CHECKED, Outcome.NOT_CHECKED),
        (Veil.UNKNOWN, False, Outcome.NOT_CHECKED, Outcome.NOT_CHECKED),
    ],
)
def test_a_volume_in_clear_is_told_and_one_that_nobody_sees_is_not_called_right(
    config: Config,
    monkeypatch: pytest.MonkeyPatch,
    veil: Veil,
    *,
    beneath: bool,
    trial_outcome: Outcome,
    production_outcome: Outcome,
) -> None:
    monkeypatch.setattr(volume, "of_folder", lambda _: veil)
    for mode, outcome in (("trial", trial_outcome), ("production", production_outcome)):
        chosen = config.station.model_copy(update={"mode": mode, "encrypted_beneath": beneath})
        (found,) = told(of_folders(config.model_copy(update={"station": chosen})), "volume")
        assert found[1] is outcome


def test_little_room_and_few_inodes_are_told(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inside, "_ROOM", 1 << 60)
    monkeypatch.setattr(inside, "_INODES", 1 << 60)
    found = told(of_folders(config), "space")
    assert ("space", Outcome.FAULT, "disk-nearly-full") in found
    assert {code for _, _, code in found} <= {"disk-nearly-full", "inodes-short"}


# How it is told


def test_the_command_tells_each_check_as_json_and_as_a_table(trial: Trial) -> None:
    text = trial.config.read_text(encoding="utf-8").replace(f'work = "{trial.work}"', 'work = "/dev/shm"')
    trial.config.write_text(text, encoding="utf-8")
    ran = trial.run("doctor", "--json")
    assert ran.code == 0, ran.out
    assert all(line.keys() == {"check", "outcome", "fault", "facts"} for line in ran.lines)
    assert all((line["outcome"] == "ok") is (line["fault"] is None) for line in ran.lines)
    core = [line["outcome"] for line in ran.lines if line["check"] == "core"]
    assert core == ["ok"], "the command has closed its own process"
    shown = trial.run("doctor").out.splitlines()
    assert len([line for line in shown if line[2] in "✓!✗?"]) == len(ran.lines)


def test_a_fault_gives_its_exit_code_and_a_warning_does_not(trial: Trial) -> None:
    """A work folder on a disk."""
    ran = trial.run("doctor", "--json")
    wrong = [line["fault"] for line in ran.lines if line["outcome"] == "fault"]
    assert ran.code == (StationFault("work-on-disk").exit_code if "work-on-disk" in wrong else 0)


def test_every_check_is_in_the_reference(config: Config) -> None:
    text = (REFERENCE / "service.md").read_text(encoding="utf-8")
    names = {word for row in rows(section(text, "Health")) for word in coded(row[0])}
    assert names == {check.name for check in examine(config)}


def test_every_outcome_has_its_mark_and_its_word() -> None:
    fault = StationFault("volume-unknown", path="/x")
    marks = set()
    for outcome in Outcome:
        check = Check("volume", outcome, None if outcome is Outcome.OK else fault)
        text = check_text(check, "fr")
        marks.add(text[2])
        assert (FAULTS["volume-unknown"].fr_hint in text) is (outcome is not Outcome.OK)
        assert json.loads(json.dumps(check_answer(check)))["outcome"] == outcome.value
    assert len(marks) == len(Outcome)


def test_a_look_that_finds_nothing_is_one_check_and_several_findings_are_several() -> None:
    fault = StationFault("clock-unknown")
    assert looked("x", lambda: None) == [Check("x", Outcome.OK, None)]
    assert looked("x", lambda: iter((warning(fault), unseen(fault)))) == [
        Check("x", Outcome.WARNING, fault),
        Check("x", Outcome.NOT_CHECKED, fault),
    ]


def test_a_disk_that_fails_a_look_is_told_and_ends_nothing() -> None:
    def fail() -> None:
        raise PermissionError(13, "GUILLOU.tif")

    (check,) = looked("inbox", fail)
    assert check.fault is not None
    assert (check.outcome, check.fault.code, check.fault.facts) == (Outcome.FAULT, "disk-unusable", {})


def test_doctor_leaves_the_station_as_it_was(trial: Trial, config: Config) -> None:
    examine(config)

    def seen() -> dict[str, tuple[int, int]]:
        paths = [p for p in trial.folder.rglob("*") if p.suffix not in (".db-wal", ".db-shm") and p.is_file()]
        return {str(p): (stat.S_IMODE(p.stat().st_mode), p.stat().st_size) for p in paths}

    before = seen()
    examine(config)
    assert seen() == before
