"""A station killed at its failpoints: its records, the process that is killed, and what must hold at the end."""

import contextlib
import hashlib
import io
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, TextIO

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlmodel import col, select

from demo import records
from demo.people import register
from lexicon.faults import EXIT_DONE, EXIT_WAITING
from pipeline.batches import anchors
from pipeline.config import load
from pipeline.office.backing import take_backup
from pipeline.office.founding import Founding, found
from pipeline.settle import LOST
from pipeline.station import Station
from storage import accounts, deposits
from storage.backup.manifest import MANIFEST
from storage.custody import EntryType, read_entry
from storage.effects import NOTES, VARIABLE
from storage.files import PART
from storage.tables import EntryRow
from tests.crash_records import document_pages, known, lay_records, roster
from tests.crash_told import Teller
from tests.failpoint_fixtures import HOUSE
from tests.trial_fixtures import TODAY, Json, Trial, people

__all__ = [
    "Account", "Command", "Ended", "Nursery", "Swept", "Witness", "account_of", "age", "copied", "document_pages",
    "entries_of", "found_template", "killed_at_random", "lay_records", "lose_engine", "process", "sweep", "walk",
    "withdraw", "wrong_with",
]  # fmt: skip

_OUTCOMES: Final = frozenset(
    {"deposited", "taken-back", "superseded", "not-received", "at-host", "not-at-host", "retained"}
)
"""Of what was intended."""

# --- The process that is killed ---------------------------------------------------------------------------------------

_NURSERY: Final = """
import json, os, resource, sys
import handover.build, pipeline.daemon, pipeline.office.answers, pipeline.office.report, pipeline.runs
import cli, storage.effects
_, most = resource.getrlimit(resource.RLIMIT_CORE)
resource.setrlimit(resource.RLIMIT_CORE, (most, most))
while line := sys.stdin.readline():
    child = os.fork()
    if child == 0:
        order = json.loads(line)
        os.environ.clear()
        os.environ.update(order["environment"])
        for number, path in (("out", 1), ("err", 2)):
            os.dup2(os.open(order[number], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), path)
        os.chdir(order["place"])
        storage.effects._armed = storage.effects.armed_by(order["environment"])
        sys.argv = order["command"]
        cli.main()
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
"""Imports everything once; each line of its input is a command, run by `cli.main` in a child of its own.

A core file may be as large as the machine lets it: what forbids one is the command itself. It would lie in `place`.
"""


_LOOK: Final = 0.05


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended: exit code, or minus the signal that killed it."""

    code: int
    out: str
    err: str
    seconds: float
    points: tuple[str, ...]
    """Failpoints that happened, in order."""

    @property
    def killed(self) -> bool:
        return self.code == -signal.SIGKILL

    @property
    def lines(self) -> list[Json]:
        """The JSON lines that were told, the last one perhaps cut off."""
        whole = self.out.split("\n")[:-1]
        return [json.loads(line) for line in whole if line.startswith("{")]


class Nursery:
    """Runs `liasse` commands as processes of their own, the interpreter and the imports paid once."""

    def __init__(self, folder: Path) -> None:
        self.place = folder / "place"
        """Where the commands are typed: their working folder."""
        self.place.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._mother = subprocess.Popen(
            [sys.executable, "-c", _NURSERY], cwd=HOUSE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def close(self) -> None:
        """End it; nothing runs any more."""
        self._pipe("stdin").close()
        self._mother.wait(60)
        self._pipe("stdout").close()

    def run(
        self,
        trial: Trial,
        *arguments: str | Path,
        failpoint: str = "",
        kill_after: float = 300.0,
        by: signal.Signals = signal.SIGKILL,
    ) -> Ended:
        """`liasse --config … ARGUMENTS`; ended by that signal after so many seconds, or when it stalls."""
        out, err, notes = (self._folder / name for name in ("out", "err", "notes"))
        notes.write_text("")
        armed = {VARIABLE: failpoint, NOTES: str(notes)} if failpoint else {}
        order = {
            "command": trial.command(*arguments),
            "environment": trial.environment() | armed,
            "out": str(out),
            "err": str(err),
            "place": str(self.place),
        }
        began = time.monotonic()
        print(json.dumps(order), file=self._pipe("stdin"), flush=True)
        child = int(self._pipe("stdout").readline())
        over = threading.Event()
        late = threading.Thread(
            target=_end, args=(child, by, over, kill_after, notes if failpoint.endswith("=stall") else None)
        )
        late.start()
        code = int(self._pipe("stdout").readline())
        over.set()
        late.join()
        seconds = time.monotonic() - began
        return Ended(code, out.read_text(), err.read_text(), seconds, tuple(notes.read_text().split()))

    def _pipe(self, name: str) -> TextIO:
        pipe: TextIO | None = getattr(self._mother, name)
        assert pipe is not None
        return pipe


def _end(child: int, by: signal.Signals, over: threading.Event, seconds: float, stalls: Path | None) -> None:
    """Send the signal after so many seconds, or as soon as the process has noted that it stalls."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and not (stalls is not None and stalls.read_text()):
        if over.wait(seconds if stalls is None else _LOOK):
            return
    if not over.is_set():
        os.kill(child, by)


# --- The station ------------------------------------------------------------------------------------------------------


Moved = Mapping[str, str]
"""Text of a configuration -> what stands there in the copy."""


def found_template(
    folder: Path, *, database: str = "", password: str = "", host: str = "", backed: bool = False
) -> Trial:
    """A trial station that knows the invented people, the records in its drop folder; to be copied.

    Where it is `backed` up, records go to the host before anything else does, as at every station that is in use.

    `database` and `password` are of `[database]`, SQLite where empty; `host` is a whole `[host]` block, else a folder.
    """
    founding = Founding("trial", "Service inventé", "CT-1", database=database, database_password=password)
    found(folder, founding, datetime.now(UTC))
    trial = Trial(folder)
    trial.work.mkdir(mode=0o700)
    told = trial.config.read_text(encoding="utf-8").replace("settle = 5.0", "settle = 0.0")
    told = told.replace("[station]\n", f'[station]\nwork = "{trial.work}"\n') + '\n[pdfa]\nverapdf = "never"\n'
    if host:
        before, _, after = told.partition("[host]\n")
        told = before + host + after.partition("\n\n")[2]
    trial.config.write_text(told, encoding="utf-8")
    roster_csv, register_csv = folder / "roster.csv", folder / "register.csv"
    records._write_roster(roster_csv, roster())
    records._write_register(register_csv, register(dict(known()), TODAY))
    with trial.opened() as station:
        station.import_sheet("roster", roster_csv.read_bytes())
        station.import_sheet("register", register_csv.read_bytes())
        if backed:
            take_backup(station)
    lay_records(trial.inbox / "lot 1")
    return trial


def copied(template: Trial, folder: Path, moved: Moved | None = None) -> Trial:
    """A station of its own, as the template was."""
    shutil.copytree(template.folder, folder)
    trial = Trial(folder, template.variables)
    told = trial.config.read_text(encoding="utf-8")
    for before, after in {str(template.work): str(trial.work), **(moved or {})}.items():
        assert before in told
        told = told.replace(before, after)
    trial.config.write_text(told, encoding="utf-8")
    return trial


def entries_of(trial: Trial) -> list[bytes]:
    """The ledger's entries as they lie there; nothing is recovered or tidied by looking."""
    url = make_url(load(trial.config).database_url)
    if url.get_backend_name() != "sqlite":
        engine = create_engine(url.set(drivername="postgresql+psycopg"))
        with engine.connect() as connection:
            found = [
                bytes(entry) for (entry,) in connection.execute(select(EntryRow.entry).order_by(col(EntryRow.seq)))
            ]
        engine.dispose()
        return found
    with tempfile.TemporaryDirectory() as aside:
        for part in trial.home.glob("station.db*"):
            shutil.copy(part, aside)
        with contextlib.closing(sqlite3.connect(Path(aside) / "station.db")) as connection:
            query = f"SELECT entry FROM {EntryRow.__tablename__} ORDER BY seq"  # noqa: S608  no value in it
            return [bytes(entry) for (entry,) in connection.execute(query)]


# --- What must hold ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Account:
    """What a station has done, without anything that is new in each run: identifiers, times, keys."""

    documents: Mapping[tuple[str, tuple[int, ...]], tuple[str, str | None, str | None]]
    """(SHA-256 of the file, positions) -> outcome, reason, custody."""
    files: tuple[tuple[str, str, str | None, int | None], ...]
    """SHA-256, state, reason, pages."""
    columns: Mapping[str, int]
    captured: int
    in_progress: int
    objects: int
    """Documents' envelopes at the host."""
    kept: Mapping[str, int]
    """Suffix -> files in quarantine."""


def account_of(station: Station) -> Account:
    with station.database.read() as session:
        files = {file.id: file for file in station.documents.files(session)}
        documents = station.documents.documents(session)
        images = accounts.images(session)
        ends = {
            (files[d.file].sha256, station.documents.positions(session, d.id)): (d.state, d.reason, d.custody)
            for d in documents
        }
        deposited = [d for d in documents if d.state == "deposited"]
    keys = {station.keys.object_key(station.id, d.id, d.version) for d in deposited}
    return Account(
        documents=ends,
        files=tuple(sorted((f.sha256, f.state, f.reason or "", f.pages or 0) for f in files.values())),
        columns=images.columns,
        captured=images.captured,
        in_progress=images.in_progress,
        objects=sum(stored.key in keys for stored in station.host.list("")),
        kept=Counter(path.suffix for path in (station.config.folder / "quarantine").iterdir()),
    )


@dataclass
class Witness:
    """What was said or written before a crash, and must be true for ever after."""

    entries: list[bytes] = field(default_factory=list)
    told: dict[str, str] = field(default_factory=dict)
    """Document -> outcome, as the command told it."""
    wrong: list[str] = field(default_factory=list)
    teller: Teller = field(default_factory=Teller)

    def look(self, trial: Trial, ended: Ended) -> None:
        """After each end of the process."""
        now = entries_of(trial)
        if now[: len(self.entries)] != self.entries:
            self.wrong.append("an entry that was there is gone or changed")
        self.entries = now
        self.wrong += self.teller.untold(trial, now)
        for line in ended.lines:
            if line.get("kind") == "document" and line["outcome"] != "in-progress":
                before = self.told.setdefault(line["document"], line["outcome"])
                if before != line["outcome"]:
                    self.wrong.append(f"told as {before}, then as {line['outcome']}")


def wrong_with(trial: Trial, witness: Witness, reference: Account | None) -> list[str]:
    """Everything that does not hold at a station whose work has ended."""
    with trial.opened() as station:
        found = account_of(station)
        problems = [
            *dict.fromkeys(witness.wrong),
            *_wrong_entries(station),
            *_wrong_objects(station),
            *_part_backups(station),
            *_orphans(trial, station),
        ]
        with station.database.read() as session:
            states = {str(d.id): d.state for d in station.documents.documents(session)}
            if station.documents.open_batches(session):
                problems.append("a batch is open")
    problems += [f"{d} was told as {o}, and is {states.get(d)}" for d, o in witness.told.items() if states.get(d) != o]
    if reference is not None:
        names = [one.name for one in fields(Account)]
        differing = [name for name in names if getattr(found, name) != getattr(reference, name)]
        problems += [f"{n}: {getattr(found, n)} and not {getattr(reference, n)}" for n in differing]
    return problems


def _wrong_entries(station: Station) -> Iterator[str]:
    """The ledger verifies against every checkpoint that was sent; what was intended has come to something."""
    sent = []
    for key, _ in anchors(station.host, station.id):
        note = io.BytesIO()
        station.host.read(key, note)
        sent.append(note.getvalue().decode())
    verdict = station.ledger.verify(sent)
    if not verdict.verified:
        yield f"the ledger does not verify: {verdict}"
    intended: dict[tuple[str, int], str] = {}
    with station.database.read() as session:
        for entry in map(read_entry, station.ledger.entries(session)):
            about = (entry["object"], entry.get("counts", {}).get("index-version", 0))
            if entry["outcome"] in {"intended", "taking-back"}:
                intended[about] = entry["outcome"]
            elif entry["outcome"] in _OUTCOMES:
                intended.pop(about, None)
    yield from (f"{outcome} without an outcome: {about}" for about, outcome in intended.items())


def _wrong_objects(station: Station) -> Iterator[str]:
    """Every envelope at the host has its receipt, every receipt its envelope, whole."""
    with station.database.read() as session:
        deposited = station.documents.documents(session, state="deposited")
        found = [signed.receipt for signed in deposits.receipts(session, [d.id for d in deposited])]
        entries = list(map(read_entry, station.ledger.entries(session)))
    if len(found) != len(deposited):
        yield f"{len(deposited)} documents are deposited, {len(found)} have a receipt"
    known = {receipt.object_key: receipt.sha256 for receipt in found}
    for entry in entries:
        if entry["type"] == EntryType.RECEIPT and entry["object"].startswith("batch:"):
            batch, version = entry["object"].removeprefix("batch:"), entry["counts"]["index-version"]
            known[station.keys.index_key(station.id, batch, version)] = entry["hashes_out"][0]
    envelope = re.compile(rf"{re.escape(station.id)}/[0-9a-f]+\.p7m")
    there = {stored.key for stored in station.host.list("") if envelope.fullmatch(stored.key)}
    yield from (f"at the host, and nobody knows of it: {key}" for key in there - set(known))
    yield from (f"received, and not at the host: {key}" for key in set(known) - there)
    for key in there & set(known):
        content = io.BytesIO()
        station.host.read(key, content)
        if hashlib.sha256(content.getvalue()).hexdigest() != known[key]:
            yield f"not what was received: {key}"


def _part_backups(station: Station) -> Iterator[str]:
    """A backup is at the host whole, or not at all."""
    found = re.compile(rf"{re.escape(station.id)}/backups/([^/]+)/(.+)")
    there = [match.groups() for stored in station.host.list("") if (match := found.fullmatch(stored.key))]
    whole = {backup for backup, name in there if name == MANIFEST}
    yield from (f"a part of a backup at the host: {backup}" for backup in {backup for backup, _ in there} - whole)


def _orphans(trial: Trial, station: Station) -> Iterator[str]:
    """Files that no row knows."""
    yield from (f"left at work: {path}" for path in trial.left_at_work())
    yield from (f"left in the drop folder: {path}" for path in trial.inbox.rglob("*") if path.is_file())
    places = (trial.home, trial.host) if trial.host.exists() else (trial.home,)
    yield from (f"left unfinished: {p}" for place in places for p in place.rglob("*") if PART in p.suffixes)
    with station.database.read() as session:
        documents = station.documents.documents(session)
        aside = station.documents.files(session, state="set-aside")
        entries = list(map(read_entry, station.ledger.entries(session)))
    told = (entry for entry in entries if (entry["type"], entry["outcome"]) == (EntryType.DESTRUCTION, LOST))
    lost = {entry["object"].partition(":")[2] for entry in told}
    curable = {d.id for d in documents if d.custody == "curable"} | {f.id for f in aside if f.reason != LOST}
    curable -= lost
    closed = {f"{d.id}.p7m" for d in documents if d.custody == "closed"}
    if set(station.quarantine.ids()) != curable:
        yield "the quarantine is not what the rows say"
    if {path.name for path in (trial.home / "quarantine").glob("*.p7m")} != closed:
        yield "what is sealed for the client is not what the rows say"


# --- The sweep --------------------------------------------------------------------------------------------------------

Command = Callable[[int], Sequence[str | Path]]
"""What is typed at the n-th start."""

_DEATHS: Final = 3
"""In which the engine has its part; then its tables are lost as well, for it gives up what has ended five processes."""


@dataclass
class Swept:
    """A command that was killed at one point after the other, until it came to its end."""

    last: Ended
    killed: list[str]
    seconds: float
    wrong: list[str]
    """What does not hold afterwards."""


def process(trial: Trial) -> Command:
    """The journey over the drop folder."""
    return lambda _: ("--as-of", TODAY.isoformat(), "process", trial.inbox, "--json")


def walk(
    nursery: Nursery,
    trial: Trial,
    command: Command,
    points: Iterable[str],
    witness: Witness,
    seconds: float = 300.0,
) -> Swept:
    """Kill a command at the first of these points that it comes to, start it again, until it ends.

    After so many seconds it is asked to end.
    """
    left, killed, began = list(points), list[str](), time.monotonic()
    while True:
        armed = ",".join(f"{point}=kill" for point in left)
        ended = nursery.run(trial, *command(len(killed)), failpoint=armed, kill_after=seconds, by=signal.SIGTERM)
        witness.look(trial, ended)
        if not ended.killed:
            return Swept(ended, killed, time.monotonic() - began, [])
        (point,) = ended.points
        left.remove(point)
        killed.append(point)
        if len(killed) % _DEATHS == 0:
            lose_engine(trial)


def sweep(nursery: Nursery, trial: Trial, points: Iterable[str], reference: Account) -> Swept:
    """The journey, killed at each of these points that it comes to; what is wrong at its end."""
    witness = Witness()
    swept = walk(nursery, trial, process(trial), points, witness)
    age(nursery, trial, witness)
    if swept.last.code not in {EXIT_DONE, EXIT_WAITING}:
        swept.wrong.append(f"the last run ended with {swept.last.code}: {swept.last.err[-500:]}")
    swept.wrong += wrong_with(trial, witness, reference)
    return swept


def killed_at_random(nursery: Nursery, trial: Trial, moments: Iterable[float], reference: Account) -> Swept:
    """The journey, killed after so many seconds, again and again; then left to end."""
    witness, began, killed = Witness(), time.monotonic(), 0
    for moment in moments:
        ended = nursery.run(trial, *process(trial)(0), kill_after=moment)
        witness.look(trial, ended)
        killed += ended.killed
        if killed % _DEATHS == 0:
            lose_engine(trial)
    ended = nursery.run(trial, *process(trial)(0))
    witness.look(trial, ended)
    age(nursery, trial, witness)
    swept = Swept(ended, [f"kill {number}" for number in range(killed)], time.monotonic() - began, [])
    swept.wrong += wrong_with(trial, witness, reference)
    return swept


def age(nursery: Nursery, trial: Trial, witness: Witness) -> None:
    """Where several may work at a station, what nobody knows of is left alone for a day: let it pass."""
    if not load(trial.config).several:
        return
    grow_old(trial)
    witness.look(trial, nursery.run(trial, *process(trial)(0)))


def grow_old(trial: Trial) -> None:
    """Whatever lies in the station was last written two days ago."""
    before = time.time() - timedelta(days=2).total_seconds()
    for path in trial.home.rglob("*"):
        os.utime(path, (before, before))


def withdraw(trial: Trial, ref: str) -> None:
    """The client's register now says that this patient withdrew."""
    (who,) = [patient for patient in people() if patient.ref == ref]
    head = "patient_id;nom_naissance;prenom;date_naissance;nir;statut;date_signature;date_fin;perimetre;note"
    line = f"{ref};{who.birth_name};{who.given_names[0]};{who.birth_date};{who.ins};retiree;{TODAY};;tous_documents;"
    with trial.opened() as station:
        station.import_sheet("register", f"{head}\n{line}\n".encode())


def lose_engine(trial: Trial) -> None:
    """The engine's own tables are no record: they may be gone at any time."""
    url = make_url(load(trial.config).database_url)
    if url.get_backend_name() == "sqlite":
        for path in trial.home.glob("engine.db*"):
            path.unlink()
        return
    engine = create_engine(url.set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA IF EXISTS dbos CASCADE"))
    engine.dispose()
