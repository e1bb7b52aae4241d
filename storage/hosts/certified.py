"""A host that takes records only while its HDS certificate holds (CSP L.1111-8): asked on the day of each deposit."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path

from storage.hosts import Absent, AlreadyThere, Created, Host, Sink, Stored
from storage.hosts.kept import Kept, kept
from storage.hosts.settings import Certification


class CertifiedHost:
    """The same host; `create` first asks the certification, on the day that `today` tells. Nothing else is closed:
    what lies there can be read and given back after the certificate has ended."""

    def __init__(self, inner: Host, certification: Certification, today: Callable[[], date]) -> None:
        self._inner, self._certification, self._today = inner, certification, today

    @property
    def name(self) -> str:
        return self._inner.name

    def create(self, key: str, source: Path, sha256: str, size: int) -> Created | AlreadyThere:
        """As the port; raises as `Certification.require` does, and then the host has not been spoken to."""
        self._certification.require(self._today())
        return self._inner.create(key, source, sha256, size)

    def head(self, key: str) -> Stored | Absent:
        return self._inner.head(key)

    def read(self, key: str, target: Sink, version: str | None = None) -> Stored:
        return self._inner.read(key, target, version)

    def retain(self, stored: Stored, at: datetime) -> None:
        self._inner.retain(stored, at)

    def delete(self, key: str, version: str | None = None) -> None:
        self._inner.delete(key, version)

    def kept(self, key: str) -> tuple[Kept, ...]:
        return kept(self._inner, key)

    def list(self, prefix: str) -> Iterator[Stored]:
        return self._inner.list(prefix)

    def close(self) -> None:
        self._inner.close()
