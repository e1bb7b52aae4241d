"""What a program costs with all that it starts: time, processor time, memory of its tree of processes (proc(5))."""

import os
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

_PROC: Final = Path("/proc")
_JAVA: Final = "java"
_EVERY: Final = 0.25
"""Seconds between two looks at the memory: each costs a few milliseconds of the machine."""
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_UTIME, _CUTIME = 11, 13
"""Places in /proc/PID/stat behind the name: of the process itself (2), of its children that ended (2)."""


@dataclass(frozen=True, slots=True)
class Process:
    """One line of the table of processes."""

    pid: int
    parent: int
    name: str
    own: float
    """Seconds of processor time."""
    ended: float
    """The same, of its children that have ended."""


@dataclass(frozen=True, slots=True)
class Ran:
    """One run of a program, from the outside. Seconds, bytes."""

    code: int
    wall: float
    cpu: float
    """Of the whole tree, Java's included."""
    peak: int
    """Largest sum of proportional set sizes, Java's left out."""
    java_cpu: float
    java_peak: int


def processes() -> dict[int, Process]:
    """All that run now."""
    found = (_process(int(entry.name)) for entry in _PROC.iterdir() if entry.name.isdigit())
    return {process.pid: process for process in found if process is not None}


def _process(pid: int) -> Process | None:
    try:
        text = (_PROC / str(pid) / "stat").read_text(errors="replace")
    except OSError:
        return None  # it has ended
    head, _, tail = text.rpartition(")")
    fields = tail.split()
    own = int(fields[_UTIME]) + int(fields[_UTIME + 1])
    ended = int(fields[_CUTIME]) + int(fields[_CUTIME + 1])
    return Process(pid, int(fields[1]), head.partition("(")[2], own / _TICKS, ended / _TICKS)


def tree(root: int) -> list[Process]:
    """A process and all beneath it."""
    every = processes()
    found = [every[root]] if root in every else []
    for parent in found:  # it grows as we go
        found += [process for process in every.values() if process.parent == parent.pid]
    return found


def cpu_of_tree(root: int) -> float:
    """Seconds of processor time of a process and all beneath it, those that ended included."""
    return sum(process.own + process.ended for process in tree(root))


def memory(pid: int) -> int:
    """Proportional set size, bytes: pages shared by several processes count once in all. 0 where it has ended.

    The whole resident set of a process that lets nobody look (our decoders, unless root asks).
    """
    try:
        lines = (_PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    except PermissionError:
        return _resident(pid)
    except OSError:
        return 0
    return next((int(line.split()[1]) << 10 for line in lines if line.startswith("Pss:")), 0)


def _resident(pid: int) -> int:
    try:
        return int((_PROC / str(pid) / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def run(command: Sequence[str | Path], log: Path) -> Ran:
    """Run a program to its end, its talk into `log`. Processor time is the kernel's sum for it and its children."""
    began = time.monotonic()
    with log.open("wb") as talk:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=talk, stderr=subprocess.STDOUT)
    with _Watch(process.pid) as watch:
        _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return Ran(
        code=process.returncode,
        wall=time.monotonic() - began,
        cpu=used.ru_utime + used.ru_stime,
        peak=watch.peak,
        java_cpu=sum(watch.java.values()),
        java_peak=watch.java_peak,
    )


@dataclass(slots=True)
class _Watch:
    """Looks at a tree of processes again and again, in a thread, until left."""

    root: int
    peak: int = 0
    java_peak: int = 0
    java: dict[int, float] = field(default_factory=dict)
    """Processor time of each Java process, as last seen."""
    _over: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._look, name="memory")
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(_EVERY):
            sizes = {False: 0, True: 0}
            for process in tree(self.root):
                is_java = process.name == _JAVA
                sizes[is_java] += memory(process.pid)
                if is_java:
                    self.java[process.pid] = process.own
            self.peak = max(self.peak, sizes[False])
            self.java_peak = max(self.java_peak, sizes[True])
