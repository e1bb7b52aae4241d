"""The two equations that hold at every instant: images and paper, per file, batch and station."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, select

from storage import forms
from storage.database import in_batches
from storage.tables import DocumentRow, FileRow, PageRow, PaperRow
from storage.times import read_time

COLUMNS: Final = ("deposited", "refused", "held", "set-aside", "separator", "blank", "duplicate")
"""Where an image can end; `in-progress` is the eighth, of images whose journey has not ended."""
FORM_COLUMNS: Final = (
    "form-to-check", "form-checked", "form-held", "form-discarded", "blank", "duplicate", "set-aside",
)  # fmt: skip
"""The same for what was scanned into an inbox of authorizations."""
_RECORDS: Final = "records"
_AUTHORIZATIONS: Final = "authorizations"


@dataclass(frozen=True, slots=True)
class Images:
    """captured = deposited + refused + held + set aside + separator + blank + duplicate + in progress."""

    captured: int
    """Counted from the files, when each was opened."""
    columns: Mapping[str, int]
    """Counted from the pages, each in one column; every column of `COLUMNS` is there."""
    in_progress: int

    @property
    def accounted(self) -> int:
        return sum(self.columns.values())

    @property
    def balanced(self) -> bool:
        return self.captured == self.accounted + self.in_progress


@dataclass(frozen=True, slots=True)
class Paper:
    """received = at the workshop + returned + destroyed, never-scanned sheets included. In sheets."""

    declared: bool
    """Whether anybody said how many sheets were received. If not, what was scanned is all that is known."""
    received: int
    scanned: int
    unscanned: int
    returned: int
    destroyed: int

    @property
    def workshop(self) -> int:
        """Sheets that came and were not given away: scanned, set apart, or still waiting for the feeder."""
        return self.received - self.returned - self.destroyed

    @property
    def waiting(self) -> int:
        """Sheets received that were neither scanned nor set apart yet; below 0, more were scanned than came."""
        return self.received - self.scanned - self.unscanned

    @property
    def balanced(self) -> bool:
        """At every instant: nothing was scanned that did not come, nothing given back that was not there."""
        return self.waiting >= 0 and self.workshop >= 0


def images(session: Session, *, files: Iterable[str] | None = None, batch: str | None = None) -> Images:
    """The images' equation for some files, a batch, or the whole station. Signed forms have their own (`form_images`).

    The two sides are counted apart: `captured` from the files' page counts, the columns from the pages' rows.
    A file that is captured and not opened yet counts as one image in progress.
    """
    return _counted(session, COLUMNS, tuple(_chosen(files, batch, _RECORDS)))


def form_images(session: Session, *, files: Iterable[str] | None = None) -> Images:
    """captured = waiting for a check + checked + held + discarded + blank + duplicate + set aside + in progress.

    Of what was scanned into an inbox of authorizations: those images are no records, and never become any.
    """
    return _counted(session, FORM_COLUMNS, tuple(_chosen(files, None, _AUTHORIZATIONS)))


def _counted(session: Session, names: tuple[str, ...], several: Iterable[tuple[ColumnElement[bool], ...]]) -> Images:
    captured, columns = 0, Counter[str]()
    for chosen in several:
        every = func.sum(func.coalesce(FileRow.pages, 1))
        unopened = func.count().filter(col(FileRow.pages).is_(None))
        pages, whole = session.exec(select(func.coalesce(every, 0), unopened).where(*chosen)).one()
        captured += int(pages)
        columns["in-progress"] += whole
        columns += _columns(session, chosen)
    return Images(
        captured=captured,
        columns={name: columns[name] for name in names},
        in_progress=columns["in-progress"],
    )


def _chosen(files: Iterable[str] | None, batch: str | None, kind: str) -> Iterator[tuple[ColumnElement[bool], ...]]:
    """What says which files, in as many parts as the database takes identifiers at once."""
    within = (FileRow.kind == kind, *(() if batch is None else (col(FileRow.batch_id) == batch,)))
    if files is None:
        yield within
        return
    for some in in_batches(tuple(files)):
        yield (*within, col(FileRow.id).in_(some))


def _columns(session: Session, chosen: tuple[ColumnElement[bool], ...]) -> Counter[str]:
    query = (
        select(PageRow.role, DocumentRow.state, func.count())
        .join(DocumentRow, isouter=True)
        .group_by(PageRow.role, DocumentRow.state)
        .where(col(PageRow.file_id).in_(select(FileRow.id).where(*chosen)))
    )
    columns: Counter[str] = Counter()
    for role, state, pages in session.exec(query):
        columns[state if role == "document" else role] += pages
    del columns[forms.ROLE]
    for state, pages in forms.pages_by_state(session, select(FileRow.id).where(*chosen)).items():
        columns["in-progress" if state in forms.IN_HAND else f"form-{state}"] += pages
    return columns


def paper(session: Session, sides: int) -> Paper:
    """The paper's equation for the whole station; `sides` scanned a sheet turn images into sheets.

    Separator sheets are the workshop's own, and signed forms come beside the boxes: they are not the client's paper.
    """
    moved: Counter[str] = Counter()
    for movement, sheets in session.exec(
        select(PaperRow.movement, func.sum(PaperRow.sheets)).group_by(PaperRow.movement)
    ):
        moved[movement] += int(sheets)
    scanned = _scanned(session, sides)
    return _paper(moved, scanned)


def _paper(moved: Mapping[str, int], scanned: int) -> Paper:
    """From the sheets by movement, and those that were scanned."""
    declared = moved["received"] > 0
    return Paper(
        declared=declared,
        received=moved["received"] if declared else scanned + moved["unscanned"],
        scanned=scanned,
        unscanned=moved["unscanned"],
        returned=moved["returned"],
        destroyed=moved["destroyed"],
    )


def _scanned(session: Session, sides: int, batch: str | None = None) -> int:
    """Sheets of the client's that went through the feeder, of the whole station or of a batch.

    A separator that is printed on both sides is one sheet.
    """
    within = () if batch is None else (col(FileRow.batch_id) == batch,)
    opened = (col(FileRow.state).in_(("split", "settled", "set-aside")), FileRow.kind == _RECORDS, *within)
    pages = session.exec(select(FileRow.pages).where(*opened))
    separators = select(func.count()).select_from(PageRow).where(PageRow.role == "separator")
    if batch is not None:
        separators = separators.where(col(PageRow.file_id).in_(select(FileRow.id).where(*within)))
    backs = select(func.coalesce(func.sum(FileRow.separator_backs), 0)).where(*opened)
    own = session.exec(separators).one() - (int(session.exec(backs).one()) if sides > 1 else 0)
    return max(0, sum(-(-(count or 0) // sides) for count in pages) - own)


# A batch, and a box


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of a batch, in the units in which it is announced."""

    images: Images
    sheets: int
    documents: int
    pages: int
    """Images but for separators, blanks and duplicates: sides that bear something."""

    @property
    def counts(self) -> dict[str, int]:
        return {"sheets": self.sheets, "documents": self.documents, "pages": self.pages}


def seen(session: Session, sides: int, batch: str) -> Seen:
    """`sides` scanned a sheet turn images into sheets."""
    counted = images(session, batch=batch)
    documents = select(func.count()).select_from(DocumentRow).where(DocumentRow.batch_id == batch)
    beside = sum(counted.columns[name] for name in ("separator", "blank", "duplicate"))
    return Seen(counted, _scanned(session, sides, batch), session.exec(documents).one(), counted.captured - beside)


def box_paper(moved: Mapping[str, int], several: Iterable[Seen]) -> Paper:
    """The paper's equation of a box: its own sheets by movement, and those of the batches that came from it."""
    return _paper(moved, sum(one.sheets for one in several))


def added(several: Iterable[Images]) -> Images:
    """The images' equation of several batches together."""
    captured, in_progress, columns = 0, 0, Counter(dict.fromkeys(COLUMNS, 0))
    for one in several:
        captured, in_progress = captured + one.captured, in_progress + one.in_progress
        columns.update(one.columns)
    return Images(captured, {name: columns[name] for name in COLUMNS}, in_progress)


@dataclass(frozen=True, slots=True)
class Custody:
    """How long the station kept what it deposited, from capture to purge. In seconds."""

    purged: int
    median: int
    longest: int


def custody(session: Session) -> Custody:
    """Over all purged documents."""
    rows = session.exec(
        select(DocumentRow.captured_at, DocumentRow.purged_at).where(col(DocumentRow.purged_at).is_not(None))
    )
    kept = sorted(round((read_time(purged or "") - read_time(captured)).total_seconds()) for captured, purged in rows)
    if not kept:
        return Custody(0, 0, 0)
    return Custody(len(kept), kept[len(kept) // 2], kept[-1])
