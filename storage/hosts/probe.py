"""What a host really does, tried out with objects of a few bytes: what a deposit needs of any host.

Each probe ends in a finding, whatever the host does; a probe that finds nothing wrong proves only that it did so now.
"""

import hashlib
import io
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from statistics import median
from typing import Final

from lexicon.faults import HostFault
from storage.hosts import Absent, AlreadyThere, Created, Host

_ROUNDS: Final = 5


class Answer(StrEnum):
    """What a probe came to. The value is saved: never rename one."""

    YES = "yes"
    NO = "no"
    NOT_OFFERED = "not-offered"
    MEASURED = "measured"


@dataclass(frozen=True, slots=True)
class Probed:
    """A finding; where `essential` and the answer is no, nothing should be deposited there. `value` says how much."""

    name: str
    answer: Answer
    essential: bool = False
    value: int | str = ""

    @property
    def fails(self) -> bool:
        return self.essential and self.answer is Answer.NO


@dataclass(frozen=True, slots=True)
class Place:
    """Where probes may be laid: under `prefix` at the host (ends with `/`), and files in `folder`."""

    prefix: str
    folder: Path

    def fresh(self) -> str:
        """A key that nobody used."""
        return f"{self.prefix}{secrets.token_hex(8)}.bin"

    def source(self, content: bytes) -> tuple[Path, str, int]:
        """As `Host.create` takes it."""
        path = self.folder / secrets.token_hex(8)
        path.write_bytes(content)
        return path, hashlib.sha256(content).hexdigest(), len(content)


Look = Callable[[], Answer | tuple[Answer, int | str]]


def found(name: str, look: Look, *, essential: bool = False) -> Probed:
    """The finding of one look; a host's fault is its answer no."""
    try:
        answer = look()
    except HostFault as fault:
        return Probed(name, Answer.NO, essential, fault.code)
    said, value = answer if isinstance(answer, tuple) else (answer, "")
    return Probed(name, said, essential, value)


def yes(said: object) -> Answer:
    return Answer.YES if said else Answer.NO


def probe(host: Host, place: Place) -> Iterator[Probed]:
    """What every host must do, tried in order. What was laid there is taken away again."""
    key, content = place.fresh(), secrets.token_bytes(4096)
    yield found("create", lambda: yes(isinstance(host.create(key, *place.source(content)), Created)), essential=True)
    yield found("read-back", lambda: yes(_read(host, key) == content), essential=True)
    yield found("create-once", lambda: yes(_is_kept(host, place, key, content)), essential=True)
    yield found("list", lambda: yes(_lists(host, place, key)), essential=True)
    yield found("latency", lambda: (Answer.MEASURED, _milliseconds(host, place)))
    yield found("delete", lambda: yes(_deletes(host, key)), essential=True)
    clear(host, place)


def clear(host: Host, place: Place) -> None:
    """Take away what probes left, those of an interrupted check too; a lock may keep some of it for a minute."""
    try:
        for stored in list(host.list(place.prefix)):
            host.delete(stored.key)
    except HostFault:
        return


def _read(host: Host, key: str) -> bytes:
    target = io.BytesIO()
    host.read(key, target)
    return target.getvalue()


def _is_kept(host: Host, place: Place, key: str, content: bytes) -> bool:
    again = host.create(key, *place.source(b"another"))
    return isinstance(again, AlreadyThere) and _read(host, key) == content


def _lists(host: Host, place: Place, key: str) -> bool:
    """Every key under the prefix, once, in order."""
    others = [place.fresh() for _ in range(3)]
    for other in others:
        host.create(other, *place.source(b"listed"))
    listed = [stored.key for stored in host.list(place.prefix)]
    return listed == sorted([*others, key])


def _milliseconds(host: Host, place: Place) -> int:
    """Of putting a small object and reading it back: the median."""
    times = []
    for _ in range(_ROUNDS):
        key, source = place.fresh(), place.source(secrets.token_bytes(4096))
        began = time.monotonic()
        host.create(key, *source)
        _read(host, key)
        times.append(time.monotonic() - began)
    return round(median(times) * 1000)


def _deletes(host: Host, key: str) -> bool:
    host.delete(key)
    return isinstance(host.head(key), Absent) and key not in {stored.key for stored in host.list(key)}
