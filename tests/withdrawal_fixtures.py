"""A patient withdraws while the document is at one stage of its journey; then the station goes on, and what is left."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

import pytest

from consent_gate.model import Clearance, FactKind, PatientRef, Refused, Statement
from pipeline import steps as engine_steps
from pipeline.model import Agreed, Archival, Held, Identified, Recognised, Scan
from pipeline.office.rejudging import finish
from pipeline.recorded import RecordedTools
from pipeline.station import Station
from pipeline.steps import Signals, StationSteps
from storage import restrictions
from storage.custody import read_entry
from storage.deletions import Deletions
from storage.deposits import find_receipt, sealed_of
from storage.envelope import Sealed
from storage.hosts import AlreadyThere, Created, Host, Sink, Stored
from storage.hosts.kept import Kept, kept
from storage.stored import StoredDocument
from tests.handover_fixtures import LEONIE, QuickTools, Sheets, Workshop
from tests.register_fixtures import add_facts

STAGES: Final = (
    "captured", "split", "identified", "asked", "recognised", "agreed", "composed", "sealed", "announced", "put",
    "read-back", "locked", "after",
)  # fmt: skip
"""What was done when the withdrawal is recorded; `locked`: all but the receipt; `after`: the receipt too."""
STOPPED: Final = STAGES[:-1]

Say = Callable[[str], None]
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Left:
    """What is where once everything has come to rest."""

    stage: str
    document: str
    """State, reason and custody class."""
    receipt: bool
    restricted: str
    deletion: str
    spool: bool
    waiting_envelopes: int
    under_release_key: bool
    sealed_for_client: bool
    at_host: tuple[Kept, ...]
    told: tuple[str, ...]
    """Outcomes of its entries, from the withdrawal on."""


@dataclass(frozen=True, slots=True)
class _StagedTools(RecordedTools):
    """The recorded tools; after each, the stage is told."""

    say: Say = lambda _: None

    def identify(self, scan: Scan) -> Identified | Held:
        return self._told("identified", RecordedTools.identify(self, scan))

    def ask(self, identified: Identified) -> Clearance | Refused:
        return self._told("asked", RecordedTools.ask(self, identified))

    def recognise(self, scan: Scan, clearance: Clearance) -> Recognised | Refused:
        return self._told("recognised", RecordedTools.recognise(self, scan, clearance))

    def check_identity(self, recognised: Recognised, identified: Identified) -> Agreed | Held:
        return self._told("agreed", RecordedTools.check_identity(self, recognised, identified))

    def compose(self, scan: Scan, recognised: Recognised) -> Archival | Held:
        return self._told("composed", RecordedTools.compose(self, scan, recognised))

    def seal(self, archival: Archival, clearance: Clearance) -> Sealed | Refused | Held:
        return self._told("sealed", RecordedTools.seal(self, archival, clearance))

    def announce(self, sealed: Sealed) -> None:
        RecordedTools.announce(self, sealed)
        self.say("announced")

    def _told(self, stage: str, answer: Answer) -> Answer:
        self.say(stage)
        return answer


class _StagedHost:
    """The real host; after each verb of a deposit, the stage is told."""

    def __init__(self, inner: Host, say: Say) -> None:
        self._inner, self._say = inner, say

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def create(self, key: str, source: Path, sha256: str, size: int) -> Created | AlreadyThere:
        made = self._inner.create(key, source, sha256, size)
        self._say("put")
        return made

    def read(self, key: str, target: Sink, version: str | None = None) -> Stored:
        found = self._inner.read(key, target, version)
        self._say("read-back")
        return found

    def retain(self, stored: Stored, at: datetime) -> None:
        self._inner.retain(stored, at)
        self._say("locked")


@contextmanager
def at_work(folder: Path, host: Host | None = None) -> Iterator[Workshop]:
    """A station whose steps are the real ones, but for Tesseract and the composing of a PDF."""
    workshop = Workshop.open(folder)
    if host is not None:
        vars(workshop.station)["host"] = host
    try:
        yield workshop
    finally:
        workshop.station.close()


def withdrawn_at(workshop: Workshop, stage: str) -> Left:
    """One document of a patient of its own, whose withdrawal comes just after that stage."""
    station, said = workshop.station, list[int]()
    patient = replace(LEONIE, ref=PatientRef(f"P-{stage}"), birth_name=f"De {stage}", ins=None)
    for kind in (FactKind.NOTICE, FactKind.GRANTED):
        workshop.knows(patient, kind)

    def say(reached: str) -> None:
        if reached == stage and not said:
            with station.database.read() as session:
                said.append(sum(1 for _ in station.ledger.entries(session)))
            withdraw(station, patient.ref)

    file = workshop.takes(f"{stage}.tif", "lot")
    say("captured")
    workshop.opens(file, ["separator", Sheets(2, patient.ref, "courrier", f"D-{stage}")])
    say("split")
    with station.database.read() as session:
        (document,) = station.documents.documents(session, file=file.id)
    with _staged(station, say):
        steps = StationSteps(station, Signals(lambda: False))
        steps.prepare(document.id)
        steps.deliver(document.id)
    say("after")
    finish(station, begin=lambda *_: None)
    return _left(station, stage, document.id, said[0])


def withdraw(station: Station, patient: PatientRef) -> None:
    """By whoever records it: another process, while the document travels."""
    statement = Statement(kind=FactKind.WITHDRAWN, on=date(2025, 1, 1) + timedelta(days=1))
    with station.database.write("test.write") as session:
        add_facts(station.register, session, [(patient, statement)], station.clock.now())


@contextmanager
def _staged(station: Station, say: Say) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(engine_steps, "RecordedTools", partial(_StagedTools, say=say))
        patched.setattr(engine_steps, "DocumentTools", QuickTools)
        patched.setitem(vars(station), "host", _StagedHost(station.host, say))
        yield


def _left(station: Station, stage: str, identifier: str, since: int) -> Left:
    with station.database.read() as session:
        found = station.documents.document(session, identifier)
        assert found
        standing = restrictions.standing(session, identifier)
        deletions = Deletions(station.columns).of_document(session, identifier)
        keys = [key for _, key, _ in sealed_of(session, found.id)]
        received = find_receipt(session, found.id) is not None
        entries = [read_entry(raw) for raw in station.ledger.entries(session, first=since)]
    return Left(
        stage=stage,
        document=_said(found),
        receipt=received,
        restricted=standing.reason if standing else "",
        deletion=deletions[-1].state.value if deletions else "",
        spool=station.spool.has(identifier),
        waiting_envelopes=len(list(station.sealed_folder.glob(f"{identifier}*"))),
        under_release_key=station.quarantine.has(identifier),
        sealed_for_client=station.closed_path(identifier).exists(),
        at_host=tuple(one for key in keys for one in kept(station.host, key)),
        told=tuple(str(e["outcome"]) for e in entries if e["object"] == f"document:{identifier}"),
    )


def _said(document: StoredDocument) -> str:
    return "/".join(filter(None, (document.state, document.reason, document.custody)))
