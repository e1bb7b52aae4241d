"""A QR code in characters, for a terminal."""

from typing import Final

import numpy as np
import zxingcpp

_QUIET: Final = 4
"""Modules of white around (ISO/IEC 18004)."""
_HALVES: Final = {(True, True): "█", (True, False): "▀", (False, True): "▄", (False, False): " "}
"""By (upper, lower), where True is white: terminals are dark, and a reader takes a code in reverse badly."""


def text_code(text: str) -> str:
    """The code as lines of half blocks, white drawn, quiet zone included."""
    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="L")
    white = np.pad(np.array(made.to_image(scale=1, add_quiet_zones=False)) > 127, _QUIET, constant_values=True)  # noqa: PLR2004
    if len(white) % 2:
        white = np.pad(white, ((0, 1), (0, 0)), constant_values=True)
    return "\n".join(
        "".join(_HALVES[bool(upper), bool(lower)] for upper, lower in zip(above, below, strict=True))
        for above, below in zip(white[::2], white[1::2], strict=True)
    )
