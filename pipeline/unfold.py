"""A file opened: its pages looked at, told apart, and packed document by document; all of them or none."""

import hashlib
import shutil
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Final

from consent_gate.model import DocumentId
from lexicon.faults import SheetFault, StationFault
from pipeline import settle
from pipeline.model import PageImage
from pipeline.packing import pack
from pipeline.pages import count_pages, open_pages
from pipeline.split import Section, Sighting, Split, examine, split
from pipeline.station import Station
from storage.custody import Draft, EntryType
from storage.documents import Claim, PageTable, Piece, StoredFile

_AHEAD: Final = 8
"""Pages that are looked at while the next ones are decoded; bounds the memory of a file of thousands."""
_PIXELS_AHEAD: Final = 200_000_000
"""Of all those pages together, for each becomes a byte or more; a single page may have more."""


def unfold(station: Station, file: StoredFile, looking: Executor) -> None:
    """Turn a captured file into documents in progress, or set it aside whole; after a crash, again."""
    with station.workplace() as folder:
        path = folder / file.id
        _decrypt(station, file, path)
        try:
            table = _table(station, path, looking)
            _pack(station, path, table.pieces)
        except SheetFault as fault:
            settle.set_file_aside(station, file, fault.code, _countable(station, path))
            return
    _record(station, file, table)


def _decrypt(station: Station, file: StoredFile, path: Path) -> None:
    """The file in clear on the memory file system. Raises `StationFault("work-unwritable")`."""
    with station.spool.open(file.id) as source:
        try:
            with path.open("xb") as target:
                shutil.copyfileobj(source, target, 1 << 20)
        except OSError:
            raise StationFault("work-unwritable", path=str(path.parent)) from None


def _countable(station: Station, path: Path) -> int:
    """How many images a file that cannot be used seems to have; one where that cannot be told either."""
    try:
        return count_pages(path, station.limits)
    except SheetFault:
        return 1


def _table(station: Station, path: Path, looking: Executor) -> PageTable:
    hashes: dict[int, str] = {}
    sightings = list(_sightings(_hashed(open_pages(path, station.limits), hashes), looking))
    if not sightings:
        raise SheetFault("no-pages")
    laid = split(sightings)
    return PageTable(roles=_roles(laid), pieces=tuple(_piece(station, s) for s in laid.sections), images=hashes)


def _hashed(images: Iterable[PageImage], hashes: dict[int, str]) -> Iterator[PageImage]:
    for position, image in enumerate(images, start=1):
        hashes[position] = hashlib.sha256(image.payload).hexdigest()
        yield image


def _sightings(images: Iterator[PageImage], looking: Executor) -> Iterator[Sighting]:
    """Look at pages in parallel, in order, a few ahead."""
    ahead: deque[tuple[Future[Sighting], int]] = deque()
    for image in images:
        pixels = image.width * image.height
        while ahead and (len(ahead) == _AHEAD or sum(size for _, size in ahead) + pixels > _PIXELS_AHEAD):
            yield ahead.popleft()[0].result()
        ahead.append((looking.submit(examine, image), pixels))
    for sighting, _ in ahead:
        yield sighting.result()


def _roles(laid: Split) -> dict[int, str]:
    columns = (("separator", laid.separators), ("blank", laid.blanks), ("duplicate", laid.duplicates))
    return {position: role for role, positions in columns for position in positions}


def _piece(station: Station, section: Section) -> Piece:
    said = section.separator
    return Piece(
        id=DocumentId(station.identifiers.new()),
        claim=Claim(said.patient, said.doc_type, said.client_document) if said else None,
        damaged=section.damaged,
        positions=section.pages,
    )


def _pack(station: Station, path: Path, pieces: tuple[Piece, ...]) -> None:
    """Each document's images under a key of its own. Pieces stand in the file's order, so one pass serves them all."""
    numbered = enumerate(open_pages(path, station.limits), start=1)
    try:
        for piece in pieces:
            pack(station.spool, piece.id, _picked(numbered, frozenset(piece.positions), piece.positions[-1]))
    except SheetFault:
        for piece in pieces:
            station.spool.destroy(piece.id)
        raise


def _picked(numbered: Iterator[tuple[int, PageImage]], wanted: frozenset[int], last: int) -> Iterator[PageImage]:
    for position, image in numbered:
        if position in wanted:
            yield image
        if position == last:
            return


def _record(station: Station, file: StoredFile, table: PageTable) -> None:
    roles = list(table.roles.values())
    pages = {"pages": table.pages, "documents": len(table.pieces)}
    counts = pages | {role: roles.count(role) for role in ("separator", "blank", "duplicate")}
    now = station.clock.now()
    with station.database.write() as session:
        station.documents.split(session, file, table)
        draft = Draft(
            EntryType.SPLIT,
            f"file:{file.id}",
            "split",
            within={"batch": file.batch},
            counts=counts,
            hashes_in=(file.sha256,),
            hashes_out=(table.digest(),),
        )
        station.ledger.append(session, draft, at=now)
