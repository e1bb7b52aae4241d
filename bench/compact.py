"""What the compact profile makes of a folder of scans: bytes and fidelity a page, beside a peer's smallest.

    python bench/compact.py FOLDER [--peer OCRMYPDF] [--every N]

Grey and colour pages alone: bilevel ones are left as they are. Bytes are those of whole one-page PDFs without words.
`plain` is the structural similarity with the scan's grain left in, which no small file repeats. The peer runs with
`-O3` and without recognition; its words would add the same to both.
"""

import argparse
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import cv2
import numpy as np

from consent_gate.model import DocumentId
from lexicon.faults import SheetFault
from pipeline.compose import ScanContext, compose
from pipeline.formats.limits import Limits
from pipeline.model import Colour, PageImage, Recognised, RecognisedPage, Scan
from pipeline.pages import open_pages
from pipeline.pdfa.compact import compact, compacted, drawn
from pipeline.pdfa.compact_pixels import Picture, Pixels, has_colour, picture
from pipeline.pdfa.fidelity import Fidelity, fidelity, small, ssim

_DOCUMENT = DocumentId("01JHZ0000000000000000000AA")
_CONTEXT = ScanContext("bench", "Liasse", datetime(2026, 1, 15, tzinfo=UTC), "00" * 32, (1,))
_HEAD = f"{'page':<44} {'mode':<5} {'dpi':>4} {'scan':>8} {'ours':>8} {'peer':>8} ratio  cpu  fidelity"


@dataclass(frozen=True, slots=True)
class Row:
    """A page's bytes: of the scan, of our PDF, of the peer's; whether it is in layers; CPU seconds of the layers."""

    scanned: int
    ours: int
    theirs: int | None
    layered: bool
    seconds: float


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--peer", type=Path, help="an OCRmyPDF to run beside")
    asked.add_argument("--every", type=int, default=1, help="take one page of so many")
    given = asked.parse_args()
    print(_HEAD)
    rows = [_row(path, image, given.peer) for path, image in list(_scans(given.folder))[:: given.every]]
    _sum_up(rows)


def _scans(folder: Path) -> Iterator[tuple[Path, PageImage]]:
    """Files of one grey or colour page."""
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        try:
            images = list(open_pages(path, Limits()))
        except SheetFault:
            continue
        if len(images) == 1 and images[0].colour is not Colour.BILEVEL:
            yield path, images[0]


def _row(path: Path, image: PageImage, peer: Path | None) -> Row:
    began = time.process_time()
    layers = compact(image)
    took = time.process_time() - began
    with tempfile.TemporaryDirectory() as folder:
        read = Recognised(_DOCUMENT, (RecognisedPage((), image.quarter_turns, ()),), "none")
        ours = compose(Scan(_DOCUMENT, (image,)), read, _CONTEXT, Path(folder, "ours.pdf"), draw=compacted).size
        theirs = _theirs(path, peer, Path(folder, "theirs.pdf")) if peer else None
    row = Row(len(image.payload), ours, theirs, layers is not None, took)
    said = "left as it is"
    if layers is not None:
        scan = picture(image)
        shown = drawn(layers, scan.size)
        said = _said(fidelity(scan, shown), _plain(scan, shown))
    ratio = f"{ours / theirs:5.2f}" if theirs else "    -"
    print(
        f"{path.name[-44:]:<44} {image.colour.value:<5} {image.dpi_x:4.0f} {row.scanned:8d} {ours:8d} "
        f"{theirs or 0:8d} {ratio} {took:4.1f}  {said}",
        flush=True,
    )
    return row


def _theirs(path: Path, peer: Path, target: Path) -> int | None:
    options = ["--ocr-engine", "none", "--output-type", "pdfa-2", "--pdfa-backend", "internal", "-O3", "--jobs", "1"]
    ran = subprocess.run([peer, *options, "--image-dpi", "300", path, target], capture_output=True, check=False)
    return target.stat().st_size if ran.returncode == 0 else None


def _said(shown: Fidelity, plain: float) -> str:
    return (
        f"similar {shown.similarity:.3f} (plain {plain:.3f}) ink {shown.ink_recall:.4f}/{shown.ink_precision:.4f} "
        f"worst {shown.worst_place:.2f} colour {shown.colour_recall:.3f}/{shown.colour_precision:.3f}"
    )


def _plain(scan: Picture, shown: Pixels) -> float:
    luma = np.asarray(cv2.cvtColor(shown, cv2.COLOR_RGB2GRAY), np.uint8) if has_colour(shown) else shown
    return ssim(*(small(grey, scan.dpi).astype(np.float32) for grey in (scan.luma, luma)))


def _sum_up(rows: list[Row]) -> None:
    if not rows:
        print("\nno grey or colour page")
        return
    layered = [row for row in rows if row.layered]
    print(f"\n{len(rows)} pages, {len(layered)} in layers, {len(rows) - len(layered)} left as they are")
    print(f"of the scans' bytes: {sum(row.ours for row in rows) / sum(row.scanned for row in rows):.3f}")
    for name, some in (("all pages", rows), ("in layers", layered)):
        beside = [(row.ours, row.theirs) for row in some if row.theirs]
        if beside:
            each = [ours / theirs for ours, theirs in beside]
            whole = sum(ours for ours, _ in beside) / sum(theirs for _, theirs in beside)
            spread = f"{min(each):.2f}, {median(each):.2f}, {max(each):.2f}"
            print(f"of the peer's, {name}: {whole:.3f} together; a page {spread}")
    seconds = [row.seconds for row in rows]
    print(f"CPU seconds a page: {median(seconds):.2f} at the median, {max(seconds):.2f} at most")


if __name__ == "__main__":
    main()
