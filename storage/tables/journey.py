"""The station, and the paper on its way."""

from sqlalchemy import text
from sqlmodel import Field, SQLModel

from storage.tables.columns import Big


class StationRow(SQLModel, table=True):
    """Whose database this is: one station's, from its first opening on (SQL triggers refuse UPDATE and DELETE)."""

    __tablename__ = "station"
    id: str = Field(primary_key=True)
    mark: str
    """Keyed digest of the station's name: another station of the same name has another key."""


class BatchRow(SQLModel, table=True):
    """What goes into the feeder at once: a subfolder of the inbox, or the loose files of a day."""

    __tablename__ = "batch"
    id: str = Field(primary_key=True)
    label_sealed: bytes
    label_index: str = Field(index=True)
    opened_at: str
    closed_at: str | None = None
    index_version: int = 0
    """The number of the last index of the batch that was about to be deposited."""
    index_accounted: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """The last of these numbers of which the ledger says what became of it."""
    box_sealed: bytes | None = None
    box_index: str | None = Field(default=None, index=True)
    """Of the box that it was announced to come from."""
    seal_sealed: bytes | None = None
    announced_at: str | None = None
    """Since when somebody has said what is coming; None: nobody did."""
    announced_sheets: int | None = None
    announced_documents: int | None = None
    announced_pages: int | None = None
    """Sides that bear something; None, as of the others: nobody said how many."""
    announced_patients_sealed: bytes | None = None
    """RFC 8785 JSON, an object a line of the list; None: no list came with it."""
    unlike: str | None = None
    """What was counted otherwise when it was closed (slugs joined by blanks); None: nothing was."""
    confirmed_at: str | None = None
    """Since when a person has said why."""


class FileRow(SQLModel, table=True):
    """A file as it came. `pages` is counted when it is opened; a file that cannot be opened counts as one image."""

    __tablename__ = "file"
    id: str = Field(primary_key=True)
    batch_id: str = Field(foreign_key="batch.id", index=True)
    name_sealed: bytes
    sha256: str = Field(index=True)
    size: int = Field(sa_type=Big)
    state: str = Field(index=True)
    """captured, split, settled, set-aside or duplicate."""
    pages: int | None = None
    reason: str | None = None
    duplicate_of: str | None = None
    continues: str | None = Field(default=None, index=True)
    """The first file of those that begin with the same images, of which this is not the first."""
    captured_at: str
    settled_at: str | None = None
    trouble: str | None = None
    """The fault that keeps it from being opened for now."""
    troubled_at: str | None = None
    paused: str | None = None
    """Why it goes on only when a person says so."""
    attempts: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    """How many times it was to be opened: once, and once more each time it was reopened."""
    kind: str = Field(default="records", sa_column_kwargs={"server_default": text("'records'")})
    """Of the drop folder that it came from: records, or authorizations."""
    custody: str | None = None
    """Of one that is set aside: curable or closed."""
    cleared_at: str | None = None
    """Of a closed one: since when the station's copy is destroyed."""
    separator_backs: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """Separators at an even position behind another: printed on both sides, where a sheet has two images."""


class PageRow(SQLModel, table=True):
    """One captured image and the column it stands in; `document` means: in its document's column."""

    __tablename__ = "page"
    file_id: str = Field(primary_key=True, foreign_key="file.id")
    position: int = Field(primary_key=True)
    """1-based, in the file."""
    role: str
    """document, separator, blank, duplicate or set-aside."""
    document_id: str | None = Field(default=None, foreign_key="document.id", index=True)
    image_sha256: str | None = Field(default=None, index=True)
    flags: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    """What was seen on it (slugs joined by blanks; another page's position, or a number, stands behind a colon)."""
    beside: str | None = Field(default=None, index=True)
    """Of a blank or a duplicate: the document that it lay in, and that it can be put back into."""


class DocumentRow(SQLModel, table=True):
    """Pages that belong together: the unit of gate, envelope and receipt."""

    __tablename__ = "document"
    id: str = Field(primary_key=True)
    batch_id: str = Field(foreign_key="batch.id", index=True)
    file_id: str = Field(foreign_key="file.id", index=True)
    ordinal: int
    """Place among the file's documents, from 1."""
    patient_index: str | None = Field(default=None, index=True)
    claim_sealed: bytes | None = None
    """What the separator said (RFC 8785 JSON of `Separator`), if there was one."""
    client_document_index: str | None = Field(default=None, index=True)
    doc_type: str | None = None
    pages: int
    version: int = 1
    """Of its copy at the host; the next one once an envelope was given up, for its key is never used again."""
    state: str = Field(index=True)
    """in-progress, deposited, refused, held or set-aside."""
    reason: str | None = None
    custody: str | None = None
    """Of what is not deposited: curable, closed or final."""
    look_at: int | None = None
    """Of a held document: the page (1-based, in the document) that a person must look at."""
    decision: str | None = None
    captured_at: str
    settled_at: str | None = None
    purged_at: str | None = None
    """Of a deposited document: since when nothing of it is on the station."""
    cleared_at: str | None = None
    """Of a settled document: since when its working copies are destroyed."""
    holder: str | None = None
    """Who took it last: each write of another one is refused."""
    trouble: str | None = None
    """The fault that keeps it on its way for now."""
    troubled_at: str | None = None
    paused: str | None = None
    """Why it goes on only when a person says so."""
    index_sealed: bytes | None = None
    """What it is and of which day, as its words propose it and a person says (`storage.indexed`)."""


class SealedRow(SQLModel, table=True):
    """An envelope that is in the spool, before the first put: a retry sends these very bytes."""

    __tablename__ = "sealed"
    document_id: str = Field(primary_key=True, foreign_key="document.id")
    version: int = Field(primary_key=True)
    object_key: str = Field(unique=True)
    header: str
    """RFC 8785 JSON of the envelope's header."""
    waits_as: str = Field(sa_column_kwargs={"server_default": text("''")})
    """The name of the file in which the envelope waits for its receipt."""
    sha256: str
    size: int = Field(sa_type=Big)
    pdf_size: int = Field(sa_type=Big)
    pdfa_level: str
    validators: str
    """JSON list; empty: not checked."""
    at: str
    taken_back_at: str | None = None
    """Of one that was given up: since when the ledger says that it is not at the host."""


class ReceiptRow(SQLModel, table=True):
    """What was read back from the host and compared."""

    __tablename__ = "receipt"
    document_id: str = Field(primary_key=True, foreign_key="document.id")
    version: int = Field(primary_key=True)
    host: str
    object_version: str | None = None
    manifest: str
    """RFC 8785 JSON that the station signed."""
    signature: bytes
    """Detached CMS signature over the manifest."""
    at: str


class PaperRow(SQLModel, table=True):
    """A movement of paper: sheets received in a box, or given back."""

    __tablename__ = "paper"
    id: str = Field(primary_key=True)
    box_sealed: bytes
    box_index: str = Field(index=True)
    movement: str
    """received, unscanned, returned or destroyed."""
    sheets: int
    at: str
    reference_sealed: bytes | None = None
    """Of what was destroyed: the client's own reference."""


class WorkerRow(SQLModel, table=True):
    """A process that works at the station's documents; `beats` grows while it lives."""

    __tablename__ = "worker"
    id: str = Field(primary_key=True)
    version: str
    beats: int
    seen_at: str
