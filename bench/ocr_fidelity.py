"""How much of a scan its PDF shows: drawn by pdfium, held against the file as it came, whatever the engine found."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pikepdf

from pipeline.formats.limits import Limits
from pipeline.pages import open_pages
from pipeline.pdfa.compact_pixels import picture
from pipeline.pdfa.drawn import drawing
from pipeline.pdfa.fidelity import fidelity


@dataclass(frozen=True, slots=True)
class Shown:
    """One page; shares from 0 to 1."""

    name: str
    layers: bool
    """Whether it was drawn in layers; a page that would not be faithful enough is left as it came."""
    similarity: float
    """Structural, at 150 dots an inch."""
    ink: float
    """Of the scan's ink that is there, and of the ink there that is the scan's, the lesser."""
    colour: float
    """The same of what is coloured."""
    enough: bool
    """By the limits of the compact profile."""


def shown(name: str, scan: Path, pdf: Path) -> Shown | None:
    """None where there is no PDF. Raises SheetFault, PdfiumError."""
    if not pdf.exists():
        return None
    image = next(iter(open_pages(scan, Limits())))
    expected = picture(image)
    with drawing(pdf) as drawn:
        turns = drawn.layout(0).quarter_turns
        seen = drawn.look(0, *expected.size[:: -1 if turns % 2 else 1])
    upright = np.asarray(cv2.cvtColor(np.rot90(seen, turns), cv2.COLOR_BGR2RGB), np.uint8)
    found = fidelity(expected, upright)
    ink, colour = min(found.ink_recall, found.ink_precision), min(found.colour_recall, found.colour_precision)
    return Shown(name, _in_layers(pdf), found.similarity, ink, colour, found.enough)


def _in_layers(pdf: Path) -> bool:
    with pikepdf.open(pdf) as opened:
        return len(opened.pages[0].get_images()) > 1
