"""The printed form: the notice on its first pages, the authorization on its last; A4, 12-point type, codes in corners.

Notice and authorization are on sheets of their own, however they are printed: the patient keeps the one and gives back
the other; and printing on both sides never joins two patients on a sheet.
The code is drawn as vectors in modules of 0.6 mm (ISO/IEC 18004, QR model 2, error correction M).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO, Final

from fpdf import FPDF
from fpdf.enums import MethodReturnValue

from pipeline.forms.code import FormCode, payload
from pipeline.forms.notice import Notice, french
from pipeline.sheets.canvas import FONT, HEIGHT, WIDTH, draw_symbol, pages
from pipeline.sheets.symbols import QUIET, modules

_MODULE: Final = 0.6
_LEFT: Final = 18.0
_RIGHT: Final = 18.0
_TEXT: Final = WIDTH - _LEFT - _RIGHT
_TOP_CODE: Final = 9.0
_CODE_AREA: Final = 27.0
_BODY: Final = 12.0
_LINE: Final = 5.1
_BOTTOM: Final = 272.0
"""Millimetres from the top: where the text of a notice ends at the latest."""
_GREY: Final = 90


@dataclass(frozen=True, slots=True)
class Blank:
    """One form to print."""

    form: str
    reference: str
    """The client's own, as on a separator."""
    name: str = ""
    """Birth name, given names and birth date, only where names were asked for."""


def write_forms(blanks: Sequence[Blank], notice: Notice, station: str, at: datetime, stream: BinaryIO) -> None:
    """All forms as one PDF; `station` is the tag of their codes, `at` an aware time, the only one in the file."""
    length = _notice_pages(notice) + 1
    with _document(at) as pdf:
        for blank in blanks:
            _Form(pdf, blank, notice, station, length).draw()
        stream.write(bytes(pdf.output()))


def pages_of(notice: Notice) -> int:
    """How many pages bear a code, the signed one included."""
    return _notice_pages(notice) + 1


def _notice_pages(notice: Notice) -> int:
    """How many pages the notice fills: drawn once, and thrown away."""
    with _document(datetime(2000, 1, 1, tzinfo=UTC)) as pdf:
        _Form(pdf, Blank("0" * 26, ""), notice, "0" * 8, 2).draw_notice()
        return int(pdf.page)


@contextmanager
def _document(at: datetime) -> Iterator[FPDF]:
    """An empty document; the files of its fonts are closed at the end of the block."""
    with pages("Information et autorisation", at) as pdf:
        pdf.set_margins(_LEFT, 0, _RIGHT)
        pdf.set_font(FONT, size=_BODY)
        yield pdf


class _Form:
    """One form's pages on a document."""

    def __init__(self, pdf: FPDF, blank: Blank, notice: Notice, station: str, length: int) -> None:
        self._pdf, self._blank, self._notice = pdf, blank, notice
        self._station, self._length = station, length
        self._page = 0

    def draw(self) -> None:
        """Each of the two on sheets of its own: an odd side has a blank back."""
        self.draw_notice()
        if self._page % 2:
            self._pdf.add_page()
        self._draw_authorization()
        self._pdf.add_page()

    # The notice

    def draw_notice(self) -> None:
        pdf = self._pdf
        self._begin()
        self._words(_LEFT, 14, self._notice.controller, 11, grey=True, width=_TEXT - _CODE_AREA)
        y = self._words(
            _LEFT, 22, french("Numérisation de votre dossier médical"), 20, style="B", width=_TEXT - _CODE_AREA
        )
        y = self._words(
            _LEFT, y + 0.5, french("Note d'information, à lire avant de remplir le formulaire"), 12.5,
            width=_TEXT - _CODE_AREA,
        )  # fmt: skip
        y = max(y + 2.5, _TOP_CODE + _CODE_AREA)
        for paragraph in self._notice.paragraphs:
            if y + self._height(paragraph.question, paragraph.answer, *paragraph.points) > _BOTTOM:
                self._begin()
                y = _TOP_CODE + _CODE_AREA
            y = self._words(_LEFT, y, paragraph.question, _BODY, style="B")
            y = self._words(_LEFT, y, paragraph.answer, _BODY)
            for point in paragraph.points:
                pdf.set_fill_color(0)
                pdf.ellipse(_LEFT + 1.4, y + 2.0, 1.1, 1.1, style="F")
                y = self._words(_LEFT + 5, y, point, _BODY, width=_TEXT - 5)
            y += 2.3

    def _height(self, *texts: str) -> float:
        """Millimetres that these texts take, one beneath the other."""
        self._pdf.set_font(FONT, size=_BODY)
        before, lines = self._pdf.get_y(), 0.0
        for text in texts:
            height = self._pdf.multi_cell(_TEXT - 5, _LINE, text, dry_run=True, output=MethodReturnValue.HEIGHT)
            lines += height if isinstance(height, float) else 0.0
        self._pdf.set_y(before)
        return lines

    # The authorization

    def _draw_authorization(self) -> None:
        self._begin()
        self._words(_LEFT, 14, self._notice.controller, 11, grey=True, width=_TEXT - _CODE_AREA)
        y = self._words(
            _LEFT, 22, french("Autorisation de numériser mon dossier médical"), 20, style="B", width=_TEXT - _CODE_AREA
        )
        y = max(y + 2, _TOP_CODE + _CODE_AREA) + 3
        y = self._person(y)
        y = self._choices(y + 7)
        y = self._signature(y + 9)
        self._representative(y + 8)

    def _person(self, y: float) -> float:
        y = self._words(_LEFT, y, french(f"Référence du dossier : **{self._blank.reference}**"), _BODY, bold=True)
        if self._blank.name:
            y = self._words(_LEFT, y + 1, french(f"Patient : **{self._blank.name}**"), _BODY, bold=True)
        else:
            y = self._field(y + 4.5, "Nom de naissance et prénoms :")
            y = self._field(y + 4.5, "Date de naissance :", length=80)
        told = (
            f"J'ai reçu et lu la note d'information (version {self._notice.version}). "
            "Je peux revenir sur ce choix à tout moment."
        )
        return self._words(_LEFT, y + 4.5, french(told), _BODY)

    def _choices(self, y: float) -> float:
        y = self._words(_LEFT, y, french("Cochez une seule case :"), _BODY, style="B") + 2.5
        y = self._choice(
            y, "J'AUTORISE", "la numérisation de mon dossier papier et la conservation de sa copie chiffrée."
        )
        y = self._choice(y + 4, "J'AUTORISE, AVEC DES LIMITES", "(complétez ci-dessous).")
        y = self._limits(y + 1.5)
        return self._choice(y + 5, "JE REFUSE", "que mon dossier papier soit numérisé.")

    def _limits(self, y: float) -> float:
        if self._notice.doc_types:
            y = self._words(_LEFT + 9, y, french("Seulement ces documents :"), _BODY, width=_TEXT - 9) + 0.8
            y = self._types(y)
        else:
            y = self._field(y + 2, "Seulement ces documents :", left=_LEFT + 9)
        return self._field(y + 2, "Seulement jusqu'au (date) :", left=_LEFT + 9, length=90)

    def _types(self, y: float) -> float:
        names = list(self._notice.doc_types.values())
        across = (_TEXT - 9) / 2
        for row in range(0, len(names), 2):
            ends = []
            for column, name in enumerate(names[row : row + 2]):
                left = _LEFT + 9 + column * across
                self._box(left, y + 0.5, 4.0)
                ends.append(self._words(left + 6.5, y, name, _BODY, width=across - 9))
            y = max(ends) + 1.6
        return y

    def _signature(self, y: float) -> float:
        pdf = self._pdf
        self._words(_LEFT, y, french("Date :"), _BODY)
        self._rule(_LEFT + 12, _LEFT + 62, y + _LINE)
        self._words(_LEFT + 72, y, french("Signature :"), _BODY)
        pdf.set_draw_color(_GREY)
        pdf.set_line_width(0.25)
        pdf.rect(_LEFT + 92, y - 1, _TEXT - 92, 27)
        return y + 26

    def _representative(self, y: float) -> float:
        pdf = self._pdf
        top = y
        y = self._words(_LEFT + 4, y + 2.5, french("Vous signez pour le patient ?"), _BODY, style="B")
        y = self._field(y + 4, "Vos nom et prénom :", left=_LEFT + 4, length=_TEXT - 8)
        y += 4.5
        self._box(_LEFT + 4, y + 0.5, 4.0)
        y = self._words(_LEFT + 10.5, y, "autorité parentale", _BODY) + 1.6
        self._box(_LEFT + 4, y + 0.5, 4.0)
        y = self._field(
            y, "tutelle, habilitation familiale, mandat de protection future, jusqu'au :",
            left=_LEFT + 10.5, length=_TEXT - 14.5,
        )  # fmt: skip
        y = self._words(_LEFT + 4, y + 1.6, french("En curatelle, le patient signe lui-même."), _BODY) + 2
        pdf.set_draw_color(_GREY)
        pdf.set_line_width(0.25)
        pdf.rect(_LEFT, top, _TEXT, y - top)
        return y

    # Parts

    def _begin(self) -> None:
        """A page with its codes, its number, and the form's number for those who must type it."""
        self._pdf.add_page()
        self._page += 1
        code = FormCode(self._station, self._blank.form, min(self._page, self._length), self._length)
        side = self._code(payload(code), WIDTH - 9.0, _TOP_CODE)
        self._code(payload(code), WIDTH - 9.0, HEIGHT - 9.0 - side)
        foot = HEIGHT - 16
        last = self._page == self._length
        told = (
            f"À rendre, datée et signée : {self._notice.return_to}"
            if last
            else "Cette note est pour vous : gardez-la. Le formulaire est sur une autre feuille."
        )
        self._words(_LEFT, foot - 5.4, french(told), 10.5, width=_TEXT - _CODE_AREA + 6)
        number = " ".join(_fives(self._blank.form))
        place = f"note version {self._notice.version} ; page {self._page} / {self._length}"
        self._words(
            _LEFT, foot, french(f"Formulaire {number} ; {place}"), 9.5, grey=True, width=_TEXT - _CODE_AREA + 6,
        )  # fmt: skip

    def _code(self, text: str, right: float, top: float) -> float:
        """A code whose quiet zone ends at `right`; its side in millimetres, quiet zone included."""
        symbol = modules(text, "qr")
        side = (len(symbol) + 2 * QUIET) * _MODULE
        draw_symbol(self._pdf, symbol, (right - side / 2, top + side / 2), _MODULE)
        return side

    def _words(
        self, x: float, y: float, text: str, size: float, *, style: str = "", grey: bool = False,
        width: float = _TEXT, bold: bool = False,
    ) -> float:  # fmt: skip
        """Text in a column; where the next may begin. `bold`: parts between two stars are."""
        pdf = self._pdf
        pdf.set_font(FONT, style=style, size=size)
        pdf.set_text_color(_GREY if grey else 0)
        pdf.set_xy(x, y)
        pdf.multi_cell(width, _LINE * size / _BODY, text, align="L", markdown=bold)
        return float(pdf.get_y())

    def _field(self, y: float, label: str, *, left: float = _LEFT, length: float | None = None) -> float:
        """A label and a line to write on; `length` in millimetres from the label's beginning, or to the margin."""
        self._words(left, y, french(label), _BODY)
        begin = left + self._pdf.get_string_width(french(label)) + 2
        self._rule(begin, left + length if length and left + length > begin else _LEFT + _TEXT, y + _LINE)
        return y + _LINE

    def _choice(self, y: float, bold: str, rest: str) -> float:
        self._box(_LEFT, y + 0.2, 4.6)
        return self._words(_LEFT + 9, y, french(f"**{bold}** {rest}"), _BODY, width=_TEXT - 9, bold=True)

    def _box(self, x: float, y: float, side: float) -> None:
        self._pdf.set_draw_color(0)
        self._pdf.set_line_width(0.35)
        self._pdf.rect(x, y, side, side)

    def _rule(self, begin: float, end: float, y: float) -> None:
        self._pdf.set_draw_color(_GREY)
        self._pdf.set_line_width(0.25)
        self._pdf.line(begin, y, end, y)


def _fives(number: str) -> list[str]:
    return [number[at : at + 5] for at in range(0, len(number), 5)]
