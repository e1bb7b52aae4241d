"""What a process that reads strangers' files may not: grow, go on, write, open, fork, gain rights, outlive its parent.

setrlimit(2), prctl(2), landlock(7) (Linux 5.13; where the kernel has none, the other fences stand). All as any user.
"""

import ctypes
import os
import resource
import signal
import struct
from dataclasses import dataclass
from typing import Final

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_DUMPABLE: Final = 4
_PR_SET_NO_NEW_PRIVS: Final = 38
_LANDLOCK_CREATE: Final = 444
_LANDLOCK_ADD: Final = 445
_LANDLOCK_RESTRICT: Final = 446
_BENEATH: Final = 1
_READ_FILE: Final = 1 << 2
_RANDOM: Final = "/dev/urandom"
"""The only file that may still be opened: qpdf does, for an encrypted PDF that opens without a password."""
_ASK_VERSION: Final = 1
_FILE_RIGHTS: Final = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
"""How many of the rights over files each version of Landlock knows; later ones as the last."""
_NET_SINCE: Final = 4
_SCOPE_SINCE: Final = 6
_BOTH: Final = 3
"""TCP bind and connect; and of scopes, abstract sockets and signals."""
_DESCRIPTORS: Final = 32

_libc: Final = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What files may cost. The defaults: the biggest page that the limits let pass, on a slow machine."""

    memory: int = 1_610_612_736
    """Bytes of address space of all processes that read, together."""
    page_seconds: float = 45.0
    """For one page, and for finding the pages; there are two attempts, so that a page costs two minutes at the most."""
    file_seconds: float = 100.0
    """How far a file may fall behind its pace."""
    pace: float = 2.0
    """Seconds that a file is given for each page, and for each megabyte of one."""


def shut_in() -> bool:
    """From here on this process and its children write to no file, open none, and dump no core; for good.

    Returns whether the kernel could be asked to refuse the opening of files too.
    """
    os.umask(0o077)
    for limit in (resource.RLIMIT_FSIZE, resource.RLIMIT_CORE):
        resource.setrlimit(limit, (0, 0))
    _prctl(_PR_SET_DUMPABLE, 0)
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    return _landlock()


def bound(memory: int, parent: int) -> None:
    """The limits of a process that reads one file, and its end with the end of `parent` (a process identifier).

    `memory` is bytes of address space.
    """
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_DESCRIPTORS, _DESCRIPTORS))


def _landlock() -> bool:
    """No right over files but one, no TCP, no signal to a process outside: a ruleset that handles all of them."""
    version = _libc.syscall(_LANDLOCK_CREATE, None, 0, _ASK_VERSION)
    if version < 1:
        return False
    files = (1 << _FILE_RIGHTS.get(version, max(_FILE_RIGHTS.values()))) - 1
    fields = [files]
    fields += [_BOTH] if version >= _NET_SINCE else []
    fields += [_BOTH] if version >= _SCOPE_SINCE else []
    attributes = struct.pack(f"={len(fields)}Q", *fields)
    ruleset = _libc.syscall(_LANDLOCK_CREATE, attributes, len(attributes), 0)
    if ruleset < 0:
        return False
    device = os.open(_RANDOM, os.O_RDONLY | os.O_CLOEXEC)
    try:
        _libc.syscall(_LANDLOCK_ADD, ruleset, _BENEATH, struct.pack("=Qi", _READ_FILE, device), 0)
        return bool(_libc.syscall(_LANDLOCK_RESTRICT, ruleset, 0) == 0)
    finally:
        os.close(device)
        os.close(ruleset)


def _prctl(option: int, value: int) -> None:
    if _libc.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
