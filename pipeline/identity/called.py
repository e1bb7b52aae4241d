"""Where a page calls people by their names, and as what each stands there: behind which word, alone or in passing."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from pipeline.identity import vocabulary
from pipeline.identity.blocks import Block
from pipeline.identity.lines import NAMING, Line, Lines, Place, Role, of_physician, of_relative, role_of
from pipeline.identity.naming import LETTERS
from pipeline.identity.runs import is_name, joined, particled, run_at

WITHIN: Final = vocabulary.PARTICLES | vocabulary.JOINING
"""What may stand within a person's full name."""
_PASSED: Final = 8
"""Words to the left of a name among which one may say whose it is."""
_UNDER: Final = 4.0
"""Of a word's height: what begins no further to the side stands under it."""


@dataclass(frozen=True, slots=True)
class Called:
    """A run of names that stands where a person's name may stand, what was read surely of it."""

    run: Line = field(repr=False)
    role: Role | None
    """What introduces it; None where nothing does."""
    titled: bool = False
    alone: bool = False
    """Nothing else stands in its line or column but a label, and nobody's trade under it."""
    passing: bool = False
    """It stands amid other words: whoever it is may be named by the way."""

    @property
    def shaped(self) -> bool:
        """Whether it is written as a full name is: behind a title, or a surname in capitals and another word."""
        capitals = [token.text.isupper() for token in self.run if len(token.plain) >= LETTERS]
        return self.titled or (any(capitals) and (not all(capitals) or (len(capitals) > 1 and self.alone)))

    @property
    def full(self) -> bool:
        """Whether it is a surname in capitals and a given name in small letters: no heading is written so."""
        return _is_full(self.run)

    @property
    def worded(self) -> bool:
        """Whether it is two or three words with a capital, as a name in small letters is."""
        words = [token for token in self.run if token.plain not in vocabulary.PARTICLES]
        whole = all(token.named and len(token.plain) >= LETTERS for token in words)
        return 2 <= len(words) <= 3 and whole and not any("," in token.lead for token in words[1:])  # noqa: PLR2004


def called(block: Block) -> Iterator[Called]:
    """All that may be a person's name: behind a title or a label, at the head of a line or column, or amid a line."""
    for number, line in enumerate(block.lines.lines):
        end = 0
        for start in range(len(line)):
            if start < end or not is_name(line, start):
                continue
            place = Place(number, start, start + 1)
            end = run_at(block.lines, place, WITHIN).end
            found = _at(block.lines, place, end)
            if found is not None and found.run:
                yield found


def _at(lines: Lines, place: Place, end: int) -> Called | None:
    line, role = lines.lines[place.line], _role(lines, place)
    begins = particled(line, place.start)
    run = tuple(token for token in line[begins:end] if token.sure)
    if role is Role.OTHER:
        return Called(run, None, passing=True) if _passes(line, begins) else None
    titled = bool(begins) and line[begins - 1].plain in vocabulary.TITLES
    return Called(run, role, titled, _is_alone(lines, Place(place.line, begins, end), titled=titled))


def _role(lines: Lines, place: Place) -> Role | None:
    """As what a run of names stands there: `Role.OTHER` amid other words, None where nothing introduces it."""
    line = lines.lines[place.line]
    role = lines.role_before(place)
    if role is Role.OTHER or of_relative(line, place.start):
        return Role.OTHER
    run = run_at(lines, place)
    if role is Role.SUBJECT:
        headed = is_headed(line, particled(line, place.start)) or _is_full(line[place.start : run.end])
        return role if headed else None
    if role is Role.NAME:
        return role
    around = lines.role_in_column(run), lines.role_above(run)
    if role is Role.GIVEN or Role.OTHER in around or of_physician(joined(line, run.end)):
        return Role.OTHER
    named = next((one for one in around if one in NAMING), None)
    return named or (None if line[particled(line, place.start)].wide else Role.OTHER)


def is_headed(line: Line, start: int) -> bool:
    """Whether a run follows its label directly, and as a value does: behind a colon, a title or a column's gap."""
    parted = False
    for place in range(start - 1, -1, -1):
        parted = parted or line[place + 1].wide or ":" in line[place + 1].lead
        if line[place].plain in vocabulary.TITLES:
            parted = True
        elif role_of(line, place) is not None:
            return parted
        elif line[place].plain not in vocabulary.FILLERS:
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
    ends = after is None or after.wide or not after.letters or after.plain in vocabulary.BIRTH
    return (line[first].wide or is_headed(line, run.start)) and ends and not _has_trade_under(lines, run)


def _has_trade_under(lines: Lines, run: Place) -> bool:
    """Whether a trade stands under a name: who signs, or whose paper it is."""
    if run.line + 1 >= len(lines.lines):
        return False
    word = lines.lines[run.line][run.start].word
    under = [one for one in lines.lines[run.line + 1] if abs(one.word.x0 - word.x0) < _UNDER * word.height]
    return any(token.plain in vocabulary.TRADES for token in under[:2])


def _passes(line: Line, start: int) -> bool:
    """Whether no word to its left, up to a gap, says that the name is a physician's, a contact's or a relative's."""
    for place in range(start - 1, max(-1, start - 1 - _PASSED), -1):
        plain = line[place].plain
        if plain in vocabulary.OTHERS | vocabulary.RELATIVES:
            return plain in vocabulary.WEAK
        if line[place + 1].wide and plain not in vocabulary.TITLES | vocabulary.FILLERS:
            break
    return True
