"""The copy that is read: straight, upright, square, and every point of it leads back to the scanner's own pixel."""

import zlib
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from lexicon.faults import SheetFault
from pipeline.clean import _resampled, halved, readable
from pipeline.cleaning.skew import skew
from pipeline.formats.pixels import grey
from pipeline.model import Colour, Encoding, PageImage
from tests.compose_fixtures import flate, g4, jpeg, sheet, tilted

SHEET = sheet()
BLACK_AND_WHITE = SHEET.picture.point(lambda level: 255 if level > 127 else 0)


@pytest.mark.parametrize("black_is_1", [True, False])
def test_bilevel_pages_decode_with_black_ink_whatever_their_polarity(*, black_is_1: bool) -> None:
    expected = np.asarray(BLACK_AND_WHITE)
    assert np.array_equal(grey(g4(BLACK_AND_WHITE, black_is_1=black_is_1)), expected)
    assert np.array_equal(grey(flate(BLACK_AND_WHITE.convert("1"), black_is_1=black_is_1)), expected)


def test_grey_and_colour_pages_decode_to_the_grey_that_they_show() -> None:
    assert np.array_equal(grey(flate(SHEET.picture)), np.asarray(SHEET.picture))
    assert np.array_equal(grey(flate(SHEET.picture.convert("RGB"))), np.asarray(SHEET.picture))
    assert np.abs(grey(jpeg(SHEET.picture)).astype(int) - np.asarray(SHEET.picture)).mean() < 2


@pytest.mark.parametrize(
    "damaged",
    [
        replace(flate(SHEET.picture), payload=b"no zlib"),
        replace(flate(SHEET.picture), payload=zlib.compress(b"short")),
        replace(flate(SHEET.picture), height=SHEET.picture.height + 1),
        replace(jpeg(SHEET.picture), payload=b"no jpeg"),
        replace(jpeg(SHEET.picture), payload=b""),
        replace(jpeg(SHEET.picture), width=SHEET.picture.width + 1),
        replace(g4(SHEET.picture), payload=b""),
    ],
    ids=["no zlib", "too few samples", "another height", "no jpeg", "nothing", "another width", "empty strip"],
)
def test_an_image_that_does_not_decode_as_announced_is_a_fault_of_the_sheet(damaged: PageImage) -> None:
    with pytest.raises(SheetFault, match="unreadable-scan") as caught:
        grey(damaged)
    assert caught.value.__cause__ is None


def test_a_stream_that_swells_is_not_unfolded_beyond_the_page() -> None:
    bomb = PageImage(Encoding.FLATE, zlib.compress(bytes(50_000_000)), 10, 10, 300, 300, Colour.GREY)
    assert grey(bomb).shape == (10, 10)


@pytest.mark.parametrize("degrees", [-3.0, -0.6, 0.4, 2.5])
def test_the_tilt_of_a_page_is_found_to_a_tenth_of_a_degree(degrees: float) -> None:
    picture, _ = tilted(SHEET, degrees)
    assert skew(np.asarray(picture), 200) == pytest.approx(degrees, abs=0.1)


def test_a_page_without_lines_is_left_as_it_lies() -> None:
    assert skew(np.full((2000, 1500), 255, np.uint8), 200) == 0.0
    assert readable(flate(Image.new("L", (1240, 1754), 250))).operations == ("background", "contrast")


@given(turns=st.integers(0, 3), width=st.integers(1, 12), height=st.integers(1, 12), seed=st.integers(0, 2**32 - 1))
def test_each_pixel_of_a_turned_copy_is_the_stored_pixel_that_it_names(
    turns: int, width: int, height: int, seed: int
) -> None:
    samples = np.random.default_rng(seed).integers(0, 2, (height, width), np.uint8) * 255
    samples[0, 0], samples[-1, -1] = 0, 255  # so that a threshold lies between them
    stored = flate(Image.fromarray(samples).convert("1"), (300, 300))
    copy = readable(stored, turns)
    for y, x in np.ndindex(copy.pixels.shape):
        left, top = copy.to_stored @ (x + 0.5, y + 0.5, 1)
        assert copy.pixels[y, x] == grey(stored)[int(top), int(left)]


@pytest.mark.parametrize(
    ("dpi", "quarter_turns", "degrees"), [((200, 100), 0, 0.0), ((200, 200), 1, 1.5), ((600, 600), 3, -2.0)]
)
def test_ink_of_the_copy_lies_on_ink_of_the_stored_image(
    dpi: tuple[float, float], quarter_turns: int, degrees: float
) -> None:
    picture, _ = tilted(SHEET, degrees)
    stored = picture.rotate(90 * quarter_turns, expand=True).resize(
        [round(s * d / 200) for s, d in zip(picture.rotate(90 * quarter_turns, expand=True).size, dpi, strict=True)]
    )
    image = replace(flate(stored, dpi), quarter_turns=quarter_turns)
    copy = readable(image)
    assert 200 <= copy.dpi <= 350
    original = grey(image)
    rows, columns = np.nonzero(copy.pixels < 50)
    points = copy.to_stored @ np.vstack([columns + 0.5, rows + 0.5, np.ones(len(rows))])
    left, top = points.astype(int)
    assert len(rows) > 10_000
    assert np.mean(original[np.clip(top, 0, image.height - 1), np.clip(left, 0, image.width - 1)] < 200) > 0.97


def test_an_absurd_resolution_does_not_ask_for_absurd_memory() -> None:
    pixels, dpi, _ = _resampled(flate(Image.new("L", (3000, 4000), 255), (72, 72)))
    assert pixels.size < 41_000_000
    assert dpi == pytest.approx(72 * pixels.shape[0] / 4000, rel=0.01)


def test_half_a_copy_leads_back_to_the_same_place() -> None:
    copy = readable(flate(SHEET.picture))
    half = halved(copy)
    assert half.pixels.shape == tuple(side // 2 for side in copy.pixels.shape)
    assert half.to_stored @ (100, 200, 1) == pytest.approx(copy.to_stored @ (200, 400, 1), abs=0.2)
