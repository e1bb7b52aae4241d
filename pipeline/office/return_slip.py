"""The slip for paper that goes back: what a person decided not to have digitized, by batch and place, for the printer.

It travels with the paper, so it says where each document lies and by which opaque reference the client knows it, and
nothing else of the person: no name, no kind of document, no reason, not even whether the person refused. What was
scanned anew is not on it: that sheet is digitized.
"""

import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from consent_gate.cells import CellRefused, check_reference
from consent_gate.model import CustodyClass
from consent_gate.review import MaintainReason
from lexicon.faults import StationFault
from pipeline.office.slip_drawing import DrawnSlips, Line, Slip
from pipeline.station import Station
from storage import accounts
from storage.custody import EntryType, read_entry
from storage.effects import effect
from storage.files import replacing
from storage.movements import sheets_of
from storage.stored import StoredDocument, StoredFile
from storage.times import read_time

_NUMBER: Final = re.compile(r"\d[\d ]{11,}\d")
_TWICE: Final = "duplicate-file"
"""Why a file is set aside whose sheets came in another file already."""
_WORD: Final = re.compile(r"[A-Z]{2,}")


def to_give_back(station: Station, *, batch: str | None = None, since: date | None = None) -> tuple[Slip, ...]:
    """What a maintained refusal leaves to be given back, by batch, in the order of arrival.

    `since`: only what was decided on that day or later. Raises `StationFault("batch-unknown")`.
    """
    with station.database.read() as session:
        batches = station.batches.all(session)
        if batch is not None and batch not in {known for known, *_ in batches}:
            raise StationFault("batch-unknown")
        giving = _Giving(station, session, since)
        found = [
            giving.slip(identifier, label, opened)
            for identifier, label, opened, _ in batches
            if batch in {None, identifier}
        ]
    return tuple(slip for slip in found if slip.lines)


def write_slips(station: Station, slips: Sequence[Slip], target: Path) -> None:
    """Write the slips at `target`, a page or more a batch, where there is no file yet.

    Raises `StationFault` `target-exists`, `disk-full`.
    """
    if os.path.lexists(target):
        raise StationFault("target-exists")
    with station.database.read() as session:
        paper = accounts.paper(session, station.sides)
    drawn = DrawnSlips(station, paper, sum(slip.sheets for slip in slips))
    for slip in slips:
        drawn.add(slip)
    with effect("slip.print"), replacing(target) as stream:
        stream.write(bytes(drawn.pdf.output()))


class _Giving:
    """One reading of what is to be given back."""

    def __init__(self, station: Station, session: Session, since: date | None) -> None:
        self._station, self._session, self._since = station, session, since
        self._zone = ZoneInfo(station.config.station.timezone)
        self._names = Names(station, session)
        self._anew = _scanned_anew(station, session)

    def slip(self, batch: str, label: str, opened: str) -> Slip:
        station, session = self._station, self._session
        files = _piled(station.captured.files(session, batch=batch), station.sides)
        lines = [
            self._line(document, files[document.file])
            for document in station.documents.documents(session, batch=batch)
            if document.custody == CustodyClass.FINAL and document.id not in self._anew
        ]
        kept = tuple(line for line in lines if self._since is None or line.decided >= self._since)
        box, moved = self._box(batch, label)
        day = read_time(opened).astimezone(self._zone).date()
        names = (self._shown(label), self._shown(box)) if kept else (None, None)
        return Slip(batch, names[0], day, kept, names[1], moved["received"], moved["returned"])

    def _box(self, batch: str, label: str) -> tuple[str, Mapping[str, int]]:
        """The box that was announced, else one that is named as the batch is, or its folder; its sheets by movement."""
        announced = self._station.batches.batch(self._session, batch).announcement.box
        for name in dict.fromkeys((label, label.rpartition("/")[2]) if announced is None else (announced,)):
            moved = sheets_of(self._session, self._station.columns, name)
            if moved["received"]:
                return name, moved
        return "", Counter()

    def _line(self, document: StoredDocument, file: "_Piled") -> Line:
        sides = self._station.sides
        positions = self._station.documents.positions(self._session, document.id)
        sheets = sorted({-(-position // sides) for position in positions})
        return Line(
            document=document.id,
            file=file.number,
            name=self._shown(file.name.rpartition("/")[2]),
            positions=positions,
            places=() if file.before is None else tuple(file.before + sheet for sheet in sheets),
            sheets=len(sheets),
            reference=_reference(document),
            decided=_decided(document).astimezone(self._zone).date(),
        )

    def _shown(self, name: str) -> str | None:
        """A name that a person gave to a batch, a box or a file; None where there is none, or it names somebody."""
        return name if name and self._names.are_not_in(name) else None


@dataclass(frozen=True, slots=True)
class _Piled:
    """A file of a batch: its number in the order of arrival, and the sheets that lay before it; None: not known."""

    number: int
    name: str
    before: int | None


def _piled(files: Sequence[StoredFile], sides: int) -> dict[str, _Piled]:
    before: int | None = 0
    piled = {}
    for number, file in enumerate(files, start=1):
        piled[file.id] = _Piled(number, file.name, before)
        if file.reason == _TWICE:
            continue
        before = None if before is None or file.pages is None else before - (-file.pages // sides)
    return piled


def _scanned_anew(station: Station, session: Session) -> frozenset[str]:
    """Documents that ended because their sheets were scanned again, as the ledger has it."""
    sought = f'"outcome":"{MaintainReason.SCANNED_ANEW.value}"'.encode()
    found = (read_entry(encoded) for encoded in station.ledger.entries(session) if sought in encoded)
    return frozenset(
        str(entry["object"]).removeprefix("document:") for entry in found if entry["type"] == EntryType.DESTRUCTION
    )


def _decided(document: StoredDocument) -> datetime:
    return read_time(document.cleared_at or document.settled_at or document.captured_at)


def _reference(document: StoredDocument) -> str:
    try:
        return check_reference(document.claim.patient) if document.claim else "-"
    except CellRefused:
        return "-"


class Names:
    """What people of the roster are called: a label that has one of it names a person, and is not printed."""

    def __init__(self, station: Station, session: Session) -> None:
        self._words: set[str] | None = None
        self._station, self._session = station, session

    def are_not_in(self, label: str) -> bool:
        if _NUMBER.search(label):
            return False
        if self._words is None:
            people = self._station.roster.all()
            self._words = {
                word
                for person in people
                for name in (person.birth_name, person.usage_name or "")
                for word in _words(name)
            }
        return not self._words.intersection(_words(label))


def _words(text: str) -> Iterable[str]:
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    return _WORD.findall(bare.upper())
