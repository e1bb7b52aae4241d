"""After a return from a backup: what lies in the spool and in quarantine and no row knows becomes a file again.

Nothing stays there that is in no row and that nobody was told of.
"""

import hashlib
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from ulid import ULID

from consent_gate.model import DocumentId
from lexicon.faults import StationFault, TamperFault
from pipeline.clock import part_of
from pipeline.compose import ScanContext, compose_originals
from pipeline.intake import Source, take
from pipeline.model import Scan
from pipeline.packing import PackedImages, every_image
from pipeline.software import SOFTWARE
from pipeline.station import Station
from storage.effects import effect
from storage.forms import is_return
from storage.spool import Spool

FOUND_AGAIN: Final = "retrouvé"
"""Batch and beginning of the name of a file whose row was lost."""

_CHUNK: Final = 1 << 20
_ORDINAL: Final = 64
"""Bits of a document's identifier below its ordinal in its file."""


@dataclass(frozen=True, slots=True)
class LostPages:
    """What must be scanned again: for the operator's eyes. `pages` are 1-based in the file; none: the whole file."""

    label: str
    name: str
    pages: tuple[int, ...]


def recapture(station: Station) -> tuple[int, list[LostPages]]:
    """How many files were made of what no row knew, and what none could be made of.

    That stays where it lies in quarantine; of the spool, the next start clears it away.
    """
    taken, lost = 0, list[LostPages]()
    for place in (station.spool, station.quarantine):
        left = sorted(_unknown(station, place.ids()), key=partial(is_package, place))  # files first
        for identifier in left:
            if not _is_of_a_file_here(station, identifier):  # when that is opened, it has its row again
                taken += _take_again(station, place, identifier)
        lost += [_found(one) for one in _unknown(station, left) if not _is_of_a_file_here(station, one)]
    _leave_quarantine(station)
    closed = [path.stem for path in sorted((station.config.shared / "quarantine").glob("*.p7m"))]
    lost += [_found(one) for one in _unknown(station, closed) if not _is_of_a_file_here(station, one)]
    return taken, lost


def _leave_quarantine(station: Station) -> None:
    """What was taken again from there lies in the spool now, or was a duplicate."""
    with station.database.read() as session:
        files = [station.captured.file(session, identifier) for identifier in station.quarantine.ids()]
    for file in files:
        if file is None or file.name != _name(file.id):
            continue
        if file.state == "duplicate" or (file.state == "captured" and station.spool.has(file.id)):
            with effect("file.leave-quarantine"):
                station.quarantine.destroy(file.id)


def _unknown(station: Station, identifiers: Sequence[str]) -> list[str]:
    with station.database.read() as session:
        return [
            identifier
            for identifier in identifiers
            if _is_ulid(identifier)
            and station.captured.file(session, identifier) is None
            and station.documents.document(session, DocumentId(identifier)) is None
            and not is_return(session, identifier)
        ]


def _is_of_a_file_here(station: Station, identifier: str) -> bool:
    """Whether it is a document of a file that is still to be opened: that gives it the same identifier again."""
    ordinal = int(ULID.from_str(identifier)) >> _ORDINAL & 0xFFFF
    with station.database.read() as session:
        captured = station.captured.files(session, state="captured")
    return ordinal > 0 and any(part_of(file.id, ordinal) == identifier for file in captured)


def _take_again(station: Station, place: Spool, identifier: str) -> bool:
    """Its bytes become a file; of a document's pages, whose file is gone, their images do. False: it does not open."""
    with unless_unreadable(), station.workplace() as folder, effect("restore.recapture"):
        path = folder / identifier
        _write(station, place, identifier, path)
        with path.open("rb") as stream:
            take(station, Source(identifier, _name(identifier), FOUND_AGAIN, stream, lambda: None))
    with station.database.read() as session:
        return station.captured.file(session, identifier) is not None


def _write(station: Station, place: Spool, identifier: str, target: Path) -> None:
    """What lies there, in clear, on the memory file system: a document's pages as a PDF of their images."""
    with place.open(identifier) as source:
        if not is_package(place, identifier):
            try:
                with target.open("xb") as copy:
                    shutil.copyfileobj(source, copy, _CHUNK)
            except OSError:
                raise StationFault("work-unwritable", path=str(target.parent)) from None
            return
        sha256 = hashlib.file_digest(source, "sha256").hexdigest()
    images = every_image(place, identifier)
    positions = tuple(range(1, len(images) + 1))
    context = ScanContext(station.id, SOFTWARE, station.clock.now(), sha256, positions)
    compose_originals(Scan(DocumentId(identifier), images), context, target)


def is_package(spool: Spool, identifier: str) -> bool:
    """A document's pages; anything else is a file, or noise."""
    pages = 0
    with unless_unreadable():
        pages = len(PackedImages(spool, identifier)) if spool.has(identifier) else 0
    return pages > 0


@contextmanager
def unless_unreadable() -> Iterator[None]:
    """Ends its block, and raises nothing, where a working copy was altered or its key is destroyed."""
    try:
        yield
    except TamperFault:
        pass
    except StationFault as fault:
        if fault.code != "spool-missing":
            raise


def _found(identifier: str) -> LostPages:
    return LostPages(FOUND_AGAIN, _name(identifier), ())


def _name(identifier: str) -> str:
    return f"{FOUND_AGAIN}-{identifier}"


def _is_ulid(identifier: str) -> bool:
    try:
        return str(ULID.from_str(identifier)) == identifier
    except ValueError:
        return False
