"""What the engine tells while it works: facts for a screen, a pipe or a test."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from storage.accounts import Custody, Images, Paper


@dataclass(frozen=True, slots=True)
class FileTaken:
    """A file was taken and its bytes are safe. `name` is for the operator's eyes only, never for a log."""

    file: str
    batch: str
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class DocumentSettled:
    """A document's outcome. `outcome` is deposited, refused, held, set-aside, or in-progress when the host failed."""

    document: str
    batch: str
    file: str
    name: str
    pages: tuple[int, ...]
    patient: str | None
    doc_type: str | None
    outcome: str
    reason: str | None
    look_at: int | None
    """Position in the file of the page that a person must look at, where one is known."""
    object_key: str | None
    sha256: str | None
    identified_by: tuple[str, ...] = ()
    """By what its patient is known, as slugs."""


@dataclass(frozen=True, slots=True)
class PagesRead:
    """How far a long document is read, now and then (`pipeline.progress`): `read` of `of` pages."""

    document: str
    batch: str
    file: str
    name: str
    """The file's, for the operator's eyes only."""
    read: int
    of: int


@dataclass(frozen=True, slots=True)
class FileSettled:
    """Where each image of a file stands. `columns` has the seven columns; `pages` is their sum at the end."""

    file: str
    batch: str
    name: str
    sha256: str
    pages: int
    accounted: int
    columns: Mapping[str, int]
    reason: str | None
    kept: str | None = None
    """What keeps the file from being opened or ended for now: a fault that passes, or a person's word."""
    flags: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    """Page -> what was seen on it, as slugs, of pages that are flagged."""


@dataclass(frozen=True, slots=True)
class BatchClosed:
    """A batch ended: its index is at the host and the ledger has a checkpoint."""

    batch: str
    documents: int
    deposited: int
    unlike: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """What was counted otherwise than announced (sheets, documents, pages) -> announced, seen."""


@dataclass(frozen=True, slots=True)
class FilesLeft:
    """Files that were not taken: `kind` is temporary, link, hard-link, special, unreadable, being-written, or
    half (fronts whose backs have not come, of manual duplex)."""

    kind: str
    count: int


@dataclass(frozen=True, slots=True)
class InboxGone:
    """A drop folder can no longer be listed (a share that went), or is `back`."""

    folder: str
    back: bool


@dataclass(frozen=True, slots=True)
class Hindered:
    """A fault keeps a working process from going on for now: it waits and tries again; or that is `over`."""

    fault: str
    over: bool


@dataclass(frozen=True, slots=True)
class Accounts:
    """Both equations: of the run's files, and of the whole station; and how long it kept what it deposited."""

    images: Images
    paper: Paper
    station_images: Images
    custody: Custody
    waiting: Mapping[str, int]
    """Reason -> documents and files that wait for a person because of it, at the station."""


Event = (
    FileTaken | PagesRead | DocumentSettled | FileSettled | BatchClosed | FilesLeft | InboxGone | Hindered | Accounts
)
