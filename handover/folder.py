"""A folder that is there whole or not at all: written beside its place, made durable, renamed."""

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from lexicon.faults import StationFault
from storage.effects import effect
from storage.files import PART, disk_faults, sync_folder

MANIFEST: Final = "manifest-sha256.txt"


def require_vacant(target: Path) -> None:
    """Raise `StationFault("target-not-empty")` unless there is nothing at `target`, or an empty folder."""
    with disk_faults():
        if target.is_symlink() or (target.exists() and not (target.is_dir() and not any(target.iterdir()))):
            raise StationFault("target-not-empty")


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """A 0700 folder to fill; it is at `target` once the block has ended well, else nothing of it is left.

    Raises `StationFault` `target-not-empty`, `disk-full` or `disk-unusable`.
    """
    target = target.absolute()
    require_vacant(target)
    part = target.with_name(f".{target.name}{PART}")
    with disk_faults():
        with effect("handover.make"):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir(mode=0o700)
        try:
            yield part
            _sync(part)
            require_vacant(target)
            with effect("handover.publish"):
                part.rename(target)
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise
        sync_folder(target.parent)


def write_manifest(folder: Path) -> bytes:
    """`manifest-sha256.txt`, as `sha256sum -c` reads it, over all files that are in the folder; its bytes."""
    lines = [f"{file_sha256(path)}  {path.relative_to(folder).as_posix()}\n" for path in _files(folder)]
    content = "".join(lines).encode()
    (folder / MANIFEST).write_bytes(content)
    return content


def file_sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _sync(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_dir():
            sync_folder(path)
        else:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            try:
                with effect("handover.sync"):
                    os.fsync(descriptor)
            finally:
                os.close(descriptor)
    sync_folder(folder)
