"""Stations that keep something: what is curable, closed or final on them, and time that goes by."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Literal

from consent_gate.imports import LineOutcome
from consent_gate.model import Clearance, DocumentId, PatientRef
from consent_gate.review import MaintainReason
from demo.records import Invented
from handover.balance import require_balanced
from handover.inventory import take
from handover.replay import replay
from lexicon.faults import StationFault
from pipeline import settle
from pipeline.clock import wall
from pipeline.custody_end import end_custody
from pipeline.model import PageImage, Recognised, Scan
from pipeline.packing import PackedImages
from pipeline.station import Station
from storage.custody import read_entry
from storage.spool import Spool
from storage.stored import StoredDocument
from tests.trial_fixtures import TODAY, RememberingTools, Trial, register_sheet

Kept = tuple[str, str | None, str | None]
"""State, reason and custody."""


class KeptOnItsWay(RememberingTools):
    """Nothing that is cleared comes further: as where its envelope cannot be found any more."""

    __slots__ = ()

    def recognise(self, _scan: Scan, _clearance: Clearance) -> Recognised:
        raise StationFault("spool-missing")


def says(station: Station, invented: Invented, ref: str, said: str, on: date = TODAY) -> None:
    sheet = register_sheet(invented, ref, said, on=on)
    assert station.import_sheet("register", sheet).count(LineOutcome.ADDED) == 1


def days_later(station: Station, days: float) -> None:
    """Time goes by; the civil day that the gate judges stays."""
    station.clock = replace(station.clock, wall=lambda: wall() + timedelta(days=days))


def documents(station: Station, ref: str | None = None) -> tuple[StoredDocument, ...]:
    with station.database.read() as session:
        patient = PatientRef(ref) if ref else None
        return station.documents.documents(session, patient=patient)


def one_of(station: Station, ref: str) -> StoredDocument:
    (found,) = documents(station, ref)
    return found


def kept(stored: StoredDocument) -> Kept:
    return stored.state, stored.reason, stored.custody


def entries_about(station: Station, identifier: str) -> list[tuple[str, str]]:
    """Types and outcomes, in order."""
    with station.database.read() as session:
        entries = [read_entry(encoded) for encoded in station.ledger.entries(session)]
    return [(str(e["type"]), str(e["outcome"])) for e in entries if e["object"].endswith(f":{identifier}")]


def images_of(spool: Spool, identifier: str) -> tuple[PageImage, ...]:
    return tuple(PackedImages(spool, identifier))


def require_balance(station: Station) -> None:
    """Both equations, and rows and ledger tell the same, as a handover asks it."""
    with station.database.read() as session:
        inventory = take(station, session)
        told = replay(map(read_entry, station.ledger.entries(session)), station.sides)
    require_balanced(inventory, told)


@contextmanager
def opened_later(trial: Trial, days: float, as_of: date | None = TODAY) -> Iterator[Station]:
    with trial.opened(as_of) as station:
        days_later(station, days)
        yield station


def everything_in(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


Case = tuple[str, str, Literal["deposited", "refused", "held"]]
UNHEARD: Case = ("certificat", "A1009", "refused")
"""Nothing is on record of the patient: curable."""
WITHDRAWN: Case = ("certificat", "A1007", "refused")
"""The patient withdrew: closed."""
CLEARED: Case = ("ordonnance", "A1001", "deposited")


def make_final(
    station: Station,
    document: DocumentId,
    person: str = "01K00000000000000000000000",
    reason: MaintainReason = MaintainReason.PATIENT_CONFIRMS,
) -> None:
    """A refusal is maintained, as a review does it."""
    with station.database.write("test.final") as session:
        stored = station.documents.document(session, document)
        assert stored is not None
        end_custody(station, session, stored, person=person, reason=reason, at=station.clock.now())
    settle.clear(station, document)
