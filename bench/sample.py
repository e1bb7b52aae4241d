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
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

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
    ends: tuple[Json, ...]
    """What the station told of these pages: one document, if it sees them as the truth does."""

    @property
    def outcome(self) -> str:
        return " ".join(sorted({end["outcome"] for end in self.ends})) or "nothing"

    @property
    def reason(self) -> str:
        return " ".join(sorted({end["reason"] or "" for end in self.ends})).strip()

    @property
    def deposited(self) -> bool:
        return any(end["outcome"] == "deposited" for end in self.ends)

    @property
    def under(self) -> frozenset[str | None]:
        """Under which references pages of it went to the host."""
        return frozenset(end["patient"] for end in self.ends if end["outcome"] == "deposited")

    @property
    def should_pass(self) -> bool:
        """Authorized, and behind a sheet that can be read."""
        return self.may_pass and self.separator == "readable"


@dataclass(frozen=True, slots=True)
class Result:
    """The table, with what it cost; times in seconds."""

    rows: tuple[Row, ...]
    told: str
    """Standard output of `liasse process --json`."""
    talk: str
    """Its standard error."""
    wall: float
    cpu: float

    def lines(self, kind: str) -> list[Json]:
        return [line for line in map(json.loads, self.told.splitlines()) if line["kind"] == kind]

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

    @property
    def misplaced(self) -> list[str]:
        """Pages in two documents, and files whose columns are not their pages."""
        documents = self.lines("document")
        seen = Counter((line["file"], page) for line in documents for page in line["pages"])
        wrong = [f"{file}:{page}" for (file, page), times in seen.items() if times > 1]
        for file in self.lines("file"):
            columns = file["columns"]
            elsewhere = sum(columns[role] for role in ("separator", "blank", "duplicate"))
            in_documents = sum(times for (name, _), times in seen.items() if name == file["file"])
            if not file["pages"] == file["accounted"] == sum(columns.values()) == elsewhere + in_documents:
                wrong.append(file["file"])
        return wrong


def process(liasse: Sequence[str], corpus: Path, environment: Mapping[str, str] | None = None) -> Result:
    """Import roster and register, process every batch file, and lay the outcomes beside the truth.

    `liasse` is the command with its configuration. Raises CalledProcessError.
    """
    truth = truth_of(corpus)
    _run([*liasse, "patient", "import", str(corpus / "patients.csv")], environment)
    _run([*liasse, "authorization", "import", str(corpus / "authorizations.csv")], environment)
    wall, cpu = time.monotonic(), _cpu()
    day = str(truth["reference_day"])
    ran = _run([*liasse, "--as-of", day, "process", str(corpus / "batches"), "--json"], environment)
    documents = [line for line in map(json.loads, ran.stdout.splitlines()) if line["kind"] == "document"]
    return Result(tuple(_rows(truth, documents)), ran.stdout, ran.stderr, time.monotonic() - wall, _cpu() - cpu)


def _run(command: Sequence[str], environment: Mapping[str, str] | None) -> subprocess.CompletedProcess[str]:
    """Run to the end; something may wait for a person."""
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if ran.returncode not in {0, 3}:
        sys.stderr.write(ran.stderr)
        ran.check_returncode()
    return ran


def truth_of(corpus: Path) -> Json:
    truth: Json = json.loads((corpus / "truth.json").read_text(encoding="utf-8"))
    return truth


def _rows(truth: Json, documents: Sequence[Json]) -> list[Row]:
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
                    ends=tuple(d for d in documents if d["file"] == file and set(d["pages"]) & set(pages)),
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
    (accounts,) = result.lines("accounts")
    images = accounts["images"]
    columns = " + ".join(f"{count} {name}" for name, count in images.items() if count and name not in _SUMS)
    reached = f"{len(result.reached)} of {len(result.expected)}"
    a_minute = 60 * images["captured"] / result.wall
    return "\n".join(
        [
            *text,
            "",
            f"deposited though the authorization does not hold: {len(result.wrongly_deposited)}",
            f"deposited under another patient than the separator names: {len(result.under_another)}",
            f"pages in two columns or none: {len(result.misplaced)}",
            f"deposited, of those that may pass and follow a readable separator: {reached}",
            f"images: {images['captured']} captured = {columns} ({_balance(images)})",
            f"paper: {_balance(accounts['paper'])}",
            f"{result.wall:.1f} s, {result.cpu:.1f} s of processor time, {a_minute:.0f} images a minute",
        ]
    )


_SUMS: Final = ("captured", "balanced")


def _balance(equation: Json) -> str:
    return "balanced" if equation["balanced"] else "NOT BALANCED"


def _line(row: Row) -> tuple[str, ...]:
    pages = ",".join(map(str, row.pages))
    gate = "open" if row.may_pass else "closed"
    named = "" if row.named == row.patient else row.named or ""
    return row.document, row.file, pages, row.patient, row.doc_type, gate, row.separator, named, row.outcome, row.reason


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
    command = str(Path(sys.executable).with_name("liasse"))
    with tempfile.TemporaryDirectory(prefix="sample-") as folder:
        _run([command, "init", f"{folder}/station", "--trial", "--yes"], None)
        result = process([command, "--config", f"{folder}/station/config.toml"], corpus)
    machine = f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}"
    print(f"{datetime.now(UTC):%Y-%m-%d}, {machine}; the gate judges as of {truth_of(corpus)['reference_day']}\n")
    print(table(result))
    sys.exit(1 if result.wrongly_deposited or result.under_another or result.misplaced else 0)


if __name__ == "__main__":
    main()
