"""What settles a doubt: a word that itself counts at the gate, said since. What was on record before opens nothing."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from consent_gate.gate import Policy
from consent_gate.model import FactKind, PatientRef
from storage.database import Database
from storage.imports import ImportReport
from storage.register import Register
from storage.undoing import By, Undoing
from tests.register_fixtures import CLIENT, ROSTER, TODAY, answer, importer, line, sheet
from tests.station_fixtures import COLUMNS, open_database, open_ledger

OLD = line("Q1", "accordee", "2024-01-01", "", "tous_documents", "F-1")
SOMEBODY = By("01KEZZZZZZZZZZZZZZZZZZZZZY", "0a" * 32)
TERMS = Policy(purpose="soins")
ASKING = replace(TERMS, evidence_required=True)
LOOKING = replace(TERMS, check_required=True)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A register in which Q1 has authorized long since."""
    opened = open_database(tmp_path)
    importer(opened).import_roster(ROSTER.encode(), datetime(2025, 12, 1, tzinfo=UTC))
    bring(opened, 1, OLD)
    yield opened
    opened.close()


def bring(database: Database, day: int, *lines: str, policy: Policy = TERMS) -> ImportReport:
    """Lines that come on that day of January 2026, the contract being this one."""
    at = datetime(2026, 1, day, 8, tzinfo=UTC)
    client = replace(CLIENT, today=date(2026, 1, day))
    return importer(database, policy).import_register(sheet(*lines), at, client=client)


def undo(database: Database, report: ImportReport, day: int) -> None:
    assert report.id is not None
    undoing, at = Undoing(database, COLUMNS, open_ledger(database)), datetime(2026, 1, day, 8, tzinfo=UTC)
    undoing.undo(report.id, at, today=date(2026, 1, day), by=SOMEBODY)


def doubts(database: Database) -> int:
    """How many were ever recorded of Q1."""
    with database.read() as session:
        history = Register(database, COLUMNS).history(session, PatientRef("Q1"))
    return sum(fact.kind is FactKind.DOUBTED for fact in history)


NOT_YET = line("Q1", "accordee", "2099-01-01")
BARE = line("Q1", "accordee", "2026-01-12")
SIGNED = line("Q1", "accordee", "2026-01-12", "", "tous_documents", "F-2")


@pytest.mark.parametrize(
    ("said", "policy"),
    [
        pytest.param(NOT_YET, TERMS, id="from 2099"),
        pytest.param(line("Q1", "limitee", "2099-01-01", "2099-01-02", "labo"), TERMS, id="limited, from 2099"),
        pytest.param(line("Q1", "accordee", "2026-01-12", "2026-01-12", "tous_documents"), TERMS, id="over by now"),
        pytest.param(
            line("Q1", "accordee", "2026-01-12", "", "tous_documents", "", "", "autorite_parentale"),
            TERMS,
            id="by the parents of an adult",
        ),
        pytest.param(
            line("Q1", "accordee", "2026-01-12", "", "tous_documents", "", "archivage"), TERMS, id="for something else"
        ),
        pytest.param(BARE, ASKING, id="without evidence"),
        pytest.param(SIGNED, LOOKING, id="with evidence that nobody looked at"),
    ],
)
def test_an_authorization_that_does_not_hold_itself_settles_no_doubt(
    database: Database, said: str, policy: Policy
) -> None:
    """Else what was authorized before the doubt would open."""
    bring(database, 10, line("Q1", "refus???", "2026-01-10"), policy=policy)
    bring(database, 13, said, policy=policy)
    assert answer(database, "Q1", "labo", policy=TERMS) == "doubted"


@pytest.mark.parametrize(
    ("said", "policy"),
    [
        (BARE, TERMS),
        (SIGNED, ASKING),
        (line("Q1", "limitee", "2026-01-12", "", "labo"), TERMS),
        (line("Q1", "accordee", "2026-01-12", "2027-01-01", "tous_documents", "", "soins"), TERMS),
        (line("Q1", "accordee", "2026-01-12", "", "tous_documents", "", "", "tuteur"), TERMS),
    ],
)
def test_one_that_holds_settles_it(database: Database, said: str, policy: Policy) -> None:
    bring(database, 10, line("Q1", "refus???", "2026-01-10"), policy=policy)
    bring(database, 13, said, policy=policy)
    assert answer(database, "Q1", "labo", policy=policy) == "cleared"


def test_a_no_that_was_taken_back_is_not_settled_by_an_authorization_of_a_day_to_come(database: Database) -> None:
    undo(database, bring(database, 2, line("Q1", "retiree", "2026-01-02")), 3)
    bring(database, 4, NOT_YET)
    assert answer(database, "Q1") == "doubted"
    bring(database, 5, line("Q1", "accordee", "2026-01-04"))
    assert answer(database, "Q1") == "cleared"


SINCE = line("Q1", "accordee", "2026-01-03")
UNUSABLE = line("Q1", "retir??", "2026-01-10")


def test_a_line_that_cannot_be_used_is_a_doubt_of_its_own_day_whatever_was_in_doubt_before(database: Database) -> None:
    bring(database, 2, line("Q1", "refus???", "2026-01-02"))
    report = bring(database, 10, UNUSABLE)
    assert (report.doubted, doubts(database)) == (1, 2)
    bring(database, 11, SINCE)
    assert answer(database, "Q1") == "doubted", "as without the first line"


def test_a_line_that_cannot_be_used_is_a_doubt_beside_the_one_about_a_no_that_was_taken_back(
    database: Database,
) -> None:
    undo(database, bring(database, 2, line("Q1", "retiree", "2026-01-02")), 3)
    bring(database, 3, UNUSABLE)
    assert doubts(database) == 2
    bring(database, 10, UNUSABLE, line("Q2", "accordee", "2026-01-03"))
    bring(database, 11, SINCE)
    assert answer(database, "Q1") == "doubted"


def test_the_same_file_again_is_no_other_doubt_on_whatever_day_it_comes(database: Database) -> None:
    for day in (2, 2, 3, 9):
        bring(database, day, UNUSABLE)
    assert doubts(database) == 1
    bring(database, 10, SINCE)
    assert answer(database, "Q1") == "cleared", "what the file left in doubt was of the 2nd"
    bring(database, 11, UNUSABLE)
    assert (doubts(database), answer(database, "Q1")) == (2, "doubted"), "nothing is in doubt any more until it comes"


def test_another_file_of_the_same_day_is_no_other_doubt(database: Database) -> None:
    bring(database, 10, UNUSABLE)
    bring(database, 10, line("Q1", "refus???", TODAY.isoformat()))
    assert doubts(database) == 1
