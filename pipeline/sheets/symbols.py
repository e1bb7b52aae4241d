"""A separator's two symbols: QR code (ISO/IEC 18004, model 2, correction M), Data Matrix (ISO/IEC 16022, ECC 200)."""

from typing import Final, Literal

import numpy as np
import zxingcpp
from numpy.typing import NDArray

Symbology = Literal["qr", "datamatrix"]
SYMBOLOGIES: Final[tuple[Symbology, ...]] = ("qr", "datamatrix")

QUIET: Final = 4
"""Modules of white around a symbol: what a QR code needs (ISO/IEC 18004); a Data Matrix needs one."""
LEAST_MM: Final = 0.5
"""Side of the smallest module that is printed."""

Modules = NDArray[np.bool_]
"""Shape (rows, columns), True dark, without quiet zone."""


def modules(text: str, symbology: Symbology) -> Modules:
    """The symbol of a text, module by module."""
    return np.asarray(np.array(_made(text, symbology).to_image(scale=1, add_quiet_zones=False), np.uint8) == 0)


def pixels(text: str, symbology: Symbology, scale: int) -> NDArray[np.uint8]:
    """The symbol with its quiet zone, 0 and 255, a module `scale` pixels wide."""
    return np.array(_made(text, symbology).to_image(scale=scale), np.uint8)


def module_mm(count: int, *, wanted: float, within: float) -> float | None:
    """Side of a module, at most `wanted`, of a symbol of `count` modules across that is to fit, quiet zone and all,
    into a square of `within` mm. None: not even the smallest does.
    """
    side = min(wanted, within / (count + 2 * QUIET))
    return side if side >= LEAST_MM else None


def _made(text: str, symbology: Symbology) -> zxingcpp.Barcode:
    if symbology == "qr":
        return zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    return zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.DataMatrix, force_square=True)
