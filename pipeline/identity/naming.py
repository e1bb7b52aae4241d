"""Whom a name with a birth date names: one patient of the roster, told apart from twins and homonyms, or nobody.

A near name never names anybody. Where name and date fit two patients, the given names say which, or nothing does.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from consent_gate.model import Patient, PatientRef
from pipeline.identity import vocabulary
from pipeline.identity.blocks import Block, Named
from pipeline.identity.lines import Line, Token
from pipeline.identity.roster_index import RosterIndex, same_person
from pipeline.identity.traits import alike, fold, heard, minims, words
from pipeline.model import ConflictKind

LETTERS: Final = 3
"""Of a given name, at least: shorter ones are initials, or noise."""


_SURE_PARTS: Final = 2
"""Of name, birth date and given name, all exact: handwriting is hardly ever read surely, print is not always."""


@dataclass(frozen=True, slots=True)
class Fitting:
    """A patient whose name and birth date a page shows, and the places of the name."""

    patient: Patient
    named: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """Whom a page names, and what it leaves in doubt."""

    patients: tuple[PatientRef, ...] = ()
    against: tuple[ConflictKind, ...] = ()


def name_and_birth_date(
    block: Block, index: RosterIndex, known: Collection[PatientRef], claimed: PatientRef | None
) -> Told:
    """Whom the block names. `known`: for whom a number on the page speaks, which decides among namesakes."""
    fitting = []
    for patient in index.born_on(sorted(block.days)):
        named = block.named(patient)
        births = block.births(patient, named) if named else []
        one = Fitting(patient, tuple(named))
        read = any(place.sure for place in named), any(birth.sure for birth in births), _given_surely(one, block)
        if births and sum(read) >= _SURE_PARTS:
            fitting.append(one)
    told = [_among(group, block, index, known, claimed) for group in _namesakes(fitting)]
    return Told(
        tuple(dict.fromkeys(ref for one in told for ref in one.patients)),
        tuple(dict.fromkeys(kind for one in told for kind in one.against)),
    )


def _may_be_titled(title: str, patient: Patient) -> bool:
    """Whether the title before a name is not that of the other sex: it is a brother's page, or a sister's."""
    return not title or patient.sex not in ("F", "M") or (title in vocabulary.WOMEN) == (patient.sex == "F")


def names_of(patient: Patient) -> frozenset[str]:
    """Birth name and usage name, folded."""
    return frozenset(fold(name) for name in (patient.birth_name, patient.usage_name or "")) - {""}


def namesakes(one: Patient, other: Patient) -> bool:
    """Whether name and birth date fit both."""
    return one.birth_date == other.birth_date and bool(names_of(one) & names_of(other))


def _namesakes(fitting: Sequence[Fitting]) -> list[list[Fitting]]:
    groups: list[list[Fitting]] = []
    for one in fitting:
        joined = [group for group in groups if any(namesakes(one.patient, other.patient) for other in group)]
        groups = [group for group in groups if group not in joined]
        groups.append([*(other for group in joined for other in group), one])
    return groups


def _among(
    group: Sequence[Fitting],
    block: Block,
    index: RosterIndex,
    known: Collection[PatientRef],
    claimed: PatientRef | None,
) -> Told:
    best = _best(group, block)
    if not _one_person(best):
        best = [one for one in best if one.patient.ref in known]
    if not best or not _one_person(best):
        return Told((), (ConflictKind.OWN_GIVEN_NAME_MISSING,))
    if len(group) == 1:
        return _alone(group[0], block, index)
    if any(_says_more(one, block, index) for one in best):
        return Told((), (ConflictKind.OWN_GIVEN_NAME_MISSING,))
    refs = [one.patient.ref for one in best]
    only = refs if len(refs) == 1 else [ref for ref in refs if ref == claimed or ref in known]
    return Told(tuple(only)) if len(only) == 1 else Told((), (ConflictKind.SEVERAL_REFERENCES,))


def _one_person(fitting: Sequence[Fitting]) -> bool:
    return all(same_person(one.patient, fitting[0].patient) for one in fitting)


def _best(group: Sequence[Fitting], block: Block) -> list[Fitting]:
    """Those of whom the given names say most; all, where none says anything."""
    scores = [max((covered(run, one.patient) for run in _runs(one, block)), default=0) for one in group]
    return [one for one, score in zip(group, scores, strict=True) if score == max(scores)]


def _runs(one: Fitting, block: Block) -> Iterator[Line]:
    yield from block.given
    for named in one.named:
        yield from named.near


def covered(run: Line, patient: Patient) -> int:
    """How many tokens on end are given names of the patient, composed ones whole."""
    given = {fold(name) for name in patient.given_names} - {""}
    return max((_chain(run[start:], given) for start in range(len(run))), default=0)


def _given_surely(one: Fitting, block: Block) -> bool:
    """Whether a given name of the patient stands there that was read surely."""
    sure = (tuple(token for token in run if token.sure) for run in _runs(one, block))
    return any(covered(run, one.patient) for run in sure)


def _chain(run: Line, given: Collection[str]) -> int:
    for length in range(len(run), 0, -1):
        if "".join(token.folded for token in run[:length]) in given:
            return length + _chain(run[length:], given)
    return 0


def _alone(one: Fitting, block: Block, index: RosterIndex) -> Told:
    """The only one whom it fits, unless a given name stands there that is another's: a twin of whom nobody knows."""
    runs = tuple(_runs(one, block))
    if not any(_may_be_titled(named.title, one.patient) for named in one.named):
        return Told((), (ConflictKind.OTHER_GIVEN_NAME,))
    if any(_is_own(token, one.patient, index) for run in runs for token in run):
        return Told((one.patient.ref,))
    labelled = [token for run in block.given for token in run if _weighs(token)]
    foreign = [token for named in one.named for token in _next_to(named, one.patient) if _weighs(token)]
    if labelled or any(index.is_given_name(token.folded) for token in foreign):
        return Told((), (ConflictKind.OTHER_GIVEN_NAME,))
    return Told() if foreign else Told((one.patient.ref,))


def _is_own(token: Token, patient: Patient, index: RosterIndex) -> bool:
    return is_own_given(token, patient, known=index.is_given_name(token.folded))


def _says_more(one: Fitting, block: Block, index: RosterIndex) -> bool:
    """Whether a name stands beside the given name that is none of the patient's: it may be a longer one, misread."""
    names = names_of(one.patient)
    for run in _runs(one, block):
        said = [token for token in run if token.plain not in vocabulary.JOINING]
        mine = [_is_own(token, one.patient, index) or token.folded in names for token in said]
        beside = [mine[max(0, at - 1) : at] + mine[at + 1 : at + 2] for at in range(len(said))]
        if any(True in near for own, near in zip(mine, beside, strict=True) if not own):
            return True
    return False


def _weighs(token: Token) -> bool:
    return token.sure and len(token.plain) >= LETTERS


def _next_to(named: Named, patient: Patient) -> Iterator[Token]:
    """The tokens directly left and right of a name that are not the patient's other name."""
    others = names_of(patient) - {named.folded}
    for run in named.beside:
        yield from (token for token in (run[0], run[-1]) if token.folded not in others)


def is_own_given(token: Token, patient: Patient, *, known: bool) -> bool:
    """Whether a token may be one of the patient's given names: whole, a part, an initial, or with a letter misread.

    `known`: it is somebody's given name, and is not another one misread: Louise is not Louis.
    """
    parts = {part for name in patient.given_names for part in words(name)}
    if len(token.plain) == 1:
        return token.named and any(part.startswith(token.plain) for part in parts)
    if any(fold(part) == token.folded or heard(part) == heard(token.plain) for part in parts):
        return True
    return not known and any(alike(part, token.plain) or minims(part) == minims(token.plain) for part in parts)
