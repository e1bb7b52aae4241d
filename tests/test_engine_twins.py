"""What two workers, or two moments, must not make of one document, one batch or one odd page."""

import io
from pathlib import Path

import pikepdf
import pytest
from PIL import Image, ImageDraw

from pipeline import steps as engine_steps
from pipeline.durable import Task
from pipeline.intake import Source, take
from pipeline.office.tasks import enqueue
from pipeline.station import Station
from storage.documents import Documents
from storage.hosts import AlreadyThere, Created
from tests.host_fixtures import MemoryHost
from tests.trial_fixtures import Few, RememberingTools, Trial, work


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_steps, "DocumentTools", RememberingTools)


def test_of_two_documents_of_one_separator_that_are_worked_on_at_once_one_is_deposited(
    trial: Trial, few: Few, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither saw the other when it asked: the one that is sealed first goes."""
    monkeypatch.setattr(Documents, "already_known", lambda *_: False)
    for number in range(2):
        (trial.inbox / f"SCAN_{number}.tif").write_bytes(few.path.read_bytes() + bytes(number))
    with trial.opened() as station:
        ended = [(one.outcome, one.reason) for one in work(station, trial.inbox).documents if one.patient == "A1001"]
        objects = [stored.key for stored in station.host.list(station.id) if stored.key.endswith(".p7m")]
    assert sorted(ended, key=str) == [("deposited", None), ("held", "already-deposited")]
    assert len(objects) == 2, "one document, and the index of its batch"


class Slow(MemoryHost):
    """While it takes a batch's index, one more file comes to the batch."""

    def __init__(self, station: Station, content: bytes) -> None:
        super().__init__()
        self._station, self._content, self.came = station, content, ""

    def create(self, key: str, source: Path, sha256: str, size: int) -> Created | AlreadyThere:
        station = self._station
        with station.database.read() as session:
            batches = station.batches.all(session)
            settled = not station.documents.documents(session, state="in-progress")
        if settled and key.endswith(".p7m") and not self.came:
            self.came = station.identifiers.new()
            file = take(station, Source(self.came, "LATE.tif", batches[0][1], io.BytesIO(self._content), lambda: None))
            assert file.batch == batches[0][0]
            enqueue(station, "file", Task(file.id, 1))
        return super().create(key, source, sha256, size)


def test_a_batch_to_which_something_comes_while_it_is_closed_stays_open(trial: Trial, few: Few) -> None:
    (trial.inbox / few.path.name).write_bytes(few.path.read_bytes())
    nothing = trial.folder / "nothing"
    nothing.mkdir()
    with trial.opened() as station:
        host = Slow(station, few.path.read_bytes() + b"\0")
        vars(station)["host"] = host
        work(station, trial.inbox)
        assert host.came
        assert batch_of(station, host.came) in opened(station)
        work(station, nothing)
        assert opened(station) == ()


def opened(station: Station) -> tuple[str, ...]:
    with station.database.read() as session:
        return station.batches.open(session)


def batch_of(station: Station, file: str) -> str:
    with station.database.read() as session:
        stored = station.captured.file(session, file)
    assert stored
    return stored.batch


def test_a_sheet_larger_than_a_page_can_be_is_sealed_whole_where_its_patient_withdrew(
    trial: Trial, few: Few, tmp_path: Path
) -> None:
    """Told smaller than it was; every pixel is there, and it is not kept under the release key."""
    scan = tmp_path / "scans" / "LONG.tif"
    scan.parent.mkdir()
    with Image.open(few.path) as source:
        source.seek(2)  # the separator of the patient who withdrew
        dpi = source.info["dpi"]
        separator = source.copy()
    sheet = Image.new("L", (300, int(14_500 * dpi[0] / 72)), 255)
    ImageDraw.Draw(sheet).rectangle((20, 200, 200, sheet.height - 200), fill=0)
    separator.save(scan, save_all=True, append_images=[sheet], compression="tiff_deflate", dpi=dpi)
    with trial.opened() as station:
        (one,) = work(station, scan.parent).documents
        assert (one.outcome, one.reason) == ("refused", "withdrawn")
        assert not station.quarantine.has(one.document)
        original = trial.open_with_openssl(station.closed_path(one.document), tmp_path / "original.pdf")
    with pikepdf.open(original) as pdf:
        (page,) = pdf.pages
        assert max(page.mediabox) == 14_400
        (image,) = page.get_images().values()
        assert (int(image.Width), int(image.Height)) == sheet.size
