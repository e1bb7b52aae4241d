"""Changes of mind: what is to be judged anew, what is limited, deleted or held."""

from sqlmodel import Field, SQLModel


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
