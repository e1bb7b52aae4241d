"""A page's numbers: which are a patient's beyond doubt, which are nobody's, and which are nearer to another patient."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from consent_gate.model import Patient
from pipeline.identity.roster_index import MISREAD, NumberFound, RosterIndex, nearness
from pipeline.identity.traits import compact, comparable, matricules
from pipeline.model import ConflictKind

_PSEUDO_MONTH: Final = 20
_LABELLED: Final = re.compile(
    r"\b(?:SS|NSS|NIR|INS|S[ée]curit[ée] sociale|S[ée]cu|[Ii]mmatriculation)\b[^\w\n]{0,6}([12](?: ?\d){12,14})\b"
)
"""A number behind its label, on one line."""
_SPACED: Final = re.compile(r"(?<!\d)(?<!\d )([12] \d\d (?:0[1-9]|1[0-2]) (?:\d\d|2[AB]) \d{3} \d{3})(?! ?\d)")
"""One without its key, as people space it."""
_INSURED: Final = re.compile(r"assur[ée]|b[ée]n[ée]ficiaire|(ayant|ouvrant) droit", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of a text, as they are compared with the roster's."""

    found: tuple[NumberFound, ...] = field(default=(), repr=False)
    """Places where a number of the roster may stand, misread digits allowed."""
    complete: frozenset[str] = field(default=frozenset(), repr=False)
    """Complete numbers with a right key, 15 characters."""
    labelled: frozenset[str] = field(default=frozenset(), repr=False)
    """What a label calls a number of that kind, with or without a right key: 13 digits or more."""
    insured: bool = False
    """The page tells the insured from the patient, and may bear the numbers of both."""

    @classmethod
    def of(cls, text: str, index: RosterIndex) -> "Numbers":
        labelled = frozenset(compact(found[1]) for found in (*_LABELLED.finditer(text), *_SPACED.finditer(text)))
        insured = _INSURED.search(text) is not None
        return cls(tuple(index.numbers_in(text)), matricules(text), labelled, insured)

    def exact(self) -> dict[str, list[Patient]]:
        """Complete numbers of the text that are on the roster, sign for sign, and whose they are."""
        known: dict[str, list[Patient]] = {}
        for found in self.found:
            number = compact(found.patient.ins or "")
            if number in self.complete and found.patient not in known.setdefault(number, []):
                known[number].append(found.patient)
        return known

    def against(self, own: Patient) -> Iterator[ConflictKind]:
        """What the numbers say against a patient: one nearer to another's, or one that is nobody's and not his."""
        for found in self.found:
            if nearness(found.patient, found) < nearness(own, found):
                yield ConflictKind.OTHER_NUMBER
        mine = any(found.patient.ref == own.ref for found in self.found)
        others = [number for number in self.complete if not (mine and _is_misread(own, number))]
        if not (mine and self.insured) and any(not could_be(own, number) for number in others):
            yield ConflictKind.UNKNOWN_NUMBER
        if not mine and not self.complete and any(_is_anothers(own, number) for number in self.labelled):
            yield ConflictKind.UNKNOWN_NUMBER


def references(text: str, pattern: re.Pattern[str] | None) -> frozenset[str]:
    """What the client's pattern finds in a text: its group, the client's reference; nothing where there is none."""
    if pattern is None:
        return frozenset()
    return frozenset(found[1].strip() for found in pattern.finditer(text) if found[1])


def could_be(own: Patient, number: str) -> bool:
    """Whether a complete number that is nobody's on the roster may be the patient's own.

    Where the roster has the patient's number, the page would show that one. Where it has none, sex, year and month of
    birth within the number must be the patient's.
    """
    return not (own.ins is not None and comparable(own.ins)) and fits(own, number)


def _is_misread(own: Patient, number: str) -> bool:
    """Whether a complete number may be the patient's own, or is it."""
    return (
        sum(one != other for one, other in zip(comparable(number), comparable(own.ins or ""), strict=False)) <= MISREAD
    )


def _is_anothers(own: Patient, number: str) -> bool:
    """Whether sex, year and month of birth, as a number begins with them, are not his, misread digits allowed."""
    sex = {"M": "1", "F": "2"}.get(own.sex or "", number[0])
    expected = f"{sex}{own.birth_date:%y%m}"
    return sum(one != other for one, other in zip(number, expected, strict=False)) > MISREAD


def fits(own: Patient, number: str) -> bool:
    """Whether sex, year and month of birth within a complete number are the patient's (INSEE: months from 20 on are
    those of whom the month was not known)."""
    month = int(number[3:5])
    return (
        own.birth_date.year % 100 == int(number[1:3])
        and month in (own.birth_date.month, *range(_PSEUDO_MONTH, 100))
        and own.sex != ("F" if int(number[0]) % 2 else "M")
    )
