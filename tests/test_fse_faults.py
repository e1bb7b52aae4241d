"""What users of Italy's health-record gateway (FSE/INI, fault PFA12 "missing upload consent") reported, and our answer.

The one public gateway that blocks an upload for want of consent; each test is a fault of its support tracker.
"""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from consent_gate.gate import Policy, decide
from consent_gate.imports import LineOutcome
from consent_gate.model import (
    CustodyClass,
    Decision,
    DocumentId,
    Moment,
    PatientRef,
    Reason,
    Refused,
    UnreadableRegister,
    custody_class,
)
from consent_gate.people import Role
from demo.records import Invented
from lexicon.faults import EXIT_WAITING, StationFault
from lexicon.reasons import GATE
from pipeline import steps as engine_steps
from pipeline.events import DocumentSettled
from pipeline.model import Archival, Held, Recognised, Scan
from pipeline.office import deleting, deletion, rejudging
from pipeline.station import Station
from storage.custody import EntryType
from storage.deletions import Deletions, DeletionState
from storage.register import Register
from storage.stored import StoredDocument
from tests.people_fixtures import Entry, entries, staffed
from tests.station_fixtures import burglar
from tests.trial_fixtures import TODAY, Few, RememberingTools, Trial, make_few, register_sheet, work

DOCUMENT = DocumentId("01KEZZZZZZZZZZZZZZZZZZZZZZ")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_steps, "DocumentTools", RememberingTools)


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    folder = tmp_path / "empty"
    folder.mkdir()
    return folder


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Few:
    """Two documents of two patients who both authorize."""
    folder = tmp_path_factory.mktemp("both")
    return make_few(folder, "BOTH_0001.tif", ("ordonnance", "A1001", "deposited"), ("ordonnance", "A1014", "deposited"))


def asked(station: Station, patient: str) -> Decision:
    moment = Moment(datetime.combine(TODAY, datetime.min.time(), UTC), TODAY)
    return decide(DOCUMENT, PatientRef(patient), None, station.register.reading(PatientRef(patient)), moment, Policy())


def stored(station: Station) -> dict[str, StoredDocument]:
    """Patient -> document."""
    with station.database.read() as session:
        return {str(one.claim.patient): one for one in station.documents.documents(session) if one.claim}


def says(station: Station, invented: Invented, patient: str, said: str) -> None:
    assert station.import_sheet("register", register_sheet(invented, patient, said)).count(LineOutcome.ADDED) == 1


# --- A refusal comes back as "HTTP 500, generic error" (FSE 1260, 2703) -----------------------------------------------


def test_a_refusal_is_an_answer_with_a_name_and_never_a_generic_error(trial: Trial, few: Few) -> None:
    """Each way to be closed has its slug, sentence and next step in both languages; the run goes on to its end."""
    assert set(GATE) == {reason.value for reason in Reason}
    sentences = list(GATE.values())
    for language in ("fr", "en"):
        assert len({getattr(sentence, language) for sentence in sentences}) == len(sentences)
    with trial.opened() as station:
        worked = work(station, few.path.parent)
        refused = next(one for one in worked.documents if one.patient == "A1007")
        assert (refused.outcome, refused.reason) == ("refused", "withdrawn")
        checks = [e for e in entries(station) if e["type"] == EntryType.CONSENT_CHECK]
        assert {e["outcome"] for e in checks} == {"cleared", "withdrawn"}
    assert worked.code == EXIT_WAITING, "done; a person is to look"


# --- A patient absent from the consent table is told "consent missing" (FSE 3053) -------------------------------------


def test_a_patient_absent_from_the_table_is_told_as_that_and_not_as_a_missing_consent(trial: Trial) -> None:
    """Nobody of that reference; somebody who said nothing; somebody who refused; no table at all: four answers."""
    with trial.opened() as station:
        answers = [asked(station, patient) for patient in ("A9999", "A1009", "A1006")]
        told = [answer.reason for answer in answers if isinstance(answer, Refused)]
    assert told == [Reason.PATIENT_UNKNOWN, Reason.NO_AUTHORIZATION, Reason.REFUSED]
    away = decide(DOCUMENT, PatientRef("A1001"), None, UnreadableRegister(), Moment(datetime.now(UTC), TODAY), Policy())
    assert isinstance(away, Refused)
    assert away.reason is Reason.REGISTER_UNREADABLE
    assert [custody_class(reason) for reason in (*told, away.reason)] == [
        CustodyClass.CURABLE,
        CustodyClass.CURABLE,
        CustodyClass.CLOSED,
        CustodyClass.CURABLE,
    ]


# --- The check of the upload blocks the deletion (FSE 2809) -----------------------------------------------------------


def test_a_deletion_asks_for_no_consent(trial: Trial, few: Few, invented_records: Invented) -> None:
    """The patient refuses, the register goes on closing the gate: two people's deletion is done at the host."""
    with trial.opened(as_of=None) as station:
        (key,) = (one.object_key for one in work(station, few.path.parent).documents if one.object_key)
        staff = staffed(station)
        first, second = staff.reviewer(), staff.enrol("M. Paul Contrôle", Role.CONTROLLER)
        document = stored(station)["A1001"]
        assert (trial.host / key).exists()
        says(station, invented_records, "A1001", "refusee")
        assert rejudging.finish(station).restricted == 1
        with station.database.read() as session:
            (proposed,) = Deletions(station.columns).of_document(session, document.id)
        with pytest.raises(StationFault, match="deletion-too-soon"):
            deletion.confirm(station, proposed.id, first.proved())
        staff.clock.pass_(days=8)
        deletion.confirm(station, proposed.id, first.proved())
        deletion.confirm(station, proposed.id, second.proved())
        answer = asked(station, "A1001")
        assert isinstance(answer, Refused)
        assert answer.reason is Reason.REFUSED
        assert deleting.execute(station, proposed.id).state is DeletionState.EXECUTED
        assert not (trial.host / key).exists()


# --- A backlog stays blocked after a rule changed, and is repaired by hand (FSE 2917) ---------------------------------


def test_a_backlog_that_an_old_rule_blocked_goes_on_by_itself_once_the_rule_changed(
    trial: Trial, both: Few, invented_records: Invented, empty: Path
) -> None:
    """The contract asked for a notice and does so no more: at the next start the gate judges all anew,
    without anybody's repair. Who refused meanwhile is not swept along.
    """
    said = trial.config.read_text(encoding="utf-8")
    trial.config.write_text(said.replace("notice_required = false", "notice_required = true"), encoding="utf-8")
    with trial.opened() as station:
        work(station, both.path.parent)
        blocked = stored(station).values()
        assert {(one.reason, one.custody) for one in blocked} == {("information-missing", "curable")}
        says(station, invented_records, "A1014", "refusee")
    trial.config.write_text(said, encoding="utf-8")
    with trial.opened() as station:
        work(station, empty)
        after = {patient: (one.state, one.reason) for patient, one in stored(station).items()}
    assert after == {"A1001": ("deposited", None), "A1014": ("refused", "refused")}


# --- A consent changed, and nobody can tell when or by whom (FSE 1358) ------------------------------------------------


def test_a_consent_changed_by_a_client_leaves_a_trace(trial: Trial, invented_records: Invented) -> None:
    """Import and facts are kept: what was known before, what is known now, and the entry between the two."""
    patient = PatientRef("A1001")
    with trial.opened() as station:
        before, known = len(entries(station)), station.clock.now()
        says(station, invented_records, patient, "refusee")
        (told,) = (e for e in entries(station)[before:] if e["type"] == EntryType.IMPORT)
        assert told["counts"]["added"] == 1
        register = Register(station.database, station.columns)
        with station.database.read() as session:
            then = register.facts(session, patient, known_at=known)
            now = register.facts(session, patient)
        assert {fact.reference for fact in then} < {fact.reference for fact in now}
        assert isinstance(asked(station, patient), Refused)


@pytest.mark.parametrize("change", ["DELETE FROM fact WHERE kind = 'withdrawn'", "UPDATE fact SET kind = 'granted'"])
def test_a_consent_changed_behind_the_registers_back_opens_nothing(trial: Trial, change: str) -> None:
    """Somebody with the database in hand: the register tells that it is not its own, and the gate closes."""
    with trial.opened() as station:
        answer = asked(station, "A1007")
        assert isinstance(answer, Refused)
        assert answer.reason is Reason.WITHDRAWN
    with burglar(trial.home) as connection:
        connection.execute(change)
    with trial.opened() as station:
        answer = asked(station, "A1007")
    assert isinstance(answer, Refused)
    assert answer.reason is Reason.REGISTER_UNREADABLE


# --- Published on one leg, refused on the other (FSE 2703) ------------------------------------------------------------


def test_a_document_is_deposited_everywhere_or_nowhere(
    trial: Trial, both: Few, invented_records: Invented, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One patient withdraws while the PDF is made. Outcome, object at the host and receipt agree on each document."""

    class Overtaken(RememberingTools):
        __slots__ = ()

        def compose(self, scan: Scan, recognised: Recognised) -> Archival | Held:
            composed = super().compose(scan, recognised)
            sheet = register_sheet(invented_records, "A1014", "retiree")
            self.station.import_sheet("register", sheet)
            return composed

    monkeypatch.setattr(engine_steps, "DocumentTools", Overtaken)
    with trial.opened() as station:
        settled = work(station, both.path.parent).documents
        taken = entries(station)
    legs = {one.patient: (one.outcome, *_legs(trial, taken, one)) for one in settled}
    assert legs == {"A1001": ("deposited", True, True), "A1014": ("refused", False, False)}
    assert len(list(trial.host.rglob("*.p7m"))) == 1 + 1, "and nothing else but the batch's index"


def _legs(trial: Trial, taken: list[Entry], document: DocumentSettled) -> tuple[bool, bool]:
    kinds = {e["type"] for e in taken if e["object"] == f"document:{document.document}"}
    at_host = document.object_key is not None and (trial.host / document.object_key).exists()
    return at_host, EntryType.RECEIPT in kinds
