"""What a script or an operator may rely on: layout, exit codes, languages, one worker, a stop that loses nothing."""

import json
import signal
import stat
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from consent_gate.model import Reason
from demo.records import Invented
from lexicon.catalogue import FAULTS, LINES
from lexicon.faults import (
    EXIT_CONFIGURATION,
    EXIT_DONE,
    EXIT_EVIDENCE,
    EXIT_INTERRUPTED,
    EXIT_PROGRAM_MISSING,
    EXIT_REGISTER,
    EXIT_RUNNING,
    EXIT_USAGE,
    EXIT_WAITING,
)
from lexicon.reasons import REASONS
from lexicon.screens import say
from lexicon.sentences import Language
from pipeline.config import load
from pipeline.events import DocumentSettled, FileSettled
from pipeline.model import HeldReason
from pipeline.office.report import spoken
from pipeline.station import alone
from storage.accounts import COLUMNS, images
from storage.certificates import _usage, self_signed
from tests.command_mother import COMMAND
from tests.station_fixtures import burglar
from tests.trial_fixtures import TODAY, Few, Ran, Trial, environment, run_command


def liasse(folder: Path, *arguments: str | Path, answers: str = "", **variables: str) -> Ran:
    return run_command([COMMAND, *arguments], environment(folder / "tmp", **variables), answers=answers, cwd=folder)


def said_wrong(ran: Ran, code: int, slug: str) -> bool:
    """Ended so, with a sentence, its slug and, on a second line, what to do; nothing on standard output."""
    lines = ran.err.splitlines()
    return (
        ran.code == code
        and ran.out == ""
        and lines[-2].startswith("erreur : ")
        and lines[-2].endswith(f"[{slug}]")
        and lines[-1].startswith("indice : ")
        and "Traceback" not in ran.err
    )


# --- init -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A station as `init --trial --yes` makes it."""
    folder = tmp_path_factory.mktemp("made")
    founded = liasse(folder, "init", "poste", "--trial", "--yes")
    assert founded.code == EXIT_DONE, founded.err
    assert founded.out == ""
    return folder / "poste"


def test_init_makes_the_promised_layout(made: Path) -> None:
    there = {str(path.relative_to(made)) for path in made.rglob("*")}
    assert there >= {
        "config.toml", "inbox", "host", "station/station.db", "station/keys",
        "trial-keys/client.key", "trial-keys/client.crt", "trial-keys/escrow.key", "trial-keys/escrow.crt",
    }  # fmt: skip
    assert liasse(made.parent, "--config", "poste/config.toml", "config", "check").code == EXIT_DONE


def test_nobody_else_can_read_a_station(made: Path) -> None:
    for path in (made, *made.rglob("*")):
        open_to_others = stat.S_IMODE(path.stat().st_mode) & 0o077
        assert not open_to_others, path


def test_a_station_is_never_made_over_another(made: Path) -> None:
    before = (made / "config.toml").read_bytes()
    assert said_wrong(liasse(made.parent, "init", "poste", "--trial", "--yes"), EXIT_CONFIGURATION, "station-exists")
    assert (made / "config.toml").read_bytes() == before


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates as a client and an escrow hand them out; their keys are nowhere."""
    folder = tmp_path_factory.mktemp("certificates")
    for name in ("client", "escrow"):
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        key = ec.generate_private_key(ec.SECP384R1())
        made = self_signed(key, subject, datetime.now(UTC), _usage(agreement=True))
        (folder / f"{name}.crt").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return folder


def test_without_trial_init_asks_and_makes_no_private_key_but_the_stations(tmp_path: Path, certificates: Path) -> None:
    asked = f"SPST des Essais\nCT-2026-7\n{certificates / 'client.crt'}\n{certificates / 'escrow.crt'}\n"
    founded = liasse(tmp_path, "init", "poste", answers=asked)
    assert founded.code == EXIT_DONE, founded.err
    station = tmp_path / "poste"
    config = load(station / "config.toml")
    assert (config.station.mode, config.client.name, config.contract.reference) == (
        "production", "SPST des Essais", "CT-2026-7",
    )  # fmt: skip
    private = {p.relative_to(station).parts[:2] for p in station.rglob("*") if p.is_file() and is_private(p)}
    assert private == {("station", "keys")}
    assert not (station / "trial-keys").exists()
    refused = liasse(tmp_path, "--config", station / "config.toml", "--as-of", "2026-01-15", "status")
    assert said_wrong(refused, EXIT_CONFIGURATION, "as-of-in-production")


def is_private(path: Path) -> bool:
    return b"PRIVATE KEY" in path.read_bytes() or path.suffix == ".key"


def test_without_trial_nothing_is_made_up(tmp_path: Path, made: Path) -> None:
    assert liasse(tmp_path, "init", "poste", "--yes").code == EXIT_USAGE
    trial_keys = [f"--client-cert={made / 'trial-keys/client.crt'}", f"--escrow-cert={made / 'trial-keys/escrow.crt'}"]
    founded = liasse(tmp_path, "init", "poste", "--yes", "--client=SPST", "--contract=CT", *trial_keys)
    assert said_wrong(founded, EXIT_CONFIGURATION, "trial-key-in-production")
    assert not (tmp_path / "poste" / "config.toml").exists()


def test_one_key_for_client_and_escrow_is_refused_at_founding_and_at_opening(
    tmp_path: Path, made: Path, certificates: Path
) -> None:
    same = [f"--{who}-cert={certificates / 'client.crt'}" for who in ("client", "escrow")]
    founded = liasse(tmp_path, "init", "poste", "--yes", "--client=SPST", "--contract=CT", *same)
    assert said_wrong(founded, EXIT_CONFIGURATION, "recipient-twice")
    assert not (tmp_path / "poste").exists()
    text = (made / "config.toml").read_text(encoding="utf-8")
    other = made / "same-key.toml"
    other.write_text(text.replace("trial-keys/escrow.crt", "trial-keys/client.crt"), encoding="utf-8")
    other.chmod(0o600)
    assert said_wrong(liasse(tmp_path, "--config", other, "status"), EXIT_CONFIGURATION, "recipient-twice")
    other.unlink()


def test_a_station_prints_separators_of_its_own_patients_alone(
    trial: Trial, invented_records: Invented, tmp_path: Path
) -> None:
    known = invented_records.patients[0].ref
    trial.run("patient", "import", invented_records.patients_csv)
    trial.run("authorization", "import", invented_records.authorizations_csv)
    refused = trial.run("separator", "print", "--patient", known, "--patient", "nobody", "--out", tmp_path / "s.pdf")
    assert said_wrong(refused, EXIT_CONFIGURATION, "reference-not-on-roster")
    assert not (tmp_path / "s.pdf").exists()
    print_it = ("separator", "print", "--patient", known, "--out", tmp_path / "s.pdf")
    printed = trial.run("--as-of", TODAY.isoformat(), *print_it)
    assert printed.code == EXIT_DONE, printed.err


def test_a_production_station_refuses_trial_keys_and_another_day(trial: Trial) -> None:
    text = trial.config.read_text(encoding="utf-8")
    trial.config.write_text(text.replace('mode = "trial"', 'mode = "production"'), encoding="utf-8")
    assert said_wrong(trial.run("status"), EXIT_CONFIGURATION, "trial-key-in-production")
    assert said_wrong(trial.run("--as-of", "2026-01-15", "status"), EXIT_CONFIGURATION, "as-of-in-production")


# --- Imports ----------------------------------------------------------------------------------------------------------


def test_imports_say_line_by_line_what_was_wrong_and_are_idempotent(
    made: Path, invented_records: Invented, tmp_path: Path
) -> None:
    def imported(*arguments: str | Path) -> Ran:
        return liasse(tmp_path, "--config", made / "config.toml", "patient", "import", *arguments)

    lines = invented_records.patients_csv.read_text(encoding="utf-8").splitlines()
    bad = tmp_path / "bad.csv"
    bad.write_text("\n".join([*lines[:3], lines[3].replace("1991-11-02", "1991-13-02"), *lines[4:]]), encoding="cp1252")

    dry = imported(bad, "--dry-run", "--json")
    assert (dry.code, json.loads(dry.out)["import"]) == (EXIT_WAITING, None)
    answer = json.loads(dry.out)
    counted = {"lines", "added", "unchanged", "refused", "same_ins", "same_traits"}
    assert answer.keys() == {"kind", "import", "sha256", "refusals", "unread", *counted}
    first = json.loads(imported(bad, "--json").out)
    assert (first["added"], first["refused"]) == (answer["added"], 1), "the dry run had recorded nothing"
    (refusal,) = first["refusals"]
    assert (refusal["line"], refusal["column"]) == (4, "date_naissance")

    second = imported(bad)
    assert second.code == EXIT_WAITING
    assert f"ligne 4 : {LINES[refusal['code']].what('fr')}" in second.out
    assert f"{first['added']} déjà connues" in second.out
    assert "LE GOFF" not in second.out + second.err
    whole = imported(invented_records.patients_csv, "--json")
    assert (whole.code, json.loads(whole.out)["added"]) == (EXIT_DONE, 1)


def test_a_file_that_is_no_register_is_refused_as_a_whole(made: Path, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a;b\n1;2\n")
    ran = liasse(tmp_path, "--config", made / "config.toml", "authorization", "import", tmp_path / "x.csv")
    assert said_wrong(ran, EXIT_REGISTER, "csv-column-missing")


# --- Wrong use, wrong settings, missing programs ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [["dance"], ["process"], ["--as-of", "2026-13-01", "status"], ["process", "no/such/folder"], ["--lang=de"]],
)
def test_a_command_line_that_is_not_understood_ends_with_2(tmp_path: Path, arguments: list[str]) -> None:
    ran = liasse(tmp_path, *arguments)
    assert (ran.code, ran.out, "Traceback" in ran.err) == (EXIT_USAGE, "", False)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda text: text.replace("settle =", "setle ="), ("inbox.0.setle", "settle")),
        (lambda text: text.replace("[pdfa]", "[pdf]"), ("pdf", "pdfa")),
        (lambda text: text.replace("[station]\n", "[station]\ntimezone = 'Europe/Pari'\n"), ("station.timezone", "")),
        (lambda text: text.replace("sweep = 0.2", "sweep = -1"), ("inbox.0.sweep", "")),
    ],
)
def test_a_wrong_setting_is_named_with_the_nearest_right_one(
    trial: Trial, change: Callable[[str], str], told: tuple[str, str]
) -> None:
    trial.config.write_text(change(trial.config.read_text(encoding="utf-8")), encoding="utf-8")
    ran = trial.run("config", "check")
    assert said_wrong(ran, EXIT_CONFIGURATION, "config-invalid")
    assert all(part in ran.err for part in told)


def test_a_missing_configuration_is_told(tmp_path: Path) -> None:
    assert said_wrong(liasse(tmp_path, "config", "check"), EXIT_CONFIGURATION, "config-not-named")
    missing = liasse(tmp_path, "config", "check", LIASSE_CONFIG=str(tmp_path / "x.toml"))
    assert said_wrong(missing, EXIT_CONFIGURATION, "config-missing")


def test_a_missing_tesseract_is_told_with_the_command_to_type_before_a_file_is_taken(trial: Trial, few: Few) -> None:
    scan = trial.inbox / few.path.name
    scan.write_bytes(few.path.read_bytes())
    trial.configure('[ocr]\nengine = "pytesseract"\n')
    ran = run_command(trial.command("process", trial.inbox), {**trial.environment(), "PATH": "/nonexistent"})
    assert said_wrong(ran, EXIT_PROGRAM_MISSING, "program-missing")
    assert "apt-get install tesseract-ocr-fra" in ran.err
    assert scan.exists()


def test_a_second_worker_is_sent_away(trial: Trial, few: Few) -> None:
    with trial.opened() as station, alone(station):
        assert said_wrong(trial.run("process", few.path.parent), EXIT_RUNNING, "already-running")
        assert said_wrong_at_the_end(trial.run("watch"), EXIT_RUNNING, "already-running")
        assert trial.run("status").code == EXIT_DONE, "reading is never in the way"


def said_wrong_at_the_end(ran: Ran, code: int, slug: str) -> bool:
    return ran.code == code and f"[{slug}]" in ran.err.splitlines()[-2]


def test_a_ledger_that_was_tampered_with_does_not_verify(trial: Trial) -> None:
    with burglar(trial.home) as connection:
        connection.execute("UPDATE custody_entry SET entry = replace(entry, 'roster', 'rosary') WHERE seq = 1")
    told = trial.run("custody", "verify")
    assert told.code == EXIT_EVIDENCE
    answer = json.loads(trial.run("custody", "verify", "--json").out)
    assert (answer["verified"], answer["finding"]["first"]) == (False, 1)
    assert f"[{answer['finding']['flaw']}]" in told.out


# --- Languages --------------------------------------------------------------------------------------------------------


def test_french_is_spoken_and_english_on_demand(trial: Trial) -> None:
    check = ("config", "check")
    french, english = (say("config-right", language, path=str(trial.config)) for language in ("fr", "en"))
    assert french in trial.run(*check).out
    assert english in run_command([COMMAND, "--lang", "en", *trial.command(*check)[1:]], trial.environment()).out
    with_variable = {**trial.environment(), "LIASSE_LANG": "en_GB.UTF-8"}
    assert english in run_command(trial.command(*check), with_variable).out
    text = trial.config.read_text(encoding="utf-8")
    trial.config.write_text(text.replace('language = "fr"', 'language = "en"'), encoding="utf-8")
    assert english in trial.run(*check).out


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("reason", [*Reason, *HeldReason, *sorted(REASONS), "unreadable-scan", "host-unreachable"])
def test_no_reason_is_shown_bare(reason: str, language: Language) -> None:
    said = REASONS.get(reason) or FAULTS[reason]
    document = DocumentSettled("D", "B", "F", "x.tif", (1, 2), "A1", None, "held", reason, None, None, None)
    file = FileSettled("F", "B", "x.tif", "0" * 64, 1, 1, dict.fromkeys(COLUMNS, 0), reason)
    for event in (document, file):
        text = "\n".join(spoken(event, language))
        assert f"{said.what(language)} [{reason}]" in text


# --- The daemon -------------------------------------------------------------------------------------------------------


def lines_until(watching: subprocess.Popen[str], kind: str) -> Iterator[str]:
    assert watching.stdout is not None
    for line in watching.stdout:
        yield line
        if json.loads(line)["kind"] == kind:
            return


def test_the_daemon_takes_what_comes_and_stops_after_the_step_in_hand(trial: Trial, few: Few) -> None:
    command = trial.command("--as-of", TODAY.isoformat(), "watch", "--json")
    (trial.inbox / "there at start.tif").write_bytes(few.path.read_bytes())
    with subprocess.Popen(
        command, env=trial.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as watching:
        told = list(lines_until(watching, "file"))
        (trial.inbox / "lot 2").mkdir()
        (trial.inbox / "lot 2" / "later.jpg").write_bytes(b"\xff\xd8\xff\xe0\0\4ab no image \xff\xd9")
        told += lines_until(watching, "file")
        watching.send_signal(signal.SIGTERM)
        assert watching.stdout is not None
        assert watching.stderr is not None
        told += watching.stdout
        errors = watching.stderr.read()
    assert watching.returncode == EXIT_DONE, errors
    assert "Arrêt demandé" in errors
    lines = [json.loads(line) for line in told]
    assert [line["outcome"] for line in lines if line["kind"] == "document"].count("deposited") == 1
    assert [line["columns"]["set-aside"] for line in lines if line["kind"] == "file"] == [0, 1]
    assert lines[-1]["kind"] == "accounts"
    assert lines[-1]["images"]["balanced"] is True


@pytest.mark.parametrize(("command", "ended"), [("watch", EXIT_DONE), ("process", EXIT_INTERRUPTED)])
def test_a_stop_in_the_middle_loses_nothing(trial: Trial, few: Few, command: str, ended: int) -> None:
    scans = [trial.inbox / f"{number}.tif" for number in range(3)]
    for number, scan in enumerate(scans):
        scan.write_bytes(few.path.read_bytes() + bytes(number))
    arguments = ["watch"] if command == "watch" else ["process", trial.inbox]
    with subprocess.Popen(
        trial.command("--as-of", TODAY.isoformat(), *arguments, "--json"),
        env=trial.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as working:  # fmt: skip
        deadline = time.monotonic() + 60
        while scans[1].exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        working.send_signal(signal.SIGTERM)
        out, errors = working.communicate(timeout=60)
    assert working.returncode == ended, errors
    last = json.loads(out.splitlines()[-1])
    assert (last["kind"], last["station"]["images"]["balanced"]) == ("accounts", True)
    rest = trial.process(trial.inbox)
    assert rest.code in {EXIT_DONE, EXIT_WAITING}, rest.err
    with trial.opened() as station, station.database.read() as session:
        ends = Counter(document.state for document in station.documents.documents(session))
        assert station.batches.open(session) == ()
        assert images(session).captured == sum(images(session).columns.values()) == 12
    assert (ends["deposited"], ends["refused"] + ends["held"]) == (1, 5)
    assert trial.left_at_work() == []
