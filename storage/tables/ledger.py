"""The ledger, its tree and its checkpoints."""

from sqlmodel import Field, SQLModel

from storage.tables.columns import Big


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
