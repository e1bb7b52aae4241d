"""People, what they were asked for, and what waits for a second one."""

from sqlmodel import Field, SQLModel

from storage.tables.columns import Big


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
