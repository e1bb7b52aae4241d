"""What the copy says of itself: what its colours mean, its language, its pages' numbers, and where it comes from.

XMP Specification, January 2004, and ISO 19005-1, 6.7: properties of predefined schemas alone, so that none needs a
description of its own. The packet names nobody: identifiers, the station, its programs and its settings.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Final, Literal
from xml.sax.saxutils import escape

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream, String

from consent_gate.model import DocumentId
from pipeline.model import Colour, PageImage, Recognised, confidence
from pipeline.pdfa.srgb import profile

Level = Literal["1b", "2u", "3b"]
"""PDF/A levels that Liasse writes. PDF/A-1 is what the DMP and IHE XDS-SD ask for; the others are for a contract."""

TITLE: Final = "Dossier numérisé"
"""Same for every document: a title is shown by viewers and indexed by desktops, so it names nobody."""
LANGUAGE: Final = "fr-FR"
_COLOURS: Final = {Colour.BILEVEL: "noir et blanc", Colour.GREY: "gris", Colour.RGB: "couleur"}
_WAYS: Final = {
    "jpeg": "JPEG du scanner",
    "jpeg-repacked": "JPEG recodé sans perte",
    "g4": "G4",
    "flate": "Deflate",
    "compact": "en couches, avec perte",
}
_NAMESPACES: Final = {
    "pdfaid": "http://www.aiim.org/pdfa/ns/id/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "xmpMM": "http://ns.adobe.com/xap/1.0/mm/",
    "pdf": "http://ns.adobe.com/pdf/1.3/",
}
_PACKET: Final = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" {namespaces}>
{properties}
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""


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
    device: str = ""
    """The scanner as the station's configuration names it; empty: not said. What a file says of it is never told: in
    those fields anybody can have typed anything."""

    @property
    def captured(self) -> datetime:
        return self.captured_at.astimezone(UTC).replace(microsecond=0)

    @property
    def stamp(self) -> str:
        """When it was captured, as PDF writes dates (ISO 32000-1, 7.9.4)."""
        return self.captured.strftime("D:%Y%m%d%H%M%S+00'00'")


def declare(pdf: pikepdf.Pdf) -> None:
    """What colours mean, in which language the document is, and that its pages are numbered from 1.

    Their labels are not their positions in the scanner's file, which the metadata has: whoever cites a page means the
    document that lies open, and a page that was put back may come from before the first.
    """
    intent = Dictionary(
        Type=Name.OutputIntent,
        S=Name.GTS_PDFA1,
        OutputConditionIdentifier=String("sRGB"),
        Info=String("sRGB IEC61966-2.1"),
        DestOutputProfile=pdf.make_indirect(Stream(pdf, profile(), N=3)),
    )
    pdf.Root.OutputIntents = Array([pdf.make_indirect(intent)])
    pdf.Root.Lang = String(LANGUAGE)
    pdf.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
    pdf.Root.PageLabels = Dictionary(Nums=Array([0, Dictionary(S=Name.D)]))


def describe(
    pdf: pikepdf.Pdf,
    document: DocumentId,
    recognition: str | None,
    context: ScanContext,
    level: Level,
    settings: Sequence[str],
) -> None:
    """XMP, with the document information dictionary in step (ISO 19005-1, 6.7.3). `settings`: of each page;
    `recognition`: as `recognition_of` tells it.
    """
    producer = f"pikepdf {pikepdf.__version__}"
    for key, text in (("Title", TITLE), ("Creator", context.software), ("Producer", producer)):
        pdf.docinfo[Name(f"/{key}")] = String(text)
    pdf.docinfo[Name.CreationDate] = pdf.docinfo[Name.ModDate] = String(context.stamp)
    properties = {**_properties(document, recognition, context, level, settings), "pdf:Producer": escape(producer)}
    told = "\n".join(f"<{name}>{content}</{name}>" for name, content in properties.items())
    used = {prefix: uri for prefix, uri in _NAMESPACES.items() if f"{prefix}:" in told}
    namespaces = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in used.items())
    packet = _PACKET.format(namespaces=namespaces, properties=told).encode()
    pdf.Root.Metadata = pdf.make_indirect(Stream(pdf, packet, Type=Name.Metadata, Subtype=Name.XML))


def recognition_of(recognised: Recognised) -> str:
    """What read the pages, how sure it is of their words, and of which pages writing was not read."""
    words = [word for page in recognised.pages for word in page.words]
    sure = f", assurance {confidence(words):.0f} sur 100" if words else ""
    told = [number for number, page in enumerate(recognised.pages, start=1) if page.not_read]
    return f"{recognised.engine}{sure}{f' ; écriture non lue, pages {_ranges(told)}' if told else ''}"


def _properties(
    document: DocumentId, recognition: str | None, context: ScanContext, level: Level, settings: Sequence[str]
) -> Mapping[str, str]:
    captured = context.captured.isoformat()
    return {
        "pdfaid:part": level[0],
        "pdfaid:conformance": level[1].upper(),
        "dc:title": _alternative(TITLE),
        "dc:language": f"<rdf:Bag><rdf:li>{LANGUAGE}</rdf:li></rdf:Bag>",
        "dc:format": "application/pdf",
        "dc:identifier": escape(document),
        "dc:source": f"sha256:{escape(context.source_sha256)}",
        "dc:description": _alternative(_provenance(recognition, context, settings)),
        "xmpMM:DocumentID": f"liasse:{escape(document)}",
        "xmp:CreatorTool": escape(context.software),
        **dict.fromkeys(("xmp:CreateDate", "xmp:ModifyDate", "xmp:MetadataDate"), captured),
    }


def _alternative(text: str) -> str:
    return f'<rdf:Alt><rdf:li xml:lang="x-default">{escape(text)}</rdf:li></rdf:Alt>'


def _provenance(recognition: str | None, context: ScanContext, settings: Sequence[str]) -> str:
    """A sentence a fact: `tiff:Model` and `xmpMM:History` would be the places for two of them, but pikepdf's validator
    allows neither in PDF/A-1, and it is the only one that every station has."""
    positions = ", ".join(str(position) for position in context.source_pages)
    device = f" Scanner : {context.device}." if context.device else ""
    return (
        f"Poste : {context.station}.{device} Logiciel : {context.software}. Capture : {context.captured.isoformat()}. "
        f"Pages du fichier d'origine : {positions}. Images : {_by_page(settings)}. "
        f"Reconnaissance : {recognition or 'aucune'}."
    )


def setting_of(image: PageImage, way: str) -> str:
    """How a page was scanned and laid down, e.g. `300 ppp, gris, JPEG du scanner`."""
    across, up = round(image.dpi_x), round(image.dpi_y)
    dpi = str(across) if across == up else f"{across} × {up}"
    return f"{dpi} ppp, {_COLOURS[image.colour]}, {_WAYS.get(way, way)}"


def _by_page(settings: Sequence[str]) -> str:
    """Each setting once, with the pages that have it: `1-3, 5 : 300 ppp, gris, JPEG du scanner ; 4 : ...`."""
    pages: dict[str, list[int]] = {}
    for number, setting in enumerate(settings, start=1):
        pages.setdefault(setting, []).append(number)
    return " ; ".join(f"{_ranges(numbers)} : {setting}" for setting, numbers in pages.items())


def _ranges(numbers: Iterable[int]) -> str:
    runs = (list(run) for _, run in groupby(enumerate(numbers), key=lambda place: place[1] - place[0]))
    ends = ((run[0][1], run[-1][1]) for run in runs)
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in ends)
