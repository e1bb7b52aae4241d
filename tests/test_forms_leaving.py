"""Evidence that is not to be at the host is not put there, or goes again, whenever that is said and whatever breaks."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import Session, SQLModel, create_engine

from consent_gate.gate import Policy, decide, opposes_hosting
from consent_gate.model import (
    DocumentId,
    Evidence,
    Fact,
    FactKind,
    KnownPatient,
    Moment,
    PatientRef,
    Reason,
    Refused,
    UnknownPatient,
)
from consent_gate.people import Role
from lexicon.faults import HostFault, StationFault, TamperFault
from pipeline.forms import checking, depositing, ending, recalling
from pipeline.forms.readings import Read, Reading
from pipeline.office.rebuilding import rebuild
from pipeline.office.rejudging import rejudge
from pipeline.station import Station
from storage.deposits import waiting_file
from storage.forms import CHECKED, SEALED, TO_CHECK, StoredReturn
from storage.tables import SealedRow
from tests.crash_fixtures import copied
from tests.custody_fixtures import entries_about
from tests.form_fixtures import fed, printed, returns, scanned, signed, told
from tests.people_fixtures import Somebody, staffed
from tests.test_forms_inbox import OPPOSED, ROSTER, at_host
from tests.trial_fixtures import TODAY, Trial

GRANTED = Reading(outcome=Read.GRANTED, on=TODAY)
AT = datetime(2026, 1, 15, 9, tzinfo=UTC)


@dataclass
class Form:
    """One form that came back and waits for a check."""

    station: Station
    file: str
    id: str
    reviewer: Somebody
    controller: Somebody

    @property
    def now(self) -> StoredReturn:
        (one,) = returns(self.station)
        return one

    @property
    def entries(self) -> list[tuple[str, str]]:
        return entries_about(self.station, self.id)

    def check(self, reading: Reading = GRANTED) -> None:
        checking.check(self.station, self.id, reading, self.reviewer.proved, rejudge)

    def recall(self) -> StoredReturn:
        return recalling.recall(self.station, self.id, self.controller.proved).returned

    def oppose(self) -> None:
        self.station.import_sheet("register", OPPOSED % TODAY.isoformat().encode())

    def kept(self) -> bool:
        """Whether the station alone has it, sealed, and says so."""
        one, closed = self.now, self.station.closed_path(self.id)
        assert self.station.ledger.verify().verified
        return (
            (one.state, one.object_key, one.leaving) == (CHECKED, None, None)
            and at_host(self.station) == set()
            and hashlib.sha256(closed.read_bytes()).hexdigest() == one.sha256
            and not self.station.quarantine.has(self.id)
            and not list(self.station.sealed_folder.glob("*-form-*"))
        )


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    """A station at which one form came back."""
    base = tmp_path_factory.mktemp("leaving")
    trial = Trial.found(base / "station", verapdf="never")
    told(trial)
    with trial.opened() as station:
        station.import_sheet("roster", ROSTER)
        sides = printed(station, base, "A1").sides(0)
        depositing.deliver_returns(station, fed(station, scanned(base / "f.tif", signed(sides[-1]))))
    return trial


@pytest.fixture
def form(template: Trial, tmp_path: Path) -> Iterator[Form]:
    with copied(template, tmp_path / "station").opened() as station:
        staff = staffed(station)
        (one,) = returns(station)
        yield Form(station, one.file, one.id, staff.reviewer(), staff.enrol("Mme Claire Directrice", Role.CONTROLLER))


def away(*_: object) -> None:
    raise HostFault("host-unreachable")


def stopped(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


# --- Somebody opposes hosting -----------------------------------------------------------------------------------------


def test_an_opposition_between_check_and_deposit_keeps_the_form_from_the_host(
    form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(form.station.host, "create", away)
        form.check()
    assert form.now.state == SEALED
    form.oppose()
    depositing.deliver_returns(form.station, form.file)
    assert form.kept()
    assert form.entries[-2:] == [("sealing", "kept-from-host"), ("destruction", "working-copies")]


@pytest.mark.parametrize("during", ["create", "retain"])
def test_an_opposition_during_the_deposit_takes_it_back(
    form: Form, monkeypatch: pytest.MonkeyPatch, during: str
) -> None:
    host, locked = form.station.host, list[str]()
    does, locks = getattr(host, during), host.retain

    def opposed(*said: object) -> object:
        done = does(*said)
        form.oppose()
        return done

    def lock(stored: object, at: object) -> None:
        locked.append("locked")
        locks(stored, at)  # type: ignore[arg-type]  # as the port

    monkeypatch.setattr(host, "retain", lock)
    if during == "create":
        monkeypatch.setattr(host, "create", opposed)
    else:
        monkeypatch.setattr(host, "retain", opposed)
    form.check()
    assert (form.kept(), locked) == (True, [])
    assert form.entries[-5:] == [
        ("deposit", "intended"), ("destruction", "taking-back"), ("destruction", "taken-back"),
        ("sealing", "kept-from-host"), ("destruction", "working-copies"),
    ]  # fmt: skip


@pytest.mark.parametrize("lost", [False, True])
def test_what_was_put_before_a_crash_goes_again_once_its_person_opposes(
    form: Form, monkeypatch: pytest.MonkeyPatch, *, lost: bool
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(depositing, "_record_receipt", stopped)
        with pytest.raises(KeyboardInterrupt):
            form.check()
    assert len(at_host(form.station)) == 1
    if lost:
        (form.station.sealed_folder / str(form.now.waits_as)).unlink()
    form.oppose()
    depositing.deliver_returns(form.station, form.file)
    assert form.kept()


def test_what_a_lock_keeps_is_told_and_goes_at_a_later_start(form: Form, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(depositing, "_record_receipt", stopped)
        with pytest.raises(KeyboardInterrupt):
            form.check()
    form.oppose()

    def locked(*_: object) -> None:
        raise HostFault("host-retains", until="2030-01-01")

    with monkeypatch.context() as broken:
        broken.setattr(form.station.host, "delete", locked)
        with pytest.raises(HostFault, match="host-retains"):
            depositing.deliver_returns(form.station, form.file)
        assert (form.now.state, form.now.object_key in at_host(form.station)) == (CHECKED, True)
        depositing.deliver_returns(form.station, form.file)
        ending.sweep(form.station)
    assert [told for _, told in form.entries].count("host-retains") == 1
    ending.sweep(form.station)
    assert form.kept()
    assert form.entries[-1] == ("destruction", "taken-back")


OPPOSITION = Fact(kind=FactKind.OPPOSED, on=date(2025, 1, 1), reference="1", recorded_at=AT)


def lifting(on: date, evidence: Evidence | None = None) -> Fact:
    return Fact(kind=FactKind.OPPOSITION_LIFTED, on=on, reference="2", recorded_at=AT, evidence=evidence)


LATER = date(2025, 2, 1)


@pytest.mark.parametrize(
    ("facts", "policy", "reason"),
    [
        ((OPPOSITION,), Policy(), Reason.OPPOSITION),
        ((OPPOSITION, lifting(date(2030, 1, 1))), Policy(), Reason.OPPOSITION),
        ((OPPOSITION, lifting(date(2025, 1, 1))), Policy(), Reason.CONTRADICTORY),
        ((OPPOSITION, lifting(LATER)), Policy(evidence_required=True), Reason.OPPOSITION),
        ((OPPOSITION, lifting(LATER, Evidence("L"))), Policy(check_required=True), Reason.OPPOSITION),
        ((OPPOSITION, lifting(LATER)), Policy(), None),
        ((OPPOSITION, lifting(LATER, Evidence("L"))), Policy(evidence_required=True), None),
        ((), Policy(), None),
    ],
)
def test_an_opposition_to_hosting_is_the_gates(facts: tuple[Fact, ...], policy: Policy, reason: Reason | None) -> None:
    """A lifting of a day to come, without its evidence, or unchecked where checks are asked for, lifts nothing."""
    moment = Moment(AT, AT.date())
    for reading in (KnownPatient(facts, AT, None), KnownPatient((), AT, None, (facts,))):
        answer = decide(DocumentId("01KEZZZZZZZZZZZZZZZZZZZZZZ"), PatientRef("Q1"), None, reading, moment, policy)
        assert isinstance(answer, Refused)
        assert (answer.reason if answer.reason is not Reason.NO_AUTHORIZATION else None) == reason
        assert opposes_hosting(reading, moment, policy) is (reason is not None)
    assert opposes_hosting(UnknownPatient(), moment, policy)


# --- The controller takes it back -------------------------------------------------------------------------------------


def test_a_recall_stops_a_form_on_its_way_to_a_host_that_is_away(form: Form, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        for verb in ("create", "head"):
            broken.setattr(form.station.host, verb, away)
        form.check()
        with pytest.raises(HostFault, match="host-unreachable"):
            form.recall()
    depositing.deliver_returns(form.station, form.file)
    assert form.kept()
    assert ("deposit", "intended") not in form.entries[form.entries.index(("destruction", "taking-back")) :]


def test_a_recall_of_a_form_on_its_way_leaves_nothing_at_the_host(form: Form, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(depositing, "_record_receipt", stopped)
        with pytest.raises(KeyboardInterrupt):
            form.check()
    done = form.recall()
    assert (done.state, form.kept()) == (CHECKED, True)


def test_of_two_recalls_at_once_one_is_told_that_there_is_nothing(form: Form, monkeypatch: pytest.MonkeyPatch) -> None:
    form.check()
    host, delete = form.station.host, form.station.host.delete

    def racing(key: str) -> None:
        monkeypatch.setattr(host, "delete", delete)
        form.recall()
        delete(key)

    monkeypatch.setattr(host, "delete", racing)
    with pytest.raises(StationFault, match="form-not-at-host"):
        form.recall()
    assert form.kept()


@pytest.mark.parametrize("machine", ["kept", "lost"])
def test_a_recall_that_broke_off_is_ended_at_the_next_start(
    form: Form, monkeypatch: pytest.MonkeyPatch, machine: str
) -> None:
    form.check()
    delete = form.station.host.delete

    def broken_off(key: str) -> None:
        delete(key)
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(form.station.host, "delete", broken_off)
        with pytest.raises(KeyboardInterrupt):
            form.recall()
    assert at_host(form.station) == set()
    if machine == "kept":
        ending.sweep(form.station)
        ending.sweep(form.station)
        assert form.kept()
        assert form.entries[-2:] == [("destruction", "taking-back"), ("destruction", "taken-back")]
        return
    form.station.closed_path(form.id).unlink()
    assert [(one.name, one.pages) for one in rebuild(form.station).lost] == [("f.tif", (1,))]
    assert (form.now.object_key, form.now.reason) == (None, "lost-with-station")
    assert form.entries[-1] == ("destruction", "lost-with-station")
    assert rebuild(form.station).lost == []


def test_after_a_return_from_a_backup_a_form_is_not_taken_for_records(form: Form) -> None:
    rebuilt = rebuild(form.station)
    assert (rebuilt.recaptured, rebuilt.lost) == (0, [])
    assert form.now.state == TO_CHECK
    assert form.station.quarantine.has(form.id)
    form.check()
    assert at_host(form.station) == {form.now.object_key}


def test_evidence_that_the_station_alone_had_is_told_where_a_machine_was_lost(form: Form) -> None:
    form.check()
    form.recall()
    assert rebuild(form.station).lost == []
    form.station.closed_path(form.id).unlink()
    assert [(one.name, one.pages) for one in rebuild(form.station).lost] == [("f.tif", (1,))]
    assert rebuild(form.station).lost == []
    assert form.entries[-1] == ("destruction", "lost-with-station")
    assert form.station.ledger.verify().verified


# --- A hand in the database -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", [Read.UNUSABLE, Read.GRANTED])
def test_a_name_edited_in_a_row_leads_to_no_other_file(form: Form, outcome: Read) -> None:
    if outcome is Read.GRANTED:
        form.oppose()
    form.check(Reading(outcome=outcome, on=TODAY if outcome is Read.GRANTED else None))
    closed = form.station.closed_path(form.id)
    before = closed.read_bytes() if closed.exists() else None
    victim = form.station.config.folder / "keys" / "backup.key"
    victim.write_bytes(b"whole")
    edited(form.station, f"../{victim.relative_to(form.station.config.shared)}")
    ending.sweep(form.station)
    with pytest.raises(TamperFault, match="column-forged"):
        ending.clear(form.station, form.id)
    assert victim.read_bytes() == b"whole"
    assert (closed.read_bytes() if closed.exists() else None) == before


def test_an_envelope_whose_row_was_altered_is_not_swept_away(form: Form) -> None:
    waits = form.station.sealed_folder / str(form.now.waits_as)
    edited(form.station, None)
    ending.sweep(form.station)
    assert waits.exists()
    stray = waits.with_name(f"{waits.name[:26]}-form-{form.station.identifiers.new()}.p7m")
    edited(form.station, waits.name)
    stray.write_bytes(b"nobody's")
    ending.sweep(form.station)
    assert (waits.exists(), stray.exists()) == (True, False)


def edited(station: Station, waits_as: str | None) -> None:
    with station.database.write("test.by-hand") as session:
        statement = text("UPDATE form_return SET waits_as = :waits, cleared_at = NULL")
        session.connection().execute(statement, {"waits": waits_as})


def test_a_document_waits_in_a_file_of_its_own_name_alone() -> None:
    document = DocumentId("01KEZZZZZZZZZZZZZZZZZZZZZZ")
    engine = create_engine("sqlite://")
    SQLModel.metadata.tables["sealed"].create(engine)
    said = dict.fromkeys(("header", "sha256", "pdfa_level", "validators", "at"), "")
    with Session(engine) as session:
        row = SealedRow(document_id=document, version=2, object_key="k", size=1, pdf_size=1, waits_as="", **said)
        session.add(row)
        for name in (f"{document}-2.p7m", f"{document}-2-01KAPQ3Z7M4X9T2V8W6Y5R1CDE.p7m"):
            row.waits_as = name
            assert waiting_file(session, document, 2) == name
        for name in ("../keys/backup.key", f"{document}-2.p7m/..", "", f"{document}-1.p7m", f"{document}-2.p7m\n"):
            row.waits_as = name
            with pytest.raises(TamperFault, match="column-forged"):
                waiting_file(session, document, 2)
    engine.dispose()
