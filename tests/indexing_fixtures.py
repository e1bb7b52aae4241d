"""Invented pages as a recogniser gives them: lines of words in places and sizes, without a picture."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.model import RecognisedPage, Word

WIDTH, HEIGHT = 1654, 2339
"""Pixels of A4 at 200 dpi."""
TEXT = 26.0
"""Height of a line of plain text, in pixels."""
BODY = ("Le patient est vu ce jour, sans plainte nouvelle.", "L'examen clinique est sans particularité.") * 3


@dataclass(frozen=True, slots=True)
class Line:
    """`x` and `y` in shares of the page; `size` in heights of plain text; `wide`: a sign's width in heights."""

    text: str
    x: float = 0.08
    y: float = 0.0
    size: float = 1.0
    confidence: float = 92.0
    wide: float = 0.52


def read(*lines: Line | str, turns: int = 0) -> RecognisedPage:
    """A page of these lines; texts alone stand below each other. `turns`: of the stored image, to make it upright."""
    placed = [Line(one, y=0.05 + 0.02 * row) if isinstance(one, str) else one for row, one in enumerate(lines)]
    words = [word for number, line in enumerate(placed) for word in _words(line, number)]
    return RecognisedPage(tuple(_stored(word, turns) for word in words), turns, ())


def below(*lines: Line | str, top: float = 0.05, step: float = 0.022) -> list[Line]:
    """Lines one below the other."""
    return [
        Line(one, y=top + step * row) if isinstance(one, str) else
        Line(one.text, one.x, top + step * row, one.size, one.confidence, one.wide)
        for row, one in enumerate(lines)
    ]  # fmt: skip


def _words(line: Line, number: int) -> Sequence[Word]:
    found, height = [], TEXT * line.size
    x, y = line.x * WIDTH, line.y * HEIGHT
    for text in line.text.split(" "):
        width = height * line.wide * len(text)
        if text:
            found.append(Word(text, x, y, x + width, y, height, line.confidence, number))
        x += width + height * 0.35
    return found


def _stored(word: Word, turns: int) -> Word:
    """The word in pixels of an image that needs so many clockwise quarter turns to be upright."""
    (x0, y0), (x1, y1) = (_back(x, y, turns) for x, y in ((word.x0, word.y0), (word.x1, word.y1)))
    return Word(word.text, x0, y0, x1, y1, word.height, word.confidence, word.line)


def _back(x: float, y: float, turns: int) -> tuple[float, float]:
    match turns:
        case 1:
            return y, WIDTH - x
        case 2:
            return WIDTH - x, HEIGHT - y
        case 3:
            return HEIGHT - y, x
        case _:
            return x, y
