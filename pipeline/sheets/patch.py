"""Patch sheets for the printer: a document begins behind one, of a patient whom the pages themselves must tell.

Four bars and three spaces, 0.80 inch together; wide bars 0.20 inch, narrow bars and spaces 0.08 inch (Kodak A-61599).
Read the other way round, a T is a 3: the second pattern, at the foot, is turned, so that a sheet that is fed upside
down shows the same as one that is not.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import BinaryIO, Final, Literal

from fpdf import FPDF

from pipeline.sheets.canvas import HEIGHT, WIDTH, pages, write

Patch = Literal["2", "T"]
_INCH: Final = 25.4
_NARROW: Final = 0.08 * _INCH
_WIDE: Final = 0.20 * _INCH
_BARS: Final[dict[Patch, str]] = {"2": "WNNW", "T": "NWNW"}
"""From the edge of the page that goes first."""
BAR_TOLERANCE_MM: Final = 0.25
_FROM_EDGE: Final = 12.0
"""Millimetres: a reader looks from 6 to 94 mm behind the leading edge."""
_LENGTH: Final = 160.0
"""Across the page, so that it passes each of a feeder's sensors (50 mm at least)."""


def write_patches(patch: Patch, count: int, stream: BinaryIO, *, at: datetime) -> None:
    """So many equal sheets, an A4 page each, as one PDF."""
    with pages(f"Patch {patch}", at) as pdf:
        for _ in range(count):
            pdf.add_page()
            _draw(pdf, bars_mm(patch), _FROM_EDGE)
            _draw(pdf, bars_mm(patch), HEIGHT - _FROM_EDGE, turned=True)
            _words(pdf, patch)
        stream.write(bytes(pdf.output()))


def bars_mm(patch: Patch) -> tuple[float, ...]:
    """Bars and spaces, one after the other, from the edge that goes first."""
    widths = [_WIDE if bar == "W" else _NARROW for bar in _BARS[patch]]
    return tuple(width for bar in widths for width in (bar, _NARROW))[:-1]


def _draw(pdf: FPDF, bars: Sequence[float], edge: float, *, turned: bool = False) -> None:
    """From `edge` mm inwards."""
    pdf.set_fill_color(0)
    at = 0.0
    for number, thick in enumerate(bars):
        if number % 2 == 0:
            top = edge - at - thick if turned else edge + at
            pdf.rect((WIDTH - _LENGTH) / 2, top, _LENGTH, thick, style="F")
        at += thick


def _words(pdf: FPDF, patch: Patch) -> None:
    write(pdf, (25, 120), f"INTERCALAIRE PATCH {patch}", 30, width=160, bold=True)
    lines = (
        "Placer devant les feuilles du document. Ne pas retirer, ne pas agrafer.",
        "Cette feuille ne dit pas de qui est le document : ses pages doivent le montrer.",
        "Imprimer au recto seul, à 100 %, sans mise à l'échelle. En recto verso, le dos reste blanc.",
    )
    for number, line in enumerate(lines):
        write(pdf, (25, 137 + 7 * number), line, 12, width=160)
