"""The memory that readers take together, whatever files they read: each a share of it, or one of them all."""

import threading
from typing import Final

_LEAST_SHARE: Final = 768 << 20
"""Bytes: of less, a third of which a reader has reserved before it begins, too little is left for big honest pages."""


class Room:
    """At most `most` shares of `memory` bytes. Safe from several threads."""

    def __init__(self, memory: int, most: int) -> None:
        self.memory = memory
        self.shares = max(1, min(most, memory // _LEAST_SHARE))
        self._free = self.shares
        self._waiting = 0
        """For all of it: nobody else begins meanwhile."""
        self._changed = threading.Condition()

    @property
    def share(self) -> int:
        """Bytes."""
        return self.memory // self.shares

    def take(self) -> None:
        """One share, as soon as there is one."""
        with self._changed:
            self._changed.wait_for(lambda: self._free and not self._waiting)
            self._free -= 1

    def more(self, wanted: int) -> int:
        """How many of `wanted` more shares there are just now; they are taken."""
        with self._changed:
            taken = 0 if self._waiting else max(0, min(wanted, self._free))
            self._free -= taken
            return taken

    def take_all(self) -> None:
        """Every share, as soon as they are free; only for one who has none."""
        with self._changed:
            self._waiting += 1
            try:
                self._changed.wait_for(lambda: self._free == self.shares)
                self._free = 0
            finally:
                self._waiting -= 1

    def give_back(self, shares: int) -> None:
        with self._changed:
            self._free += shares
            self._changed.notify_all()
