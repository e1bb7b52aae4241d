"""The tree is that of RFC 6962: known roots, and proofs that hold for the right leaf and for no other."""

import hashlib
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lexicon.faults import TamperFault
from storage.merkle import Frontier, consistency_proof, consistent, includes, inclusion_proof, join, leaf_hash, root_of
from storage.notes import Head, open_note, sign_note, verifier_key
from tests.station_fixtures import CHECKPOINT_KEY

LEAVES = [leaf_hash(str(n).encode()) for n in range(300)]

# The inputs and roots that Certificate Transparency's implementations are tested with.
CT_INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
CT_ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


@cache
def naive_root(low: int, high: int) -> bytes:
    """MTH of RFC 6962, word for word."""
    if high == low:
        return hashlib.sha256(b"").digest()
    if high - low == 1:
        return LEAVES[low]
    k = 1
    while k * 2 < high - low:
        k *= 2
    return join(naive_root(low, low + k), naive_root(low + k, high))


def node_of(level: int, index: int) -> bytes:
    return naive_root(index << level, (index + 1) << level)


@pytest.mark.parametrize("size", CT_ROOTS)
def test_the_roots_are_those_of_certificate_transparency(size: int) -> None:
    leaves = [leaf_hash(bytes.fromhex(entry)) for entry in CT_INPUTS[:size]]
    assert root_of(leaves).hex() == CT_ROOTS[size]


@given(st.integers(0, 300))
def test_pushing_leaves_gives_the_root_and_the_perfect_subtrees(size: int) -> None:
    frontier = Frontier()
    for leaf in LEAVES[:size]:
        frontier, made = frontier.push(leaf)
        assert all(node.hash == node_of(node.level, node.index) for node in made)
    assert frontier.root == naive_root(0, size)
    assert Frontier.unpack(size, frontier.packed) == frontier


@given(st.data())
def test_an_inclusion_proof_holds_for_its_leaf_alone(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 300))
    index = data.draw(st.integers(0, size - 1))
    proof, root = inclusion_proof(node_of, index, size), naive_root(0, size)
    assert includes(LEAVES[index], index, size, proof, root)
    other = data.draw(st.integers(0, 299).filter(lambda n: n != index))
    assert not includes(LEAVES[other], index, size, proof, root)
    assert not includes(LEAVES[index], other, size, proof, root)
    assert not includes(LEAVES[index], index, size, (*proof, root), root)
    assert not proof or not includes(LEAVES[index], index, size, proof[:-1], root)


@given(st.integers(1, 300), st.integers(1, 300))
def test_a_consistency_proof_holds_for_its_trees_alone(one: int, other: int) -> None:
    old, new = sorted((one, other))
    proof = consistency_proof(node_of, old, new)
    old_root, new_root = naive_root(0, old), naive_root(0, new)
    assert consistent(old, new, old_root, new_root, proof)
    assert not consistent(old, new, LEAVES[0] if old > 1 else LEAVES[1], new_root, proof)
    assert not consistent(old, new, old_root, leaf_hash(b"other"), proof)
    assert not consistent(old, new, old_root, new_root, (*proof, old_root))
    assert not proof or not consistent(old, new, old_root, new_root, proof[:-1])


@settings(max_examples=50)
@given(st.integers(0, 999_999))
def test_a_proof_in_a_million_leaves_reads_few_nodes(index: int) -> None:
    read = []

    def sparse(level: int, at: int) -> bytes:
        read.append((level, at))
        return hashlib.sha256(f"{level}/{at}".encode()).digest()

    inclusion_proof(sparse, index, 1_000_000)
    consistency_proof(sparse, index + 1, 1_000_000)
    assert len(read) <= 100


HEAD = Head(3, bytes.fromhex(CT_ROOTS[3]))
NOTE = sign_note("liasse/atelier-1", HEAD, CHECKPOINT_KEY)
PUBLIC = CHECKPOINT_KEY.public_key()


def test_a_checkpoint_reads_as_this_and_opens() -> None:
    body, signature = NOTE.split("\n\n")
    assert body == "liasse/atelier-1\n3\nrra8/idLcKFPsGel5VeCZNsPqbUa9eC6FZFY8yngbnc="
    assert signature.startswith("\u2014 liasse/atelier-1 ")
    assert open_note(NOTE, "liasse/atelier-1", PUBLIC) == HEAD
    assert verifier_key("liasse/atelier-1", PUBLIC).startswith("liasse/atelier-1+")


def test_a_witness_may_sign_beside_the_station() -> None:
    assert open_note(f"{NOTE}\u2014 witness.example AAAAAAAA\n", "liasse/atelier-1", PUBLIC) == HEAD


@given(st.integers(0, len(NOTE) - 1), st.characters())
def test_a_checkpoint_with_a_changed_sign_does_not_open(position: int, sign: str) -> None:
    changed = NOTE[:position] + sign + NOTE[position + 1 :]
    if changed != NOTE:
        with pytest.raises(TamperFault, match="checkpoint-forged"):
            open_note(changed, "liasse/atelier-1", PUBLIC)


@pytest.mark.parametrize(
    "note", ["", "\n\n", NOTE[:-1], NOTE + "\n", NOTE.split("\n\n")[0], "x" * 100_000, "\ud800\n\n\u2014 \n"]
)
def test_a_text_that_is_no_checkpoint_is_refused_in_one_way(note: str) -> None:
    with pytest.raises(TamperFault, match="checkpoint-forged"):
        open_note(note, "liasse/atelier-1", PUBLIC)


def test_a_checkpoint_of_another_station_does_not_serve() -> None:
    with pytest.raises(TamperFault, match="checkpoint-forged"):
        open_note(NOTE, "liasse/atelier-2", PUBLIC)
