"""The order in which lines are read that stand on a page in columns, from their places alone.

T. M. Breuel, "High Performance Document Layout Analysis" (2003): of two lines above each other the upper comes first;
of two beside each other the left one does, unless a line that spans both stands between them.
"""

from collections.abc import Iterator, Sequence

from pipeline.reading.lines import Line


def in_columns(lines: Sequence[Line]) -> tuple[Line, ...]:
    """The lines, those of a column together."""
    ordered = sorted(lines, key=lambda line: (line.top + line.bottom, line.left))
    return tuple(ordered[place] for place in _sorted([_before(ordered, place) for place in range(len(ordered))]))


def _before(lines: Sequence[Line], place: int) -> list[int]:
    """Those that are read before a line; `lines` from top to bottom."""
    spans = [_over(lines[place], line) for line in lines]
    above = [other for other in range(place) if spans[other]]
    beside = [
        other
        for other, line in enumerate(lines)
        if not spans[other] and line.right <= lines[place].left and not _parted(lines, other, place, spans)
    ]
    return above + beside


def _parted(lines: Sequence[Line], one: int, other: int, spans: Sequence[bool]) -> bool:
    """Whether a line stands between two that are beside each other, and spans both; `spans`: those over `other`."""
    low, high = min(one, other) + 1, max(one, other)
    return any(spans[between] and _over(lines[one], lines[between]) for between in range(low, high))


def _over(one: Line, other: Line) -> bool:
    """Whether one stands above the other: they share more of their width than a letter."""
    return min(one.right, other.right) - max(one.left, other.left) > 0.5 * min(one.rise, other.rise)


def _sorted(before: Sequence[Sequence[int]]) -> Iterator[int]:
    """Each place after those before it; where they go in circles, the first comes first."""
    seen: set[int] = set()
    for start in range(len(before)):
        waiting = [(start, iter(before[start]))] if start not in seen else []
        seen.add(start)
        while waiting:
            place, rest = waiting[-1]
            following = next((other for other in rest if other not in seen), None)
            if following is None:
                waiting.pop()
                yield place
            else:
                seen.add(following)
                waiting.append((following, iter(before[following])))
