"""Identity strips on a corpus with known truth, and on invented pages: what OCR reads on them, and how much is legible.

    python bench/strips.py [--corpus DIR] [--rounds N] [--out FILE]

DIR is as for `bench/sample.py`. Every page of it gets a strip, first with its patient announced, then with nobody; each
strip is read at three sizes in three ways. A word counts as seen outside the identity fields when it has two signs or
more, the page's truth has it, and no identity field of its patient has. Of invented pages (N times 18) it is also
measured, pixel by pixel, how much ink of anything else is on their strips.
"""

import argparse
import csv
import json
import platform
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from PIL import Image

from bench.sample import CORPUS
from consent_gate.model import Patient, PatientRef
from pipeline.glance import GlanceSettings, Glimpse, glance
from pipeline.identity.roster_index import RosterIndex
from pipeline.identity.traits import words
from pipeline.identity.zone import Sought, TraitKind
from pipeline.model import PageImage
from tests.compose_fixtures import flate, jpeg
from tests.engine_fixtures import engine
from tests.strip_fixtures import INDEX, PLANTED, Planted, foreign_ink, pages, read, tokens_of

ZONE: Final = 0.35
SCALES: Final = (1.0, 1.5, 2.0)
MODES: Final = (3, 6, 11)
SHORTEST: Final = 2


@dataclass(frozen=True, slots=True)
class Row:
    """One page's strip: what was matched, what was read on it that stands elsewhere on the page, what is legible."""

    page: str
    level: str
    kinds: frozenset[str]
    legible: frozenset[str]
    """Kinds of matched traits whose every word OCR reads on the strip."""
    outside: frozenset[str]
    foreign: int
    seconds: float


def roster(corpus: Path) -> dict[str, Patient]:
    with (corpus / "patients.csv").open(encoding="utf-8", newline="") as lines:
        return {line["patient_id"]: _patient(line) for line in csv.DictReader(lines, delimiter=";")}


def _patient(line: dict[str, str]) -> Patient:
    given = tuple(name.strip() for name in line["prenoms"].split(","))
    day = date.fromisoformat(line["date_naissance"])
    return Patient(
        PatientRef(line["patient_id"]),
        line["nom_naissance"],
        line["nom_usage"] or None,
        given,
        day,
        line["sexe"],
        line["nir"],
    )


def corpus_pages(corpus: Path) -> Iterator[tuple[dict[str, Any], str]]:
    """Each page of the truth with its patient's reference."""
    truth = json.loads((corpus / "truth.json").read_text(encoding="utf-8"))
    for document in truth["documents"]:
        for page in document["pages"]:
            yield page, document["patient_id"]


def image_of(corpus: Path, page: dict[str, Any]) -> PageImage:
    dpi = float(page["dpi"][0]), float(page["dpi"][1])
    with Image.open(corpus / page["file"]) as opened:
        return jpeg(opened, dpi) if opened.format == "JPEG" else flate(opened, dpi)


def judged(
    corpus: Path,
    work: Path,
    *,
    announced: bool,
    only: Sequence[str] = (),
    scales: Sequence[float] = SCALES,
    modes: Sequence[int] = MODES,
) -> Iterator[Row]:
    """The strip of each page, or of those named in `only`."""
    patients = roster(corpus)
    index = RosterIndex(patients.values())
    for page, ref in corpus_pages(corpus):
        if only and page["page"] not in only:
            continue
        patient = patients[ref]
        sought = Sought(patient if announced else None, index)
        began = time.monotonic()
        seen = glance(image_of(corpus, page), sought, GlanceSettings(work, ZONE, engine()))
        seconds = time.monotonic() - began
        outside = frozenset(words(page["text"])) - tokens_of(patient)
        found = read(seen.strip, seen.dpi, scales=scales, modes=modes)
        yield Row(page["page"], page["level"], _kinds(seen), _legible(seen, found), _long(found & outside), 0, seconds)


def invented(work: Path, seed: int, rounds: int) -> Iterator[Row]:
    """The strips of invented pages."""
    planted = frozenset(words(" ".join(PLANTED)))
    for number, page in enumerate(pages(seed, rounds), start=1):
        yield _of_planted(page, f"invented-{number}", planted, work)


def _of_planted(page: Planted, name: str, planted: frozenset[str], work: Path) -> Row:
    began = time.monotonic()
    seen = glance(page.image, Sought(page.patient, INDEX), GlanceSettings(work, ZONE, engine()))
    seconds = time.monotonic() - began
    found = read(seen.strip, seen.dpi)
    outside = _long(found & (planted - page.tokens))
    return Row(name, "invented", _kinds(seen), _legible(seen, found), outside, foreign_ink(seen, page), seconds)


def _kinds(seen: Glimpse) -> frozenset[str]:
    return frozenset(trait.kind.value for trait in seen.traits)


def _legible(seen: Glimpse, found: set[str]) -> frozenset[str]:
    """A number may be read in other groups."""
    joined = "".join(sorted(found))
    said = {
        trait.kind
        for trait in seen.traits
        if set(words(trait.value)) <= found
        or (trait.kind in {TraitKind.INS, TraitKind.BIRTH_DATE} and "".join(words(trait.value)) in joined)
    }
    return frozenset(kind.value for kind in said)


def _long(found: set[str] | frozenset[str]) -> frozenset[str]:
    return frozenset(word for word in found if len(word) >= SHORTEST)


def table(title: str, rows: Sequence[Row]) -> str:
    """The figures of one run."""
    matched = sum(bool(row.kinds) for row in rows)
    fields = sum(len(row.kinds) for row in rows)
    legible = sum(len(row.legible) for row in rows)
    name_and_more = sum(len(row.legible) > 1 for row in rows)
    lines = [
        title,
        f"  strips                                     {len(rows)}",
        f"  words of the page outside identity fields  {sum(len(row.outside) for row in rows)}",
        f"  pixels of other ink, most on one strip     {max((row.foreign for row in rows), default=0)}",
        f"  strips with a matched trait                {matched} ({matched / max(len(rows), 1):.0%})",
        f"  strips with two legible kinds or more      {name_and_more} ({name_and_more / max(len(rows), 1):.0%})",
        f"  kinds of traits matched, legible by OCR    {fields}, {legible} ({legible / max(fields, 1):.0%})",
        f"  seconds a page, mean and most              {sum(row.seconds for row in rows) / max(len(rows), 1):.1f}, "
        f"{max((row.seconds for row in rows), default=0.0):.1f}",
    ]
    lines += [f"  {row.page}: {', '.join(sorted(row.outside))}" for row in rows if row.outside]
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=CORPUS)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path, default=Path("docs/soak/strips.txt"))
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        work, runs = Path(folder), list[tuple[str, list[Row]]]()
        runs.append((f"Invented pages, {asked.rounds} rounds", list(invented(work, 20261122, asked.rounds))))
        if (asked.corpus / "truth.json").exists():
            runs.append(("Corpus, the patient announced", list(judged(asked.corpus, work, announced=True))))
            runs.append(("Corpus, nobody announced", list(judged(asked.corpus, work, announced=False))))
    head = f"{datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, Python {platform.python_version()}, zone {ZONE}"
    text = "\n\n".join([head, *(table(title, rows) for title, rows in runs)])
    asked.out.write_text(text + "\n", encoding="utf-8")
    print(text)
    return int(any(row.outside for _, rows in runs for row in rows))


if __name__ == "__main__":
    sys.exit(main())
