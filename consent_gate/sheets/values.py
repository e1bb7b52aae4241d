"""What one cell of a spreadsheet says, as the person sees it: text, digits, a day; or why it says nothing certain.

A number is taken digit for digit or refused: whole, and of 15 digits at most (what IEEE 754 doubles keep, and
spreadsheets show). A day is taken where the cell shows a day, a month and a year, and no time of day.
"""

import re
import unicodedata
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

LONGEST: Final = 32_767
"""Characters of a cell, as in the spreadsheets themselves."""


class CellCode(str):
    """Why a cell is no statement: a key of `lexicon.catalogue.LINES`."""

    __slots__ = ()


class Day(str):
    """A cell that holds a day as such, not as text: AAAA-MM-JJ."""

    __slots__ = ()


class Struck(str):
    """What a cell says whose text is struck through: never a statement, but whom it names may be told by it."""

    __slots__ = ()


FORMULA: Final = CellCode("cell-formula")
ERROR: Final = CellCode("cell-error")
BOOLEAN: Final = CellCode("cell-boolean")
MERGED: Final = CellCode("cell-merged")
TOO_LONG: Final = CellCode("cell-too-long")
INVISIBLE: Final = CellCode("cell-invisible")
UNSHOWN: Final = CellCode("cell-unshown")
NOT_A_DAY: Final = CellCode("cell-date")
INEXACT: Final = CellCode("number-inexact")
WITH_TIME: Final = CellCode("date-with-time")
UNCLEAR: Final = CellCode("date-unclear")
FORMAT: Final = CellCode("cell-format")
STRUCK: Final = CellCode("cell-struck")
HIDDEN: Final = CellCode("line-hidden")

UNREADABLE: Final = "\ufffd0"
"""Stands in the place of such a cell: no field takes it, for anything or for nothing."""

_DIGITS: Final = 15
_LONGEST_NUMBER: Final = 40
LONGEST_PADDED: Final = 15
"""Digits of a number with zeros before it."""
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_FORMULA_TEXT: Final = re.compile(r"[=@]|[+-][^|(!]{0,80}[|(!]")
"""What a spreadsheet that opens an export of ours would compute."""
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cn", "Co", "Cs"})
_BREAKS: Final = "\t\n\r"
_UNBROKEN: Final = str.maketrans("\u00a0\u202f", "  ")
"""Spaces at which no line ends, as word processors put them after `n°` and before `:`."""
_ISO: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:T([0-9:.]+)Z?)?")
_MIDNIGHT: Final = re.compile(r"00?:00(?::00(?:\.0*)?)?")
_FIRST_DAY: Final = date(1899, 12, 31)
_FIRST_DAY_1904: Final = date(1904, 1, 1)
_LEAP_DAY: Final = 60
"""Serial number of 29 February 1900, which there never was."""
_MONTHS: Final = 12
_LAST_SERIAL: Final = 2_958_465


def plain_text(text: str) -> str | CellCode:
    """A text in NFC, without spaces around it, its spaces plain; refused if it computes, or holds signs unseen."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text).translate(_UNBROKEN)
    text = text.strip()
    if not text.isprintable() and any(unicodedata.category(c) in _UNSEEN and c not in _BREAKS for c in text):
        return INVISIBLE
    return FORMULA if _FORMULA_TEXT.match(text) else text


def digits(text: str) -> str | CellCode:
    """A number's digits: `12345`, `12345.0` and `1.2345E4` are one; fractions and more than 15 digits are refused."""
    if len(text) > _LONGEST_NUMBER or not _NUMBER.fullmatch(text):
        return INEXACT
    number = Decimal(text)
    if number.adjusted() >= _DIGITS or number != number.to_integral_value():
        return INEXACT
    return str(int(number))


def day_of_serial(text: str, *, since_1904: bool) -> Day | CellCode:
    """The day of a serial number: 1 is 1 January 1900, with a 29 February 1900 too many (ECMA-376-1, 18.17.4.1);
    in the 1904 system 0 is 1 January 1904.
    """
    if len(text) > _LONGEST_NUMBER or not _NUMBER.fullmatch(text):
        return UNCLEAR
    number = Decimal(text)
    if number.adjusted() < 0 < number or number > _LAST_SERIAL or number < (0 if since_1904 else 1):
        return UNCLEAR
    if number != number.to_integral_value():
        return WITH_TIME
    serial = int(number)
    if since_1904:
        return Day(_FIRST_DAY_1904 + timedelta(serial))
    if serial == _LEAP_DAY:
        return UNCLEAR
    return Day(_FIRST_DAY + timedelta(serial - (serial > _LEAP_DAY)))


def in_other_order(day: str) -> str:
    """A day that is shown as month, day, year in digits: where it could be read as another day, it says none."""
    _, month, number = (int(part) for part in day.split("-"))
    return day if number > _MONTHS or number == month else UNCLEAR


def day_of_iso(text: str) -> Day | CellCode:
    """The day of `AAAA-MM-JJ`, alone or at midnight."""
    parts = _ISO.fullmatch(text)
    if parts is None:
        return UNCLEAR
    if parts[2] and not _MIDNIGHT.fullmatch(parts[2]):
        return WITH_TIME
    try:
        return Day(date.fromisoformat(parts[1]))
    except ValueError:
        return UNCLEAR
