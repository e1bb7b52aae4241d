"""What a page says that has a meaning only beside one patient: numbers, references, names and birth dates of others.

It stays in memory, for the verdict alone, and is written nowhere.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from rapidfuzz.distance import Levenshtein

from consent_gate.model import Patient
from pipeline.identity import persons
from pipeline.identity.ins import InsCode
from pipeline.identity.naming import names_of
from pipeline.identity.numbers import Numbers, could_be
from pipeline.identity.persons import Person
from pipeline.identity.traits import compact, fold, tolerance, words
from pipeline.model import ConflictKind

_MISREAD: Final = 1
"""Digits or letters that a reader may have got wrong before what stands there is something else."""


@dataclass(frozen=True, slots=True)
class Said:
    """Of one page."""

    persons: tuple[Person, ...] = field(default=(), repr=False)
    numbers: Numbers = field(default_factory=Numbers, repr=False)
    references: frozenset[str] = field(default=frozenset(), repr=False)
    """What the client's pattern found, and is nobody's on the roster."""
    names: frozenset[str] = field(default=frozenset(), repr=False)
    """Names behind titles and labels, folded, with each of their parts."""
    born: frozenset[date] = field(default=frozenset(), repr=False)
    """Days that a label calls a birth date."""
    days: frozenset[date] = field(default=frozenset(), repr=False)
    """All days on the page."""
    children: frozenset[str] = field(default=frozenset(), repr=False)
    """Given names of children of whom a letter speaks to their parents, folded."""
    newborn: bool = False
    """It is headed by a newborn child that has its mother's name."""
    codes: tuple[InsCode, ...] = field(default=(), repr=False)
    """INS of which the number is nobody's on the roster."""

    def against(self, own: Patient, *, strict: bool = True) -> Iterator[ConflictKind]:
        """What of it cannot be the patient's. `strict`: it is an identity zone's (`persons.against`)."""
        yield from self.numbers.against(own)
        numbered = any(found.patient.ref == own.ref for found in self.numbers.found)
        proven = numbered or own.birth_date in self.days
        told = any(_is_own_child(child, own) for child in self.children)
        yield from persons.against(self.persons, own, strict=strict, proven=proven, told=told)
        newborn = self.newborn and not self._may_be_newborn(own)
        if newborn or any(not _is_own_child(child, own) for child in self.children):
            yield ConflictKind.OTHER_GIVEN_NAME
        if any(not (could_be(own, code.matricule) and same_traits(code, own)) for code in self.codes):
            yield ConflictKind.UNKNOWN_NUMBER
        if any(_distance(one, own.ref) > _MISREAD for one in self.references):
            yield ConflictKind.UNKNOWN_REFERENCE
        yield from self._born(own)

    def _may_be_newborn(self, own: Patient) -> bool:
        """Whether the page bears the patient's birth date and no day of later years: the mother's date is there too."""
        later = any(day.year > own.birth_date.year + 1 for day in self.days)
        return own.birth_date in self.days and not later

    def _born(self, own: Patient) -> Iterator[ConflictKind]:
        others = [day for day in self.born if not _could_be_read(day, own.birth_date)]
        strange = bool(self.names) and not any(_near(name, one) for name in names_of(own) for one in self.names)
        if self.born and strange and own.birth_date not in self.born:
            yield ConflictKind.UNKNOWN_IDENTITY
        elif others:
            yield ConflictKind.OTHER_BIRTH_DATE

    def mentions(self, own: Patient) -> bool:
        """Whether the page says the patient's full name and nobody else's, as the second page of a letter does."""
        return any(one.is_of(own) for one in self.persons)


def same_traits(code: InsCode, patient: Patient) -> bool:
    """Whether a code's birth name, birth date and a given name are the patient's (RNIV: with the number, who it is)."""
    if compact(code.birth_name) != compact(patient.birth_name) or code.birth_date != patient.birth_date:
        return False
    said = [compact(name) for name in code.given_names]
    runs = {"".join(said[start:end]) for start in range(len(said)) for end in range(start + 1, len(said) + 1)}
    return not patient.given_names or any(compact(name) in runs for name in patient.given_names)


def _is_own_child(name: str, own: Patient) -> bool:
    return any(fold(part) == name for given in own.given_names for part in (given, *words(given)))


def _could_be_read(read: date, own: date) -> bool:
    """Whether one date may be the other with a digit misread: one that is exchanged with its neighbour is another."""
    return sum(one != other for one, other in zip(f"{read:%d%m%Y}", f"{own:%d%m%Y}", strict=True)) <= _MISREAD


def _near(name: str, other: str) -> bool:
    allowed = tolerance(min(len(name), len(other)))
    return Levenshtein.distance(name, other, score_cutoff=allowed) <= allowed


def _distance(one: str, other: str) -> int:
    return Levenshtein.distance(one, other, score_cutoff=_MISREAD)
