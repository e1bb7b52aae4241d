"""Separator sheets for the printer: one an A4 page, or two, four or eight on a page, to be cut.

Each bears its code twice, as vectors in modules of 0.5 mm or more, far enough apart that a stamp, a fold or a dog's ear
seldom hits both; the words are for the person who feeds the paper.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Final, Literal

from fpdf import FPDF

from lexicon.faults import StationFault
from pipeline.model import Separator
from pipeline.separator import payload
from pipeline.sheets.canvas import HEIGHT, WIDTH, draw_symbol, pages, write
from pipeline.sheets.symbols import LEAST_MM, QUIET, Symbology, module_mm, modules

PerPage = Literal[1, 2, 4, 8]
_PER_PAGE: Final[dict[str, PerPage]] = {"1": 1, "2": 2, "4": 4, "8": 8}
_TITLE: Final = "INTERCALAIRE"
_HINT: Final = "Placer devant les feuilles du document. Ne pas retirer, ne pas agrafer."
_ONE_SIDE: Final = (
    "Imprimer au recto seul, sans mise à l'échelle. En recto verso, le dos reste blanc : il est compté vierge."
)
_TICK: Final = 4.0
_HAIR: Final = 0.15


@dataclass(frozen=True, slots=True)
class Cover:
    """One sheet. `name` is for the eyes of the person who feeds the paper, only where names were asked for."""

    separator: Separator
    name: str = ""


@dataclass(frozen=True, slots=True)
class _Code:
    """Where a code stands on its sheet: its middle, the square that it may fill, the module that is wanted; in mm."""

    centre: tuple[float, float]
    within: float
    module: float


@dataclass(frozen=True, slots=True)
class _Layout:
    """One sheet of so many on a page: its size in mm, codes, and lines of text (left, top, width, points)."""

    columns: int
    rows: int
    codes: tuple[_Code, _Code]
    title: tuple[float, float, float, float]
    hints: tuple[tuple[float, float, float, float], ...]
    words: tuple[float, float, float, float]
    """Of the first line; the others follow beneath."""
    step: float
    """From one line of words to the next."""
    said: tuple[float, float, float, float]
    """The code's own text, for whoever must type it."""

    @property
    def size(self) -> tuple[float, float]:
        return WIDTH / self.columns, HEIGHT / self.rows


_LAYOUTS: Final[dict[PerPage, _Layout]] = {
    1: _Layout(
        1, 1,
        (_Code((105, 92), 92, 1.2), _Code((164, 250), 46, 0.7)),
        (20, 18, 170, 30), ((20, 31, 170, 12), (20, 36.5, 170, 10)),
        (20, 146, 170, 18), 12, (20, 279, 170, 8),
    ),
    2: _Layout(
        1, 2,
        (_Code((52, 82), 78, 1.0), _Code((172, 110), 48, 0.7)),
        (12, 9, 185, 24), ((12, 20, 185, 11), (12, 25, 185, 9)),
        (98, 38, 104, 15), 10, (12, 139, 185, 7),
    ),
    4: _Layout(
        2, 2,
        (_Code((42, 57), 62, 0.8), _Code((78, 120), 40, 0.6)),
        (9, 7, 88, 18), ((9, 16, 88, 8.5),),
        (9, 89, 60, 11), 6.5, (9, 143, 88, 6),
    ),
    8: _Layout(
        2, 4,
        (_Code((24.5, 35), 40, 0.6), _Code((80, 47), 40, 0.55)),
        (7, 4.5, 92, 12), (),
        (47, 11.5, 51, 9), 5.2, (7, 69.5, 92, 6),
    ),
}  # fmt: skip


def write_sheets(
    covers: Sequence[Cover], stream: BinaryIO, *, at: datetime, per_page: PerPage = 1, symbology: Symbology = "qr"
) -> None:
    """All sheets as one PDF, in order, from left to right and from top to bottom.

    Raises `StationFault` `separator-unprintable` for fields that no code carries in modules of 0.5 mm.
    """
    layout = _LAYOUTS[per_page]
    with pages("Intercalaires", at) as pdf:
        for number, cover in enumerate(covers):
            if number % per_page == 0:
                pdf.add_page()
                _cut_marks(pdf, layout)
            _draw(pdf, layout, place_of(number, per_page), cover, symbology)
        stream.write(bytes(pdf.output()))


def per_page_of(text: str) -> PerPage:
    """As it is typed. Raises `KeyError`."""
    return _PER_PAGE[text]


def place_of(number: int, per_page: PerPage) -> tuple[float, float, float, float]:
    """Left, top, width and height in mm, on its page, of the sheet of this number (from 0)."""
    layout = _LAYOUTS[per_page]
    row, column = divmod(number % per_page, layout.columns)
    width, height = layout.size
    return column * width, row * height, width, height


def _draw(
    pdf: FPDF, layout: _Layout, place: tuple[float, float, float, float], cover: Cover, symbology: Symbology
) -> None:
    left, top, _, _ = place
    said = payload(cover.separator)
    symbol = modules(said, symbology)
    for code in layout.codes:
        side = module_mm(len(symbol), wanted=code.module, within=code.within)
        if side is None:
            raise StationFault("separator-unprintable", limit=int(code.within / LEAST_MM) - 2 * QUIET)
        draw_symbol(pdf, symbol, (left + code.centre[0], top + code.centre[1]), side)

    def line(spot: tuple[float, float, float, float], text: str, *, bold: bool = False, down: float = 0.0) -> None:
        write(pdf, (left + spot[0], top + spot[1] + down), text, spot[3], width=spot[2], bold=bold)

    line(layout.title, _TITLE, bold=True)
    for spot, hint in zip(layout.hints, (_HINT, _ONE_SIDE), strict=False):
        line(spot, hint)
    for number, (text, bold) in enumerate(_words(cover)):
        line(layout.words, text, bold=bold, down=number * layout.step)
    line(layout.said, said)


def _words(cover: Cover) -> list[tuple[str, bool]]:
    separator = cover.separator
    told = [
        (f"Référence patient : {separator.patient}", True),
        (f"Type : {separator.doc_type or 'non précisé'}", False),
        (f"Document : {separator.client_document or 'sans numéro'}", False),
    ]
    return [*told, (cover.name, False)] if cover.name else told


def _cut_marks(pdf: FPDF, layout: _Layout) -> None:
    """Hairlines at the page's edges and where cuts cross: along them the sheets are cut."""
    pdf.set_draw_color(0)
    pdf.set_line_width(_HAIR)
    width, height = layout.size
    across = [column * width for column in range(1, layout.columns)]
    down = [row * height for row in range(1, layout.rows)]
    for x in across:
        for y in (0.0, *down, HEIGHT):
            pdf.line(x, max(0.0, y - _TICK), x, min(HEIGHT, y + _TICK))
    for y in down:
        for x in (0.0, *across, WIDTH):
            pdf.line(max(0.0, x - _TICK), y, min(WIDTH, x + _TICK), y)
