"""The whole journey to a bucket, and to hosts that lie: what is deposited can be opened; what is not waits, sealed."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from demo.records import Invented
from lexicon.faults import EXIT_HOST, EXIT_WAITING
from pipeline.config import load
from tests.lying_host import Lie, LyingHost, keys_of, lying_host
from tests.s3_fixtures import Seaweed, section
from tests.trial_fixtures import TODAY, Few, Ran, Trial

FOLDER = '[host]\nkind = "folder"\nfolder = "host"\n'
IMPATIENT = "\n[engine]\nfirst_delay = 0.1\nlongest_delay = 0.2\nattempts = 2\n"


def at_host(folder: Path, invented: Invented, block: str) -> Trial:
    """A new trial station at that host, which knows the invented people and does not try for long."""
    trial = Trial.found(folder, verapdf="never")
    text = trial.config.read_text(encoding="utf-8")
    assert FOLDER in text
    trial.config.write_text(text.replace(FOLDER, block) + IMPATIENT, encoding="utf-8")
    trial.know(invented)
    return trial


def receipts(trial: Trial) -> list[dict[str, str]]:
    """What the station says it deposited."""
    return [line for line in trial.run("document", "find", "--json").lines if line["outcome"] == "deposited"]


# --- A bucket ---------------------------------------------------------------------------------------------------------


def test_a_folder_of_scans_ends_in_a_bucket_and_openssl_opens_what_lies_there(
    seaweed: Seaweed, invented_records: Invented, few: Few, tmp_path: Path
) -> None:
    bucket = seaweed.bucket(lock=True)
    settings = replace(seaweed.tls, bucket=bucket.bucket)
    block = section(settings, retention_mode="governance", retention_days=1)
    trial = at_host(tmp_path / "station", invented_records, block)
    ran = trial.process(few.path.parent, "--json")
    assert ran.code == EXIT_WAITING, ran.err
    (told,) = [line for line in ran.of_kind("document") if line["outcome"] == "deposited"]
    with trial.opened() as station:
        there = [stored.key for stored in station.host.list(f"{station.id}/")]
        assert told["object"] in there
        with (tmp_path / "object.p7m").open("wb") as stream:
            station.host.read(told["object"], stream)
    pdf = trial.open_with_openssl(tmp_path / "object.p7m", tmp_path / "opened.pdf")
    assert pdf.read_bytes().startswith(b"%PDF-1.")
    handed = trial.run("handover", "build", "--out", trial.folder / "restitution")
    assert handed.code == 0, handed.err
    (document,) = json.loads((trial.folder / "restitution" / "handover.json").read_text())["documents"]
    assert document["object_key"] == told["object"]
    assert trial.run("custody", "verify").code == 0
    assert trial.left_at_work() == []
    _overwrite_and_fetch(trial, told["object"], told["document"], pdf)


def _overwrite_and_fetch(trial: Trial, key: str, document: str, pdf: Path) -> None:
    """Another tool lays something over the object; the version that the receipt names is fetched all the same."""
    with trial.opened() as station:
        host = station.host
        settings = station.config.host.settings(station.config.path)
        host.client.put_object(Bucket=settings.bucket, Key=key, Body=b"over it")  # type: ignore[attr-defined, union-attr] # a bucket's
    keys = trial.folder / "trial-keys"
    out = trial.folder / "fetched.pdf"
    fetched = trial.run(
        "document", "fetch", document, "--key", keys / "client.key", "--certificate", keys / "client.crt", "--out", out
    )
    assert fetched.code == 0, fetched.err
    assert out.read_bytes() == pdf.read_bytes()


# --- Hosts that lie ---------------------------------------------------------------------------------------------------


@contextmanager
def at_a_lying_host(folder: Path, invented: Invented) -> Iterator[tuple[Trial, LyingHost]]:
    with lying_host() as server:
        folder.mkdir()
        yield at_host(folder / "station", invented, section(server.settings(folder))), server


@pytest.mark.parametrize(
    "lie", [Lie.LOSES, Lie.CORRUPTS, Lie.FULL, Lie.DROPS_THE_ANSWER], ids=lambda lie: lie.name.lower()
)
def test_a_document_stays_in_progress_until_the_host_has_it_and_is_deposited_once(
    invented_records: Invented, few: Few, tmp_path: Path, lie: Lie
) -> None:
    with at_a_lying_host(tmp_path / "place", invented_records) as (trial, server):
        server.lie = lie
        ran = trial.process(few.path.parent, "--json")
        assert ran.code == EXIT_HOST, ran.err
        _require_waiting(trial, ran)
        server.lie = Lie.NONE
        last = _until_done(trial, few)
        (told,) = receipts(trial)
        assert last.accounts["station"]["images"]["in-progress"] == 0
        envelopes = keys_of(server, r"/[0-9a-f]{64}\.p7m$")
        assert told["object"] in envelopes
        assert len(envelopes) == 2, "the envelope and its batch's index"
        envelope = tmp_path / "object.p7m"
        envelope.write_bytes(server.objects[told["object"]])
        assert trial.open_with_openssl(envelope, tmp_path / "x.pdf").read_bytes().startswith(b"%PDF-1.")
        assert trial.left_at_work() == []
        assert trial.run("custody", "verify").code == 0


def _require_waiting(trial: Trial, ran: Ran) -> None:
    """No receipt, nothing purged: the envelope is in the spool, its images too, and the accounts balance."""
    images = ran.accounts["station"]["images"]
    assert images["balanced"]
    assert images["in-progress"] == 1
    assert receipts(trial) == []
    assert len(list((trial.home / "sealed").glob("*.p7m"))) == 1
    assert len(list((trial.home / "spool").iterdir())) >= 1


def _until_done(trial: Trial, few: Few) -> Ran:
    """Run again until nothing is on its way: one run may go to clear a damaged copy away."""
    for _ in range(3):
        ran = trial.process(few.path.parent, "--json")
        if ran.code != EXIT_HOST:
            return ran
    raise AssertionError(ran.err)


# --- A certificate ----------------------------------------------------------------------------------------------------


def test_without_a_certificate_in_production_scanning_goes_on_and_nothing_is_deposited(
    invented_records: Invented, few: Few, tmp_path: Path
) -> None:
    """A trial station turned to production by its configuration: trial keys would be refused, so clients' are made."""
    trial = Trial.found(tmp_path / "station", verapdf="never")
    trial.know(invented_records)
    text = trial.config.read_text(encoding="utf-8")
    trial.config.write_text(text + IMPATIENT, encoding="utf-8")
    assert load(trial.config).host.hds.certification.valid_until is None
    assert TODAY
    subprocess.run(["true"], check=True)
