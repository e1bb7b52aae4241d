"""How a run of names stands in its line and column: first, alone, behind a label, over or under somebody's trade."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from pipeline.identity import vocabulary
from pipeline.identity.lines import Line, Lines, Place, Role, Token, label, of_physician, role_of, segments
from pipeline.identity.naming import LETTERS
from pipeline.identity.runs import is_name, joined

_PASSED: Final = 8
"""Words to the left of a name among which one may say whose it is."""
_SIGNATURE: Final = 3
"""Lines under a name in which a trade may stand."""
_POSTAL: Final = 5
_OR_TITLED: Final = vocabulary.TITLES | {"OU", "ET"}
_ASSOCIATES: Final = 6
"""Lines of names under one heading."""
_NUMBERED: Final = re.compile(r"(?:N\S* )?(?:\d\d \d \d{5} \d|10\d{9})(?!\d)")
"""ADELI, as it is spaced, or RPPS (eleven digits): nine on end may number a file."""
_NEXT: Final = 2.5
"""Of a word's height: what stands further up or down is no next line."""
_EPITHET: Final = re.compile(
    r"(HOSPITALIER|LIBERA|MEDIC|GENERAL|SPECIALI|CONVENTION|ASSOCIE|DIPLOME|AGREE|COORDONNAT)\w*"
)
_UNDER: Final = 4.0
"""Of a word's height: what begins no further to the side stands under it."""


def is_about(line: Line, run: Place) -> bool:
    """Whether a word before it says that the page is about whom a name names."""
    before = line[max(0, run.start - _PASSED) : run.start]
    after = [token.plain for token in line[run.end : run.end + 2]]
    tells = after[:1] and (after[0] in vocabulary.DOES or after == ["A", "ETE"])
    if tells and before and before[-1].plain in vocabulary.TITLES and not of_physician(before[-3:]):
        return True
    return any(token.plain in vocabulary.ABOUT for token in before) and not of_physician(before[-2:])


def is_aged(line: Line, run: Place) -> bool:
    """Whether an age stands behind a name."""
    after = [token.plain for token in line[run.end : run.end + 3]]
    aged = any(one.isdigit() and other == "ANS" for one, other in pairwise(after))
    return aged and not of_physician(line[max(0, run.start - 2) : run.start])


def of_professional(lines: Lines, run: Place) -> bool:
    """Whether a label over or under it, or a trade beside, over or under it, says that it is somebody's who works there
    or is called."""
    line = lines.lines[run.line]
    after = joined(line, run.end)[:1]
    behind = any(vocabulary.is_trade(one.plain) and not vocabulary.is_employment(one.plain) for one in after)
    before = not line[run.start].wide and vocabulary.is_trade(line[run.start - 1].plain)
    return behind or before or _is_labelled(lines, run) or has_trade_under(lines, run) or _has_trade_over(lines, run)


def _is_labelled(lines: Lines, run: Place) -> bool:
    """Whether nothing but a label of another person stands next to it in its column, or ends the line above.

    A trade in its column is weighed with what stands over it (`_has_trade_over`).
    """
    silent = vocabulary.FILLERS | vocabulary.HEADING
    near = [*_column(lines, run, -1, 1), *_column(lines, run, 1, 1)] if lines.lines[run.line][run.start].wide else []
    said = {token.plain for one in near if label(one) is Role.OTHER for token in one}
    said = {plain for plain in said - silent if not vocabulary.is_trade(plain)}
    if lines.role_above(run) is Role.OTHER and not _is_trade_alone(lines.lines[run.line - 1]):
        said |= {next(one.plain for one in reversed(lines.lines[run.line - 1]) if one.plain not in silent)}
    return bool(said - vocabulary.WEAK - vocabulary.WHERE)


def is_headed(line: Line, start: int) -> bool:
    """Whether a run follows its label directly, and as a value does: behind a colon, a title or a column's gap."""
    parted = False
    for place in range(start - 1, -1, -1):
        parted = parted or line[place + 1].wide or ":" in line[place + 1].lead
        if line[place].plain in vocabulary.TITLES:
            parted = True
        elif role_of(line, place) is not None:
            return parted
        elif line[place].plain not in vocabulary.FILLERS and (line[place].named or not parted):
            break
    return False


def is_full(run: Line) -> bool:
    """A surname in capitals and a given name in small letters: no heading is written so."""
    capitals = [token.text.isupper() for token in run if len(token.plain) >= LETTERS]
    return any(capitals) and not all(capitals)


def is_alone(lines: Lines, run: Place, *, titled: bool) -> bool:
    line = lines.lines[run.line]
    first = run.start - 1 if titled else run.start
    after = line[run.end] if run.end < len(line) else None
    ends = after is None or after.wide or not after.letters or after.plain in vocabulary.BIRTH | vocabulary.ENDING
    ends = ends or (after is not None and "," in after.lead and not vocabulary.is_trade(after.plain))
    while first and line[first - 1].plain in _OR_TITLED:
        first -= 1
    return (is_first(line, first) or is_headed(line, run.start)) and ends and not has_trade_under(lines, run)


def head_of(line: Line, start: int) -> Token:
    """What a column begins with in which nothing stands before a name but a number; else the name's first word."""
    first = start
    while is_first(line, start) and not line[first].wide:
        first -= 1
    return line[first]


def is_first(line: Line, start: int) -> bool:
    """Whether a position begins its column, or nothing stands before it there but a number and what it counts: a page,
    an hour, a file; no postal code."""
    while not line[start].wide:
        start -= 1
        plain = line[start].plain
        counted = any(sign.isdigit() for sign in plain) and not (plain.isdigit() and len(plain) == _POSTAL)
        if not counted and plain not in vocabulary.STOPS:
            return False
    return True


def has_trade_under(lines: Lines, run: Place) -> bool:
    """Whether a trade stands close under a name, in its column: who signs, or whose paper it is; no employee's."""
    return any(_is_professional(segment) for segment in _column(lines, run, 1, _SIGNATURE))


def _is_professional(segment: Line) -> bool:
    """Whether a line under a name says that it is a professional's: by trade, or by number (RPPS, ADELI).

    A label (`Médecin traitant :`) and a title (`Dr N.`) tell of somebody else.
    """
    said = [token.plain for token in segment if token.plain not in vocabulary.FILLERS]
    others = segment[0].plain in vocabulary.DOCTORS or any(":" in token.lead for token in segment)
    employed = len(said) > 1 and vocabulary.is_employment(said[0])
    trade = bool(said) and vocabulary.is_trade(said[0]) and not employed and not others
    return trade or _NUMBERED.match(" ".join(token.text for token in segment)) is not None


def _has_trade_over(lines: Lines, run: Place) -> bool:
    """Whether only a trade stands close over a name (`Le directeur`); of several people (`RADIOLOGUES`), over the
    names above it. What stands under a name itself is the trade of that one."""
    column = tuple(_column(lines, run, -1, _ASSOCIATES))
    for distance, above in enumerate(column):
        if _is_trade_alone(above):
            several = all(one.plain.endswith("S") for one in above if vocabulary.is_trade(one.plain))
            return several or not (distance or any(map(_is_name_line, column[1:2])))
        if not _is_name_line(above):
            return False
    return False


def _is_trade_alone(segment: Line) -> bool:
    """Whether a line or a cell is a trade and nothing else: `Médecin du travail`."""
    trades = [token for token in segment if vocabulary.is_trade(token.plain)]
    return bool(trades) and all(token in trades or _says_no_more(token) for token in segment)


def _is_name_line(segment: Line) -> bool:
    """Whether there are nothing but names in it, a physician's title before them or not."""
    said = [at for at, token in enumerate(segment) if token.plain not in vocabulary.DOCTORS | vocabulary.PARTICLES]
    return all(is_name(segment, at) for at in said)


def _column(lines: Lines, run: Place, step: int, most: int) -> Iterator[Line]:
    """What stands in a name's column in the next lines, upwards or downwards, as long as no line is left out."""
    last = lines.lines[run.line][run.start]
    for number in range(run.line + step, run.line + step * (most + 1), step):
        line = lines.lines[number] if 0 <= number < len(lines.lines) else ()
        under = next((one for one in segments(line) if _in_column(one, last)), ())
        if not under or abs(under[0].level - last.level) > _NEXT * last.word.height:
            return
        yield under
        last = under[0]


def _says_no_more(token: Token) -> bool:
    """Whether a word beside a trade leaves it a heading: `Médecin du travail`, `PRATICIENS HOSPITALIERS`."""
    filled = token.plain in vocabulary.FILLERS | vocabulary.HEADING
    return filled or (token.named and bool(_EPITHET.fullmatch(token.plain)))


def _in_column(segment: Line, token: Token) -> bool:
    return abs(segment[0].word.x0 - token.word.x0) < _UNDER * token.word.height


def passes(line: Line, start: int) -> bool:
    """Whether no word to its left, up to a gap, says that the name is a physician's, a contact's or a relative's."""
    for place in range(start - 1, max(-1, start - 1 - _PASSED), -1):
        plain = line[place].plain
        other = plain not in vocabulary.TITLES and role_of(line, place) is Role.OTHER
        if other or plain in vocabulary.RELATIVES:
            return plain in vocabulary.WEAK | vocabulary.INSTITUTIONS | vocabulary.ABOUT
        if line[place + 1].wide and plain not in vocabulary.TITLES | vocabulary.FILLERS:
            break
    return True
