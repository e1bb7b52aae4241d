"""Judging a custody log: every entry, the tree over them, the checkpoints within and the anchors kept outside.

What a verifier can promise depends on what was kept where the station cannot reach. Without an anchor, a log whose tail
was cut off, or which was wholly rewritten by the holder of the checkpoint key, looks whole: the verdict says so.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from lexicon.faults import TamperFault
from storage.custody import CLOCK_ACCEPTED, EntryType, read_entry, time_of
from storage.merkle import EMPTY_ROOT, Frontier, Node, leaf_hash
from storage.notes import Head, open_note

RETURNED: Final = ("restored", "forked")
"""Outcomes of the entry with which a station comes back from a backup."""
_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)


class Guarantee(StrEnum):
    """What a verdict is worth. The value is reported: never rename one."""

    ANCHORED = "anchored"
    """Up to the last anchor nothing was changed, removed or added; checkpoints alone vouch for later entries."""
    CHECKPOINTS_ONLY = "checkpoints-only"
    """Nothing was changed without the checkpoint key; a cut tail, or a whole rewrite with that key, cannot be seen."""
    CONSISTENT_ONLY = "consistent-only"
    """The log agrees with itself; nobody vouches for it."""
    NONE = "none"
    """The log is broken."""


class Flaw(StrEnum):
    """What is wrong with a log. The value is reported and translated: never rename one."""

    ENTRY_MISSING = "entry-missing"
    ENTRY_MALFORMED = "entry-malformed"
    ENTRY_MISPLACED = "entry-misplaced"
    ENTRY_EDITED = "entry-edited"
    TIME_BACKWARDS = "time-backwards"
    TREE_EDITED = "tree-edited"
    CHECKPOINT_FORGED = "checkpoint-forged"
    CHECKPOINT_DIFFERS = "checkpoint-differs"
    ANCHOR_FORGED = "anchor-forged"
    HISTORY_REWRITTEN = "history-rewritten"
    TRUNCATED = "truncated"


@dataclass(frozen=True, slots=True)
class Finding:
    """The first flaw of a log. It lies in entry `first`, or somewhere from `first` to `last` (numbers from 0)."""

    flaw: Flaw
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Return:
    """The station came back from a backup, as entry `seq` declares: a fork of its ledger, told and never hidden."""

    seq: int
    epoch: int
    since: datetime
    """When the last entry that came back was written; what was done from then until `at` may be lost."""
    at: datetime
    missing: int
    """Entries that an anchor had signed and nobody has any more; 0: the last anchor was reached."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verifying found: entries followed, root over them (hex), checkpoints and anchors that agree."""

    entries: int
    root: str
    checkpoints: int
    anchored: int
    """Entries that the last agreeing anchor covers."""
    guarantee: Guarantee
    finding: Finding | None
    returns: tuple[Return, ...] = ()
    lost_anchors: int = 0
    """Anchors over entries that a declared return has lost: nothing can be said of them."""
    clocks: tuple[int, ...] = ()
    """Entries by which a person set the ledger's time back: those before them are dated too late."""

    @property
    def verified(self) -> bool:
        return self.finding is None


@dataclass(frozen=True, slots=True)
class Kept:
    """An entry as it is kept; `leaf` and `frontier` as a ledger stored them beside it, None in a bare list."""

    seq: int
    entry: bytes
    leaf: bytes | None = None
    frontier: bytes | None = None


def judge(
    log: Iterable[Kept],
    checkpoints: Sequence[Head] = (),
    anchors: Sequence[Head] = (),
    stored: Callable[[Node], bool] | None = None,
) -> Verdict:
    """Follow a log from its first entry and stop at the first flaw.

    `checkpoints` and `anchors` are heads whose signatures were verified; `stored` says whether a subtree's hash is
    stored as it was computed here.
    """
    follower = _Follower(checkpoints, anchors, stored)
    finding = follower.heads_at(0)
    for kept in log:
        finding = finding or follower.take(kept)
        if finding:
            break
    return follower.verdict(finding or follower.beyond())


def open_notes(
    notes: Iterable[str], origin: str, key: Ed25519PublicKey, forged: Finding
) -> tuple[list[Head], Finding | None]:
    """The heads in notes that this key signed, and `forged` if there is another among them."""
    heads, finding = [], None
    for note in notes:
        try:
            heads.append(open_note(note, origin, key))
        except TamperFault:
            finding = forged
    return heads, finding


def with_findings(verdict: Verdict, *others: Finding | None) -> Verdict:
    """The verdict once other findings are known too: it tells the one that comes first in the log."""
    found = [finding for finding in (verdict.finding, *others) if finding is not None]
    if not found:
        return verdict
    return replace(verdict, guarantee=Guarantee.NONE, finding=min(found, key=lambda finding: finding.last))


class _Follower:
    def __init__(
        self, checkpoints: Sequence[Head], anchors: Sequence[Head], stored: Callable[[Node], bool] | None
    ) -> None:
        self._heads: dict[int, list[tuple[bytes, bool]]] = {}
        for heads, outside in ((checkpoints, False), (anchors, True)):
            for head in heads:
                self._heads.setdefault(head.size, []).append((head.root, outside))
        self._stored = stored
        self._frontier = Frontier()
        self._last = _LONG_AGO
        self._vouched = self._anchored = self._checkpoints = self._lost = 0
        self._returns: list[Return] = []
        self._clocks: list[int] = []

    def take(self, kept: Kept) -> Finding | None:
        seq = self._frontier.size
        flaw = self._entry_flaw(kept, seq)
        if flaw:
            return Finding(flaw, seq, seq)
        self._frontier, made = self._frontier.push(leaf_hash(kept.entry))
        if kept.frontier is not None and kept.frontier != self._frontier.packed:
            return Finding(Flaw.TREE_EDITED, seq, seq)
        for node in made:
            if self._stored and not self._stored(node):
                return Finding(Flaw.TREE_EDITED, node.index << node.level, seq)
        return self.heads_at(seq + 1)

    def _entry_flaw(self, kept: Kept, seq: int) -> Flaw | None:
        if kept.seq != seq:
            return Flaw.ENTRY_MISSING if kept.seq > seq else Flaw.ENTRY_MISPLACED
        if kept.leaf is not None and kept.leaf != leaf_hash(kept.entry):
            return Flaw.ENTRY_EDITED
        try:
            entry = read_entry(kept.entry)
        except TamperFault:
            return Flaw.ENTRY_MALFORMED
        if entry["seq"] != seq:
            return Flaw.ENTRY_MISPLACED
        before, self._last = self._last, time_of(entry)
        if entry["type"] == EntryType.CHECKPOINT and entry["outcome"] in RETURNED:
            counts = entry.get("counts", {})
            self._returns.append(Return(seq, counts.get("epoch", 0), before, self._last, counts.get("missing", 0)))
        if (entry["type"], entry["outcome"]) == (EntryType.CLOCK_ANOMALY, CLOCK_ACCEPTED):
            self._clocks.append(seq)
            return None
        return Flaw.TIME_BACKWARDS if self._last < before else None

    def heads_at(self, size: int) -> Finding | None:
        root = self._frontier.root if size in self._heads else EMPTY_ROOT
        for expected, outside in self._heads.get(size, ()):
            if expected != root and outside and self._is_lost(size):
                self._lost += 1
                continue
            if expected != root:
                flaw = Flaw.HISTORY_REWRITTEN if outside else Flaw.CHECKPOINT_DIFFERS
                return Finding(flaw, min(self._vouched, max(size - 1, 0)), max(size - 1, 0))
            self._anchored = size if outside else self._anchored
            self._checkpoints += not outside
            self._vouched = size
        return None

    def beyond(self) -> Finding | None:
        """A head over more entries than there are: the tail is gone."""
        size = self._frontier.size
        later = [head for head in self._heads if head > size and not self._explained(head)]
        return Finding(Flaw.TRUNCATED, size, max(later) - 1) if later else None

    def _explained(self, size: int) -> bool:
        """A head beyond the end that a return declares as lost."""
        outside = all(outside for _, outside in self._heads[size])
        if outside and self._is_lost(size):
            self._lost += len(self._heads[size])
            return True
        return False

    def _is_lost(self, size: int) -> bool:
        return any(found.seq < size <= found.seq + found.missing for found in self._returns)

    def verdict(self, finding: Finding | None) -> Verdict:
        return Verdict(
            entries=self._frontier.size,
            root=self._frontier.root.hex(),
            checkpoints=self._checkpoints,
            anchored=self._anchored,
            guarantee=self._guarantee(finding),
            finding=finding,
            returns=tuple(self._returns),
            lost_anchors=self._lost,
            clocks=tuple(self._clocks),
        )

    def _guarantee(self, finding: Finding | None) -> Guarantee:
        if finding:
            return Guarantee.NONE
        if self._anchored:
            return Guarantee.ANCHORED
        return Guarantee.CHECKPOINTS_ONLY if self._vouched else Guarantee.CONSISTENT_ONLY
