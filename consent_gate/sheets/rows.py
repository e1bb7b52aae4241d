"""A line of a client's sheet, whatever its format, and the columns that we ask for, found by their header."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, TypeVar, overload

from consent_gate.sheets.values import CellCode

_Default = TypeVar("_Default")

MOST_LINES: Final = 1_000_000
"""Lines of a sheet that is read at all."""
_MOST_UNREAD: Final = 50
_LONGEST_NAME: Final = 40
"""Columns, and characters of their names, that are told."""


class Cells(Mapping[str, str]):
    """Field -> cell. One mapping of places for all lines: a million lines are to fit into memory."""

    __slots__ = ("_places", "_texts")

    def __init__(self, places: Mapping[str, int], texts: tuple[str, ...]) -> None:
        """`places` says where in `texts` a field's cell is; a field beyond its end is absent."""
        self._places = places
        self._texts = texts

    def __getitem__(self, field: str) -> str:
        place = self._places[field]
        if place >= len(self._texts):
            raise KeyError(field)
        return self._texts[place]

    @overload
    def get(self, field: str, /) -> str | None: ...
    @overload
    def get(self, field: str, /, default: str | _Default) -> str | _Default: ...
    def get(self, field: str, /, default: object = None) -> object:
        """Each line asks for every field: no exception is raised and caught for those that are not there."""
        place = self._places.get(field)
        return default if place is None or place >= len(self._texts) else self._texts[place]

    def __contains__(self, field: object) -> bool:
        return self._places.get(field, len(self._texts)) < len(self._texts)  # type: ignore[call-overload,no-any-return]

    def __iter__(self) -> Iterator[str]:
        return (field for field, place in self._places.items() if place < len(self._texts))

    def __len__(self) -> int:
        return sum(1 for _ in self)


@dataclass(frozen=True, slots=True)
class CellFlaw:
    """Why a line is no statement: a cell that computes, errs or is not what the person sees."""

    code: CellCode
    """A key of `lexicon.catalogue.LINES`."""
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the sheet. `line` is its number in the file, from 1; `whole`: it has as many cells as the header."""

    line: int
    cells: Mapping[str, str]
    """Field -> cell, trimmed and in NFC; fields whose column the sheet lacks are absent."""
    whole: bool
    flaw: CellFlaw | None = None
    """The line's first; a line that has one is never used. In flawed cells stands `values.UNREADABLE`."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The lines, and the names of the columns that nobody asked for."""

    rows: tuple[Row, ...]
    unread: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The columns that we ask for: field -> the client's name of it, and the same folded."""

    headers: Mapping[str, str]
    folded: Mapping[str, str]
    required: frozenset[str]

    @classmethod
    def of(cls, headers: Mapping[str, str], required: frozenset[str]) -> "Wanted":
        """A field with an empty header is declared absent and not asked for, even where it is `required`."""
        folded = {field: fold(header) for field, header in headers.items() if header}
        return cls(headers, folded, required & folded.keys())

    def places(self, first: Sequence[str]) -> dict[str, int]:
        """Field -> its place in a line of folded names, from left to right."""
        found = {field: first.index(name) for field, name in self.folded.items() if name in first}
        return dict(sorted(found.items(), key=lambda place: place[1]))

    def twice(self, first: Sequence[str]) -> str | None:
        """The client's name of a column that stands twice."""
        return next((self.headers[field] for field, name in self.folded.items() if first.count(name) > 1), None)

    def unread(self, names: Iterable[str]) -> tuple[str, ...]:
        """Those of a header's names that nobody asked for, for the screen: printable and short."""
        asked = set(self.folded.values())
        left = (name for name in names if name.strip() and fold(name) not in asked)
        return tuple(map(_shortened, islice(left, _MOST_UNREAD)))

    def missing(self, found: Mapping[str, int]) -> str | None:
        """The client's name of a required column that is not there."""
        return next((self.headers[field] for field in self.folded if field in self.required - found.keys()), None)


def _shortened(name: str) -> str:
    plain = "".join(c if c.isprintable() else "?" for c in " ".join(name.split()))
    return plain if len(plain) <= _LONGEST_NAME else f"{plain[: _LONGEST_NAME - 1]}…"


def fold(header: str) -> str:
    """`Date de  naissance`, `date-de-naissance` and `DATE_DE_NAISSANCE` are one header."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", header.casefold()) if not unicodedata.combining(c))
    return "_".join(re.findall(r"[a-z0-9]+", plain))
