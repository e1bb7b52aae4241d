"""What is told of a file's pages once all were seen: below the agreed profile, alike, too long, one too many.

Nothing is left out because of a flag; a person looks at the paper.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from statistics import median
from typing import Final

import numpy as np

from lexicon.flags import DOUBLE_FEED, KEPT_BLANK, LOOKS_LIKE, ODD_SIDES, TWO_UP, slug_of
from pipeline.decoding.answers import Looked
from pipeline.marks.likeness import Print, alike, unpressed
from pipeline.marks.profile import Profile
from pipeline.marks.quality import flags_of
from pipeline.model import PageImage
from pipeline.split import Look

_LOOKED_BACK: Final = 6
"""Pages before it that a page is compared with: what jammed is fed again at once."""
_LONGER: Final = (1.12, 1.95)
"""Times as long as its neighbours: two sheets that overlap are longer than one, and shorter than two."""
_AS_WIDE: Final = 0.04
_PAGES: Final = frozenset({Look.CONTENT, Look.LABELLED, Look.SUSPECT, Look.FORM})
_MM_PER_INCH: Final = 25.4
_WIDE_MM: Final = 380.0
_GUTTER: Final = 0.015
"""Half of the empty middle, of the page's width."""
_EDGE: Final = 40
"""Pixels of the print: what the glass and the sheet's edge show."""
_WRITTEN: Final = 1_000
"""Pixels of ink on each side."""
_ISO_RATIO: Final = (1.37, 1.45)
"""Of a sheet's sides: A4, A3 and their kind are no two sheets."""


@dataclass(slots=True)
class FlagsSeen:
    """Gathers the flags of one file while its pages go by."""

    profile: Profile
    sides: int = 1
    """Scanned of a sheet."""
    _flags: dict[int, list[str]] = field(default_factory=dict)
    _before: deque[tuple[int, str, Print | None]] = field(default_factory=lambda: deque(maxlen=_LOOKED_BACK))
    _sizes: dict[int, tuple[float, float]] = field(default_factory=dict)
    """position -> width and length in millimetres, as a viewer shows it."""
    _pages: int = 0

    def each(self, pages: Iterator[Looked]) -> Iterator[Looked]:
        """The same pages, looked at."""
        for position, looked in enumerate(pages, start=1):
            self._pages = position
            self._sizes[position] = _size(looked.image)
            if looked.sighting.look in _PAGES:
                self._add(position, *flags_of(looked.image, looked.sighting.measures, self.profile))
                self._compare(position, looked)
            yield looked

    def found(self, blanks: Iterable[int], duplicates: Iterable[int] = ()) -> dict[int, tuple[str, ...]]:
        """position -> its flags, of pages that have any. `blanks` were kept in their documents; `duplicates` were left
        out, and are told as such.
        """
        for position in blanks:
            self._add(position, KEPT_BLANK)
        for position in duplicates:
            kept = [flag for flag in self._flags.pop(position, []) if slug_of(flag) != LOOKS_LIKE]
            self._add(position, *kept)
        for position in self._too_long():
            self._add(position, DOUBLE_FEED)
        if self._pages > self.sides > 1 and self._pages % self.sides:  # a file a side says nothing
            self._add(self._pages, ODD_SIDES)
        return {position: tuple(flags) for position, flags in sorted(self._flags.items())}

    def _add(self, position: int, *flags: str) -> None:
        if flags:
            self._flags.setdefault(position, []).extend(flags)

    def _compare(self, position: int, looked: Looked) -> None:
        """With the pages before it."""
        seen = unpressed(looked.sighting.print)
        if seen is not None and _is_two_up(seen, looked.image.quarter_turns, self._sizes[position]):
            self._add(position, TWO_UP)
        for earlier, digest, other in reversed(self._before):
            same = digest == looked.sighting.digest
            if same or (seen is not None and other is not None and alike(other, seen)):
                self._add(position, f"{LOOKS_LIKE}:{earlier}")
                break
        self._before.append((position, looked.sighting.digest, seen))

    def _too_long(self) -> list[int]:
        """Pages of the width of most, and clearly longer than they are."""
        if len(self._sizes) < 3:  # noqa: PLR2004  two pages: who says which of them is the odd one
            return []
        width, length = (median(sizes) for sizes in zip(*self._sizes.values(), strict=True))
        return [
            position
            for position, (wide, long) in self._sizes.items()
            if abs(wide - width) <= _AS_WIDE * width
            and _LONGER[0] * length <= long <= _LONGER[1] * length
            and not _ISO_RATIO[0] <= long / wide <= _ISO_RATIO[1]
        ]


def _is_two_up(seen: Print, turns: int, size: tuple[float, float]) -> bool:
    """Whether a page as large as A3, on its side, has marks left and right of a middle without any."""
    wide, long = size
    if wide < _WIDE_MM or wide < long:
        return False
    marks = np.rot90(seen.strong, -turns)[_EDGE:-_EDGE]
    across = np.asarray(marks.sum(axis=0))
    middle, half = len(across) // 2, round(_GUTTER * len(across))
    return not across[middle - half : middle + half].any() and all(
        int(side.sum()) > _WRITTEN for side in (across[_EDGE : middle - half], across[middle + half : -_EDGE])
    )


def _size(image: PageImage) -> tuple[float, float]:
    across, down = image.width / image.dpi_x * _MM_PER_INCH, image.height / image.dpi_y * _MM_PER_INCH
    return (down, across) if image.quarter_turns % 2 else (across, down)
