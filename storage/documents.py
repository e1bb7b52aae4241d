"""Documents as rows: pages that belong together, and what became of them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import Session, and_, col, or_, select

from consent_gate.model import DocumentId, PatientRef
from lexicon.faults import StationFault, TamperFault
from storage.captured import Captured, unopened
from storage.claims import PERSON, Finding, Said, of_pages, said_in
from storage.columns import Columns
from storage.continuing import earlier_part, of_the_same_images
from storage.database import in_batches
from storage.rejudges import queue
from storage.stored import KEPT, LOST, Claim, PageTable, Piece, SameBytes, StoredDocument, StoredFile
from storage.tables import DocumentRow, FileRow, PageRow, SealedRow
from storage.times import write_time
from storage.work import Superseded


class Documents:
    """Reads and writes of documents. Writes take the caller's session: state and custody entry are one transaction."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._captured = Captured(columns)

    def split(self, session: Session, file: StoredFile, table: PageTable, *, again: bool = False) -> str | None:
        """Pages and documents of an opened file, all or none; the earlier file that begins as this one does, if any.

        Raises `SameBytes` where a file of the same bytes was opened meanwhile, unless these may come `again`.
        """
        row = unopened(session, file.id)  # first: what another worker made of this very file has its bytes too
        if not again and self._captured.same_bytes(session, file.sha256, file.kind) is not None:
            raise SameBytes
        row.state, row.pages, row.separator_backs = "split", table.pages, table.separator_backs
        row.continues = earlier_part(session, file, table)
        session.add(row)
        for ordinal, piece in enumerate(table.pieces, start=1):
            session.add(self._document_row(file, piece, ordinal))
        session.flush()
        places, beside = {p: piece.id for piece in table.pieces for p in piece.positions}, table.beside()
        for position in range(1, table.pages + 1):
            session.add(
                PageRow(
                    file_id=file.id,
                    position=position,
                    role="document" if position in places else table.roles[position],
                    document_id=places.get(position),
                    image_sha256=table.images.get(position),
                    flags=" ".join(table.flags.get(position, ())),
                    beside=beside.get(position),
                )
            )
        return row.continues

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

    def reclaim(self, session: Session, document: str, claim: Claim, confirmed: Sequence[Finding] = ()) -> None:
        """A person said whose it is, or what: it is so from now on, what they `confirmed` notwithstanding.

        What begins with an authorization form still does: it is in no record.
        """
        row = session.get_one(DocumentRow, document)
        form = self._said(row).form
        self._say(session, row, Said(claim, damaged=False, form=form, sources=(PERSON,), confirmed=tuple(confirmed)))

    def identify(self, session: Session, document: str, patient: PatientRef, sources: Sequence[str]) -> None:
        """Its patient is known by these sources. What its pages alone say is no separator's word: no type with it."""
        row = session.get_one(DocumentRow, document)
        said = self._said(row)
        claim = Claim(patient, None, None) if of_pages(sources) else said.claim
        self._say(session, row, replace(said, claim=claim, sources=tuple(sources), inherited=0, shown=()))

    def unidentify(self, session: Session, document: str, shown: Sequence[Finding]) -> None:
        """Nobody knows whose it is, but for what its separator or a person says; `shown` is what contradicts."""
        row = session.get_one(DocumentRow, document)
        said = self._said(row)
        claim = None if of_pages(said.sources) else said.claim
        sources = (PERSON,) if PERSON in said.sources else ()
        self._say(session, row, replace(said, claim=claim, sources=sources, inherited=0, shown=tuple(shown)))

    def contradict(self, session: Session, document: str, shown: Sequence[Finding]) -> None:
        """What was read whole holds it."""
        row = session.get_one(DocumentRow, document)
        self._say(session, row, replace(self._said(row), shown=tuple(shown)))

    def inherit(self, session: Session, document: str, pages: int) -> None:
        """So many of its pages show no identity of their own."""
        row = session.get_one(DocumentRow, document)
        self._say(session, row, replace(self._said(row), inherited=pages))

    def shift(self, session: Session, document: str, page: int) -> None:
        """A page was put in at this place: what was found behind it is found one further on."""
        row = session.get_one(DocumentRow, document)
        said = self._said(row)
        shown = tuple(_behind(page, one) for one in said.shown)
        confirmed = tuple(_behind(page, one) for one in said.confirmed)
        self._say(session, row, replace(said, shown=shown, confirmed=confirmed))

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

    def known_from(self, session: Session, document: StoredDocument) -> str:
        """Of one that is known already, the reason to hold it: its file begins as an earlier one, or the paper came."""
        file = session.get_one(FileRow, document.file)
        first = session.get_one(FileRow, file.continues) if file.continues else file
        return "already-deposited" if first.pages == file.pages else "continues-earlier-file"

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
        if state != "deposited":  # what was read of it is thrown away
            row.index_sealed = None
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

    def lose(self, session: Session, document: str, at: datetime, refused: tuple[str, str] | None = None) -> None:
        """Nothing of a curable document is left: it is set aside, for its paper to be scanned again. `refused` is the
        reason and the decision where the gate is closed for good: then it is refused so.

        Raises `Superseded` where it is not curable any more.
        """
        row = session.get_one(DocumentRow, document)
        if row.state not in KEPT or row.custody != "curable":
            raise Superseded
        row.state = "set-aside" if refused is None else "refused"
        row.reason, row.decision = refused or (LOST, None)
        row.custody, row.look_at, row.settled_at = None, None, write_time(at)
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
        row.doc_type = row.client_document_index = row.look_at = row.index_sealed = None
        claim = Claim(stored.claim.patient, None, None) if stored.claim else None
        self._say(session, row, Said(claim, stored.damaged, sources=stored.sources))

    def overdue(self, session: Session, before: datetime) -> tuple[DocumentId, ...]:
        """Curable documents that were settled before a moment, the oldest first."""
        kept = (col(DocumentRow.state).in_(KEPT), DocumentRow.custody == "curable")
        query = select(DocumentRow.id).where(*kept, col(DocumentRow.settled_at) < write_time(before))
        query = query.order_by(col(DocumentRow.settled_at), DocumentRow.id)
        return tuple(DocumentId(one) for one in session.exec(query))

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
        begun = of_the_same_images(file, document.id)
        same_images = or_(col(DocumentRow.id).in_(images), col(DocumentRow.id).in_(begun))
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
            claim_sealed=self._columns.seal("document.claim", piece.id, _first_said(piece).text().encode()),
            client_document_index=index,
            doc_type=claim.doc_type if claim else None,
            pages=len(piece.positions),
            state="in-progress",
            captured_at=file.captured_at,
        )

    def _stored(self, row: DocumentRow) -> StoredDocument:
        said = self._said(row)
        claim = said.claim
        if row.patient_index != (self._columns.reference_index(claim.patient) if claim else None):
            raise TamperFault("column-forged", column="document.patient_index")
        return StoredDocument(
            id=DocumentId(row.id),
            batch=row.batch_id,
            file=row.file_id,
            ordinal=row.ordinal,
            claim=claim,
            damaged=said.damaged,
            form=said.form,
            plain=said.plain,
            sources=said.sources,
            shown=said.shown,
            confirmed=said.confirmed,
            inherited=said.inherited,
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

    def _said(self, row: DocumentRow) -> Said:
        return said_in(self._columns.open("document.claim", row.id, row.claim_sealed or b"").decode())

    def _say(self, session: Session, row: DocumentRow, said: Said) -> None:
        claim = said.claim
        row.claim_sealed = self._columns.seal("document.claim", row.id, said.text().encode())
        row.patient_index = self._columns.reference_index(claim.patient) if claim else None
        row.doc_type = claim.doc_type if claim else None
        client = claim.client_document if claim else None
        row.client_document_index = self._columns.blind("client-document", client) if client else None
        session.add(row)
        session.flush()


def _behind(page: int, found: Finding) -> Finding:
    """The same finding, where a page was put in."""
    at, kind = found
    return (at + 1, kind) if at >= page else found


def _first_said(piece: Piece) -> Said:
    return Said(piece.claim, piece.damaged, form=piece.form, plain=piece.plain)
