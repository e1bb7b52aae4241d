"""The one place that asks the clock and makes identifiers."""

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from ulid import ULID

from consent_gate.model import Moment


def wall() -> datetime:
    """The wall clock, UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Clock:
    """`now` is the later of the wall clock and the last custody entry; behind that entry, it is not trusted.

    `as_of` replaces the civil day on which the gate judges (trial mode only), never the instant of an entry.
    """

    reading: Callable[[datetime], tuple[datetime, bool]]
    """The ledger's: wall clock -> (now, trusted)."""
    zone: ZoneInfo
    as_of: date | None = None
    wall: Callable[[], datetime] = wall

    def now(self) -> datetime:
        return self.reading(self.wall())[0]

    def moment(self) -> Moment:
        now, trusted = self.reading(self.wall())
        return Moment(now, self.as_of or now.astimezone(self.zone).date(), trusted)


def part_of(whole: str, ordinal: int) -> str:
    """The identifier of one part of what has a ULID: always the same for the same two, and sorted by ordinal.

    48 bits of the whole's time, 16 of the ordinal (from 1), 64 of SHA-256. Raises ValueError beyond 65,535.
    """
    time = int(ULID.from_str(whole)) >> 80
    if not 0 < ordinal < 1 << 16:
        raise ValueError("no such part")
    digest = hashlib.sha256(f"{whole}/{ordinal}".encode()).digest()
    return str(ULID.from_int(time << 80 | ordinal << 64 | int.from_bytes(digest[:8], "big")))


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
