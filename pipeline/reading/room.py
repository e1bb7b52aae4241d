"""The reading room: an engine, so many places fair between documents, and a private folder for each page."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lexicon.faults import StationFault
from pipeline.reading.desk import Desk
from pipeline.reading.engine import Engine
from pipeline.reading.places import Document, Places


class Room:
    """Where all of a station's pages are read, before the gate and after it. Several threads may ask."""

    def __init__(self, engine: Engine, work: Path, places: int) -> None:
        """`work`: a folder on a memory file system, private to the station; `places`: pages at a time."""
        self.engine = engine
        self.places = Places(places)
        self._work = work

    @contextmanager
    def document(self) -> Iterator["Shelf"]:
        """A document's part of the room. Raises `StationFault("work-unwritable")`; leaves nothing behind."""
        with _private_folder(self._work) as folder, self.places.document() as document:
            yield Shelf(self, document, Path(folder))

    def close(self) -> None:
        """End the engine's processes."""
        self.engine.close()


class Shelf:
    """One document in the room; its pages' threads ask for desks."""

    def __init__(self, room: Room, document: Document, folder: Path) -> None:
        self._room, self._document, self._folder = room, document, folder

    @contextmanager
    def desk(self, seconds: float) -> Iterator[Desk]:
        """A desk for one page, waited for; its `seconds` begin when it is free.

        Raises `StationFault("work-unwritable")`.
        """
        with self._room.places.place(self._document), _private_folder(self._folder) as place:
            yield Desk(Path(place), self._room.engine, seconds)


def _private_folder(work: Path) -> tempfile.TemporaryDirectory[str]:
    try:
        return tempfile.TemporaryDirectory(prefix="reading-", dir=work)  # 0700
    except OSError:
        raise StationFault("work-unwritable", path=str(work)) from None
