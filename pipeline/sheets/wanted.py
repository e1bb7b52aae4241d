"""The list of whom paper is to come: one reference a line, or a sheet with columns.

A sheet is CSV, ODS or XLSX with the column `reference`, and where there is more to say `type`, `document`, `carton` or
`position`. Whatever cannot be used refuses the whole list, with its line: a list is corrected, not half believed.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from consent_gate.cells import CellRefused, check_reference, is_doc_type
from consent_gate.model import DocType, PatientRef
from consent_gate.sheets.reading import LARGEST, read_sheet
from consent_gate.sheets.rows import fold
from lexicon.faults import StationFault

MOST: Final = 5_000
"""Lines of a list."""
REFERENCE: Final = "reference"
HEADERS: Final[Mapping[str, str]] = {
    REFERENCE: "reference",
    "doc_type": "type",
    "document": "document",
    "box": "carton",
    "position": "position",
}
"""Field -> the name of its column."""
_DELIMITERS: Final = (";", ",", "\t")
_BINARY: Final = b"PK\x03\x04"
_POSITION: Final = re.compile(r"(?:[A-Za-z]{1,3}[ -]?)?[0-9]{1,5}(?:[-/ ][0-9]{1,5})?")
_BOX: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._/-]{0,31}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """One line: whose paper, and what and where it is, as far as the list says."""

    line: int
    """In the file, from 1."""
    patient: PatientRef = field(repr=False)
    doc_type: DocType | None = None
    client_document: str | None = field(default=None, repr=False)
    box: str | None = None
    position: str | None = None


def read_list(path: Path) -> tuple[Wanted, ...]:
    """The list's lines, empty ones left out.

    Raises `StationFault` `patients-file-unreadable`, `list-empty`, `list-too-long`, `list-column-unknown`,
    `list-line-unusable` (with `line` and `column`), `list-line-twice` (with `line` and `first`); or what `read_sheet`
    raises.
    """
    try:
        raw = path.read_bytes() if path.stat().st_size <= LARGEST else b""
    except OSError:
        raise StationFault("patients-file-unreadable") from None
    plain = _plain_lines(raw)
    found = tuple(_of_sheet(raw) if plain is None else _of_lines(plain))
    if not found:
        raise StationFault("list-empty")
    if len(found) > MOST:
        raise StationFault("list-too-long", limit=MOST)
    return require_once(found)


def of_references(references: Sequence[str], doc_type: str | None = None) -> tuple[Wanted, ...]:
    """The same of references that were given one by one, each `line` its place.

    Raises `StationFault` `reference-unusable-on-sheet`, `list-line-twice`, `type-unusable-on-sheet`.
    """
    if doc_type and not is_doc_type(doc_type):
        raise StationFault("type-unusable-on-sheet")
    kind = DocType(doc_type) if doc_type else None
    return require_once(
        Wanted(place, _given(text, place), kind) for place, text in enumerate(references, start=1)
    )  # fmt: skip


def box_name(text: str) -> str:
    """A box's or a seal's name. Raises `StationFault("box-name-unfit")`."""
    if not _BOX.fullmatch(text):
        raise StationFault("box-name-unfit")
    return text


def require_once(several: Iterable[Wanted]) -> tuple[Wanted, ...]:
    """The lines. Raises `StationFault("list-line-twice")` where one says the same as another, box and place aside."""
    first: dict[tuple[object, ...], int] = {}
    found = tuple(several)
    for one in found:
        said = one.patient, one.doc_type, one.client_document
        if first.setdefault(said, one.line) != one.line:
            raise StationFault("list-line-twice", line=one.line, first=first[said])
    return found


def _given(text: str, place: int) -> PatientRef:
    try:
        return check_reference(text)
    except CellRefused:
        raise StationFault("reference-unusable-on-sheet", place=place) from None


def _plain_lines(raw: bytes) -> list[str] | None:
    """The lines of a file that is a list of references and nothing else; None: it is a sheet, or no text."""
    if raw.startswith(_BINARY):
        return None
    try:
        lines = raw.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        return None
    said = [line.strip() for line in lines]
    head = next((line for line in said if line), "")
    if any(sign in line for line in said for sign in _DELIMITERS) or fold(head) == fold(HEADERS[REFERENCE]):
        return None
    return said


def _of_lines(lines: Sequence[str]) -> Iterator[Wanted]:
    for number, text in enumerate(lines, start=1):
        if text:
            yield Wanted(number, _reference(text, number))


def _of_sheet(raw: bytes) -> Iterator[Wanted]:
    sheet = read_sheet(raw, HEADERS, frozenset({REFERENCE}))
    if sheet.unread:  # a column that is nearly ours would be passed over
        raise StationFault("list-column-unknown", columns=", ".join(HEADERS.values()))
    for row in sheet.rows:
        if row.flaw is not None or not row.whole:
            column = HEADERS.get((row.flaw.field if row.flaw else None) or "", HEADERS[REFERENCE])
            raise StationFault("list-line-unusable", line=row.line, column=column)
        cells = {name: row.cells.get(name) or "" for name in HEADERS}
        yield Wanted(
            row.line,
            _reference(cells[REFERENCE], row.line),
            DocType(_fit(cells, "doc_type", row.line)) if cells["doc_type"] else None,
            _fit(cells, "document", row.line) or None,
            _fit(cells, "box", row.line) or None,
            _fit(cells, "position", row.line) or None,
        )


def _reference(text: str, line: int) -> PatientRef:
    try:
        return check_reference(text)
    except CellRefused:
        raise StationFault("list-line-unusable", line=line, column=HEADERS[REFERENCE]) from None


def _fit(cells: Mapping[str, str], name: str, line: int) -> str:
    """The cell. Raises `StationFault("list-line-unusable")`: nothing in it may be a person's name or number."""
    text = cells[name]
    if text and not _FITS[name](text):
        raise StationFault("list-line-unusable", line=line, column=HEADERS[name])
    return text


def _is_reference(text: str) -> bool:
    try:
        return bool(check_reference(text))
    except CellRefused:
        return False


_FITS: Final[Mapping[str, Callable[[str], bool]]] = {
    "doc_type": is_doc_type,
    "document": _is_reference,
    "box": lambda text: _BOX.fullmatch(text) is not None,
    "position": lambda text: _POSITION.fullmatch(text) is not None,
}
