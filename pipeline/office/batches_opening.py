"""Batches by hand: announced before the paper is fed, closed, open again, and an alarm's cause written down."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lexicon.faults import StationFault
from pipeline import batches as endings
from pipeline import confirming
from pipeline.office.preparing import Asked, ask_for, places_of, require_free, withdrawn_on_fault, write_list
from pipeline.office.return_slip import Names
from pipeline.office.tasks import prepare_again
from pipeline.sheets.wanted import Wanted, box_name
from pipeline.station import Station
from storage.announced import Announcement, Coming
from storage.custody import REOPENED, Draft, EntryType
from storage.movements import sheets_of

ANNOUNCED: Final = "announced"
"""Outcome of a `capture`: somebody said what is coming in a batch."""
CONFIRMED: Final = {"announcement-wrong": "announcement-wrong", "paper-checked": "paper-checked"}
"""Why counts differ, as a person says: outcomes of a `review` of a batch."""
_LONGEST: Final = 120
_STEP: Final = re.compile(r"[^/\x00-\x1f\x7f]+")


@dataclass(frozen=True, slots=True)
class Opened:
    """A batch that was announced. `asked` is None where no list came with it."""

    batch: str
    asked: Asked | None
    apart: tuple[Path, ...]
    received: int | None
    """Sheets that its box brought; None where no box was named."""
    announced: int
    """Sheets that all batches of that box announce."""


def open_batch(
    station: Station,
    label: str,
    said: Announcement,
    several: Sequence[Wanted] | None = None,
    apart: Path | None = None,
    *,
    names: bool = False,
) -> Opened:
    """Announce what is coming under a label: an open batch that was not announced yet, or a new one.

    The gate is asked for each line of the list; the list NE PAS NUMÉRISER is written at `apart`, and only then is the
    batch announced, with what that list says. Raises `StationFault` `batch-label-unfit`, `box-name-unfit`,
    `batch-announced-already`, `batch-answers-changed`, `list-patient-unknown`, `target-exists`, `disk-full`: then
    nothing is announced and no list is there.
    """
    _require_fit(label, said)
    if apart is not None:
        require_free(*places_of(apart))
    asked = None if several is None else ask_for(station, several)
    closed = {one.wanted.line for one in asked.closed} if asked else set[int]()
    coming = None if several is None else tuple(
        Coming(one.patient, one.doc_type, one.client_document, one.position, one.line in closed) for one in several
    )  # fmt: skip
    told = Announcement(said.box, said.seal, said.sheets, said.documents, said.pages, coming)
    paths = () if asked is None or apart is None else _write(station, asked, apart, label, said.box, names=names)
    now = station.clock.now()
    with withdrawn_on_fault(*paths), station.database.write("batch.announce") as session:
        if several is not None and ask_for(station, several) != asked:
            raise StationFault("batch-answers-changed")
        found = station.batches.open_of(session, label)
        if found is not None and station.batches.batch(session, found).announced_at is not None:
            raise StationFault("batch-announced-already", batch=found)
        batch = station.batches.batch_for(session, label, station.identifiers.new(), now)
        box = station.batches.announce(session, batch, told, now)
        within = {"box": box} if box else {}
        counts = told.counts | (asked.counts if asked else {})
        draft = Draft(EntryType.CAPTURE, f"batch:{batch}", ANNOUNCED, within=within, counts=counts)
        station.ledger.append(session, draft, at=now)
        received = None if said.box is None else sheets_of(session, station.columns, said.box)["received"]
        announced = station.batches.sheets_announced(session, box) if box else 0
    return Opened(batch, asked, paths, received, announced)


def _write(
    station: Station, asked: Asked, apart: Path, label: str, box: str | None, *, names: bool
) -> tuple[Path, ...]:
    with station.database.read() as session:
        shown = label if names or Names(station, session).are_not_in(label) else ""
    about = (f"lot {shown}" if shown else "", f"carton {box}" if box else "")
    return write_list(station, asked, apart, names=names, about=about, box=box)


def _require_fit(label: str, said: Announcement) -> None:
    """A label is a folder's name beneath the drop folder, or several with slashes between."""
    steps = label.split("/")
    fits = len(label) <= _LONGEST and all(_STEP.fullmatch(step) and step.strip(" .") == step for step in steps)
    if not fits or not label.isprintable():
        raise StationFault("batch-label-unfit")
    for name in filter(None, (said.box, said.seal)):
        box_name(name)


def close_by_hand(station: Station, name: str) -> tuple[str, int]:
    """Close a batch now; its number, and how many of its documents are deposited.

    Raises `StationFault` `batch-unknown`, `batch-closed-already`, `batch-under-way`, also where documents that waited
    for its counts go on now; `HostFault`: it stays open then.
    """
    with station.database.read() as session:
        batch = found(station, name)
        if station.batches.batch(session, batch).closed_at is not None:
            raise StationFault("batch-closed-already", batch=batch)
    gone_on = confirming.let_go(station, [batch], prepare_again)
    deposited = None if gone_on else endings.close_batch(station, batch)
    if deposited is None:
        raise StationFault("batch-under-way", batch=batch)
    return batch, deposited


def open_again(station: Station, name: str) -> tuple[str, bool]:
    """Open a closed batch: what comes under its label belongs to it. Its number, and whether it was closed.

    Raises `StationFault` `batch-unknown`, `batch-announced-already` where another one of that label is open.
    """
    batch, now = found(station, name), station.clock.now()
    with station.database.write("batch.open-again") as session:
        stored = station.batches.batch(session, batch)
        other = station.batches.open_of(session, stored.label)
        if other not in (None, batch):
            raise StationFault("batch-announced-already", batch=str(other))
        again = station.batches.reopen_batch(session, batch)
        if again:
            station.ledger.append(session, Draft(EntryType.REVIEW, f"batch:{batch}", REOPENED), at=now)
    return batch, again


def confirm(station: Station, name: str, reason: str) -> tuple[str, int]:
    """A person says why the counts differ (`CONFIRMED`), or that they are right: the alarm ends, and what waited for it
    goes on. The batch's number, and how many documents that are.

    Raises `StationFault` `batch-unknown`, and what `pipeline.confirming.confirm` raises.
    """
    batch = found(station, name)
    return batch, len(confirming.confirm(station, batch, CONFIRMED[reason], prepare_again))


def found(station: Station, name: str) -> str:
    """The batch of this number, or the last one of this label. Raises `StationFault("batch-unknown")`."""
    with station.database.read() as session:
        batch = station.batches.find(session, name)
    if batch is None:
        raise StationFault("batch-unknown")
    return batch
