"""The register held against the ledger: every fact that an entry tells of must be there, and every disabled person.

A row that is taken away together with its seal, or put back as it was on an earlier day, leaves its entry behind.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from sqlmodel import Session, col, func, select

from consent_gate.people import Role
from lexicon.faults import TamperFault
from storage.custody import EntryType, read_entry
from storage.tables import FactRow, PatientRow, PersonRow

_ADDED: Final = {
    "register-imported": ("added", "doubted", "doubt-lifted"),
    "register-undone": ("retracted", "doubted"),
    "roster-imported": ("added",),
}
"""Outcomes of imports -> their counts of the rows that they made."""


_TOLD: Final = tuple(f'"object":"{kind}:'.encode() for kind in ("import", "fact", "person"))
_ENROLLED: Final = {f"enrolled-{role.value}": True for role in Role}
_CAN_ACT: Final = {"first-enrolled": True, **_ENROLLED, "factor-renewed": True, "disabled": False}


def require(session: Session, entries: Iterable[bytes]) -> None:
    """Raise `TamperFault("register-forged")` where something is `missing`."""
    lost = missing(session, entries)
    if lost:
        raise TamperFault("register-forged", objects=len(lost), first=lost[0])


def missing(session: Session, entries: Iterable[bytes]) -> tuple[str, ...]:
    """Objects (`import:…`, `fact:…`, `person:…`) of which the ledger tells what the rows do not, in order.

    `entries` as they are stored. Raises `TamperFault("custody-broken")`.
    """
    imports, facts, active = Counter[str](), set[str](), dict[str, bool]()
    for entry in (read_entry(raw) for raw in entries if any(mark in raw for mark in _TOLD)):
        kind, _, identifier = entry["object"].partition(":")
        match kind:
            case "import" if entry["type"] == EntryType.IMPORT and entry["outcome"] in _ADDED:
                counts = entry.get("counts", {})
                imports[identifier] += sum(counts.get(name, 0) for name in _ADDED[entry["outcome"]])
            case "fact":
                facts.add(identifier)
            case "person" if entry["outcome"] in _CAN_ACT:
                active[identifier] = _CAN_ACT[entry["outcome"]]
    made = _made(session)
    lost = [f"import:{one}" for one, count in imports.items() if made[one] != count]
    lost += [f"fact:{one}" for one in sorted(facts.difference(session.exec(select(FactRow.id)).all()))]
    people = {row.id: row.disabled_at is None for row in session.exec(select(PersonRow))}
    lost += [f"person:{one}" for one, can_act in active.items() if people.get(one) is not can_act]
    return tuple(sorted(lost))


def _made(session: Session) -> Counter[str]:
    """Import -> rows that are there of it."""
    made = Counter[str]()
    for column in (col(FactRow.import_id), col(PatientRow.import_id)):
        query = select(column, func.count()).where(column.is_not(None)).group_by(column)
        made.update({str(import_id): count for import_id, count in session.exec(query)})
    return made
