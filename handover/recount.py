"""Both equations computed again from a package's lists alone, as a stranger would: no station, no key, no database."""

import csv
import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from handover.lists import DOCUMENTS, REFUSALS
from handover.summary import FILE
from storage.accounts import COLUMNS, FORM_COLUMNS

_IN_NO_LIST = ("separator", "blank", "duplicate")
_OF_NO_RETURN = ("blank", "duplicate", "set-aside")
_ENDED = ("executed", "locked")


@dataclass(frozen=True, slots=True)
class Recount:
    """The equations as the lists give them. `differing` names what the package states otherwise, or does not explain:
    `file:…`, a column, `captured`, `received` or `workshop`."""

    captured: int
    columns: Mapping[str, int]
    received: int
    workshop: int
    differing: tuple[str, ...]

    @property
    def balanced(self) -> bool:
        return not self.differing


def recount(folder: Path) -> Recount:
    """Count a package. Raises OSError, ValueError or KeyError for what is no package."""
    stated = json.loads((folder / FILE).read_text(encoding="utf-8"))
    columns = _columns(folder, stated)
    total = Counter(dict.fromkeys(COLUMNS, 0))
    for found in columns.values():
        total.update(found)
    captured = sum(file["images"]["captured"] for file in stated["files"])
    workshop = _workshop(stated)
    received = workshop + stated["paper"]["returned"] + stated["paper"]["destroyed"]
    differing = (
        *_files_differing(stated, columns),
        *_totals_differing(stated, captured, total, received, workshop),
        *_forms_differing(stated["forms"]),
        *_deletions_differing(folder, stated["deletions"]),
    )
    return Recount(captured, total, received, workshop, differing)


def _columns(folder: Path, stated: Mapping[str, Any]) -> dict[str, Counter[str]]:
    """By file: pages of the lists' documents and files; what is in no list as the file's line states it."""
    columns: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in _rows(folder / DOCUMENTS):
        columns[row["file"]]["deposited"] += int(row["pages"])
    for row in _rows(folder / REFUSALS):
        columns[row["file"]][row["outcome"]] += int(row["pages"])
    for file in stated["files"]:
        columns[file["file"]].update({column: file["images"][column] for column in _IN_NO_LIST})
    return columns


def _workshop(stated: Mapping[str, Any]) -> int:
    """Sheets scanned or set apart, and not given away; neither separators nor the sheets of a duplicate file count."""
    paper = stated["paper"]
    opened = [file for file in stated["files"] if file["outcome"] != "duplicate"]
    scanned = max(0, sum(_sheets(file, paper["sides"]) for file in opened))
    workshop: int = scanned + paper["unscanned"] - paper["returned"] - paper["destroyed"]
    return workshop


def _sheets(file: Mapping[str, Any], sides: int) -> int:
    """Of the client's: a separator that is printed on both sides is one sheet."""
    separators: int = file["images"]["separator"] - (file.get("separator_backs", 0) if sides > 1 else 0)
    captured: int = file["images"]["captured"]
    return -(-captured // sides) - separators


def _files_differing(stated: Mapping[str, Any], columns: Mapping[str, Counter[str]]) -> Iterator[str]:
    captured = {file["file"]: file["images"]["captured"] for file in stated["files"]}
    for identifier in sorted(columns.keys() | captured.keys()):
        if captured.get(identifier) != columns[identifier].total():
            yield f"file:{identifier}"


def _totals_differing(
    stated: Mapping[str, Any], captured: int, columns: Counter[str], received: int, workshop: int
) -> Iterator[str]:
    images, paper = stated["images"], stated["paper"]
    if captured != images["captured"]:
        yield "captured"
    yield from (column for column in COLUMNS if columns[column] != images[column])
    if received != paper["received"]:
        yield "received"
    if workshop != paper["workshop"] or workshop < 0:
        yield "workshop"


def _forms_differing(stated: Mapping[str, Any]) -> Iterator[str]:
    """Pages of authorization forms: each return's outcome is a column; what belongs to none as its file's line says."""
    columns: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for one in stated["returns"]:
        columns[one["file"]][f"form-{one['outcome']}"] += one["pages"]
    for file in stated["files"]:
        columns[file["file"]].update({column: file["images"][column] for column in _OF_NO_RETURN})
    captured = {file["file"]: file["images"]["captured"] for file in stated["files"]}
    for identifier in sorted(columns.keys() | captured.keys()):
        if captured.get(identifier) != columns[identifier].total():
            yield f"file:{identifier}"
    total = sum(columns.values(), Counter[str]())
    if sum(captured.values()) != stated["images"]["captured"]:
        yield "forms"
    yield from (column for column in FORM_COLUMNS if total[column] != stated["images"][column])


def _deletions_differing(folder: Path, stated: Sequence[Mapping[str, str]]) -> Iterator[str]:
    """Statements that are not as listed, and documents that are deleted without one."""
    told = set[str]()
    for one in stated:
        path = folder / one["statement"]
        content = path.read_bytes() if path.is_file() else b"{}"
        same = hashlib.sha256(content).hexdigest() == one["statement_sha256"]
        if not same or json.loads(content).get("document") != one["document"]:
            yield f"deletion:{one['deletion']}"
        elif one["outcome"] in _ENDED:
            told.add(one["document"])
    deleted = {row["document"] for row in _rows(folder / DOCUMENTS) if row["deletion"] in _ENDED}
    yield from (f"document:{document}" for document in sorted(deleted ^ told))


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        yield from csv.DictReader(stream, delimiter=";")
