"""Which patient a fact of the register is about, found by the fact's reference alone."""

from collections.abc import Collection

from sqlmodel import Session

from consent_gate.model import PatientRef
from storage.roster import Roster
from storage.tables import FactRow


def patient_of(roster: Roster, session: Session, fact: str) -> PatientRef | None:
    """The patient whom the fact of this reference is about; None where there is no such fact, or no such patient.

    Raises `TamperFault("column-forged")` where the patient's row does not open.
    """
    row = session.get(FactRow, fact)
    if row is None:
        return None
    found = roster.of_index(session, row.patient_index)
    return None if found is None else found.ref


def recorded_at_station(session: Session, facts: Collection[str]) -> bool:
    """Whether each of these facts was recorded by somebody at the station, and none by an import."""
    rows = [session.get(FactRow, one) for one in facts]
    return all(row is not None and row.import_id is None for row in rows)
