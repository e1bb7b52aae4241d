"""Hostile files behind a separator sheet: the file itself as it is, as far as that can be."""

import io
import re
import struct
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pikepdf
import pypdfium2
import pytesseract
from PIL import Image

from consent_gate.model import DocType, PatientRef
from lexicon.faults import SheetFault
from pipeline.decoding.decoders import Decoders
from pipeline.model import PageImage, Separator
from pipeline.pages import kind_of
from pipeline.sheets.image import sheet_image
from tests.pages_fixtures import shown, tiff_bytes

_DPI: Final = 150
_SHORT: Final = 3
"""A TIFF field whose value stands at the left of its four bytes."""
_HEAD: Final = 1024
_INVISIBLE: Final = 3
"""The text rendering mode of what is not painted (ISO 32000-1, 9.3.6)."""
_WORD: Final = re.compile(r"\w{4,}")
_ACTIVE: Final = frozenset(
    {
        "/JS",
        "/JavaScript",
        "/Launch",
        "/EmbeddedFiles",
        "/EmbeddedFile",
        "/Filespec",
        "/AcroForm",
        "/XFA",
        "/OpenAction",
    }
    | {"/AA", "/Annots", "/RichMedia"}
)


def cover(patient: str, number: int) -> Image.Image:
    """The separator sheet of a document, one of its kind."""
    return sheet_image(Separator(PatientRef(patient), DocType("resultats_labo"), f"H-{number}"), _DPI).convert("1")


def pages_read(decoders: Decoders, path: Path, most: int) -> list[PageImage]:
    """A file's pages as the station reads them; none where it sets the file aside, or where there are more."""
    found: list[PageImage] = []
    with decoders.opened(path) as opened:
        try:
            for looked in opened.pages():
                if opened.count > most:
                    return []
                found.append(looked.image)
        except SheetFault:
            return []
    return found


def covered(content: bytes, sheet: Image.Image, pages: Sequence[PageImage]) -> bytes:
    """The file behind a sheet, all that it holds kept; where that cannot be, the sheet and the pages' pixels."""
    kind = kind_of(content[:_HEAD])
    try:
        if kind == "pdf":
            return _behind_a_page(content, sheet)
        if kind == "jpeg":
            return _behind_a_page(_as_pdf(content), sheet)
        if kind == "tiff" and content[2:4] in {b"*\0", b"\0*"}:
            return behind_a_directory(content, sheet)
    except (pikepdf.PdfError, RuntimeError, OSError):
        pass
    return tiff_bytes([sheet.convert("L"), *(Image.fromarray(shown(page)) for page in pages)], "tiff_lzw")


def _behind_a_page(content: bytes, sheet: Image.Image) -> bytes:
    with (
        warnings.catch_warnings(action="ignore", category=pikepdf.PageCopyWarning),  # forms are among what is tried
        pikepdf.open(io.BytesIO(content)) as document,
        pikepdf.open(io.BytesIO(_sheet_pdf(sheet))) as first,
        io.BytesIO() as target,
    ):
        document.pages.insert(0, first.pages[0])
        document.save(target)
        return target.getvalue()


def _sheet_pdf(sheet: Image.Image) -> bytes:
    with io.BytesIO() as target:
        sheet.save(target, "PDF", resolution=_DPI)
        return target.getvalue()


def _as_pdf(jpeg: bytes) -> bytes:
    """A JPEG as it is, the only image of a page of 20 cm."""
    with Image.open(io.BytesIO(jpeg)) as image:
        (width, height), bands = image.size, len(image.getbands())
    high = 567 * height / width
    with pikepdf.new() as document, io.BytesIO() as target:
        drawn = pikepdf.Stream(document, jpeg)
        drawn.Type, drawn.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
        drawn.Width, drawn.Height, drawn.BitsPerComponent, drawn.Filter = width, height, 8, pikepdf.Name.DCTDecode
        drawn.ColorSpace = pikepdf.Name({1: "/DeviceGray", 3: "/DeviceRGB"}.get(bands, "/DeviceCMYK"))
        page = document.add_blank_page(page_size=(567, high))
        page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=drawn))
        page.Contents = document.make_stream(f"q 567 0 0 {high:.3f} 0 0 cm /Im0 Do Q".encode())
        document.save(target)
        return target.getvalue()


def behind_a_directory(content: bytes, sheet: Image.Image) -> bytes:
    """A classic TIFF, its bytes where they are, its first directory behind another one that is put at the end."""
    order = "<" if content[:2] == b"II" else ">"
    bits, (width, height) = sheet.convert("1").tobytes(), sheet.size
    start = len(content) + len(content) % 2
    directory = start + 8 + len(bits) + len(bits) % 2
    entries = [(256, 4, width), (257, 4, height), (258, 3, 1), (259, 3, 1), (262, 3, 1), (273, 4, start + 8)]
    entries += [(277, 3, 1), (278, 4, height), (279, 4, len(bits)), (282, 5, start), (283, 5, start), (296, 3, 2)]
    packed = b"".join(_entry(order, *entry) for entry in entries)
    (first,) = struct.unpack_from(f"{order}I", content, 4)
    head = content[:4] + struct.pack(f"{order}I", directory) + content[8:] + bytes(len(content) % 2)
    body = struct.pack(f"{order}II", _DPI, 1) + bits + bytes(len(bits) % 2)
    return head + body + struct.pack(f"{order}H", len(entries)) + packed + struct.pack(f"{order}I", first)


def _entry(order: str, tag: int, kind: int, value: int) -> bytes:
    placed = struct.pack(f"{order}HH", value, 0) if kind == _SHORT else struct.pack(f"{order}I", value)
    return struct.pack(f"{order}HHI", tag, kind, 1) + placed


# --- What a PDF hides, and what it can do -----------------------------------------------------------------------------


def hidden_words(content: bytes) -> set[str]:
    """Words of a PDF's text that is there and not painted, without those that its pages show all the same."""
    if kind_of(content[:_HEAD]) != "pdf":
        return set()
    with pikepdf.open(io.BytesIO(content)) as document:
        said = " ".join(_unpainted(page) for page in document.pages)
    hidden = set(_WORD.findall(said))
    return hidden - _painted(content) if hidden else set()


def _unpainted(page: pikepdf.Page) -> str:
    mode, found = 0, list[str]()
    for operands, operator in _instructions(page):
        if str(operator) == "Tr":
            mode = int(operands[0])
        elif mode == _INVISIBLE:
            pieces = operands[0] if str(operator) == "TJ" else operands
            found.append("".join(bytes(p).decode("latin-1") for p in pieces if isinstance(p, pikepdf.String)))
    return " ".join(found)


def _instructions(page: pikepdf.Page) -> Sequence[Any]:
    """Of its texts; none where its content is broken."""
    try:
        return pikepdf.parse_content_stream(page, "Tr Tj TJ")
    except (pikepdf.PdfError, RuntimeError, ValueError):
        return ()


def _painted(content: bytes) -> set[str]:
    with pypdfium2.PdfDocument(content) as document:  # type: ignore[no-untyped-call]  # pypdfium2 has no annotations
        drawn = [page.render(scale=300 / 72).to_pil() for page in document]
    read = (pytesseract.image_to_string(image, lang="fra") for image in drawn)  # type: ignore[attr-defined,no-untyped-call]  # has no annotations
    return {word for text in read for word in _WORD.findall(text)}


def words_of(pdf: Path) -> set[str]:
    """Of the text layer."""
    with pypdfium2.PdfDocument(pdf) as document:  # type: ignore[no-untyped-call]  # as above
        return {word for page in document for word in _WORD.findall(page.get_textpage().get_text_range())}


def active_parts(pdf: Path) -> set[str]:
    """Keys and types in a PDF's objects of what does something, asks something, or carries another file."""
    with pikepdf.open(pdf) as document:
        return {name for thing in document.objects for name in _names(thing)} & _ACTIVE


def _names(thing: object) -> set[str]:
    """Of an object and all that it holds itself, not of those that it refers to."""
    if isinstance(thing, pikepdf.Name):
        return {str(thing)}
    if isinstance(thing, pikepdf.Array):
        inner = list(thing)
    elif isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
        inner = [value for pair in thing.items() for value in (pikepdf.Name(pair[0]), pair[1])]
    else:
        return set()
    return {name for one in inner if not getattr(one, "is_indirect", False) for name in _names(one)}
