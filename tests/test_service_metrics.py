"""Numbers for Prometheus: those of the accounts, with slugs as labels, on this machine alone unless told otherwise."""

import re
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from ulid import ULID

from demo.records import Invented
from lexicon.alarms import ALARMS
from lexicon.faults import StationFault
from pipeline.config import MetricsSection, load
from pipeline.events import DocumentSettled, Event, FileSettled, FileTaken
from pipeline.office import metrics as room
from pipeline.office.metrics import Metrics, start_metrics
from pipeline.station import Station
from storage.accounts import COLUMNS, images
from tests.conftest import Processed
from tests.docs_fixtures import REFERENCE, coded, rows, section
from tests.hunter import Hunter, Person
from tests.trial_fixtures import Few, Trial, people, work

Readings = dict[tuple[str, tuple[str, ...]], float]


def fetched(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        return str(answer.read().decode())


def parsed(text: str) -> Readings:
    return {
        (sample.name, tuple(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.fixture(scope="module")
def done(
    tmp_path_factory: pytest.TempPathFactory, invented_records: Invented, few: Few
) -> tuple[Trial, tuple[Event, ...]]:
    """A station that has done its work, and what its engine told."""
    trial = Trial.found(tmp_path_factory.mktemp("done") / "station", verapdf="never")
    trial.know(invented_records)
    with trial.opened() as station:
        return trial, work(station, few.path.parent).events


@pytest.fixture
def served(
    done: tuple[Trial, tuple[Event, ...]], monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Station, Metrics, int]]:
    """Its numbers on a free port; each question is asked anew."""
    monkeypatch.setattr(room, "_KEPT_SECONDS", 0.0)
    trial, events = done
    with trial.opened() as station, closing(Metrics(station)) as metrics:
        for event in events:
            metrics.tell(event)
        yield station, metrics, metrics.serve("127.0.0.1:0", beyond_loopback=False)


def test_the_numbers_are_those_of_the_accounts(served: tuple[Station, Metrics, int]) -> None:
    station, _, port = served
    read = parsed(fetched(port))
    with station.database.read() as session:
        accounts = images(session)
    assert {name: read["liasse_images", (name,)] for name in COLUMNS} == accounts.columns
    assert read["liasse_images", ("in-progress",)] == 0
    assert read["liasse_documents", ("deposited",)] == read["liasse_documents", ("refused",)] == 1
    assert read["liasse_waiting", ()] == 1
    assert read["liasse_queue", ()] == read["liasse_dead_letters", ()] == 0
    assert read["liasse_clock_trusted", ()] == read["liasse_readable", ()] == 1
    assert read["liasse_ledger_entries", ()] > 10
    assert read["liasse_ledger_unsigned_entries", ()] == 0
    assert 0 < read["liasse_oldest_waiting_seconds", ()] < 600
    assert read["liasse_stored_bytes", ("quarantine",)] > 1000
    assert {labels[0] for name, labels in read if name == "liasse_alarm"} == ALARMS.keys()


def test_what_this_process_did_is_counted(served: tuple[Station, Metrics, int]) -> None:
    _, metrics, port = served
    read = parsed(fetched(port))
    assert read["liasse_files_taken_total", ()] == 1
    assert read["liasse_documents_settled_total", ("deposited",)] == 1
    assert read["liasse_deposit_seconds_count", ()] == 1
    assert 0 < read["liasse_deposit_seconds_sum", ()] < 300
    pages = read["liasse_pages_total", ()]
    assert pages > 1
    born = str(ULID.from_datetime(datetime.now(UTC)))
    metrics.tell(FileTaken("f", "b", "n", 1))
    metrics.tell(FileSettled("f", "b", "n", "0", 5, 5, dict.fromkeys(COLUMNS, 0), None))
    metrics.tell(DocumentSettled(born, "b", "f", "n", (1,), None, None, "in-progress", "host-full", None, None, None))
    read = parsed(fetched(port))
    assert read["liasse_pages_total", ()] == pages + 5
    assert read["liasse_host_faults_total", ("host-full",)] == 1


def test_every_metric_has_its_row_and_every_row_its_metric(served: tuple[Station, Metrics, int]) -> None:
    found = re.findall(r"^# TYPE (liasse_\w+) ", fetched(served[2]), re.MULTILINE)
    told = rows(section((REFERENCE / "service.md").read_text(encoding="utf-8"), "Metrics"))
    names = [word for row in told for word in coded(row[0]) if word.startswith("liasse_")]
    assert sorted(names) == sorted(
        [*(name for name in found if not name.endswith("_created")), "liasse_backup_age_seconds"]
    )


def test_a_station_that_cannot_be_read_says_that_alone(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_KEPT_SECONDS", 0.0)
    with trial.opened() as station, closing(Metrics(station)) as metrics:
        port = metrics.serve("127.0.0.1:0", beyond_loopback=False)
        with station.database.write_connection("test.break") as connection:
            connection.exec_driver_sql("ALTER TABLE page RENAME TO elsewhere")
        read = parsed(fetched(port))
    assert read["liasse_readable", ()] == 0
    assert ("liasse_queue", ()) not in read


def test_numbers_are_not_asked_for_more_often_than_agreed(trial: Trial) -> None:
    with trial.opened() as station, closing(Metrics(station)) as metrics:
        port = metrics.serve("127.0.0.1:0", beyond_loopback=False)
        before = parsed(fetched(port))
        with station.database.write_connection("test.break") as connection:
            connection.exec_driver_sql("ALTER TABLE page RENAME TO elsewhere")
        after = parsed(fetched(port))
        assert after["liasse_readable", ()] == before["liasse_readable", ()] == 1


@pytest.mark.parametrize("listen", ["0.0.0.0:0", "[::]:0", "192.0.2.1:9464", "example.org:9464"])
def test_other_machines_do_not_reach_it_unless_told(trial: Trial, listen: str) -> None:
    with trial.opened() as station, closing(Metrics(station)) as metrics:
        with pytest.raises(StationFault) as raised:
            metrics.serve(listen, beyond_loopback=False)
        assert raised.value.code == "metrics-open"


def test_an_address_that_cannot_be_had_is_told(trial: Trial) -> None:
    with trial.opened() as station, closing(Metrics(station)) as metrics, closing(Metrics(station)) as other:
        port = metrics.serve("127.0.0.1:0", beyond_loopback=False)
        for listen in (f"127.0.0.1:{port}", "192.0.2.1:9464", "127.0.0.1:99999"):
            with pytest.raises(StationFault) as raised:
                other.serve(listen, beyond_loopback=True)
            assert raised.value.code == "metrics-unusable"


def test_nothing_listens_unless_the_configuration_says_so(trial: Trial) -> None:
    with trial.opened() as station:
        assert not station.config.metrics.listen
        metrics = start_metrics(station)
        assert metrics._server is None
        metrics.close()
        chosen = station.config.model_copy(update={"metrics": MetricsSection(listen="127.0.0.1:0")})
        with closing(start_metrics(replace(station, config=chosen))) as metrics:
            assert metrics._server is not None


def test_no_number_names_anybody(processed: Processed) -> None:
    """After a whole run: identities, references, files and identifiers are nowhere in what is served."""
    with processed.trial.opened() as station, closing(Metrics(station)) as metrics:
        text = fetched(metrics.serve("127.0.0.1:0", beyond_loopback=False))
    assert Hunter(map(Person.of, people()), {}).in_text(text, "metrics") == set()
    for ref in (patient.ref for patient in processed.invented.patients):
        assert ref not in text
    for name in processed.files:
        assert Path(name).stem not in text
    labels = {value for _, values in parsed(text) for value in values}
    assert all(re.fullmatch(r"[a-z0-9.+-]+|\+Inf", value) for value in labels), labels


def test_the_daemon_serves_its_numbers_while_it_watches(trial: Trial) -> None:
    """The command itself, with the address in its configuration."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    text = trial.config.read_text(encoding="utf-8")
    trial.config.write_text(f'{text}\n[metrics]\nlisten = "127.0.0.1:{port}"\n', encoding="utf-8")
    assert load(trial.config).metrics.listen
    daemon = subprocess.Popen(
        trial.command("watch"), env=trial.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    assert daemon.stderr is not None
    try:
        assert str(trial.inbox) in daemon.stderr.readline()
        deadline = time.monotonic() + 30
        while parsed(fetched(port)).get(("liasse_last_file_seconds", ("1",))) is None:
            assert time.monotonic() < deadline
            time.sleep(0.2)
    finally:
        daemon.terminate()
        _, said = daemon.communicate(timeout=60)
    assert daemon.returncode in (0, 130), said
