"""What the service manager is told: ready, stopping, and still alive (sd_notify(3)); silent where there is none."""

import os
import socket
import time
from typing import Final

READY: Final = "READY=1"
STOPPING: Final = "STOPPING=1"
_ALIVE: Final = "WATCHDOG=1"
_OFTEN: Final = 4
"""Signs of life in the time after which the manager loses patience."""


def notify(*states: str) -> bool:
    """Tell the manager; whether there is one that took it. Nothing is raised: the work does not depend on it."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if address[:1] not in ("/", "@"):
        return False
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as manager:
            manager.connect(f"\0{address[1:]}" if address[0] == "@" else address)
            manager.sendall("\n".join(states).encode())
    except OSError:
        return False
    return True


class Pulse:
    """Signs of life, sent by the loop that does the work: a loop that stands still is seen, and started again."""

    def __init__(self) -> None:
        asked = os.environ.get("WATCHDOG_USEC", "")
        ours = os.environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        self._every = int(asked) / 1e6 / _OFTEN if asked.isdigit() and ours else None
        self._next = 0.0

    def beat(self) -> None:
        """Once a round; as cheap as a look at the clock."""
        if self._every is not None and (now := time.monotonic()) >= self._next:
            self._next = now + self._every
            notify(_ALIVE)
