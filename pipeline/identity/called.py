"""Where a page calls people by their names, and as what each stands there: behind which word, alone or in passing."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from pipeline.identity import vocabulary
from pipeline.identity.blocks import Block
from pipeline.identity.lines import (
    NAMING,
    Line,
    Lines,
    Place,
    Role,
    Token,
    of_physician,
    of_relative,
    role_of,
    segments,
)
from pipeline.identity.naming import LETTERS
from pipeline.identity.runs import LONGEST_NAME, is_name, joined, particled, run_at

WITHIN: Final = vocabulary.PARTICLES | vocabulary.JOINING
"""What may stand within a person's full name."""
_PASSED: Final = 8
"""Words to the left of a name among which one may say whose it is."""
_LABEL: Final = 4
"""Words of a label, `Nom et prénom :`."""
_GIVEN: Final = 2
"""Given names in a line of their own."""
_SIGNATURE: Final = 3
"""Lines under a name in which a trade may stand."""
_POSTAL: Final = 5
_OR_TITLED: Final = vocabulary.TITLES | {"OU", "ET"}
_UNDER: Final = 4.0
"""Of a word's height: what begins no further to the side stands under it."""


@dataclass(frozen=True, slots=True)
class Called:
    """A run of names that stands where a person's name may stand, what was read surely of it."""

    run: Line = field(repr=False)
    head: Token = field(repr=False)
    """What is over or under another's, where they are a list."""
    role: Role | None
    """What introduces it; None where nothing does."""
    title: str = field(default="", repr=False)
    """The title before it, compact."""
    alone: bool = False
    """Nothing else stands in its line or column but a label, and nobody's trade under it."""
    passing: bool = False
    """It stands amid other words: whoever it is may be named by the way."""
    about: bool = False
    """The words before it say that the page is about whom they name: `Objet : Mme N.`"""
    aged: bool = False
    """The words behind it say how old the person is: `Mme N., 54 ans`."""
    whole: bool = False
    """Its label is one of name and given name."""
    stacked: bool = False
    """Surname and given name have a line each."""
    days: frozenset[date] = field(default=frozenset(), repr=False)
    """Dates that stand with it as a birth date stands with a name."""

    @property
    def shaped(self) -> bool:
        """Whether it is written as a full name is: behind a title, or a surname in capitals and another word."""
        capitals = [token.text.isupper() for token in self.run if len(token.plain) >= LETTERS]
        several = len(capitals) > 1 and self.alone
        return bool(self.title) or (any(capitals) and (not all(capitals) or several))

    @property
    def full(self) -> bool:
        """Whether it is a surname in capitals and a given name in small letters: no heading is written so."""
        return _is_full(self.run)


def called(block: Block) -> Iterator[Called]:
    """All that may be a person's name: behind a title or a label, at the head of a line or column, or amid a line."""
    for number, line in enumerate(block.lines.lines):
        end = 0
        for start in range(len(line)):
            if start < end or not is_name(line, start):
                continue
            place = Place(number, start, start + 1)
            end = run_at(block.lines, place, WITHIN).end
            last = next(at for at in range(end, start, -1) if line[at - 1].named or line[at - 1].plain not in WITHIN)
            found = _at(block, Place(number, particled(line, start), last), start)
            if found is not None and found.run:
                yield found
    yield from (one for one in _stacked(block.lines) if one.run)


def _at(block: Block, run: Place, first: int) -> Called | None:
    """What stands at a place; `first` is where the name begins, without its particles."""
    line, role = block.lines.lines[run.line], _role(block.lines, Place(run.line, first, first + 1))
    sure = tuple(token for token in line[run.start : run.end] if token.sure)
    if role in (None, Role.OTHER) and _of_professional(block.lines, run):
        return None
    if role is Role.OTHER and not _passes(line, run.start):
        return None
    title = line[run.start - 1].plain if run.start and line[run.start - 1].plain in vocabulary.TITLES else ""
    told = bool(title) or _is_full(sure)
    about, aged = told and _is_about(line, run), told and _is_aged(line, run)
    if role is Role.OTHER:
        return Called(sure, _head(line, run.start), None, title, passing=True, about=about, aged=aged)
    said = {token.plain for token in line[max(0, run.start - _LABEL) : run.start]}
    return Called(
        sure,
        _head(line, run.start),
        role,
        title,
        alone=_is_alone(block.lines, run, titled=bool(title)),
        about=about,
        aged=aged,
        whole=bool(said & vocabulary.NAMES) and bool(said & vocabulary.GIVEN),
        days=block.days_with(run),
    )


def _role(lines: Lines, place: Place) -> Role | None:
    """As what a run of names stands there: `Role.OTHER` amid other words, None where nothing introduces it."""
    line = lines.lines[place.line]
    role = lines.role_before(place)
    if role is Role.OTHER or of_relative(line, place.start):
        return Role.OTHER
    run = run_at(lines, place)
    begins = particled(line, place.start)
    if role is Role.SUBJECT:
        return role if is_headed(line, begins) or _is_full(line[place.start : run.end]) else None
    if role is Role.NAME:
        return Role.OTHER if lines.is_of_another(place.line) else role
    around = lines.role_in_column(replace(run, start=begins)), lines.role_above(run)
    if role is Role.GIVEN or Role.OTHER in around or of_physician(joined(line, run.end)):
        return Role.OTHER
    named = next((one for one in around if one in NAMING), None)
    return named or (None if _is_first(line, begins) else Role.OTHER)


def _stacked(lines: Lines) -> Iterator[Called]:
    """Surnames over given names, a line each and nothing else in their column, as address windows have them."""
    for number in range(len(lines.lines) - 1):
        for upper in segments(lines.lines[number]):
            title, names = (upper[0].plain, upper[1:]) if upper[0].plain in vocabulary.TITLES else ("", upper)
            for given in segments(lines.lines[number + 1]):
                if _is_stack(upper, names, given):
                    at = lines.lines[number + 1].index(given[0])
                    if not _has_trade_under(lines, Place(number + 1, at, at + 1)):
                        title = title or _title_over(lines, number)
                        run = tuple(token for token in (*names, *given) if token.sure)
                        yield Called(run, names[0], Role.NAME if title else None, title, alone=True, stacked=True)


def _is_stack(upper: Line, names: Line, given: Line) -> bool:
    height = upper[0].word.height
    near = abs(upper[0].word.x0 - given[0].word.x0) <= height and given[0].level - upper[0].level <= 3 * height
    return (
        near
        and 1 <= len(names) <= LONGEST_NAME
        and len(given) <= _GIVEN
        and all(is_name(names, at) or names[at].plain in vocabulary.PARTICLES for at in range(len(names)))
        and all(is_name(given, at) for at in range(len(given)))
        and all(token.text.isupper() for token in names)
        and max(len(token.plain) for token in names) >= LETTERS
        and not any(token.text.isupper() for token in given)
    )


def _title_over(lines: Lines, number: int) -> str:
    above = lines.lines[number - 1] if number else ()
    return above[0].plain if len(above) == 1 and above[0].plain in vocabulary.TITLES else ""


def _is_about(line: Line, run: Place) -> bool:
    """Whether a word before it says that the page is about whom a name names."""
    before = line[max(0, run.start - _PASSED) : run.start]
    return any(token.plain in vocabulary.ABOUT for token in before) and not of_physician(before[-2:])


def _is_aged(line: Line, run: Place) -> bool:
    """Whether an age stands behind a name."""
    after = [token.plain for token in line[run.end : run.end + 3]]
    return (
        "ANS" in after and after[after.index("ANS") - 1].isdigit() and not of_physician(line[run.start - 2 : run.start])
    )


def _of_professional(lines: Lines, run: Place) -> bool:
    """Whether a label in its column, or a trade behind or under it, says that it is somebody's who works there."""
    line = lines.lines[run.line]
    around = lines.role_in_column(run), lines.role_above(run)
    beside = [*joined(line, run.end)[:2], *(line[run.start - 1 : run.start] if not line[run.start].wide else ())]
    trade = any(vocabulary.is_trade(token.plain) for token in beside)
    return Role.OTHER in around or trade or _has_trade_under(lines, run) or _has_trade_over(lines, run)


def is_headed(line: Line, start: int) -> bool:
    """Whether a run follows its label directly, and as a value does: behind a colon, a title or a column's gap."""
    parted = False
    for place in range(start - 1, -1, -1):
        parted = parted or line[place + 1].wide or ":" in line[place + 1].lead
        if line[place].plain in vocabulary.TITLES:
            parted = True
        elif role_of(line, place) is not None:
            return parted
        elif line[place].plain not in vocabulary.FILLERS and (line[place].named or not parted):
            break
    return False


def _is_full(run: Line) -> bool:
    """A surname in capitals and a given name in small letters: no heading is written so."""
    capitals = [token.text.isupper() for token in run if len(token.plain) >= LETTERS]
    return any(capitals) and not all(capitals)


def _is_alone(lines: Lines, run: Place, *, titled: bool) -> bool:
    line = lines.lines[run.line]
    first = run.start - 1 if titled else run.start
    after = line[run.end] if run.end < len(line) else None
    ends = after is None or after.wide or not after.letters or after.plain in vocabulary.BIRTH | {"LE"}
    while first and line[first - 1].plain in _OR_TITLED:
        first -= 1
    return (_is_first(line, first) or is_headed(line, run.start)) and ends and not _has_trade_under(lines, run)


def _head(line: Line, start: int) -> Token:
    """What a column begins with in which nothing stands before a name but a number; else the name's first word."""
    first = start
    while _is_first(line, start) and not line[first].wide:
        first -= 1
    return line[first]


def _is_first(line: Line, start: int) -> bool:
    """Whether a position begins its column, or nothing stands before it there but a number and what it counts: a page,
    an hour, a file; no postal code."""
    while not line[start].wide:
        start -= 1
        plain = line[start].plain
        counted = any(sign.isdigit() for sign in plain) and not (plain.isdigit() and len(plain) == _POSTAL)
        if not counted and plain not in vocabulary.STOPS:
            return False
    return True


def _has_trade_under(lines: Lines, run: Place) -> bool:
    """Whether a trade stands under a name, in its column: who signs, or whose paper it is."""
    word = lines.lines[run.line][run.start].word
    for line in lines.lines[run.line + 1 : run.line + 1 + _SIGNATURE]:
        for segment in segments(line):
            if abs(segment[0].word.x0 - word.x0) < _UNDER * word.height and any(
                vocabulary.is_trade(token.plain) for token in segment[:4]
            ):
                return True
    return False


def _has_trade_over(lines: Lines, run: Place) -> bool:
    """Whether nothing but a trade stands over a name, in its column: `Le directeur`."""
    word = lines.lines[run.line][run.start].word
    for segment in segments(lines.lines[run.line - 1] if run.line else ()):
        trades = [vocabulary.is_trade(token.plain) for token in segment]
        rest = [token for token, trade in zip(segment, trades, strict=True) if not trade]
        over = abs(segment[0].word.x0 - word.x0) < _UNDER * word.height
        if over and any(trades) and all(one.plain in vocabulary.FILLERS | vocabulary.HEADING for one in rest):
            return True
    return False


def _passes(line: Line, start: int) -> bool:
    """Whether no word to its left, up to a gap, says that the name is a physician's, a contact's or a relative's."""
    for place in range(start - 1, max(-1, start - 1 - _PASSED), -1):
        plain = line[place].plain
        other = plain not in vocabulary.TITLES and role_of(line, place) is Role.OTHER
        if other or plain in vocabulary.RELATIVES:
            return plain in vocabulary.WEAK | vocabulary.ABOUT
        if line[place + 1].wide and plain not in vocabulary.TITLES | vocabulary.FILLERS:
            break
    return True
