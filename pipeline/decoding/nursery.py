"""The warm process as the station holds it: started when first needed, again when it is gone, ended by `close`."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Final

import structlog

from lexicon.faults import StationFault
from pipeline.decoding.warm_terms import LONGEST, READY, UNFENCED, Given
from storage.effects import effect

log = structlog.get_logger("liasse.decoding")

_START_SECONDS: Final = 60.0
_ANSWER_SECONDS: Final = 30.0
_BOOT: Final = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from pipeline.decoding.warm import main; main(sys.argv[2])"
)
_VARIABLES: Final = {
    "LC_ALL": "C.UTF-8",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
}
"""The process's whole environment: it is forked, so no library may start threads in it.

Each of its copies touches tens of megabytes for the first time: by pages of 2 MiB, where the kernel lends them, that
takes some 5 ms less (glibc 2.35; other libraries pass over it).
"""


class Nursery:
    """Copies of the warm process, made and buried. Safe from several threads."""

    def __init__(self, given: Given) -> None:
        self._given = given
        self._guard = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def fork(self, line: socket.socket, file: int, memory: int) -> int:
        """A fresh process that reads `file` (a descriptor) in `memory` bytes and speaks over `line`; its identifier.

        Raises `StationFault("decoder-unusable")` where none can be started.
        """
        with self._guard:
            for _ in range(2):
                control = self._running()
                try:
                    socket.send_fds(control, [b"fork %d" % memory], [line.fileno(), file])
                    return int(control.recv(LONGEST))
                except (OSError, ValueError):
                    self._end()  # somebody killed it: another one
        raise StationFault("decoder-unusable")

    def bury(self, process: int) -> int:
        """End a process and say how it had ended: its exit code, or minus the signal. -SIGKILL where nobody knows."""
        with self._guard:
            try:
                os.kill(process, signal.SIGKILL)
                if self._control is not None:
                    self._control.send(b"reap %d" % process)
                    return int(self._control.recv(LONGEST))
            except (OSError, ValueError):
                self._end()
        return -signal.SIGKILL

    def close(self) -> None:
        with self._guard:
            self._end()

    def _running(self) -> socket.socket:
        if self._control is None:
            here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with there, effect("decoder.start"):
                self._process = subprocess.Popen(
                    (sys.executable, "-I", "-S", "-B", "-c", _BOOT, json.dumps(_paths()), self._given.text()),
                    stdin=there.fileno(),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    cwd="/",
                    env=_VARIABLES,
                    start_new_session=True,  # the terminal's Ctrl-C is for the station alone
                )
            self._control = here
            here.settimeout(_START_SECONDS)
            said = _heard(here)
            if said not in {READY, UNFENCED}:
                self._end()
                raise StationFault("decoder-unusable")
            if said == UNFENCED:
                log.warning("decoder-unfenced")  # limits alone: docs/adr/0019
            here.settimeout(_ANSWER_SECONDS)
        return self._control

    def _end(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._control = self._process = None


def _heard(control: socket.socket) -> bytes:
    try:
        return control.recv(LONGEST)
    except OSError:
        return b""


def _paths() -> list[str]:
    """Where this process finds its modules, and ours: the other starts without `site`."""
    house = str(Path(__file__).resolve().parents[2])
    return [*dict.fromkeys(path for path in (*sys.path, house) if os.path.isabs(path))]  # noqa: PTH117  entries are str
