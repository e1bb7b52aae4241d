"""The client's files: patients, what is on record of them, imports."""

from sqlmodel import Field, SQLModel


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
