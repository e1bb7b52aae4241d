"""Plaintext's only place: a folder of this process on the memory file system, gone with it, and swept after a crash."""

import fcntl
import os
import shutil
import tempfile
from pathlib import Path

from lexicon.faults import StationFault
from storage.effects import effect


class Workshop:
    """One process's 0700 folder under `root`, locked while the process lives, so that others know it is in use."""

    def __init__(self, root: Path, station: str) -> None:
        self._root = root
        self._prefix = f"liasse-{station}-"
        self._lock: int | None = None
        self._folder: Path | None = None

    def enter(self) -> Path:
        """The folder, made when first asked for; what killed processes left goes first.

        Raises `StationFault("work-unwritable")`.
        """
        if self._folder is None:
            self.sweep()
        while self._folder is None:
            try:
                self._make()
            except OSError:
                raise StationFault("work-unwritable", path=str(self._root)) from None
        return self._folder

    def _make(self) -> None:
        """Make a folder and lock it; not ours where another process swept it away before it was locked."""
        with effect("workshop.enter"):
            made = Path(tempfile.mkdtemp(prefix=self._prefix, dir=self._root))
        try:
            lock = os.open(made, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except FileNotFoundError:
            return
        fcntl.flock(lock, fcntl.LOCK_EX)
        if made.exists():
            self._folder, self._lock = made, lock
        else:
            os.close(lock)

    def leave(self) -> None:
        """Remove the folder and all that is in it."""
        if self._folder is not None:
            with effect("workshop.leave"):
                shutil.rmtree(self._folder, ignore_errors=True)
        if self._lock is not None:
            os.close(self._lock)
        self._folder = self._lock = None

    def sweep(self) -> int:
        """Remove what killed processes of this station left behind; how many folders there were."""
        left = 0
        for folder in self._root.glob(f"{self._prefix}*"):
            try:
                lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
            except OSError:
                continue
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                continue
            else:
                with effect("workshop.sweep"):
                    shutil.rmtree(folder, ignore_errors=True)
                left += 1
            finally:
                os.close(lock)
        return left
