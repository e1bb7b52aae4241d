"""A separator sheet as pixels, A4 in grey: what a scanner would make of one, for rehearsals and invented records.

What a workshop prints is drawn as vectors (`pipeline.sheets.printing`).
"""

import io
from typing import Final

import pikepdf
from PIL import Image

from pipeline.formats import pdfium
from pipeline.model import Separator
from pipeline.separator import payload
from pipeline.sheets.symbols import Symbology, pixels

_A4_MM: Final = (210.0, 297.0)
_POINTS_PER_MM: Final = 72 / 25.4
_LARGE_MODULE_MM: Final = 1.2
_SMALL_MODULE_MM: Final = 0.7
_LARGE_AT: Final = (105.0, 85.0)
_SMALL_AT: Final = (168.0, 258.0)
"""Centres of the two codes, in millimetres from the sheet's top left."""


def sheet_image(separator: Separator, dpi: int = 300, symbology: Symbology = "qr") -> Image.Image:
    """A separator sheet, A4 in grey at `dpi`: the code twice, and words for the person who feeds the paper; no name.

    Raises StationFault `separator-unprintable`.
    """
    text = payload(separator)
    sheet = _words(separator, text, dpi)
    for module, centre in ((_LARGE_MODULE_MM, _LARGE_AT), (_SMALL_MODULE_MM, _SMALL_AT)):
        code = _code(text, symbology, max(1, round(module * dpi / 25.4)))
        across, down = (round(place * dpi / 25.4) for place in centre)
        sheet.paste(code, (across - code.width // 2, down - code.height // 2))
    sheet.info["dpi"] = (dpi, dpi)
    return sheet


def _code(text: str, symbology: Symbology, scale: int) -> Image.Image:
    """The code in modules of `scale` pixels, with its quiet zone."""
    return Image.fromarray(pixels(text, symbology, scale))


def _words(separator: Separator, text: str, dpi: int) -> Image.Image:
    """The sheet without its codes, by pdfium: its own Helvetica has the accents that Pillow's default font lacks."""
    lines = (
        (22.0, 26.0, 30, "INTERCALAIRE"),
        (22.0, 36.0, 12, "Placer devant les feuilles du document. Ne pas retirer, ne pas agrafer."),
        (22.0, 152.0, 18, f"Type de document : {separator.doc_type or 'non précisé'}"),
        (22.0, 164.0, 18, f"Référence patient : {separator.patient}"),
        (22.0, 176.0, 18, f"Référence du document : {separator.client_document or 'aucune'}"),
        (22.0, 280.0, 8, text),
    )
    frame = " ".join(f"{value * _POINTS_PER_MM:.2f}" for value in (12, 12, 186, 273))
    content = [b"1.5 w " + frame.encode() + b" re S", *(_line(*line) for line in lines)]
    with _page(b"\n".join(content)) as blob, pdfium.LOCK, pdfium.drawing(blob) as document:
        drawn = pdfium.drawn(document[0], dpi, grey=True).convert("L")
    size = round(_A4_MM[0] * dpi / 25.4), round(_A4_MM[1] * dpi / 25.4)
    return drawn if drawn.size == size else drawn.resize(size)


def _line(left: float, top: float, points: int, words: str) -> bytes:
    """One line of text at millimetres from the sheet's top left, in WinAnsi (cp1252)."""
    string = b"<" + words.encode("cp1252", "replace").hex().encode() + b">"
    place = f"{left * _POINTS_PER_MM:.2f} {(_A4_MM[1] - top) * _POINTS_PER_MM:.2f}"
    return f"BT /F1 {points} Tf {place} Td ".encode() + string + b" Tj ET"


def _page(content: bytes) -> io.BytesIO:
    blob = io.BytesIO()
    with pikepdf.new() as document:
        page = document.add_blank_page(page_size=(_A4_MM[0] * _POINTS_PER_MM, _A4_MM[1] * _POINTS_PER_MM))
        font = pikepdf.Dictionary(
            Type=pikepdf.Name.Font,
            Subtype=pikepdf.Name.Type1,
            BaseFont=pikepdf.Name.Helvetica,
            Encoding=pikepdf.Name.WinAnsiEncoding,
        )
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        page.Contents = document.make_stream(content)
        document.save(blob)
    blob.seek(0)
    return blob
