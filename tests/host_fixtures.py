"""A host in memory that can be told to lie, as hosts, proxies and disks do."""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from enum import Enum, auto
from pathlib import Path

from lexicon.faults import HostFault
from storage.hosts import Absent, AlreadyThere, Created, Sink, Stored


class Lie(Enum):
    NONE = auto()
    STORES_NOTHING = auto()
    TRUNCATES = auto()
    CORRUPTS = auto()
    EXTENDS = auto()
    NEVER_ENDS = auto()
    GIVES_ANOTHER = auto()
    NAMES_ANOTHER_VERSION = auto()
    NAMES_ANOTHER_KEY = auto()
    BREAKS_WHILE_READING = auto()


class MemoryHost:
    """Keeps versions, as object stores do."""

    def __init__(self, lie: Lie = Lie.NONE) -> None:
        self.lie = lie
        self.objects: dict[str, bytes] = {}
        self.retained: list[str] = []
        self.name = "memory"

    def create(self, key: str, source: Path, sha256: str, size: int) -> Created | AlreadyThere:
        if key in self.objects:
            return AlreadyThere()
        content = source.read_bytes()
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (sha256, size)
        if self.lie is not Lie.STORES_NOTHING:
            self.objects[key] = content
        return Created(version="v1")

    def head(self, key: str) -> Stored | Absent:
        return Stored(key, len(self.objects[key]), "v1") if key in self.objects else Absent()

    def read(self, key: str, target: Sink, version: str | None = None) -> Stored:
        if key not in self.objects or version not in {None, "v1"}:
            raise HostFault("host-object-missing")
        content = self.objects[key]
        match self.lie:
            case Lie.TRUNCATES:
                content = content[:-1]
            case Lie.CORRUPTS:
                content = content[:-1] + bytes([content[-1] ^ 1])
            case Lie.EXTENDS:
                content += b"\0"
            case Lie.GIVES_ANOTHER:
                content = bytes(len(content))
            case Lie.NEVER_ENDS:
                for _ in range(10_000):
                    target.write(content)
                raise AssertionError("nobody stopped the reading")
            case Lie.BREAKS_WHILE_READING:
                target.write(content[:10])
                raise HostFault("host-unreachable")
            case _:
                pass
        target.write(content)
        version = "v2" if self.lie is Lie.NAMES_ANOTHER_VERSION else "v1"
        return Stored("poste-1/other.p7m" if self.lie is Lie.NAMES_ANOTHER_KEY else key, len(content), version)

    def retain(self, stored: Stored, at: datetime) -> None:  # noqa: ARG002  no lock here
        self.retained.append(stored.key)

    def close(self) -> None:
        pass

    def delete(self, key: str, version: str | None = None) -> None:
        if version in {None, "v1"}:
            self.objects.pop(key, None)

    def list(self, prefix: str) -> Iterator[Stored]:
        return (Stored(key, len(self.objects[key]), "v1") for key in sorted(self.objects) if key.startswith(prefix))
