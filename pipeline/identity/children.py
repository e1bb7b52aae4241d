"""Children of whom a page speaks in their parents' papers: `votre fille Léa`, `BB DURAND`, `bébé de Mme DURAND`."""

from collections.abc import Iterator
from typing import Final

from pipeline.identity.lines import Line, Lines

_YOURS: Final = frozenset({"VOTRE", "NOTRE", "VOS", "NOS", "MON", "MA"})
_CHILD: Final = frozenset({"FILS", "FILLE", "ENFANT", "BEBE", "NOURRISSON", "GARCON"})
_NEWBORN: Final = frozenset({"BB", "BEBE", "FOETUS", "NOUVEAUNE"})


def children(lines: Lines) -> Iterator[str]:
    """The given names that the page calls a child by in a letter to its parents, folded."""
    for line in lines.lines:
        for at in range(2, len(line)):
            called = line[at - 2].plain in _YOURS and line[at - 1].plain in _CHILD
            parents = line[at - 2].plain == "PARENTS" and line[at - 1].plain in ("DE", "D")
            if (called or parents) and line[at].named and line[at].letters:
                yield line[at].folded


def newborn(lines: Lines) -> bool:
    """Whether a line begins with a newborn child that has its mother's name and none of its own."""
    return any(_is_newborn(line, at) for line in lines.lines for at in range(len(line)) if line[at].wide)


def _is_newborn(line: Line, at: int) -> bool:
    said = [token.plain for token in line[at : at + 3]]
    named = at + 1 < len(line) and line[at + 1].named
    if said[:2] == ["NOUVEAU", "NE"]:
        return bool(said[2:])
    return said[0] in _NEWBORN and (named or said[1:2] == ["DE"])
