"""Events of the drop folder, as hints that wake a sweep: they get lost on overflow and never come from network shares."""

import threading
from pathlib import Path
from typing import Final

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

_CHANGES: Final = frozenset(("created", "moved", "modified", "closed"))
"""Not `opened` or `closed_no_write`: our own looking would wake us for ever."""


class Wakeup(FileSystemEventHandler):
    """Sleeps until something changed under a folder, or until the time is up."""

    def __init__(self, folder: Path, besides: Path) -> None:
        """Watch `folder`, but for what happens under `besides` (our own claims)."""
        self._changed = threading.Event()
        self._besides = str(besides)
        self._observer = Observer()
        try:
            self._observer.schedule(self, str(folder), recursive=True)
            self._observer.start()
        except OSError:
            # No inotify instance or watch left: the periodic sweep does it alone.
            self._observer = None

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Called by watchdog's thread."""
        place = str(event.src_path)
        if event.event_type in _CHANGES and not place.startswith(self._besides):
            self._changed.set()

    def wait(self, timeout: float) -> bool:
        """Whether something changed within `timeout` seconds."""
        changed = self._changed.wait(timeout)
        self._changed.clear()
        return changed

    def close(self) -> None:
        if self._observer is not None:
            self._observer.stop()
            self._observer.join()
