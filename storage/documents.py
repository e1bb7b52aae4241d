"""Batches, files, pages and documents as rows: where each captured image stands, and what became of each document."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import rfc8785
from sqlalchemy import ColumnElement
from sqlmodel import Session, and_, col, or_, select

from consent_gate.model import DocType, DocumentId, PatientRef
from lexicon.faults import StationFault
from storage.columns import Columns
from storage.database import in_batches
from storage.rejudges import queue
from storage.tables import BatchRow, DocumentRow, FileRow, PageRow, SealedRow
from storage.times import write_time
from storage.work import Superseded


@dataclass(frozen=True, slots=True)
class Claim:
    """What a document's separator said. It holds for that document only."""

    patient: PatientRef
    doc_type: DocType | None
    client_document: str | None


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file as it came. `name` is for the operator's eyes: it may hold a patient's name, and is sealed at rest."""

    id: str
    batch: str
    name: str
    sha256: str
    size: int
    state: str
    pages: int | None
    reason: str | None
    captured_at: str
    attempts: int = 1
    """How many times it was to be opened."""
    custody: str | None = None
    """Of one that is set aside: curable, closed; None where nothing of it is left."""
    kind: str = "records"
    """Of the drop folder that it came from: records, or authorizations."""


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """Pages that belong together: the unit of gate, envelope and receipt."""

    id: DocumentId
    batch: str
    file: str
    ordinal: int
    claim: Claim | None
    damaged: bool
    pages: int
    version: int
    state: str
    reason: str | None
    custody: str | None
    look_at: int | None
    """The page (1-based, in the document) that a person must look at, where one is known."""
    decision: str | None
    captured_at: str
    settled_at: str | None
    purged_at: str | None
    holder: str | None
    """Who took it last."""
    cleared_at: str | None = None
    """Since when its working copies are destroyed; of a final one, all of it."""
    form: bool = False
    """Its first page is an authorization form, which belongs to no record."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A document as the split found it, before it has a row: `positions` are 1-based in the file."""

    id: DocumentId
    claim: Claim | None
    damaged: bool
    positions: tuple[int, ...]
    form: bool = False
    """Its first page is an authorization form, which belongs to no record."""


@dataclass(frozen=True, slots=True)
class PageTable:
    """Where each image of a file stands. Every position from 1 to `pages` has exactly one role."""

    roles: Mapping[int, str]
    """position -> separator, blank or duplicate, for images that are in no document."""
    pieces: tuple[Piece, ...]
    images: Mapping[int, str]
    """position -> SHA-256 (hex) of the image as it came."""

    @property
    def pages(self) -> int:
        return len(self.roles) + sum(len(piece.positions) for piece in self.pieces)

    def digest(self) -> str:
        """SHA-256 (hex) of the table's RFC 8785 bytes: what the `split` entry carries."""
        rows = [[p, role, ""] for p, role in self.roles.items()]
        rows += [[p, "document", piece.id] for piece in self.pieces for p in piece.positions]
        return hashlib.sha256(rfc8785.dumps(sorted(rows))).hexdigest()  # type: ignore[arg-type]  # lists of int and str


class SameBytes(Exception):
    """A file of the same bytes is opened already."""


LOST: Final = "lost-with-station"
"""The reason of what was set aside because a machine was lost."""
_OPENED: Final = ("split", "settled")
KEPT: Final = ("refused", "held", "set-aside")
"""States of documents that the station keeps, for a person or for the client."""


class Documents:
    """Reads and writes of these rows. Writes take the caller's session: state and custody entry are one transaction."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns

    # Batches

    def batch_for(self, session: Session, label: str, new_id: str, at: datetime) -> str:
        """The open batch of that label, opened now if there is none."""
        index = self._columns.blind("batch-label", label)
        found = session.exec(
            select(BatchRow.id).where(BatchRow.label_index == index, col(BatchRow.closed_at).is_(None))
        ).first()
        if found is not None:
            return found
        sealed = self._columns.seal("batch.label", new_id, label.encode())
        session.add(BatchRow(id=new_id, label_sealed=sealed, label_index=index, opened_at=write_time(at)))
        session.flush()
        return new_id

    def open_batches(self, session: Session) -> tuple[str, ...]:
        return tuple(session.exec(select(BatchRow.id).where(col(BatchRow.closed_at).is_(None)).order_by(BatchRow.id)))

    def batches(self, session: Session) -> tuple[tuple[str, str, str, str | None], ...]:
        """All batches in order: identifier, label, opened, closed."""
        rows = session.exec(select(BatchRow).order_by(BatchRow.id))
        return tuple(
            (r.id, self._columns.open("batch.label", r.id, r.label_sealed).decode(), r.opened_at, r.closed_at)
            for r in rows
        )

    def next_index(self, session: Session, batch: str) -> int:
        """Claim the number of the batch's next sealed index: no two attempts share one."""
        row = session.get_one(BatchRow, batch)
        row.index_version += 1
        session.add(row)
        return row.index_version

    def unaccounted_indexes(self, session: Session, batch: str) -> range:
        """Numbers that interrupted attempts claimed, and of which nothing says what became of them."""
        row = session.get_one(BatchRow, batch)
        return range(row.index_accounted + 1, row.index_version + 1)

    def account_for_index(self, session: Session, batch: str, version: int) -> None:
        """The ledger says what became of this number, and of those before it."""
        row = session.get_one(BatchRow, batch)
        row.index_accounted = version
        session.add(row)

    def close_batch(self, session: Session, batch: str, at: datetime) -> None:
        """What arrives under the same label later opens a new batch."""
        row = session.get_one(BatchRow, batch)
        row.closed_at = write_time(at)
        session.add(row)

    def reopen_batch(self, session: Session, batch: str) -> bool:
        """Something of a closed batch is taken again: it will be closed once more. False where it is open."""
        row = session.get_one(BatchRow, batch)
        if row.closed_at is None:
            return False
        row.closed_at = None
        session.add(row)
        return True

    # Files

    def capture(self, session: Session, file: StoredFile, duplicate_of: str | None = None) -> None:
        """A file's row. A duplicate's images stand in their column at once."""
        session.add(
            FileRow(
                id=file.id,
                batch_id=file.batch,
                name_sealed=self._columns.seal("file.name", file.id, file.name.encode("utf-8", "surrogateescape")),
                sha256=file.sha256,
                size=file.size,
                state=file.state,
                pages=file.pages,
                reason=file.reason,
                duplicate_of=duplicate_of,
                captured_at=file.captured_at,
                settled_at=file.captured_at if duplicate_of else None,
                kind=file.kind,
            )
        )
        session.flush()
        if duplicate_of is not None:
            self._fill(session, file.id, file.pages or 0, "duplicate")

    def same_bytes(self, session: Session, sha256: str, kind: str = "records") -> StoredFile | None:
        """The last file with these bytes that was opened; one set aside, or that lost a document, may come again."""
        lost = select(DocumentRow.file_id).where(DocumentRow.reason == LOST)
        opened = select(FileRow).where(
            FileRow.sha256 == sha256,
            FileRow.kind == kind,
            col(FileRow.state).in_(_OPENED),
            col(FileRow.id).not_in(lost),
        )
        row = session.exec(opened.order_by(col(FileRow.id).desc()).limit(1)).first()
        return None if row is None else self._file(row)

    def waits_for_twin(self, session: Session, file: StoredFile) -> bool:
        """Whether a file of the same bytes came before, and is still to be opened."""
        before = select(FileRow.id).where(
            FileRow.sha256 == file.sha256,
            FileRow.kind == file.kind,
            FileRow.id < file.id,
            FileRow.state == "captured",
        )
        free = before.where(col(FileRow.paused).is_(None), col(FileRow.trouble).is_(None))
        return session.exec(free.limit(1)).first() is not None

    def set_duplicate(self, session: Session, file: str, first: StoredFile, at: datetime) -> None:
        """The same bytes came before: the images stand in their column."""
        row = _unopened(session, file)
        row.state, row.reason, row.pages = "duplicate", "duplicate-file", max(first.pages or 1, 1)
        row.duplicate_of, row.settled_at = first.id, write_time(at)
        session.add(row)
        session.flush()
        self._fill(session, file, row.pages, "duplicate")

    def file(self, session: Session, file: str) -> StoredFile | None:
        row = session.get(FileRow, file)
        return None if row is None else self._file(row)

    def files(self, session: Session, *, batch: str | None = None, state: str | None = None) -> tuple[StoredFile, ...]:
        query = select(FileRow).order_by(FileRow.id)
        if batch is not None:
            query = query.where(FileRow.batch_id == batch)
        if state is not None:
            query = query.where(FileRow.state == state)
        return tuple(self._file(row) for row in session.exec(query))

    def set_file_aside(self, session: Session, file: str, reason: str, pages: int, at: datetime) -> None:
        """The file cannot be used; what could be counted of it stands in its column, one image at the least."""
        row = _unopened(session, file)
        row.state, row.reason, row.pages, row.settled_at = "set-aside", reason, max(pages, 1), write_time(at)
        row.custody = None if reason == LOST else "curable"
        session.add(row)
        session.flush()
        self._fill(session, file, row.pages, "set-aside")

    def reopen_file(self, session: Session, file: str) -> int | None:
        """A file that was set aside is to be opened again: its images leave their column; how many they were.

        None where it is not set aside (any more), or sealed for the client by now.
        """
        row = session.get_one(FileRow, file)
        if row.state != "set-aside" or row.custody == "closed":
            return None
        images = row.pages or 0
        for page in session.exec(select(PageRow).where(PageRow.file_id == file)):
            session.delete(page)
        row.state, row.reason, row.pages, row.settled_at, row.custody = "captured", None, None, None, None
        row.attempts += 1
        session.add(row)
        session.flush()
        return images

    def take_up_again(self, session: Session, file: str) -> None:
        """A settled file of forms has something on its way again: its end is to be said once more."""
        row = session.get_one(FileRow, file)
        if row.state == "settled":
            row.state, row.settled_at = "split", None
            session.add(row)

    def settle_file(self, session: Session, file: str, at: datetime) -> bool:
        """None of its documents is on its way any more; False where that was said before."""
        row = session.get_one(FileRow, file)
        if row.state != "split":
            return False
        row.state, row.settled_at = "settled", write_time(at)
        session.add(row)
        return True

    def split(self, session: Session, file: StoredFile, table: PageTable, *, again: bool = False) -> None:
        """Pages and documents of an opened file, all or none.

        Raises `SameBytes` where a file of the same bytes was opened meanwhile, unless these may come `again`.
        """
        row = _unopened(session, file.id)  # first: what another worker made of this very file has its bytes too
        if not again and self.same_bytes(session, file.sha256, file.kind) is not None:
            raise SameBytes
        row.state, row.pages = "split", table.pages
        session.add(row)
        for ordinal, piece in enumerate(table.pieces, start=1):
            session.add(self._document_row(file, piece, ordinal))
        session.flush()
        places = {p: piece.id for piece in table.pieces for p in piece.positions}
        for position in range(1, table.pages + 1):
            session.add(
                PageRow(
                    file_id=file.id,
                    position=position,
                    role="document" if position in places else table.roles[position],
                    document_id=places.get(position),
                    image_sha256=table.images.get(position),
                )
            )

    # Documents

    def document(self, session: Session, document: str) -> StoredDocument | None:
        row = session.get(DocumentRow, document)
        return None if row is None else self._stored(row)

    def documents(
        self,
        session: Session,
        *,
        file: str | None = None,
        batch: str | None = None,
        state: str | None = None,
        patient: PatientRef | None = None,
    ) -> tuple[StoredDocument, ...]:
        query = select(DocumentRow).order_by(DocumentRow.file_id, col(DocumentRow.ordinal))
        if file is not None:
            query = query.where(DocumentRow.file_id == file)
        if batch is not None:
            query = query.where(DocumentRow.batch_id == batch)
        if state is not None:
            query = query.where(DocumentRow.state == state)
        if patient is not None:
            query = query.where(DocumentRow.patient_index == self._columns.reference_index(patient))
        return tuple(self._stored(row) for row in session.exec(query))

    def several(self, session: Session, identifiers: Sequence[str]) -> tuple[StoredDocument, ...]:
        """These documents, in this order; those that are not there are left out."""
        found: dict[str, StoredDocument] = {}
        for some in in_batches(identifiers):
            rows = session.exec(select(DocumentRow).where(col(DocumentRow.id).in_(some)))
            found |= {row.id: self._stored(row) for row in rows}
        return tuple(found[one] for one in identifiers if one in found)

    def reclaim(self, session: Session, document: str, claim: Claim) -> None:
        """A person said whose it is, or what: it is its claim from now on, as if its separator had said so."""
        row = session.get_one(DocumentRow, document)
        said = Piece(DocumentId(document), claim, False, ())  # noqa: FBT003  not damaged: a person read it
        client = claim.client_document
        row.claim_sealed = self._columns.seal("document.claim", document, _claim_text(said).encode())
        row.patient_index, row.doc_type = self._columns.reference_index(claim.patient), claim.doc_type
        row.client_document_index = self._columns.blind("client-document", client) if client else None
        session.add(row)
        session.flush()

    def positions(self, session: Session, document: str) -> tuple[int, ...]:
        """The document's pages, 1-based in its file."""
        query = select(PageRow.position).where(PageRow.document_id == document).order_by(col(PageRow.position))
        return tuple(session.exec(query))

    def image_hashes(self, session: Session, document: str) -> tuple[str, ...]:
        """SHA-256 (hex) of the document's images as they came, in order."""
        query = select(PageRow.image_sha256).where(PageRow.document_id == document).order_by(col(PageRow.position))
        return tuple(sha256 or "" for sha256 in session.exec(query))

    def already_known(self, session: Session, document: StoredDocument) -> bool:
        """Whether an earlier document of the same separator identifier, or of the same images in a file of the same
        bytes, is at the host, or on its way there.
        """
        before = and_(col(DocumentRow.id) < document.id, col(DocumentRow.state) == "in-progress")
        query = select(DocumentRow.id).where(
            self._same_paper(session, document),
            col(DocumentRow.id) != document.id,
            or_(col(DocumentRow.state) == "deposited", before),
        )
        return session.exec(query).first() is not None

    def sealed_elsewhere(self, session: Session, document: StoredDocument) -> bool:
        """Whether another document of the same separator identifier or images is at the host, or sealed on its way.

        Asked where the seal is recorded, by one writer at a time: of two that are worked on at once, the first goes.
        """
        sealed = select(SealedRow.document_id).where(SealedRow.version == DocumentRow.version)
        under_way = and_(col(DocumentRow.state) == "in-progress", col(DocumentRow.id).in_(sealed))
        query = select(DocumentRow.id).where(
            self._same_paper(session, document),
            col(DocumentRow.id) != document.id,
            or_(col(DocumentRow.state) == "deposited", under_way),
        )
        return session.exec(query).first() is not None

    def settle(
        self,
        session: Session,
        document: str,
        state: str,
        at: datetime,
        *,
        reason: str | None = None,
        custody: str | None = None,
        decision: str | None = None,
        look_at: int | None = None,
    ) -> None:
        """What became of a document: deposited, refused, held or set-aside."""
        row = session.get_one(DocumentRow, document)
        if row.state != "in-progress":
            raise StationFault("already-settled", document=document)
        row.state, row.reason, row.custody, row.decision, row.look_at = state, reason, custody, decision, look_at
        row.settled_at = write_time(at)
        session.add(row)
        if (state, custody) == ("refused", "curable") and row.patient_index is not None:
            queue(session, [row.patient_index])  # what was recorded since the gate was asked is not forgotten

    def close(self, session: Session, document: str, at: datetime, refused: tuple[str, str] | None = None) -> None:
        """A curable document is closed: `refused` is the reason and the decision where the gate says so.

        Its working copies are to be destroyed anew. Raises `Superseded` where it is not curable any more.
        """
        row = session.get_one(DocumentRow, document)
        if row.state not in KEPT or row.custody != "curable":
            raise Superseded
        row.custody, row.cleared_at = "closed", None
        if refused is not None:
            row.state, row.settled_at, row.look_at = "refused", write_time(at), None
            row.reason, row.decision = refused
        session.add(row)
        session.flush()

    def end(self, session: Session, stored: StoredDocument) -> None:
        """Nothing of a kept document is to stay but its tombstone: no document type, nothing that its separator said
        but whose it was. Raises `Superseded` where it is on its way, or final already.
        """
        row = session.get_one(DocumentRow, stored.id)
        if row.state not in KEPT or row.custody not in ("curable", "closed"):
            raise Superseded
        row.custody, row.cleared_at = "final", None
        row.doc_type = row.client_document_index = row.look_at = None
        claim = Claim(stored.claim.patient, None, None) if stored.claim else None
        bare = Piece(stored.id, claim, stored.damaged, ())
        row.claim_sealed = self._columns.seal("document.claim", stored.id, _claim_text(bare).encode())
        session.add(row)
        session.flush()

    def put_back(self, session: Session, document: str) -> bool:
        """A kept document is on its way again, and its file with it; whether the file had ended.

        Raises `Superseded` where it is on its way already, deposited or final.
        """
        row = session.get_one(DocumentRow, document)
        if row.state not in KEPT or row.custody == "final":
            raise Superseded
        row.state, row.reason, row.custody, row.decision, row.look_at = "in-progress", None, None, None, None
        row.settled_at = row.cleared_at = row.holder = None
        row.trouble = row.troubled_at = row.paused = None
        session.add(row)
        file = session.get_one(FileRow, row.file_id)
        ended = file.state == "settled"
        if ended:
            file.state, file.settled_at = "split", None
            session.add(file)
        session.flush()
        return ended

    def overdue(self, session: Session, before: datetime) -> tuple[DocumentId, ...]:
        """Curable documents that were settled before a moment, the oldest first."""
        kept = (col(DocumentRow.state).in_(KEPT), DocumentRow.custody == "curable")
        query = select(DocumentRow.id).where(*kept, col(DocumentRow.settled_at) < write_time(before))
        query = query.order_by(col(DocumentRow.settled_at), DocumentRow.id)
        return tuple(DocumentId(one) for one in session.exec(query))

    def overdue_files(self, session: Session, before: datetime) -> tuple[str, ...]:
        """The same of files that were set aside whole."""
        kept = (FileRow.state == "set-aside", FileRow.custody == "curable")
        query = select(FileRow.id).where(*kept, col(FileRow.settled_at) < write_time(before))
        return tuple(session.exec(query.order_by(col(FileRow.settled_at), FileRow.id)))

    def close_file(self, session: Session, file: str) -> None:
        """A file that was set aside is sealed for the client. Raises `Superseded` where it is not curable any more."""
        row = session.get_one(FileRow, file)
        if row.state != "set-aside" or row.custody != "curable":
            raise Superseded
        row.custody, row.cleared_at = "closed", None
        session.add(row)
        session.flush()

    def uncleared_files(self, session: Session) -> tuple[str, ...]:
        """Closed files of which nobody has said that the station's copy is destroyed."""
        query = select(FileRow.id).where(FileRow.custody == "closed", col(FileRow.cleared_at).is_(None))
        return tuple(session.exec(query.order_by(FileRow.id)))

    def clear_file(self, session: Session, file: str, at: datetime) -> bool:
        """The station's copy of a closed file is destroyed; False where that was said before."""
        row = session.get_one(FileRow, file)
        if row.custody != "closed" or row.cleared_at is not None:
            return False
        row.cleared_at = write_time(at)
        session.add(row)
        return True

    def cleared(self, session: Session, document: str, at: datetime) -> bool:
        """The working copies of a settled document are destroyed; False where that was said before."""
        row = session.get_one(DocumentRow, document)
        if row.cleared_at is not None:
            return False
        row.cleared_at = write_time(at)
        row.purged_at = row.cleared_at if row.state == "deposited" else None
        session.add(row)
        return True

    # Rows

    def _same_paper(self, session: Session, document: StoredDocument) -> ColumnElement[bool]:
        """Documents of the same separator identifier, and those of the same images of a file of the same bytes."""
        row, file = session.get_one(DocumentRow, document.id), session.get_one(FileRow, document.file)
        twins = select(FileRow.id).where(FileRow.sha256 == file.sha256, FileRow.id != file.id)
        images = select(PageRow.document_id).where(
            col(PageRow.file_id).in_(twins),
            col(PageRow.position).in_(self.positions(session, document.id)),
            col(PageRow.document_id).is_not(None),
        )
        same_images = col(DocumentRow.id).in_(images)
        if row.client_document_index is None:
            return same_images
        return or_(col(DocumentRow.client_document_index) == row.client_document_index, same_images)

    def _document_row(self, file: StoredFile, piece: Piece, ordinal: int) -> DocumentRow:
        claim = piece.claim
        index = (
            self._columns.blind("client-document", claim.client_document) if claim and claim.client_document else None
        )
        return DocumentRow(
            id=piece.id,
            batch_id=file.batch,
            file_id=file.id,
            ordinal=ordinal,
            patient_index=self._columns.reference_index(claim.patient) if claim else None,
            claim_sealed=self._columns.seal("document.claim", piece.id, _claim_text(piece).encode()),
            client_document_index=index,
            doc_type=claim.doc_type if claim else None,
            pages=len(piece.positions),
            state="in-progress",
            captured_at=file.captured_at,
        )

    def _fill(self, session: Session, file: str, pages: int, role: str) -> None:
        session.add_all(PageRow(file_id=file, position=p, role=role) for p in range(1, pages + 1))

    def _file(self, row: FileRow) -> StoredFile:
        return StoredFile(
            id=row.id,
            batch=row.batch_id,
            name=self._columns.open("file.name", row.id, row.name_sealed).decode("utf-8", "surrogateescape"),
            sha256=row.sha256,
            size=row.size,
            state=row.state,
            pages=row.pages,
            reason=row.reason,
            captured_at=row.captured_at,
            attempts=row.attempts,
            custody=row.custody,
            kind=row.kind,
        )

    def _stored(self, row: DocumentRow) -> StoredDocument:
        said = self._columns.open("document.claim", row.id, row.claim_sealed or b"").decode()
        claim, damaged = _claim_of(said)
        return StoredDocument(
            id=DocumentId(row.id),
            batch=row.batch_id,
            file=row.file_id,
            ordinal=row.ordinal,
            claim=claim,
            damaged=damaged,
            form="form" in json.loads(said),
            pages=row.pages,
            version=row.version,
            state=row.state,
            reason=row.reason,
            custody=row.custody,
            look_at=row.look_at,
            decision=row.decision,
            captured_at=row.captured_at,
            settled_at=row.settled_at,
            purged_at=row.purged_at,
            holder=row.holder,
            cleared_at=row.cleared_at,
        )


def _unopened(session: Session, file: str) -> FileRow:
    """The row of a file that is still to be opened; raises `Superseded` where another worker was quicker."""
    row = session.get_one(FileRow, file)
    if row.state != "captured":
        raise Superseded
    return row


def _claim_text(piece: Piece) -> str:
    claim = piece.claim
    said: Sequence[str | None] = (claim.patient, claim.doc_type, claim.client_document) if claim else ()
    form = {"form": True} if piece.form else {}
    return json.dumps({"damaged": piece.damaged, **form, "said": list(said)})


def _claim_of(text: str) -> tuple[Claim | None, bool]:
    claim = json.loads(text)
    said: Iterable[str | None] = claim["said"]
    match tuple(said):
        case (str() as patient, doc_type, client_document):
            return Claim(PatientRef(patient), DocType(doc_type) if doc_type else None, client_document), claim[
                "damaged"
            ]
        case _:
            return None, claim["damaged"]
