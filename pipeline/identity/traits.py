"""What identifies a person in a text (RNIV traits): names, birth dates and matricules, as people and OCR write them."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from typing import Final

from rapidfuzz.distance import Levenshtein
from stdnum.fr import nir

# --- Names ------------------------------------------------------------------------------------------------------------

_LIGATURES: Final = str.maketrans(
    {"Œ": "OE", "Æ": "AE", "Ø": "O", "Ł": "L", "Đ": "D", "ẞ": "SS"}
    | dict.fromkeys("\u2018\u2019\u02bc", "'")
    | dict.fromkeys("\u2010\u2011\u2013", "-")
)
_WORD: Final = re.compile(r"[A-Z0-9]+")
_TWICE: Final = re.compile(r"(.)\1")


def normalise(text: str) -> str:
    """Upper case A-Z without diacritics, Œ as OE, Æ as AE, ß as SS (RNIV); other signs stay as they are."""
    upper = text.upper().translate(_LIGATURES)
    stripped = unicodedata.normalize("NFKD", upper)
    return "".join(sign for sign in stripped if not unicodedata.combining(sign)).upper().translate(_LIGATURES)


def words(text: str) -> list[str]:
    """The normalised words of a text in order; hyphens, apostrophes and line ends separate as spaces do."""
    return _WORD.findall(normalise(text))


def compact(name: str) -> str:
    """A name as it is compared: LE GOFF, Le-Goff and LEGOFF are all LEGOFF."""
    return "".join(words(name))


def tolerance(length: int) -> int:
    """How many misread letters a name of that length may have: one letter is all that tells short names apart."""
    return 0 if length <= 4 else 1 if length <= 8 else 2  # noqa: PLR2004 (the scale itself)


def alike(one: str, other: str) -> bool:
    """Whether two names could be taken for each other on paper: LEFÈVRE and LEFEBVRE are alike."""
    first, second = _folded(compact(one)), _folded(compact(other))
    allowed = tolerance(min(len(first), len(second)))
    return bool(first and second) and Levenshtein.distance(first, second, score_cutoff=allowed) <= allowed


def minims(name: str) -> str:
    """A name as its upright strokes: `m`, `in`, `ni` and `iii` are three of them to an OCR that is unsure."""
    return compact(name).translate(_MINIMS)


def heard(name: str) -> str:
    """A name as it is spelled by ear: Mathieu and Matthieu, Sofia and Sophia are one; Louise and Louis are not."""
    return _TWICE.sub(r"\1", compact(name).replace("PH", "F").replace("H", "").replace("Y", "I"))


def _folded(name: str) -> str:
    """OCR's commonest confusion of letters, `rn` for `m`, is no difference."""
    return name.replace("RN", "M")


_MINIMS: Final = str.maketrans({"M": "III", "N": "II", "U": "II", "L": "I", "1": "I"})
_LOOKALIKES: Final = str.maketrans({"0": "O", "Q": "O", "1": "I", "L": "I", "5": "S", "8": "B", "2": "Z"})


def fold(name: str) -> str:
    """A name as it is compared where it must be exact: compact, signs that OCR exchanges being the same sign."""
    return _folded(compact(name).translate(_LOOKALIKES)).replace("VV", "W")


class PageWords:
    """A page's words, ready to be searched for names."""

    def __init__(self, text: str) -> None:
        self._words = words(text)
        self._spans: dict[int, dict[str, list[int]]] = {}

    def places(self, name: str) -> list[int]:
        """Where the name begins (index among the page's words); small OCR errors and other splits allowed."""
        wanted = _folded(compact(name))
        if not wanted:
            return []
        parts = len(words(name))
        allowed = tolerance(len(wanted))
        return sorted(
            {
                place
                for length in range(max(1, parts - 1), parts + 2)
                for span, places in self._of_length(length).items()
                if abs(len(span) - len(wanted)) <= allowed
                and (span == wanted or Levenshtein.distance(span, wanted, score_cutoff=allowed) <= allowed)
                for place in places
            }
        )

    def _of_length(self, length: int) -> dict[str, list[int]]:
        if length not in self._spans:
            spans: dict[str, list[int]] = {}
            for place in range(len(self._words) - length + 1):
                spans.setdefault(_folded("".join(self._words[place : place + length])), []).append(place)
            self._spans[length] = spans
        return self._spans[length]


# --- Digits that OCR confuses -----------------------------------------------------------------------------------------

_CONFUSED: Final = str.maketrans(
    {"O": "0", "Q": "0", "D": "0", "I": "1", "L": "1", "|": "1", "!": "1", "S": "5", "B": "8", "Z": "2"}
)
_SIGN: Final = r"[0-9OQDIL|!SBZ]"

# --- Dates ------------------------------------------------------------------------------------------------------------

_OLDEST: Final = 1900
_MONTHS: Final = {
    word: number
    for number, spellings in enumerate(
        (
            "JANVIER JANV",
            "FEVRIER FEVR FEV",
            "MARS",
            "AVRIL AVR",
            "MAI",
            "JUIN",
            "JUILLET JUIL",
            "AOUT",
            "SEPTEMBRE SEPT",
            "OCTOBRE OCT",
            "NOVEMBRE NOV",
            "DECEMBRE DEC",
        ),
        start=1,
    )
    for word in spellings.split()
}
_PAIR: Final = rf"({_SIGN} ?{_SIGN}?)"
_BETWEEN: Final = r" ?[/.\-] ?"
_CLEAR_LEFT: Final = r"(?<![0-9])(?<![0-9][/.\-])"
_CLEAR_RIGHT: Final = r"(?![0-9]|[/.\-][0-9])"
_DAY_FIRST: Final = re.compile(
    rf"{_CLEAR_LEFT}{_PAIR}{_BETWEEN}{_PAIR}{_BETWEEN}({_SIGN} ?{_SIGN}(?: ?{_SIGN} ?{_SIGN})?){_CLEAR_RIGHT}"
)
_YEAR_FIRST: Final = re.compile(
    rf"{_CLEAR_LEFT}({_SIGN}{{4}}){_BETWEEN}({_SIGN}{{1,2}}){_BETWEEN}({_SIGN}{{1,2}}){_CLEAR_RIGHT}"
)
# Letters are not taken for digits where no sign tells a date from a word.
_EIGHT: Final = re.compile(r"(?<![0-9])([0-9] ?[0-9]) ?([0-9] ?[0-9]) ?([0-9] ?[0-9] ?[0-9] ?[0-9])(?![0-9])")
_SIX: Final = re.compile(r"(?<![0-9])([0-9]{2}) ([0-9]{2}) ([0-9]{2})(?! ?[0-9])")
_WORDED: Final = re.compile(
    # looks ahead, so that a false start (the L of LE) hides no date
    rf"(?=(?<![0-9])(?:(PREMIER|[1IL|!T]ER)|({_SIGN}{{1,2}}))\s*"
    rf"([A-Z0-9|!]{{3,10}}?)\.?\s*({_SIGN}{{4}}|(?:19|20)[0-9][ .]{{1,2}}[0-9]|[0-9]{{2}})(?![0-9]))"
)


def dates(text: str) -> frozenset[date]:
    """All dates of a text that could be a birth date, written the French way (day first) or ISO 8601.

    `14/03/1978`, with `.`, `-` or spaces, `14/03/78` (both centuries), `14031978`, `1978-03-14`, `14 mars 1978`,
    `1er août 1982`; month words with one misread letter and the usual confusions of digits (O/0, l/1, S/5, B/8).
    """
    return frozenset(day for reading in _rules(normalise(text)) for day in _dates_in(" ".join(reading.split())))


def _rules(upper: str) -> set[str]:
    """An upright stroke is a misread 1 or the rule of a box: both readings."""
    return {upper, upper.replace("|", " ")}


def _dates_in(flat: str) -> set[date]:
    found: set[date] = set()
    for pattern in (_DAY_FIRST, _EIGHT, _SIX):
        for day, month, year in pattern.findall(flat):
            found.update(_dates(_number(day), _number(month), year))
    for year, month, day in _YEAR_FIRST.findall(flat):
        found.update(_dates(_number(day), _number(month), year))
    for first, day, word, year in _WORDED.findall(flat):
        for month in _months(word):
            found.update(_dates(1 if first else _number(day), month, year))
    return found


def _number(signs: str) -> int:
    return int(signs.replace(" ", "").translate(_CONFUSED))


def _months(word: str) -> set[int]:
    """The month of a word, or those that it is nearest to with one letter misread."""
    if word in _MONTHS:
        return {_MONTHS[word]}
    folded = _folded(word)
    return {number for month, number in _MONTHS.items() if Levenshtein.distance(folded, month, score_cutoff=1) <= 1}


def _dates(day: int, month: int, year: str) -> Iterator[date]:
    digits = year.replace(" ", "").replace(".", "")
    if sum(sign.isdigit() for sign in digits) * 2 < len(digits):
        return
    written = _number(digits)
    for full in (written,) if len(digits) == 4 else (1900 + written, 2000 + written):  # noqa: PLR2004 (JJ/MM/AAAA)
        if full >= _OLDEST:
            try:
                yield date(full, month, day)
            except ValueError:
                continue


# --- Matricules (NIR, NIA) --------------------------------------------------------------------------------------------

_DIGIT: Final = rf"(?:{_SIGN}|(?<=2)A)"
_RUN: Final = re.compile(rf"{_DIGIT}(?:[\s.\-_|]{{0,3}}{_DIGIT})*")
_KEY_WORD: Final = re.compile(r"\bCLE\b ?:?")
_SHORTEST_RUN: Final = 12
_STRUCTURE: Final = re.compile(
    # sex; year; month, or a pseudo-month of INSEE; department; commune; order; key
    r"[1-478]\d{2}(?:0[1-9]|1[0-2]|[2-3]\d|4[0-2]|[5-9]\d)(?:0[1-9]|[1-9]\d|2[AB])\d{3}(?!000)\d{3}\d{2}"
)
_GROUPS: Final = frozenset({(15,), (13, 2), (1, 12, 2), (1, 2, 2, 2, 3, 3, 2), (1, 2, 2, 2, 3, 5)})


def key(matricule13: str) -> str:
    """The two digits of control of a matricule's 13 characters: 97 - (N mod 97), 2A as 19 and 2B as 18.

    Raises ValueError where the 13 characters are no number.
    """
    return str(nir.calc_check_digits(matricule13))


def is_matricule(number: str) -> bool:
    """Whether 15 characters have the structure of a NIR or NIA and the right key."""
    return bool(_STRUCTURE.fullmatch(number)) and key(number[:13]) == number[13:]


def comparable(number: str) -> str:
    """A number as it is compared with what OCR read: digits alone, Corsica's letters as the digits they resemble."""
    if number.isascii() and number.isdigit():
        return number
    return "".join(sign for sign in normalise(number).translate(_CONFUSED).replace("A", "4") if sign.isdigit())


def digit_runs(text: str) -> list[str]:
    """The long runs of digits of a text (12 and more), compact and `comparable`, whatever stands between the digits."""
    runs = {comparable(run) for run in _runs(normalise(text))}
    return sorted(run for run in runs if len(run) >= _SHORTEST_RUN)


def _runs(upper: str) -> set[str]:
    return {run for reading in _rules(_KEY_WORD.sub(" ", upper)) for run in _RUN.findall(reading)}


def matricules(text: str) -> frozenset[str]:
    """The complete numbers of a text, 15 characters, with a plausible structure and the right key.

    A number counts where it is alone among the digits around it, or grouped as matricules are: a part of an IBAN or
    of a list of telephone numbers is none.
    """
    return frozenset(
        number
        for line in normalise(text).splitlines()
        for run in _runs(line)
        for signs in _standing(re.split(r"[\s.\-_]+", run))
        for number in _readings(signs)
        if is_matricule(number)
    )


def _standing(groups: list[str]) -> Iterator[str]:
    """The run as a whole, and those of its consecutive groups that have the lengths of a matricule's groups."""
    yield "".join(groups)
    lengths = [len(group) for group in groups]
    for shape in _GROUPS:
        for first in range(len(groups) - len(shape) + 1):
            if tuple(lengths[first : first + len(shape)]) == shape:
                yield "".join(groups[first : first + len(shape)])


def _readings(signs: str) -> Iterator[str]:
    """What 15 signs may mean: all digits, or Corsica's department with its letter."""
    if len(signs) != 15 or sum(sign.isdigit() for sign in signs) < 10:  # noqa: PLR2004 (two thirds are digits beyond doubt)
        return
    digits = signs.translate(_CONFUSED)
    yield digits
    if signs[6] in "AB":
        yield digits[:6] + signs[6] + digits[7:]
