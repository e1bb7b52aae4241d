"""What the benchmark found, kept between its parts, and what comes of it: recall, errors, bytes, ratios."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Final, Self

from bench.ocr_fidelity import Shown
from bench.ocr_papers import TURNED
from bench.ocr_parts import FAST, PLAIN, Row, is_ours
from bench.ocr_peer import CLEAN, DEFAULT
from bench.ocr_profile import Profile
from bench.ocr_score import Ratios, Score, total
from bench.ocr_speed import APART, FILES, Lap, Way

PARTS: Final = ("speed", "words", "bytes", "real")
FOUND: Final = "findings.json"
_HARD: Final = ("office", "bad")
_POINTS: Final = 100
_PLACES: Final = 3
"""More than any page count can tell; a float's last digits break no promise."""


@dataclass(slots=True)
class Findings:
    """Of all parts that were run; empty, those that were not."""

    laps: list[Lap] = field(default_factory=list)
    profiles: list[Profile] = field(default_factory=list)
    words: list[Row] = field(default_factory=list)
    bytes: list[Row] = field(default_factory=list)
    real: list[Row] = field(default_factory=list)
    shown: list[Shown] = field(default_factory=list)
    """Of compact PDFs, how much of the scan they show."""
    recognisers: dict[str, str] = field(default_factory=dict)
    """What each of our engines said that it is: its version, and that of what it recognises with."""
    notes: list[str] = field(default_factory=list)
    """What was left out, in sentences."""

    def save(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self), indent=0), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Self:
        """What was saved there; nothing where nothing was."""
        if not path.exists():
            return cls()
        told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            laps=[Lap(**one) for one in told["laps"]],
            profiles=[Profile(**one) for one in told["profiles"]],
            words=[Row(**one) for one in told["words"]],
            bytes=[Row(**one) for one in told["bytes"]],
            real=[Row(**one) for one in told["real"]],
            shown=[Shown(**one) for one in told["shown"]],
            recognisers=told["recognisers"],
            notes=told["notes"],
        )

    def of(self, engine: str, way: Way = FILES) -> list[Lap]:
        return [lap for lap in self.laps if (lap.engine, lap.way) == (engine, way)]

    def speed(self, ours: str, theirs: str, way: Way) -> Ratios | None:
        """Pages a minute, ours over theirs, by the rounds in which both made their PDFs."""
        both = zip(self.of(ours, FILES if way == APART else way), self.of(theirs, way), strict=False)
        pairs = [(one, other) for one, other in both if one.pages and other.pages]
        return Ratios.of([one.rate for one, _ in pairs], [other.rate for _, other in pairs]) if pairs else None

    @property
    def fresh(self) -> list[Row]:
        """Words of the fresh seeds as they were scanned; of whatever was read, where there is no seed."""
        seeds = [row for row in self.words if row.group.startswith("seed-")]
        return seeds or [row for row in self.words if row.group != TURNED]

    @property
    def ours(self) -> str:
        """The faster of our two, if it was there."""
        rows = (*self.words, *self.bytes, *self.real)
        return FAST if self.of(FAST) or of(rows, FAST) else PLAIN


def scores(rows: Iterable[Row]) -> Score:
    return total(row.score for row in rows)


def of(rows: Iterable[Row], engine: str) -> list[Row]:
    return [row for row in rows if row.engine == engine]


def best_recall(rows: Sequence[Row]) -> float:
    """Of the better of the peer's two settings."""
    return max(scores(of(rows, setting)).recall for setting in (DEFAULT, CLEAN))


def gain(rows: Sequence[Row], ours: str) -> float:
    """Points of recall above the better of the peer's two settings."""
    return round(_POINTS * (scores(of(rows, ours)).recall - best_recall(rows)), _PLACES)


def least_cer(rows: Sequence[Row]) -> float:
    return min(scores(of(rows, setting)).cer for setting in (DEFAULT, CLEAN))


def by(rows: Iterable[Row], key: Callable[[Row], str]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return dict(sorted(found.items()))


def hard(rows: Iterable[Row]) -> list[Row]:
    return [row for row in rows if row.level in _HARD]


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bytes of the pages that both engines made a PDF of."""

    pages: int
    ours: int
    theirs: int
    each: Ratios
    """Page by page."""

    @property
    def ratio(self) -> float:
        return self.ours / self.theirs


def sizes(rows: Sequence[Row], ours: str, theirs: str) -> Sizes | None:
    """None where no page has a PDF of both."""
    there = {(row.group, row.name): row.size for row in of(rows, theirs) if row.size}
    both = [
        (row.size, there[row.group, row.name]) for row in of(rows, ours) if row.size and (row.group, row.name) in there
    ]
    if not both:
        return None
    mine, other = [one for one, _ in both], [one for _, one in both]
    return Sizes(len(both), sum(mine), sum(other), Ratios.of(mine, other))


def verdicts(findings: Findings) -> list[tuple[str, int, int, int]]:
    """Of each engine: files made, accepted by veraPDF, refused."""
    made: list[tuple[str, bool | None]] = [(lap.engine, lap.conforms) for lap in findings.laps if lap.size]
    rows = {(row.engine, row.group, row.name): row for row in (*findings.words, *findings.bytes, *findings.real)}
    made += [(row.engine, row.conforms) for row in rows.values() if row.size]
    engines = sorted({engine for engine, _ in made}, key=lambda engine: (not is_ours(engine), engine))
    return [
        (
            engine,
            sum(one == engine for one, _ in made),
            sum(one == engine and conforms is True for one, conforms in made),
            sum(one == engine and conforms is False for one, conforms in made),
        )
        for engine in engines
    ]


def typical(laps: Sequence[Lap], of_one: Callable[[Lap], float]) -> float:
    """The median over the rounds."""
    return median(map(of_one, laps)) if laps else 0.0
