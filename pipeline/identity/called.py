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
    segments,
)
from pipeline.identity.naming import LETTERS
from pipeline.identity.runs import LONGEST_NAME, is_name, joined, particled, run_at
from pipeline.identity.standing import (
    has_trade_under,
    head_of,
    is_about,
    is_aged,
    is_alone,
    is_first,
    is_full,
    is_headed,
    of_professional,
    passes,
)

WITHIN: Final = vocabulary.PARTICLES | vocabulary.JOINING
"""What may stand within a person's full name."""
_LABEL: Final = 4
"""Words of a label, `Nom et prénom :`."""
_GIVEN: Final = 2
"""Given names in a line of their own."""


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
    labelled: bool = False
    """A colon stands before it."""
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
        return is_full(self.run)


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
    if role in (None, Role.OTHER) and of_professional(block.lines, run):
        return None
    if role is Role.OTHER and not passes(line, run.start):
        return None
    if _is_relative(line, run):
        return None
    title = _title(line, run)
    told = bool(title) or is_full(sure)
    about, aged = told and is_about(line, run), told and is_aged(line, run)
    if role is Role.OTHER:
        return Called(sure, head_of(line, run.start), None, title, passing=True, about=about, aged=aged)
    said = {token.plain for token in line[max(0, run.start - _LABEL) : run.start]}
    return Called(
        sure,
        head_of(line, run.start),
        role,
        title,
        alone=is_alone(block.lines, run, titled=bool(title)),
        about=about,
        aged=aged,
        labelled=":" in line[run.start].lead,
        whole=bool(said & vocabulary.NAMES) and bool(said & vocabulary.GIVEN),
        days=block.days_with(run),
    )


def _title(line: Line, run: Place) -> str:
    """The title before a name and its particles in small letters, compact."""
    start = run.start
    while start > 1 and line[start - 1].plain in vocabulary.PARTICLES and not line[start].wide:
        if vocabulary.is_trade(line[run.start].plain):
            return ""  # `Mme la Directrice`
        start -= 1
    return line[start - 1].plain if start and line[start - 1].plain in vocabulary.TITLES else ""


def _is_relative(line: Line, run: Place) -> bool:
    """Whether the words behind a name say that it is a relative's: `M. N., son époux`."""
    after = [token.plain for token in line[run.end : run.end + 3]]
    whose = after[:1] in (["SON"], ["SA"])
    return whose and any(plain in vocabulary.RELATIVES for plain in after[1:])


def _role(lines: Lines, place: Place) -> Role | None:
    """As what a run of names stands there: `Role.OTHER` amid other words, None where nothing introduces it."""
    line = lines.lines[place.line]
    role = lines.role_before(place)
    if role is Role.OTHER or of_relative(line, place.start):
        return Role.OTHER
    run = run_at(lines, place)
    begins = particled(line, place.start)
    if role is Role.SUBJECT:
        return role if is_headed(line, begins) or is_full(line[place.start : run.end]) else None
    if role is Role.NAME:
        return Role.OTHER if lines.is_of_another(place.line) else role
    around = lines.role_in_column(replace(run, start=begins)), lines.role_above(run)
    if role is Role.GIVEN or of_physician(joined(line, run.end)):
        return Role.OTHER
    named = next((one for one in around if one in NAMING), None)
    return named or (None if is_first(line, begins) else Role.OTHER)


def _stacked(lines: Lines) -> Iterator[Called]:
    """Surnames over given names, a line each and nothing else in their column, or in two cells of a line."""
    for number, line in enumerate(lines.lines):
        parts = list(segments(line))
        below = lines.lines[number + 1] if number + 1 < len(lines.lines) else ()
        for at, upper in enumerate(parts):
            title, names = (upper[0].plain, upper[1:]) if upper[0].plain in vocabulary.TITLES else ("", upper)
            for given in (one for one in segments(below) if _is_under(upper, one) and _are_names(names, one)):
                place = below.index(given[0])
                if not has_trade_under(lines, Place(number + 1, place, place + 1)):
                    yield _of_both(names, given, title or _title_over(lines, number))
            for given in parts[at + 1 : at + 2]:
                if _are_names(names, given):
                    yield _of_both(names, given, title)


def _of_both(names: Line, given: Line, title: str) -> Called:
    run = tuple(token for token in (*names, *given) if token.sure)
    return Called(run, names[0], Role.NAME if title else None, title, alone=True, stacked=True)


def _is_under(upper: Line, lower: Line) -> bool:
    height = upper[0].word.height
    return abs(upper[0].word.x0 - lower[0].word.x0) <= height and lower[0].level - upper[0].level <= 3 * height


def _are_names(names: Line, given: Line) -> bool:
    """Whether one is a surname in capitals and the other a given name or two in small letters, and nothing else."""
    return (
        1 <= len(names) <= LONGEST_NAME
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
