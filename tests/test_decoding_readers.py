"""A file is read by a process that may crash, hang, swell or lie: it costs its file, and nothing else."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pikepdf
import pytest
from PIL import Image

from consent_gate.model import DocType, PatientRef
from lexicon.faults import SheetFault, StationFault
from pipeline.decoding import readers
from pipeline.decoding.answers import Looked, read_page, tell_page
from pipeline.decoding.confine import Bounds
from pipeline.decoding.decoders import Decoders
from pipeline.decoding.frames import GarbledError, GoneError, LateError, receive, send
from pipeline.decoding.patience import Patience
from pipeline.decoding.room import Room
from pipeline.formats.limits import Limits
from pipeline.formats.raster import Placing, jpeg_page, page
from pipeline.model import Separator
from pipeline.sheets.image import sheet_image
from pipeline.split import Look, Sighting, examine
from tests.decoding_fixtures import Counted, Rogue
from tests.hostile_fixtures import Peak, descendants
from tests.hostile_made import drawn_for_ever, forms_within_forms, repeated
from tests.pages_fixtures import bare_tiff, drawing, jpeg_bytes, tiff_bytes

HOUSE = Path(__file__).resolve().parents[1]
Found = TypeVar("Found")
ONE_PAGE = jpeg_bytes(drawing())


@pytest.fixture(scope="module")
def decoders() -> Iterator[Decoders]:
    opened = Decoders(Limits(), Bounds(page_seconds=2.0), most=2)
    yield opened
    opened.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return written(tmp_path, ONE_PAGE)


def written(folder: Path, content: bytes) -> Path:
    path = folder / "file"
    path.write_bytes(content)
    return path


def read(decoders: Decoders, path: Path) -> list[Looked]:
    with decoders.opened(path) as opened:
        return list(opened.pages())


def refused(decoders: Decoders, path: Path) -> str:
    with pytest.raises(SheetFault) as raised:
        read(decoders, path)
    return raised.value.code


# --- What honest readers give -----------------------------------------------------------------------------------------


def test_a_page_comes_as_this_process_would_have_read_it(decoders: Decoders, file: Path) -> None:
    image = jpeg_page(ONE_PAGE, Placing((200, 200)))
    assert read(decoders, file) == [Looked(image, examine(image))]


def test_where_nothing_parts_documents_pages_are_opened_and_not_looked_at(tmp_path: Path) -> None:
    """A sheet with a code of ours is a page like others; a page that does not decode is told all the same."""
    said = Separator(PatientRef("P70001"), DocType("certificat"), None)
    sheet = written(tmp_path, jpeg_bytes(sheet_image(said, 200, "qr").convert("L")))
    looking, opening = Decoders(Limits(), Bounds()), Decoders(Limits(), Bounds(), separation=None)
    try:
        (seen,), (opened,) = read(looking, sheet), read(opening, sheet)
        assert seen.sighting.look is Look.SEPARATOR
        assert opened == Looked(seen.image, Sighting(Look.CONTENT, seen.sighting.digest))
        assert refused(opening, written(tmp_path, ONE_PAGE[:-3000])) == "truncated-scan"
    finally:
        looking.close()
        opening.close()


def test_pages_read_by_two_processes_come_in_order(decoders: Decoders, tmp_path: Path) -> None:
    sizes = [(300 + number, 400) for number in range(19)]
    path = written(tmp_path, tiff_bytes([drawing(size) for size in sizes], "tiff_lzw"))
    assert [(looked.image.width, looked.image.height) for looked in read(decoders, path)] == sizes


def test_a_file_that_nobody_reads_to_its_end_leaves_room_for_the_next(decoders: Decoders, tmp_path: Path) -> None:
    path = written(tmp_path, tiff_bytes([drawing((300 + n, 400)) for n in range(9)], "tiff_lzw"))
    for _ in range(3):
        with decoders.opened(path) as opened:
            assert next(opened.pages()).image.width == 300
    assert len(read(decoders, path)) == 9


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty-file"),
        (b"%!PS\n", "unsupported-format"),
        (ONE_PAGE[:-3000], "truncated-scan"),
        (bare_tiff([(256, 4, 1, 500_000), (257, 4, 1, 500_000)]), "too-many-pixels"),
    ],
)
def test_a_fault_of_the_file_is_told_as_such(decoders: Decoders, tmp_path: Path, content: bytes, code: str) -> None:
    assert refused(decoders, written(tmp_path, content)) == code


def test_an_encrypted_pdf_that_opens_without_a_password_is_read_behind_the_fence(
    decoders: Decoders, tmp_path: Path
) -> None:
    with pikepdf.new() as document:
        document.add_blank_page(page_size=(144, 144))
        path = tmp_path / "file"
        document.save(path, encryption=pikepdf.Encryption(owner="master", user=""))
    assert len(read(decoders, path)) == 1


# --- What crashes, hangs, swells --------------------------------------------------------------------------------------


def test_a_page_that_asks_for_drawing_without_end_is_given_up(decoders: Decoders, tmp_path: Path) -> None:
    began = time.monotonic()
    assert refused(decoders, written(tmp_path, drawn_for_ever())) == "decoder-too-slow"
    assert time.monotonic() - began < 2 * (2 + 3) + 2


def test_a_file_that_swells_is_given_up(tmp_path: Path) -> None:
    claims = [(256, 4, 1, 15_000), (257, 4, 1, 15_000), (258, 3, 1, 8), (259, 3, 1, 8), (262, 3, 1, 2)]
    claims += [(273, 4, 1, 8), (277, 3, 1, 3), (278, 4, 1, 15_000), (279, 4, 1, 16)]
    opened = Decoders(Limits(), Bounds(memory=512 << 20), most=1)
    try:
        assert refused(opened, written(tmp_path, bare_tiff(claims, b"x" * 16))) == "decoder-too-big"
        assert len(read(opened, written(tmp_path, ONE_PAGE))) == 1
    finally:
        opened.close()


def test_a_drawing_that_swells_until_its_library_aborts_is_too_big_and_no_crash(tmp_path: Path) -> None:
    opened = Decoders(Limits(), Bounds(), most=1)
    try:
        assert refused(opened, written(tmp_path, forms_within_forms(10, 12))) == "decoder-too-big"
    finally:
        opened.close()


def test_a_page_whose_kept_image_would_fill_the_station_is_too_big(tmp_path: Path) -> None:
    opened = Decoders(Limits(), Bounds(memory=512 << 20), most=1)
    try:
        assert refused(opened, written(tmp_path, ONE_PAGE[:-2] + bytes(70 << 20) + ONE_PAGE[-2:])) == "decoder-too-big"
    finally:
        opened.close()


def test_a_file_whose_pages_take_too_long_together_is_given_up(file: Path) -> None:
    began = time.monotonic()
    opened = Decoders(Limits(), Bounds(page_seconds=5.0, file_seconds=2.0, pace=0.1), most=1)
    opened._nursery = Rogue(dawdling(500, 0.5), opened._nursery)
    with opened.opened(file) as found, pytest.raises(SheetFault, match="decoder-too-slow"):
        for _ in found.pages():
            pass
    assert time.monotonic() - began < 15


def test_a_file_that_keeps_its_pace_is_read_however_many_pages_it_has(file: Path) -> None:
    opened = Decoders(Limits(), Bounds(file_seconds=2.0, pace=0.6), most=1)
    opened._nursery = Rogue(dawdling(30, 0.1), opened._nursery)
    assert len(read(opened, file)) == 30


def test_only_waiting_takes_of_patience_and_no_page_gives_more_than_there_was() -> None:
    patience = Patience(Bounds(file_seconds=5.0, pace=1.0))
    with patience.waiting():
        time.sleep(0.2)
    assert 0 < patience.left < 4.9
    for _ in range(100):
        patience.page(1_000_000)
    assert patience.left == 5.0


def dawdling(pages: int, seconds: float) -> str:
    """A reader whose every page takes so long."""
    return f'say({{"pages": {pages}}})\nfor _ in range({pages}): time.sleep({seconds}); page()'


# --- Readers together -------------------------------------------------------------------------------------------------


def test_many_pages_that_swell_take_no_more_than_one(tmp_path: Path) -> None:
    path = written(tmp_path, repeated(forms_within_forms(10, 12), 20))
    others = descendants(os.getpid())  # of tests before
    opened = Decoders(Limits(), Bounds(), most=4)
    try:
        with Peak().below(os.getpid(), but=others) as peak:
            assert refused(opened, path) == "decoder-too-big"
    finally:
        opened.close()
    assert peak.bytes < Bounds().memory


def test_a_page_too_big_for_a_share_is_read_with_all_the_memory(tmp_path: Path) -> None:
    small, big = drawing((400, 500), "1"), Image.new("1", (11_000, 11_000), 1)
    path = written(tmp_path, tiff_bytes([small] * 5 + [big] + [small] * 4, "group4"))
    opened = Decoders(Limits(), Bounds(), most=2)
    opened._nursery = counted = Counted(opened._nursery)
    try:
        widths = [looked.image.width for looked in read(opened, path)]
    finally:
        opened.close()
    assert widths == [400] * 5 + [11_000] + [400] * 4
    assert counted.memories == [Bounds().memory // 2] * 2 + [Bounds().memory]


def test_a_file_that_wants_all_the_memory_waits_for_the_others_and_they_for_it() -> None:
    room, order = Room(4 << 30, 4), list[str]()

    def all_of_it() -> None:
        room.take_all()
        order.append("all")
        room.give_back(room.shares)

    def a_share() -> None:
        room.take()
        order.append("later")

    room.take()
    assert (room.shares, room.share, room.more(9)) == (4, 1 << 30, 3)
    waiting = threading.Thread(target=all_of_it)
    waiting.start()
    room.give_back(3)
    _until(lambda: room._waiting)
    assert room.more(1) == 0
    later = threading.Thread(target=a_share)
    later.start()
    room.give_back(1)
    for thread in (waiting, later):
        thread.join(10)
    assert order == ["all", "later"]


@pytest.mark.parametrize(("memory", "most", "shares"), [(512 << 20, 4, 1), (1536 << 20, 4, 2), (1536 << 20, 1, 1)])
def test_a_share_is_never_too_small_to_read_in(memory: int, most: int, shares: int) -> None:
    assert Room(memory, most).shares == shares


ONE = 'say({"pages": 1});'
WRONG = {
    "it falls over a page": (ONE + "asked(); os.kill(os.getpid(), signal.SIGSEGV)", "decoder-crashed"),
    "it falls over the file": ("os.abort()", "decoder-crashed"),
    "it ends without a word": (ONE + "asked(); os._exit(0)", "decoder-crashed"),
    "the kernel ends it": (ONE + "asked(); os.kill(os.getpid(), signal.SIGKILL)", "decoder-too-big"),
    "its alarm ends it": (ONE + "asked(); signal.alarm(1); time.sleep(9)", "decoder-too-slow"),
    "it says nothing": (ONE + "time.sleep(99)", "decoder-too-slow"),
    "it says its page byte by byte": (ONE + "asked()\nwhile True: line.sendall(b'L'); time.sleep(.3)", "decoder-"),
    "it lets go of the line and lives on": (ONE + "asked(); line.close(); time.sleep(99)", "decoder-too-big"),
    "it speaks another language": ("line.sendall(os.urandom(4096))", "decoder-crashed"),
    "its JSON is none": ('say(b"{")', "decoder-crashed"),
    "its JSON is a list": ("say([])", "decoder-crashed"),
    "its JSON is deep": ('say(b"[" * 60000)', "decoder-crashed"),
    "its JSON is long": ('say(b" " * 70000)', "decoder-crashed"),
    "it announces more than there is memory": (ONE + "asked(); say({}, size=1 << 60)", "decoder-crashed"),
    "it counts no pages": ('say({"pages": 0})', "decoder-crashed"),
    "it counts too many pages": ('say({"pages": 5001})', "decoder-crashed"),
    "it counts half pages": ('say({"pages": 1.5})', "decoder-crashed"),
    "it counts True pages": ('say({"pages": True})', "decoder-crashed"),
    "it names a fault of its own": ('say({"fault": "clearance-mismatch"})', "decoder-crashed"),
    "it names no fault": ('say({"fault": ["unreadable-scan"]})', "decoder-crashed"),
    "it is broken and says too much": ('say({"broken": "Jean Dupont 1 85 05", "where": "x" * 999})', "decoder-crashed"),
    "a page too wide": (ONE + "page(width=100_000_000)", "decoder-crashed"),
    "a page of no width": (ONE + "page(width=0)", "decoder-crashed"),
    "a page of no resolution": (ONE + "page(dpi_x=0)", "decoder-crashed"),
    "a page of infinite resolution": (ONE + "page(dpi_x=float('inf'))", "decoder-crashed"),
    "a page that turns five times": (ONE + "page(quarter_turns=5)", "decoder-crashed"),
    "a page without bytes": (ONE + "page(b'')", "decoder-crashed"),
    "a JPEG that is none": (ONE + "page(b'%PDF-1.7')", "decoder-crashed"),
    "a bilevel JPEG": (ONE + 'page(colour="bilevel")', "decoder-crashed"),
    "a coding that nobody knows": (ONE + 'page(encoding="jpx")', "decoder-crashed"),
    "a look that nobody knows": (ONE + 'page(look="deposited")', "decoder-crashed"),
    "a separator that says nothing": (ONE + 'page(look="separator")', "decoder-crashed"),
    "a separator with a wrong sum": (ONE + 'page(look="separator", separator="LIASSE1|A1|||00000000")', "decoder-"),
    "a flag of its own": (ONE + 'page(flags=["DURAND"])', "decoder-crashed"),
    "a patch that names a patient": (ONE + 'page(look="plain", separator="LIASSE1|P1|||15D954F4")', "decoder-crashed"),
    "a form that says nothing": (ONE + 'page(look="form")', "decoder-crashed"),
    "a form with a wrong sum": (ONE + 'page(look="form", form="LIASSEA1|0|0|1/2|00000000")', "decoder-crashed"),
    "a form on a page of another look": (ONE + 'page(form="LIASSEA1|0|0|1/2|00000000")', "decoder-crashed"),
    "a digest that is none": (ONE + 'page(digest="../../etc")', "decoder-crashed"),
    "a digest that is a number": (ONE + "page(digest=7)", "decoder-crashed"),
    "a field that is missing": (ONE + 'page(look="missing")', "decoder-crashed"),
}


@pytest.fixture
def no_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "_GRACE", 0.1)


@pytest.mark.usefixtures("no_grace")
@pytest.mark.parametrize("wrong", WRONG)
def test_a_reader_that_goes_wrong_twice_costs_its_file(file: Path, wrong: str) -> None:
    script, code = WRONG[wrong]
    opened = Decoders(Limits(), Bounds(page_seconds=1.0, memory=512 << 20), most=1)
    rogue = opened._nursery = Rogue(script, opened._nursery)
    assert refused(opened, file).startswith(code)
    assert rogue.attempts == 2
    assert all(process.poll() is not None for process in rogue.started)


@pytest.mark.parametrize("wrong", ["it falls over a page", "the kernel ends it", "its JSON is none", "a page too wide"])
def test_a_reader_that_goes_wrong_once_costs_nothing(file: Path, wrong: str) -> None:
    opened = Decoders(Limits(), Bounds(), most=1)
    rogue = opened._nursery = Rogue(WRONG[wrong][0], opened._nursery, honest_from=2)
    try:
        assert len(read(opened, file)) == 1
    finally:
        rogue.close()


def test_what_a_reader_says_of_its_own_trouble_is_a_name_and_a_place_or_nothing(
    file: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = Decoders(Limits(), Bounds(page_seconds=1.0), most=1)
    opened._nursery = Rogue(WRONG["it is broken and says too much"][0], opened._nursery)
    assert refused(opened, file) == "decoder-crashed"
    assert "Dupont" not in caplog.text + "".join(capsys.readouterr())


# --- The warm process -------------------------------------------------------------------------------------------------


def test_files_go_on_when_the_warm_process_was_killed(file: Path) -> None:
    opened = Decoders(Limits(), Bounds(), most=1)
    try:
        assert len(read(opened, file)) == 1
        process = opened._nursery._process
        assert process is not None
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert len(read(opened, file)) == 1
    finally:
        opened.close()


def test_a_warm_process_that_does_not_start_is_the_stations_fault(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    opened = Decoders(Limits(), Bounds(), most=1)
    with pytest.raises(StationFault, match="decoder-unusable"):
        read(opened, file)


_STATION = """
import sys, time
from pathlib import Path
from pipeline.decoding.decoders import Bounds, Decoders, Limits
opened = Decoders(Limits(), Bounds())
with opened.opened(Path(sys.argv[1])) as file:
    print(opened._nursery._running() and opened._nursery._process.pid, flush=True)
    list(file.pages())
"""


def test_no_process_outlives_the_station(tmp_path: Path) -> None:
    path = written(tmp_path, forms_within_forms(10, 12))
    station = subprocess.Popen([sys.executable, "-c", _STATION, path], stdout=subprocess.PIPE, cwd=HOUSE, text=True)
    assert station.stdout is not None
    warm = int(station.stdout.readline())
    readers = _until(lambda: _children(warm))
    station.kill()
    station.communicate()
    assert _until(lambda: not any(Path(f"/proc/{process}").exists() for process in (warm, *readers)))


def _children(process: int) -> list[int]:
    children = Path(f"/proc/{process}/task/{process}/children")
    return [int(child) for child in children.read_text(encoding="ascii").split()]


def _until(look: Callable[[], Found]) -> Found:
    """What `look` finds, as soon as it finds something."""
    for _ in range(200):
        if found := look():
            return found
        time.sleep(0.05)
    raise AssertionError("nothing in ten seconds")


# --- The fence --------------------------------------------------------------------------------------------------------

_FENCED = """
import json, os, socket, subprocess, sys
from pathlib import Path
from pipeline.decoding import confine
def tried(what):
    try:
        what()
    except Exception as error:
        return type(error).__name__
    return "done"
kept = open(sys.argv[1], "r+b", buffering=0)
fenced = confine.shut_in()
confine.bound(confine.Bounds().memory, os.getppid())
print(json.dumps({
    "fenced": fenced,
    "append": tried(lambda: (kept.seek(0, 2), kept.write(b"more"))),
    "read": tried(lambda: open(sys.argv[1], "rb").close()),
    "create": tried(lambda: open(sys.argv[1] + ".new", "xb").close()),
    "remove": tried(lambda: os.unlink(sys.argv[1])),
    "list": tried(lambda: os.listdir("/")),
    "run": tried(lambda: subprocess.run(["/bin/true"], check=True)),
    "connect": tried(lambda: socket.create_connection(("127.0.0.1", int(sys.argv[2])), 2).close()),
    "kill": tried(lambda: os.kill(int(sys.argv[3]), 0)),
    "swell": tried(lambda: bytearray(2 << 30)),
    "random": tried(lambda: open("/dev/urandom", "rb").close()),
}))
"""


def test_a_reader_can_neither_write_nor_open_nor_run_nor_connect_nor_swell(tmp_path: Path) -> None:
    kept = written(tmp_path, b"kept")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        ran = subprocess.run(
            [sys.executable, "-c", _FENCED, kept, port, str(os.getpid())], capture_output=True, cwd=HOUSE, check=True
        )
    told = json.loads(ran.stdout)
    assert kept.read_bytes() == b"kept"
    assert told["append"] == "OSError"
    assert told["swell"] == "MemoryError"
    if not told["fenced"]:
        pytest.skip("this kernel has no Landlock: limits alone")
    assert [told[what] for what in ("read", "create", "remove", "list", "run")] == ["PermissionError"] * 5
    assert told["random"] == "done"


# --- The language -----------------------------------------------------------------------------------------------------


def test_a_page_told_and_read_is_the_same_page() -> None:
    sheet = Separator("A1", None, "D-7")  # type: ignore[arg-type]  # a reference is a string
    for image in (page(Image.new("1", (64, 64)), Placing()), page(drawing(mode="RGB"), Placing((300, 300), 6))):
        looks = (
            (Look.CONTENT, None),
            (Look.SEPARATOR, sheet),
            (Look.PLAIN, None),
            (Look.LABELLED, sheet),
            (Look.LABELLED, None),
        )
        for look, said in looks:
            looked = Looked(image, Sighting(look, "0" * 64, said, flags=("unread-code",)))
            told = json.loads(json.dumps(tell_page(looked)))
            assert read_page(told, image.payload, Limits()) == looked


def test_frames_come_whole_or_not_at_all() -> None:
    here, there = socket.socketpair()
    with here, there:
        send(here, {"a": 1}, b"payload")
        assert receive(there, 7) == ({"a": 1}, b"payload")
        send(here, {"a": 1}, b"payload")
        with pytest.raises(GarbledError):
            receive(there, 6)
    here, there = socket.socketpair()
    with there:
        with here:
            with pytest.raises(LateError):
                receive(there, 0, time.monotonic() + 0.1)
            here.sendall(b"LSE1")
        with pytest.raises(GoneError):
            receive(there, 0)
