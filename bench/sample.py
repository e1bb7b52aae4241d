"""The station on a corpus of scans with known truth: the table of every document, counts and times.

    python bench/sample.py [--corpus DIR]

DIR holds `patients.csv`, `authorizations.csv`, `batches/` and `truth.json`, which says what lies on each page and what
the gate must answer; by default $LIASSE_CORPUS/sample, else ../shared/corpus/sample.
"""

import argparse
import json
import os
import platform
import resource
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from pipeline.events import Accounts, DocumentSettled, Event, FileSettled
from pipeline.founding import Founding, found
from pipeline.runs import process_folder
from pipeline.station import Station, open_station

CORPUS: Final = Path(os.environ.get("LIASSE_CORPUS", "../shared/corpus")) / "sample"
UNREADABLE: Final = "unreadable_separator"

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """One document of the truth, and what became of its pages. Pages are 1-based positions in its file."""

    document: str
    file: str
    pages: tuple[int, ...]
    patient: str
    """Whose paper it is."""
    doc_type: str
    may_pass: bool
    """Whether the register, as it stands, lets it through."""
    separator: str
    """`readable`, `unreadable`, or `none` where no sheet stands before it."""
    named: str | None
    """Whom the sheet before it names."""
    ends: tuple[DocumentSettled, ...]
    """What the station made of these pages: one document, if it sees them as the truth does."""

    @property
    def outcome(self) -> str:
        return " ".join(sorted({end.outcome for end in self.ends})) or "nothing"

    @property
    def reason(self) -> str:
        return " ".join(sorted({end.reason or "" for end in self.ends})).strip()

    @property
    def deposited(self) -> bool:
        return any(end.outcome == "deposited" for end in self.ends)

    @property
    def under(self) -> frozenset[str | None]:
        """Under which references pages of it went to the host."""
        return frozenset(end.patient for end in self.ends if end.outcome == "deposited")

    @property
    def should_pass(self) -> bool:
        """Authorized, and behind a sheet that can be read."""
        return self.may_pass and self.separator == "readable"


@dataclass(frozen=True, slots=True)
class Result:
    """The table, with what it cost; times in seconds."""

    rows: tuple[Row, ...]
    files: tuple[FileSettled, ...]
    documents: tuple[DocumentSettled, ...]
    accounts: Accounts
    wall: float
    cpu: float

    @property
    def wrongly_deposited(self) -> list[Row]:
        """Documents at the host whose authorization does not hold. There must be none."""
        return [row for row in self.rows if row.deposited and not row.may_pass]

    @property
    def under_another(self) -> list[Row]:
        """Documents at the host under another patient than their sheet names, or their paper shows."""
        return [row for row in self.rows if row.under - {row.named} or row.under - {row.patient}]

    @property
    def expected(self) -> list[Row]:
        return [row for row in self.rows if row.should_pass]

    @property
    def reached(self) -> list[Row]:
        return [row for row in self.expected if row.deposited]

    def pages_not_in_one_column(self) -> list[tuple[str, int]]:
        """Content pages that stand in two documents, and files whose columns do not add up (as page 0)."""
        seen = Counter((document.name, page) for document in self.documents for page in document.pages)
        wrong = [place for place, times in seen.items() if times > 1]
        return wrong + [(file.name, 0) for file in self.files if not file.pages == file.accounted == _columns(file)]


def _columns(file: FileSettled) -> int:
    return sum(file.columns.values())


def process(station: Station, corpus: Path) -> Result:
    """Import roster and register, process every batch file, and lay the outcomes beside the truth."""
    station.import_sheet("roster", (corpus / "patients.csv").read_bytes())
    station.import_sheet("register", (corpus / "authorizations.csv").read_bytes())
    events: list[Event] = []
    wall, cpu = time.monotonic(), _cpu()
    process_folder(station, corpus / "batches", events.append, threading.Event())
    documents = tuple(event for event in events if isinstance(event, DocumentSettled))
    (accounts,) = (event for event in events if isinstance(event, Accounts))
    return Result(
        tuple(_rows(truth_of(corpus), documents)),
        tuple(event for event in events if isinstance(event, FileSettled)),
        documents,
        accounts,
        time.monotonic() - wall,
        _cpu() - cpu,
    )


def truth_of(corpus: Path) -> Json:
    truth: Json = json.loads((corpus / "truth.json").read_text(encoding="utf-8"))
    return truth


def reference_day(corpus: Path) -> date:
    """The day as of which the truth tells what the gate must answer."""
    return date.fromisoformat(truth_of(corpus)["reference_day"])


def _rows(truth: Json, documents: Sequence[DocumentSettled]) -> list[Row]:
    gate = {document["doc_id"]: document["expected_gate"] == "upload" for document in truth["documents"]}
    rows = []
    for batch in truth["batches"]:
        file = Path(batch["file"]).name
        for expected in batch["expected"]["documents"]:
            pages = tuple(page + 1 for page in expected["pages"])
            separator, named = _separator(batch.get("pages", ()), pages[0])
            rows.append(
                Row(
                    document=expected["doc_id"],
                    file=file,
                    pages=pages,
                    patient=expected["patient_id"],
                    doc_type=expected["doc_type"],
                    may_pass=gate[expected["doc_id"]],
                    separator=separator,
                    named=named,
                    ends=tuple(d for d in documents if d.name == file and set(d.pages) & set(pages)),
                )
            )
    return rows


def _separator(pages: Sequence[Json], first: int) -> tuple[str, str | None]:
    """The sheet right before a document, its blank back aside: can it be read, and whom does it name?"""
    for page in reversed(pages[: first - 1]):
        if page["role"] == "separator":
            readable = page["trap"] != UNREADABLE
            return ("readable", page["payload"].split("|")[1]) if readable else ("unreadable", None)
        if page["role"] != "blank_verso":
            break
    return "none", None


def table(result: Result) -> str:
    """One line a document, then the counts that are promised."""
    head = ("document", "file", "pages", "patient", "type", "gate", "separator", "names", "outcome", "reason")
    lines = [head, *map(_line, result.rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    text = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    images = result.accounts.images
    reached = f"{len(result.reached)} of {len(result.expected)}"
    columns = " + ".join(f"{count} {name}" for name, count in images.columns.items() if count)
    return "\n".join(
        [
            *text,
            "",
            f"deposited though the authorization does not hold: {len(result.wrongly_deposited)}",
            f"deposited under another patient than the separator names: {len(result.under_another)}",
            f"pages in two columns or none: {len(result.pages_not_in_one_column())}",
            f"deposited, of those that may pass and follow a readable separator: {reached}",
            f"images: {images.captured} captured = {columns} ({'balanced' if images.balanced else 'NOT BALANCED'})",
            f"paper: {'balanced' if result.accounts.paper.balanced else 'NOT BALANCED'}",
            f"{result.wall:.1f} s, {result.cpu:.1f} s of processor time, {_a_minute(result):.0f} images a minute",
        ]
    )


def _line(row: Row) -> tuple[str, ...]:
    pages = ",".join(map(str, row.pages))
    gate = "open" if row.may_pass else "closed"
    named = "" if row.named == row.patient else row.named or ""
    return row.document, row.file, pages, row.patient, row.doc_type, gate, row.separator, named, row.outcome, row.reason


def _a_minute(result: Result) -> float:
    return 60 * result.accounts.images.captured / result.wall


def _cpu() -> float:
    """Of this process and of the programs that it ran, seconds."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--corpus", type=Path, default=CORPUS)
    corpus = options.parse_args().corpus
    if not (corpus / "truth.json").exists():
        sys.exit(f"no corpus in {corpus}: name it with --corpus")
    folder = Path(tempfile.mkdtemp(prefix="sample-"))
    try:
        config = found(folder / "station", Founding("trial", "sample", "sample"), datetime.now(UTC))
        station = open_station(config, reference_day(corpus))
        try:
            result = process(station, corpus)
        finally:
            station.close()
    finally:
        shutil.rmtree(folder)
    machine = f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}"
    print(f"{datetime.now(UTC):%Y-%m-%d}, {machine}; the gate judges as of {reference_day(corpus)}\n")
    print(table(result))
    failed = result.wrongly_deposited or result.under_another or result.pages_not_in_one_column()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
