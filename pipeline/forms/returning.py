"""A file of an inbox of authorizations: its pages laid out by form, kept readable under the release key.

Nothing of it passes the patient gate, and nothing becomes a document. What was done before a crash is done again, under
the same identifiers.
"""

from collections.abc import Iterator
from functools import partial
from itertools import count, groupby
from operator import itemgetter
from pathlib import Path
from typing import Final

from consent_gate.model import DocumentId
from lexicon.faults import SheetFault
from pipeline import settle
from pipeline.clock import part_of
from pipeline.compose import ScanContext, compose_originals
from pipeline.decoding.answers import Looked, placed
from pipeline.forms.code import station_tag
from pipeline.forms.laying import FormLaying, Laid
from pipeline.model import Scan
from pipeline.packing import PackedImages, pack
from pipeline.software import SOFTWARE
from pipeline.station import Station
from pipeline.unfold import decrypt_file, take_back_file
from storage.custody import Draft, EntryType
from storage.effects import effect
from storage.forms import ROLE, Forms, Returned, StoredReturn
from storage.stored import PageTable, SameBytes, StoredFile
from storage.times import read_time

MEDIA_TYPE: Final = "application/pdf"


def unfold_returns(station: Station, file: StoredFile) -> None:
    """Lay a captured file out, or set it aside whole; after a crash, again.

    Raises `SameBytes` where another file of the same bytes was opened meanwhile, `Superseded` where another worker was
    quicker with this one.
    """
    take_back_file(station, file)
    with station.workplace() as folder:
        path = folder / file.id
        decrypt_file(station, file, path)
        with station.decoders.opened(path) as opened:
            try:
                laid, blanks, hashes = _packed(station, file, opened.pages())
            except SheetFault as fault:
                settle.set_file_aside(station, file, fault.code, opened.count, partial(_unpack, station, file, 1))
                return
    _unpack(station, file, len(laid) + 1)
    try:
        _record(station, file, laid, blanks, hashes)
    except SameBytes:
        _unpack(station, file, 1)
        raise
    if station.quarantine.has(file.id):
        with effect("form.leave-quarantine"):
            station.quarantine.destroy(file.id)


def _packed(
    station: Station, file: StoredFile, pages: Iterator[Looked]
) -> tuple[tuple[Laid, ...], list[int], dict[int, str]]:
    """Each return's images under the release key, and where each page went. Raises SheetFault."""
    forms, hashes = Forms(station.columns), dict[int, str]()

    def length(form: str) -> int | None:
        with station.database.read() as session:
            found = forms.find(session, form)
        return found.pages if found else None

    laying = FormLaying(station_tag(station.id), length)
    for ordinal, images in groupby(placed(_foretold(pages, laying), laying, hashes), key=itemgetter(0)):
        with effect("form.pack"):
            pack(station.quarantine, part_of(file.id, ordinal), (image for _, image in images))
    return laying.laid(), laying.blanks, hashes


def _foretold(pages: Iterator[Looked], laying: FormLaying) -> Iterator[Looked]:
    """Each page once `laying` was told what lies behind it; two in memory at a time."""
    page = next(pages, None)
    while page is not None:
        following = next(pages, None)
        laying.following = following.sighting.look if following else None
        yield page
        page = following


def _unpack(station: Station, file: StoredFile, first: int) -> None:
    """Destroy the readable copies from an ordinal on: this attempt's, or an interrupted one's."""
    for ordinal in count(first):
        identifier = part_of(file.id, ordinal)
        if not station.quarantine.has(identifier):
            return
        with effect("form.unpack"):
            station.quarantine.destroy(identifier)


def _record(
    station: Station, file: StoredFile, laid: tuple[Laid, ...], blanks: list[int], hashes: dict[int, str]
) -> None:
    """Where each page stands, in one transaction with its entries: one of the file, one of each return."""
    roles = dict.fromkeys(blanks, "blank") | {page: ROLE for one in laid for page in one.pages}
    table = PageTable(roles=roles, pieces=(), images=hashes)
    returned = tuple(
        Returned(part_of(file.id, ordinal), one.form, one.pages, one.reason)
        for ordinal, one in enumerate(laid, start=1)
    )
    within, now = {"batch": file.batch, "file": file.id}, station.clock.now()
    split = Draft(
        EntryType.SPLIT,
        f"file:{file.id}",
        "split",
        within={"batch": file.batch},
        counts={"pages": table.pages, "blank": len(blanks), "forms": len(laid)},
        hashes_in=(file.sha256,),
        hashes_out=(table.digest(),),
    )
    drafts = [
        Draft(
            EntryType.IDENTIFICATION,
            f"form:{one.id}",
            one.reason or "matched",
            within=within,
            counts={"pages": len(one.positions)},
            parent=one.form,
        )
        for one in returned
    ]
    with station.database.write("form.split") as session:
        station.documents.split(session, file, table)
        Forms(station.columns).take(session, file.id, file.captured_at, returned)
        station.ledger.append(session, split, *drafts, at=now)


def compose(station: Station, file: StoredFile, returned: StoredReturn, target: Path) -> None:
    """The scanner's images alone as a PDF at `target`: the same each time. Nothing of them is read."""
    context = ScanContext(station.id, SOFTWARE, read_time(file.captured_at), file.sha256, returned.positions)
    scan = Scan(DocumentId(returned.id), PackedImages(station.quarantine, returned.id))
    compose_originals(scan, context, target)
