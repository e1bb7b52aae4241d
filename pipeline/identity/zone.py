"""What in an identity zone is a patient's own identity: each word is one of its traits whole, or nothing (RNIV).

A word is taken only where it can be nothing else: a name beside a label, a title or another name of the same patient,
never after a physician's title; a date that is a whole date; a number with its key. Everything else is forgotten here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from consent_gate.model import Patient
from pipeline.identity import ins
from pipeline.identity.ins import InsCode
from pipeline.identity.roster_index import RosterIndex
from pipeline.identity.rows import BETWEEN, Rows, Span
from pipeline.identity.traits import compact, comparable, is_matricule
from pipeline.model import Word


class TraitKind(StrEnum):
    """What of an identity was read. The value is stored: never rename one."""

    BIRTH_NAME = "birth-name"
    USAGE_NAME = "usage-name"
    GIVEN_NAME = "given-name"
    BIRTH_DATE = "birth-date"
    INS = "ins"
    REFERENCE = "reference"


class Standing(StrEnum):
    """How what was read stands to the roster. The value is stored: never rename one."""

    AGREES = "agrees"
    """It is the announced patient's."""
    DIFFERS = "differs"
    """It is of this kind, and not the announced patient's, nor that of anybody on the roster."""
    OTHER_PATIENT = "other-patient"
    """It is that of a patient of the roster who was not announced."""
    UNKNOWN = "unknown"
    """Nobody was announced, and the roster does not know it."""


@dataclass(frozen=True, slots=True)
class Trait:
    """One trait that was read. `value` is for a reviewer's eyes: sealed at rest, never logged."""

    kind: TraitKind
    standing: Standing
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Field:
    """A trait and the words that are it and nothing else, in reading order."""

    trait: Trait
    words: tuple[Word, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Sought:
    """Whose identity is looked for: the announced patient, if one is, and the roster."""

    announced: Patient | None
    index: RosterIndex


_CONFIDENT: Final = 50.0
_NOISE: Final = 0.3
"""Of 100: the confidence below which a word stays black, whatever it says."""
CODE_MARK: Final = "IS01"
"""How the text of an INS datamatrix begins, in its first version."""
_LONGEST_NAME: Final = 4
_NUMBER: Final = 13
_SURE_REFERENCE: Final = 6
"""Characters from which a reference with a digit in it is no other word."""
_TITLES: Final = frozenset(
    ("M", "MR", "MME", "MLLE", "MONSIEUR", "MADAME", "MADEMOISELLE", "PATIENT", "PATIENTE", "SALARIE", "SALARIEE")
)
_PHYSICIANS: Final = frozenset(["DR", "DRS", "DOCTEUR", "PR", "PROFESSEUR", "ME", "MAITRE", "CONFRERE"])
_NAME_LABELS: Final = frozenset(
    ["NOM", "NOMS", "NAISSANCE", "USAGE", "DUSAGE", "PRENOM", "PRENOMS", "NAISSANCEPRENOM", "MARITAL", "FAMILLE"]
)
_BORN: Final = frozenset(["NE", "NEE", "NEEE", "NAISSANCE", "DDN"])
_REFERENCE_LABELS: Final = frozenset(["DOSSIER", "REF", "REFERENCE", "MATRICULE", "IDENTIFIANT", "NDOSSIER", "IPP"])
_BETWEEN_BORN: Final = frozenset(("", "LE", "DATE", "DE"))


def fields(words: Sequence[Word], sought: Sought) -> tuple[Field, ...]:
    """The identity fields among a zone's words, each word in one field at the most."""
    reading = Rows.of([word for word in words if word.confidence >= _CONFIDENT])
    taken: set[int] = set()
    found = []
    for one in _all(reading, sought):
        places = {id(word) for word in one.words}
        if not places & taken:
            taken |= places
            found.append(one)
    return tuple(found)


def coded(text: str, sought: Sought) -> Trait | None:
    """The number of an INS datamatrix (ANS, INS - Format datamatrix, v2.2); None where the text is no such code."""
    code = ins.parse(text, date.max)
    if not isinstance(code, InsCode):
        return None
    return Trait(TraitKind.INS, _standing(comparable(code.matricule), sought), code.matricule)


def _standing(number: str, sought: Sought) -> Standing:
    own = sought.announced
    if own is not None and own.ins and comparable(own.ins) == number:
        return Standing.AGREES
    if any(comparable(found.patient.ins or "") == number for found in sought.index.numbers_in(number)):
        return Standing.OTHER_PATIENT
    return Standing.UNKNOWN if own is None else Standing.DIFFERS


def weak(words: Sequence[Word]) -> bool:
    """Whether most of what was read may be noise: upside down, it mostly is."""
    letters = sum(len(word.text) for word in words)
    return sum(len(word.text) for word in words if word.confidence >= _CONFIDENT + 10) <= _NOISE * letters


def _all(zone: Rows, sought: Sought) -> Iterator[Field]:
    own, index = sought.announced, sought.index
    if own is not None:
        yield from _of_patient(zone, own, Standing.AGREES)
    others = [one for one in _others(zone, index) if own is None or one.ref != own.ref]
    for other in others:
        yield from _of_other(zone, other)
    unknown = Standing.UNKNOWN if own is None else Standing.DIFFERS
    for span in zone.numbers():
        if is_matricule(span.digits):
            yield _field(span, TraitKind.INS, unknown)
    for span in zone.dates():
        if zone.follows(span, _BORN, _BETWEEN_BORN):
            yield _field(span, TraitKind.BIRTH_DATE, unknown)


def _others(zone: Rows, index: RosterIndex) -> list[Patient]:
    """Patients of the roster of whom the zone has a complete number, or the birth date."""
    days = {day for span in zone.dates() for day in span.days}
    numbers = {span.digits for span in zone.numbers() if is_matricule(span.digits)}
    known = [found.patient for number in sorted(numbers) for found in index.numbers_in(number)]
    found = {one.ref: one for one in known if one.ins and comparable(one.ins) in numbers}
    return list(found.values()) + [one for one in index.born_on(sorted(days)) if one.ref not in found]


def _of_other(zone: Rows, other: Patient) -> Iterator[Field]:
    """A stranger's identity counts where it is whole: the number, or the name with the birth date."""
    found = list(_of_patient(zone, other, Standing.OTHER_PATIENT))
    kinds = {one.trait.kind for one in found}
    named = kinds & {TraitKind.BIRTH_NAME, TraitKind.USAGE_NAME}
    if TraitKind.INS in kinds or (named and TraitKind.BIRTH_DATE in kinds):
        yield from found


def _of_patient(zone: Rows, patient: Patient, standing: Standing) -> Iterator[Field]:
    for span in zone.numbers():
        number = comparable(patient.ins or "")
        if len(number) >= _NUMBER and comparable(span.digits) in {number, number[:_NUMBER]}:
            yield _field(span, TraitKind.INS, standing)
    for span in zone.dates():
        if patient.birth_date in span.days:
            yield _field(span, TraitKind.BIRTH_DATE, standing)
    yield from _names(zone, patient, standing)
    for span in zone.spans(1):
        if compact(patient.ref) == compact(span.text) and _is_reference(zone, span, patient.ref):
            yield _field(span, TraitKind.REFERENCE, standing)


def _is_reference(zone: Rows, span: Span, reference: str) -> bool:
    sure = len(reference) >= _SURE_REFERENCE and any(sign.isdigit() for sign in reference)
    return sure or zone.follows(span, _REFERENCE_LABELS, BETWEEN)


def _names(zone: Rows, patient: Patient, standing: Standing) -> Iterator[Field]:
    """Names beside a label, a title or each other. A run of names after a physician's title is a physician's."""
    spans = [*_spelt(zone, patient)]
    for run in _runs(zone, spans):
        before = zone.before(run[0].span)
        if before in _PHYSICIANS:
            continue
        several = len({one.kind for one in run}) > 1 or len(run) > 1
        labelled = before in _TITLES or zone.follows(run[0].span, _NAME_LABELS, BETWEEN)
        if several or labelled:
            first = {compact(one.span.text): one for one in reversed(run)}  # said again, it may be another word
            for one in run:
                if first[compact(one.span.text)] is one:
                    yield _field(one.span, one.kind, standing)


@dataclass(frozen=True, slots=True)
class _Spelt:
    """A place where a name of a patient stands."""

    kind: TraitKind
    span: Span


def _spelt(zone: Rows, patient: Patient) -> Iterator[_Spelt]:
    wanted = {compact(name): TraitKind.GIVEN_NAME for name in patient.given_names}
    if patient.usage_name:
        wanted[compact(patient.usage_name)] = TraitKind.USAGE_NAME
    wanted[compact(patient.birth_name)] = TraitKind.BIRTH_NAME
    taken: set[tuple[int, int]] = set()
    for length in range(_LONGEST_NAME, 0, -1):
        for span in zone.spans(length):
            kind = wanted.get(compact(span.text))
            if kind is None or not span.text[:1].isupper() or not taken.isdisjoint(span.places):
                continue
            taken |= set(span.places)
            yield _Spelt(kind, span)


def _runs(zone: Rows, spelt: Sequence[_Spelt]) -> Iterator[list[_Spelt]]:
    """Names that stand side by side in a row, with nothing between them but `née` and the like."""
    ordered = sorted(spelt, key=lambda one: one.span.places[0])
    run: list[_Spelt] = []
    for one in ordered:
        if run and not zone.joins(run[-1].span, one.span):
            yield run
            run = []
        run.append(one)
    if run:
        yield run


def _field(span: Span, kind: TraitKind, standing: Standing) -> Field:
    return Field(Trait(kind, standing, span.text), span.words)
