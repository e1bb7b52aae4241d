"""Processes that read a file wrongly: they crash, hang, swell or lie as a subverted decoder would."""

import os
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass, field

from pipeline.decoding.nursery import Nursery

_SCRIPT = """
import json, os, resource, signal, socket, struct, sys, time
line = socket.socket(fileno=int(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
HEAD = struct.Struct(">4sIQ")
def say(told, payload=b"", mark=b"LSE1", length=None, size=None):
    text = told if isinstance(told, bytes) else json.dumps(told).encode()
    line.sendall(HEAD.pack(mark, len(text) if length is None else length, len(payload) if size is None else size))
    line.sendall(text + payload)
def asked():
    line.recv(4096)
def page(payload=b"\\xff\\xd8\\xff\\xd9", **other):
    told = dict(encoding="jpeg", width=10, height=10, dpi_x=200.0, dpi_y=200.0, colour="grey", black_is_1=False,
                quarter_turns=0, look="content", digest="0" * 64, separator=None, form=None,
                measures=[0.0, 0.0, 1.0, 0.0, 0], print="", flags=[])
    asked()
    say({key: value for key, value in {**told, **other}.items() if value != "missing"}, payload)
"""


@dataclass
class Rogue(Nursery):
    """Starts readers that run `script`; from the attempt `honest_from` on (0: never), the real ones."""

    script: str
    real: Nursery
    honest_from: int = 0
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)
    attempts: int = 0

    def fork(self, line: socket.socket, file: int, memory: int) -> int:
        self.attempts += 1
        if self.honest_from and self.attempts >= self.honest_from:
            return self.real.fork(line, file, memory)
        command = (sys.executable, "-I", "-c", _SCRIPT + self.script, str(line.fileno()))
        process = subprocess.Popen(command, pass_fds=(line.fileno(),), stderr=subprocess.DEVNULL)
        self.started.append(process)
        return process.pid

    def bury(self, process: int) -> int:
        for one in self.started:
            if one.pid == process:
                os.kill(process, signal.SIGKILL)
                return one.wait()
        return self.real.bury(process)

    def close(self) -> None:
        self.real.close()


@dataclass
class Counted(Nursery):
    """Starts real readers, and remembers with how much memory each."""

    real: Nursery
    memories: list[int] = field(default_factory=list)

    def fork(self, line: socket.socket, file: int, memory: int) -> int:
        self.memories.append(memory)
        return self.real.fork(line, file, memory)

    def bury(self, process: int) -> int:
        return self.real.bury(process)

    def close(self) -> None:
        self.real.close()
