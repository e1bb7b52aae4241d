"""Types and days proposed on a corpus with known truth: the table of types, and how many days are right.

    python bench/indexing.py [--corpus DIR] [--workers N]

DIR is as for `bench/sample.py`. Every page is read as the station reads it; what is proposed stands beside `doc_type`
and `date_document`, and handwritten days are counted apart. Ends with 1 where more than 2 % of the documents have a
wrong type, or a wrong day.
"""

import argparse
import os
import platform
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from PIL import Image

from bench.sample import CORPUS, truth_of
from bench.strips import roster
from pipeline.identity.traits import normalise
from pipeline.indexing.days import written
from pipeline.indexing.propose import propose
from pipeline.indexing.table import shipped
from pipeline.model import PageImage
from pipeline.recognise import Recogniser, RecogniseSettings
from tests.compose_fixtures import clearance, flate, jpeg, scan

Json = Mapping[str, Any]
NONE: Final = "-"
ALLOWED: Final = 0.02


@dataclass(frozen=True, slots=True)
class Row:
    """One document: what it is and of which day, and what was proposed, with the confidence."""

    document: str
    level: str
    type: str
    proposed_type: str
    type_confidence: int
    date: str
    proposed_date: str
    date_confidence: int
    by_hand: bool
    """Whether its day is handwritten."""
    seconds: float
    """Of proposing alone."""

    @property
    def type_right(self) -> bool:
        return self.proposed_type == self.type

    @property
    def date_right(self) -> bool:
        return self.proposed_date == self.date


def rows(corpus: Path, workers: int) -> Iterator[Row]:
    truth, table = truth_of(corpus), shipped()
    births = {ref: patient.birth_date for ref, patient in roster(corpus).items()}
    latest = date.fromisoformat(truth["reference_day"])
    with tempfile.TemporaryDirectory(prefix="bench-", dir="/dev/shm") as folder, ExitStack() as opened:
        recogniser = opened.enter_context(Recogniser(RecogniseSettings(Path(folder), workers=workers)))
        for document in truth["documents"]:
            pages = scan(*(_image(corpus, page) for page in document["pages"]))
            recognised = recogniser.recognise(pages, clearance())
            began = time.process_time()
            index = propose(pages, recognised, table, latest, births.get(document["patient_id"]))
            kind, day = index.proposed_type, index.proposed_date
            yield Row(
                document=document["doc_id"],
                level=document["level"],
                type=document["doc_type"],
                proposed_type=kind.value if kind else NONE,
                type_confidence=kind.confidence if kind else 0,
                date=document["date_document"],
                proposed_date=day.value if day else NONE,
                date_confidence=day.confidence if day else 0,
                by_hand=_by_hand(document, latest),
                seconds=time.process_time() - began,
            )


def _image(corpus: Path, page: Json) -> PageImage:
    dpi = (float(page["dpi"][0]), float(page["dpi"][1]))
    path = corpus / page["file"]
    with Image.open(path) as opened:
        if opened.format == "JPEG":
            return replace(jpeg(opened, dpi), payload=path.read_bytes())
        return flate(opened, dpi)


def _by_hand(document: Json, latest: date) -> bool:
    """Whether the day stands on no printed line."""
    printed = [line["text"] for page in document["pages"] for line in page["lines"] if line["kind"] == "printed"]
    days = {found.day.isoformat() for text in printed for found in written(normalise(text), latest)}
    return document["date_document"] not in days


def table(found: Sequence[Row]) -> str:
    """The table of types, then the shares."""
    counts = Counter((row.type, row.proposed_type) for row in found)
    types = sorted({row.type for row in found})
    proposed = sorted({row.proposed_type for row in found} - set(types))
    heads = [*types, *proposed]
    width = max(map(len, [*heads, "truth"])) + 2
    lines = ["truth \\ proposed".ljust(width) + "".join(head[:11].rjust(13) for head in heads)]
    lines += [kind.ljust(width) + "".join(str(counts[kind, head] or ".").rjust(13) for head in heads) for kind in types]
    printed = [row for row in found if not row.by_hand]
    by_hand = [row for row in found if row.by_hand]
    return "\n".join(
        [
            *lines,
            "",
            _share("types", found, [row.type_right for row in found], [row.proposed_type == NONE for row in found]),
            _share("days, all", found, [r.date_right for r in found], [r.proposed_date == NONE for r in found]),
            _share(
                "days, printed", printed, [r.date_right for r in printed], [r.proposed_date == NONE for r in printed]
            ),
            _share(
                "days, by hand", by_hand, [r.date_right for r in by_hand], [r.proposed_date == NONE for r in by_hand]
            ),
            f"{1000 * sum(row.seconds for row in found) / max(1, len(found)):.0f} ms of processor time a document",
        ]
    )


def _share(what: str, found: Sequence[Row], right: Sequence[bool], none: Sequence[bool]) -> str:
    total = max(1, len(found))
    wrong = len(found) - sum(right) - sum(none)
    shares = f"{100 * sum(right) / total:.1f} % right, {100 * wrong / total:.1f} % wrong"
    return f"{what}: {sum(right)} of {len(found)} right, {sum(none)} not proposed, {wrong} wrong ({shares})"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--corpus", type=Path, default=CORPUS)
    options.add_argument("--workers", type=int, default=1)
    chosen = options.parse_args()
    if not (chosen.corpus / "truth.json").exists():
        sys.exit(f"no corpus in {chosen.corpus}: name it with --corpus")
    found = list(rows(chosen.corpus, chosen.workers))
    machine = f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}"
    print(f"{datetime.now(UTC):%Y-%m-%d}, {machine}\n")
    for row in found:
        if not (row.type_right and row.date_right):
            print(f"{row.document} {row.level:7} {row.type} -> {row.proposed_type}   {row.date} -> {row.proposed_date}")
    print(f"\n{table(found)}")
    wrong_types = sum(row.proposed_type not in (row.type, NONE) for row in found)
    wrong_days = sum(row.proposed_date not in (row.date, NONE) for row in found)
    sys.exit(1 if max(wrong_types, wrong_days) > ALLOWED * len(found) else 0)


if __name__ == "__main__":
    main()
