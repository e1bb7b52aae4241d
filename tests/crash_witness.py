"""What must hold at a station that was killed: its account, its ledger, its objects, nothing left over."""

import contextlib
import hashlib
import io
import re
import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Final

from sqlalchemy import create_engine
from sqlalchemy.engine import make_url
from sqlmodel import col, select

from pipeline.batches import anchors
from pipeline.config import load
from pipeline.station import Station
from storage import accounts, deposits
from storage.backup.manifest import MANIFEST
from storage.custody import EntryType, read_entry
from storage.files import PART
from storage.stored import LOST
from storage.tables import EntryRow
from tests.crash_nursery import Ended
from tests.crash_told import Teller
from tests.trial_fixtures import Trial

_OUTCOMES: Final = frozenset(
    {"deposited", "taken-back", "superseded", "not-received", "at-host", "not-at-host", "retained"}
)
"""Of what was intended."""


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
        files = {file.id: file for file in station.captured.files(session)}
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
            if station.batches.open(session):
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
        aside = station.captured.files(session, state="set-aside")
        entries = list(map(read_entry, station.ledger.entries(session)))
    told = (entry for entry in entries if (entry["type"], entry["outcome"]) == (EntryType.DESTRUCTION, LOST))
    lost = {entry["object"].partition(":")[2] for entry in told}
    curable = {d.id for d in documents if d.custody == "curable"} | {f.id for f in aside if f.custody == "curable"}
    curable -= lost
    closed = {d.id for d in documents if d.custody == "closed"} | {f.id for f in aside if f.custody == "closed"}
    if set(station.quarantine.ids()) != curable:
        yield "the quarantine is not what the rows say"
    if {path.stem for path in (trial.home / "quarantine").glob("*.p7m")} != closed:
        yield "what is sealed for the client is not what the rows say"


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
