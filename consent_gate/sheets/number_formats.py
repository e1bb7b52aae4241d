"""What a workbook's number format shows of a number (ECMA-376-1, 18.8.30 and 18.8.31): digits, a day, or neither."""

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final


class Shown(Enum):
    """What a person sees of a number in a cell."""

    NUMBER = "number"
    DAY = "day"
    UNCLEAR = "unclear"
    """A date without its day, month or year, or a time."""
    SHARE = "share"
    """A percentage or a fraction: other digits than the number's."""


@dataclass(frozen=True, slots=True)
class Format:
    shown: Shown
    width: int = 0
    """Digits that are shown at least, zeros before them."""


GENERAL: Final = Format(Shown.NUMBER)
_BUILT_IN: Final = {
    9: Format(Shown.SHARE),
    10: Format(Shown.SHARE),
    12: Format(Shown.SHARE),
    13: Format(Shown.SHARE),
    14: Format(Shown.DAY),
    15: Format(Shown.DAY),
    22: Format(Shown.DAY),
    **dict.fromkeys((16, 17, *range(18, 22), *range(27, 37), *range(45, 48), *range(50, 59)), Format(Shown.UNCLEAR)),
}
_LITERAL: Final = re.compile(r'"[^"]*"|\\.|[_*].')
_ELAPSED: Final = re.compile(r"\[(?:h+|m+|s+)\]")
_BRACKETED: Final = re.compile(r"\[[^\]]*\]")
_PADDED: Final = re.compile(r"0{2,15}")
_FRACTION: Final = re.compile(r"[?#0-9] ?/")
_DAY_NUMBER: Final = re.compile(r"(?<!d)d{1,2}(?!d)")


def built_in(number: int) -> Format:
    """The format of a number that needs no code."""
    return _BUILT_IN.get(number, GENERAL)


def format_of(code: str) -> Format:
    """The format of a code; of several between semicolons the first counts, which is that of positive numbers."""
    if _PADDED.fullmatch(code):
        return Format(Shown.NUMBER, len(code))
    plain = _LITERAL.sub("", code.lower()).split(";")[0].replace("general", "")
    if _ELAPSED.search(plain):
        return Format(Shown.UNCLEAR)
    plain = _BRACKETED.sub("", plain)
    if "%" in plain or _FRACTION.search(plain):
        return Format(Shown.SHARE)
    if _DAY_NUMBER.search(plain) and "m" in plain and "y" in plain:
        return Format(Shown.DAY)
    return Format(Shown.UNCLEAR) if re.search(r"[dmyhs]", plain) else GENERAL
