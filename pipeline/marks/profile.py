"""What client and workshop agreed for scans, page by page (NF Z42-026: quality is agreed and controlled)."""

from dataclasses import dataclass
from typing import Literal

ColourName = Literal["bilevel", "grey", "rgb"]


@dataclass(frozen=True, slots=True)
class Profile:
    """What was agreed for scans: below it a page is flagged, and scanned again or not as the contract says."""

    dpi: int = 200
    colours: tuple[ColourName, ...] = ("bilevel", "grey", "rgb")
    skew: float = 3.0
    """Degrees, at most."""
    blur: float = 0.55
    """Millimetres that an edge of ink may take from paper to ink, at most."""
    contrast: float = 0.3
    """Of ink against paper, 0 to 1, at least."""
    black: float = 0.3
    """Share of the sheet that is black, at most."""
    cut: int = 3
    """Letters that run out of one side of the image: from so many on, the page is cut."""
