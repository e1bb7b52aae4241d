"""A confirmed deletion done at the host, with proof: what was there, what was asked, what answers now.

The ledger says so before and after. Every version and delete marker under every key that the document ever had goes; a
lock that the host keeps is told until when, and the deletion is done again then. After a crash it is done again too:
it finds what is left. What stays elsewhere, and is no copy of the document, is told by name.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import rfc8785
from cryptography.hazmat.primitives.serialization import Encoding
from sqlmodel import Session

from lexicon.faults import HostFault, StationFault
from pipeline import settle
from pipeline.office.deletion import entry, found_of, require_as
from pipeline.office.deletion_grounds import LOCKED_UNTIL, Told, cool_at, impediments, require_free, still_no
from pipeline.software import SOFTWARE
from pipeline.station import Station
from storage.backup.shipping import require_alone
from storage.deletions import OPEN, Deletion, Deletions, DeletionState
from storage.effects import effect
from storage.files import disk_faults
from storage.hosts.kept import Kept, kept
from storage.indexing import forget_read
from storage.keys import CERTIFICATE
from storage.receipt import Receipt
from storage.signature import sign
from storage.stored import StoredDocument
from storage.times import read_time, write_time

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


@dataclass(frozen=True, slots=True)
class _Seen:
    """Key -> what is `there` now, and what was there `before` anything was deleted, by an earlier attempt too."""

    there: Mapping[str, tuple[Kept, ...]]
    before: Mapping[str, tuple[Kept, ...]]

    def holds(self, receipt: Receipt) -> bool:
        """Whether anything lies under the receipt's key."""
        return any(not one.marker for one in self.there[receipt.object_key])

    def said(self) -> str:
        places = [_Place(key, several, ()).said() for key, several in self.before.items()]
        return rfc8785.dumps({"keys": places}).decode()


def due(station: Station) -> tuple[Deletion, ...]:
    """What two people have confirmed and is not done, the oldest first; what a lock keeps, from its day on."""
    moment = station.clock.moment()
    with station.database.read() as session:
        found = Deletions(station.columns).all(session, *_READY)
    return tuple(
        one
        for one in found
        if cool_at(station, read_time(one.proposed_at)) <= moment.at
        and (one.state is not DeletionState.LOCKED or _is_over(one.locked_until, moment.day.isoformat()))
    )


def to_be_done(station: Station) -> int:
    """How many of those nothing forbids: `liasse deletion execute` does them."""
    found = due(station)
    return len(found) - len(impediments(station, found)) if found else 0


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


def execute(station: Station, identifier: str, told: Told | None = None) -> Deletion:
    """Do it; `executed`, or `locked` where the host keeps something until a day.

    What it rests on is asked in the transaction before it: by the ledger, whatever the rows say (`told`: read already),
    and by the register, for what the patient authorizes again is cancelled, not deleted, unless the controller has
    ordered it. Raises `StationFault` `deletion-unknown`, `deletion-not-confirmed`, `deletion-ended`,
    `deletion-too-soon`, `deletion-paper-destroyed`, `deletion-held`, `clock-untrusted`, `patient-not-on-roster`;
    `TamperFault` `deletion-forged`, `custody-broken`, `register-forged`; `HostFault`, and then it is to be done again.
    """
    found, document = found_of(station, identifier)
    if found.state in (DeletionState.PROPOSED, DeletionState.FIRST_CONFIRMED):
        raise StationFault("deletion-not-confirmed")
    if found.state not in _READY:
        raise StationFault("deletion-ended", state=found.state.value)
    told = told or Told(station)
    with station.database.read() as session:
        require_free(station, session, found)
        keys = told.deposited(session, found, document).keys
    with effect("deletion.look"):
        there = {key: kept(station.host, key) for key in keys}
    before = {key: _joined(_seen_before(found, key), several) for key, several in there.items()}
    began = _intend(station, found, document, _Seen(there, before), told)
    if began.state is not DeletionState.INTENDED:
        raise StationFault("deletion-ended", state=began.state.value)
    station.shipping.ship()  # what the host is about to lose can be explained without this machine
    require_alone(station.host, station.id, station.ledger.epoch())
    places = [_empty(station, key, before[key]) for key in keys]
    settle.clear(station, document.id)  # whatever of it a crash has left here
    return _tell(station, began, document, places)


def _intend(station: Station, found: Deletion, document: StoredDocument, seen: _Seen, told: Told) -> Deletion:
    """Nobody else writes while it is asked whether it may be done, and said that it will; or that it is cancelled."""
    now = station.clock.now()
    with station.database.write("deletion.intend") as session:
        deletions = Deletions(station.columns)
        current = require_as(deletions, session, found)
        require_free(station, session, current)
        receipt = told.require(session, current, document).receipt
        if _is_authorized_again(station, session, current, document, there=seen.holds(receipt)):
            station.ledger.append(session, entry(document, DeletionState.CANCELLED.value), at=now)
            return deletions.change(session, found.id, DeletionState.CANCELLED, ended_at=write_time(now))
        said = seen.said()
        draft = entry(
            document,
            DeletionState.INTENDED.value,
            counts=_counts([one for several in seen.before.values() for one in several]),
            hashes_in=(receipt.sha256, hashlib.sha256(said.encode()).hexdigest()),
            sizes_in=(receipt.size, len(said.encode())),
        )
        station.ledger.append(session, draft, at=now)
        return deletions.change(session, found.id, DeletionState.INTENDED, proof=said, signature=None)


def _is_authorized_again(
    station: Station, session: Session, found: Deletion, document: StoredDocument, *, there: bool
) -> bool:
    """Whether it is to be cancelled: the no is gone, nobody ordered it, and the object is `there` still."""
    if found.ordered_at is not None or still_no(station, session, document):
        return False
    return there or found.state in OPEN


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
            forget_read(session, station.columns, document.id)
        changed = Deletions(station.columns).change(session, found.id, state, **done)
        counts = _counts([one for place in places for one in place.before]) | {"left": len(left)}
        if until is not None and until != UNKNOWN_DAY:
            counts["until"] = int(until.replace("-", ""))
        outcome = LOCKED_UNTIL if left else state.value
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
            "outcome": LOCKED_UNTIL if state is DeletionState.LOCKED else state.value,
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
