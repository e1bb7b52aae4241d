"""A document's archival copy: the scanner's images as they came, the words under them, and where both came from.

ISO 19005-1 (PDF/A-1b, on PDF 1.4), 19005-2 (2u) and 19005-3 (3b); ISO 32000-1 for the objects.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Stream, String

from lexicon.faults import SheetFault, StationFault, TamperFault
from pipeline.image_facts import facts_of
from pipeline.model import PageImage, Recognised, Scan
from pipeline.pdfa.describing import (
    LANGUAGE,
    TITLE,
    Level,
    ScanContext,
    declare,
    describe,
    recognition_of,
    setting_of,
)
from pipeline.pdfa.figures import Figures
from pipeline.pdfa.packing import Draw, Drawing, as_it_came, packed
from pipeline.pdfa.textlayer import Alphabet, font, text_object
from pipeline.pdfa.writing import Writing

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
_VERSIONS: Final[dict[Level, str]] = {"1b": "1.4", "2u": "1.7", "3b": "1.7"}


@dataclass(frozen=True, slots=True)
class Composed:
    """A written copy, not judged yet."""

    path: Path
    sha256: str
    size: int
    """Bytes."""
    pages: int
    level: Level
    figures: Mapping[str, int] = field(default_factory=dict)
    """How its pages were drawn, as `pipeline.pdfa.figures` counts it."""


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
    with _file(target) as opened, pikepdf.new() as pdf:
        writing = _writing(pdf, opened, level)
        alphabet = Alphabet.of(recognised.pages)
        text_font = font(pdf, alphabet) if any(page.words for page in recognised.pages) else None
        settings, figures = [], Figures()
        for number, (image, page) in enumerate(zip(scan.images, recognised.pages, strict=True), start=1):
            size = sheet_size(image)
            drawing = draw(pdf, image, size)
            text = text_object(image, page.words, alphabet) if text_font is not None else b""
            _laid(pdf, writing, _Leaf(size, drawing, page.quarter_turns, text, text_font))
            settings.append(setting_of(image, drawing.way))
            figures.add(number, drawing)
        declare(pdf)
        describe(pdf, scan.document, recognition_of(recognised), context, level, settings)
        digest = writing.finish()
    return Composed(target, digest, target.stat().st_size, len(recognised.pages), level, figures.counts)


def compose_originals(scan: Scan, context: ScanContext, target: Path) -> None:
    """Write the scanner's images alone at `target` (0600): for a closed document, of which nothing may be read.

    A sheet larger than a page can be is told smaller; its image is whole. Each page says in its PieceInfo (ISO 32000-1,
    14.5) what the scanner said of the image, so that `pipeline.originals` gives back the very same.
    Raises `StationFault("work-unwritable")`; nothing is left at `target` then.
    """
    with _file(target) as opened, pikepdf.new() as pdf:
        writing, settings = _writing(pdf, opened, "1b"), []
        for image in scan.images:
            size = _fitted(image)
            drawing = as_it_came(pdf, image, size)
            page = _laid(pdf, writing, _Leaf(size, drawing, image.quarter_turns))
            _say_facts(page, image, context)
            settings.append(setting_of(image, drawing.way))
        declare(pdf)
        describe(pdf, scan.document, None, context, "1b", settings)
        writing.finish()


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A page of the copy, before it is in the file."""

    size: tuple[float, float]
    drawing: Drawing
    quarter_turns: int
    text: bytes = b""
    text_font: Object | None = None


def _laid(pdf: pikepdf.Pdf, writing: Writing, leaf: _Leaf) -> Object:
    """The page; what it shows is in the file from now on, and no longer in memory."""
    resources = Dictionary(XObject=Dictionary(leaf.drawing.images))
    if leaf.text and leaf.text_font is not None:
        resources.Font = Dictionary(T=leaf.text_font)
    content = Stream(pdf, leaf.drawing.content + leaf.text)
    page = Dictionary(Type=Name.Page, MediaBox=Array([0, 0, *leaf.size]), Resources=resources, Contents=content)
    if leaf.quarter_turns:
        page.Rotate = leaf.quarter_turns * 90
    added = pdf.make_indirect(page)
    pdf.pages.append(pikepdf.Page(added))
    images = leaf.drawing.images.values()
    for stream in (content, *images, *(image.Mask for image in images if "/Mask" in image)):
        writing.lay(stream)
    return added


def _writing(pdf: pikepdf.Pdf, opened: BinaryIO, level: Level) -> Writing:
    """PDF/A-1 knows no object streams."""
    return Writing(pdf, opened, _VERSIONS[level], gathered=level != "1b")


def _say_facts(page: Object, image: PageImage, context: ScanContext) -> None:
    stamp = String(context.stamp)
    said = String(json.dumps(dict(facts_of(image)), sort_keys=True))
    page.LastModified = stamp
    page.PieceInfo = Dictionary({PIECE: Dictionary(LastModified=stamp, Private=said)})


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


@contextmanager
def _file(target: Path) -> Iterator[BinaryIO]:
    """A file of our own to write to, gone where that ends badly. Raises `StationFault("work-unwritable")`."""
    target.unlink(missing_ok=True)  # a crash may have left one half written
    try:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb") as opened:
            yield opened
    except OSError:
        _remove(target)
        raise StationFault("work-unwritable", path=str(target.parent)) from None
    except BaseException:
        _remove(target)
        raise


def _remove(target: Path) -> None:
    with suppress(OSError):
        target.unlink(missing_ok=True)
