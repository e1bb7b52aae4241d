"""The page engine beside OCRmyPDF on the same pages: speed, words, bytes, real pages. Writes a report and its chart.

    python bench/ocr.py [--only PART...] [--pairs N] [--seeds N...] [--pages N] [--jobs N] [--resume]
                        [--generator-python PYTHON] [--peer VENV] [--work DIR] [--out FILE]

The parts are `speed`, `words`, `bytes`, `real`. Both engines get the same files, in turn, with the same number of jobs.
Pages are the shared corpus' ($LIASSE_CORPUS, else ../shared/corpus), of its generator's seeds, and its real ones; where
there is none, a few that Liasse draws. What a part found stays in DIR, so that parts can be run one by one: the report
tells of all that is there. The peer's slow readings of single pages stay there too. The peer's environment is made by
`python -m bench.ocr_peer`.
"""

import argparse
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Final, TypeVar

from bench import ocr_papers as papers_of
from bench.ocr_findings import FOUND, PARTS, Findings
from bench.ocr_papers import Paper
from bench.ocr_parts import FAST, PLAIN, Bench, faith, profile, readers, sizes, words
from bench.ocr_peer import PEER, Peer, missing
from bench.ocr_real import REAL, real
from bench.ocr_report import Heading, machine, picture, report
from bench.ocr_speed import laps
from bench.sample import CORPUS
from pipeline.pdfa.verapdf import VeraPdf, verapdf_facts

_PAIRS: Final = 5
_SEEDS: Final = (21, 22, 23)
_TURNED: Final = 5
_LOSSLESS: Final = 12
_MEMORY_FILES: Final = Path("/dev/shm")  # noqa: S108  VeraPdf makes a 0700 folder in it


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line says."""

    parts: tuple[str, ...]
    pairs: int
    seeds: tuple[int, ...]
    pages: int | None
    """Of each corpus, at most."""
    python: str
    """Which has what the generator needs."""
    resume: bool
    """Keep what was found before, and go on from there."""

    def papers(self, work: Path) -> list[Paper]:
        """Invented pages, corpus by corpus."""
        groups = [papers_of.sample(), *self._fresh(work)]
        found = [paper for group in groups for paper in self._some(group)]
        return found or self._some(papers_of.drawn(work / papers_of.DRAWN))

    def _some(self, papers: list[Paper]) -> list[Paper]:
        """As many as are wanted of a corpus, from all over it, always the same ones."""
        if not self.pages or self.pages >= len(papers):
            return papers
        drawn = random.Random(self.pages).sample(range(len(papers)), self.pages)  # noqa: S311  a trial's pages
        return [papers[number] for number in sorted(drawn)]

    def _fresh(self, work: Path) -> Iterator[list[Paper]]:
        if _generates(self.python):
            yield from (papers_of.seed(number, self.python, work) for number in self.seeds)

    def real(self) -> list[Paper]:
        return self._some(real())

    def left_out(self) -> Iterator[str]:
        """What is not there to be measured, in sentences."""
        if not (CORPUS / "truth.json").exists():
            yield "The shared corpus is not there ($LIASSE_CORPUS): no sample; pages that Liasse draws stand in for it."
        if not _generates(self.python):
            yield "No fresh seeds: the corpus' generator does not run with this Python (its README says what it needs)."
        if not REAL.exists():
            yield "Real pages were left out: they come with the shared corpus."
        if FAST not in readers():
            yield "Liasse was measured without its extra `fast`, which is not installed."
        if not verapdf_facts().available:
            yield "veraPDF is not installed: nobody judged the files but pikepdf."
        if self.pages:
            yield f"A trial, with {self.pages} pages of each corpus at the most: no figure here says much."


@cache
def _generates(python: str) -> bool:
    """Whether the shared generator is there, and runs."""
    generator = papers_of.GENERATOR
    return (
        generator.exists()
        and subprocess.run([python, generator, "-h"], check=False, capture_output=True).returncode == 0
    )


def measure(part: str, bench: Bench, asked: Asked, findings: Findings) -> None:
    """Run one part; what it found before is forgotten, unless the run goes on from it."""
    match part:
        case "speed":
            _speed(bench, asked, findings)
        case "words":
            read = asked.papers(bench.work)
            turned = papers_of.turned(read, bench.work / papers_of.TURNED, min(_TURNED, asked.pages or _TURNED))
            findings.words = _kept(asked, findings.words) or list(words(bench, [*read, *turned]))
        case "bytes":
            packed = asked.papers(bench.work)
            more = papers_of.lossless(packed, bench.work / papers_of.LOSSLESS, min(_LOSSLESS, asked.pages or _LOSSLESS))
            findings.bytes = _kept(asked, findings.bytes) or list(sizes(bench, [*packed, *more]))
            findings.shown = _kept(asked, findings.shown) or list(faith(bench, [*packed, *more]))
        case _:
            findings.real = _kept(asked, findings.real) or list(words(bench, asked.real()))


_Found = TypeVar("_Found")


def _kept(asked: Asked, found: list[_Found]) -> list[_Found]:
    return found if asked.resume else []


def _speed(bench: Bench, asked: Asked, findings: Findings) -> None:
    """Over the sample, or the first corpus that there is."""
    every = asked.papers(bench.work)
    first = [paper for paper in every if paper.group == every[0].group]
    findings.laps = _kept(asked, findings.laps)
    for lap in laps(bench, first, asked.pairs, len(findings.laps)):
        findings.laps.append(lap)
        findings.save(bench.work / FOUND)
        print(
            f"  {lap.way:<13} {lap.engine:<20} {lap.rate:6.1f} pages a minute, "
            f"{lap.cpu / max(1, lap.pages):5.2f} CPU s a page",
            flush=True,
        )
    told = [profile(bench, engine, every) for engine in (FAST, PLAIN) if engine in readers()]
    findings.profiles = [one for one in told if one is not None]


def run(asked: Asked, bench: Bench, out: Path, heading: Heading) -> None:
    """All parts that are asked for, then the report of all that was ever found."""
    kept = bench.work / FOUND
    findings = Findings.load(kept)
    findings.notes = list(asked.left_out())
    print("\n".join(findings.notes), flush=True)
    for part in asked.parts:
        print(f"{datetime.now(UTC):%H:%M} {part}", flush=True)
        measure(part, bench, asked, findings)
        findings.recognisers |= bench.recognisers
        findings.save(kept)
    out.parent.mkdir(parents=True, exist_ok=True)
    drawn = picture(findings)
    if drawn:
        out.with_suffix(".svg").write_text(drawn, encoding="utf-8")
    text = report(findings, heading, out.with_suffix(".svg").name if drawn else None)
    out.write_text(text, encoding="utf-8")
    print(text)


def main() -> None:
    told = _options().parse_args()
    peer = Peer(told.peer)
    if not peer.there or missing():
        sys.exit(f"the peer is not whole: python -m bench.ocr_peer --venv {told.peer}")
    asked = Asked(
        tuple(told.only or PARTS), told.pairs, tuple(told.seeds), told.pages, told.generator_python, told.resume
    )
    told.work.mkdir(parents=True, exist_ok=True)
    with ExitStack() as held:
        memory = _MEMORY_FILES if _MEMORY_FILES.is_dir() else told.work
        judge = held.enter_context(VeraPdf(memory)) if verapdf_facts().available else None
        bench = Bench(peer, told.work, told.jobs, judge, peer.version())
        heading = Heading(f"{datetime.now(UTC):%Y-%m-%d}", machine(), told.jobs, peer, bench.version, _command(told))
        run(asked, bench, told.out, heading)


def _command(told: argparse.Namespace) -> str:
    """What was asked for, without paths of this machine."""
    said = (
        ("only", told.only),
        ("pairs", [told.pairs]),
        ("seeds", told.seeds),
        ("pages", [told.pages] * bool(told.pages)),
    )
    parts = [f"--{name} {' '.join(map(str, given))}" for name, given in said if given]
    return " ".join(("python bench/ocr.py", *parts))


def _options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--only", choices=PARTS, nargs="+", metavar="PART")
    options.add_argument("--pairs", type=int, default=_PAIRS, help="rounds of the speed part")
    options.add_argument("--seeds", type=int, nargs="*", default=_SEEDS)
    options.add_argument("--pages", type=int, help="of each corpus at the most, for a trial")
    options.add_argument("--resume", action="store_true", help="go on from what an interrupted run has found")
    options.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    options.add_argument("--generator-python", default=sys.executable)
    options.add_argument("--peer", type=Path, default=PEER)
    options.add_argument("--work", type=Path, default=Path("build/bench-ocr"))
    options.add_argument("--out", type=Path, default=Path("docs/benchmarks/ocr.md"))
    return options


if __name__ == "__main__":
    main()
