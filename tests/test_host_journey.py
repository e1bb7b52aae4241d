"""The whole journey to a bucket, and to hosts that lie: what is deposited can be opened; what is not waits, sealed."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlmodel import select

from demo.records import Invented
from handover.build import build
from lexicon.faults import EXIT_HOST, EXIT_WAITING
from pipeline import steps
from pipeline.office.fetch import fetch
from storage.hosts.s3 import S3Host
from storage.receipt import Receipt
from storage.tables import ReceiptRow
from tests.envelope_fixtures import holder
from tests.lying_host import Lie, LyingHost, keys_of, lying_host
from tests.s3_fixtures import Seaweed, section
from tests.trial_fixtures import TODAY, Few, RememberingTools, Trial, Worked, work

FOLDER = '[host]\nkind = "folder"\nfolder = "host"\n'
PATIENCE = 4
"""Runs after which an honest host has the envelope: one may go to clear a damaged copy away."""
IMPATIENT = "\n[engine]\nfirst_delay = 0.1\nlongest_delay = 0.2\nattempts = 50\n"


def at_host(folder: Path, invented: Invented, block: str) -> Trial:
    """A new trial station at that host, which knows the invented people and does not try for long."""
    trial = Trial.found(folder, verapdf="never")
    text = trial.config.read_text(encoding="utf-8")
    assert FOLDER in text
    trial.config.write_text(text.replace(FOLDER, block) + IMPATIENT, encoding="utf-8")
    trial.know(invented)
    return trial


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "DocumentTools", RememberingTools)


def run(trial: Trial, few: Few) -> Worked:
    """`liasse process`, in this process."""
    with trial.opened(None if "production" in trial.config.read_text(encoding="utf-8") else TODAY) as station:
        return work(station, few.path.parent)


def receipts(trial: Trial) -> list[str]:
    """The keys of what the station holds a receipt for."""
    with trial.opened(None) as station, station.database.read() as session:
        kept = [Receipt.parse(row.manifest.encode()) for row in session.exec(select(ReceiptRow)).all()]
    return [receipt.object_key for receipt in kept]


# --- A bucket ---------------------------------------------------------------------------------------------------------


def test_a_folder_of_scans_ends_in_a_bucket_and_openssl_opens_what_lies_there(
    seaweed: Seaweed, invented_records: Invented, few: Few, tmp_path: Path
) -> None:
    bucket = seaweed.bucket(lock=True)
    settings = replace(seaweed.tls, bucket=bucket.bucket)
    block = section(settings, retention_mode="governance", retention_days=1)
    trial = at_host(tmp_path / "station", invented_records, block)
    assert run(trial, few).code == EXIT_WAITING
    (key,) = receipts(trial)
    with trial.opened() as station:
        assert key in [stored.key for stored in station.host.list(f"{station.id}/")]
        with (tmp_path / "object.p7m").open("wb") as stream:
            station.host.read(key, stream)
        assert station.ledger.verify().verified
        build(station, tmp_path / "restitution")
    pdf = trial.open_with_openssl(tmp_path / "object.p7m", tmp_path / "opened.pdf")
    assert pdf.read_bytes().startswith(b"%PDF-1.")
    handed = json.loads((tmp_path / "restitution" / "handover.json").read_text(encoding="utf-8"))
    assert [document["object_key"] for document in handed["documents"]] == [key]
    assert handed["host"]["kind"] == "s3"
    assert trial.left_at_work() == []
    _overwrite_and_fetch(trial, settings.bucket, handed["documents"][0], pdf)


def _overwrite_and_fetch(trial: Trial, bucket: str, document: dict[str, str], pdf: Path) -> None:
    """Another tool lays something over the object; the version that the receipt names is fetched all the same."""
    keys, out = trial.folder / "trial-keys", trial.folder / "fetched.pdf"
    with trial.opened() as station:
        assert isinstance(station.host, S3Host)
        station.host.client.put_object(Bucket=bucket, Key=document["object_key"], Body=b"over it")
        fetch(station, document["document"], keys / "client.key", keys / "client.crt", out)
    assert out.read_bytes() == pdf.read_bytes()


# --- Hosts that lie ---------------------------------------------------------------------------------------------------


@contextmanager
def at_a_lying_host(folder: Path, invented: Invented) -> Iterator[tuple[Trial, LyingHost]]:
    with lying_host() as server:
        folder.mkdir()
        yield at_host(folder / "station", invented, section(server.settings(folder))), server


@pytest.mark.parametrize("lie", [Lie.LOSES, Lie.CORRUPTS, Lie.FULL], ids=lambda lie: lie.name.lower())
def test_a_document_stays_in_progress_until_the_host_has_it_and_is_deposited_once(
    invented_records: Invented, few: Few, tmp_path: Path, lie: Lie
) -> None:
    with at_a_lying_host(tmp_path / "place", invented_records) as (trial, server):
        server.lie = lie
        _require_waiting(trial, run(trial, few))
        server.lie = Lie.NONE
        codes = [run(trial, few).code]
        while codes[-1] == EXIT_HOST and len(codes) < PATIENCE:
            codes.append(run(trial, few).code)
        assert codes[-1] != EXIT_HOST, codes
        (key,) = receipts(trial)
        envelopes = keys_of(server, r"/[0-9a-f]{64}\.p7m$")
        assert key in envelopes
        assert len(envelopes) == len({key, "and its batch's index"})
        (tmp_path / "object.p7m").write_bytes(server.objects[key])
        pdf = trial.open_with_openssl(tmp_path / "object.p7m", tmp_path / "x.pdf")
        assert pdf.read_bytes().startswith(b"%PDF-1.")
        assert trial.left_at_work() == []
        with trial.opened() as station:
            assert station.ledger.verify().verified


def _require_waiting(trial: Trial, worked: Worked) -> None:
    """No receipt, nothing purged: the envelope is in the spool, its images too, and the accounts balance."""
    assert worked.code == EXIT_HOST
    assert worked.accounts.station_images.balanced
    assert worked.accounts.station_images.in_progress == 1
    assert receipts(trial) == []
    assert len(list((trial.home / "sealed").glob("*.p7m"))) == 1
    assert len(list((trial.home / "spool").iterdir())) >= 1


# --- A certificate ----------------------------------------------------------------------------------------------------


HDS = """
[host.hds]
certificate = "LNE-0001"
body = "LNE"
activities = [1, 2, 3, 4, 5, 6]
country = "FR"
zone = "par-hds"
valid_until = {until}
contract = "H-2026-01"
"""


def test_in_production_nothing_is_deposited_without_a_certificate_and_scanning_goes_on(
    invented_records: Invented, few: Few, tmp_path: Path
) -> None:
    trial = _in_production(tmp_path, invented_records)
    without = trial.config.read_text(encoding="utf-8")
    for hds, code in (("", "host-not-certified"), (HDS.format(until="2020-01-01"), "host-certificate-expired")):
        trial.config.write_text(without + hds, encoding="utf-8")
        worked = run(trial, few)
        _require_waiting(trial, worked)
        assert {line.reason for line in worked.documents if line.outcome == "in-progress"} == {code}
        assert [path for path in trial.host.rglob("*") if path.is_file()] == [], "not even tried"
    trial.config.write_text(without + HDS.format(until="2999-12-31"), encoding="utf-8")
    assert run(trial, few).code != EXIT_HOST
    assert len(receipts(trial)) == 1


def _in_production(folder: Path, invented: Invented) -> Trial:
    """A station whose recipients are nobody's trial, at a folder as host."""
    trial = Trial.found(folder / "station", verapdf="never")
    trial.know(invented)
    text = trial.config.read_text(encoding="utf-8").replace('mode = "trial"', 'mode = "production"')
    for role, kind in (("client", "p384"), ("escrow", "p521")):
        _, certificate = holder(kind).write(folder, role)
        text = text.replace(f"trial-keys/{role}.crt", str(certificate))
    trial.config.write_text(text + IMPATIENT, encoding="utf-8")
    return trial
