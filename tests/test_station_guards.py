"""What must never happen to a deposited document, nor to a ledger that the host has seen further along."""

import errno
import shutil
import threading
import time
from pathlib import Path

import pytest

from consent_gate.model import Clearance
from demo.records import Invented
from lexicon.faults import EXIT_UNEXPECTED, TamperFault
from pipeline import steps
from pipeline.events import FileSettled
from pipeline.model import Archival, Held, Identified, Scan
from storage.envelope import Sealed
from tests.trial_fixtures import Few, RememberingTools, Trial, register_sheet, work

_REFUSED = (4,)
"""Where the few records have the document that is refused."""
_PATIENCE = 60.0
_WRITTEN = 1.0
"""Seconds, until a fault that was met is written down."""


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "DocumentTools", RememberingTools)


@pytest.mark.parametrize("last", ["the deposited one", "the refused one"])
def test_a_deposited_document_is_never_taken_back(
    trial: Trial, few: Few, monkeypatch: pytest.MonkeyPatch, last: str
) -> None:
    """The disk refuses to remove the sealed copy, after the receipt: the run says so, the host keeps what it has.

    So it is whichever of the file's two documents, one deposited and one refused, comes to its end last.
    """

    unlink, tried = Path.unlink, threading.Event()

    class Ordered(RememberingTools):
        __slots__ = ()

        def identify(self, scan: Scan) -> Identified | Held:
            if self.positions == _REFUSED and last == "the refused one":
                assert tried.wait(_PATIENCE)
                time.sleep(_WRITTEN)
            return super().identify(scan)

    monkeypatch.setattr(steps, "DocumentTools", Ordered)

    def refused(path: Path, missing_ok: bool = False) -> None:  # noqa: FBT001, FBT002  as pathlib has it
        if path.parent.name == "sealed" and path.suffix == ".p7m" and path.exists():
            tried.set()
            raise OSError(errno.EIO, "a bad sector")
        unlink(path, missing_ok=missing_ok)

    with trial.opened() as station:
        monkeypatch.setattr(Path, "unlink", refused)
        worked = work(station, few.path.parent)
        told = [event.kept for event in worked.events if isinstance(event, FileSettled)]
        assert (worked.code, told) == (EXIT_UNEXPECTED, ["disk-unusable"])
    monkeypatch.setattr(Path, "unlink", unlink)
    with trial.opened() as station:
        work(station, few.path.parent)
        with station.database.read() as session:
            deposited = station.documents.documents(session, state="deposited")
        kept = {stored.key for stored in station.host.list(f"{station.id}/")}
        assert deposited
        assert all(station.keys.object_key(station.id, d.id, d.version) in kept for d in deposited)
        assert all(d.purged_at for d in deposited)
        assert station.ledger.verify().verified


def test_a_withdrawal_while_the_envelope_is_sealed_stops_the_deposit(
    trial: Trial, few: Few, invented_records: Invented, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Overtaken(RememberingTools):
        __slots__ = ()

        def seal(self, archival: Archival, clearance: Clearance) -> Sealed:
            sealed = super().seal(archival, clearance)
            self.station.import_sheet("register", register_sheet(invented_records, clearance.patient, "retiree"))
            return sealed

    monkeypatch.setattr(steps, "DocumentTools", Overtaken)
    with trial.opened() as station:
        worked = work(station, few.path.parent)
        assert "deposited" not in {d.outcome for d in worked.documents}
        assert "withdrawn" in {d.reason for d in worked.documents}
        assert not [s for s in station.host.list(f"{station.id}/") if s.key.endswith(".p7m")]
        assert not list((station.config.folder / "sealed").iterdir())


def test_a_database_brought_back_from_an_older_copy_is_refused(trial: Trial, few: Few, tmp_path: Path) -> None:
    """It would have forgotten what came since: withdrawals among it."""
    database = trial.home / "station.db"
    before = tmp_path / "before.db"
    shutil.copyfile(database, before)
    with trial.opened() as station:
        work(station, few.path.parent)
    shutil.copyfile(before, database)
    with trial.opened() as station, pytest.raises(TamperFault, match="custody-rolled-back"):
        work(station, few.path.parent)
