"""One picture of the benchmark: how fast an engine is and how many printed words it finds, as SVG 1.1."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final
from xml.sax.saxutils import escape

_WIDTH, _HEIGHT = 720, 420
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 30, 46, 60
_STEPS: Final = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0)
_LINES: Final = 6
_ROOM: Final = 1.25
"""Of the fastest, so that its name has room."""
_OURS, _THEIRS = "#0b5fa5", "#a55a0b"
_LABEL: Final = 8
"""Pixels between a point and its name."""


@dataclass(frozen=True, slots=True)
class Point:
    """One engine."""

    name: str
    rate: float
    """Pages a minute."""
    recall: float
    """0 to 1."""
    ours: bool


def chart(points: Sequence[Point], title: str) -> str:
    """The picture as text; raises ValueError without points."""
    fastest, worst = max(point.rate for point in points), 100 * min(point.recall for point in points)
    across, up = _step(_ROOM * fastest), _step(100 - worst)
    frame = _Frame(across * ceil(_ROOM * fastest / across), 100 - up * ceil((100 - worst) / up), across, up)
    return "\n".join((_HEAD, _text(_LEFT, 24, title, size=15), *frame.axes(), *frame.points(points), "</svg>", ""))


_HEAD: Final = (
    f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}" '
    f'font-family="sans-serif">\n<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>'
)


@dataclass(frozen=True, slots=True)
class _Frame:
    """From 0 to `most` pages a minute, from `least` to 100 % of the words; `across` and `up` are between two lines."""

    most: float
    least: float
    across: float
    up: float

    def x(self, rate: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * rate / self.most

    def y(self, percent: float) -> float:
        return _TOP + (_HEIGHT - _TOP - _BOTTOM) * (100 - percent) / (100 - self.least)

    def axes(self) -> Iterator[str]:
        bottom, right = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
        for step in range(round(self.most / self.across) + 1):
            x = self.x(step * self.across)
            yield _line(x, _TOP, x, bottom)
            yield _text(x, bottom + 18, f"{step * self.across:g}", anchor="middle")
        for step in range(round((100 - self.least) / self.up) + 1):
            y = self.y(100 - step * self.up)
            yield _line(_LEFT, y, right, y)
            yield _text(_LEFT - 8, y + 4, f"{100 - step * self.up:g} %", anchor="end")
        yield _text((_LEFT + right) / 2, _HEIGHT - 14, "pages a minute, all checks on", anchor="middle")
        yield _text(_LEFT, _TOP - 6, "printed words found")

    def points(self, points: Sequence[Point]) -> Iterator[str]:
        for number, point in enumerate(sorted(points, key=lambda point: point.rate)):
            x, y = self.x(point.rate), self.y(100 * point.recall)
            yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="6" fill="{_OURS if point.ours else _THEIRS}"/>'
            last = point.rate > 0.7 * self.most
            place, anchor = (x - _LABEL, "end") if last else (x + _LABEL, "start")
            height = y + (-_LABEL, 2 * _LABEL)[number % 2]  # above, below: names of neighbours do not meet
            yield _text(place, height, f"{point.name}: {point.rate:.0f}, {point.recall:.1%}", anchor=anchor)


def _step(reach: float) -> float:
    """Between two lines, so that there are few."""
    return next((step for step in _STEPS if reach / step <= _LINES), reach)


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="#dddddd"/>'


def _text(x: float, y: float, text: str, anchor: str = "start", size: int = 12) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}">{escape(text)}</text>'
