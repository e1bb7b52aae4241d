"""What somebody said is coming in a batch: box and seal, how much, and of whom. It can only exclude."""

from dataclasses import dataclass, field
from typing import Final

from consent_gate.model import DocType, PatientRef
from storage.times import read_time

FEWER: Final = "-fewer"
MORE: Final = "-more"
"""Ends of the slugs of `StoredBatch.unlike`: fewer, or more, than announced."""
UNCONFIRMED: Final = "batch-unconfirmed"
"""Why a document is held that waits for its batch."""


@dataclass(frozen=True, slots=True)
class Coming:
    """One line of the list that came with a batch: whose paper, and where it lies in the box."""

    patient: PatientRef = field(repr=False)
    doc_type: DocType | None = None
    client_document: str | None = field(default=None, repr=False)
    position: str | None = None
    apart: bool = False
    """The gate was closed for it when it was announced: its paper was to be taken out before the feeder."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """None: nobody said so, or how many."""

    box: str | None = field(default=None, repr=False)
    seal: str | None = field(default=None, repr=False)
    sheets: int | None = None
    """Of the client's paper: separators are the workshop's own."""
    documents: int | None = None
    pages: int | None = None
    """Sides that bear something."""
    patients: tuple[Coming, ...] | None = field(default=None, repr=False)

    @property
    def counts(self) -> dict[str, int]:
        """Those that were said, by name."""
        said = {"sheets": self.sheets, "documents": self.documents, "pages": self.pages}
        return {name: count for name, count in said.items() if count is not None}

    @property
    def references(self) -> frozenset[PatientRef]:
        """Of whom the list says anything."""
        return frozenset(one.patient for one in self.patients or ())

    @property
    def expected(self) -> frozenset[PatientRef]:
        """Of whom paper is to be fed."""
        return frozenset(one.patient for one in self.patients or () if not one.apart)


@dataclass(frozen=True, slots=True)
class StoredBatch:
    """A batch as it stands. Its label may name a person."""

    id: str
    label: str = field(repr=False)
    opened_at: str
    closed_at: str | None
    announced_at: str | None
    announcement: Announcement
    unlike: tuple[str, ...]
    """What was counted otherwise at its last closing: `sheets`, `documents`, `pages`, each with `FEWER` or `MORE`."""
    confirmed_at: str | None

    def is_explained(self, differing: tuple[str, ...], captured_at: str) -> bool:
        """Whether a person has said why these counts differ (none: that they are right) since a file was captured."""
        if self.confirmed_at is None or self.unlike != differing:
            return False
        return read_time(captured_at) <= read_time(self.confirmed_at)

    def is_from(self, box: str) -> bool:
        """Whether its paper came out of a box: as announced; where nobody said so, as its folder is named."""
        if self.announcement.box is not None:
            return self.announcement.box == box
        return box in (self.label, self.label.rpartition("/")[2])


def unlike(announced: dict[str, int], seen: dict[str, int]) -> tuple[str, ...]:
    """The counts of which another number was seen, each with `FEWER` or `MORE`."""
    found = ((name, seen[name] - count) for name, count in announced.items())
    return tuple(f"{name}{FEWER if gap < 0 else MORE}" for name, gap in found if gap)
