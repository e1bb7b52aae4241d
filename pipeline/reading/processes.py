"""Processes that read one copy after the other: started when first needed, again when gone, killed when late."""

import contextlib
import os
import select
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Final, Generic, TypeVar

from pipeline.reading.engine import UnreadError

_CHUNK: Final = 1 << 16
_MOST_COPIES: Final = 500
"""Read by one process; another follows, so that nothing that a library forgets to free adds up."""


class KilledError(Exception):
    """Somebody killed the process (the kernel short of memory, a person), which says nothing of the copy."""


class Process:
    """One process, spoken to over its standard input and output; what it says otherwise is thrown away."""

    def __init__(self, command: Sequence[str], variables: Mapping[str, str]) -> None:
        """Raises `OSError`."""
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env=variables,
            start_new_session=True,  # the terminal's Ctrl-C is for the station alone; what it starts ends with it
        )
        assert self._process.stdin is not None  # noqa: S101  pipes were asked for
        assert self._process.stdout is not None  # noqa: S101
        self._in, self._out = self._process.stdin, self._process.stdout
        os.set_blocking(self._out.fileno(), False)
        self.copies = 0

    def ask(self, *lines: bytes) -> None:
        """Put a request, or several at once. Raises `UnreadError`, `KilledError`."""
        self.copies += 1
        try:
            self._in.write(b"".join(line + b"\n" for line in lines))
            self._in.flush()
        except OSError:
            self._gone()

    def heard(self, until: float) -> bytes:
        """What it says next, waited for until then (`time.monotonic`). Raises `UnreadError`, `KilledError`."""
        waiting = select.poll()
        waiting.register(self._out, select.POLLIN)
        left = until - time.monotonic()
        if left <= 0 or not waiting.poll(1000 * left):
            raise UnreadError("timeout")
        said = os.read(self._out.fileno(), _CHUNK)
        if not said:
            self._gone()
        return said

    def end(self) -> None:
        """Kill it with all that it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        with contextlib.suppress(OSError):  # what was asked and not taken
            self._in.close()
        self._out.close()

    def _gone(self) -> None:
        try:
            ended = self._process.wait(1.0)
        except subprocess.TimeoutExpired:
            ended = 0
        if ended == -signal.SIGKILL:
            raise KilledError
        raise UnreadError("failed")


Kind = str
"""What a process was started for: one of a kind answers as any other does."""
P = TypeVar("P", bound=Process)


class Pool(Generic[P]):
    """Processes that wait for work, at most `places` of them. Several threads may ask."""

    def __init__(self, start: Callable[[Kind], P], places: int) -> None:
        self._start, self._places = start, places
        self._idle: list[tuple[Kind, P]] = []
        self._guard = threading.Lock()
        self._starter: ThreadPoolExecutor | None = None

    @contextmanager
    def process(self, kind: Kind) -> Iterator[P]:
        """One process for one copy; ended when that fails in any way."""
        process = self._waiting(kind) or self._started(kind)
        try:
            yield process
        except BaseException:
            process.end()
            raise
        self._keep(kind, process)

    def close(self) -> None:
        """End those that wait; those at work end when they are done."""
        with self._guard:
            idle, self._idle = self._idle, []
            starter, self._starter = self._starter, None
        for _, process in idle:
            process.end()
        if starter is not None:
            starter.shutdown()

    def _waiting(self, kind: Kind) -> P | None:
        with self._guard:
            for place in range(len(self._idle) - 1, -1, -1):
                if self._idle[place][0] == kind:
                    return self._idle.pop(place)[1]
        return None

    def _started(self, kind: Kind) -> P:
        """Started by a thread that lives as long as the pool: with its starter's thread, the kernel ends a process
        that asked to end with its parent (PR_SET_PDEATHSIG)."""
        with self._guard:
            self._starter = self._starter or ThreadPoolExecutor(1, thread_name_prefix="starter")
            started = self._starter.submit(self._start, kind)
        return started.result()

    def _keep(self, kind: Kind, process: P) -> None:
        ended = []
        with self._guard:
            if self._starter is None or process.copies >= _MOST_COPIES:
                ended.append(process)
            else:
                self._idle.append((kind, process))
                ended += [one for _, one in self._idle[: -self._places]]
                self._idle = self._idle[-self._places :]
        for one in ended:
            one.end()
