"""The roster in memory, searched by birth date and by number: no page is compared with the whole of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from consent_gate.model import Patient, PatientRef
from pipeline.identity.given_names import is_common
from pipeline.identity.traits import compact, comparable, digit_runs, fold

MISREAD: Final = 2
"""Misread digits up to which a number on paper may still be a roster's number."""

_LENGTH: Final = 13
_FULL: Final = 15
_GAP: Final = 10
"""Stands where a run of digits has ended; no digit is equal to it."""

# Pigeonhole: two misread digits, or one too many or too few, leave at least two of four blocks untouched.
_BLOCKS: Final = (slice(0, 3), slice(3, 6), slice(6, 9), slice(9, 13))
_PAIRS: Final = tuple(combinations(_BLOCKS, 2))

_Digits = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class NumberFound:
    """A place of a text where a patient's number may stand."""

    patient: Patient
    run: str
    """The run of digits, compact."""
    start: int
    """Where the number begins in it, give or take one digit."""


class RosterIndex:
    """All patients of the roster, in memory, by reference, birth date and number.

    Answers for a page of 300 words take milliseconds on a roster of 200,000.
    """

    def __init__(self, patients: Iterable[Patient]) -> None:
        self._patients = {patient.ref: patient for patient in patients}
        self._born: dict[date, list[Patient]] = {}
        for patient in self._patients.values():
            self._born.setdefault(patient.birth_date, []).append(patient)
        self._given: frozenset[str] | None = None
        self._called: dict[str, dict[str, list[Patient]]] | None = None
        self._numbers = _NumberIndex([p for p in self._patients.values() if len(comparable(p.ins or "")) >= _LENGTH])

    def __len__(self) -> int:
        return len(self._patients)

    def patient(self, ref: PatientRef) -> Patient | None:
        """The patient of a reference, None where the roster has none."""
        return self._patients.get(ref)

    def born_on(self, days: Iterable[date]) -> list[Patient]:
        """The patients born on one of these days."""
        return [patient for day in days for patient in self._born.get(day, ())]

    def is_given_name(self, folded: str) -> bool:
        """Whether it is a given name (`traits.fold`): somebody's on the roster, or a common one."""
        if self._given is None:
            names = {name for patient in self._patients.values() for name in patient.given_names}
            self._given = frozenset(fold(name) for name in names)
        return folded in self._given or is_common(folded)

    def called(self, name: str) -> Mapping[str, Sequence[Patient]]:
        """The patients with this birth name or usage name, by each of their given names (all `traits.fold`)."""
        if self._called is None:
            found: dict[str, dict[str, list[Patient]]] = {}
            for patient in self._patients.values():
                for one in {fold(one) for one in (patient.birth_name, patient.usage_name or "")} - {""}:
                    by_given = found.setdefault(one, {})
                    for given in {fold(given) for given in patient.given_names} - {""}:
                        by_given.setdefault(given, []).append(patient)
            self._called = found
        return self._called.get(name, {})

    def numbers_in(self, text: str) -> list[NumberFound]:
        """Where a patient's number may stand: up to `MISREAD` digits misread, or one digit too many or too few."""
        return [found for run in digit_runs(text) for found in self._numbers.search(run)]


def owners(index: RosterIndex, number: str) -> list[Patient]:
    """Whose a complete number is, sign for sign; two references may be one person's."""
    found = {found.patient.ref: found.patient for found in index.numbers_in(number)}
    return [patient for patient in found.values() if compact(patient.ins or "") == number]


def same_person(one: Patient, other: Patient) -> bool:
    """Whether two references are one person's, as far as the roster knows: the same, or number and traits are.

    A number alone may be the insured's, that children and spouses have in their files too.
    """
    if one.ref == other.ref:
        return True
    numbered = one.ins and other.ins and compact(one.ins) == compact(other.ins)
    return bool(numbered) and one.birth_date == other.birth_date and _share_names(one, other)


def _share_names(one: Patient, other: Patient) -> bool:
    names = [{fold(name) for name in (each.birth_name, each.usage_name or "")} - {""} for each in (one, other)]
    given = [{fold(name) for name in each.given_names} - {""} for each in (one, other)]
    return bool(names[0] & names[1]) and bool(given[0] & given[1])


def nearness(patient: Patient, found: NumberFound) -> int:
    """How many digits must be changed, added or left out to read the patient's number at that place.

    All 15 digits are compared where the run is long enough, else the first 13; 15 where the patient has no number.
    """
    number = comparable(patient.ins or "")
    if len(number) < _LENGTH:
        return _FULL
    number = number[: _FULL if len(number) >= _FULL and len(found.run) - found.start >= _FULL - 1 else _LENGTH]
    starts = range(max(0, found.start - 1), found.start + 2)
    lengths = range(len(number) - 1, len(number) + 2)
    return min(Levenshtein.distance(number, found.run[s : s + length]) for s in starts for length in lengths)


class _NumberIndex:
    """Numbers by each pair of four blocks of their 13 digits, as sorted arrays: about 100 bytes a number."""

    def __init__(self, patients: list[Patient]) -> None:
        self._patients = patients
        joined = "".join(comparable(patient.ins or "")[:_LENGTH] for patient in patients)
        self._digits = _digits(joined).reshape(len(patients), _LENGTH)
        keys = [_keys(self._digits, pair) for pair in _PAIRS]
        self._orders = [np.argsort(key, kind="stable").astype(np.int32) for key in keys]
        self._sorted = [key[order] for key, order in zip(keys, self._orders, strict=True)]

    def search(self, run: str) -> Iterator[NumberFound]:
        """The numbers found in one run of digits, each place and patient once."""
        # One digit of margin before, so that a number that lost its first digit has its place.
        margin = np.full(_LENGTH, _GAP, np.uint8)
        padded = np.concatenate([margin[:2], _digits(run), margin])
        offsets = np.arange(-1, len(run) - _LENGTH + 2)
        windows = np.lib.stride_tricks.sliding_window_view(padded, _LENGTH)
        seen: set[tuple[int, int]] = set()
        for offset, rows in self._candidates(windows[offsets + 2], offsets):
            aligned = [self._digits[rows] == windows[offset + 2 + shift] for shift in (-1, 0, 1)]
            seen.update((int(row), offset) for row in rows[_matches(aligned)])
        for row, offset in sorted(seen):
            yield NumberFound(self._patients[row], run, max(0, offset))

    def _candidates(self, windows: _Digits, offsets: NDArray[np.int64]) -> Iterator[tuple[int, NDArray[np.int32]]]:
        """For each place of the run, the numbers that share two blocks with it."""
        for pair, order, ordered in zip(_PAIRS, self._orders, self._sorted, strict=True):
            wanted = _keys(windows, pair)
            firsts, lasts = np.searchsorted(ordered, wanted, "left"), np.searchsorted(ordered, wanted, "right")
            for place in np.flatnonzero(lasts > firsts):
                yield int(offsets[place]), order[firsts[place] : lasts[place]]


def _digits(number: str) -> _Digits:
    return np.frombuffer(number.encode("ascii"), np.uint8) - np.uint8(ord("0"))


def _keys(digits: _Digits, pair: tuple[slice, slice]) -> NDArray[np.int32]:
    """The digits of two blocks as one number, in base 11: a gap is a digit of its own."""
    key = np.zeros(len(digits), np.int32)
    for block in pair:
        for column in range(block.start, block.stop):
            key = key * np.int32(_GAP + 1) + digits[:, column]
    return key


def _matches(aligned: list[NDArray[np.bool_]]) -> NDArray[np.bool_]:
    """Which numbers stand at a place, by where they agree with the run: a digit to the left, in place, to the right."""
    in_place = aligned[1]
    fits: NDArray[np.bool_] = in_place.sum(axis=1) >= _LENGTH - MISREAD
    heads = [np.cumprod(equal, axis=1).sum(axis=1) for equal in aligned]
    tails = [np.cumprod(equal[:, ::-1], axis=1).sum(axis=1) for equal in aligned]
    for place in (0, 1):
        fits |= heads[place + 1] + tails[place] >= _LENGTH - 1  # a digit is missing in the run
        fits |= heads[place] + tails[place + 1] >= _LENGTH  # a digit too many
    return fits
