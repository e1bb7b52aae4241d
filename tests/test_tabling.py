"""Lists on a terminal: few columns in the operator's language, in a hundred letters, in the time of the place."""

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import click
import pytest

from commands.misuse import misuse_text
from pipeline.office.tables import SHEETS, TABLES
from pipeline.office.tabling import WIDTH, Telling, field, sheet_text, table_text
from tests.conftest import Processed
from tests.trial_fixtures import Trial

FRENCH, ENGLISH = Telling("fr", ZoneInfo("Europe/Paris")), Telling("en", ZoneInfo("Europe/Paris"))
ULID = "01M803ZGAW506HHCKHNSVBX1V4"
NOON = datetime(2026, 7, 14, 10, 0, 7, 123456, tzinfo=UTC).isoformat()
LONG = "une-valeur-bien-plus-longue-que-la-place-qui-reste" * 2
NUMBERED = {"batch", "file", "document", "deletion", "hold", "review", "return", "fact", "person", "backup", "id"}
MOMENTS = {"opened", "closed", "at"}


class Worst(dict[str, object]):
    """An answer whose every field is as long as it may be."""

    def get(self, name: str, _: object = None) -> object:
        return self[name]

    def __missing__(self, name: str) -> object:
        if name in NUMBERED:
            return ULID
        if name == "object":
            return f"document:{ULID}"
        if name.endswith(("_at", "_from")) or name in MOMENTS:
            return NOON
        return [*range(1, 90, 2)] if name == "pages" else LONG


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("telling", [FRENCH, ENGLISH], ids=["fr", "en"])
def test_a_table_fits_its_width_and_cuts_no_number_that_a_person_copies(name: str, telling: Telling) -> None:
    lines = table_text([Worst()], TABLES[name], telling).splitlines()
    assert len(lines) == 2
    assert max(map(len, lines)) <= WIDTH
    wholes = [column for column in TABLES[name] if column.whole]
    assert lines[1].count(ULID) == len(wholes) >= (name != "types")  # a type is its own name
    assert all(column.head[0 if telling is FRENCH else 1] in lines[0] for column in wholes)


def test_a_moment_is_told_in_the_time_of_the_place_to_the_minute() -> None:
    told = sheet_text({"document": ULID, "outcome": "deposited", "captured_at": NOON}, SHEETS["document"], FRENCH)
    assert told.splitlines() == [f"Document  {ULID}", "Devenu    déposé", "Pris le   2026-07-14 12:00"]


def test_a_field_is_found_inwards() -> None:
    assert field({"images": {"captured": 3}}, "images.captured") == 3
    assert field({"images": None}, "images.captured") is None


def test_lists_are_tables_on_a_terminal_and_json_where_json_is_asked_for(processed: Processed) -> None:
    trial = processed.trial
    found = trial.run("document", "find", "--patient", "A1001", "--json").lines
    told = trial.run("document", "find", "--patient", "A1001").out.splitlines()
    assert told[0].split()[:2] == ["Document", "Patient"]
    assert [line.split()[0] for line in told[1:]] == [one["document"] for one in found]
    assert max(map(len, told)) <= WIDTH
    (one, *_) = found
    sheet = trial.run("document", "show", one["document"]).out
    assert "Déposé le" in sheet
    assert one["object"] in sheet
    assert not sheet.startswith("{")
    assert json.loads(trial.run("document", "show", one["document"], "--json").out) == one
    english = trial.run("--lang", "en", "batch", "list").out.splitlines()
    assert english[0].split() == ["Batch", "Name", "Opened", "Closed", "Images", "Box", "Unlike"]


# Command lines that do not hold


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("document", "show"), "il manque ID"),
        (("person", "enrol"), "il manque --role"),
        (("person", "enrol", "--role", "roi"), "--role : choisissez parmi reviewer"),
        (("refusal", "release", "--count", "0"), "--count : un nombre entier est attendu (≥ 1)"),
        (("document", "find", "--patien", "A1001"), "cette option n'existe pas : --patien (--patient, --state ?)"),
        (("documents",), "cette commande n'existe pas : documents"),
        (("authorization", "show", "A1001", "--on", "MARTIN"), "--on : un jour est attendu"),
        (("task", "resume"), "il faut l'un, et un seul, de : ID, --all"),
        (("document", "show", "MARTIN", "MARTIN"), "il y a un argument de trop"),
        (("patient", "import", "/nulle/part/MARTIN.csv"), "il n'y a pas de fichier lisible à cet endroit"),
    ],
)
def test_a_wrong_command_line_is_told_in_french_and_quotes_no_value(
    trial: Trial, arguments: tuple[str, ...], said: str
) -> None:
    ran = trial.run(*arguments)
    assert ran.code == 2
    assert said in ran.err
    assert "MARTIN" not in ran.err
    assert ran.err.splitlines()[1].startswith("indice : «")


def test_what_click_says_otherwise_is_said_as_it_is() -> None:
    assert misuse_text(click.UsageError("--yes: --client"), "en") == "error: --yes: --client"
