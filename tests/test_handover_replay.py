"""The ledger alone tells the accounts: whatever was done, no image is lost or counted twice, and no gap is hidden."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handover.replay import replay
from handover.told import Told
from pipeline.model import HeldReason

Entry = dict[str, Any]

DECISION = "d" * 64
SEALED = "5" * 64
ENDS = ("deposited", "refused", "closed", "held", "set-aside", "in-progress")
COLUMN = {"closed": "refused"}


def entry(kind: str, subject: str, outcome: str, **more: object) -> Entry:
    return {"type": kind, "object": subject, "outcome": outcome, "agents": {"software": "liasse/0.1.0"}, **more}


def captured(file: str) -> Entry:
    return entry("capture", f"file:{file}", "captured", within={"batch": "B"}, hashes_out=["a" * 64])


def split(file: str, **counts: int) -> Entry:
    return entry("split", f"file:{file}", "split", within={"batch": "B"}, counts=counts)


def journey(document: str, file: str, pages: int, end: str) -> list[Entry]:
    """The entries of a document that ended so, as the pipeline writes them."""

    def step(kind: str, outcome: str, **more: object) -> Entry:
        return entry(kind, f"document:{document}", outcome, within={"batch": "B", "file": file}, **more)

    counts, hashes = {"pages": pages}, [SEALED]
    cleared = step("consent-check", "cleared", decision=DECISION)
    steps = {
        "deposited": [
            step("identification", "identified"),
            cleared,
            step("identification", "agreed"),
            step("sealing", "sealed", hashes_out=hashes),
            step("deposit", "intended", decision=DECISION),
            step("receipt", "deposited", decision=DECISION, counts=counts, hashes_out=hashes),
        ],
        "refused": [
            step("consent-check", "patient-unknown", decision=DECISION),
            step("review", "patient-unknown", decision=DECISION, counts=counts),
        ],
        "closed": [
            step("consent-check", "withdrawn", decision=DECISION),
            step("sealing", "withdrawn", decision=DECISION, counts=counts, hashes_out=hashes),
        ],
        "held": [step("review", HeldReason.NO_SEPARATOR.value, counts=counts)],
        "set-aside": [step("review", "unreadable-scan", counts=counts)],
        "in-progress": [step("identification", "identified"), cleared],
    }
    return steps[end]


Documents = Sequence[tuple[int, str]]
documents = st.lists(st.tuples(st.integers(1, 9), st.sampled_from(ENDS)), max_size=5)
others = st.fixed_dictionaries({name: st.integers(0, 4) for name in ("separator", "blank", "duplicate")})


def story(name: str, contents: Documents, rest: Mapping[str, int]) -> list[Entry]:
    pages = sum(pages for pages, _ in contents) + sum(rest.values())
    told = [captured(name), split(name, pages=pages, documents=len(contents), **rest)]
    for number, (count, end) in enumerate(contents):
        told += journey(f"{name}.{number}", name, count, end)
    return told


@given(st.lists(st.tuples(documents, others), max_size=4), st.sampled_from([1, 2]))
def test_every_image_stands_in_one_column(files: list[tuple[Documents, dict[str, int]]], sides: int) -> None:
    entries = [step for n, (contents, rest) in enumerate(files) for step in story(f"F{n}", contents, rest)]
    told = replay(entries, sides)
    expected: Counter[str] = Counter()
    for contents, rest in files:
        expected.update(rest)
        for pages, end in contents:
            expected[COLUMN.get(end, end)] += pages
    assert not told.contradictions
    assert told.images.balanced
    assert told.images.in_progress == expected.pop("in-progress", 0)
    assert {name: count for name, count in told.images.columns.items() if count} == +expected
    sheets = sum(-(-file.images.captured // sides) for file in told.files.values())
    assert told.paper.scanned == max(0, sheets - told.images.columns["separator"])
    assert told.entries == len(entries)


@given(documents.filter(bool), others, st.data())
def test_an_end_that_is_not_told_leaves_its_pages_on_their_way(
    contents: Documents, rest: dict[str, int], drawn: st.DataObject
) -> None:
    entries = story("F", contents, rest)
    ended = [step for step in entries if step["object"].startswith("document:") and "pages" in step.get("counts", {})]
    before = replay(entries, 1)
    if ended:
        lost = drawn.draw(st.sampled_from(ended))
        after = replay([step for step in entries if step is not lost], 1)
        assert after.images.in_progress == before.images.in_progress + lost["counts"]["pages"]


def deposited(changed: Mapping[str, object], without: str = "") -> Told:
    *steps, receipt = journey("D", "F", 2, "deposited")
    before = [captured("F"), split("F", pages=2, documents=1, separator=0, blank=0, duplicate=0)]
    return replay([*before, *(step for step in steps if step["outcome"] != without), {**receipt, **changed}], 1)


@pytest.mark.parametrize("missing", ["identified", "cleared", "agreed", "sealed", "intended"])
def test_a_receipt_without_what_must_come_before_it_is_a_contradiction(missing: str) -> None:
    assert deposited({}).contradictions == ()
    assert deposited({}, without=missing).contradictions == ("document:D",)


@pytest.mark.parametrize("changed", [{"decision": "e" * 64}, {"hashes_out": ["6" * 64]}, {"decision": None}])
def test_a_receipt_of_another_decision_or_object_is_a_contradiction(changed: dict[str, object]) -> None:
    assert deposited(changed).contradictions == ("document:D",)


def test_a_withdrawal_that_was_the_gates_last_word_contradicts_the_receipt() -> None:
    steps = journey("D", "F", 1, "deposited")
    withdrawn = journey("D", "F", 1, "closed")[0]
    before = [captured("F"), split("F", pages=1)]
    assert replay([*before, *steps[:-1], withdrawn, steps[-1]], 1).contradictions == ("document:D",)
    assert replay([*before, withdrawn, *steps], 1).contradictions == ()


@pytest.mark.parametrize(
    ("entries", "subject"),
    [
        ([captured("F"), captured("F")], "file:F"),
        ([split("F", pages=1)], "file:F"),
        ([captured("F"), split("F", pages=1), split("F", pages=1)], "file:F"),
        ([captured("F"), split("F", documents=1)], "file:F"),
        ([captured("F"), *journey("D", "F", 1, "held")], "document:D"),
        ([captured("F"), split("F", pages=4), *2 * journey("D", "F", 2, "held")], "document:D"),
        ([captured("F"), split("F", pages=1), *journey("D", "F", 2, "held")], "file:F"),
        ([captured("F"), split("F", pages=1), *journey("D", "F", 1, "refused")[1:]], "document:D"),
    ],
)
def test_entries_that_disagree_are_told(entries: list[Entry], subject: str) -> None:
    assert replay(entries, 1).contradictions == (subject,)


def test_duplicates_and_files_set_aside_stand_in_their_columns_and_unopened_files_are_on_their_way() -> None:
    entries = [
        captured("F"),
        split("F", **{"pages": 3, "set-aside": 3}),
        {**captured("G"), "outcome": "duplicate", "counts": {"pages": 3}},
        captured("H"),
    ]
    told = replay(entries, 2)
    assert (told.images.captured, told.images.in_progress) == (7, 1)
    assert (told.images.columns["set-aside"], told.images.columns["duplicate"]) == (3, 3)
    assert told.paper.scanned == 2


@pytest.mark.parametrize(("sides", "scanned"), [(1, 5), (2, 3)])
def test_a_separator_that_is_printed_on_both_sides_is_one_sheet(sides: int, scanned: int) -> None:
    """Two such separators and five sides of paper, of which the last has no back."""
    counts = {"pages": 9, "documents": 2, "separator": 4, "separator-backs": 2}
    ends = [*journey("D1", "F", 2, "held"), *journey("D2", "F", 3, "held")]
    told = replay([captured("F"), split("F", **counts), *ends], sides)
    assert (told.paper.scanned, told.images.columns["separator"], told.images.balanced) == (scanned, 4, True)


def test_paper_is_told_by_its_movements() -> None:
    moves = (("capture", "received", 10), ("capture", "unscanned", 3), ("return", "returned", 4))
    boxes = [entry(kind, "box:C", outcome, counts={"sheets": sheets}) for kind, outcome, sheets in moves]
    boxes.append(entry("destruction", "box:C", "destroyed", counts={"sheets": 2}))
    paper = replay([captured("F"), split("F", pages=13, blank=13), *boxes], 2).paper
    assert (paper.declared, paper.received, paper.scanned, paper.workshop) == (True, 10, 7, 4)
    assert paper.balanced
