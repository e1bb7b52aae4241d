"""Wakes threads of a library that sleep out their time between two looks, because it has no word for it."""

import math
import threading
import time


class Waker:
    """Wakes threads by name: `prefix`, and what they look at."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._due: dict[str, float] = {}
        """Thread -> when it is to look."""
        self._turn = threading.Condition()

    def wake(self, name: str, seconds: float = 0) -> None:
        """Have a thread of this process look after so long at the latest."""
        thread, due = self._prefix + name, time.monotonic() + seconds
        with self._turn:
            self._due[thread] = min(due, self._due.get(thread, due))
            self._turn.notify_all()

    def attend(self, stop: threading.Event) -> None:
        """Have this event, in which such threads sleep, wake them by name; one that sleeps already wakes at its end."""
        stopped = stop.set

        def end() -> None:
            stopped()
            with self._turn:
                self._turn.notify_all()

        def wait(timeout: float | None = None) -> bool:
            thread = threading.current_thread().name
            until = math.inf if timeout is None else time.monotonic() + timeout
            with self._turn:
                while not stop.is_set() and (left := min(until, self._due.get(thread, until)) - time.monotonic()) > 0:
                    self._turn.wait(min(left, threading.TIMEOUT_MAX))
                self._due.pop(thread, None)
            return stop.is_set()

        stop.set, stop.wait = end, wait  # type: ignore[method-assign]
