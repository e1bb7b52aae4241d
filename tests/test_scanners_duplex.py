"""Manual duplex: all fronts, then all backs in reverse, read sheet by sheet; a half that is alone waits and is told."""

import hashlib
import json
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image

from lexicon.faults import SheetFault, StationFault
from pipeline import steps as engine_steps
from pipeline.config import load
from pipeline.decoding.answers import Looked
from pipeline.drop.claims import Claimed
from pipeline.events import FilesLeft, FileTaken
from pipeline.face_up import face_up
from pipeline.formats.collated import Bundle
from pipeline.formats.limits import Limits
from pipeline.inbox import CLAIMS, Inbox
from pipeline.intake import take
from pipeline.office.alarms import alarms
from pipeline.pages import open_pages
from pipeline.sighting import Look, Sighting
from pipeline.sources import open_inbox, recovered, source_of
from pipeline.station import Station
from tests.custody_fixtures import require_balance
from tests.pages_fixtures import tiff_bytes
from tests.scanner_simulator import growing_pdf
from tests.trial_fixtures import Few, RememberingTools, Trial, make_few, work

ALONE = "duplex-half-alone"


def side(number: int) -> Image.Image:
    """A page that is told by its size."""
    return Image.new("L", (100 + number, 140), 250 - number)


def numbers(path: Path) -> list[int]:
    return [page.width - 100 for page in open_pages(path, Limits())]


def bundled(tmp_path: Path, *contents: bytes) -> Path:
    for number, content in enumerate(contents):
        (tmp_path / f"half{number}").write_bytes(content)
    halves = [(tmp_path / f"half{number}").open("rb") for number in range(len(contents))]
    bundle = Bundle(halves)
    (tmp_path / "bundle").write_bytes(bundle.read())
    for half, content, digest in zip(halves, contents, bundle.hashes, strict=True):
        half.close()
        assert digest == hashlib.sha256(content).hexdigest()
    return tmp_path / "bundle"


def tiff(sides: Sequence[int]) -> bytes:
    return tiff_bytes([side(number) for number in sides], "tiff_lzw")


def pdf(sides: Sequence[int]) -> bytes:
    return growing_pdf([side(number) for number in sides])[-1]


@pytest.mark.parametrize("make", [tiff, pdf])
@pytest.mark.parametrize("sheets", [1, 2, 5])
def test_two_files_are_read_sheet_by_sheet(tmp_path: Path, make: type, sheets: int) -> None:
    fronts, backs = list(range(1, 2 * sheets, 2)), list(range(2 * sheets, 0, -2))
    assert numbers(bundled(tmp_path, make(fronts), make(backs))) == list(range(1, 2 * sheets + 1))


@pytest.mark.parametrize("make", [tiff, pdf])
@pytest.mark.parametrize("sheets", [1, 2, 5])
def test_one_file_of_fronts_and_backs_is_read_sheet_by_sheet(tmp_path: Path, make: type, sheets: int) -> None:
    sides = [*range(1, 2 * sheets, 2), *range(2 * sheets, 0, -2)]
    assert numbers(bundled(tmp_path, make(sides))) == list(range(1, 2 * sheets + 1))


def test_halves_of_two_formats_go_together(tmp_path: Path) -> None:
    assert numbers(bundled(tmp_path, tiff([1, 3]), pdf([4, 2]))) == [1, 2, 3, 4]


@pytest.mark.parametrize("halves", [([1, 3, 5], [4, 2]), ([1], [4, 2]), ([1, 2, 3],)])
def test_halves_of_unequal_length_are_never_collated(tmp_path: Path, halves: Sequence[Sequence[int]]) -> None:
    with pytest.raises(SheetFault, match="duplex-mismatch"):
        numbers(bundled(tmp_path, *map(tiff, halves)))


def test_what_the_scanner_gave_comes_back_by_tar(tmp_path: Path) -> None:
    bundle = bundled(tmp_path, tiff([1]), pdf([2]))
    subprocess.run(["tar", "-xf", bundle], cwd=tmp_path, check=True, capture_output=True)
    assert (tmp_path / "liasse-fronts").read_bytes() == tiff([1])
    assert (tmp_path / "liasse-backs").read_bytes() == pdf([2])


def test_an_archive_that_is_not_just_as_we_make_it_is_refused(tmp_path: Path) -> None:
    whole = bundled(tmp_path, tiff([1]), tiff([2])).read_bytes()
    nested = bundled(tmp_path, whole).read_bytes()
    again = whole[:-1024] + whole[:-1024] + bytes(1024)
    wrong = {whole[:100] + b"1" + whole[101:], whole[:-1024], whole + bytes(512), again, whole[:600], nested}
    for number, content in enumerate(wrong):
        (tmp_path / f"wrong{number}").write_bytes(content)
        with pytest.raises(SheetFault):
            numbers(tmp_path / f"wrong{number}")


# --- At a station -----------------------------------------------------------------------------------------------------


@pytest.fixture
def duplex(trial: Trial) -> Trial:
    return set_duplex(trial, 'duplex = "manual"', "sides = 2")


def set_duplex(trial: Trial, *lines: str) -> Trial:
    """The drop folder's lines of manual duplex, instead of those before."""
    told = trial.config.read_text("utf-8").splitlines()
    kept = [line for line in told if not line.startswith(("duplex", "sides"))]
    at = kept.index("settle = 0.0") + 1
    trial.config.write_text("\n".join([*kept[:at], *lines, *kept[at:], ""]), "utf-8")
    return trial


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_steps, "DocumentTools", RememberingTools)


def halves(few: Few) -> tuple[bytes, bytes]:
    """The pages of a file as the fronts, each with an empty back."""
    with Image.open(few.path) as scan:
        fronts, size, dpi = few.path.read_bytes(), scan.size, scan.info["dpi"]
    count = len(few.file.pages)
    return fronts, tiff_bytes([Image.new("L", size, 255)] * count, "tiff_lzw", dpi=dpi)


@pytest.mark.usefixtures("quick")
def test_a_station_takes_fronts_and_backs_as_one_file(duplex: Trial, tmp_path: Path) -> None:
    few = make_few(tmp_path / "few", "SCAN.tif", ("ordonnance", "A1001", "deposited"))
    fronts, backs = halves(few)
    with duplex.opened() as station:
        (duplex.inbox / "SCAN0001.tif").write_bytes(fronts)
        first = work(station, duplex.inbox)
        assert first.accounts.images.captured == 0
        assert [event for event in first.events if isinstance(event, FilesLeft)] == [FilesLeft("half", 1)]
        assert _alarm(station, minutes=5) == 0
        assert _alarm(station, minutes=15) == 1
        (duplex.inbox / "SCAN0002.tif").write_bytes(backs)
        second = work(station, duplex.inbox)
        (taken,) = [event for event in second.events if isinstance(event, FileTaken)]
        with station.database.read() as session:
            entries = [json.loads(entry) for entry in station.ledger.entries(session)]
        assert _alarm(station, minutes=15) == 0
    assert taken.name == "SCAN0001.tif + SCAN0002.tif"
    assert second.accounts.images.balanced
    assert second.accounts.images.captured == 2 * len(few.file.pages)
    assert second.accounts.images.columns["blank"] == len(few.file.pages)
    assert [(one.outcome, one.pages) for one in second.documents] == [
        ("deposited", tuple(2 * page - 1 for page in few.documents[0].pages))
    ]
    (capture,) = [entry for entry in entries if entry["type"] == "capture"]
    assert capture["hashes_in"] == [hashlib.sha256(half).hexdigest() for half in (fronts, backs)]


def _alarm(station: Station, minutes: int) -> int:
    now = datetime.now(UTC) + timedelta(minutes=minutes)
    return sum(alarm.count for alarm in alarms(station, now) if alarm.slug == "duplex-half-waiting")


@pytest.mark.usefixtures("quick")
def test_halves_that_do_not_fit_are_kept_whole_and_told(duplex: Trial) -> None:
    with duplex.opened() as station:
        for name, sides in (("1.tif", [1, 3]), ("2.tif", [4, 2, 6])):
            (duplex.inbox / name).write_bytes(tiff(sides))
        worked = work(station, duplex.inbox)
        with station.database.read() as session:
            (file,) = station.captured.files(session)
        assert (file.state, file.reason, file.custody) == ("set-aside", "duplex-mismatch", "curable")
        with station.quarantine.open(file.id) as kept:
            assert tiff([1, 3]) in (content := kept.read())
            assert tiff([4, 2, 6]) in content
    assert worked.accounts.images.balanced


def test_fronts_of_two_stacks_are_never_one_anothers_backs(duplex: Trial, tmp_path: Path) -> None:
    """As many sheets of each, and a separator before both: collated, the second patient's pages would come first."""
    stacks = [make_few(tmp_path / who, f"{who}.tif", ("ordonnance", who, "deposited")) for who in ("A1001", "A1002")]
    assert len({len(one.file.pages) for one in stacks}) == 1
    with duplex.opened() as station:
        for one in stacks:
            (duplex.inbox / one.path.name).write_bytes(one.path.read_bytes())
        worked = work(station, duplex.inbox)
        with station.database.read() as session:
            (file,) = station.captured.files(session)
            assert station.documents.documents(session) == ()
        assert (file.state, file.reason, file.custody) == ("set-aside", "duplex-mismatch", "curable")
    assert worked.accounts.images.balanced


@pytest.mark.parametrize(
    ("looks", "refused"),
    [
        ("sb cb cc", False), ("cc ss cb", False), ("ds cb", False), ("us cb", False), ("pp cc", False),
        ("cs cb", True), ("cc bs", True), ("cb bp", True),
    ],
)  # fmt: skip
def test_a_separator_that_comes_as_a_back_alone_is_another_stacks(tmp_path: Path, looks: str, *, refused: bool) -> None:
    of = {
        "s": Look.SEPARATOR, "p": Look.PLAIN, "c": Look.CONTENT, "b": Look.BLANK, "d": Look.DAMAGED, "u": Look.SUSPECT,
    }  # fmt: skip
    (image,) = open_pages(_written(tmp_path / "one.tif", tiff([1])), Limits())
    pages = [Looked(image, Sighting(of[sign], "0" * 64)) for sign in looks.replace(" ", "")]
    assert list(face_up(_written(tmp_path / "plain.tif", tiff([1, 2])), iter(pages))) == pages
    seen = face_up(bundled(tmp_path, tiff([1]), tiff([2])), iter(pages))
    if refused:
        with pytest.raises(SheetFault, match="duplex-mismatch"):
            list(seen)
    else:
        assert list(seen) == pages


def _written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def test_pairs_are_made_by_batch_and_in_order_also_after_a_stop(duplex: Trial) -> None:
    for lot in ("A", "B"):
        (duplex.inbox / lot).mkdir()
        for number in range(3):
            (duplex.inbox / lot / f"{number}.tif").write_bytes(tiff([number]))
    with duplex.opened() as station:
        section = station.config.inbox[0]
        with open_inbox(station, section) as inbox:
            claims = [inbox.claim(arrival, station.identifiers.new()) for arrival in inbox.sweep(0.0)]
            pairs = [unit for claimed in claims if claimed is not None and (unit := inbox.paired(claimed))]
        with open_inbox(station, section) as again:
            assert list(recovered(station, again)) == pairs
            assert again.halves == 2
    assert [[one.name for one in pair] for pair in pairs] == [[b"0.tif", b"1.tif"]] * 2


@pytest.mark.parametrize("let_go", [0, 1, 2])
def test_after_a_crash_amid_the_letting_go_no_half_meets_a_strangers(duplex: Trial, let_go: int) -> None:
    """The pair is recorded; its backs went first, or nothing did, or all of it; a third half is there already."""
    for number in range(3):
        (duplex.inbox / f"{number}.tif").write_bytes(tiff([number]))
    with duplex.opened() as station:
        section = station.config.inbox[0]
        with open_inbox(station, section) as inbox:
            found = [inbox.claim(arrival, station.identifiers.new()) for arrival in inbox.sweep(0.0)]
            unit = tuple(claimed for claimed in found if claimed is not None)[:2]
            (written,) = [take(station, replace(one, done=lambda: None)) for one in source_of(station, inbox, unit)]
            for claimed in reversed(unit[2 - let_go :]):
                inbox.release(claimed)
        with open_inbox(station, section) as again:
            for left in recovered(station, again):
                for one in source_of(station, again, left):
                    assert take(station, one) == written
            assert again.halves == 1
        with station.database.read() as session:
            assert len(station.captured.files(session)) == 1
    assert [path.read_bytes() for path in (duplex.inbox / CLAIMS).iterdir() if "." not in path.name] == [tiff([2])]


# --- A half whose other one does not come -----------------------------------------------------------------------------


def claimed_at(folder: Path, number: int, hours: float, label: str | None = None) -> Claimed:
    name = f"{number}.tif".encode()
    return Claimed(f"{number:026}", folder / f"{number}", name, label, 1, 0, round(hours * 3600e9))


def test_one_stray_half_does_not_shift_the_pairs_that_come_after_a_pause(tmp_path: Path) -> None:
    """Claimed at these hours: in the evening a stray one, the clock put right, in the morning two stacks."""
    hours = [18.0, 18.1, 18.5, 8.0 + 24, 8.2 + 24, 9.0 + 24, 9.1 + 24]
    claims = [claimed_at(tmp_path, number, at) for number, at in enumerate(hours)]
    backwards = [claimed_at(tmp_path, 7, 100.0), claimed_at(tmp_path, 8, 50.0), claimed_at(tmp_path, 9, 49.0)]
    with Inbox(tmp_path, duplex="manual", duplex_hours=4.0) as inbox:
        units = [inbox.paired(claimed) for claimed in (*claims, *backwards)]
        assert inbox.halves == 0
        assert inbox.paired(claimed_at(tmp_path, 10, 50.0, "A")) is None
        assert inbox.paired(claimed_at(tmp_path, 11, 60.0, "B")) is None, "each batch has its own"
    made = [[int(one.name[:-4]) for one in unit] for unit in units if unit]
    assert made == [[0, 1], [2], [3, 4], [5, 6], [7], [8, 9]]


def test_a_half_that_is_alone_is_set_aside_with_all_its_bytes_and_told(duplex: Trial) -> None:
    with duplex.opened() as station:
        (duplex.inbox / "1.tif").write_bytes(tiff([1]))
        assert work(station, duplex.inbox).accounts.images.captured == 0
    set_duplex(duplex, 'duplex = "manual"', "duplex_hours = 1e-9", "sides = 2")
    with duplex.opened() as station:
        (duplex.inbox / "2.tif").write_bytes(tiff([2]))
        alone = work(station, duplex.inbox)
        assert [event for event in alone.events if isinstance(event, FilesLeft)] == [FilesLeft("half", 1)]
        assert _alarm(station, minutes=15) == 1
        with station.database.read() as session:
            (file,) = station.captured.files(session)
        assert (file.name, file.state, file.reason, file.custody) == ("1.tif", "set-aside", ALONE, "curable")
        with station.quarantine.open(file.id) as kept:
            assert tiff([1]) in kept.read()
        assert alone.accounts.images.balanced
        require_balance(station)
    set_duplex(duplex, 'duplex = "manual"', "sides = 2")
    with duplex.opened() as station:
        (duplex.inbox / "3.tif").write_bytes(tiff([3]))
        work(station, duplex.inbox)
        with station.database.read() as session:
            assert {one.name for one in station.captured.files(session)} == {"1.tif", "2.tif + 3.tif"}


@pytest.mark.parametrize("recorded", [False, True])
def test_a_stop_before_a_half_is_let_go_of_changes_no_pair(duplex: Trial, *, recorded: bool) -> None:
    """The one that is alone was claimed, perhaps recorded too; the late one was claimed, and its other half comes."""
    set_duplex(duplex, 'duplex = "manual"', "duplex_hours = 1e-9", "sides = 2")
    with duplex.opened() as station:
        section = station.config.inbox[0]
        found: list[Claimed] = []
        with open_inbox(station, section) as inbox:
            for number in range(2):
                (duplex.inbox / f"{number}.tif").write_bytes(tiff([number]))
                found += filter(None, (inbox.claim(one, station.identifiers.new()) for one in inbox.sweep(number)))
                _later_than(found[-1].path)
            units = [unit for claimed in found if (unit := inbox.paired(claimed))]
            assert units == [(found[0],)]
            sources = source_of(station, inbox, units[0]) if recorded else ()
            before = [take(station, replace(one, done=lambda: None)) for one in sources]
            assert len(before) == recorded
        with open_inbox(station, section) as again:
            (unit,) = recovered(station, again)
            assert unit == (found[0],)
            once = [take(station, one) for one in source_of(station, again, unit)]
            assert before in ([], once)
            assert again.halves == 1
        with open_inbox(station, section) as then:
            assert list(recovered(station, then)) == []
            assert then.halves == 1
        with station.database.read() as session:
            assert len(station.captured.files(session)) == 1


def _later_than(path: Path) -> None:
    """Until the folder's clock, which has its ticks, says another time than that of the file."""
    beside, since = path.parent.parent / ".ticks", path.stat().st_ctime_ns
    while beside.write_bytes(b"") or beside.stat().st_ctime_ns - since < 5_000:
        pass
    beside.unlink()


@pytest.mark.parametrize("way", ["manual", "manual-one-file"])
def test_manual_duplex_whose_sheets_would_be_counted_double_is_refused(trial: Trial, way: str) -> None:
    set_duplex(trial, f'duplex = "{way}"')
    with pytest.raises(StationFault, match="config-invalid") as raised:
        load(trial.config)
    assert raised.value.facts == {"setting": "inbox.0.sides", "problem": "duplex-sides"}
    assert load(set_duplex(trial, f'duplex = "{way}"', "sides = 2").config).records_inbox.sides == 2
