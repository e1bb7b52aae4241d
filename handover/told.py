"""What the custody ledger alone tells of files and documents."""

from collections.abc import Mapping
from dataclasses import dataclass

from storage.accounts import Images, Paper


@dataclass(frozen=True, slots=True)
class ToldDocument:
    """How a document ended; `sha256` is its object's, of what was deposited."""

    file: str
    outcome: str
    reason: str | None
    pages: int
    decision: str | None
    sha256: str | None
    custody: str | None = None
    """Its custody class, of one that is kept and that the ledger says where; None of one lost with its station."""
    restricted: str | None = None
    """Why, of one at the host whose patient said no since."""
    deletion: str | None = None
    """How far its deletion at the host has come, once it was begun: intended, locked-until or executed."""
    statement: str | None = None
    """SHA-256 (hex) of the signed statement of that deletion."""
    maintained: str | None = None
    """Why its refusal is maintained, of one that is final."""
    maintained_at: str | None = None
    """As entries have times (UTC)."""


@dataclass(frozen=True, slots=True)
class ToldFile:
    batch: str
    sha256: str
    images: Images


@dataclass(frozen=True, slots=True)
class Told:
    """What the entries say. `contradictions` are the objects (`kind:identifier`) about which they disagree."""

    entries: int
    files: Mapping[str, ToldFile]
    documents: Mapping[str, ToldDocument]
    images: Images
    paper: Paper
    form_pages: int
    """Captured through inboxes of authorizations."""
    software: tuple[str, ...]
    contradictions: tuple[str, ...]
