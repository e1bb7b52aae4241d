"""An identity block as people lay it out: names beside titles and labels, birth dates, given names near them.

Labels stand left of their values, over them or under them; a name after a physician's title is a physician's, and a
date after `sa mère, née le` is a relative's.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from consent_gate.model import Patient
from pipeline.identity import vocabulary
from pipeline.identity.births import Birth, births, parted
from pipeline.identity.lines import (
    NAMING,
    SURE,
    Line,
    Lines,
    Place,
    Role,
    is_born,
    of_physician,
    of_relative,
    role_of,
)
from pipeline.identity.rows import Rows
from pipeline.identity.runs import LONGEST_NAME, is_name, joined, particled, run_at
from pipeline.identity.traits import fold
from pipeline.model import Word

_BETWEEN_NAME_AND_DATE: Final = 6


@dataclass(frozen=True, slots=True)
class Named:
    """A place where a patient's name stands as patients' names do."""

    place: Place
    folded: str = field(repr=False)
    beside: tuple[Line, ...] = field(repr=False)
    """The runs of names directly left and right of it."""
    sure: bool
    title: str = field(repr=False)
    """The title before the whole run, compact; empty where there is none."""
    near: tuple[Line, ...] = field(repr=False)
    """Those, over `née` and `épouse` too, and the run that begins the line below."""


@dataclass(frozen=True, slots=True)
class Block:
    """A page's identity zone, ready to be asked about patients."""

    lines: Lines
    dates: tuple[Birth, ...]
    text: str = field(repr=False)
    """What was read surely: the lines, then the columns of each, a line of text each."""
    own: str = field(repr=False)
    """That, without the lines that begin with a label of somebody else: `Mère :`, `Responsable :`."""
    given: tuple[Line, ...] = field(repr=False)
    """What stands behind, under or over the labels of given names."""
    names: frozenset[str] = field(repr=False)
    """All names that stand behind a title or a label of names, folded, and each part of them."""
    _spans: dict[str, list[Place]] = field(repr=False)

    @classmethod
    def of(cls, words: Sequence[Word]) -> "Block":
        rows = Rows.of([part for word in words for part in parted(word)])
        lines = Lines.of(rows)
        dates = tuple(births(rows, lines))
        given = tuple(_labelled_given(lines))
        own = Rows(tuple(row for row, line in zip(rows.rows, lines.lines, strict=True) if not _is_of_another(line)))
        return cls(lines, dates, _text(rows), _text(own), given, _names(lines, given), _folded_spans(lines))

    @property
    def born(self) -> frozenset[date]:
        """The days of which a label says that they are the patient's birth date."""
        return frozenset(day for one in self.dates if one.labelled and one.sure for day in one.days)

    @property
    def days(self) -> frozenset[date]:
        return frozenset(day for one in self.dates for day in one.days)

    def named(self, patient: Patient) -> list[Named]:
        """Where the patient's birth name or usage name stands whole, where a patient's name may stand."""
        names = {fold(name) for name in (patient.birth_name, patient.usage_name or "")} - {""}
        places = [place for name in sorted(names) for place in self._spans.get(name, ())]
        return [self._at(place) for place in places if self._accepts(place, patient)]

    def births(self, patient: Patient, named: Sequence[Named]) -> list[Birth]:
        """Where the patient's birth date stands behind its label, or with one of these names."""
        dates = [one for one in self.dates if patient.birth_date in one.days]
        return [one for one in dates if one.labelled or any(self._with(one, name.place) for name in named)]

    def _accepts(self, place: Place, patient: Patient) -> bool:
        line = self.lines.lines[place.line]
        role = self.lines.role_before(place)
        if role in (Role.OTHER, Role.GIVEN) or of_relative(line, place.start) or self._exchanged(place, patient):
            return False
        if role in NAMING or (place.start and is_born(line[place.start - 1])):
            return True
        run = run_at(self.lines, place)
        around = self.lines.role_in_column(run), self.lines.role_above(run)
        if Role.OTHER in around or of_physician(joined(line, run.end)):
            return False
        return bool(NAMING.intersection(around)) or around[1] is Role.BIRTH or self._stands_with(place, patient)

    def _stands_with(self, place: Place, patient: Patient) -> bool:
        """Whether the name has the patient's birth date with it; or a given name, where no title tells of another."""
        if any(patient.birth_date in one.days and self._with(one, place) for one in self.dates):
            return True
        given = {fold(name) for name in patient.given_names}
        beside = [*self._at(place).beside, self._below(place)]
        return not self.names - given and any(_explained(run, given) for run in beside)

    def _exchanged(self, place: Place, patient: Patient) -> bool:
        """Whether the name is written like a given name beside a given name written like a name: `MARTIN Nicolas`."""
        if any(token.text.isupper() for token in self.lines.tokens(place)):
            return False
        given = {fold(name) for name in patient.given_names}
        return any(
            token.text.isupper() and len(token.plain) > 1 and token.folded in given
            for run in self._at(place).beside
            for token in run
        )

    def _at(self, place: Place) -> Named:
        line = self.lines.lines[place.line]
        run = run_at(self.lines, place)
        beside = tuple(part for part in (line[run.start : place.start], line[place.end : run.end]) if part)
        chain = run_at(self.lines, place, vocabulary.JOINING)
        folded = "".join(token.folded for token in line[place.start : place.end])
        before = line[run.start - 1].plain if run.start and not line[run.start].wide else ""
        title = before if before in vocabulary.TITLES else ""
        near = line[chain.start : place.start], line[place.end : chain.end], self._below(place)
        return Named(place, folded, beside, all(token.sure for token in line[place.start : place.end]), title, near)

    def _below(self, place: Place) -> Line:
        """The run of names that begins under a name: a column that has a line for each."""
        line = self.lines.lines[place.line]
        if place.line + 1 >= len(self.lines.lines):
            return ()
        first = line[place.start].word
        below = self.lines.lines[place.line + 1]
        for start, token in enumerate(below):
            far = abs(token.word.x0 - first.x0) > 1.5 * first.height or token.level - first.y0 > 3 * first.height
            if (token.wide or not start) and not far and is_name(below, start):
                run = run_at(self.lines, Place(place.line + 1, start, start + 1))
                return below[start : run.end]
        return ()

    def days_with(self, place: Place) -> frozenset[date]:
        """The dates that stand with a name, labelled or not."""
        return frozenset(day for one in self.dates if self._with(one, place) for day in one.days)

    def _with(self, one: Birth, place: Place) -> bool:
        """Whether a date stands with a name: behind it with nothing but names and a sex between, or under it."""
        if one.place.line == place.line and place.end <= one.place.start <= place.end + _BETWEEN_NAME_AND_DATE:
            line = self.lines.lines[place.line]
            between = range(place.end, one.place.start)
            return all(is_name(line, at) or line[at].plain in vocabulary.SEXES or is_born(line[at]) for at in between)
        if one.place.line != place.line + 1:
            return False
        here, under = self.lines.tokens(place)[0], self.lines.tokens(one.place)[0]
        heading = under.wide or not one.place.start
        return heading and abs(here.word.x0 - under.word.x0) <= 1.5 * here.word.height


def _names(lines: Lines, given: Sequence[Line]) -> frozenset[str]:
    return frozenset(
        "".join(token.folded for token in run[start:end])
        for run in (*_titled(lines), *(tuple(token for token in one if token.sure) for one in given))
        for start in range(len(run))
        for end in range(start + 1, min(len(run), start + LONGEST_NAME) + 1)
    )


def _titled(lines: Lines) -> Iterator[Line]:
    """The runs of names that a title or a label introduces."""
    for number, line in enumerate(lines.lines):
        for start, token in enumerate(line):
            if not is_name(line, start) or not token.sure:
                continue
            place = Place(number, start, start + 1)
            first = start == 0 or token.wide or not is_name(line, start - 1)
            if first and _introduced(lines, place):
                run = line[particled(line, start) : run_at(lines, place).end]
                yield tuple(one for one in run if one.sure)


def _introduced(lines: Lines, place: Place) -> bool:
    line = lines.lines[place.line]
    if place.start and _leads(line, place.start - 1):
        role = lines.role_before(place)
        return role in NAMING or (role is Role.BIRTH and is_born(line[place.start - 1]))
    return line[place.start].wide and lines.role_in_column(place) in NAMING


def _leads(line: Line, position: int) -> bool:
    return role_of(line, position) is not None or line[position].plain in vocabulary.FILLERS


def _is_of_another(line: Line) -> bool:
    """Whether a line begins with a label of a relative or a contact."""
    headed = bool(line) and line[0].plain in vocabulary.RELATIVES | vocabulary.ELSE
    return headed and any(":" in token.lead for token in line[:6])


def _text(rows: Rows) -> str:
    said = (" ".join(word.text for word in words if word.confidence >= SURE) for words in (*rows.rows, *rows.columns()))
    return "\n".join(dict.fromkeys(said))


def _labelled_given(lines: Lines) -> Iterator[Line]:
    for number, line in enumerate(lines.lines):
        for start, token in enumerate(line):
            if not is_name(line, start) or (start and is_name(line, start - 1) and not token.wide):
                continue
            place = Place(number, start, start + 1)
            role = lines.role_before(place) if start else None
            if role is None and (not start or token.wide):
                role = lines.role_in_column(place)
            if role is Role.GIVEN:
                yield line[start : run_at(lines, place).end]


def _explained(run: Line, names: set[str]) -> bool:
    """Whether a run begins or ends with one of the names."""
    folded = [token.folded for token in run]
    return any(
        "".join(folded[:length]) in names or "".join(folded[-length:]) in names for length in range(1, len(folded) + 1)
    )


def _folded_spans(lines: Lines) -> dict[str, list[Place]]:
    """Runs of tokens without a wide gap that have a capital, folded."""
    spans: dict[str, list[Place]] = {}
    for number, line in enumerate(lines.lines):
        for start, first in enumerate(line):
            if not first.named and first.plain not in vocabulary.PARTICLES:
                continue
            folded = ""
            for end in range(start, min(len(line), start + LONGEST_NAME)):
                if end > start and line[end].wide:
                    break
                folded += line[end].folded
                if not any(token.named for token in line[start : end + 1]):
                    continue
                spans.setdefault(folded, []).append(Place(number, start, end + 1))
    return spans
