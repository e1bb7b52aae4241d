"""Answers on a terminal: as a table of few columns that fits its width, or as one line a field.

A table declares its columns: what of an answer they show, under which head, and how. The rest is left to JSON.
"""

import re
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from lexicon.reviews import said
from lexicon.screens import say
from lexicon.sentences import Language

Answer = Mapping[str, Any]

WIDTH: Final = 100
"""Letters of a line."""
_GAP: Final = "  "
_NOTHING: Final = "—"
_CUT: Final = "…"
_BOUND: Final = re.compile(r"(?<=«) | (?=[»:;!?])")
_LEAST: Final = 6
"""Letters that a column keeps at least, whatever else there is."""


@dataclass(frozen=True, slots=True)
class Telling:
    """To whom it is told: language, and the time zone of the clocks there."""

    language: Language
    zone: ZoneInfo


Shown = Callable[[Answer, Telling], str]


@dataclass(frozen=True, slots=True)
class Column:
    """`head`: French, English. `whole`: a person must copy it, so it is never cut."""

    head: tuple[str, str]
    shown: Shown
    whole: bool = False


Table = Sequence[Column]


# How a field is shown


def field(answer: Answer, name: str) -> object:
    """What is at a name, dots leading inwards; None where there is nothing."""
    found: object = answer
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def text(name: str) -> Shown:
    return lambda answer, _: cell(field(answer, name))


def words(name: str, table: dict[str, tuple[str, str]]) -> Shown:
    """A slug, in words; several, with commas."""

    def shown_(answer: Answer, telling: Telling) -> str:
        found = field(answer, name)
        several = found if isinstance(found, list | tuple) else [found]
        return ", ".join(_NOTHING if one is None else said(table, str(one), telling.language) for one in several)

    return shown_


def moment(name: str) -> Shown:
    """Civil time where the station stands, to the minute."""
    return lambda answer, telling: at(field(answer, name), telling)


def day(name: str) -> Shown:
    """The civil day of a moment."""
    return lambda answer, telling: at(field(answer, name), telling)[:10]


def at(moment_: object, telling: Telling) -> str:
    """A moment (ISO 8601, with its offset) in civil time."""
    if not isinstance(moment_, str):
        return _NOTHING
    return f"{datetime.fromisoformat(moment_).astimezone(telling.zone):%Y-%m-%d %H:%M}"


def cell(value: object) -> str:
    if isinstance(value, list | tuple):
        return ranges(value) if all(isinstance(v, int) for v in value) else ", ".join(map(cell, value))
    return _NOTHING if value is None else shown(str(value))


def shown(name: str) -> str:
    """A file's name, safe for a terminal: control characters and what is no text are made visible."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in name.encode("utf-8", "replace").decode())


def ranges(numbers: Sequence[int]) -> str:
    """1, 2, 3, 7 as `1-3,7`."""
    parts: list[list[int]] = []
    for one in numbers:
        if parts and one == parts[-1][-1] + 1:
            parts[-1].append(one)
        else:
            parts.append([one])
    return ",".join(str(part[0]) if len(part) == 1 else f"{part[0]}-{part[-1]}" for part in parts)


def folded(text_: str, indent: str, *, first: str | None = None) -> list[str]:
    """A sentence as lines of at most `WIDTH`; `first` stands before its first line, where that is another indent.

    No line begins or ends with the sign that belongs to its neighbour («, », :).
    """
    lines = textwrap.wrap(
        _BOUND.sub("\N{NO-BREAK SPACE}", text_),
        WIDTH,
        initial_indent=indent if first is None else first,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
    )
    return [line.replace("\N{NO-BREAK SPACE}", " ") for line in lines]


# The whole


def table_text(answers: Sequence[Answer], table: Table, telling: Telling) -> str:
    """Aligned columns in `WIDTH`: where it is too narrow, the widest that nobody copies are cut."""
    if not answers:
        return say("none-found", telling.language)
    rows = [[_head(column, telling) for column in table]]
    rows += [[column.shown(answer, telling) for column in table] for answer in answers]
    widths = _fitted([max(len(row[place]) for row in rows) for place in range(len(table))], table)
    return "\n".join(
        _GAP.join(_cut(one, width).ljust(width) for one, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def sheet_text(answer: Answer, table: Table, telling: Telling) -> str:
    """One line a column, whole; what is not there is left out."""
    told = [(_head(column, telling), column.shown(answer, telling)) for column in table]
    kept = [(head, value) for head, value in told if value not in ("", _NOTHING)]
    widest = max((len(head) for head, _ in kept), default=0)
    return "\n".join(f"{head.ljust(widest)}  {value}" for head, value in kept)


def _head(column: Column, telling: Telling) -> str:
    return column.head[0 if telling.language == "fr" else 1]


def _fitted(widths: list[int], table: Table) -> list[int]:
    over = sum(widths) + len(_GAP) * (len(widths) - 1) - WIDTH
    while over > 0:
        cuttable = [place for place, column in enumerate(table) if not column.whole and widths[place] > _LEAST]
        if not cuttable:
            break
        widest = max(cuttable, key=lambda place: widths[place])
        widths[widest] -= 1
        over -= 1
    return widths


def _cut(text_: str, width: int) -> str:
    return text_ if len(text_) <= width else text_[: width - 1] + _CUT
