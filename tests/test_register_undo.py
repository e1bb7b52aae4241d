"""An import is taken back by facts about its facts: nothing is deleted, nobody's no is lost, nothing opens by it."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from consent_gate.gate import Policy
from consent_gate.model import Evidence, FactKind, KnownPatient, PatientRef, Statement
from lexicon.faults import StationFault, TamperFault
from storage.custody import read_entry
from storage.database import Database
from storage.register import Register
from storage.undoing import By, Undoing, UndoReport
from tests.register_fixtures import (
    ROSTER,
    TODAY,
    add_facts,
    answer,
    bring,
    filled,
    importer,
    line,
    sheet,
)
from tests.station_fixtures import AT, COLUMNS, burglar, open_database, open_ledger

LATER = AT + timedelta(hours=1)
LAST = AT + timedelta(hours=2)


SOMEBODY = By("01KEZZZZZZZZZZZZZZZZZZZZZY", "0a" * 32)


def undo(
    database: Database, import_id: str | None, *, dry_run: bool = False, by: By | None = SOMEBODY, at: datetime = LAST
) -> UndoReport:
    assert import_id is not None
    return Undoing(database, COLUMNS, open_ledger(database)).undo(import_id, at, today=TODAY, dry_run=dry_run, by=by)


def settled(database: Database, ref: str, at: datetime) -> None:
    """As a person who looked into it settles it."""
    said = Statement(kind=FactKind.DOUBT_LIFTED, on=TODAY, evidence=Evidence("an entry"))
    with database.write("test.settle") as session:
        add_facts(Register(database, COLUMNS), session, [(PatientRef(ref), said)], at, person=SOMEBODY.person)


def kinds(database: Database, ref: str) -> set[FactKind]:
    with database.read() as session:
        return {fact.kind for fact in Register(database, COLUMNS).history(session, PatientRef(ref))}


@pytest.mark.usefixtures("either")
def test_an_authorization_taken_back_is_none_and_its_sheet_imported_again_is_one(tmp_path: Path) -> None:
    database = filled(tmp_path)
    raw = sheet(line("Q1", "accordee", "2025-01-01"), line("Q2", "accordee", "2025-01-01"))
    report = undo(database, bring(database, raw).id)
    assert (report.facts, report.retracted, report.doubted) == (2, 2, 0)
    assert report.touched == {"Q1", "Q2"}
    assert (answer(database, "Q1"), answer(database, "Q2")) == ("no-authorization", "no-authorization")
    again = bring(database, raw, LAST + timedelta(hours=1))
    assert [verdict.outcome.value for verdict in again.verdicts] == ["added", "added"]
    assert answer(database, "Q1") == "cleared"
    assert undo(database, again.id).retracted == 2
    assert answer(database, "Q1") == "no-authorization"


@pytest.mark.parametrize(
    ("said", "cells"),
    [
        ("refusee", ()),
        ("retiree", ()),
        ("opposition", ()),
        ("opposition_acces", ()),
        ("deces", ()),
        ("limitee", ("", "ordonnance")),
        ("limitee", ("2025-12-31", "tous_documents")),
        ("accordee", ("", "tous_documents", "", "archivage")),
    ],
)
def test_a_no_that_is_taken_back_leaves_the_gate_closed_until_it_is_settled(
    tmp_path: Path, said: str, cells: tuple[str, ...]
) -> None:
    database = filled(tmp_path, line("Q1", "accordee", "2024-01-01"), line("Q2", "accordee", "2024-01-01"))
    assert answer(database, "Q1", "labo") == "cleared"
    narrowed = bring(database, sheet(line("Q1", said, "2025-01-02", *cells)), LATER)
    assert answer(database, "Q1", "labo") != "cleared"
    assert undo(database, narrowed.id).doubted == 1
    assert (answer(database, "Q1", "labo"), answer(database, "Q2")) == ("doubted", "cleared")
    known = (line("Q1", "accordee", "2024-01-01"), line("Q1", "information", "2026-01-10"))
    bring(database, sheet(*known, line("Q1", "opposition_levee", "2026-01-10")), LAST + timedelta(hours=1))
    assert answer(database, "Q1", "labo") == "doubted"
    bring(database, sheet(line("Q1", "accordee", "2025-01-01")), LAST + timedelta(hours=2))
    assert answer(database, "Q1", "labo") == "doubted", "of an earlier day than what was taken back"
    settled(database, "Q1", LAST + timedelta(hours=3))
    assert answer(database, "Q1", "labo") == "cleared"


@pytest.mark.parametrize(
    ("said", "answers"),
    [
        ("refusee", ("refused", "cleared")),
        ("retiree", ("withdrawn", "cleared")),
        ("opposition", ("opposition", "doubted")),
        ("deces", ("deceased", "doubted")),
    ],
)
def test_a_no_that_was_taken_back_is_settled_by_being_said_again_or_by_a_later_authorization(
    tmp_path: Path, said: str, answers: tuple[str, str]
) -> None:
    """That a patient authorizes lifts no opposition, and wakes no dead."""
    for folder, brought, after in zip("ab", (line("Q1", said, "2025-01-02"), LATER_YES), answers, strict=True):
        (tmp_path / folder).mkdir(mode=0o700)
        database = filled(tmp_path / folder, line("Q1", "accordee", "2024-01-01"))
        undo(database, bring(database, sheet(line("Q1", said, "2025-01-02")), LATER).id)
        bring(database, sheet(line("Q1", "accordee", "2024-01-01"), brought), LAST + timedelta(hours=1))
        assert answer(database, "Q1") == after


LATER_YES = line("Q1", "accordee", "2025-01-03")


def test_a_no_is_taken_back_by_somebody_who_says_who_they_are(tmp_path: Path) -> None:
    database = filled(tmp_path, line("Q1", "accordee", "2024-01-01"))
    brought = bring(database, sheet(line("Q1", "retiree", "2025-01-02")), LATER)
    with pytest.raises(StationFault, match="second-factor-missing"):
        undo(database, brought.id, by=None)
    assert answer(database, "Q1") == "withdrawn"
    assert undo(database, brought.id, by=None, dry_run=True).doubted == 1
    undo(database, brought.id)
    with database.read() as session:
        entry = [read_entry(raw) for raw in open_ledger(database).entries(session)][-1]
        history = Register(database, COLUMNS).history(session, PatientRef("Q1"))
    assert (entry["agents"]["person"], entry["hashes_in"]) == (SOMEBODY.person, [SOMEBODY.act])
    by = {fact.recorded_by for fact in history if fact.kind in (FactKind.RETRACTED, FactKind.DOUBTED)}
    assert by == {SOMEBODY.person}


def test_a_doubt_about_a_line_does_not_hide_the_one_about_a_no_that_is_taken_back(tmp_path: Path) -> None:
    database = filled(tmp_path, line("Q1", "accordee", "2024-01-01"))
    opposed = bring(database, sheet(line("Q1", "opposition", "2025-01-02")), LATER)
    bring(database, sheet(line("Q1", "retiree", "hier")), LATER + timedelta(minutes=1))
    undo(database, opposed.id)
    bring(database, sheet(line("Q1", "accordee", TODAY.isoformat())), LAST + timedelta(hours=1))
    assert answer(database, "Q1") == "doubted"


def test_evidence_that_was_rejected_is_not_laundered_by_taking_its_import_back(tmp_path: Path) -> None:
    strict = Policy(purpose="soins", evidence_required=True)
    database = filled(tmp_path)
    proof = ("", "tous_documents", "FORM-17", "", "", "", "formulaire_signe")
    raw = sheet(line("Q1", "accordee", "2024-01-01", *proof))
    brought = bring(database, raw)
    register = Register(database, COLUMNS)

    def check(kind: FactKind, hours: int) -> None:
        with database.write("test.check") as session:
            grant = [f for f in register.history(session, PatientRef("Q1")) if f.kind is FactKind.GRANTED][-1]
            said = Statement(kind=kind, on=TODAY, about=grant.reference)
            add_facts(
                register, session, [(PatientRef("Q1"), said)], AT + timedelta(hours=hours), person=SOMEBODY.person
            )

    assert answer(database, "Q1", policy=strict) == "cleared"
    check(FactKind.CHECK_FAILED, 1)
    undo(database, brought.id)
    bring(database, raw, AT + timedelta(hours=3))
    assert answer(database, "Q1", policy=strict) == "evidence-missing"
    bring(database, sheet(line("Q1", "accordee", "2024-02-02", *proof)), AT + timedelta(hours=4))
    assert answer(database, "Q1", policy=strict) == "evidence-missing", "the same form under another day"
    check(FactKind.CHECKED, 5)
    assert answer(database, "Q1", policy=strict) == "cleared"


def test_a_limited_authorization_that_stood_alone_leaves_no_doubt(tmp_path: Path) -> None:
    database = filled(tmp_path)
    alone = bring(database, sheet(line("Q1", "limitee", "2025-01-02", "", "ordonnance")), LATER)
    assert undo(database, alone.id).doubted == 0
    assert answer(database, "Q1") == "no-authorization"


def test_a_doubt_that_an_import_opened_or_lifted_is_open_after_it_is_taken_back(tmp_path: Path) -> None:
    grants = [line(ref, "accordee", "2024-01-01") for ref in ("Q1", "Q2")]
    database = filled(tmp_path, *grants)
    opened = bring(database, sheet(line("Q1", "retiree", "hier"), grants[1]), LATER)
    assert answer(database, "Q1") == "doubted"
    today = line("Q1", "accordee", TODAY.isoformat())
    lifted = bring(database, sheet(grants[0], today), LATER + timedelta(minutes=1))
    assert answer(database, "Q1") == "cleared"
    assert undo(database, lifted.id).doubted == 1
    assert answer(database, "Q1") == "doubted"
    assert undo(database, opened.id).doubted == 0
    assert (answer(database, "Q1"), answer(database, "Q2")) == ("doubted", "cleared")
    bring(database, sheet(today), LAST + timedelta(hours=1))
    assert answer(database, "Q1") == "cleared", "the doubt is again as it was"


def test_a_fact_that_an_earlier_import_brought_stays(tmp_path: Path) -> None:
    database = filled(tmp_path, line("Q1", "accordee", "2024-01-01"))
    raw = sheet(line("Q1", "accordee", "2024-01-01"), line("Q2", "accordee", "2024-01-01"))
    report = undo(database, bring(database, raw, LATER).id)
    assert (report.facts, report.touched) == (1, frozenset({PatientRef("Q2")}))
    assert (answer(database, "Q1"), answer(database, "Q2")) == ("cleared", "no-authorization")


def test_nothing_is_deleted_and_what_was_believed_before_can_still_be_asked(tmp_path: Path) -> None:
    database = filled(tmp_path)
    brought = bring(database, sheet(line("Q1", "refusee", "2025-01-01")), LATER)
    undo(database, brought.id)
    assert kinds(database, "Q1") == {FactKind.REFUSED, FactKind.RETRACTED, FactKind.DOUBTED}
    register = Register(database, COLUMNS)
    with database.read() as session:
        before = register.reading_in(session, PatientRef("Q1"), LATER)
        after = register.reading_in(session, PatientRef("Q1"))
    assert isinstance(before, KnownPatient)
    assert isinstance(after, KnownPatient)
    assert [fact.kind for fact in before.facts] == [FactKind.REFUSED]
    assert FactKind.REFUSED not in {fact.kind for fact in after.facts}


def test_an_import_that_was_taken_back_does_not_keep_the_register_young(tmp_path: Path) -> None:
    database = filled(tmp_path, line("Q1", "accordee", "2024-01-01"))
    undo(database, bring(database, sheet(line("Q1", "accordee", "2024-01-01")), LATER).id)
    reading = Register(database, COLUMNS).reading(PatientRef("Q1"))
    assert isinstance(reading, KnownPatient)
    assert reading.register_at == AT
    assert answer(database, "Q1", policy=Policy(maximum_age=timedelta(minutes=30))) == "register-stale"


def test_what_cannot_be_taken_back_is_told_each_by_its_name(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    roster = importer(database).import_roster(ROSTER.encode(), AT)
    brought = bring(database, sheet(line("Q1", "accordee", "2025-01-01")))
    undone = undo(database, brought.id)
    for import_id, why in (
        ("01KEZZZZZZZZZZZZZZZZZZZZZZ", "import-unknown"),
        (roster.id, "import-not-register"),
        (brought.id, "import-undone"),
        (undone.id, "import-is-undo"),
    ):
        with pytest.raises(StationFault) as caught:
            undo(database, import_id)
        assert caught.value.code == why


def test_a_dry_run_tells_the_same_and_keeps_nothing(tmp_path: Path) -> None:
    database = filled(tmp_path, line("Q1", "accordee", "2024-01-01"))
    brought = bring(database, sheet(line("Q1", "retiree", "2025-01-01")), LATER)
    dry = undo(database, brought.id, dry_run=True)
    assert (dry.id, dry.retracted, dry.doubted) == (None, 1, 1)
    assert answer(database, "Q1") == "withdrawn"
    wet = undo(database, brought.id)
    assert (wet.retracted, wet.doubted) == (1, 1)


def test_it_is_an_entry_that_names_the_import_and_counts(tmp_path: Path) -> None:
    database = filled(tmp_path)
    brought = bring(database, sheet(line("Q1", "retiree", "2025-01-01")), LATER)
    report = undo(database, brought.id)
    ledger = open_ledger(database)
    with database.read() as session:
        entry = [read_entry(raw) for raw in ledger.entries(session)][-1]
    assert (entry["object"], entry["outcome"], entry["parent"]) == (
        f"import:{report.id}",
        "register-undone",
        brought.id,
    )
    assert entry["counts"] == {"facts": 1, "retracted": 1, "doubted": 1}
    assert ledger.verify().verified


def test_a_register_that_another_hand_has_changed_is_not_taken_back(tmp_path: Path) -> None:
    database = filled(tmp_path, line("Q1", "accordee", "2024-01-01"))
    brought = bring(database, sheet(line("Q1", "accordee", "2025-01-01")), LATER)
    database.close()
    with burglar(tmp_path) as connection:
        connection.execute("DELETE FROM fact WHERE \"on\" = '2024-01-01'")
    with pytest.raises(TamperFault, match="register-forged"):
        undo(open_database(tmp_path), brought.id)
