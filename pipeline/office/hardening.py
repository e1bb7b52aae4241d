"""A process that holds keys and scans keeps them to itself: no core file, no debugger, nothing open to other accounts.

Linux: RLIMIT_CORE (setrlimit(2)), PR_SET_DUMPABLE (prctl(2)), umask(2). Keys are not locked into memory (mlock(2)):
Python copies them as it likes; `doctor` asks for swap that is encrypted, or none.
"""

import ctypes
import os
import resource
from dataclasses import dataclass
from typing import Final

_NO_CORE: Final = 1
"""Bytes. A core file of one page is more than that, and the kernel takes 1, unlike 0, as a refusal of pipes as well
(`|/usr/share/apport/apport`, `|/lib/systemd/systemd-coredump`). Programs that the station starts inherit it."""
_PRIVATE: Final = 0o077
_GET_DUMPABLE: Final = 3
_SET_DUMPABLE: Final = 4


@dataclass(frozen=True, slots=True)
class Hardness:
    """What holds for this process, asked of the kernel."""

    core_bytes: int
    """The largest core file that it, or a program that it starts, may leave; 0 and 1: none."""
    dumpable: bool
    """Whether a debugger of the same account may read its memory."""

    @property
    def closed(self) -> bool:
        return self.core_bytes in (0, _NO_CORE) and not self.dumpable


def harden() -> Hardness:
    """Close this process and what it will start; what then holds. Again does no harm, and nothing is raised."""
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    if most != 0:
        resource.setrlimit(resource.RLIMIT_CORE, (_NO_CORE, _NO_CORE))
    _prctl(_SET_DUMPABLE, 0)
    os.umask(_PRIVATE)
    return hardness()


def hardness() -> Hardness:
    """What holds for this process."""
    return Hardness(resource.getrlimit(resource.RLIMIT_CORE)[0], _prctl(_GET_DUMPABLE, 0) != 0)


def _prctl(option: int, value: int) -> int:
    """prctl(2) by the C library that Python itself runs on; -1 where there is none."""
    try:
        call = ctypes.CDLL(None).prctl
    except (AttributeError, OSError, TypeError):
        return -1
    call.restype, call.argtypes = ctypes.c_int, [ctypes.c_int, *[ctypes.c_ulong] * 4]
    return int(call(option, value, 0, 0, 0))
