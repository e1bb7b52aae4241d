"""A sheet of A4 paper to draw on, in millimetres and points; it remembers what was printed on it, and where."""

import math
import random
from functools import cache
from itertools import pairwise
from typing import Final, Literal

from PIL import Image, ImageDraw, ImageFont

from lexicon.faults import StationFault

WIDTH: Final = 210.0
HEIGHT: Final = 297.0

Colour = tuple[int, int, int]
INK: Final[Colour] = (28, 28, 32)
PEN: Final[Colour] = (24, 44, 132)
RULE: Final[Colour] = (96, 100, 108)
SHADE: Final[Colour] = (233, 236, 240)

Face = Literal["sans", "serif", "mono"]
Anchor = Literal["ls", "ms", "rs"]
"""Where (x, y) lies on the text's baseline: its left end, middle or right end."""

# All six are in Debian's fonts-dejavu-core.
_FILES: Final = {
    ("sans", False): "DejaVuSans.ttf",
    ("sans", True): "DejaVuSans-Bold.ttf",
    ("serif", False): "DejaVuSerif.ttf",
    ("serif", True): "DejaVuSerif-Bold.ttf",
    ("mono", False): "DejaVuSansMono.ttf",
    ("mono", True): "DejaVuSansMono-Bold.ttf",
}
_ROW: Final = 1.6
"""Texts whose baselines are no further apart (mm) stand on one line."""


@cache
def _font(face: Face, bold: bool, pixels: int) -> ImageFont.FreeTypeFont:  # noqa: FBT001 (the key of a cache)
    try:
        return ImageFont.truetype(_FILES[face, bold], pixels)
    except OSError:
        raise StationFault("font-missing", font=_FILES[face, bold]) from None


class Sheet:
    """White A4 paper at `dpi` pixels an inch; lengths are millimetres from the top left corner, sizes points."""

    def __init__(self, dpi: int, face: Face = "sans") -> None:
        self.dpi = dpi
        self.face = face
        self.image = Image.new("RGB", (self.pixels(WIDTH), self.pixels(HEIGHT)), "white")
        self._draw = ImageDraw.Draw(self.image)
        self.marks: list[str] = []
        """What was put on it by hand: handwriting and rubber stamps."""
        self._printed: list[tuple[float, float, str]] = []

    def pixels(self, length: float) -> int:
        """A length in mm as whole pixels."""
        return round(length * self.dpi / 25.4)

    @property
    def lines(self) -> tuple[str, ...]:
        """What was printed, line by line from the top, the parts of a line parted by two spaces."""
        rows: list[tuple[float, list[tuple[float, str]]]] = []
        for y, x, text in sorted(self._printed):
            if rows and y - rows[-1][0] <= _ROW:
                rows[-1][1].append((x, text))
            else:
                rows.append((y, [(x, text)]))
        return tuple("  ".join(text for _, text in sorted(row)) for _, row in rows)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = 10,
        bold: bool = False,
        ink: Colour = INK,
        anchor: Anchor = "ls",
    ) -> float:
        """Print one line with its baseline at y; gives the x where it ends (for `ls`)."""
        font = self._sized(size, bold=bold)
        self._draw.text((self.pixels(x), self.pixels(y)), text, font=font, fill=ink, anchor=anchor)
        width = self._length(text, font)
        left = x - {"ls": 0.0, "ms": width / 2, "rs": width}[anchor]
        self._printed.append((y, left, text))
        return left + width

    def paragraph(
        self, x: float, y: float, width: float, text: str, *, size: float = 10, leading: float = 1.5
    ) -> float:
        """Print lines broken at `width`, the first with its baseline at y; gives the baseline for what follows."""
        font, step = self._sized(size, bold=False), size * leading * 25.4 / 72
        line: list[str] = []
        for word in text.split():
            if line and self._length(" ".join([*line, word]), font) > width:
                self.text(x, y, " ".join(line), size=size)
                y, line = y + step, []
            line.append(word)
        self.text(x, y, " ".join(line), size=size)
        return y + step

    def rule(self, x: float, y: float, to_x: float, *, to_y: float | None = None, weight: float = 0.2) -> None:
        """A line to (to_x, to_y), level where `to_y` is None; `weight` in mm."""
        ends = [self.pixels(v) for v in (x, y, to_x, y if to_y is None else to_y)]
        self._draw.line(ends, fill=RULE, width=max(1, self.pixels(weight)))

    def dots(self, x: float, y: float, to_x: float) -> None:
        """A dotted line to write on."""
        while x < to_x:
            self.rule(x, y, x + 0.35, weight=0.3)
            x += 1.3

    def box(
        self, x: float, y: float, width: float, height: float, *, weight: float = 0.3, fill: Colour | None = None
    ) -> None:
        corners = [self.pixels(v) for v in (x, y, x + width, y + height)]
        self._draw.rectangle(corners, fill=fill, outline=RULE if weight else fill, width=max(1, self.pixels(weight)))

    def tick(self, x: float, y: float, label: str = "", *, ticked: bool) -> None:
        """A square to tick, standing on y, with its label."""
        side = 3.4
        self.box(x, y - side, side, side)
        if ticked:
            for rise in (-1, 1):
                ends = (x - 0.4, y - side / 2 - rise * 2.1, x + side + 0.5, y - side / 2 + rise * 1.9)
                self._draw.line([self.pixels(v) for v in ends], fill=PEN, width=self.pixels(0.55))
        if label:
            self.text(x + side + 2.2, y - 0.3, label)

    def table(self, x: float, y: float, columns: list[tuple[str, float, Anchor]], rows: list[list[str]]) -> float:
        """A ruled table, its head shaded; columns are (title, width, alignment). A row that begins with `!` is bold.

        Gives the y beneath it.
        """
        step, size = 5.8, 8.5
        width = sum(column[1] for column in columns)
        self.box(x, y, width, step, fill=SHADE)
        for number, row in enumerate([[column[0] for column in columns], *rows]):
            bold = number == 0 or row[0].startswith("!")
            left = x
            for (_, column, anchor), text in zip(columns, row, strict=True):
                at = {"ls": left + 1.6, "ms": left + column / 2, "rs": left + column - 1.6}[anchor]
                if text:
                    self.text(at, y + 4.1, text.lstrip("!"), size=size, bold=bold, anchor=anchor)
                left += column
            self.rule(x, y, x + width)
            y += step
        self.rule(x, y, x + width)
        left, top = x, y - step * (len(rows) + 1)
        for column in [0.0, *(column[1] for column in columns)]:
            left += column
            self.rule(left, top, left, to_y=y)
        return y

    def handwriting(self, x: float, y: float, text: str, rng: random.Random, *, size: float = 13) -> None:
        """Letters printed by hand with a blue pen: none quite level with the others."""
        font = self._sized(size, bold=False)
        left = x
        for sign in text:
            side = self.pixels(size * 0.8)
            glyph = Image.new("L", (side, side), 0)
            ImageDraw.Draw(glyph).text((side // 2, side * 3 // 4), sign, font=font, fill=235, anchor="ms")
            glyph = glyph.rotate(rng.uniform(-5, 3), Image.Resampling.BICUBIC)
            advance = self._length(sign, font)
            place = (
                self.pixels(left + advance / 2) - side // 2,
                self.pixels(y + rng.uniform(-0.35, 0.35)) - side * 3 // 4,
            )
            self.image.paste(PEN, place, glyph)
            left += advance * rng.uniform(0.96, 1.08)
        self.marks.append(text)

    def signature(self, x: float, y: float, rng: random.Random, *, width: float = 34, height: float = 10) -> None:
        """A flourish that nobody can read: a curve through strokes up and down, each a little smaller."""
        beats = rng.randint(9, 15)
        knots = [
            (
                x + width * (beat / beats) + rng.uniform(-4.5, 2.5),
                y - height * (0.5 - beat % 2) * rng.uniform(0.35, 1.1) * (1.2 - beat / beats),
            )
            for beat in range(beats + 3)
        ]
        curve = [
            _between(knots[number - 1 : number + 3], step / 16)
            for number in range(1, len(knots) - 2)
            for step in range(16)
        ]
        for number, (start, end) in enumerate(pairwise(curve)):
            ends = [self.pixels(v) for v in (*start, *end)]
            self._draw.line(ends, fill=PEN, width=self.pixels(0.3 + 0.25 * abs(math.sin(number / 11))))

    def stamp(self, x: float, y: float, lines: list[str], rng: random.Random) -> None:
        """A rubber stamp's mark: framed, a little turned, ink uneven."""
        size, step = 8.5, 4.2
        font = self._sized(size, bold=True)
        width = max(self._length(line, font) for line in lines) + 6
        height = step * len(lines) + 4
        mark = Image.new("L", (self.pixels(width), self.pixels(height)), 0)
        draw = ImageDraw.Draw(mark)
        draw.rectangle((2, 2, mark.width - 3, mark.height - 3), outline=190, width=self.pixels(0.5))
        for number, line in enumerate(lines):
            at = (mark.width // 2, self.pixels(step * (number + 1) + 1))
            draw.text(at, line, font=font, fill=rng.randrange(180, 215), anchor="ms")
        self.marks.extend(lines)
        mark = mark.rotate(rng.uniform(-4, 4), Image.Resampling.BICUBIC, expand=True)
        self.image.paste((52, 62, 140), (self.pixels(x), self.pixels(y)), mark)

    def _sized(self, size: float, *, bold: bool) -> ImageFont.FreeTypeFont:
        return _font(self.face, bold, round(size * self.dpi / 72))

    def _length(self, text: str, font: ImageFont.FreeTypeFont) -> float:
        return font.getlength(text) * 25.4 / self.dpi


def _between(knots: list[tuple[float, float]], t: float) -> tuple[float, float]:
    """The point at t (0 to 1) between the second and the third of four knots (Catmull-Rom)."""
    x, y = (
        0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
        for a, b, c, d in zip(*knots, strict=True)
    )
    return x, y
