"""What the durable engine costs, what a second worker brings, and what a long queue weighs.

    python bench/engine.py [--documents 12] [--rounds 12] [--queued 50000]

The cost is the same journeys with the engine and without it (the steps called by a pool of threads), in turn and in
both orders, on SQLite and on PostgreSQL: one-page documents, recognised and deposited in a folder, from the first file
taken to the last document settled. What a run costs once, opening and closing the engine, is told beside it. Two
workers are two processes of one processor each (pinned to it, with all that they start), against one such process: the
daemon's, which also takes the files; they have twice as many documents. Then one of two is killed, and what it had in
hand is waited for. A PostgreSQL server of its own runs on loopback, on either processor, as safe from power cuts as
PostgreSQL comes.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from itertools import count
from pathlib import Path

from sqlalchemy import insert, text

from demo.records import Invented, make_records
from pipeline.durable import Durable, Ended, Task, Width
from pipeline.engine import open_engine
from pipeline.intake import take
from pipeline.office.journal import start_journal
from pipeline.sources import in_place
from pipeline.station import Station
from pipeline.steps import Signals, StationSteps
from storage import work
from storage.database import engine_for_dbos
from storage.tables import BatchRow, DocumentRow, FileRow
from storage.times import read_time, write_time
from tests.pg_fixtures import Server, served
from tests.test_database_journey import moved_to
from tests.trial_fixtures import SEED, TODAY, Trial, make_few

_CLAIMED = 400
_HELD = 2
"""Documents that a worker on one processor works on at once."""
_PATIENCE = 120.0
"""Seconds."""
_SAFE = ("fsync=on", "full_page_writes=on", "autovacuum=on", "shared_buffers=128MB", "log_statement=none")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--documents", type=int, default=12)
    options.add_argument("--rounds", type=int, default=12)
    options.add_argument("--queued", type=int, default=50_000)
    chosen = options.parse_args()
    print(f"{date.today().isoformat()}, {os.cpu_count()} processors, Python {sys.version.split()[0]}")  # noqa: DTZ011  a heading
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, served() as server:
        server.stop()
        server.start(*_SAFE)
        base, scans = Path(folder), Path(folder) / "scans"
        known = make_records(base / "records", TODAY, SEED)
        for number in range(chosen.documents):
            make_few(scans, f"ONE_{number:04}.tif", ("certificat", "A1001", "deposited"))
        bench = Bench(base, known, server)
        cost(bench, scans, chosen.rounds)
        more = Path(folder) / "more"
        for number in range(2 * chosen.documents):
            make_few(more, f"TWO_{number:04}.tif", ("certificat", "A1001", "deposited"))
        workers(bench, more, max(1, chosen.rounds // 3))
        killed(bench, scans)
        queue(bench, chosen.queued)


@dataclass(frozen=True, slots=True)
class Bench:
    """Where stations are made."""

    base: Path
    known: Invented
    server: Server
    _number: Iterator[int] = field(default_factory=count)

    def station(self, database: str) -> Trial:
        """A new station that knows the invented people."""
        trial = Trial.found(self.base / f"station-{next(self._number)}", verapdf="never")
        if database == "postgresql":
            moved_to(trial, self.server.url(self.server.create()))
        trial.know(self.known)
        start_journal(trial.home / "log")
        return trial


# The cost of the engine


def cost(bench: Bench, scans: Path, rounds: int) -> None:
    documents = len(list(scans.iterdir()))
    for database in ("sqlite", "postgresql"):
        ours, theirs, once = [], [], []
        for number in range(rounds):
            for driven in (True, False) if number % 2 else (False, True):
                with bench.station(database).opened() as station:
                    station.ready()
                    if driven:
                        seconds, opening = _driven(station, scans)
                        ours.append(seconds)
                        once.append(opening)
                    else:
                        theirs.append(_bare(station, scans))
        shares = [100 * (one - other) / other for one, other in zip(ours, theirs, strict=True)]
        print(f"engine on {database}: {documents} one-page documents, {rounds} rounds")
        print(f"  with {_spread(ours)} s, without {_spread(theirs)} s; opened and closed in {_spread(once)} s")
        print(
            f"  the engine's share: {_spread(shares)} % (must be 5 at most),",
            f"{_each(ours, theirs, documents)} ms a document",
            flush=True,
        )


def _driven(station: Station, scans: Path) -> tuple[float, float]:
    """Seconds of the journeys, and of opening and closing the engine around them."""
    stop, opened = threading.Event(), time.monotonic()
    with open_engine(station, lambda _: None, stop) as engine:
        engine.resume()
        began = time.monotonic()
        engine.take(in_place(station, scans, lambda _: None, stop))
        engine.wait()
        ended = time.monotonic()
    closed = time.monotonic()
    _require(station, len(list(scans.iterdir())))
    return ended - began, closed - opened - (ended - began)


def _bare(station: Station, scans: Path) -> float:
    """The same steps, called one after the other by as many threads as the engine has."""
    steps, began = StationSteps(station, Signals(lambda: False)), time.monotonic()
    with ThreadPoolExecutor((os.cpu_count() or 1) + 1) as pool:
        ended = []
        for source in in_place(station, scans, lambda _: None, threading.Event()):
            file = take(station, source)
            _, tasks = steps.open_file(file.id)
            ended += [pool.submit(_through, steps, task.object) for task in tasks]
        assert {one.result() for one in ended} == {Ended.SETTLED}
    seconds = time.monotonic() - began
    _require(station, len(list(scans.iterdir())))
    return seconds


def _through(steps: StationSteps, document: str) -> Ended:
    ended = steps.prepare(document)
    return steps.deliver(document) if ended is Ended.SEALED else ended


def _require(station: Station, documents: int) -> None:
    with station.database.read() as session:
        assert len(station.documents.documents(session, state="deposited")) == documents


# Two workers


def workers(bench: Bench, scans: Path, rounds: int) -> None:
    """Documents a minute, from the first capture to the last receipt, of one process and of two."""
    one, two = [], []
    for _ in range(rounds):
        one.append(_rate(bench.station("postgresql"), scans, more=0))
        two.append(_rate(bench.station("postgresql"), scans, more=1))
    ratios = [second / first for first, second in zip(one, two, strict=True)]
    print(f"workers on postgresql: {_spread(one)} documents a minute by one, {_spread(two)} by two")
    print(f"  two bring {statistics.median(ratios):.2f} times as much (must be 1.8 at least)")


def _rate(trial: Trial, scans: Path, more: int) -> float:
    with trial.opened() as station, _working(trial, station, more):
        front = _pinned(0, *_command(trial), "process", str(scans))
        subprocess.run(front, env=trial.environment(), check=True, capture_output=True)
        with station.database.read() as session:
            documents = station.documents.documents(session, state="deposited")
    captured = min(read_time(document.captured_at) for document in documents)
    settled = max(read_time(document.settled_at or "") for document in documents)
    return 60 * len(documents) / (settled - captured).total_seconds()


def killed(bench: Bench, scans: Path) -> None:
    """Until what a killed worker had in hand has been taken by the other, all of it."""
    trial = bench.station("postgresql")
    with trial.opened() as station, ExitStack() as closing:
        with open_engine(station, lambda _: None, threading.Event()):
            pass  # its tables are there
        others = closing.enter_context(_working(trial, station, 1))
        front = [*_command(trial), "process", str(scans)]
        with subprocess.Popen(front, env=trial.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL):
            (worker,) = _workers(station)
            while len(had := _in_hand(station, worker)) < _HELD:
                time.sleep(0.1)
            others[0].kill()
            began = time.monotonic()
            while _in_hand(station, worker):
                time.sleep(0.1)
            seconds = time.monotonic() - began
        _require(station, len(list(scans.iterdir())))
    print(
        f"killed worker on postgresql: {len(had)} documents taken over in {seconds:.1f} s (must be 60 at most)",
        flush=True,
    )


@contextmanager
def _working(trial: Trial, station: Station, more: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    """So many workers beside the front, each on the next processor, from when they are known to the station."""
    others = [
        subprocess.Popen(
            _pinned(1 + number, *_command(trial), "worker"), env=trial.environment(), stderr=subprocess.DEVNULL
        )
        for number in range(more)
    ]
    try:
        while len(_workers(station)) < more:
            time.sleep(0.1)
        yield others
    finally:
        for other in others:
            other.terminate()
            other.wait()


def _command(trial: Trial) -> list[str]:
    return list(trial.command("--as-of", TODAY.isoformat()))


def _in_hand(station: Station, worker: str) -> list[str]:
    """What is a worker's by the engine's tables: files and documents."""
    asked = "SELECT workflow_uuid FROM dbos.workflow_status WHERE status = 'PENDING' AND executor_id = :worker"
    with station.database.read() as session:
        return list(session.connection().execute(text(asked), {"worker": worker}).scalars())


def _pinned(number: int, *command: str) -> list[str]:
    """A program on one processor: a machine of its own, as far as one machine can be two."""
    processors = sorted(os.sched_getaffinity(0))
    return ["taskset", "--cpu-list", str(processors[number % len(processors)]), *command]


def _workers(station: Station) -> list[str]:
    with station.database.read() as session:
        return [worker.id for worker in work.workers(session) if worker.id != "front"]


# A long queue


@dataclass(frozen=True, slots=True)
class _Idle:
    """Steps that do nothing: what is left is the queue."""

    done: list[str]

    def open_file(self, file: str) -> tuple[Ended, Sequence[Task]]:
        raise NotImplementedError(file)

    def prepare(self, document: str) -> Ended:
        self.done.append(document)
        return Ended.SETTLED

    def deliver(self, document: str) -> Ended:
        raise NotImplementedError(document)

    def close_batch(self, batch: str) -> Ended:
        raise NotImplementedError(batch)

    def delay(self, attempt: int) -> float | None:
        raise NotImplementedError(attempt)

    def give_up(self, identifier: str) -> None:
        raise NotImplementedError(identifier)

    def broke_off(self, error: BaseException) -> None:
        raise error


def queue(bench: Bench, queued: int) -> None:
    for database in ("sqlite", "postgresql"):
        trial = bench.station(database)
        with trial.opened() as station:
            documents = _rows(station, queued)
            Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak is counted anew
            before = _memory("VmRSS")
            engine = engine_for_dbos(station.config.database_url)
            steps = _Idle([])
            idle = Durable(engine, "front", steps, Width(0, 0, 0, 0))
            began = time.monotonic()
            for document in documents:
                idle.prepare(Task(document, 1))
            filled = time.monotonic() - began
            began = time.monotonic()
            known = idle.open_objects()
            looked = time.monotonic() - began
            idle.close()
            print(f"queue on {database}: {len(known)} documents, {1000 * filled / queued:.1f} ms to queue one")
            print(f"  {looked:.1f} s at a start to see what is queued")
            status = _timed(partial(trial.run, "status"))
            print(f"  {status:.1f} s for `liasse status` with {queued} under way")
            busy = Durable(engine, "front", steps, Width(0, 4, 0, 0))
            began = time.monotonic()
            while len(steps.done) < _CLAIMED and time.monotonic() - began < _PATIENCE:
                time.sleep(0.05)
            seconds = time.monotonic() - began
            busy.close()
            engine.dispose()
            print(
                f"  {1000 * seconds / max(1, len(steps.done)):.0f} ms a document to claim and end one, four at a time"
            )
            print(f"  {_memory('VmHWM') - before:.0f} MiB more in memory, at the most")


def _memory(name: str) -> float:
    """MiB that this process has (`VmRSS`), or had at once at the most (`VmHWM`)."""
    return int(Path("/proc/self/status").read_text(encoding="ascii").partition(f"{name}:")[2].split()[0]) / 1024


def _rows(station: Station, documents: int) -> list[str]:
    """Documents that wait, as rows alone."""
    now = write_time(station.clock.now())
    batch = station.identifiers.new()
    files = [station.identifiers.new() for _ in range(-(-documents // 100))]
    ids = [station.identifiers.new() for _ in range(documents)]
    with station.database.write("bench.rows") as session:
        label = station.columns.seal("batch.label", batch, b"bench")
        session.execute(
            insert(BatchRow), [{"id": batch, "label_sealed": label, "label_index": "bench", "opened_at": now}]
        )
        session.execute(
            insert(FileRow),
            [
                {
                    "id": file,
                    "batch_id": batch,
                    "name_sealed": station.columns.seal("file.name", file, b"bench"),
                    "sha256": file,
                    "size": 1,
                    "state": "split",
                    "pages": 100,
                    "captured_at": now,
                }
                for file in files
            ],
        )
        session.execute(
            insert(DocumentRow),
            [
                {
                    "id": one,
                    "batch_id": batch,
                    "file_id": files[number // 100],
                    "ordinal": number % 100 + 1,
                    "claim_sealed": station.columns.seal("document.claim", one, b'{"damaged": false, "said": []}'),
                    "pages": 1,
                    "version": 1,
                    "state": "in-progress",
                    "captured_at": now,
                }
                for number, one in enumerate(ids)
            ],
        )
    return ids


def _timed(act: Callable[[], object]) -> float:
    began = time.monotonic()
    act()
    return time.monotonic() - began


def _spread(figures: Sequence[float]) -> str:
    return f"{statistics.median(figures):.1f} ({min(figures):.1f} to {max(figures):.1f})"


def _each(driven: Sequence[float], bare: Sequence[float], documents: int) -> str:
    return f"{1000 * (statistics.median(driven) - statistics.median(bare)) / documents:.0f}"


if __name__ == "__main__":
    main()
