"""Which kind of document a page is headed as: title words of the trade, ranked by size, place, capitals and fit."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from rapidfuzz import fuzz

from pipeline.identity.traits import words
from pipeline.indexing.kinds import BEFORE_A_TITLE, BY_LETTER, FORMULAS, KINDS, LETTER, REPORT, SURE, Kind
from pipeline.indexing.lines import Piece

_ENOUGH: Final = 0.62
"""A title's rank (0 to 1) from which it counts."""
_ENOUGH_SAID: Final = 0.5
"""The same of a letter's subject."""
_APART: Final = 0.03
"""Two kinds whose ranks are nearer than this: nobody can say which of the titles is the document's."""
_LONGEST: Final = 12
"""Words; more are a sentence."""
_EXACT: Final = 6
"""Letters of a title up to which nothing may be misread."""
_READ: Final = 86.0
"""Of 100: likeness of a longer title to what was read."""
_FIT: Final = 0.38
"""Least share of the line that the title fills, for what is set off; the rest names what it is about."""
_FIT_PLAIN: Final = 0.72
"""The same of a line that nothing sets off."""
_WHOLE: Final = 0.9
_LARGE: Final = 1.18
"""Size, in heights of the page's text, from which a line is set off."""
_HEAD: Final = 0.35
"""Share of the page from its top in which a line of no more than the text's size can be a title."""
_TITLE: Final = 60
_FORMULA: Final = 60
"""Confidence (of 100) of the weakest title, and of what is known by its formulas alone."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a document's words say that it is. `confidence`: 0 to 100; `page`: 1-based."""

    kind: str
    confidence: int
    page: int
    titled: bool
    """By a title; else by the formulas of its kind, or by its paper."""


@dataclass(frozen=True, slots=True)
class _Rank:
    kind: str
    value: float
    letterhead: bool
    bare: bool
    """Whether the title fills its line."""


Titles = dict[str, tuple[str, ...]]
"""Kind -> titles of a client's own, upper case without accents."""


def kind_of(pages: Sequence[Sequence[Piece]], own: Titles | None = None) -> Found | None:
    """What the document is headed as; None where no title says so, or several say different things.

    Titles of the first page that has one count; its letterhead counts where no title does and no formula of a letter.
    """
    heads: list[tuple[int, _Rank]] = []
    for position, page in enumerate(pages, start=1):
        titles, letterheads = _ranked(page, own or {}, later=position > 1)
        if titles:
            return _titled(titles, position, pages)
        heads += [(position, one) for one in letterheads[:1]]
    by_words = _by_formulas(pages)
    if by_words is not None:
        return by_words
    for position, head in heads[:1]:
        return Found(head.kind, min(_TITLE + 15, _confidence(head.value, position)), position, titled=False)
    return None


def _titled(titles: Sequence[_Rank], position: int, pages: Sequence[Sequence[Piece]]) -> Found | None:
    """By the best title of a page; pages before it may be a letter's, and a report may be one."""
    best = titles[0]
    before = _by_formulas(pages[: position - 1])
    if before is not None and before.kind == LETTER:
        return before
    more = _by_formulas(pages[position - 1 : position]) if best.kind == REPORT else None
    if more is not None and (more.kind == LETTER or best.bare):  # a report of what, only its words say
        return more
    if len(titles) > 1 and best.value - titles[1].value < _APART:
        return None
    return Found(best.kind, _confidence(best.value, position), position, titled=True)


def _confidence(rank: float, position: int) -> int:
    return round(_TITLE + (99 - _TITLE) * min(1.0, (rank - _ENOUGH) / (0.95 - _ENOUGH))) - (5 if position > 1 else 0)


def _ranked(page: Sequence[Piece], own: Titles, *, later: bool = False) -> tuple[list[_Rank], list[_Rank]]:
    """The page's titles and letterheads, the most prominent of each kind, the best first."""
    best: dict[tuple[str, bool], _Rank] = {}
    for piece, alone in _candidates(page):
        found = list(_of_piece(piece, own, alone=alone, later=later))
        # of one line, the title that fits it best: an avis d'inaptitude is no avis d'aptitude
        for rank in sorted(found, key=lambda one: one.value, reverse=True)[:1]:
            known = best.get((rank.kind, rank.letterhead))
            if known is None or rank.value > known.value:
                best[rank.kind, rank.letterhead] = rank
    ordered = sorted(best.values(), key=lambda one: one.value, reverse=True)
    return [one for one in ordered if not one.letterhead], [one for one in ordered if one.letterhead]


def _candidates(page: Sequence[Piece]) -> Iterator[tuple[Piece, bool]]:
    """Pieces short enough for a title, also two lines of one title as one; whether nothing stands beside it."""
    rows: dict[int, int] = {}
    for piece in page:
        rows[round(piece.baseline)] = rows.get(round(piece.baseline), 0) + 1
    for piece in page:
        alone = rows[round(piece.baseline)] == 1
        if 0 < len(piece.words) <= _LONGEST:
            yield piece, alone
        below = _below(piece, page)
        if below is not None:
            yield _joined(piece, below), alone


def _below(piece: Piece, page: Iterable[Piece]) -> Piece | None:
    """The line right below that continues it in the same size, centred or flush."""
    for other in page:
        step = other.baseline - piece.baseline
        if 0.5 < step < 2.6 * max(1.0, piece.size) and _continues(piece, other):  # noqa: PLR2004 (line spacing)
            return other
    return None


def _continues(piece: Piece, other: Piece) -> bool:
    same = 0.8 < other.size / piece.size < 1.25  # noqa: PLR2004 (heights with and without descenders)
    centred = abs((piece.left + piece.right) - (other.left + other.right)) < 4  # noqa: PLR2004
    flush = abs(piece.left - other.left) < 1
    short = 0 < len(piece.words) + len(other.words) <= _LONGEST
    return same and short and piece.capitals == other.capitals and piece.size >= _LARGE and (centred or flush)


def _joined(piece: Piece, below: Piece) -> Piece:
    left, right = min(piece.left, below.left), max(piece.right, below.right)
    return Piece((*piece.read, *below.read), left, right, piece.baseline, piece.size, piece.down)


def _of_piece(piece: Piece, own: Titles, *, alone: bool, later: bool) -> Iterator[_Rank]:
    said = piece.words
    subject = bool(said) and said[0] in BEFORE_A_TITLE
    letters = "".join(said[1:] if subject else said)
    if not letters or (said[0].isdigit() and not subject):  # a numbered heading is a part of something
        return
    set_off = piece.size >= _LARGE or piece.capitals
    if piece.size < _LARGE and (later or piece.down > _HEAD) and not subject:  # a section's heading
        return
    for kind in _all_kinds(own):
        if subject and kind.name not in BY_LETTER:
            continue
        for titles, letterhead in ((kind.titles, False), (kind.letterheads, True)):
            fits = [fit for title in titles if (fit := _fit(_compact(title), letters, set_off=set_off or subject))]
            if fits:
                value = max(_value(match, share, piece, alone=alone) for match, share in fits)
                if value >= (_ENOUGH_SAID if subject else _ENOUGH):
                    yield _Rank(kind.name, value, letterhead, bare=max(share for _, share in fits) > _WHOLE)


def _all_kinds(own: Titles) -> Iterator[Kind]:
    yield from KINDS
    for name, titles in own.items():
        yield Kind(name, titles)


@lru_cache(maxsize=1024)
def _compact(title: str) -> str:
    return "".join(words(title))


def _fit(title: str, letters: str, *, set_off: bool) -> tuple[float, float] | None:
    """How well the line begins with the title (0 to 1), and how much of it the title fills (0 to 1)."""
    share = min(1.0, len(title) / len(letters))
    if share < (_FIT if set_off else _FIT_PLAIN) or len(letters) < 0.85 * len(title):
        return None
    if len(title) <= _EXACT:
        return (1.0, share) if letters.startswith(title) and share > _FIT_PLAIN else None
    head = letters[: len(title) + 1]
    match = max(fuzz.ratio(title, head[: len(title) + more]) for more in (-1, 0, 1))
    return (match / 100, share) if match >= _READ else None


def _value(match: float, share: float, piece: Piece, *, alone: bool) -> float:
    """Rank, 0 to 1: the size counts most, then how high it stands, capitals, and that nothing stands beside it."""
    size = min(1.0, max(0.0, (piece.size - 0.95) / 0.6))
    prominence = 0.4 * size + 0.3 * (1 - piece.down) + 0.2 * piece.capitals + 0.1 * alone
    return match * match * (0.36 + 0.22 * share + 0.42 * prominence)


def _by_formulas(pages: Sequence[Sequence[Piece]]) -> Found | None:
    """What its fixed words say, where those of one kind alone are enough."""
    text = " ".join(" ".join(piece.words) for page in pages for piece in page)
    weights = {
        kind: sum(weight for pattern, weight in patterns if pattern.search(text)) for kind, patterns in FORMULAS.items()
    }
    enough = {kind: weight for kind, weight in weights.items() if weight >= SURE}
    best = max(enough.values(), default=0)
    found = [kind for kind, weight in enough.items() if weight == best]
    return Found(found[0], min(85, _FORMULA + 8 * (best - SURE)), 1, titled=False) if len(found) == 1 else None
