"""The systemd unit: right in systemd's own eyes, closed to what the station does not need, alive while it works."""

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from lexicon import faults
from pipeline.config import Config, load
from pipeline.office.attendance import Stop
from pipeline.office.notify import READY, Pulse, notify
from pipeline.office.service import credentials, unit
from tests.command_mother import COMMAND
from tests.docs_fixtures import HOUSE
from tests.trial_fixtures import Few, Trial

ANALYZE = shutil.which("systemd-analyze")
needs_systemd = pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not installed")
NETWORK = """
[metrics]
listen = "127.0.0.1:9464"

[alarms]
command = ["/usr/bin/logger"]
"""


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return load(Trial.found(tmp_path / "st", verapdf="never").config)


def made(config: Config, *, worker: bool = False) -> str:
    return unit(config, Path(COMMAND), "liasse", worker=worker).text


def values(text: str, name: str) -> list[str]:
    return re.findall(rf"^{name}=(.*)$", text, re.MULTILINE)


def more(config: Config, text: str) -> Config:
    config.file.write_text(config.file.read_text(encoding="utf-8") + text, encoding="utf-8")
    return load(config.file)


# In systemd's eyes


@needs_systemd
@pytest.mark.parametrize("worker", [False, True], ids=["daemon", "worker"])
@pytest.mark.parametrize("more_settings", ["", NETWORK], ids=["alone", "network"])
def test_systemd_finds_nothing_wrong_and_little_exposed(
    config: Config, tmp_path: Path, more_settings: str, *, worker: bool
) -> None:
    found = unit(more(config, more_settings), Path(COMMAND), "liasse", worker=worker)
    path = tmp_path / found.name.replace("@", "@1")
    path.write_text(found.text, encoding="utf-8")
    verified = systemd("verify", path)
    assert (verified.returncode, complaints(verified, path)) == (0, [])
    ran = systemd("security", "--offline=true", "--no-pager", path)
    level = float(re.findall(r"Overall exposure level for \S+: ([0-9.]+)", ran.stdout)[0])
    print(f"{found.name}{' with network' if more_settings else ''}: exposure level {level}")  # noqa: T201  shown with -s
    assert level <= (2.0 if more_settings else 1.0)


def complaints(verified: "subprocess.CompletedProcess[str]", path: Path) -> list[str]:
    """What is said about this unit; other units of the machine are not ours."""
    return [line for line in verified.stderr.splitlines() if path.name in line]


def systemd(*arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    assert ANALYZE is not None
    command = [ANALYZE, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C.UTF-8"})


@needs_systemd
def test_systemd_tells_of_a_unit_that_is_wrong(config: Config, tmp_path: Path) -> None:
    """The check can fail."""
    path = tmp_path / "liasse-wrong.service"
    path.write_text(made(config).replace("ProtectSystem=strict", "ProtectSystem=sometimes"), encoding="utf-8")
    assert complaints(systemd("verify", path), path)


# What it says


def test_the_daemon_comes_back_but_not_where_a_person_must_act(config: Config) -> None:
    text = made(config)
    never = {int(code) for code in values(text, "RestartPreventExitStatus")[0].split()}
    assert values(text, "Restart") == ["on-failure"]
    assert never == {2, 4, 5, 6, 8}
    assert not never & {faults.EXIT_HOST, faults.EXIT_RUNNING, faults.EXIT_UNEXPECTED}


def test_what_names_scanned_files_does_not_reach_the_machines_journal(config: Config) -> None:
    assert values(made(config), "StandardOutput") == ["null"]


def test_only_the_stations_places_can_be_written(config: Config) -> None:
    text = made(config)
    assert values(text, "ProtectSystem") == ["strict"]
    places = [config.folder, config.path("inbox"), config.path("host"), Path(config.station.work)]
    assert values(text, "(?:ReadWritePaths|BindPaths)") == [str(place) for place in places]


def test_a_worker_needs_neither_drop_folders_nor_the_backups_folder(config: Config) -> None:
    """They need not be on a further machine, and systemd starts nothing where a folder that it is to open is not."""
    kept = more(config, '\n[backup]\nfolder = "backups"\n')
    places = [config.folder, config.path("host"), Path(config.station.work)]
    assert values(made(kept, worker=True), "(?:ReadWritePaths|BindPaths)") == [str(place) for place in places]
    assert str(config.path("backups")) in values(made(kept), "(?:ReadWritePaths|BindPaths)")


def test_a_station_that_needs_no_network_gets_none(config: Config) -> None:
    text = made(config)
    assert values(text, "PrivateNetwork") == ["yes"]
    assert values(text, "RestrictAddressFamilies") == ["AF_UNIX"]
    numbers = made(more(config, '\n[metrics]\nlisten = "127.0.0.1:9464"\n'))
    assert values(numbers, "PrivateNetwork") == []
    assert values(numbers, "IPAddressAllow") == ["localhost"]
    assert values(numbers, "IPAddressDeny") == ["any"]
    elsewhere = made(more(config, '\n[alarms]\ncommand = ["/usr/bin/curl", "https://alerte.example"]\n'))
    assert values(elsewhere, "IPAddressDeny") == []


def test_secrets_by_credential_are_asked_of_systemd(config: Config) -> None:
    named = config.model_copy(
        update={
            "alarms": config.alarms.model_copy(update={"command": ("credential:s3-secret", "credential:db", "file:x")})
        }
    )
    assert credentials(named) == ("db", "s3-secret")
    assert values(made(named), "LoadCredentialEncrypted") == ["db", "s3-secret"]


def test_java_alone_may_make_code_as_it_runs(config: Config) -> None:
    assert values(made(config), "MemoryDenyWriteExecute") == ["yes"]


def test_homes_are_hidden_but_for_a_station_that_lives_there(config: Config) -> None:
    assert values(made(config), "ProtectHome") == ["yes"]
    there = config.model_copy(update={"station": config.station.model_copy(update={"folder": "/home/scan/station"})})
    text = made(there)
    assert values(text, "ProtectHome") == ["tmpfs"]
    assert values(text, "BindPaths")[0] == "/home/scan/station"


@needs_systemd
def test_a_path_with_blanks_and_percent_signs_stays_one_path(tmp_path: Path) -> None:
    config = load(Trial.found(tmp_path / "poste 50 %", verapdf="never").config)
    path = tmp_path / "liasse-blank.service"
    path.write_text(made(config), encoding="utf-8")
    assert complaints(systemd("verify", path), path) == []
    assert f'ReadWritePaths="{tmp_path}/poste 50 %%/station"' in made(config)


def test_the_command_writes_the_unit_and_says_where_to(tmp_path: Path) -> None:
    trial = Trial.found(tmp_path / "st", verapdf="never")
    ran = trial.run("service", "unit", "--user", "scan")
    config = load(trial.config)
    assert ran.code == 0, ran.err
    assert ran.out == unit(config, Path(COMMAND), "scan").text
    assert f"/etc/systemd/system/liasse-{config.station.id}.service" in ran.err


# What systemd is told


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """A socket as systemd listens at."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(60)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        yield listening


def test_a_manager_is_told_and_its_absence_is_borne(manager: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    assert notify(READY)
    assert manager.recv(100) == b"READY=1"
    for address in ("/nonexistent/notify", "", "vsock:2:1234"):
        monkeypatch.setenv("NOTIFY_SOCKET", address)
        assert not notify(READY)


def test_an_abstract_address_is_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(f"\0liasse-test-{os.getpid()}")
        monkeypatch.setenv("NOTIFY_SOCKET", f"@liasse-test-{os.getpid()}")
        assert notify(READY)


def test_signs_of_life_come_as_often_as_asked_and_from_the_loop_alone(
    manager: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "400000")
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()))
    stop = Stop()
    manager.settimeout(0.15)
    with pytest.raises(TimeoutError):
        manager.recv(100)  # nobody looks whether to stop: nobody works
    for _ in range(100):
        assert not stop.is_set()
    assert manager.recv(100) == b"WATCHDOG=1"
    with pytest.raises(TimeoutError):
        manager.recv(100)  # a hundred looks within a tenth of a second are one sign
    assert not stop.is_set()
    assert manager.recv(100) == b"WATCHDOG=1"
    assert not any(stop.wait(0.05) for _ in range(4))  # as a worker waits
    assert manager.recv(100) == b"WATCHDOG=1"
    manager.settimeout(0.01)
    with suppress(TimeoutError):
        manager.recv(100)
    manager.settimeout(60)
    stop.set()
    assert manager.recv(100) == b"STOPPING=1"


def test_another_processs_watchdog_is_not_ours(manager: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "400000")
    monkeypatch.setenv("WATCHDOG_PID", "1")
    Pulse().beat()
    manager.setblocking(False)  # noqa: FBT003  the socket's own signature
    with pytest.raises(BlockingIOError):
        manager.recv(100)


def test_the_daemon_says_ready_lives_and_stops(manager: socket.socket, tmp_path: Path) -> None:
    trial = Trial.found(tmp_path / "st", verapdf="never")
    told = {**trial.environment(), "NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "2000000"}
    daemon = subprocess.Popen(trial.command("watch"), env=told, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        heard = [manager.recv(100) for _ in range(3)]
        daemon.terminate()
        while heard[-1] != b"STOPPING=1":
            heard.append(manager.recv(100))
    finally:
        daemon.terminate()
        daemon.wait(60)
    assert heard.index(b"READY=1") <= 1  # the first look whether to stop may come before
    assert heard.count(b"READY=1") == 1
    assert b"WATCHDOG=1" in heard


def test_asked_again_and_again_to_stop_the_daemon_stops(manager: socket.socket, tmp_path: Path) -> None:
    trial = Trial.found(tmp_path / "st", verapdf="never")
    told = {**trial.environment(), "NOTIFY_SOCKET": str(tmp_path / "notify")}
    daemon = subprocess.Popen(trial.command("watch"), env=told, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while manager.recv(100) != b"READY=1":
            pass
        for _ in range(20_000):
            daemon.terminate()
        assert daemon.wait(60) == faults.EXIT_DONE
    finally:
        daemon.kill()
        daemon.wait(60)


# With the calls and memory that the unit leaves


_WITHOUT_CODE = """
import ctypes, os, sys
if ctypes.CDLL(None).prctl(65, 1, 0, 0, 0):
    raise SystemExit(77)
os.execv(sys.argv[1], sys.argv[1:])
"""
"""PR_SET_MDWE: what MemoryDenyWriteExecute= asks for, by the kernel itself (6.3 and later)."""


def test_the_journey_needs_no_memory_that_is_written_and_executed(trial: Trial, few: Few) -> None:
    command = [
        sys.executable,
        "-c",
        _WITHOUT_CODE,
        *trial.command("--as-of", "2026-01-15", "process", few.path.parent, "--json"),
    ]
    ran = subprocess.run(command, env=trial.environment(), cwd=HOUSE, capture_output=True, text=True, check=False)
    if ran.returncode == 77:
        pytest.skip("this kernel cannot refuse it")
    assert ran.returncode == faults.EXIT_WAITING, ran.stderr
    assert '"outcome": "deposited"' in ran.stdout
