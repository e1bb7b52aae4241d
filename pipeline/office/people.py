"""A person's act: who it is, by a second factor, and that the person may do it. Every answer is a custody entry.

A refusal's entry is written although the act is refused. No name, no code and no key is in an entry or a fault.
"""

import hashlib
import math
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

import rfc8785
from sqlmodel import Session

from consent_gate.people import Role
from lexicon.faults import StationFault, TamperFault
from pipeline.office.factors import sign_challenge, signature_holds, steps_of
from pipeline.station import Station
from storage.custody import Draft, EntryType
from storage.people import CHALLENGE_LASTS, Challenge, Enrolled, Factor, People, Person
from storage.times import fresh_id

AUTHENTICATED: Final = "authenticated"
"""Outcome of the `review` that says that a person proved to be the one, about to do just this."""

ONLY_LOCK: Final = timedelta(hours=24)
"""After this long, the lock of an administrator whom no other could unlock lifts by itself."""

_DOUBLED_FROM: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Act:
    """What a person is about to do. A proof counts for this very act and no other.

    `kind` is a slug; `object` as in a custody entry (`document:` and its ULID, `patient:` and its pseudonym, ...);
    `content` a keyed digest (hex) of everything that was decided (`act_of`).
    """

    kind: str
    object: str
    content: str

    def digest(self) -> str:
        """SHA-256 (hex) of the act's RFC 8785 bytes: in the entry of the authentication."""
        said = {"content": self.content, "kind": self.kind, "object": self.object}
        return hashlib.sha256(rfc8785.dumps(said)).hexdigest()


def act_of(station: Station, kind: str, about: str, content: Mapping[str, Any]) -> Act:
    """An act on the object `about`; its content is the keyed digest of these values (as JSON has them).

    Keyed, for the digest is in the ledger, and what a person decides may be guessed.
    """
    return Act(kind, about, station.columns.blind("act", rfc8785.dumps(dict(content)).decode()))


@dataclass(frozen=True, slots=True)
class Code:
    """A code of six digits, as the person's device shows it."""

    digits: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class KeyFile:
    """The person's private key (PEM), which signs here and now; `password` where the file has one."""

    pem: bytes = field(repr=False)
    password: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Signature:
    """A challenge (`challenge`), signed elsewhere with the person's key."""

    challenge: str
    signature: bytes = field(repr=False)


Proof = Code | KeyFile | Signature


@dataclass(frozen=True, slots=True)
class Presented:
    """Who somebody says to be, and by what it is proved; None: by nothing, which is refused."""

    person: str
    proof: Proof | None = None


@dataclass(frozen=True, slots=True)
class Authenticated(Person):
    """A person who has just proved to be the one, for one act. `authenticate` alone gives one."""

    act: Act
    entry: str
    """ULID of the custody entry that says so: the `parent` of what follows."""

    def require(self, act: Act) -> None:
        """Raise `TamperFault("act-differs")` unless this is what the person proved to be about to do."""
        if self.act != act:
            raise TamperFault("act-differs")


@dataclass(frozen=True, slots=True)
class _Verdict:
    refusal: StationFault | None
    proven: bool = False
    """Whether the proof was right, and is used up, whatever the answer."""
    step: int | None = None
    counts: bool = False
    """Whether it is a wrong proof that counts towards the lock."""


def authenticate(station: Station, by: Presented, act: Act, roles: Collection[Role] = frozenset(Role)) -> Authenticated:
    """Who is about to do `act`, by a second factor; a code and a challenge count once.

    Raises `StationFault` `second-factor-missing`, `second-factor-wrong`, `second-factor-replayed`,
    `second-factor-too-soon`, `person-unknown`, `person-disabled`, `person-locked`, `role-insufficient` or
    `clock-untrusted`, after the entry that says so is on record; `identity-key-unreadable` for a file that is no key.
    """
    person = by.person
    proof = _sign(station, person, by.proof, act) if isinstance(by.proof, KeyFile) else by.proof
    people, moment = People(station.columns), station.clock.moment()
    with station.database.write("person.authenticate") as session:
        enrolled = people.find(session, person)
        if not moment.trusted:
            verdict = _Verdict(StationFault("clock-untrusted"))
        else:
            verdict = _judge(station, session, enrolled, proof, act, roles, moment.at)
        refusal = verdict.refusal
        if verdict.proven:
            people.accept(session, person, verdict.step)
        locked = verdict.counts and people.fail(session, person, moment.at, station.config.review.attempts)
        drafts = [_draft(person if enrolled else None, act, refusal.code if refusal else AUTHENTICATED, moment.at)]
        if locked:
            drafts.append(_draft(person, act, "person-locked", moment.at))
        recorded = station.ledger.append(session, *drafts, at=moment.at)
    if refusal is not None or enrolled is None:
        raise refusal or StationFault("person-unknown")
    was = enrolled.person
    return Authenticated(
        id=was.id,
        name=was.name,
        role=was.role,
        factor=was.factor,
        enrolled_at=was.enrolled_at,
        disabled_at=None,
        locked_at=None,
        act=act,
        entry=recorded[0].id,
    )


def challenge(station: Station, person: str, act: Act) -> tuple[str, bytes]:
    """What the person's key has to sign for this act, once, within five minutes: the challenge's ULID and the bytes.

    Raises `StationFault("person-unknown")`, after its entry.
    """
    people, now = People(station.columns), station.clock.now()
    with station.database.write("person.challenge") as session:
        asked = None
        if people.find(session, person) is not None:
            asked = people.challenge(session, person, act.digest(), secrets.token_hex(32), now)
        else:
            station.ledger.append(session, _draft(None, act, "person-unknown", now), at=now)
    if asked is None:
        raise StationFault("person-unknown")
    return asked.id, message(station.id, asked)


def message(station: str, asked: Challenge) -> bytes:
    """The bytes that are signed: the act, the person, the station, the time, and a number used once."""
    said = {
        "act": asked.act,
        "at": asked.at.isoformat(),
        "challenge": asked.id,
        "nonce": asked.nonce,
        "person": asked.person,
        "station": station,
    }
    return b"liasse-act-1\n" + rfc8785.dumps(said)


def _sign(station: Station, person: str, proof: KeyFile, act: Act) -> Signature:
    asked, content = challenge(station, person, act)
    return Signature(asked, sign_challenge(proof.pem, proof.password, content))


def _judge(
    station: Station,
    session: Session,
    enrolled: Enrolled | None,
    proof: Proof | None,
    act: Act,
    roles: Collection[Role],
    now: datetime,
) -> _Verdict:
    if enrolled is None:
        return _Verdict(StationFault("person-unknown"))
    refusal = _barred(station, session, enrolled, proof, now)
    if refusal is not None:
        return _Verdict(refusal)
    verdict = _prove(station, session, enrolled, proof, act, now)
    if verdict.refusal is None and enrolled.person.role not in roles:
        refusal = StationFault("role-insufficient", role=enrolled.person.role.value)
        return replace(verdict, refusal=refusal)
    return verdict


def _barred(
    station: Station, session: Session, enrolled: Enrolled, proof: Proof | None, now: datetime
) -> StationFault | None:
    """Why the proof is not even looked at."""
    person = enrolled.person
    if person.disabled_at is not None:
        return StationFault("person-disabled")
    if person.locked_at is not None and not _lifts(station, session, person, person.locked_at, now):
        return StationFault("person-locked")
    if proof is None:
        return StationFault("second-factor-missing")
    left = _throttled(enrolled, now)
    return StationFault("second-factor-too-soon", seconds=left) if left else None


def _lifts(station: Station, session: Session, person: Person, locked: datetime, now: datetime) -> bool:
    """Whether a lock has lifted by itself: an administrator's whom nobody could unlock."""
    alone = person.role is Role.ADMINISTRATOR and not People(station.columns).active(session, Role.ADMINISTRATOR)
    return alone and now - locked >= ONLY_LOCK


def _throttled(enrolled: Enrolled, now: datetime) -> int:
    """Seconds for which no further proof is looked at: twice as many after each wrong one."""
    if enrolled.failed_at is None or enrolled.failures == 0 or enrolled.person.locked_at is not None:
        return 0
    waits: timedelta = _DOUBLED_FROM * 2 ** (enrolled.failures - 1)
    return max(0, math.ceil((enrolled.failed_at + waits - now).total_seconds()))


def _prove(
    station: Station, session: Session, enrolled: Enrolled, proof: Proof | None, act: Act, now: datetime
) -> _Verdict:
    match proof:
        case Code(digits) if enrolled.person.factor is Factor.TOTP and enrolled.secret is not None:
            return _prove_by_code(enrolled.secret, digits, enrolled.last_step, now)
        case Signature() if enrolled.person.factor is Factor.KEY and enrolled.public_key is not None:
            return _prove_by_key(station, session, enrolled, proof, act, now)
        case _:  # another person's kind of proof
            return _Verdict(StationFault("second-factor-wrong"), counts=True)


def _prove_by_code(secret: bytes, digits: str, last: int, now: datetime) -> _Verdict:
    steps = steps_of(secret, digits, now)
    fresh = [step for step in steps if step > last]
    if fresh:
        return _Verdict(None, proven=True, step=min(fresh))
    if steps:
        return _Verdict(StationFault("second-factor-replayed"))
    return _Verdict(StationFault("second-factor-wrong"), counts=True)


def _prove_by_key(
    station: Station, session: Session, enrolled: Enrolled, proof: Signature, act: Act, now: datetime
) -> _Verdict:
    asked = People(station.columns).use_challenge(session, proof.challenge)
    if asked is None or now - asked.at > CHALLENGE_LASTS:
        return _Verdict(StationFault("second-factor-replayed"))
    bound = (asked.person, asked.act) == (enrolled.person.id, act.digest())
    if bound and signature_holds(enrolled.public_key or b"", proof.signature, message(station.id, asked)):
        return _Verdict(None, proven=True)
    return _Verdict(StationFault("second-factor-wrong"), counts=True)


def _draft(person: str | None, act: Act, outcome: str, at: datetime) -> Draft:
    """About the person; where nobody of that number is enrolled, about the station, for a number may be a name."""
    kind, _, identifier = act.object.partition(":")
    return Draft(
        EntryType.REVIEW,
        f"person:{person}" if person else f"station:{fresh_id(at)}",
        outcome,
        within={kind: identifier} if kind == "document" else {},
        subject=identifier if kind == "patient" else None,
        hashes_in=(act.digest(),),
        person=person,
    )
