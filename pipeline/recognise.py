"""Reading a cleared document: words and where they stand, page by page, with what it took to read them."""

import tempfile
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from consent_gate.model import Clearance
from lexicon.faults import StationFault
from pipeline.identity.looking import ZoneLook
from pipeline.model import Recognised, RecognisedPage, Scan
from pipeline.reading.desk import Desk
from pipeline.reading.page import Reading
from pipeline.reading.tesseract import require_tesseract


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


class Recogniser:
    """Reads documents with Tesseract, pages in parallel, each page in its own process. Several threads may ask."""

    def __init__(self, settings: RecogniseSettings) -> None:
        """Raises `StationFault("program-missing")` when Tesseract or the language is not installed."""
        self._settings = settings
        self.at_once: Final = threading.BoundedSemaphore(settings.workers)
        """Held for each page that is read, by whoever reads it: before the gate too."""
        self.engine: Final = f"tesseract {require_tesseract(settings.language)} {settings.language}"

    def recognise(self, scan: Scan, clearance: Clearance, looks: Sequence[ZoneLook] = ()) -> Recognised:
        """The document's words. A page that cannot be read in time is kept without words, and says so (`unread`).

        `looks`: what was read of each page before the gate, in order; of such a page only the rest is read. Raises
        `TamperFault("clearance-mismatch")` before any pixel is touched, `SheetFault("unreadable-scan")` when an image
        does not decode, `StationFault` when program or work folder fail. Leaves nothing in the work folder.
        """
        clearance.require(scan.document)
        loading = threading.Lock()  # `images` may load lazily, and need not be made for threads
        count = len(scan.images)
        zones = [look.zone for look in looks] if len(looks) == count else [None] * count
        with _private_folder(self._settings.work) as folder:

            def page(index: int) -> RecognisedPage:
                with loading:
                    image = scan.images[index]
                with self.at_once, _private_folder(Path(folder)) as place:
                    desk = Desk(Path(place), self._settings.language, self._settings.page_seconds)
                    return Reading(image, desk, zones[index]).page()

            with ThreadPoolExecutor(self._settings.workers, thread_name_prefix="page") as pool:
                pages = tuple(pool.map(page, range(count)))
        return Recognised(scan.document, pages, self.engine)


def _private_folder(work: Path) -> tempfile.TemporaryDirectory[str]:
    try:
        return tempfile.TemporaryDirectory(prefix="reading-", dir=work)  # 0700
    except OSError:
        raise StationFault("work-unwritable", path=str(work)) from None
