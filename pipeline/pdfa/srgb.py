"""What the copy's colours mean, in a fifth of the bytes of the usual file: a profile of sRGB for displays.

ICC.1:1998-09 (version 2, which PDF 1.4 and so ISO 19005-1, 6.2.2 know); IEC 61966-2-1 for primaries and curve.
"""

import struct
from functools import cache
from typing import Final

import numpy as np

_PRIMARIES: Final = {
    "rXYZ": (0.43607, 0.22249, 0.01392),
    "gXYZ": (0.38515, 0.71687, 0.09708),
    "bXYZ": (0.14307, 0.06061, 0.71410),
}
"""Seen under the profile connection space's D50, as ICC publishes them."""
_D50: Final = (0.9642, 1.0, 0.8249)
_NAME: Final = b"sRGB IEC61966-2.1"
_LICENCE: Final = b"CC0"
_POINTS: Final = 64
"""Of the curve: straight lines between so many are at most a tenth of one of 255 levels away from it."""
_MADE: Final = (2025, 12, 31, 0, 0, 0)
_HEADER: Final = ">I4xI4s4s4s6H4s28x3I48x"
_ENTRY: Final = 12


@cache
def profile() -> bytes:
    """The ICC profile: always the same bytes."""
    curve = _curve()
    tags = {
        "desc": b"desc\0\0\0\0" + struct.pack(">I", len(_NAME) + 1) + _NAME + bytes(1 + 4 + 4 + 2 + 1 + 67),
        "cprt": b"text\0\0\0\0" + _LICENCE + b"\0",
        "wtpt": _xyz(_D50),
        **{name: _xyz(primary) for name, primary in _PRIMARIES.items()},
        **dict.fromkeys(("rTRC", "gTRC", "bTRC"), curve),
    }
    start = struct.calcsize(_HEADER) + 4 + _ENTRY * len(tags)
    places: dict[bytes, int] = {}
    body = b""
    for content in tags.values():
        if content not in places:
            places[content] = start + len(body)
            body += content + bytes(-len(content) % 4)
    table = [struct.pack(">4sII", name.encode(), places[tag], len(tag)) for name, tag in tags.items()]
    return b"".join((_header(start + len(body)), struct.pack(">I", len(tags)), *table, body))


def _header(size: int) -> bytes:
    illuminant = (round(value * 65536) for value in _D50)
    return struct.pack(_HEADER, size, 0x02100000, b"mntr", b"RGB ", b"XYZ ", *_MADE, b"acsp", *illuminant)


def _xyz(values: tuple[float, float, float]) -> bytes:
    return struct.pack(">4s4x3i", b"XYZ ", *(round(value * 65536) for value in values))


def _curve() -> bytes:
    """Levels as the eye sees them -> light."""
    level = np.linspace(0, 1, _POINTS)
    light = np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4)  # noqa: PLR2004  IEC 61966-2-1
    return struct.pack(">4s4xI", b"curv", _POINTS) + (light * 65535).round().astype(">u2").tobytes()
