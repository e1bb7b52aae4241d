"""The table of document types: for each type of the client's, where it belongs in the DMST (Code du travail, article
R.4624-45-4, 1° to 6°) and what the health-record network calls it (ANS, JDV_J07-XdsTypeCode-CISIS).

A client may replace the shipped one (`[indexing] table`): UTF-8, semicolons, as a French spreadsheet saves it.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Final, Literal

from consent_gate.cells import is_doc_type
from lexicon.faults import StationFault
from pipeline.identity.traits import words
from pipeline.indexing.kinds import FILM, KINDS

COLUMNS: Final = ("type", "kind", "bucket", "system", "code", "label", "excluded", "titles")
_NEEDED: Final = frozenset({"type", "bucket", "code"})
_LARGEST: Final = 1_048_576
_BUCKET: Final = re.compile(r"(?:DMST[- ]?)?([1-6]) ?°?", re.IGNORECASE | re.ASCII)
_CODES: Final = {
    "LOINC": re.compile(r"[0-9]{1,7}-[0-9]", re.ASCII),
    "TRE_A05": re.compile(r"[A-Z][A-Z0-9_-]{1,39}", re.ASCII),
}
_YES: Final = frozenset({"OUI", "YES", "1", "X"})
_NO: Final = frozenset({"", "NON", "NO", "0"})
_SHORTEST_TITLE: Final = 3
_LABEL: Final = 120

System = Literal["LOINC", "TRE_A05"]


@dataclass(frozen=True, slots=True)
class TypeRow:
    """One type. `bucket` 1 to 6, `code` and `label`: None where the table says nothing."""

    name: str
    kinds: tuple[str, ...]
    """Which of the recognised kinds (`pipeline.indexing.kinds`) propose it; none: only its own titles do."""
    bucket: int | None
    system: System | None
    code: str | None
    label: str | None
    excluded: bool
    """Whether a faithful copy of it is impossible, its original never to be destroyed (NF Z42-026: medical films)."""
    titles: tuple[str, ...]
    """The client's own title words that propose it."""


@dataclass(frozen=True)
class TypeTable:
    """The types by their name; one that is not there maps to nothing."""

    rows: Mapping[str, TypeRow]

    def row(self, name: str) -> TypeRow | None:
        return self.rows.get(name)

    def named(self, kind: str) -> str | None:
        """The client's name of a recognised kind; a title of the client's own is its type already."""
        return self._by_kind.get(kind) or (kind if kind in self.own_titles else None)

    def excludes(self, name: str) -> bool:
        """Whether a type is of films: as the table says; of one that it does not have, as its name says."""
        row = self.rows.get(name)
        return row.excluded if row is not None else _names_a_film(name)

    @cached_property
    def own_titles(self) -> dict[str, tuple[str, ...]]:
        return {name: row.titles for name, row in self.rows.items() if row.titles}

    @cached_property
    def _by_kind(self) -> dict[str, str]:
        return {kind: name for name, row in self.rows.items() for kind in row.kinds}


def shipped() -> TypeTable:
    """The table of the package, for occupational health."""
    return parse(shipped_bytes())


def shipped_bytes() -> bytes:
    return resources.files("pipeline.indexing").joinpath("types.csv").read_bytes()


def read(path: Path) -> TypeTable:
    """A client's table. Raises `StationFault` `type-table-unreadable`, or what `parse` raises."""
    try:
        with path.open("rb") as stream:
            raw = stream.read(_LARGEST + 1)
    except OSError:
        raise StationFault("type-table-unreadable", path=str(path)) from None
    if len(raw) > _LARGEST:
        raise StationFault("type-table-unreadable", path=str(path))
    return parse(raw, str(path))


def parse(raw: bytes, path: str = "types.csv") -> TypeTable:
    """A table from its bytes.

    Raises `StationFault` `type-table-unreadable` (no UTF-8, no table), `type-table-column` (a column that is missing,
    there twice or unknown: that one is told by its place, from 1), `type-table-cell` (line, from 1 with the header, and
    column), `type-table-twice` (a type or a kind that an earlier line has).
    """
    try:
        text = raw.decode("utf-8-sig")
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True))
    except (UnicodeDecodeError, csv.Error):
        raise StationFault("type-table-unreadable", path=path) from None
    filled = [(number, line) for number, line in enumerate(lines, start=1) if any(cell.strip() for cell in line)]
    if not filled:
        raise StationFault("type-table-unreadable", path=path)
    header = _header(filled[0][1], path)
    rows: dict[str, TypeRow] = {}
    for row, number in _rows(header, filled[1:], path):
        if row.name in rows:
            raise StationFault("type-table-twice", path=path, line=number, column="type")
        if any(kind in other.kinds for kind in row.kinds for other in rows.values()):
            raise StationFault("type-table-twice", path=path, line=number, column="kind")
        rows[row.name] = row
    return TypeTable(rows)


def _delimiter(text: str) -> str:
    head = text.lstrip().split("\n", 1)[0]
    return ";" if ";" in head else "\t" if "\t" in head else ","


def _header(line: list[str], path: str) -> list[str]:
    names = [cell.strip().casefold() for cell in line]
    unknown = [str(place) for place, name in enumerate(names, start=1) if name not in COLUMNS]  # it may name a person
    twice = [name for name in names if names.count(name) > 1]
    missing = sorted(_NEEDED - set(names))
    for wrong in (*unknown, *twice, *missing):
        raise StationFault("type-table-column", path=path, column=wrong, columns=", ".join(COLUMNS))
    return names


def _rows(header: list[str], lines: list[tuple[int, list[str]]], path: str) -> Iterator[tuple[TypeRow, int]]:
    for number, line in lines:
        if len(line) > len(header):
            raise StationFault("type-table-cell", path=path, line=number, column=header[-1])
        cells = dict.fromkeys(COLUMNS, "") | {name: cell.strip() for name, cell in zip(header, line, strict=False)}
        wrong = _wrong(cells)
        if wrong is not None:
            raise StationFault("type-table-cell", path=path, line=number, column=wrong)
        yield _row(cells), number


def _wrong(cells: Mapping[str, str]) -> str | None:
    """The first column whose cell cannot stand."""
    system = _system(cells)
    kinds = {kind.name for kind in KINDS}
    right = {
        "type": is_doc_type(cells["type"]),
        "kind": kinds.issuperset(_several(cells["kind"])),
        "bucket": not cells["bucket"] or _BUCKET.fullmatch(cells["bucket"]) is not None,
        "system": system in ("", *_CODES),
        "code": not cells["code"] or (system in _CODES and _CODES[system].fullmatch(cells["code"]) is not None),
        "label": len(cells["label"]) <= _LABEL and cells["label"].isprintable(),
        "excluded": cells["excluded"].upper() in _YES | _NO,
        "titles": all(len("".join(words(one))) >= _SHORTEST_TITLE for one in _several(cells["titles"])),
    }
    return next((name for name in COLUMNS if not right[name]), None)


def _row(cells: Mapping[str, str]) -> TypeRow:
    bucket = _BUCKET.fullmatch(cells["bucket"])
    system: System | None = None if not cells["code"] else "LOINC" if _system(cells) == "LOINC" else "TRE_A05"
    return TypeRow(
        name=cells["type"],
        kinds=tuple(_several(cells["kind"])),
        bucket=int(bucket[1]) if bucket else None,
        system=system,
        code=cells["code"] or None,
        label=cells["label"] or None,
        excluded=cells["excluded"].upper() in _YES,
        titles=tuple(" ".join(words(one)) for one in _several(cells["titles"])),
    )


def _system(cells: Mapping[str, str]) -> str:
    """As written, else as the code looks."""
    if cells["system"] or not cells["code"]:
        return cells["system"].upper()
    return "LOINC" if _CODES["LOINC"].fullmatch(cells["code"]) else "TRE_A05"


def _several(cell: str) -> list[str]:
    return [one.strip() for one in cell.split("|") if one.strip()]


def _names_a_film(name: str) -> bool:
    """`radiographie_thorax`, `film`, `cliche-radio` are films; `compte_rendu_radiographie` and `cr_radio` are text."""
    parts = [part for word in words(name) for part in re.split(r"[._-]", word)]
    joined = "".join(parts)
    text = joined.startswith(
        ("COMPTERENDU", "CR", "DEMANDE", "ORDONNANCE", "RESULTAT", "RAPPORT", "COURRIER", "LETTRE")
    )
    film = any(part in ("RADIO", "RADIOS", "RX", "FILM", "FILMS", "CLICHE", "CLICHES") for part in parts)
    return not text and (film or FILM.upper() in joined or "RADIOLOGIQUE" in joined)
