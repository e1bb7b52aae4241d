"""A code on a page, and where it stands; apart from what reads it, which loads decoders."""

from dataclasses import dataclass
from typing import Literal

Symbology = Literal["qr", "datamatrix", "code128", "code39", "itf"]
Box = tuple[float, float, float, float]
"""Left, top, right, bottom in millimetres from the page's top left, as stored."""


@dataclass(frozen=True, slots=True)
class Code:
    """What was read of it."""

    text: str
    box: Box
    kind: Symbology = "qr"
