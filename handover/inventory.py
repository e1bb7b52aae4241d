"""What is handed over, read from the station's rows at one instant; file names and batch labels stay behind."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from statistics import median_low

from sqlmodel import Session

from consent_gate.model import PatientRef
from handover.opaque import shown_reference, shown_type
from pipeline.indexing.effective import effective
from pipeline.station import Station
from storage import accounts, restrictions
from storage.accounts import Images, Paper
from storage.deletions import Deletion, Deletions
from storage.deposits import Archived, Signed, find_receipt, find_sealed
from storage.forms import IN_HAND, Forms, StoredReturn
from storage.indexing import index_of
from storage.neighbours import alike
from storage.pages import flags_of
from storage.people import People, Person
from storage.restrictions import Restriction
from storage.signature import verify
from storage.stored import StoredDocument, StoredFile
from storage.times import read_time

UNFINISHED_FILES = frozenset({"captured", "split"})


@dataclass(frozen=True, slots=True)
class HandedBatch:
    id: str
    opened_at: str
    closed_at: str | None
    images: Images
    unlike: tuple[str, ...] = ()
    """What was counted otherwise than announced: `sheets`, `documents`, `pages`, each `-fewer` or `-more`."""
    explained: bool = False
    """A person has said why."""
    not_seen: int = 0
    """Patients of the list that came with it of whom it has no document."""
    neighbours: int = 0
    """How often two documents, one behind the other, have nothing that tells them apart."""


@dataclass(frozen=True, slots=True)
class HandedFile:
    """A file without its name, which may hold a patient's."""

    id: str
    batch: str
    sha256: str
    size: int
    state: str
    reason: str | None
    captured_at: str
    images: Images
    custody: str | None = None
    """Of one that is set aside: curable or closed."""
    separator_backs: int = 0
    """Separators that are the back of another one, where a sheet has two images."""


@dataclass(frozen=True, slots=True)
class HandedDocument:
    """A document with all that is known of it but its patient's traits.

    `patient`, `client_document` and `doc_type` are what the separator said, empty where it said nothing fit to be
    shown (`handover.opaque`).
    """

    stored: StoredDocument
    patient: str
    client_document: str
    doc_type: str
    positions: tuple[int, ...]
    images: tuple[str, ...]
    signed: Signed | None
    archived: Archived | None
    restriction: Restriction | None = None
    """That stands on it: its patient said no since."""
    deletion: Deletion | None = None
    """Executed at the host, or kept from its end by a lock."""
    page_flags: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    """Position in the file -> what was seen on that page."""
    tags: tuple[str, ...] = ()
    """`excluded-from-faithful-copy`: it holds a film, or is one by its type."""


@dataclass(frozen=True, slots=True)
class HandedForms:
    """What came back through inboxes of authorizations: files, returns and their equation. It is no record."""

    files: tuple[HandedFile, ...]
    returns: tuple[StoredReturn, ...]
    images: Images


@dataclass(frozen=True, slots=True)
class Inventory:
    """Everything at one instant, in order of arrival."""

    batches: tuple[HandedBatch, ...]
    files: tuple[HandedFile, ...]
    documents: tuple[HandedDocument, ...]
    images: Images
    paper: Paper
    forms: HandedForms
    deletions: tuple[Deletion, ...]
    """Those of which the station has signed a statement, the oldest first."""
    people: tuple[Person, ...]

    @property
    def unfinished(self) -> int:
        """Files, documents and returned forms that are still on their way."""
        files = sum(file.state in UNFINISHED_FILES for file in (*self.files, *self.forms.files))
        files += sum(one.state in IN_HAND for one in self.forms.returns)
        return files + sum(document.stored.state == "in-progress" for document in self.documents)

    @property
    def deposited(self) -> tuple[HandedDocument, ...]:
        return tuple(document for document in self.documents if document.stored.state == "deposited")

    @property
    def kept_back(self) -> tuple[HandedDocument, ...]:
        """Refused, held and set-aside documents."""
        return tuple(document for document in self.documents if document.stored.state != "deposited")

    @property
    def files_set_aside(self) -> tuple[HandedFile, ...]:
        return tuple(file for file in self.files if file.state == "set-aside")


@dataclass(frozen=True, slots=True)
class Custody:
    """How long deposited documents stayed on the station, from capture to purge, in seconds."""

    purged: int
    median_seconds: int | None
    longest_seconds: int | None


def take(station: Station, session: Session) -> Inventory:
    """Read it all. Raises `TamperFault` `receipt-forged` or `signature-forged` for another's receipt."""
    files = station.captured.files(session)
    return Inventory(
        batches=tuple(_batches(station, session)),
        files=tuple(_file(file, accounts.images(session, files=[file.id])) for file in files if file.kind == "records"),
        documents=tuple(_document(station, session, d) for d in station.documents.documents(session)),
        images=accounts.images(session),
        paper=accounts.paper(session, station.sides),
        forms=HandedForms(
            files=tuple(
                _file(file, accounts.form_images(session, files=[file.id])) for file in files if file.kind != "records"
            ),
            returns=Forms(station.columns).returns(session),
            images=accounts.form_images(session),
        ),
        deletions=tuple(_stated(station, session)),
        people=People(station.columns).all(session),
    )


def custody(documents: tuple[HandedDocument, ...]) -> Custody:
    """Capture-to-purge times of deposited documents."""
    times = [
        max(0, round((read_time(d.stored.purged_at) - read_time(d.stored.captured_at)).total_seconds()))
        for d in documents
        if d.stored.purged_at is not None
    ]
    longest = max(times, default=None)
    return Custody(len(times), median_low(times) if times else None, longest)


def _batches(station: Station, session: Session) -> Iterator[HandedBatch]:
    for one in station.batches.every(session):
        documents = station.documents.documents(session, batch=one.id)
        came = {document.claim.patient for document in documents if document.claim}
        yield HandedBatch(
            one.id,
            one.opened_at,
            one.closed_at,
            accounts.images(session, batch=one.id),
            unlike=one.unlike,
            explained=one.confirmed_at is not None,
            not_seen=len(one.announcement.expected - came),
            neighbours=len(alike(session, one.id)),
        )


def _stated(station: Station, session: Session) -> Iterator[Deletion]:
    for one in Deletions(station.columns).all(session):
        if one.proof is not None and one.signature is not None:
            verify(one.signature, one.proof.encode(), station.keys.certificate)
            yield one


def _file(file: StoredFile, images: Images) -> HandedFile:
    said = (file.state, file.reason, file.captured_at, images, file.custody, file.separator_backs)
    return HandedFile(file.id, file.batch, file.sha256, file.size, *said)


def _document(station: Station, session: Session, stored: StoredDocument) -> HandedDocument:
    claim, signed = stored.claim, find_receipt(session, stored.id)
    if signed is not None:
        verify(signed.signature, signed.receipt.manifest(), station.keys.certificate)
    sealed = find_sealed(session, stored.id, signed.receipt.version) if signed else None
    return HandedDocument(
        stored=stored,
        patient=shown_reference(claim.patient, known=_known(station, session, claim.patient)) if claim else "",
        client_document=shown_reference(claim.client_document or "", known=False) if claim else "",
        doc_type=shown_type(claim.doc_type or "") if claim else "",
        positions=station.documents.positions(session, stored.id),
        images=station.documents.image_hashes(session, stored.id),
        signed=signed,
        archived=sealed[1] if sealed else None,
        restriction=restrictions.standing(session, stored.id),
        deletion=Deletions(station.columns).deleted(session, [stored.id]).get(stored.id),
        page_flags=flags_of(session, stored.id),
        tags=tuple(effective(claim, index_of(session, station.columns, stored.id), station.types).tags),
    )


def _known(station: Station, session: Session, patient: PatientRef) -> bool:
    return station.roster.find(patient, session) is not None
