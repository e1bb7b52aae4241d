"""The benchmark's speed part: each engine over the same pages in turn, as files and bound into one PDF."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import pikepdf

from bench.ocr_papers import Paper
from bench.ocr_parts import Bench, is_ours, our_command, readers, slug
from bench.ocr_peer import DEFAULT
from bench.ocr_tree import run

Way = Literal["files", "side by side", "bound"]
"""How pages are put to an engine. `files`: each in its file, as a scanner drops them; the peer, which takes one a run,
is run on one after the other. `side by side`: the peer is run on as many files at a time as there are jobs, on a page
at a time each. `bound`: one PDF of all of them."""
FILES: Final[Way] = "files"
APART: Final[Way] = "side by side"
BOUND: Final[Way] = "bound"


@dataclass(frozen=True, slots=True)
class Lap:
    """One run of one engine over all pages. Seconds, bytes."""

    engine: str
    way: Way
    pages: int
    """In the PDFs that were made."""
    code: int
    wall: float
    cpu: float
    peak: int
    java_cpu: float
    java_peak: int
    size: int
    conforms: bool | None

    @property
    def rate(self) -> float:
        """Pages a minute."""
        return 60 * self.pages / self.wall


def laps(bench: Bench, papers: Sequence[Paper], pairs: int, done: int = 0) -> Iterator[Lap]:
    """Each engine in turn, in each way, as many times round, less the runs that are `done`; whole processes."""
    files = [paper.path for paper in papers]
    bound = bench.work / "speed.pdf"
    bound.unlink(missing_ok=True)
    bench.peer.bind(files, bound)
    turns = [(FILES, engine) for engine in readers()]
    turns += [(APART, DEFAULT), *((BOUND, engine) for engine in readers())]
    for way, engine in (turns * pairs)[done:]:
        yield _lap(bench, engine, way, [bound] if way == BOUND else files)


def _lap(bench: Bench, engine: str, way: Way, sources: Sequence[Path]) -> Lap:
    name = slug(f"speed {way} {engine}")
    folder, log = bench.work / "speed" / name, bench.work / f"{name}.log"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    ran = run(_command(bench, engine, way, sources, folder), log)
    bench.heard(engine, log)
    made = [path for source in sources if (path := folder / f"{source.stem}.pdf").exists()]
    verdicts = {bench.verdict(path, engine) for path in made}
    return Lap(
        engine=engine,
        way=way,
        pages=sum(map(_pages, made)),
        code=ran.code,
        wall=ran.wall,
        cpu=ran.cpu,
        peak=ran.peak,
        java_cpu=ran.java_cpu,
        java_peak=ran.java_peak,
        size=sum(path.stat().st_size for path in made),
        conforms=next((said for said in (False, None, True) if said in verdicts), None),
    )


def _command(bench: Bench, engine: str, way: Way, sources: Sequence[Path], folder: Path) -> list[str]:
    if is_ours(engine):
        return our_command(engine, sources, folder, bench.jobs)
    pairs = [(source, folder / f"{source.stem}.pdf") for source in sources]
    together = bench.jobs if way == APART else 1
    return bench.peer.commands(engine, pairs, bench.jobs // together, together, folder.with_suffix(".files"))


def _pages(pdf: Path) -> int:
    with pikepdf.open(pdf) as opened:
        return len(opened.pages)
