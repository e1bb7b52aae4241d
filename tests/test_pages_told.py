"""What was seen when pages were read, and how far a long document is: told to the operator, page by page."""

import itertools
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from PIL import Image

from consent_gate.model import DocType, PatientRef
from demo.records import Invented
from demo.sheet import Sheet
from pipeline import progress
from pipeline.config import PagesSection
from pipeline.events import Event, FileSettled, PagesRead
from pipeline.intake import Source, take
from pipeline.model import Separator
from pipeline.office import finding
from pipeline.office.pages import pages, pages_text
from pipeline.office.report import lines_of, spoken
from pipeline.office.tables import DOCUMENT
from pipeline.office.tabling import Telling, sheet_text
from pipeline.progress import APART, Progress
from pipeline.read_flags import FLAGS_READ
from pipeline.runs import process_folder
from pipeline.sheets.image import sheet_image
from pipeline.station import Station
from pipeline.unfold import unfold
from storage.backup.records import collect
from storage.custody import read_entry
from storage.pages import flag_pages, page_of, select_pages
from storage.stored import StoredDocument
from tests.compose_fixtures import stored
from tests.custody_fixtures import documents
from tests.pages_fixtures import tiff_bytes
from tests.trial_fixtures import Trial, Worked, work
from tests.writing_fixtures import note, write_by_hand

ALLOWED = "A1001"
LINES = ("Certificat médical", "Motif : lombalgie ancienne", "Examen sans particularité", "Aptitude maintenue")


@pytest.fixture
def station(trial: Trial) -> Iterator[Station]:
    with trial.opened() as opened:
        yield opened


def sheet() -> Image.Image:
    return sheet_image(Separator(PatientRef(ALLOWED), DocType("certificat"), "C-1"), 200).convert("L")


def printed() -> Image.Image:
    drawn = Sheet(200)
    for number, line in enumerate(LINES * 2):
        drawn.text(20, 40 + 12 * number, line, size=12)
    return drawn.image.convert("L")


def by_hand(lines: int) -> Image.Image:
    page = Image.new("L", (1654, 2339), 255)
    note(page, 200, (25, 40), lines)
    return page


def one_word() -> Image.Image:
    page = Image.new("L", (1654, 2339), 255)
    write_by_hand(page, 200, (60, 120), words=1)
    return page


def laid(folder: Path, *images: Image.Image) -> Path:
    """A file of a separator and these pages, in a new folder."""
    folder.mkdir()
    path = folder / "pages.tif"
    path.write_bytes(tiff_bytes([sheet(), *images], "tiff_deflate"))
    return path


@dataclass(frozen=True)
class Done:
    """A file that went its whole way."""

    station: Station
    worked: Worked

    @property
    def file(self) -> FileSettled:
        (file,) = (event for event in self.worked.events if isinstance(event, FileSettled))
        return file


@pytest.fixture(scope="module")
def done(invented_records: Invented, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Done]:
    """Of a printed page, a page by hand, and a page with one word by hand."""
    base = tmp_path_factory.mktemp("told")
    trial = Trial.found(base / "station", verapdf="never")
    trial.know(invented_records)
    laid(base / "scans", printed(), by_hand(12), one_word())
    with trial.opened() as station:
        yield Done(station, work(station, base / "scans"))


# --- Pages ------------------------------------------------------------------------------------------------------------


def test_a_page_with_ink_and_without_words_stays_in_its_document_and_is_told(done: Done) -> None:
    (document,) = done.worked.documents
    assert (document.outcome, document.pages) == ("deposited", (2, 3, 4))
    with done.station.database.read() as session:
        seen = {page.position: page for page in select_pages(session)}
    assert [seen[position].role for position in (2, 3, 4)] == ["document"] * 3
    slugs = {position: {flag.partition(":")[0] for flag in page.flags} for position, page in seen.items()}
    assert slugs[2] == set()
    assert all(slugs[position] & {"not-read", "low-confidence"} for position in (3, 4))
    assert "not-read" in slugs[4]


def test_custody_says_how_sure_and_how_many_pages(done: Done) -> None:
    with done.station.database.read() as session:
        entries = list(map(read_entry, done.station.ledger.entries(session)))
    (counts,) = (entry["counts"] for entry in entries if entry["type"] == "recognition")
    told = [{flag.partition(":")[0] for flag in flags} for flags in done.file.flags.values()]
    assert {slug: counts[slug] for slug in FLAGS_READ} == {
        slug: sum(slug in one for one in told) for slug in FLAGS_READ
    }
    assert (counts["pages"], 0 < counts["confidence"] <= 100) == (3, True)


def test_what_was_seen_is_told_with_the_file_of_its_pages_and_with_its_document(done: Done) -> None:
    assert set(done.file.flags) == {3, 4}
    (line,) = lines_of(done.file)
    assert line["flags"] == {str(page): list(flags) for page, flags in done.file.flags.items()}
    assert "[not-read]" in "\n".join(spoken(done.file, "en"))
    document = finding.show(done.station, done.worked.documents[0].document)
    assert document["flags"] == line["flags"]
    assert "Flagged" in (shown := sheet_text(document, DOCUMENT, Telling("en", ZoneInfo("Europe/Paris"))))
    assert "[not-read]" in shown
    told = "\n".join(pages_text(pages(done.station, flagged=True), "fr"))
    assert "n'a pas été lue sur cette page" in told
    assert "Endroits : 1." in told


def test_a_blank_that_the_contract_keeps_is_not_told_to_be_unread(station: Station, tmp_path: Path) -> None:
    keeping = station.config.model_copy(update={"pages": PagesSection(blanks="keep")})
    object.__setattr__(station, "config", keeping)
    laid(tmp_path / "scans", printed(), Image.new("L", (1654, 2339), 255), printed().rotate(180))
    work(station, tmp_path / "scans")
    with station.database.read() as session:
        assert {page.position: page.flags for page in select_pages(session, flagged=True)}[3] == ("blank-kept",)


def test_a_later_reading_replaces_what_was_told_of_an_earlier_one(station: Station, tmp_path: Path) -> None:
    path = laid(tmp_path / "scans", printed())
    with path.open("rb") as stream:
        unfold(station, take(station, Source(station.identifiers.new(), path.name, "a box", stream, lambda: None)))
    (document,) = documents(station)
    seen: list[tuple[str, ...]] = []
    for flags in (("looks-like-page:1", "low-confidence:9"), ("not-read:1",), ("not-read:4",), ()):
        with station.database.write("pages.flag") as session:
            flag_pages(session, document.id, {2: flags}, FLAGS_READ)
        with station.database.read() as session:
            page = page_of(session, document.file, 2)
        seen.append(page.flags if page else ())
    kept = "looks-like-page:1"
    assert seen == [(kept, "low-confidence:9"), (kept, "not-read:1"), (kept, "not-read:4"), (kept,)]


def test_a_return_from_the_hosts_records_brings_back_what_was_seen(done: Done) -> None:
    with done.station.database.read() as session:
        types = [read_entry(entry)["type"] for entry in done.station.ledger.entries(session)]
        record = collect(session, 0, types.index("recognition"))
    assert record is not None
    seen = {row["position"]: tuple(row["flags"].split()) for row in record.rows["page"]}
    assert seen == {2: (), **done.file.flags}


# --- Progress ---------------------------------------------------------------------------------------------------------


class Hand:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_long_document_is_told_now_and_then_and_a_short_one_never() -> None:
    clock, told = Hand(), list[PagesRead]()
    progress_ = Progress(clock)
    with progress_.of(*named()) as hears:
        for page in range(1, 1001):
            clock.now += 1.0
            hears(page, 1000)
            told += progress_.due()
            assert progress_.due() == ()
    assert [event.read for event in told] == [100 * tenth for tenth in range(1, 10)]
    assert {(event.of, event.name) for event in told} == {(1000, "pages.tif")}
    with progress_.of(*named()) as hears:
        for page in range(1, 15):
            clock.now += 1.0
            hears(page, 14)
            assert progress_.due() == ()


def test_a_document_that_nobody_reads_any_more_is_not_told() -> None:
    clock = Hand()
    progress_ = Progress(clock)
    with progress_.of(*named()) as hears:
        hears(50, 100)
    clock.now += 10 * APART
    assert progress_.due() == ()


def named() -> tuple[StoredDocument, str]:
    return stored()[0], "pages.tif"


def test_while_its_pages_are_read_the_operator_hears_how_many_are(
    station: Station, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "APART", 0.0)
    events: list[Event] = []
    laid(tmp_path / "scans", *(by_hand(lines) for lines in range(8, 14)))
    assert process_folder(station, tmp_path / "scans", events.append, threading.Event()) == 0
    told = [event for event in events if isinstance(event, PagesRead)]
    assert told
    assert {(event.of, event.name, event.document) for event in told} == {(6, "pages.tif", documents(station)[0].id)}
    reads = [event.read for event in told]
    assert all(0 < earlier < later < 6 for earlier, later in itertools.pairwise([*reads, 5.5]))
    assert "1 of 6" in "\n".join(spoken(PagesRead("D", "B", "F", "pages.tif", 1, 6), "en"))
