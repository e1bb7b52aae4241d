"""A folder listed without trust: regular files alone, in the order a person counts, and never through a link."""

import errno
import fcntl
import os
import re
import signal
import stat
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from lexicon.faults import StationFault
from pipeline.drop.settling import Mark

_TEMPORARY_ENDS: Final = (
    b".part", b".partial", b".tmp", b".temp", b".filepart", b".crdownload", b".download", b".opdownload", b".swp",
    b".lock", b".lck", b"~",
)  # fmt: skip
_HIDDEN: Final = b"."
_TEMPORARY_STARTS: Final = (_HIDDEN, b"~")
_LITTER: Final = frozenset((b"thumbs.db", b"ehthumbs.db", b"desktop.ini"))
_SYSTEM_FOLDERS: Final = frozenset((b"lost+found", b"$recycle.bin", b"system volume information", b"@eadir"))
_DIGITS: Final = re.compile(rb"(\d+)")
_STEP: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_LOOK: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


UNREADABLE: Final = "unreadable"
"""What is left alone because its owner gives the station no right to read it, or to take it out of its folder."""
_TO_BE_TAKEN: Final = (None, "temporary", "hard-link")
"""Kinds of which somebody wants them taken."""
_DEEPEST: Final = 32
"""Folders within folders; whoever needs more is not sorting scans."""


@dataclass(frozen=True, slots=True)
class Temporary:
    """How a scanner names what it has not finished, beside the names that everybody uses so. As `_alike` has it."""

    starts: tuple[bytes, ...] = ()
    ends: tuple[bytes, ...] = ()

    @classmethod
    def of(cls, patterns: Iterable[str]) -> "Temporary":
        """Of patterns with one star, before or behind: `*.scanning`, `tmp_*`. Case counts for none of them."""
        known = [_alike(os.fsencode(pattern)) for pattern in patterns]
        return cls(
            starts=tuple(pattern[:-1] for pattern in known if pattern.endswith(b"*")),
            ends=tuple(pattern[1:] for pattern in known if pattern.startswith(b"*")),
        )

    def is_one(self, name: bytes) -> bool:
        alike = _alike(name)
        return alike.startswith(_TEMPORARY_STARTS + self.starts) or alike.endswith(_TEMPORARY_ENDS + self.ends)


_USUAL: Final = Temporary()


@dataclass(frozen=True, slots=True)
class Found:
    """A regular file in the folder."""

    path: bytes
    """Relative to the folder."""
    mark: Mark
    changed: int = field(default=0, compare=False)
    """Nanoseconds since 1970: since when it is as it is and where it is, by its file system; no scanner sets it."""

    @property
    def name(self) -> bytes:
        """As it is on disk, whatever its bytes are. It may name a patient: no log, error or key may hold it."""
        return self.path.rpartition(b"/")[2]

    @property
    def label(self) -> str | None:
        """The batch: the subfolders' names joined by `/`, other bytes than UTF-8 as `\\xNN`; None for a loose file."""
        return self.path.rpartition(b"/")[0].decode("utf-8", "backslashreplace") or None


@dataclass(frozen=True, slots=True)
class Walk:
    """One listing: files in natural order, and how many entries were left alone, by kind.

    Kinds: `temporary`, `link`, `hard-link`, `special` (pipe, socket, device), `unreadable` (no right to, or too deep).
    """

    files: tuple[Found, ...]
    left_alone: Counter[str]
    lying: tuple[int, ...] = ()
    """`Found.changed` of each file that somebody put there to be taken: those of temporary names among them."""


def walk(folder: Path, temporary: Temporary = _USUAL) -> Walk:
    """List a folder and its subfolders. Raises StationFault `inbox-missing` when the folder itself cannot be listed."""
    files: list[Found] = []
    lying: list[int] = []
    left: Counter[str] = Counter()
    top = os.fsencode(folder)

    def unreadable(trouble: OSError) -> None:
        if trouble.filename in {top, None}:
            raise trouble
        left[UNREADABLE] += 1

    try:
        for place, folders, names, at in os.fwalk(top, onerror=unreadable):
            _prune(folders, at, left)
            within = os.path.relpath(place, top)
            prefix = b"" if within == b"." else within + b"/"
            if prefix.count(b"/") >= _DEEPEST:
                left[UNREADABLE] += len(folders)
                folders.clear()
            for name, seen, kind in _listed(names, at, left, temporary):
                if kind is None:
                    files.append(Found(prefix + name, _mark(seen), seen.st_ctime_ns))
                if kind in _TO_BE_TAKEN and not _is_nobodys(name):
                    lying.append(seen.st_ctime_ns)
    except OSError:
        raise StationFault("inbox-missing", path=str(folder)) from None
    return Walk(tuple(sorted(files, key=lambda found: natural(found.path))), left, tuple(lying))


def _prune(folders: list[bytes], at: int, left: Counter[str]) -> None:
    """Keep real subfolders only: no links, no hidden ones, none of an operating system's own."""
    for name in list(folders):
        seen = _seen(name, at, left)
        link = seen is not None and stat.S_ISLNK(seen.st_mode)
        if seen is None or link or name.startswith(b".") or name.lower() in _SYSTEM_FOLDERS:
            folders.remove(name)
            left["link"] += link


def _listed(
    names: list[bytes], at: int, left: Counter[str], temporary: Temporary
) -> Iterator[tuple[bytes, os.stat_result, str | None]]:
    """Each entry, and why it is left alone, where it is."""
    for name in names:
        seen = _seen(name, at, left)
        if seen is not None:
            kind = _kind(name, seen, temporary)
            if kind is not None:
                left[kind] += 1
            yield name, seen, kind


def _seen(name: bytes, at: int, left: Counter[str]) -> os.stat_result | None:
    """None for what is gone since the listing, or lies in a folder that may be listed and not entered."""
    try:
        return os.stat(name, dir_fd=at, follow_symlinks=False)
    except FileNotFoundError:
        return None
    except PermissionError:
        left[UNREADABLE] += 1
        return None


def _alike(name: bytes) -> bytes:
    """Without regard to case, and to how its accents are coded: one name as several machines may write it."""
    return os.fsencode(unicodedata.normalize("NFC", os.fsdecode(name)).lower())


def _is_nobodys(name: bytes) -> bool:
    """What systems leave in every folder, and nobody waits for."""
    return name.startswith(_HIDDEN) or _alike(name) in _LITTER


def _kind(name: bytes, seen: os.stat_result, temporary: Temporary = _USUAL) -> str | None:
    """Why an entry is left alone; None for a file to take."""
    if _alike(name) in _LITTER or temporary.is_one(name):
        return "temporary"
    if stat.S_ISLNK(seen.st_mode):
        return "link"
    if not stat.S_ISREG(seen.st_mode):
        return "special"
    return "hard-link" if seen.st_nlink > 1 else None


def _mark(seen: os.stat_result) -> Mark:
    return Mark(seen.st_size, seen.st_mtime_ns, seen.st_ino)


def natural(name: bytes) -> list[tuple[int, bytes]]:
    """A sort key by which `scan2` comes before `scan10`."""
    parts = _DIGITS.split(name)
    return [(int(part[:18]), part) if part.isdigit() else (-1, part.lower()) for part in parts]


@contextmanager
def parent(folder: Path, found: Found) -> Iterator[int]:
    """A descriptor of the file's own folder, opened step by step so that no link is followed. Raises OSError."""
    steps = found.path.split(b"/")[:-1]
    at = os.open(folder, _STEP)
    try:
        for step in steps:
            at, before = os.open(step, _STEP, dir_fd=at), at
            os.close(before)
        yield at
    finally:
        os.close(at)


@contextmanager
def opened(at: int, name: bytes, mark: Mark) -> Iterator[BinaryIO | None]:
    """The file, open for reading; None when it is gone, changed, or no longer a plain file of one name.

    Raises PermissionError where the station may not read it: that is for somebody to be told.
    """
    try:
        descriptor = os.open(name, _LOOK, dir_fd=at)
    except OSError as trouble:
        if trouble.errno not in {errno.ENOENT, errno.ELOOP, errno.ENXIO, errno.EISDIR}:
            raise
        yield None
        return
    with os.fdopen(descriptor, "rb") as file:
        seen = os.fstat(file.fileno())
        yield file if _kind(name, seen) is None and _mark(seen) == mark else None


@contextmanager
def opened_within(folder: Path, found: Found, left: Counter[str]) -> Iterator[BinaryIO | None]:
    """As `opened`, from the folder that was listed; None also for what may not be read, which is counted in `left`."""
    with ExitStack() as closing:
        file = None
        try:
            at = closing.enter_context(parent(folder, found))
            file = closing.enter_context(opened(at, found.name, found.mark))
        except PermissionError:
            left[UNREADABLE] += 1
        except (FileNotFoundError, NotADirectoryError):
            pass
        yield file


def is_being_written(file: BinaryIO) -> bool:
    """Whether some process has the file open for writing, by asking for a read lease (fcntl(2), F_SETLEASE).

    False too where nobody can say (network file systems, files of another owner): there the quiet time must do.
    """
    # A writer that comes within these microseconds breaks the lease by a signal: SIGURG is ignored, SIGIO would end us.
    descriptor = file.fileno()
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except OSError as trouble:
        return trouble.errno == errno.EAGAIN
    fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    return False
