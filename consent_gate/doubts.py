"""Doubts: a register's line that may have restricted and cannot be used closes the gate until a sheet settles it.

What such a line meant nobody knows; that it may have been a refusal is enough (GDPR, articles 7(3) and 25(2)).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from consent_gate import cells
from consent_gate.cells import CellRefused
from consent_gate.model import FactKind, Patient, PatientRef
from consent_gate.sheets.reading import Row
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
