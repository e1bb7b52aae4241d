"""One line of a client's register as a statement, or why not.

What restricts holds for all documents and without end, whatever the sheet's other columns say: a no is never limited
by a cell.
"""

from dataclasses import replace
from datetime import date
from typing import Final

from consent_gate import cells
from consent_gate.cells import CellRefused, Said
from consent_gate.model import Evidence, EvidenceKind, FactKind, Giver, Opposition, Statement
from consent_gate.sheets.reading import Row

OPENING: Final = frozenset({FactKind.GRANTED, FactKind.OPPOSITION_LIFTED})
DECIDING: Final = frozenset({FactKind.GRANTED, FactKind.REFUSED, FactKind.WITHDRAWN})
SETTLING: Final = DECIDING | {FactKind.OPPOSED, FactKind.DECEASED}
"""What may decide a doubt: never that somebody was informed, nor that an opposition was lifted."""
_CLOSING: Final = frozenset({FactKind.REFUSED, FactKind.WITHDRAWN, FactKind.OPPOSED, FactKind.DECEASED})
_PROOF: Final = ("evidence", "evidence_kind", "evidence_on", "evidence_sha256", "witness")
_HARMLESS: Final = OPENING | {FactKind.NOTICE}


def said_in(row: Row) -> Said:
    """What the line says was done. Raises `CellRefused` `in-doubt`, `kind-unknown`."""
    found = cells.said(row)
    if found is None:
        raise CellRefused("in-doubt", "kind") if cells.is_doubt(row) else CellRefused("kind-unknown", "kind")
    return found


def statement(row: Row, said: Said, today: date) -> Statement:
    """What a whole line says. `today` is the civil day at the client's. Raises `CellRefused`."""
    kind, on = said.kind, cells.day(row, "on")
    if kind in _CLOSING and on > today:
        raise CellRefused("date-future", "on")
    if kind is FactKind.OPPOSITION_LIFTED:
        _require_whole(row)
    bare = Statement(
        kind=kind,
        on=on,
        evidence=_evidence(row, today),
        given_by=cells.giver(row),
        opposition=said.opposition,
        version=cells.reference_text(row, "version") if kind is FactKind.NOTICE else "",
        channel=cells.reference_text(row, "channel") if kind is FactKind.NOTICE else "",
    )
    _require_liftable(bare)
    return _limited(row, said, bare) if kind is FactKind.GRANTED else bare


def may_restrict(row: Row) -> bool:
    """Whether a line that cannot be used may have closed the gate, or have narrowed what is open."""
    said = cells.said(row)
    if said is None or said.kind not in _HARMLESS:
        return True
    if said.kind is not FactKind.GRANTED:
        return False
    return said.limited or not all(cells.is_all(row, field) for field in ("scope", "purposes", "until"))


def restricts(said: Statement) -> bool:
    """Whether a statement closes the gate for something that an earlier one may have opened."""
    if said.kind is FactKind.GRANTED:
        return said.until is not None or said.doc_types is not None or said.purposes is not None
    return said.kind not in _HARMLESS


def _require_whole(row: Row) -> None:
    """An opposition is lifted for everything and for good, or stays: there is no lifting within limits."""
    limits = {
        "scope": cells.scope(row) is not None,
        "purposes": cells.purposes(row) is not None,
        "until": bool(row.cells.get("until")),
        "authority_until": bool(row.cells.get("authority_until")),
    }
    for field, limited in limits.items():
        if limited:
            raise CellRefused("scope-not-possible", field)


def _require_liftable(said: Statement) -> None:
    """The controller's own decision lifts an opposition to hosting, and nothing else (CSP L.1111-8)."""
    if said.evidence is None or said.evidence.kind is not EvidenceKind.CONTROLLER_DECISION:
        return
    hosting = (said.opposition or Opposition.HOSTING) is Opposition.HOSTING
    if said.kind is not FactKind.OPPOSITION_LIFTED or not hosting:
        raise CellRefused("evidence-kind-unknown", "evidence_kind")


def _limited(row: Row, said: Said, bare: Statement) -> Statement:
    doc_types, purposes = cells.scope(row), cells.purposes(row)
    until = cells.day(row, "until") if row.cells.get("until") else None
    if until is not None and until < bare.on:
        raise CellRefused("end-before-start", "until")
    if said.limited and doc_types is None and purposes is None and until is None:
        raise CellRefused("limit-missing", "scope")
    authority = cells.day(row, "authority_until") if row.cells.get("authority_until") else None
    if authority is not None and bare.given_by is not Giver.GUARDIAN:
        raise CellRefused("authority-without-guardian", "authority_until")
    return replace(bare, until=until, doc_types=doc_types, purposes=purposes, authority_until=authority)


def _evidence(row: Row, today: date) -> Evidence | None:
    """None where no cell says anything of a proof."""
    if not any(row.cells.get(field) for field in _PROOF):
        return None
    on = cells.day(row, "evidence_on") if row.cells.get("evidence_on") else None
    if on is not None and on > today:
        raise CellRefused("evidence-date-future", "evidence_on")
    found = Evidence(
        reference=cells.reference_text(row, "evidence"),
        kind=cells.evidence_kind(row),
        on=on,
        sha256=cells.sha256(row),
        witness=cells.reference_text(row, "witness"),
    )
    return None if found == Evidence(kind=EvidenceKind.UNSPECIFIED) else found
