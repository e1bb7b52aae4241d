"""How a copy's pages were drawn, in numbers: what the custody entry of its composition says, for whoever audits it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from pipeline.pdfa.compact import FAILED, UNLIKE, Weighed
from pipeline.pdfa.packing import Drawing

_PARTS: Final = 10_000
"""Shares are told in ten-thousandths, rounded down: a limit that was kept is seen to be kept."""


class Figures:
    """Adds up page by page."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def add(self, page: int, drawing: Drawing) -> None:
        """`page`: from 1."""
        self._counts[f"drawn-{drawing.way}"] += 1
        if isinstance(drawing, Weighed):
            self._counts.update(dict(_of(page, drawing)))

    @property
    def counts(self) -> Mapping[str, int]:
        """Pages by the way they are coded (`drawn-jpeg`); where layers were asked for, `left-` and why for those that
        have none, and `page-N-` for each that has, with its fidelity in ten-thousandths."""
        return dict(self._counts)


def _of(page: int, drawing: Weighed) -> Iterator[tuple[str, int]]:
    if drawing.left:
        yield f"left-{drawing.left}", 1
    if drawing.left in {UNLIKE, FAILED}:
        yield f"page-{page}-left", 1
    if drawing.shows is not None:
        shows = drawing.shows
        for name, share in (
            ("similarity", shows.similarity),
            ("ink", min(shows.ink_recall, shows.ink_precision)),
            ("place", shows.worst_place),
            ("colour", min(shows.colour_recall, shows.colour_precision)),
        ):
            yield f"page-{page}-{name}", int(share * _PARTS)
