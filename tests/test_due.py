"""What is due of a person is counted, each with its command; and of what is closed, what would open today."""

import re
from datetime import date
from pathlib import Path

import pytest

from consent_gate.model import PatientRef
from demo.records import Invented
from lexicon.screens import SCREENS
from pipeline import steps as engine_steps
from pipeline.office import answers, due, showing
from pipeline.office.report import due_text, refusals_text, status_text
from pipeline.office.tabling import WIDTH
from pipeline.station import Station
from storage.forms import Forms, StoredForm
from storage.times import write_time
from tests.custody_fixtures import UNHEARD, WITHDRAWN, days_later, make_final, one_of, says
from tests.test_custody_classes import scans
from tests.trial_fixtures import RememberingTools, Trial, work


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_steps, "DocumentTools", RememberingTools)


def counted(station: Station) -> dict[str, int]:
    return {name: count for name, count in due.counted(station).items() if count}


def test_what_is_due_is_counted_and_goes_once_it_is_done(
    trial: Trial, tmp_path: Path, invented_records: Invented
) -> None:
    with trial.opened() as station:
        work(station, scans(tmp_path, UNHEARD, WITHDRAWN))
        with station.database.write("test.print") as session:
            printed, today = write_time(station.clock.now()), station.clock.moment().day
            form = StoredForm("01K0000000000000000000000F", PatientRef("A1009"), "v1", 2, printed, today, "0" * 64)
            Forms(station.columns).print(session, form)
        assert counted(station) == {}
        says(station, invented_records, "A1007", "accordee")
        assert counted(station) == {"openable": 1}
        (closed,) = [one for one in showing.waiting(station) if one["openable"]]
        told = refusals_text([closed], "fr")
        assert f"liasse release {one_of(station, 'A1007').id} --key" in told.replace("\n     ", "")
        assert max(map(len, told.splitlines())) <= WIDTH
        days_later(station, 24)
        assert counted(station) == {"openable": 1, "closing": 1}
        days_later(station, 31)
        assert counted(station) == {"openable": 1, "closing": 1, "unreturned": 1}
        make_final(station, one_of(station, "A1007").id)
        make_final(station, one_of(station, "A1009").id)
        assert counted(station) == {"unreturned": 1}
        said = status_text(answers.status(station), "fr")
        assert "À faire\n  1 formulaire(s) imprimé(s)" in said
        assert "refus maintenus compris" in said


def test_a_withdrawal_of_after_keeps_what_is_closed_closed(
    trial: Trial, tmp_path: Path, invented_records: Invented
) -> None:
    with trial.opened() as station:
        work(station, scans(tmp_path, WITHDRAWN))
        says(station, invented_records, "A1007", "accordee", on=date(2025, 1, 1))
        assert counted(station) == {}
        assert not any(one["openable"] for one in showing.waiting(station))


def test_everything_that_is_counted_is_said_with_a_command_in_both_languages() -> None:
    every = {key.removeprefix("due-"): 4 for key in SCREENS if key.startswith("due-")}
    for language in ("fr", "en"):
        lines = list(due_text(every, language))
        assert len(lines) == len(every) + 1 == 9
        assert all(re.search(r"\bliasse [a-z]+", line) and re.search(r"\b4\b", line) for line in lines[1:])
