"""What a row says of a captured file, of a document, and of where each image of a file stands."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import rfc8785

from consent_gate.model import DocType, DocumentId, PatientRef


@dataclass(frozen=True, slots=True)
class Claim:
    """Whose a document is, and what: as its separator said, its pages or a person. It holds for that document only."""

    patient: PatientRef
    doc_type: DocType | None
    client_document: str | None


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file as it came. `name` is for the operator's eyes: it may hold a patient's name, and is sealed at rest."""

    id: str
    batch: str
    name: str
    sha256: str
    size: int
    state: str
    pages: int | None
    reason: str | None
    captured_at: str
    attempts: int = 1
    """How many times it was to be opened."""
    custody: str | None = None
    """Of one that is set aside: curable, closed; None where nothing of it is left."""
    kind: str = "records"
    """Of the drop folder that it came from: records, or authorizations."""
    separator_backs: int = 0
    """Separators that are the back of another one, where a sheet has two images."""


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """Pages that belong together: the unit of gate, envelope and receipt."""

    id: DocumentId
    batch: str
    file: str
    ordinal: int
    claim: Claim | None
    damaged: bool
    pages: int
    version: int
    state: str
    reason: str | None
    custody: str | None
    look_at: int | None
    """The page (1-based, in the document) that a person must look at, where one is known."""
    decision: str | None
    captured_at: str
    settled_at: str | None
    purged_at: str | None
    holder: str | None
    """Who took it last."""
    cleared_at: str | None = None
    """Since when its working copies are destroyed; of a final one, all of it."""
    form: bool = False
    """Its first page is an authorization form, which belongs to no record."""
    plain: bool = False
    """A separator without patient opened it."""
    sources: tuple[str, ...] = ()
    """By what its patient is known, as slugs; empty: nobody has identified it yet."""
    shown: tuple[tuple[int, str], ...] = ()
    """The page (1-based; 0: all of it) and the slugs of what it was held for last, where something contradicts."""
    confirmed: tuple[tuple[int, str], ...] = ()
    """What of that a person saw, and said that it is the patient's all the same."""
    inherited: int = 0
    """Pages that show no identity of their own, and were counted as the document's patient's."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A document as the split found it, before it has a row: `positions` are 1-based in the file."""

    id: DocumentId
    claim: Claim | None
    damaged: bool
    positions: tuple[int, ...]
    form: bool = False
    """Its first page is an authorization form, which belongs to no record."""
    plain: bool = False
    """A separator without patient opened it."""


@dataclass(frozen=True, slots=True)
class PageTable:
    """Where each image of a file stands. Every position from 1 to `pages` has exactly one role."""

    roles: Mapping[int, str]
    """position -> separator, blank or duplicate, for images that are in no document."""
    pieces: tuple[Piece, ...]
    images: Mapping[int, str]
    """position -> SHA-256 (hex) of the image as it came."""
    flags: Mapping[int, Sequence[str]] = field(default_factory=dict)
    """position -> what was seen on it, as slugs."""
    gone: frozenset[int] = frozenset()
    """Positions of blanks and duplicates of which no image is kept."""

    @property
    def pages(self) -> int:
        return len(self.roles) + sum(len(piece.positions) for piece in self.pieces)

    @property
    def separator_backs(self) -> int:
        """Separators at an even position behind another: one sheet that is printed on both sides, of two images."""
        found = {position for position, role in self.roles.items() if role == "separator"}
        return sum(position % 2 == 0 and position - 1 in found for position in found)

    def digest(self) -> str:
        """SHA-256 (hex) of the table's RFC 8785 bytes: what the `split` entry carries. A page's flags stand behind it,
        where it has any.
        """
        rows = [(p, role, "") for p, role in self.roles.items()]
        rows += [(p, "document", piece.id) for piece in self.pieces for p in piece.positions]
        flagged = [[*row, " ".join(self.flags[row[0]])] if self.flags.get(row[0]) else [*row] for row in sorted(rows)]
        return hashlib.sha256(rfc8785.dumps(flagged)).hexdigest()  # type: ignore[arg-type]  # lists of int and str

    def beside(self) -> dict[int, DocumentId]:
        """Blanks and duplicates that are kept, and the document that each lay in: the one before it, else the one
        behind it, with no separator between them.
        """
        of_page = {p: piece.id for piece in self.pieces for p in piece.positions}
        found: dict[int, DocumentId] = {}
        for way in (range(self.pages, 0, -1), range(1, self.pages + 1)):  # the document before it has the last word
            nearest: DocumentId | None = None
            for position in way:
                role = self.roles.get(position)
                nearest = None if role == "separator" else of_page.get(position, nearest)
                if role in LEFT_OUT and nearest is not None and position not in self.gone:
                    found[position] = nearest
        return found


class SameBytes(Exception):
    """A file of the same bytes is opened already."""


LEFT_OUT: Final = ("blank", "duplicate")
"""Roles of pages that were left out of a document, and may be put back."""
LOST: Final = "lost-with-station"
"""The reason of what was set aside because a machine was lost."""
KEPT: Final = ("refused", "held", "set-aside")
"""States of documents that the station keeps, for a person or for the client."""
