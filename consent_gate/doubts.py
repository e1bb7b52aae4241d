"""Doubts: a register's line that may have restricted and cannot be used closes the gate until somebody decides.

What such a line meant nobody knows; that it may have been a refusal is enough (GDPR, articles 7(3) and 25(2)). A no
that was taken back leaves a doubt about it likewise. What was on record before settles neither.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from consent_gate import cells
from consent_gate.cells import CellRefused
from consent_gate.model import Fact, FactKind, Patient, PatientRef
from consent_gate.sheets.reading import Row
from consent_gate.standing import standing
from consent_gate.traits import comparable_name

Find = Callable[[PatientRef], Patient | None]
"""The roster's patient of a reference."""
Born = Callable[[str, date], Iterable[Patient]]
"""The roster's patients of a birth name and a birth date."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Whom an unusable line may be about: its cells, as far as they can be read. Never stored, never told."""

    reference: str = field(repr=False)
    birth_name: str = field(repr=False)
    birth_date: date | None = field(repr=False)
    unless_after: date | None = None
    """No doubt where the patient can be read to have decided on a later day than this."""
    line: int = 0
    """The line's number in its file."""

    def patients(self, find: Find, born: Born) -> frozenset[PatientRef]:
        """The reference's patient; and where the line's traits are not that patient's, everybody whose they are."""
        named = find(PatientRef(self.reference))
        found = set() if named is None else {named.ref}
        if self.birth_name and self.birth_date and not self._describes(named):
            found |= {patient.ref for patient in born(self.birth_name, self.birth_date)}
        return frozenset(found)

    def is_past(self, decided: date | None) -> bool:
        """Whether the patient's last decision of the same file stands above it."""
        return self.unless_after is not None and decided is not None and decided > self.unless_after

    def _describes(self, patient: Patient | None) -> bool:
        if patient is None or patient.birth_date != self.birth_date:
            return False
        return comparable_name(patient.birth_name) == comparable_name(self.birth_name)


def doubt_of(row: Row) -> Doubt:
    """Whom a line that could not be used names."""
    try:
        birth_date = cells.day(row, "birth_date")
    except CellRefused:
        birth_date = None
    return Doubt(row.cells.get("reference", ""), row.cells.get("birth_name", ""), birth_date)


def is_open(recorded: Iterable[tuple[FactKind, datetime]]) -> bool:
    """Whether a doubt was recorded that nothing recorded later has lifted; both at one instant leave it open."""
    last: dict[FactKind, datetime] = {}
    for kind, when in recorded:
        last[kind] = max(when, last.get(kind, when))
    doubted, lifted = last.get(FactKind.DOUBTED), last.get(FactKind.DOUBT_LIFTED)
    return doubted is not None and (lifted is None or doubted >= lifted)


def open_doubts(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """Of facts that stand, the doubts that nothing recorded later has lifted, as `is_open` counts them."""
    known = tuple(facts)
    lifted = [fact.recorded_at for fact in known if fact.kind is FactKind.DOUBT_LIFTED]
    doubts = (fact for fact in known if fact.kind is FactKind.DOUBTED)
    return tuple(doubt for doubt in doubts if not lifted or doubt.recorded_at >= max(lifted))


def are_settled(history: Sequence[Fact], fresh: Collection[str], holds: Callable[[Fact], bool]) -> bool:
    """Whether facts that were just recorded (`fresh`, references) decide each doubt that is open.

    An authorization does, of the doubt's day or later, that `holds` (`consent_gate.gate.holds`): else one of before
    would open. So does a refusal or a withdrawal of which nothing that stands authorizes on that day or later: it
    closes the gate by itself. A doubt about a fact that was taken back (`about`) is decided by that same fact, said
    anew; by such an authorization of a later day than it; by such a no that is no older. What was said of another
    matter decides nothing, nor does an authorization about an opposition or a death.
    """
    stand, known = standing(history), {fact.reference: fact for fact in history}
    last = max((fact.on for fact in stand if fact.kind is FactKind.GRANTED), default=date.min)
    said = [fact for fact in stand if fact.reference in fresh]
    deciding = [fact for fact in said if fact.kind is not FactKind.GRANTED or holds(fact)]
    for doubt in open_doubts(stand):
        taken = known.get(doubt.about or "")
        if doubt.about is not None and taken is None:
            return False
        anew = taken is not None and any(_what(fact) == _what(taken) for fact in said)
        if not anew and not any(_settles(fact, doubt, taken, last) for fact in deciding):
            return False
    return True


def _settles(said: Fact, doubt: Fact, taken: Fact | None, last_granted: date) -> bool:
    if taken is not None and taken.kind in (FactKind.OPPOSED, FactKind.DECEASED):
        return False
    match said.kind:
        case FactKind.GRANTED:
            return said.on >= doubt.on if taken is None else said.on > taken.on
        case FactKind.REFUSED | FactKind.WITHDRAWN:
            return said.on > last_granted and (taken is None or said.on >= taken.on)
        case _:
            return False


def _what(fact: Fact) -> tuple[object, ...]:
    return fact.kind, fact.opposition, fact.on, fact.until, fact.doc_types, fact.purposes
