"""Separators: how many are found, worn and fed in every way; what is taken for one on pages without; what it costs.

    python bench/separators.py [--corpus DIR] [--every N] [--pages N] [--out FILE]

The grid draws sheets of its own (`tests/worn_fixtures.py`): each kind, wear, resolution, angle and mode; `--every 7`
takes one cell in seven. A cell is *read* where the separator was, *noticed* where the page was held for a person, and
*missed* where it passed for a page. Of the corpus, every page that is no separator is searched, with and without a
barcode pattern. Cost is processor time: the separator search against Tesseract's command on the same pages, of which
`--pages` are recognised.
"""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Final

import cv2
import zxingcpp
from PIL import Image

from bench.sample import CORPUS
from consent_gate.model import DocType, PatientRef
from lexicon.faults import SheetFault
from pipeline.formats.limits import Limits
from pipeline.formats.pixels import grey
from pipeline.marks.codes import codes, probed
from pipeline.marks.patch import patches
from pipeline.model import PageImage, Separator
from pipeline.pages import open_pages
from pipeline.separation import Separation
from pipeline.separator import MARK, payload
from pipeline.sighting import Look, examine
from tests.worn_fixtures import LARGE_AT, WEAR, Fed, Sheet, covered, empty, patched, put, scan, symbol, typed

DPIS: Final = (150, 200, 300, 600)
ANGLES: Final = (0.0, 3.0, -5.0, 8.0, 90.0, 185.0, 267.0)
MODES: Final = ("grey", "colour", "bilevel", "noisy")
SAID: Final = Separator(PatientRef("P00042"), DocType("fiche_aptitude"), "D0042")
CONFIGURED: Final = Separation(
    barcode=r"DOS-(?P<patient>[0-9]+)", symbologies=("code128", "code39", "qr", "datamatrix")
)
FOUND: Final = frozenset({Look.SEPARATOR, Look.PLAIN})
HELD: Final = frozenset({Look.SUSPECT, Look.DAMAGED})
SCANS: Final = frozenset({".jpg", ".jpeg", ".png", ".tif", ".tiff", ".pdf"})


def _small(kind: zxingcpp.BarcodeFormat) -> Sheet:
    return put(typed(empty(), 4), symbol(payload(SAID), kind, 0.5), LARGE_AT)


SHEETS: Final[dict[str, Callable[[], Sheet]]] = {
    "QR, twice": lambda: covered(payload(SAID), zxingcpp.BarcodeFormat.QRCode),
    "Data Matrix, twice": lambda: covered(payload(SAID), zxingcpp.BarcodeFormat.DataMatrix),
    "QR, once, 0.5 mm": lambda: _small(zxingcpp.BarcodeFormat.QRCode),
    "Data Matrix, once, 0.5 mm": lambda: _small(zxingcpp.BarcodeFormat.DataMatrix),
    "Patch T, one side": lambda: patched("t", 0),
    "Patch 2, one side": lambda: patched("2", 0),
    "Patch T, four sides": lambda: patched("t", 0, 1, 2, 3, length=150.0),
}


def cells(every: int) -> Iterator[tuple[str, str, Look]]:
    """One in so many cells of the grid: sheet, wear, and what was seen."""
    number = 0
    for (sheet, drawn), (wear, worn) in product(SHEETS.items(), WEAR.items()):
        spoilt = worn(drawn())
        for dpi, degrees, mode in product(DPIS, ANGLES, MODES):
            number += 1
            if number % every == 0:
                yield sheet, wear, examine(scan(spoilt, Fed(dpi, degrees, mode))).look


def grid(every: int) -> str:
    read, noticed, missed = Counter[tuple[str, str]](), Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for sheet, wear, look in cells(every):
        column = read if look in FOUND else noticed if look in HELD else missed
        column[sheet, wear] += 1
    lines = [f"{'sheet':27}{'wear':17}{'read':>6}{'noticed':>9}{'missed':>8}"]
    lines += [
        f"{sheet:27}{wear:17}{read[sheet, wear]:6}{noticed[sheet, wear]:9}{missed[sheet, wear]:8}"
        for sheet, wear in dict.fromkeys([*read, *noticed, *missed])
    ]
    total = [sum(column.values()) for column in (read, noticed, missed)]
    return "\n".join([*lines, f"{'all':44}{total[0]:6}{total[1]:9}{total[2]:8}"])


def without_separator(corpus: Path) -> Iterator[tuple[str, PageImage]]:
    """Pages of the corpus that bear no separator: records, real scans."""
    for path in sorted(corpus.rglob("*")):
        if path.suffix.lower() in SCANS and "batches" not in path.parts and path.is_file():
            try:
                yield from ((path.name, page) for page in open_pages(path, Limits()))
            except SheetFault:
                continue


def batch_pages(corpus: Path) -> Iterator[tuple[str, PageImage]]:
    """Of the sample's batches, with their roles."""
    truth = json.loads((corpus / "sample" / "truth.json").read_text(encoding="utf-8"))
    for batch in truth["batches"]:
        pages = open_pages(corpus / "sample" / batch["file"], Limits())
        yield from ((told["role"], page) for told, page in zip(batch["pages"], pages, strict=True))


def taken_for_separators(corpus: Path) -> str:
    """Pages without one: how many were taken for a separator, how many held as a doubt; and the sample's own sheets."""
    lines = []
    for name, separation in (("as configured at first", Separation()), ("with a barcode pattern", CONFIGURED)):
        looks = Counter(examine(page, separation).look for _, page in without_separator(corpus))
        roles = Counter((role == "separator", examine(page, separation).look) for role, page in batch_pages(corpus))
        false = sum(looks[look] + roles[False, look] for look in (*FOUND, Look.DAMAGED, Look.LABELLED))
        doubts = looks[Look.SUSPECT] + roles[False, Look.SUSPECT]
        pages = looks.total() + sum(count for (sheet, _), count in roles.items() if not sheet)
        sheets = roles[True, Look.SEPARATOR], sum(count for (sheet, _), count in roles.items() if sheet)
        lines.append(f"{name}: {pages} pages without separator, {false} taken for one, {doubts} held as a doubt")
        lines.append(f"  the sample's separators: {sheets[0]} of {sheets[1]} read, {roles[True, Look.SUSPECT]} noticed")
    return "\n".join(lines)


def searched(page: PageImage) -> float:
    """Seconds of processor time for all that is done to find separators on a page."""
    pixels = grey(page)
    began = time.process_time()
    probe = probed(pixels, page.dpi_x, page.dpi_y)
    codes(pixels, page.dpi_x, page.dpi_y, MARK, Separation().bars, probe)
    patches(probe.dark)
    return time.process_time() - began


def recognised(page: PageImage, folder: Path) -> float:
    """Seconds of processor time for Tesseract's command on the page, as it is."""
    path = folder / "page.pgm"
    Image.fromarray(grey(page)).save(path)
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    command = ["tesseract", str(path), "stdout", "-l", "fra", "--dpi", str(round(page.dpi_x))]
    subprocess.run(command, check=True, capture_output=True, env=os.environ | {"OMP_THREAD_LIMIT": "1"})
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before


def cost(corpus: Path, most: int) -> str:
    pages = [page for role, page in batch_pages(corpus) if role == "content"]
    search = sum(map(searched, pages)) / len(pages)
    with tempfile.TemporaryDirectory() as folder:
        some = pages[:: max(1, len(pages) // most)]
        reading = sum(recognised(page, Path(folder)) for page in some) / len(some)
    share = 100 * search / reading
    return f"separator search {1000 * search:.0f} ms a page, recognition {1000 * reading:.0f} ms: {share:.1f} %"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=CORPUS.parent)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--pages", type=int, default=20)
    parser.add_argument("--out", type=Path, default=Path("docs/benchmarks/separators.txt"))
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    text = [f"{datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, one cell in {asked.every}", grid(asked.every)]
    if (asked.corpus / "sample" / "truth.json").exists():
        text += [taken_for_separators(asked.corpus), cost(asked.corpus, asked.pages)]
    asked.out.write_text("\n\n".join(text) + "\n", encoding="utf-8")
    print("\n\n".join(text))
    return 0


if __name__ == "__main__":
    sys.exit(main())
