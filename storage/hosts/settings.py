"""What a station is told of its host: where it is, how it is spoken to, and what it is certified for."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Final

from lexicon.faults import HostFault

EEA: Final = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK".split()  # noqa: SIM905  a list of countries reads best so
)
"""ISO 3166-1 codes of the European Economic Area, where health records must lie (décret 2026-209)."""

HOSTING: Final = frozenset({1, 2, 3})
"""Of the six activities of CSP R.1111-9, those without which nobody keeps objects: sites, hardware, virtual servers."""


class LockMode(StrEnum):
    """Who may erase before the date: an account with a special right, or nobody at all."""

    GOVERNANCE = "GOVERNANCE"
    COMPLIANCE = "COMPLIANCE"


@dataclass(frozen=True, slots=True)
class Retention:
    """How long the host is asked to lock what was read back; `days` from the deposit."""

    mode: LockMode
    days: int


@dataclass(frozen=True, slots=True)
class FolderSettings:
    """A folder that exists."""

    folder: Path


@dataclass(frozen=True, slots=True)
class S3Settings:
    """A bucket. Keys are references (`storage.secrets`), sizes bytes, times seconds; `ca` is a PEM file of roots."""

    endpoint: str
    bucket: str
    access_key: str
    secret_key: str
    region: str = "us-east-1"
    addressing: str = "path"
    ca: Path | None = None
    proxy: str = ""
    connect_seconds: float = 10.0
    read_seconds: float = 60.0
    attempts: int = 2
    multipart_threshold: int = 64 << 20
    part_size: int = 16 << 20
    encryption: str = ""
    retention: Retention | None = None


HostSettings = FolderSettings | S3Settings


@dataclass(frozen=True, slots=True)
class Certification:
    """A host's HDS facts (CSP L.1111-8, R.1111-9 and R.1111-11), as the contract states them; nobody asks a registry.

    `own_premises` says that the controller keeps its own records on its own machine: who does not host for others needs
    no certificate. ISO 27001 and SecNumCloud stand beside them and open or close nothing.
    """

    certificate: str = ""
    body: str = ""
    activities: tuple[int, ...] = ()
    country: str = ""
    zone: str = ""
    valid_until: date | None = None
    contract: str = ""
    own_premises: bool = False
    iso27001_until: date | None = None
    secnumcloud_until: date | None = None

    def require(self, day: date) -> None:
        """Raise `HostFault` `host-not-certified`, `host-certificate-expired` or `host-outside-eea` on a civil day."""
        missing = list(self._missing())
        if missing:
            raise HostFault("host-not-certified", missing=", ".join(missing))
        if self.country not in EEA:
            raise HostFault("host-outside-eea", country=self.country)
        if not self.own_premises and self.valid_until is not None and self.valid_until < day:
            raise HostFault("host-certificate-expired", until=self.valid_until.isoformat())

    def _missing(self) -> Iterator[str]:
        needed = {"country": self.country}
        if not self.own_premises:
            needed |= {"certificate": self.certificate, "body": self.body, "zone": self.zone, "contract": self.contract}
        yield from (name for name, value in needed.items() if not value)
        if not self.own_premises and self.valid_until is None:
            yield "valid_until"
        if not self.own_premises and not set(self.activities) >= HOSTING:
            yield "activities"
