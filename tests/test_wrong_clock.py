"""A clock that is set wrong: the gate closes and says so, nothing is destroyed by it, and there is a declared way out.

The real program runs under libfaketime (Debian: faketime), which sets the time of day and leaves the steady clocks.
"""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from demo.records import Invented
from lexicon.faults import EXIT_CONFIGURATION
from tests.command_mother import COMMAND
from tests.trial_fixtures import Trial, register_sheet, run_command
from tests.wrong_fixtures import Dial, Running, drop, settled, watching, whole

_HOUR = 3600
_YEAR = 365 * 24 * _HOUR


@pytest.fixture
def dial(tmp_path: Path) -> Dial:
    return Dial(tmp_path)


def reasons(daemon: Running) -> set[str]:
    return {line["reason"] for line in daemon.of_kind("document")}


@pytest.mark.parametrize("seconds", [-_HOUR, _YEAR], ids=["back an hour", "forward a year"])
def test_set_wrong_under_the_daemon_the_gate_closes_and_once_it_is_right_what_waited_goes_on_by_itself(
    site: Trial, scan: Path, dial: Dial, seconds: int
) -> None:
    with watching(site, dial.variables) as daemon:
        dial.turn(seconds)
        drop(site, scan)
        daemon.until(lambda: len(settled(daemon)) == 2)
        assert reasons(daemon) == {"clock-untrusted"}
        assert settled(daemon) == ["refused", "refused"]
        assert not list(site.host.rglob("*.p7m"))
        dial.turn(0)
        daemon.until(lambda: judged_anew(site))
        assert daemon.stop() == 0
    with site.opened() as station, station.database.read() as session:
        documents = station.documents.documents(session)
        assert sorted((d.state, d.custody) for d in documents) == [("deposited", None), ("refused", "closed")]
        assert station.quarantine.ids() == ()
        times = [json.loads(entry)["time"] for entry in station.ledger.entries(session)]
    assert max(times)[:4] == times[0][:4], "a day that has not come is in no entry"
    assert whole(site, deposited=1)["refused"] == 1


def judged_anew(site: Trial) -> bool:
    """Whether nothing waits for the clock any more, and nothing is on its way."""
    told = json.loads(site.run("status", "--json").out)
    return "clock-untrusted" not in told["waiting"] and not told["documents"].get("in-progress", 0)


def test_started_a_year_ahead_a_person_accepts_the_right_time_and_the_ledger_says_so(
    site: Trial, scan: Path, dial: Dial, tmp_path: Path
) -> None:
    dial.turn(_YEAR)
    with watching(site, dial.variables) as daemon:
        drop(site, scan)
        daemon.until(lambda: len(settled(daemon)) == 2)
        assert daemon.stop() == 0
    told = json.loads(site.run("custody", "clock", "--json").out)
    assert not told["trusted"]
    assert abs(told["behind"] - _YEAR) < _HOUR
    accepted = site.run("custody", "clock", "--accept")
    assert accepted.code == 0, accepted.err
    assert json.loads(site.run("custody", "clock", "--json").out)["trusted"]
    again = site.run("custody", "clock", "--accept")
    assert (again.code, "clock-not-behind" in again.err) == (4, True)
    verdict = json.loads(site.run("custody", "verify", "--json").out)
    assert verdict["verified"]
    assert len(verdict["clocks"]) == 1
    other = tmp_path / "later"
    other.mkdir()
    (other / "more.tif").write_bytes(scan.read_bytes() + b"\0")
    assert "clock-untrusted" not in site.process(other, "--json").out
    assert json.loads(site.run("custody", "verify", "--json").out)["verified"]


@pytest.mark.slow
def test_what_was_imported_while_the_clock_was_ahead_is_refused_and_the_backup_of_before_brings_the_station_back(
    site: Trial, dial: Dial, tmp_path: Path, invented_records: Invented
) -> None:
    assert site.run("backup", "--out", tmp_path / "copies").code == 0
    sheet = tmp_path / "withdrawal.csv"
    sheet.write_bytes(register_sheet(invented_records, "A1001", "retiree"))
    dial.turn(_YEAR)
    assert _imported(replace(site, variables=dial.variables), sheet) == 1
    dial.turn(0)
    refused = site.run("custody", "clock", "--accept")
    assert (refused.code, "clock-facts-ahead" in refused.err) == (EXIT_CONFIGURATION, True)
    assert not json.loads(site.run("custody", "clock", "--json").out)["trusted"]
    fresh = _restored(site, tmp_path)
    assert json.loads(fresh.run("custody", "clock", "--json").out)["trusted"]
    assert _imported(fresh, sheet) == 1, "the backup of before knows nothing of it: it is told again, in true time"
    assert json.loads(fresh.run("custody", "verify", "--json").out)["verified"]


def _imported(trial: Trial, sheet: Path) -> int:
    """How many lines of a register were new."""
    ran = trial.run("authorization", "import", sheet, "--json")
    assert ran.code == 0, ran.err
    added: int = ran.lines[-1]["added"]
    return added


def _restored(site: Trial, base: Path) -> Trial:
    """The station from the only backup, in a new folder; host and work folder are where they were."""
    told = site.config.read_text(encoding="utf-8").replace('folder = "host"', f'folder = "{site.host}"')
    theirs = base / "their.toml"
    theirs.write_text(told, encoding="utf-8")
    (backup,) = (base / "copies").iterdir()
    key, certificate = (site.folder / "trial-keys" / f"client.{end}" for end in ("key", "crt"))
    who = ("--key", key, "--cert", certificate, "--into", base / "again", "--with-config", theirs)
    ran = run_command([COMMAND, "restore", backup, *who], site.environment())
    assert ran.code == 0, ran.err
    return Trial(base / "again")
