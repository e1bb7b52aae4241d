"""What one page says of whose it is: which sources speak for which patient of the roster, and what speaks against.

Pure: words and texts of codes come in, nothing is read here. What stands on the page stays in memory, for the verdict
alone; what leaves this room are references of the roster's patients and kinds of contradiction.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Literal

from consent_gate.model import Patient, PatientRef
from pipeline.identity import ins
from pipeline.identity.blocks import Block
from pipeline.identity.children import children, newborn
from pipeline.identity.ins import InsCode, InsFlaw
from pipeline.identity.naming import name_and_birth_date, namesakes
from pipeline.identity.numbers import Numbers, fits, references
from pipeline.identity.persons import persons
from pipeline.identity.roster_index import RosterIndex, owners, same_person
from pipeline.identity.said import Said, same_traits
from pipeline.model import ConflictKind, Word


class Source(StrEnum):
    """What may say whose a document is. The value is stored, translated and reported: never rename one."""

    PERSON = "person"
    """A reviewer said so."""
    SEPARATOR = "separator"
    INS_DATAMATRIX = "ins-datamatrix"
    NIR = "nir"
    NAME_AND_BIRTH_DATE = "name-and-birth-date"
    CLIENT_NUMBER = "client-number"


@dataclass(frozen=True, slots=True)
class Search:
    """What a page is searched for."""

    index: RosterIndex = field(repr=False)
    mode: Literal["trial", "production"]
    """Of the station: whether INS of test and demonstration are refused, or those of production."""
    today: date
    """The civil day at the client's; no birth date is later."""
    claimed: PatientRef | None = field(default=None, repr=False)
    """Whom the separator names."""
    client_number: re.Pattern[str] | None = None
    """With one group: the client's reference. Searched in each line, and in each of its columns."""


@dataclass(frozen=True, slots=True)
class Vote:
    """A source that speaks for a patient of the roster."""

    source: Source
    patient: PatientRef = field(repr=False)


@dataclass(frozen=True, slots=True)
class PageEvidence:
    """What one page says. A page on which nobody is named has neither votes nor anything against."""

    votes: tuple[Vote, ...] = ()
    against: tuple[ConflictKind, ...] = ()
    """What contradicts: the claimed patient where there is one, the patient for whom the page votes where not."""
    said: Said = field(default_factory=Said, repr=False)

    @property
    def patients(self) -> frozenset[PatientRef]:
        """Those for whom a source speaks."""
        return frozenset(vote.patient for vote in self.votes)

    @property
    def patient(self) -> PatientRef | None:
        """The one patient for whom the page speaks, where nothing on it speaks against."""
        patients = self.patients
        return next(iter(patients)) if len(patients) == 1 and not self.against else None

    def sources(self, patient: PatientRef) -> frozenset[Source]:
        """The sources that speak for a patient."""
        return frozenset(vote.source for vote in self.votes if vote.patient == patient)

    def against_patient(self, own: Patient) -> tuple[ConflictKind, ...]:
        """What contradicts that the page is this patient's, whoever was claimed when it was read."""
        others = [vote for vote in self.votes if vote.patient != own.ref]
        elsewhere = (ConflictKind.OTHER_NUMBER,) if others else ()
        return tuple(dict.fromkeys((*self.against, *elsewhere, *self.said.against(own))))


Finding = Vote | ConflictKind


def evidence_of(words: Sequence[Word], codes: Sequence[str], search: Search) -> PageEvidence:
    """What a page's identity zone says.

    `words` lie in pixels of the upright copy that was read (x to the right, y down), with all their confidences: those
    that were read badly do not vote. `codes` are the texts of the page's codes; what is no INS datamatrix is passed
    over.
    """
    block = Block.of(words)
    meant = _meant(block, codes, search)
    found: list[Finding] = [*_by_codes(codes, search)]
    found += () if block.lines.insured else _by_numbers(Numbers.of(block.own, search.index), search)
    found += _by_reference(references(block.text, search.client_number), search)
    known = {one.patient for one in found if isinstance(one, Vote)}
    told = name_and_birth_date(block, search.index, known, search.claimed)
    found += [Vote(Source.NAME_AND_BIRTH_DATE, ref) for ref in told.patients]
    found += told.against
    votes = tuple(dict.fromkeys(one for one in found if isinstance(one, Vote)))
    absolute = [one for one in found if isinstance(one, ConflictKind)]
    return PageEvidence(votes, tuple(dict.fromkeys((*absolute, *_relative(votes, meant, search)))), meant)


def said_on(words: Sequence[Word], search: Search) -> Said:
    """What a page that was read whole says that has a meaning beside one patient alone; `words` as `evidence_of`."""
    return _meant(Block.of(words), (), search)


def _meant(block: Block, codes: Sequence[str], search: Search) -> Said:
    named = references(block.text, search.client_number)
    return Said(
        persons=persons(block, search.index),
        numbers=Numbers.of(block.text, search.index),
        references=frozenset(one for one in named if search.index.patient(PatientRef(one)) is None),
        names=block.names,
        born=frozenset(day for day in block.born if day <= search.today),
        days=frozenset(day for one in block.dates if one.sure for day in one.days),
        children=frozenset(children(block.lines)),
        newborn=newborn(block.lines),
        codes=tuple(_strange(codes, search)),
    )


def _relative(votes: Sequence[Vote], meant: Said, search: Search) -> Iterator[ConflictKind]:
    """What contradicts the claimed patient, or the one for whom the page votes."""
    voted = frozenset(vote.patient for vote in votes)
    ref = search.claimed if search.claimed is not None else next(iter(voted)) if len(voted) == 1 else None
    own = search.index.patient(ref) if ref is not None else None
    if own is None:
        return
    for vote in votes:
        other = search.index.patient(vote.patient)
        if other is not None and other.ref != own.ref:
            yield _kind(vote.source, own, other)
    yield from meant.against(own)


def _kind(source: Source, own: Patient, other: Patient) -> ConflictKind:
    if source is not Source.NAME_AND_BIRTH_DATE:
        return ConflictKind.OTHER_NUMBER
    return ConflictKind.OTHER_GIVEN_NAME if namesakes(own, other) else ConflictKind.OTHER_NAME_AND_BIRTH_DATE


def _by_codes(codes: Sequence[str], search: Search) -> Iterator[Finding]:
    """INS datamatrix: the number of a patient whose birth name and birth date the code says too."""
    for text in dict.fromkeys(codes):
        code = ins.parse(text, search.today)
        if isinstance(code, InsCode):
            yield from _by_ins(code, search)
        elif code is not InsFlaw.NOT_INS:
            yield ConflictKind.CODE_FLAWED


def _by_ins(code: InsCode, search: Search) -> Iterator[Finding]:
    if not ins.admits(search.mode, code.domain):
        real = code.domain is ins.Domain.PRODUCTION
        yield ConflictKind.PRODUCTION_IDENTITY if real else ConflictKind.TEST_IDENTITY
        return
    known = owners(search.index, code.matricule)
    agreeing = [one for one in known if same_traits(code, one)]
    if agreeing:
        yield from _one_of(agreeing, Source.INS_DATAMATRIX, search)
    elif known:
        yield ConflictKind.OTHER_TRAITS


def _strange(codes: Sequence[str], search: Search) -> Iterator[InsCode]:
    """The codes whose number is nobody's on the roster."""
    for text in dict.fromkeys(codes):
        code = ins.parse(text, search.today)
        if isinstance(code, InsCode) and not owners(search.index, code.matricule):
            yield code


def _by_numbers(numbers: Numbers, search: Search) -> Iterator[Finding]:
    for number, known in numbers.exact().items():
        if any(fits(one, number) for one in known):  # else it is an insured's, in the file of child or spouse
            yield from _one_of(known, Source.NIR, search)


def _one_of(known: Sequence[Patient], source: Source, search: Search) -> Iterator[Finding]:
    """The vote for whoever has a number; of two references of one person, for the claimed one.

    A number that several persons have tells nothing between them.
    """
    refs = [one.ref for one in known]
    if all(same_person(one, known[0]) for one in known):
        only = refs if len(refs) == 1 else [ref for ref in refs if ref == search.claimed]
        yield Vote(source, only[0]) if only else ConflictKind.SEVERAL_REFERENCES


def _by_reference(found: frozenset[str], search: Search) -> Iterator[Finding]:
    claimed = search.index.patient(search.claimed) if search.claimed is not None else None
    for reference in sorted(found):
        patient = search.index.patient(PatientRef(reference))
        if patient is not None:
            own = claimed is not None and same_person(claimed, patient)
            yield Vote(Source.CLIENT_NUMBER, claimed.ref if claimed is not None and own else patient.ref)
