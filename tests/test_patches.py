"""Patch codes: found on sheets however they are fed, told one from the other, and nowhere where there is none."""

import itertools
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import zxingcpp
from PIL import Image

from pipeline.formats.limits import Limits
from pipeline.formats.pixels import grey
from pipeline.marks.patch import patches
from pipeline.marks.texture import darkness
from pipeline.pages import open_pages
from pipeline.separation import Separation
from pipeline.sheets.patch import Patch, write_patches
from pipeline.split import Look, examine
from tests.worn_fixtures import MM, WEAR, Fed, Sheet, empty, patch, patched, put, scan, symbol, typed

FEEDS = (
    Fed(150, 0, "grey"), Fed(200, 5, "bilevel"), Fed(300, 185, "colour"), Fed(200, 90, "noisy"), Fed(150, 267, "grey"),
    Fed(300, -8, "bilevel"), Fed(200, 180, "noisy"), Fed(200, 3, "colour"), Fed(150, -5, "noisy"), Fed(300, 95, "grey"),
    Fed(200, 0, "bilevel"),
)  # fmt: skip


def kinds(sheet: Sheet, fed: Fed) -> set[str]:
    return {found.kind for found in patches(darkness(grey(scan(sheet, fed)), fed.dpi, fed.dpi))}


def test_a_patch_is_found_whatever_the_sheet_went_through() -> None:
    sheets = itertools.cycle(
        (("T", patched("t", 0)), ("2", patched("2", 0)), ("T", patched("t", 0, 1, 2, 3, length=150)))
    )
    for (name, worn), fed in zip(WEAR.items(), FEEDS, strict=True):
        kind, sheet = next(sheets)
        assert kinds(worn(sheet), fed) == {kind}, (name, fed)


def test_a_patch_is_found_at_six_hundred_dots_an_inch() -> None:
    assert kinds(patched("t", 0), Fed(600, 184, "bilevel")) == {"T"}


def test_six_patches_are_told_one_from_the_other_from_each_side() -> None:
    for kind, degrees in zip("12346t", itertools.cycle((0, 180)), strict=False):
        assert kinds(patched(kind, 0), Fed(150, degrees, "bilevel")) == {kind.upper()}


@pytest.mark.parametrize(("length", "scale"), [(26.0, 1.0), (94.0, 0.75), (150.0, 1.1)])
def test_a_short_a_reduced_and_an_enlarged_patch_are_found(length: float, scale: float) -> None:
    assert kinds(patched("t", 0, length=length, scale=scale), Fed(200, 2, "grey")) == {"T"}


@pytest.mark.parametrize("kind", ["2", "T"])
@pytest.mark.parametrize("degrees", [0, 182])
def test_the_sheets_that_we_print_are_read(tmp_path: Path, kind: Patch, degrees: float) -> None:
    path = tmp_path / "patch.pdf"
    with path.open("wb") as stream:
        write_patches(kind, 1, stream, at=datetime(2026, 11, 23, tzinfo=UTC))
    (drawn,) = open_pages(path, Limits())
    level = Image.fromarray(grey(drawn)).resize((round(210 * MM), round(297 * MM)))
    sheet = np.asarray(level, np.uint8)
    assert kinds(sheet, Fed(200, degrees, "bilevel")) == {kind}
    assert examine(scan(sheet, Fed(200, degrees, "bilevel"))).look is Look.PLAIN


def striped(*tops_and_heights: tuple[float, float]) -> Sheet:
    """Bars across a page, in millimetres."""
    sheet = empty()
    for top, high in tops_and_heights:
        sheet[round(top * MM) : round((top + high) * MM), round(20 * MM) : round(190 * MM)] = 0
    return sheet


NOT_ONE = {
    "lines of type": typed(empty(), 40, 20.0),
    "type without spaces": typed(empty(), 44, 20.0, "HHHHHHHHHHHHHHHHHHHHHHHHHHHHHH"),
    "three bars": striped((10, 2), (14, 5), (21, 2)),
    "five bars": striped((10, 2), (14, 5), (21, 2), (25, 5), (32, 2)),
    "equal bars": striped((10, 3), (16, 3), (22, 3), (28, 3)),
    "bars far apart": striped((10, 2), (20, 5), (33, 2), (43, 5)),
    "a black page": striped((5, 280)),
    "nothing": empty(),
}


@pytest.mark.parametrize("what", NOT_ONE)
@pytest.mark.parametrize("degrees", [0, 93])
def test_what_is_no_patch_is_taken_for_none(what: str, degrees: float) -> None:
    assert kinds(NOT_ONE[what], Fed(150, degrees, "grey")) == set()


def test_a_patch_in_letters_is_one_too() -> None:
    for text, kind in (("PATCHT", zxingcpp.BarcodeFormat.Code128), ("PATCH2", zxingcpp.BarcodeFormat.Code39)):
        bars = symbol(text, kind, 0.5)
        sheet = put(typed(empty(), 3), np.repeat(bars[bars.shape[0] // 2][None], round(14 * MM), 0), (105.0, 80.0))
        for fed in (Fed(200, 3, "grey"), Fed(150, 180, "noisy"), Fed(300, 92, "bilevel")):
            assert examine(scan(sheet, fed)).look is Look.PLAIN


def test_a_patch_sheet_is_kept_where_somebody_wrote_on_it_or_printed_it_on_a_record() -> None:
    record = typed(patched("2", 0), 30, 60.0)
    assert examine(scan(record, Fed(200, 2, "grey"))).look is Look.LABELLED
    assert examine(scan(patched("2", 0), Fed(200, 2, "grey"))).look is Look.PLAIN


def test_patches_that_switch_a_scanner_and_patches_that_are_switched_off_open_nothing() -> None:
    for kind in "146":
        assert examine(scan(patched(kind, 0), Fed(200, 0, "grey"))).look is Look.CONTENT
    off = Separation(patches=False)
    assert examine(scan(patched("t", 0), Fed(200, 0, "grey")), off).look is Look.CONTENT


def test_a_patch_sheet_with_a_code_that_nobody_can_read_is_a_doubt() -> None:
    """Perhaps one of ours, whose patient nobody knows: what follows is held, as behind any unreadable one."""
    noise = np.random.default_rng(3).integers(0, 2, (30, 30)).astype(np.uint8) * 255
    blocks = np.kron(noise, np.ones((round(1.0 * MM), round(1.0 * MM)), np.uint8))
    sheet = put(patched("t", 0), blocks.astype(np.uint8), (105.0, 90.0))
    assert examine(scan(sheet, Fed(200, 1, "grey"))).look is Look.SUSPECT


def test_bars_are_as_wide_as_the_norm_says() -> None:
    rows = patch("t")[:, 0]
    edges = np.flatnonzero(np.diff(rows.astype(int), prepend=255, append=255))
    assert np.allclose(np.diff(edges) / 300, [0.08, 0.08, 0.2, 0.08, 0.08, 0.08, 0.2], atol=0.004)
