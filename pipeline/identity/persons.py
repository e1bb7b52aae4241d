"""Whom a page names, with or without a birth date: the full names that stand where a person's name may stand.

A name alone never speaks for anybody. It speaks against: what is headed `Patient : LE GOFF Anaïs` is not in the record
of somebody else, whatever else is said of it.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from rapidfuzz.distance import Levenshtein

from consent_gate.model import Patient
from pipeline.identity import vocabulary
from pipeline.identity.blocks import Block
from pipeline.identity.lines import NAMING, Line, Place, Role, Token, of_physician, of_relative, role_of
from pipeline.identity.naming import LETTERS, covered, is_own_given, names_of
from pipeline.identity.roster_index import RosterIndex, same_person
from pipeline.identity.runs import LONGEST_NAME, is_name, joined, particled, run_at
from pipeline.identity.traits import tolerance
from pipeline.model import ConflictKind

_WITHIN: Final = vocabulary.PARTICLES | vocabulary.JOINING
"""What may stand within a person's full name."""


@dataclass(frozen=True, slots=True)
class Person:
    """A run of names on a page, as it is compared with the roster."""

    run: Line = field(repr=False)
    given: Line = field(repr=False)
    """What stands behind the labels of given names, for a name behind a label."""
    role: Role | None
    patients: tuple[Patient, ...] = field(repr=False)
    """Those of the roster whose name and given name it is; where several, those of whom it says most."""
    givens: frozenset[str] = field(repr=False)
    """Folded, of all that stands there: what is somebody's given name on the roster."""

    def is_of(self, own: Patient) -> bool:
        """Whether it is the patient's full name, and nobody else's on the roster."""
        return bool(self.patients) and all(same_person(one, own) for one in self.patients)

    def may_be(self, own: Patient) -> bool:
        return any(same_person(one, own) for one in self.patients)


def persons(block: Block, index: RosterIndex) -> tuple[Person, ...]:
    """The persons whom a page names: behind a title or a label, or at the beginning of a line or column."""
    given = tuple(token for run in block.given for token in run if token.sure)
    return tuple(_person(run, given, role, index) for run, role in _runs(block))


def against(found: Sequence[Person], own: Patient, *, strict: bool) -> Iterator[ConflictKind]:
    """What the names say against a patient.

    `strict`: as of an identity zone, where a title tells of the patient. Elsewhere people are titled in passing, and a
    page that names the patient too may name others.
    """
    shown = any(one.may_be(own) for one in found)
    for one in found:
        told = one.role is Role.SUBJECT or (one.role is Role.NAME and strict) or not shown
        if one.patients and not one.may_be(own):
            if told:
                yield ConflictKind.OTHER_NAME
        elif one.role is Role.SUBJECT or (one.role is Role.NAME and not shown and one.given):
            yield from _strange(one, own)


def _strange(one: Person, own: Patient) -> Iterator[ConflictKind]:
    """Of whom a label says that the page is about: neither near the patient's names, or with another's given name."""
    tokens = [token for token in one.run if len(token.plain) >= LETTERS]
    names = names_of(own)
    rest = [token for token in tokens if not _names(token, one.run, names)]
    mine = [token for token in (*one.run, *one.given) if is_own_given(token, own, known=token.folded in one.givens)]
    if tokens and len(rest) == len(tokens) and not mine:
        yield ConflictKind.UNKNOWN_IDENTITY
    elif not mine and any(token.folded in one.givens for token in (*rest, *one.given)):
        yield ConflictKind.OTHER_GIVEN_NAME


def _names(token: Token, run: Line, names: Collection[str]) -> bool:
    """Whether a token is part of what may be one of these names, small misreadings allowed."""
    at = next(place for place, other in enumerate(run) if other is token)
    return any(
        _near("".join(part.folded for part in run[start:end]), name)
        for start in range(max(0, at - LONGEST_NAME + 1), at + 1)
        for end in range(at + 1, min(len(run), start + LONGEST_NAME) + 1)
        for name in names
    )


def _near(read: str, name: str) -> bool:
    allowed = tolerance(min(len(read), len(name)))
    return Levenshtein.distance(read, name, score_cutoff=allowed) <= allowed


def _runs(block: Block) -> Iterator[tuple[Line, Role | None]]:
    lines = block.lines
    for number, line in enumerate(lines.lines):
        end = 0
        for start in range(len(line)):
            if start < end or not is_name(line, start):
                continue
            place = Place(number, start, start + 1)
            end, role = run_at(lines, place, _WITHIN).end, _role(block, place)
            sure = tuple(token for token in line[particled(line, start) : end] if token.sure)
            if sure and (role in NAMING or role is None):
                yield sure, role


def _role(block: Block, place: Place) -> Role | None:
    """As what a run of names stands there: `Role.OTHER` for nobody's, None where nothing introduces it."""
    lines, line = block.lines, block.lines.lines[place.line]
    role = lines.role_before(place)
    if role is Role.OTHER or of_relative(line, place.start):
        return Role.OTHER
    run = run_at(lines, place)
    if role is Role.SUBJECT:
        return role if _is_headed(line, particled(line, place.start)) else None
    if role is Role.NAME:
        return role
    around = lines.role_in_column(run), lines.role_above(run)
    if role is Role.GIVEN or Role.OTHER in around or of_physician(joined(line, run.end)):
        return Role.OTHER
    named = next((one for one in around if one in NAMING), None)
    heads = line[particled(line, place.start)].wide
    return named or (None if heads else Role.OTHER)


def _is_headed(line: Line, start: int) -> bool:
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


def _person(run: Line, given: Line, role: Role | None, index: RosterIndex) -> Person:
    labelled = given if role in NAMING else ()
    scores: dict[Patient, int] = {}
    for start in range(len(run)):
        for end in range(start + 1, min(len(run), start + LONGEST_NAME) + 1):
            by_given = index.called(_folded(run[start:end]))
            for part in (run[:start], run[end:], labelled) if by_given else ():
                for patient in {one for name in _spans(part) for one in by_given.get(name, ())}:
                    scores[patient] = max(scores.get(patient, 0), covered(part, patient))
    best = max(scores.values(), default=0)
    givens = frozenset(token.folded for token in (*run, *labelled) if index.is_given_name(token.folded))
    return Person(run, labelled, role, tuple(one for one, score in scores.items() if score == best), givens)


def _spans(run: Line) -> Iterator[str]:
    """Every few tokens of a run on end, as one name."""
    for start in range(len(run)):
        for end in range(start + 1, min(len(run), start + LONGEST_NAME) + 1):
            yield _folded(run[start:end])


def _folded(run: Line) -> str:
    return "".join(token.folded for token in run)
