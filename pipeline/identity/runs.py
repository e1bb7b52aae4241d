"""Runs of names in a line: words with a capital, side by side, that mean nothing else."""

from typing import Final

from pipeline.identity import vocabulary
from pipeline.identity.lines import Line, Lines, Place, ends_sentence, role_of

LONGEST_NAME: Final = 5
"""Tokens of a name: `de La Tour du Pin` has five."""


def run_at(lines: Lines, place: Place, joining: frozenset[str] = frozenset()) -> Place:
    """The place and the names directly beside it, commas and `joining` words between them or not."""
    line = lines.lines[place.line]
    start, end = place.start, place.end
    while start and not _parted(line, start) and (is_name(line, start - 1) or line[start - 1].plain in joining):
        start -= 1
    while end < len(line) and not _parted(line, end) and (is_name(line, end) or line[end].plain in joining):
        end += 1
    return Place(place.line, start, end)


def joined(line: Line, start: int) -> Line:
    """The next words of a line, up to a column's gap."""
    after = line[start : start + 4]
    ends = [at for at, token in enumerate(after) if token.wide]
    return after[: ends[0]] if ends else after


def particled(line: Line, start: int) -> int:
    """Where a name begins whose particle stands before it."""
    while start and not line[start].wide and line[start - 1].plain in vocabulary.PARTICLES and line[start - 1].named:
        start -= 1
    return start


def _parted(line: Line, position: int) -> bool:
    """Whether a sign between a token and the one before it keeps them from being one name."""
    token = line[position]
    return token.wide or any(sign in token.lead for sign in ":;|/(") or ends_sentence(line[position - 1], token)


def is_name(line: Line, position: int) -> bool:
    """Whether a token may be part of a name: letters with a capital, and no word that means something else."""
    token = line[position]
    known = role_of(line, position) is not None or token.plain in vocabulary.STOPS
    return token.letters and token.named and not known
