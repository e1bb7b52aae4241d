"""Each answer of a command with `--json` has the fields that docs/reference/json.md tells, and no other."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from click.testing import CliRunner
from PIL import Image

from cli import liasse
from commands.setting import Setting
from consent_gate.model import DocType, PatientRef
from consent_gate.people import Role
from demo.records import Invented
from pipeline import steps as engine_steps
from pipeline.model import Separator
from pipeline.office import hardening
from pipeline.sheets.image import sheet_image
from tests import form_fixtures
from tests.docs_fixtures import coded, page, rows, section
from tests.form_fixtures import inbox_of, printed, scanned, signed
from tests.pages_fixtures import tiff_bytes
from tests.people_fixtures import Somebody, with_key
from tests.test_split_looks import written_page
from tests.trial_fixtures import TODAY, RememberingTools, Trial, make_few, register_sheet, work

Json = dict[str, Any]
_COUNTED: Final = frozenset({"documents", "waiting", "kept", "deletions", "images", "paper", "forms", "certification"})
"""Objects whose fields are outcomes, reasons and classes, or those of the `accounts` line, shown above the table."""
DAY: Final = TODAY.isoformat()


def fields(answer: object) -> Iterator[str]:
    """Names of fields, at any depth."""
    if isinstance(answer, dict):
        for name, inner in answer.items():
            yield name
            yield from () if name in _COUNTED and isinstance(inner, dict) else fields(inner)
    elif isinstance(answer, list):
        for inner in answer:
            yield from fields(inner)


def told_of(*commands: str) -> set[str]:
    """What is told, in any of their rows, of these commands' answers."""
    table = rows(section(page("json"), "Other commands"))[2:]
    chosen = [row for row in table if set(coded(row[0])) & set(commands)]
    assert {one for row in chosen for one in coded(row[0])} >= set(commands)
    return {word for row in chosen for word in coded(row[1])}


@dataclass(frozen=True, slots=True)
class Office:
    trial: Trial
    folder: Path
    people: tuple[tuple[str, Path], ...]
    """Number and key: an administrator, two reviewers."""

    def ask(self, *words: str | Path, by: int | None = None) -> list[Json]:
        """`liasse WORDS --json`, in this process."""
        proof = () if by is None else ("--person", self.people[by][0], "--identity-key", self.people[by][1])
        command = ["--config", self.trial.config, "--as-of", DAY, *words, "--json", *proof]
        ran = CliRunner().invoke(liasse, list(map(str, command)), obj=Setting())
        assert ran.exception is None or isinstance(ran.exception, SystemExit), (words, ran.exception)
        answers = [json.loads(line) for line in ran.stdout.splitlines()]
        assert answers, (words, ran.stderr)
        return answers

    def matches(self, answers: list[Json], *commands: str) -> None:
        """Each answer has no field but those that are told of these commands."""
        untold = set(fields(answers)) - told_of(*commands)
        assert not untold, commands


@pytest.fixture(scope="module")
def office(invented_records: Invented, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("answers")
    trial = Trial.found(folder / "station", verapdf="never")
    trial.know(invented_records)
    form_fixtures.told(trial, more='[review]\nfour_eyes = ["maintain", "check"]')
    cases = make_few(
        folder / "scans", "THREE_0001.tif", ("resultats_labo", "A1001", "deposited"),
        ("ordonnance", "A1009", "refused"), ("certificat", "A1007", "refused"),
    )  # fmt: skip
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(engine_steps, "DocumentTools", RememberingTools)
        patched.setattr(hardening, "harden", lambda: None)  # of this very process
        with trial.opened() as station:
            work(station, cases.path.parent)
            forms = printed(station, folder, "A1002")
            scanned(inbox_of(trial) / "scan.tif", *map(signed, forms.sides(0)))
            work(station, inbox_of(trial))
            administrator = with_key(station, "Mme Irène Admin", Role.ADMINISTRATOR, None)
            people = [with_key(station, f"Dr {name}", Role.REVIEWER, administrator.proved()) for name in "AB"]
        yield Office(trial, folder, tuple(_key_of(folder, one) for one in (administrator, *people)))


def _key_of(folder: Path, somebody: Somebody) -> tuple[str, Path]:
    path = folder / f"{somebody.id}.pem"
    path.write_bytes(somebody.pem or b"")
    path.chmod(0o600)
    return somebody.id, path


def test_what_comes_in_and_what_is_asked_of_the_register(office: Office, invented_records: Invented) -> None:
    roster, register = office.folder / "roster.csv", office.folder / "register.csv"
    roster.write_bytes(invented_records.patients_csv.read_bytes())
    office.matches(office.ask("patient", "import", roster), "patient import")
    lines = register_sheet(invented_records, "A1005", "accordee") + b"A1005;;;;;refussee;;;;\n"
    register.write_bytes(lines)
    dry = office.ask("authorization", "import", register, "--dry-run")
    office.matches(dry, "authorization import")
    assert dry[0]["refusals"]
    (done,) = office.ask("authorization", "import", register)
    office.matches([done], "authorization import")
    undo = office.ask("authorization", "undo", done["import"], "--dry-run")
    office.matches(undo, "authorization undo", "authorization import")
    record = ("authorization", "record", "A1003", "--kind", "refusee", "--on", DAY)
    office.matches(office.ask(*record, "--dry-run"), "authorization record", "authorization import")
    office.matches(office.ask(*record), "authorization record", "authorization import")
    office.matches(office.ask("authorization", "list"), "authorization list")
    office.matches(office.ask("authorization", "show", "A1001"), "authorization show")
    export = ("authorization", "export", "--format", "csv", "--out", office.folder / "out.csv")
    office.matches(office.ask(*export, by=1), "authorization export")


def test_batches_documents_and_the_station(office: Office) -> None:
    office.matches(office.ask("status"), "status")
    batch = office.ask("batch", "list")[0]["batch"]
    office.matches(office.ask("batch", "list"), "batch list")
    office.matches(office.ask("batch", "show", batch), "batch show", "document show")
    documents = office.ask("document", "find", "--patient", "A1001")
    assert documents[0]["outcome"] == "deposited"
    office.matches(documents, "document find")
    office.matches(office.ask("document", "show", documents[0]["document"]), "document show")
    office.matches(office.ask("person", "list", "--names", by=0), "person list")
    box = ("box", "show", "C-1")
    office.ask("batch", "open", "NEXT", "--box", "C-1", "--pages", "1")
    listed, target = office.folder / "list.txt", office.folder / "separators.pdf"
    listed.write_text("A1001\nA1006\n", encoding="utf-8")
    office.matches(office.ask("separator", "print", "--patients", listed, "--out", target), "separator print")
    opened = ("batch", "open", "LAST", "--patients", listed, "--do-not-scan", office.folder / "apart.pdf")
    office.matches(office.ask(*opened), "batch open", "separator print")
    office.matches(office.ask("batch", "close", "NEXT"), "batch close", "batch list")
    office.matches(office.ask("batch", "show", "NEXT"), "batch show", "document show")
    office.matches(office.ask(*box), "box show", "batch list")
    office.matches(office.ask("batch", "confirm", "NEXT", "--reason", "paper-checked"), "batch confirm")
    office.matches(office.ask("batch", "reopen", "NEXT"), "batch reopen")
    office.matches(office.ask("host", "check"), "host check")
    office.matches(office.ask("custody", "clock"), "custody clock")
    office.matches(office.ask("custody", "verify"), "custody verify")
    office.matches([{**one, "facts": None} for one in office.ask("doctor")], "doctor")


def test_what_was_refused_and_what_two_people_decide(office: Office) -> None:
    found = office.ask("refusal", "list")
    office.matches(found, "refusal list", "document show")
    document = next(one["document"] for one in found if one["patient"] == "A1009")
    withdrawn = next(one["document"] for one in found if one["patient"] == "A1007")
    for one in (document, withdrawn):
        office.matches(office.ask("refusal", "show", one, by=1), "refusal show", "document show")
    (waits,) = office.ask("refusal", "review", "maintain", document, "--reason", "no-answer", by=1)
    office.matches([waits], "refusal review …", "authorization import")
    office.matches(office.ask("refusal", "waiting"), "refusal waiting")
    office.matches(office.ask("refusal", "show", waits["review"], by=2), "refusal show")
    office.matches(office.ask("refusal", "confirm", waits["review"], by=2), "refusal confirm", "authorization import")


def test_what_becomes_of_a_deposited_document_after_a_withdrawal(office: Office) -> None:
    done = office.ask("authorization", "withdraw", "A1001", "--on", DAY)
    office.matches(done, "authorization withdraw", "authorization import")
    (deletion,) = office.ask("deletion", "list")
    office.matches([deletion], "deletion list")
    office.matches(office.ask("deletion", "show", deletion["deletion"]), "deletion show")


def test_a_form_is_printed_and_read_by_two(office: Office) -> None:
    target = office.folder / "forms.pdf"
    office.matches(office.ask("authorization", "form", "--patient", "A1003", "--out", target), "authorization form")
    (returned,) = office.ask("authorization", "forms", "list")
    out = office.folder / "returned.pdf"
    office.matches(
        office.ask("authorization", "forms", "show", returned["return"], "--out", out, by=1), "authorization forms …"
    )
    check = ("authorization", "forms", "check", returned["return"], "granted", "--on", DAY, "--yes")
    (waits,) = office.ask(*check, by=1)
    assert waits["waits"]
    office.matches([waits], "authorization forms …")
    office.matches(office.ask("refusal", "show", waits["waits"], by=2), "refusal show")


def test_a_backup(office: Office) -> None:
    office.matches(office.ask("backup"), "backup")
    office.matches(office.ask("backup", "list"), "backup list")


def test_pages_that_were_left_out(office: Office) -> None:
    sheet = sheet_image(Separator(PatientRef("A1009"), DocType("certificat"), "PAGES-1"), 200)
    empty = Image.new("L", sheet.size, 255)
    (folder := office.folder / "pages").mkdir()
    (folder / "back.tif").write_bytes(tiff_bytes([sheet, written_page(4), empty], "tiff_lzw"))
    with office.trial.opened() as station:
        work(station, folder)
    listed = office.ask("page", "list", "--blank")
    office.matches(listed, "page list")
    (back,) = [one for one in listed if one["restorable"]]
    office.matches(office.ask("page", "restore", back["file"], str(back["page"])), "page restore")
