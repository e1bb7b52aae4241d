"""What separator search and identity search add to the time of a page's recognition, and what they find where none is.

    python bench/identity.py [--corpus DIR] [--every N] [--rounds N] [--real DIR] [--out FILE]

DIR is as for `bench/sample.py`. Of each page, in turn and in both orders: its recognition alone; the search for
separators (codes and patches, on the decoded page); the look at its identity zone and codes; the recognition of what
is left. Seconds of the clock and of processors, programs included, on one page at a time. The words that are read are
laid beside the truth both ways. Then separators are searched on every page that is none, of DIR and of the scans in
--real (any folder of images and PDFs, by default `real` beside DIR): what is found there is found by mistake.
"""

import argparse
import os
import platform
import resource
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final, TypeVar

from PIL import Image

from bench.sample import CORPUS, truth_of
from bench.strips import roster
from consent_gate.model import PatientRef
from lexicon.faults import SheetFault
from pipeline.formats.limits import Limits
from pipeline.formats.pixels import grey
from pipeline.identity.evidence import Search
from pipeline.identity.looking import Looker, LookSettings, ZoneLook
from pipeline.identity.roster_index import RosterIndex
from pipeline.model import PageImage, RecognisedPage
from pipeline.pages import open_pages
from pipeline.recognise import Recogniser, RecogniseSettings
from pipeline.separation import OURS_AND_PATCHES
from pipeline.sighting import Look, _searched, examine
from tests.compose_fixtures import clearance, flate, jpeg, scan

ZONE: Final = 0.35
_FOUND: Final = frozenset((Look.SEPARATOR, Look.PLAIN, Look.DAMAGED, Look.LABELLED, Look.FORM))
"""What a page is taken for that opens a document, or belongs to none."""
_SHARES: Final = (5.0, 15.0)
"""Percent of recognition that separator search, and both searches together, may take."""

Json = Mapping[str, Any]
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Seconds:
    """Of the clock, and of processors."""

    wall: float
    cpu: float

    def __add__(self, other: "Seconds") -> "Seconds":
        return Seconds(self.wall + other.wall, self.cpu + other.cpu)

    def __sub__(self, other: "Seconds") -> "Seconds":
        return Seconds(self.wall - other.wall, self.cpu - other.cpu)


@dataclass(frozen=True, slots=True)
class Timed:
    """One page, once."""

    alone: Seconds
    search: Seconds
    look: Seconds
    rest: Seconds

    @property
    def added(self) -> Seconds:
        """By both searches together."""
        return self.search + self.look + self.rest - self.alone


@dataclass(frozen=True, slots=True)
class Read:
    """A page's words of the truth, how many, and how many of them were read without a look before, and with one."""

    words: int
    alone: int
    after: int
    reused: bool


class Bench:
    """Recognition and look as a station has them, one page at a time."""

    def __init__(self, corpus: Path, work: Path, today: date) -> None:
        index = RosterIndex(roster(corpus).values())
        self._recogniser = Recogniser(RecogniseSettings(work))
        self._looker = Looker(
            LookSettings(ZONE), lambda claimed: Search(index, "trial", today, claimed), self._recogniser.room
        )
        self.engine = self._recogniser.engine

    def page(
        self, image: PageImage, claimed: PatientRef, *, swapped: bool
    ) -> tuple[Timed, RecognisedPage, ZoneLook, RecognisedPage]:
        """Timed in one order or the other; with what was read alone, seen, and read after the look."""
        pixels = grey(image)
        if swapped:
            (look, rest), looking, reading = self._in_two(image, claimed)
            alone, alone_took = timed(lambda: self._read(image))
        else:
            alone, alone_took = timed(lambda: self._read(image))
            (look, rest), looking, reading = self._in_two(image, claimed)
        _, search = timed(lambda: _searched(image, pixels, OURS_AND_PATCHES))
        return Timed(alone_took, search, looking, reading), alone, look, rest

    def _in_two(
        self, image: PageImage, claimed: PatientRef
    ) -> tuple[tuple[ZoneLook, RecognisedPage], Seconds, Seconds]:
        (look,), looking = timed(lambda: self._looker.look((image,), claimed))
        rest, reading = timed(lambda: self._read(image, look))
        return (look, rest), looking, reading

    def _read(self, image: PageImage, *looks: ZoneLook) -> RecognisedPage:
        return self._recogniser.recognise(scan(image), clearance(), looks).pages[0]


def timed(done: Callable[[], _Result]) -> tuple[_Result, Seconds]:
    wall, cpu = time.perf_counter(), _cpu()
    result = done()
    return result, Seconds(time.perf_counter() - wall, _cpu() - cpu)


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def image_of(corpus: Path, page: Json) -> PageImage:
    dpi = (float(page["dpi"][0]), float(page["dpi"][1]))
    with Image.open(corpus / page["file"]) as opened:
        if opened.format == "JPEG":
            return replace(jpeg(opened, dpi), payload=(corpus / page["file"]).read_bytes())
        return flate(opened, dpi)


def measured(bench: Bench, corpus: Path, every: int, rounds: int) -> tuple[list[list[Timed]], list[Read]]:
    """Each page's times, a round a place, and what was read of it."""
    pages = [(page, document) for document in truth_of(corpus)["documents"] for page in document["pages"]][::every]
    times: list[list[Timed]] = [[] for _ in pages]
    reads = list[Read]()
    for number in range(rounds):
        for place, (page, document) in enumerate(pages):
            image, claimed = image_of(corpus, page), PatientRef(document["patient_id"])
            took, alone, look, rest = bench.page(image, claimed, swapped=bool((number + place) % 2))
            times[place].append(took)
            if number == 0:
                reads.append(_read(page, alone, look, rest))
    return times, reads


def _read(page: Json, alone: RecognisedPage, look: ZoneLook, rest: RecognisedPage) -> Read:
    wanted = Counter(word for line in page["lines"] if line["kind"] == "printed" for word in line["text"].split())
    of_each = [(wanted & Counter(read.text.split())).total() for read in (alone, rest)]
    return Read(wanted.total(), of_each[0], of_each[1], reused=look.zone is not None and look.zone.rest is not None)


def told(times: Sequence[Sequence[Timed]], reads: Sequence[Read]) -> Iterator[str]:
    """The table of times, the shares, and the words."""
    for name, of_one in _COLUMNS.items():
        for unit in ("wall", "cpu"):
            each = [statistics.median(_of(of_one(one), unit) for one in page) for page in times]
            yield f"{name:<34} {unit:<4} {_spread(each)} s a page, {sum(each):.1f} s in all"
    for unit in ("wall", "cpu"):
        for name, of_one, most in zip(_ADDED, _ADDED.values(), _SHARES, strict=True):
            shares, of_all = [_share(page, of_one, unit) for page in times], _share_of_all(times, of_one, unit)
            yield f"{name:<34} {unit:<4} {_spread(shares, 1)} %, {of_all:.1f} % of all (at most {most:.0f})"
    words = sum(read.words for read in reads)
    alone, after = sum(read.alone for read in reads), sum(read.after for read in reads)
    reused = sum(read.reused for read in reads)
    yield f"words of the truth that are read: {alone} of {words} alone, {after} after the look"
    yield f"pages of which only the rest was read after the look: {reused} of {len(reads)}"


_COLUMNS: Final[Mapping[str, Callable[[Timed], Seconds]]] = {
    "recognition alone": lambda one: one.alone,
    "separator search": lambda one: one.search,
    "identity search": lambda one: one.look,
    "recognition after it": lambda one: one.rest,
}
_ADDED: Final[Mapping[str, Callable[[Timed], Seconds]]] = {
    "separator search adds": lambda one: one.search,
    "both searches together add": lambda one: one.added,
}


def _share(page: Sequence[Timed], of_one: Callable[[Timed], Seconds], unit: str) -> float:
    return 100 * statistics.median(_of(of_one(one), unit) / _of(one.alone, unit) for one in page)


def _share_of_all(times: Sequence[Sequence[Timed]], of_one: Callable[[Timed], Seconds], unit: str) -> float:
    parts = sum(statistics.median(_of(of_one(one), unit) for one in page) for page in times)
    return 100 * parts / sum(statistics.median(_of(one.alone, unit) for one in page) for page in times)


def _of(seconds: Seconds, unit: str) -> float:
    return seconds.wall if unit == "wall" else seconds.cpu


def _spread(numbers: Sequence[float], digits: int = 3) -> str:
    """Median, least and most."""
    return f"{statistics.median(numbers):.{digits}f} ({min(numbers):.{digits}f} to {max(numbers):.{digits}f})"


@dataclass(frozen=True, slots=True)
class Mistakes:
    """Pages without a separator: how many, which were taken for one, which may be one, files that are no scan."""

    pages: int
    found: tuple[str, ...]
    suspect: tuple[str, ...]
    unusable: int


def mistakes(pages: Iterator[tuple[str, PageImage | None]]) -> Mistakes:
    """What the separator search makes of pages that are no separator."""
    count, unusable, found, suspect = 0, 0, list[str](), list[str]()
    for name, image in pages:
        if image is None:
            unusable += 1
            continue
        count += 1
        look = examine(image).look
        (found if look in _FOUND else suspect if look is Look.SUSPECT else list[str]()).append(name)
    return Mistakes(count, tuple(found), tuple(suspect), unusable)


def without_separator(corpus: Path) -> Iterator[tuple[str, PageImage | None]]:
    """The pages of a corpus's batches that are no separator."""
    for batch in truth_of(corpus)["batches"]:
        roles = batch.get("pages", ())
        for number, image in _images(corpus / batch["file"]):
            if number > len(roles) or roles[number - 1]["role"] != "separator":
                yield f"{batch['batch']}:{number}", image


def scans(folder: Path) -> Iterator[tuple[str, PageImage | None]]:
    """The pages of all images and PDFs beneath a folder."""
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in {".jpg", ".jpeg", ".png", ".tif", ".tiff", ".pdf"} and path.is_file():
            for number, image in _images(path):
                yield f"{path.name}:{number}", image


def _images(path: Path) -> Iterator[tuple[int, PageImage | None]]:
    try:
        yield from enumerate(open_pages(path, Limits()), start=1)
    except SheetFault:
        yield 0, None


def _told_of(name: str, seen: Mistakes) -> Iterator[str]:
    none = f"{seen.pages} pages of {name} that are none ({seen.unusable} files unusable)"
    yield f"taken for a separator: {len(seen.found)} of {none}"
    yield from (f"  {page}" for page in seen.found)
    yield f"  a code that nobody can read, perhaps a separator's: {len(seen.suspect)} {' '.join(seen.suspect)}".rstrip()


def report(options: argparse.Namespace) -> Iterator[str]:
    today = date.fromisoformat(truth_of(options.corpus)["reference_day"])
    with tempfile.TemporaryDirectory(prefix="bench-", dir=_memory()) as work:
        bench = Bench(options.corpus, Path(work), today)
        machine = f"{platform.machine()}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}"
        yield f"{datetime.now(UTC):%Y-%m-%d}, {machine}, Python {platform.python_version()}, {bench.engine}"
        yield f"python bench/identity.py --every {options.every} --rounds {options.rounds}; median (least to most)"
        yield from told(*measured(bench, options.corpus, options.every, options.rounds))
    yield from _told_of("the batches", mistakes(without_separator(options.corpus)))
    real = options.real or options.corpus.parent / "real"
    if real.is_dir():
        yield from _told_of("real scans", mistakes(scans(real)))


def _memory() -> str | None:
    """A memory file system, as a station has one."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108  a private folder is made in it


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--corpus", type=Path, default=CORPUS)
    options.add_argument("--every", type=int, default=1, help="measure every Nth page")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--real", type=Path)
    options.add_argument("--out", type=Path)
    chosen = options.parse_args()
    if not (chosen.corpus / "truth.json").exists():
        sys.exit(f"no corpus in {chosen.corpus}: name it with --corpus")
    lines = list[str]()
    for line in report(chosen):
        print(line, flush=True)
        lines.append(line)
    if chosen.out:
        chosen.out.write_text("\n".join([*lines, ""]), encoding="utf-8")


if __name__ == "__main__":
    main()
