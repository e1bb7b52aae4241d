"""Runs of names in a line: words with a capital, side by side, that mean nothing else."""

from typing import Final

from pipeline.identity import vocabulary
from pipeline.identity.given_names import is_common
from pipeline.identity.lines import Line, Lines, Place, ends_sentence, role_of

_LED: Final = 3
"""Letters of a name in small letters, at least."""
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
    parts = ":;|(" if token.lead == "/" else ":;|/("  # `LE GOFF/Anaïs`, without blanks, is one name
    return token.wide or any(sign in token.lead for sign in parts) or ends_sentence(line[position - 1], token)


def is_name(line: Line, position: int) -> bool:
    """Whether a token may be part of a name: letters with a capital, and no word that means something else."""
    token = line[position]
    known = role_of(line, position) is not None or token.plain in vocabulary.STOPS
    return token.letters and not known and (token.named or _is_led(line, position))


def _is_led(line: Line, position: int) -> bool:
    """Whether a word in small letters stands where a name does: in a form filled so, or behind a small title."""
    if not position or len(line[position].plain) < _LED:
        return False
    before = line[position - 1]
    if is_common(line[position].folded) and _is_led(line, position - 1):
        return True
    if before.plain in vocabulary.NAMES | vocabulary.GIVEN:
        return ":" in line[position].lead
    return before.plain in vocabulary.TITLES and len(before.plain) > 1 and not before.named
