"""Whole files or none: written beside their place as `.part`, synchronised, renamed; only the station reads them."""

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

from lexicon.faults import StationFault
from storage.effects import effect

PART: Final = ".part"

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@contextmanager
def disk_faults() -> Iterator[None]:
    """The system's errors as `StationFault` `disk-full` or `disk-unusable`; their texts name files and stop here."""
    try:
        yield
    except OSError as error:
        raise StationFault("disk-full" if error.errno in _FULL else "disk-unusable") from None


@contextmanager
def replacing(target: Path) -> Iterator[BinaryIO]:
    """A stream whose content is at `target`, whole and durable, when the block ends well; else nothing of it is left.

    The file is 0600. Several may write for one target, also on several machines: each beside the others, and the last
    to end well has it. Raises `StationFault` `disk-full` or `disk-unusable`.
    """
    part = target.with_name(f"{target.name}.{secrets.token_hex(4)}{PART}")
    with disk_faults():
        with effect("file.create"):
            descriptor = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                yield stream
                stream.flush()
                with effect("file.sync"):
                    os.fsync(stream.fileno())
            with effect("file.rename"):
                part.replace(target)
        except BaseException:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            raise
        sync_folder(target.parent)


def parts_of(target: Path) -> list[Path]:
    """What is being written for a target, or was when its writer died. Raises `OSError`."""
    return list(target.parent.glob(f"{target.name}.*{PART}"))


def is_older(path: Path, than: float | None) -> bool:
    """Whether a file was last written before a time (seconds since 1970); None: whenever. False where it is gone."""
    try:
        return than is None or path.stat().st_mtime < than
    except FileNotFoundError:
        return False


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable. Raises `OSError`."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with effect("folder.sync"):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
