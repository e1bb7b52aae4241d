"""Custody entries (RFC 8785 bytes, PREMIS terms): what may stand in one, how it is written, how it is judged.

An entry holds integers and strings of tight patterns only, so that no name and no medical word can slip in.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from typing import Any, Final, NoReturn

import rfc8785

from lexicon.faults import StationFault, TamperFault

VERSION: Final = 1
_LARGEST: Final = 2**53 - 1


OF_FORMS: Final = "authorizations"
"""Count of a `capture`: 1 where the file came into an inbox of authorizations, and holds no record."""
SEPARATOR_BACKS: Final = "separator-backs"
"""Count of a `split`: separators that are the back of another one, where a sheet has two images; only if there are."""
REOPENED: Final = "reopened"
"""Outcome of a `review`: what was set aside is taken again."""
TAKEN_AGAIN: Final = "taken-again"
PAGE_RESTORED: Final = "page-restored"
"""Outcome of a `split` entry of a document: a page that was left out is one of its own again."""
"""Outcome of a `review`: a curable document leaves its column, and is on its way again."""
RELEASED: Final = "released"
"""Outcome of a `review`: a closed document was opened with the client's key, and is on its way again."""
KEPT_TOO_LONG: Final = "kept-too-long"
"""Outcome of a `sealing`: what was curable is closed, for its time is over; its column and its reason stay."""
KEY_DESTROYED: Final = "key-destroyed"
"""Outcome of a `destruction`: of a closed document, the station has no readable copy and no key any more."""
LIFTED: Final = "lifted"
"""Outcome of a `restriction`: the no that it stood for does not stand any more."""
DESTROYED: Final = "destroyed"
"""Outcome of a `destruction`: of a final document nothing is left, sealed copies included; of a box, sheets are not."""


class EntryType(StrEnum):
    """What happened (PREMIS event types). The value is hashed: never rename one."""

    CAPTURE = "capture"
    SPLIT = "split"
    IDENTIFICATION = "identification"
    CONSENT_CHECK = "consent-check"
    RECOGNITION = "recognition"
    COMPOSITION = "composition"
    VALIDATION = "validation"
    SEALING = "sealing"
    DEPOSIT = "deposit"
    RECEIPT = "receipt"
    REVIEW = "review"
    CONSULTATION = "consultation"
    IMPORT = "import"
    RETURN = "return"
    DESTRUCTION = "destruction"
    HANDOVER = "handover"
    KEY = "key"
    CHECKPOINT = "checkpoint"
    BACKUP = "backup"
    TASK = "task"
    CLOCK_ANOMALY = "clock-anomaly"
    RESTRICTION = "restriction"
    DELETION = "deletion"


CLOCK_ACCEPTED: Final = "accepted"
"""Outcome of the one kind of entry that may be dated before the one that precedes it: a `clock-anomaly`."""


class ObjectKind(StrEnum):
    """What an entry is about. The value is hashed: never rename one."""

    STATION = "station"
    BOX = "box"
    BATCH = "batch"
    FILE = "file"
    DOCUMENT = "document"
    PATIENT = "patient"
    FACT = "fact"
    IMPORT = "import"
    KEY = "key"
    CHECKPOINT = "checkpoint"
    HANDOVER = "handover"
    PERSON = "person"
    REVIEW = "review"
    HOLD = "hold"
    FORM = "form"


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry before the ledger numbers, dates and hashes it.

    `object` is `kind:identifier` (`ObjectKind`; a ULID, or 8 to 64 hex digits); `within` maps `box`, `batch`, `file` or
    `document` to an identifier; `subject` is the keyed pseudonym of a patient (64 hex digits); hashes are SHA-256 in
    hex, sizes bytes, each list of sizes empty or as long as its hashes; `outcome` is a slug; `decision` the digest of
    a gate's decision, `rule` the rule by which it answered, `terms` the digest of what the contract asked, `facts` the
    ULIDs of the facts that it saw; `parent` the ULID of what this follows from; `person` the ULID of an account, never
    a name.
    """

    type: EntryType
    object: str
    outcome: str = "done"
    within: Mapping[str, str] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    subject: str | None = None
    hashes_in: tuple[str, ...] = ()
    hashes_out: tuple[str, ...] = ()
    sizes_in: tuple[int, ...] = ()
    sizes_out: tuple[int, ...] = ()
    decision: str | None = None
    rule: str | None = None
    terms: str | None = None
    facts: tuple[str, ...] = ()
    parent: str | None = None
    person: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """What the ledger adds to a draft: number, ULID, time (UTC), and who wrote it."""

    seq: int
    id: str
    at: datetime
    station: str
    software: str


ULID: Final = r"[0-7][0-9A-HJKMNP-TV-Z]{25}"
_IDENTIFIER: Final = rf"(?:{ULID}|(?:[0-9a-f]{{2}}){{4,32}})"
_SLUG: Final = r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*"
_PATTERNS: Final = {
    "id": re.compile(ULID),
    "time": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII),
    "type": re.compile("|".join(EntryType)),
    "object": re.compile(rf"(?:{'|'.join(ObjectKind)}):{_IDENTIFIER}"),
    "outcome": re.compile(_SLUG),
    "subject": re.compile(r"[0-9a-f]{64}"),
    "decision": re.compile(r"[0-9a-f]{64}"),
    "rule": re.compile(_SLUG),
    "terms": re.compile(r"[0-9a-f]{64}"),
    "parent": re.compile(ULID),
    "person": re.compile(ULID),
    "station": re.compile(r"[a-z0-9][a-z0-9-]{0,62}"),
    "software": re.compile(r"liasse/[0-9][0-9a-z.+-]{0,30}"),
}

_HASH: Final = re.compile(r"[0-9a-f]{64}")
_ID: Final = re.compile(_IDENTIFIER)
_FACT: Final = re.compile(ULID)
_COUNT: Final = re.compile(_SLUG)
_CONTAINERS: Final = frozenset({"box", "batch", "file", "document"})
_AGENTS: Final = ("person", "software", "station")
_REQUIRED: Final = frozenset({"agents", "id", "object", "outcome", "seq", "time", "type", "v"})


def write_entry(draft: Draft, place: Place) -> bytes:
    """The entry's RFC 8785 bytes, as hashed and stored.

    Raises `StationFault("custody-entry-refused", field=...)` for a value outside its pattern; the value is not told.
    """
    entry = _layout(draft, place)
    flaw = _flaw(entry)
    if flaw is not None:
        raise StationFault("custody-entry-refused", field=flaw)
    return rfc8785.dumps(entry)


def read_entry(raw: bytes) -> dict[str, Any]:
    """The fields of an entry. Raises `TamperFault("custody-broken")` unless `write_entry` gives just these bytes."""
    try:
        entry = json.loads(raw, parse_float=_no_fraction, parse_constant=_no_fraction)
        right = isinstance(entry, dict) and _flaw(entry) is None and _canonical(entry) == raw
    except (ValueError, RecursionError):
        raise TamperFault("custody-broken") from None
    if not right:
        raise TamperFault("custody-broken")
    return dict(entry)


def time_of(entry: Mapping[str, Any]) -> datetime:
    """When an entry was written (UTC, microseconds)."""
    return datetime.fromisoformat(entry["time"])


def _layout(draft: Draft, place: Place) -> dict[str, Any]:
    at = place.at.astimezone(UTC)
    fields: dict[str, Any] = {
        "agents": _present({"person": draft.person, "software": place.software, "station": place.station}),
        "counts": dict(draft.counts),
        "decision": draft.decision,
        "facts": list(draft.facts),
        "hashes_in": list(draft.hashes_in),
        "hashes_out": list(draft.hashes_out),
        "id": place.id,
        "object": draft.object,
        "outcome": draft.outcome,
        "parent": draft.parent,
        "rule": draft.rule,
        "seq": place.seq,
        "sizes_in": list(draft.sizes_in),
        "sizes_out": list(draft.sizes_out),
        "subject": draft.subject,
        "terms": draft.terms,
        "time": at.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "type": str(draft.type),
        "v": VERSION,
        "within": dict(draft.within),
    }
    return _present(fields)


def _present(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in (None, {}, [])}


def _canonical(entry: Mapping[str, Any]) -> bytes:
    """RFC 8785 of what passed `_flaw` (ASCII without quotes, whole numbers), at the speed that verifying needs."""
    return json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _no_fraction(_digits: str) -> NoReturn:
    raise ValueError("only whole numbers")


def _flaw(entry: Mapping[str, Any]) -> str | None:
    """The first field that is missing, foreign or outside its pattern; None when the entry is sound."""
    missing = _REQUIRED - entry.keys()
    if missing:
        return min(missing)
    for name, value in entry.items():
        check = _CHECKS.get(name)
        if check is None or not check(value):
            return name if check else "unknown"
    for side in ("in", "out"):
        if f"sizes_{side}" in entry and len(entry[f"sizes_{side}"]) != len(entry.get(f"hashes_{side}", ())):
            return f"sizes_{side}"
    return None


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value <= _LARGEST


def _is_time(value: object) -> bool:
    if not _matches("time", value):
        return False
    try:
        datetime.fromisoformat(str(value))
    except ValueError:
        return False
    return True


def _matches(name: str, value: object) -> bool:
    return isinstance(value, str) and _PATTERNS[name].fullmatch(value) is not None


def _are_hashes(value: object) -> bool:
    return isinstance(value, list) and value != [] and all(isinstance(v, str) and _HASH.fullmatch(v) for v in value)


def _are_facts(value: object) -> bool:
    return isinstance(value, list) and value != [] and all(isinstance(v, str) and _FACT.fullmatch(v) for v in value)


def _are_sizes(value: object) -> bool:
    return isinstance(value, list) and value != [] and all(_is_count(v) for v in value)


def _are_counts(value: object) -> bool:
    return (
        isinstance(value, dict) and value != {} and all(_COUNT.fullmatch(k) and _is_count(v) for k, v in value.items())
    )


def _are_containers(value: object) -> bool:
    if not isinstance(value, dict) or not value or not value.keys() <= _CONTAINERS:
        return False
    return all(isinstance(v, str) and _ID.fullmatch(v) for v in value.values())


def _are_agents(value: object) -> bool:
    if not isinstance(value, dict) or not {"software", "station"} <= value.keys() <= set(_AGENTS):
        return False
    return all(_matches(name, agent) for name, agent in value.items())


_CHECKS: Final[dict[str, Callable[[object], bool]]] = {
    **{name: partial(_matches, name) for name in _PATTERNS if name not in {*_AGENTS, "time"}},
    "time": _is_time,
    "v": lambda value: type(value) is int and value == VERSION,
    "seq": _is_count,
    "agents": _are_agents,
    "within": _are_containers,
    "counts": _are_counts,
    "facts": _are_facts,
    "hashes_in": _are_hashes,
    "hashes_out": _are_hashes,
    "sizes_in": _are_sizes,
    "sizes_out": _are_sizes,
}
