"""Files taken out of the drop folder: one rename to an opaque name, their own name kept beside them until released."""

import errno
import hashlib
import json
import os
import shutil
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from lexicon.faults import StationFault
from pipeline.drop.folder import Found, is_being_written, opened
from pipeline.drop.settling import Mark
from storage.effects import effect

_ORIGIN: Final = ".origin"
_COPY: Final = ".part"
_CHUNK: Final = 1 << 20
_HOUR: Final = 3600e9
"""In nanoseconds."""
_NOT_A_FOLDER: Final = frozenset((errno.ELOOP, errno.ENOTDIR))
_UNMARKED: Final = Mark(0, 0, 0)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A file that is ours alone. `path` says nothing of what it holds; `name` may name a patient."""

    id: str
    path: Path
    name: bytes
    batch_label: str | None
    size: int
    """Bytes."""
    mtime: int
    """Nanoseconds since 1970, as the scanner's clock or the file server's had it."""
    since: int = 0
    """Nanoseconds since 1970: when it was claimed, by the clock of the folder's file system; no scanner sets it."""

    def open(self) -> BinaryIO:
        """Open for reading; no link is followed, and nothing but a regular file opened (OSError)."""
        file = os.fdopen(os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb")
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            file.close()
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        return file


class Claims:
    """The claim folder (0700)."""

    def __init__(self, folder: Path) -> None:
        """Raises StationFault `inbox-unsafe` when something else than a folder of our own is in its place."""
        self._folder = folder
        with suppress(FileExistsError), effect("claims.make"):
            folder.mkdir(mode=0o700)
        try:
            self._at = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError as trouble:
            if trouble.errno not in _NOT_A_FOLDER:
                raise
            raise _unsafe(folder) from None
        if os.fstat(self._at).st_uid != os.geteuid():
            os.close(self._at)
            raise _unsafe(folder)
        with effect("claims.close-off"):
            os.fchmod(self._at, 0o700)

    def close(self) -> None:
        os.close(self._at)

    def in_place(self) -> bool:
        """Whether what is open here is still what lies there; False where it is another folder, or none."""
        try:
            return os.path.samestat(os.fstat(self._at), self._folder.lstat())
        except OSError:
            return False

    def take(self, source: int, found: Found, claim: str) -> Claimed | None:
        """Move the file from its folder (`source`, a descriptor) here as `claim` (letters and digits).

        None when it changed, vanished or is written to: it is where it was, to be looked at again. On another file
        system it is copied, compared and then removed there. After a crash at any point `recover` finds all of it.
        """
        if not claim.isalnum():
            raise ValueError(claim)
        try:
            self._note(claim, found)
            taken = self._moved(source, found, claim)
        except BaseException:
            if not (self._folder / claim).exists():
                self._forget(claim)
            raise
        if not taken:
            self._forget(claim)
            return None
        return self._claimed(claim)

    def recover(self) -> list[Claimed]:
        """What was claimed before a stop, oldest claim first; notes and copies without a file are cleared away.

        What is not ours there (links, pipes, folders, other names, notes that say nothing) is left.
        """
        entries = os.listdir(self._at)  # noqa: PTH208 - by descriptor, whatever the path has become
        names = sorted(name for name in entries if self._is_regular(name))
        for name in names:
            claim, dot, end = name.partition(".")
            if claim.isalnum() and (dot + end == _COPY or (dot + end == _ORIGIN and claim not in entries)):
                with effect("claim.clear"):
                    os.unlink(name, dir_fd=self._at)
        noted = (name for name in names if name.isalnum() and name + _ORIGIN in names)
        return [claimed for claimed in map(self._recovered, noted) if claimed is not None]

    def _is_regular(self, name: str) -> bool:
        try:
            return stat.S_ISREG(os.stat(name, dir_fd=self._at, follow_symlinks=False).st_mode)
        except FileNotFoundError:
            return False

    def _recovered(self, name: str) -> Claimed | None:
        """None where the note is none of ours."""
        try:
            return self._claimed(name)
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
            return None

    def release(self, claimed: Claimed) -> None:
        """Remove a claimed file and its note, once its bytes are safe elsewhere. Again is no error."""
        with effect("claim.release"):
            self._unlink(claimed.id)
        self._forget(claimed.id)

    def _note(self, claim: str, found: Found) -> None:
        """Keep the file's own name and batch; on disk before the file moves."""
        note = json.dumps({"path": os.fsdecode(found.path), "mtime": found.mark.mtime})
        with effect("claim.note"):
            descriptor = os.open(
                claim + _ORIGIN, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600, dir_fd=self._at
            )
            with os.fdopen(descriptor, "w") as file:
                file.write(note)
                file.flush()
                os.fsync(file.fileno())
            os.fsync(self._at)

    def _claimed(self, claim: str) -> Claimed:
        note = json.loads((self._folder / (claim + _ORIGIN)).read_text())
        found = Found(os.fsencode(note["path"]), mark=_UNMARKED)
        seen = os.stat(claim, dir_fd=self._at, follow_symlinks=False)
        path, mtime = self._folder / claim, int(note["mtime"])
        return Claimed(claim, path, found.name, found.label, seen.st_size, mtime, seen.st_ctime_ns)

    def _moved(self, source: int, found: Found, claim: str) -> bool:
        with opened(source, found.name, found.mark) as file:
            if file is None or is_being_written(file):
                return False
            try:
                with effect("claim.move"):
                    os.rename(found.name, claim, src_dir_fd=source, dst_dir_fd=self._at)
            except FileNotFoundError:
                return False
            except OSError as trouble:
                if trouble.errno != errno.EXDEV:
                    raise
                return self._copied(file, source, found, claim)
            with effect("claim.sync"):
                os.fsync(self._at)
                os.fsync(source)
            return self._is_ours(file, source, found, claim)

    def _is_ours(self, file: BinaryIO, source: int, found: Found, claim: str) -> bool:
        """Whether what was moved is the file that was looked at, still unwritten; else it goes back."""
        with suppress(PermissionError), opened(self._at, os.fsencode(claim), found.mark) as moved:
            same = moved is not None and os.path.sameopenfile(file.fileno(), moved.fileno())
            if same and moved is not None and not is_being_written(moved):
                return True
        with effect("claim.give-back"):
            os.rename(claim, found.name, src_dir_fd=self._at, dst_dir_fd=source)
        return False

    def _copied(self, file: BinaryIO, source: int, found: Found, claim: str) -> bool:
        """A drop folder's subfolder on another file system: copy, make sure, compare, only then remove."""
        part = claim + _COPY
        with effect("claim.copy"):
            descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600, dir_fd=self._at)
            with os.fdopen(descriptor, "w+b") as copy:
                shutil.copyfileobj(file, copy, _CHUNK)
                copy.flush()
                os.utime(descriptor, ns=(found.mark.mtime, found.mark.mtime))
                os.fsync(copy.fileno())
                same = _digest(copy) == _digest(file)
        unchanged = False
        with suppress(PermissionError), opened(source, found.name, found.mark) as still:
            unchanged = still is not None and not is_being_written(still)
        if not (same and unchanged):
            with effect("claim.drop-copy"):
                self._unlink(part)
            return False
        with effect("claim.name-copy"):
            os.rename(part, claim, src_dir_fd=self._at, dst_dir_fd=self._at)
            os.fsync(self._at)
        with effect("claim.remove"):
            try:
                os.unlink(found.name, dir_fd=source)
            except OSError:  # the original stays, so the copy goes
                self._unlink(claim)
                raise
            os.fsync(source)
        return True

    def _forget(self, claim: str) -> None:
        with effect("claim.forget"):
            self._unlink(claim + _ORIGIN)
            os.fsync(self._at)

    def _unlink(self, name: str) -> None:
        try:
            os.unlink(name, dir_fd=self._at)
        except FileNotFoundError:
            return


def are_far_apart(first: int, second: int, hours: float) -> bool:
    """Whether files that were claimed then (`Claimed.since`) are too far apart to be fronts and backs of one stack.

    Both times are of one clock, and the same after each start; where it was put right meanwhile, their distance counts.
    """
    return abs(second - first) > hours * _HOUR


def waiting_halves(folder: Path, hours: float) -> tuple[int, ...]:
    """Of a claim folder of manual duplex: when each file was claimed whose other half has not come (ns since 1970).

    Of the files of a batch, the one that is left where each is its forerunner's other half, if they are not `hours`
    apart. Nothing is changed, and whatever cannot be read now is left out.
    """
    last: dict[bytes, int] = {}
    for note in sorted(folder.glob(f"*{_ORIGIN}")):
        with suppress(OSError, ValueError, KeyError, TypeError):
            batch = os.fsencode(json.loads(note.read_text())["path"]).rpartition(b"/")[0]
            claimed = note.with_suffix("").stat().st_ctime_ns
            before = last.pop(batch, None)
            if before is None or are_far_apart(before, claimed, hours):
                last[batch] = claimed
    return tuple(sorted(last.values()))


def _unsafe(folder: Path) -> StationFault:
    return StationFault("inbox-unsafe", path=str(folder.parent), other=str(folder))


def _digest(file: BinaryIO) -> bytes:
    file.seek(0)
    hashing = hashlib.sha256()
    while chunk := file.read(_CHUNK):
        hashing.update(chunk)
    return hashing.digest()
