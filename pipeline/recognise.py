"""Reading a cleared document: words and where they stand, page by page, with what it took to read them."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from consent_gate.model import Clearance
from pipeline.identity.looking import ZoneLook
from pipeline.model import Recognised, RecognisedPage, Scan
from pipeline.reading.engines import EngineUse, open_engine
from pipeline.reading.page import Reading
from pipeline.reading.room import Room
from pipeline.reading.tessdata import ModelUse


@dataclass(frozen=True, slots=True)
class RecogniseSettings:
    work: Path
    """A folder on a memory file system, private to the station."""
    language: str = "fra"
    """As Tesseract names it; several joined by `+`."""
    page_seconds: float = 180.0
    """Longest time for a page, all attempts together."""
    workers: int = 1
    """Pages at a time, of all documents together."""
    engine: EngineUse = "auto"
    """`auto`: tesserocr where it is installed and works, else the program."""
    model: ModelUse = "liasse"
    """`liasse`: the shipped model where the language has one; `installed`: the program's own."""


class Recogniser:
    """Reads documents with Tesseract, pages in parallel, in processes of their own. Several threads may ask."""

    def __init__(self, settings: RecogniseSettings) -> None:
        """Raises `StationFault("program-missing")` when engine or language is not installed."""
        self._settings = settings
        engine = open_engine(settings.engine, settings.language, settings.workers, settings.model)
        self.room: Final = Room(engine, settings.work, settings.workers)
        """Where each page is read, by whoever reads it: before the gate too."""
        self.engine: Final = engine.name

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the engine's processes."""
        self.room.close()

    def recognise(
        self,
        scan: Scan,
        clearance: Clearance,
        looks: Sequence[ZoneLook] = (),
        told: Callable[[int, int], None] | None = None,
    ) -> Recognised:
        """The document's words. A page that cannot be read in time is kept without words, and says so (`unread`).

        `looks`: what was read of each page before the gate, in order; of such a page only the rest is read. `told`:
        hears after each page how many are read, and of how many. Raises `TamperFault("clearance-mismatch")` before any
        pixel is touched, `SheetFault("unreadable-scan")` when an image does not decode, `StationFault` when program or
        work folder fail. Leaves nothing in the work folder.
        """
        clearance.require(scan.document)
        count = len(scan.images)
        loading, counted = threading.Lock(), _Counted(count, told)  # `images` may load lazily, not made for threads
        zones = [look.zone for look in looks] if len(looks) == count else [None] * count
        with self.room.document() as shelf:

            def page(index: int) -> RecognisedPage:
                with shelf.desk(self._settings.page_seconds) as desk:
                    with loading:
                        image = scan.images[index]
                    read = Reading(image, desk, zones[index]).page()
                counted.one_more()
                return read

            with ThreadPoolExecutor(self._settings.workers, thread_name_prefix="page") as pool:
                pages = tuple(pool.map(page, range(count)))
        return Recognised(scan.document, pages, self.engine)


class _Counted:
    """How many pages of a document are read. Several threads may ask."""

    def __init__(self, of: int, told: Callable[[int, int], None] | None) -> None:
        self._read, self._of, self._told = 0, of, told
        self._guard = threading.Lock()

    def one_more(self) -> None:
        with self._guard:
            self._read += 1
            if self._told is not None:
                self._told(self._read, self._of)
