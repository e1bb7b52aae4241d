"""Ten sabotages of a copy, each refused by the check that the product runs: grey, bilevel and colour, either profile.

Done twice: to what lies on the copy's page, and to its samples, which the composer then codes as it codes any page.
"""

import io
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Literal

import cv2
import numpy as np
import pikepdf
import pytest
from PIL import Image

from lexicon.faults import StationFault
from pipeline.compose import Composed, compose
from pipeline.copies import ImageUse, Wanted, draws
from pipeline.model import PageImage, Recognised, Scan
from pipeline.pdfa.compact_pixels import picture
from pipeline.validate import require_same_look
from tests.compact_fixtures import Kind, page
from tests.compose_fixtures import CONTEXT, g4, jpeg, recognised, scan, unread
from tests.sabotage import (
    Change,
    Pixels,
    boxed,
    emptied,
    half,
    laid,
    moved,
    painted_over,
    rescaled,
    shifted,
    turned,
)

Look = Literal["grey", "bilevel", "colour"]
LOOKS: Final[tuple[Look, ...]] = ("grey", "bilevel", "colour")
PROFILES: Final[tuple[ImageUse, ...]] = ("faithful", "compact")
PAGES: Final[tuple[Kind, ...]] = ("blue", "rules")
ELSEWHERE: Final[Kind] = "signature"
"""Another document's page: the same printed words, signed where the first has its stamp, without rules."""
DPI: Final = 200
FIVE: Final = round(5 / 25.4 * DPI)


@cache
def samples(kind: Kind, look: Look) -> Pixels:
    """Shape (height, width), or with three colours."""
    drawn = picture(page(kind, DPI, grey=look != "colour").image).pixels
    return np.where(drawn < 160, np.uint8(0), np.uint8(255)) if look == "bilevel" else drawn


def coded(pixels: Pixels, look: Look) -> PageImage:
    shown = Image.fromarray(np.ascontiguousarray(pixels))
    return g4(shown, (DPI, DPI)) if look == "bilevel" else jpeg(shown, (DPI, DPI))


@cache
def image(kind: Kind, look: Look) -> PageImage:
    return coded(samples(kind, look), look)


def document(*images: PageImage) -> tuple[Scan, Recognised]:
    return scan(*images), recognised(*(unread() for _ in images))


@cache
def pair(look: Look) -> tuple[Scan, Recognised]:
    return document(*(image(kind, look) for kind in PAGES))


def written(profile: ImageUse, *images: PageImage) -> tuple[bytes, Composed]:
    """As the profile draws at its first try."""
    with TemporaryDirectory() as folder:
        copy = compose(*document(*images), CONTEXT, Path(folder, "copy.pdf"), draw=draws(Wanted(images=profile))[0])
        return copy.path.read_bytes(), copy


@cache
def sound(profile: ImageUse, look: Look) -> tuple[bytes, Composed]:
    return written(profile, *pair(look)[0].images)


def refused(tmp_path: Path, copy: bytes, look: Look) -> int | None:
    """The page that differs from the scan; None where the copy may go on."""
    path = tmp_path / "copy.pdf"
    path.write_bytes(copy)
    try:
        require_same_look(path, *pair(look))
    except StationFault as fault:
        assert fault.code == "render-differs"  # noqa: PT017  as no other
        return int(fault.facts["page"])
    return None


def inverted(pdf: pikepdf.Pdf) -> None:
    """Every image that has samples of its own: stencils stay where they are."""
    for shown in pdf.pages[0].get_images().values():
        channels = 3 if shown.ColorSpace == pikepdf.Name.DeviceRGB else 1
        given = [int(level) for level in shown.get("/Decode", [0, 1] * channels)]
        shown.Decode = pikepdf.Array([1 - level for level in given])


def swapped(pdf: pikepdf.Pdf) -> None:
    pdf.pages.reverse()


RELAID: Final[dict[str, Change]] = {
    "inverted": inverted,
    "mirrored": laid(-1, 0, 0, 1, 1, 0),
    "turned 180": turned(180),
    "shifted 5 mm": moved(0, 1),
    "cropped": boxed("/CropBox", 0.05, 0.05, 0.95, 0.95),
    "rescaled": laid(0.95, 0, 0, 0.95, 0.025, 0.025),
    "half blank": painted_over,
    "blank": emptied,
    "pages swapped": swapped,
}


def cropped(before: Pixels, _: int) -> Pixels:
    """A twentieth of each side cut off, and what is left drawn as large as the page."""
    height, width = before.shape[:2]
    inner = before[height // 20 : -(height // 20), width // 20 : -(width // 20)]
    return np.asarray(cv2.resize(inner, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


REPAINTED: Final[dict[str, Callable[[Pixels, int], Pixels]]] = {
    "inverted": lambda before, _: 255 - before,
    "mirrored": lambda before, _: before[:, ::-1],
    "turned 180": lambda before, _: before[::-1, ::-1],
    "shifted 5 mm": shifted(0, 1),
    "cropped": cropped,
    "rescaled": rescaled(0.95),
    "half blank": half(slice(0, 1), slice(0, 2)),
    "blank": lambda before, _: np.full_like(before, 255),
}

either = pytest.mark.parametrize("profile", PROFILES)
each = pytest.mark.parametrize("look", LOOKS)


@either
@each
def test_the_copy_itself_may_go_on(tmp_path: Path, profile: ImageUse, look: Look) -> None:
    """In the compact profile, pages of grey and colour are in layers indeed."""
    copy, composed = sound(profile, look)
    assert refused(tmp_path, copy, look) is None
    layered = len(PAGES) if profile == "compact" and look != "bilevel" else 0
    assert composed.figures.get("drawn-compact", 0) == layered


@either
@each
@pytest.mark.parametrize("change", RELAID.values(), ids=RELAID)
def test_a_copy_laid_otherwise_is_refused(tmp_path: Path, profile: ImageUse, look: Look, change: Change) -> None:
    with pikepdf.open(io.BytesIO(sound(profile, look)[0])) as pdf, io.BytesIO() as target:
        change(pdf)
        pdf.save(target)
        assert refused(tmp_path, target.getvalue(), look) == 1


@either
@each
@pytest.mark.parametrize("sabotage", REPAINTED)
def test_a_copy_that_shows_its_page_otherwise_is_refused(
    tmp_path: Path, profile: ImageUse, look: Look, sabotage: str
) -> None:
    first, second = PAGES
    spoilt = coded(REPAINTED[sabotage](samples(first, look), FIVE), look)
    copy, _ = written(profile, spoilt, image(second, look))
    assert refused(tmp_path, copy, look) == 1


@either
@each
def test_another_documents_page_is_refused(tmp_path: Path, profile: ImageUse, look: Look) -> None:
    copy, _ = written(profile, image(PAGES[0], look), image(ELSEWHERE, look))
    assert refused(tmp_path, copy, look) == 2
