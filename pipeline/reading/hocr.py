"""What Tesseract read, as its hOCR 1.2 output tells it: words on the baseline of their line, in pixels of the copy."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree as ET

from pipeline.model import Word

_XHTML: Final = "{http://www.w3.org/1999/xhtml}"
_STEEPEST: Final = 0.5
"""Slope; the copy was straightened, so that a line that lies climbs far less."""
_LINES: Final = frozenset({"ocr_line", "ocr_textfloat", "ocr_header", "ocr_caption"})

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""


@dataclass(frozen=True, slots=True)
class Properties:
    """What is told of a line of text."""

    bbox: Box
    x_size: float | None = None
    """The line's height, of the tallest letters with what hangs beneath the baseline."""
    textangle: float | None = None
    """Degrees, counter-clockwise; said where Tesseract looked for orientation and found that the line does not lie."""
    baseline: tuple[float, float] = (math.inf, 0.0)
    """Slope, and offset from the lower left of `bbox`; no slope (infinite) where none is told."""

    @property
    def turn(self) -> int:
        """Degrees, counter-clockwise, by which the line stands on the page.

        Tesseract says `textangle` where it looked for orientation. Where it did not, it reads lines that stand on
        their side from top to bottom, and gives them no baseline, or one steeper than any line that lies.
        """
        if self.textangle is not None:
            return round(self.textangle) % 360
        x0, y0, x1, y1 = self.bbox
        return 270 if abs(self.baseline[0]) > _STEEPEST and y1 - y0 > x1 - x0 else 0

    @property
    def height(self) -> float:
        x0, y0, x1, y1 = self.bbox
        across = x1 - x0 if self.turn in {90, 270} else y1 - y0
        return max(1.0, across if self.x_size is None else self.x_size)


def pages(hocr: bytes) -> tuple[tuple[Word, ...], ...]:
    """Of each page the words in reading order; empty ones are left out.

    Raises `ValueError` when the output is no hOCR. No text of it is in the message.
    """
    try:
        root = ET.fromstring(hocr)  # noqa: S314  Tesseract wrote it, and escapes what it read
    except ET.ParseError:
        raise ValueError("no hOCR") from None
    return tuple(page_words(page) for page in root.iter(f"{_XHTML}div") if page.get("class") == "ocr_page")


def page_words(page: ET.Element) -> tuple[Word, ...]:
    """The words of a page's element. Raises `ValueError`."""
    lines = (span for span in page.iter(f"{_XHTML}span") if span.get("class") in _LINES)
    return tuple(word for number, line in enumerate(lines) for word in _line_words(line, number))


def placed(text: str, box: Box, confidence: float, line: Properties, number: int) -> Word:
    """A word of a line, in its box, on the line's baseline."""
    x0, y0, x1, y1 = _baseline(box, line)
    return Word(text, x0, y0, x1, y1, line.height, confidence, number)


def _line_words(line: ET.Element, number: int) -> Iterator[Word]:
    told = _told(line)
    size, angle, slope = (told.get(name) for name in ("x_size", "textangle", "baseline"))
    shape = Properties(
        _box(told), size[0] if size else None, angle[0] if angle else None, (slope[0], slope[1]) if slope else _NO_SLOPE
    )
    for span in line.iter(f"{_XHTML}span"):
        text = "".join(span.itertext()).strip()
        if span.get("class") == "ocrx_word" and text:
            word = _told(span)
            yield placed(text, _box(word), word.get("x_wconf", (0.0,))[0], shape, number)


_NO_SLOPE: Final = (math.inf, 0.0)


def _told(element: ET.Element) -> dict[str, tuple[float, ...]]:
    """hOCR properties of a title: `bbox 1 2 3 4; baseline 0.01 -8; x_size 40`."""
    found: dict[str, tuple[float, ...]] = {}
    for part in element.get("title", "").split(";"):
        name, *numbers = part.split()
        if all(re.fullmatch(r"-?\d+(\.\d+)?(e-?\d+)?", number) for number in numbers):
            found[name] = tuple(float(number) for number in numbers)
    return found


def _box(told: dict[str, tuple[float, ...]]) -> Box:
    x0, y0, x1, y1 = told.get("bbox", (0.0,) * 4)
    return x0, y0, x1, y1


def _baseline(word: Box, line: Properties) -> Box:
    """From where the word starts to where it ends, on the line's baseline."""
    left, top, right, bottom = word
    match line.turn:
        case 90:
            return right, bottom, right, top
        case 180:
            return right, top, left, top
        case 270:
            return left, top, left, bottom
        case _:
            pass
    slope, offset = line.baseline
    if math.isinf(slope):
        slope, offset = 0.0, 0.0
    if abs(slope) > _STEEPEST:
        return left, bottom, right, bottom
    x0, _, _, y1 = line.bbox
    return left, y1 + offset + slope * (left - x0), right, y1 + offset + slope * (right - x0)
