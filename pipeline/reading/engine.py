"""What reads a copy, whichever program or library it is: the port that desks ask."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from pipeline.formats.pixels import Grey
from pipeline.model import Word
from pipeline.reading.strips import Read


class UnreadError(Exception):
    """There was no answer for this copy: `timeout` or `failed`."""


@dataclass(frozen=True, slots=True)
class Layout:
    """A copy to read and how: its file (`copies.write_copy`), its resolution, Tesseract's page segmentation mode."""

    path: Path
    dpi: int
    segmentation: int


@dataclass(frozen=True, slots=True)
class Strips:
    """Lines of text to read, each by itself (`strips.strip`); files of them may lie in the folder meanwhile."""

    folder: Path
    pixels: tuple[Grey, ...] = field(repr=False)


class Engine(Protocol):
    """Reads copies in processes of its own, which it bounds, and kills when they are late. Several threads may ask.

    Of what was read nothing stays behind, in no file and no message; the words of a copy are the same whatever was
    read before.
    """

    @property
    def name(self) -> str:
        """Program, version and language, as custody records them."""

    def words(self, layout: Layout, seconds: float) -> tuple[Word, ...]:
        """The words of a copy, in its pixels. Raises `UnreadError`, `StationFault`."""

    def lines(self, strips: Strips, seconds: float) -> tuple[tuple[Read, ...], ...]:
        """What stands in each of the strips. Raises `UnreadError`, `StationFault`."""

    def turns(self, path: Path, dpi: int, seconds: float) -> int | None:
        """Clockwise quarter turns that would make the copy upright, as Tesseract sees it; None when it cannot tell."""

    def close(self) -> None:
        """End the processes. Who asks again has them started anew."""
