"""A file opened: its pages looked at, told apart, and packed document by document; all of them or none.

Pages come one by one from a process that can do nothing else (`pipeline.decoding`), and go as they come into the
encrypted working file of their document. What was done before a crash is done again, under the same identifiers.
"""

import shutil
from collections.abc import Iterator, Mapping
from functools import partial
from itertools import count, groupby
from operator import itemgetter
from pathlib import Path

from lexicon.faults import Fault, SheetFault, StationFault
from pipeline import settle
from pipeline.asking_again import opened_before
from pipeline.decoding.answers import Looked
from pipeline.dividing import Packed, divided, identifier
from pipeline.face_up import face_up
from pipeline.left_out import Sorted
from pipeline.packing import pack_beside
from pipeline.page_flags import FlagsSeen
from pipeline.split import Laying, Split
from pipeline.station import Station
from storage.custody import SEPARATOR_BACKS, Draft, EntryType
from storage.effects import effect
from storage.stored import Claim, PageTable, Piece, SameBytes, StoredFile
from storage.work import Superseded


def unfold(station: Station, file: StoredFile) -> None:
    """Turn a captured file into documents in progress, or set it aside whole; after a crash, again.

    Raises `SameBytes` where another file of the same bytes was opened meanwhile, `Superseded` where another worker was
    quicker with this one: what it made of it stays as it is.
    """
    take_back_file(station, file)
    try:
        split = _split(station, file)
    except (Superseded, Fault):
        _leave(station, file)
        raise
    if split and station.quarantine.has(file.id):
        with effect("file.leave-quarantine"):
            station.quarantine.destroy(file.id)
    if split:
        settle.end_file(station, file.id)  # where it held separators and blanks alone, no document will do so


def _split(station: Station, file: StoredFile) -> bool:
    """Whether its documents are on their way; False where it was set aside."""
    with station.workplace() as folder:
        path = folder / file.id
        decrypt_file(station, file, path)
        with station.decoders.opened(path) as opened:
            try:
                table = _packed(station, file, face_up(path, opened.pages()))
            except SheetFault as fault:
                settle.set_file_aside(station, file, fault.code, opened.count, partial(_unpack, station, file, 1))
                return False
    _unpack(station, file, len(table.pieces) + 1)
    try:
        _record(station, file, table)
    except SameBytes:
        _unpack(station, file, 1)
        raise
    return True


def take_back_file(station: Station, file: StoredFile) -> None:
    """A reopened file comes back from under the release key, and stays there too until its documents are under way."""
    if station.quarantine.has(file.id) and not station.spool.has(file.id):
        with station.quarantine.open(file.id) as source, effect("file.take-back"):
            station.spool.write(file.id, source)


def _leave(station: Station, file: StoredFile) -> None:
    """Another worker settled what this one still had in hand (it was frozen): what it wrote again of it goes."""
    with station.database.read() as session:
        known = station.captured.file(session, file.id)
        documents = station.documents.documents(session, file=file.id)
    if known is None or known.state == "captured":
        return
    kept = {document.id for document in documents if document.state == "in-progress"}
    for ordinal in count(1):
        one = identifier(file, ordinal)
        if not station.spool.has(one) and ordinal > len(documents):
            break
        if one not in kept:
            with effect("document.leave"):
                station.spool.destroy(one)
    if known.state != "split":
        with effect("file.leave"):
            station.spool.destroy(file.id)
    if known.state != "set-aside":
        with effect("file.leave-quarantine"):
            station.quarantine.destroy(file.id)


def decrypt_file(station: Station, file: StoredFile, path: Path) -> None:
    """The file in clear on the memory file system. Raises `StationFault("work-unwritable")`."""
    with station.spool.open(file.id) as source:
        try:
            with path.open("xb") as target:
                shutil.copyfileobj(source, target, 1 << 20)
        except OSError:
            raise StationFault("work-unwritable", path=str(path.parent)) from None


def _packed(station: Station, file: StoredFile, pages: Iterator[Looked]) -> PageTable:
    """Each document's images under a key of its own, and where each page went. Raises SheetFault."""
    laying, flags = Laying(), FlagsSeen(station.config.profile.agreed, station.sides)
    told = Sorted(laying, keep_blanks=station.config.pages.blanks == "keep")
    for section, images in groupby(told.each(flags.each(pages)), key=itemgetter(0)):
        with effect("document.pack"):
            pack_beside(station.spool, identifier(file, section), (image for _, image in images))
    laid = laying.laid()
    pieces = tuple(map(_piece, divided(station, file, laid.sections)))
    seen = _joined(laid.flags, flags.found(told.blanks, laid.duplicates))
    return PageTable(_roles(laid), pieces, told.hashes, seen, frozenset(told.gone))


def _unpack(station: Station, file: StoredFile, first: int) -> None:
    """Destroy the working files of a file's documents from an ordinal on: this attempt's, or an interrupted one's."""
    for ordinal in count(first):
        one = identifier(file, ordinal)
        if not station.spool.has(one):
            return
        with effect("document.unpack"):
            station.spool.destroy(one)


def _joined(first: Mapping[int, tuple[str, ...]], then: Mapping[int, tuple[str, ...]]) -> dict[int, tuple[str, ...]]:
    """What two say of a file's pages."""
    return {page: (*first.get(page, ()), *then.get(page, ())) for page in sorted(first.keys() | then.keys())}


def _roles(laid: Split) -> dict[int, str]:
    columns = (("separator", laid.separators), ("blank", laid.blanks), ("duplicate", laid.duplicates))
    return {position: role for role, positions in columns for position in positions}


def _piece(packed: Packed) -> Piece:
    section, said = packed.section, packed.section.separator
    return Piece(
        id=packed.id,
        claim=Claim(said.patient, said.doc_type, said.client_document) if said else None,
        damaged=section.damaged,
        form=section.form,
        plain=section.plain,
        positions=section.pages,
    )


def _record(station: Station, file: StoredFile, table: PageTable) -> None:
    roles = list(table.roles.values())
    pages = {"pages": table.pages, "documents": len(table.pieces)}
    counts = pages | {role: roles.count(role) for role in ("separator", "blank", "duplicate")}
    counts |= {SEPARATOR_BACKS: table.separator_backs} if table.separator_backs else {}
    now = station.clock.now()
    with station.database.write("split.record") as session:
        again = opened_before(station, session, file.sha256) is None
        earlier = station.documents.split(session, file, table, again=again)
        draft = Draft(
            EntryType.SPLIT,
            f"file:{file.id}",
            "split",
            within={"batch": file.batch},
            counts=counts,
            hashes_in=(file.sha256,),
            hashes_out=(table.digest(),),
            parent=earlier,
        )
        station.ledger.append(session, draft, at=now)
