"""The dates of a zone, and which of them a label or an age calls the patient's birth date."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from pipeline.identity import spelled, vocabulary
from pipeline.identity.lines import SURE, Line, Lines, Place, Role, is_born, of_relative, role_of
from pipeline.identity.rows import Rows, Span
from pipeline.model import Word

_AGE_NEAR: Final = 5
"""Tokens behind a date among which an age may stand: `âgé de 62 ans`."""
_OF_AGE: Final = re.compile(r"(?:SEXE )?[MFH]?(?: ?(?:AGEE? DE|SOIT))?")
"""Between a birth date and an age: what was done `le 12/03/2014, il y a 10 ans` is no birth."""
_OF_SERVICE: Final = frozenset({"D", "DE", "ANCIENNETE"})
_DATE: Final = re.compile(r"\d{1,2}[/.\-]\d{1,2}[/.\-](?:\d{4}|\d{2})(?!\d)")


@dataclass(frozen=True, slots=True)
class Birth:
    """A date in the zone."""

    place: Place
    days: frozenset[date] = field(repr=False)
    """Two where the century is not written."""
    labelled: bool
    """A label, or an age behind it, says that it is the patient's birth date."""
    sure: bool


def parted(word: Word) -> Iterator[Word]:
    """A word that was read in one with a date in figures (`le:03/02/1961`), part by part; any other as it is."""
    found = _DATE.search(word.text)
    if found is None or not any(sign.isalpha() for sign in word.text):
        yield word
        return
    for start, end in ((0, found.start()), found.span(), (found.end(), len(word.text))):
        if start < end:
            step_x, step_y = (word.x1 - word.x0) / len(word.text), (word.y1 - word.y0) / len(word.text)
            yield replace(
                word,
                text=word.text[start:end],
                x0=word.x0 + start * step_x,
                y0=word.y0 + start * step_y,
                x1=word.x0 + end * step_x,
                y1=word.y0 + end * step_y,
            )


def births(rows: Rows, lines: Lines) -> Iterator[Birth]:
    taken: set[int] = set()
    for span in rows.dates():
        words = {id(word) for word in span.words}
        if words & taken:
            continue
        taken |= words
        place = _place(span, lines)
        if place is not None:
            sure = all(word.confidence >= SURE for word in span.words)
            yield Birth(place, span.days, _is_birth(lines, place), sure)
    for number, line in enumerate(lines.lines):
        for start, end, day in spelled.spelled_dates([token.plain for token in line]):
            place = Place(number, start, end)
            sure = all(token.sure for token in line[start:end])
            yield Birth(place, frozenset((day,)), _is_birth(lines, place), sure)


def _place(span: Span, lines: Lines) -> Place | None:
    words = {id(word) for word in span.words}
    inside = [at for at, token in enumerate(lines.lines[span.row]) if id(token.word) in words]
    return Place(span.row, inside[0], inside[-1] + 1) if inside else None


def _is_birth(lines: Lines, place: Place) -> bool:
    """Whether a label or an age says that a date is a birth date, and no word that it is a relative's."""
    line = lines.lines[place.line]
    label = _birth_label(line, place.start)
    if label is None and not _aged(line, place):
        role = lines.role_in_column(place)
        above = lines.role_above(place)
        return Role.BIRTH in (role, above) and not (above and of_relative(*_sentence(lines, place, place.start)))
    if lines.is_of_another(place.line) or (label is not None and _of_another(lines, Place(place.line, label, label))):
        return False
    return not of_relative(*_sentence(lines, place, place.start if label is None else label))


def _of_another(lines: Lines, place: Place) -> bool:
    """Whether the name before `né` is said to be somebody else's: `Personne de confiance : N. né le`."""
    line, start = lines.lines[place.line], place.start
    while start and not line[start].wide and line[start - 1].named and role_of(line, start - 1) is None:
        start -= 1
    return start < place.start and lines.role_before(replace(place, start=start)) is Role.OTHER


def _sentence(lines: Lines, place: Place, position: int) -> tuple[Line, int]:
    """A position within its line and the end of the line above, where the sentence may have begun."""
    line = lines.lines[place.line]
    above = lines.lines[place.line - 1][-6:] if place.line and position <= 2 and not _heads(line, position) else ()  # noqa: PLR2004
    return above + line, len(above) + position


def _heads(line: Line, position: int) -> bool:
    """Whether a label begins its line with a capital, as a form's field does and the middle of a sentence does not."""
    return bool(line) and position == 0 and line[0].named


def _birth_label(line: Line, start: int) -> int | None:
    """Where the label of a birth date stands: directly before it, before the place of birth, or before a birth name
    (`née MARTIN le`)."""
    position = start - 1
    while position >= 0 and line[position].plain in vocabulary.LED:
        position -= 1
    if position >= 0 and role_of(line, position) is Role.BIRTH:
        return position
    if position == start - 1:  # without `le` no place can stand between
        return None
    for back in range(position, max(-1, position - 7), -1):
        if is_born(line[back]):
            names = all(token.letters and token.named for token in line[back + 1 : position + 1])
            return back if names or line[back + 1].plain in vocabulary.AT else None
        if role_of(line, back) is not None:
            return None
    return None


def _aged(line: Line, place: Place) -> bool:
    """`(62 ans)` behind it."""
    after = line[place.end : place.end + _AGE_NEAR + 1]
    ages = [at for at, token in enumerate(after) if token.plain == "ANS" and at and after[at - 1].plain.isdigit()]
    if not ages or any(token.wide for token in after[: ages[0] + 1]):
        return False
    between = " ".join(token.plain for token in after[: ages[0] - 1])
    behind = " ".join(token.plain for token in after[ages[0] + 1 : ages[0] + 2])
    return bool(_OF_AGE.fullmatch(between)) and behind not in _OF_SERVICE
