"""A folder as host: a local disk, or a share that someone mounted (POSIX link semantics, as ext4, XFS and NFS have).

An object appears by linking its finished, synchronised file to its name, which fails where the name is taken: after
a crash there is the whole object or nothing. Unfinished files begin with a dot, as no object does; they are locked
while they are written, so that opening the host removes only what nobody is writing.
"""

import errno
import fcntl
import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final

from lexicon.faults import HostFault, TamperFault
from storage.effects import effect
from storage.files import disk_faults, sync_folder
from storage.hosts import Absent, AlreadyThere, Created, Sink, Stored, require_key, require_prefix

_PART: Final = ".part"
_CHUNK: Final = 1 << 20
_NEW: Final = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_REFUSED: Final = frozenset(
    {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENAMETOOLONG, errno.ELOOP, errno.EOPNOTSUPP, errno.EISDIR}
)


class FolderHost:
    """A host in an existing folder. It keeps no versions."""

    def __init__(self, root: Path, name: str = "folder") -> None:
        """Open the host and clear away what interrupted writes left.

        The folder must exist: an unmounted share is `HostFault("host-unreachable")`, not a new folder.
        """
        self._root, self._name = root, name
        with _faults():
            self._require_root()
            for part in root.rglob(f".*{_PART}"):
                _clear(part)

    @property
    def name(self) -> str:
        return self._name

    def create(self, key: str, source: Path, sha256: str, size: int) -> Created | AlreadyThere:
        """As the port; raises `TamperFault("sealed-changed")` when the file is not what it was announced to be."""
        target = self._path(key)
        with disk_faults():
            stream = source.open("rb")
        with stream, _faults():
            self._make_folders(target.parent)
            outcome = _link(stream, target, sha256, size)
            # Also where the object was there: an attempt that crashed may not have come as far as this.
            self._sync_folders(target.parent)
        return outcome

    def head(self, key: str) -> Stored | Absent:
        with _faults():
            try:
                return Stored(key, self._path(key).lstat().st_size, version=None)
            except (FileNotFoundError, NotADirectoryError):
                return Absent()

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
            match self.head(key):
                case Stored() as stored:
                    yield stored
                case Absent():
                    pass

    def close(self) -> None:
        """Nothing stays open between two verbs."""

    def _keys(self, prefix: str) -> Iterator[str]:
        """All keys in the folder that a prefix names, which may hold a few beside many thousands."""
        within = self._root / prefix.rpartition("/")[0]
        if not within.is_dir() or not within.resolve().is_relative_to(self._root.resolve()):
            return
        for folder, _, names in os.walk(within, onerror=_raise):
            for name in names:
                if not name.startswith("."):
                    yield (Path(folder) / name).relative_to(self._root).as_posix()

    def _path(self, key: str) -> Path:
        require_key(key)
        self._require_root()
        return self._root / key

    def _require_root(self) -> None:
        if not self._root.is_dir():
            raise HostFault("host-unreachable")

    def _make_folders(self, folder: Path) -> None:
        """Make the folders between the root and an object; none of them may lead elsewhere."""
        for parent in reversed([folder, *folder.parents]):
            if self._root in parent.parents:
                with effect("folder-host.make"):
                    parent.mkdir(0o700, exist_ok=True)
        if not folder.resolve().is_relative_to(self._root.resolve()):
            raise HostFault("host-refused")

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
                descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            except (FileNotFoundError, NotADirectoryError):
                raise HostFault("host-object-missing") from None
        with os.fdopen(descriptor, "rb") as stream:
            yield stream


def _link(source: BinaryIO, target: Path, sha256: str, size: int) -> Created | AlreadyThere:
    if os.path.lexists(target):
        return AlreadyThere()
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


def _clear(part: Path) -> None:
    try:
        descriptor = os.open(part, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with effect("folder-host.clear"):
            part.unlink(missing_ok=True)
    except BlockingIOError:
        return
    finally:
        os.close(descriptor)


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
