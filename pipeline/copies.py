"""An archival copy that may go on: composed, judged, held against its scan; in layers only where that passes."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from lexicon.faults import StationFault
from pipeline.compose import Composed, Level, ScanContext, compose
from pipeline.model import Recognised, Scan
from pipeline.pdfa.compact import compacted
from pipeline.pdfa.packing import Draw, packed, repacked
from pipeline.validate import Validator, Verdict, require_pdfa

ImageUse = Literal["faithful", "compact"]
"""As the scanner made them, or in layers with a measured loss."""
UNFIT = frozenset({"not-pdfa", "render-differs"})
"""Faults of a copy that must not go on."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a copy is to be."""

    level: Level = "1b"
    images: ImageUse = "faithful"
    repack: bool = False
    """Whether a JPEG is coded anew without loss."""


@dataclass(frozen=True, slots=True)
class Fit:
    """A copy that may go on, and what the validators said of it."""

    composed: Composed
    verdict: Verdict


def fit_copy(
    validator: Validator, scan: Scan, recognised: Recognised, context: ScanContext, target: Path, wanted: Wanted
) -> Fit:
    """Write the document's copy at `target`. In the compact profile, one that may not go on is made again as scanned.

    Raises `StationFault` with a code of `UNFIT` where no copy may go on, and what `compose` and `require_pdfa` raise
    otherwise. Nothing is left at `target` then.
    """
    *tried, last = draws(wanted)
    made = partial(_made, validator, scan, recognised, context, target, wanted.level)
    for draw in tried:
        try:
            return made(draw)
        except StationFault as fault:
            if fault.code not in UNFIT:
                raise
    return made(last)


def draws(wanted: Wanted) -> tuple[Draw, ...]:
    """How images go into copies, the next where the one before made none that may go on."""
    faithful = repacked if wanted.repack else packed
    return (partial(compacted, otherwise=faithful), faithful) if wanted.images == "compact" else (faithful,)


def _made(
    validator: Validator,
    scan: Scan,
    recognised: Recognised,
    context: ScanContext,
    target: Path,
    level: Level,
    draw: Draw,
) -> Fit:
    """One try; nothing is left of it where it fails."""
    try:
        composed = compose(scan, recognised, context, target, level, draw)
        return Fit(composed, require_pdfa(validator, composed, scan, recognised))
    except BaseException:
        target.unlink(missing_ok=True)
        raise
