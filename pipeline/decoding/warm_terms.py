"""What the warm process is told at its start, and how it answers; apart from it, for it loads every decoder."""

import json
from dataclasses import asdict, astuple, dataclass
from typing import Final

from pipeline.decoding.confine import Bounds
from pipeline.formats.limits import Limits
from pipeline.separation import OURS_AND_PATCHES, Separation

READY: Final = b"ready"
UNFENCED: Final = b"ready, and this kernel has no Landlock"
LONGEST: Final = 64
"""Bytes of a message."""


@dataclass(frozen=True, slots=True)
class Given:
    """What every reader obeys."""

    limits: Limits
    bounds: Bounds
    separation: Separation | None = OURS_AND_PATCHES
    """None: pages are not looked at."""

    def text(self) -> str:
        separation = asdict(self.separation) if self.separation else None
        return json.dumps([astuple(self.limits), astuple(self.bounds), separation])

    @classmethod
    def of(cls, text: str) -> "Given":
        limits, bounds, separation = json.loads(text)
        if separation is None:
            return cls(Limits(*limits), Bounds(*bounds), None)
        separation["symbologies"] = tuple(separation["symbologies"])
        return cls(Limits(*limits), Bounds(*bounds), Separation(**separation))
