"""A withdrawal at each stage of the journey: what is left where. Until the receipt counts, nothing is at the host."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from storage.hosts.settings import LockMode, Retention
from tests.handover_fixtures import Workshop
from tests.s3_fixtures import Seaweed
from tests.withdrawal_fixtures import STAGES, STOPPED, Left, at_work, withdrawn_at


@pytest.fixture(scope="module")
def on_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    with at_work(tmp_path_factory.mktemp("stages") / "station") as workshop:
        yield workshop


def require_stopped(left: Left) -> None:
    """Refused and sealed for the client; the station has no key, the host nothing, and no receipt says otherwise."""
    assert left.document == "refused/withdrawn/closed"
    assert not left.receipt
    assert left.at_host == ()
    assert (left.spool, left.under_release_key, left.waiting_envelopes) == (False, False, 0)
    assert left.sealed_for_client
    assert (left.restricted, left.deletion) == ("", "")
    assert "withdrawn" in left.told
    assert not {"recognised", "sealed", "deposited"} & set(left.told), "by no clearance of that moment"


def require_restricted(left: Left) -> None:
    assert left.document == "deposited"
    assert (left.receipt, left.restricted, left.deletion) == (True, "withdrawn", "proposed")
    assert len(left.at_host) == 1, "until two people have confirmed that it goes"
    assert (left.spool, left.under_release_key, left.waiting_envelopes) == (False, False, 0)
    assert not left.sealed_for_client


@pytest.mark.parametrize("stage", STOPPED)
def test_a_withdrawal_before_the_receipt_counts_stops_the_document(on_folder: Workshop, stage: str) -> None:
    require_stopped(withdrawn_at(on_folder, stage))


def test_a_withdrawal_after_the_receipt_restricts_the_document(on_folder: Workshop) -> None:
    require_restricted(withdrawn_at(on_folder, "after"))


def test_what_was_put_is_taken_back_and_the_ledger_says_so(tmp_path: Path) -> None:
    with at_work(tmp_path / "station") as workshop:
        before = _taken_back(workshop)
        require_stopped(withdrawn_at(workshop, "put"))
        assert _taken_back(workshop) == before + 1
        assert workshop.station.ledger.verify().verified


def _taken_back(workshop: Workshop) -> int:
    """Entries of the ledger that say so."""
    with workshop.station.database.read() as session:
        return sum(entry.count(b'"outcome":"taken-back"') for entry in workshop.station.ledger.entries(session))


@pytest.mark.parametrize("stage", ["put", "read-back", "after"])
def test_in_a_bucket_that_keeps_versions_none_is_left(tmp_path: Path, seaweed: Seaweed, stage: str) -> None:
    with (
        closing(seaweed.host(seaweed.bucket(versions=True))) as host,
        at_work(tmp_path / "station", host) as workshop,
    ):
        (require_restricted if stage == "after" else require_stopped)(withdrawn_at(workshop, stage))


def test_a_governed_lock_is_lifted_and_one_in_compliance_is_told(tmp_path: Path, seaweed: Seaweed) -> None:
    """The moment between the lock and the receipt is all there is: before it, nothing is locked."""
    settings = seaweed.bucket(lock=True)
    for mode in LockMode:
        with (
            closing(seaweed.host(replace(settings, retention=Retention(mode, 2)))) as host,
            at_work(tmp_path / mode.value, host) as workshop,
        ):
            require_stopped(withdrawn_at(workshop, "read-back"))
            left = withdrawn_at(workshop, "locked")
            if mode is LockMode.GOVERNANCE:
                require_stopped(left)
                continue
            assert left.document == "refused/withdrawn/closed"
            assert not left.receipt
            assert [one.lock for one in left.at_host] == ["COMPLIANCE"], "the host keeps it, and nobody can help it"
            assert "host-retains" in left.told, "which the ledger says"


@pytest.mark.slow
@pytest.mark.parametrize("lock", [False, True])
def test_every_stage_on_a_bucket(tmp_path: Path, seaweed: Seaweed, *, lock: bool) -> None:
    settings = seaweed.bucket(versions=True, lock=lock)
    if lock:
        settings = replace(settings, retention=Retention(LockMode.GOVERNANCE, 2))
    with closing(seaweed.host(settings)) as host, at_work(tmp_path / "station", host) as workshop:
        for stage in STAGES:
            (require_restricted if stage == "after" else require_stopped)(withdrawn_at(workshop, stage))
