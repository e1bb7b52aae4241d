"""The words of a page as text that is found and copied but not seen, on the ink they were read from.

ISO 32000-1 (as PDF 1.4): 9.3.6 text rendering mode 3, 9.7 composite fonts, 9.10.3 ToUnicode CMaps.

`invisible.ttf` has two empty glyphs of half an em (`.notdef` and `invisible`, 1000 units, ascent 800, descent 200)
and a format 4 cmap; fontTools' FontBuilder made it once, with a fixed time of creation (2025-12-31).
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from importlib import resources
from typing import Final

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Stream, String

from pipeline.model import PageImage, RecognisedPage, Word

_FONT: Final = Name("/LiasseInvisible")
_ADVANCE: Final = 500
_ASCENT: Final = 800
_DESCENT: Final = -200
_CMAP_BLOCK: Final = 100
"""Entries a `beginbfchar` block may hold (Adobe Technical Note 5411)."""
_TILT: Final = math.tan(math.radians(6))
"""Slope up to which a word is laid along the page's side, through the middle of its baseline: Poppler cuts a word in
two wherever the baseline has moved by half a point, and few sheets are fed as straight as that."""
_LEAST_SPACE: Final = 0.2
"""Of a font size. Readers tell words apart by the gap: one that touches the next is made shorter by that much."""


@dataclass(frozen=True, slots=True)
class Alphabet:
    """The characters of a document, each with a code of its own from 1; those beyond the BMP are like all others."""

    codes: dict[str, int]

    @classmethod
    def of(cls, pages: Iterable[RecognisedPage]) -> "Alphabet":
        used = {character for page in pages for word in page.words for character in word.text}
        return cls({character: code for code, character in enumerate(sorted(used | {" "}), start=1)})

    def hexadecimal(self, text: str) -> str:
        """The text as a PDF hexadecimal string's digits."""
        return "".join(f"{self.codes[character]:04X}" for character in text)

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
    """The document's only font, embedded whole: every code shows the same empty glyph."""
    program = resources.files("pipeline.pdfa").joinpath("invisible.ttf").read_bytes()
    descriptor = Dictionary(
        Type=Name.FontDescriptor,
        FontName=_FONT,
        Flags=4,
        FontBBox=Array([0, _DESCENT, _ADVANCE, _ASCENT]),
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
        DW=_ADVANCE,
        CIDToGIDMap=pdf.make_indirect(Stream(pdf, bytes(2) + b"\0\1" * len(alphabet.codes))),
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


def text_object(image: PageImage, words: Iterable[Word], alphabet: Alphabet) -> bytes:
    """The page's words as one text object for a content stream that has the font as `/T`; empty without words."""
    placed = [_Placed.on(image, word) for word in words]
    if not placed:
        return b""
    return "\n".join(("BT", "3 Tr", *_shown(placed, alphabet), "ET", "")).encode("ascii")


@dataclass(frozen=True, slots=True)
class _Placed:
    """A word in points of the unrotated page: start of its baseline, direction, length, font size."""

    word: Word
    x: float
    y: float
    cosine: float
    sine: float
    length: float
    size: float

    @classmethod
    def on(cls, image: PageImage, word: Word) -> "_Placed":
        across, up = 72 / image.dpi_x, 72 / image.dpi_y
        x, y = word.x0 * across, (image.height - word.y0) * up
        dx, dy = (word.x1 - word.x0) * across, (word.y0 - word.y1) * up
        # the height lies at right angles to the baseline in pixels, which need not be square
        pixels = math.hypot(word.x1 - word.x0, word.y1 - word.y0)
        tall = math.hypot((word.y1 - word.y0) * across, (word.x1 - word.x0) * up) / pixels if pixels else up
        if abs(dy) < _TILT * abs(dx):
            y, dy = y + dy / 2, 0.0
        elif abs(dx) < _TILT * abs(dy):
            x, dx = x + dx / 2, 0.0
        length = math.hypot(dx, dy)
        cosine, sine = (dx / length, dy / length) if length else (1.0, 0.0)
        return cls(word, x, y, cosine, sine, length or 1.0, max(1.0, word.height * tall))

    def before(self, following: "_Placed | None") -> "_Placed":
        """This word as it goes before the next one: shorter, if they stand on one line and would touch."""
        if following is None or following.word.line != self.word.line:
            return self
        along = (following.x - self.x) * self.cosine + (following.y - self.y) * self.sine
        return replace(self, length=max(min(self.length, along - _LEAST_SPACE * self.size), self.length / 2))


def _shown(placed: list[_Placed], alphabet: Alphabet) -> Iterator[str]:
    for here, following in zip(placed, (*placed[1:], None), strict=True):
        yield _word(here.before(following), alphabet)


def _word(placed: _Placed, alphabet: Alphabet) -> str:
    """The word with a space behind it in one string: pdfium passes over strings of one character without ink."""
    text = placed.word.text
    turn = " ".join(f"{n:.5f}" for n in (placed.cosine, placed.sine, -placed.sine, placed.cosine))
    return (
        f"/T {placed.size:.2f} Tf {_stretch(placed.length, len(text), placed.size)} Tz "
        f"{turn} {placed.x:.2f} {placed.y:.2f} Tm <{alphabet.hexadecimal(text + ' ')}> Tj"
    )


def _stretch(length: float, characters: int, size: float) -> str:
    """Horizontal scaling, in percent, that makes so many characters as long as the ink."""
    return f"{min(100 * length / (characters * size * _ADVANCE / 1000), 30_000):.2f}"
