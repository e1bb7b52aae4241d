"""What Tesseract read, out of its hOCR 1.2 output: words on the baseline of their line, in pixels of the copy read."""

import math
import re
from collections.abc import Iterator, Mapping
from typing import Final
from xml.etree import ElementTree as ET

from pipeline.model import Word

_XHTML: Final = "{http://www.w3.org/1999/xhtml}"
_STEEPEST: Final = 0.5
"""Slope; the copy was straightened, so that a line that lies climbs far less."""
_LINES: Final = frozenset({"ocr_line", "ocr_textfloat", "ocr_header", "ocr_caption"})

Properties = Mapping[str, tuple[float, ...]]


def words(hocr: bytes) -> tuple[Word, ...]:
    """The words in reading order; empty ones are left out.

    Raises `ValueError` when the output is no hOCR. No text of it is in the message.
    """
    try:
        root = ET.fromstring(hocr)  # noqa: S314  Tesseract wrote it, and escapes what it read
    except ET.ParseError:
        raise ValueError("no hOCR") from None
    lines = (span for span in root.iter(f"{_XHTML}span") if span.get("class") in _LINES)
    return tuple(word for number, line in enumerate(lines) for word in _line_words(line, number))


def _line_words(line: ET.Element, number: int) -> Iterator[Word]:
    shape = _properties(line)
    for span in line.iter(f"{_XHTML}span"):
        text = "".join(span.itertext()).strip()
        if span.get("class") == "ocrx_word" and text:
            word = _properties(span)
            x0, y0, x1, y1 = _baseline(word["bbox"], shape)
            yield Word(text, x0, y0, x1, y1, _height(shape), word.get("x_wconf", (0.0,))[0], number)


def _properties(element: ET.Element) -> Properties:
    """hOCR properties of a title: `bbox 1 2 3 4; baseline 0.01 -8; x_size 40`."""
    found: dict[str, tuple[float, ...]] = {}
    for part in element.get("title", "").split(";"):
        name, *numbers = part.split()
        if all(re.fullmatch(r"-?\d+(\.\d+)?(e-?\d+)?", number) for number in numbers):
            found[name] = tuple(float(number) for number in numbers)
    return found


def _height(line: Properties) -> float:
    x0, y0, x1, y1 = line["bbox"]
    across = x1 - x0 if _turn(line) in {90, 270} else y1 - y0
    return max(1.0, line.get("x_size", (across,))[0])


def _turn(line: Properties) -> int:
    """Degrees, counter-clockwise, by which the line stands on the page.

    Tesseract says `textangle` where it looked for orientation. Where it did not, it reads lines that stand on
    their side from top to bottom, and gives them no baseline, or one steeper than any line that lies.
    """
    if "textangle" in line:
        return round(line["textangle"][0]) % 360
    x0, y0, x1, y1 = line["bbox"]
    stands = abs(line.get("baseline", (math.inf, 0.0))[0]) > _STEEPEST and y1 - y0 > x1 - x0
    return 270 if stands else 0


def _baseline(word: tuple[float, ...], line: Properties) -> tuple[float, float, float, float]:
    """From where the word starts to where it ends, on the line's baseline."""
    left, top, right, bottom = word
    match _turn(line):
        case 90:
            return right, bottom, right, top
        case 180:
            return right, top, left, top
        case 270:
            return left, top, left, bottom
        case _:
            pass
    x0, _, _, y1 = line["bbox"]
    slope, offset = line.get("baseline", (0.0, 0.0))
    if abs(slope) > _STEEPEST:
        return left, bottom, right, bottom
    return left, y1 + offset + slope * (left - x0), right, y1 + offset + slope * (right - x0)


def confident(read: tuple[Word, ...], least: float) -> int:
    """How many letters and digits stand in words read with at least this confidence (0 to 100)."""
    return sum(letters(word) for word in read if word.confidence >= least)


def letters(word: Word) -> int:
    """Letters and digits of a word."""
    return sum(character.isalnum() for character in word.text)
