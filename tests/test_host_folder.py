"""A folder as host: created once, never replaced; after a crash the whole object or nothing; its faults by name."""

import hashlib
import io
import os
import resource
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from lexicon.faults import HostFault, TamperFault
from storage.hosts import Absent, AlreadyThere, Created, Host, Stored
from storage.hosts.folder import FolderHost

KEY = "poste-1/0a1b.p7m"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "host").mkdir()
    return tmp_path / "host"


def object_of(folder: Path, content: bytes, name: str = "sealed") -> tuple[Path, str, int]:
    path = folder / name
    path.write_bytes(content)
    return path, hashlib.sha256(content).hexdigest(), len(content)


def read(host: Host, key: str = KEY) -> bytes:
    target = io.BytesIO()
    host.read(key, target)
    return target.getvalue()


def test_an_object_is_created_read_listed_and_deleted(root: Path, tmp_path: Path) -> None:
    host: Host = FolderHost(root)
    assert host.create(KEY, *object_of(tmp_path, b"envelope")) == Created(version=None)
    assert host.head(KEY) == Stored(KEY, 8, version=None)
    assert read(host) == b"envelope"
    host.create("poste-2/x.p7m", *object_of(tmp_path, b"other"))
    assert [stored.key for stored in host.list("")] == [KEY, "poste-2/x.p7m"]
    assert [stored.key for stored in host.list("poste-1/")] == [KEY]
    host.delete(KEY)
    host.delete(KEY)
    assert host.head(KEY) == Absent()
    with pytest.raises(HostFault, match="host-object-missing"):
        read(host)


def test_an_object_is_never_replaced(root: Path, tmp_path: Path) -> None:
    host = FolderHost(root)
    host.create(KEY, *object_of(tmp_path, b"first"))
    assert host.create(KEY, *object_of(tmp_path, b"second")) == AlreadyThere()
    assert read(host) == b"first"


def test_of_many_who_create_at_once_one_does(root: Path, tmp_path: Path) -> None:
    host, start, outcomes = FolderHost(root), threading.Barrier(2), []
    sources = [object_of(tmp_path, bytes([number]) * 100_000, f"sealed-{number}") for number in range(2)]

    def create(number: int, key: str) -> None:
        start.wait()
        outcomes.append((number, host.create(key, *sources[number])))

    for turn in range(40):
        key = f"poste-1/{turn}.p7m"
        threads = [threading.Thread(target=create, args=(number, key)) for number in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        (winner,) = (number for number, outcome in outcomes if isinstance(outcome, Created))
        assert len(outcomes) == 2
        assert read(host, key) == bytes([winner]) * 100_000
        outcomes.clear()
    assert all(not path.name.startswith(".") for path in root.rglob("*"))


CRASHING = """
import os, sys
from pathlib import Path
from storage.hosts.folder import FolderHost

root, source, sha256, size = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
steps = 0

def step(event, _):
    global steps
    if event in WATCHED and armed:
        steps += 1
        if steps == die_at:
            os._exit(9)

WATCHED = {"open", "os.mkdir", "os.link", "os.remove", "os.listdir", "os.scandir", "fcntl.flock"}
die_at, armed = 1, False
sys.addaudithook(step)
while True:
    child = os.fork()
    if not child:
        host = FolderHost(root / str(die_at))
        armed = True
        host.create("a/b.p7m", source, sha256, size)
        os._exit(0)
    outcome = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if outcome == 0:
        break
    assert outcome == 9, outcome
    die_at += 1
print(die_at - 1)
"""


def test_a_crash_between_any_two_steps_leaves_the_whole_object_or_nothing(root: Path, tmp_path: Path) -> None:
    content = os.urandom(200_000)
    source, sha256, size = object_of(tmp_path, content)
    for number in range(1, 40):
        (root / str(number)).mkdir()
    command: list[str | Path] = [sys.executable, "-c", CRASHING, root, source, sha256, str(size)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    crashes = int(done.stdout)
    assert crashes >= 6
    wholes = 0
    for number in range(1, crashes + 1):
        left = [path for path in (root / str(number)).rglob("*.p7m") if not path.name.startswith(".")]
        assert all(path.read_bytes() == content for path in left)
        wholes += len(left)
        host = FolderHost(root / str(number))
        host.create("a/b.p7m", source, sha256, size)
        assert read(host, "a/b.p7m") == content
        assert [path.name for path in (root / str(number) / "a").iterdir()] == ["b.p7m"]
    assert 0 < wholes < crashes


def test_opening_clears_what_a_crash_left_and_nothing_that_is_being_written(root: Path, tmp_path: Path) -> None:
    (root / "poste-1").mkdir()
    (root / "poste-1" / ".x.p7m.0123.part").write_bytes(b"half")
    host, seen = FolderHost(root), list[object]()
    assert not list((root / "poste-1").iterdir())
    stop, going = threading.Event(), threading.Event()
    fifo = tmp_path / "slow source"
    os.mkfifo(fifo)

    def write() -> None:
        seen.append(host.create(KEY, fifo, hashlib.sha256(b"envelope").hexdigest(), 8))

    def feed() -> None:
        with fifo.open("wb") as stream:
            stream.write(b"enve")
            stream.flush()
            going.set()
            stop.wait(10)
            stream.write(b"lope")

    threads = [threading.Thread(target=write), threading.Thread(target=feed)]
    for thread in threads:
        thread.start()
    going.wait(10)
    deadline = time.monotonic() + 10
    while not list((root / "poste-1").glob(".*.part")):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    FolderHost(root)
    stop.set()
    for thread in threads:
        thread.join()
    assert seen == [Created(version=None)]
    assert read(host) == b"envelope"


BAD_KEYS = ["", "/a", "a/", "a//b", "..", "a/../b", "../a", ".a", "a/.b", "a b", "é", "a\\b", "a\0", "a\n", "x" * 600]


@pytest.mark.parametrize("key", BAD_KEYS)
def test_a_key_never_leaves_the_folder(root: Path, tmp_path: Path, key: str) -> None:
    host = FolderHost(root)
    for verb in (host.head, host.delete, lambda k: host.read(k, io.BytesIO())):
        with pytest.raises(HostFault, match="host-refused"):
            verb(key)
    with pytest.raises(HostFault, match="host-refused"):
        host.create(key, *object_of(tmp_path, b"x"))
    assert not list(root.iterdir())


def test_a_link_inside_the_folder_leads_nowhere_else(root: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (root / "poste-1").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(HostFault, match="host-refused"):
        FolderHost(root).create(KEY, *object_of(tmp_path, b"x"))
    assert not list((tmp_path / "elsewhere").iterdir())


def test_an_unmounted_folder_is_not_made_anew(root: Path, tmp_path: Path) -> None:
    host = FolderHost(root)
    root.rmdir()
    for attempt in (
        lambda: FolderHost(root),
        lambda: host.create(KEY, *object_of(tmp_path, b"x")),
        lambda: host.head(KEY),
    ):
        with pytest.raises(HostFault, match="host-unreachable"):
            attempt()
    with pytest.raises(HostFault, match="host-unreachable"):
        list(host.list(""))
    assert not root.exists()


def test_a_full_host_says_so_and_keeps_nothing(root: Path, tmp_path: Path) -> None:
    host, (source, sha256, size) = FolderHost(root), object_of(tmp_path, bytes(3_000_000))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, hard))
    try:
        with pytest.raises(HostFault, match="host-full"):
            host.create(KEY, source, sha256, size)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not list((root / "poste-1").iterdir())


def test_a_file_where_a_folder_should_be_is_a_fault_of_the_host(root: Path, tmp_path: Path) -> None:
    (root / "poste-1").write_bytes(b"")
    with pytest.raises(HostFault):
        FolderHost(root).create(KEY, *object_of(tmp_path, b"x"))
    assert FolderHost(root).head(KEY) == Absent()


@pytest.mark.parametrize("content", [b"short", b"LONG TOO", b"envelope!"])
def test_a_file_that_is_not_what_was_announced_is_not_stored(root: Path, tmp_path: Path, content: bytes) -> None:
    source, _, _ = object_of(tmp_path, content)
    with pytest.raises(TamperFault, match="sealed-changed"):
        FolderHost(root).create(KEY, source, hashlib.sha256(b"envelope").hexdigest(), 8)
    assert not list((root / "poste-1").iterdir())
