"""What a workbook's number format shows of a cell (ECMA-376-1, 18.8.30 and 18.8.31): digits, a day, text, or neither.

Formats can show anything whatever the cell holds. Those that plainly show it are known here; no other is trusted.
"""

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
    OTHERWISE = "otherwise"
    """Signs of its own, conditions, another calendar, scaled numbers: what is seen may be anything."""


@dataclass(frozen=True, slots=True)
class Format:
    shown: Shown
    width: int = 0
    """Digits that are shown at least, zeros before them."""
    month_first: bool = False
    """A day is shown as month, day, year, in digits alone: a French reader takes it for another."""
    text: bool = True
    """Whether a cell of text shows that text, and nothing else."""
    struck: bool = False
    """Whether the cell's font strikes through what it shows."""


GENERAL: Final = Format(Shown.NUMBER)
_OTHERWISE: Final = Format(Shown.OTHERWISE)
_BUILT_IN: Final = {
    **dict.fromkeys((0, 1, 2, 3, 4, 49), GENERAL),
    **dict.fromkeys((9, 10, 12, 13), Format(Shown.SHARE)),
    **dict.fromkeys((14, 15, 22), Format(Shown.DAY)),
    **dict.fromkeys((16, 17, *range(18, 22), *range(27, 37), *range(45, 48), *range(50, 59)), Format(Shown.UNCLEAR)),
}
"""Day, month and year of 14 and 22 are in the order of the person's own country."""
_SOCIAL_SECURITY: Final = (
    '[>=3000000000000]#" "##" "##" "##" "###" "###" | "##;#" "##" "##" "##" "###" "###',
    '#" "##" "##" "##" "###" "###" | "##',
)
"""Excel's own format of a French social security number: its digits, in groups."""
_NUMBER: Final = re.compile(r"@|general|#{0,15}(0{1,15})(?:\.0{1,15})?|#(?:,|\\? |\" \")##0(?:\.0{1,15})?")
_LANGUAGE: Final = re.compile(r"\[\$-(?:0*(?:[48c]|1[048])?0[9c]|f800|x-sysdate|(?:fr|en)(?:-[a-z]{2})?)\]", re.ASCII)
"""French and English of any country, and the person's own long date: the calendar is ours."""
_SEPARATOR: Final = re.compile(r"\\([ ./,-])|\"([ ./,-]*)\"")
_DAY: Final = re.compile(r"((?:d+|m+|y+)(?:[ ./,-]+(?:d+|m+|y+))*)(?:[ ,]*h{1,2}:mm(?::ss)?(?: am/pm)?)?(?:;@)?")
_PART: Final = re.compile(r"d+|m+|y+")
_ORDERS: Final = frozenset({"dmy", "mdy", "ymd"})
_LITERAL: Final = re.compile(r'"([^"]*)"|\\(.)|_.|\*.')
_BRACKETED: Final = re.compile(r"\[[^\]]*\]")
_FRACTION: Final = re.compile(r"[?#0-9] ?/")
_SECTIONS: Final = 4
_DIGITS: Final = 2
"""Signs of a day, a month or a year by which it is shown in digits, and two of them at most."""


def built_in(number: int) -> Format:
    """The format of a number that needs no code."""
    return _BUILT_IN.get(number, _OTHERWISE)


def format_of(code: str) -> Format:
    """The format of a code."""
    lower, text = code.lower(), _shows_text(code)
    number = _NUMBER.fullmatch(lower)
    if number or code in _SOCIAL_SECURITY:
        return Format(Shown.NUMBER, len(number[1] or "") if number else 0, text=text)
    plain = _SEPARATOR.sub(lambda sign: sign[1] or sign[2] or "", _LANGUAGE.sub("", lower, count=1))
    whole = _DAY.fullmatch(plain)
    if whole:
        return _day(_PART.findall(whole[1]), text=text)
    bare = _BRACKETED.sub("", _LITERAL.sub("", lower.split(";")[0]))
    if "%" in bare or _FRACTION.search(bare):
        return Format(Shown.SHARE, text=text)
    is_time = re.fullmatch(r"(?:\[(?:h+|m+|s+)\]|[hms:. ]|am/pm)+", plain)
    return Format(Shown.UNCLEAR if is_time else Shown.OTHERWISE, text=text)


def _day(parts: list[str], *, text: bool) -> Format:
    """Of a day one number, of a month digits or a name, of a year two or four digits; the day's name besides."""
    told = [part for part in parts if not (part[0] == "d" and len(part) > _DIGITS)]
    order = "".join(part[0] for part in told)
    lengths = {part[0]: len(part) for part in told}
    weekdays = len(parts) - len(told)
    if order not in _ORDERS or weekdays > 1 or lengths["m"] > _SECTIONS or lengths["y"] not in (2, 4):
        return Format(Shown.UNCLEAR, text=text)
    return Format(Shown.DAY, month_first=order == "mdy" and lengths["m"] <= _DIGITS, text=text)


def _shows_text(code: str) -> bool:
    """Whether text is shown as it is: by the fourth section, by the one that says so, or for want of both."""
    sections = _LITERAL.sub(lambda sign: "" if sign[0].startswith("_") else '"', code).split(";")
    says = [section for section in sections if "@" in section]
    if says:
        return says == [sections[-1]] and says[0].strip() == "@"
    return len(sections) < _SECTIONS
