"""The nine states of gICS (Greifswald), and its two traps: what a register says each of them with us, and our answer.

gICS: accepted, declined, unknown, not asked, not chosen, withdrawn, invalidated, refused, expired. It counts REFUSED as
unknown and not as declined, does not take unknown as a decline unless told to, and holds a paper form valid that nobody
has checked. Each state is imported from a client's sheet and judged under a contract that asks for all.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from consent_gate.gate import Policy, decide
from consent_gate.imports import LineOutcome
from consent_gate.model import (
    Clearance,
    CustodyClass,
    Decision,
    DocumentId,
    Fact,
    FactKind,
    KnownPatient,
    Moment,
    PatientRef,
    Reason,
    Refused,
    Statement,
    custody_class,
)
from storage.imports import Importer, ImportReport
from storage.register import Register
from tests.register_fixtures import add_facts
from tests.station_fixtures import COLUMNS, open_database, open_ledger

TODAY: Final = date(2026, 1, 15)
AT: Final = datetime(2026, 1, 15, 9, tzinfo=UTC)
PATIENT: Final = PatientRef("Q1")
STRICT: Final = Policy(notice_required=True, evidence_required=True, check_required=True, purpose="numerisation")

ROSTER: Final = """\
patient_id;nom_naissance;nom_usage;prenoms;date_naissance;sexe;nir;employeur
Q1;GIRÓ;;Luz;1990-01-01;F;;
"""
HEAD: Final = (
    "patient_id;nom_naissance;prenom;date_naissance;nir;statut;date_signature;date_fin;perimetre;"
    "preuve;type_preuve;version_information;canal"
)
WHO: Final = "Q1;GIRÓ;Luz;1990-01-01;"
TOLD: Final = f"{WHO};information;2025-09-01;;;;;v2;courrier"
SIGNED: Final = f"{WHO};accordee;2025-09-08;;tous_documents;formulaire-12;formulaire signé;;"


class Told:
    """One client's register in a database of its own, with a patient Q1 on the roster."""

    def __init__(self, folder: Path) -> None:
        self.database = open_database(folder)
        self.register = Register(self.database, COLUMNS)
        self._importer = Importer(self.database, COLUMNS, open_ledger(self.database), STRICT)
        self._importer.import_roster(ROSTER.encode(), AT - timedelta(days=2))
        self._later = 0

    def _now(self) -> datetime:
        self._later += 1
        return AT - timedelta(days=1) + timedelta(minutes=self._later)

    def lines(self, *lines: str) -> ImportReport:
        return self._importer.import_register("\n".join((HEAD, *lines, "")).encode(), self._now())

    def records(self, kind: FactKind, about: Fact) -> None:
        """What a person says of a fact on record: of its evidence, or that it was never right."""
        said = Statement(kind=kind, on=TODAY - timedelta(days=1), about=about.reference)
        with self.database.write("test.record") as session:
            assert add_facts(self.register, session, [(PATIENT, said)], self._now()) == (True,)

    def fact(self, kind: FactKind) -> Fact:
        reading = self.register.reading(PATIENT)
        assert isinstance(reading, KnownPatient)
        (found,) = (fact for fact in reading.facts if fact.kind is kind)
        return found

    def asks(self, policy: Policy = STRICT, day: date = TODAY, patient: PatientRef = PATIENT) -> Decision:
        document = DocumentId("01KEZZZZZZZZZZZZZZZZZZZZZZ")
        return decide(document, patient, None, self.register.reading(patient), Moment(AT, day), policy)


@pytest.fixture
def told(tmp_path: Path) -> Told:
    return Told(tmp_path)


def reason(decision: Decision) -> Reason:
    assert isinstance(decision, Refused)
    return decision.reason


def test_accepted(told: Told) -> None:
    """Told, signed, and the form looked at by a person: the gate opens."""
    assert told.lines(TOLD, SIGNED).count(LineOutcome.ADDED) == 2
    told.records(FactKind.CHECKED, told.fact(FactKind.GRANTED))
    assert isinstance(told.asks(), Clearance)


def test_declined(told: Told) -> None:
    """Asked, and said no on the form: `refused`; the station keeps no key of what was scanned."""
    told.lines(TOLD, f"{WHO};refusee;2025-09-08;;;formulaire-12;formulaire signé;;")
    assert reason(told.asks()) is Reason.REFUSED
    assert custody_class(Reason.REFUSED) is CustodyClass.CLOSED


def test_unknown(told: Told) -> None:
    """Nothing on record is no yes: `no-authorization`. Nobody of that reference on the roster is another answer."""
    assert reason(told.asks()) is Reason.NO_AUTHORIZATION
    assert reason(told.asks(patient=PatientRef("Q9"))) is Reason.PATIENT_UNKNOWN


def test_not_asked(told: Told) -> None:
    """Told of the digitization and not asked yet: a notice authorizes nothing, `no-authorization`, and can be cured."""
    told.lines(TOLD)
    assert reason(told.asks()) is Reason.NO_AUTHORIZATION
    assert custody_class(Reason.NO_AUTHORIZATION) is CustodyClass.CURABLE


def test_not_chosen(told: Told) -> None:
    """A form came back with no box ticked: the line is refused by name, and closes what an earlier line had opened."""
    told.lines(TOLD, SIGNED)
    told.records(FactKind.CHECKED, told.fact(FactKind.GRANTED))
    report = told.lines(f"{WHO};;2025-11-02;;tous_documents;formulaire-31;formulaire signé;;")
    assert [(verdict.outcome, verdict.code) for verdict in report.verdicts] == [(LineOutcome.REFUSED, "kind-unknown")]
    assert reason(told.asks()) is Reason.DOUBTED


def test_withdrawn(told: Told) -> None:
    """The yes was taken back: `withdrawn` from its day on, and before that day what was signed then still held."""
    told.lines(TOLD, SIGNED, f"{WHO};retiree;2026-01-10;;;;;;")
    told.records(FactKind.CHECKED, told.fact(FactKind.GRANTED))
    assert reason(told.asks()) is Reason.WITHDRAWN
    assert isinstance(told.asks(replace(STRICT, check_required=False), date(2026, 1, 9)), Clearance)


def test_invalidated_by_a_person_who_looked_at_the_form(told: Told) -> None:
    """The form was rejected: it is no evidence any more, `evidence-missing`, however often it is imported again."""
    told.lines(TOLD, SIGNED)
    told.records(FactKind.CHECKED, told.fact(FactKind.GRANTED))
    told.records(FactKind.CHECK_FAILED, told.fact(FactKind.GRANTED))
    assert told.lines(SIGNED).count(LineOutcome.UNCHANGED) == 1
    assert reason(told.asks()) is Reason.EVIDENCE_MISSING


def test_invalidated_as_a_line_that_was_never_right(told: Told) -> None:
    """The line was another patient's: retracted, it is not looked at, `no-authorization`, and stays in the history."""
    told.lines(TOLD, SIGNED)
    grant = told.fact(FactKind.GRANTED)
    told.records(FactKind.RETRACTED, grant)
    assert reason(told.asks()) is Reason.NO_AUTHORIZATION
    with told.database.read() as session:
        kept = told.register.history(session, PATIENT)
    assert grant.reference in {fact.reference for fact in kept}


def test_refused(told: Told) -> None:
    """Would not sign at all: with us the same no as on a form, and needs neither evidence nor a check to close."""
    told.lines(TOLD, f"{WHO};refusee;2025-09-08;;;;;;")
    assert reason(told.asks()) is Reason.REFUSED


def test_expired(told: Told) -> None:
    """The last day is passed: `expired`, told as that; on its last day it still opened."""
    told.lines(TOLD, SIGNED.replace(";2025-09-08;;", ";2025-09-08;2026-01-14;"))
    told.records(FactKind.CHECKED, told.fact(FactKind.GRANTED))
    assert reason(told.asks()) is Reason.EXPIRED
    assert isinstance(told.asks(day=date(2026, 1, 14)), Clearance)


def test_the_nine_states_have_answers_of_their_own() -> None:
    """Whoever asks is told which: no state hides behind another's name, none of them opens but the first."""
    named = (Reason.REFUSED, Reason.NO_AUTHORIZATION, Reason.PATIENT_UNKNOWN, Reason.WITHDRAWN, Reason.EXPIRED)
    assert len({one.value for one in (*named, Reason.EVIDENCE_MISSING, Reason.CONTRADICTORY)}) == 7


def test_the_trap_of_a_refusal_that_counts_as_unknown(told: Told) -> None:
    """gICS: REFUSED is UNKNOWN, and unknown is no decline by default. With us a refusal is told as such: in every
    contract, the laxest too; after an authorization that it ends; and with a register too old to trust its yes.
    """
    told.lines(TOLD, SIGNED, f"{WHO};refusee;2025-12-01;;;;;;")
    told.records(FactKind.CHECKED, told.fact(FactKind.GRANTED))
    for policy in (STRICT, Policy(), replace(STRICT, maximum_age=timedelta(hours=1))):
        assert reason(told.asks(policy)) is Reason.REFUSED


def test_the_trap_of_an_unchecked_form_that_is_valid(told: Told) -> None:
    """gICS: `not_checked` is in the default list of what is valid. With us a form that nobody has looked at opens
    nothing where the contract asks for a check, `evidence-unchecked`; nor does a check of another form.
    """
    told.lines(TOLD, SIGNED)
    assert reason(told.asks()) is Reason.EVIDENCE_UNCHECKED
    told.records(FactKind.CHECKED, told.fact(FactKind.NOTICE))
    assert reason(told.asks()) is Reason.EVIDENCE_UNCHECKED
    told.records(FactKind.CHECKED, told.fact(FactKind.GRANTED))
    assert isinstance(told.asks(), Clearance)
