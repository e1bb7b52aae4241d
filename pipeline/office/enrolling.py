"""People enrolled, disabled, unlocked, given another second factor: by an administrator, but for the very first."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlmodel import Session

from consent_gate.people import ADMINISTERING, NAMING, Role
from lexicon.faults import StationFault, TamperFault
from pipeline.office.factors import STEP, new_secret, otpauth, public_key_of, steps_of
from pipeline.office.people import Authenticated, Presented, act_of, authenticate
from pipeline.station import Station
from storage.custody import Draft, EntryType
from storage.people import Enrolled, People, Person
from storage.times import fresh_id

FIRST_ENROLLED: Final = "first-enrolled"
"""Outcome of the `review` by which a station gets its first person: nobody vouches for that one."""
ENROLLED: Final = "enrolled"
"""With the role after it: `enrolled-controller`. So the ledger alone tells whose side somebody is on."""
RENEWED: Final = "factor-renewed"
DISABLED: Final = "disabled"
UNLOCKED: Final = "unlocked"
PEOPLE_LISTED: Final = "people-listed"
"""Outcome of the `consultation` of who is behind which number."""

_LONGEST_NAME: Final = 200
_PERSON: Final = b'"object":"person:'


@dataclass(frozen=True, slots=True)
class NewCodes:
    """A shared secret that the person's device has taken in, and the code that the device shows for it now."""

    secret: bytes = field(repr=False)
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class NewKey:
    """The public key (PEM) of a pair whose other half only the person has."""

    pem: bytes = field(repr=False)


NewFactor = NewCodes | NewKey


@dataclass(frozen=True, slots=True)
class Offered:
    """A fresh secret to take in, shown once: `uri` as an authenticator reads it (otpauth)."""

    secret: bytes = field(repr=False)
    uri: str = field(repr=False)


def offer(station: Station, name: str) -> Offered:
    """A secret for a person's device. Nothing is kept until a code made with it comes back."""
    secret = new_secret()
    return Offered(secret, otpauth(secret, station.id, name))


def people(station: Station) -> tuple[Person, ...]:
    """Everybody who was ever enrolled."""
    with station.database.read() as session:
        return People(station.columns).all(session)


def named_people(station: Station, by: Presented) -> tuple[Person, ...]:
    """As `people`, to be shown with their names, which entries never have; a consultation. Raises what `authenticate`
    raises.
    """
    who = authenticate(station, by, act_of(station, "list-people", f"station:{station.id}", {}), NAMING)
    now = station.clock.now()
    with station.database.write("person.list") as session:
        about = f"station:{fresh_id(now)}"
        draft = Draft(EntryType.CONSULTATION, about, PEOPLE_LISTED, person=who.id, parent=who.entry)
        station.ledger.append(session, draft, at=now)
    return people(station)


def nobody(station: Station) -> bool:
    """Whether the station waits for its first person."""
    with station.database.read() as session:
        return not People(station.columns).anybody(session)


def require_vouching(station: Station, role: Role, person: str) -> None:
    """What can be told before a secret is shown: that this person may enrol somebody of this role, once proved.

    Raises `StationFault` `first-person-administrator`, `person-unknown` (with its entry), `person-disabled`,
    `role-insufficient`; of the last two nothing was tried, and no entry says so.
    """
    if nobody(station):
        if role is not Role.ADMINISTRATOR:
            raise StationFault("first-person-administrator")
        return
    require_administrator(station, person, "enrol")


def require_administrator(station: Station, person: str, kind: str) -> None:
    """As `require_vouching`, of somebody who is enrolled already."""
    with station.database.read() as session:
        found = People(station.columns).find(session, person)
    if found is None:
        _administrator(station, Presented(person), kind, "person:new", {})
    elif found.person.disabled_at is not None:
        raise StationFault("person-disabled")
    elif found.person.role not in ADMINISTERING:
        raise StationFault("role-insufficient", role=found.person.role.value)


def enrol(station: Station, name: str, role: Role, factor: NewFactor, by: Presented | None) -> Person:
    """Take a person in. The first one of a station is an administrator, and comes by nobody's leave.

    Raises `StationFault` `first-person-administrator`, `person-name-unfit`, `person-confirmation-wrong` (the device did
    not take in the secret), `identity-key-unreadable`, or what `authenticate` raises.
    """
    name = name.strip()
    if not (name.isprintable() and 0 < len(name) <= _LONGEST_NAME):
        raise StationFault("person-name-unfit")
    now = station.clock.now()
    material = _material(factor, now)
    first = nobody(station)
    if first and role is not Role.ADMINISTRATOR:
        raise StationFault("first-person-administrator")
    content = {"name": name, "role": role.value, **{key: str(value) for key, value in material.items()}}
    vouching = None if first else _administrator(station, by, "enrol", "person:new", content)
    with station.database.write("person.enrol") as session:
        rows = People(station.columns)
        if vouching is None:
            _require_first(station, session, rows)
        made = rows.enrol(session, name, role, **material, at=now, by=vouching.id if vouching else None)
        _record(station, session, made.id, f"{ENROLLED}-{role.value}" if vouching else FIRST_ENROLLED, vouching, now)
    return made


def renew(station: Station, person: str, factor: NewFactor, by: Presented) -> None:
    """Another second factor, for one that was lost or seen by others.

    Raises `StationFault` `person-confirmation-wrong`, `person-gone`, `identity-key-unreadable`, or what `authenticate`
    raises.
    """
    material = _material(factor, station.clock.now())
    content = {key: str(value) for key, value in material.items()}
    vouching = _administrator(station, by, "renew", f"person:{person}", content)
    now = station.clock.now()
    with station.database.write("person.renew") as session:
        rows = People(station.columns)
        _require_active(rows, session, person)
        rows.renew(session, person, **material)
        _record(station, session, person, RENEWED, vouching, now)


def disable(station: Station, person: str, by: Presented) -> None:
    """From now on the person may do nothing.

    Raises `StationFault` `person-gone`, `last-administrator`, or what `authenticate` raises.
    """
    vouching = _administrator(station, by, "disable", f"person:{person}", {})
    now = station.clock.now()
    with station.database.write("person.disable") as session:
        rows = People(station.columns)
        found = _require_active(rows, session, person).person
        administrators = rows.active(session, Role.ADMINISTRATOR)
        if found.role is Role.ADMINISTRATOR and found.locked_at is None and administrators == 1:
            raise StationFault("last-administrator")
        rows.disable(session, person, now)
        _record(station, session, person, DISABLED, vouching, now)


def unlock(station: Station, person: str, by: Presented) -> None:
    """Wrong proofs are forgotten. Raises `person-gone`, or what `authenticate` raises."""
    vouching = _administrator(station, by, "unlock", f"person:{person}", {})
    now = station.clock.now()
    with station.database.write("person.unlock") as session:
        rows = People(station.columns)
        _require_active(rows, session, person)
        rows.unlock(session, person)
        _record(station, session, person, UNLOCKED, vouching, now)


def _administrator(
    station: Station, by: Presented | None, kind: str, about: str, content: dict[str, Any]
) -> Authenticated:
    return authenticate(station, by or Presented(""), act_of(station, kind, about, content), ADMINISTERING)


def _require_active(rows: People, session: Session, person: str) -> Enrolled:
    found = rows.find(session, person)
    if found is None or found.person.disabled_at is not None:
        raise StationFault("person-gone")
    return found


def _require_first(station: Station, session: Session, rows: People) -> None:
    """Nobody is enrolled, nor ever was: rows that somebody took away do not make room for a first person."""
    if rows.anybody(session) or any(_PERSON in raw for raw in station.ledger.entries(session)):
        raise TamperFault("person-forged")


def _material(factor: NewFactor, now: datetime) -> dict[str, Any]:
    match factor:
        case NewKey(pem):
            return {"public_key": public_key_of(pem)}
        case NewCodes(secret, code):
            steps = steps_of(secret, code, now)
            if not steps:
                raise StationFault("person-confirmation-wrong", seconds=int(STEP.total_seconds()))
            return {"secret": secret, "last_step": max(steps)}


def _record(
    station: Station, session: Session, person: str, outcome: str, by: Authenticated | None, at: datetime
) -> None:
    draft = Draft(
        EntryType.REVIEW,
        f"person:{person}",
        outcome,
        person=by.id if by else None,
        parent=by.entry if by else None,
    )
    station.ledger.append(session, draft, at=at)
