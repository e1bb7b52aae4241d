"""How the ledger's rows are read: entries in order, the tree's end, its nodes, the last checkpoint."""

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from typing import Final

from sqlalchemy import func
from sqlmodel import Session, col, select

from lexicon.faults import TamperFault
from storage.custody import read_entry, time_of
from storage.evidence import Finding, Flaw, Kept
from storage.merkle import Frontier, Node, NodeOf
from storage.tables import CheckpointRow, EntryRow, NodeRow

_CHUNK: Final = 1_000
_LAST: Final = select(EntryRow.seq, EntryRow.entry, EntryRow.frontier).order_by(col(EntryRow.seq).desc()).limit(1)


def end_of(session: Session) -> tuple[Frontier, datetime | None]:
    """The tree's frontier, and the time of the last entry. Raises `TamperFault("custody-broken")`."""
    row = session.connection().execute(_LAST).first()
    if row is None:
        return Frontier(), None
    seq, entry, packed = row
    try:
        frontier = Frontier.unpack(seq + 1, _blob(packed))
    except ValueError:
        raise TamperFault("custody-broken") from None
    return frontier, time_of(read_entry(_blob(entry)))


def root_at(session: Session, size: int) -> bytes | None:
    """The root over the first `size` entries; None where there are fewer."""
    if size == 0:
        return Frontier().root
    packed = session.exec(select(EntryRow.frontier).where(EntryRow.seq == size - 1)).first()
    return None if packed is None else Frontier.unpack(size, _blob(packed)).root


def kept_entries(session: Session, first: int = 0) -> Iterator[Kept]:
    """Entries from number `first`, in order, as they are stored."""
    columns = select(EntryRow.seq, EntryRow.entry, EntryRow.leaf, EntryRow.frontier)
    query = columns.where(EntryRow.seq >= first).order_by(col(EntryRow.seq)).execution_options(yield_per=_CHUNK)
    with closing(session.exec(query)) as rows:  # who reads on only as far as the first flaw leaves no cursor open
        for seq, entry, leaf, frontier in rows:
            yield Kept(seq, _blob(entry), _blob(leaf), _blob(frontier))


def _blob(stored: object) -> bytes:
    """What a hand in the file left in place of bytes (SQLite keeps any type anywhere) is as good as nothing."""
    return stored if isinstance(stored, bytes) else b""


def last_checkpoint(session: Session) -> str | None:
    """The note of the last checkpoint."""
    note = session.exec(select(CheckpointRow.note).order_by(col(CheckpointRow.size).desc()).limit(1)).first()
    return None if note is None else str(note)


def nodes_of(session: Session) -> NodeOf:
    """Look-up of stored subtrees, for proofs. A missing one raises `TamperFault("custody-broken")`."""

    def node_of(level: int, index: int) -> bytes:
        leaf = select(EntryRow.leaf).where(EntryRow.seq == index)
        node = select(NodeRow.hash).where(NodeRow.level == level, NodeRow.index == index)
        found = session.exec(node if level else leaf).first()
        if found is None:
            raise TamperFault("custody-broken")
        return found

    return node_of


class StoredNodes:
    """The stored subtrees, compared in the order in which pushing completes them."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._ahead: dict[tuple[int, int], bytes] = {}
        self._read_to = 0

    def agree(self, node: Node) -> bool:
        """Whether the subtree is stored, with this hash."""
        needed = (node.index + 1) << node.level
        if needed > self._read_to:
            self._read(needed + _CHUNK)
        return self._ahead.pop((node.level, node.index), None) == node.hash

    def surplus(self, size: int) -> Finding | None:
        """Subtrees that a tree of `size` leaves does not have."""
        expected = sum(size >> level for level in range(1, size.bit_length()))
        stored = self._session.exec(select(func.count()).select_from(NodeRow)).one()
        return None if stored == expected else Finding(Flaw.TREE_EDITED, 0, max(size - 1, 0))

    def _read(self, to: int) -> None:
        """Fetch the subtrees that are completed by the leaves numbered from `_read_to` to `to`."""
        for level in range(1, to.bit_length()):
            first, past = self._read_to >> level, to >> level
            query = select(NodeRow.index, NodeRow.hash).where(
                NodeRow.level == level, NodeRow.index >= first, NodeRow.index < past
            )
            self._ahead.update({(level, index): hashed for index, hashed in self._session.exec(query)})
        self._read_to = to
