"""The station's rows (SQLModel). They never leave storage: each room's functions take and give frozen dataclasses.

Columns ending in `_sealed` are AES-256-GCM; columns ending in `_index` are keyed blind indexes (HMAC-SHA-256).
Times are UTC in ISO 8601 with microseconds, days ISO 8601: both sort as text and read the same in any database.
"""

from sqlalchemy import BigInteger, Dialect, Integer, TypeDecorator, text
from sqlalchemy.types import TypeEngine
from sqlmodel import Field, SQLModel


class Big(TypeDecorator[int]):
    """A number that may pass 2**31: eight bytes in any database. SQLite's INTEGER has them, and names the row."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[int]:
        return Integer() if dialect.name == "sqlite" else BigInteger()


class StationRow(SQLModel, table=True):
    """Whose database this is: one station's, from its first opening on (SQL triggers refuse UPDATE and DELETE)."""

    __tablename__ = "station"
    id: str = Field(primary_key=True)
    mark: str
    """Keyed digest of the station's name: another station of the same name has another key."""


class PatientRow(SQLModel, table=True):
    """The roster. `patient_index` is the blind index of the client's reference: the patient's key everywhere else."""

    __tablename__ = "patient"
    patient_index: str = Field(primary_key=True)
    identity_sealed: bytes
    """RFC 8785 JSON of the whole `Patient`."""
    ins_index: str | None = Field(default=None, index=True)
    birth_index: str = Field(index=True)
    """Birth name with birth date."""
    usage_index: str | None = Field(default=None, index=True)
    """Of a former version: nobody is looked for by it."""
    recorded_at: str
    import_id: str | None = None
    ins_import_id: str | None = Field(default=None, index=True)
    """The import that gave its INS anew, after a wrong one was taken from it."""
    parted_by: str | None = Field(default=None, index=True)
    """The decision by which an INS was last taken from it, or from another reference that had the same."""


class FactRow(SQLModel, table=True):
    """The register's dated facts: added, never changed (SQL triggers refuse UPDATE and DELETE)."""

    __tablename__ = "fact"
    id: str = Field(primary_key=True)
    patient_index: str = Field(index=True)
    kind: str
    on: str
    until: str | None = None
    doc_types: str | None = None
    """JSON list of types; None: all."""
    evidence_sealed: bytes | None = None
    said_sealed: bytes | None = None
    """RFC 8785 JSON of what else was said: who gave it, purposes, which opposition, notice, evidence in full."""
    about: str | None = Field(default=None, index=True)
    """Of a check or a retraction: the fact that it is about."""
    digest: str = Field(unique=True)
    """Keyed digest of patient, kind, days, types and all else said: the same line imported again is the same fact."""
    recorded_at: str
    recorded_by: str | None = None
    """The person who recorded it; None: an import."""
    import_id: str | None = None


class FactSealRow(SQLModel, table=True):
    """Which facts a patient has: a fact that is taken away, or brought back with another time, breaks the seal."""

    __tablename__ = "fact_seal"
    patient_index: str = Field(primary_key=True)
    digest: str
    """Keyed digest over the digests and times of all of the patient's facts."""


class ImportRow(SQLModel, table=True):
    """One import of the roster or of the register, or the undoing of one."""

    __tablename__ = "import"
    id: str = Field(primary_key=True)
    kind: str
    sha256: str
    lines: int
    added: int
    unchanged: int
    refused: int
    at: str
    undoes: str | None = Field(default=None, index=True, unique=True)
    """The import that this one took back."""
    covers: int | None = None
    """Of the register: how many of a hundred patients who stood authorized after it, it names. None: nobody counted."""


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


class PageRow(SQLModel, table=True):
    """One captured image and the column it stands in; `document` means: in its document's column."""

    __tablename__ = "page"
    file_id: str = Field(primary_key=True, foreign_key="file.id")
    position: int = Field(primary_key=True)
    """1-based, in the file."""
    role: str
    """document, separator, blank, duplicate or set-aside."""
    document_id: str | None = Field(default=None, foreign_key="document.id", index=True)
    image_sha256: str | None = None


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


class FormRow(SQLModel, table=True):
    """An authorization form that was printed: its number says nothing of whose it is."""

    __tablename__ = "form"
    id: str = Field(primary_key=True)
    patient_index: str = Field(index=True)
    patient_sealed: bytes
    """The client's reference."""
    notice_version: str
    pages: int
    """Pages with a code; the last is the one to sign."""
    printed_at: str
    printed_on: str
    """The civil day at the client's, ISO 8601: nobody signs it before."""
    notice_sha256: str
    """Of the notice's text as it was printed, hex."""
    digest: str
    """Keyed, over all of it."""


class FormReturnRow(SQLModel, table=True):
    """Pages that came back in an inbox of authorizations: of one form, or held."""

    __tablename__ = "form_return"
    id: str = Field(primary_key=True)
    file_id: str = Field(foreign_key="file.id", index=True)
    ordinal: int
    """Place among the file's returns, from 1."""
    form_id: str | None = Field(default=None, foreign_key="form.id", index=True)
    positions: str
    """JSON list of its pages, 1-based in the file."""
    pages: int
    version: int = 1
    """Of its envelope; the next one once an envelope was given up, for its key is never used again."""
    state: str = Field(index=True)
    """taken, sealed, to-check, checked, held or discarded."""
    reason: str | None = None
    """Why it is held."""
    object_key: str | None = None
    waits_as: str | None = None
    """The name of the file in which the envelope waits for its receipt."""
    pdf_sha256: str | None = None
    pdf_size: int | None = Field(default=None, sa_type=Big)
    sha256: str | None = None
    size: int | None = Field(default=None, sa_type=Big)
    host: str | None = None
    object_version: str | None = None
    deposited_at: str | None = None
    outcome: str | None = None
    """granted, limited, refused or unusable: what a person read."""
    checked_by: str | None = None
    checked_at: str | None = None
    leaving: str | None = None
    """The custody entry that says that it is to leave the host, until it has left."""
    recalled_by: str | None = None
    """The person on whose word; none where its patient opposes hosting."""
    captured_at: str
    cleared_at: str | None = None
    """Since when no readable copy of it is on the station."""
    digest: str
    """Keyed: whose pages these are, what they were sealed as and where that waits, what was read on them, and whether
    it is to leave the host.
    """


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


class EntryRow(SQLModel, table=True):
    """The custody ledger: entries exactly as hashed, with the Merkle frontier after each."""

    __tablename__ = "custody_entry"
    seq: int = Field(primary_key=True, sa_type=Big, sa_column_kwargs={"autoincrement": False})
    entry: bytes
    leaf: bytes
    frontier: bytes


class NodeRow(SQLModel, table=True):
    """Perfect subtrees of the RFC 6962 tree: hash of leaves [index * 2**level, (index + 1) * 2**level)."""

    __tablename__ = "custody_node"
    level: int = Field(primary_key=True)
    index: int = Field(primary_key=True, sa_type=Big)
    hash: bytes


class CheckpointRow(SQLModel, table=True):
    """Signed tree heads (C2SP tlog-checkpoint), append-only."""

    __tablename__ = "custody_checkpoint"
    size: int = Field(primary_key=True, sa_type=Big, sa_column_kwargs={"autoincrement": False})
    note: str
    at: str


class WorkerRow(SQLModel, table=True):
    """A process that works at the station's documents; `beats` grows while it lives."""

    __tablename__ = "worker"
    id: str = Field(primary_key=True)
    version: str
    beats: int
    seen_at: str


class PersonRow(SQLModel, table=True):
    """Somebody who was enrolled; never deleted."""

    __tablename__ = "person"
    id: str = Field(primary_key=True)
    name_sealed: bytes
    role: str
    factor: str
    """totp or key."""
    secret_sealed: bytes | None = None
    public_key: bytes | None = None
    """DER SubjectPublicKeyInfo."""
    last_step: int = Field(default=-1, sa_type=Big)
    """The last time step (RFC 6238) whose code was accepted: none counts twice."""
    failures: int = 0
    failed_at: str | None = None
    locked_at: str | None = None
    disabled_at: str | None = None
    enrolled_at: str
    enrolled_by: str | None = None
    digest: str
    """Keyed digest of all the rest."""


class ChallengeRow(SQLModel, table=True):
    """What a person's key was asked to sign, until it has."""

    __tablename__ = "challenge"
    id: str = Field(primary_key=True)
    person_id: str = Field(foreign_key="person.id")
    act: str
    """SHA-256 (hex) of the act."""
    nonce: str
    at: str


class ReviewRow(SQLModel, table=True):
    """A decision that waits for a second person, or has had one's answer."""

    __tablename__ = "review"
    id: str = Field(primary_key=True)
    kind: str
    object: str
    """`document:ULID` or `patient:` and its pseudonym, as in the custody entry."""
    act: str = Field(index=True)
    """SHA-256 (hex) of the act: the second person confirms the very same."""
    content_sealed: bytes
    """RFC 8785 JSON of what was decided."""
    person_id: str = Field(foreign_key="person.id")
    at: str
    second_id: str | None = None
    settled_at: str | None = None
    outcome: str = Field(index=True)
    """waiting, confirmed, declined or overtaken."""


class RejudgeRow(SQLModel, table=True):
    """A patient of whom something was recorded that nobody has judged the documents in hand by yet."""

    __tablename__ = "rejudge"
    patient_index: str = Field(primary_key=True)
    """`*`: everybody."""
    mark: str
    """A ULID, another each time something is recorded: who judged by less than the last leaves the row."""
    to_close: bool = False
    """Whether all that is left is to close documents: they are judged anew some at a time."""


class JudgedRow(SQLModel, table=True):
    """The terms under which everything in hand was last to be judged anew: the civil day, the rule, the contract's."""

    __tablename__ = "judged"
    id: str = Field(primary_key=True)
    terms: str


class ReleasableRow(SQLModel, table=True):
    """A curable document that the gate lets go on, of too many at once: a person confirms how many."""

    __tablename__ = "releasable"
    document_id: str = Field(primary_key=True, foreign_key="document.id")
    since: str


class RestrictionRow(SQLModel, table=True):
    """A deposited document whose patient said no since: neither fetched nor handed over without that said."""

    __tablename__ = "restriction"
    id: str = Field(primary_key=True)
    document_id: str = Field(foreign_key="document.id", index=True)
    since: str
    reason: str
    """As the gate's."""
    fact: str
    """The reference of the fact that says no."""
    lifted_at: str | None = None
    lifted_by: str | None = None
    """The reference of the fact that says otherwise; None where the no itself was retracted."""


class DeletionRow(SQLModel, table=True):
    """A deletion at the host that was proposed, and what became of it."""

    __tablename__ = "deletion"
    id: str = Field(primary_key=True)
    document_id: str = Field(foreign_key="document.id", index=True)
    state: str = Field(index=True)
    """proposed, first-confirmed, confirmed, intended, locked, executed, refused or cancelled."""
    reason: str
    proposed_at: str
    first_by: str | None = None
    first_at: str | None = None
    second_by: str | None = None
    second_at: str | None = None
    ordered_by: str | None = None
    ordered_at: str | None = None
    order_sealed: bytes | None = None
    """The reference of the controller's order in writing."""
    ended_by: str | None = None
    """Who refused it."""
    ended_at: str | None = None
    locked_until: str | None = None
    """A day, or `?` where the host does not tell it."""
    proof: str | None = None
    """RFC 8785 JSON: what was there, what was deleted, what answers now. The station signed it."""
    signature: bytes | None = None


class HoldRow(SQLModel, table=True):
    """What forbids deleting: a claim at law, an inspection. Of one document, or of all of a patient's."""

    __tablename__ = "hold"
    id: str = Field(primary_key=True)
    document_id: str | None = Field(default=None, foreign_key="document.id", index=True)
    patient_index: str | None = Field(default=None, index=True)
    reference_sealed: bytes
    placed_by: str
    placed_at: str
    lifted_by: str | None = None
    lifted_at: str | None = None


class ReviewRecordRow(SQLModel, table=True):
    """That a document has a masked identity strip, and since when it has none any more. What is in it is in no row."""

    __tablename__ = "review_record"
    document_id: str = Field(primary_key=True, foreign_key="document.id")
    made_at: str
    erased_at: str | None = Field(default=None, index=True)
