"""Pieces of pages with invented text: tables, letters, forms, small print, typed and old pages."""
# ruff: noqa: PLR2004  shares, compared with chance

from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random

import numpy as np

from training.faces import Faces
from training.sheets import FINER, Sheet, Type
from training.texts import Texts

_POINTS = (7, 7.5, 8, 8, 8.5, 9, 9, 9.5, 10, 10, 10.5, 11, 11, 12, 13, 14)


@dataclass(slots=True)
class Pieces:
    """Draws pieces of page, each unlike the last."""

    random: Random
    texts: Texts
    faces: Faces

    def piece(self, dpi: float) -> Sheet:
        """Of a page that is to be scanned at `dpi`."""
        sheet = Sheet(self.random, dpi * FINER)
        kinds: tuple[Callable[[Sheet], None], ...] = (
            *(self._table,) * 5,
            *(self._letter,) * 5,
            *(self._form,) * 3,
            *(self._typed,) * 3,
            self._book,
            self._small,
            self._columns,
        )
        self.random.choice(kinds)(sheet)
        return sheet

    def _type(self) -> Type:
        """A usual family every other time; upright and of normal weight two times of three."""
        faces = self.faces.usual if self.random.random() < 0.55 else self.faces.all
        plain = [path for path in faces if path in self.faces.plain]
        face = self.random.choice(plain if self.random.random() < 0.6 else faces)
        return Type(face, self.random.choice(_POINTS))

    def _another(self, kind: Type) -> Type:
        """As large, of another face."""
        return replace(self._type(), points=kind.points)

    def _table(self, sheet: Sheet) -> None:
        """Analyses, their values, units and intervals; other faces for the heads and for what is out of range."""
        kind = self._type()
        bold = self._another(kind) if self.random.random() < 0.3 else kind
        widths = (self.random.uniform(0.8, 1.4) * width for width in (50, 22, 20, 36))
        edges = np.cumsum([self.random.uniform(2, 8), *widths]).tolist()
        columns = self._of_analyses()
        sparse, ruled = self.random.random() * 0.3, self.random.random()
        for number, base in enumerate(sheet.rows(kind.points)):
            speaks = [self.texts.heading] * len(columns) if number == 0 else columns
            at = 0.0
            for place, (edge, speak) in enumerate(zip(edges, speaks, strict=True)):
                if self.random.random() > sparse * (place > 0):
                    chosen = bold if self.random.random() < 0.12 else kind
                    at = sheet.write(chosen, max(at, sheet.mm(edge)), base, speak()) + sheet.mm(1.5)
            if ruled < 0.45:
                self._ruled(sheet, base + sheet.size(kind.points) * self.random.uniform(0.3, 0.42), whole=ruled < 0.3)
        if ruled < 0.15:
            for edge in edges:
                sheet.rule(0, sheet.image.height, sheet.mm(edge - 1), stands=True)

    def _of_analyses(self) -> list[Callable[[], str]]:
        texts = self.texts
        columns = [texts.analyte, texts.measured, texts.unit, texts.interval, texts.number]
        if self.random.random() < 0.3:
            columns = [texts.analyte, texts.measured, texts.interval, texts.interval, texts.unit_of]
        if self.random.random() < 0.25:
            columns[1] = lambda: f"{texts.measured()} {texts.unit()}"
        return columns

    def _letter(self, sheet: Sheet) -> None:
        kind = self._type()
        kind = replace(kind, points=kind.points - self.random.choice((0, 0, 1, 1.5)))
        self._lines(sheet, kind, sheet.mm(self.random.uniform(2, 20)))
        if self.random.random() < 0.15:
            self._banner(sheet, kind)

    def _small(self, sheet: Sheet) -> None:
        """What stands at the foot of a page, slanted more often than not."""
        face = self.random.choice(self.faces.slanted if self.random.random() < 0.65 else self.faces.usual)
        kind = Type(face, self.random.choice((5.5, 6, 6, 6.5, 7, 7, 7.5, 8)))
        self._lines(sheet, kind, sheet.mm(self.random.uniform(2, 60)))

    def _book(self, sheet: Sheet) -> None:
        kind = Type(self.random.choice(self.faces.books), self.random.choice((8, 9, 9.5, 10, 11, 12)))
        for base in sheet.rows(kind.points):
            sheet.write(kind, sheet.mm(4), base, self.texts.prose(self.random.randrange(7, 15)))

    def _typed(self, sheet: Sheet) -> None:
        """By a machine, ten or twelve letters an inch, with a worn ribbon now and then."""
        kind = Type(self.random.choice(self.faces.typewriters), self.random.choice((9, 10, 10, 11, 12, 12)))
        kind = replace(kind, fill=self.random.choice((0, 0, 0, 30, 60, 90)), typed=self.random.random() < 0.8)
        self._lines(sheet, kind, sheet.mm(self.random.uniform(2, 20)))

    def _lines(self, sheet: Sheet, kind: Type, edge: float) -> None:
        texts = self.texts
        kinds = [lambda: texts.prose(self.random.randrange(3, 13))] * 7
        kinds += [texts.prescription, texts.bullet, texts.heading, texts.name, texts.address, texts.date, texts.article]
        for base in sheet.rows(kind.points):
            start = edge if self.random.random() < 0.85 else edge + sheet.mm(self.random.uniform(5, 60))
            sheet.write(kind, start, base, self.random.choice(kinds)())

    def _banner(self, sheet: Sheet, kind: Type) -> None:
        """White on black, at the foot."""
        high = sheet.size(kind.points)
        base, end = sheet.image.height - 1.2 * high, sheet.mm(self.random.uniform(60, 165))
        top = base - 1.5 * high
        sheet.words[:] = [word for word in sheet.words if word.bottom < top - 2]
        sheet.draw.rectangle((0, top, sheet.image.width, sheet.image.height), fill=255)
        sheet.draw.rectangle((0, top, end, base + 0.6 * high), fill=0)
        sheet.write(replace(kind, fill=255), sheet.mm(3), base, self.texts.heading())

    def _form(self, sheet: Sheet) -> None:
        """Labels, their answers in another face beside them, in a column of their own, or nowhere; boxes to tick."""
        kind, edge = self._type(), sheet.mm(self.random.uniform(2, 10))
        other = self._another(kind)
        column = sheet.mm(self.random.uniform(40, 65)) if self.random.random() < 0.5 else 0.0
        leaders = self.random.random() < 0.3
        for base in sheet.rows(kind.points):
            at = edge
            for _ in range(self.random.choice((1, 2, 2))):
                at = sheet.write(kind, at, base, self.texts.label())
                at = self._answered(sheet, self.random.choice((kind, other)), max(at, column), base, leaders=leaders)
                at += sheet.mm(self.random.uniform(4, 25))

    def _answered(self, sheet: Sheet, kind: Type, at: float, base: float, *, leaders: bool) -> float:
        share = self.random.random()
        if share < 0.25:
            return self._boxes(sheet, kind, at, base)
        if leaders and share < 0.6:
            end = min(sheet.image.width - 1.0, at + sheet.mm(self.random.uniform(20, 80)))
            sheet.rule(at, end, base, dotted=self.random.random() < 0.7)
            return end
        return sheet.write(kind, at, base, self.texts.answer()) if share < 0.85 else at

    def _boxes(self, sheet: Sheet, kind: Type, at: float, base: float) -> float:
        side = sheet.size(kind.points) * self.random.uniform(0.6, 0.8)
        for _ in range(self.random.choice((1, 2, 2, 3))):
            sheet.tick_box(at, base, side)
            at = sheet.write(kind, at + side * self.random.uniform(1.4, 2.2), base, self.texts.choice()) + side
        return at

    def _columns(self, sheet: Sheet) -> None:
        """Numbers, codes, names and characters without sense, side by side."""
        texts, points = self.texts, self.random.choice(_POINTS)
        speakers = (
            texts.number, texts.digits, texts.wordless, texts.name, texts.date, texts.unit_of, texts.address,
            texts.measured, texts.prescription, texts.interval, texts.acronym,
        )  # fmt: skip
        count = self.random.choice((2, 3))
        columns = [(replace(self._type(), points=points), self.random.choice(speakers)) for _ in range(count)]
        for base in sheet.rows(points):
            at = sheet.mm(4)
            for number, (kind, speak) in enumerate(columns):
                end = sheet.write(kind, max(at, sheet.mm(4 + number * 160 / count)), base, speak())
                at = end + sheet.mm(4)

    def _ruled(self, sheet: Sheet, height: float, *, whole: bool) -> None:
        """A rule under a row; or what is left of one where it was taken away."""
        if whole:
            sheet.rule(sheet.mm(1), sheet.image.width - sheet.mm(1), height, dotted=self.random.random() < 0.15)
            return
        for _ in range(self.random.choice((0, 0, 1, 3))):
            left = self.random.uniform(0, sheet.image.width)
            right = left + sheet.mm(self.random.uniform(0.3, 4))
            sheet.draw.line((left, height, right, height), fill=self.random.choice((0, 120)), width=2)
