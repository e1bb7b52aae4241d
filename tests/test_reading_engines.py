"""What reads: the same words from library and program, in processes that are bounded, replaced, and end with us."""

import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from PIL import Image

from lexicon.faults import StationFault
from pipeline.clean import readable
from pipeline.formats.pixels import Grey
from pipeline.model import Word
from pipeline.reading.copies import write_copy
from pipeline.reading.engine import Engine, Layout, UnreadError
from pipeline.reading.engines import EngineUse, open_engine
from pipeline.reading.program import Program
from pipeline.recognise import Recogniser, RecogniseSettings
from tests.compose_fixtures import LINES, clearance, everything_in, flate, g4, scan, sheet, tilted
from tests.failpoint_fixtures import HOUSE
from tests.reading_fixtures import Paper, people, scanned

ENGINES: Final[tuple[EngineUse, ...]] = ("tesserocr", "pytesseract") if find_spec("tesserocr") else ("pytesseract",)
fast = pytest.mark.skipif(find_spec("tesserocr") is None, reason="tesserocr is not installed")
SHORT = np.asarray(sheet(LINES[:3], size_mm=(148, 60)).picture.convert("L"))
OTHER = np.asarray(sheet(LINES[3:6], size_mm=(148, 60)).picture.convert("L"))
SECONDS = 60.0
NOISE = np.where(np.random.default_rng(1).random((3508, 2480)) < 0.3, 0, 255).astype(np.uint8)


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    opened = open_engine(request.param, "fra", 1)
    yield opened
    opened.close()


def layout(folder: Path, pixels: Grey, name: str = "copy", segmentation: int = 3, dpi: int = 200) -> Layout:
    path = folder / f"{name}.tif"
    if not path.exists():
        write_copy(pixels, path, dpi)
    return Layout(path, dpi, segmentation)


def text(words: tuple[Word, ...]) -> list[str]:
    return [word.text for word in words]


def children() -> set[int]:
    """Processes that this one has started and that live, with those that they have."""
    found: set[int] = set()
    left = {os.getpid()}
    while left:
        told = Path(f"/proc/{left.pop()}/task").glob("*/children")
        new = {int(number) for each in told for number in each.read_text().split()} - found
        found |= new
        left |= new
    return found


@pytest.fixture(autouse=True)
def started() -> Iterator[set[int]]:
    """Those that are there before a test; a test leaves none behind."""
    before = children()
    yield before
    assert children() <= before


@fast
def test_both_engines_read_the_same_words_at_the_same_places(tmp_path: Path) -> None:
    """But for what their versions of Tesseract read otherwise."""
    patient = next(iter(people()))
    papers = [Paper(kind, patient) for kind in ("fiche_aptitude", "ordonnance", "courrier_medical")]
    copies = [readable(flate(page.image, (page.dpi, page.dpi))) for page in scanned(papers)]
    with closing(open_engine("tesserocr", "fra", 1)) as one, closing(open_engine("pytesseract", "fra", 1)) as other:
        same = near = total = 0
        for number, copy in enumerate(copies):
            page = layout(tmp_path, copy.pixels, f"{number}", dpi=copy.dpi)
            mine, theirs = one.words(page, SECONDS), other.words(page, SECONDS)
            same += (Counter(text(mine)) & Counter(text(theirs))).total()
            total += max(len(mine), len(theirs))
            near += sum(any(beside(word, twin) for twin in theirs) for word in mine)
    assert near >= 0.95 * same
    assert same >= 0.97 * total > 100


def beside(word: Word, twin: Word) -> bool:
    """Whether the same word stands at the same place, in pixels at 300 dpi."""
    places = [(one.x0, one.y0, one.x1, one.y1, one.height) for one in (word, twin)]
    return word.text == twin.text and all(abs(mine - other) <= 4 for mine, other in zip(*places, strict=True))


@fast
@pytest.mark.parametrize("turned", [None, Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_270])
def test_lines_that_stand_are_placed_by_both_engines_alike(tmp_path: Path, turned: Image.Transpose | None) -> None:
    lying = Image.fromarray(SHORT)
    pixels = np.asarray(lying.transpose(turned) if turned else tilted(sheet(), 2.0)[0].convert("L"))
    page = layout(tmp_path, pixels)
    with closing(open_engine("tesserocr", "fra", 1)) as one, closing(open_engine("pytesseract", "fra", 1)) as other:
        places = [{w.text: (w.x0, w.y0, w.x1, w.y1) for w in each.words(page, SECONDS)} for each in (one, other)]
    shared = places[0].keys() & places[1].keys()
    assert len(shared) >= 3
    for word in shared:
        assert places[0][word] == pytest.approx(places[1][word], abs=6), word


def test_what_was_read_before_changes_no_word(engine: Engine, tmp_path: Path) -> None:
    alone = engine.words(layout(tmp_path, SHORT), SECONDS)
    engine.words(layout(tmp_path, OTHER, "other"), SECONDS)
    assert engine.words(layout(tmp_path, SHORT), SECONDS) == alone
    assert "travail" in text(alone)


def test_one_process_reads_one_copy_after_the_other(engine: Engine, tmp_path: Path, started: set[int]) -> None:
    engine.words(layout(tmp_path, SHORT), SECONDS)
    reading = children() - started
    engine.words(layout(tmp_path, OTHER, "other"), SECONDS)
    assert children() - started == reading
    engine.close()


def test_a_process_that_is_late_is_killed_and_the_next_copy_is_read(
    engine: Engine, tmp_path: Path, started: set[int]
) -> None:
    with pytest.raises(UnreadError, match="timeout"):
        engine.words(layout(tmp_path, NOISE, "noise", dpi=300), 1.0)
    assert children() <= started
    assert "travail" in text(engine.words(layout(tmp_path, SHORT), SECONDS))


@pytest.mark.parametrize(("sent", "read"), [(signal.SIGKILL, True), (signal.SIGABRT, False), (signal.SIGSEGV, False)])
def test_a_process_that_dies_costs_at_most_its_copy(
    engine: Engine, tmp_path: Path, started: set[int], sent: signal.Signals, *, read: bool
) -> None:
    """Somebody killed it: the copy is read by another. It broke off by itself: the copy may be why, and is unread."""
    expected = engine.words(layout(tmp_path, SHORT), SECONDS)
    (reading,) = children() - started
    os.kill(reading, signal.SIGSTOP)  # it has the copy in hand until it is ended
    dying = threading.Timer(0.3, ended, (reading, sent))
    dying.start()
    try:
        if read:
            assert engine.words(layout(tmp_path, SHORT), SECONDS) == expected
        else:
            with pytest.raises(UnreadError, match="failed"):
                engine.words(layout(tmp_path, SHORT), SECONDS)
    finally:
        dying.join()
    assert engine.words(layout(tmp_path, SHORT), SECONDS) == expected


def test_what_is_no_copy_is_unread_and_quoted_by_nobody(
    engine: Engine, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    false = tmp_path / "copy.tif"
    false.write_bytes(b"Jean DUPONT")
    with pytest.raises(UnreadError) as caught:
        engine.words(Layout(false, 200, 3), SECONDS)
    assert caught.value.args == ("failed",)
    assert caught.value.__cause__ is None
    assert engine.turns(false, 200, SECONDS) is None
    engine.words(layout(tmp_path, SHORT, "real"), SECONDS)
    assert capfd.readouterr() == ("", "")


def test_turns_are_seen(engine: Engine, tmp_path: Path) -> None:
    standing = np.asarray(sheet().picture.convert("L").rotate(180))
    assert engine.turns(layout(tmp_path, standing).path, 200, SECONDS) == 2


def test_a_process_is_bounded(engine: Engine, tmp_path: Path, started: set[int]) -> None:
    engine.words(layout(tmp_path, SHORT), SECONDS)
    (reading,) = children() - started
    soft, hard = resource.prlimit(reading, resource.RLIMIT_AS)
    assert soft == hard == 1 << 30
    assert resource.prlimit(reading, resource.RLIMIT_CORE) == (0, 0)


def ended(process: int, sent: signal.Signals) -> None:
    """What is stopped dies of SIGKILL as it is, of other signals once it goes on."""
    os.kill(process, sent)
    if sent != signal.SIGKILL:
        os.kill(process, signal.SIGCONT)


_PARENT: Final = """
import sys, threading
from pathlib import Path
from pipeline.reading.engine import Layout
from pipeline.reading.engines import open_engine
engine = open_engine(sys.argv[1], "fra", 1)
threading.Timer(1.5, lambda: print("reading", flush=True)).start()
engine.words(Layout(Path(sys.argv[2]), 300, 3), 100.0)
"""


@pytest.mark.parametrize("use", ENGINES)
def test_a_process_in_the_middle_of_a_copy_ends_with_the_one_that_was_killed(tmp_path: Path, use: EngineUse) -> None:
    copy = layout(tmp_path, NOISE, "noise", dpi=300)
    command = (sys.executable, "-c", _PARENT, use, str(copy.path))
    before = children()
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=HOUSE) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"reading\n"
        theirs = children() - before - {parent.pid}
        assert theirs
        parent.kill()
    for _ in range(200):
        if not any(lives(one) for one in theirs):
            break
        time.sleep(0.05)
    assert not any(lives(one) for one in theirs)


def lives(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@fast
def test_the_library_is_taken_where_it_works_and_named_as_it_is() -> None:
    with closing(open_engine("auto", "fra", 1)) as engine:
        assert re.fullmatch(r"tesserocr \d+(\.\d+)+, tesseract \d+(\.\d+)+ fra/liasse-\d+", engine.name)


@pytest.mark.parametrize("broken", ["raise ImportError", "import os; os.abort()", "PyTessBaseAPI = None"])
def test_the_program_is_taken_where_the_library_does_not_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    (tmp_path / "tesserocr.py").write_text(broken)
    monkeypatch.syspath_prepend(tmp_path)
    with closing(open_engine("auto", "fra", 1)) as engine:
        assert engine.name.startswith("tesseract ")
    with pytest.raises(StationFault, match="program-missing") as caught:
        open_engine("tesserocr", "fra", 1)
    assert caught.value.facts == {"program": "tesserocr", "install": "pip install 'liasse[fast]'"}


def test_a_program_that_takes_no_names_reads_each_copy_in_a_process_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where `stdbuf` of coreutils is missing, its answers could not be had one by one."""
    places = tmp_path / "bin"
    places.mkdir()
    for name in ("sh", "setpriv", "tesseract"):
        (places / name).symlink_to(shutil.which(name) or "")
    expected = read_by_program(tmp_path)
    monkeypatch.setenv("PATH", str(places))
    assert read_by_program(tmp_path) == expected
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bin", "copy.tif"]


def read_by_program(folder: Path) -> list[str]:
    with closing(Program("fra")) as engine:
        return text(engine.words(layout(folder, SHORT), SECONDS))


def test_no_more_processes_wait_than_there_are_places(tmp_path: Path, started: set[int]) -> None:
    with closing(Program("fra", 1)) as engine:
        for segmentation in (3, 6, 11):
            engine.words(layout(tmp_path, SHORT, segmentation=segmentation), SECONDS)
        assert len(children() - started) == 1


def test_a_short_document_is_done_while_a_long_one_is_read(tmp_path: Path) -> None:
    page, long = g4(Image.fromarray(SHORT)), 12
    read: list[int] = []
    begun = threading.Event()

    def told(done: int, of: int) -> None:
        read.append(done)
        assert of == long
        begun.set()

    with Recogniser(RecogniseSettings(tmp_path, workers=1)) as recogniser, ThreadPoolExecutor(1) as other:
        reading = other.submit(recogniser.recognise, scan(*[page] * long), clearance(), (), told)
        assert begun.wait(SECONDS)
        recogniser.recognise(scan(page), clearance())
        meanwhile = len(read)
        assert len(reading.result().pages) == long
    assert meanwhile <= 6
    assert read == list(range(1, long + 1))
    assert everything_in(tmp_path) == []


@pytest.mark.slow
@pytest.mark.parametrize("use", ENGINES)
def test_a_page_that_would_take_for_ever_ends_within_its_limit(tmp_path: Path, use: EngineUse) -> None:
    """Dense noise, A3 at 600 dpi."""
    limit = 20.0
    noise = np.where(np.random.default_rng(2).random((9921, 7016)) < 0.3, 0, 255).astype(np.uint8)
    with Recogniser(RecogniseSettings(tmp_path, page_seconds=limit, engine=use)) as recogniser:
        began = time.monotonic()
        (page,) = recogniser.recognise(scan(g4(Image.fromarray(noise), (600, 600))), clearance()).pages
        assert time.monotonic() - began < 3 * limit  # the copy is made before its time begins
        assert page.confidence < 50  # and its page is flagged `low-confidence`
    assert everything_in(tmp_path) == []
