"""What is read in the benchmark: pages with known text, each in a file of its own, by level, document type and class.

The shared corpus' sample, fresh seeds of its generator, its real printed and typewritten pages; where there is none,
a few that Liasse draws itself.
"""

import random
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from PIL import Image

from bench.sample import CORPUS, PAYLOAD, truth_of
from demo.people import everybody
from demo.records import _FORMS
from demo.scanner import Mode, scan, write_tiff
from demo.sheet import Sheet

Class = Literal["jpeg", "bilevel", "lossless"]
"""Of files, by what may be done to them: JPEG, one bit a pixel, or PNG and TIFF without loss."""

GENERATOR: Final = CORPUS.parent / "gen" / "make_records.py"
_QUARTERS: Final = {90: Image.Transpose.ROTATE_270, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_90}
"""Clockwise, as Pillow turns counter-clockwise."""
_DRAWN_ON: Final = date(2026, 1, 15)
TURNED: Final = "turned"
LOSSLESS: Final = "lossless"
DRAWN: Final = "drawn"


@dataclass(frozen=True, slots=True)
class Paper:
    """One page in its file."""

    path: Path
    """Its stem is no other paper's of its group."""
    group: str
    """Where it is from, e.g. `seed-11`; a sub-corpus of the real ones."""
    level: str
    """How well it was scanned: `clean`, `office`, `bad`; `turned`, where it was put in sideways or upside down."""
    doc_type: str
    kind: Class
    lines: tuple[str, ...]
    """What is printed on it."""

    @property
    def name(self) -> str:
        return f"{self.group}/{self.path.stem}"


def invented(corpus: Path, group: str) -> list[Paper]:
    """The pages of a corpus as the generator makes it."""
    return [
        Paper(
            path=corpus / page["file"],
            group=group,
            level=document["level"],
            doc_type=document["doc_type"],
            kind=class_of(corpus / page["file"]),
            lines=tuple(line["text"] for line in page["lines"] if line["kind"] == "printed"),
        )
        for document in truth_of(corpus)["documents"]
        for page in document["pages"]
    ]


def class_of(path: Path) -> Class:
    with Image.open(path) as opened:
        if opened.format == "JPEG":
            return "jpeg"
        return "bilevel" if opened.mode == "1" else "lossless"


def seed(number: int, python: str, work: Path) -> list[Paper]:
    """A corpus of another seed, made by the shared generator unless it is there from before."""
    folder = work / f"seed-{number}"
    if not (folder / "truth.json").exists():
        shutil.rmtree(folder, ignore_errors=True)
        command = [python, str(GENERATOR), "--seed", str(number), "--pages", "40", "--out", str(folder)]
        subprocess.run([*command, "--payload", PAYLOAD], check=True, capture_output=True)
    return invented(folder, f"seed-{number}")


def sample() -> list[Paper]:
    """The shared corpus' own; none where it is absent."""
    return invented(CORPUS, "sample") if (CORPUS / "truth.json").exists() else []


def turned(papers: Sequence[Paper], folder: Path, count: int) -> list[Paper]:
    """Good pages put in otherwise: each of the first `count` sideways both ways and upside down, without loss."""
    folder.mkdir(parents=True, exist_ok=True)
    upright = [paper for paper in papers if paper.level == "office" and paper.kind == "jpeg"][:count]
    return [_turned(paper, degrees, folder) for paper in upright for degrees in _QUARTERS]


def _turned(paper: Paper, degrees: int, folder: Path) -> Paper:
    path = folder / f"{paper.group}-{paper.path.stem}-{degrees}.png"
    with Image.open(paper.path) as opened:
        opened.transpose(_QUARTERS[degrees]).save(path, dpi=opened.info["dpi"])
    return replace(paper, path=path, group=TURNED, level=TURNED, kind="lossless")


def lossless(papers: Sequence[Paper], folder: Path, count: int) -> list[Paper]:
    """Grey and colour pages as PNG and as TIFF (LZW): what the JPEG pages hold, written without further loss."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for number, paper in enumerate([one for one in papers if one.kind == "jpeg"][:count]):
        path = folder / f"{paper.group}-{paper.path.stem}{('.png', '.tif')[number % 2]}"
        with Image.open(paper.path) as opened:
            packing = {"compression": "tiff_lzw"} if path.suffix == ".tif" else {}
            opened.save(path, dpi=opened.info["dpi"], **packing)
        made.append(replace(paper, path=path, group=LOSSLESS, kind="lossless"))
    return made


def drawn(folder: Path) -> list[Paper]:
    """Pages of Liasse's own, for who has no corpus: each form once, in each of the scanner's modes."""
    folder.mkdir(parents=True, exist_ok=True)
    return list(_drawn(folder))


def _drawn(folder: Path) -> Iterator[Paper]:
    people = list(everybody(random.Random(f"people/{_DRAWN_ON}")).values())  # noqa: S311  invented people
    grain = np.random.default_rng(1)
    modes: Sequence[tuple[Mode, int, Class]] = (
        (Mode.GREY, 200, "jpeg"),
        (Mode.BILEVEL, 300, "bilevel"),
        (Mode.COLOUR, 200, "jpeg"),
    )
    for number, (doc_type, (form, face)) in enumerate(_FORMS.items()):
        mode, dpi, kind = modes[number % len(modes)]
        rng = random.Random(f"bench/{number}")  # noqa: S311  invented records
        sheet = form(Sheet(dpi, face), people[number], _DRAWN_ON - timedelta(days=90), rng)[0]
        scanned = scan(sheet.image, dpi, mode, grain, None)
        path = folder / f"{doc_type}{'.jpg' if kind == 'jpeg' else '.tif'}"
        if kind == "jpeg":
            path.write_bytes(scanned.jpeg())
        else:
            write_tiff([scanned], path)
        yield Paper(path, DRAWN, "clean", doc_type, kind, tuple(" ".join(line.split()) for line in sheet.lines))


def facts(paper: Paper) -> dict[str, Any]:
    """What a finding says of it."""
    return {key: value for key, value in asdict(paper).items() if key not in {"path", "lines"}} | {"name": paper.name}
