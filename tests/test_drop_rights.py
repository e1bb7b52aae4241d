"""The drop folder where accounts differ: what is not ours to take is told; what is still written is waited for."""

import io
import os
import pickle
import shutil
import tempfile
import threading
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, TypeVar, cast

import pytest

from lexicon.faults import EXIT_WAITING, StationFault
from pipeline.events import Event, FilesLeft, FileTaken
from pipeline.inbox import CLAIMS, Claimed, Inbox, Standing, open_in_place
from pipeline.intake import Source, take
from pipeline.runs import process_folder
from pipeline.sources import claimed_from, in_place, inbox_of, source_of
from pipeline.station import Station
from pipeline.steps import passes
from storage.spool import Spooled
from tests.trial_fixtures import Trial

Told = TypeVar("Told")

STATION = 65534
"""An account that is not root's; the scanner's files here are root's."""
PAGE = b"%PDF-1.4\npage one"
WHOLE = PAGE + b"page two\n%%EOF"
SETTLE = 5.0

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="to have files of two accounts takes root's rights")


def as_the_station(work: Callable[[], Told]) -> Told:
    """What `work` returns where another account does it, in a process of its own."""
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # from Python 3.12 on: a process with threads is forked
        child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(STATION)
            os.setuid(STATION)
            with os.fdopen(writing, "wb") as answer:
                pickle.dump(work(), answer)
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as answer:
        said = answer.read()
    os.waitpid(child, 0)
    assert said, "it ended by an error"
    told: Told = pickle.loads(said)  # noqa: S301  our own child's
    return told


def names(claims: list[Claimed | None]) -> list[bytes]:
    return [claimed.name for claimed in claims if claimed is not None]


def lay(path: Path, content: bytes = WHOLE, owner: int = STATION, age: float = 60.0) -> Path:
    path.write_bytes(content)
    os.utime(path, (time.time() - age,) * 2)
    os.chown(path, owner, owner)
    return path


@pytest.fixture
def drop() -> Iterator[Path]:
    """A drop folder of the station's account, where that account comes: not beneath pytest's own folder."""
    base = Path(tempfile.mkdtemp())
    base.chmod(0o755)
    folder = base / "inbox"
    folder.mkdir()
    os.chown(folder, STATION, STATION) if os.geteuid() == 0 else None
    yield folder
    shutil.rmtree(base)


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    with Trial.found(tmp_path_factory.mktemp("trial") / "station", verapdf="never").opened(None) as opened:
        yield opened


def swept(*inboxes: Inbox) -> list[bytes]:
    """What a round of the daemon claims."""
    numbers = iter(range(100))
    return names([each.claim(one, f"C{next(numbers)}") for each in inboxes for one in each.sweep(0.0)])


def processed(station: Station, drop: Path, stop: threading.Event | None = None) -> tuple[list[bytes], list[Event]]:
    """The bytes that `process` takes of a drop folder, and what it tells."""
    taken, told = list[bytes](), list[Event]()
    with Inbox(drop, settle=0.0) as inbox:
        for source in claimed_from(station, inbox, drop, told.append, stop or threading.Event()):
            taken.append(source.stream.read())
            source.done()
    return taken, told


@only_root
def test_a_file_that_may_not_be_read_is_left_alone_and_told(drop: Path, station: Station) -> None:
    lay(drop / "SCAN.pdf", owner=0).chmod(0o600)

    def look() -> tuple[list[bytes], Counter[str]]:
        with Inbox(drop, settle=0.0) as inbox:
            return swept(inbox), inbox.left_alone

    told = [FilesLeft("unreadable", 1)]
    claimed, left = as_the_station(look)
    assert (claimed, +left) == ([], {"unreadable": 1})
    assert as_the_station(lambda: processed(station, drop)) == ([], told)

    def read_in_place() -> list[Event]:
        heard: list[Event] = []
        assert list(in_place(station, drop, heard.append, threading.Event())) == []
        return heard

    assert as_the_station(read_in_place) == told
    (drop / "SCAN.pdf").chmod(0o644)
    assert as_the_station(lambda: processed(station, drop)) == ([WHOLE], [])


@only_root
@pytest.mark.parametrize("mode", [0o755, 0o744, 0o711, 0o1777], ids=oct)
def test_a_subfolder_that_is_not_ours_keeps_nothing_else(drop: Path, station: Station, mode: int) -> None:
    other = drop.parent / "other"
    other.mkdir()
    os.chown(other, STATION, STATION)
    (drop / "A").mkdir()
    theirs = lay(drop / "A" / "theirs.pdf", owner=0)
    (drop / "A").chmod(mode)
    lay(drop / "ours.pdf")
    lay(other / "ours too.pdf")

    def watched() -> tuple[list[bytes], list[bytes], Counter[str]]:
        with Inbox(drop, settle=0.0) as inbox, Inbox(other, settle=0.0) as second:
            return swept(inbox, second), swept(inbox, second), inbox.left_alone

    first, again, left = as_the_station(watched)
    assert (first, again, +left) == ([b"ours.pdf", b"ours too.pdf"], [], {"unreadable": 1})
    assert len(list((drop / CLAIMS).glob("*.origin"))) == 1
    lay(drop / "more.pdf", PAGE + b"more %%EOF")
    taken, told = as_the_station(lambda: processed(station, drop))
    assert (taken, told) == ([WHOLE, PAGE + b"more %%EOF"], [FilesLeft("unreadable", 1)])
    assert theirs.exists()


@only_root
def test_what_could_not_be_taken_is_told_once_and_tried_again_after_a_minute(drop: Path) -> None:
    (drop / "A").mkdir()
    lay(drop / "A" / "SCAN.pdf")
    os.chown(drop / "A", STATION, STATION)

    def look() -> list[tuple[int, int]]:
        said: list[tuple[int, int]] = []
        (drop / "A").chmod(0o555)
        with Inbox(drop, settle=0.0) as inbox:
            for number, now in enumerate((0.0, 1.0, 60.0, 61.0, 119.9, 120.0, 121.0)):
                arrivals = inbox.sweep(now)
                counted = inbox.left_alone["unreadable"]
                if now > 100.0:
                    (drop / "A").chmod(0o755)
                claims = [inbox.claim(arrival, f"C{number}") for arrival in arrivals]
                said.append((counted, len(names(claims))))
        return said

    assert as_the_station(look) == [(0, 0), (1, 0), (1, 0), (1, 0), (1, 0), (1, 1), (0, 0)]


@only_root
def test_a_claim_folder_that_refuses_is_the_disks_trouble(drop: Path) -> None:
    lay(drop / "SCAN.pdf")

    def look() -> str:
        with Inbox(drop, settle=0.0) as inbox:
            (arrival,) = inbox.sweep(0.0)
            (drop / CLAIMS).chmod(0o500)
            try:
                inbox.claim(arrival, "C1")
            except PermissionError:
                return "told"
        return "left alone"

    assert as_the_station(look) == "told"


@only_root
def test_what_cannot_be_removed_from_another_file_system_is_not_kept_twice(drop: Path) -> None:
    elsewhere = Path("/dev/shm") / f"liasse-rights-{os.getpid()}"  # noqa: S108  the other file system that every Linux has
    if elsewhere.parent.stat().st_dev == drop.stat().st_dev:
        pytest.skip("needs /dev/shm on a file system of its own")
    elsewhere.mkdir(mode=0o700)
    os.chown(elsewhere, STATION, STATION)
    lay(drop / "SCAN.pdf")
    try:

        def look() -> tuple[list[str], bool]:
            drop.chmod(0o555)
            with Inbox(drop, settle=0.0, claims=elsewhere) as inbox:
                (arrival,) = inbox.sweep(0.0)
                assert inbox.claim(arrival, "C1") is None
                left = [path.name for path in elsewhere.iterdir()]
                drop.chmod(0o755)
                claimed = inbox.claim(arrival, "C2")
                assert claimed is not None
                with claimed.open() as file:
                    return left, os.fstat(file.fileno()).st_mtime_ns == claimed.mtime

        assert as_the_station(look) == ([], True)
    finally:
        shutil.rmtree(elsewhere)


def test_a_file_is_waited_for_until_its_end_is_there_or_patience_is_over(drop: Path) -> None:
    scan = drop / "SCAN.pdf"
    scan.write_bytes(PAGE)
    standing, wall = Standing(drop, settle=SETTLE, patience=600.0), time.time()
    for now, waited in ((0.0, True), (SETTLE, True), (599.0, True), (600.0, False)):
        seen = standing.look(now, wall)
        assert (len(seen.moving), len(seen.ready)) == (waited, not waited)
    scan.write_bytes(WHOLE)
    assert standing.look(601.0, wall).moving
    assert standing.look(606.0, wall).ready


def test_what_was_old_at_the_first_look_is_not_waited_for_again(drop: Path) -> None:
    """It has still to lie still while we look: its time may be a wrong clock's."""
    scan = drop / "SCAN.pdf"
    scan.write_bytes(PAGE)
    standing, later = Standing(drop, settle=SETTLE, patience=600.0), time.time() + 700.0
    assert standing.look(0.0, later).moving
    assert standing.look(SETTLE, later).ready
    scan.write_bytes(PAGE + PAGE)
    assert [bool(standing.look(now, later).moving) for now in (6.0, 12.0, 605.0)] == [True, True, True]
    assert standing.look(606.0, later).ready


class Meanwhile(threading.Event):
    """A stop that nobody asks for: something else happens when it is first waited for."""

    def __init__(self, happens: Callable[[], object]) -> None:
        super().__init__()
        self._happens = iter([happens])

    def wait(self, timeout: float | None = None) -> bool:
        for happens in self._happens:
            happens()
        return super().wait(0.0 if timeout is None else timeout)


def must_not_wait() -> None:
    raise AssertionError("it waits")


def test_process_takes_both_pages_of_a_file_whose_second_comes_late(drop: Path, station: Station) -> None:
    scan = drop / "SCAN.pdf"
    scan.write_bytes(PAGE)
    (drop / "link").symlink_to(scan)
    taken, told = processed(station, drop, Meanwhile(lambda: scan.write_bytes(WHOLE)))
    assert (taken, told) == ([WHOLE], [FilesLeft("link", 1)])


def test_process_of_a_subfolder_does_not_wait_for_what_is_not_in_it(drop: Path, station: Station) -> None:
    for name, content in (("1", WHOLE), ("2", PAGE)):
        (drop / name).mkdir()
        (drop / name / "SCAN.pdf").write_bytes(content)
    stop = Meanwhile(must_not_wait)
    with Inbox(drop, settle=0.0) as inbox:
        sources = claimed_from(station, inbox, drop / "1", lambda _: None, stop)
        assert [source.stream.read() for source in sources] == [WHOLE]


def test_a_folder_that_is_read_in_place_is_not_waited_for(drop: Path, station: Station) -> None:
    (drop / "SCAN.pdf").write_bytes(PAGE)
    stop = Meanwhile(must_not_wait)
    assert [source.stream.read() for source in in_place(station, drop, lambda _: None, stop)] == [PAGE]


class Growing(io.FileIO):
    """A file to which its writer adds a page while it is read."""

    def read(self, size: int | None = -1, /) -> bytes:
        chunk = super().read(-1 if size is None else size)
        if chunk == PAGE:
            with Path(os.fsdecode(self.name)).open("ab") as writer:
                writer.write(WHOLE[len(PAGE) :])
        return chunk


def test_a_file_that_grows_while_it_is_captured_is_captured_whole_or_not_at_all(drop: Path, station: Station) -> None:
    scan = drop / "SCAN.pdf"
    scan.write_bytes(PAGE)
    identifier = station.identifiers.new()
    with Growing(scan) as stream:
        source = Source(identifier, "SCAN.pdf", "lot", cast("BinaryIO", stream), scan.unlink)
        with pytest.raises(StationFault, match="changed-while-read") as raised:
            take(station, source)
    assert passes(raised.value)
    assert scan.exists()
    with station.database.read() as session:
        assert station.captured.file(session, identifier) is None
    with scan.open("rb") as again:
        assert take(station, Source(identifier, "SCAN.pdf", "lot", again, scan.unlink)).size == len(WHOLE)
    assert not scan.exists()


def test_a_claimed_file_that_is_written_on_waits_until_it_lies_still(drop: Path, station: Station) -> None:
    lay(drop / "SCAN.pdf", owner=os.geteuid())
    with Inbox(drop, settle=3_600.0) as inbox:
        inbox.sweep(0.0)
        (arrival,) = inbox.sweep(3_600.0)
        claimed = inbox.claim(arrival, "C1")
        assert claimed is not None
        with claimed.path.open("ab") as writer:
            writer.write(b"and more")
        with pytest.raises(StationFault, match="changed-while-read"):
            list(source_of(station, inbox, (claimed,)))
        inbox.settle = 0.0
        assert [source.stream.read() for source in source_of(station, inbox, (claimed,))] == [WHOLE + b"and more"]


def test_process_leaves_what_is_written_on_and_takes_the_rest(tmp_path: Path) -> None:
    """Claimed by a run before, which ended; its writer had it open still. A second file grows while it is read."""
    trial = Trial.found(tmp_path / "station", verapdf="never")
    trial.config.write_text(trial.config.read_text("utf-8").replace("settle = 0.0", "settle = 0.6"), "utf-8")
    for name in ("FIRST.pdf", "GROWS.pdf", "LAST.pdf"):
        lay(trial.inbox / name, WHOLE + name.encode() + b"%%EOF", owner=os.geteuid(), age=3_600.0)
    told: list[Event] = []
    with trial.opened(None) as station:
        inbox = inbox_of(station, trial.inbox)
        assert inbox is not None
        with inbox:
            inbox.sweep(0.0)
            first = inbox.sweep(3_600.0)[0]
            claimed = inbox.claim(first, station.identifiers.new())
            assert claimed is not None
        with claimed.path.open("ab") as writer:
            writer.write(b"and more")
        spool = station.spool.write

        def write(identifier: str, stream: BinaryIO) -> Spooled:
            written = spool(identifier, stream)
            if b"GROWS" in os.pread(stream.fileno(), 100, 0):
                os.utime(stream.fileno(), (1, 1))
            return written

        vars(station.spool)["write"] = write
        process_folder(station, trial.inbox, told.append, threading.Event())
    taken = [event.name for event in told if isinstance(event, FileTaken)]
    assert [Path(name).name for name in taken] == ["LAST.pdf", "FIRST.pdf"]
    assert [event for event in told if isinstance(event, FilesLeft)] == [FilesLeft("being-written", 1)]
    assert trial.process(trial.inbox).code == EXIT_WAITING
    with trial.opened(None) as station, station.database.read() as session:
        assert len(station.captured.files(session)) == 3


@only_root
def test_a_file_in_place_that_may_no_longer_be_read_is_passed_over(drop: Path) -> None:
    lay(drop / "SCAN.pdf", owner=0)
    (arrival,) = Standing(drop, settle=0.0).look(0.0, time.time()).ready
    (drop / "SCAN.pdf").chmod(0o600)
    assert as_the_station(lambda: open_in_place(drop, arrival) is None)
