"""The custody tree (RFC 6962, section 2.1; RFC 9162): pushing leaves, roots, inclusion and consistency proofs."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

HASH: Final = 32
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()

NodeOf = Callable[[int, int], bytes]
"""Hash of the perfect subtree over leaves [index * 2**level, (index + 1) * 2**level); level 0 is a leaf's hash."""


def leaf_hash(entry: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + entry).digest()


def join(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Node:
    """A perfect subtree that a push completed; `level` is 1 or more."""

    level: int
    index: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Frontier:
    """All that is needed to grow a tree of `size` leaves: roots of its perfect subtrees, biggest first."""

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    @classmethod
    def unpack(cls, size: int, packed: bytes) -> "Frontier":
        """Read back `packed`. Raises ValueError where it is not that of `size` leaves."""
        if len(packed) != HASH * size.bit_count():
            raise ValueError("not the frontier of this size")
        return cls(size, tuple(packed[at : at + HASH] for at in range(0, len(packed), HASH)))

    @property
    def packed(self) -> bytes:
        return b"".join(self.hashes)

    @property
    def root(self) -> bytes:
        return _fold(self.hashes)

    def push(self, leaf: bytes) -> tuple["Frontier", tuple[Node, ...]]:
        """The frontier with one leaf more (its hash), and the perfect subtrees that this leaf completed."""
        hashes, made = [*self.hashes, leaf], []
        level, rest = 0, self.size
        while rest & 1:
            right = hashes.pop()
            hashes.append(join(hashes.pop(), right))
            level, rest = level + 1, rest >> 1
            made.append(Node(level, rest, hashes[-1]))
        return Frontier(self.size + 1, tuple(hashes)), tuple(made)


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Root over leaf hashes."""
    frontier = Frontier()
    for leaf in leaves:
        frontier, _ = frontier.push(leaf)
    return frontier.root


def inclusion_proof(node_of: NodeOf, index: int, size: int) -> tuple[bytes, ...]:
    """Audit path of leaf `index` in the tree of `size` leaves, nearest first; reads O(log² size) nodes."""
    if not 0 <= index < size:
        raise ValueError("no such leaf")
    path, low, high = [], 0, size
    while high - low > 1:
        middle = low + _left(high - low)
        if index < middle:
            path.append(_range_root(node_of, middle, high))
            high = middle
        else:
            path.append(_range_root(node_of, low, middle))
            low = middle
    return tuple(reversed(path))


def consistency_proof(node_of: NodeOf, old: int, new: int) -> tuple[bytes, ...]:
    """Proof that the tree of `old` leaves is the beginning of the tree of `new` leaves; 0 < old <= new."""
    if not 0 < old <= new:
        raise ValueError("no such pair of sizes")
    path, low, high = [], 0, new
    while high != old:
        middle = low + _left(high - low)
        if old <= middle:
            path.append(_range_root(node_of, middle, high))
            high = middle
        else:
            path.append(_range_root(node_of, low, middle))
            low = middle
    if low:
        path.append(_range_root(node_of, low, high))
    return tuple(reversed(path))


def includes(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether `proof` shows that `leaf` (its hash) stands at `index` in the tree with that root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    at, last, found = index, size - 1, leaf
    for hashed in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = join(hashed, found)
            at, last = _past_left_edge(at, last)
        else:
            found = join(found, hashed)
        at, last = at >> 1, last >> 1
    return last == 0 and found == root


def consistent(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether `proof` shows that the new tree only added leaves to the old one (RFC 9162, 2.1.4.2)."""
    if old == new:
        return not proof and old_root == new_root
    if not 0 < old < new or not proof:
        return False
    path = [old_root, *proof] if old.bit_count() == 1 else list(proof)
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    before = after = path[0]
    for hashed in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            before, after = join(hashed, before), join(hashed, after)
            at, last = _past_left_edge(at, last)
        else:
            after = join(after, hashed)
        at, last = at >> 1, last >> 1
    return last == 0 and before == old_root and after == new_root


def _past_left_edge(at: int, last: int) -> tuple[int, int]:
    while at and not at & 1:
        at, last = at >> 1, last >> 1
    return at, last


def _left(width: int) -> int:
    """Leaves in the left subtree of `width` leaves: the largest power of two below it."""
    return 1 << ((width - 1).bit_length() - 1)


def _range_root(node_of: NodeOf, low: int, high: int) -> bytes:
    return _fold([node_of(level, index) for level, index in _cover(low, high)])


def _cover(low: int, high: int) -> Iterator[tuple[int, int]]:
    """The perfect subtrees that make up leaves [low, high), biggest first; `low` is aligned as RFC 6962 splits."""
    while low < high:
        level = (high - low).bit_length() - 1
        yield level, low >> level
        low += 1 << level


def _fold(hashes: Sequence[bytes]) -> bytes:
    if not hashes:
        return EMPTY_ROOT
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = join(left, root)
    return root
