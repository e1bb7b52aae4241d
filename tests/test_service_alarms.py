"""What lasts too long is told when it begins and when it ends, in working hours where a scanner is meant."""

import json
import os
import shutil
import socket
import sys
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families
from sqlmodel import col, select

from demo.records import Invented
from lexicon.alarms import ALARMS
from lexicon.catalogue import FAULTS
from pipeline import announced
from pipeline.config import AlarmsSection
from pipeline.inbox import CLAIMS
from pipeline.office import alarms as room
from pipeline.office.alarms import Alarm, Bell, alarms, inboxes_there, is_silent, working_time
from pipeline.office.journal import FILE, start_journal
from pipeline.sources import open_inbox
from pipeline.station import Station
from storage.tables import DocumentRow, FileRow, ReceiptRow
from storage.times import read_time, write_time
from tests.docs_fixtures import REFERENCE, coded, rows, section
from tests.test_docs_sentences import places
from tests.trial_fixtures import Few, Trial, work
from tests.wrong_fixtures import watching

PARIS = ZoneInfo("Europe/Paris")
WEEK = AlarmsSection()
HOURS = st.integers(0, 24 * 400).map(lambda hours: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours, minutes=7))


# Working time


@pytest.mark.parametrize(
    ("since", "until", "hours"),
    [
        ((2026, 1, 15, 9), (2026, 1, 15, 12), 3),  # a Thursday, within the day
        ((2026, 1, 15, 17), (2026, 1, 16, 9), 2),  # over a night
        ((2026, 1, 16, 17), (2026, 1, 19, 9), 2),  # over a week-end
        ((2026, 1, 17, 9), (2026, 1, 18, 20), 0),  # a week-end alone
        ((2026, 3, 27, 17), (2026, 3, 30, 9), 2),  # over the change to summer time
        ((2026, 1, 15, 6), (2026, 1, 15, 23), 10),
    ],
)
def test_only_working_hours_count(since: tuple[int, ...], until: tuple[int, ...], hours: int) -> None:
    begun, ended = (datetime(*when, tzinfo=PARIS) for when in (since, until))  # type: ignore[arg-type, misc]  # five numbers each
    assert working_time(WEEK, PARIS, begun.astimezone(UTC), ended.astimezone(UTC)) == timedelta(hours=hours)


@given(HOURS, HOURS, HOURS)
def test_working_time_adds_up_and_never_exceeds_time(one: datetime, two: datetime, three: datetime) -> None:
    a, b, c = sorted((one, two, three))
    whole = working_time(WEEK, PARIS, a, c)
    assert whole == working_time(WEEK, PARIS, a, b) + working_time(WEEK, PARIS, b, c) or c - a > timedelta(days=365)
    assert timedelta() <= whole <= c - a
    assert working_time(WEEK, PARIS, c, a) == timedelta()


def test_a_scanner_that_rests_at_night_is_not_silent() -> None:
    evening, morning = datetime(2026, 1, 16, 17, tzinfo=PARIS), datetime(2026, 1, 19, 9, tzinfo=PARIS)
    assert not is_silent(WEEK, PARIS, evening, morning)
    assert is_silent(WEEK, PARIS, evening, morning + timedelta(hours=4))
    assert not is_silent(AlarmsSection(silent_hours=0), PARIS, evening, morning + timedelta(days=9))


# Of a station


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory, invented_records: Invented, few: Few) -> Trial:
    """A station of two documents: one deposited, one refused."""
    trial = Trial.found(tmp_path_factory.mktemp("done") / "station", verapdf="never")
    trial.know(invented_records)
    with trial.opened() as station:
        assert work(station, few.path.parent).code == 3
    return trial


@pytest.fixture
def station(done: Trial, tmp_path: Path) -> Iterator[Station]:
    """A copy of it."""
    shutil.copytree(done.folder, tmp_path / "copy", symlinks=True)
    with Trial(tmp_path / "copy").opened() as station:
        yield station


def slugs(station: Station, now: datetime) -> dict[str, int]:
    return {alarm.slug: alarm.count for alarm in alarms(station, now)}


def now() -> datetime:
    return datetime.now(UTC)


def test_a_station_that_has_done_its_work_has_no_alarm(station: Station) -> None:
    assert alarms(station, now()) == ()


def test_a_document_waits_for_a_person_from_its_refusal_on(station: Station) -> None:
    with station.database.read() as session:
        settled = session.exec(select(DocumentRow.settled_at).where(DocumentRow.state == "refused")).one()
    (alarm,) = [a for a in alarms(station, now() + timedelta(days=7, minutes=1)) if a.slug == "waiting-long"]
    assert alarm == Alarm("waiting-long", 1, read_time(settled or ""))
    assert "waiting-long" not in slugs(station, now() + timedelta(days=6))


def test_what_stays_longer_than_the_contract_says_is_told_but_not_what_was_deposited(station: Station) -> None:
    assert slugs(station, now() + timedelta(days=31))["custody-long"] == 1
    assert "custody-long" not in slugs(station, now() + timedelta(days=29))


def test_an_envelope_without_its_receipt_is_a_host_that_is_away(station: Station) -> None:
    with station.database.write("test.undo") as session:
        row = session.exec(select(DocumentRow).where(DocumentRow.state == "deposited")).one()
        row.state = "in-progress"
        session.delete(session.exec(select(ReceiptRow).where(ReceiptRow.document_id == row.id)).one())
    assert slugs(station, now() + timedelta(minutes=16)) == {"host-away": 1}
    assert "host-away" not in slugs(station, now() + timedelta(minutes=14))
    assert slugs(station, now() + timedelta(hours=5)) == {"host-away": 1, "progress-long": 1}


def test_work_that_waits_for_a_persons_word_is_a_dead_letter(station: Station) -> None:
    with station.database.write("test.pause") as session:
        row = session.exec(select(DocumentRow).where(col(DocumentRow.state) == "deposited")).one()
        row.state, row.paused = "in-progress", "cancelled"
        file = session.exec(select(FileRow)).first()
        assert file is not None
        file.state, file.paused = "captured", "cancelled"
    assert slugs(station, now() + timedelta(hours=5)) == {"dead-letters": 2}


def test_a_drop_folder_is_silent_since_its_last_file(station: Station) -> None:
    claims = station.config.path(station.config.inbox[0].folder) / CLAIMS
    assert not claims.exists()
    assert "folder-silent" not in slugs(station, now() + timedelta(days=30)), "nothing has ever watched it"
    claims.mkdir(mode=0o700)
    taken = datetime(2026, 1, 14, 9, tzinfo=UTC)
    os.utime(claims, (taken.timestamp(),) * 2)
    (alarm,) = [a for a in alarms(station, datetime(2026, 1, 14, 14, tzinfo=UTC)) if a.slug == "folder-silent"]
    assert alarm == Alarm("folder-silent", 1, taken)


def test_a_drop_folder_that_goes_away_is_told_until_it_is_back(station: Station) -> None:
    inbox = station.config.path(station.config.inbox[0].folder)
    elsewhere = inbox.with_name("elsewhere")
    inbox.rename(elsewhere)
    assert (slugs(station, now()), inboxes_there(station)) == ({}, {1: False}), "nothing has ever watched it"
    elsewhere.rename(inbox)
    assert inboxes_there(station) == {1: True}
    with open_inbox(station, station.config.inbox[0]):
        assert (slugs(station, now()), inboxes_there(station)) == ({}, {1: True})
    inbox.rename(elsewhere)
    assert (slugs(station, now()), inboxes_there(station)) == ({"inbox-away": 1}, {1: False})
    inbox.mkdir()
    assert (slugs(station, now()), inboxes_there(station)) == ({"inbox-away": 1}, {1: False}), "an empty mount point"
    inbox.rmdir()
    elsewhere.rename(inbox)
    assert (slugs(station, now()), inboxes_there(station)) == ({}, {1: True})


@pytest.mark.slow
def test_a_drop_folder_that_goes_away_under_the_daemon_rings_and_is_quiet_when_it_is_back(trial: Trial) -> None:
    """The program itself: the bell in its log, the alarm in `status`, the number in its metrics."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with trial.config.open("a", encoding="utf-8") as told:
        told.write(f'\n[metrics]\nlisten = "127.0.0.1:{port}"\n')
    elsewhere = trial.folder / "elsewhere"
    with watching(trial) as daemon:
        trial.inbox.rename(elsewhere)
        daemon.until(lambda: _rung(trial) == ["alarm-raised"])
        (told_away,) = trial.run("status", "--json").lines[0]["alarms"]
        assert told_away == {"alarm": "inbox-away", "count": 1, "since": None}
        said = trial.run("status").out
        assert ALARMS["inbox-away"].fr in said
        assert ALARMS["inbox-away"].fr_hint in said
        daemon.until(lambda: _present(port) == {"1": 0.0})
        elsewhere.rename(trial.inbox)
        daemon.until(lambda: _rung(trial) == ["alarm-raised", "alarm-cleared"])
        daemon.until(lambda: _present(port) == {"1": 1.0})
        assert trial.run("status", "--json").lines[0]["alarms"] == []
        assert daemon.stop() == 0


def _rung(trial: Trial) -> list[str]:
    logged = [json.loads(line) for line in (trial.home / "log" / FILE).read_text(encoding="utf-8").splitlines()]
    return [line["event"] for line in logged if line.get("alarm") == "inbox-away"]


def _present(port: int) -> dict[str, float]:
    """`liasse_inbox_present` by the drop folder's number, as the daemon serves it."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        families = text_string_to_metric_families(answer.read().decode())
        samples = [sample for family in families for sample in family.samples]
    return {one.labels["inbox"]: one.value for one in samples if one.name == "liasse_inbox_present"}


def test_a_place_with_little_room_is_told(station: Station) -> None:
    config = station.config
    most = config.model_copy(update={"alarms": AlarmsSection(free_megabytes=10**9)})
    assert slugs(replace(station, config=most), now()) == {"disk-short": 2}
    never = config.model_copy(update={"alarms": AlarmsSection(free_megabytes=0)})
    assert slugs(replace(station, config=never), now()) == {}


def test_a_clock_behind_the_ledger_is_told(station: Station) -> None:
    behind = replace(station.clock, wall=lambda: now() - timedelta(hours=1))
    assert slugs(replace(station, clock=behind), now()) == {"clock-behind": 1}


def test_status_tells_alarms_with_what_to_do(trial: Trial) -> None:
    text = trial.config.read_text(encoding="utf-8")
    trial.config.write_text(f"{text}\n[alarms]\nfree_megabytes = 1000000000\n", encoding="utf-8")
    (told,) = trial.run("status", "--json").lines[0]["alarms"]
    assert told == {"alarm": "disk-short", "count": 2, "since": None}
    said = trial.run("status").out
    assert ALARMS["disk-short"].fr in said
    assert ALARMS["disk-short"].fr_hint in said


# The bell


def heard(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "heard").read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def command(tmp_path: Path) -> Callable[[str], tuple[str, ...]]:
    def made(body: str) -> tuple[str, ...]:
        script = tmp_path / "bell.py"
        script.write_text(f"import os, sys\n{body}\n", encoding="utf-8")
        return (sys.executable, str(script), str(tmp_path / "heard"))

    return made


KEEP = "open(sys.argv[1], 'a').write(sys.stdin.read() + '\\n')"
AT = datetime(2026, 1, 15, 9, tzinfo=UTC)
AWAY, FULL = Alarm("host-away", 3, AT), Alarm("disk-short", 1, None)


def test_an_alarm_is_told_once_when_it_begins_and_once_when_it_ends(
    tmp_path: Path, command: Callable[[str], tuple[str, ...]]
) -> None:
    start_journal(tmp_path)
    bell = Bell("st-1", command(KEEP))
    for standing in ([], [AWAY], [replace(AWAY, count=9)], [AWAY, FULL], [FULL], []):
        bell.hear(standing, AT)
    told = heard(tmp_path)
    assert [(t["raised"], t["cleared"], t["standing"]) for t in told] == [
        ([dict(AWAY.answer)], [], ["host-away"]),
        ([dict(FULL.answer)], [], ["disk-short", "host-away"]),
        ([], ["host-away"], ["disk-short"]),
        ([], ["disk-short"], []),
    ]
    assert told[0]["station"] == "st-1"
    assert told[0]["at"] == write_time(AT)
    logged = [json.loads(line) for line in (tmp_path / FILE).read_text(encoding="utf-8").splitlines()]
    assert [(line["event"], line["alarm"]) for line in logged] == [
        ("alarm-raised", "host-away"), ("alarm-raised", "disk-short"), ("alarm-cleared", "host-away"),
        ("alarm-cleared", "disk-short"),
    ]  # fmt: skip


def test_the_stations_program_is_given_no_secret(
    tmp_path: Path, command: Callable[[str], tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("S3_SECRET", "geheim")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", "/run/credentials/x")
    Bell("st-1", command("import json; open(sys.argv[1], 'w').write(json.dumps(sorted(os.environ)))")).hear([AWAY], AT)
    names = json.loads((tmp_path / "heard").read_text(encoding="utf-8"))
    assert not {"S3_SECRET", "CREDENTIALS_DIRECTORY"} & set(names)


@pytest.mark.parametrize("body", ["raise SystemExit(3)", "import time; time.sleep(600)"])
def test_a_program_that_fails_or_hangs_stops_nothing(
    tmp_path: Path, command: Callable[[str], tuple[str, ...]], body: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "COMMAND_SECONDS", 0.5)
    start_journal(tmp_path)
    Bell("st-1", command(body)).hear([AWAY], AT)
    Bell("st-1", ("/nonexistent/program",)).hear([AWAY], AT)
    text = (tmp_path / FILE).read_text(encoding="utf-8")
    assert text.count("alarm-command-failed") == 2


# Words


def test_every_alarm_has_its_sentence_in_both_languages_and_its_row() -> None:
    for slug, said in ALARMS.items():
        texts = (said.fr, said.fr_hint, said.en, said.en_hint)
        assert all(text and text[0].isupper() and text[-1] == "." for text in texts), slug
        assert not any(map(places, texts))
        assert slug not in FAULTS
    page = (REFERENCE / "service.md").read_text(encoding="utf-8")
    told = {word for row in rows(section(page, "Alarms")) for word in coded(row[0])}
    assert told == ALARMS.keys()


def test_every_alarm_that_can_ring_has_a_sentence() -> None:
    source = "".join(Path(str(one.__file__)).read_text(encoding="utf-8") for one in (room, announced))
    assert {slug for slug in ALARMS if f'"{slug}"' in source} == ALARMS.keys()
