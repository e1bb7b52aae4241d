"""Blanks and double scans: left out of their document, and kept beside its pages for as long as the station has it.

So each can be put back until then (`pipeline.page_restore`), under the document's own key, and goes when it goes.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from pipeline.decoding.answers import Looked, Places
from pipeline.model import PageImage
from pipeline.split import Look

_PAGES: Final = frozenset({Look.BLANK, Look.CONTENT, Look.LABELLED, Look.SUSPECT, Look.FORM})
"""What is left out when it is no part of a document; anything else begins another one."""
_MOST_BYTES: Final = 64 << 20
"""Of images that wait in memory for their document's end; beyond it, a page can only be scanned again."""


@dataclass(slots=True)
class Sorted:
    """A file's pages told apart as they come."""

    laying: Places
    hashes: dict[int, str] = field(default_factory=dict)
    """position -> SHA-256 (hex) of the image, kept or not."""
    blanks: set[int] = field(default_factory=set)
    """Blank pages that stay in their document, for the contract wants it so."""
    gone: set[int] = field(default_factory=set)
    """Pages that were left out and are not kept: there were too many of them."""
    keep_blanks: bool = False
    _waiting: list[tuple[PageImage, int]] = field(default_factory=list)
    _ordinal: int | None = None
    """Of the document in hand."""

    def each(self, pages: Iterator[Looked]) -> Iterator[tuple[int, tuple[PageImage, int | None]]]:
        """Images with the ordinal of their document, from 1; those left out of it, with their position, at its end."""
        for position, looked in enumerate(pages, start=1):
            self.hashes[position] = hashlib.sha256(looked.image.payload).hexdigest()
            seen = self._kept(looked, position)
            ordinal = self.laying.place(seen.sighting)
            if ordinal is not None:
                if ordinal != self._ordinal:
                    yield from self._flushed()
                self._ordinal = ordinal
                yield ordinal, (seen.image, None)
            elif seen.sighting.look in _PAGES:
                self._wait(looked.image, position)
            else:
                yield from self._flushed()
                self._ordinal, self._waiting = None, []
        yield from self._flushed()

    def _kept(self, looked: Looked, position: int) -> Looked:
        """A blank within a document as one of its pages, where blanks are kept; two of them are no double scan."""
        sighting = looked.sighting
        if not self.keep_blanks or sighting.look is not Look.BLANK or self._ordinal is None:
            return looked
        self.blanks.add(position)
        digest = hashlib.sha256(f"{position} {sighting.digest}".encode()).hexdigest()
        return replace(looked, sighting=replace(sighting, look=Look.CONTENT, digest=digest))

    def _wait(self, image: PageImage, position: int) -> None:
        if len(image.payload) + sum(len(waiting.payload) for waiting, _ in self._waiting) <= _MOST_BYTES:
            self._waiting.append((image, position))
        else:
            self.gone.add(position)

    def _flushed(self) -> Iterator[tuple[int, tuple[PageImage, int | None]]]:
        """What waited goes with the document in hand; before the first one, it waits on."""
        if self._ordinal is None:
            return
        waiting, self._waiting = self._waiting, []
        for image, position in waiting:
            yield self._ordinal, (image, position)
