"""The list NE PAS NUMÉRISER: whose paper is to be taken out before the feeder, by box and place; PDF and CSV.

It says where the paper is and what to do, and not why: it lies beside the scanner.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO, Final

from fpdf import FPDF

from pipeline.sheets.canvas import HEIGHT, WIDTH, pages, write

_TITLE: Final = "NE PAS NUMÉRISER"
_SET_ASIDE: Final = "retirer du paquet"
_TYPE: Final = "type à préciser"
_LEFT: Final = 15.0
_FIRST: Final = 62.0
_STEP: Final = 8.0
_LAST: Final = HEIGHT - 24.0
_WHO: Final = "Référence"
_COLUMNS: Final = (("N°", 10.0), ("Carton", 28.0), ("Position", 22.0), (_WHO, 42.0), ("Document", 44.0),
                   ("Consigne", 28.0), ("Fait", 6.0))  # fmt: skip
_DASH: Final = "—"
_HAIR: Final = 0.2
_BOX: Final = 4.0
_RISE: Final = 1.6
"""Where a name stands beneath the reference."""


@dataclass(frozen=True, slots=True)
class Apart:
    """One line. `type_needed`: it may be scanned behind a separator that says its type, and not before."""

    reference: str = field(repr=False)
    doc_type: str | None
    client_document: str | None = field(repr=False)
    box: str | None
    position: str | None
    type_needed: bool = False
    name: str = field(default="", repr=False)
    """Only where names were asked for."""

    @property
    def instruction(self) -> str:
        return _TYPE if self.type_needed else _SET_ASIDE

    @property
    def what(self) -> str:
        return " ".join(filter(None, (self.doc_type, self.client_document)))


def write_csv(lines: Sequence[Apart], stream: BinaryIO) -> None:
    """Semicolons and UTF-8 with its mark, as French spreadsheets open it."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    named = any(line.name for line in lines)
    writer.writerow(
        ("carton", "position", "reference", "type", "document", "consigne", *(("patient",) if named else ()))
    )
    for line in lines:
        cells = (line.box, line.position, line.reference, line.doc_type, line.client_document, line.instruction)
        writer.writerow([cell or "" for cell in (*cells, *((line.name,) if named else ()))])
    stream.write(text.getvalue().encode("utf-8-sig"))


def write_pdf(lines: Sequence[Apart], stream: BinaryIO, *, at: datetime, about: Sequence[str]) -> None:
    """`about` is said at the head of each page: client, batch, box; `at` is an aware time in the station's zone."""
    with pages("Ne pas numériser", at) as pdf:
        room = int((_LAST - _FIRST) / _STEP)
        parts = [lines[begin : begin + room] for begin in range(0, len(lines), room)] or [()]
        for number, part in enumerate(parts):
            _head(pdf, at, about, (number + 1, len(parts)))
            for place, line in enumerate(part):
                _row(pdf, _FIRST + place * _STEP, number * room + place + 1, line)
            if not part:
                write(pdf, (_LEFT, _FIRST), "Aucun papier à retirer.", 12, width=WIDTH - 2 * _LEFT)
            elif number == len(parts) - 1:
                plural = "s" if len(lines) > 1 else ""
                told = f"{len(lines)} ligne{plural} en tout."
                write(pdf, (_LEFT, _FIRST + len(part) * _STEP + 2), told, 11, width=150, bold=True)
        stream.write(bytes(pdf.output()))


def _head(pdf: FPDF, at: datetime, about: Sequence[str], page: tuple[int, int]) -> None:
    pdf.add_page()
    wide = WIDTH - 2 * _LEFT
    write(pdf, (_LEFT, 14), _TITLE, 26, width=wide, bold=True)
    write(
        pdf,
        (_LEFT, 25),
        "À retirer du papier avant d'alimenter le scanner. À détruire une fois le lot fini.",
        11,
        width=wide,
    )
    write(pdf, (_LEFT, 31), "  ·  ".join(filter(None, about)), 11, width=wide)
    told = (
        f"Édité le {at:%d/%m/%Y à %H h %M}, d'après ce qui est au registre à cet instant  ·  page {page[0]} / {page[1]}"
    )
    write(pdf, (_LEFT, 37), told, 9, width=wide)
    left = _LEFT
    for name, width in _COLUMNS:
        write(pdf, (left, _FIRST - 8), name, 10, width=width, bold=True)
        left += width
    _rule(pdf, _FIRST - 2.5)


def _row(pdf: FPDF, top: float, number: int, line: Apart) -> None:
    cells = (
        str(number),
        line.box or _DASH,
        line.position or _DASH,
        line.reference,
        line.what or _DASH,
        line.instruction,
    )
    left, rise = _LEFT, _RISE if line.name else 0.0
    for (name, width), cell in zip(_COLUMNS, cells, strict=False):
        write(pdf, (left, top - rise), cell, 10, width=width - 2, bold=name == _WHO)
        if name == _WHO:
            write(pdf, (left, top + _RISE - 0.2), line.name, 7.5, width=2 * width)
        left += width
    pdf.set_draw_color(0)
    pdf.set_line_width(_HAIR)
    pdf.rect(left, top, _BOX, _BOX)
    _rule(pdf, top + _STEP - 2.5)


def _rule(pdf: FPDF, y: float) -> None:
    pdf.set_draw_color(150)
    pdf.set_line_width(_HAIR)
    pdf.line(_LEFT, y, WIDTH - _LEFT, y)
