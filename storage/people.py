"""The people of a station: names and secrets sealed, each row bound by a keyed digest, none ever deleted."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import rfc8785
from sqlalchemy import func
from sqlmodel import Session, col, select

from consent_gate.people import Role
from lexicon.faults import TamperFault
from storage.columns import Columns
from storage.tables import ChallengeRow, PersonRow
from storage.times import fresh_id, read_time, write_time

CHALLENGE_LASTS: Final = timedelta(minutes=5)
"""How long a challenge may wait for its signature."""

_NAME: Final = "person.name"
_SECRET: Final = "person.secret"  # noqa: S105  the name of a column


class Factor(StrEnum):
    """How a person proves to be the one. The value is stored: never rename one."""

    TOTP = "totp"
    """Codes of 6 digits every 30 seconds (RFC 6238)."""
    KEY = "key"
    """A private key that only the person has (Ed25519, or ECDSA on P-256 or P-384)."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who was enrolled. `name` is for the people's own eyes: sealed at rest, in no entry and no log."""

    id: str
    name: str = field(repr=False)
    role: Role
    factor: Factor
    enrolled_at: datetime
    disabled_at: datetime | None
    locked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A person with what the second factor is checked by. Never leaves the station."""

    person: Person
    secret: bytes | None = field(repr=False)
    """Of codes: the shared secret."""
    public_key: bytes | None = field(repr=False)
    """Of a key: DER SubjectPublicKeyInfo."""
    last_step: int
    """The last time step (RFC 6238) whose code was accepted; -1: none."""
    failures: int
    """Wrong proofs since the last right one."""
    failed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a key has to sign, once."""

    id: str
    person: str
    act: str
    """SHA-256 (hex) of the act's bytes."""
    nonce: str
    at: datetime


class People:
    """Reads and writes of these rows. Writes take the caller's session: change and custody entry are one transaction.

    Every reading raises `TamperFault("person-forged")` for a row that another hand has written.
    """

    def __init__(self, columns: Columns) -> None:
        self._columns = columns

    def anybody(self, session: Session) -> bool:
        """Whether anybody was ever enrolled."""
        return session.exec(select(PersonRow.id).limit(1)).first() is not None

    def find(self, session: Session, person: str) -> Enrolled | None:
        row = session.get(PersonRow, person)
        return None if row is None else self._enrolled(row)

    def all(self, session: Session) -> tuple[Person, ...]:
        """Everybody who was ever enrolled, first come first."""
        return tuple(self._enrolled(row).person for row in session.exec(select(PersonRow).order_by(PersonRow.id)))

    def active(self, session: Session, role: Role) -> int:
        """How many of a role are enrolled, and neither disabled nor locked."""
        query = select(func.count()).where(
            PersonRow.role == role.value, col(PersonRow.disabled_at).is_(None), col(PersonRow.locked_at).is_(None)
        )
        return session.exec(query).one()

    def enrol(
        self,
        session: Session,
        name: str,
        role: Role,
        *,
        secret: bytes | None = None,
        public_key: bytes | None = None,
        last_step: int = -1,
        at: datetime,
        by: str | None,
    ) -> Person:
        """Add a person with one of the two factors; `by` is who enrolled; None: the first."""
        identifier = fresh_id(at)
        row = PersonRow(
            id=identifier,
            name_sealed=self._columns.seal(_NAME, identifier, name.encode()),
            role=role.value,
            factor="",
            enrolled_at=write_time(at),
            enrolled_by=by,
            digest="",
        )
        self._set_factor(row, secret, public_key, last_step)
        self._keep(session, row)
        return self._enrolled(row).person

    def renew(
        self,
        session: Session,
        person: str,
        *,
        secret: bytes | None = None,
        public_key: bytes | None = None,
        last_step: int = -1,
    ) -> None:
        """Another second factor in place of the old one; what was wrong before is forgotten."""
        row = self._row(session, person)
        self._set_factor(row, secret, public_key, last_step)
        row.failures, row.failed_at, row.locked_at = 0, None, None
        self._keep(session, row)

    def disable(self, session: Session, person: str, at: datetime) -> None:
        """From now on the person may do nothing. There is no way back: enrol the person anew."""
        row = self._row(session, person)
        row.disabled_at = row.disabled_at or write_time(at)
        self._keep(session, row)

    def unlock(self, session: Session, person: str) -> None:
        row = self._row(session, person)
        row.failures, row.failed_at, row.locked_at = 0, None, None
        self._keep(session, row)

    def accept(self, session: Session, person: str, step: int | None) -> None:
        """A right proof; of a code, `step` is the time step that is used up by it."""
        row = self._row(session, person)
        row.failures, row.failed_at, row.locked_at = 0, None, None
        row.last_step = row.last_step if step is None else step
        self._keep(session, row)

    def fail(self, session: Session, person: str, at: datetime, allowed: int) -> bool:
        """A wrong proof; True where it was one too many, and the person is locked from now on."""
        row = self._row(session, person)
        row.failures, row.failed_at = row.failures + 1, write_time(at)
        if row.failures >= allowed:
            row.locked_at = row.failed_at
        self._keep(session, row)
        return row.failures >= allowed

    # Challenges

    def challenge(self, session: Session, person: str, act: str, nonce: str, at: datetime) -> Challenge:
        """Ask for a signature; those that nobody answered in time are forgotten."""
        before = write_time(at - CHALLENGE_LASTS)
        for old in session.exec(select(ChallengeRow).where(ChallengeRow.at < before)):
            session.delete(old)
        asked = Challenge(fresh_id(at), person, act, nonce, at)
        session.add(ChallengeRow(id=asked.id, person_id=person, act=act, nonce=nonce, at=write_time(at)))
        session.flush()
        return asked

    def use_challenge(self, session: Session, challenge: str) -> Challenge | None:
        """A challenge, which is used up by this; None where there is none (any more)."""
        row = session.get(ChallengeRow, challenge)
        if row is None:
            return None
        session.delete(row)
        return Challenge(row.id, row.person_id, row.act, row.nonce, read_time(row.at))

    # Rows

    def _set_factor(self, row: PersonRow, secret: bytes | None, public_key: bytes | None, last_step: int) -> None:
        if (secret is None) == (public_key is None):
            raise ValueError("one second factor")
        row.secret_sealed = None if secret is None else self._columns.seal(_SECRET, row.id, secret)
        row.public_key, row.last_step = public_key, last_step
        row.factor = (Factor.KEY if secret is None else Factor.TOTP).value

    def _row(self, session: Session, person: str) -> PersonRow:
        row = session.get_one(PersonRow, person)
        self._require_own(row)
        return row

    def _keep(self, session: Session, row: PersonRow) -> None:
        row.digest = self._digest(row)
        session.add(row)
        session.flush()

    def _require_own(self, row: PersonRow) -> None:
        if row.digest != self._digest(row):
            raise TamperFault("person-forged")

    def _digest(self, row: PersonRow) -> str:
        said = [
            row.role,
            row.factor,
            *((sealed or b"").hex() for sealed in (row.name_sealed, row.secret_sealed, row.public_key)),
            row.last_step,
            row.failures,
            *(row.failed_at, row.locked_at, row.disabled_at, row.enrolled_at, row.enrolled_by),
        ]
        return self._columns.blind("person", row.id, rfc8785.dumps(said).decode())

    def _enrolled(self, row: PersonRow) -> Enrolled:
        self._require_own(row)
        return Enrolled(
            person=Person(
                id=row.id,
                name=self._columns.open(_NAME, row.id, row.name_sealed).decode(),
                role=Role(row.role),
                factor=Factor(row.factor),
                enrolled_at=read_time(row.enrolled_at),
                disabled_at=_time(row.disabled_at),
                locked_at=_time(row.locked_at),
            ),
            secret=None if row.secret_sealed is None else self._columns.open(_SECRET, row.id, row.secret_sealed),
            public_key=row.public_key,
            last_step=row.last_step,
            failures=row.failures,
            failed_at=_time(row.failed_at),
        )


def _time(text: str | None) -> datetime | None:
    return None if text is None else read_time(text)
