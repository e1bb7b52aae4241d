"""The register as the gate sees it: one reading a patient."""

from typing import Protocol

from consent_gate.model import PatientRef, RegisterReading


class Register(Protocol):
    """Whatever knows patients and their facts: the station's database, a client's service, a test's list."""

    def reading(self, patient: PatientRef) -> RegisterReading:
        """All facts on record of one patient. Never raises: what could not be read is `UnreadableRegister`."""
        ...
