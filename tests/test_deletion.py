"""Nothing is deleted by itself: two people, after a cooling-off, with proof of what was there and what answers now."""

import hashlib
import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest

from consent_gate.model import FactKind, PatientRef, Statement
from consent_gate.people import Role
from handover.build import build
from handover.recount import recount
from lexicon.faults import HostFault, StationFault
from pipeline.batches import close_batch
from pipeline.office import answers, paper
from pipeline.office.deleting import all_of, due, execute, write_statement
from pipeline.office.deletion import confirm, order, refuse
from pipeline.office.enrolling import disable
from pipeline.office.fetch import fetch
from pipeline.office.holds import Of, hold, holds, release_hold
from pipeline.office.rejudging import finish
from pipeline.station import Station
from storage.deletions import Deletion, DeletionState
from storage.deposits import find_receipt
from storage.hosts import Absent
from storage.hosts.settings import LockMode, Retention
from tests.handover_fixtures import LEONIE, REFERENCE, Sheets, Workshop
from tests.host_fixtures import MemoryHost
from tests.people_fixtures import Somebody, Staff, entries, staffed
from tests.register_fixtures import add_facts
from tests.s3_fixtures import Seaweed

DAY = date(2025, 1, 1)
INDENTED = re.compile(r"^ {4}(\S.*)$", re.MULTILINE)


def open_workshop(folder: Path, host: object = None) -> Workshop:
    """One document at the host whose patient withdrew since."""
    made = Workshop.open(folder)
    if host is not None:
        vars(made.station)["host"] = host
    made.knows(LEONIE, FactKind.GRANTED)
    file = made.takes("a.tif", "lot")
    made.opens(file, ["separator", Sheets(2, REFERENCE, "fiche_aptitude", "D-1")])
    made.works(file)
    close_batch(made.station, file.batch)
    withdraw(made.station)
    return made


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    made = open_workshop(tmp_path / "station")
    yield made.station
    made.station.close()


@pytest.fixture
def staff(station: Station) -> Staff:
    return staffed(station)


def withdraw(station: Station, kind: FactKind = FactKind.WITHDRAWN, on: date = DAY + timedelta(days=1)) -> None:
    with station.database.write("test.write") as session:
        add_facts(station.register, session, [(REFERENCE, Statement(kind=kind, on=on))], station.clock.now())
    finish(station)


def proposed(station: Station) -> Deletion:
    (one,) = [found for found in all_of(station) if found.state not in (DeletionState.CANCELLED, DeletionState.REFUSED)]
    return one


def two(staff: Staff) -> tuple[Somebody, Somebody]:
    return staff.reviewer(), staff.enrol("M. Le Responsable", Role.CONTROLLER)


def confirmed(station: Station, staff: Staff) -> Deletion:
    """By both, after the cooling-off."""
    first, second = two(staff)
    staff.clock.pass_(days=8)
    confirm(station, proposed(station).id, first.proved())
    return confirm(station, proposed(station).id, second.proved())


def at_host(station: Station) -> bool:
    with station.database.read() as session:
        signed = find_receipt(session, proposed(station).document)
    assert signed
    return not isinstance(station.host.head(signed.receipt.object_key), Absent)


def stranger(folder: Path, command: str) -> str:
    return subprocess.run(["sh", "-c", command], cwd=folder, capture_output=True, text=True, check=True).stdout


def told(station: Station) -> list[str]:
    return [str(e["outcome"]) for e in entries(station) if e["type"] == "deletion"]


# --- Confirmed --------------------------------------------------------------------------------------------------------


def test_two_people_confirm_after_the_cooling_off_and_it_is_executed_with_proof(
    station: Station, staff: Staff, tmp_path: Path
) -> None:
    assert at_host(station)
    done = execute(station, confirmed(station, staff).id)
    assert done.state is DeletionState.EXECUTED
    assert not at_host(station)
    assert told(station) == ["proposed", "first-confirmed", "confirmed", "intended", "executed"]
    *_, last = [e for e in entries(station) if e["type"] == "deletion"]
    assert last["counts"] | {"bytes": 0} == {"versions": 1, "markers": 0, "bytes": 0, "left": 0}
    statement = write_statement(station, done, tmp_path / "out")
    assert statement
    assert last["hashes_out"] == [hashlib.sha256(statement.read_bytes()).hexdigest()]
    said = json.loads(statement.read_bytes())
    assert (said["outcome"], len(said["keys"][0]["before"]), said["keys"][0]["after"]) == ("executed", 1, [])
    assert "batch-index" in said["remains"]
    subprocess.run(
        ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", statement.with_suffix(".p7s"),
         "-content", statement, "-CAfile", tmp_path / "out" / "station.crt", "-purpose", "any", "-out", "/dev/null"],
        check=True, capture_output=True,
    )  # fmt: skip
    keys = tmp_path / "station" / "trial-keys"
    with pytest.raises(StationFault, match="document-deleted"):
        fetch(station, done.document, keys / "client.key", keys / "client.crt", tmp_path / "read.pdf")
    built = build(station, tmp_path / "handover")  # the equations hold, and it says what is gone
    assert "executed" in (built.path / "documents.csv").read_text(encoding="utf-8-sig")
    handed = built.path / "deletions" / statement.name
    assert handed.read_bytes() == statement.read_bytes()
    commands = INDENTED.findall((built.path / "README.txt").read_text(encoding="utf-8"))
    (command,) = [one for one in commands if "deletions/" in one]
    assert stranger(built.path, command) == ""
    handed.write_bytes(handed.read_bytes().replace(b"executed", b"rejected"))
    assert stranger(built.path, command) == f"deletions/{handed.name}\n"
    assert f"deletion:{done.id}" in recount(built.path).differing
    assert answers.document(station, done.document)["deleted_at"] == done.ended_at


def test_nothing_is_confirmed_before_the_cooling_off_is_over(station: Station, staff: Staff) -> None:
    reviewer = staff.reviewer()
    staff.clock.pass_(days=6)
    with pytest.raises(StationFault, match="deletion-too-soon"):
        confirm(station, proposed(station).id, reviewer.proved())
    with pytest.raises(StationFault, match="deletion-not-confirmed"):
        execute(station, proposed(station).id)


def test_one_person_does_not_confirm_twice(station: Station, staff: Staff) -> None:
    controller = staff.enrol("M. Le Responsable", Role.CONTROLLER)
    staff.clock.pass_(days=8)
    confirm(station, proposed(station).id, controller.proved())
    with pytest.raises(StationFault, match="second-person-same"):
        confirm(station, proposed(station).id, controller.proved())
    with pytest.raises(StationFault, match="deletion-not-confirmed"):
        execute(station, proposed(station).id)
    assert due(station) == ()


def test_one_of_the_two_is_the_controllers(station: Station, staff: Staff) -> None:
    first, other = staff.reviewer(), staff.reviewer("Dr Autre")
    staff.clock.pass_(days=8)
    confirm(station, proposed(station).id, first.proved())
    with pytest.raises(StationFault, match="role-insufficient"):
        confirm(station, proposed(station).id, other.proved())


def test_who_was_disabled_since_has_confirmed_nothing(station: Station, staff: Staff) -> None:
    first, second = two(staff)
    staff.clock.pass_(days=8)
    confirm(station, (one := proposed(station)).id, first.proved())
    disable(station, first.id, staff.administrator.proved())
    again = confirm(station, one.id, second.proved())
    assert (again.state, again.first_by) == (DeletionState.FIRST_CONFIRMED, second.id)
    with pytest.raises(StationFault, match="second-person-same"):
        confirm(station, one.id, second.proved())
    assert confirm(station, one.id, staff.reviewer("Dr Autre").proved()).state is DeletionState.CONFIRMED
    assert execute(station, one.id).state is DeletionState.EXECUTED


def test_an_operator_confirms_nothing(station: Station, staff: Staff) -> None:
    operator = staff.enrol("Op", Role.OPERATOR)
    staff.clock.pass_(days=8)
    with pytest.raises(StationFault, match="role-insufficient"):
        confirm(station, proposed(station).id, operator.proved())


def test_an_authorization_that_comes_again_cancels_it(station: Station, staff: Staff) -> None:
    ready = confirmed(station, staff)
    withdraw(station, FactKind.GRANTED, DAY + timedelta(days=2))
    with pytest.raises(StationFault, match="deletion-ended"):
        execute(station, ready.id)
    assert told(station)[-1] == "cancelled"


def test_a_refused_deletion_leaves_the_document_restricted(station: Station, staff: Staff) -> None:
    reviewer = staff.reviewer()
    refuse(station, (one := proposed(station)).id, reviewer.proved())
    staff.clock.pass_(days=8)
    with pytest.raises(StationFault, match="deletion-ended"):
        confirm(station, one.id, reviewer.proved())
    assert answers.document(station, one.document)["restriction"] == "withdrawn"


# --- What forbids it --------------------------------------------------------------------------------------------------


def destroy_paper(staff: Staff) -> None:
    """One sheet of a box, as its declaration writes it."""
    paper.record_movement(staff.station, "receive", "C-1", 1)
    paper.record_destruction(staff.station, "C-1", 1, staff.administrator.proved(), "Bordereau 12")


def test_while_paper_is_destroyed_it_needs_the_controllers_order(station: Station, staff: Staff) -> None:
    ready = confirmed(station, staff)
    destroy_paper(staff)
    with pytest.raises(StationFault, match="deletion-paper-destroyed"):
        execute(station, ready.id)
    reviewer = staff.reviewer("Dr Autre")
    with pytest.raises(StationFault, match="role-insufficient"):
        order(station, ready.document, reviewer.proved(), "LRAR 2026-114")
    controller = staff.enrol("DPO", Role.CONTROLLER)
    ordered = order(station, ready.document, controller.proved(), "LRAR 2026-114")
    assert (ordered.order, ordered.state) == ("LRAR 2026-114", DeletionState.CONFIRMED)
    assert execute(station, ready.id).state is DeletionState.EXECUTED
    assert not any("LRAR" in json.dumps(e) for e in entries(station))


@pytest.mark.parametrize("of", ["document", "patient"])
def test_while_a_hold_stands_it_is_impossible(station: Station, staff: Staff, of: str) -> None:
    ready = confirmed(station, staff)
    reviewer, controller = staff.reviewer("Dr Autre"), staff.enrol("DPO", Role.CONTROLLER)
    held = Of(document=ready.document) if of == "document" else Of(patient=REFERENCE)
    placed = hold(station, held, reviewer.proved(), "Litige 44/2026")
    assert [one.hold.reference for one in holds(station)] == ["Litige 44/2026"]
    with pytest.raises(StationFault, match="deletion-held"):
        execute(station, ready.id)
    release_hold(station, placed.id, controller.proved())
    assert execute(station, ready.id).state is DeletionState.EXECUTED
    assert not any("Litige" in json.dumps(e) for e in entries(station))


def test_a_hold_is_placed_on_what_is_known_alone(station: Station, staff: Staff) -> None:
    reviewer = staff.reviewer()
    with pytest.raises(StationFault, match="patient-not-on-roster"):
        hold(station, Of(patient=PatientRef("P-7777")), reviewer.proved(), "x")
    with pytest.raises(StationFault, match="reference-unfit"):
        hold(station, Of(patient=REFERENCE), reviewer.proved(), "  ")


def test_the_gate_never_blocks_a_deletion_that_the_controller_orders(tmp_path: Path) -> None:
    """Of a document whose patient authorizes still, and though the register is no more readable than that."""
    workshop = open_workshop(tmp_path / "station")
    station = workshop.station
    withdraw(station, FactKind.GRANTED, DAY + timedelta(days=2))
    staff = staffed(station)
    reviewer, controller = two(staff)
    (document,) = {one.document for one in all_of(station)}
    found = order(station, document, controller.proved(), "Demande du patient")
    staff.clock.pass_(days=8)
    confirm(station, found.id, reviewer.proved())
    confirm(station, found.id, controller.proved())
    withdraw(station, FactKind.GRANTED, DAY + timedelta(days=3))
    assert execute(station, found.id).state is DeletionState.EXECUTED
    station.close()


# --- The host ---------------------------------------------------------------------------------------------------------


class Retaining(MemoryHost):
    """Lets go of nothing before a day."""

    until = "2999-12-31"
    retains = True

    def delete(self, key: str, version: str | None = None) -> None:
        if self.retains:
            raise HostFault("host-retains", until=self.until)
        super().delete(key, version)


def test_a_lock_of_the_hosts_is_told_until_its_day_and_done_later(tmp_path: Path) -> None:
    host = Retaining()
    workshop = open_workshop(tmp_path / "station", host)
    station = workshop.station
    ready = confirmed(station, staff := staffed(station))
    locked = execute(station, ready.id)
    assert (locked.state, locked.locked_until) == (DeletionState.LOCKED, "2999-12-31")
    assert told(station)[-1] == "locked-until"
    *_, last = [e for e in entries(station) if e["type"] == "deletion"]
    assert (last["counts"]["until"], last["counts"]["left"]) == (29991231, 1)
    assert json.loads(locked.proof or "")["keys"][0]["after"], "the proof says what is there still"
    assert due(station) == (), "before that day nobody asks"
    staff.clock.pass_(days=1)
    host.retains = False
    assert execute(station, ready.id).state is DeletionState.EXECUTED
    assert host.objects.keys() & {key["key"] for key in json.loads(locked.proof or "")["keys"]} == set()
    station.close()


class Breaking(MemoryHost):
    """Deletes, and gives no answer: as where the machine stops between the two."""

    breaks = True

    def delete(self, key: str, version: str | None = None) -> None:
        super().delete(key, version)
        if self.breaks:
            raise HostFault("host-unreachable")


def test_after_a_crash_it_is_done_again_and_the_proof_says_what_was_there(tmp_path: Path) -> None:
    host = Breaking()
    workshop = open_workshop(tmp_path / "station", host)
    station = workshop.station
    ready = confirmed(station, staffed(station))
    with pytest.raises(HostFault):
        execute(station, ready.id)
    assert [one.state for one in due(station)] == [DeletionState.INTENDED]
    host.breaks = False
    done = execute(station, ready.id)
    assert len(json.loads(done.proof or "")["keys"][0]["before"]) == 1
    station.close()


class Forgetful(MemoryHost):
    """Says that it has deleted, and keeps it."""

    def delete(self, key: str, version: str | None = None) -> None:
        pass


def test_a_host_that_only_says_so_is_not_believed(tmp_path: Path) -> None:
    workshop = open_workshop(tmp_path / "station", Forgetful())
    station = workshop.station
    ready = confirmed(station, staffed(station))
    with pytest.raises(HostFault):
        execute(station, ready.id)
    assert "executed" not in told(station)
    station.close()


def test_every_version_and_marker_goes_from_a_bucket_that_keeps_them(tmp_path: Path, seaweed: Seaweed) -> None:
    settings = seaweed.bucket(versions=True)
    with closing(seaweed.host(settings)) as host:
        station = open_workshop(tmp_path / "station", host).station
        ready = confirmed(station, staffed(station))
        with station.database.read() as session:
            signed = find_receipt(session, ready.document)
        assert signed
        key = signed.receipt.object_key
        host.client.delete_object(Bucket=settings.bucket, Key=key)  # somebody else's: a marker hides it
        host.client.put_object(Bucket=settings.bucket, Key=key, Body=b"another")
        done = execute(station, ready.id)
        before = json.loads(done.proof or "")["keys"][0]["before"]
        assert sorted(one["marker"] for one in before) == [False, False, True]
        listed = host.client.list_object_versions(Bucket=settings.bucket, Prefix=key)
        assert not listed.get("Versions")
        assert not listed.get("DeleteMarkers")
        station.close()


def test_a_lock_in_compliance_is_told_with_its_day(tmp_path: Path, seaweed: Seaweed) -> None:
    settings = seaweed.bucket(lock=True)
    from dataclasses import replace  # noqa: PLC0415  beside its use

    with closing(seaweed.host(replace(settings, retention=Retention(LockMode.COMPLIANCE, 2)))) as host:
        station = open_workshop(tmp_path / "station", host).station
        ready = confirmed(station, staffed(station))
        locked = execute(station, ready.id)
        assert locked.state is DeletionState.LOCKED
        (kept,) = json.loads(locked.proof or "")["keys"][0]["after"]
        assert (kept["lock"], kept["until"]) == ("COMPLIANCE", locked.locked_until)
        assert at_host(station)
        station.close()
