"""The register as the gate sees it, one reading a patient; and what a register is told, before it becomes a fact."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from consent_gate.model import DocType, FactKind, PatientRef, RegisterReading


class Register(Protocol):
    """Whatever knows patients and their facts: the station's database, a client's service, a test's list."""

    def reading(self, patient: PatientRef) -> RegisterReading:
        """All facts on record of one patient. Never raises: what could not be read is `UnreadableRegister`."""
        ...


@dataclass(frozen=True, slots=True)
class Statement:
    """What somebody says of a patient's authorization. Fields as in `Fact`; the register adds reference and time."""

    kind: FactKind
    on: date
    until: date | None = None
    doc_types: frozenset[DocType] | None = None
    evidence: str | None = None
