"""People enrolled at a station of the tests, and how they prove to be the ones."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from consent_gate.people import Role
from lexicon.faults import Fault
from pipeline.clock import wall
from pipeline.office.enrolling import NewCodes, NewKey, enrol, offer
from pipeline.office.people import Code, KeyFile, Presented
from pipeline.station import Station
from storage.custody import read_entry
from storage.people import Person
from tests.trial_fixtures import Trial

Entry = Mapping[str, Any]


@dataclass
class Ticking:
    """A wall clock that stands still until it is set ahead; each time, the station is as one that has just started."""

    station: Station
    ahead: timedelta = timedelta()
    at: datetime = field(default_factory=wall)

    def __call__(self) -> datetime:
        return self.at + self.ahead

    def pass_(self, **time: float) -> None:
        self.ahead += timedelta(**time)
        self.station.clock = replace(self.station.clock, wall=self)


@dataclass
class Somebody:
    """An enrolled person with a device (codes) or a private key."""

    person: Person
    clock: Callable[[], datetime]
    secret: bytes | None = None
    pem: bytes | None = None

    @property
    def id(self) -> str:
        return self.person.id

    def code(self) -> str:
        return code_of(self.secret or b"", self.clock())

    def proved(self) -> Presented:
        """By a fresh proof: the device's next code, once time has passed; or the key."""
        if self.pem is not None:
            return Presented(self.id, KeyFile(self.pem))
        if isinstance(self.clock, Ticking):
            self.clock.pass_(seconds=30)
        return Presented(self.id, Code(self.code()))


@dataclass
class Staff:
    """The people of one station, under a clock that the test sets."""

    station: Station
    clock: Ticking
    administrator: Somebody

    def reviewer(self, name: str = "Dr Aline Testeur") -> Somebody:
        return self.enrol(name, Role.REVIEWER)

    def enrol(self, name: str, role: Role) -> Somebody:
        return enrolled(self.station, self.clock, name, role, self.administrator.proved())


def code_of(secret: bytes, at: datetime) -> str:
    return pyotp.TOTP(secret.decode()).at(at)


def enrolled(station: Station, clock: Callable[[], datetime], name: str, role: Role, by: Presented | None) -> Somebody:
    """Somebody with a device."""
    secret = offer(station, name).secret
    made = enrol(station, name, role, NewCodes(secret, code_of(secret, clock())), by)
    return Somebody(made, clock, secret=secret)


def with_key(station: Station, name: str, role: Role, by: Presented | None, *, curve: bool = False) -> Somebody:
    """Somebody with a private key."""
    key = ec.generate_private_key(ec.SECP384R1()) if curve else ed25519.Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return Somebody(enrol(station, name, role, NewKey(public), by), wall, pem=pem)


def staffed(station: Station) -> Staff:
    """A station with a clock of the test's and one administrator, who has a key."""
    clock = Ticking(station)
    station.clock = replace(station.clock, wall=clock)
    return Staff(station, clock, with_key(station, "Mme Irène Admin", Role.ADMINISTRATOR, None))


def entries(station: Station) -> list[Entry]:
    with station.database.read() as session:
        return [read_entry(raw) for raw in station.ledger.entries(session)]


@contextmanager
def refused(station: Station, code: str, person: str | None) -> Iterator[None]:
    """The block ends with this fault, and exactly one entry says so, of that person."""
    before = len(entries(station))
    with pytest.raises(Fault) as caught:
        yield
    assert caught.value.code == code
    told = [entry for entry in entries(station)[before:] if entry["outcome"] == code]
    assert [entry["agents"].get("person") for entry in told] == [person]


def copied(founded: Path, target: Path) -> Trial:
    """A copy of a station that nobody has open: founding one takes longer than copying it."""
    shutil.copytree(founded, target, symlinks=True)
    trial = Trial(target)
    said = trial.config.read_text(encoding="utf-8").replace(str(founded), str(target))
    trial.config.write_text(said, encoding="utf-8")
    return trial
