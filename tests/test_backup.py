"""A machine may be lost at any moment: what came back, was rebuilt or is lost is told, and nothing is twice."""

import hashlib
import json
import shutil
import subprocess
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from demo.records import Invented
from handover.build import build
from lexicon.faults import Fault, HostFault, StationFault, TamperFault
from pipeline import batches
from pipeline.config import load
from pipeline.intake import Source, take
from pipeline.office import backing
from pipeline.office.backing import kept, take_backup
from pipeline.office.returning import Return, Returned, restore, with_setting
from pipeline.runs import account
from pipeline.station import Station
from storage.backup.manifest import MANIFEST, SIGNATURE, read_manifest
from storage.backup.records import extent_of
from storage.custody import Draft, EntryType
from storage.deposits import find_receipt
from storage.evidence import Flaw, Guarantee
from storage.keys import create_trial_recipient, load_certificate, load_private_key
from storage.notes import Head, origin_of, sign_note
from storage.signature import sign
from tests.backup_fixtures import Machine, at_host, columns, entries_of, opened, place_of, told_of, turn_around
from tests.trial_fixtures import Few, Trial, register_sheet, work


def receipts(station: Station) -> list[bytes]:
    with station.database.read() as session:
        found = station.documents.documents(session, state="deposited")
        signed = [find_receipt(session, document.id) for document in found]
    return [one.receipt.manifest() for one in signed if one]


# The way back


def test_all_that_was_done_since_the_backup_comes_back_from_the_host(machine: Machine) -> None:
    with machine.trial.opened() as before:
        expected, manifests, entries = columns(before), receipts(before), list(entries_of(before))
    machine.lose()
    objects = machine.objects()
    returned = restore(machine.asked())
    assert (returned.missing, returned.damaged, returned.entries) == (0, 0, len(entries))
    assert returned.records
    with closing(opened(returned.config)) as after:
        assert columns(after) == expected
        assert receipts(after) == manifests
        assert list(entries_of(after))[: len(entries)] == entries
        assert list(after.roster.all()), "imports made after the backup are there"
        verdict = after.ledger.verify()
        assert verdict.verified
        assert [(one.epoch, one.missing) for one in verdict.returns] == [(1, 0)]
    assert machine.objects() == objects


def test_a_station_that_came_back_works_on_and_takes_nothing_twice(machine: Machine, few: Few) -> None:
    machine.lose()
    returned = restore(machine.asked())
    objects = machine.objects()
    with closing(opened(returned.config)) as station:
        worked = work(station, few.path.parent)
        assert worked.accounts.images.columns["duplicate"] == worked.accounts.images.captured
        assert account(station, []).station_images.in_progress == 0
        build(station, machine.base / "handover")
    assert machine.objects() == objects
    told = json.loads((machine.base / "handover" / "handover.json").read_text("utf-8"))
    assert [one["epoch"] for one in told["evidence"]["ledger"]["returns"]] == [1]


def test_what_stayed_with_the_station_alone_is_told_to_be_scanned_again(machine: Machine, few: Few) -> None:
    """A refused document's originals are sealed for the client, on the station only."""
    machine.lose()
    (lost,) = restore(machine.asked()).rebuilt.lost
    assert (lost.name, lost.pages) == (few.path.name, (4,))


def test_what_stayed_with_the_station_is_there_where_its_folder_was_saved(machine: Machine) -> None:
    saved = machine.base / "saved"
    shutil.copytree(machine.trial.home, saved)
    machine.lose()
    returned = restore(replace(machine.asked(), saved=saved))
    assert not returned.rebuilt.lost
    assert returned.working_copies == 1
    assert list((returned.config.parent / "station" / "quarantine").glob("*.p7m"))


def test_the_client_opens_a_backup_without_liasse(machine: Machine, tmp_path: Path) -> None:
    """`openssl` each part, `cat`, `tar`."""
    for part in sorted(machine.backup.glob("part-*.cms")):
        with (tmp_path / "whole.tar.gz").open("ab") as whole:
            whole.write(machine.trial.open_with_openssl(part, tmp_path / "part").read_bytes())
    target = tmp_path / "content"
    target.mkdir()
    subprocess.run(["tar", "-xzf", tmp_path / "whole.tar.gz", "-C", target], check=True)
    kept_key = machine.trial.home / "keys" / "columns.key"
    assert (target / "keys" / "columns.key").read_bytes() == kept_key.read_bytes()
    assert (target / "station.db").read_bytes().startswith(b"SQLite format 3\0")


# Lost in the middle of things


def test_from_any_backup_that_is_kept_all_comes_back(fresh: Machine, few: Few, invented_records: Invented) -> None:
    """The first one, of which the host has no record when the second is made: as where only the first can be opened."""
    with fresh.trial.opened() as station:
        for word in ("retiree", "accordee"):
            station.import_sheet("register", register_sheet(invented_records, "A1001", word))
        take_backup(station)
        work(station, few.path.parent)
        entries, before = list(entries_of(station)), columns(station)
    fresh.lose()
    returned = restore(fresh.asked())
    assert (returned.missing, returned.damaged) == (0, 0)
    with closing(opened(returned.config)) as station:
        assert columns(station) == before
        assert list(entries_of(station))[: len(entries)] == entries


@pytest.mark.parametrize(
    ("killed", "outcome"), [("backup.read-back:before", "not-at-host"), ("backup.confirm:before", "at-host")]
)
def test_a_backup_on_its_way_when_the_machine_was_lost_is_at_the_host_whole_or_not_at_all(
    fresh: Machine, killed: str, outcome: str
) -> None:
    first, trial = fresh.backup, replace(fresh.trial, variables={"LIASSE_FAILPOINT": f"{killed}=kill"})
    assert trial.run("backup").code < 0
    (second,) = (path for path in fresh.host.glob("*/backups/*") if path != first)
    fresh.lose()
    with closing(opened(restore(fresh.asked()).config)) as station:
        entries = [entry for entry in map(json.loads, entries_of(station)) if entry["object"].endswith(second.name)]
    assert [entry["outcome"] for entry in entries] == ["made", "intended", outcome]
    whole = [first.name, second.name] if outcome == "at-host" else [first.name]
    assert at_host(fresh) == [manifest.backup for manifest in kept(first.parent)] == whole


def test_a_backup_that_was_broken_off_long_before_the_loss_is_settled_by_the_return(fresh: Machine) -> None:
    """It could not be read any more: the next one was made, and came back with the intention in it."""
    trial = replace(fresh.trial, variables={"LIASSE_FAILPOINT": "backup.put:after=kill"})
    assert trial.run("backup").code < 0
    broken = at_host(fresh)[-1]
    with fresh.trial.opened() as station:
        turn_around(backing.folder_of(station.config) / broken / MANIFEST)
        last = take_backup(station).manifest.backup
    assert broken in at_host(fresh)
    fresh.lose()
    with closing(opened(restore(fresh.asked(backup=place_of(fresh, last))).config)) as station:
        assert told_of(station, broken) == ["made", "intended", "not-at-host"]
    assert broken not in at_host(fresh)


def test_a_backup_that_was_being_let_go_when_the_machine_was_lost_goes_with_the_return(fresh: Machine) -> None:
    fresh.trial.config.write_text(fresh.trial.config.read_text("utf-8") + "\n[backup]\nkeep = 1\n", "utf-8")
    trial = replace(fresh.trial, variables={"LIASSE_FAILPOINT": "backup.delete:after=kill"})
    assert trial.run("backup").code < 0
    first, last = at_host(fresh)
    notes = [fresh.backup.parent / "notes.txt", fresh.backup.parent / "copie" / "part-0001.cms"]
    for note in notes:
        note.parent.mkdir(exist_ok=True)
        note.write_bytes(b"somebody's own")
    assert [manifest.backup for manifest in kept(fresh.backup.parent)] == [last], "its manifest went first"
    fresh.lose()
    with closing(opened(restore(fresh.asked(backup=place_of(fresh, last))).config)) as station:
        assert told_of(station, first) == ["made", "intended", "at-host", "not-at-host"]
    assert at_host(fresh) == [last, "copie"]
    assert all(note.exists() for note in notes)


def test_records_go_on_from_what_came_back_whatever_a_shared_folder_says_of_before(machine: Machine) -> None:
    """It outlived the machine, and with it the note of how far records reached, beyond what the host still has."""
    asked, shared = machine.asked(), machine.base / "shared"
    shared.mkdir(mode=0o700)
    (shared / "records.json").write_text('{"entries": 100000}', "ascii")
    config = machine.base / "their.toml"
    config.write_text(with_setting(config.read_text("utf-8"), "station", "shared", str(shared)), "utf-8")
    machine.lose()
    before = machine.records()
    with closing(opened(restore(asked).config)) as station:
        batches.checkpoint(station)
    assert set(machine.records()) > set(before)


def _captured_only(station: Station, few: Few) -> str:
    """A file that is in the spool and in the rows; nothing has gone to the host since."""
    identifier = station.identifiers.new()
    with few.path.open("rb") as stream:
        take(station, Source(identifier, few.path.name, "carton 7", stream, lambda: None))
    return identifier


def test_a_file_whose_row_was_lost_is_found_again_in_the_saved_spool(fresh: Machine, few: Few) -> None:
    with fresh.trial.opened() as station:
        identifier = _captured_only(station, few)
    saved = fresh.base / "saved"
    shutil.copytree(fresh.trial.home, saved)
    fresh.lose()
    returned = restore(replace(fresh.asked(), saved=saved))
    assert returned.rebuilt.recaptured == 1
    with closing(opened(returned.config)) as station:
        empty = fresh.base / "empty"
        empty.mkdir()
        work(station, empty)
        with station.database.read() as session:
            file = station.captured.file(session, identifier)
        assert file is not None
        assert file.sha256 == hashlib.sha256(few.path.read_bytes()).hexdigest()
        assert columns(station) == {"deposited": 1, "refused": 1, "separator": 2}


def test_a_file_of_which_only_the_row_is_left_is_told_by_name(fresh: Machine, few: Few) -> None:
    with fresh.trial.opened() as station:
        _captured_only(station, few)
        station.shipping.ship()
    fresh.lose()
    returned = restore(fresh.asked())
    (lost,) = returned.rebuilt.lost
    assert (lost.label, lost.name, lost.pages) == ("carton 7", few.path.name, ())
    with closing(opened(returned.config)) as station:
        assert columns(station) == {"set-aside": 1}
        assert account(station, []).station_images.in_progress == 0
        assert "lost-with-station" in account(station, []).waiting
        build(station, fresh.base / "handover")


@pytest.mark.parametrize(
    ("failpoint", "saved"),
    [
        pytest.param("receipt.record:before", False, id="put, no receipt, disk lost"),
        pytest.param("record.mark:after", False, id="not put, disk lost"),
        pytest.param("record.mark:after", True, id="not put, disk saved"),
    ],
)
def test_a_document_that_was_being_deposited_is_deposited_once(
    fresh: Machine, few: Few, failpoint: str, *, saved: bool
) -> None:
    """Killed with the object at the host and no receipt, or with the intention at the host and no object."""
    trial = replace(fresh.trial, variables={"LIASSE_FAILPOINT": f"{failpoint}=kill"})
    assert trial.process(few.path.parent).code < 0
    put = failpoint.startswith("receipt")
    assert len(fresh.objects()) == put
    kept_folder = fresh.base / "saved"
    if saved:
        shutil.copytree(trial.home, kept_folder)
    fresh.lose()
    returned = restore(replace(fresh.asked(), saved=kept_folder if saved else None))
    assert returned.rebuilt.receipts == put
    assert ((2,) in [lost.pages for lost in returned.rebuilt.lost]) == (not put and not saved)
    again = fresh.base / "again"
    again.mkdir()
    (again / "SCAN_0002.tif").write_bytes(few.path.read_bytes() + bytes(1))  # the same paper, scanned again
    with closing(opened(returned.config)) as station:
        work(station, again)
        assert columns(station)["deposited"] == 1
        assert account(station, []).station_images.in_progress == 0
        build(station, fresh.base / "handover")
    assert len(fresh.objects()) in (2, 3), "one document, and the indexes of its batches"


@pytest.mark.parametrize("saved", [False, True], ids=["disk lost", "disk saved"])
def test_what_was_put_and_withdrawn_since_is_taken_back_and_never_becomes_a_deposit(
    fresh: Machine, few: Few, invented_records: Invented, *, saved: bool
) -> None:
    """Killed with the object at the host and no receipt; then the patient withdrew, and the machine burnt."""
    trial = replace(fresh.trial, variables={"LIASSE_FAILPOINT": "receipt.record:before=kill"})
    assert trial.process(few.path.parent).code < 0
    assert len(fresh.objects()) == 1
    with fresh.trial.opened() as station:
        station.import_sheet("register", register_sheet(invented_records, "A1001", "retiree"))
        station.shipping.ship()
    kept_folder = fresh.base / "saved"
    if saved:
        shutil.copytree(fresh.trial.home, kept_folder)
    fresh.lose()
    returned = restore(replace(fresh.asked(), saved=kept_folder if saved else None))
    assert returned.rebuilt.receipts == 0
    assert fresh.objects() == []
    nothing = fresh.base / "nothing"
    nothing.mkdir()
    with closing(opened(returned.config)) as station:
        work(station, nothing)
        assert "deposited" not in columns(station)
        assert (columns(station).get("refused", 0) == 2) == saved
        with station.database.read() as session:
            outcomes = [json.loads(entry)["outcome"] for entry in station.ledger.entries(session)]
        build(station, fresh.base / "handover")
    assert (outcomes.count("taken-back"), outcomes.count("withdrawn") > 0) == (1, True)
    assert fresh.objects() == []


# PostgreSQL


def test_a_postgresql_stations_backup_comes_back_into_either_database(fresh: Machine, postgresql_url: str) -> None:
    """One format: rows of one come back in the other, and there again."""
    into_server = restore(replace(fresh.asked(), database_url=_without_password(fresh, postgresql_url)))
    with closing(opened(into_server.config)) as station:
        assert station.database.dialect == "postgresql"
        patients = len(list(station.roster.all()))
        assert station.ledger.verify().verified
        taken = take_backup(station, out=fresh.base / "again", to_host=False)
    assert patients
    with closing(opened(restore(fresh.asked("machine-3", taken.path)).config)) as station:
        assert station.database.dialect == "sqlite"
        assert len(list(station.roster.all())) == patients
        assert [one.epoch for one in station.ledger.verify().returns] == [1, 2]
        build(station, fresh.base / "handover")
    used = replace(fresh.asked("machine-4", taken.path), database_url=_without_password(fresh, postgresql_url))
    with pytest.raises(StationFault, match="restore-database-used"):
        restore(used)


def _without_password(machine: Machine, url: str) -> str:
    """The address as a configuration may hold it; the password in a file of its own, which the backup has not."""
    secret = machine.base / "password"
    if not secret.exists():
        secret.touch(0o600)
        secret.write_text(str(make_url(url).password), "ascii")
    config = machine.base / "their.toml"
    config.write_text(with_setting(config.read_text("utf-8"), "database", "password", f"file:{secret}"), "utf-8")
    return url.replace(f":{make_url(url).password}@", "@")


# A double


def test_the_old_machine_coming_back_to_life_stops(machine: Machine, few: Few) -> None:
    restore(machine.asked())
    objects = machine.objects()
    with machine.trial.opened() as old:
        with pytest.raises(TamperFault, match="custody-forked"):
            work(old, few.path.parent)
        with pytest.raises(TamperFault, match="custody-forked"):
            batches.checkpoint(old)
        old_entry = Draft(EntryType.REVIEW, "batch:" + "ab" * 8, "done")
        with old.database.write("test.append") as session:
            old.ledger.append(session, old_entry, at=old.clock.now())
        with pytest.raises(TamperFault, match="custody-forked"):
            old.shipping.ship()
    assert machine.objects() == objects


def test_brought_back_twice_the_last_one_works_and_the_first_stops(machine: Machine) -> None:
    machine.lose()
    first, second = restore(machine.asked("machine-2")), restore(machine.asked("machine-3"))
    assert (first.epoch, second.epoch) == (1, 2)
    assert second.missing == 0
    with closing(opened(first.config)) as station, pytest.raises(TamperFault, match="custody-forked"):
        batches.require_continuation(station)
    with closing(opened(second.config)) as station:
        batches.require_continuation(station)
        assert [one.epoch for one in station.ledger.verify().returns] == [1, 2]


def test_a_backup_of_what_was_given_up_is_refused(machine: Machine) -> None:
    """A later backup of the old line, once the station came back from an earlier one without its records."""
    with machine.trial.opened() as station:
        later = take_backup(station, out=machine.base / "elsewhere", to_host=False).path
    for record in machine.records():
        record.unlink()
    restore(machine.asked())
    with pytest.raises(StationFault, match="backup-superseded"):
        restore(machine.asked("machine-3", later))
    assert not (machine.base / "machine-3").exists()


# A declared fork


@pytest.fixture
def forked(machine: Machine) -> tuple[Machine, Returned, str]:
    """The host has lost its records, and with them all entries between backup and checkpoint."""
    anchor = max(machine.host.glob("*/checkpoints/*")).read_text("utf-8")
    for record in machine.records():
        record.unlink()
    machine.lose()
    return machine, restore(machine.asked()), anchor


def test_a_fork_is_declared_with_what_is_missing_and_shown_to_whoever_verifies(
    forked: tuple[Machine, Returned, str],
) -> None:
    machine, returned, anchor = forked
    assert returned.missing == int(anchor.splitlines()[1]) - returned.entries > 0
    with closing(opened(returned.config)) as station:
        batches.require_continuation(station)
        verdict = station.ledger.verify([anchor])
        assert verdict.verified
        assert verdict.lost_anchors == 1
        (found,) = verdict.returns
        assert (found.seq, found.missing, found.epoch) == (returned.entries, returned.missing, 1)
        assert found.since <= found.at
        later = batches.checkpoint(station)
        assert station.ledger.verify([later]).guarantee is Guarantee.ANCHORED
        build(station, machine.base / "handover")
    told = json.loads((machine.base / "handover" / "handover.json").read_text("utf-8"))
    assert told["evidence"]["ledger"]["returns"][0]["missing"] == returned.missing


def test_a_fork_hides_no_anchor_outside_its_window(forked: tuple[Machine, Returned, str]) -> None:
    """Before it, an anchor that differs is a rewritten history; beyond it, one that nobody reaches is a cut tail."""
    _, returned, _ = forked
    with closing(opened(returned.config)) as station:

        def found(size: int) -> Flaw | None:
            note = sign_note(origin_of(station.id), Head(size, bytes(32)), station.keys.checkpoint)
            finding = station.ledger.verify([note]).finding
            return finding.flaw if finding else None

        assert found(returned.entries) is Flaw.HISTORY_REWRITTEN
        assert found(returned.entries + returned.missing) is None
        assert found(returned.entries + returned.missing + 1) is Flaw.TRUNCATED


def test_an_old_database_put_back_by_hand_is_still_refused(machine: Machine) -> None:
    old = machine.base / "old.db"
    restored = restore(machine.asked())
    shutil.copyfile(restored.config.parent / "station" / "station.db", old)
    with closing(opened(restored.config)) as station:
        with station.database.write("test.append") as session:
            station.ledger.append(session, Draft(EntryType.REVIEW, "batch:" + "ab" * 8, "done"), at=station.clock.now())
        batches.checkpoint(station)
    database = restored.config.parent / "station" / "station.db"
    for path in database.parent.glob("station.db*"):
        path.unlink()
    shutil.copyfile(old, database)
    with closing(opened(restored.config)) as station, pytest.raises(TamperFault, match="custody-rolled-back"):
        batches.require_continuation(station)


# What must not be taken for a backup


def _left(machine: Machine) -> set[Path]:
    return {path for path in machine.base.rglob("*") if path.name not in ("work-2", "their.toml")}


def _refused(machine: Machine, asked: Return) -> Fault:
    before = _left(machine)
    with pytest.raises(Fault) as fault:
        restore(asked)
    assert _left(machine) == before, "nothing is written"
    return fault.value


def test_a_wrong_key_opens_nothing(machine: Machine, tmp_path: Path) -> None:
    create_trial_recipient(tmp_path, "other", datetime(2026, 1, 1, tzinfo=UTC))
    key, certificate = load_private_key(tmp_path / "other.key"), load_certificate(tmp_path / "other.crt")
    fault = _refused(machine, replace(machine.asked(), key=key, certificate=certificate))
    assert fault.code == "key-not-recipient"


def test_every_flipped_bit_of_a_backup_is_one_fault_and_nothing_is_written(machine: Machine) -> None:
    """A bit of every third byte of the manifest, and of every 301st of the parts, whose hashes stand in it."""
    asked = machine.asked()
    for path in (machine.backup / MANIFEST, *machine.backup.glob("part-*.cms")):
        whole = path.read_bytes()
        for place in range(0, len(whole), 3 if path.name == MANIFEST else 301):
            path.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << place % 8]) + whole[place + 1 :])
            with pytest.raises(Fault) as fault:
                restore(asked)
            assert fault.value.code in ("backup-forged", "backup-newer"), (path.name, place)
        path.write_bytes(whole)
    assert not asked.into.exists()


@pytest.mark.parametrize("cut", [0, 1, 100, -1])
def test_a_truncated_part_is_told(machine: Machine, cut: int) -> None:
    (part,) = machine.backup.glob("part-*.cms")
    part.write_bytes(part.read_bytes()[:cut])
    assert _refused(machine, machine.asked()).code == "backup-forged"


def test_a_missing_part_is_told(machine: Machine) -> None:
    (part,) = machine.backup.glob("part-*.cms")
    part.unlink()
    assert _refused(machine, machine.asked()).code == "backup-incomplete"


def test_no_backup_is_told(machine: Machine) -> None:
    assert _refused(machine, machine.asked(backup=machine.keys)).code == "backup-unreadable"


def test_a_backup_of_a_later_version_is_told(machine: Machine) -> None:
    path = machine.backup / MANIFEST
    path.write_bytes(path.read_bytes().replace(b'"v":1', b'"v":2'))
    assert _refused(machine, machine.asked()).code == "backup-newer"


def test_a_manifest_that_the_station_did_not_sign_is_refused(machine: Machine) -> None:
    with machine.trial.opened() as station:
        (machine.backup / SIGNATURE).write_bytes(sign(station.keys, b"another"))
    assert _refused(machine, machine.asked()).code == "backup-forged"


def test_another_stations_fingerprint_or_configuration_is_refused(machine: Machine) -> None:
    asked = machine.asked()
    assert _refused(machine, replace(asked, fingerprint="AB:" * 31 + "CD")).code == "backup-foreign"
    right = read_manifest(machine.backup).fingerprint
    config = machine.base / "their.toml"
    text = config.read_text("utf-8")
    config.write_text(with_setting(text, "station", "id", "st-00000000"), "utf-8")
    assert _refused(machine, replace(asked, fingerprint=right)).code == "backup-foreign"
    config.write_text(text, "utf-8")
    assert restore(replace(asked, fingerprint=right.lower().replace(":", ""))).epoch == 1


def test_a_backup_whose_name_the_host_knows_by_another_key_is_refused(machine: Machine, tmp_path: Path) -> None:
    """Somebody who makes a whole station of the same name, with keys of his own."""
    trial = Trial.found(tmp_path / "theirs", verapdf="never")
    name = load(machine.trial.config).station.id
    with_name = with_setting(trial.config.read_text("utf-8"), "station", "id", name)
    trial.config.write_text(with_setting(with_name, "host", "folder", str(tmp_path / "host")), "utf-8")
    shutil.rmtree(trial.home / "station.db", ignore_errors=True)
    for path in trial.home.glob("station.db*"):
        path.unlink()
    (tmp_path / "host").mkdir()
    with trial.opened() as station:
        with station.database.write("test.append") as session:
            station.ledger.append(session, Draft(EntryType.REVIEW, "batch:" + "ab" * 8, "done"), at=station.clock.now())
        path = take_backup(station).path
    key = load_private_key(trial.folder / "trial-keys" / "client.key")
    certificate = load_certificate(trial.folder / "trial-keys" / "client.crt")
    fault = _refused(machine, replace(machine.asked(backup=path), key=key, certificate=certificate))
    assert fault.code == "backup-foreign"


def test_a_station_is_never_replaced(machine: Machine) -> None:
    assert _refused(machine, machine.asked("machine")).code == "station-exists"


def test_without_the_host_nothing_is_brought_back(machine: Machine) -> None:
    away = machine.host.rename(machine.base / "unmounted")
    fault = _refused(machine, machine.asked(backup=min(away.glob("*/backups/*"))))
    assert isinstance(fault, HostFault)


def test_a_record_that_the_host_spoilt_costs_what_it_held_and_no_more(machine: Machine) -> None:
    with machine.trial.opened() as station:
        expected = len(list(entries_of(station)))
    last = machine.records()[-1]
    last.write_bytes(last.read_bytes()[:-1] + b"\0")
    machine.lose()
    returned = restore(machine.asked())
    extent = extent_of(f"x/records/{last.name}")
    assert extent is not None
    assert (returned.damaged, returned.entries) == (1, extent.first)
    assert returned.missing == expected - extent.first
