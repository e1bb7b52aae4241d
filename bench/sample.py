"""The station on corpora of scans with known truth: the table of every document, the confusion table, counts and times.

    python bench/sample.py [--corpus DIR]... [--seed N]... [--generator-python PYTHON] [--rule two-sources|separator]

DIR holds `patients.csv`, `authorizations.csv`, `batches/` and `truth.json`, which says what lies on each page and what
the gate must answer; by default $LIASSE_CORPUS/sample, else ../shared/corpus/sample. Each seed is a corpus made afresh
by `../gen/make_records.py` beside it, with a Python that has what its README asks for.
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
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

CORPUS: Final = Path(os.environ.get("LIASSE_CORPUS", "../shared/corpus")) / "sample"
PAYLOAD: Final = "LIASSE1|{patient_id}|{doc_type}|{doc_id}|{crc}"
UNREADABLE: Final = "unreadable_separator"
_TWO: Final = 2

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
    printed: frozenset[str]
    """What its pages show in print, whoever reads it: `nir`, `name-and-birth-date`."""
    trap: str
    """What is wrong with the paper, if anything."""
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
    def decidable(self) -> bool:
        """Two sources at least are printed, its sheet among them where it can be read, and nothing is wrong with it."""
        return not self.trap and len(self.printed) + (self.separator == "readable") >= _TWO

    @property
    def decided(self) -> bool:
        """Without a person: deposited, or refused by the gate."""
        return bool(self.ends) and all(end["outcome"] in {"deposited", "refused"} for end in self.ends)

    @property
    def wrong(self) -> bool:
        """Decided as somebody else's paper."""
        return self.decided and any(end["patient"] != self.patient for end in self.ends)

    @property
    def kind(self) -> str:
        """The row of the confusion table."""
        if self.trap:
            return f"trap: {self.trap}"
        sources = len(self.printed) + (self.separator == "readable")
        return f"{sources} sources printed" if self.decidable else "one source printed, or none"


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
    separators: int
    """Sheets in the files, those that nobody can read included."""

    @property
    def separators_read(self) -> int:
        """Sheets that were told from pages, and opened a document."""
        return sum(line["columns"]["separator"] for line in self.lines("file"))

    def lines(self, kind: str) -> list[Json]:
        return [line for line in map(json.loads, self.told.splitlines()) if line["kind"] == kind]

    @property
    def wrongly_deposited(self) -> list[Row]:
        """Documents at the host whose authorization does not hold. There must be none."""
        return [row for row in self.rows if row.deposited and not row.may_pass]

    @property
    def under_another(self) -> list[Row]:
        """Documents at the host under another patient than their paper shows."""
        return [row for row in self.rows if row.under - {row.patient}]

    @property
    def wrongly_decided(self) -> list[Row]:
        """Documents that were taken for somebody else's, whatever the gate said then. There must be none."""
        return [row for row in self.rows if row.wrong]

    @property
    def decidable(self) -> list[Row]:
        return [row for row in self.rows if row.decidable]

    @property
    def decided(self) -> list[Row]:
        return [row for row in self.decidable if row.decided and not row.wrong]

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
    sheets = sum(page["role"] == "separator" for batch in truth["batches"] for page in batch.get("pages", ()))
    rows = tuple(_rows(truth, documents))
    return Result(rows, ran.stdout, ran.stderr, time.monotonic() - wall, _cpu() - cpu, sheets)


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
    known = {document["doc_id"]: document for document in truth["documents"]}
    rows = []
    for batch in truth["batches"]:
        file = Path(batch["file"]).name
        for expected in batch["expected"]["documents"]:
            pages, of = tuple(page + 1 for page in expected["pages"]), known[expected["doc_id"]]
            separator, named, trap = _separator(batch.get("pages", ()), pages[0])
            rows.append(
                Row(
                    document=expected["doc_id"],
                    file=file,
                    pages=pages,
                    patient=expected["patient_id"],
                    doc_type=expected["doc_type"],
                    may_pass=of["expected_gate"] == "upload",
                    separator=separator,
                    named=named,
                    printed=_printed(of),
                    trap=trap,
                    ends=tuple(d for d in documents if d["file"] == file and set(d["pages"]) & set(pages)),
                )
            )
    return rows


def _printed(document: Json) -> frozenset[str]:
    """The sources that stand in print on a document's pages: a number, a name beside a birth date."""
    found = set()
    for page in document["pages"]:
        fields = page.get("fields") or {}
        print_ = " ".join(line["text"] for line in page["lines"] if line["kind"] == "printed")
        if fields.get("nir") and fields["nir"][:13] in print_.replace(" ", ""):
            found.add("nir")
        if fields.get("date_naissance") and not fields.get("handwritten_identity"):
            found.add("name-and-birth-date")
    return frozenset(found)


def _separator(pages: Sequence[Json], first: int) -> tuple[str, str | None, str]:
    """The sheet right before a document, its blank back aside: can it be read, whom does it name, what is its trap?"""
    for page in reversed(pages[: first - 1]):
        if page["role"] == "separator":
            trap = page.get("trap") or ""
            if trap == UNREADABLE:
                return "unreadable", None, trap
            return "readable", page["payload"].split("|")[1], "" if trap == "duplicate_page" else trap
        if page["role"] != "blank_verso":
            return "none", None, "missing_separator" if any(p["role"] == "separator" for p in pages[:first]) else ""
    return "none", None, ""


def table(result: Result) -> str:
    """One line a document, the confusion table, then the counts that are promised."""
    head = ("document", "file", "pages", "patient", "type", "gate", "separator", "names", "outcome", "reason", "by")
    (accounts,) = result.lines("accounts")
    images = accounts["images"]
    columns = " + ".join(f"{count} {name}" for name, count in images.items() if count and name not in _SUMS)
    share = f"{len(result.decided)} of {len(result.decidable)}"
    a_minute = 60 * images["captured"] / result.wall
    return "\n".join(
        [
            *_aligned([head, *map(_line, result.rows)]),
            "",
            *_aligned(_confusion(result)),
            "",
            f"deposited though the authorization does not hold: {len(result.wrongly_deposited)}",
            f"deposited under a wrong patient: {len(result.under_another)}",
            f"decided as a wrong patient's, whatever became of it: {len(result.wrongly_decided)}",
            f"pages in two columns or none: {len(result.misplaced)}",
            f"decided without a person, of those that two printed sources decide: {share}",
            f"separators read: {result.separators_read} of {result.separators}",
            f"images: {images['captured']} captured = {columns} ({_balance(images)})",
            f"paper: {_balance(accounts['paper'])}",
            f"{result.wall:.1f} s, {result.cpu:.1f} s of processor time, {a_minute:.0f} images a minute",
        ]
    )


def _aligned(lines: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]


def _confusion(result: Result) -> list[tuple[str, ...]]:
    """What was printed, against what was decided: documents."""
    decided = Counter((row.kind, _verdict(row)) for row in result.rows)
    columns = sorted({verdict for _, verdict in decided}, key=lambda one: (not one.startswith("decided"), one))
    kinds = sorted({kind for kind, _ in decided})
    return [
        ("documents that show", *columns),
        *((kind, *(str(decided[kind, column] or ".") for column in columns)) for kind in kinds),
    ]


def _verdict(row: Row) -> str:
    if row.wrong:
        return "decided WRONG"
    return "decided right" if row.decided else f"held {row.reason}" if row.outcome == "held" else row.outcome


_SUMS: Final = ("captured", "balanced")


def _balance(equation: Json) -> str:
    return "balanced" if equation["balanced"] else "NOT BALANCED"


def _line(row: Row) -> tuple[str, ...]:
    pages = ",".join(map(str, row.pages))
    gate = "open" if row.may_pass else "closed"
    named = "" if row.named == row.patient else row.named or ""
    by = " ".join(sorted({source for end in row.ends for source in end["identified_by"]}))
    known = (row.document, row.file, pages, row.patient, row.doc_type, gate, row.separator, named)
    return *known, row.outcome, row.reason, by


def _cpu() -> float:
    """Of this process and of the programs that it ran, seconds."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


@contextmanager
def _made(seed: int, python: str) -> Iterator[Path]:
    """A corpus of another seed, by the generator beside the shared one."""
    generator = CORPUS.parent / "gen" / "make_records.py"
    with tempfile.TemporaryDirectory(prefix=f"seed-{seed}-") as folder:
        command = [python, str(generator), "--seed", str(seed), "--pages", "40", "--out", folder, "--payload", PAYLOAD]
        subprocess.run(command, check=True, capture_output=True)
        yield Path(folder)


def _told(corpus: Path, rule: str) -> bool:
    """Print a corpus's table; whether nothing is wrong."""
    command = str(Path(sys.executable).with_name("liasse"))
    with tempfile.TemporaryDirectory(prefix="sample-") as folder:
        _run([command, "init", f"{folder}/station", "--trial", "--yes"], None)
        config = Path(folder, "station", "config.toml")
        config.write_text(
            f'{config.read_text(encoding="utf-8")}\n[identification]\nrule = "{rule}"\n', encoding="utf-8"
        )
        result = process([command, "--config", str(config)], corpus)
    print(table(result), flush=True)
    return not (result.wrongly_deposited or result.under_another or result.wrongly_decided or result.misplaced)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument(
        "--corpus", type=Path, action="append", help="by default the shared one, unless a seed is given"
    )
    options.add_argument("--seed", type=int, action="append", default=[])
    options.add_argument("--generator-python", default=sys.executable)
    options.add_argument("--rule", choices=("two-sources", "separator"), default="two-sources")
    asked = options.parse_args()
    corpora = asked.corpus or ([CORPUS] if (CORPUS / "truth.json").exists() else [])
    if not corpora and not asked.seed:
        sys.exit(f"no corpus in {CORPUS}: name it with --corpus")
    machine = f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}"
    print(f"{datetime.now(UTC):%Y-%m-%d}, {machine}; rule {asked.rule}")
    right = True
    for corpus in corpora:
        print(f"\n# {corpus.name}; the gate judges as of {truth_of(corpus)['reference_day']}\n")
        right &= _told(corpus, asked.rule)
    for seed in asked.seed:
        with _made(seed, asked.generator_python) as corpus:
            print(f"\n# seed {seed}, made afresh; as of {truth_of(corpus)['reference_day']}\n")
            right &= _told(corpus, asked.rule)
    sys.exit(0 if right else 1)


if __name__ == "__main__":
    main()
