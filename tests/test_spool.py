"""Working files: what was written comes back, and nothing that was cut, moved, swapped or changed ever does."""

import errno
import io
import os
import resource
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lexicon.faults import StationFault, TamperFault
from storage.package import Package, write_package
from storage.spool import CHUNK, Spool

KEY = bytes(range(32))
CLOSED = CHUNK + 16
HEAD = 48
LONG = os.urandom(3 * CHUNK + 77)


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool", KEY)


def file_of(tmp_path: Path, identifier: str = "doc") -> Path:
    return tmp_path / "spool" / f"{identifier}.spool"


def read(spool: Spool, identifier: str = "doc") -> bytes:
    with spool.open(identifier) as stream:
        return stream.read()


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 77])
def test_what_was_written_comes_back(spool: Spool, size: int) -> None:
    written = spool.write("doc", io.BytesIO(LONG[:size]))
    assert read(spool) == LONG[:size]
    assert written.size == size
    source = LONG[:size]
    spool.write("doc", (source[start : start + 70_001] for start in range(0, size, 70_001)))
    assert read(spool) == LONG[:size]


@settings(max_examples=60, deadline=None)
@given(offset=st.integers(0, len(LONG) + 5), size=st.integers(0, 2 * CHUNK))
def test_any_range_can_be_read_alone(tmp_path_factory: pytest.TempPathFactory, offset: int, size: int) -> None:
    folder = tmp_path_factory.getbasetemp() / "ranges"
    spool = Spool(folder, KEY)
    if not spool.has("doc"):
        spool.write("doc", [LONG])
    with spool.reader("doc") as reader:
        assert reader.read_at(offset, size) == LONG[offset : offset + size]
        reader.seek(offset)
        assert reader.read(size) == LONG[offset : offset + size]


def test_the_file_shows_nothing_and_is_for_the_station_alone(spool: Spool, tmp_path: Path) -> None:
    spool.write("doc", [b"DUPONTEL Marguerite" * 100])
    assert b"DUPONTEL" not in file_of(tmp_path).read_bytes()
    assert file_of(tmp_path).stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "spool").stat().st_mode & 0o777 == 0o700


def test_two_files_of_the_same_content_are_different(spool: Spool, tmp_path: Path) -> None:
    spool.write("a", [b"same"])
    spool.write("b", [b"same"])
    assert file_of(tmp_path, "a").read_bytes()[HEAD:] != file_of(tmp_path, "b").read_bytes()[HEAD:]


def chunks(path: Path) -> list[bytes]:
    body = path.read_bytes()[HEAD:]
    return [body[start : start + CLOSED] for start in range(0, len(body), CLOSED)]


DAMAGE: dict[str, Callable[[list[bytes]], list[bytes]]] = {
    "cut inside a chunk": lambda c: [*c[:-1], c[-1][:-1]],
    "last chunk cut off": lambda c: c[:-1],
    "all but the first cut off": lambda c: c[:1],
    "nothing left": lambda _: [],
    "two chunks swapped": lambda c: [c[1], c[0], *c[2:]],
    "a chunk repeated": lambda c: [c[0], c[0], *c[1:]],
    "a chunk left out": lambda c: [c[0], *c[2:]],
    "something behind": lambda c: [*c, b"\0"],
    "a whole tag behind": lambda c: [*c, bytes(16)],
    "the end twice": lambda c: [*c, c[-1]],
    "a bit in the middle": lambda c: [c[0], bytes([c[1][0] ^ 1]) + c[1][1:], *c[2:]],
    "a bit of the last tag": lambda c: [*c[:-1], c[-1][:-1] + bytes([c[-1][-1] ^ 1])],
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_what_was_cut_moved_or_changed_is_refused(spool: Spool, tmp_path: Path, damage: str) -> None:
    spool.write("doc", [LONG])
    path = file_of(tmp_path)
    head = path.read_bytes()[:HEAD]
    path.write_bytes(head + b"".join(DAMAGE[damage](chunks(path))))
    with pytest.raises(TamperFault, match="spool-damaged"):
        read(spool)


def test_every_flip_of_the_head_is_refused(spool: Spool, tmp_path: Path) -> None:
    spool.write("doc", [b"short"])
    whole = file_of(tmp_path).read_bytes()
    for place in range(len(whole)):
        forged = bytearray(whole)
        forged[place] ^= 1
        file_of(tmp_path).write_bytes(forged)
        with pytest.raises(TamperFault, match="spool-damaged"):
            read(spool)


def test_a_chunk_of_another_file_is_refused(spool: Spool, tmp_path: Path) -> None:
    spool.write("doc", [LONG])
    spool.write("other", [LONG])
    mine, others = file_of(tmp_path).read_bytes(), file_of(tmp_path, "other").read_bytes()
    file_of(tmp_path).write_bytes(mine[: HEAD + CLOSED] + others[HEAD + CLOSED :])
    with pytest.raises(TamperFault, match="spool-damaged"):
        read(spool)


def test_a_whole_file_cannot_stand_in_for_another(spool: Spool, tmp_path: Path) -> None:
    spool.write("doc", [b"mine"])
    spool.write("other", [b"yours"])
    file_of(tmp_path, "other").replace(file_of(tmp_path))
    with pytest.raises(TamperFault, match="spool-damaged"):
        read(spool)


def test_another_wrapping_key_opens_nothing(spool: Spool, tmp_path: Path) -> None:
    spool.write("doc", [b"mine"])
    with pytest.raises(TamperFault, match="spool-damaged"):
        read(Spool(tmp_path / "spool", bytes(32)))


def test_destroying_takes_the_key_first_and_may_be_repeated(spool: Spool, tmp_path: Path) -> None:
    spool.write("doc", [b"mine"])
    kept = tmp_path / "another name of the same file"
    os.link(file_of(tmp_path), kept)
    spool.destroy("doc")
    spool.destroy("doc")
    assert not spool.has("doc")
    assert kept.read_bytes()[8:HEAD] == bytes(40)
    with pytest.raises(StationFault, match="spool-missing"):
        read(spool)


def test_what_is_replaced_is_destroyed(spool: Spool, tmp_path: Path) -> None:
    spool.write("doc", [b"first"])
    kept = tmp_path / "another name of the same file"
    os.link(file_of(tmp_path), kept)
    spool.write("doc", [b"second"])
    assert read(spool) == b"second"
    assert kept.read_bytes()[8:HEAD] == bytes(40)


def test_a_write_that_fails_leaves_what_was_there(spool: Spool, tmp_path: Path) -> None:
    spool.write("doc", [b"first"])

    def broken() -> Iterator[bytes]:
        yield LONG
        raise RuntimeError

    with pytest.raises(RuntimeError):
        spool.write("doc", broken())
    assert read(spool) == b"first"
    assert [path.name for path in (tmp_path / "spool").iterdir()] == ["doc.spool"]


def test_a_full_disk_says_so_and_leaves_nothing(spool: Spool, tmp_path: Path) -> None:
    def full() -> Iterator[bytes]:
        yield LONG
        raise OSError(errno.ENOSPC, "a text that names a file")

    with pytest.raises(StationFault, match="disk-full") as fault:
        spool.write("doc", full())
    assert "names a file" not in str(fault.value)
    assert not list((tmp_path / "spool").iterdir())


def test_a_really_full_disk_says_so(tmp_path: Path) -> None:
    """A limit on the size of files is the kernel's own refusal, short of filling a disk."""
    spool = Spool(tmp_path / "spool", KEY)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (CHUNK, hard))
    try:
        with pytest.raises(StationFault, match="disk-full"):
            spool.write("doc", [LONG])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not list((tmp_path / "spool").iterdir())


def test_identifiers_are_listed_and_remnants_are_swept(spool: Spool, tmp_path: Path) -> None:
    spool.write("b", [b"2"])
    spool.write("a.1-x_y", [b"1"])
    (tmp_path / "spool" / "c.spool.part").write_bytes(bytes(100))
    assert spool.ids() == ("a.1-x_y", "b")
    assert spool.sweep() == 1
    assert spool.sweep() == 0
    assert spool.ids() == ("a.1-x_y", "b")


@pytest.mark.parametrize("identifier", ["", ".", "..", "a/b", "../x", "é", "a b", "x" * 101, ".hidden"])
def test_an_identifier_is_no_path(spool: Spool, identifier: str) -> None:
    with pytest.raises(ValueError, match="identifier"):
        spool.write(identifier, [b""])


FACTS = st.dictionaries(
    st.text(max_size=8),
    st.one_of(st.integers(), st.booleans(), st.text(max_size=8), st.floats(allow_nan=False, allow_infinity=False)),
    max_size=4,
)


@settings(max_examples=40, deadline=None)
@given(
    pages=st.lists(
        st.tuples(
            FACTS,
            st.binary(max_size=50),
        ),
        max_size=6,
    )
)
def test_pages_come_back_one_by_one_with_their_facts(
    tmp_path_factory: pytest.TempPathFactory, pages: list[tuple[dict[str, int | float | str | bool], bytes]]
) -> None:
    spool = Spool(tmp_path_factory.getbasetemp() / "pages", KEY)
    write_package(spool, "doc", iter(pages))
    package = Package(spool, "doc")
    assert [(page.facts, page.payload) for page in package] == pages
    for page, (facts, _) in zip(package, pages, strict=True):
        assert {name: type(fact) for name, fact in page.facts.items()} == {n: type(f) for n, f in facts.items()}
    assert len(package) == len(pages)
    assert [page.payload for page in package[::-1]] == [payload for _, payload in reversed(pages)]


def test_a_page_across_chunks_is_loaded_alone(spool: Spool) -> None:
    pages = [({"page": number}, os.urandom(CHUNK // 2 + 99)) for number in range(7)]
    write_package(spool, "doc", iter(pages))
    package = Package(spool, "doc")
    assert package[4].payload == pages[4][1]
    assert package.facts(-1) == {"page": 6}
    with pytest.raises(IndexError):
        package[7]


def test_a_file_that_is_no_package_is_refused(spool: Spool) -> None:
    for content in (b"", b"short", bytes(50), b'{"a":1}' + (7).to_bytes(8, "big"), b"\xff" * 60):
        spool.write("doc", [content])
        with pytest.raises(TamperFault, match="spool-damaged"):
            Package(spool, "doc")


def test_where_others_write_only_what_is_old_is_swept(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool", bytes(32))
    for name in ("old", "new"):
        spool.write(name, [b"copy"])
        (tmp_path / "spool" / f"{name}.spool.part").write_bytes(bytes(100))
    for path in (tmp_path / "spool").glob("old*"):
        os.utime(path, (1000, 1000))
    assert spool.ids(older=2000) == ("old",)
    assert spool.sweep(older=2000) == 1
    assert not (tmp_path / "spool" / "old.spool.part").exists()
    assert (tmp_path / "spool" / "new.spool.part").exists()
    assert spool.ids() == ("new", "old")
