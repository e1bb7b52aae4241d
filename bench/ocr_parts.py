"""The benchmark's parts that look at each page by itself: words, bytes, real pages. Findings, for a report."""

import importlib.util
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Final

from PIL import Image

from bench.ocr_fidelity import Shown, shown
from bench.ocr_papers import Class, Paper
from bench.ocr_peer import CLEAN, DEFAULT, SMALL, Peer
from bench.ocr_profile import Profile
from bench.ocr_score import Score, score, text_of
from pipeline.pdfa.verapdf import VeraPdf, VeraPdfError

FAST: Final = "Liasse, tesserocr"
PLAIN: Final = "Liasse, pytesseract"
DEBIAN: Final = "Liasse, Debian's model"
REPACKED: Final = "Liasse, re-packed"
COMPACT: Final = "Liasse, compact"
_OPTIONS: Final = {
    FAST: ("--engine", "tesserocr"),
    PLAIN: ("--engine", "pytesseract"),
    DEBIAN: ("--engine", "pytesseract", "--model", "installed"),
    REPACKED: ("--repack",),
    COMPACT: ("--images", "compact"),
}
_OURS: Final = Path(__file__).with_name("pdfa.py")
_OUR_LEVEL, _THEIR_LEVEL = "1b", "2b"
_A4_DPI: Final = 290.0
"""From which resolution on a page counts as one of 300 dpi."""


@dataclass(frozen=True, slots=True)
class Row:
    """One page as one engine left it."""

    engine: str
    group: str
    name: str
    level: str
    doc_type: str
    kind: Class
    found: int
    printed: int
    errors: int
    characters: int
    size: int
    """Bytes of the PDF; 0 where there is none."""
    conforms: bool | None
    """By veraPDF; None: nobody judged, or there is no file."""

    @property
    def score(self) -> Score:
        return Score(self.found, self.printed, self.errors, self.characters)


@dataclass(slots=True)
class Bench:
    """Where all of it is done, and with what."""

    peer: Peer
    work: Path
    jobs: int
    judge: VeraPdf | None
    """None where veraPDF is not installed."""
    version: str
    """The peer's."""
    recognisers: dict[str, str] = field(default_factory=dict)
    """What each of our engines said that it is."""
    _made: dict[tuple[str, str], Path] = field(default_factory=dict)
    """What this very run has made, by engine and group: asked for twice, it is made once."""

    def verdict(self, pdf: Path, engine: str) -> bool | None:
        """Of veraPDF, from the outside, whatever the engine said itself."""
        if self.judge is None or not pdf.exists():
            return None
        try:
            return self.judge.judge(pdf.resolve(), _OUR_LEVEL if engine in _OPTIONS else _THEIR_LEVEL).conforms
        except VeraPdfError:
            return None

    def outputs(self, engine: str, papers: Sequence[Paper]) -> Iterator[tuple[Paper, Path]]:
        """Each page's PDF by an engine; it is not there where the engine could not."""
        if engine not in _OPTIONS:
            with ThreadPoolExecutor(self.jobs) as pool:
                yield from zip(papers, pool.map(lambda paper: self._theirs(engine, paper), papers), strict=True)
            return
        for group in dict.fromkeys(paper.group for paper in papers):
            own = [paper for paper in papers if paper.group == group]
            folder = self._ours(engine, group, own)
            yield from ((paper, folder / f"{paper.path.stem}.pdf") for paper in own)

    def _theirs(self, setting: str, paper: Paper) -> Path:
        """By the peer, which is slow and the same every time: made once for a version and the bytes of a page."""
        digest = sha256(paper.path.read_bytes()).hexdigest()[:16]
        target = self.work / "theirs" / self.version / slug(setting) / f"{digest}.pdf"
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists():
            part = target.with_suffix(".part")
            if self.peer.read(setting, paper.path, part):
                part.replace(target)
        return target

    def _ours(self, engine: str, group: str, papers: Sequence[Paper]) -> Path:
        known = self._made.get((engine, group))
        if known is None:
            known = self._made[engine, group] = self.work / "ours" / slug(engine) / group
            shutil.rmtree(known, ignore_errors=True)
            command = our_command(engine, [paper.path for paper in papers], known, self.jobs)
            log = self.work / f"{slug(engine)}-{group}.log"
            with log.open("wb") as talk:
                subprocess.run(command, check=False, stdout=talk, stderr=subprocess.STDOUT)
            self.heard(engine, log)
        return known

    def heard(self, engine: str, log: Path) -> None:
        """Keep the first line that an engine of ours prints: what it is."""
        if engine in _OPTIONS:
            first = log.read_text(encoding="utf-8", errors="replace").partition("\n")[0]
            self.recognisers[engine] = first


def our_command(engine: str, inputs: Iterable[Path], folder: Path, jobs: int, *more: str) -> list[str]:
    named = [str(path) for path in inputs]
    return [sys.executable, str(_OURS), *named, "--out", str(folder), "--jobs", str(jobs), *_OPTIONS[engine], *more]


def told(engine: str, peer: Peer) -> str:
    """An engine's command as it is shown."""
    if engine not in _OPTIONS:
        return peer.told(engine)
    return " ".join(("python bench/pdfa.py INPUT --out DIR", *_OPTIONS[engine]))


def slug(engine: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", engine.lower())


def is_ours(engine: str) -> bool:
    return engine in _OPTIONS


def readers() -> tuple[str, ...]:
    """The engines that are compared; without the extra `fast`, ours has one less."""
    fast = (FAST,) if importlib.util.find_spec("tesserocr") else ()
    return (*fast, DEFAULT, PLAIN, CLEAN)


def rows(bench: Bench, engine: str, papers: Sequence[Paper]) -> Iterator[Row]:
    """What an engine made of each page."""
    for paper, pdf in bench.outputs(engine, papers):
        got = score(paper.lines, text_of(pdf))
        yield Row(
            engine=engine,
            group=paper.group,
            name=paper.path.stem,
            level=paper.level,
            doc_type=paper.doc_type,
            kind=paper.kind,
            found=got.found,
            printed=got.printed,
            errors=got.errors,
            characters=got.characters,
            size=pdf.stat().st_size if pdf.exists() else 0,
            conforms=bench.verdict(pdf, engine),
        )


def words(bench: Bench, papers: Sequence[Paper]) -> Iterator[Row]:
    for engine in (*readers(), DEBIAN):
        yield from rows(bench, engine, papers)


def sizes(bench: Bench, papers: Sequence[Paper]) -> Iterator[Row]:
    """Default and re-packed beside the peer's default, all classes; compact beside its smallest, grey and colour."""
    shaded = [paper for paper in papers if paper.kind != "bilevel"]
    ours = readers()[0] if FAST in readers() else PLAIN
    for engine, those in ((DEFAULT, papers), (ours, papers), (REPACKED, papers), (SMALL, shaded), (COMPACT, shaded)):
        yield from rows(bench, engine, those)


def faith(bench: Bench, papers: Sequence[Paper]) -> Iterator[Shown]:
    """How much of the scan each compact PDF shows, of grey and colour."""
    shaded = [paper for paper in papers if paper.kind != "bilevel"]
    found = (shown(paper.name, paper.path, pdf) for paper, pdf in bench.outputs(COMPACT, shaded))
    yield from (one for one in found if one is not None)


def profile(bench: Bench, engine: str, papers: Sequence[Paper]) -> Profile | None:
    """Where our engine's time goes, over the pages of 300 dpi; None where there are none, or it failed."""
    fine = [paper.path for paper in papers if _dpi(paper.path) >= _A4_DPI]
    target = bench.work / "profile.json"
    target.unlink(missing_ok=True)
    if fine:
        command = our_command(engine, fine, bench.work / "profile", 1, "--profile", str(target))
        subprocess.run(command, check=False, capture_output=True)
    return Profile(**json.loads(target.read_text())) if target.exists() else None


def _dpi(path: Path) -> float:
    with Image.open(path) as opened:
        return min(map(float, opened.info.get("dpi", (0.0, 0.0))))
