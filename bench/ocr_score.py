"""How well a page was read: printed words found, wherever they stand, and character errors that know no reading order.

Both engines are scored on what `pdftotext -raw` (Poppler) finds in their files: what a reader can search and copy.
"""

import re
import subprocess
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

_ALIKE: Final = str.maketrans(
    {"’": "'", "‘": "'", "“": '"', "”": '"', "«": '"', "»": '"', "—": "-", "–": "-", "ﬁ": "fi", "ﬂ": "fl"}
)
_SHORTEST: Final = 3
"""Characters; a shorter line is found anywhere, which says nothing."""
_LIKELY: Final = 60.0
"""Of 100: likeness from which what was found in the text is this line, and can be no other's."""
_TAKEN: Final = "\0"


@dataclass(frozen=True, slots=True)
class Score:
    """Of one page, or of several together."""

    found: int = 0
    """Printed words that were found; one that is printed twice counts twice if it is found twice."""
    printed: int = 0
    errors: int = 0
    """Edits between the printed lines and what was found of them."""
    characters: int = 0
    """Of the printed lines."""

    def __add__(self, other: "Score") -> "Score":
        return Score(
            self.found + other.found,
            self.printed + other.printed,
            self.errors + other.errors,
            self.characters + other.characters,
        )

    @property
    def recall(self) -> float:
        """Share of the printed words that were found."""
        return self.found / self.printed if self.printed else 0.0

    @property
    def cer(self) -> float:
        """Errors a character, 0 to 1."""
        return self.errors / self.characters if self.characters else 0.0


@dataclass(frozen=True, slots=True)
class Ratios:
    """Of pairs of runs: ours over theirs, each with the one that ran beside it."""

    least: float
    median: float
    most: float

    @classmethod
    def of(cls, ours: Sequence[float], theirs: Sequence[float]) -> "Ratios":
        """Raises ValueError unless there are as many of both, and some."""
        each = [one / other for one, other in zip(ours, theirs, strict=True)]
        return cls(min(each), median(each), max(each))

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.least:.2f} to {self.most:.2f})"


def total(scores: Iterable[Score]) -> Score:
    return sum(scores, Score())


def score(lines: Sequence[str], read: str) -> Score:
    """What was read of a page on which these lines are printed."""
    printed, found = words(" ".join(lines)), words(read)
    errors, characters = _errors(lines, read)
    return Score((printed & found).total(), printed.total(), errors, characters)


def words(text: str) -> Counter[str]:
    """What stands between white space, each as often as it stands there."""
    return Counter(normalised(text).split())


def normalised(text: str) -> str:
    """Composed characters, plain quotes, dashes and spaces (no-break ones too): what nobody would call a misreading."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", text).translate(_ALIKE)).strip()


def _errors(lines: Sequence[str], read: str) -> tuple[int, int]:
    """Edits and characters. Each line, the longest first, takes its best place in the text, which is then taken."""
    text, errors, characters = normalised(read), 0, 0
    wanted = [line for line in map(normalised, lines) if len(line) >= _SHORTEST]
    for line in sorted(wanted, key=len, reverse=True):
        characters += len(line)
        place = fuzz.partial_ratio_alignment(line, text) if text else None
        if place is None:
            errors += len(line)
            continue
        start, end = place.dest_start, place.dest_end
        errors += min(Levenshtein.distance(line, text[start:end]), len(line))
        if place.score > _LIKELY:
            text = text[:start] + _TAKEN * (end - start) + text[end:]
    return errors, characters


def text_of(pdf: Path) -> str:
    """What Poppler finds in a file; nothing where there is none. Raises CalledProcessError where it cannot be read."""
    if not pdf.exists():
        return ""
    command = ["pdftotext", "-raw", str(pdf), "-"]
    return subprocess.run(command, check=True, capture_output=True).stdout.decode("utf-8", "replace")
