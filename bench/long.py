"""What a very long document costs in memory and in temporary room, stage by stage, its pages' words given.

    python bench/long.py [--pages 1000] [--level 1b] [--images faithful|compact] [--verapdf auto] [--jobs N] [--given]

Four invented A4 pages are drawn and scanned in grey at 300 dpi; the document has them in turn, each time with other
bytes. The four are recognised, behind the gate as ever, and their words are given to all: recognition has its own
bounds, a page at a time. The rest is the product's: a confined process opens the file, its pages lie encrypted, the
copy is composed, judged and drawn again. Memory is the proportional set size of the whole tree of processes, Java's
apart; room is what lies in the work folder (a memory file system) and in the spool, the file itself left out.
`--given`: no file is opened and nothing recognised; pages go to the spool as they are drawn, with 400 invented words.
"""

import argparse
import os
import pickle
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final, get_args, overload

import numpy as np

from bench.ocr_engine import cleared, register
from bench.ocr_tree import cpu_of_tree, memory, tree
from consent_gate.model import DocumentId
from demo.people import everybody
from demo.records import _FORMS
from demo.scanner import Mode, scan
from demo.sheet import Sheet
from pipeline.compose import Level, ScanContext, compose, compose_originals
from pipeline.copies import ImageUse
from pipeline.decoding.confine import Bounds
from pipeline.decoding.decoders import Decoders
from pipeline.formats.limits import Limits
from pipeline.model import Colour, Encoding, PageImage, Recognised, RecognisedPage, Scan, Word
from pipeline.packing import PackedImages, pack
from pipeline.pdfa.compact import compacted
from pipeline.pdfa.packing import packed
from pipeline.recognise import Recogniser, RecogniseSettings
from pipeline.software import SOFTWARE
from pipeline.validate import Validator, VeraPdfUse, require_same_look
from storage.spool import Spool

_DOCUMENT: Final = DocumentId("01JHZ0000000000000000000AA")
_DRAWN_ON: Final = date(2026, 1, 15)
_FACES: Final = 4
_DPI: Final = 300
_LINES, _COLUMNS = 40, 10
"""Of invented words."""
_MEMORY_FILES: Final = Path("/dev/shm")  # noqa: S108  a memory file system; a 0700 folder is made in it
_EVERY: Final = 0.1
_MIB: Final = 1 << 20
_COMMENT: Final = 0xFFFE


class _Repeated(Sequence[PageImage]):
    """A few scans over and over, each time as a file of its own: a JPEG's comment counts them (ITU-T T.81, B.2.4.5)."""

    def __init__(self, images: Sequence[PageImage], pages: int) -> None:
        self._images, self._pages = images, pages

    def __len__(self) -> int:
        return self._pages

    @overload
    def __getitem__(self, place: int) -> PageImage: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[PageImage]: ...
    def __getitem__(self, place: int | slice) -> PageImage | Sequence[PageImage]:
        if isinstance(place, slice):
            return [self[number] for number in range(*place.indices(self._pages))]
        if not 0 <= place < self._pages:
            raise IndexError(place)
        image = self._images[place % len(self._images)]
        comment = b"%08d" % place
        marked = _COMMENT.to_bytes(2) + (len(comment) + 2).to_bytes(2) + comment
        return replace(image, payload=image.payload[:2] + marked + image.payload[2:])


def faces() -> list[PageImage]:
    """The invented pages, as a scanner gives them."""
    grain = np.random.default_rng(1)
    people = list(everybody(random.Random("long")).values())  # noqa: S311  invented people
    found = []
    for number, (form, face) in enumerate(list(_FORMS.values())[:_FACES]):
        rng = random.Random(f"long/{number}")  # noqa: S311  invented records
        sheet = form(Sheet(_DPI, face), people[number], _DRAWN_ON, rng)[0]
        scanned = scan(sheet.image, _DPI, Mode.GREY, grain, None)
        found.append(PageImage(Encoding.JPEG, scanned.jpeg(), *scanned.image.size, _DPI, _DPI, Colour.GREY))
    return found


def draw(path: Path, pages: int) -> None:
    """The long document, as a PDF of images."""
    compose_originals(Scan(_DOCUMENT, _Repeated(faces(), pages)), _context(pages), path)


def _context(pages: int) -> ScanContext:
    return ScanContext("bench", SOFTWARE, datetime(2026, 1, 15, tzinfo=UTC), "00" * 32, tuple(range(1, pages + 1)))


@dataclass(frozen=True, slots=True)
class Stage:
    """Seconds, bytes; the largest at any time within it."""

    name: str
    wall: float
    cpu: float
    memory: int
    java: int
    room: int

    def __str__(self) -> str:
        sizes = " ".join(f"{size / _MIB:9.0f}" for size in (self.memory, self.java, self.room))
        return f"{self.name:<14} {self.wall:8.1f} {self.cpu:8.1f} {sizes}"


@dataclass(slots=True)
class Watch:
    """Looks at this process and all beneath it, and at folders, stage by stage."""

    folders: tuple[Path, ...]
    stages: list[Stage] = field(default_factory=list)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        over, peaks = threading.Event(), [0, 0, 0]
        looking = threading.Thread(target=self._look, args=(over, peaks), name="watch")
        wall, cpu = time.monotonic(), cpu_of_tree(os.getpid())
        looking.start()
        try:
            yield
        finally:
            over.set()
            looking.join()
            self.stages.append(Stage(name, time.monotonic() - wall, cpu_of_tree(os.getpid()) - cpu, *peaks))
            print(self.stages[-1], flush=True)

    def _look(self, over: threading.Event, peaks: list[int]) -> None:
        while not over.wait(_EVERY):
            sizes = [0, 0, self._room()]
            for process in tree(os.getpid()):
                sizes[process.name == "java"] += memory(process.pid)
            peaks[:] = map(max, peaks, sizes)

    def _room(self) -> int:
        return sum(_blocks(path) for folder in self.folders for path in folder.rglob("*"))


def _blocks(path: Path) -> int:
    try:
        return path.lstat().st_blocks * 512
    except OSError:
        return 0  # it has gone


@dataclass(frozen=True, slots=True)
class Asked:
    pages: int
    level: Level
    images: ImageUse
    verapdf: VeraPdfUse
    jobs: int
    given: bool


def measured(asked: Asked) -> list[Stage]:
    """The stages of a document's way. Raises Fault where the copy is not sound."""
    with ExitStack() as held:
        memory_files = _MEMORY_FILES if _MEMORY_FILES.is_dir() else None
        work = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="long-", dir=memory_files)))
        disk = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="long-")))
        spool, watch = Spool(disk / "spool", os.urandom(32)), Watch((work, disk / "spool"))
        images = _given(spool, asked) if asked.given else _scanned(spool, asked, disk / "long.pdf", watch)
        given = Scan(_DOCUMENT, images)
        with watch.stage("words"):
            read = _read(given, asked, work)
        with watch.stage("compose"):
            drawing = compacted if asked.images == "compact" else packed
            copy = compose(given, read, _context(len(images)), work / "copy.pdf", asked.level, drawing)
        validator = held.enter_context(Validator(asked.verapdf, work))
        with watch.stage("validate"):
            verdict = validator.validate(copy.path, asked.level, _DOCUMENT)
        with watch.stage("render check"):
            require_same_look(copy.path, given, read)
        print(f"{copy.size / _MIB:.0f} MiB, {verdict.conforms} by {', '.join(verdict.validators)} {verdict.findings}")
        return watch.stages


def _given(spool: Spool, asked: Asked) -> PackedImages:
    pack(spool, _DOCUMENT, _Repeated(faces(), asked.pages))
    return PackedImages(spool, _DOCUMENT)


def _scanned(spool: Spool, asked: Asked, source: Path, watch: Watch) -> PackedImages:
    """Drawn by another process, whose memory is not the product's, and opened as a station opens it."""
    command: list[str | Path] = [sys.executable, "-m", "bench.long", "--draw", source, "--pages", str(asked.pages)]
    subprocess.run(command, check=True)
    print(f"{asked.pages} pages, {source.stat().st_size / _MIB:.0f} MiB", flush=True)
    decoders = Decoders(Limits(), Bounds())
    try:
        with watch.stage("open"), decoders.opened(source) as opened:
            pack(spool, _DOCUMENT, (looked.image for looked in opened.pages()))
    finally:
        decoders.close()
    return PackedImages(spool, _DOCUMENT)


def _read(given: Scan, asked: Asked, work: Path) -> Recognised:
    """The first pages' words, for all of them: each page with words of its own, as reading them makes."""
    if asked.given:
        return Recognised(_DOCUMENT, tuple(invented(number) for number in range(len(given.images))), "none")
    recogniser = Recogniser(RecogniseSettings(work, workers=asked.jobs))
    read = recogniser.recognise(Scan(_DOCUMENT, given.images[:_FACES]), cleared(_DOCUMENT, register()))
    return replace(read, pages=tuple(copied(read.pages[number % _FACES]) for number in range(len(given.images))))


def invented(page: int) -> RecognisedPage:
    """As many words as a dense page has, in lines."""
    places = ((line, column) for line in range(_LINES) for column in range(_COLUMNS))
    return RecognisedPage(
        tuple(
            Word(f"mot{page}{chr(97 + column)}", x, y, x + 180.0, y, 45.0, 90.0 + column / 100, line)
            for line, column in places
            for x, y in ((200.5 + 200 * column, 300.25 + 70 * line),)
        ),
        0,
        ("background", "contrast"),
    )


def copied(page: RecognisedPage) -> RecognisedPage:
    """The same, sharing nothing with it."""
    found: RecognisedPage = pickle.loads(pickle.dumps(page))  # noqa: S301  made here
    return found


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--pages", type=int, default=1_000)
    options.add_argument("--level", choices=get_args(Level), default="1b")
    options.add_argument("--images", choices=get_args(ImageUse), default="faithful")
    options.add_argument("--verapdf", choices=get_args(VeraPdfUse), default="auto")
    options.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    options.add_argument("--given", action="store_true", help="open and recognise nothing")
    options.add_argument("--draw", type=Path, help=argparse.SUPPRESS)
    told = options.parse_args()
    if told.draw:
        draw(told.draw, told.pages)
        return
    print("stage            seconds      CPU    memory      Java      room, MiB")
    stages = measured(Asked(told.pages, told.level, told.images, told.verapdf, told.jobs, told.given))
    most = [max(sizes) / _MIB for sizes in zip(*((one.memory, one.java, one.room) for one in stages), strict=True)]
    print(f"at most: {most[0]:.0f} MiB of memory, {most[1]:.0f} of Java's, {most[2]:.0f} of room")


if __name__ == "__main__":
    main()
