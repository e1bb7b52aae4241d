"""A zone's words as tokens in lines: what stands left of what, in which column, and under or over which label.

A token is a run of letters and digits within a word (`M.MARTIN` are two). Words that were read badly stay as context,
for a title or a physician's mark must not get lost, and are told apart by `sure`.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import pairwise
from typing import Final

from pipeline.identity import vocabulary
from pipeline.identity.rows import Rows
from pipeline.identity.traits import compact, fold
from pipeline.model import Word

SURE: Final = 60.0
"""Of 100: the confidence from which a word may speak for a patient. Handwriting is mostly read below it."""

_PIECE: Final = re.compile(r"[^\W_]+")
_ENDING: Final = re.compile(r"\((e|s|es|ne|x)\)", re.IGNORECASE)
"""`né(e)`, `prénom(s)` are a word each."""
_GLUED: Final = re.compile(r"^(M(?:me|lle|elle|r)|Dr)\.?(?=[A-ZÀ-Þ]{2})")
"""A title that was read in one with the name behind it."""
_WIDE: Final = 2.0
"""Of a word's height: a gap wider than this parts columns."""
_COLUMN_REACH: Final = 3.2
"""Of a word's height: how far above or below its value a label may stand."""
_FIELDS: Final = 6
"""Lines of a form from a heading to the last that it asks for."""
_HEADING: Final = 4
"""Words of a line's end that are looked at."""
_SHORT: Final = 3
"""Letters of an abbreviation (`Mme.`, `Dr.`): a full stop behind it ends no sentence."""


class Role(StrEnum):
    """What a token tells of the words beside it."""

    NAME = "name"
    """A patient's name follows: a title or a label."""
    SUBJECT = "subject"
    """The name of whom the page is about follows: `Patient`, `Bénéficiaire`."""
    GIVEN = "given"
    BIRTH = "birth"
    OTHER = "other"
    """What follows is not the patient's: a physician, an employer, a street, a relative, a place."""


NAMING: Final = frozenset({Role.NAME, Role.SUBJECT})
"""Behind which a patient's name stands."""
_ROLES: Final = {
    **dict.fromkeys(vocabulary.BIRTH, Role.BIRTH),
    **dict.fromkeys(vocabulary.OTHERS | vocabulary.INSTITUTIONS, Role.OTHER),
    **dict.fromkeys(vocabulary.PERSONS, Role.NAME),
    **dict.fromkeys(vocabulary.SUBJECTS, Role.SUBJECT),
}


@dataclass(frozen=True, slots=True)
class Token:
    """A run of letters and digits, and how it stands in its line."""

    word: Word = field(repr=False)
    text: str = field(repr=False)
    plain: str = field(repr=False)
    """Compact: A-Z and digits."""
    folded: str = field(repr=False)
    lead: str = field(repr=False)
    """What stands between it and the token before: punctuation, blanks."""
    wide: bool
    """A gap of a column's width before it; true of a line's first."""

    @property
    def sure(self) -> bool:
        return self.word.confidence >= SURE

    @property
    def letters(self) -> bool:
        return self.plain.isalpha()

    @property
    def named(self) -> bool:
        """Whether it is written as names are, with a capital."""
        return self.text[:1].isupper()

    @property
    def level(self) -> float:
        return (self.word.y0 + self.word.y1) / 2


@dataclass(frozen=True, slots=True)
class Place:
    """Consecutive tokens of one line: `line`, and positions from `start` to before `end`."""

    line: int
    start: int
    end: int


Line = tuple[Token, ...]


@dataclass(frozen=True, slots=True)
class Lines:
    """All tokens of a zone, a row that the eye sees a line."""

    lines: tuple[Line, ...] = field(repr=False)
    insured: bool = False
    """It tells the insured from the beneficiary: their number and their name are not the patient's."""

    @classmethod
    def of(cls, rows: Rows) -> "Lines":
        lines = tuple(tuple(_tokens(row)) for row in rows.rows)
        insured = _tells_insured(lines)
        return cls(tuple(tuple(map(_as_holder, line)) for line in lines) if insured else lines, insured)

    def tokens(self, place: Place) -> Line:
        return self.lines[place.line][place.start : place.end]

    def role_before(self, place: Place) -> Role | None:
        """What the nearest word to its left that tells anything says of it; over a gap, a label's end alone tells."""
        line = self.lines[place.line]
        for position in range(place.start - 1, max(-1, place.start - 9), -1):
            after = line[position + 1]
            role = role_of(line, position)
            if role is Role.NAME and line[position].plain in vocabulary.TITLES and line[position].wide:
                over = self._label_over(Place(place.line, position, position + 1))
                return over if over in (Role.OTHER, Role.SUBJECT) else role
            if role is not None:
                other_column = after.wide and ":" not in after.lead and vocabulary.ends_as_trade(line[position].plain)
                return None if other_column else role
            if after.wide or ends_sentence(line[position], after):
                return None
        return None

    def _label_over(self, place: Place) -> Role | None:
        """What the label over the beginning of a column says, where it is nothing but a label; or that a sentence has
        come to a relative (`avec sa mère` / `Mme N.`)."""
        above = self.lines[place.line - 1] if place.line and not place.start else ()
        if above and above[-1].plain in vocabulary.RELATIVES | vocabulary.ELSE and self.role_above(place) is Role.OTHER:
            return Role.OTHER
        return next((role for _, role in self._neighbours(place, -1)), None)

    def role_in_column(self, place: Place) -> Role | None:
        """What a label over or under it says, of what begins its column: the nearer, and nothing but a label."""
        if not self.lines[place.line][place.start].wide:
            return None
        found = [one for step in (-1, 1) for one in self._neighbours(place, step)]
        return min(found, key=lambda one: one[0])[1] if found else None

    def role_above(self, place: Place) -> Role | None:
        """What the end of the line above says of the first words of a line: sentences are broken anywhere."""
        if place.start or not place.line:
            return None
        above = self.lines[place.line - 1]
        far = above and abs(self.lines[place.line][0].level - above[-1].level) > 2 * above[-1].word.height
        if not above or far or any(token.wide for token in above[1:]):
            return None
        for position in range(len(above) - 1, max(-1, len(above) - _HEADING), -1):
            role, plain = role_of(above, position), above[position].plain
            if role is not None or plain not in vocabulary.FILLERS | vocabulary.HEADING:
                return None if plain in vocabulary.LETTERHEADS else role
        return None

    def is_of_another(self, number: int) -> bool:
        """Whether a form's line is one of those beneath a heading that asks for somebody else: `Personne à prévenir` /
        `Nom :` / `Prénom :`, each label once."""
        asked = set[str]()
        for above in range(number, max(-1, number - _FIELDS), -1):
            line = self.lines[above]
            if _is_heading_of_another(line):
                return above < number
            if not line or line[0].plain in asked or line[0].plain not in vocabulary.FIELDS:
                return False
            asked.add(line[0].plain)
        return False

    def _neighbours(self, place: Place, step: int) -> Iterator[tuple[float, Role]]:
        """Distance and role of the label in the next line, upwards or downwards, that has words in this column."""
        span = self.tokens(place)
        left, right = span[0].word.x0, span[-1].word.x1
        height = span[0].word.height
        number = place.line + step
        while 0 <= number < len(self.lines):
            distance = abs(self.lines[number][0].level - span[0].level) if self.lines[number] else 0.0
            if distance > _COLUMN_REACH * height:
                return
            for segment in segments(self.lines[number]):
                if segment[0].word.x0 - height <= right and left <= segment[-1].word.x1 + height:
                    role = label(segment)
                    if role is not None:
                        yield distance, role
                    return
            number += step


def _is_heading_of_another(line: Line) -> bool:
    """Whether a line is nothing but words for somebody who is not the patient."""
    said = vocabulary.FILLERS | vocabulary.HEADING | vocabulary.ELSE | vocabulary.RELATIVES | {"PERSONNE", "EN"}
    return bool({token.plain for token in line} & vocabulary.ELSE) and all(token.plain in said for token in line)


def segments(line: Line) -> Iterator[Line]:
    """The parts of a line between gaps of a column's width."""
    start = 0
    for position, token in enumerate(line):
        if token.wide and position:
            yield line[start:position]
            start = position
    if line:
        yield line[start:]


def label(segment: Line) -> Role | None:
    """The role of a segment that is a label and nothing else."""
    roles = [role_of(segment, position) for position in range(len(segment))]
    if any(role is None and token.plain not in vocabulary.FILLERS for role, token in zip(roles, segment, strict=True)):
        return None
    told = [one for one in zip(roles, segment, strict=True) if one[0] and one[1].plain not in vocabulary.LETTERHEADS]
    return told[-1][0] if told else None


def role_of(line: Sequence[Token], position: int) -> Role | None:
    """What one token says of what follows it, by itself and by the words before it."""
    said = line[position].plain
    before = [token.plain for token in line[max(0, position - 3) : position]]
    if said in vocabulary.BORN and before and before[-1] == "NOUVEAU":
        return Role.OTHER
    specified = _specified(said, before) if said in vocabulary.SPECIFIED else None
    if specified is not None:
        return specified
    if said in vocabulary.TITLES:
        return _title(line, position)
    the = said in vocabulary.CHILDREN and before[-1:] == ["L"] and _may_head_name(line, position + 1)
    if the or (said in vocabulary.RELATIVES and (not before or line[position].wide or before[-1] in vocabulary.WHOSE)):
        child = said in vocabulary.CHILDREN and line[position].wide and _heads_name(line, position + 1)
        return Role.SUBJECT if the or child else Role.OTHER
    if said in vocabulary.GIVEN:
        told = [word for word in before if word not in vocabulary.FILLERS]
        return Role.NAME if told and told[-1] in vocabulary.NAMES else Role.GIVEN
    return _ROLES.get(said, Role.OTHER if vocabulary.ends_as_trade(said) else None)


def _heads_name(line: Sequence[Token], after: int) -> bool:
    """Whether a label is over by its colon, or a surname in capitals follows."""
    return after < len(line) and line[after].letters and (":" in line[after].lead or line[after].text.isupper())


def _may_head_name(line: Sequence[Token], after: int) -> bool:
    """The same, or the line ends there."""
    return after == len(line) or _heads_name(line, after)


def _title(line: Sequence[Token], position: int) -> Role:
    """What a title says by the word that it follows: `Représentant légal : Mme`, `Patient : M.`"""
    for place in range(position - 1, max(-1, position - 5), -1):
        if place < position - 1 and line[place + 1].wide:
            break
        if ends_sentence(line[place], line[place + 1]):
            break
        if line[place].plain in vocabulary.RELATIVES and line[place + 1].plain in ("DE", "D"):
            return Role.OTHER  # `M. N., époux de Mme N.`
        if line[position].wide and vocabulary.ends_as_trade(line[place].plain):
            break  # the end of another column, and no label
        role = role_of(line, place)
        if role in (Role.OTHER, Role.SUBJECT):
            return role
        if role is not None or not _says_nothing(line[place]):
            break
    return Role.NAME


def _says_nothing(token: Token) -> bool:
    return token.plain in vocabulary.FILLERS | vocabulary.LEGAL or (token.plain.isdigit() and len(token.plain) == 1)


def _tells_insured(lines: Sequence[Line]) -> bool:
    said = {token.plain for line in lines for token in line}
    entitled = any(
        one.plain == "AYANT" and other.plain in ("DROIT", "DROITS") for line in lines for one, other in pairwise(line)
    )
    return bool(said & vocabulary.INSURED) and (entitled or bool(said & vocabulary.ENTITLED))


def _as_holder(token: Token) -> Token:
    """The insured as the holder of a contract, who is not the patient."""
    return replace(token, plain="TITULAIRE") if token.plain in vocabulary.INSURED else token


def _specified(said: str, before: Sequence[str]) -> Role | None:
    """Of `naissance`, `usage`, `famille`: what the word before it is, a name, a given name, a date or a place."""
    for word in reversed(before):
        if word in vocabulary.NAMES:
            return Role.NAME
        if word in vocabulary.GIVEN:
            return Role.GIVEN
        if word in vocabulary.PLACES:
            return Role.OTHER
        if word == "DATE" or word not in vocabulary.FILLERS | {"JEUNE"}:
            break
    return Role.BIRTH if said in vocabulary.BIRTH else None


def of_relative(line: Sequence[Token], position: int) -> bool:
    """Whether the words before a position in its sentence speak of a relative: `sa mère, Mme N., née le`."""
    for place in range(position - 1, max(-1, position - 9), -1):
        if place + 1 < len(line) and ends_sentence(line[place], line[place + 1]):
            return False
        if line[place].plain in vocabulary.RELATIVES and role_of(line, place) is Role.OTHER:
            return True
    return False


def of_physician(tokens: Sequence[Token]) -> bool:
    """Whether one of the words is a physician's title or trade, or another professional's."""
    return any(token.plain in vocabulary.PHYSICIANS for token in tokens)


def is_born(token: Token) -> bool:
    """`né`, `née`: a birth date follows, or a birth name."""
    return token.plain in vocabulary.BORN


def ends_sentence(token: Token, after: Token) -> bool:
    """Whether a full stop parts two tokens, and not that of an abbreviation."""
    return "." in after.lead and len(token.plain) > _SHORT


def _tokens(row: Sequence[Word]) -> Iterator[Token]:
    edge, previous = "", None
    for word in row:
        text = _GLUED.sub(r"\1 ", _ENDING.sub(r"\1", unicodedata.normalize("NFC", word.text)))
        wide = previous is None or word.x0 - previous.x1 > _WIDE * max(word.height, previous.height)
        at = 0
        edge += " "
        for piece in _PIECE.finditer(text):
            plain = compact(piece[0])
            if plain:
                yield Token(word, piece[0], plain, fold(plain), edge + text[at : piece.start()], wide)
                edge, at, wide = "", piece.end(), False
                previous = word
        edge += text[at:]
