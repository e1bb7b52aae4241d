"""What a drawing lacks or adds is told, whoever drew it: each sabotage is refused."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import cv2
import numpy as np
import pytest

from pipeline.pdfa.compact import Layers, drawn, measured
from pipeline.pdfa.compact_pixels import Picture, Pixels, picture
from pipeline.pdfa.compact_tint import INK, jpeg
from pipeline.pdfa.fidelity import Fidelity, fidelity, ssim
from tests.compact_fixtures import COLOURS, Kind, layers_of, page

Sabotage = Callable[[Pixels], Pixels]


@cache
def faithful(kind: Kind) -> tuple[Picture, Pixels]:
    """A scan and its layers, drawn, which are enough."""
    image = page(kind).image
    scan = picture(image)
    shown = drawn(layers_of(image), scan.size)
    return scan, shown if shown.ndim == 3 else np.repeat(shown[..., None], 3, axis=2)


@pytest.mark.parametrize("kind", ["text", "blue", "tinted", "photo"])
def test_a_scan_is_wholly_faithful_to_itself(kind: Kind) -> None:
    scan = picture(page(kind).image)
    shown = fidelity(scan, scan.pixels)
    assert shown.similarity == pytest.approx(1.0, abs=1e-5)
    assert replace(shown, similarity=1.0) == Fidelity(1.0, 1.0, 1.0, 1.0, 1.0, 1.0)


def test_grain_is_no_loss_and_letters_are() -> None:
    noisy, quiet = picture(page("text", grain=6.0).image), picture(page("text", grain=0.0).image)
    assert fidelity(noisy, quiet.pixels).similarity >= 0.95
    assert ssim(noisy.luma.astype(np.float32), quiet.luma.astype(np.float32)) < 0.9
    blank = np.full_like(noisy.pixels, 246)
    assert fidelity(noisy, blank).similarity < 0.95
    assert fidelity(noisy, blank).ink_recall == 0.0


def inverted(shown: Pixels) -> Pixels:
    return 255 - shown


def mirrored(shown: Pixels) -> Pixels:
    return np.ascontiguousarray(shown[:, ::-1])


def turned(shown: Pixels) -> Pixels:
    return np.ascontiguousarray(shown[::-1, ::-1])


def shifted(shown: Pixels) -> Pixels:
    return np.roll(shown, (2, 2), (0, 1))


def blurred(shown: Pixels) -> Pixels:
    return np.asarray(cv2.GaussianBlur(shown, (0, 0), 4.0), np.uint8)


def without_a_line(shown: Pixels) -> Pixels:
    """The last of the seven is white."""
    changed = shown.copy()
    changed[320:356, 40:] = np.median(shown, axis=(0, 1))
    return changed


def with_a_word_more(shown: Pixels) -> Pixels:
    changed = shown.copy()
    cv2.putText(changed, "APTE", (300, 1050), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (20, 20, 20), 3)
    return changed


def half_blank(shown: Pixels) -> Pixels:
    changed = shown.copy()
    changed[: len(changed) // 2] = np.median(shown, axis=(0, 1))
    return changed


SABOTAGES = (inverted, mirrored, turned, shifted, blurred, without_a_line, with_a_word_more, half_blank)


@pytest.mark.parametrize("sabotage", SABOTAGES)
def test_a_drawing_that_was_tampered_with_is_not_enough(sabotage: Sabotage) -> None:
    scan, shown = faithful("violet")
    assert fidelity(scan, shown).enough
    assert not fidelity(scan, sabotage(shown)).enough


@pytest.mark.parametrize("kind", COLOURS)
def test_a_stamp_or_a_stroke_that_is_gone_is_missed(kind: Kind) -> None:
    scan, shown = faithful(kind)
    gone = cv2.dilate(page(kind).special.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    lost = shown.copy()
    lost[gone] = np.median(shown, axis=(0, 1))
    assert not fidelity(scan, lost).enough


@pytest.mark.parametrize("kind", [kind for kind in COLOURS if kind != "pencil"])
def test_a_stamp_that_is_grey_or_of_another_colour_is_missed(kind: Kind) -> None:
    scan, shown = faithful(kind)
    grey = np.repeat(cv2.cvtColor(shown, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2)
    other = np.ascontiguousarray(shown[..., [1, 2, 0]])
    assert fidelity(scan, np.asarray(grey, np.uint8)).colour_recall < 0.5
    assert fidelity(scan, other).colour_recall < 0.5


def test_black_letters_that_become_blue_are_noticed() -> None:
    scan, shown = faithful("text")
    blue = shown.copy()
    blue[shown.max(axis=2) < 128] = (40, 50, 160)
    assert fidelity(scan, blue).colour_precision < 0.98


def test_a_pencil_stroke_half_as_strong_is_still_a_stroke_and_a_tenth_is_none() -> None:
    scan, shown = faithful("pencil")
    paper = np.median(shown, axis=(0, 1))
    near = cv2.dilate(page("pencil").special.astype(np.uint8), np.ones((9, 9), np.uint8))[..., None]

    def weakened(strength: float) -> Pixels:
        return np.where(near > 0, paper + (shown - paper) * strength, shown).astype(np.uint8)

    assert fidelity(scan, weakened(0.8)).enough
    assert not fidelity(scan, weakened(0.1)).enough


def test_layers_that_were_tampered_with_are_refused() -> None:
    image = page("blue").image
    scan, layers = picture(image), layers_of(image)
    assert measured(scan, layers).enough
    assert not measured(scan, replace(layers, stencils=())).enough
    assert not measured(scan, dyed(layers, (230, 30, 30))).enough
    assert not measured(scan, dyed(layers, (245, 245, 245))).enough


def dyed(layers: Layers, colour: tuple[int, int, int]) -> Layers:
    """All ink in one colour."""
    stencils = []
    for stencil in layers.stencils:
        plain = np.full((stencil.tint.height, stencil.tint.width, 3), colour, np.uint8)
        stencils.append(replace(stencil, tint=replace(stencil.tint, payload=jpeg(plain, INK, 1.0), coloured=True)))
    return replace(layers, stencils=tuple(stencils))
