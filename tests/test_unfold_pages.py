"""A file is opened all or not at all, and again after a crash: the same documents under the same identifiers."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ulid import ULID

from consent_gate.model import PatientRef
from lexicon.faults import StationFault
from pipeline import unfold as opening
from pipeline.clock import part_of
from pipeline.formats import tiff
from pipeline.formats.limits import Limits
from pipeline.intake import Source, take
from pipeline.model import Separator
from pipeline.packing import PackedImages
from pipeline.pages import open_pages
from pipeline.reading.copies import write_copy
from pipeline.reopen import reopen
from pipeline.sheets.image import sheet_image
from pipeline.station import Station
from pipeline.unfold import unfold
from storage.accounts import images
from storage.stored import StoredFile
from tests.pages_fixtures import tiff_bytes
from tests.trial_fixtures import Few, Trial


@pytest.fixture
def station(trial: Trial) -> Iterator[Station]:
    with trial.opened() as opened:
        yield opened


@dataclass(frozen=True, slots=True)
class Left:
    """What stands where, of one file."""

    state: str
    reason: str | None
    documents: tuple[str, ...]
    spool: tuple[str, ...]
    quarantine: tuple[str, ...]


def taken(station: Station, path: Path) -> StoredFile:
    with path.open("rb") as stream:
        return take(station, Source(station.identifiers.new(), path.name, "a box", stream, lambda: None))


def left(station: Station, file: StoredFile) -> Left:
    with station.database.read() as session:
        stored = station.captured.file(session, file.id)
        documents = station.documents.documents(session, file=file.id)
    assert stored is not None
    found = tuple(document.id for document in documents)
    return Left(stored.state, stored.reason, found, station.spool.ids(), station.quarantine.ids())


# --- Identifiers ------------------------------------------------------------------------------------------------------


@given(st.integers(0, (1 << 128) - 1), st.integers(1, 65_534))
def test_a_parts_identifier_is_always_the_same_and_sorts_by_ordinal(value: int, ordinal: int) -> None:
    whole = str(ULID.from_int(value))
    one, next_one = part_of(whole, ordinal), part_of(whole, ordinal + 1)
    assert one == part_of(whole, ordinal)
    assert one < next_one
    assert ULID.from_str(one).timestamp == ULID.from_str(whole).timestamp


@pytest.mark.parametrize("ordinal", [0, -1, 65_536])
def test_a_part_that_cannot_be_has_no_identifier(ordinal: int) -> None:
    with pytest.raises(ValueError, match="no such part"):
        part_of(str(ULID.from_int(1 << 90)), ordinal)


def test_files_of_the_same_instant_have_parts_of_their_own() -> None:
    files = [str(ULID.from_int((1 << 100) + number)) for number in range(100)]
    assert len({part_of(file, ordinal) for file in files for ordinal in range(1, 20)}) == 1900


# --- All or none, and again -------------------------------------------------------------------------------------------


def test_documents_hold_the_very_images_of_the_file(station: Station, few: Few) -> None:
    file = taken(station, few.path)
    unfold(station, file)
    found = left(station, file)
    pages = list(open_pages(few.path, station.limits))
    kept = [image for document in found.documents for image in PackedImages(station.spool, document)]
    with station.database.read() as session:
        positions = [p for document in found.documents for p in station.documents.positions(session, document)]
        hashes = [h for document in found.documents for h in station.documents.image_hashes(session, document)]
    assert kept == [pages[position - 1] for position in positions]
    assert hashes == [hashlib.sha256(image.payload).hexdigest() for image in kept]
    assert found.documents == tuple(part_of(file.id, ordinal) for ordinal in (1, 2))


def test_opened_again_after_a_crash_a_file_gives_the_same_documents_and_no_others(
    station: Station, few: Few, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = taken(station, few.path)
    crash_before_the_record(station, file, monkeypatch)
    orphans = left(station, file)
    assert (orphans.state, orphans.documents, len(orphans.spool)) == ("captured", (), 3)
    unfold(station, file)
    found = left(station, file)
    assert found.spool == orphans.spool == tuple(sorted((file.id, *found.documents)))


def test_what_a_crash_left_goes_when_the_file_then_gives_fewer_documents(
    station: Station, few: Few, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = taken(station, few.path)
    crash_before_the_record(station, file, monkeypatch)
    sheet = sheet_image(Separator(PatientRef("A1001"), None, None), 150)
    station.spool.write(file.id, [tiff_bytes([sheet, sheet], "tiff_lzw")])
    unfold(station, file)
    assert left(station, file) == Left("settled", None, (), (), ())


def crash_before_the_record(station: Station, file: StoredFile, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as crashing:
        crashing.setattr(opening, "_record", _crash)
        with pytest.raises(KeyboardInterrupt):
            unfold(station, file)


def _crash(*_: object) -> None:
    raise KeyboardInterrupt


def broken_at_its_last_page(few: Few, folder: Path) -> Path:
    """The last page's strip has its length, and no picture."""
    blob = bytearray(few.path.read_bytes())
    with few.path.open("rb") as file:
        where, length = tiff.directories(file, len(blob), Limits())[-1].pieces[0]
    blob[where : where + length] = b"\0" * length
    path = folder / "broken.tif"
    path.write_bytes(blob)
    return path


def test_a_fault_at_the_last_page_leaves_nothing_of_the_first(station: Station, few: Few, tmp_path: Path) -> None:
    file = taken(station, broken_at_its_last_page(few, tmp_path))
    unfold(station, file)
    found = left(station, file)
    assert (found.state, found.documents, found.spool, found.quarantine) == ("set-aside", (), (), (file.id,))
    with station.database.read() as session:
        counted = images(session, files=[file.id])
    assert counted.columns["set-aside"] == counted.captured == len(list(open_pages(few.path, Limits())))


def test_the_original_stays_encrypted_until_its_file_is_settled(station: Station, few: Few) -> None:
    file = taken(station, few.path)
    unfold(station, file)
    assert station.spool.has(file.id)
    with station.spool.open(file.id) as stream:
        assert stream.read() == few.path.read_bytes()
    spooled = station.config.shared / "spool" / f"{file.id}.spool"
    assert few.path.read_bytes()[:4096] not in spooled.read_bytes()


# --- Taken again ------------------------------------------------------------------------------------------------------


def test_a_file_taken_again_is_opened_from_under_the_release_key(station: Station, few: Few, tmp_path: Path) -> None:
    file = taken(station, broken_at_its_last_page(few, tmp_path))
    unfold(station, file)
    assert reopen(station, file.batch) == (file.id,)
    assert left(station, file) == Left("captured", None, (), (), (file.id,))
    with station.database.read() as session:
        assert images(session).in_progress == 1
        again = station.captured.file(session, file.id)
    assert again is not None
    assert again.attempts == 2
    unfold(station, again)
    assert left(station, file) == Left("set-aside", "unreadable-scan", (), (), (file.id,))


def test_a_copy_for_which_there_is_no_room_is_a_fault_of_the_station(tmp_path: Path) -> None:
    with pytest.raises(StationFault, match="work-unwritable"):
        write_copy(np.zeros((10, 10), np.uint8), tmp_path / "gone" / "copy.tif", 300)
