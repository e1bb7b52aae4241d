"""A folder as host: a local disk, or a share that someone mounted (POSIX link semantics, as ext4, XFS and NFS have).

An object appears by linking its finished, synchronised file to its name, which fails where the name is taken: after
a crash there is the whole object or nothing. Unfinished files begin with a dot, as no object does; they are locked
while they are written, so that opening the host removes only what nobody is writing. An object is a regular file under
a key: a link is not followed, a pipe not waited for, and what other people left there stays.
"""

import errno
import fcntl
import hashlib
import os
import secrets
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final

from lexicon.faults import HostFault, TamperFault
from storage.effects import effect
from storage.files import disk_faults, sync_folder
from storage.hosts import Absent, AlreadyThere, Created, Sink, Stored, is_key, require_key, require_prefix

_PART: Final = ".part"
_CHUNK: Final = 1 << 20
_NEW: Final = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC
_OLD: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
"""Opening a pipe does not wait for its writer."""
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_REFUSED: Final = frozenset(
    {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENAMETOOLONG, errno.ELOOP, errno.EOPNOTSUPP, errno.EISDIR}
    | {errno.EEXIST, errno.ENOTDIR, errno.ENXIO}
)


class FolderHost:
    """A host in an existing folder. It keeps no versions."""

    def __init__(self, root: Path) -> None:
        """Open the host and clear away what interrupted writes left.

        The folder must exist: an unmounted share is `HostFault("host-unreachable")`, not a new folder.
        """
        self._root = root
        with _faults():
            self._require_root()
            for path in _files(root):
                if path.name.startswith(".") and path.name.endswith(_PART):
                    _clear(path)

    @property
    def name(self) -> str:
        return "folder"

    def create(self, key: str, source: Path, sha256: str, size: int) -> Created | AlreadyThere:
        """As the port; raises `TamperFault("sealed-changed")` when the file is not what it was announced to be."""
        target = self._path(key)
        with disk_faults():
            stream = source.open("rb")
        with stream, _faults():
            self._make_folders(target.parent)
            there = isinstance(self.head(key), Stored)
            outcome = AlreadyThere() if there else _link(stream, target, sha256, size)
            # Also where the object was there: an attempt that crashed may not have come as far as this.
            self._sync_folders(target.parent)
        return outcome

    def head(self, key: str) -> Stored | Absent:
        """As the port; raises `HostFault("host-refused")` where no file lies, but a folder, a link or a pipe."""
        there = _seen(self._path(key))
        if there is None:
            return Absent()
        _require_file(there)
        return Stored(key, there.st_size, version=None)

    def read(self, key: str, target: Sink, version: str | None = None) -> Stored:
        if version is not None:
            raise HostFault("host-object-missing")
        size = 0
        with self._opened(key) as stream:
            while chunk := _chunk(stream):
                target.write(chunk)
                size += len(chunk)
        return Stored(key, size, version=None)

    def retain(self, stored: Stored, at: datetime) -> None:
        """A folder locks nothing: whoever can write in it can delete."""

    def delete(self, key: str, version: str | None = None) -> None:
        """As the port; a folder has no versions, so none is removed."""
        path = self._path(key)
        if version is not None:
            return
        with _faults():
            try:
                with effect("folder-host.unlink"):
                    path.unlink()
            except (FileNotFoundError, NotADirectoryError):
                return
            sync_folder(path.parent)

    def list(self, prefix: str) -> Iterator[Stored]:
        require_prefix(prefix)
        with _faults():
            self._require_root()
            keys = sorted(key for key in self._keys(prefix) if key.startswith(prefix))
        for key in keys:
            there = _seen(self._root / key)  # the walk led through no link
            if there is not None and stat.S_ISREG(there.st_mode):
                yield Stored(key, there.st_size, version=None)

    def close(self) -> None:
        """Nothing stays open between two verbs."""

    def _keys(self, prefix: str) -> Iterator[str]:
        """All keys in the folder that a prefix names, which may hold a few beside many thousands.

        One that may be ours and cannot be read is `host-refused`: what it holds must not be taken for gone.
        """
        within = self._root / prefix.rpartition("/")[0]
        if within.is_dir() and self._is_inside(within):
            keys = (path.relative_to(self._root).as_posix() for path in _files(within, _raise))
            yield from filter(is_key, keys)

    def _path(self, key: str) -> Path:
        """Where a key's object lies; no link on the way may lead elsewhere."""
        require_key(key)
        with _faults():
            self._require_root()
        path = self._root / key
        if not self._is_inside(path.parent):
            raise HostFault("host-refused")
        return path

    def _is_inside(self, folder: Path) -> bool:
        return Path(os.path.realpath(folder)).is_relative_to(os.path.realpath(self._root))

    def _require_root(self) -> None:
        if not self._root.is_dir():
            raise HostFault("host-unreachable")

    def _make_folders(self, folder: Path) -> None:
        """Make the folders between the root and an object."""
        for parent in reversed([folder, *folder.parents]):
            if self._root in parent.parents:
                with effect("folder-host.make"):
                    parent.mkdir(0o700, exist_ok=True)

    def _sync_folders(self, folder: Path) -> None:
        for parent in (folder, *folder.parents):
            sync_folder(parent)
            if parent == self._root:
                return

    @contextmanager
    def _opened(self, key: str) -> Iterator[BinaryIO]:
        path = self._path(key)
        with _faults():
            try:
                descriptor = os.open(path, _OLD)
            except (FileNotFoundError, NotADirectoryError):
                raise HostFault("host-object-missing") from None
        with _stream(descriptor) as stream:
            yield stream


def _link(source: BinaryIO, target: Path, sha256: str, size: int) -> Created | AlreadyThere:
    with _unfinished(target) as (part, unfinished):
        _copy(source, unfinished, sha256, size)
        try:
            with effect("folder-host.link"):
                os.link(part, target)
        except FileExistsError:
            return AlreadyThere()
    return Created(version=None)


@contextmanager
def _unfinished(target: Path) -> Iterator[tuple[Path, BinaryIO]]:
    """A locked new file beside the target, gone when the block ends."""
    path = target.with_name(f".{target.name}.{secrets.token_hex(8)}{_PART}")
    with _locked(path) as stream:
        try:
            yield path, stream
        finally:
            with suppress(OSError), effect("folder-host.unlink-part"):
                path.unlink()


def _locked(path: Path) -> BinaryIO:
    """A new file, locked. Who opens the host between the two takes it for what a crash left: then another is made."""
    while True:
        with effect("folder-host.part"):
            stream = os.fdopen(os.open(path, _NEW, 0o600), "wb")
        fcntl.flock(stream, fcntl.LOCK_EX)
        if os.fstat(stream.fileno()).st_nlink:
            return stream
        stream.close()


def _files(within: Path, onerror: Callable[[OSError], None] | None = None) -> Iterator[Path]:
    """What lies in the folders that keys lead through and is no folder itself; no link is followed.

    Folders of no key (`lost+found`, `.snapshot`) are not looked into.
    """
    for folder, folders, names in os.walk(within, onerror=onerror):
        folders[:] = filter(is_key, folders)
        yield from (Path(folder) / name for name in names)


def _seen(path: Path) -> os.stat_result | None:
    """What lies there, no link followed; None where nothing does."""
    with _faults():
        try:
            return path.lstat()
        except (FileNotFoundError, NotADirectoryError):
            return None


def _clear(part: Path) -> None:
    """Remove what a crash left. What is being written, is no file, or cannot be removed stays: nobody reads it."""
    with suppress(OSError):
        descriptor = os.open(part, _OLD)
        try:
            if stat.S_ISREG(os.fstat(descriptor).st_mode):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                with effect("folder-host.clear"):
                    part.unlink(missing_ok=True)
        finally:
            os.close(descriptor)


def _stream(descriptor: int) -> BinaryIO:
    """To read a file that has been opened. Raises `HostFault("host-refused")` where it is none."""
    try:
        with _faults():
            _require_file(os.fstat(descriptor))
    except BaseException:
        os.close(descriptor)
        raise
    return os.fdopen(descriptor, "rb")


def _require_file(there: os.stat_result) -> None:
    if not stat.S_ISREG(there.st_mode):
        raise HostFault("host-refused")


def _copy(source: BinaryIO, target: BinaryIO, sha256: str, size: int) -> None:
    """Copy durably. Raises `TamperFault("sealed-changed")` unless it was exactly the bytes announced."""
    whole, copied = hashlib.sha256(), 0
    while copied <= size and (chunk := source.read(_CHUNK)):
        whole.update(chunk)
        copied += len(chunk)
        target.write(chunk)
    if copied != size or whole.hexdigest() != sha256:
        raise TamperFault("sealed-changed")
    target.flush()
    with effect("folder-host.sync"):
        os.fsync(target.fileno())


def _chunk(stream: BinaryIO) -> bytes:
    with _faults():
        return stream.read(_CHUNK)


def _raise(error: OSError) -> None:
    raise error


@contextmanager
def _faults() -> Iterator[None]:
    """The system's errors as the host's; their texts name files and stop here."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise HostFault("host-full") from None
        if error.errno in _REFUSED:
            raise HostFault("host-refused") from None
        raise HostFault("host-unreachable") from None
