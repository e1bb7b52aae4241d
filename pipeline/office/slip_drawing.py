"""The return slip on paper: A4, in the fonts that every reader and printer has."""

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from fpdf import FPDF
from fpdf.enums import Align, XPos, YPos

from pipeline.station import Station
from storage.accounts import Paper

_MARGIN: Final = 18.0
_WIDTH: Final = 210.0 - 2 * _MARGIN
_INK: Final = (28, 28, 32)
_QUIET: Final = (96, 100, 108)
_SHADE: Final = (238, 240, 243)
_COLUMNS: Final = (9.0, 42.0, 22.0, 22.0, 16.0, 33.0, 20.0, 10.0)
_HEADS: Final = ("N°", "Fichier", "Images", "Rang", "Feuilles", "Référence", "Décidé le", "Fait")


@dataclass(frozen=True, slots=True)
class Line:
    """One document whose paper is to be given back."""

    document: str
    file: int
    """Which file of its batch it is in, from 1, in the order of arrival."""
    name: str | None
    """Of that file, without its folder; None where that names a person."""
    positions: tuple[int, ...]
    """Its images, 1-based in that file."""
    places: tuple[int, ...]
    """Its sheets in the pile as it was scanned, from 1, separators and blanks counted; empty: not known."""
    sheets: int
    reference: str
    """As the client wrote it; a dash where there is none, or where it is no opaque reference."""
    decided: date


@dataclass(frozen=True, slots=True)
class Slip:
    """One batch's."""

    batch: str
    label: str | None
    """As the operator named it; None where that names a person."""
    opened: date
    lines: tuple[Line, ...]
    box: str | None
    """The box that its paper came from, where sheets were declared for it; None where its name is a person's."""
    received: int
    """Sheets that this box brought; 0: none was declared."""
    returned: int

    @property
    def sheets(self) -> int:
        return sum(line.sheets for line in self.lines)

    @property
    def title(self) -> str:
        return self.label or f"lot du {self.opened:%d/%m/%Y} (n° {self.batch[-6:]})"


class DrawnSlips:
    """Slips, one after the other; `pdf` is what was drawn so far."""

    def __init__(self, station: Station, paper: Paper, sheets: int) -> None:
        self._station, self._paper, self._sheets = station, paper, sheets
        self._zone = ZoneInfo(station.config.station.timezone)
        self._now = station.clock.now().astimezone(self._zone)
        self._slip: Slip | None = None
        self.pdf = FPDF(format="A4")
        self.pdf.set_creation_date(self._now)
        self.pdf.set_title("Bordereau de remise")
        self.pdf.set_lang("fr-FR")
        self.pdf.set_margins(_MARGIN, _MARGIN)
        self.pdf.set_auto_page_break(auto=False)

    def add(self, slip: Slip) -> None:
        rest = list(slip.lines)
        while rest:
            self._head(slip)
            number = len(slip.lines) - len(rest)
            room = max(1, int((self._bottom() - self.pdf.get_y()) // 8))
            shown, rest = rest[:room], rest[room:]
            for place, line in enumerate(shown, start=number + 1):
                self._row(place, line)
            if not rest:
                self._total(slip)
            self._foot(slip)

    @staticmethod
    def _bottom() -> float:
        return 297.0 - 78.0

    def _head(self, slip: Slip) -> None:
        pdf, config = self.pdf, self._station.config
        pdf.add_page()
        self._text(9, config.contract.subcontractor or f"Poste {self._station.id}", quiet=True)
        self._text(22, "Bordereau de remise", bold=True, after=1.5)
        self._text(11, "Papier à rendre au service, sans numérisation", after=5)
        for name, value in (
            ("Lot", slip.title),
            ("Carton", slip.box or "-"),
            ("Client", config.client.name),
            ("Contrat", config.contract.reference),
            ("Édité le", f"{self._now:%d/%m/%Y à %H h %M}"),
        ):
            self._fact(name, value)
        pdf.ln(3)
        self._paragraph(
            "À rendre sans numérisation, par décision du service. Le poste ne garde aucune image de ces documents. "
            "Retirez ces feuilles du lot, cochez chaque ligne, et remettez-les en mains propres. Rang : place des "
            "feuilles dans le paquet, dans l'ordre de numérisation, intercalaires compris."
        )
        pdf.ln(2)
        self._cells(_HEADS, bold=True, shade=True, height=7.5)

    def _row(self, place: int, line: Line) -> None:
        values = (
            str(place),
            line.name or f"fichier n° {line.file} du lot",
            _ranges(line.positions),
            _ranges(line.places) or "-",
            str(line.sheets),
            line.reference,
            f"{line.decided:%d/%m/%Y}",
            "",
        )
        top = self.pdf.get_y()
        self._cells(values, height=8)
        side = 4.0
        left = _MARGIN + sum(_COLUMNS[:-1]) + (_COLUMNS[-1] - side) / 2
        self.pdf.set_draw_color(*_INK)
        self.pdf.set_line_width(0.3)
        self.pdf.rect(left, top + 2, side, side)

    def _total(self, slip: Slip) -> None:
        pdf = self.pdf
        pdf.ln(4)
        count = len(slip.lines)
        plural = "s" if count > 1 else ""
        self._text(
            12, f"{count} document{plural}, {slip.sheets} feuille{'s' if slip.sheets > 1 else ''} à rendre", bold=True
        )
        if slip.received:
            self._text(
                9.5,
                f"Compte du carton : {slip.received} feuilles reçues, {slip.returned} déjà rendues ; "
                f"après cette remise, {slip.received - slip.returned - slip.sheets} restent à l'atelier.",
            )
        else:
            self._text(
                9.5,
                f"Compte du poste : {self._paper.workshop} feuilles à l'atelier ; "
                f"après toutes les remises de ce bordereau, {self._paper.workshop - self._sheets}.",
            )
        box = shlex.quote(slip.box) if slip.box else "CARTON"
        self._text(9.5, f"À enregistrer une fois remis : liasse box return {box} --sheets {slip.sheets}", quiet=True)

    def _foot(self, slip: Slip) -> None:
        pdf = self.pdf
        half = (_WIDTH - 8) / 2
        for number, role in enumerate(("Remis par (nom, date, signature)", "Reçu par (nom, date, signature)")):
            left = _MARGIN + number * (half + 8)
            pdf.set_draw_color(*_QUIET)
            pdf.set_line_width(0.2)
            pdf.rect(left, 297 - 52, half, 28)
            pdf.set_xy(left + 2, 297 - 50.5)
            self._font(8.5, quiet=True)
            pdf.cell(half - 4, 4, role)
        pdf.set_xy(_MARGIN, 297 - 18)
        self._font(8, quiet=True)
        pdf.cell(_WIDTH / 2, 4, _fit(pdf, f"{slip.title} - poste {self._station.id}", _WIDTH / 2))
        pdf.cell(_WIDTH / 2, 4, f"page {pdf.page_no()}", align=Align.R)

    def _cells(self, values: Sequence[str], *, height: float, bold: bool = False, shade: bool = False) -> None:
        pdf = self.pdf
        self._font(9 if bold else 10, bold=bold)
        pdf.set_fill_color(*_SHADE)
        pdf.set_draw_color(*_QUIET)
        pdf.set_line_width(0.15)
        for width, value in zip(_COLUMNS, values, strict=True):
            pdf.cell(width, height, _fit(pdf, value, width - 2), border="B", fill=shade)
        pdf.ln(height)

    def _fact(self, name: str, value: str) -> None:
        self._font(10, quiet=True)
        self.pdf.cell(26, 5.6, name)
        self._font(10.5, bold=name == "Lot")
        self.pdf.cell(_WIDTH - 26, 5.6, _fit(self.pdf, value, _WIDTH - 28), new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _text(self, size: float, text: str, *, bold: bool = False, quiet: bool = False, after: float = 0.0) -> None:
        self._font(size, bold=bold, quiet=quiet)
        height = size * 0.5
        self.pdf.cell(_WIDTH, height, _fit(self.pdf, text, _WIDTH), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.pdf.ln(after)

    def _paragraph(self, text: str) -> None:
        self._font(10.5)
        self.pdf.multi_cell(_WIDTH, 5.2, _plain(text), align=Align.L, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _font(self, size: float, *, bold: bool = False, quiet: bool = False) -> None:
        self.pdf.set_font("helvetica", "B" if bold else "", size)
        self.pdf.set_text_color(*(_QUIET if quiet else _INK))


def _plain(text: str) -> str:
    """What the fonts that every reader has can show (ISO 8859-1); anything else as a question mark."""
    tidy = text.replace("œ", "oe").replace("Œ", "OE").replace("’", "'").replace("—", "-").replace("–", "-")
    return tidy.encode("latin-1", "replace").decode("latin-1")


def _fit(pdf: FPDF, text: str, width: float) -> str:
    """The text, cut where it would leave its place."""
    shown = _plain("".join(sign if sign.isprintable() else "?" for sign in text))
    while shown and pdf.get_string_width(shown) > width:
        shown = shown[:-4] + "..." if len(shown) > 4 else ""  # noqa: PLR2004  the dots and one sign
    return shown


def _ranges(positions: Sequence[int]) -> str:
    """1, 2, 3, 7 as `1 à 3, 7`."""
    return ", ".join(_runs(positions))


def _runs(positions: Sequence[int]) -> Iterator[str]:
    first = last = positions[0] if positions else 0
    for position in (*positions[1:], 0):
        if position == last + 1:
            last = position
            continue
        if last:
            yield str(first) if first == last else f"{first} à {last}"
        first = last = position
