"""What a machine must be like, whatever station it runs: account, programs, memory, clock, kernel."""

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from cryptography.hazmat.backends.openssl import backend

from lexicon.faults import StationFault
from pipeline.config import Config
from pipeline.office.doctor.findings import Check, Finding, Seen, looked, unseen, warning, wrong
from pipeline.office.doctor.volume import MEMORY_FILE_SYSTEMS, Veil, file_system, of_swap
from pipeline.office.hardening import hardness
from pipeline.reading.engines import open_engine
from pipeline.reading.program import Program
from pipeline.reading.tesseract import require_tesseract

_TESSERACT: Final = (4, 1)
_OPENSSL: Final = (3, 0)
_UNSYNCHRONISED: Final = 0x40
"""STA_UNSYNC, adjtimex(2)."""
_SYNCHRONISED: Final = Path("/run/systemd/timesync/synchronized")
_WATCHES: Final = 8192
_MEGABYTES: Final = 700
"""For a document in hand: an A4 page at 600 dpi in colour, and Tesseract over it."""
_BASE_MEGABYTES: Final = 500


def of_machine(config: Config) -> list[Check]:
    """Look at everything; never raises."""
    grave = wrong if config.station.mode == "production" else warning
    return [
        *looked("account", lambda: grave(StationFault("runs-as-root")) if os.geteuid() == 0 else None),
        *looked("text", _text),
        *looked("tesseract", lambda: _tesseract(config)),
        *looked("engine", lambda: _engine(config)),
        *looked("programs", _programs),
        *looked("work", lambda: _work(Path(config.station.work))),
        *looked("core", _core),
        *looked("swap", lambda: grave(fault) if (fault := _swap()) else None),
        *looked("clock-sync", lambda: _clock(in_production=config.station.mode == "production")),
        *looked("memory", lambda: _memory(config.ocr.pages_at_once)),
        *looked("watches", _watches),
    ]


def _text() -> Finding | None:
    encoding = sys.getfilesystemencoding()
    return None if encoding == "utf-8" else warning(StationFault("text-not-unicode", encoding=encoding))


def _tesseract(config: Config) -> Finding | None:
    """Raises `StationFault("program-missing")` for the program, and for its languages."""
    version = require_tesseract(config.ocr.language)
    if _numbers(version) < _TESSERACT:
        return wrong(StationFault("program-old", program="Tesseract", version=version, least="4.1"))
    return None


def _engine(config: Config) -> Finding | Seen:
    """What reads: opened as the station opens it, and closed. Raises `StationFault` where it was asked for by name."""
    ocr = config.ocr
    try:
        with closing(open_engine(ocr.engine, ocr.language, 1, ocr.model)) as engine:
            if ocr.engine == "auto" and isinstance(engine, Program):
                return warning(StationFault("engine-slow", engine=engine.name, install="pip install 'liasse[fast]'"))
            return Seen({"engine": engine.name})
    except StationFault as fault:
        if fault.facts.get("program") == ocr.engine:
            raise
        return unseen(fault)  # `tesseract` tells it


def _programs() -> Iterator[Finding]:
    """What is used beside Tesseract: the library beneath the keys, the program that opens records, the starter."""
    version = backend.openssl_version_text().split()[1]
    if _numbers(version) < _OPENSSL:
        yield wrong(StationFault("program-old", program="OpenSSL", version=version, least="3.0"))
    for program, package in (("openssl", "openssl"), ("setpriv", "util-linux")):
        if shutil.which(program) is None:
            yield warning(StationFault("program-missing", program=program, install=f"apt-get install {package}"))
    if shutil.which("openssl") is not None and _numbers(installed := _openssl()) < _OPENSSL:
        yield warning(StationFault("program-old", program="openssl", version=installed, least="3.0"))


def _openssl() -> str:
    """The program's version; empty where it does not say."""
    program = shutil.which("openssl") or "openssl"
    try:
        said = subprocess.run([program, "version"], capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
        return ""
    return next(iter(said.stdout.split()[1:]), "")


def _numbers(version: str) -> tuple[int, ...]:
    """The first two numbers of a version."""
    parts = "".join(c if c.isdigit() or c == "." else " " for c in version).split() or ["0"]
    return tuple(int(part) for part in parts[0].split(".")[:2] if part)


def _work(work: Path) -> Finding | None:
    """Files in clear are never on a disk."""
    if not work.is_dir() or file_system(work) not in MEMORY_FILE_SYSTEMS:
        return wrong(StationFault("work-on-disk", path=str(work)))
    return None


def _core() -> Finding | None:
    """The command that looks has hardened itself as every other command does."""
    return None if hardness().closed else warning(StationFault("memory-exposed"))


def _swap() -> StationFault | None:
    return None if of_swap() in (Veil.ENCRYPTED, Veil.MEMORY) else StationFault("swap-unencrypted")


class _Timex(ctypes.Structure):
    """The beginning of `struct timex`, and room for its rest."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_char * 256),
    )


def _clock(*, in_production: bool) -> Finding | None:
    """Whether the kernel holds the clock to be synchronised, or systemd-timesyncd does."""
    synchronised = _synchronised()
    if synchronised is None:
        return unseen(StationFault("clock-unknown"))
    if synchronised or _SYNCHRONISED.exists():
        return None
    fault = StationFault("clock-unsynchronised")
    return wrong(fault) if in_production else warning(fault)


def _synchronised() -> bool | None:
    """adjtimex(2) without a change; None where the kernel does not answer."""
    asked = _Timex()
    try:
        answer = ctypes.CDLL(None).adjtimex(ctypes.byref(asked))
    except (AttributeError, OSError, TypeError):
        return None
    return None if answer < 0 else not asked.status & _UNSYNCHRONISED


def _memory(workers: int) -> Finding | None:
    megabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 1_000_000
    needed = _BASE_MEGABYTES + workers * _MEGABYTES
    if megabytes >= needed:
        return None
    return warning(StationFault("memory-short", megabytes=megabytes, workers=workers, needed=needed))


def _watches() -> Finding | None:
    """Events of the file system are hints: without them, files are seen by the sweeps."""
    try:
        watches = int(Path("/proc/sys/fs/inotify/max_user_watches").read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
    return None if watches >= _WATCHES else warning(StationFault("inotify-short", watches=watches))
