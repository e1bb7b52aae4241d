"""A document's archival copy: the scanner's images as they came, the words under them, and where both came from.

ISO 19005-1 (PDF/A-1b, on PDF 1.4); ISO 32000-1 for the objects; XMP Specification, January 2004.
"""

import hashlib
import json
import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Final, Literal

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Stream, String

from consent_gate.model import DocumentId
from lexicon.faults import SheetFault, StationFault, TamperFault
from pipeline.image_facts import facts_of
from pipeline.model import Colour, Encoding, PageImage, Recognised, RecognisedPage, Scan
from pipeline.pdfa.textlayer import Alphabet, font, text_object

Level = Literal["1b"]
"""PDF/A levels that Liasse writes. PDF/A-1 is what the DMP and IHE XDS-SD ask for."""

TITLE: Final = "Dossier numérisé"
"""Same for every document: a title is shown by viewers and indexed by desktops, so it names nobody."""
LANGUAGE: Final = "fr-FR"
PIECE: Final = "/Liasse"
"""Under which name a closed document's pages say what the scanner said of them."""
_LARGEST: Final = 14_400.0
_SMALLEST: Final = 3.0
"""Units of a page's sides (ISO 32000-1, annex C.2)."""


@dataclass(frozen=True, slots=True)
class ScanContext:
    """Where the images came from, as the copy itself tells it."""

    station: str
    software: str
    """Name and version, e.g. `Liasse 0.1.0`."""
    captured_at: datetime
    """When the station took the file; aware."""
    source_sha256: str
    """Of the file as it came, hex."""
    source_pages: tuple[int, ...]
    """1-based positions of the document's pages in that file."""


@dataclass(frozen=True, slots=True)
class Composed:
    """A written copy, not judged yet."""

    path: Path
    sha256: str
    size: int
    """Bytes."""
    pages: int
    level: Level


def compose(scan: Scan, recognised: Recognised, context: ScanContext, target: Path, level: Level = "1b") -> Composed:
    """Write the document at `target` (0600); the same arguments give the same bytes.

    Raises `SheetFault("page-too-large")`, `TamperFault("recognition-mismatch")` when the words are another document's,
    `StationFault("work-unwritable")` when the file cannot be written. Nothing is left at `target` then.
    """
    if recognised.document != scan.document or len(recognised.pages) != len(scan.images):
        raise TamperFault("recognition-mismatch")
    with pikepdf.new() as pdf:
        alphabet = Alphabet.of(recognised.pages)
        text_font = font(pdf, alphabet) if any(page.words for page in recognised.pages) else None
        for image, page in zip(scan.images, recognised.pages, strict=True):
            _add_page(pdf, image, sheet_size(image), page, alphabet, text_font)
        _declare(pdf)
        _describe(pdf, scan.document, recognised.engine, context, level)
        _save(pdf, target, level)
    return Composed(target, _digest(target), target.stat().st_size, len(recognised.pages), level)


def compose_originals(scan: Scan, context: ScanContext, target: Path) -> None:
    """Write the scanner's images alone at `target` (0600): for a closed document, of which nothing may be read.

    A sheet larger than a page can be is told smaller; its image is whole. Each page says in its PieceInfo (ISO 32000-1,
    14.5) what the scanner said of the image, so that `pipeline.originals` gives back the very same.
    Raises `StationFault("work-unwritable")`; nothing is left at `target` then.
    """
    with pikepdf.new() as pdf:
        for image in scan.images:
            unread = RecognisedPage(words=(), quarter_turns=image.quarter_turns, operations=())
            page = _add_page(pdf, image, _fitted(image), unread, Alphabet.of(()), None)
            _say_facts(page, image, context)
        _declare(pdf)
        _describe(pdf, scan.document, None, context, "1b")
        _save(pdf, target, "1b")


def _add_page(
    pdf: pikepdf.Pdf,
    image: PageImage,
    size: tuple[float, float],
    page: RecognisedPage,
    alphabet: Alphabet,
    text_font: Object | None,
) -> pikepdf.Page:
    width, height = size
    painted = f"q {width:.3f} 0 0 {height:.3f} 0 0 cm /I Do Q\n".encode("ascii")
    resources_ = Dictionary(XObject=Dictionary(I=_image(pdf, image)))
    if page.words and text_font is not None:
        resources_.Font = Dictionary(T=text_font)
    added = pdf.add_blank_page(page_size=(width, height))
    added.obj.Resources = resources_
    added.obj.Contents = pdf.make_indirect(Stream(pdf, painted + text_object(image, page.words, alphabet)))
    if page.quarter_turns:
        added.obj.Rotate = page.quarter_turns * 90
    return added


def _say_facts(page: pikepdf.Page, image: PageImage, context: ScanContext) -> None:
    stamp = String(_stamp(context))
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


def _image(pdf: pikepdf.Pdf, image: PageImage) -> Object:
    """The image's stream, its bytes untouched."""
    stream = Stream(pdf, image.payload)
    stream.Type = Name.XObject
    stream.Subtype = Name.Image
    stream.Width = image.width
    stream.Height = image.height
    stream.BitsPerComponent = 1 if image.colour is Colour.BILEVEL else 8
    stream.ColorSpace = Name.DeviceRGB if image.colour is Colour.RGB else Name.DeviceGray
    match image.encoding:
        case Encoding.JPEG:
            stream.Filter = Name.DCTDecode
        case Encoding.G4:
            # A T.6 strip codes runs: black ones are ink where a set bit is black, paper where it is not.
            stream.Filter = Name.CCITTFaxDecode
            parameters = Dictionary(K=-1, Columns=image.width, Rows=image.height, BlackIs1=not image.black_is_1)
            stream.DecodeParms = parameters
        case Encoding.FLATE:
            stream.Filter = Name.FlateDecode
            if image.colour is Colour.BILEVEL and image.black_is_1:
                stream.Decode = Array([1, 0])
    return pdf.make_indirect(stream)


def _declare(pdf: pikepdf.Pdf) -> None:
    """What colours mean, and in which language the document is."""
    profile = Stream(pdf, resources.files("pikepdf.pdfa").joinpath("data", "sRGB.icc").read_bytes(), N=3)
    intent = Dictionary(
        Type=Name.OutputIntent,
        S=Name.GTS_PDFA1,
        OutputConditionIdentifier=String("sRGB"),
        Info=String("sRGB IEC61966-2.1"),
        DestOutputProfile=pdf.make_indirect(profile),
    )
    pdf.Root.OutputIntents = Array([pdf.make_indirect(intent)])
    pdf.Root.Lang = String(LANGUAGE)
    pdf.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)


def _describe(pdf: pikepdf.Pdf, document: DocumentId, engine: str | None, context: ScanContext, level: Level) -> None:
    """XMP of the predefined schemas alone, with the document information dictionary in step (ISO 19005-1, 6.7.3)."""
    captured = context.captured_at.astimezone(UTC).replace(microsecond=0)
    stamp = _stamp(context)
    producer = f"pikepdf {pikepdf.__version__}"
    for key, text in (("Title", TITLE), ("Creator", context.software), ("Producer", producer)):
        pdf.docinfo[Name(f"/{key}")] = String(text)
    pdf.docinfo[Name.CreationDate] = pdf.docinfo[Name.ModDate] = String(stamp)
    with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as xmp:
        xmp["pdfaid:part"] = level[0]
        xmp["pdfaid:conformance"] = level[1].upper()
        xmp["dc:title"] = TITLE
        xmp["dc:language"] = [LANGUAGE]
        xmp["dc:format"] = "application/pdf"
        xmp["dc:identifier"] = document
        xmp["dc:source"] = f"sha256:{context.source_sha256}"
        xmp["dc:description"] = _provenance(engine, context, captured)
        xmp["xmpMM:DocumentID"] = f"liasse:{document}"
        xmp["xmp:CreatorTool"] = context.software
        xmp["pdf:Producer"] = producer
        for date in ("CreateDate", "ModifyDate", "MetadataDate"):
            xmp[f"xmp:{date}"] = captured.isoformat()


def _stamp(context: ScanContext) -> str:
    return context.captured_at.astimezone(UTC).strftime("D:%Y%m%d%H%M%S+00'00'")


def _provenance(engine: str | None, context: ScanContext, captured: datetime) -> str:
    positions = ", ".join(str(position) for position in context.source_pages)
    return (
        f"Poste : {context.station}. Logiciel : {context.software}. Capture : {captured.isoformat()}. "
        f"Pages du fichier d'origine : {positions}. Reconnaissance : {engine or 'aucune'}."
    )


def _save(pdf: pikepdf.Pdf, target: Path, level: Level) -> None:
    from pikepdf.pdfa import resolve_save_kwargs  # noqa: PLC0415  a sixth of a second, for the process that seals alone

    target.unlink(missing_ok=True)  # a crash may have left one half written
    try:
        descriptor = os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "w+b") as written:
            pdf.save(written, **resolve_save_kwargs(level, deterministic_id=True))
    except (OSError, pikepdf.PdfError):
        with suppress(OSError):
            target.unlink(missing_ok=True)
        raise StationFault("work-unwritable", path=str(target.parent)) from None


def _digest(path: Path) -> str:
    with path.open("rb") as written:
        return hashlib.file_digest(written, "sha256").hexdigest()
