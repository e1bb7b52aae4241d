"""Dates written out in words, as in certificates of birth: `le trois février mil neuf cent soixante et un`."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from pipeline.identity import vocabulary

_UNITS: Final = {
    word: number
    for number, word in enumerate(
        vocabulary.listed("UN DEUX TROIS QUATRE CINQ SIX SEPT HUIT NEUF DIX ONZE DOUZE TREIZE QUATORZE QUINZE SEIZE"),
        start=1,
    )
} | {"PREMIER": 1}
_TENS: Final = {
    "VINGT": 20,
    "VINGTS": 20,
    "TRENTE": 30,
    "QUARANTE": 40,
    "CINQUANTE": 50,
    "SOIXANTE": 60,
    "SEPTANTE": 70,
    "HUITANTE": 80,
    "OCTANTE": 80,
    "NONANTE": 90,
}
_THOUSAND: Final = frozenset(("MIL", "MILLE"))
_HUNDRED: Final = frozenset(("CENT", "CENTS"))
_JOINING: Final = frozenset(("ET",))
_NUMERALS: Final = frozenset((*_UNITS, *_TENS, *_THOUSAND, *_HUNDRED, *_JOINING))
_LONGEST_DAY: Final = 3
_FOUR: Final = 4


def spelled_dates(words: Sequence[str]) -> Iterator[tuple[int, int, date]]:
    """The dates in a line's compact words: from which word to before which, and the day.

    Day, year or both stand in words; the month always does.
    """
    for at, word in enumerate(words):
        if word not in vocabulary.MONTHS:
            continue
        end = at + 1
        while end < len(words) and words[end] in _NUMERALS:
            end += 1
        year = _year(words[at + 1 : end])
        for start in range(max(0, at - _LONGEST_DAY), at):
            day = _day(words[start:at])
            if year is not None and day is not None:
                try:
                    yield start, end, date(year, vocabulary.MONTHS[word], day)
                except ValueError:
                    continue
                break


def _day(words: Sequence[str]) -> int | None:
    if len(words) == 1 and words[0].isascii() and words[0].isdigit():
        return int(words[0])
    return _below_hundred(words) if words and words[0] not in _JOINING else None


def _year(words: Sequence[str]) -> int | None:
    """`mil neuf cent soixante et un`, `dix-neuf cent soixante et un`, `deux mille quatre`."""
    for at, word in enumerate(words):
        before, after = words[:at], words[at + 1 :]
        if word in _THOUSAND:
            thousands = 1 if not before else _below_hundred(before)
            hundreds = _year(after) if any(one in _HUNDRED for one in after) else _below_hundred(after)
            return None if thousands is None or hundreds is None else thousands * 1000 + hundreds
        if word in _HUNDRED:
            hundreds, rest = _below_hundred(before), _below_hundred(after)
            return None if not hundreds or rest is None else hundreds * 100 + rest
    return None


def _below_hundred(words: Sequence[str]) -> int | None:
    """0 of no word at all; None where the words are no number."""
    total = 0
    for word in words:
        if word in _JOINING:
            continue
        if total == _FOUR and _TENS.get(word) == _TENS["VINGT"]:
            total *= _TENS[word]
        elif word in _UNITS or word in _TENS:
            total += _UNITS.get(word, 0) or _TENS[word]
        else:
            return None
    return total
