"""Authorization forms, printed and come back."""

from sqlmodel import Field, SQLModel

from storage.tables.columns import Big


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
