"""Whatever a scanner does, and whenever the station ends: nothing is lost, nothing is taken twice, nothing half."""

import hashlib
import io
import json
import os
import random
import signal
import traceback
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest
from PIL import Image, ImageSequence

import storage.effects
from lexicon.faults import EXIT_WAITING
from pipeline import steps as engine_steps
from pipeline.events import BatchClosed
from pipeline.inbox import CLAIMS, Inbox
from pipeline.office.alarms import alarms
from pipeline.office.batches_opening import confirm
from storage.announced import Announcement
from tests.crash_nursery import Nursery
from tests.failpoint_fixtures import failpoints
from tests.pages_fixtures import drawing, pages_of
from tests.scanner_simulator import (
    ODD_NAMES,
    WAYS,
    Scanning,
    Steps,
    burst,
    growing_pdf,
    growing_tiff,
    interleaved,
    page_by_page,
    reopening,
    same_name,
    small_pdf,
)
from tests.trial_fixtures import Few, RememberingTools, Trial, make_few, work

SETTLE, PATIENCE = 5.0, 600.0
CONTENT = small_pdf("one", 60_000)
"""Of several blocks of a disk: what is not written yet can be a hole."""


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


class Desk:
    """A station's desk at a drop folder, with a clock that is turned by hand: it claims, copies and lets go."""

    def __init__(self, inbox: Inbox, taken: Path) -> None:
        self.inbox, self.place, self.now = inbox, taken, 0.0
        self._claims = 0
        taken.mkdir(exist_ok=True)

    def passes(self, seconds: float) -> None:
        """Time passes, a second at a time, with a look at the folder after each."""
        until = self.now + seconds
        while self.now < until:
            self.now = min(until, self.now + max(1.0, seconds / 20))
            self.look()

    def look(self) -> None:
        for arrival in self.inbox.sweep(self.now):
            self._claims += 1
            claimed = self.inbox.claim(arrival, f"C{os.getpid()}N{self._claims:06}")
            if claimed is not None:
                with claimed.open() as file:
                    (self.place / claimed.id).write_bytes(file.read())
                self.inbox.release(claimed)

    def taken(self) -> list[bytes]:
        return [path.read_bytes() for path in sorted(self.place.iterdir())]


@pytest.fixture
def desk(drop: Path, tmp_path: Path) -> Iterator[Desk]:
    with Inbox(drop, settle=SETTLE, patience=PATIENCE, watch="polling") as inbox:
        yield Desk(inbox, tmp_path / "taken")


def played(desk: Desk, steps: Steps, pause: float) -> list[bytes]:
    """What was taken of a scanner that pauses so many seconds after each operation."""
    for _ in steps:
        desk.passes(pause)
    desk.passes(2 * PATIENCE)
    return desk.taken()


def left(drop: Path) -> list[str]:
    return sorted(path.name for path in drop.rglob("*") if path.is_file())


# --- One scanner ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pause", [1.0, 30.0], ids=["shorter than settle", "longer than settle"])
@pytest.mark.parametrize("way", WAYS)
def test_a_file_is_taken_once_and_whole_however_it_is_put(desk: Desk, drop: Path, way: str, pause: float) -> None:
    assert played(desk, WAYS[way](drop / "SCAN0001.pdf", CONTENT), pause) == [CONTENT]
    assert left(drop) == []


def test_all_at_once_are_taken_once_and_whole(desk: Desk, drop: Path) -> None:
    contents = {name: small_pdf(name, 60_000) for name in WAYS}
    rolls = random.Random("scanners")  # noqa: S311  no secret
    for _ in interleaved([way(drop / f"{name}.pdf", contents[name]) for name, way in WAYS.items()]):
        desk.passes(rolls.choice((0.2, 1.0, 4.0, 6.0)))
    desk.passes(2 * PATIENCE)
    assert Counter(desk.taken()) == Counter(contents.values())


def test_a_pause_longer_than_patience_costs_pieces_and_no_byte(desk: Desk, drop: Path) -> None:
    """The scanner has closed its file and nothing says that more comes: the rest is a file of its own."""
    pieces = played(desk, reopening(drop / "SCAN0001.pdf", CONTENT), PATIENCE + 60.0)
    assert len(pieces) > 1
    assert b"".join(pieces) == CONTENT


def test_one_name_again_and_again_is_so_many_files(desk: Desk, drop: Path) -> None:
    contents = [small_pdf(str(number)) for number in range(5)]
    assert played(desk, same_name(drop / "SCAN0001.pdf", contents), 3.0) == contents


@pytest.mark.parametrize("pause", [1.0, 30.0])
def test_pages_are_kept_whether_they_come_in_one_file_or_in_several(desk: Desk, drop: Path, pause: float) -> None:
    """A PDF has its end after each page. Within `settle` it is one file; after it, each copy has what came before."""
    grown = growing_pdf([drawing((40, 60)), drawing((60, 40)), drawing((50, 50))])
    assert all(content.startswith(grown[0]) for content in grown)
    taken = played(desk, page_by_page(drop / "SCAN0001.pdf", grown), pause)
    assert taken == ([grown[-1]] if pause < SETTLE else list(grown))


@pytest.mark.parametrize("grow", [growing_pdf, growing_tiff])
def test_the_simulated_scans_are_scans(tmp_path: Path, grow: type) -> None:
    grown = grow([drawing((40, 60)), drawing((60, 40)), drawing((50, 50))])
    for number, content in enumerate(grown, start=1):
        (tmp_path / "scan").write_bytes(content)
        assert len(pages_of(tmp_path / "scan")) == number


def test_names_that_differ_by_case_or_accents_alone_are_several_files(desk: Desk, drop: Path) -> None:
    contents = [small_pdf(f"n{number}") for number in range(len(ODD_NAMES))]
    for name, content in zip(ODD_NAMES, contents, strict=True):
        (drop / name).write_bytes(content)
    there = len(left(drop))  # fewer on a file system that takes two of them for one
    desk.passes(2 * SETTLE)
    assert len(desk.taken()) == there
    assert set(desk.taken()) <= set(contents)


@pytest.mark.parametrize("number", [100, pytest.param(5_000, marks=pytest.mark.slow)])
def test_a_burst_is_taken_file_by_file(desk: Desk, drop: Path, number: int) -> None:
    contents = [small_pdf(str(n)) for n in range(number)]
    for step, _ in enumerate(burst(drop, contents)):
        if step % 100 == 0:
            desk.passes(1.0)
    desk.passes(2 * SETTLE)
    assert desk.taken() == contents or Counter(desk.taken()) == Counter(contents)
    assert left(drop) == []


# --- A station that is killed -----------------------------------------------------------------------------------------

POINTS: Final = tuple(
    f"{point.name}:{side}"
    for point in {point.name: point for point in failpoints() if point.module == "pipeline/drop/claims.py"}.values()
    for side in ("before", "after")
)


def killed_at(drop: Path, taken: Path, point: str) -> bool:
    """A process that does what a desk does, killed where it comes to that point; whether it came there."""
    child = os.fork()
    if child == 0:
        asked = {storage.effects.VARIABLE: f"{point}=kill"} if point else {}
        vars(storage.effects)["_armed"] = storage.effects.armed_by(asked)
        try:
            with Inbox(drop, settle=0.0, patience=PATIENCE, watch="polling") as inbox:
                desk = Desk(inbox, taken)
                for claimed in inbox.recover():
                    with claimed.open() as file:
                        (taken / claimed.id).write_bytes(file.read())
                    inbox.release(claimed)
                desk.look()
        except BaseException:  # noqa: BLE001  a child must not go on as the tests
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in {0, -signal.SIGKILL}
    return code != 0


QUICK: Final = ("dripping", "renaming", "backwards", "in-a-new-folder")


@pytest.mark.parametrize("way", [pytest.param(way, marks=() if way in QUICK else pytest.mark.slow) for way in WAYS])
def test_a_station_killed_between_any_two_operations_loses_nothing_of_a_scanner_that_goes_on(
    drop: Path, tmp_path: Path, way: str
) -> None:
    taken, killed = tmp_path / "taken", list[str]()
    contents = [small_pdf(f"{way} {point}", 60_000) for point in POINTS]
    for number, point in enumerate(POINTS):
        for _ in WAYS[way](drop / f"SCAN{number:04}.pdf", contents[number]):
            if killed_at(drop, taken, point if point not in killed else ""):
                killed.append(point)
    while left(drop):
        killed_at(drop, taken, "")
    assert Counter(path.read_bytes() for path in taken.iterdir()) == Counter(contents)
    assert {point.partition(":")[0] for point in killed} >= {
        "claim.note",
        "claim.move",
        "claim.release",
        "claim.forget",
    }
    assert list((drop / CLAIMS).iterdir()) == []


# --- The daemon -------------------------------------------------------------------------------------------------------

KILLED: Final = ("claim.move:after", "capture.spool:after", "capture.record:after", "claim.release:after")
MORE: Final = ("claim.note:after", "claim.sync:before", "capture.record:before", "claim.release:before", *KILLED)


@pytest.mark.parametrize("points", [KILLED, pytest.param(MORE, marks=pytest.mark.slow)], ids=["four", "eight"])
def test_the_daemon_killed_and_started_again_beside_its_scanners_takes_each_file_once(
    tmp_path: Path, points: tuple[str, ...]
) -> None:
    trial = Trial.found(tmp_path / "station", verapdf="never")
    trial.config.write_text(trial.config.read_text("utf-8").replace("settle = 0.0", "settle = 0.4"), "utf-8")
    contents = {name: small_pdf(name, 60_000) for name in WAYS}
    scanning = Scanning(
        interleaved([way(trial.inbox / f"{name}.pdf", contents[name]) for name, way in WAYS.items()]), 0.1
    )
    nursery, left_over = Nursery(tmp_path / "nursery"), list(points)
    try:
        scanning.start()
        while left_over:
            armed = ",".join(f"{point}=kill" for point in left_over)
            ended = nursery.run(trial, "watch", failpoint=armed, kill_after=60.0, by=signal.SIGTERM)
            assert ended.killed, ended.err
            left_over.remove(ended.points[-1])
        scanning.ended(60.0)
        ended = nursery.run(trial, "process", trial.inbox, kill_after=120.0, by=signal.SIGTERM)
    finally:
        nursery.close()
    assert ended.code == EXIT_WAITING, ended.err
    with trial.opened() as station, station.database.read() as session:
        files = station.captured.files(session)
    assert Counter(file.sha256 for file in files) == Counter(
        hashlib.sha256(one).hexdigest() for one in contents.values()
    )
    assert {file.state for file in files} == {"set-aside"}
    assert left(trial.inbox) == []


# --- A file that goes on where an earlier one ended -------------------------------------------------------------------


@pytest.fixture
def long(tmp_path: Path) -> Few:
    """A document that is deposited, another one, and one that only the longer file has."""
    return make_few(
        tmp_path / "long", "SCAN0001.tif",
        ("ordonnance", "A1001", "deposited"), ("fiche_aptitude", "A1002", "deposited"),
    )  # fmt: skip


def cut(few: Few, pages: int) -> bytes:
    """The file as it was after so many pages."""
    with Image.open(few.path) as scan, io.BytesIO() as target:
        frames = [frame.copy() for frame in ImageSequence.Iterator(scan)][:pages]
        frames[0].save(
            target, "TIFF", save_all=True, append_images=frames[1:], compression="tiff_lzw", dpi=scan.info["dpi"]
        )
        return target.getvalue()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_steps, "DocumentTools", RememberingTools)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("longer_first", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_what_came_before_the_pause_is_not_deposited_again_with_what_came_after_it(
    trial: Trial,
    long: Few,
    longer_first: bool,  # noqa: FBT001  a parameter
) -> None:
    first, second = long.documents
    whole = len(long.file.pages)
    parts = [(first.pages[-1], "before"), (whole, "after")]
    ends: list[dict[tuple[int, ...], tuple[str, str | None]]] = []
    with trial.opened() as station:
        for pages, name in reversed(parts) if longer_first else parts:
            (trial.inbox / f"{name}.tif").write_bytes(cut(long, pages))
            worked = work(station, trial.inbox)
            ends.append(worked.ends())
            assert worked.accounts.images.balanced
        with station.database.read() as session:
            before, after = station.captured.files(session)
            entries = [json.loads(entry) for entry in station.ledger.entries(session)]
    held = ("held", "continues-earlier-file")
    if longer_first:
        assert ends == [{first.pages: ("deposited", None), second.pages: ("deposited", None)}, {first.pages: held}]
    else:
        assert ends == [{first.pages: ("deposited", None)}, {first.pages: held, second.pages: ("deposited", None)}]
    assert [entry.get("parent") for entry in entries if entry["type"] == "split"] == [None, before.id]
    assert {before.state, after.state} == {"settled"}


@pytest.mark.usefixtures("quick")
def test_a_pause_longer_than_settle_is_told_by_the_page_count_that_was_announced(trial: Trial, long: Few) -> None:
    """The scanner paused behind the first document, and wrote its file again with both."""
    first, second = long.documents
    pages = len(first.pages) + len(second.pages)
    (trial.inbox / "lot").mkdir()
    for number, end in enumerate((first.pages[-1], len(long.file.pages)), start=1):
        (trial.inbox / "lot" / f"SCAN000{number}.tif").write_bytes(cut(long, end))
    with trial.opened() as station:
        now = station.clock.now()
        with station.database.write("test.announce") as session:
            batch = station.batches.batch_for(session, "lot", station.identifiers.new(), now)
            station.batches.announce(session, batch, Announcement(pages=pages), now)
        worked = work(station, trial.inbox)
        (closed,) = [event for event in worked.events if isinstance(event, BatchClosed)]
        ringing = [alarm.slug for alarm in alarms(station, datetime.now(UTC))]
        waiting = confirm(station, "lot", "paper-checked")
        again = work(station, trial.inbox)
    assert closed.unlike == {"pages": (pages, pages + len(first.pages))}
    assert "count-unlike-announced" in ringing
    assert waiting == (batch, 2), "what came after the pause, whole, and nothing of it is lost or twice"
    assert sum(one.outcome == "deposited" for one in (*worked.documents, *again.documents)) == 2
    assert again.accounts.station_images.balanced
