"""The custody ledger: append-only rows of entries, the tree over them, signed checkpoints, verification and export.

An entry is appended in the caller's write session, so that what changed and the entry that says so are one transaction.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import insert
from sqlmodel import Session, col, select

from lexicon.faults import StationFault, TamperFault
from storage.custody import CLOCK_ACCEPTED, Draft, EntryType, Place, read_entry, time_of, write_entry
from storage.database import Database
from storage.effects import effect
from storage.evidence import Finding, Flaw, Verdict, judge, open_notes, with_findings
from storage.export import write_export
from storage.ledger_rows import StoredNodes, end_of, kept_entries, last_checkpoint, nodes_of, root_at
from storage.merkle import consistency_proof, consistent, inclusion_proof, leaf_hash
from storage.notes import Head, open_note, origin_of, sign_note
from storage.tables import CheckpointRow, EntryRow, NodeRow
from storage.times import fresh_id, write_time

SOFTWARE: Final = "liasse/0.1.0"
TOLERATED: Final = timedelta(minutes=1)
"""How far behind the last entry the wall clock may be before it is no longer trusted."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """An entry as the ledger took it."""

    seq: int
    id: str
    at: datetime
    leaf: str
    """SHA-256 of the entry as a leaf of the tree, hex."""


class ClockReading(NamedTuple):
    """The later of wall clock and last entry, and whether the wall clock can be trusted."""

    now: datetime
    trusted: bool


class Ledger:
    """One station's ledger. `key` signs its checkpoints; `new_id(at)` gives a fresh ULID."""

    def __init__(
        self,
        database: Database,
        station: str,
        key: Ed25519PrivateKey,
        *,
        software: str = SOFTWARE,
        new_id: Callable[[datetime], str] = fresh_id,
    ) -> None:
        self._database = database
        self._station = station
        self._origin = origin_of(station)
        self._key = key
        self._public = key.public_key()
        self._software = software
        self._new_id = new_id

    def append(self, session: Session, *drafts: Draft, at: datetime) -> tuple[Recorded, ...]:
        """Number, date and hash the drafts in order, and add them with the tree's new nodes.

        `session` must be a write session. `at` becomes the last entry's time where it lies before it. Raises
        `StationFault("custody-entry-refused")` for a value that may not stand in an entry.
        """
        _, last = end_of(session)
        return self._add(session, drafts, max(at, last) if last else at)

    def accept_clock(self, session: Session, wall: datetime) -> Recorded:
        """A person says that the wall clock is right and the last entry's time is not: from here on, time goes from it.

        The only entry that may be earlier than the one before it; its `seconds` are how much. Raises
        `StationFault("clock-not-behind")`.
        """
        _, last = end_of(session)
        if last is None or wall >= last:
            raise StationFault("clock-not-behind")
        seconds = math.ceil((last - wall).total_seconds())
        about = f"station:{self._new_id(wall)}"
        draft = Draft(EntryType.CLOCK_ANOMALY, about, CLOCK_ACCEPTED, counts={"seconds": seconds})
        (recorded,) = self._add(session, (draft,), wall)
        return recorded

    def _add(self, session: Session, drafts: Sequence[Draft], at: datetime) -> tuple[Recorded, ...]:
        frontier, _ = end_of(session)
        entries, nodes, recorded = [], [], []
        for draft in drafts:
            place = Place(frontier.size, self._new_id(at), at, self._station, self._software)
            entry = write_entry(draft, place)
            leaf = leaf_hash(entry)
            frontier, made = frontier.push(leaf)
            entries.append({"seq": place.seq, "entry": entry, "leaf": leaf, "frontier": frontier.packed})
            nodes += [{"level": node.level, "index": node.index, "hash": node.hash} for node in made]
            recorded.append(Recorded(place.seq, place.id, at, leaf.hex()))
        if entries:
            session.execute(insert(EntryRow), entries)
        if nodes:
            session.execute(insert(NodeRow), nodes)
        return tuple(recorded)

    def checkpoint(self, session: Session, now: datetime, *, epoch: int | None = None) -> str:
        """Sign the tree as it stands; where no entry came since the last checkpoint, it is that one again.

        `epoch` begins a new one (storage.backup). Raises `TamperFault("custody-broken")` where the tree does not
        continue the one that was signed last.
        """
        frontier, _ = end_of(session)
        before = last_checkpoint(session)
        signed = None if before is None else open_note(before, self._origin, self._public)
        last = signed.epoch if signed else 0
        head = Head(frontier.size, frontier.root, last if epoch is None else epoch)
        if before is not None and signed is not None:
            _require_continuation(session, signed, head)
            if (signed.size, signed.epoch) == (head.size, head.epoch):
                return before
        note = sign_note(self._origin, head, self._key)
        session.add(CheckpointRow(size=head.size, note=note, at=write_time(now)))
        session.flush()
        return note

    def epoch(self) -> int:
        """How often the station came back from a backup, as its last checkpoint says."""
        with self._database.read() as reader:
            note = last_checkpoint(reader)
        return 0 if note is None else open_note(note, self._origin, self._public).epoch

    def signed(self, note: str) -> Head | None:
        """What a checkpoint of this station states; None for a note that its key did not sign."""
        try:
            return open_note(note, self._origin, self._public)
        except TamperFault:
            return None

    def require_continues(self, note: str) -> None:
        """Raise `TamperFault("custody-rolled-back")` unless this ledger holds the tree that a checkpoint signed.

        A note that this station's key did not sign says nothing, and is passed over.
        """
        signed = self.signed(note)
        if signed is None:
            return
        with self._database.read() as session:
            root = root_at(session, signed.size)
        if root != signed.root:
            raise TamperFault("custody-rolled-back", size=signed.size)

    def last_time(self, session: Session | None = None) -> datetime | None:
        """When the last entry was written (UTC); None in an empty ledger."""
        with self._reading(session) as reader:
            return end_of(reader)[1]

    def first_time(self, session: Session) -> datetime | None:
        """When the first entry was written (UTC): the station's founding."""
        first = next(kept_entries(session), None)
        return None if first is None else time_of(read_entry(first.entry))

    def clock_reading(self, wall: datetime) -> ClockReading:
        """What time it is for the gate and the ledger, given the wall clock (UTC)."""
        last = self.last_time()
        if last is None or wall >= last:
            return ClockReading(wall, trusted=True)
        return ClockReading(last, trusted=last - wall <= TOLERATED)

    def entries(self, session: Session, *, first: int = 0) -> Iterator[bytes]:
        """Entries' exact bytes in order, from number `first`; `storage.custody.read_entry` gives their fields."""
        return (kept.entry for kept in kept_entries(session, first))

    def inclusion(self, session: Session, seq: int, size: int) -> tuple[bytes, ...]:
        """Proof that entry `seq` is in the tree of the first `size` entries (RFC 6962), without reading the others."""
        return inclusion_proof(nodes_of(session), seq, size)

    def consistency(self, session: Session, old: int, new: int) -> tuple[bytes, ...]:
        """Proof that the first `old` entries are the beginning of the first `new` ones (RFC 6962)."""
        return consistency_proof(nodes_of(session), old, new)

    def verify(self, anchors: Iterable[str] = ()) -> Verdict:
        """Judge the whole ledger as it stands at one instant. `anchors` are checkpoints that were kept outside."""
        outside, broken = open_notes(anchors, self._origin, self._public, Finding(Flaw.ANCHOR_FORGED, 0, 0))
        with self._database.read() as session:
            signed, forged = self._checkpoints(session)
            nodes = StoredNodes(session)
            verdict = judge(kept_entries(session), signed, outside, nodes.agree)
            surplus = nodes.surplus(verdict.entries) if verdict.verified else None
        return with_findings(verdict, broken, forged, surplus)

    def export(self, folder: Path) -> None:
        """Write the ledger for strangers into `folder` (`storage.export`), with its last checkpoint."""
        with self._database.read() as session, effect("ledger.export"):
            write_export(folder, self.entries(session), last_checkpoint(session), self._station, self._public)

    @contextmanager
    def _reading(self, session: Session | None) -> Iterator[Session]:
        with nullcontext(session) if session is not None else self._database.read() as reader:
            yield reader

    def _checkpoints(self, session: Session) -> tuple[list[Head], Finding | None]:
        """The heads that this station signed, and the first row that is not one."""
        heads: list[Head] = []
        rows = session.exec(select(CheckpointRow.size, CheckpointRow.note).order_by(col(CheckpointRow.size)))
        for size, note in rows:
            closing = max(size - 1, 0)
            opened, forged = open_notes(
                [str(note)], self._origin, self._public, Finding(Flaw.CHECKPOINT_FORGED, closing, closing)
            )
            if forged or opened[0].size != size:
                return heads, forged or Finding(Flaw.CHECKPOINT_FORGED, closing, closing)
            heads += opened
        return heads, None


def _require_continuation(session: Session, signed: Head, head: Head) -> None:
    if signed.size > head.size:
        raise TamperFault("custody-broken")
    if signed.size == 0:
        return
    proof = consistency_proof(nodes_of(session), signed.size, head.size)
    if not consistent(signed.size, head.size, signed.root, head.root, proof):
        raise TamperFault("custody-broken")
