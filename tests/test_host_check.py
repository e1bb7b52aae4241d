"""`liasse host check`: what a host really does is tried, told, saved and bound; what is wrong and needed ends in 7."""

import hashlib
import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from lexicon.faults import EXIT_DONE, EXIT_HOST
from lexicon.probes import ANSWERS, PROBES
from pipeline.office.host_check import check_host, told
from storage.hosts.opening import open_host
from storage.hosts.probe import Answer, Place, probe
from tests.lying_host import Lie, lying_host
from tests.s3_fixtures import STATION, Seaweed, section
from tests.trial_fixtures import Ran, Trial

FOLDER = '[host]\nkind = "folder"\nfolder = "host"\n'


def with_host(folder: Path, block: str) -> Trial:
    """A new trial station at that host."""
    trial = Trial.found(folder, verapdf="never")
    text = trial.config.read_text(encoding="utf-8")
    assert FOLDER in text
    trial.config.write_text(text.replace(FOLDER, block), encoding="utf-8")
    return trial


def findings(ran: Ran) -> dict[str, tuple[str, Any]]:
    (line,) = ran.lines
    return {finding["name"]: (finding["answer"], finding["value"]) for finding in line["findings"]}


@pytest.fixture(scope="module")
def checked(seaweed: Seaweed, tmp_path_factory: pytest.TempPathFactory) -> tuple[Trial, Ran]:
    settings = seaweed.bucket(lock=True)
    block = section(seaweed.tls, bucket=settings.bucket, retention_mode="governance", retention_days=1)
    trial = with_host(tmp_path_factory.mktemp("checked") / "station", block)
    return trial, trial.run("host", "check", "--json")


def test_a_bucket_is_found_to_do_what_it_does(checked: tuple[Trial, Ran]) -> None:
    _, ran = checked
    assert ran.code == EXIT_DONE, ran.err
    found = findings(ran)
    answers = {name: answer for name, (answer, _) in found.items()}
    yes = {
        "create", "read-back", "create-once", "list", "delete", "atomic-create", "checksum", "versions",
        "plain-delete-keeps", "lock", "multipart", "uploads-listed", "clock", "tls",
    }  # fmt: skip
    assert {name: answers[name] for name in yes} == dict.fromkeys(yes, "yes")
    assert answers["encryption"] == "not-offered"
    assert found["tls"][1].startswith("TLSv1.")
    assert answers["certificate"] == "no", "the tests' certificate holds for days only"
    assert 0 <= found["latency"][1] < 10_000
    assert found["hds"] == ("no", "host-not-certified"), "a trial tells it and goes on"


def test_the_findings_are_saved_and_bound_by_an_entry(checked: tuple[Trial, Ran]) -> None:
    trial, ran = checked
    saved = (trial.home / "host-check.json").read_bytes()
    assert json.loads(saved) == ran.lines[0]
    with trial.opened(None) as station, station.database.read() as session:
        entries = [json.loads(entry) for entry in station.ledger.entries(session)]
    (entry,) = [entry for entry in entries if entry["outcome"] == "host-fit"]
    assert entry["type"] == "validation"
    assert hashlib.sha256(saved).hexdigest() in json.dumps(entry)


def test_nothing_of_a_check_stays_at_the_host_but_what_a_lock_keeps(checked: tuple[Trial, Ran]) -> None:
    trial, _ = checked
    with trial.opened(None) as station:
        assert list(station.host.list(f"{station.id}/probe/")) == []


def test_a_folder_is_checked_too(tmp_path: Path) -> None:
    trial = with_host(tmp_path / "station", FOLDER)
    with trial.opened(None) as station:
        report = check_host(station)
    assert not report.fails
    assert {finding.name for finding in report.findings if finding.answer is Answer.YES} == {
        "create", "read-back", "create-once", "list", "delete",
    }  # fmt: skip
    assert "✓ rend exactement ce qui lui a été confié : oui" in told(report, "fr")
    assert "✓ gives back exactly what it was given: yes" in told(report, "en")
    assert not [path for path in trial.host.rglob("*") if path.is_file()]


def test_a_host_that_fails_at_what_a_deposit_needs_ends_in_seven(tmp_path: Path) -> None:
    with lying_host() as server:
        trial = with_host(tmp_path / "station", section(server.settings(tmp_path)))
        server.lie = Lie.LOSES
        ran = trial.run("host", "check", "--json")
        assert ran.code == EXIT_HOST, ran.err
        assert ran.lines[0]["fails"] is True
        server.lie = Lie.NONE
        with trial.opened(None) as station, station.database.read() as session:
            entries = [json.loads(entry) for entry in station.ledger.entries(session)]
    assert [entry["outcome"] for entry in entries if entry["type"] == "validation"] == ["host-unfit"]


CAUGHT = {
    Lie.LOSES: {"read-back", "create-once", "list"},
    Lie.CORRUPTS: {"read-back", "create-once"},
    Lie.TRUNCATES: {"read-back", "create-once"},
    Lie.SERVES_OLD: {"read-back", "create-once"},
    Lie.REPLACES: {"create-once"},
    Lie.REFUSES: {"create", "read-back", "create-once", "list", "delete"},
}


@pytest.mark.parametrize("lie", CAUGHT, ids=lambda lie: lie.name.lower())
def test_a_lie_shows_in_the_probe_that_it_is_about(tmp_path: Path, lie: Lie) -> None:
    with lying_host() as server, closing(open_host(server.settings(tmp_path), tmp_path, STATION)) as host:
        server.lie = lie
        failing = {finding.name for finding in probe(host, Place("poste-1/probe/", tmp_path)) if finding.fails}
    assert failing == CAUGHT[lie]


def test_every_probe_and_every_answer_has_its_words() -> None:
    assert ANSWERS.keys() == {answer.value for answer in Answer}
    assert all(fr and en and fr != en for fr, en in [*PROBES.values(), *ANSWERS.values()])
