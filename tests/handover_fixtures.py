"""A trial station that really worked: files taken, documents through the recorded journey, without the slow tools."""

import hashlib
import io
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from consent_gate.model import Clearance, DocType, DocumentId, FactKind, Patient, PatientRef, Refused, Statement
from pipeline import settle
from pipeline.batches import close_batch
from pipeline.config import load
from pipeline.identity.traits import key
from pipeline.intake import Source, take
from pipeline.journey import Deposited, journey
from pipeline.model import Archival, Colour, Encoding, Held, PageImage, Recognised, RecognisedPage, Scan
from pipeline.office.founding import Founding, found
from pipeline.packing import PackedImages, pack
from pipeline.recorded import RecordedTools
from pipeline.station import Station, open_station
from pipeline.tools import DocumentTools
from pipeline.unfold import _record as record_split
from storage.custody import Draft, EntryType
from storage.stored import Claim, PageTable, Piece, StoredFile
from tests.register_fixtures import add_facts
from tests.trial_fixtures import by_separator

REFERENCE = PatientRef("P-0001")
REFUSING = PatientRef("P-0002")
UNKNOWN = PatientRef("P-9999")

LEONIE = Patient(
    REFERENCE,
    "Lœuillet-Rémy",
    "Ferrère",
    ("Léonie", "Cunégonde"),
    date(1962, 3, 4),
    "F",
    "2620375115042" + key("2620375115042"),
)
ABSALON = Patient(REFUSING, "Quinquempoix", None, ("Absalon",), date(1971, 11, 23), "M", None)


@dataclass(frozen=True, slots=True)
class Sheets:
    """One document of a file: how many pages, and what its separator says; without one, it has none."""

    pages: int
    patient: str | None = None
    doc_type: str | None = None
    client_document: str | None = None


class QuickTools(DocumentTools):
    """The real tools, but for Tesseract and for composing a PDF."""

    __slots__ = ()

    def recognise(self, scan: Scan, clearance: Clearance) -> Recognised:
        clearance.require(scan.document)
        return Recognised(scan.document, tuple(RecognisedPage((), 0, ()) for _ in scan.images), "none")

    def compose(self, scan: Scan, recognised: Recognised) -> Archival | Held:
        content = b"%PDF-1.4 invented " + scan.document.encode()
        path = self.work / "composed.pdf"
        path.write_bytes(content)
        pages, sha256 = len(recognised.pages), hashlib.sha256(content).hexdigest()
        return Archival(scan.document, path, sha256, len(content), pages, "1b", ("pikepdf 10.17.0",))


@dataclass(slots=True)
class Workshop:
    """A station, and what is done there all day."""

    station: Station

    @classmethod
    def open(cls, folder: Path) -> "Workshop":
        """The trial station in `folder`, founded if there is none."""
        path = folder / "config.toml"
        founding = Founding("trial", "Service de santé inventé", "CT-2026-001")
        if not path.exists():
            found(folder, founding, datetime.now(UTC))
            by_separator(path)  # its pages show nobody
        return cls(open_station(load(path)))

    def knows(self, patient: Patient, kind: FactKind) -> None:
        now = self.station.clock.now()
        with self.station.database.write("test.write") as session:
            self.station.roster.add(session, [patient], now)
            said = [(patient.ref, Statement(kind=one, on=date(2025, 1, 1))) for one in (kind, FactKind.NOTICE)]
            add_facts(self.station.register, session, said, now)

    def takes(self, name: str, batch: str, content: bytes = b"") -> StoredFile:
        """A file's bytes, taken as from the drop folder."""
        content = content or name.encode()
        source = Source(self.station.identifiers.new(), name, batch, io.BytesIO(content), lambda: None)
        return take(self.station, source)

    def opens(self, file: StoredFile, layout: Sequence[Sheets | str]) -> None:
        """Split a file: `separator`, `blank` and `duplicate` images, and documents, which stay on their way."""
        roles: dict[int, str] = {}
        pieces: list[Piece] = []
        position = 0
        for part in layout:
            if isinstance(part, str):
                position += 1
                roles[position] = part
            else:
                positions = tuple(range(position + 1, position + 1 + part.pages))
                position += part.pages
                pieces.append(self._piece(part, positions))
        images = {p: hashlib.sha256(f"{file.id}{p}".encode()).hexdigest() for p in range(1, position + 1)}
        record_split(self.station, file, PageTable(roles, tuple(pieces), images))

    def works(self, file: StoredFile) -> None:
        """Send the file's documents on their way, and let go of it."""
        station = self.station
        with station.database.read() as session:
            documents = [
                (document, station.documents.positions(session, document.id))
                for document in station.documents.documents(session, file=file.id)
            ]
        for document, positions in documents:
            with station.workplace() as folder:
                tools = QuickTools(station, document, file, positions, folder)
                scan = Scan(document.id, PackedImages(station.spool, document.id))
                match journey(scan, RecordedTools(tools)):
                    case Deposited():
                        settle.clear(station, document.id)
                    case Refused() as refused:
                        settle.refuse(station, document, scan, refused, tools.context())
                    case Held() as held:
                        settle.hold(station, document, held)
        station.spool.destroy(file.id)
        now = station.clock.now()
        with station.database.write("test.write") as session:
            station.captured.settle_file(session, file.id, now)
            draft = Draft(EntryType.DESTRUCTION, f"file:{file.id}", "working-copies", within={"batch": file.batch})
            station.ledger.append(session, draft, at=now)

    def _piece(self, sheets: Sheets, positions: tuple[int, ...]) -> Piece:
        identifier = DocumentId(self.station.identifiers.new())
        pack(self.station.spool, identifier, [_image(position) for position in positions])
        claim = None
        if sheets.patient is not None:
            doc_type = DocType(sheets.doc_type) if sheets.doc_type else None
            claim = Claim(PatientRef(sheets.patient), doc_type, sheets.client_document)
        return Piece(identifier, claim, damaged=False, positions=positions)


def a_days_work(workshop: Workshop) -> None:
    """Two deposited documents, two refused, one held, separators, blanks, a duplicate, a file set aside: 25 images."""
    workshop.knows(LEONIE, FactKind.GRANTED)
    workshop.knows(ABSALON, FactKind.REFUSED)
    first = workshop.takes("LŒUILLET-RÉMY Léonie 04-03-1962.tif", "Ferrère Léonie")
    workshop.opens(
        first,
        [
            "separator",
            Sheets(3, REFERENCE, "fiche_aptitude", "=cmd|'/c calc'!A1"),
            "blank",
            "separator",
            Sheets(2, REFUSING, "resultats_labo", "D-17"),
            "separator",
            Sheets(1, UNKNOWN),
            "duplicate",
        ],
    )
    workshop.works(first)
    second = workshop.takes("Quinquempoix.tif", "Ferrère Léonie")
    workshop.opens(second, [Sheets(4), "separator", Sheets(1, REFERENCE, "courrier", "D-18")])
    workshop.works(second)
    workshop.takes("Quinquempoix (copie).tif", "Ferrère Léonie", b"Quinquempoix.tif")
    broken = workshop.takes("illisible.pdf", "")
    settle.set_file_aside(workshop.station, broken, "unreadable-scan", 2)
    close_batch(workshop.station, first.batch)


EXPECTED = {"deposited": 4, "refused": 3, "held": 4, "set-aside": 2, "separator": 4, "blank": 1, "duplicate": 7}
"""Where the images of `a_days_work` stand."""


def _image(position: int) -> PageImage:
    return PageImage(Encoding.FLATE, zlib.compress(bytes([position]) * 64), 8, 8, 200.0, 200.0, Colour.GREY)
