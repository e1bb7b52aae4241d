"""Dates in a line of text, as French people write them: in figures, with the month in words, all in words; ISO 8601."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from rapidfuzz.distance import Levenshtein

OLDEST: Final = 1930
"""Before the law of 1946 there were no records of occupational health; what reads older is a misreading."""

_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "JANVIER JANV JAN",
            "FEVRIER FEVR FEV",
            "MARS",
            "AVRIL AVR",
            "MAI",
            "JUIN",
            "JUILLET JUIL",
            "AOUT",
            "SEPTEMBRE SEPT SEP",
            "OCTOBRE OCT",
            "NOVEMBRE NOV",
            "DECEMBRE DEC",
        ),
        start=1,
    )
    for name in names.split()
}
_MISREADABLE: Final = 5
"""Letters of a month from which one may be misread."""
_CONFUSED: Final = str.maketrans({"O": "0", "Q": "0", "I": "1", "L": "1", "|": "1", "!": "1", "S": "5", "B": "8"})
_SIGN: Final = r"[0-9OQIL|!SB]"
_PAIR: Final = rf"({_SIGN}{{1,2}})"
_BETWEEN: Final = r" ?[/.\-] ?"
_LEFT: Final = r"(?<![0-9A-Z])(?<![0-9][/.,\-])"
_RIGHT: Final = r"(?![0-9A-Z]|[/.\-][0-9])"
_IN_FIGURES: Final = re.compile(rf"{_LEFT}{_PAIR}{_BETWEEN}{_PAIR}{_BETWEEN}({_SIGN}{{4}}|{_SIGN}{{2}}){_RIGHT}")
_SPACED: Final = re.compile(r"(?<![0-9])(?<![0-9][ .])([0-3][0-9]) ([01][0-9]) ((?:19|20)[0-9]{2})(?! ?[0-9])")
_STROKE_LOST: Final = (
    re.compile(r"(?<![0-9/])([0-3][0-9])/([01][0-9])((?:19|20)[0-9]{2})(?![0-9/])"),
    re.compile(r"(?<![0-9/])([0-3][0-9])([01][0-9])/((?:19|20)[0-9]{2})(?![0-9/])"),
)
_ISO: Final = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})-([01][0-9])-([0-3][0-9])(?![0-9])")
_WORDED: Final = re.compile(
    rf"{_LEFT}(?:(PREMIER|[1IL|!] ?ER)|({_SIGN}{{1,2}})) ?([A-Z0-9]{{3,10}})\.? ?({_SIGN}{{4}})(?![0-9])"
)
_TO_SIXTEEN: Final = "UN DEUX TROIS QUATRE CINQ SIX SEPT HUIT NEUF DIX ONZE DOUZE TREIZE QUATORZE QUINZE SEIZE"
_LIKE_A_DATE: Final = re.compile(
    rf"(?<![0-9/])(?=(?:{_SIGN}?[0-9/ ]){{6}})({_SIGN}{{1,2}}) ?/ ?({_SIGN}{{1,2}}) ?/? ?({_SIGN}{{4}})(?![0-9/])"
)
_NO_HOUR: Final = re.compile(r"(?<![0-9])[6-9][0-9] ?H ?[0-9]{2}(?![0-9])")
_DAYS, _MONTHS_A_YEAR, _FIRST_YEAR, _LAST_YEAR = 31, 12, 1850, 2100
_UNITS: Final = {word: number for number, word in enumerate(_TO_SIXTEEN.split(), start=1)} | {"PREMIER": 1, "UNE": 1}
_TENS: Final = {"VINGT": 20, "VINGTS": 20, "TRENTE": 30, "QUARANTE": 40, "CINQUANTE": 50, "SOIXANTE": 60}
_NUMBER_WORD: Final = rf"(?:{'|'.join([*_UNITS, *_TENS, 'ET'])})"
_ALL_WORDS: Final = re.compile(
    rf"(?<![A-Z])({_NUMBER_WORD}(?:[ \-]{_NUMBER_WORD}){{0,3}}) ({'|'.join(m for m in _MONTHS if len(m) > 2)})"  # noqa: PLR2004
    rf" (DEUX MILLE|MILLE NEUF CENT|MIL NEUF CENT|DIX[ \-]NEUF CENT)S?((?:[ \-]{_NUMBER_WORD}){{0,5}})(?![A-Z])"
)


@dataclass(frozen=True, slots=True)
class Written:
    """A date as it stands in a text: signs `start` to `end` of it."""

    day: date
    start: int
    end: int
    sure: bool
    """Whether it could be nothing else: no letter was taken for a digit, no century guessed, no month misread."""


def written(text: str, latest: date) -> Iterator[Written]:
    """Dates of a text in capitals without diacritics, none after `latest`: a year of two digits is of the last hundred
    years before it.
    """
    taken: list[tuple[int, int]] = []
    for found in sorted(_found(text, latest), key=lambda one: (one.start, -one.end)):
        if not any(found.start < end and start < found.end for start, end in taken):
            taken.append((found.start, found.end))
            yield found


def garbled(text: str) -> Iterator[tuple[int, int]]:
    """Where something stands that was a date or an hour, and is none as it was read: digits are misread here."""
    for match in _LIKE_A_DATE.finditer(text):
        day, month, year = (_number(part) for part in match.groups())
        if not (1 <= day <= _DAYS and 1 <= month <= _MONTHS_A_YEAR and _FIRST_YEAR <= year <= _LAST_YEAR):
            yield match.span()
    for match in _NO_HOUR.finditer(text):
        yield match.span()


def _found(text: str, latest: date) -> Iterator[Written]:
    for match in (*_IN_FIGURES.finditer(text), *_SPACED.finditer(text)):
        day, month, year = match.groups()
        if sum(sign.isdigit() for sign in day + month + year) * 2 >= len(day + month + year):
            yield from _dated(match, _number(day), _number(month), year, latest)
    for pattern in _STROKE_LOST:
        for match in pattern.finditer(text):
            day, month, year = match.groups()
            yield from _dated(match, int(day), int(month), year, latest, sure=False)
    for match in _ISO.finditer(text):
        year, month, day = match.groups()
        yield from _dated(match, int(day), int(month), year, latest)
    for match in _WORDED.finditer(text):
        first, day, word, year = match.groups()
        month = _month(word)
        if month is not None:
            exact = word in _MONTHS
            yield from _dated(match, 1 if first else _number(day), month, year, latest, sure=exact)
    for match in _ALL_WORDS.finditer(text):
        yield from _in_words(match, latest)


def _dated(
    match: re.Match[str], day: int, month: int, year: str, latest: date, *, sure: bool = True
) -> Iterator[Written]:
    full = _number(year)
    if len(year) == 2:  # noqa: PLR2004 (JJ/MM/AA)
        full += 2000 if full + 2000 <= latest.year else 1900
        sure = False
    figures = re.sub(r"[A-Z]{3,}", "", match[0])
    exact = sure and not re.search(r"[OQIL|!SB](?!R)", figures)
    found = _day(full, month, day)
    if found is not None and found.year >= OLDEST and found <= latest:
        yield Written(found, match.start(), match.end(), exact)


def _in_words(match: re.Match[str], latest: date) -> Iterator[Written]:
    day, month, century, rest = match.groups()
    year = (2000 if century.startswith("DEUX") else 1900) + _counted(rest)
    found = _day(year, _MONTHS[month], _counted(day))
    if found is not None and found.year >= OLDEST and found <= latest:
        yield Written(found, match.start(), match.end(), sure=True)


def _counted(words: str) -> int:
    """A number below hundred in words: vingt-quatre, soixante et onze, quatre-vingt-dix-huit."""
    total = 0
    for word in words.replace("-", " ").split():
        if word in ("VINGT", "VINGTS") and total == 4:  # noqa: PLR2004 (quatre-vingts)
            total = 80
        else:
            total += _UNITS.get(word, 0) + _TENS.get(word, 0)
    return total


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _number(signs: str) -> int:
    return int(signs.translate(_CONFUSED))


def _month(word: str) -> int | None:
    """The month of a word, or the one that differs from it by one letter, `rn` for `m` aside."""
    word = word.replace("RN", "M")
    if word in _MONTHS:
        return _MONTHS[word]
    if len(word) < _MISREADABLE - 1:
        return None
    near = {
        number
        for name, number in _MONTHS.items()
        if len(name) >= min(_MISREADABLE, len(word)) - 1
        and Levenshtein.distance(name, word, score_cutoff=1) <= 1
        and name[0] == word[0]
    }
    return near.pop() if len(near) == 1 else None
