"""How long each file of the drop folder has lain still. No clock and no disk: both come in as arguments."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mark:
    """What changes when a file is written to."""

    size: int
    """Bytes."""
    mtime: int
    """Nanoseconds; only compared, so no clock needs to be right."""
    inode: int


class Settling:
    """Remembers each file's mark and since when it is the same."""

    def __init__(self) -> None:
        self._since: dict[bytes, tuple[Mark, float]] = {}

    def watch(self, seen: Mapping[bytes, Mark], now: float) -> None:
        """Take in one listing of the folder at `now` (monotonic seconds); files not listed are forgotten."""
        self._since = {path: self._kept(path, mark, now) for path, mark in seen.items()}

    def _kept(self, path: bytes, mark: Mark, now: float) -> tuple[Mark, float]:
        before = self._since.get(path)
        return before if before is not None and before[0] == mark else (mark, now)

    def still_for(self, path: bytes, now: float) -> float:
        """Seconds for which the file has not changed; 0 for one that was not listed."""
        before = self._since.get(path)
        return 0.0 if before is None else max(0.0, now - before[1])
