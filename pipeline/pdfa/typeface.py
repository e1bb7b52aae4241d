"""The one font of an archival copy: letters as wide as letters are in print, without ink.

ISO 32000-1 (as PDF 1.4): 9.7 composite fonts, 9.10.3 ToUnicode CMaps; ISO 19005-1, 6.3.6 (widths are the program's).

`invisible.ttf` has `.notdef` and a glyph for each of `WIDTHS` (1000 units an em, ascent 800, descent 200). Each of them
is one contour along a line: it encloses nothing, so nothing could be painted; but it has a box from descent to ascent,
which pdfium selects and highlights by. fontTools' FontBuilder made it once, with a fixed time of creation (2025-12-31).
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources
from itertools import groupby
from typing import Final

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Stream, String

from pipeline.model import RecognisedPage

WIDTHS: Final = (230, 280, 340, 500, 556, 667, 750, 900)
"""Thousandths of an em, in the order of the font's glyphs from 1."""
_OF: Final = {
    letter: width
    for width, letters in {
        230: "ijlI|'\u2019!.,:;·",
        280: " ft/\\[]1",
        340: 'r()-\u2010\u00ad"`*°^{}',
        500: "cksvxyzJ?",
        667: "ABEFKLPSTVXYZ&~<>=+",
        750: "CDGHNOQRUw",
        900: "mMW%œæŒÆ@—…",
    }.items()
    for letter in letters
}
_USUAL: Final = 556
"""Of a digit, of `a`, and of all that is not listed."""

_ESCAPED: Final = {b"\\": b"\\\\", b"(": b"\\(", b")": b"\\)", b"\r": b"\\r"}
"""A carriage return as it is would be read as a line feed."""
_SPECIAL: Final = re.compile(rb"[\\()\r]")

_FONT: Final = Name("/LiasseInvisible")
_ASCENT: Final = 800
_DESCENT: Final = -200
_CMAP_BLOCK: Final = 100
"""Entries a `beginbfchar` block may hold (Adobe Technical Note 5411)."""


def width_of(character: str) -> int:
    """Thousandths of an em; one of `WIDTHS`, about as wide as in most sans-serif faces. Accents add nothing."""
    width = _OF.get(character)
    return width if width is not None else _OF.get(unicodedata.normalize("NFD", character)[0], _USUAL)


@dataclass(frozen=True, slots=True)
class Alphabet:
    """The characters of a document, each with a code of its own from 1; those beyond the BMP are like all others."""

    codes: dict[str, int]
    """Those of one width follow each other."""
    widths: dict[str, int]

    @classmethod
    def of(cls, pages: Iterable[RecognisedPage]) -> "Alphabet":
        used = {character for page in pages for word in page.words for character in word.text}
        widths = {character: width_of(character) for character in used | {" "}}
        ordered = sorted(widths, key=lambda character: (widths[character], character))
        return cls({character: code for code, character in enumerate(ordered, start=1)}, widths)

    def string(self, text: str) -> bytes:
        """The text as a PDF literal string (7.3.4.2): shorter than a hexadecimal one, compressed too."""
        coded = b"".join(self.codes[character].to_bytes(2) for character in text)
        return b"(%s)" % _SPECIAL.sub(lambda found: _ESCAPED[found[0]], coded)

    def length(self, text: str) -> float:
        """Of the text in ems."""
        return sum(self.widths[character] for character in text) / 1000

    def to_unicode(self) -> bytes:
        """The ToUnicode CMap: one code, one character in UTF-16BE."""
        entries = [f"<{code:04X}> <{_utf16(character)}>" for character, code in self.codes.items()]
        blocks = [entries[start : start + _CMAP_BLOCK] for start in range(0, len(entries), _CMAP_BLOCK)]
        lines = [f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks]
        return "\n".join((_CMAP_HEAD, *lines, _CMAP_TAIL)).encode("ascii")


_CMAP_HEAD: Final = """/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange"""
_CMAP_TAIL: Final = """endcmap
CMapName currentdict /CMap defineresource pop
end
end
"""


def _utf16(character: str) -> str:
    return character.encode("utf-16-be").hex().upper()


def font(pdf: pikepdf.Pdf, alphabet: Alphabet) -> Object:
    """The document's only font, embedded whole: every code shows an empty glyph of its character's width."""
    program = resources.files("pipeline.pdfa").joinpath("invisible.ttf").read_bytes()
    descriptor = Dictionary(
        Type=Name.FontDescriptor,
        FontName=_FONT,
        Flags=4,
        FontBBox=Array([0, _DESCENT, max(WIDTHS), _ASCENT]),
        ItalicAngle=0,
        Ascent=_ASCENT,
        Descent=_DESCENT,
        CapHeight=_ASCENT,
        StemV=80,
        FontFile2=pdf.make_indirect(Stream(pdf, program, Length1=len(program))),
    )
    descendant = Dictionary(
        Type=Name.Font,
        Subtype=Name.CIDFontType2,
        BaseFont=_FONT,
        CIDSystemInfo=Dictionary(Registry=String("Adobe"), Ordering=String("Identity"), Supplement=0),
        FontDescriptor=pdf.make_indirect(descriptor),
        DW=_USUAL,
        W=Array(_runs(alphabet)),
        CIDToGIDMap=pdf.make_indirect(Stream(pdf, _glyphs(alphabet))),
    )
    return pdf.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.Type0,
            BaseFont=_FONT,
            Encoding=Name("/Identity-H"),
            DescendantFonts=Array([pdf.make_indirect(descendant)]),
            ToUnicode=pdf.make_indirect(Stream(pdf, alphabet.to_unicode())),
        )
    )


def _runs(alphabet: Alphabet) -> list[int]:
    """First code, last code, width; for each width."""
    runs: list[int] = []
    for width, group in groupby(alphabet.codes, alphabet.widths.__getitem__):
        codes = [alphabet.codes[character] for character in group]
        runs += (codes[0], codes[-1], width)
    return runs


def _glyphs(alphabet: Alphabet) -> bytes:
    """Of each code from 0, which glyph shows it: two bytes each."""
    shown = (WIDTHS.index(alphabet.widths[character]) + 1 for character in alphabet.codes)
    return b"".join(glyph.to_bytes(2) for glyph in (0, *shown))
