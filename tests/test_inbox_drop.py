"""The drop folder: a file is taken once, whole, in order, under an opaque name; after any stop it is still there."""

import errno
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lexicon.faults import StationFault
from pipeline.drop.folder import natural
from pipeline.drop.settling import Mark, Settling
from pipeline.inbox import CLAIMS, Arrival, Inbox, Standing, check_inbox, open_in_place
from tests.pages_fixtures import drawing, jpeg_bytes, tiff_bytes

JPEG = jpeg_bytes(drawing((40, 60)))
TIFF = tiff_bytes([drawing((40, 60)), drawing((60, 40))], "tiff_lzw")


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


@pytest.fixture
def inbox(drop: Path) -> Iterator[Inbox]:
    with Inbox(drop, settle=5, patience=600) as opened:
        yield opened


def names(arrivals: list[Arrival]) -> list[bytes]:
    return [arrival.name for arrival in arrivals]


def ready(inbox: Inbox, at: float = 0.0) -> list[Arrival]:
    """What a sweep finds six seconds after one that saw the same."""
    inbox.sweep(at)
    return inbox.sweep(at + 6)


def test_a_file_is_ready_once_it_has_lain_still(inbox: Inbox, drop: Path) -> None:
    (drop / "a.jpg").write_bytes(JPEG)
    assert inbox.sweep(100.0) == []
    assert inbox.sweep(104.9) == []
    assert names(inbox.sweep(105.0)) == [b"a.jpg"]


def test_what_is_there_at_start_is_taken_too(drop: Path) -> None:
    (drop / "old.jpg").write_bytes(JPEG)
    os.utime(drop / "old.jpg", (1, 1))
    with Inbox(drop, settle=0) as inbox:
        assert names(inbox.sweep(0.0)) == [b"old.jpg"]


def test_a_file_that_grows_starts_anew(inbox: Inbox, drop: Path) -> None:
    (drop / "a.jpg").write_bytes(JPEG[:100])
    inbox.sweep(0.0)
    (drop / "a.jpg").write_bytes(JPEG)
    assert inbox.sweep(6.0) == []
    assert names(inbox.sweep(11.0)) == [b"a.jpg"]


@given(
    st.lists(st.tuples(st.floats(0, 3), st.dictionaries(st.sampled_from([b"a", b"b"]), st.integers(0, 2))), max_size=20)
)
def test_still_time_is_since_the_last_change_seen(steps: list[tuple[float, dict[bytes, int]]]) -> None:
    settling, now, history = Settling(), 0.0, dict[bytes, tuple[int, float]]()
    for wait, sizes in steps:
        now += wait
        settling.watch({path: Mark(size, 0, 0) for path, size in sizes.items()}, now)
        history = {
            path: history[path] if path in history and history[path][0] == size else (size, now)
            for path, size in sizes.items()
        }
        for path in (b"a", b"b"):
            assert settling.still_for(path, now) == (now - history[path][1] if path in history else 0.0)


@pytest.mark.parametrize(
    ("name", "blob"),
    [
        ("a.jpg", JPEG[:-200]),
        ("a.tif", TIFF[:-40]),
        ("a.pdf", b"%PDF-1.4\n1 0 obj"),
        ("a.png", b"\x89PNG\r\n\x1a\n"),
        ("empty.tif", b""),
    ],
)
def test_a_file_without_its_end_is_waited_for_and_then_taken_to_be_set_aside(
    inbox: Inbox, drop: Path, name: str, blob: bytes
) -> None:
    (drop / name).write_bytes(blob)
    inbox.sweep(0.0)
    assert inbox.sweep(599.0) == []
    (arrival,) = inbox.sweep(600.0)
    assert not arrival.ended


@pytest.mark.parametrize("blob", [JPEG, TIFF, b"%PDF-1.4\n%%EOF\n", b"neither of them"])
def test_a_file_with_its_end_is_not_waited_for(inbox: Inbox, drop: Path, blob: bytes) -> None:
    (drop / "any-name").write_bytes(blob)
    (arrival,) = ready(inbox)
    assert arrival.ended


def test_a_file_that_someone_writes_is_left_however_long_it_lies(inbox: Inbox, drop: Path) -> None:
    (drop / "a.jpg").write_bytes(JPEG)
    writing = subprocess.Popen(
        [sys.executable, "-c", "import sys; f = open(sys.argv[1], 'ab'); print('open', flush=True); sys.stdin.read()",
         drop / "a.jpg"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    with writing:
        assert writing.stdout is not None
        writing.stdout.readline()
        inbox.sweep(0.0)
        assert inbox.sweep(700.0) == []
        assert inbox.left_alone["being-written"] == 1
        assert len(Standing(drop, settle=0).look(0.0, time.time() + 60).moving) == 1
        assert writing.stdin is not None
        writing.stdin.close()
        writing.wait()
    assert names(inbox.sweep(701.0)) == [b"a.jpg"]


INTRUDER = """
import contextlib, fcntl, os, sys
from pipeline.drop.folder import is_being_written
ask = fcntl.fcntl
def asked(descriptor, what, value=0):
    answer = ask(descriptor, what, value)
    if (what, value) == (fcntl.F_SETLEASE, fcntl.F_RDLCK):
        with contextlib.suppress(BlockingIOError):
            os.close(os.open(sys.argv[1], os.O_WRONLY | os.O_NONBLOCK))
            sys.exit("the lease was not held")
    return answer
fcntl.fcntl = asked
with open(sys.argv[1], "rb") as file:
    print(is_being_written(file))
"""


def test_a_writer_who_comes_while_we_look_does_not_end_us(drop: Path) -> None:
    """He breaks our lease, of which the kernel tells us by a signal; the usual one, SIGIO, would be deadly."""
    (drop / "a.jpg").write_bytes(JPEG)
    looked = subprocess.run(
        [sys.executable, "-c", INTRUDER, drop / "a.jpg"],
        cwd=Path(__file__).parents[1], capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (looked.returncode, looked.stdout, looked.stderr) == (0, "False\n", "")


def test_what_is_no_finished_plain_file_is_left_alone_and_counted(inbox: Inbox, drop: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.jpg"
    outside.write_bytes(JPEG)
    for name in ("s.pdf.part", "s.TMP", "~$s.pdf", "s.pdf~", ".hidden.jpg", "Thumbs.db", "desktop.ini", "s.filepart"):
        (drop / name).write_bytes(JPEG)
    (drop / "link.jpg").symlink_to(outside)
    (drop / "folder-link").symlink_to(tmp_path)
    os.mkfifo(drop / "pipe.jpg")
    (drop / "one.jpg").write_bytes(JPEG)
    (drop / "two.jpg").hardlink_to(drop / "one.jpg")
    with socket.socket(socket.AF_UNIX) as listening:
        before = Path.cwd()
        os.chdir(drop)  # a socket's path may be 108 bytes long
        try:
            listening.bind("socket.jpg")
        finally:
            os.chdir(before)
        assert ready(inbox) == []
    assert inbox.left_alone == {"temporary": 8, "link": 2, "special": 2, "hard-link": 2}


ODD = (
    "été œuvre – n°3 (copie).jpg".encode(),
    b"new\nline.jpg",
    b"latin1_\xe9t\xe9.jpg",
    "\u202egpj.exe.jpg".encode(),
    b" spaces .jpg ",
    b"-rf.jpg",
    b"tab\tquote'\"$(id)`id`;&|.jpg",
    b"a" * 250 + b".jpg",
)


@pytest.mark.parametrize("name", ODD)
def test_odd_names_are_taken_under_an_opaque_one(inbox: Inbox, drop: Path, name: bytes) -> None:
    folder = drop / os.fsdecode(b"lot \xff")
    folder.mkdir()
    (folder / os.fsdecode(name)).write_bytes(JPEG)
    (arrival,) = ready(inbox)
    claimed = inbox.claim(arrival, "01J0000000")
    assert claimed is not None
    assert (claimed.name, claimed.batch_label, claimed.size) == (name, r"lot \xff", len(JPEG))
    assert claimed.path.name == "01J0000000"
    with claimed.open() as file:
        assert file.read() == JPEG
    assert list(folder.iterdir()) == []


def test_a_subfolder_is_a_batch_and_deeper_ones_one_label(inbox: Inbox, drop: Path) -> None:
    for path in ("loose.jpg", "B1/a.jpg", "B1/recto/verso/b.jpg", ".hidden/c.jpg"):
        (drop / path).parent.mkdir(parents=True, exist_ok=True)
        (drop / path).write_bytes(JPEG)
    labels = {arrival.name: arrival.batch_label for arrival in ready(inbox)}
    assert labels == {b"loose.jpg": None, b"a.jpg": "B1", b"b.jpg": "B1/recto/verso"}


def test_files_come_in_the_order_a_person_counts(inbox: Inbox, drop: Path) -> None:
    for name in ("scan10.jpg", "scan2.jpg", "Scan1.jpg", "scan02.jpg"):
        (drop / name).write_bytes(JPEG)
    assert names(ready(inbox))[0] == b"Scan1.jpg"
    assert names(ready(inbox, 50))[-1] == b"scan10.jpg"


@given(st.lists(st.binary(max_size=12)))
def test_the_natural_order_is_an_order(found: list[bytes]) -> None:
    assert sorted(sorted(found), key=natural) == sorted(sorted(found, reverse=True), key=lambda n: (natural(n), n))


def test_a_file_that_changes_after_the_sweep_is_not_claimed(inbox: Inbox, drop: Path) -> None:
    (drop / "a.jpg").write_bytes(JPEG)
    (arrival,) = ready(inbox)
    (drop / "a.jpg").write_bytes(JPEG + b"more")
    assert inbox.claim(arrival, "A1") is None
    (drop / "a.jpg").unlink()
    assert inbox.claim(arrival, "A2") is None
    (drop / "a.jpg").symlink_to("/etc/hostname")
    assert inbox.claim(arrival, "A3") is None
    assert list((drop / CLAIMS).iterdir()) == []


def test_a_folder_that_becomes_a_link_is_not_entered(inbox: Inbox, drop: Path, tmp_path: Path) -> None:
    (drop / "lot").mkdir()
    (drop / "lot" / "a.jpg").write_bytes(JPEG)
    (arrival,) = ready(inbox)
    (drop / "lot").rename(tmp_path / "elsewhere")
    (drop / "lot").symlink_to(tmp_path / "elsewhere")
    assert inbox.claim(arrival, "A1") is None
    assert (tmp_path / "elsewhere" / "a.jpg").exists()


def test_a_claimed_file_is_found_again_after_a_stop(drop: Path) -> None:
    (drop / "lot").mkdir()
    (drop / "lot" / "été.jpg").write_bytes(JPEG)
    with Inbox(drop, settle=0) as inbox:
        claimed = inbox.claim(inbox.sweep(0.0)[0], "01J")
    (drop / CLAIMS / "01K.origin").write_text("{}")
    (drop / CLAIMS / "01L.part").write_bytes(b"half a copy")
    with Inbox(drop, settle=0) as again:
        assert again.recover() == [claimed]
        assert claimed is not None
        assert again.sweep(0.0) == []
        again.release(claimed)
        again.release(claimed)
        assert again.recover() == []
    assert list((drop / CLAIMS).iterdir()) == []


def test_on_another_file_system_a_file_is_copied_compared_and_removed(drop: Path) -> None:
    elsewhere = Path("/dev/shm") / f"liasse-test-{os.getpid()}"  # noqa: S108 - the other file system that every Linux has
    if Path("/dev/shm").stat().st_dev == drop.stat().st_dev:  # noqa: S108 - same
        pytest.skip("needs /dev/shm on a file system of its own")
    (drop / "a.jpg").write_bytes(JPEG)
    try:
        with Inbox(drop, settle=0, claims=elsewhere) as inbox:
            claimed = inbox.claim(inbox.sweep(0.0)[0], "01J")
            assert claimed is not None
            assert claimed.path.read_bytes() == JPEG
            assert not (drop / "a.jpg").exists()
            inbox.release(claimed)
        assert list(elsewhere.iterdir()) == []
    finally:
        elsewhere.rmdir()


def test_claims_are_for_our_eyes_only(inbox: Inbox, drop: Path) -> None:
    assert (drop / CLAIMS).stat().st_mode & 0o777 == 0o700
    (drop / "a.jpg").write_bytes(JPEG)
    (arrival,) = ready(inbox)
    with pytest.raises(ValueError, match="escape"):
        inbox.claim(arrival, "../escape")
    assert (drop / "a.jpg").exists()


def test_a_change_wakes_and_our_own_looking_does_not(inbox: Inbox, drop: Path) -> None:
    (drop / "a.jpg").write_bytes(JPEG)
    assert inbox.wait(5.0)
    while inbox.wait(0.3):
        pass
    ready(inbox)
    assert not inbox.wait(0.3)


def test_a_folder_that_is_gone_is_told(inbox: Inbox, drop: Path) -> None:
    (drop / CLAIMS).rmdir()
    drop.rmdir()
    with pytest.raises(StationFault, match="inbox-missing"):
        inbox.sweep(0.0)
    with pytest.raises(StationFault, match="inbox-missing"):
        Inbox(drop)


def test_an_inbox_that_could_feed_on_the_station_is_refused(drop: Path, tmp_path: Path) -> None:
    check_inbox(drop, [tmp_path / "station", tmp_path / "host"])
    (tmp_path / "link").symlink_to(drop)
    for private in (drop, drop / "station", tmp_path, tmp_path / "link" / "host"):
        with pytest.raises(StationFault, match="inbox-unsafe"):
            check_inbox(drop, [private])
    with pytest.raises(StationFault, match="inbox-unsafe"):
        check_inbox(Path("/"), [])
    with pytest.raises(StationFault, match="inbox-unsafe"):
        check_inbox(drop, [], code=[drop / "programs"])
    with pytest.raises(StationFault, match="inbox-missing"):
        check_inbox(drop / "none", [])


def test_an_inbox_that_anyone_can_write_into_is_refused(drop: Path) -> None:
    drop.chmod(0o777)
    with pytest.raises(StationFault, match="inbox-world-writable"):
        check_inbox(drop, [])
    drop.chmod(0o1777)
    check_inbox(drop, [])


def test_a_snapshot_reads_in_place_and_leaves_originals(drop: Path) -> None:
    for number in (10, 2):
        (drop / f"scan{number}.jpg").write_bytes(JPEG)
    standing = Standing(drop)
    assert len(standing.look(0.0, 0.0).moving) == 2
    (drop / "fresh.jpg").write_bytes(JPEG)
    seen = standing.look(5.0, 0.0)
    assert names(list(seen.ready)) == [b"scan2.jpg", b"scan10.jpg"]
    assert [found.name for found in seen.moving] == [b"fresh.jpg"]
    opened = open_in_place(drop, seen.ready[0])
    assert opened is not None
    with opened as file:
        assert file.read() == JPEG
    (drop / "scan10.jpg").write_bytes(b"changed")
    assert open_in_place(drop, seen.ready[1]) is None
    assert len(list(drop.iterdir())) == 3


def test_trouble_of_the_disk_is_not_taken_for_a_bad_file(
    inbox: Inbox, drop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (drop / "a.jpg").write_bytes(JPEG)
    (arrival,) = ready(inbox)

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "no space left")

    monkeypatch.setattr(os, "rename", full)
    with pytest.raises(OSError, match="no space"):
        inbox.claim(arrival, "A1")
    monkeypatch.undo()
    assert (drop / "a.jpg").exists()
    assert inbox.recover() == []


def test_folders_without_end_are_left_alone(inbox: Inbox, drop: Path) -> None:
    place = drop
    for depth in range(40):
        place = place / "d"
        place.mkdir()
        if depth in {10, 35}:
            (place / f"scan{depth}.jpg").write_bytes(JPEG)
    assert [arrival.name for arrival in ready(inbox)] == [b"scan10.jpg"]
    assert +inbox.left_alone == {"unreadable": 1}


@pytest.mark.parametrize("what", ["link", "file"])
def test_a_claim_folder_that_is_not_one_is_refused(drop: Path, tmp_path: Path, what: str) -> None:
    place = drop / CLAIMS
    if what == "file":
        place.write_bytes(b"")
    else:
        (tmp_path / "elsewhere").mkdir(mode=0o755)
        place.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StationFault, match="inbox-unsafe"):
        Inbox(drop)
    assert what == "file" or (tmp_path / "elsewhere").stat().st_mode & 0o777 == 0o755


def test_recovery_takes_claims_of_ours_and_leaves_all_else(inbox: Inbox, drop: Path) -> None:
    place = drop / CLAIMS
    note = '{"path": "batch/scan.jpg", "mtime": 1}'
    (place / "PIPE").mkdir()
    os.mkfifo(place / "FIFO")
    (place / "LINK").symlink_to(place / "GOOD")
    for name in ("GOOD", "bad name!", "NOTE", "LIST", "DEEP"):
        (place / name).write_bytes(JPEG)
    for name in ("PIPE", "FIFO", "LINK", "GOOD", "bad name!"):
        (place / f"{name}.origin").write_text(note)
    for name, text in (("NOTE", "{"), ("LIST", "[]"), ("DEEP", "[" * 100_000)):
        (place / f"{name}.origin").write_text(text)
    (place / "sub.part").mkdir()
    (place / "GONE.origin").write_text(note)
    before = {entry.name for entry in place.iterdir()}
    (good,) = inbox.recover()
    assert (good.id, good.name, good.batch_label) == ("GOOD", b"scan.jpg", "batch")
    assert before - {entry.name for entry in place.iterdir()} == {"GONE.origin"}


def test_a_claim_that_became_a_pipe_is_not_waited_for(inbox: Inbox, drop: Path) -> None:
    (drop / "a.jpg").write_bytes(JPEG)
    (arrival,) = ready(inbox)
    claimed = inbox.claim(arrival, "C1")
    assert claimed is not None
    claimed.path.unlink()
    os.mkfifo(claimed.path)
    with pytest.raises(OSError, match="Invalid argument"):
        claimed.open()
