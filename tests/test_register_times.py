"""The register's two times: what held on a day, what was believed on another; nothing is ever overwritten."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from ulid import ULID

from consent_gate.gate import Policy, decide
from consent_gate.model import (
    Clearance,
    DocType,
    DocumentId,
    Evidence,
    EvidenceKind,
    FactKind,
    Giver,
    Moment,
    Opposition,
    PatientRef,
    Reason,
    Refused,
    Statement,
)
from lexicon.faults import TamperFault
from storage.database import Database
from storage.fact_rows import Recording
from storage.register import Register
from tests.station_fixtures import AT, COLUMNS, burglar
from tests.test_register import filled

PATIENT = PatientRef("Q9")
DAY = date(2026, 1, 20)
LAB, CERTIFICATE = DocType("resultats_labo"), DocType("certificat")
PERSON = str(ULID.from_int(7))

GRANT = Statement(kind=FactKind.GRANTED, on=date(2026, 1, 10))
EVERYTHING = Statement(
    kind=FactKind.GRANTED,
    on=date(2026, 1, 11),
    until=date(2027, 1, 1),
    doc_types=frozenset({LAB}),
    purposes=frozenset({"dematerialisation"}),
    evidence=Evidence("F-12", EvidenceKind.ORAL, date(2026, 1, 9), "ab" * 32, str(ULID.from_int(9)), "Mme Témoin"),
    given_by=Giver.GUARDIAN,
    authority_until=date(2026, 12, 31),
)


def told(database: Database, *said: Statement, days: int = 0, person: str | None = None) -> tuple[str | None, ...]:
    """References of what was recorded of the patient so many days after `AT`."""
    register = Register(database, COLUMNS)
    by = Recording(AT + timedelta(days=days), person=person)
    with database.write("test.write") as session:
        recorded = register.record(session, [(PATIENT, statement) for statement in said], by)
    return tuple(one.reference for one in recorded)


def answer(database: Database, day: date, *, known_at: datetime | None = None, doc_type: DocType = LAB) -> str:
    """What the gate says of the patient on a day, by what was known then."""
    with database.read() as session:
        reading = Register(database, COLUMNS).reading_in(session, PATIENT, known_at)
    decision = decide(DocumentId("D"), PATIENT, doc_type, reading, Moment(AT, day), Policy(purpose="dematerialisation"))
    return decision.reason.value if isinstance(decision, Refused) else "cleared"


@pytest.fixture
def database(tmp_path: Path) -> Database:
    """The patient is on the roster, and nothing is on record."""
    return filled(tmp_path)


def test_all_that_was_said_comes_back(database: Database) -> None:
    notice = Statement(kind=FactKind.NOTICE, on=date(2026, 1, 5), version="2026-01", channel="courrier")
    opposed = Statement(kind=FactKind.OPPOSED, on=date(2026, 1, 6), opposition=Opposition.TRANSMISSION)
    references = told(database, EVERYTHING, notice, opposed, person=PERSON)
    with database.read() as session:
        history = Register(database, COLUMNS).history(session, PATIENT)
    found = {fact.reference: fact for fact in history}
    for reference, statement in zip(references, (EVERYTHING, notice, opposed), strict=True):
        assert reference is not None
        fact = found[reference]
        assert {name: getattr(fact, name) for name in Statement.__slots__} == {
            name: getattr(statement, name) for name in Statement.__slots__
        }
        assert (fact.recorded_by, fact.recorded_at) == (PERSON, AT)


def test_what_held_on_a_day_and_what_was_believed_then_are_two_questions(database: Database) -> None:
    told(database, GRANT, days=1)
    told(database, Statement(kind=FactKind.WITHDRAWN, on=date(2026, 1, 15)), days=10)
    assert answer(database, date(2026, 1, 14)) == "cleared"
    assert answer(database, DAY) == "withdrawn"
    assert answer(database, DAY, known_at=AT + timedelta(days=9)) == "cleared"
    assert answer(database, DAY, known_at=AT + timedelta(days=10)) == "withdrawn"


def test_a_retraction_counts_from_when_it_was_recorded_and_erases_nothing(database: Database) -> None:
    (slip,) = told(database, Statement(kind=FactKind.REFUSED, on=date(2026, 1, 12)), days=1)
    told(database, GRANT)
    assert answer(database, date(2026, 1, 12)) == "refused"
    told(database, Statement(kind=FactKind.RETRACTED, on=date(2026, 1, 18), about=slip), days=5, person=PERSON)
    assert answer(database, date(2026, 1, 12)) == "cleared"
    assert answer(database, date(2026, 1, 12), known_at=AT + timedelta(days=4)) == "refused"
    with database.read() as session:
        assert slip in {fact.reference for fact in Register(database, COLUMNS).history(session, PATIENT)}


def test_what_was_retracted_can_be_said_anew_and_retracted_again(database: Database) -> None:
    seen = set()
    for day in range(1, 7, 2):
        (reference,) = told(database, GRANT, days=day)
        assert reference is not None
        seen.add(reference)
        assert told(database, GRANT, GRANT, days=day) == (None, None)
        assert answer(database, DAY) == "cleared"
        told(database, Statement(kind=FactKind.RETRACTED, on=DAY, about=reference), days=day + 1)
        assert answer(database, DAY) != "cleared"
    assert len(seen) == 3


def test_a_limited_authorization_of_a_later_day_limits_what_was_allowed_before(database: Database) -> None:
    told(database, GRANT, replace(GRANT, on=date(2026, 1, 12), doc_types=frozenset({LAB})))
    assert answer(database, DAY, doc_type=LAB) == "cleared"
    assert answer(database, DAY, doc_type=CERTIFICATE) == "out-of-scope"
    assert answer(database, date(2026, 1, 11), doc_type=CERTIFICATE) == "cleared"
    told(database, replace(GRANT, on=date(2026, 1, 13)))
    assert answer(database, DAY, doc_type=CERTIFICATE) == "cleared"


def test_limited_authorizations_of_one_day_stand_beside_each_other_and_a_full_one_of_a_later_day_is_full(
    database: Database,
) -> None:
    limited = replace(GRANT, on=date(2026, 1, 12), doc_types=frozenset({LAB}))
    told(database, limited, replace(limited, doc_types=frozenset({CERTIFICATE})))
    assert answer(database, DAY, doc_type=CERTIFICATE) == answer(database, DAY, doc_type=LAB) == "cleared"
    assert answer(database, DAY, doc_type=DocType("ordonnance")) == "out-of-scope"
    told(database, replace(limited, doc_types=None))
    assert answer(database, DAY, doc_type=DocType("ordonnance")) == "out-of-scope"
    told(database, replace(limited, on=date(2026, 1, 13), doc_types=None))
    assert answer(database, DAY, doc_type=DocType("ordonnance")) == "cleared"


FORGERIES = {
    "what was said besides": "UPDATE fact SET said_sealed = (SELECT said_sealed FROM fact WHERE said_sealed IS NOT NULL"
    " AND id <> :f) WHERE id = :f",
    "that more was said": "UPDATE fact SET said_sealed = NULL WHERE id = :f",
    "what it is about": "UPDATE fact SET about = id WHERE id = :f",
    "who recorded it": "UPDATE fact SET recorded_by = NULL WHERE id = :f",
    "by which import": "UPDATE fact SET import_id = id WHERE id = :f",
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_part_of_a_fact_makes_the_register_unreadable(
    tmp_path: Path, database: Database, forgery: str
) -> None:
    (first, _) = told(database, EVERYTHING, replace(EVERYTHING, on=date(2026, 1, 12)), person=PERSON)
    with burglar(tmp_path) as connection:
        connection.execute(FORGERIES[forgery], {"f": first})
    with database.read() as session, pytest.raises(TamperFault, match=r"(register|column)-forged"):
        Register(database, COLUMNS).history(session, PATIENT)


def test_two_facts_that_change_their_references_make_the_register_unreadable(
    tmp_path: Path, database: Database
) -> None:
    """What is retracted goes by its reference: another fact must not come to stand in its place."""
    (notice,) = told(database, Statement(kind=FactKind.NOTICE, on=DAY))
    (withdrawal,) = told(database, Statement(kind=FactKind.WITHDRAWN, on=DAY), days=1)
    told(database, Statement(kind=FactKind.RETRACTED, on=DAY, about=notice), days=2)
    with burglar(tmp_path) as connection:
        connection.execute("UPDATE fact SET id = 'other' WHERE id = ?", (notice,))
        connection.execute("UPDATE fact SET id = ? WHERE id = ?", (notice, withdrawal))
        connection.execute("UPDATE fact SET id = ? WHERE id = 'other'", (withdrawal,))
    with database.read() as session, pytest.raises(TamperFault, match="register-forged"):
        Register(database, COLUMNS).history(session, PATIENT)


def test_the_reason_of_the_past_is_the_past_decision_again(database: Database) -> None:
    """A decision can be made again from the register: same facts, same moment, same digest."""
    told(database, GRANT, days=1)
    register = Register(database, COLUMNS)
    moment = Moment(AT + timedelta(days=2), DAY)

    def decided() -> str:
        with database.read() as session:
            reading = register.reading_in(session, PATIENT, AT + timedelta(days=2))
        decision = decide(DocumentId("D"), PATIENT, LAB, reading, moment, Policy())
        assert isinstance(decision, Clearance)
        return decision.decision

    before = decided()
    told(database, Statement(kind=FactKind.WITHDRAWN, on=date(2026, 1, 15)), days=10)
    assert decided() == before
    assert answer(database, DAY) == Reason.WITHDRAWN
