"""What must not be at the host goes, however late it came; what has a receipt stays, however late a deletion comes."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from consent_gate.imports import LineOutcome
from consent_gate.model import DocumentId
from demo.records import Invented
from lexicon.faults import EXIT_HOST, HostFault, StationFault, TamperFault
from pipeline import engine, settle
from pipeline import steps as engine_steps
from pipeline.durable import Ended
from pipeline.office import tasks
from pipeline.station import Station
from pipeline.steps import Signals, StationSteps
from pipeline.taking_back import look_again, take_back
from storage import work as in_hand
from storage.custody import EntryType, read_entry
from storage.deposits import find_receipt
from storage.envelope import seal_refused
from storage.hosts import AlreadyThere, Created, Sink, Stored
from storage.stored import StoredDocument
from tests.host_fixtures import Lie, MemoryHost
from tests.station_fixtures import burglar
from tests.trial_fixtures import TODAY, Few, RememberingTools, Trial, register_sheet, work


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_steps, "DocumentTools", RememberingTools)


def now_says(station: Station, invented: Invented, said: str, on: date = TODAY) -> None:
    sheet = register_sheet(invented, "A1001", said, on=on)
    assert station.import_sheet("register", sheet).count(LineOutcome.ADDED) == 1


def of_the_patient(station: Station) -> StoredDocument:
    """The few's one document that is authorized."""
    with station.database.read() as session:
        (one,) = (d for d in station.documents.documents(session) if d.claim and d.claim.patient == "A1001")
    return one


def outcomes(station: Station) -> list[str]:
    with station.database.read() as session:
        return [str(read_entry(encoded)["outcome"]) for encoded in station.ledger.entries(session)]


def envelopes(host: MemoryHost, station: Station) -> list[str]:
    """Those of the patient's document."""
    document = of_the_patient(station).id
    keys = (station.keys.object_key(station.id, document, version) for version in range(1, 9))
    return [key for key in keys if key in host.objects]


class Lazy(MemoryHost):
    """Gives no answer to a put, and carries it out long after."""

    def __init__(self) -> None:
        super().__init__()
        self.under_way: dict[str, bytes] = {}

    def create(self, key: str, source: Path, sha256: str, size: int) -> Created | AlreadyThere:
        if key.endswith(".p7m"):
            self.under_way[key] = source.read_bytes()
            raise HostFault("host-slow")
        return super().create(key, source, sha256, size)

    def arrive(self) -> None:
        self.objects |= self.under_way
        self.under_way = {}


def test_what_arrives_after_it_was_taken_back_goes_again(trial: Trial, few: Few, invented_records: Invented) -> None:
    (trial.inbox / few.path.name).write_bytes(few.path.read_bytes())
    host = Lazy()
    with trial.opened() as station:
        vars(station)["host"] = host
        assert work(station, trial.inbox).code == EXIT_HOST
        now_says(station, invented_records, "retiree")
        assert work(station, trial.inbox).ends()[(2,)] == ("refused", "withdrawn")
        assert len(host.under_way) == 1
        host.arrive()
        assert len(envelopes(host, station)) == 1
        work(station, trial.inbox)
        assert envelopes(host, station) == []
        assert outcomes(station)[-2:].count("taken-back") == 1, "and it is written down"
        assert station.ledger.verify().verified


class Slow(MemoryHost):
    """Between the intention to delete a document's envelope and the deletion, others go on."""

    def __init__(self, meanwhile: Callable[[], None]) -> None:
        super().__init__()
        self.meanwhile: Callable[[], None] | None = meanwhile

    def delete(self, key: str, version: str | None = None) -> None:
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile:
            meanwhile()
        super().delete(key, version)


def test_a_deletion_that_comes_late_does_not_remove_what_has_its_receipt_since(
    trial: Trial, few: Few, invented_records: Invented
) -> None:
    """A worker is frozen just before it deletes; the patient authorizes again; another worker deposits."""
    (trial.inbox / few.path.name).write_bytes(few.path.read_bytes())
    lazy = Lazy()
    with trial.opened() as station:
        vars(station)["host"] = lazy
        work(station, trial.inbox)
        document = of_the_patient(station)
        lazy.arrive()
        steps = StationSteps(station, Signals(lambda: False))

        def others() -> None:
            now_says(station, invented_records, "accordee")
            assert steps.prepare(document.id) is Ended.SEALED
            assert steps.deliver(document.id) is Ended.SETTLED

        host = Slow(others)
        host.objects = dict(lazy.objects)
        vars(station)["host"] = host
        now_says(station, invented_records, "retiree", TODAY - timedelta(days=1))
        assert steps.prepare(document.id) is Ended.SETTLED, "by the others"
        with station.database.read() as session:
            signed = find_receipt(session, document.id)
        assert signed
        assert hashlib.sha256(host.objects[signed.receipt.object_key]).hexdigest() == signed.receipt.sha256
        work(station, trial.inbox)
        assert envelopes(host, station) == [signed.receipt.object_key], "and what was given up is gone"


def test_a_withdrawal_that_comes_while_records_are_brought_stops_the_deposit(
    trial: Trial, few: Few, invented_records: Invented, monkeypatch: pytest.MonkeyPatch
) -> None:
    (trial.inbox / few.path.name).write_bytes(few.path.read_bytes())
    host = MemoryHost()
    with trial.opened() as station:
        vars(station)["host"] = host
        ship, said = station.shipping.ship, list[str]()

        def slowly() -> int:
            if not said:
                said.append("retiree")
                now_says(station, invented_records, said[0])
            return ship()

        monkeypatch.setattr(station.shipping, "ship", slowly)
        assert work(station, trial.inbox).ends()[(2,)] == ("refused", "withdrawn")
        assert said
        assert envelopes(host, station) == []


def test_a_damaged_copy_is_left_alone_by_who_lost_the_document(trial: Trial, few: Few) -> None:
    """What one worker read as damaged, another may have put anew by the time it would be removed."""
    (trial.inbox / few.path.name).write_bytes(few.path.read_bytes())

    class Overtaken(MemoryHost):
        removed = False

        def read(self, key: str, target: Sink, version: str | None = None) -> Stored:
            found = super().read(key, target, version)
            if key.endswith(".p7m"):
                with station.database.write("test.take") as session:
                    in_hand.take(session, of_the_patient(station).id, "another")
            return found

        def delete(self, key: str, version: str | None = None) -> None:
            self.removed = True
            super().delete(key, version)

    with trial.opened() as station:
        host = Overtaken(Lie.TRUNCATES)
        vars(station)["host"] = host
        steps = prepared(station, trial)
        assert steps.deliver(of_the_patient(station).id) is Ended.SUPERSEDED
        assert len(envelopes(host, station)) == 1
        assert not host.removed


class Plain(MemoryHost):
    """Keeps no versions: what is deleted is deleted, whatever lies there by then."""

    def create(self, key: str, source: Path, sha256: str, size: int) -> Created | AlreadyThere:
        made = super().create(key, source, sha256, size)
        return Created(None) if isinstance(made, Created) else made

    def read(self, key: str, target: Sink, version: str | None = None) -> Stored:
        return replace(super().read(key, target, version), version=None)


def test_under_the_key_of_a_damaged_copy_nothing_is_put_again(trial: Trial, few: Few) -> None:
    (trial.inbox / few.path.name).write_bytes(few.path.read_bytes())
    with trial.opened() as station:
        steps, host = prepared(station, trial), Plain(Lie.TRUNCATES)
        vars(station)["host"] = host
        document = of_the_patient(station).id
        assert steps.deliver(document) is Ended.DEFERRED
        assert envelopes(host, station) == []
        host.lie = Lie.NONE
        assert (steps.prepare(document), steps.deliver(document)) == (Ended.SEALED, Ended.SETTLED)
        assert envelopes(host, station) == [station.keys.object_key(station.id, document, 2)]
        with station.database.read() as session:
            signed = find_receipt(session, document)
        assert signed
        assert signed.receipt.version == 2
        work(station, trial.inbox)


def test_work_that_a_person_gives_up_stays_stopped_while_the_host_is_away(trial: Trial, few: Few) -> None:
    class Away(Lazy):
        def delete(self, key: str, version: str | None = None) -> None:  # noqa: ARG002  as the port
            raise HostFault("host-unreachable")

    (trial.inbox / few.path.name).write_bytes(few.path.read_bytes())
    with trial.opened() as station:
        prepared(station, trial)
        document = of_the_patient(station).id
        vars(station)["host"] = Away()
        tasks.cancel(station, document)
        with pytest.raises(HostFault, match="host-unreachable"):
            tasks.abandon(station, document)
        with station.database.read() as session:
            assert in_hand.waiting(session) == 0, "and holds nothing back"
        vars(station)["host"] = MemoryHost()
        assert work(station, trial.inbox).ends() == {(2,): ("in-progress", "cancelled")}
        tasks.abandon(station, document)
        assert of_the_patient(station).reason == "abandoned"
        work(station, trial.inbox)
    assert trial.left_at_work() == []


def test_what_is_settled_and_still_has_working_copies_is_found_and_ended(
    trial: Trial, few: Few, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk so full that not even the trouble could be written down, and the engine's own row was lost."""
    (trial.inbox / few.path.name).write_bytes(few.path.read_bytes())
    clear, failed = settle.clear, list[str]()

    def full(station: Station, document: DocumentId) -> None:
        if document not in failed:
            failed.append(document)
            raise StationFault("disk-full")
        clear(station, document)

    monkeypatch.setattr(settle, "clear", full)
    monkeypatch.setattr(StationSteps, "_kept", lambda *_: Ended.PAUSED)
    monkeypatch.setattr(engine, "_ROUNDS", 0.5)
    monkeypatch.setattr(engine, "_MEND", 0.5)
    with trial.opened() as station:
        ends = work(station, trial.inbox).ends()
    assert len(failed) == len(ends)
    assert trial.left_at_work() == []


def prepared(station: Station, trial: Trial) -> StationSteps:
    """The steps of a station of which one document is sealed, and has not been put."""
    host, vars(station)["host"] = station.host, Lazy()
    work(station, trial.inbox)
    vars(station)["host"] = host
    return StationSteps(station, Signals(lambda: False))


def test_the_envelope_of_a_closed_document_is_the_one_that_the_ledger_names(
    trial: Trial, few: Few, invented_records: Invented, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that was overtaken between sealing and recording leaves its own envelope nowhere."""
    (trial.inbox / few.path.name).write_bytes(few.path.read_bytes())
    overtaken = list[Ended]()
    with trial.opened() as station:
        steps = prepared(station, trial)
        document = of_the_patient(station)
        now_says(station, invented_records, "retiree")

        def slowly(*arguments: object, **named: object) -> object:
            sealed = seal_refused(*arguments, **named)  # type: ignore[arg-type]  # its own
            if not overtaken:
                overtaken.append(Ended.STOPPED)
                overtaken.append(steps.prepare(document.id))
            return sealed

        monkeypatch.setattr(settle, "seal_refused", slowly)
        assert steps.prepare(document.id) is Ended.SETTLED, "by the others"
        assert overtaken[-1] is Ended.SETTLED
        with station.database.read() as session:
            entries = [read_entry(encoded) for encoded in station.ledger.entries(session)]
        (named,) = (
            entry["hashes_out"]
            for entry in entries
            if entry["object"] == f"document:{document.id}"
            and (entry["type"], entry["outcome"]) == (EntryType.SEALING, "withdrawn")
        )
        assert named == [hashlib.sha256(station.closed_path(document.id).read_bytes()).hexdigest()]
        work(station, trial.inbox)
    assert trial.left_at_work() == []


def test_what_the_disk_lost_can_be_given_up_and_is_said_to_be_lost(trial: Trial, few: Few) -> None:
    (trial.inbox / few.path.name).write_bytes(few.path.read_bytes())
    with trial.opened() as station:
        prepared(station, trial)
        document = of_the_patient(station)
        station.spool.destroy(document.id)
        for envelope in station.sealed_folder.iterdir():
            envelope.unlink()
        assert work(station, trial.inbox).ends()[(2,)][0] == "in-progress"
        tasks.cancel(station, document.id)
        tasks.abandon(station, document.id)
        ended = of_the_patient(station)
        assert (ended.state, ended.reason) == ("set-aside", "lost-with-station")
        accounts = work(station, trial.inbox).accounts
        assert accounts.station_images.in_progress == 0
    assert trial.left_at_work() == []


def test_what_has_its_receipt_is_not_taken_back_by_a_hand_in_the_database(trial: Trial, few: Few) -> None:
    """The receipt's row is gone; the document's says that it was refused, or is at its next version; or the envelope's
    says that it is another document's."""
    (trial.inbox / few.path.name).write_bytes(few.path.read_bytes())
    host, forged = MemoryHost(), "UPDATE sealed SET header = replace(header, ?, ?)"
    with trial.opened() as station:
        vars(station)["host"] = host
        work(station, trial.inbox)
        document, other = of_the_patient(station).id, station.identifiers.new()
        with burglar(station.config.folder) as connection:
            connection.execute("DELETE FROM receipt WHERE document_id = ?", [document])
            connection.execute("UPDATE document SET state = 'refused' WHERE id = ?", [document])
            with pytest.raises(TamperFault, match="receipt-forged"):
                look_again(station, at_start=True)
            connection.execute(forged, [document, other])
            with pytest.raises(TamperFault, match="column-forged"):
                look_again(station, at_start=True)
            connection.execute(forged, [other, document])
            connection.execute("UPDATE document SET state = 'in-progress', version = 2 WHERE id = ?", [document])
        with pytest.raises(TamperFault, match="receipt-forged"):
            take_back(station, of_the_patient(station))
        assert len(envelopes(host, station)) == 1
