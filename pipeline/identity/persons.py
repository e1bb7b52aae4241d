"""Whom a page names, with or without a birth date: the full names that stand where a person's name may stand.

A name alone never speaks for anybody. It speaks against: what is headed `Patient : LE GOFF Anaïs` is not in the record
of somebody else, whatever else is said of it.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final

from rapidfuzz.distance import Levenshtein

from consent_gate.model import Patient
from pipeline.identity import vocabulary
from pipeline.identity.blocks import Block
from pipeline.identity.called import WITHIN, Called, called
from pipeline.identity.lines import NAMING, Line, Role, Token, is_born
from pipeline.identity.naming import LETTERS, covered, is_own_given, names_of
from pipeline.identity.roster_index import RosterIndex, same_person
from pipeline.identity.runs import LONGEST_NAME
from pipeline.identity.traits import fold, tolerance, words
from pipeline.model import ConflictKind

_INITIALS: Final = 4
"""Letters up to which capitals may be an acronym: AAH, RQTH."""


@dataclass(frozen=True, slots=True)
class Person:
    """A run of names on a page, as it is compared with the roster."""

    called: Called
    given: Line = field(repr=False)
    """What stands behind the labels of given names, for a name behind a label."""
    patients: tuple[Patient, ...] = field(repr=False)
    """Those of the roster whose name and given name it is; where several, those of whom it says most."""
    givens: frozenset[str] = field(repr=False)
    """Folded, of all that stands there: what is a given name."""

    def is_of(self, own: Patient) -> bool:
        """Whether it is the patient's full name, and nobody else's on the roster."""
        told = bool(self.patients) and not self.called.passing
        return told and all(same_person(one, own) for one in self.patients)

    def may_be(self, own: Patient) -> bool:
        return any(same_person(one, own) for one in self.patients)


def persons(block: Block, index: RosterIndex) -> tuple[Person, ...]:
    """The persons whom a page names."""
    given = tuple(token for run in block.given for token in run if token.sure)
    return tuple(_person(one, given, index) for one in called(block))


def against(found: Sequence[Person], own: Patient, *, strict: bool, proven: bool, told: bool) -> Iterator[ConflictKind]:
    """What the names say against a patient.

    `strict`: as of an identity zone, where a title tells of the patient. Elsewhere people are titled in passing. A page
    that names the patient may name others in passing everywhere; two others at the head of lines are a list.
    `proven`: the page bears the patient's birth date or number, so that a strange surname may be a married name.
    `told`: it says in other words that it is about the patient.
    """
    on = _Page(own, strict, told or any(one.may_be(own) and not one.called.passing for one in found), proven)
    others = [one for one in found if one.patients and not one.may_be(own)]
    listed = len({one.patients[0].ref for one in others if not one.called.passing}) > 1
    for one in others:
        role = one.called.role
        if listed or not on.shown or role is Role.SUBJECT or (role is Role.NAME and strict):
            yield ConflictKind.OTHER_NAME
    if _are_listed([one for one in found if not one.called.passing and not one.may_be(own)], on):
        yield ConflictKind.UNKNOWN_IDENTITY
    for one in found:
        if not one.patients:
            yield from _stranger(one, on)


@dataclass(frozen=True, slots=True)
class _Page:
    """What a stranger's name is weighed against."""

    own: Patient
    strict: bool
    shown: bool
    """It names the patient, and not in passing."""
    proven: bool


def _are_listed(found: Sequence[Person], on: _Page) -> bool:
    """Whether two other people stand under each other, a line each, or titled in one line."""
    others = [one.called for one in found if one.patients or (_is_whole(one) and any(_strange(one, on)))]
    return any(
        _is_under(one.head, other.head)
        or (one is not other and bool(one.title and other.title) and _beside(one, other))
        for one in others
        for other in others
    )


def _is_under(one: Token, other: Token) -> bool:
    height = one.word.height
    return abs(one.word.x0 - other.word.x0) < height and 0 < other.level - one.level < 2 * height


def _beside(one: Called, other: Called) -> bool:
    return abs(one.head.level - other.head.level) < one.head.word.height / 2


def _is_whole(one: Person) -> bool:
    """Whether it is surname and given name, or titled."""
    return len(one.called.run) > 1 and (bool(one.givens) or bool(one.called.title))


def _stranger(one: Person, on: _Page) -> Iterator[ConflictKind]:
    """Somebody whom the roster does not know, where the page says that it is about them."""
    by, lone = one.called, on.strict and not on.shown and one.called.alone
    if (by.aged and (by.title or one.givens)) or (by.about and not on.shown and not _is_own_alone(one, on.own)):
        yield from _strange(one, on)
    if by.passing:
        return
    if _is_told_of(one, on, lone=lone):
        yield from _strange(one, on)
    if lone and _is_of_other_sex(by, on.own):
        yield ConflictKind.OTHER_GIVEN_NAME
    elif by.role is None and lone and by.shaped and not by.stacked:
        yield from (kind for kind in _strange(one, on) if kind is ConflictKind.OTHER_GIVEN_NAME)


def _is_told_of(one: Person, on: _Page, *, lone: bool) -> bool:
    """Whether a name stands where the name of whom the page is about stands. `lone`: and nobody else's beside it."""
    by, several, known = one.called, len(one.called.run) > 1, bool(one.givens)
    if by.stacked and not known:
        return False
    if by.days and on.own.birth_date not in by.days and several and (by.title or known):
        return True
    match by.role:
        case Role.SUBJECT:
            return _is_subject(one, on)
        case Role.NAME:
            return _is_named(one, on, lone=lone)
        case _:
            capitals, town = all(token.text.isupper() for token in by.run), by.run[0].plain in vocabulary.SAINTS
            return lone and several and known and not town and (by.shaped or capitals or by.stacked)


def _is_subject(one: Person, on: _Page) -> bool:
    """Whether what stands behind a label of whom the page is about is a name."""
    by, several, known = one.called, len(one.called.run) > 1, bool(one.givens)
    if not known and all(token.text.isupper() and len(token.plain) <= _INITIALS for token in by.run):
        return False
    capitals = any(token.text.isupper() and len(token.plain) > LETTERS for token in by.run)
    short = several and by.run[0].text.isupper() and not any(token.text.isupper() for token in by.run[1:])
    return by.shaped or known or short or (not on.shown and capitals)


def _is_named(one: Person, on: _Page, *, lone: bool) -> bool:
    """Whether what stands behind a title or a person's label is of whom the page is about."""
    by, several, known = one.called, len(one.called.run) > 1, bool(one.givens)
    told = bool(by.title) or by.full or known or (by.whole and several)
    if one.given and (not on.shown or (on.strict and not by.title)):
        return True
    headed = by.title and several and known and (by.labelled if on.strict else by.alone and not on.shown)
    return bool(headed) or (lone and told)


def _is_own_alone(one: Person, own: Patient) -> bool:
    """Whether it is one of the patient's given names and nothing else: `Mme Sophie est calme`."""
    return len(one.called.run) == 1 and is_own_given(one.called.run[0], own, known=True)


def _is_of_other_sex(by: Called, own: Patient) -> bool:
    return bool(by.title) and own.sex in ("F", "M") and (by.title in vocabulary.WOMEN) != (own.sex == "F")


def _strange(one: Person, on: _Page) -> Iterator[ConflictKind]:
    """A name that is not near the patient's, or is it with another given name.

    Beside a strange surname the patient's first given name alone excuses, whole, where the page is proven to be the
    patient's: it may be a married name.
    """
    names = names_of(on.own) | _parts(on.own)
    tokens = [token for token in one.called.run if len(token.plain) >= LETTERS and token.plain not in WITHIN]
    rest = [token for token in tokens if not _names(token, one.called.run, names)]
    strange = bool(tokens) and not any(_names(token, one.called.run, names) for token in one.called.run)
    asked = replace(on.own, given_names=on.own.given_names[:1]) if strange else on.own
    said = tokens if strange else one.called.run
    mine = [token for token in (*said, *one.given) if is_own_given(token, asked, known=token.folded in one.givens)]
    if mine and (on.proven or not strange):
        return
    told = one.called.role is not None or one.called.alone
    married = () if strange else _married(one.called.run, on.own)
    if strange:
        yield ConflictKind.UNKNOWN_IDENTITY
    elif any(token.folded in one.givens or (told and token not in married) for token in (*rest, *one.given)):
        yield ConflictKind.OTHER_GIVEN_NAME


def _married(run: Line, own: Patient) -> Line:
    """What stands before `née` and the patient's birth name: a usage name, that the roster may not know."""
    at = next((place for place, token in enumerate(run) if is_born(token)), 0)
    return run[:at] if any(_names(token, run, {fold(own.birth_name)}) for token in run[at + 1 :]) else ()


def _parts(own: Patient) -> frozenset[str]:
    """The parts of a composed name: half of it may stand for the whole."""
    parts = [part for name in (own.birth_name, own.usage_name or "") for part in words(name)]
    return frozenset(fold(part) for part in parts if len(part) > LETTERS and part not in WITHIN)


def _names(token: Token, run: Line, names: Collection[str]) -> bool:
    """Whether a token is part of what may be one of these names, small misreadings allowed."""
    at = next(place for place, other in enumerate(run) if other is token)
    return any(
        _near(_folded(run[start:end]), name)
        for start in range(max(0, at - LONGEST_NAME + 1), at + 1)
        for end in range(at + 1, min(len(run), start + LONGEST_NAME) + 1)
        for name in names
    )


def _near(read: str, name: str) -> bool:
    allowed = tolerance(min(len(read), len(name)))
    return Levenshtein.distance(read, name, score_cutoff=allowed) <= allowed


def _person(by: Called, given: Line, index: RosterIndex) -> Person:
    run, labelled = by.run, given if by.role in NAMING else ()
    scores: dict[Patient, int] = {}
    for start in range(len(run)):
        for end in range(start + 1, min(len(run), start + LONGEST_NAME) + 1):
            by_given = index.called(_folded(run[start:end]))
            for part in (run[:start], run[end:], labelled) if by_given else ():
                for patient in {one for name in _spans(part) for one in by_given.get(name, ())}:
                    scores[patient] = max(scores.get(patient, 0), covered(part, patient))
    best = max(scores.values(), default=0)
    givens = frozenset(token.folded for token in (*run, *labelled) if _is_given(token, run, index))
    return Person(by, labelled, tuple(one for one, score in scores.items() if score == best), givens)


def _is_given(token: Token, run: Line, index: RosterIndex) -> bool:
    """Whether a word is a given name here: no feast, no flower, no saint of a town."""
    before = next((one for one, other in pairwise(run) if other is token), None)
    saint = before is not None and before.plain in vocabulary.SAINTS
    word = token.text.isupper() and token.plain in vocabulary.WORDLIKE
    return not saint and not word and index.is_given_name(token.folded)


def _spans(run: Line) -> Iterator[str]:
    """Every few tokens of a run on end, as one name."""
    for start in range(len(run)):
        for end in range(start + 1, min(len(run), start + LONGEST_NAME) + 1):
            yield _folded(run[start:end])


def _folded(run: Line) -> str:
    return "".join(token.folded for token in run)
