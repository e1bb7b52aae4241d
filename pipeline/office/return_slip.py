"""The slip for paper that goes back: whose refusal a person maintained, by batch and place, for the printer.

It travels with the paper, so it says where each document lies and by which opaque reference the client knows it, and
nothing else of the person: no name, no kind of document, no reason but that the refusal was maintained.
"""

import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from consent_gate.cells import CellRefused, check_reference
from consent_gate.model import CustodyClass
from lexicon.faults import StationFault
from pipeline.office.slip_drawing import DrawnSlips, Line, Slip
from pipeline.station import Station
from storage import accounts
from storage.effects import effect
from storage.files import replacing
from storage.movements import sheets_of
from storage.stored import StoredDocument
from storage.times import read_time

_NUMBER: Final = re.compile(r"\d[\d ]{11,}\d")
_WORD: Final = re.compile(r"[A-Z]{2,}")


def to_give_back(station: Station, *, batch: str | None = None, since: date | None = None) -> tuple[Slip, ...]:
    """What a maintained refusal leaves to be given back, by batch, in the order of arrival.

    `since`: only what was decided on that day or later. Raises `StationFault("batch-unknown")`.
    """
    with station.database.read() as session:
        batches = station.batches.all(session)
        if batch is not None and batch not in {known for known, *_ in batches}:
            raise StationFault("batch-unknown")
        names = _Names(station, session)
        found = [
            _slip(station, session, names, identifier, label, opened, since)
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


def _slip(
    station: Station,
    session: Session,
    names: "_Names",
    batch: str,
    label: str,
    opened: str,
    since: date | None,
) -> Slip:
    zone = ZoneInfo(station.config.station.timezone)
    places = {file.id: place for place, file in enumerate(station.captured.files(session, batch=batch), start=1)}
    lines = [
        _line(station, session, document, places[document.file], zone)
        for document in station.documents.documents(session, batch=batch)
        if document.custody == CustodyClass.FINAL
    ]
    moved = _moved(station, session, label)
    kept = tuple(line for line in lines if since is None or line.decided >= since)
    day = read_time(opened).astimezone(zone).date()
    shown = label if kept and names.are_not_in(label) else None
    return Slip(batch, shown, day, kept, moved["received"], moved["returned"])


def _moved(station: Station, session: Session, label: str) -> Mapping[str, int]:
    """Sheets by movement of the box that is named as the batch is, or as the folder that it came in."""
    for name in dict.fromkeys((label, label.rpartition("/")[2])):
        moved = sheets_of(session, station.columns, name)
        if moved["received"]:
            return moved
    return Counter()


def _line(station: Station, session: Session, document: StoredDocument, place: int, zone: ZoneInfo) -> Line:
    positions = station.documents.positions(session, document.id)
    return Line(
        document=document.id,
        file=place,
        positions=positions,
        sheets=len({-(-position // station.sides) for position in positions}),
        reference=_reference(document),
        decided=_decided(document).astimezone(zone).date(),
    )


def _decided(document: StoredDocument) -> datetime:
    return read_time(document.cleared_at or document.settled_at or document.captured_at)


def _reference(document: StoredDocument) -> str:
    try:
        return check_reference(document.claim.patient) if document.claim else "-"
    except CellRefused:
        return "-"


class _Names:
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
