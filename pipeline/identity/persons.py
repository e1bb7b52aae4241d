"""Whom a page names, with or without a birth date: the full names that stand where a person's name may stand.

A name alone never speaks for anybody. It speaks against: what is headed `Patient : LE GOFF Anaïs` is not in the record
of somebody else, whatever else is said of it.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace

from rapidfuzz.distance import Levenshtein

from consent_gate.model import Patient
from pipeline.identity.blocks import Block
from pipeline.identity.called import WITHIN, Called, called
from pipeline.identity.lines import NAMING, Line, Role, Token
from pipeline.identity.naming import LETTERS, covered, is_own_given, names_of
from pipeline.identity.roster_index import RosterIndex, same_person
from pipeline.identity.runs import LONGEST_NAME
from pipeline.identity.traits import tolerance
from pipeline.model import ConflictKind


@dataclass(frozen=True, slots=True)
class Person:
    """A run of names on a page, as it is compared with the roster."""

    called: Called
    given: Line = field(repr=False)
    """What stands behind the labels of given names, for a name behind a label."""
    patients: tuple[Patient, ...] = field(repr=False)
    """Those of the roster whose name and given name it is; where several, those of whom it says most."""
    givens: frozenset[str] = field(repr=False)
    """Folded, of all that stands there: what is somebody's given name on the roster."""

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


def against(found: Sequence[Person], own: Patient, *, strict: bool) -> Iterator[ConflictKind]:
    """What the names say against a patient.

    `strict`: as of an identity zone, where a title tells of the patient. Elsewhere people are titled in passing. A page
    that names the patient may name others in passing everywhere; two others at the head of lines are a list.
    """
    shown = any(one.may_be(own) and not one.called.passing for one in found)
    others = [one for one in found if one.patients and not one.may_be(own)]
    listed = len({one.patients[0].ref for one in others if not one.called.passing}) > 1
    for one in others:
        role = one.called.role
        if listed or not shown or role is Role.SUBJECT or (role is Role.NAME and strict):
            yield ConflictKind.OTHER_NAME
    for one in found:
        if not one.patients and not one.called.passing:
            yield from _stranger(one, own, shown=shown, strict=strict)


def _stranger(one: Person, own: Patient, *, shown: bool, strict: bool) -> Iterator[ConflictKind]:
    """Somebody whom the roster does not know, where the page says that it is about them."""
    by, lone = one.called, strict and not shown and one.called.alone
    if by.role is Role.SUBJECT:
        full = by.shaped or by.worded or (bool(one.givens) and len(by.run) > 1)
        if full or (not shown and any(token.text.isupper() and len(token.plain) > LETTERS for token in by.run)):
            yield from _strange(one, own)
    elif by.role is Role.NAME:
        if (one.given and not shown) or (lone and (by.titled or by.full or bool(one.givens))):
            yield from _strange(one, own)
    elif lone and by.shaped:
        yield from (kind for kind in _strange(one, own) if kind is ConflictKind.OTHER_GIVEN_NAME)


def _strange(one: Person, own: Patient) -> Iterator[ConflictKind]:
    """A name that is not near the patient's, or is it with another given name.

    Beside a strange surname the patient's first given name alone excuses, whole: it may be a married name.
    """
    names = names_of(own)
    tokens = [token for token in one.called.run if len(token.plain) >= LETTERS and token.plain not in WITHIN]
    rest = [token for token in tokens if not _names(token, one.called.run, names)]
    strange = bool(tokens) and len(rest) == len(tokens)
    asked = replace(own, given_names=own.given_names[:1]) if strange else own
    said = tokens if strange else one.called.run
    mine = [token for token in (*said, *one.given) if is_own_given(token, asked, known=token.folded in one.givens)]
    if mine:
        return
    told = one.called.role is not None or one.called.alone
    if strange:
        yield ConflictKind.UNKNOWN_IDENTITY
    elif any(told or token.folded in one.givens for token in (*rest, *one.given)):
        yield ConflictKind.OTHER_GIVEN_NAME


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
    givens = frozenset(token.folded for token in (*run, *labelled) if index.is_given_name(token.folded))
    return Person(by, labelled, tuple(one for one, score in scores.items() if score == best), givens)


def _spans(run: Line) -> Iterator[str]:
    """Every few tokens of a run on end, as one name."""
    for start in range(len(run)):
        for end in range(start + 1, min(len(run), start + LONGEST_NAME) + 1):
            yield _folded(run[start:end])


def _folded(run: Line) -> str:
    return "".join(token.folded for token in run)
