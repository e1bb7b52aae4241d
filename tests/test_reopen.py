"""Set-aside files taken again: the accounts, the ledger and the batch's index follow."""

import json
from pathlib import Path
from typing import Any

import pytest

from handover.replay import replay
from lexicon.faults import StationFault
from pipeline.office import answers
from pipeline.office.answers import Answer
from pipeline.reopen import reopen
from pipeline.station import Station
from tests.custody_fixtures import require_balance
from tests.trial_fixtures import Few, Trial, work

NARROW = "[limits]\npixels = 1000\n"


def batch_of(station: Station) -> Answer:
    """The only batch, as `liasse batch show` tells it."""
    (found,) = answers.batches(station)
    return answers.batch(station, found["batch"])


def narrowed(trial: Trial, folder: Path) -> Answer:
    """Process a folder within limits that nothing passes; the batch then."""
    said = trial.config.read_text(encoding="utf-8")
    trial.config.write_text(said + NARROW, encoding="utf-8")
    with trial.opened() as station:
        work(station, folder)
        found = batch_of(station)
    trial.config.write_text(said, encoding="utf-8")
    return found


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    folder = tmp_path / "empty"
    folder.mkdir()
    return folder


def test_a_file_set_aside_is_taken_again_and_deposited(trial: Trial, few: Few, empty: Path) -> None:
    aside = narrowed(trial, few.path.parent)
    (file,) = aside["files"]
    assert (file["state"], file["reason"], file["attempts"]) == ("set-aside", "too-many-pixels", 1)
    assert aside["closed"] is not None
    ran = trial.run("batch", "reopen", aside["batch"], "--file", file["file"], "--json")
    assert (ran.code, json.loads(ran.out)) == (0, {"batch": aside["batch"], "files": [file["file"]]})
    with trial.opened() as station:
        assert batch_of(station)["closed"] is None
        work(station, empty)
        after = batch_of(station)
        require_balance(station)
        assert station.quarantine.ids() != (file["file"],)
    (file,) = after["files"]
    assert (file["state"], file["reason"], file["attempts"]) == ("settled", None, 2)
    assert [document["outcome"] for document in after["documents"]] == ["deposited", "refused"]
    assert (after["images"]["set-aside"], after["images"]["balanced"]) == (0, True)
    assert after["closed"] is not None
    assert trial.left_at_work() == []


def test_a_file_that_fails_again_is_set_aside_again(trial: Trial, few: Few, empty: Path) -> None:
    batch = narrowed(trial, few.path.parent)["batch"]
    with trial.opened() as station:
        assert len(reopen(station, batch)) == 1
        assert reopen(station, batch) == ()
    (file,) = narrowed(trial, empty)["files"]
    assert (file["state"], file["attempts"]) == ("set-aside", 2)
    with trial.opened() as station:
        require_balance(station)
        assert station.quarantine.ids() == (file["file"],)
        with pytest.raises(StationFault, match="batch-unknown"):
            reopen(station, file["file"])
        with pytest.raises(StationFault, match="file-not-set-aside"):
            reopen(station, batch, batch)


# --- The ledger alone -------------------------------------------------------------------------------------------------


def entry(kind: str, outcome: str, seq: int, **counts: int) -> dict[str, Any]:
    return {
        "seq": seq, "type": kind, "object": "file:F", "outcome": outcome, "counts": counts,
        "within": {"batch": "B"}, "hashes_out": ["0" * 64], "agents": {"software": "x"},
    }  # fmt: skip


CAPTURED = entry("capture", "captured", 0)
ASIDE = entry("split", "unreadable-scan", 1, pages=3, **{"set-aside": 3})
REOPENED = entry("review", "reopened", 2, pages=3, attempt=2)
SPLIT = entry("split", "split", 3, pages=5, documents=1, separator=1, blank=1, duplicate=0)


def test_a_reopened_file_is_on_its_way_until_it_is_opened_again() -> None:
    told = replay([CAPTURED, ASIDE, REOPENED], 1)
    assert (told.images.captured, told.images.in_progress, told.images.columns["set-aside"]) == (1, 1, 0)
    told = replay([CAPTURED, ASIDE, REOPENED, SPLIT], 1)
    assert (told.images.captured, told.images.in_progress) == (5, 3)
    assert told.contradictions == ()


@pytest.mark.parametrize(
    "entries",
    [
        [REOPENED],
        [CAPTURED, REOPENED],
        [CAPTURED, SPLIT, REOPENED],
        [CAPTURED, ASIDE, {**REOPENED, "counts": {"pages": 2}}],
        [CAPTURED, ASIDE, REOPENED, REOPENED],
        [CAPTURED, ASIDE, REOPENED, ASIDE, SPLIT],
    ],
)
def test_what_was_not_set_aside_cannot_be_reopened(entries: list[dict[str, Any]]) -> None:
    assert replay(entries, 1).contradictions == ("file:F",)
