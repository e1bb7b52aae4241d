"""What the durable engine costs, what a second worker brings, and what a long queue weighs.

    python bench/engine.py [--documents 24] [--rounds 3] [--queued 50000]

The cost is the same journeys with the engine and without it (the steps called by a pool of threads), in turn, on SQLite
and on PostgreSQL: one-page documents, recognised and deposited in a folder, at a station that has run before. Two
workers are two processes of one processor each (pinned to it, with all that they start), against one such process: the
daemon's, which also takes the files. A PostgreSQL server of its own runs on loopback, on either processor.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from itertools import count
from pathlib import Path

from sqlalchemy import insert

from demo.records import Invented, make_records
from pipeline.batches import checkpoint
from pipeline.durable import Durable, Ended, Task, Width
from pipeline.intake import take
from pipeline.office.journal import start_journal
from pipeline.runs import process_folder
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
_PATIENCE = 120.0
"""Seconds."""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--documents", type=int, default=24)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--queued", type=int, default=50_000)
    chosen = options.parse_args()
    print(f"{date.today().isoformat()}, {os.cpu_count()} processors, Python {sys.version.split()[0]}")  # noqa: DTZ011  a heading
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, served() as server:
        base, scans = Path(folder), Path(folder) / "scans"
        known = make_records(base / "records", TODAY, SEED)
        for number in range(chosen.documents):
            make_few(scans, f"ONE_{number:04}.tif", ("certificat", "A1001", "deposited"))
        bench = Bench(base, known, server)
        cost(bench, scans, chosen.rounds)
        workers(bench, scans, chosen.rounds)
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
        driven, bare = [], []
        for _ in range(rounds):
            with _begun(bench.station(database)).opened() as station:
                driven.append(_timed(partial(_driven, station, scans)))
            with _begun(bench.station(database)).opened() as station:
                bare.append(_timed(partial(_bare, station, scans)))
        shares = [100 * (ours - theirs) / theirs for ours, theirs in zip(driven, bare, strict=True)]
        print(f"engine on {database}: {documents} one-page documents, {rounds} rounds")
        print(f"  with {_spread(driven)} s, without {_spread(bare)} s")
        print(
            f"  the engine's share: {_spread(shares)} % (must be 5 at most),",
            f"{_each(driven, bare, documents)} ms a document",
        )


def _begun(trial: Trial) -> Trial:
    """A station whose engine was open once."""
    nothing = trial.folder / "nothing"
    nothing.mkdir()
    with trial.opened() as station:
        process_folder(station, nothing, lambda _: None, threading.Event())
    return trial


def _driven(station: Station, scans: Path) -> None:
    process_folder(station, scans, lambda _: None, threading.Event())
    _require(station, len(list(scans.iterdir())))


def _bare(station: Station, scans: Path) -> None:
    """The same steps, called one after the other by as many threads as the engine has."""
    station.ready()
    steps = StationSteps(station, Signals(lambda: False))
    with ThreadPoolExecutor((os.cpu_count() or 1) + 1) as pool:
        ended = []
        for source in in_place(station, scans, lambda _: None, threading.Event()):
            file = take(station, source)
            _, tasks = steps.open_file(file.id)
            ended += [pool.submit(_through, steps, task.object) for task in tasks]
        assert {one.result() for one in ended} == {Ended.SETTLED}
    with station.database.read() as session:
        batches = station.documents.open_batches(session)
    for batch in batches:
        steps.close_batch(batch)
    checkpoint(station)
    _require(station, len(list(scans.iterdir())))


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
    command = trial.command("--as-of", TODAY.isoformat())
    others = [
        subprocess.Popen(_pinned(1 + number, *command, "worker"), env=trial.environment(), stderr=subprocess.DEVNULL)
        for number in range(more)
    ]
    with trial.opened() as station:
        while _workers(station) < more:
            time.sleep(0.1)
        front = _pinned(0, *command, "process", str(scans))
        subprocess.run(front, env=trial.environment(), check=True, capture_output=True)
        with station.database.read() as session:
            documents = station.documents.documents(session, state="deposited")
    for other in others:
        other.terminate()
        other.wait()
    captured = min(read_time(document.captured_at) for document in documents)
    settled = max(read_time(document.settled_at or "") for document in documents)
    return 60 * len(documents) / (settled - captured).total_seconds()


def _pinned(number: int, *command: str) -> list[str]:
    """A program on one processor: a machine of its own, as far as one machine can be two."""
    processors = sorted(os.sched_getaffinity(0))
    return ["taskset", "--cpu-list", str(processors[number % len(processors)]), *command]


def _workers(station: Station) -> int:
    with station.database.read() as session:
        return len(work.workers(session))


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
    print(f"  peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


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
