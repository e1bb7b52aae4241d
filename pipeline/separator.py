"""The separator sheet: what its code says (`LIASSE1|patient|type|document|crc`), and the sheet drawn for the printer.

The code is a QR code (ISO/IEC 18004) or a Data Matrix (ISO/IEC 16022) in modules of 0.5 mm or more. It carries the
client's opaque reference, never a name or an INS.
"""

import io
import zlib
from typing import Final, Literal

import numpy as np
import pikepdf
import zxingcpp
from PIL import Image

from consent_gate.cells import is_doc_type
from consent_gate.model import DocType, PatientRef
from lexicon.faults import StationFault
from pipeline.formats import pdfium
from pipeline.model import Separator

MARK: Final = "LIASSE"
"""How every payload of ours begins, of this version or another."""
_VERSION: Final = "LIASSE1"
_FIELDS: Final = 5
_LONGEST: Final = 128
"""Characters of a field: what still prints in modules of 0.5 mm with room to spare."""

Symbology = Literal["qr", "datamatrix"]

_A4_MM: Final = (210.0, 297.0)
_POINTS_PER_MM: Final = 72 / 25.4
_LARGE_MODULE_MM: Final = 1.2
_SMALL_MODULE_MM: Final = 0.7
_LARGE_AT: Final = (105.0, 85.0)
_SMALL_AT: Final = (168.0, 258.0)
"""Centres of the two codes, in millimetres from the sheet's top left."""


def payload(separator: Separator) -> str:
    """The text of a separator's code. StationFault `separator-unprintable` for fields that a code cannot carry."""
    fields = separator.patient, separator.doc_type or "", separator.client_document or ""
    if not separator.patient or not all(_is_plain(value) for value in fields) or not _is_type(fields[1]):
        raise StationFault("separator-unprintable", limit=_LONGEST)
    body = "|".join(fields)
    return f"{_VERSION}|{body}|{_crc(body)}"


def parse(text: str) -> Separator | None:
    """What a code says; None when it is no separator of this version, or a damaged one.

    The type is stored in clear: free text in its place makes the separator a damaged one.
    """
    parts = text.split("|")
    if len(parts) != _FIELDS or parts[0] != _VERSION or not parts[1] or parts[4] != _crc("|".join(parts[1:4])):
        return None
    if not all(_is_plain(value) for value in parts) or not _is_type(parts[2]):
        return None
    return Separator(PatientRef(parts[1]), DocType(parts[2]) if parts[2] else None, parts[3] or None)


def _is_plain(value: str) -> bool:
    return len(value) <= _LONGEST and "|" not in value and (not value or value.isprintable())


def _is_type(value: str) -> bool:
    return not value or is_doc_type(value)


def _crc(body: str) -> str:
    return f"{zlib.crc32(body.encode()):08X}"


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


def _code(text: str, symbology: Symbology, pixels: int) -> Image.Image:
    """The code in modules of `pixels`, with its quiet zone."""
    if symbology == "qr":
        made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    else:
        made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.DataMatrix, force_square=True)
    return Image.fromarray(np.array(made.to_image(scale=pixels), np.uint8))


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
