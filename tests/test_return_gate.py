"""A return keeps what was deposited while the gate was open, and leaves nothing under no row untold."""

import json
import shutil
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import text

import pipeline.station
from demo.records import Invented
from handover.build import build
from lexicon.faults import HostFault
from pipeline.clock import Clock, wall
from pipeline.intake import Source, take
from pipeline.office.gate_words import ground_of_deposit
from pipeline.office.recapturing import FOUND_AGAIN
from pipeline.office.returning import Returned, restore, with_setting
from pipeline.station import Station
from storage.hosts.folder import FolderHost
from tests.backup_fixtures import Machine, columns, opened
from tests.crash_witness import _orphans
from tests.trial_fixtures import TODAY, Trial, make_few, register_sheet, work


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory, backed: Machine) -> Machine:
    """Killed with a document's object at the host and no receipt."""
    machine = backed.copy(tmp_path_factory.mktemp("put") / "site")
    one = make_few(machine.base / "scan", "ONE_0001.tif", ("resultats_labo", "A1001", "deposited"))
    assert _killed(machine, "receipt.record:before", one.path.parent)
    assert len(machine.objects()) == 1
    return machine


@pytest.fixture
def put(left: Machine, tmp_path: Path) -> Machine:
    return left.copy(tmp_path / "site")


def _killed(machine: Machine, failpoint: str, folder: Path | None = None) -> bool:
    trial = replace(machine.trial, variables={"LIASSE_FAILPOINT": f"{failpoint}=kill"})
    return trial.process(folder or _empty(machine)).code < 0


def _empty(machine: Machine) -> Path:
    folder = machine.base / "empty"
    folder.mkdir(exist_ok=True)
    return folder


def _says(machine: Machine, sheet: bytes) -> None:
    with machine.trial.opened() as station:
        station.import_sheet("register", sheet)
        station.shipping.ship()


def _wall(monkeypatch: pytest.MonkeyPatch, **later: int) -> None:
    """What the clock of the machines says that are opened from now on."""

    def says() -> datetime:
        return wall() + timedelta(**later)

    monkeypatch.setattr(pipeline.station, "Clock", partial(Clock, wall=says))


def _register_ages(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The station is brought back two days later, and its contract wants a register of one day at the most."""
    kept = machine.base / "config.kept"
    text = with_setting(kept.read_text("utf-8"), "contract", "register_maximum_age_days", "1")
    kept.write_text(text.replace('maximum_age_days = "1"', "maximum_age_days = 1"), "utf-8")
    _wall(monkeypatch, days=2)


def _expires(machine: Machine, invented: Invented) -> None:
    _says(machine, register_sheet(invented, "A1001", "accordee", until=TODAY))


def _told(station: Station) -> list[str]:
    with station.database.read() as session:
        return [json.loads(entry)["outcome"] for entry in station.ledger.entries(session)]


def _settled(machine: Machine, returned: Returned) -> dict[str, int]:
    """The columns after a first start; the quarantine is what the rows say, and the accounts can be handed over."""
    with closing(opened(returned.config)) as station:
        work(station, _empty(machine))
        found = columns(station)
        build(station, machine.base / "handover")
        back = Trial(returned.config.parent)
        assert [one for one in _orphans(back, station) if one.startswith(("the quarantine", "what is sealed"))] == []
    return found


# What lies at the host


@pytest.mark.parametrize("since", ["expired", "stale", "clock"])
@pytest.mark.parametrize("saved", [False, True], ids=["disk lost", "disk saved"])
def test_a_gate_that_closed_by_itself_since_takes_nothing_back(
    put: Machine, invented_records: Invented, monkeypatch: pytest.MonkeyPatch, since: str, *, saved: bool
) -> None:
    objects, kept = put.objects(), put.base / "saved"
    if since == "expired":
        _expires(put, invented_records)
    shutil.copytree(put.trial.home, kept)
    put.lose()
    if since == "stale":
        _register_ages(put, monkeypatch)
    if since == "clock":
        _wall(monkeypatch, days=-30)
    returned = restore(replace(put.asked(), saved=kept if saved else None))
    assert (returned.rebuilt.receipts, returned.rebuilt.lost) == (1, [])
    assert _settled(put, returned) == {"deposited": 1, "separator": 1}
    assert set(objects) <= set(put.objects())


def test_a_withdrawal_takes_back_though_another_reason_would_close_the_gate_first(
    put: Machine, invented_records: Invented, monkeypatch: pytest.MonkeyPatch
) -> None:
    _says(put, register_sheet(invented_records, "A1001", "retiree"))
    put.lose()
    _register_ages(put, monkeypatch)
    assert restore(put.asked()).rebuilt.receipts == 0
    assert put.objects() == []


def test_what_the_lost_machine_was_about_to_take_back_is_taken_back(put: Machine, invented_records: Invented) -> None:
    """It had asked again, and written down that the authorization had ended."""
    _expires(put, invented_records)
    trial = replace(put.trial, variables={"LIASSE_FAILPOINT": "take-back.intend:before=kill"})
    later = (TODAY + timedelta(days=2)).isoformat()
    assert trial.run("--as-of", later, "process", _empty(put)).code < 0
    with put.trial.opened() as station:
        assert "expired" in _told(station)
        station.shipping.ship()
    put.lose()
    returned = restore(put.asked())
    assert returned.rebuilt.receipts == 0
    assert put.objects() == []
    assert _settled(put, returned) == {"set-aside": 1, "separator": 1}


def test_a_host_that_does_not_let_go_yet_stops_no_return_and_is_asked_again(
    put: Machine, invented_records: Invented, monkeypatch: pytest.MonkeyPatch
) -> None:
    _says(put, register_sheet(invented_records, "A1001", "retiree"))
    put.lose()
    with monkeypatch.context() as held:
        held.setattr(FolderHost, "delete", _retains(FolderHost.delete))
        returned = restore(put.asked())
        assert [lost.pages for lost in returned.rebuilt.lost] == [(2,)]
        with closing(opened(returned.config)) as station:
            work(station, _empty(put))
            assert _told(station).count("taking-back") == 1
            assert "taken-back" not in _told(station), "it is there still"
    assert len(put.objects()) == 1
    with closing(opened(returned.config)) as station:
        work(station, _empty(put))
        assert _told(station).count("taken-back") == 1
    assert put.objects() == []


def _retains(delete: Callable[..., None]) -> Callable[..., None]:
    def refused(host: FolderHost, key: str, version: str | None = None) -> None:
        if key.endswith(".p7m"):
            raise HostFault("host-retains")
        delete(host, key, version)

    return refused


@pytest.mark.parametrize("saved", [False, True], ids=["disk lost", "disk saved"])
def test_an_object_that_is_not_as_it_was_sealed_is_left_unless_there_is_a_better_one(
    put: Machine, *, saved: bool
) -> None:
    (spoilt,) = put.host.glob("*/*.p7m")
    spoilt.chmod(0o600)
    spoilt.write_bytes(spoilt.read_bytes()[:-40] + bytes(40))
    kept = put.base / "saved"
    shutil.copytree(put.trial.home, kept)
    put.lose()
    returned = restore(replace(put.asked(), saved=kept if saved else None))
    assert [lost.pages for lost in returned.rebuilt.lost] == ([] if saved else [(2,)])
    with closing(opened(returned.config)) as station:
        station.clock = replace(station.clock, as_of=TODAY)
        work(station, _empty(put))
        assert columns(station) == {"deposited" if saved else "set-aside": 1, "separator": 1}
    assert spoilt.exists() is not saved


# What lies in quarantine


def _saved(machine: Machine) -> Path:
    saved = machine.base / "saved"
    shutil.copytree(machine.trial.home, saved)
    machine.lose()
    return saved


def test_kept_pages_that_no_row_knows_are_a_file_again(fresh: Machine) -> None:
    """Refused and put away, and its file ended, in the minute of which no record came to the host."""
    one = make_few(fresh.base / "scan", "ONE_0001.tif", ("resultats_labo", "A1999", "refused"))
    assert _killed(fresh, "file.settle:after", one.path.parent)
    (pages,) = (fresh.trial.home / "quarantine").glob("*.spool")
    returned = restore(replace(fresh.asked(), saved=_saved(fresh)))
    assert (returned.rebuilt.recaptured, returned.rebuilt.lost) == (1, [])
    assert _settled(fresh, returned) == {"held": 1}, "nobody knows whose it is: its separator was not with it"
    with closing(opened(returned.config)) as station, station.database.read() as session:
        (document,) = station.documents.documents(session)
        assert document.file == pages.stem
        file = station.captured.file(session, document.file)
        assert file is not None
        assert file.name == f"{FOUND_AGAIN}-{pages.stem}"


def test_kept_pages_whose_file_is_opened_again_are_not_a_second_file(fresh: Machine) -> None:
    one = make_few(fresh.base / "scan", "ONE_0001.tif", ("resultats_labo", "A1999", "refused"))
    assert _killed(fresh, "outcome.record:after", one.path.parent)
    assert list((fresh.trial.home / "quarantine").glob("*.spool"))
    returned = restore(replace(fresh.asked(), saved=_saved(fresh)))
    assert (returned.rebuilt.recaptured, returned.rebuilt.lost) == (1, [])
    assert _settled(fresh, returned) == {"refused": 1, "separator": 1}


@pytest.mark.parametrize("known", [False, True], ids=["no row", "a row of before"])
def test_a_file_that_was_set_aside_is_opened_again(fresh: Machine, *, known: bool) -> None:
    """Its outcome, or all of it, was in no record."""
    folder = fresh.base / "scan"
    folder.mkdir()
    (folder / "BAD_0001.pdf").write_bytes(b"%PDF-1.4 nothing")
    if known:
        with fresh.trial.opened() as station, (folder / "BAD_0001.pdf").open("rb") as stream:
            take(station, Source(station.identifiers.new(), "BAD_0001.pdf", "carton 7", stream, lambda: None))
            station.shipping.ship()
        shutil.rmtree(folder)
        folder.mkdir()
    assert _killed(fresh, "file.destroy:after", folder)
    assert list((fresh.trial.home / "quarantine").glob("*.spool"))
    returned = restore(replace(fresh.asked(), saved=_saved(fresh)))
    assert (returned.rebuilt.recaptured, returned.rebuilt.lost) == (not known, [])
    assert _settled(fresh, returned) == {"set-aside": 1}


@pytest.mark.parametrize("spoilt", [False, True], ids=["sealed for the client", "spoilt"])
def test_what_no_file_can_be_made_of_is_told_and_stays(fresh: Machine, *, spoilt: bool) -> None:
    patient = ("resultats_labo", "A1999") if spoilt else ("certificat", "A1007")
    one = make_few(fresh.base / "scan", "ONE_0001.tif", (*patient, "refused"))
    assert _killed(fresh, "file.settle:after", one.path.parent)
    (kept,) = (fresh.trial.home / "quarantine").iterdir()
    if spoilt:
        kept.write_bytes(kept.read_bytes()[:-20] + bytes(20))
    returned = restore(replace(fresh.asked(), saved=_saved(fresh)))
    assert returned.rebuilt.recaptured == 0
    assert [lost.name for lost in returned.rebuilt.lost] == [f"{FOUND_AGAIN}-{kept.stem}"]
    assert (returned.config.parent / "station" / "quarantine" / kept.name).exists()


@pytest.mark.parametrize("whole", ["pages", "file"])
def test_of_a_file_and_its_pages_in_a_saved_spool_what_opens_is_a_file_again(fresh: Machine, whole: str) -> None:
    one = make_few(fresh.base / "scan", "ONE_0001.tif", ("resultats_labo", "A1001", "deposited"))
    assert _killed(fresh, "split.record:before", one.path.parent)
    with fresh.trial.opened() as station, station.database.read() as session:
        (file,) = (fresh.trial.home / "spool" / f"{file.id}.spool" for file in station.captured.files(session))
    (pages,) = set(file.parent.glob("*.spool")) - {file}
    spoilt = file if whole == "pages" else pages
    spoilt.write_bytes(spoilt.read_bytes()[:-20] + bytes(20))
    returned = restore(replace(fresh.asked(), saved=_saved(fresh)))
    lost = [f"{FOUND_AGAIN}-{file.stem}"] if whole == "pages" else []
    assert ([lost.name for lost in returned.rebuilt.lost], returned.rebuilt.recaptured) == (lost, 1)
    assert _settled(fresh, returned) == ({"held": 1} if whole == "pages" else {"deposited": 1, "separator": 1})


def test_a_register_that_another_hand_was_in_says_no(put: Machine) -> None:
    """What was taken away may have been a withdrawal."""
    with put.trial.opened() as station:
        with station.database.read() as session:
            (document,) = station.documents.documents(session, state="in-progress")
        assert ground_of_deposit(station, document) is not None
        with station.database.write("test.tamper") as session:
            session.execute(text("DROP TRIGGER IF EXISTS fact_no_delete"))
            session.execute(text("DELETE FROM fact"))
        assert ground_of_deposit(station, document) is None


@pytest.mark.parametrize("now", ["refused", "allowed"])
def test_an_original_that_is_sealed_for_the_client_outlives_a_return_that_does_not_know_its_outcome(
    fresh: Machine,
    invented_records: Invented,
    now: str,
) -> None:
    """Its pages are nowhere else. Refused it is as it was; where the gate's word is lost and would differ, it stays."""
    one = make_few(fresh.base / "scan", "ONE_0001.tif", ("certificat", "A1007", "refused"))
    assert _killed(fresh, "document.take:after", one.path.parent)
    with fresh.trial.opened(TODAY + timedelta(days=2)) as station:
        if now == "allowed":  # from the day after the one on which the lost machine asked
            sheet = register_sheet(invented_records, "A1007", "accordee", on=TODAY + timedelta(days=1))
            station.import_sheet("register", sheet)
        station.shipping.ship()
    assert _killed(fresh, "file.settle:after")
    (sealed,) = (fresh.trial.home / "quarantine").glob("*.p7m")
    saved = _saved(fresh)
    returned = restore(replace(fresh.asked(), saved=saved))
    expected = "refused" if now == "refused" else "set-aside"
    assert len(returned.rebuilt.lost) == (now != "refused")
    assert _settled(fresh, returned) == {expected: 1, "separator": 1}
    assert (returned.config.parent / "station" / "quarantine" / sealed.name).exists()
