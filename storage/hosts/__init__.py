"""The port to the hosts that keep the envelopes: six verbs, one module a protocol. Objects are never replaced.

Every verb raises `HostFault`, whatever the host answers: `host-unreachable`, `host-slow`, `host-busy`, `host-failing`,
`host-full`, `host-refused`, `host-elsewhere`, `host-garbled`, `host-object-missing`, `host-retains` and their like.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

from lexicon.faults import HostFault

_SEGMENT: Final = r"[A-Za-z0-9_-][A-Za-z0-9._-]*"
_KEY: Final = re.compile(rf"{_SEGMENT}(?:/{_SEGMENT})*")
_PREFIX: Final = re.compile(rf"(?:{_SEGMENT}(?:/{_SEGMENT})*/?)?")
_LONGEST: Final = 512


@dataclass(frozen=True, slots=True)
class Created:
    """The object is new. `version` is the host's name for what it stored, None where it keeps no versions."""

    version: str | None


@dataclass(frozen=True, slots=True)
class AlreadyThere:
    """An object lies under this key, and was left as it is: read it and compare."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What the host says of an object; `size` in bytes. Only reading it back proves anything."""

    key: str
    size: int
    version: str | None


@dataclass(frozen=True, slots=True)
class Absent:
    """No object lies under this key."""


class Sink(Protocol):
    """Where a host writes what is read from it. It may raise to stop a host that does not."""

    def write(self, chunk: bytes, /) -> int: ...


class Host(Protocol):
    """A host's verbs. Keys are as `require_key` has them; a version is what `Created` or `Stored` named."""

    @property
    def name(self) -> str:
        """As receipts name the host: harmless, stable."""
        ...

    def create(self, key: str, source: Path, sha256: str, size: int) -> Created | AlreadyThere:
        """Store the file `source`, of that SHA-256 (hex) and size (bytes), whole or not at all, unless one is there.

        Raises `TamperFault("sealed-changed")` when the file is not what it was announced to be.
        """
        ...

    def head(self, key: str) -> Stored | Absent:
        """What the host says it has under this key."""
        ...

    def read(self, key: str, target: Sink, version: str | None = None) -> Stored:
        """Write the whole object into `target`; which one that was. Raises `HostFault("host-object-missing")`.

        `version` asks for the one that a receipt names; None for the one that the key names now.
        """
        ...

    def retain(self, stored: Stored, at: datetime) -> None:
        """Lock what was read back and compared against erasure, counted from `at`, where that is configured.

        Raises `HostFault("host-lock-refused")` when the host does not show the lock afterwards.
        """
        ...

    def delete(self, key: str, version: str | None = None) -> None:
        """Remove the object with every version of it; again does no harm. A governed lock is lifted where it may be.

        `version`, as `read` named it, has that one alone removed, and no lock lifted. Raises
        `HostFault("host-retains")` when a lock keeps what was put; it is then there still.
        """
        ...

    def list(self, prefix: str) -> Iterator[Stored]:
        """The objects whose keys begin so, in the order of their keys.

        Passed over as nobody's of ours: a name that `require_key` refuses, and what is no object.
        """
        ...

    def close(self) -> None:
        """Let go of connections; the next verb opens them again."""
        ...


def require_key(key: str) -> None:
    """Raise `HostFault("host-refused")` for a key that not every host could keep, or that could leave its place.

    Segments of letters, digits, dot, hyphen and underscore, none beginning with a dot, joined by `/`.
    """
    if not is_key(key):
        raise HostFault("host-refused")


def is_key(name: str) -> bool:
    """Whether `require_key` takes it; hosts hold other people's files too."""
    return _KEY.fullmatch(name) is not None and len(name) <= _LONGEST


def require_prefix(prefix: str) -> None:
    """Raise `HostFault("host-refused")` for what no key begins with; the empty prefix is every key's."""
    if not _PREFIX.fullmatch(prefix) or len(prefix) > _LONGEST:
        raise HostFault("host-refused")
