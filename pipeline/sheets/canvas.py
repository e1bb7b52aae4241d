"""A4 pages for the printer: text in a font that has the letters of French names, and symbols as vectors."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import Final

from fpdf import FPDF
from fpdf.fonts import TTFFont

from pipeline.sheets.symbols import QUIET, Modules

WIDTH: Final = 210.0
HEIGHT: Final = 297.0
"""Of the page, in millimetres; so are all places below, from its top left."""
FONT: Final = "Source Sans Pro"
_SMALLEST: Final = 6.0
_ELLIPSIS: Final = "…"
_MM_PER_POINT: Final = 25.4 / 72


@contextmanager
def pages(title: str, at: datetime) -> Iterator[FPDF]:
    """An empty document, `at` (aware) its only time; the files of its fonts are closed at the end of the block."""
    pdf = FPDF(format="A4", unit="mm")
    pdf.set_auto_page_break(False)
    pdf.set_margins(0, 0)
    pdf.c_margin = 0
    pdf.set_creation_date(at)
    pdf.set_title(title)
    pdf.set_lang("fr-FR")
    pdf.set_producer("Liasse")
    folder = Path(str(resources.files("font_source_sans_pro"))) / "files"
    for style, name in (("", "Regular"), ("B", "Semibold"), ("I", "It")):
        pdf.add_font(FONT, style, folder / f"SourceSansPro-{name}.ttf")
    try:
        yield pdf
    finally:
        for font in pdf.fonts.values():
            if isinstance(font, TTFFont):
                font.ttfont.close()


def write(pdf: FPDF, place: tuple[float, float], text: str, size: float, *, width: float, bold: bool = False) -> None:
    """One line of black text, its top left at `place`: in smaller type where `width` asks for it, cut at the end."""
    said = "".join(sign if sign.isprintable() else "?" for sign in text)
    while True:
        pdf.set_font(FONT, style="B" if bold else "", size=size)
        if pdf.get_string_width(said) <= width:
            break
        if size > _SMALLEST:
            size = max(_SMALLEST, size - 0.5)
        else:
            said = said.rstrip(_ELLIPSIS)[:-1] + _ELLIPSIS
    pdf.set_text_color(0)
    pdf.text(place[0], place[1] + size * _MM_PER_POINT, said)


def draw_symbol(pdf: FPDF, symbol: Modules, centre: tuple[float, float], side: float) -> None:
    """A symbol in modules of `side` mm, its middle at `centre`, on its own white quiet zone."""
    across, down = symbol.shape[1] * side, symbol.shape[0] * side
    left, top, quiet = centre[0] - across / 2, centre[1] - down / 2, QUIET * side
    pdf.set_fill_color(255)
    pdf.rect(left - quiet, top - quiet, across + 2 * quiet, down + 2 * quiet, style="F")
    pdf.set_fill_color(0)
    for row, line in enumerate(symbol.tolist()):
        for begin, length in _runs(line):
            pdf.rect(left + begin * side, top + row * side, length * side, side, style="F")


def _runs(line: Sequence[bool]) -> list[tuple[int, int]]:
    """Where dark modules begin, and how many there are in a row."""
    found: list[tuple[int, int]] = []
    for place, dark in enumerate(line):
        if dark and found and sum(found[-1]) == place:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        elif dark:
            found.append((place, 1))
    return found
