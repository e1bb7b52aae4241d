"""How sure the recogniser is of the pages of a folder, and in how many places of each writing was not read.

    python bench/confidence.py FOLDER [--low CONFIDENCE] [--engine auto|tesserocr|pytesseract]

`ocr.low_confidence` is set by one's own paper: run this on a folder of pages that are read well, and on one of pages
that are not, and put it between them.
"""

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from lexicon.faults import SheetFault
from pipeline.formats.limits import Limits
from pipeline.model import PageImage, RecognisedPage
from pipeline.pages import open_pages
from pipeline.reading.confidence import places_not_read
from pipeline.reading.engines import open_engine
from pipeline.reading.page import Reading
from pipeline.reading.room import Room

_SECONDS = 180.0
_MEMORY_FILES = Path("/dev/shm")  # noqa: S108  a memory file system; a 0700 folder is made in it


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--low", type=float, default=60.0)
    asked.add_argument("--engine", choices=("auto", "tesserocr", "pytesseract"), default="auto")
    given = asked.parse_args()
    sure, places = list[float](), list[int]()
    print(f"{'page':<44} {'words':>5} {'confidence':>10} {'not read':>8}")
    with tempfile.TemporaryDirectory(dir=_MEMORY_FILES) as work:
        room = Room(open_engine(given.engine, "fra", 1), Path(work), 1)
        try:
            for name, page in _read(room, given.folder):
                sure.append(page.confidence)
                places.append(places_not_read(page))
                print(f"{name[-44:]:<44} {len(page.words):5d} {sure[-1]:10.1f} {places[-1]:8d}")
        finally:
            room.close()
    if sure:
        print(
            f"\n{len(sure)} pages: {min(sure):.0f} at least, {median(sure):.0f} at the median, {max(sure):.0f} at most"
        )
        print(
            f"below {given.low:.0f}: {sum(one < given.low for one in sure)}; writing not read: {sum(map(bool, places))}"
        )


def _read(room: Room, folder: Path) -> Iterator[tuple[str, RecognisedPage]]:
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        try:
            for number, image in enumerate(open_pages(path, Limits()), start=1):
                yield f"{path.name} {number}", _page(room, image)
        except SheetFault:
            continue


def _page(room: Room, image: PageImage) -> RecognisedPage:
    with room.document() as shelf, shelf.desk(_SECONDS) as desk:
        return Reading(image, desk).page()


if __name__ == "__main__":
    main()
