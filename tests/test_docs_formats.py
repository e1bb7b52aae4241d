"""The reference tells every entry type, column, key, field and reserve as the program has them, and no other."""

import ast
import importlib
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

import pytest

from consent_gate import cells, imports
from handover import lists
from lexicon import catalogue
from pipeline import separator
from pipeline.events import (
    Accounts,
    BatchClosed,
    DocumentSettled,
    Event,
    FileSettled,
    FilesLeft,
    Hindered,
    InboxGone,
    PagesRead,
)
from pipeline.office.report import lines_of
from storage.accounts import COLUMNS, Custody, Images, Paper
from storage.custody import EntryType, ObjectKind, read_entry
from storage.evidence import Flaw, Guarantee
from storage.keys import StationKeys
from tests.conftest import Processed
from tests.docs_fixtures import HOUSE, coded, fences, generate, headings, page, rows, section

NOW = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)


def first_column(text: str) -> set[str]:
    return {word for row in rows(text) for word in coded(row[0])}


# Custody


def test_every_entry_type_object_kind_and_guarantee_is_told() -> None:
    types = first_column(section(page("custody"), "Types"))
    assert types == {kind.value for kind in EntryType}
    assert set(coded(section(page("custody"), "An entry"))) >= {kind.value for kind in ObjectKind}
    assert first_column(section(page("custody"), "Guarantees")) == {g.value for g in Guarantee}
    flaws = {words for level, words in headings(page("custody")) if level == 3}
    assert flaws == {flaw.value for flaw in Flaw}


def test_the_types_told_as_reserved_are_those_that_nobody_writes() -> None:
    reserved = {
        word for row in rows(section(page("custody"), "Types")) if "reserved" in row[3] for word in coded(row[0])
    }
    written: set[str] = set()
    for path in generate.sources():
        if path.name not in ("custody.py", "replay.py"):
            tree = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            written |= {n.attr for n in tree if isinstance(n, ast.Attribute) and _is(n.value, "EntryType")}
    assert reserved == {kind.value for kind in EntryType if kind.name not in written}


def _is(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def outcomes() -> dict[str, set[str]]:
    """The outcomes that the table tells of each type; a type's further rows have an empty first cell."""
    told: dict[str, set[str]] = {}
    kind = ""
    for row in rows(section(page("custody"), "Types"))[2:]:
        kind = "".join(coded(row[0])) or kind
        told[kind] = told.get(kind, set()) | set(coded(row[2])) | ({"*"} if "a reason" in row[2] else set())
    return told


def test_every_entry_that_a_station_wrote_is_in_the_table(processed: Processed) -> None:
    """Type, object and outcome of each, over a whole run on the invented records."""
    told, reasons = outcomes(), {*catalogue.REASONS, *catalogue.FAULTS}
    entries = processed.trial.run("custody", "show").lines
    assert len(entries) > 100
    untold = [e for e in entries if e["outcome"] not in told[e["type"]] and not _reason(e["outcome"], told, e, reasons)]
    assert not untold


def _reason(outcome: str, told: dict[str, set[str]], entry: dict[str, str], reasons: set[str]) -> bool:
    return "*" in told[entry["type"]] and outcome in reasons


def test_every_outcome_that_the_code_names_is_in_the_table() -> None:
    told = outcomes()
    named = {pair for path in generate.sources() for pair in _named(ast.parse(path.read_text(encoding="utf-8")))}
    assert len(named) > 10
    assert not {(kind, outcome) for kind, outcome in named if outcome not in told[kind]}


def _named(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Type and constant outcomes of each draft of an entry."""
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        for position, argument in enumerate(call.args):
            if isinstance(argument, ast.Attribute) and _is(argument.value, "EntryType"):
                for later in call.args[position + 1 :]:
                    for constant in ast.walk(later):
                        if isinstance(constant, ast.Constant) and re.fullmatch(
                            r"[a-z]+(-[a-z]+)*", str(constant.value)
                        ):
                            yield EntryType[argument.attr].value, str(constant.value)


def test_the_entry_shown_is_one_that_the_ledger_could_have_written() -> None:
    (sample,) = fences(section(page("custody"), "An entry"), "json")
    assert read_entry(sample.rstrip("\n").encode())["type"] == "consent-check"


# Imports


def test_every_column_is_told_with_its_header_and_whether_it_is_required() -> None:
    for words, headers, required in (
        ("Roster", imports.ROSTER_HEADERS, imports._ROSTER_REQUIRED),
        ("Register", imports.REGISTER_HEADERS, imports._REGISTER_REQUIRED),
    ):
        table = [row for row in rows(section(page("imports"), words)) if len(row) == 4 and coded(row[0])]
        assert {coded(row[0])[0]: coded(row[1])[0] for row in table} == dict(headers)
        assert {coded(row[0])[0] for row in table if row[2] == "yes"} == required


def test_every_kind_of_line_is_told_with_the_fact_that_it_becomes() -> None:
    table = [row for row in rows(section(page("imports"), "Register")) if len(row) == 3 and coded(row[1])]
    told = {coded(row[0])[0]: coded(row[1])[0] for row in table}
    read = {word: cells.said_by(word) for word in told}
    assert {word: said.kind.value for word, said in read.items() if said} == told
    assert set(cells._SAID.values()) == set(read.values())


# Keys, separator, JSON, handover


def test_every_key_of_a_station_is_told(tmp_path: Path) -> None:
    StationKeys.create(tmp_path / "keys", "atelier-1", NOW)
    table = [row for row in rows(page("keys")) if len(row) == 5]
    told = [name for row in table for name in coded(row[1])]
    assert sorted(told) == sorted(path.name for path in (tmp_path / "keys").iterdir())
    costs = {row[0] for row in rows(section(page("keys"), "What the loss of each costs"))}
    assert costs == {row[0] for row in table}


def test_the_payload_shown_is_one_that_the_splitter_reads() -> None:
    (text,) = fences(page("separator"), "text")
    said = separator.parse(text.strip())
    assert said is not None
    assert separator.payload(said) == text.strip()
    assert str(separator._LONGEST) in page("separator")


_FREE = frozenset({"station", "waiting", "flags"})
"""Objects of a line whose fields are shown in part, or are reasons, or pages."""


def events() -> dict[str, Event]:
    images = Images(1, dict.fromkeys(COLUMNS, 0), 1)
    paper = Paper(declared=False, received=1, scanned=1, unscanned=0, returned=0, destroyed=0)
    return {
        "document": DocumentSettled("d", "b", "f", "n", (1,), None, None, "held", "no-separator", 1, None, None),
        "file": FileSettled("f", "b", "n", "0", 1, 1, dict.fromkeys(COLUMNS, 0), None),
        "accounts": Accounts(images, paper, images, Custody(0, 0, 0), {}),
        "batch": BatchClosed("b", 1, 0),
        "left": FilesLeft("link", 1),
        "inbox": InboxGone("inbox", back=False),
        "hindered": Hindered("disk-full", over=False),
        "reading": PagesRead("d", "b", "f", "n", 100, 1000),
    }


@pytest.mark.parametrize("kind", ["document", "file", "accounts"])
def test_the_json_lines_shown_have_the_fields_of_the_program(kind: str) -> None:
    shown = {sample["kind"]: sample for sample in map(json.loads, fences(page("json"), "json"))}
    (line,) = lines_of(events()[kind])
    assert shown[kind].keys() == line.keys()
    assert {k: v.keys() for k, v in line.items() if isinstance(v, dict) and k not in _FREE} == {
        k: v.keys() for k, v in shown[kind].items() if isinstance(v, dict) and k not in _FREE
    }


@pytest.mark.parametrize("kind", ["reading", "batch", "left", "inbox", "hindered"])
def test_the_other_json_lines_have_the_fields_that_are_told(kind: str) -> None:
    (line,) = lines_of(events()[kind])
    (row,) = [row for row in rows(page("json")) if f'"kind":"{kind}"' in row[0]]
    assert set(coded(row[1])) >= line.keys() - {"kind"}


def test_the_handovers_columns_are_told_in_order() -> None:
    told = {coded(row[0])[0]: coded(row[1]) for row in rows(section(page("handover"), "Columns")) if coded(row[0])}
    assert told == {
        lists.DOCUMENTS: list(lists.DOCUMENT_COLUMNS),
        lists.REFUSALS: list(lists.REFUSAL_COLUMNS),
    }


def test_every_reserve_of_the_handover_is_told() -> None:
    tree = ast.parse((HOUSE / "handover" / "reserves.py").read_text(encoding="utf-8"))
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)]
    named = [c.args[0] for c in calls if isinstance(c.func, ast.Name) and c.func.id in ("Reserve", "_counted")]
    slugs = {argument.value for argument in named if isinstance(argument, ast.Constant)}
    assert first_column(section(page("handover"), "What was not checked")) == slugs


def test_no_value_that_is_kept_is_missing_from_the_vocabulary() -> None:
    """Enumerations whose values are stored or reported, wherever they are: a new one must be told somewhere."""
    everything = "\n".join(path.read_text(encoding="utf-8") for path in generate.pages())
    for module in (
        "consent_gate.model",
        "storage.custody",
        "storage.evidence",
        "pipeline.model",
        "consent_gate.imports",
    ):
        for kind in vars(importlib.import_module(module)).values():
            if isinstance(kind, type) and issubclass(kind, StrEnum) and kind.__module__ == module:
                if kind.__name__ in ("Encoding", "Colour", "ConflictKind"):
                    continue  # inside the pipeline; a conflict's kind is not told outside
                missing = [value.value for value in kind if not re.search(rf"\b{value.value}\b", everything)]
                assert not missing, kind
