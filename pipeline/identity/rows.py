"""A zone's words in rows as the eye sees them, and the spans of words that may be a name, a date or a number."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Final

from pipeline.identity.traits import compact, dates, normalise
from pipeline.model import Word

_ROW: Final = 0.5
"""Of a word's height: words whose baselines are no further apart stand in one row."""
_LONGEST_DATE: Final = 5
_LONGEST_NUMBER: Final = 9
_NUMBER: Final = 13
_EDGES: Final = " .,;:()[]{}«»\"'’|_-–—*/\\"
BETWEEN: Final = frozenset(("", "DE", "D", "S", "ET", "NE", "NEE", "EPOUSE", "EP"))
"""Words that may stand between a label and its name, or between two names."""
_FIGURES: Final = re.compile(
    r"\d{1,2} ?[/.\-] ?\d{1,2} ?[/.\-] ?(?:\d{4}|\d{2})|\d{1,2} \d{1,2} \d{4}|\d{4}-\d{2}-\d{2}"
)
_WORDED: Final = re.compile(r"(?:1 ?ER|PREMIER|\d{1,2}) [A-Z]{3,9}\.? (?:\d{4}|(?:19|20)\d[ .]{1,2}\d)")
_DIGITS: Final = re.compile(r"[0-9OIL|SB]*[0-9][0-9OIL|SBA]*")


@dataclass(frozen=True, slots=True)
class Span:
    """Consecutive words of one row."""

    row: int
    start: int
    words: tuple[Word, ...] = field(repr=False)

    @property
    def places(self) -> list[tuple[int, int]]:
        return [(self.row, self.start + place) for place in range(len(self.words))]

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words).strip(_EDGES)

    @property
    def digits(self) -> str:
        return "".join(normalise(word.text).strip(_EDGES) for word in self.words)

    @property
    def days(self) -> frozenset[date]:
        """The days that the words say and nothing else; none where there is more than a date in them."""
        if not any(sign.isdigit() for word in self.words for sign in word.text):
            return frozenset()
        plain = normalise(self.text)
        return dates(plain) if _FIGURES.fullmatch(plain) or _WORDED.fullmatch(plain) else frozenset()


@dataclass(frozen=True, slots=True)
class Rows:
    """The zone's words in rows as the eye sees them, columns included."""

    rows: tuple[tuple[Word, ...], ...] = field(repr=False)

    @classmethod
    def of(cls, words: Sequence[Word]) -> "Rows":
        rows: list[list[Word]] = []
        for word in sorted(words, key=_level):
            if rows and abs(_level(rows[-1][-1]) - _level(word)) <= _ROW * min(rows[-1][-1].height, word.height):
                rows[-1].append(word)
            else:
                rows.append([word])
        return cls(tuple(tuple(sorted(row, key=lambda word: word.x0)) for row in rows))

    def spans(self, length: int) -> Iterator[Span]:
        for number, row in enumerate(self.rows):
            for start in range(len(row) - length + 1):
                words = row[start : start + length]
                ends = compact(words[0].text) and compact(words[-1].text)  # a colon or a stroke beside it is not part
                if ends and all(_close(one, other) for one, other in pairwise(words)):
                    yield Span(number, start, words)

    def columns(self) -> Iterator[Sequence[Word]]:
        """The parts of each row between gaps of a column's width."""
        for row in self.rows:
            starts = [0, *(at for at in range(1, len(row)) if not _close(row[at - 1], row[at]))]
            yield from (row[start:end] for start, end in pairwise([*starts, len(row)]))

    def dates(self) -> Iterator[Span]:
        """Longest first: `8 juillet 1982` is one."""
        for length in range(_LONGEST_DATE, 0, -1):
            yield from (span for span in self.spans(length) if span.days)

    def numbers(self) -> Iterator[Span]:
        """Runs of words that are digits and nothing else, long enough for a matricule."""
        for length in range(_LONGEST_NUMBER, 0, -1):
            for span in self.spans(length):
                parts = [normalise(word.text).strip(_EDGES) for word in span.words]
                if _NUMBER <= len(span.digits) <= _NUMBER + 2 and all(_DIGITS.fullmatch(part) for part in parts):
                    yield span

    def before(self, span: Span) -> str:
        """The word before it in its row, compact; what may stand between a label and a name is passed over."""
        for word in reversed(self.rows[span.row][: span.start]):
            said = compact(word.text)
            if said not in BETWEEN:
                return said
        return ""

    def follows(self, span: Span, labels: frozenset[str], between: frozenset[str]) -> bool:
        """Whether the words before it in its row lead back to a label, with nothing else between."""
        for word in reversed(self.rows[span.row][: span.start]):
            said = compact(word.text)
            if said in labels:
                return True
            if said not in between:
                return False
        return False

    def joins(self, one: Span, other: Span) -> bool:
        if one.row != other.row:
            return False
        row = self.rows[one.row]
        between = row[one.start + len(one.words) : other.start]
        chain = [one.words[-1], *between, other.words[0]]
        near = all(_close(left, right) for left, right in pairwise(chain))
        return near and all(compact(word.text) in BETWEEN for word in between)


def _level(word: Word) -> float:
    return (word.y0 + word.y1) / 2


def _close(one: Word, other: Word) -> bool:
    """Whether two words of a row may belong together."""
    return other.x0 - one.x1 <= 2 * max(one.height, other.height)
