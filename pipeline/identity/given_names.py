"""Given names of France, by which a name on paper is told from a heading: somebody may be on no roster."""

from functools import cache
from pathlib import Path
from typing import Final

from pipeline.identity.traits import fold

_LIST: Final = Path(__file__).with_name("given_names.txt")


def is_common(folded: str) -> bool:
    """Whether more than a hundred persons bear it as a given name (`traits.fold`; INSEE, fichier des prénoms)."""
    return folded in _names()


@cache
def _names() -> frozenset[str]:
    lines = _LIST.read_text(encoding="utf-8").splitlines()
    return frozenset(fold(line) for line in lines if not line.startswith("#")) - {""}
