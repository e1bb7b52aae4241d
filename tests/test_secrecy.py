"""After a day's work nobody is named outside sealed columns and envelopes, and no piece of a scan lies in clear."""

import json
import os
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from demo.people import UNKNOWN
from tests.conftest import Processed
from tests.hunter import Hunter, Person, Trace, pieces_of
from tests.trial_fixtures import people


@pytest.fixture(scope="module")
def hunter(processed: Processed) -> Hunter:
    return Hunter(map(Person.of, people()), dict(pieces(processed)))


def pieces(processed: Processed) -> Iterator[tuple[str, bytes]]:
    for name in processed.files:
        yield from pieces_of(processed.folder / name)


def test_the_scans_have_pieces_to_be_found(processed: Processed, hunter: Hunter) -> None:
    found = {trace.term for trace in hunter.in_folder(processed.folder)}
    paged = [name for name, file in processed.files.items() for page in file.pages if page.role == "document"]
    assert len([term for term in found if " p. " in term]) >= len(paged)


@pytest.mark.parametrize("place", ["station", "host", "work", "tmp", "inbox", "trial-keys", "config.toml"])
def test_nobody_is_named_in_what_the_station_keeps(processed: Processed, hunter: Hunter, place: str) -> None:
    path = processed.trial.folder / place
    assert path.exists()
    assert (hunter.in_folder(path) if path.is_dir() else hunter.in_file(path)) == set()


def test_the_hunt_reaches_every_place(processed: Processed, hunter: Hunter) -> None:
    (person,) = [person for person in people() if person.usage_name == "GUILLOU"]
    places = ("station/spool", "station/quarantine", "station/log", "station/sealed", "host", "work", "tmp")
    planted = [processed.trial.folder / place / "control" for place in places]
    for path in planted:
        path.write_bytes(f"xx{person.ins}".encode("utf-16-be"))
    found = {Path(trace.where) for trace in hunter.in_folder(processed.trial.folder)}
    for path in planted:
        path.unlink()
    assert found == set(planted)


def test_the_hunt_reaches_the_cells_of_the_database(processed: Processed, hunter: Hunter, tmp_path: Path) -> None:
    shutil.copyfile(processed.trial.home / "station.db", tmp_path / "station.db")
    with closing(sqlite3.connect(tmp_path / "station.db", isolation_level=None)) as connection:
        connection.execute('INSERT INTO "import" (id, kind, sha256, lines, added, unchanged, refused, at) '
                           "VALUES ('x', 'Hélène', '', 0, 0, 0, 0, '')")  # fmt: skip
    assert {trace.term for trace in hunter.in_folder(tmp_path)} == {"Hélène"}


def test_nothing_is_written_outside_the_station_its_host_and_its_work_folder(processed: Processed) -> None:
    assert len(processed.opened) > 100
    outside = {
        path for path in processed.opened if path.is_absolute() and not path.is_relative_to(processed.trial.folder)
    }
    assert outside <= {Path("/dev/null")}


def test_no_name_of_a_scanned_file_is_in_a_name_that_the_station_gives(processed: Processed, hunter: Hunter) -> None:
    text = "\n".join(map(str, processed.opened))
    assert hunter.in_text(text, "names") == set()


def test_nothing_of_this_run_is_in_the_common_temporary_folders(
    processed: Processed, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Numbers and pieces of scans: these tests' own, while names of invented people may be anybody's on the machine."""
    numbers = [Person((), (person.ins or "",)) for person in people()]
    hunter = Hunter(numbers, dict(pieces(processed)))
    within = tmp_path_factory.getbasetemp()
    ours = next((folder for folder in within.parents if folder.name.startswith("pytest-of-")), within.parent)
    found: set[Trace] = set()
    for path in changed_since(processed.began, ours):
        with suppress(FileNotFoundError):
            found |= hunter.in_file(path)
    assert found == set()


def changed_since(began: float, but: Path) -> Iterator[Path]:
    """Files of the common temporary folders, not of what is mounted within them."""
    for place in filter(Path.is_dir, map(Path, ("/tmp", "/var/tmp", "/dev/shm"))):  # noqa: S108  where programs leave things
        device = place.stat().st_dev
        for folder, folders, names in os.walk(place):
            folders[:] = [
                name for name in folders if Path(folder, name) != but and _device(Path(folder, name)) == device
            ]
            yield from (path for path in (Path(folder, name) for name in names) if _is_fresh(path, began))


def _device(path: Path) -> int:
    try:
        return path.lstat().st_dev
    except OSError:
        return -1


def _is_fresh(path: Path, began: float) -> bool:
    try:
        seen = path.lstat()
    except OSError:
        return False
    return stat.S_ISREG(seen.st_mode) and seen.st_ctime >= began and seen.st_size < 1 << 25 and os.access(path, os.R_OK)


# --- What the commands say --------------------------------------------------------------------------------------------

ON_SCREEN = ("file", "name", "label")
"""Names of files and folders: the operator's own, shown to the operator alone."""


def test_no_command_names_anybody(processed: Processed, hunter: Hunter) -> None:
    said = [
        processed.status,
        processed.trial.run("custody", "show"),
        processed.trial.run("document", "find", "--patient", "A1001"),
    ]
    for ran in said:
        assert ran.code == 0, ran.err
        assert hunter.in_text(ran.out + ran.err, "said") == set()
    listed = processed.trial.run("refusal", "list", "--json")
    for ran in (processed.first, listed):
        told = [{field: value for field, value in line.items() if field not in ON_SCREEN} for line in ran.lines]
        assert hunter.in_text(json.dumps(told, ensure_ascii=False) + ran.err, "told") == set()


def test_a_reference_nobody_knows_is_the_only_trace_of_an_unknown_patient(processed: Processed) -> None:
    (line,) = [line for line in processed.first.of_kind("document") if line["patient"] == UNKNOWN]
    assert (line["outcome"], line["reason"]) == ("refused", "patient-unknown")


def test_the_logs_hold_no_reference_either(processed: Processed) -> None:
    log = (processed.trial.home / "log" / "liasse.jsonl").read_text(encoding="utf-8")
    for ref in (*(patient.ref for patient in processed.invented.patients), UNKNOWN):
        assert ref not in log
    for name in processed.files:
        assert Path(name).stem not in log
