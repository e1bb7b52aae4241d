"""A confirmed deletion done at the host, with proof: what was there, what was asked, what answers now.

The ledger says so before and after. Every version and delete marker under every key that the document ever had goes; a
lock that the host keeps is told until when, and the deletion is done again then. After a crash it is done again too:
it finds what is left. What stays elsewhere, and is no copy of the document, is told by name.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import rfc8785
from cryptography.hazmat.primitives.serialization import Encoding

from lexicon.faults import HostFault, StationFault
from pipeline import settle
from pipeline.office.deletion import entry, found_of, require_free
from pipeline.station import SOFTWARE, Station
from storage.backup.shipping import require_alone
from storage.deletions import Deletion, Deletions, DeletionState
from storage.deposits import every_key, find_receipt
from storage.effects import effect
from storage.files import disk_faults
from storage.hosts.kept import Kept, kept
from storage.keys import CERTIFICATE
from storage.signature import sign
from storage.stored import StoredDocument
from storage.times import write_time

REMAINS: Final = ("batch-index", "receipt", "ledger", "rows-in-backups", "copies-outside")
"""What a deletion at the host does not touch: no copy of the document that the station has, and told all the same."""
UNKNOWN_DAY: Final = "?"
_READY: Final = (DeletionState.CONFIRMED, DeletionState.INTENDED, DeletionState.LOCKED)


@dataclass(frozen=True, slots=True)
class _Place:
    """One key at the host, before and after; `until`: the day of the lock that the host named, where one keeps it."""

    key: str
    before: tuple[Kept, ...]
    after: tuple[Kept, ...]
    until: str | None = None

    def said(self) -> dict[str, Any]:
        return {
            "key": self.key,
            "before": [{**asdict(one), "version": one.version or ""} for one in self.before],
            "after": [{**asdict(one), "version": one.version or ""} for one in self.after],
        }


def due(station: Station) -> tuple[Deletion, ...]:
    """What two people have confirmed and is not done, the oldest first; what a lock keeps, from its day on."""
    today = station.clock.moment().day.isoformat()
    with station.database.read() as session:
        found = Deletions(station.columns).all(session, *_READY)
    return tuple(one for one in found if one.state is not DeletionState.LOCKED or _is_over(one.locked_until, today))


def all_of(station: Station) -> tuple[Deletion, ...]:
    """Every deletion there ever was, the oldest first."""
    with station.database.read() as session:
        return Deletions(station.columns).all(session)


def write_statement(station: Station, found: Deletion, folder: Path) -> Path | None:
    """The signed statement in `folder`: `deletion-ID.json`, its signature (.p7s) and the station's certificate.

    None where nothing was done yet. Raises `StationFault` `disk-full`, `disk-unusable`.
    """
    if found.proof is None or found.signature is None:
        return None
    statement = folder / f"deletion-{found.id}.json"
    with disk_faults(), effect("deletion.write-statement"):
        folder.mkdir(parents=True, exist_ok=True)
        statement.write_text(found.proof, encoding="utf-8", newline="")
        statement.with_suffix(".p7s").write_bytes(found.signature)
        (folder / CERTIFICATE).write_bytes(station.keys.certificate.public_bytes(Encoding.PEM))
    return statement


def execute(station: Station, identifier: str) -> Deletion:
    """Do it; `executed`, or `locked` where the host keeps something until a day.

    Raises `StationFault` `deletion-unknown`, `deletion-not-confirmed`, `deletion-ended`, `deletion-paper-destroyed`,
    `deletion-held`; `HostFault`, and then it is to be done again.
    """
    found, document = found_of(station, identifier)
    if found.state in (DeletionState.PROPOSED, DeletionState.FIRST_CONFIRMED):
        raise StationFault("deletion-not-confirmed")
    if found.state not in _READY:
        raise StationFault("deletion-ended", state=found.state.value)
    require_free(station, found)
    with station.database.read() as session:
        keys = every_key(session, document.id)
    with effect("deletion.look"):
        before = {key: _joined(_seen_before(found, key), kept(station.host, key)) for key in keys}
    _intend(station, found, document, before)
    station.shipping.ship()  # what the host is about to lose can be explained without this machine
    require_alone(station.host, station.id, station.ledger.epoch())
    places = [_empty(station, key, before[key]) for key in keys]
    settle.clear(station, document.id)  # whatever of it a crash has left here
    return _tell(station, found, document, places)


def _intend(station: Station, found: Deletion, document: StoredDocument, before: dict[str, tuple[Kept, ...]]) -> None:
    now = station.clock.now()
    with station.database.write("deletion.intend") as session:
        deletions = Deletions(station.columns)
        current = deletions.find(session, found.id)
        if current is None or current.state is not found.state:
            raise StationFault("deletion-ended", state=current.state.value if current else "")
        seen = rfc8785.dumps({"keys": [_Place(key, several, ()).said() for key, several in before.items()]})
        deletions.change(session, found.id, DeletionState.INTENDED, proof=seen.decode(), signature=None)
        signed = find_receipt(session, document.id)
        receipt = signed.receipt if signed else None
        draft = entry(
            document,
            DeletionState.INTENDED.value,
            counts=_counts([one for several in before.values() for one in several]),
            hashes_in=(receipt.sha256,) if receipt else (),
            sizes_in=(receipt.size,) if receipt else (),
        )
        station.ledger.append(session, draft, at=now)


def _empty(station: Station, key: str, before: tuple[Kept, ...]) -> _Place:
    until = None
    try:
        with effect("deletion.delete"):
            station.host.delete(key)
    except HostFault as fault:
        if fault.code != "host-retains":
            raise
        until = str(fault.facts.get("until", UNKNOWN_DAY))
    with effect("deletion.look-again"):
        after = kept(station.host, key)
    if after and until is None:
        raise HostFault("host-failing")
    return _Place(key, before, after, until)


def _tell(station: Station, found: Deletion, document: StoredDocument, places: Sequence[_Place]) -> Deletion:
    """State, proof and entry: one transaction."""
    now = station.clock.now()
    left = [one for place in places for one in place.after]
    until = _until(places) if left else None
    state = DeletionState.LOCKED if left else DeletionState.EXECUTED
    proof = _statement(station, found, places, state, until, write_time(now))
    with station.database.write("deletion.record") as session:
        done = {"locked_until": until, "proof": proof.decode(), "signature": sign(station.keys, proof)}
        if state is DeletionState.EXECUTED:
            done["ended_at"] = write_time(now)
        changed = Deletions(station.columns).change(session, found.id, state, **done)
        counts = _counts([one for place in places for one in place.before]) | {"left": len(left)}
        if until is not None and until != UNKNOWN_DAY:
            counts["until"] = int(until.replace("-", ""))
        outcome = "locked-until" if left else state.value
        proven = hashlib.sha256(proof).hexdigest()
        draft = entry(document, outcome, counts=counts, hashes_out=(proven,), sizes_out=(len(proof),))
        station.ledger.append(session, draft, at=now)
    return changed


def _statement(
    station: Station,
    found: Deletion,
    places: Sequence[_Place],
    state: DeletionState,
    until: str | None,
    at: str,
) -> bytes:
    """RFC 8785 JSON for the client: no name, no reference, no type; versions as the host names them."""
    return rfc8785.dumps(
        {
            "at": at,
            "confirmed_by": [found.first_by or "", found.second_by or ""],
            "deletion": found.id,
            "document": found.document,
            "host": station.host.name,
            "keys": [place.said() for place in places],
            "locked_until": until or "",
            "ordered_by": found.ordered_by or "",
            "outcome": "locked-until" if state is DeletionState.LOCKED else state.value,
            "reason": found.reason,
            "remains": list(REMAINS),
            "software": SOFTWARE,
            "station": station.id,
            "v": 1,
        }
    )


def _is_over(until: str | None, today: str) -> bool:
    """Whether a lock has ended by that day; of one whose day the host does not tell, it is asked."""
    return until in {None, UNKNOWN_DAY} or str(until) < today


def _until(places: Sequence[_Place]) -> str:
    """The last day that the host named of the locks that keep something."""
    told = {place.until for place in places} | {one.until for place in places for one in place.after}
    return max((one for one in told if one and one != UNKNOWN_DAY), default=UNKNOWN_DAY)


def _seen_before(found: Deletion, key: str) -> tuple[Kept, ...]:
    """What an earlier attempt has seen under the key: after a crash it may be gone, and was there."""
    said = json.loads(found.proof) if found.proof else {"keys": []}
    return tuple(Kept(**one) for place in said["keys"] if place["key"] == key for one in place["before"])


def _joined(earlier: tuple[Kept, ...], now: tuple[Kept, ...]) -> tuple[Kept, ...]:
    known = {one.version or "" for one in earlier}
    return (*earlier, *(one for one in now if (one.version or "") not in known))


def _counts(versions: Sequence[Kept]) -> dict[str, int]:
    markers = sum(one.marker for one in versions)
    return {"versions": len(versions) - markers, "markers": markers, "bytes": sum(one.size for one in versions)}
