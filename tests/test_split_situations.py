"""Where separators stand in a stack, each situation split right: ours, patches, barcodes, and all of them together.

The situations are those in which neighbouring systems lost a part, or let one document's attributes leak to the next.
"""

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from PIL import Image, ImageDraw

from consent_gate.model import DocType, PatientRef
from pipeline.decoding.confine import Bounds
from pipeline.decoding.decoders import Decoders
from pipeline.formats.limits import Limits
from pipeline.model import Separator
from pipeline.sheets.image import sheet_image
from pipeline.sheets.patch import write_patches
from pipeline.split import Look, Section, Sighting, split
from tests.pages_fixtures import tiff_bytes

DPI, A4 = 150, (1240, 1754)
A = Separator(PatientRef("A1"), DocType("ordonnance"), "D1")
B = Separator(PatientRef("B2"), None, None)
A_AGAIN = Separator(PatientRef("A1"), DocType("ordonnance"), "D2")
LABEL = Separator(PatientRef("L3"), None, "77")
UNNUMBERED = Separator(PatientRef("L3"), None, None)
SIGNS = {
    "A": (Look.SEPARATOR, A), "B": (Look.SEPARATOR, B), "C": (Look.SEPARATOR, A_AGAIN),
    "T": (Look.PLAIN, None), "D": (Look.DAMAGED, None), "U": (Look.SUSPECT, None), "_": (Look.BLANK, None),
    "L": (Look.LABELLED, LABEL), "N": (Look.LABELLED, UNNUMBERED), "P": (Look.LABELLED, None),
}  # fmt: skip
"""Others are pages of records, each its own."""


def seen(stack: str) -> list[Sighting]:
    looks = [SIGNS.get(letter, (Look.CONTENT, None)) for letter in stack]
    return [Sighting(look, f"{position}", said) for position, (look, said) in enumerate(looks, start=1)]


def of(said: Separator | None, *pages: int, damaged: bool = False, plain: bool = False) -> Section:
    return Section(said, damaged, pages, plain=plain)


SITUATIONS: dict[str, tuple[str, list[Section], tuple[int, ...]]] = {
    "one at the start": ("Axyz", [of(A, 2, 3, 4)], ()),
    "one in the middle": ("xyAz", [of(None, 1, 2), of(A, 4)], ()),
    "one at the end": ("AxyB", [of(A, 2, 3)], (4,)),
    "several in a row": ("ABCx", [of(A_AGAIN, 4)], (1, 2)),
    "the same twice in a row": ("AAx", [of(A, 3)], ()),
    "front and back of one sheet, then its pages": ("AAxAAy", [of(A, 3), of(A, 6)], ()),
    "one before every page": ("AxByCz", [of(A, 2), of(B, 4), of(A_AGAIN, 6)], ()),
    "only separators": ("ABC", [], (1, 2, 3)),
    "only the same separator": ("AAA", [], (1, 2, 3)),
    "nothing but pages": ("xyz", [of(None, 1, 2, 3)], ()),
    "attributes before a split do not reach the next": ("AxTy", [of(A, 2), of(None, 4, plain=True)], ()),
    "attributes after a split do not reach back": ("xTyAz", [of(None, 1), of(None, 3, plain=True), of(A, 5)], ()),
    "one without type after one with": ("AxBy", [of(A, 2), of(B, 4)], ()),
    "the same document again": ("AxyAz", [of(A, 2, 3), of(A, 5)], ()),
    "two documents of one patient": ("AxCy", [of(A, 2), of(A_AGAIN, 4)], ()),
    "among blank backs": ("A_x_B_y_", [of(A, 3), of(B, 7)], ()),
    "blank backs alone behind one": ("A__Bx", [of(B, 5)], (1,)),
    "damaged in the middle": ("AxDy", [of(A, 2), of(None, 4, damaged=True)], ()),
    "damaged, then a good one": ("AxDBy", [of(A, 2), of(B, 5)], (3,)),
    "unreadable in the middle": ("AxUy", [of(A, 2), of(None, 3, 4, damaged=True)], ()),
    "unreadable at once behind one": ("AUx", [of(None, 2, 3, damaged=True)], (1,)),
    "patches only": ("TxTTyT", [of(None, 2, plain=True), of(None, 5, plain=True)], (6,)),
    "a patch and a sheet of ours": ("TAxTBy", [of(A, 3), of(B, 6)], (1, 4)),
    "pages after a patch are nobody's yet": ("AxyTz", [of(A, 2, 3), of(None, 5, plain=True)], ()),
    "a patch printed on a record": ("AxPy", [of(A, 2), of(None, 3, 4, plain=True)], ()),
    "a label on each page of one document": ("LLLx", [of(LABEL, 1, 2, 3, 4)], ()),
    "a label without number on each first page": ("NxNy", [of(UNNUMBERED, 1, 2), of(UNNUMBERED, 3, 4)], ()),
    "labels of two patients": ("LxNy", [of(LABEL, 1, 2), of(UNNUMBERED, 3, 4)], ()),
    "a label behind a sheet of another": ("ALx", [of(LABEL, 2, 3)], (1,)),
    "a label behind a damaged sheet": ("DLx", [of(LABEL, 2, 3)], (1,)),
    "a label behind a doubt": ("LxUL", [of(LABEL, 1, 2), of(None, 3, damaged=True), of(LABEL, 4)], ()),
}
"""The stack, its documents, and the separators that are told because no page followed them."""


@pytest.mark.parametrize("situation", SITUATIONS)
def test_each_situation_is_split_right(situation: str) -> None:
    stack, sections, alone = SITUATIONS[situation]
    laid = split(seen(stack))
    assert list(laid.sections) == sections
    assert {page for page, flags in laid.flags.items() if flags == ("separator-without-pages",)} == set(alone)
    assert laid.separators == tuple(page for page, letter in enumerate(stack, start=1) if letter in "ABCTD")


@pytest.mark.parametrize("situation", SITUATIONS)
def test_each_situation_has_each_page_in_one_place(situation: str) -> None:
    stack, _, _ = SITUATIONS[situation]
    laid = split(seen(stack))
    pages = [page for section in laid.sections for page in section.pages]
    assert sorted([*pages, *laid.separators, *laid.blanks, *laid.duplicates]) == list(range(1, len(stack) + 1))


def test_a_page_keeps_the_flag_that_was_seen_on_it() -> None:
    sighting = Sighting(Look.CONTENT, "1", flags=("unread-code",))
    assert split([*seen("A"), sighting]).flags == {2: ("unread-code",)}


# --- The same on paper ------------------------------------------------------------------------------------------------


def drawn(letter: str) -> Image.Image:
    """A side as a scanner gives it in 150 dots an inch, each page of a record its own."""
    if letter == "T":
        printed = io.BytesIO()
        write_patches("T", 1, printed, at=datetime(2026, 1, 15, tzinfo=UTC))
        pdf = pypdfium2.PdfDocument(printed)  # type: ignore[no-untyped-call]  # pypdfium2 has no types
        side = pdf[0].render(scale=DPI / 72).to_pil()
    elif letter == "_":
        side = Image.new("L", A4, 255)
    elif said := SIGNS.get(letter, (None, None))[1]:
        side = sheet_image(said, dpi=DPI)
    else:
        side = Image.new("L", A4, 255)
        pen = ImageDraw.Draw(side)
        for line in range(25):
            pen.text((120, 120 + 55 * line), f"Examen {letter}{line} sans particularité, à revoir.", 0, font_size=24)
    grain = np.random.default_rng(ord(letter)).normal(0, 4, (side.height, side.width))
    levels = np.asarray(side.convert("L")).astype(float) * 0.85 + 30 + grain
    return Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8))


@pytest.fixture(scope="module")
def readers() -> Iterator[Decoders]:
    opened = Decoders(Limits(), Bounds(), most=1)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    "situation", [name for name, (stack, _, _) in SITUATIONS.items() if not set(stack) & set("DULNP")]
)
def test_the_same_stack_drawn_scanned_and_read_is_split_the_same(
    readers: Decoders, tmp_path: Path, situation: str
) -> None:
    stack, sections, _ = SITUATIONS[situation]
    path = tmp_path / "stack.tif"
    path.write_bytes(tiff_bytes([drawn(letter) for letter in stack], "tiff_lzw", dpi=(DPI, DPI)))
    with readers.opened(path) as file:
        laid = split([looked.sighting for looked in file.pages()])
    assert list(laid.sections) == sections
    assert laid.separators == tuple(page for page, letter in enumerate(stack, start=1) if letter in "ABCT")
