"""The register as the gate sees it: one reading a patient."""

from typing import Protocol

from consent_gate.model import PatientRef, RegisterReading


class Register(Protocol):
    """Whatever knows patients and their facts: the station's database, a client's service, a test's list."""

    def reading(self, patient: PatientRef) -> RegisterReading:
        """All facts on record of one patient, with the limits that its lines are (`consent_gate.standing.with_limits`).

        What could not be read is `UnreadableRegister`. Raises `StationFault("database-away")` where a server does not
        answer for now: then nobody is asked.
        """
        ...
