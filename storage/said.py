"""What a statement says, as a row keeps it: the columns of the first shape, and all else as one JSON object.

The digest of a statement covers both. What was not said is not written, so that a line of the first shape keeps its
digest.
"""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import rfc8785

from consent_gate.model import DocType, Evidence, EvidenceKind, FactKind, Giver, Opposition, Statement

Json = Mapping[str, Any]
"""Strings, integers, lists of strings and objects of these."""

AGAIN: Final = "again"
"""How many times the same was retracted before it was said anew."""


def said_of(statement: Statement) -> dict[str, Any]:
    """The columns of the first shape."""
    evidence = statement.evidence
    return {
        "doc_types": None if statement.doc_types is None else sorted(statement.doc_types),
        "evidence": evidence.reference or None if evidence else None,
        "kind": statement.kind.value,
        "on": statement.on.isoformat(),
        "until": None if statement.until is None else statement.until.isoformat(),
    }


def else_said(statement: Statement) -> dict[str, Any]:
    """Everything else that was said, empty where nothing was."""
    opposition = None if statement.opposition is Opposition.HOSTING else statement.opposition
    said: dict[str, Any] = {
        "authority_until": statement.authority_until,
        "channel": statement.channel,
        "given_by": statement.given_by,
        "opposition": opposition,
        "version": statement.version,
    }
    if statement.evidence is not None:
        said["evidence"] = _evidence_said(statement.evidence)
    found = {name: _plain(value) for name, value in said.items() if value}
    if statement.purposes is not None:
        found["purposes"] = sorted(statement.purposes)
    return found


def written(said: Json) -> bytes:
    """RFC 8785 bytes."""
    return rfc8785.dumps(dict(said))


def read_statement(said: Json, beside: Json, about: str | None) -> Statement:
    """The statement of a row. Raises TypeError, ValueError or LookupError where it is none."""
    kind = FactKind(said["kind"])
    until, types, purposes = said["until"], said["doc_types"], beside.get("purposes")
    opposes = kind in (FactKind.OPPOSED, FactKind.OPPOSITION_LIFTED)
    return Statement(
        kind=kind,
        on=date.fromisoformat(said["on"]),
        until=None if until is None else date.fromisoformat(until),
        doc_types=None if types is None else frozenset(DocType(one) for one in types),
        purposes=None if purposes is None else frozenset(purposes),
        evidence=_evidence(said["evidence"], beside.get("evidence", {})),
        given_by=Giver(beside["given_by"]) if "given_by" in beside else None,
        authority_until=_day(beside.get("authority_until")),
        opposition=Opposition(beside.get("opposition", Opposition.HOSTING)) if opposes else None,
        about=about,
        version=beside.get("version", ""),
        channel=beside.get("channel", ""),
    )


def read_else(sealed: bytes) -> Json:
    """What `written` wrote. Raises ValueError."""
    found = json.loads(sealed)
    if not isinstance(found, dict):
        raise TypeError("not an object")
    return found


def _evidence_said(evidence: Evidence) -> dict[str, Any]:
    kind = None if evidence.kind is EvidenceKind.UNSPECIFIED else evidence.kind
    said = {
        "envelope": evidence.envelope,
        "kind": kind,
        "on": evidence.on,
        "sha256": evidence.sha256,
        "witness": evidence.witness,
    }
    return {name: _plain(value) for name, value in said.items() if value}


def _evidence(reference: str | None, beside: Json) -> Evidence | None:
    if reference is None and not beside:
        return None
    return Evidence(
        reference=reference or "",
        kind=EvidenceKind(beside.get("kind", EvidenceKind.UNSPECIFIED)),
        on=_day(beside.get("on")),
        sha256=beside.get("sha256"),
        envelope=beside.get("envelope"),
        witness=beside.get("witness", ""),
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value if isinstance(value, dict) else str(value)
