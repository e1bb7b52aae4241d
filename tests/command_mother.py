"""`liasse` commands as processes of their own, the interpreter and the imports paid once for all.

Of a command that says little, four fifths of the processor's time go into its imports. A mother imports them once;
each command is a child of hers, with its own environment, standard streams and working folder, and runs what the
installed script runs, `cli.main`. Where Python or the system's loader would take something from the environment, it is
started as anybody starts it; so is each and every one under `make soak`.
"""

import atexit
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final, Protocol

COMMAND: Final = str(Path(sys.executable).with_name("liasse"))
ANEW: Final = "LIASSE_TESTS_START_ANEW"
"""Set, and no command has a mother."""

_MOTHER: Final = """
import gc, json, os, resource, select, signal, sys, tempfile
before = dict(os.environ)
import handover.build, pipeline.daemon, pipeline.office.answers, pipeline.office.report, pipeline.office.showing
import pipeline.office.reviews, pipeline.runs
import cli, storage.effects
made = {name: value for name, value in os.environ.items() if before.get(name) != value}
tempfile.tempdir = None
gc.collect()
gc.freeze()
woken, wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
signal.signal(signal.SIGCHLD, lambda *_: None)
signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
answers, read, orders = {}, b"", []

def live(order):
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for descriptor in (woken, wake, *answers.values()):
        os.close(descriptor)
    for number, path in enumerate(order["streams"]):
        opened = os.open(path, os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_APPEND)
        os.dup2(opened, number)
        os.close(opened)
    os.chdir(order["place"])
    os.environ.clear()
    os.environ.update(order["environment"] | made)
    storage.effects._armed = storage.effects.armed_by(os.environ)
    sys.argv = order["command"]
    cli.main()

while True:
    ready, _, _ = select.select([0, woken], [], [])
    if 0 in ready:
        more = os.read(0, 1 << 16)
        if not more:
            os._exit(0)
        *orders, read = (read + more).split(b"\\n")
    if woken in ready:
        os.read(woken, 1 << 16)
    for order in map(json.loads, orders):
        answer = os.open(order["answer"], os.O_WRONLY | os.O_CLOEXEC)
        child = os.fork()
        if child == 0:
            os.close(answer)
            live(order)
        os.write(answer, b"%d\\n" % child)
        answers[child] = answer
    orders = []
    while answers:
        child, ended, used = os.wait4(-1, os.WNOHANG)
        if child == 0:
            break
        answer = answers.pop(child)
        os.write(answer, b"%d %f\\n" % (os.waitstatus_to_exitcode(ended), used.ru_utime + used.ru_stime))
        os.close(answer)
"""
"""Each line of its input is an order; it answers with the child's number and, once that has ended, with how."""

_AT_EACH_START: Final = frozenset({"PATH", "HOME", "LANG", "TMPDIR", "PYTHONWARNINGS"})
_OURS: Final = "LIASSE_"


class Process(Protocol):
    """What there is to a process that was started: as of `subprocess.Popen`."""

    @property
    def pid(self) -> int: ...

    def poll(self) -> int | None: ...

    def wait(self, timeout: float | None = None) -> int: ...

    def send_signal(self, sig: int) -> None: ...

    def kill(self) -> None: ...


@dataclass
class Born:
    """A child of the mother's."""

    arguments: Sequence[str]
    pid: int
    cpu: float = 0.0
    """Seconds of processor time, its own children's with them, once it has ended."""
    _answer: int = -1
    _code: int | None = None
    _said: bytes = b""

    def poll(self) -> int | None:
        return self._heard(0)

    def wait(self, timeout: float | None = None) -> int:
        code = self._heard(timeout)
        if code is None:
            raise subprocess.TimeoutExpired(list(self.arguments), timeout or 0.0)
        return code

    def send_signal(self, sig: int) -> None:
        """Nothing, where it has ended."""
        if self.poll() is None:
            os.kill(self.pid, sig)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _heard(self, timeout: float | None) -> int | None:
        until = None if timeout is None else time.monotonic() + timeout
        while self._code is None:
            left = None if until is None else max(0.0, until - time.monotonic())
            if not select.select([self._answer], [], [], left)[0]:
                return None
            more = os.read(self._answer, 4096)
            assert more, "the mother is gone"
            self._said += more
            if self._said.endswith(b"\n"):
                code, cpu = self._said.split()
                self._code, self.cpu = int(code), float(cpu)
                os.close(self._answer)
        return self._code


@dataclass
class Mother:
    """Of the commands of this test process; she goes when it goes."""

    _process: subprocess.Popen[bytes]
    _guard: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def called(cls) -> "Mother":
        variables = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        variables["PYTHONWARNINGS"] = "error"
        command = [sys.executable, "-P", "-c", _MOTHER]
        called = cls(
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, env=variables, cwd="/")
        )
        atexit.register(called.let_go, os.getpid())
        return called

    def let_go(self, of: int) -> None:
        """She goes; one that belongs to another process stays."""
        if os.getpid() == of and self._process.stdin is not None:
            self._process.stdin.close()
            self._process.wait()

    def bear(
        self, arguments: Sequence[str], environment: Mapping[str, str], place: Path, streams: Sequence[int | Path]
    ) -> Born:
        """A command at work; its streams are descriptors of this process, or files."""
        heard, answer = os.pipe2(os.O_CLOEXEC)
        ours = f"/proc/{os.getpid()}/fd"
        order = {
            "command": list(arguments),
            "environment": dict(environment),
            "place": str(place),
            "streams": [f"{ours}/{one}" if isinstance(one, int) else str(one) for one in streams],
            "answer": f"{ours}/{answer}",
        }
        written = json.dumps(order).encode() + b"\n"
        with self._guard:
            orders = self._process.stdin
            assert orders is not None
            orders.write(written)
            orders.flush()
            number = b""
            while not number.endswith(b"\n"):
                ready, _, _ = select.select([heard], [], [], 60)
                assert ready, "the mother does not answer"
                number += os.read(heard, 1)
        os.close(answer)
        return Born(arguments, int(number), _answer=heard)


@cache
def _mother(_of: int) -> Mother:
    """Of the process with this number: one that is forked off has another."""
    return Mother.called()


def mother_of(arguments: Sequence[str], environment: Mapping[str, str]) -> Mother | None:
    """None where a command must be started as anybody starts it."""
    names = {name for name in environment if not name.startswith(_OURS)}
    ordinary = names <= _AT_EACH_START and environment.get("PYTHONWARNINGS") == "error"
    if arguments[0] != COMMAND or not ordinary or ANEW in os.environ:
        return None
    return _mother(os.getpid()) if environment.get("LANG") == os.environ.get("LANG") else None


def begun(arguments: Sequence[str], environment: Mapping[str, str], out: Path, err: Path) -> Process:
    """A program at work; what it says goes to these files, made anew."""
    with out.open("wb") as stdout, err.open("wb") as stderr:
        mother = mother_of(arguments, environment)
        if mother is None:
            return subprocess.Popen(arguments, stdout=stdout, stderr=stderr, env=environment)
        return mother.bear(arguments, environment, Path.cwd(), (Path(os.devnull), out, err))


@contextmanager
def memory_file(content: bytes = b"") -> Iterator[int]:
    """A descriptor of a file that no folder has."""
    made = os.memfd_create("stream")
    try:
        os.write(made, content)
        yield made
    finally:
        os.close(made)


def all_of(descriptor: int) -> str:
    """What was written, as text."""
    return os.pread(descriptor, os.fstat(descriptor).st_size, 0).decode().replace("\r\n", "\n")
