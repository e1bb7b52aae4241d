"""How a drop folder is watched: by events or by listing alone, whatever clocks say, each folder in its turn."""

import os
import subprocess
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lexicon.faults import StationFault
from pipeline.config import AlarmsSection, load
from pipeline.drop.ending import has_end
from pipeline.drop.mounts import is_share
from pipeline.drop.wakeup import Wakeup
from pipeline.events import Event, InboxGone
from pipeline.feeding import Line, Lines
from pipeline.formats.limits import Limits
from pipeline.inbox import CLAIMS, Inbox, Standing, Temporary, check_inbox
from pipeline.office.alarms import alarms, unclaimed
from pipeline.sources import claimed_from, in_place, require_apart
from pipeline.station import Station
from tests.pages_fixtures import drawing, jpeg_bytes
from tests.scanner_simulator import small_pdf
from tests.trial_fixtures import Trial

WHOLE = small_pdf("a scan")


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


# --- Events and listings ----------------------------------------------------------------------------------------------


def mounts(folder: Path, kind: str) -> Path:
    """A table of mounts in which the folder's device is of that kind."""
    number = folder.stat().st_dev
    table = folder.with_name("mountinfo")
    table.write_text(
        "21 1 0:999 / / rw - ext4 /dev/sda1 rw\n"
        f"22 21 {os.major(number)}:{os.minor(number)} / /srv/d\\303\\251p\\303\\264t rw shared:1 - {kind} //nas/s rw\n"
    )
    return table


@pytest.mark.parametrize(
    ("kind", "share"),
    [("nfs4", True), ("cifs", True), ("smb3", True), ("fuse", True), ("fuse.sshfs", True), ("9p", True),
     ("ext4", False), ("btrfs", False), ("tmpfs", False), ("fuseblk", False)],
)  # fmt: skip
def test_a_share_is_known_by_its_kind_of_file_system(drop: Path, kind: str, share: bool) -> None:  # noqa: FBT001
    assert is_share(drop, mounts(drop, kind)) == share


def test_where_nobody_says_a_folder_is_taken_for_a_local_one(drop: Path) -> None:
    assert not is_share(drop, drop / "no table")
    assert not is_share(drop / "gone")


@pytest.mark.parametrize(("watch", "hears"), [("auto", True), ("events", True), ("polling", False)])
def test_a_folder_is_watched_as_its_setting_says(drop: Path, watch: str, hears: bool) -> None:  # noqa: FBT001
    bell = threading.Event()
    woken = Wakeup(drop, drop / CLAIMS, watch, bell)  # type: ignore[arg-type]  # one of the three
    try:
        assert woken.hears == hears
        (drop / "a.pdf").write_bytes(WHOLE)
        assert woken.wait(5.0 if hears else 0.3) == hears
        assert bell.is_set() == hears
    finally:
        woken.close()


def test_without_any_event_a_listing_finds_the_file(drop: Path) -> None:
    with Inbox(drop, settle=5, watch="polling") as inbox:
        (drop / "a.pdf").write_bytes(WHOLE)
        inbox.sweep(0.0)
        assert len(inbox.sweep(5.0)) == 1


# --- Temporary names --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["tmp_SCAN.pdf", "TMP_scan.pdf", "SCAN.pdf.scanning", "SCAN.Scanning", "a.NUMÉRISÉ", "a.nume\u0301rise\u0301"],
)
def test_a_scanners_own_temporary_names_are_left_alone(drop: Path, name: str) -> None:
    (drop / name).write_bytes(WHOLE)
    (drop / "scan.tmp_").write_bytes(WHOLE)
    with Inbox(drop, settle=0, temporary=Temporary.of(("tmp_*", "*.scanning", "*.numérisé"))) as inbox:
        assert [arrival.name for arrival in inbox.sweep(0.0)] == [b"scan.tmp_"]
        assert +inbox.left_alone == {"temporary": 1}
        (drop / name).rename(drop / "SCAN.pdf")
        assert len(inbox.sweep(1.0)) == 2


@pytest.mark.parametrize("pattern", ["*", "*.pdf", "*df", "*.JPG", "a*b", "scan", "*/x", "?x*"])
def test_a_pattern_that_would_leave_scans_alone_is_refused(trial: Trial, pattern: str) -> None:
    text = trial.config.read_text("utf-8")
    trial.config.write_text(text.replace("settle = 0.0", f'settle = 0.0\ntemporary = ["{pattern}"]', 1), "utf-8")
    with pytest.raises(StationFault, match="config-invalid") as raised:
        load(trial.config)
    assert str(raised.value.facts["setting"]).startswith("inbox.0.temporary")


# --- Folders that must not be one -------------------------------------------------------------------------------------


@pytest.mark.parametrize("second", ["inbox", "inbox/lot", ".", "./inbox/../inbox"])
def test_two_drop_folders_that_overlap_are_refused(trial: Trial, second: str) -> None:
    (trial.inbox / "lot").mkdir()
    with trial.config.open("a", encoding="utf-8") as file:
        file.write(f'\n[[inbox]]\nfolder = "{second}"\n')
    config = load(trial.config)
    for section in config.inbox:
        with pytest.raises(StationFault, match="inbox-unsafe"):
            require_apart(config, section)


def test_a_drop_folder_in_the_backups_is_refused(trial: Trial) -> None:
    with trial.config.open("a", encoding="utf-8") as file:
        file.write('\n[backup]\nfolder = "inbox/backups"\n')
    config = load(trial.config)
    with pytest.raises(StationFault, match="inbox-unsafe"):
        require_apart(config, config.inbox[0])


def test_a_folder_of_two_names_is_one_folder(drop: Path, tmp_path: Path) -> None:
    """By a second mount of it, as a share of two cases is: no path tells."""
    twin = tmp_path / "Inbox"
    twin.mkdir()
    mounted = subprocess.run(["mount", "--bind", drop, twin], check=False, capture_output=True)
    if mounted.returncode:
        pytest.skip("needs the right to mount")
    try:
        (drop / "station").mkdir()
        for private in (twin, twin / "station"):
            with pytest.raises(StationFault, match="inbox-unsafe"):
                check_inbox(drop, [private])
    finally:
        subprocess.run(["umount", twin], check=True)


# --- Ends -------------------------------------------------------------------------------------------------------------


def ended(drop: Path, content: bytes) -> bool:
    (drop / "scan").write_bytes(content)
    with (drop / "scan").open("rb") as file:
        return has_end(file, Limits())


def test_a_thumbnails_end_is_not_the_images(drop: Path) -> None:
    image, thumbnail = jpeg_bytes(drawing((1200, 1600))), jpeg_bytes(drawing((40, 60)))
    segment = b"\xff\xe1" + (len(thumbnail) + 8).to_bytes(2, "big") + b"Exif\0\0" + thumbnail
    whole = image[:2] + segment + image[2:]
    lengths = (4, 100, len(segment) + 2, len(segment) + 30, len(segment) + 2_000, len(whole) - 2)
    assert [ended(drop, whole[:length]) for length in lengths] == [False] * len(lengths)
    assert ended(drop, whole)


def test_a_linearized_pdf_ends_where_it_says(drop: Path) -> None:
    begun = b"%PDF-1.4\n1 0 obj\n<< /Linearized 1 /L 5000 /N 1 >>\nendobj\nstartxref\n0\n%%EOF\n"
    assert not ended(drop, begun)
    assert ended(drop, begun + bytes(5000 - len(begun) - 6) + b"%%EOF\n")


def test_what_was_never_written_is_no_scan(drop: Path) -> None:
    assert not ended(drop, bytes(10_000))
    with (drop / "scan").open("wb") as file:
        file.write(WHOLE)
        file.truncate(1 << 20)
        file.seek((1 << 20) - 10)
        file.write(b"\n%%EOF\n")
    with (drop / "scan").open("rb") as file:
        assert not has_end(file, Limits())


# --- Clocks -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", [-3_600.0, -30.0, 0.0, 30.0, 3_600.0, 86_400.0 * 365])
def test_a_clock_that_is_put_right_while_we_look_makes_no_file_whole_and_none_wait(drop: Path, step: float) -> None:
    """The first look is before the step, the others after it; the file grows by a page every three seconds."""
    standing, wall = Standing(drop, settle=5.0, patience=600.0), time.time()
    for page in range(5):
        (drop / "scan.pdf").write_bytes(WHOLE[: 20 + page])
        for second in range(3):
            now = 3.0 * page + second
            assert not standing.look(now, wall + now + (step if now else 0.0)).ready
    (drop / "scan.pdf").write_bytes(WHOLE)
    assert [bool(standing.look(now, wall + now + step).ready) for now in (15.0, 19.0, 20.0)] == [False, False, True]


@pytest.mark.parametrize("written", [0.0, 1.0, 4_102_444_800.0], ids=["1970", "1970 and a second", "2100"])
def test_a_scanners_clock_says_nothing(drop: Path, written: float) -> None:
    standing = Standing(drop, settle=5.0, patience=600.0)
    (drop / "scan.pdf").write_bytes(WHOLE)
    os.utime(drop / "scan.pdf", (written, written))
    assert [bool(standing.look(now, time.time()).ready) for now in (0.0, 4.9, 5.0)] == [False, False, True]


@pytest.mark.parametrize("claimed", [True, False], ids=["a drop folder", "in place"])
def test_process_takes_what_a_scanner_of_a_wrong_clock_has_finished(
    trial: Trial,
    claimed: bool,  # noqa: FBT001
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The station's clock goes back by a day with each question meanwhile."""
    days = iter(range(10_000))
    (trial.inbox / "scan.pdf").write_bytes(WHOLE)
    with trial.opened() as station, Inbox(trial.inbox, settle=0.6) as inbox:
        monkeypatch.setattr(time, "time", lambda: 1e9 - 86_400.0 * next(days))
        told: list[Event] = []
        stop = threading.Event()
        if claimed:
            sources = claimed_from(station, inbox, trial.inbox, told.append, stop)
        else:
            sources = in_place(station, trial.inbox, told.append, stop)
        assert [source.stream.read() for source in sources] == [WHOLE]
        assert told == []


# --- What nobody claims -----------------------------------------------------------------------------------------------


def rings(station: Station, minutes: float) -> list[int]:
    now = datetime.now(UTC) + timedelta(minutes=minutes)
    return [alarm.count for alarm in alarms(station, now) if alarm.slug == "unclaimed-long"]


def test_no_file_waits_unclaimed_unseen(trial: Trial) -> None:
    """Whatever its name, and whatever its scanner's clock; hidden files and systems' litter are nobody's."""
    for name in ("scan.pdf", "scan.pdf.part", "sub/deep/scan.pdf"):
        (trial.inbox / name).parent.mkdir(parents=True, exist_ok=True)
        (trial.inbox / name).write_bytes(WHOLE)
        os.utime(trial.inbox / name, (1, 1))
    for name in (".DS_Store", "Thumbs.db", "desktop.ini"):
        (trial.inbox / name).write_bytes(WHOLE)
    with trial.opened() as station:
        assert [rings(station, minutes) for minutes in (0, 29, 31)] == [[], [], [3]]
        assert len(unclaimed(station)[1]) == 3
        with Inbox(trial.inbox, settle=0) as inbox:
            for arrival in inbox.sweep(0.0):
                assert inbox.claim(arrival, station.identifiers.new())
        assert rings(station, 31) == [1], "a name that stayed temporary"
        (trial.inbox / "scan.pdf.part").unlink()
        assert rings(station, 31) == []


def test_the_alarm_is_never_sooner_than_the_folders_own_patience(trial: Trial) -> None:
    text = trial.config.read_text("utf-8")
    trial.config.write_text(text.replace("settle = 0.0", "settle = 0.0\npatience = 7200.0", 1), "utf-8")
    (trial.inbox / "scan.pdf").write_bytes(b"%PDF-1.4")
    with trial.opened() as station:
        assert [rings(station, minutes) for minutes in (31, 119, 121)] == [[], [], [1]]
    assert AlarmsSection(unclaimed_minutes=0).unclaimed_minutes == 0


# --- Turns ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[Inbox, Inbox]]:
    for name in ("large", "small"):
        (tmp_path / name).mkdir()
    with (
        Inbox(tmp_path / "large", settle=0, watch="polling") as large,
        Inbox(tmp_path / "small", settle=0, watch="polling") as small,
    ):
        yield large, small


def lines(told: list[Event], *inboxes: Inbox) -> Lines:
    return Lines([Line(inbox, 5.0, told.append, ()) for inbox in inboxes])


def identifiers() -> Iterator[str]:
    return (f"C{number:05}" for number in range(100_000))


def test_a_burst_in_one_folder_does_not_hold_up_another(two: tuple[Inbox, Inbox]) -> None:
    large, small = two
    for number in range(50):
        (large.folder / f"{number}.pdf").write_bytes(WHOLE)
    (small.folder / "one.pdf").write_bytes(WHOLE)
    names = identifiers()
    both = lines([], large, small)
    both.claim(0.0, lambda: next(names))
    order = [inbox is small for inbox, _ in both.turns()]
    assert order.index(True) <= 1
    assert len(order) > 1


def test_what_cannot_be_taken_goes_to_the_end_of_its_line(two: tuple[Inbox, Inbox]) -> None:
    large, small = two
    for number in range(3):
        (large.folder / f"{number}.pdf").write_bytes(WHOLE)
    names = identifiers()
    both = lines([], large, small)
    both.claim(0.0, lambda: next(names))
    turns = both.turns()
    inbox, first = next(turns)
    both.put_back(inbox, first)
    assert [unit[0].name for _, unit in both.turns()] == [b"1.pdf", b"2.pdf", b"0.pdf"]
    inbox.release(first[0])
    both.put_back(inbox, first)
    assert not both.busy, "somebody else has taken it up"


def test_each_folder_is_listed_at_its_own_pace(two: tuple[Inbox, Inbox]) -> None:
    often, seldom = two
    both = Lines([Line(often, 1.0, lambda _: None, ()), Line(seldom, 60.0, lambda _: None, ())])
    names = identifiers()
    both.claim(0.0, lambda: next(names))
    for inbox in two:
        (inbox.folder / "scan.pdf").write_bytes(WHOLE)
    both.claim(1.0, lambda: next(names))
    assert [inbox is often for inbox, _ in both.turns()] == [True]
    both.claim(59.9, lambda: next(names))
    assert list(both.turns()) == []
    both.claim(60.0, lambda: next(names))
    assert [inbox is seldom for inbox, _ in both.turns()] == [True]


def test_a_folder_that_goes_and_comes_back_is_told_once_each_time(two: tuple[Inbox, Inbox], tmp_path: Path) -> None:
    large, small = two
    told: list[Event] = []
    both = lines(told, large, small)
    names = identifiers()
    large.folder.rename(tmp_path / "away")
    for now in (0.0, 5.0, 10.0):
        both.claim(now, lambda: next(names))
    (tmp_path / "away").rename(large.folder)
    both.claim(15.0, lambda: next(names))
    assert told == [InboxGone(str(large.folder), back=False), InboxGone(str(large.folder), back=True)]
