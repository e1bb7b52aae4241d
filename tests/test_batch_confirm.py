"""`[batch] confirm`: documents wait until their batch's counts are as announced, or a person has said why they are not;
and what `batch show` tells of a batch's pages.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import pytest
from PIL import Image

from consent_gate.model import DocType, PatientRef
from lexicon.faults import EXIT_DONE, EXIT_WAITING, Fault
from pipeline import steps as engine_steps
from pipeline.announced import UNLIKE
from pipeline.config import BatchSection, PagesSection, ReviewSection
from pipeline.confirming import AS_ANNOUNCED
from pipeline.model import Separator
from pipeline.office import batches, hardening
from pipeline.office.batches_opening import close_by_hand, confirm, open_batch
from pipeline.reopen import take_again
from pipeline.runs import Tally
from pipeline.sheets.image import sheet_image
from pipeline.station import Station
from storage import effects
from storage.announced import UNCONFIRMED, Announcement, Coming
from storage.custody import TAKEN_AGAIN, EntryType, read_entry
from storage.stored import Claim, StoredDocument
from tests.custody_fixtures import documents, require_balance
from tests.pages_fixtures import tiff_bytes
from tests.test_batch_open import LABEL, ask, closed, dropped, entries, ringing
from tests.test_split_looks import written_page
from tests.trial_fixtures import Few, RememberingTools, Trial, work

WAITS = ("held", UNCONFIRMED)
WENT_ON = ("refused", "no-authorization")
"""Of a patient of whom nothing is on record: the gate was asked."""
TWO = Announcement(sheets=2, documents=2, pages=2)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_steps, "DocumentTools", RememberingTools)
    monkeypatch.setattr(hardening, "harden", lambda: None)  # of this very process


@pytest.fixture
def station(trial: Trial) -> Iterator[Station]:
    with trial.opened() as opened:
        yield opened


def scanned(folder: Path, number: int, patient: str = "A1009") -> Path:
    """A file of one document; unless told otherwise, of a patient of whom nothing is on record."""
    sheet = sheet_image(Separator(PatientRef(patient), DocType("ordonnance"), f"B-{number}"), 200).convert("1")
    path = folder / f"SCAN_{number:04d}.tif"
    path.write_bytes(tiff_bytes([sheet, written_page(9 + number).convert("1")], "group4"))
    return path


@pytest.fixture(scope="module")
def unheard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return scanned(tmp_path_factory.mktemp("unheard"), 1)


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return scanned(tmp_path_factory.mktemp("other"), 2)


def under(station: Station, confirm: Literal["never", "on-alarm", "always"], *, strip: bool = False) -> None:
    """Sets what the contract says of batches."""
    rules = {"batch": BatchSection(confirm=confirm), "review": ReviewSection(strip=strip)}
    object.__setattr__(station, "config", station.config.model_copy(update=rules))


def ends(station: Station) -> list[tuple[str, str | None]]:
    return [(one.state, one.reason) for one in documents(station)]


def outcomes(station: Station, document: StoredDocument) -> list[tuple[str, str]]:
    with station.database.read() as session:
        told = [read_entry(one) for one in station.ledger.entries(session)]
    return [(one["type"], one["outcome"]) for one in told if one["object"] == f"document:{document.id}"]


# --- On alarm ---------------------------------------------------------------------------------------------------------


def test_documents_wait_unread_until_their_batch_is_as_announced_and_go_on_by_themselves(
    trial: Trial, station: Station, few: Few, unheard: Path
) -> None:
    under(station, "on-alarm", strip=True)
    batch = open_batch(station, LABEL, Announcement(documents=3)).batch
    dropped(trial, few.path)
    worked = work(station, trial.inbox)
    assert worked.code == EXIT_WAITING
    assert closed(worked).unlike == {"documents": (3, 2)}
    first, second = documents(station)
    assert (first.state, first.reason, first.custody) == (*WAITS, "curable")
    assert (second.state, second.custody) == ("refused", "closed"), "who said no is closed, whatever the count"
    told = outcomes(station, first)
    assert {kind for kind, _ in told} == {EntryType.IDENTIFICATION, EntryType.REVIEW, EntryType.DESTRUCTION}
    assert {outcome for _, outcome in told} == {UNCONFIRMED, "working-copies"}, "nothing of it was read"
    assert batches.shown(station, batch)["waiting"] == 1
    dropped(trial, unheard)
    worked = work(station, trial.inbox)
    assert closed(worked).unlike == {}
    assert [(one.state, one.reason) for one in documents(station)] == [
        ("deposited", None), (second.state, second.reason), WENT_ON,
    ]  # fmt: skip
    (line,) = (one for one in entries(station, batch) if one["outcome"] == AS_ANNOUNCED)
    assert line["counts"] == {"documents": 3}
    assert (EntryType.REVIEW, TAKEN_AGAIN) in outcomes(station, first)
    assert ringing(station) == []
    require_balance(station)


def test_a_batch_that_is_as_announced_costs_nobody_a_word(
    trial: Trial, station: Station, unheard: Path, other: Path, tmp_path: Path
) -> None:
    """Two files: the first one's document waits for the second's. And a run that ends well says so."""
    open_batch(station, LABEL, TWO)
    dropped(trial, unheard)
    dropped(trial, other)
    work(station, trial.inbox)
    assert ends(station) == [WENT_ON, WENT_ON]
    open_batch(station, "LOT-8", Announcement(documents=2))
    for number in (3, 4):
        dropped(trial, scanned(tmp_path, number, "A1001"), "LOT-8")
    worked = work(station, trial.inbox)
    assert worked.code == EXIT_DONE
    gone = worked.documents[-1]
    tally = Tally(lambda _: None)
    tally(replace(gone, outcome="held", reason=UNCONFIRMED))
    assert tally.exit_code == EXIT_WAITING
    tally(gone)
    assert tally.exit_code == EXIT_DONE, "what waited and went on waits for nobody"


def test_a_batch_with_an_alarm_waits_until_a_person_says_why(
    trial: Trial, station: Station, unheard: Path, other: Path
) -> None:
    batch = open_batch(station, LABEL, Announcement(documents=5)).batch
    dropped(trial, unheard)
    dropped(trial, other)
    work(station, trial.inbox)
    assert ends(station) == [WAITS, WAITS]
    shown = ask(trial, "batch", "show", LABEL)
    assert f"2 documents attendent ce lot [{UNCONFIRMED}]" in shown.stdout
    assert "liasse batch confirm" in ask(trial, "refusal", "list").stdout
    work(station, trial.inbox)
    assert ends(station) == [WAITS, WAITS], "another run changes nothing"
    ran = ask(trial, "batch", "confirm", LABEL, "--reason", "announcement-wrong", "--json")
    assert ran.exit_code == EXIT_DONE, ran.output
    assert json.loads(ran.stdout) == {"batch": batch, "reason": "announcement-wrong", "documents": 2}
    after = [one["outcome"] for one in entries(station, batch)]
    assert after[-2:] == ["announcement-wrong", "reopened"]
    worked = work(station, trial.inbox)
    assert ends(station) == [WENT_ON, WENT_ON]
    assert closed(worked).batch == batch
    assert ringing(station) == [], "it is explained, and closed again"
    with pytest.raises(Fault, match="batch-not-unlike"):
        confirm(station, LABEL, "announcement-wrong")
    require_balance(station)


def test_what_a_person_said_of_a_batch_is_not_said_of_what_comes_later(
    trial: Trial, station: Station, unheard: Path, other: Path
) -> None:
    open_batch(station, LABEL, Announcement(documents=5))
    dropped(trial, unheard)
    work(station, trial.inbox)
    assert confirm(station, LABEL, "paper-checked")[1] == 1
    dropped(trial, other)
    assert closed(work(station, trial.inbox)).unlike == {"documents": (5, 2)}
    assert ends(station) == [WENT_ON, WAITS]
    assert ringing(station) == [(UNLIKE, 1)], "the same alarm rings again"
    assert confirm(station, LABEL, "paper-checked")[1] == 1
    work(station, trial.inbox)
    assert ends(station) == [WENT_ON, WENT_ON]


def test_a_person_who_decided_on_a_document_has_looked_at_it(trial: Trial, station: Station, unheard: Path) -> None:
    open_batch(station, LABEL, Announcement(documents=5))
    dropped(trial, unheard)
    work(station, trial.inbox)
    (document,) = documents(station)
    take_again(station, [document.id], claim=Claim(PatientRef("A1009"), None, None), person=station.identifiers.new())
    work(station, trial.inbox)
    assert ends(station) == [WENT_ON]


def test_what_nobody_counted_waits_for_nothing(trial: Trial, station: Station, unheard: Path, other: Path) -> None:
    """A batch of which nobody said anything, and one of which the patients were said and no count."""
    dropped(trial, unheard, "LOT-9")
    open_batch(station, LABEL, Announcement("C-17", patients=(Coming(PatientRef("A1009")),)))
    dropped(trial, other)
    work(station, trial.inbox)
    assert ends(station) == [WENT_ON, WENT_ON]


def test_closing_by_hand_lets_go_first_what_need_not_wait(trial: Trial, station: Station, unheard: Path) -> None:
    batch = open_batch(station, LABEL, TWO).batch
    dropped(trial, unheard)
    work(station, trial.inbox)
    assert ends(station) == [WAITS]
    with pytest.raises(Fault, match="batch-closed-already"):
        close_by_hand(station, LABEL)
    under(station, "never")  # the contract has changed meanwhile
    with station.database.write("batch.open-again") as session:
        station.batches.reopen_batch(session, batch)
    with pytest.raises(Fault, match="batch-under-way"):
        close_by_hand(station, LABEL)
    work(station, trial.inbox)
    assert ends(station) == [WENT_ON]


@pytest.mark.parametrize("side", ["before", "after"])
def test_a_crash_leaves_the_word_and_what_waited_for_it_both_or_neither(
    trial: Trial, station: Station, unheard: Path, monkeypatch: pytest.MonkeyPatch, side: str
) -> None:
    batch = open_batch(station, LABEL, Announcement(documents=5)).batch
    dropped(trial, unheard)
    work(station, trial.inbox)
    monkeypatch.setattr(effects, "_armed", effects.armed_by({effects.VARIABLE: f"document.take-again:{side}=raise"}))
    with pytest.raises(KeyboardInterrupt):
        confirm(station, LABEL, "paper-checked")
    monkeypatch.setattr(effects, "_armed", None)
    said = "paper-checked" in [one["outcome"] for one in entries(station, batch)]
    assert (said, ends(station)) == ((False, [WAITS]) if side == "before" else (True, [("in-progress", None)]))
    if side == "before":
        confirm(station, LABEL, "paper-checked")
    work(station, trial.inbox)
    assert ends(station) == [WENT_ON]
    require_balance(station)


# --- Never, always ----------------------------------------------------------------------------------------------------


def test_where_the_contract_asks_for_no_confirmation_the_alarm_is_told_and_nothing_waits(
    trial: Trial, station: Station, unheard: Path
) -> None:
    under(station, "never")
    open_batch(station, LABEL, Announcement(documents=5))
    dropped(trial, unheard)
    assert closed(work(station, trial.inbox)).unlike == {"documents": (5, 1)}
    assert ends(station) == [WENT_ON]
    assert ringing(station) == [(UNLIKE, 1)]
    assert confirm(station, LABEL, "paper-checked")[1] == 0


def test_where_the_contract_asks_for_it_each_batch_waits_for_a_person(
    trial: Trial, station: Station, unheard: Path, other: Path
) -> None:
    under(station, "always")
    dropped(trial, unheard, "LOT-9")
    open_batch(station, LABEL, Announcement(documents=1))
    dropped(trial, other)
    worked = work(station, trial.inbox)
    assert worked.code == EXIT_WAITING
    assert ends(station) == [WAITS, WAITS]
    assert ringing(station) == []
    for label in ("LOT-9", LABEL):
        assert confirm(station, label, "paper-checked")[1] == 1
        with pytest.raises(Fault, match="batch-not-unlike"):
            confirm(station, label, "paper-checked")
    work(station, trial.inbox)
    assert ends(station) == [WENT_ON, WENT_ON]
    for label in ("LOT-9", LABEL):
        assert batches.shown(station, label)["closed"]
    require_balance(station)


# --- Pages of a batch -------------------------------------------------------------------------------------------------


def test_a_batch_tells_how_many_of_its_pages_are_flagged_and_with_what(
    trial: Trial, station: Station, unheard: Path
) -> None:
    keeping = station.config.model_copy(update={"pages": PagesSection(blanks="keep")})
    object.__setattr__(station, "config", keeping)
    empty = Image.new("L", (827, 1170), 255)
    sheet = sheet_image(Separator(PatientRef("A1009"), None, None), 100).convert("L")
    path = trial.folder / "flagged.tif"
    path.write_bytes(tiff_bytes([sheet, written_page(12).resize((827, 1170)), empty], "tiff_deflate", dpi=(100, 100)))
    dropped(trial, path)
    dropped(trial, unheard, "LOT-8")
    work(station, trial.inbox)
    shown: dict[str, Any] = batches.shown(station, LABEL)
    assert shown["flags"] == {"blank-kept": 1, "rescan-resolution": 1}
    assert batches.shown(station, "LOT-8")["flags"] == {}
    told = ask(trial, "batch", "show", LABEL).stdout
    assert "1 × Page numérisée sous la résolution convenue ([profile] dpi). [rescan-resolution]" in told
    assert "1 × Page vierge" in told
    assert "--flagged --batch" in told
    assert "pages signalées" not in ask(trial, "batch", "show", "LOT-8").stdout
    english = ask(trial, "--lang", "en", "batch", "show", LABEL).stdout
    assert "flagged pages" in english
