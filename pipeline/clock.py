"""The one place that asks the clock and makes identifiers."""

import hashlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from ulid import ULID

from consent_gate.model import Moment

JUMP: Final = timedelta(minutes=1)
"""By how much the wall clock may be set while a process runs, before it is no longer trusted."""


def wall() -> datetime:
    """The wall clock, UTC."""
    return datetime.now(UTC)


def ticks() -> float:
    """Seconds of a clock that nobody can set, and that goes on while the machine sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Steady:
    """What the wall clock should say by now, by the steady clock since they last agreed."""

    def __init__(self) -> None:
        self._since: tuple[float, datetime] | None = None

    def expected(self) -> datetime | None:
        """None before the first agreement."""
        return None if self._since is None else self._since[1] + timedelta(seconds=ticks() - self._since[0])

    def agree(self, wall: datetime) -> None:
        self._since = ticks(), wall


@dataclass(frozen=True, slots=True)
class Clock:
    """`now` is the later of the wall clock and the last custody entry; behind that entry, it is not trusted.

    Nor is it once it has jumped by more than `JUMP` while this process ran: time then goes on by the steady clock, so
    that a day that has not come is in no entry, until the wall clock agrees again or the process is started anew.
    `as_of` replaces the civil day on which the gate judges (trial mode only), never the instant of an entry.
    """

    reading: Callable[[datetime], tuple[datetime, bool]]
    """The ledger's: wall clock -> (now, trusted)."""
    zone: ZoneInfo
    as_of: date | None = None
    wall: Callable[[], datetime] = wall

    steady: Steady = field(default_factory=Steady, init=False)

    def now(self) -> datetime:
        return self._read()[0]

    def moment(self) -> Moment:
        now, trusted = self._read()
        return Moment(now, self.as_of or now.astimezone(self.zone).date(), trusted)

    def _read(self) -> tuple[datetime, bool]:
        wall, expected = self.wall(), self.steady.expected()
        if expected is None or abs(wall - expected) <= JUMP:
            self.steady.agree(wall)
            return self.reading(wall)
        if not self.reading(expected)[1] and self.reading(wall)[1]:  # it was wrong before, and has been put right
            self.steady.agree(wall)
            return self.reading(wall)
        return self.reading(expected)[0], False


def part_of(whole: str, ordinal: int) -> str:
    """The identifier of one part of what has a ULID: always the same for the same two, and sorted by ordinal.

    48 bits of the whole's time, 16 of the ordinal (from 1), 64 of SHA-256. Raises ValueError beyond 65,535.
    """
    moment = int(ULID.from_str(whole)) >> 80
    if not 0 < ordinal < 1 << 16:
        raise ValueError("no such part")
    digest = hashlib.sha256(f"{whole}/{ordinal}".encode()).digest()
    return str(ULID.from_int(moment << 80 | ordinal << 64 | int.from_bytes(digest[:8], "big")))


@dataclass(slots=True)
class Identifiers:
    """ULIDs that always grow within a process, so that what came first sorts first."""

    clock: Callable[[], datetime] = wall
    _last: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def new(self) -> str:
        with self._lock:
            value = int(ULID.from_datetime(self.clock()))
            self._last = max(value, self._last + 1)
            return str(ULID.from_int(self._last))
