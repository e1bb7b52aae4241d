"""The durable engine: what is to be done survives the process, the version, its own tables, and a second worker."""

import json
import os
import re
import shutil
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import column, func, select, table

from consent_gate.model import Clearance
from demo.records import Invented
from handover.build import build
from lexicon.faults import EXIT_DONE, EXIT_HOST, EXIT_REGISTER, EXIT_WAITING, StationFault
from pipeline import durable, engine
from pipeline import steps as engine_steps
from pipeline.model import Recognised, Scan
from pipeline.office import tasks
from pipeline.runs import process_folder
from pipeline.station import Station
from pipeline.steps import priority
from pipeline.waking import Waker
from storage import work
from storage.database import engine_for_dbos
from storage.hosts import AlreadyThere, Created
from storage.work import Superseded
from tests.command_mother import Process, begun
from tests.host_fixtures import MemoryHost
from tests.pg_fixtures import Server
from tests.test_database_journey import moved_to
from tests.trial_fixtures import Few, Json, RememberingTools, Trial, make_few, run_command
from tests.trial_fixtures import work as work_through

DEPOSITED = {(2,): ("deposited", None)}


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_steps, "DocumentTools", RememberingTools)


@pytest.fixture
def waiting(trial: Trial, few: Few, quick: None) -> Trial:  # noqa: ARG001
    """A station of which one document waits for a host that is away."""
    (trial.inbox / few.path.name).write_bytes(few.path.read_bytes())
    with trial.opened() as station:
        vars(station)["host"] = station.host
        away = trial.host.rename(trial.folder / "unmounted")
        trial.host.mkdir()
        (trial.host / station.id).write_bytes(b"")  # a file where the station's folder should be: every put fails
        assert work_through(station, trial.inbox).code == EXIT_HOST
        (trial.host / station.id).unlink()
        trial.host.rmdir()
        away.rename(trial.host)
    return trial


def tables(trial: Trial) -> Iterator[tuple[str, str]]:
    """Every value of text in the engine's tables, with its column."""
    with closing(sqlite3.connect(f"file:{trial.home / 'engine.db'}?mode=ro", uri=True)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for name in names:
            cursor = connection.execute(f'SELECT * FROM "{name}"')  # noqa: S608  the table's own name
            columns = [column for column, *_ in cursor.description]
            for row in cursor:
                for column, value in zip(columns, row, strict=True):
                    if isinstance(value, str | bytes):
                        yield f"{name}.{column}", value if isinstance(value, str) else value.decode("latin-1")


HARMLESS = re.compile(r'[A-Za-z0-9_.:+\-\[\]{}"\', ]*')
INSIDE = re.compile(r"(inputs|output|error|message|value)$")


def test_the_engines_tables_hold_identifiers_and_slugs(waiting: Trial) -> None:
    found = [(column, value) for column, value in tables(waiting) if INSIDE.search(column)]
    assert len(found) > 5
    said = {word for _, value in found for word in re.findall(r"[^\W\d_]{3,}", value)}
    slugs = {one.value for one in durable.Ended} | {"positionalArgs", "namedArgs"}
    ulids = {word for word in said if re.fullmatch(r"[0-9A-HJKMNP-TV-Z]+", word)}
    assert said - slugs - ulids == set()
    assert all(HARMLESS.fullmatch(value) for _, value in found)


def test_what_the_engine_forgot_is_begun_again_from_the_rows(waiting: Trial) -> None:
    for part in waiting.home.glob("engine.db*"):
        part.unlink()
    with waiting.opened() as station:
        assert work_through(station, waiting.inbox).ends() == DEPOSITED


def test_the_engines_tables_remember_some_days_and_not_for_ever(
    waiting: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(durable, "_AT_ONCE", 1)
    with waiting.opened() as station:
        assert work_through(station, waiting.inbox).ends() == DEPOSITED
    done = rows(waiting, "SUCCESS")
    assert done > 2
    with waiting.opened() as station:
        work_through(station, waiting.inbox)
    assert rows(waiting, "SUCCESS") == done
    monkeypatch.setattr(engine, "_KEPT", timedelta(days=-1))
    began = time.monotonic()
    with waiting.opened() as station, engine.open_engine(station, lambda _: None, threading.Event()) as driver:
        while rows(waiting, "SUCCESS") and time.monotonic() < began + 120:
            driver.look()
        assert rows(waiting, "SUCCESS") == 0


def rows(trial: Trial, *ended: str) -> int:
    """Workflows in these states; read by the engine's own SQLite, for a second one would let go of its locks."""
    asked = select(func.count()).select_from(table("workflow_status")).where(column("status").in_(ended))
    with trial.opened() as station:
        database = engine_for_dbos(station.config.database_url)
        with database.connect() as connection:
            found = connection.execute(asked).scalar_one()
        database.dispose()
    return int(found)


def test_work_that_another_version_left_is_ended_rightly(waiting: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(durable, "VERSION", "2")
    with waiting.opened() as station:
        assert work_through(station, waiting.inbox).ends() == DEPOSITED
    assert rows(waiting, "PENDING", "ENQUEUED", "DELAYED") == 0


def kept(trial: Trial) -> list[Json]:
    return trial.run("task", "list", "--json").lines


def test_a_person_stops_work_and_lets_it_go_on(waiting: Trial) -> None:
    (one,) = kept(waiting)
    assert (one["kind"], one["paused"], one["fault"]) == ("document", "", "host-refused")
    assert waiting.run("task", "cancel", one["id"]).code == EXIT_DONE
    with waiting.opened() as station:
        stopped = work_through(station, waiting.inbox)
    assert (stopped.code, stopped.ends()) == (EXIT_WAITING, {(2,): ("in-progress", "cancelled")})
    assert waiting.run("task", "resume", one["id"]).code == EXIT_DONE
    assert kept(waiting) == []
    with waiting.opened() as station:
        assert work_through(station, waiting.inbox).ends() == DEPOSITED
    said = [json.loads(entry) for entry in waiting.run("custody", "show", "--object", one["id"]).out.splitlines()]
    assert [entry["outcome"] for entry in said if entry["type"] == "task"] == ["work-stopped", "work-resumed"]


def test_what_ends_while_a_person_stops_it_was_not_stopped(waiting: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    (one,) = kept(waiting)
    with waiting.opened() as station:
        seen = tasks._found(station, one["id"])
        assert work_through(station, waiting.inbox).ends() == DEPOSITED
    with waiting.opened() as station:
        monkeypatch.setattr(tasks, "_found", lambda *_: seen)
        with pytest.raises(StationFault, match="task-unknown"):
            tasks.cancel(station, one["id"])
    said = [json.loads(entry) for entry in waiting.run("custody", "show", "--object", one["id"]).out.splitlines()]
    assert [entry for entry in said if entry["type"] == "task"] == []


def test_work_that_is_given_up_is_set_aside_and_accounted_for(waiting: Trial) -> None:
    (one,) = kept(waiting)
    waiting.run("task", "cancel", one["id"])
    assert waiting.run("task", "abandon", one["id"]).code == EXIT_DONE
    assert waiting.run("task", "abandon", one["id"]).err.count("[task-unknown]") == 1
    with waiting.opened() as station:
        assert work_through(station, waiting.inbox).documents == ()
        columns = build(station, waiting.folder / "restitution").images.columns
    assert (columns["set-aside"], columns["refused"], columns["deposited"]) == (1, 1, 0)
    assert waiting.left_at_work() == []


def test_work_that_ends_its_process_again_and_again_waits_for_a_person(trial: Trial, tmp_path: Path) -> None:
    one = make_few(tmp_path / "scan", "ONE_0001.tif", ("certificat", "A1001", "deposited"))
    (trial.inbox / one.path.name).write_bytes(one.path.read_bytes())
    deadly = trial.environment() | {"LIASSE_FAILPOINT": "document.take:after=kill"}
    command = trial.command("--as-of", "2026-01-15", "process", trial.inbox, "--json")
    codes: list[int] = []
    while not codes or (codes[-1] == -signal.SIGKILL and len(codes) < 2 * durable.RECOVERIES):
        codes.append(run_command(command, deadly).code)
    assert codes[-1] == EXIT_WAITING
    assert len(codes) > durable.RECOVERIES
    (dead,) = kept(trial)
    assert dead["paused"] == "dead-letter"
    trial.run("task", "resume", dead["id"])
    assert trial.process(trial.inbox).code == EXIT_DONE
    assert kept(trial) == []


class Hesitant(MemoryHost):
    """Before it stores a document's envelope, a person gives the document up."""

    def __init__(self, station: Station) -> None:
        super().__init__()
        self._station, self.given_up = station, ""

    def create(self, key: str, source: Path, sha256: str, size: int) -> Created | AlreadyThere:
        copy = Path(shutil.copy(source, self._station.work / "on-the-wire"))
        with self._station.database.read() as session:
            (*_, under_way) = [one.id for one in work.open_documents(session)] or [""]
        if under_way and not self.given_up:
            self.given_up = under_way
            tasks.cancel(self._station, under_way)
            tasks.abandon(self._station, under_way)
        return super().create(key, copy, sha256, size)


def test_what_is_put_after_a_person_gave_the_document_up_goes_again(trial: Trial, few: Few, quick: None) -> None:  # noqa: ARG001
    (trial.inbox / few.path.name).write_bytes(few.path.read_bytes())
    with trial.opened() as station:
        host = Hesitant(station)
        vars(station)["host"] = host
        ends = work_through(station, trial.inbox).ends()
        assert ends[(2,)] == ("set-aside", "abandoned")
        with station.database.read() as session:
            outcomes = [json.loads(entry)["outcome"] for entry in station.ledger.entries(session)]
    assert host.given_up
    assert (outcomes.count("taken-back"), outcomes.count("deposited")) == (2, 0)
    assert [stored.key for stored in host.list("") if stored.key.endswith(".p7m")] == []


def test_who_took_a_document_last_has_it(waiting: Trial) -> None:
    (one,) = kept(waiting)
    with waiting.opened() as station:
        with station.database.write("test.take") as session:
            assert work.take(session, one["id"], "first")
            assert work.take(session, one["id"], "second")
        with station.database.read() as session:
            work.require_held(session, one["id"], "second")
            with pytest.raises(Superseded):
                work.require_held(session, one["id"], "first")


def test_a_worker_that_another_one_overtook_writes_nothing(
    trial: Trial, few: Few, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one reads a document, another takes it: the first one's words go nowhere, and the document ends once."""
    overtaken, stop = threading.Event(), threading.Event()

    class Overtaken(RememberingTools):
        __slots__ = ()

        def recognise(self, scan: Scan, clearance: Clearance) -> Recognised:
            recognised = super().recognise(scan, clearance)
            if not overtaken.is_set():
                with self.station.database.write("test.take") as session:
                    work.take(session, scan.document, "another")
                overtaken.set()
                stop.set()  # the other one does not exist: this run would wait for it
            return recognised

    monkeypatch.setattr(engine_steps, "DocumentTools", Overtaken)
    (trial.inbox / few.path.name).write_bytes(few.path.read_bytes())
    with trial.opened() as station:
        process_folder(station, trial.inbox, lambda _: None, stop)
        assert work_through(station, trial.inbox).ends() == DEPOSITED
        with station.database.read() as session:
            outcomes = [json.loads(entry)["outcome"] for entry in station.ledger.entries(session)]
    assert overtaken.is_set()
    assert (outcomes.count("recognised"), outcomes.count("sealed")) == (1, 1)


def test_small_documents_pass_large_ones_and_large_ones_have_their_turn() -> None:
    first, minute_later, hour_later = (f"2026-11-22T{time}Z" for time in ("00:00:00", "00:01:00", "01:00:00"))
    assert priority(minute_later, 1) < priority(first, 500)
    assert priority(first, 500) < priority(hour_later, 1)


@dataclass
class Noting:
    """Steps that note what they are called for."""

    prepared: list[str] = field(default_factory=list)

    def open_file(self, file: str) -> tuple[durable.Ended, Sequence[durable.Task]]:
        raise NotImplementedError(file)

    def prepare(self, document: str) -> durable.Ended:
        self.prepared.append(document)
        return durable.Ended.SETTLED

    def deliver(self, document: str) -> durable.Ended:
        raise NotImplementedError(document)

    def close_batch(self, batch: str) -> durable.Ended:
        raise NotImplementedError(batch)

    def delay(self, attempt: int) -> float | None:
        raise NotImplementedError(attempt)

    def broke_off(self, error: BaseException) -> None:
        raise error

    def give_up(self, identifier: str) -> None:
        raise NotImplementedError(identifier)


def test_the_queue_gives_out_the_lowest_priority_first_whatever_came_first(trial: Trial) -> None:
    steps = Noting()
    with trial.opened() as station:
        database = engine_for_dbos(station.config.database_url)
        with closing(durable.Durable(database, "front", steps, durable.Width(0, 0, 0, 0))) as idle:
            for name, place in (("late", 300), ("early", 100), ("large", 9000), ("later", 301)):
                idle.prepare(durable.Task(name, place))
        with closing(durable.Durable(database, "front", steps, durable.Width(0, 1, 0, 0))):
            until(lambda: len(steps.prepared) == 4, 30)
        database.dispose()
    assert steps.prepared == ["early", "late", "later", "large"]


def test_what_looks_at_a_queue_sleeps_where_it_can_be_woken(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    queues = {
        f"queue-worker-{name}" for name in (durable.FILES, durable.DOCUMENTS, durable.DELIVERIES, durable.BATCHES)
    }
    asleep: set[str] = set()
    attend = Waker.attend

    def noted(waker: Waker, stop: threading.Event) -> None:
        attend(waker, stop)
        wait = stop.wait

        def note(timeout: float | None = None) -> bool:
            asleep.add(threading.current_thread().name)
            return wait(timeout)

        stop.wait = note  # type: ignore[method-assign]  # as the waker itself does

    monkeypatch.setattr(Waker, "attend", noted)
    with trial.opened() as station:
        database = engine_for_dbos(station.config.database_url)
        with closing(durable.Durable(database, "front", Noting(), durable.Width(1, 1, 1, 1))):
            until(lambda: asleep.issuperset(queues), 30)
        database.dispose()


@pytest.mark.parametrize("seconds", [0, 0.2])
def test_a_sleeper_is_woken_by_its_own_queue_and_by_the_end_alone(seconds: float) -> None:
    waker, stop = Waker("sleeper-"), threading.Event()
    woken: list[bool] = []
    waker.attend(stop)
    sleeper = threading.Thread(target=lambda: woken.extend(stop.wait(600) for _ in range(2)), name="sleeper-mine")
    sleeper.start()
    waker.wake("another")
    waker.wake("mine", seconds)
    until(lambda: woken == [False], 30)
    stop.set()
    sleeper.join(30)
    assert woken == [False, True]
    assert stop.wait(600)


# --- Several workers, on PostgreSQL ---------------------------------------------------------------------------------


@pytest.fixture
def shared(trial: Trial, invented_records: Invented, postgresql: Server, migrated: str) -> Trial:
    """A station with a server's database, that knows the invented people."""
    moved_to(trial, postgresql.url(postgresql.create(migrated)))
    with trial.config.open("a", encoding="utf-8") as told:
        told.write("\n[engine]\nlost_seconds = 5.0\n\n[ocr]\nworkers = 1\n")
    trial.know(invented_records)
    return trial


@contextmanager
def running(trial: Trial, *arguments: str, **variables: str) -> Iterator[Process]:
    """`liasse ARGUMENTS` until the end of the block."""
    command, nowhere = trial.command("--as-of", "2026-01-15", *arguments), Path(os.devnull)
    process = begun(command, trial.environment() | variables, nowhere, nowhere)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGCONT)
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def until(held: Callable[[], bool], seconds: float) -> float:
    """Wait until something holds; how long it took."""
    began = time.monotonic()
    while not held():
        assert time.monotonic() - began < seconds
        time.sleep(0.2)
    return time.monotonic() - began


def states(trial: Trial) -> list[str]:
    with trial.opened() as station, station.database.read() as session:
        return sorted(document.state for document in station.documents.documents(session))


def test_a_station_in_a_file_has_one_process(trial: Trial) -> None:
    sent_away = trial.run("worker")
    assert sent_away.code == EXIT_REGISTER or "[one-process-only]" in sent_away.err
    assert "[one-process-only]" in sent_away.err


def test_a_killed_workers_documents_are_taken_over_within_a_minute(shared: Trial, few: Few) -> None:
    with running(shared, "worker", LIASSE_FAILPOINT="recognition.record:before=stall") as doomed:
        until(lambda: doomed.poll() is None and workers(shared) == 1, 30)
        (shared.inbox / few.path.name).write_bytes(few.path.read_bytes())
        with running(shared, "watch"):
            until(lambda: len(states(shared)) == 2, 60)
            time.sleep(3)
            doomed.kill()
            took = until(lambda: states(shared) == ["deposited", "refused"], 90)
    assert took < 60


def workers(trial: Trial) -> int:
    with trial.opened() as station, station.database.read() as session:
        return len(work.workers(session))


def test_a_worker_does_what_the_front_feeds(shared: Trial, tmp_path: Path) -> None:
    """Both have their part of several documents, and everything ends once."""
    several = [
        make_few(tmp_path / f"scans-{n}", f"FEW_{n:04}.tif", ("resultats_labo", "A1001", "deposited")) for n in range(4)
    ]
    with running(shared, "worker"), running(shared, "watch"):
        until(lambda: workers(shared) == 2, 60)
        for one in several:
            (shared.inbox / one.path.name).write_bytes(one.path.read_bytes())
        until(lambda: states(shared) == ["deposited"] * 4, 120)
    with shared.opened() as station:
        assert station.ledger.verify().verified
        assert build(station, shared.folder / "restitution").images.columns["deposited"] == 4
    assert shared.left_at_work() == []
