"""Manual duplex: fronts and backs of one stack, and not of two, by where separators stand.

A workshop's separators bear their code on the front. One that comes as a back alone came with the fronts of another
stack, or its stack was laid in the wrong way round: then no page can be said to be another one's back.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from lexicon.faults import SheetFault
from pipeline.decoding.answers import Looked
from pipeline.formats.collated import is_collated
from pipeline.split import Look

_HEAD: Final = 512
_SHEETS: Final = frozenset({Look.SEPARATOR, Look.PLAIN})
_PERHAPS: Final = _SHEETS | {Look.DAMAGED, Look.SUSPECT}
"""What the front of a separator that is printed on both sides may be."""


def face_up(path: Path, pages: Iterator[Looked]) -> Iterator[Looked]:
    """The pages of a file; of fronts and backs, raises SheetFault `duplex-mismatch` at a separator that is a back."""
    with path.open("rb") as file:
        collated = is_collated(file.read(_HEAD))
    return _fronts_first(pages) if collated else pages


def _fronts_first(pages: Iterator[Looked]) -> Iterator[Looked]:
    before: Look | None = None
    for position, looked in enumerate(pages, start=1):
        look = looked.sighting.look
        if position % 2 == 0 and look in _SHEETS and before not in _PERHAPS:
            raise SheetFault("duplex-mismatch")
        before = look
        yield looked
