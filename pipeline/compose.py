"""A document's archival copy: the scanner's images as they came, the words under them, and where both came from.

ISO 19005-1 (PDF/A-1b, on PDF 1.4), 19005-2 (2u) and 19005-3 (3b); ISO 32000-1 for the objects.
"""

import hashlib
import json
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import deflate
import pikepdf
from pikepdf import Dictionary, Name, Object, Stream, String

from lexicon.faults import SheetFault, StationFault, TamperFault
from pipeline.image_facts import facts_of
from pipeline.model import PageImage, Recognised, Scan
from pipeline.pdfa.describing import LANGUAGE, TITLE, Level, ScanContext, declare, describe, setting_of
from pipeline.pdfa.packing import Draw, Drawing, as_it_came, packed
from pipeline.pdfa.textlayer import Alphabet, font, text_object

__all__ = [
    "LANGUAGE",
    "PIECE",
    "TITLE",
    "Composed",
    "Level",
    "ScanContext",
    "compose",
    "compose_originals",
    "sheet_size",
]

PIECE: Final = "/Liasse"
"""Under which name a closed document's pages say what the scanner said of them."""
_LARGEST: Final = 14_400.0
_SMALLEST: Final = 3.0
"""Units of a page's sides (ISO 32000-1, annex C.2)."""
_RULES: Final[dict[Level, str]] = {"1b": "1b", "2u": "2b", "3b": "3b"}
"""As pikepdf knows them. 2u asks of 2b that characters are said in Unicode; PDF/A-1 has no object streams."""
_CONTENT_LEVEL: Final = 9
"""Of libdeflate, for what is drawn: some kilobytes."""


@dataclass(frozen=True, slots=True)
class Composed:
    """A written copy, not judged yet."""

    path: Path
    sha256: str
    size: int
    """Bytes."""
    pages: int
    level: Level


def compose(
    scan: Scan,
    recognised: Recognised,
    context: ScanContext,
    target: Path,
    level: Level = "1b",
    draw: Draw = packed,
) -> Composed:
    """Write the document at `target` (0600); the same arguments give the same bytes.

    `draw` makes the pages' images part of the PDF. Raises `SheetFault("page-too-large")`,
    `TamperFault("recognition-mismatch")` when the words are another document's, `StationFault("work-unwritable")` when
    the file cannot be written, and what `draw` raises. Nothing is left at `target` then.
    """
    if recognised.document != scan.document or len(recognised.pages) != len(scan.images):
        raise TamperFault("recognition-mismatch")
    with pikepdf.new() as pdf:
        alphabet = Alphabet.of(recognised.pages)
        text_font = font(pdf, alphabet) if any(page.words for page in recognised.pages) else None
        settings = []
        for image, page in zip(scan.images, recognised.pages, strict=True):
            size = sheet_size(image)
            drawing = draw(pdf, image, size)
            text = text_object(image, page.words, alphabet) if text_font is not None else b""
            _add_page(pdf, size, drawing, page.quarter_turns, text, text_font)
            settings.append(setting_of(image, drawing.way))
        declare(pdf)
        describe(pdf, scan.document, recognised.engine, context, level, settings)
        _save(pdf, target, level)
    return Composed(target, _digest(target), target.stat().st_size, len(recognised.pages), level)


def compose_originals(scan: Scan, context: ScanContext, target: Path) -> None:
    """Write the scanner's images alone at `target` (0600): for a closed document, of which nothing may be read.

    A sheet larger than a page can be is told smaller; its image is whole. Each page says in its PieceInfo (ISO 32000-1,
    14.5) what the scanner said of the image, so that `pipeline.originals` gives back the very same.
    Raises `StationFault("work-unwritable")`; nothing is left at `target` then.
    """
    with pikepdf.new() as pdf:
        settings = []
        for image in scan.images:
            size = _fitted(image)
            drawing = as_it_came(pdf, image, size)
            page = _add_page(pdf, size, drawing, image.quarter_turns, b"", None)
            _say_facts(page, image, context)
            settings.append(setting_of(image, drawing.way))
        declare(pdf)
        describe(pdf, scan.document, None, context, "1b", settings)
        _save(pdf, target, "1b")


def _add_page(
    pdf: pikepdf.Pdf,
    size: tuple[float, float],
    drawing: Drawing,
    quarter_turns: int,
    text: bytes,
    text_font: Object | None,
) -> pikepdf.Page:
    added = pdf.add_blank_page(page_size=size)
    added.obj.Resources = Dictionary(XObject=Dictionary(drawing.images))
    if text and text_font is not None:
        added.obj.Resources.Font = Dictionary(T=text_font)
    content = bytes(deflate.zlib_compress(drawing.content + text, _CONTENT_LEVEL))
    added.obj.Contents = pdf.make_indirect(Stream(pdf, content, Filter=Name.FlateDecode))
    if quarter_turns:
        added.obj.Rotate = quarter_turns * 90
    return added


def _say_facts(page: pikepdf.Page, image: PageImage, context: ScanContext) -> None:
    stamp = String(context.stamp)
    said = String(json.dumps(dict(facts_of(image)), sort_keys=True))
    page.obj.LastModified = stamp
    page.obj.PieceInfo = Dictionary({PIECE: Dictionary(LastModified=stamp, Private=said)})


def sheet_size(image: PageImage) -> tuple[float, float]:
    """Width and height of the image's page in points, as stored. Raises `SheetFault("page-too-large")`."""
    width, height = _points(image)
    if max(width, height) > _LARGEST:
        raise SheetFault("page-too-large")
    return _page(width), _page(height)


def _fitted(image: PageImage) -> tuple[float, float]:
    """The same, scaled down where the sheet is larger than a page can be."""
    width, height = _points(image)
    scale = min(1.0, _LARGEST / max(width, height))
    return _page(width * scale), _page(height * scale)


def _points(image: PageImage) -> tuple[float, float]:
    return image.width * 72 / image.dpi_x, image.height * 72 / image.dpi_y


def _page(points: float) -> float:
    return max(round(points, 3), _SMALLEST)


def _save(pdf: pikepdf.Pdf, target: Path, level: Level) -> None:
    from pikepdf.pdfa import resolve_save_kwargs  # noqa: PLC0415  a sixth of a second, for the process that seals alone

    target.unlink(missing_ok=True)  # a crash may have left one half written
    try:
        descriptor = os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "w+b") as written:
            pdf.save(written, **resolve_save_kwargs(_RULES[level], deterministic_id=True))
    except (OSError, pikepdf.PdfError):
        with suppress(OSError):
            target.unlink(missing_ok=True)
        raise StationFault("work-unwritable", path=str(target.parent)) from None


def _digest(path: Path) -> str:
    with path.open("rb") as written:
        return hashlib.file_digest(written, "sha256").hexdigest()
