"""What a sheet must not hold unread: a column whose name is nearly that of one that limits, and what stands above it.

A limit that is lost opens more than the patient said: a name that is nearly ours refuses the file.
"""

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from consent_gate.sheets.rows import Wanted, fold
from lexicon.faults import SheetFault

_LONGEST: Final = 1000
_LONG_WORD: Final = 5
_LONG_NAME: Final = 8
_VAGUE: Final = frozenset({"date", "par", "de", "du"})
"""Words of our names that say nothing alone."""


def _nothing(_: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Guard:
    """Of one kind of sheet."""

    limits: Mapping[str, str] = field(default_factory=dict)
    """Field -> our own name of a column that limits."""
    words: tuple[str, ...] = ()
    """What no name of a column may hold: a no is said in our own columns, or nowhere."""
    speaks: Callable[[str], bool] = _nothing
    """Whether a cell is a word by which a line says something."""

    def check_columns(self, wanted: Wanted, header: Iterable[tuple[str, str]]) -> None:
        """Columns by what the person calls their place, and their names.

        Raises `SheetFault` `sheet-column-unknown`, with our name and the place, never theirs.
        """
        asked = set(wanted.folded.values())
        known = tuple(self._known(wanted))
        if not known:
            return
        for place, name in header:
            folded = fold(name[:_LONGEST])
            if folded in asked or not name.strip():
                continue
            like = _like(folded, known, self.words) or (_nearest(folded, known) if _is_foreign(name) else None)
            if like is not None:
                raise SheetFault("sheet-column-unknown", column=like, place=place)

    def is_table(self, wanted: Wanted, cells: Iterable[str]) -> bool:
        """Whether a row above the header is more than a title: two names of ours, or a word that says something."""
        texts = tuple(cells)
        return len(wanted.places([fold(text) for text in texts])) > 1 or any(map(self.speaks, texts))

    def _known(self, wanted: Wanted) -> Iterator[tuple[str, str]]:
        """Folded, and as it is told; a column that was declared absent is not missed."""
        for name, ours in self.limits.items():
            theirs = wanted.headers.get(name, "")
            for one in dict.fromkeys((theirs, ours)) if theirs else ():
                yield fold(one), one


def _like(name: str, known: Iterable[tuple[str, str]], words: Iterable[str]) -> str | None:
    """The known name that this one is nearly, as it is told."""
    theirs, joined = name.split("_"), name.replace("_", "")
    for folded, told in known:
        ours, whole = folded.split("_"), folded.replace("_", "")
        slips = 1 if len(whole) < _LONG_NAME else 2
        part_of_ours = set(theirs) - _VAGUE and set(theirs) <= set(ours)
        holds_ours = all(any(_same(word, other) for other in theirs) for word in ours)
        if whole in joined or part_of_ours or holds_ours or distance(joined, whole) <= slips:
            return told
    return next((word for word in words if any(_means(word, other) for other in theirs)), None)


def _nearest(name: str, known: Iterable[tuple[str, str]]) -> str:
    return min(known, key=lambda one: distance(name, one[0]))[1]


def _same(word: str, other: str) -> bool:
    return word == other or (len(word) >= _LONG_WORD and distance(word, other) <= 1)


def _means(word: str, other: str) -> bool:
    return other.removesuffix("s") == word.removesuffix("s") or (len(word) >= _LONG_NAME and _same(word, other))


def distance(one: str, other: str) -> int:
    """Letters put in, left out, changed or swapped with their neighbour (optimal string alignment); 9: many."""
    if abs(len(one) - len(other)) > 2:  # noqa: PLR2004  nobody asks for more
        return 9
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        now = [row]
        for column, against in enumerate(other, 1):
            best = min(last[column] + 1, now[-1] + 1, last[column - 1] + (letter != against))
            if row > 1 and column > 1 and (letter, one[row - 2]) == (other[column - 2], against):
                best = min(best, before[column - 2] + 1)
            now.append(best)
        before, last = last, now
    return last[-1]


def _is_foreign(name: str) -> bool:
    """Whether there are letters of another alphabet, which look like ours and are not."""
    plain = unicodedata.normalize("NFKD", name[:_LONGEST])
    return any(c.isalpha() and not unicodedata.name(c, "").startswith("LATIN") for c in plain)
