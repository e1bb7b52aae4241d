"""How pages of a folder were scanned: each one's measures against a profile, and what it takes to measure it.

    python bench/quality.py FOLDER [--dpi N] [--blur MM] [--skew DEGREES] [--contrast SHARE]

A contract's profile is set by its own paper: run this on a folder of scans that are known to be good, and on one of
scans that are not, and put the bounds between them.
"""

import argparse
import time
from collections import Counter
from pathlib import Path
from statistics import median

from lexicon.faults import SheetFault
from pipeline.formats.limits import Limits
from pipeline.formats.pixels import grey
from pipeline.marks.ink import is_blank
from pipeline.marks.profile import Profile
from pipeline.marks.quality import flags_of, survey
from pipeline.model import PageImage
from pipeline.pages import open_pages

_HEAD = f"{'page':<44} {'mode':<7} {'dpi':>9} {'skew':>5} {'blur':>6} {'contr':>5} {'black':>5} {'cut':>3}  flags"


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    asked.add_argument("folder", type=Path)
    for name, kind in (("dpi", int), ("blur", float), ("skew", float), ("contrast", float)):
        asked.add_argument(f"--{name}", type=kind, default=getattr(Profile(), name))
    given = asked.parse_args()
    profile = Profile(dpi=given.dpi, blur=given.blur, skew=given.skew, contrast=given.contrast)
    counted, seconds = Counter[str](), list[float]()
    print(_HEAD)
    for path in sorted(one for one in given.folder.rglob("*") if one.is_file()):
        try:
            for number, image in enumerate(open_pages(path, Limits()), start=1):
                line, flags, took = _line(image, profile)
                seconds.append(took)
                counted.update(flags or ("none",))
                print(f"{f'{path.name[-40:]} {number}':<44} {line}")
        except SheetFault as fault:
            counted[fault.code] += 1
    print("\n" + ", ".join(f"{count} {flag}" for flag, count in counted.most_common()))
    if seconds:
        print(f"measuring a page: {1e3 * median(seconds):.1f} ms at the median, {1e3 * max(seconds):.1f} ms at most")


def _line(image: PageImage, profile: Profile) -> tuple[str, tuple[str, ...], float]:
    pixels = grey(image)
    if is_blank(pixels, image.dpi_x, image.dpi_y):
        return f"{image.colour.value:<7} {image.dpi_x:4.0f}x{image.dpi_y:<4.0f} blank", ("blank",), 0.0
    began = time.perf_counter()
    found, _ = survey(pixels, image)
    took = time.perf_counter() - began
    flags = flags_of(image, found, profile)
    shares = f"{found.skew:5.2f} {found.blur:6.3f} {found.contrast:5.2f} {found.black:5.3f} {found.cut:3d}"
    return f"{image.colour.value:<7} {image.dpi_x:4.0f}x{image.dpi_y:<4.0f} {shares}  {' '.join(flags)}", flags, took


if __name__ == "__main__":
    main()
