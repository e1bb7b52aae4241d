"""Two sources say whose a document is, before the gate; what disagrees waits for a person, and is not read on."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from signal import SIGKILL

import pytest

from consent_gate.model import DocType, PatientRef
from demo.records import Invented
from pipeline.clean import Readable
from pipeline.model import Held, Identified, Scan
from pipeline.reading.zone import ZoneReading, ZoneWords
from pipeline.recorded import RecordedTools
from pipeline.reopen import take_again
from pipeline.station import Station
from storage.stored import Claim, StoredDocument
from tests.reading_fixtures import Cover, Paper, write
from tests.trial_fixtures import Trial, work

GRANTED, OTHER, REFUSED = "A1001", "A1005", "A1006"


@pytest.fixture
def station(tmp_path: Path, invented_records: Invented) -> Iterator[Station]:
    trial = Trial.found(tmp_path / "station", verapdf="never", rule="two-sources")
    trial.know(invented_records)
    with trial.opened() as opened:
        yield opened


def documents(station: Station) -> tuple[StoredDocument, ...]:
    with station.database.read() as session:
        return station.documents.documents(session)


def entries(station: Station, kind: str) -> list[dict[str, object]]:
    with station.database.read() as session:
        return [entry for entry in map(json.loads, station.ledger.entries(session)) if entry["type"] == kind]


def test_sheet_and_page_agree_and_the_receipt_says_by_what(station: Station, tmp_path: Path) -> None:
    write(tmp_path / "in" / "a.tif", Cover(GRANTED, "resultats_labo"), Paper("resultats_labo", GRANTED))
    work(station, tmp_path / "in")
    (document,) = documents(station)
    assert document.state == "deposited"
    assert document.claim == Claim(PatientRef(GRANTED), DocType("resultats_labo"), None)
    assert set(document.sources) == {"separator", "nir", "name-and-birth-date"}


def test_a_page_without_a_sheet_is_decided_by_its_number_and_its_name(station: Station, tmp_path: Path) -> None:
    write(tmp_path / "in" / "a.tif", Paper("resultats_labo", GRANTED))
    work(station, tmp_path / "in")
    (document,) = documents(station)
    assert (document.state, set(document.sources)) == ("deposited", {"nir", "name-and-birth-date"})
    assert document.claim == Claim(PatientRef(GRANTED), None, None)


def test_a_page_without_a_sheet_whose_patient_refused_is_refused(station: Station, tmp_path: Path) -> None:
    write(tmp_path / "in" / "a.tif", Paper("resultats_labo", REFUSED))
    work(station, tmp_path / "in")
    (document,) = documents(station)
    assert (document.state, document.reason, document.custody) == ("refused", "refused", "closed")


def test_one_source_waits_for_a_person_who_may_confirm_it(station: Station, tmp_path: Path) -> None:
    write(tmp_path / "in" / "a.tif", Paper("ordonnance", GRANTED))
    work(station, tmp_path / "in")
    (document,) = documents(station)
    assert (document.state, document.reason) == ("held", "one-source")
    take_again(station, [document.id], claim=Claim(PatientRef(GRANTED), None, None))
    (tmp_path / "nothing").mkdir()
    work(station, tmp_path / "nothing")
    (document,) = documents(station)
    assert (document.state, document.sources) == ("deposited", ("person", "name-and-birth-date"))


def confirm(station: Station, tmp_path: Path, patient: str) -> StoredDocument:
    """A person says whose the only document is, and it travels again."""
    take_again(station, [documents(station)[0].id], claim=Claim(PatientRef(patient), None, None))
    (tmp_path / "nothing").mkdir(exist_ok=True)
    work(station, tmp_path / "nothing")
    (document,) = documents(station)
    return document


def test_a_persons_word_does_not_stop_the_pages_from_being_looked_at(station: Station, tmp_path: Path) -> None:
    """The third page is of somebody who refused: whoever said whose the document is has not seen that."""
    pages = Paper("resultats_labo", GRANTED), Paper("ordonnance", GRANTED), Paper("resultats_labo", REFUSED)
    write(tmp_path / "in" / "a.tif", Cover(GRANTED), *pages)
    work(station, tmp_path / "in")
    document = confirm(station, tmp_path, GRANTED)
    assert (document.state, document.reason, document.sources) == ("held", "identity-conflict", ("person",))
    assert document.look_at is not None
    assert {page for page, _ in document.shown} == {document.look_at}
    assert entries(station, "recognition") == []


def test_what_a_person_confirms_is_what_was_shown_and_of_no_other_page(station: Station, tmp_path: Path) -> None:
    pages = Paper("ordonnance", GRANTED, 1), Paper("ordonnance", OTHER, 1), Paper("resultats_labo", REFUSED, 1)
    write(tmp_path / "in" / "a.tif", Cover(GRANTED), *pages)
    work(station, tmp_path / "in")
    held = confirm(station, tmp_path, GRANTED)
    shown = []
    while held.look_at == 2:  # it is theirs all the same: a pasted prescription, say
        assert held.state == "held"
        assert held.shown not in shown
        shown.append(held.shown)
        held = confirm(station, tmp_path, GRANTED)
    assert shown
    assert (held.state, held.look_at) == ("held", 3)
    assert set(held.confirmed) == {one for several in shown for one in several}
    assert entries(station, "recognition") == []
    other = confirm(station, tmp_path, REFUSED)  # another patient's: nothing of what was confirmed holds
    assert other.confirmed == ()


@pytest.mark.parametrize(
    ("sheets", "reasons"),
    [
        ((Cover(OTHER), Paper("resultats_labo", GRANTED)), {"identity-conflict"}),
        (
            (Cover(GRANTED), Paper("resultats_labo", GRANTED), Paper("resultats_labo", OTHER)),
            {"two-identities", "identity-conflict"},
        ),
    ],
    ids=["the sheet of another", "a sheet that was missed"],
)  # fmt: skip
def test_what_disagrees_is_held_before_a_text_is_read(
    station: Station, tmp_path: Path, sheets: tuple[Cover | Paper, ...], reasons: set[str]
) -> None:
    write(tmp_path / "in" / "a.tif", *sheets)
    work(station, tmp_path / "in")
    (document,) = documents(station)
    assert document.state == "held"
    assert document.reason in reasons
    assert entries(station, "recognition") == []


def test_pages_that_no_sheet_parts_are_parted_by_whom_they_name(station: Station, tmp_path: Path) -> None:
    write(
        tmp_path / "in" / "a.tif",
        Paper("resultats_labo", GRANTED),
        Paper("resultats_labo", OTHER),
        Paper("ordonnance", "A1009"),
        Paper("resultats_labo", REFUSED),
    )
    worked = work(station, tmp_path / "in")
    assert worked.ends() == {
        (1,): ("deposited", None),
        (2,): ("deposited", None),
        (3,): ("held", "one-source"),
        (4,): ("refused", "refused"),
    }
    assert worked.accounts.images.balanced


@pytest.mark.parametrize(
    "point", ["after@1", *(pytest.param(point, marks=pytest.mark.slow) for point in ("before@1", "after@2"))]
)
def test_killed_while_it_parts_them_a_station_parts_them_the_same_way(
    tmp_path: Path, invented_records: Invented, point: str
) -> None:
    pages = [Paper("resultats_labo", GRANTED), Paper("resultats_labo", OTHER), Paper("resultats_labo", REFUSED)]
    trial = Trial.found(tmp_path / "station", verapdf="never", rule="two-sources")
    trial.know(invented_records)
    write(trial.inbox / "a.tif", *pages)
    place, _, nth = point.partition("@")
    armed = replace(trial, variables={"LIASSE_FAILPOINT": f"document.divide:{place}@{nth}=kill"})
    assert armed.process(trial.inbox).code == -SIGKILL
    again = trial.process(trial.inbox, "--json")
    ends = {tuple(line["pages"]): line["outcome"] for line in again.of_kind("document")}
    assert ends == {(1,): "deposited", (2,): "deposited", (3,): "refused"}
    assert trial.left_at_work() == []


def test_a_roster_that_comes_between_identification_and_gate_lets_no_single_source_through(
    tmp_path: Path, invented_records: Invented, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial = Trial.found(tmp_path / "station", verapdf="never", rule="two-sources")
    identify: Callable[[RecordedTools, Scan], Identified | Held] = RecordedTools.identify
    imported: list[bool] = []

    def slow(tools: RecordedTools, scan: Scan) -> Identified | Held:
        found = identify(tools, scan)
        if not imported:
            imported.append(True)
            tools.inner.station.import_sheet("roster", invented_records.patients_csv.read_bytes())
            tools.inner.station.import_sheet("register", invented_records.authorizations_csv.read_bytes())
        return found

    monkeypatch.setattr(RecordedTools, "identify", slow)
    with trial.opened() as opened:
        write(tmp_path / "in" / "a.tif", Cover(GRANTED), Paper("ordonnance", GRANTED))
        work(opened, tmp_path / "in")
        (document,) = documents(opened)
        assert imported
        assert (document.state, document.reason) == ("held", "one-source")
        assert entries(opened, "recognition") == []


def test_a_zone_that_nobody_could_read_in_time_holds(
    station: Station, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it would say, nobody knows: the page may be of somebody who refused."""
    look: Callable[[ZoneReading], tuple[ZoneWords, Readable]] = ZoneReading.look
    pages: list[ZoneWords] = []

    def slow(zone: ZoneReading) -> tuple[ZoneWords, Readable]:
        words, copy = look(zone)
        pages.append(words)
        return (ZoneWords((), copy.quarter_turns, unread=True), copy) if len(pages) == 2 else (words, copy)

    monkeypatch.setattr(ZoneReading, "look", slow)
    write(tmp_path / "in" / "a.tif", Cover(GRANTED), Paper("resultats_labo", GRANTED), Paper("resultats_labo", REFUSED))
    work(station, tmp_path / "in")
    (document,) = documents(station)
    assert document.state == "held"
    assert document.reason in {"page-unread", "identity-conflict", "two-identities"}
    assert entries(station, "recognition") == []
