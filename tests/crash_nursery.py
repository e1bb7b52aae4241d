"""The process that is killed: `liasse` commands in children of one that has imported everything."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO

from storage.effects import NOTES, VARIABLE
from tests.failpoint_fixtures import HOUSE
from tests.trial_fixtures import Json, Trial

_NURSERY: Final = """
import json, os, resource, sys
before = dict(os.environ)
import handover.build, pipeline.daemon, pipeline.office.answers, pipeline.office.report, pipeline.runs
import cli, storage.effects
made = {name: value for name, value in os.environ.items() if before.get(name) != value}
_, most = resource.getrlimit(resource.RLIMIT_CORE)
resource.setrlimit(resource.RLIMIT_CORE, (most, most))
while line := sys.stdin.readline():
    child = os.fork()
    if child == 0:
        order = json.loads(line)
        os.environ.clear()
        os.environ.update(order["environment"] | made)
        for number, path in (("out", 1), ("err", 2)):
            os.dup2(os.open(order[number], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), path)
        os.chdir(order["place"])
        storage.effects._armed = storage.effects.armed_by(order["environment"])
        sys.argv = order["command"]
        cli.main()
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
"""Imports everything once; each line of its input is a command, run by `cli.main` in a child of its own.

What an import sets in the environment stands there as in any command's own: without it, Tesseract starts threads. A
core file may be as large as the machine lets it: what forbids one is the command itself. It would lie in `place`.
"""


_LOOK: Final = 0.05


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended: exit code, or minus the signal that killed it."""

    code: int
    out: str
    err: str
    seconds: float
    points: tuple[str, ...]
    """Failpoints that happened, in order."""

    @property
    def killed(self) -> bool:
        return self.code == -signal.SIGKILL

    @property
    def lines(self) -> list[Json]:
        """The JSON lines that were told, the last one perhaps cut off."""
        whole = self.out.split("\n")[:-1]
        return [json.loads(line) for line in whole if line.startswith("{")]


class Nursery:
    """Runs `liasse` commands as processes of their own, the interpreter and the imports paid once."""

    def __init__(self, folder: Path) -> None:
        self.place = folder / "place"
        """Where the commands are typed: their working folder."""
        self.place.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._mother = subprocess.Popen(
            [sys.executable, "-c", _NURSERY], cwd=HOUSE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def close(self) -> None:
        """End it; nothing runs any more."""
        self._pipe("stdin").close()
        self._mother.wait(60)
        self._pipe("stdout").close()

    def run(
        self,
        trial: Trial,
        *arguments: str | Path,
        failpoint: str = "",
        kill_after: float = 300.0,
        by: signal.Signals = signal.SIGKILL,
    ) -> Ended:
        """`liasse --config … ARGUMENTS`; ended by that signal after so many seconds, or when it stalls."""
        out, err, notes = (self._folder / name for name in ("out", "err", "notes"))
        notes.write_text("")
        armed = {VARIABLE: failpoint, NOTES: str(notes)} if failpoint else {}
        order = {
            "command": trial.command(*arguments),
            "environment": trial.environment() | armed,
            "out": str(out),
            "err": str(err),
            "place": str(self.place),
        }
        began = time.monotonic()
        print(json.dumps(order), file=self._pipe("stdin"), flush=True)
        child = int(self._pipe("stdout").readline())
        over = threading.Event()
        late = threading.Thread(
            target=_end, args=(child, by, over, kill_after, notes if failpoint.endswith("=stall") else None)
        )
        late.start()
        code = int(self._pipe("stdout").readline())
        over.set()
        late.join()
        seconds = time.monotonic() - began
        return Ended(code, out.read_text(), err.read_text(), seconds, tuple(notes.read_text().split()))

    def _pipe(self, name: str) -> TextIO:
        pipe: TextIO | None = getattr(self._mother, name)
        assert pipe is not None
        return pipe


def _end(child: int, by: signal.Signals, over: threading.Event, seconds: float, stalls: Path | None) -> None:
    """Send the signal after so many seconds, or as soon as the process has noted that it stalls."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and not (stalls is not None and stalls.read_text()):
        if over.wait(seconds if stalls is None else _LOOK):
            return
    if not over.is_set():
        os.kill(child, by)
