"""Events of the drop folder, as hints that wake a sweep: some get lost, and none come from network shares."""

import threading
from pathlib import Path
from typing import Final, Literal

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver

from pipeline.drop.mounts import is_share

Watch = Literal["auto", "events", "polling"]

_CHANGES: Final = frozenset(("created", "moved", "modified", "closed"))
"""Not `opened` or `closed_no_write`: our own looking would wake us for ever."""


class Wakeup(FileSystemEventHandler):
    """Sleeps until something changed under a folder, or until the time is up."""

    def __init__(self, folder: Path, besides: Path, watch: Watch = "auto", bell: threading.Event | None = None) -> None:
        """Watch `folder` itself, but for `besides` (our own claims). `bell` is rung too: several folders' own.

        Not its subfolders: watchdog follows new ones in a race, warns with their names, and its thread may end by it.
        `polling`, and `auto` on a share: no events are asked for, the periodic sweep does it alone.
        """
        self._changed = threading.Event()
        self._bell = bell or threading.Event()
        self._besides = str(besides)
        self._observer: BaseObserver | None = None
        if watch == "events" or (watch == "auto" and not is_share(folder)):
            self._observe(folder)

    @property
    def hears(self) -> bool:
        """Whether events are asked for."""
        return self._observer is not None

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Called by watchdog's thread."""
        place = str(event.src_path)
        if event.event_type in _CHANGES and not place.startswith(self._besides):
            self._changed.set()
            self._bell.set()

    def wait(self, timeout: float) -> bool:
        """Whether something changed within `timeout` seconds, or since this was asked last."""
        changed = self._changed.wait(timeout)
        self._changed.clear()
        return changed

    def close(self) -> None:
        if self._observer is not None:
            self._observer.stop()
            self._observer.join()

    def _observe(self, folder: Path) -> None:
        observer = Observer()
        try:
            observer.schedule(self, str(folder), recursive=False)
            observer.start()
        except OSError:
            return  # no inotify instance or watch left: the periodic sweep does it alone
        self._observer = observer
