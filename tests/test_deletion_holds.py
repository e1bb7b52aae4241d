"""A hold keeps everything of a document, and whoever is to lift it sees whose it is; destroyed paper is on record."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from consent_gate.model import FactKind
from consent_gate.people import Role
from consent_gate.review import Maintain, MaintainReason
from handover.build import build
from lexicon.faults import StationFault
from pipeline.batches import close_batch
from pipeline.office import answers, paper, reviews
from pipeline.office.enrolling import disable
from pipeline.office.holds import Of, hold, release_hold
from pipeline.station import Station
from tests.handover_fixtures import ABSALON, REFUSING, Sheets, Workshop
from tests.people_fixtures import Staff, entries, staffed, with_key
from tests.trial_fixtures import Ran, Trial, run_command


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    """One document that is closed: its patient refused."""
    made = Workshop.open(tmp_path / "station")
    made.knows(ABSALON, FactKind.REFUSED)
    file = made.takes("a.tif", "lot")
    made.opens(file, [Sheets(2, REFUSING, "resultats_labo", "D-17")])
    made.works(file)
    close_batch(made.station, file.batch)
    yield made.station
    made.station.close()


@pytest.fixture
def staff(station: Station) -> Staff:
    return staffed(station)


# --- Holds ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("of", ["document", "patient"])
@pytest.mark.parametrize("eyes", [1, 2])
def test_nothing_is_destroyed_on_which_a_hold_stands(station: Station, staff: Staff, of: str, eyes: int) -> None:
    with station.database.read() as session:
        (document,) = station.documents.documents(session)
    reviewer, other = staff.reviewer(), staff.reviewer("Dr Autre")
    controller = staff.enrol("DPO", Role.CONTROLLER)
    if eyes == 2:
        review = station.config.review.model_copy(update={"four_eyes": ["maintain"]})
        station.config = station.config.model_copy(update={"review": review})
        said = reviews.decide(station, Maintain(document.id, MaintainReason.NO_ANSWER), reviewer.proved())
    held = Of(document=document.id) if of == "document" else Of(patient=REFUSING)
    placed = hold(station, held, reviewer.proved(), "Prud'hommes 2026-114")

    def maintain() -> None:
        if eyes == 2:
            reviews.confirm(station, said.review, other.proved())
        else:
            reviews.decide(station, Maintain(document.id, MaintainReason.NO_ANSWER), reviewer.proved())

    with pytest.raises(StationFault, match="document-held"):
        maintain()
    assert station.closed_path(document.id).exists()
    release_hold(station, placed.id, controller.proved())
    maintain()
    assert not station.closed_path(document.id).exists()


def test_the_handover_says_what_is_at_the_station_why_a_refusal_is_final_and_who_people_are(
    station: Station, staff: Staff, tmp_path: Path
) -> None:
    with station.database.read() as session:
        (document,) = station.documents.documents(session)
    reviewer, controller = staff.reviewer(), staff.enrol("DPO", Role.CONTROLLER)
    disable(station, controller.id, staff.administrator.proved())
    closed = json.loads((build(station, tmp_path / "closed").path / "handover.json").read_text(encoding="utf-8"))
    assert {one["what"]: one["count"] for one in closed["not_checked"]}["originals-closed"] == 1
    assert "liasse release" in (tmp_path / "closed" / "LISEZMOI.txt").read_text(encoding="utf-8")
    reviews.decide(station, Maintain(document.id, MaintainReason.NO_ANSWER), reviewer.proved())
    folder = build(station, tmp_path / "final").path
    with (folder / "refusals.csv").open(encoding="utf-8-sig", newline="") as stream:
        (row,) = csv.DictReader(stream, delimiter=";")
    (destroyed,) = [one for one in entries(station) if one["outcome"] == "no-answer"]
    assert (row["custody"], row["reason"], row["maintained"]) == ("final", "refused", "no-answer")
    assert row["maintained_at"] == destroyed["time"]
    final = json.loads((folder / "handover.json").read_text(encoding="utf-8"))
    assert "originals-closed" not in {one["what"] for one in final["not_checked"]}
    assert [(one["role"], bool(one["until"])) for one in final["people"]] == [
        ("administrator", False),
        ("reviewer", False),
        ("controller", True),
    ]
    assert not any(
        "Testeur" in path.read_text(encoding="utf-8") for path in folder.glob("*.*") if path.suffix != ".p7s"
    )


def test_who_is_to_lift_a_hold_sees_whose_it_is(station: Station) -> None:
    administrator = with_key(station, "Mme Irène Admin", Role.ADMINISTRATOR, None)
    reviewer = with_key(station, "Dr Aline Testeur", Role.REVIEWER, administrator.proved())
    with station.database.read() as session:
        (document,) = station.documents.documents(session)
    hold(station, Of(patient=REFUSING), reviewer.proved(), "Prud'hommes 2026-114")
    hold(station, Of(document=document.id), reviewer.proved(), "Inspection 7")
    shown = Trial(station.config.folder.parent).run("deletion", "holds", "--json").lines
    assert [(one["document"], one["patient"]) for one in shown] == [(None, REFUSING), (document.id, REFUSING)]
    assert REFUSING not in json.dumps(entries(station))


# --- Paper ------------------------------------------------------------------------------------------------------------


def test_sheets_are_destroyed_by_an_enrolled_person_with_a_reference(
    station: Station, staff: Staff, tmp_path: Path
) -> None:
    controller, reviewer = staff.enrol("DPO", Role.CONTROLLER), staff.reviewer()
    paper.record_movement(station, "receive", "C-17", 5)
    paper.record_movement(station, "unscanned", "C-17", 3)
    paper.record_movement(station, "return", "C-17", 1)
    with pytest.raises(StationFault, match="role-insufficient"):
        paper.record_destruction(station, "C-17", 1, reviewer.proved(), "Bordereau 12")
    with pytest.raises(StationFault, match="reference-unfit"):
        paper.record_destruction(station, "C-17", 1, controller.proved(), " ")
    with pytest.raises(StationFault) as caught:
        paper.record_destruction(station, "C-17", 5, controller.proved(), "Bordereau 12")
    assert (caught.value.code, caught.value.facts) == ("box-overdrawn", {"received": 5, "already": 1})
    paper.record_destruction(station, "C-17", 2, controller.proved(), "Bordereau 12")
    *_, last = entries(station)
    assert (last["type"], last["outcome"], last["counts"]) == ("destruction", "destroyed", {"sheets": 2})
    assert last["agents"]["person"] == controller.id
    assert last["parent"]
    assert not any("Bordereau" in json.dumps(one) for one in entries(station))
    with pytest.raises(StationFault, match="box-overdrawn"):
        paper.record_movement(station, "return", "C-17", 3)
    assert answers.status(station)["paper"]["destroyed"] == 2
    built = build(station, tmp_path / "handover")
    assert json.loads((built.path / "handover.json").read_text(encoding="utf-8"))["paper"]["destroyed"] == 2


def test_destroyed_sheets_are_declared_from_the_command_line_and_forbid_deletions(station: Station) -> None:
    administrator = with_key(station, "Mme Irène Admin", Role.ADMINISTRATOR, None)
    key = station.config.folder.parent / "admin.pem"
    key.write_bytes(administrator.pem or b"")
    paper.record_movement(station, "receive", "C-17", 5)
    trial = Trial(station.config.folder.parent)

    def destroyed(answer: str) -> Ran:
        asked = trial.command(
            "box", "destroyed", "C-17", "--sheets", "2", "--person", administrator.id, "--identity-key", key
        )
        return run_command(asked, trial.environment(), answers=answer)

    assert "[reference-unfit]" in destroyed("\n").err
    done = destroyed("Bordereau 12\n")
    assert (done.code, "Bordereau" in done.out) == (0, False), done.err
    assert answers.status(station)["paper"]["destroyed"] == 2


# --- People -----------------------------------------------------------------------------------------------------------


def test_the_ledger_tells_whose_side_somebody_is_on(station: Station, staff: Staff) -> None:
    controller = staff.enrol("DPO", Role.CONTROLLER)
    disable(station, controller.id, staff.administrator.proved())
    told = [one["outcome"] for one in entries(station) if one["object"] == f"person:{controller.id}"]
    assert [one for one in told if one != "authenticated"] == ["enrolled-controller", "disabled"]
