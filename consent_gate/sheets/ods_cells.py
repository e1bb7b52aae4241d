"""What a cell of an ODS says (OpenDocument 1.2, part 1, 9.1.4 and 19.385): what it stores, where it shows the same."""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from consent_gate.sheets import values

_URN: Final = "urn:oasis:names:tc:opendocument:xmlns"
OFFICE: Final = f"{_URN}:office:1.0}}"
TABLE: Final = f"{_URN}:table:1.0}}"
_TYPE, _FORMULA = f"{OFFICE}value-type", f"{TABLE}formula"
_CALC_TYPE: Final = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}value-type"
_OF_KIND: Final = {"boolean": values.BOOLEAN, "error": values.ERROR}
_BLANKS: Final = re.compile(r"[ \t\r\n]+")
_DIGITS: Final = re.compile(r"[0-9]+")
_LETTERS: Final = re.compile(r"[a-z]{3,}")
_ZEROS: Final = re.compile(r"[.,]0{1,15}")
_GROUPED: Final = re.compile(r"-?(?:[0-9]{1,3}(?:[ .,'\u2019][0-9]{3})+|[0-9]+)")
_MONTHS: Final = (
    ("janvier", "january"), ("fevrier", "february"), ("mars", "march"), ("avril", "april"), ("mai", "may"),
    ("juin", "june"), ("juillet", "july"), ("aout", "august"), ("septembre", "september"), ("octobre", "october"),
    ("novembre", "november"), ("decembre", "december"),
)  # fmt: skip
_MARCH: Final = 3


class Cell:
    """The cell that is being read: its attributes, and the text that it shows."""

    def __init__(self, attributes: Mapping[str, str], depth: int, *, covered: bool) -> None:
        self.attributes = attributes
        self.depth = depth
        self.covered = covered
        self.computes = _FORMULA in attributes
        self.struck = False
        self.otherwise = False
        """Whether its format shows another text than it holds."""
        self._parts: list[str] = []
        self._room = values.LONGEST + 1

    def hear(self, text: str) -> None:
        if self._room > 0:
            self._parts.append(text[: self._room])
            self._room -= len(text)

    def hear_characters(self, text: str) -> None:
        """Blanks are one space, whatever they are (OpenDocument 1.2, 6.1.2)."""
        self.hear(_BLANKS.sub(" ", text))

    def paragraph(self) -> None:
        if self._parts:
            self.hear("\n")

    @property
    def filled(self) -> bool:
        return bool(self._parts or self.computes or _TYPE in self.attributes)

    def said(self) -> str:
        if self.covered:
            return values.MERGED
        if self.computes:
            return values.FORMULA
        if self._room <= 0:
            return values.TOO_LONG
        kind = "error" if self.attributes.get(_CALC_TYPE) == "error" else self.attributes.get(_TYPE, "string")
        said = self._of_kind(kind, "".join(self._parts).strip())
        return values.Struck(said) if self.struck and said and not isinstance(said, values.CellCode) else said

    def _of_kind(self, kind: str, shown: str) -> str:
        match kind:
            case "string" | "void":
                if shown and self.otherwise:
                    return values.FORMAT
                return values.plain_text(shown) if self._agrees(shown) else values.UNSHOWN
            case "float":
                return _number(self.attributes.get(f"{OFFICE}value", ""), shown)
            case "date":
                return _day(self.attributes.get(f"{OFFICE}date-value", ""), shown)
            case _:
                return _OF_KIND.get(kind, values.INEXACT)

    def _agrees(self, shown: str) -> bool:
        """Whether a text that is stored apart is the one that is shown."""
        stored = self.attributes.get(f"{OFFICE}string-value")
        return stored is None or _BLANKS.sub(" ", stored).strip() == _BLANKS.sub(" ", shown)


def _number(text: str, shown: str) -> str:
    """A number's digits, where they are what the cell shows; with the zeros before them that it shows."""
    number = values.digits(text)
    if isinstance(number, values.CellCode):
        return number
    plain = shown.replace("\u00a0", " ").replace("\u202f", " ")
    if _DIGITS.fullmatch(plain) and len(plain) <= values.LONGEST_PADDED:
        return plain if plain.lstrip("0") == number.lstrip("0") else values.FORMAT
    whole = [plain, *([plain[: zeros.start()]] if (zeros := _last_zeros(plain)) else [])]
    grouped = (re.sub(r"[^0-9-]", "", one) for one in whole if _GROUPED.fullmatch(one))
    return number if number in grouped else values.FORMAT


def _last_zeros(shown: str) -> re.Match[str] | None:
    """The zeros after the point of a whole number."""
    return next((found for found in _ZEROS.finditer(shown) if found.end() == len(shown)), None)


@lru_cache(maxsize=4096)
def _day(text: str, shown: str) -> str:
    """A day, where the cell shows that day, that month and that year."""
    day = values.day_of_iso(text)
    if isinstance(day, values.CellCode):
        return day
    year, month, number = (int(part) for part in day.split("-"))
    plain = unicodedata.normalize("NFKD", shown[:100].lower())
    names = _LETTERS.findall("".join(c for c in plain if not unicodedata.combining(c)))
    named = {place for place, both in enumerate(_MONTHS, 1) for name in names if _abbreviates(name, both)}
    named -= {_MARCH} - {month} if "mar" in names else set()  # a Tuesday, in short
    numbers = [int(each) for each in _DIGITS.findall(plain)]
    wanted = [number, *([] if named else [month])]
    if named - {month} or not any(_takes(numbers, [*wanted, one]) for one in (year, year % 100)):
        return values.UNCLEAR
    return day if named or numbers[:2] != [month, number] else values.in_other_order(day)


def _abbreviates(name: str, both: tuple[str, str]) -> bool:
    return any(full.startswith(name) for full in both)


def _takes(numbers: list[int], wanted: list[int]) -> bool:
    """Whether each of these stands among those, as often."""
    return all(numbers.count(one) >= wanted.count(one) for one in wanted)
