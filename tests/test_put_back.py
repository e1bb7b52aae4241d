"""Blanks and double scans: each is listed, and goes back to the document that it lay in for as long as it is there."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from consent_gate.model import DocType, PatientRef
from lexicon.faults import StationFault
from pipeline import left_out as leaving
from pipeline.config import PagesSection, ProfileSection
from pipeline.intake import Source, take
from pipeline.leaves import images_of
from pipeline.model import PageImage, Separator
from pipeline.office.pages import pages, pages_text
from pipeline.page_restore import restore
from pipeline.pages import open_pages
from pipeline.sheets.image import sheet_image
from pipeline.station import Station
from pipeline.unfold import unfold
from storage import accounts
from storage.pages import page_of, select_pages
from storage.stored import StoredFile
from tests.custody_fixtures import documents, require_balance
from tests.pages_fixtures import tiff_bytes
from tests.test_split_looks import written_page
from tests.trial_fixtures import Trial, work

EMPTY = Image.new("1", (1654, 2339), 1)
UNHEARD = "A1009"
"""Nothing is on record of the patient: what is scanned of it waits, curable."""


def sheet(patient: str, number: int) -> Image.Image:
    return sheet_image(Separator(PatientRef(patient), DocType("resultats_labo"), f"B-{number}"), 200).convert("1")


def stack(folder: Path, patient: str = UNHEARD) -> Path:
    """Two documents: page, blank, another page, the first once more; then a blank back, a page and a blank."""
    first, second, third = (written_page(lines).convert("1") for lines in (12, 9, 5))
    images = [sheet(patient, 1), first, EMPTY, second, first, sheet(patient, 2), EMPTY, third, EMPTY]
    path = folder / "stack.tif"
    path.write_bytes(tiff_bytes(images, "group4"))
    return path


@pytest.fixture
def station(trial: Trial) -> Iterator[Station]:
    with trial.opened() as opened:
        yield opened


def taken(station: Station, path: Path) -> StoredFile:
    with path.open("rb") as stream:
        file = take(station, Source(station.identifiers.new(), path.name, "a box", stream, lambda: None))
    unfold(station, file)
    return file


def settled(station: Station, tmp_path: Path, patient: str = UNHEARD) -> StoredFile:
    folder = tmp_path / "scans"
    folder.mkdir()
    stack(folder, patient)
    work(station, folder)
    with station.database.read() as session:
        (file,) = station.captured.files(session)
    return file


def left_out(station: Station) -> dict[int, tuple[str, str | None]]:
    """Position -> role, and which document it lies in, by its place among the file's (1, 2)."""
    order: dict[str | None, str] = {one.id: str(one.ordinal) for one in documents(station)}
    with station.database.read() as session:
        found = select_pages(session, roles=("blank", "duplicate"))
    return {page.position: (page.role, order.get(page.document)) for page in found}


def scanned(station: Station, tmp_path: Path) -> list[PageImage]:
    return list(open_pages(tmp_path / "scans" / "stack.tif", station.limits))


def test_each_blank_and_double_scan_is_listed_with_the_document_that_it_lay_in(
    station: Station, tmp_path: Path
) -> None:
    taken(station, stack(tmp_path))
    assert left_out(station) == {3: ("blank", "1"), 5: ("duplicate", "1"), 7: ("blank", "2"), 9: ("blank", "2")}
    answers = pages(station, ("blank",))
    assert [(answer["page"], answer["restorable"]) for answer in answers] == [(3, True), (7, True), (9, True)]
    assert pages(station, ("blank",), batch="a box") == pages(station, ("blank",), batch=answers[0]["batch"]) == answers
    with pytest.raises(StationFault, match="batch-unknown"):
        pages(station, batch="another box")
    told = "\n".join(pages_text(answers, "fr"))
    assert all(f"liasse page restore {answer['file']} {answer['page']}" in told for answer in answers)


def test_pages_put_back_while_the_document_waits_stand_where_they_lay(station: Station, tmp_path: Path) -> None:
    file = settled(station, tmp_path)
    images = scanned(station, tmp_path)
    first, second = documents(station)
    assert (first.state, first.custody, first.pages) == ("refused", "curable", 2)
    assert list(images_of(station, first.id, station.quarantine)) == [images[1], images[3]]
    assert restore(station, file.id, 3).page == 2
    assert restore(station, file.id, 5).page == 4
    assert restore(station, file.id, 7).page == 1
    assert list(images_of(station, first.id, station.quarantine)) == images[1:5]
    assert list(images_of(station, second.id, station.quarantine)) == images[6:8]
    with station.database.read() as session:
        assert station.documents.positions(session, first.id) == (2, 3, 4, 5)
        columns = accounts.images(session).columns
    assert (columns["refused"], columns["blank"], columns["duplicate"]) == (6, 1, 0)
    require_balance(station)


def test_a_page_put_back_goes_to_the_host_with_its_document(station: Station, tmp_path: Path) -> None:
    file = taken(station, stack(tmp_path, "A1001"))
    restored = restore(station, file.id, 3)
    assert restored.outcome == "in-progress"
    (empty := tmp_path / "nothing").mkdir()
    work(station, empty)
    first, second = documents(station)
    assert {(one.state, one.pages) for one in (first, second)} == {("deposited", 3), ("deposited", 1)}
    require_balance(station)
    assert (station.spool.ids(), station.quarantine.ids()) == ((), ())


def test_a_page_of_which_no_image_is_kept_is_listed_and_not_said_to_be_restorable(
    station: Station, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = stack(tmp_path)
    double = list(open_pages(path, station.limits))[4]
    monkeypatch.setattr(leaving, "_MOST_BYTES", len(double.payload) - 1)
    file = taken(station, path)
    answers = pages(station, ("blank", "duplicate"))
    assert [(one["page"], one["restorable"]) for one in answers] == [(3, True), (5, False), (7, True), (9, True)]
    with pytest.raises(StationFault, match="page-gone"):
        restore(station, file.id, 5)
    restore(station, file.id, 3)


def test_a_document_that_is_at_the_host_takes_no_page_back_and_says_to_scan_it_again(
    station: Station, tmp_path: Path
) -> None:
    file = settled(station, tmp_path, "A1001")
    assert {one.state for one in documents(station)} == {"deposited"}
    for position in (3, 5, 7):
        with pytest.raises(StationFault, match="page-gone"):
            restore(station, file.id, position)
    answers = pages(station, ("blank", "duplicate"))
    assert not any(answer["restorable"] for answer in answers)
    assert "numérisez la feuille de nouveau" in "\n".join(pages_text(answers, "fr"))
    require_balance(station)


@pytest.mark.parametrize(
    ("position", "fault"),
    [(1, "page-not-left-out"), (2, "page-not-left-out"), (77, "page-unknown")],
)
def test_what_was_not_left_out_is_not_put_back(station: Station, tmp_path: Path, position: int, fault: str) -> None:
    file = taken(station, stack(tmp_path))
    with pytest.raises(StationFault, match=fault):
        restore(station, file.id, position)
    assert restore(station, file.id, 3).page == 2
    with pytest.raises(StationFault, match="page-not-left-out"):
        restore(station, file.id, 3)


def test_the_pages_of_a_document_that_is_closed_are_gone_with_its_key(station: Station, tmp_path: Path) -> None:
    file = settled(station, tmp_path, "A1007")
    assert {one.custody for one in documents(station)} == {"closed"}
    with pytest.raises(StationFault, match="page-gone"):
        restore(station, file.id, 3)
    require_balance(station)


def test_where_the_contract_keeps_blanks_they_stay_in_their_document_and_are_told(
    station: Station, tmp_path: Path
) -> None:
    keeping = station.config.model_copy(update={"pages": PagesSection(blanks="keep")})
    object.__setattr__(station, "config", keeping)
    file = taken(station, stack(tmp_path))
    with station.database.read() as session:
        positions = [station.documents.positions(session, one.id) for one in documents(station)]
        kept = [page_of(session, file.id, position) for position in (3, 9)]
    assert positions == [(2, 3, 4), (8, 9)]
    assert [page.flags for page in kept if page] == [("blank-kept",), ("blank-kept",)]
    assert left_out(station) == {5: ("duplicate", "1"), 7: ("blank", "2")}


def test_where_the_contract_asks_for_it_a_document_below_the_profile_waits(station: Station, tmp_path: Path) -> None:
    agreed = ProfileSection(dpi=300, below="hold")
    object.__setattr__(station, "config", station.config.model_copy(update={"profile": agreed}))
    settled(station, tmp_path, "A1001")
    assert {(one.state, one.reason) for one in documents(station)} == {("held", "below-profile")}
    flagged = {answer["page"]: answer["flags"] for answer in pages(station, flagged=True)}
    assert flagged == {page: ["rescan-resolution"] for page in (2, 4, 5, 8)}
    require_balance(station)
