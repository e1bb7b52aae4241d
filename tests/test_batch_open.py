"""What was announced of a batch, held against what came: the alarm of a lost page, a missed separator, a list that can
only exclude, and accounts from the box to the receipt.
"""

import errno
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from cli import liasse
from commands.setting import Setting
from consent_gate.model import DocType, PatientRef
from demo.records import Invented
from handover.build import build
from handover.inventory import take
from handover.recount import recount
from handover.reserves import reserves
from lexicon.faults import EXIT_DONE, EXIT_WAITING, Fault
from pipeline import steps as engine_steps
from pipeline.announced import UNLIKE
from pipeline.events import BatchClosed
from pipeline.model import Separator
from pipeline.office import batches, batches_opening, hardening, preparing
from pipeline.office.alarms import alarms
from pipeline.office.batches_opening import ANNOUNCED, close_by_hand, confirm, open_again, open_batch
from pipeline.office.paper import record_movement
from pipeline.sheets.apart import write_csv
from pipeline.sheets.image import sheet_image
from pipeline.sheets.wanted import Wanted
from pipeline.station import Station
from storage import effects
from storage.announced import Announcement, Coming
from storage.custody import EntryType, read_entry
from storage.neighbours import alike
from tests.custody_fixtures import days_later, require_balance
from tests.hunter import bare
from tests.pages_fixtures import tiff_bytes
from tests.test_split_looks import written_page
from tests.trial_fixtures import TODAY, Few, RememberingTools, Trial, Worked, make_few, register_sheet, work

LABEL = "LOT-7"
BOX = "C-17"
RIGHT = Announcement(BOX, "SCELLE-0012", sheets=2, documents=2, pages=2)
"""Of the file of two documents."""


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_steps, "DocumentTools", RememberingTools)
    monkeypatch.setattr(hardening, "harden", lambda: None)  # of this very process


@pytest.fixture
def trial(trial: Trial) -> Trial:
    """Whose documents they are is read elsewhere: here the separators say it."""
    said = trial.config.read_text(encoding="utf-8")
    table = '[identification]\nrule = "separator"\n'
    trial.config.write_text(
        said.replace('rule = "two-sources"', 'rule = "separator"') if "[identification]" in said else said + table
    )
    return trial


@pytest.fixture
def station(trial: Trial) -> Iterator[Station]:
    with trial.opened() as opened:
        yield opened


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Few:
    """A file of two documents, of people who said no: nothing of them is read."""
    folder = tmp_path_factory.mktemp("two")
    return make_few(folder, "TWO_0001.tif", ("certificat", "A1007", "refused"), ("ordonnance", "A1006", "refused"))


def dropped(trial: Trial, path: Path, label: str | None = LABEL) -> None:
    folder = trial.inbox / label if label else trial.inbox
    folder.mkdir(exist_ok=True)
    shutil.copy(path, folder / path.name)


def processed(trial: Trial, station: Station, few: Few, label: str | None = LABEL) -> Worked:
    dropped(trial, few.path, label)
    return work(station, trial.inbox)


def closed(worked: Worked) -> BatchClosed:
    (event,) = (event for event in worked.events if isinstance(event, BatchClosed))
    return event


def ringing(station: Station) -> list[tuple[str, int]]:
    return [(one.slug, one.count) for one in alarms(station, station.clock.now()) if one.slug == UNLIKE]


def reserved(station: Station) -> set[str]:
    with station.database.read() as session:
        return {one.what for one in reserves(take(station, session))}


def entries(station: Station, batch: str) -> list[dict[str, Any]]:
    with station.database.read() as session:
        told = [read_entry(one) for one in station.ledger.entries(session)]
    return [one for one in told if one["object"] == f"batch:{batch}"]


def ask(trial: Trial, *words: str | Path) -> Result:
    command = ["--config", str(trial.config), "--as-of", TODAY.isoformat(), *map(str, words)]
    return CliRunner().invoke(liasse, command, obj=Setting())


# --- What is announced ------------------------------------------------------------------------------------------------


def test_a_batch_is_announced_its_list_asked_about_and_nothing_of_it_is_in_clear(trial: Trial, tmp_path: Path) -> None:
    listed, apart = tmp_path / "list.csv", tmp_path / "apart.pdf"
    listed.write_text("reference;position\nA1001;1\nA1007;2\nA1006;3\n", encoding="utf-8")
    words = ("--box", BOX, "--seal", "SCELLE-0012", "--sheets", "9", "--pages", "12", "--documents", "3")
    ran = ask(trial, "batch", "open", LABEL, *words, "--patients", listed, "--do-not-scan", apart, "--json")
    assert ran.exit_code == EXIT_WAITING, ran.output
    answer = json.loads(ran.stdout)
    assert [(one["patient"], one["position"], one["reason"]) for one in answer["closed"]] == [
        ("A1007", "2", "withdrawn"), ("A1006", "3", "refused"),
    ]  # fmt: skip
    assert apart.exists()
    assert "C-17;2;A1007" in apart.with_suffix(".csv").read_text(encoding="utf-8-sig")
    assert "box receive" in ran.stderr, "its box did not come yet, and that is told"
    with trial.opened() as station:
        with station.database.read() as session:
            stored = station.batches.batch(session, answer["batch"])
            announced = station.batches.announced(session, answer["batch"])
            assert announced == frozenset(map(PatientRef, ("A1001", "A1007", "A1006")))
        coming = tuple(
            Coming(PatientRef(f"A100{n}"), position=place, apart=n != 1) for place, n in (("1", 1), ("2", 7), ("3", 6))
        )
        assert stored.announcement == Announcement(BOX, "SCELLE-0012", 9, 3, 12, coming)
        (told,) = entries(station, answer["batch"])
    assert (told["type"], told["outcome"]) == (EntryType.CAPTURE, ANNOUNCED)
    assert told["counts"] == {"sheets": 9, "documents": 3, "pages": 12, "patients": 3, "cleared": 1, "closed": 2}
    assert set(told["within"]) == {"box"}
    kept = b"".join(path.read_bytes() for path in trial.home.rglob("*") if path.is_file())
    assert not [word for word in (b"A1006", b"C-17", b"SCELLE-0012", LABEL.encode()) if word in kept]


def test_a_list_that_did_not_come_excludes_nobody(station: Station) -> None:
    batch = open_batch(station, LABEL, RIGHT).batch
    with station.database.read() as session:
        assert station.batches.announced(session, batch) is None


def test_what_is_wrong_is_told_and_leaves_nothing_behind(trial: Trial, station: Station, tmp_path: Path) -> None:
    for label in ("", "/x", "x/", "a//b", "../x", "a\nb", "a/./b", " x", "x" * 121):
        with pytest.raises(Fault, match="batch-label-unfit"):
            open_batch(station, label, RIGHT)
    with pytest.raises(Fault, match="box-name-unfit"):
        open_batch(station, LABEL, Announcement("carton de M. Durand ?"))
    listed = tmp_path / "list.txt"
    listed.write_text("A1001\nA1999\n", encoding="utf-8")
    ran = ask(trial, "batch", "open", LABEL, "--patients", listed)
    assert isinstance(ran.exception, Fault)
    assert (ran.exception.code, ran.exception.facts) == ("list-patient-unknown", {"place": 2})
    taken = tmp_path / "taken.csv"
    taken.write_text("", encoding="utf-8")
    listed.write_text("A1001\n", encoding="utf-8")
    ran = ask(trial, "batch", "open", LABEL, "--patients", listed, "--do-not-scan", tmp_path / "taken.pdf")
    assert isinstance(ran.exception, Fault)
    assert ran.exception.code == "target-exists"
    for act in (close_by_hand, open_again, batches.shown):
        with pytest.raises(Fault, match="batch-unknown"):
            act(station, LABEL)
    with station.database.read() as session:
        assert list(station.batches.every(session)) == []
    first = open_batch(station, LABEL, RIGHT)
    with pytest.raises(Fault, match="batch-announced-already"):
        open_batch(station, LABEL, RIGHT)
    with pytest.raises(Fault, match="batch-not-unlike"):
        confirm(station, first.batch, "paper-checked")
    with pytest.raises(Fault, match="box-unknown"):
        batches.box(station, "nowhere")


# --- No batch without its list, no list without its batch ------------------------------------------------------------


LISTED = (Wanted(1, PatientRef("A1001")), Wanted(2, PatientRef("A1007")))


@pytest.fixture
def lists(tmp_path: Path) -> Path:
    folder = tmp_path / "lists"
    folder.mkdir()
    return folder


def announced(station: Station) -> int:
    with station.database.read() as session:
        return len(list(station.batches.every(session)))


def test_a_full_disk_announces_nothing_and_leaves_no_list(
    station: Station, lists: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    apart = lists / "apart.pdf"
    for part in ("write_pdf", "write_csv"):
        with monkeypatch.context() as patched:
            patched.setattr(preparing, part, full)
            with pytest.raises(Fault, match="disk-full"):
                open_batch(station, LABEL, RIGHT, LISTED, apart)
        assert (announced(station), list(lists.iterdir())) == (0, [])

    def taken(*words: Any) -> None:
        write_csv(*words)
        (apart / "taken").mkdir(parents=True)

    with monkeypatch.context() as patched:
        patched.setattr(preparing, "write_csv", taken)
        with pytest.raises(Fault, match="disk-unusable"):
            open_batch(station, LABEL, RIGHT, LISTED, apart)
    assert (announced(station), list(lists.iterdir())) == (0, [apart]), "the CSV had its name already"
    shutil.rmtree(apart)
    assert open_batch(station, LABEL, RIGHT, LISTED, apart).apart == (apart, apart.with_suffix(".csv"))


@pytest.mark.parametrize(
    ("point", "there", "batches_then"),
    [("apart.print:before", 0, 0), ("batch.announce:before", 2, 0), ("batch.announce:after", 2, 1)],
)
def test_a_stop_at_any_point_leaves_no_announced_batch_without_its_list(
    station: Station, lists: Path, monkeypatch: pytest.MonkeyPatch, point: str, there: int, batches_then: int
) -> None:
    apart = lists / "apart.pdf"
    monkeypatch.setattr(effects, "_armed", effects.armed_by({effects.VARIABLE: f"{point}=raise"}))
    with pytest.raises(KeyboardInterrupt):
        open_batch(station, LABEL, RIGHT, LISTED, apart)
    monkeypatch.setattr(effects, "_armed", None)
    assert (announced(station), len(list(lists.iterdir()))) == (batches_then, there)
    if not batches_then:
        again = open_batch(station, LABEL, RIGHT, LISTED, lists / "again.pdf")
        assert len(again.apart) == len([path for path in again.apart if path.exists()]) == 2


def test_an_answer_that_changes_while_the_list_is_written_is_told_and_nothing_is_announced(
    station: Station, invented_records: Invented, lists: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writes = preparing.write_list

    def meanwhile(*words: Any, **more: Any) -> tuple[Path, Path]:
        paths = writes(*words, **more)
        station.import_sheet("register", register_sheet(invented_records, "A1001", "retiree"))
        return paths

    apart = lists / "apart.pdf"
    with monkeypatch.context() as patched:
        patched.setattr(batches_opening, "write_list", meanwhile)
        with pytest.raises(Fault, match="batch-answers-changed"):
            open_batch(station, LABEL, RIGHT, LISTED, apart)
    assert (announced(station), list(lists.iterdir())) == (0, [])
    opened = open_batch(station, LABEL, RIGHT, LISTED, apart)
    assert "A1001" in opened.apart[1].read_text(encoding="utf-8-sig")
    other = lists / "other.pdf"
    with pytest.raises(Fault, match="batch-announced-already"):
        open_batch(station, LABEL, RIGHT, LISTED, other)
    assert not other.exists()
    with station.database.read() as session:
        kept = station.batches.batch(session, opened.batch).announcement
    assert [one.apart for one in kept.patients or ()] == [True, True]


# --- What comes -------------------------------------------------------------------------------------------------------


def test_counts_as_announced_close_the_batch_without_a_word(trial: Trial, station: Station, two: Few) -> None:
    batch = open_batch(station, LABEL, RIGHT).batch
    event = closed(processed(trial, station, two))
    assert (event.batch, event.unlike) == (batch, {})
    assert ringing(station) == []
    assert [one["outcome"] for one in entries(station, batch)][-1] == "batch-closed"
    answer = batches.shown(station, LABEL)
    assert (answer["seen"], answer["gaps"], answer["unlike"]) == ({"sheets": 2, "documents": 2, "pages": 2}, {}, [])
    assert "counts-unlike-announced" not in reserved(station)


def test_other_counts_are_told_everywhere_until_a_person_says_why(
    trial: Trial, station: Station, two: Few, invented_records: Invented
) -> None:
    coming = tuple(Coming(PatientRef(f"A100{n}"), position=str(n), apart=n == 6) for n in (3, 6))
    with_list = Announcement(BOX, None, sheets=3, documents=2, pages=4)
    batch = open_batch(station, LABEL, with_list).batch
    with station.database.write("batch.announce") as session:
        station.batches.announce(session, batch, Announcement(BOX, None, 3, 2, 4, coming), station.clock.now())
    worked = processed(trial, station, two)
    assert worked.code == EXIT_WAITING
    assert closed(worked).unlike == {"sheets": (3, 2), "pages": (4, 2)}
    assert ringing(station) == [(UNLIKE, 1)]
    told = next(one for one in entries(station, batch) if one["outcome"] == UNLIKE)
    assert told["counts"] == {"announced-sheets": 3, "sheets": 2, "announced-pages": 4, "pages": 2}
    assert {"counts-unlike-announced", "patients-not-seen"} <= reserved(station)
    answer = batches.shown(station, batch)
    assert answer["unlike"] == ["sheets-fewer", "pages-fewer"]
    assert answer["patients"]["not_seen"] == [{"patient": "A1003", "position": "3"}]
    assert (answer["patients"]["seen"], answer["patients"]["not_announced"]) == (["A1006"], ["A1007"])
    shown = ask(trial, "batch", "show", LABEL)
    assert "2 feuilles vues pour 3 (-1), 2 pages vues pour 4 (-2) [count-unlike-announced]" in shown.stdout
    assert "A1003 (3)" in shown.stdout
    assert answer["patients"]["fed_though_apart"] == ["A1006"]
    assert "[count-unlike-announced]" in ask(trial, "status").stdout
    assert "feuilles en moins" in ask(trial, "batch", "list").stdout
    said = bare(shown.output + ask(trial, "box", "show", BOX).output)
    assert not [patient for patient in invented_records.patients if bare(patient.birth_name) in said]
    confirm(station, LABEL, "announcement-wrong")
    assert ringing(station) == []
    assert entries(station, batch)[-1]["outcome"] == "announcement-wrong"
    assert "counts-explained" in reserved(station)
    assert "counts-unlike-announced" not in reserved(station)


def test_what_was_missing_joins_the_batch_when_it_comes_and_the_alarm_ends(
    trial: Trial, station: Station, two: Few, tmp_path: Path
) -> None:
    batch = open_batch(station, LABEL, Announcement(sheets=3, documents=3, pages=3)).batch
    assert closed(processed(trial, station, two)).unlike
    assert ringing(station) == [(UNLIKE, 1)]
    late = make_few(tmp_path, "LATE_0001.tif", ("ordonnance", "A1009", "refused"))
    event = closed(processed(trial, station, late))
    assert (event.batch, event.unlike) == (batch, {})
    assert ringing(station) == []
    assert [one["outcome"] for one in entries(station, batch)].count("reopened") == 1
    more = make_few(tmp_path, "MORE_0001.tif", ("ordonnance", "A1006", "refused"))
    assert closed(processed(trial, station, more)).batch != batch, "nothing was missing any more"


def test_loose_files_after_a_pause_join_the_announced_batch_that_lacks_them(
    trial: Trial, station: Station, two: Few, tmp_path: Path
) -> None:
    batch = open_batch(station, LABEL, Announcement(sheets=3, documents=3, pages=3)).batch
    assert closed(processed(trial, station, two, label=None)).unlike
    late = make_few(tmp_path, "LATE_0001.tif", ("ordonnance", "A1009", "refused"))
    event = closed(processed(trial, station, late, label=None))
    assert (event.batch, event.unlike) == (batch, {})
    assert [one["outcome"] for one in entries(station, batch)].count("reopened") == 1
    assert ringing(station) == []
    require_balance(station)
    more = make_few(tmp_path, "MORE_0001.tif", ("ordonnance", "A1006", "refused"))
    assert closed(processed(trial, station, more, label=None)).batch != batch, "nothing was missing any more"


@pytest.mark.parametrize("why", ["came in its folder", "a person said why", "yesterday", "two of them"])
def test_loose_files_join_no_closed_batch_where_it_is_not_clear_that_it_lacks_them(
    trial: Trial, station: Station, two: Few, tmp_path: Path, why: str
) -> None:
    batch = open_batch(station, LABEL, Announcement(documents=3)).batch
    processed(trial, station, two, label=LABEL if why == "came in its folder" else None)
    if why == "a person said why":
        confirm(station, LABEL, "paper-checked")
    if why == "yesterday":
        days_later(station, 1)
    if why == "two of them":
        open_batch(station, "OTHER", Announcement(documents=3))
        other = make_few(tmp_path, "OTHER_0001.tif", ("ordonnance", "A1007", "refused"))
        processed(trial, station, other, label=None)
    late = make_few(tmp_path, "LATE_0001.tif", ("ordonnance", "A1009", "refused"))
    day = closed(processed(trial, station, late, label=None)).batch
    assert day != batch
    assert batches.shown(station, day)["label"] == station.clock.now().astimezone(station.clock.zone).date().isoformat()


def test_a_batch_is_closed_and_opened_by_hand(trial: Trial, station: Station, two: Few, tmp_path: Path) -> None:
    batch = open_batch(station, LABEL, RIGHT).batch
    processed(trial, station, two)
    with pytest.raises(Fault, match="batch-closed-already"):
        close_by_hand(station, LABEL)
    assert open_again(station, LABEL) == (batch, True)
    assert open_again(station, LABEL) == (batch, False)
    late = make_few(tmp_path, "MORE_0001.tif", ("ordonnance", "A1009", "refused"))
    assert closed(processed(trial, station, late)).unlike == {"sheets": (2, 3), "documents": (2, 3), "pages": (2, 3)}
    assert batches.shown(station, batch)["unlike"] == ["sheets-more", "documents-more", "pages-more"]
    other = open_batch(station, LABEL, RIGHT).batch
    with pytest.raises(Fault, match="batch-announced-already"):
        open_again(station, batch)
    assert close_by_hand(station, LABEL) == (other, 0)


def test_an_announced_batch_waits_for_its_paper_and_loose_files_are_its_own(
    trial: Trial, station: Station, two: Few, tmp_path: Path
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    batch = open_batch(station, LABEL, RIGHT).batch
    assert not [one for one in work(station, empty).events if isinstance(one, BatchClosed)]
    assert closed(processed(trial, station, two, label=None)).batch == batch
    open_batch(station, "ONE", RIGHT)
    open_batch(station, "OTHER", RIGHT)
    late = make_few(tmp_path, "LATE_0001.tif", ("ordonnance", "A1009", "refused"))
    day = closed(processed(trial, station, late, label=None)).batch
    assert batches.shown(station, day)["label"] == station.clock.now().astimezone(station.clock.zone).date().isoformat()


def test_separators_printed_on_both_sides_are_one_sheet_each_and_every_equation_balances(
    trial: Trial, tmp_path: Path
) -> None:
    """Two sheets with a separator before each, all printed on both sides."""
    trial.config.write_text(
        trial.config.read_text("utf-8").replace("settle = 0.0", "settle = 0.0\nsides = 2", 1), "utf-8"
    )
    images: list[Image.Image] = []
    for number, ref in enumerate(("A1006", "A1009")):
        sheet = sheet_image(Separator(PatientRef(ref), None, None), 150)
        images += [sheet, sheet, written_page(30 + 2 * number), written_page(31 + 2 * number)]
    path = tmp_path / "BOTH_0001.tif"
    path.write_bytes(tiff_bytes(images, "group4" if images[0].mode == "1" else "tiff_deflate"))
    with trial.opened() as station:
        open_batch(station, LABEL, Announcement(BOX, sheets=2, documents=2, pages=4))
        record_movement(station, "receive", BOX, 2)
        dropped(trial, path)
        worked = work(station, trial.inbox)
        assert closed(worked).unlike == {}
        assert worked.accounts.images.columns["separator"] == 4
        assert [one["counts"]["separator-backs"] for one in split_entries(station)] == [2]
        assert batches.box(station, BOX)["paper"]["scanned"] == 2
        require_balance(station)
        built = build(station, tmp_path / "handed")
    assert recount(built.path).balanced
    stated = json.loads((built.path / "handover.json").read_text(encoding="utf-8"))
    assert (stated["paper"]["scanned"], stated["files"][0]["separator_backs"]) == (2, 2)


def split_entries(station: Station) -> list[dict[str, Any]]:
    with station.database.read() as session:
        told = [read_entry(one) for one in station.ledger.entries(session)]
    return [one for one in told if one["type"] == EntryType.SPLIT]


# --- From the box to the receipt --------------------------------------------------------------------------------------


def test_a_box_tells_both_equations_and_its_batches_down_to_the_receipts(
    trial: Trial, station: Station, few: Few, tmp_path: Path
) -> None:
    record_movement(station, "receive", BOX, 4)
    opened = open_batch(station, LABEL, RIGHT)
    assert (opened.received, opened.announced) == (4, 2)
    processed(trial, station, few)
    late = make_few(tmp_path, "LATE_0001.tif", ("ordonnance", "A1009", "refused"))
    processed(trial, station, late, BOX)  # a folder of the box's own name, of which nobody announced anything
    record_movement(station, "unscanned", BOX, 1)
    record_movement(station, "receive", "C-18", 7)
    answer = batches.box(station, BOX)
    assert answer["paper"] | {"declared": True} == {
        "declared": True, "received": 4, "workshop": 4, "waiting": 0, "returned": 0, "destroyed": 0, "balanced": True,
        "scanned": 3, "unscanned": 1, "announced": 2,
    }  # fmt: skip
    assert (answer["images"]["captured"], answer["images"]["balanced"]) == (6, True)
    assert [(one["label"], one["seen"]["documents"]) for one in answer["batches"]] == [(LABEL, 2), (BOX, 1)]
    assert [one["receipts"] for one in answer["batches"]] == [1, 0]
    assert answer["seals"] == ["SCELLE-0012"]
    shown = ask(trial, "box", "show", BOX)
    assert shown.exit_code == EXIT_DONE, shown.output
    assert "4 feuilles reçues = 4 à l'atelier" in shown.stdout
    assert batches.box(station, "C-18")["batches"] == []


def test_more_sheets_announced_than_the_box_brought_is_told(trial: Trial, station: Station) -> None:
    record_movement(station, "receive", BOX, 4)
    ran = ask(trial, "batch", "open", LABEL, "--box", BOX, "--sheets", "5")
    assert ran.exit_code == EXIT_DONE, ran.output
    assert "4 feuilles reçues, 5 annoncées" in ran.stderr


# --- Neighbours -------------------------------------------------------------------------------------------------------


def test_two_neighbours_that_nothing_tells_apart_are_told(trial: Trial, station: Station, tmp_path: Path) -> None:
    said = [("A1006", None), ("A1006", None), ("A1006", "D-1"), ("A1006", "D-2"), ("A1009", "D-3"), ("A1006", None)]
    images: list[Image.Image] = []
    for number, (ref, document) in enumerate(said):
        images += [
            sheet_image(Separator(PatientRef(ref), DocType("ordonnance"), document), 150),
            written_page(20 + number),
        ]
    path = tmp_path / "SIX_0001.tif"
    path.write_bytes(tiff_bytes(images, "group4" if images[0].mode == "1" else "tiff_deflate"))
    dropped(trial, path)
    work(station, trial.inbox)
    with station.database.read() as session:
        (batch,) = (one.id for one in station.batches.every(session))
        order = [str(one.id) for one in station.documents.documents(session, batch=batch)]
        assert len(order) == len(said)
        found = [(order.index(pair.first), order.index(pair.second)) for pair in alike(session, batch)]
    assert found == [(0, 1), (1, 2)]
    assert len(batches.shown(station, batch)["neighbours"]) == 2
    assert "neighbours-alike" in reserved(station)
