"""A printed piece of page as an office scanner makes it, then as the reader's copy shows it."""
# ruff: noqa: PLR2004  shares, compared with chance

from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.cleaning.contrast import contrasted, even
from pipeline.cleaning.rules import unruled
from pipeline.formats.pixels import Grey
from training.sheets import FINER

Generator = np.random.Generator
Affine = NDArray[np.float64]
_LAST: Final = ((0, 0), (2, 0))
"""A column that comes last of three."""
_FAX: Final = 98 / 204
_READ_FAX_AT: Final = 300
"""dpi at which a copy with oblong pixels is read."""


@dataclass(frozen=True, slots=True)
class Scan:
    """The copy, its resolution, and what turns a point of the print into one of the copy."""

    pixels: Grey
    dpi: int
    affine: Affine


def scanned(printed: Grey, dpi: int, random: Generator, *, clean: bool) -> Scan:
    """At `dpi`; one without any defect but the resolution's where `clean`."""
    page, affine = _sampled(printed, random, clean=clean)
    if clean:
        return Scan(contrasted(_copied(even(page), dpi, random)), dpi, affine)
    lit = _lit(page, random)
    kind = random.random()
    if kind < 0.1 and dpi == 200:  # a fax has the width of an office scan, half the lines
        return _faxed(lit, affine, dpi, random)
    if kind < 0.55:
        return Scan(_copied(_speckled(_bilevel(lit, random), random), dpi, random), dpi, affine)
    if random.random() < 0.75:
        lit = _grey(cv2.imdecode(_jpeg(lit, int(random.integers(35, 92))), cv2.IMREAD_GRAYSCALE))
    return Scan(contrasted(_copied(even(lit), dpi, random)), dpi, affine)


def _sampled(printed: Grey, random: Generator, *, clean: bool) -> tuple[Grey, Affine]:
    """At the scan's resolution, a little turned, shifted and out of focus; and where its points come from."""
    page = printed if clean else _inked(printed, random)
    angle = 0.0 if clean else float(random.choice([0, 0, 0, random.normal(0, 0.15)]))
    height, width = page.shape
    turn = np.asarray(cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0), np.float64)
    turn += np.pad(random.uniform(-1, 1, (2, 1)), _LAST)
    blur = random.uniform(0.3, 0.7) if clean else random.uniform(0.4, 1.6)
    page = _grey(cv2.GaussianBlur(cv2.warpAffine(page, turn, (width, height), borderValue=(255.0,)), (0, 0), blur))
    if not clean:
        page = _curled(page, random)
    size = (width // FINER, height // FINER)
    return _grey(cv2.resize(page, size, interpolation=cv2.INTER_AREA)), _scaled(turn, size[0] / width, size[1] / height)


def _scaled(affine: Affine, across: float, down: float) -> Affine:
    return np.asarray(affine * np.array([[across], [down]]), np.float64)


def _grey(pixels: Any) -> Grey:
    return np.asarray(pixels, np.uint8)


def _jpeg(page: Grey, quality: int) -> NDArray[np.uint8]:
    return _grey(cv2.imencode(".jpg", page, [cv2.IMWRITE_JPEG_QUALITY, quality])[1])


def _inked(page: Grey, random: Generator) -> Grey:
    """Thicker or thinner strokes, toner that is missing, paper that shines through."""
    share = random.random()
    if share < 0.12:
        page = _grey(cv2.dilate(page, np.ones((2, 2), np.uint8)))
    elif share < 0.3:
        page = _grey(cv2.erode(page, np.ones((2, 2), np.uint8)))
    ink = 255.0 - page
    if random.random() < 0.3:
        ink *= np.clip(1 - random.uniform(0.2, 0.75) * _clouds(page.shape, random, random.uniform(2, 40)), 0, 1)
    ink *= random.uniform(0.55, 1.0) if random.random() < 0.4 else random.uniform(0.85, 1.0)
    if random.random() < 0.12:
        ink = np.maximum(ink, cv2.GaussianBlur(255.0 - page[:, ::-1], (0, 0), 4) * random.uniform(0.05, 0.25))
    return np.asarray(255 - ink, np.uint8)


def _clouds(shape: tuple[int, ...], random: Generator, grain: float) -> NDArray[np.float32]:
    """0 to 1, patches of `grain` pixels."""
    size = (max(2, int(shape[1] / grain)), max(2, int(shape[0] / grain)))
    coarse = random.random((size[1], size[0]), np.float32) ** 2
    return np.asarray(cv2.resize(coarse, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR), np.float32)


def _curled(page: Grey, random: Generator) -> Grey:
    """Lines that bend by less than a sixth of a letter."""
    if random.random() > 0.15:
        return page
    height, width = page.shape
    columns, rows = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    rows += np.float32(random.uniform(0.5, 3)) * np.sin(
        columns / np.float32(random.uniform(300, 900)) + np.float32(random.uniform(0, 6))
    )
    return np.asarray(cv2.remap(page, columns, rows, cv2.INTER_LINEAR, borderValue=(255.0,)), np.uint8)


def _lit(page: Grey, random: Generator) -> Grey:
    """Grey paper, uneven light, noise."""
    height, width = page.shape
    black, white = random.uniform(0, 70), random.uniform(195, 255)
    level = black + page.astype(np.float32) * (white - black) / 255
    if random.random() < 0.35:
        across = np.linspace(random.uniform(0.8, 1), random.uniform(0.8, 1), width, dtype=np.float32)
        level *= across
    level += random.normal(
        0, random.uniform(1, 4) if random.random() < 0.5 else random.uniform(4, 20), (height, width)
    ).astype(np.float32)
    return np.asarray(np.clip(level, 0, 255), np.uint8)


def _bilevel(page: Grey, random: Generator) -> Grey:
    """By one threshold: the middle, too high (thick strokes) or too low (broken ones); now and then by a local one."""
    middle, _ = cv2.threshold(page, 0, 255, cv2.THRESH_OTSU)
    if random.random() < 0.15:
        size = int(random.integers(8, 25)) * 2 + 1
        return np.asarray(
            cv2.adaptiveThreshold(
                page, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, size, random.uniform(10, 40)
            ),
            np.uint8,
        )
    low, high = float(np.percentile(page, 0.5)), float(np.percentile(page, 80))
    threshold = middle + random.normal(0, 0.14) * (high - low)
    return np.where(page > np.clip(threshold, low + 8, high - 8), 255, 0).astype(np.uint8)


def _speckled(page: Grey, random: Generator) -> Grey:
    """Grains of a pixel or a few, black and white."""
    if random.random() < 0.4:
        share = 10 ** random.uniform(-4.5, -2.2)
        grains = random.random(page.shape) < share
        if random.random() < 0.4:
            grains = cv2.dilate(grains.astype(np.uint8), np.ones((2, 2), np.uint8)) > 0
        page = np.where(grains, 0, page).astype(np.uint8)
    if random.random() < 0.3:
        holes = random.random(page.shape) < 10 ** random.uniform(-3, -1.2)
        page = np.where(holes, 255, page).astype(np.uint8)
    return page


def _faxed(page: Grey, affine: Affine, dpi: int, random: Generator) -> Scan:
    """Half the lines, two levels, then square pixels again."""
    height, width = page.shape
    oblong = _grey(cv2.resize(page, (width, max(1, round(height * _FAX))), interpolation=cv2.INTER_AREA))
    flat = _speckled(_bilevel(oblong, random), random)
    size = (round(width * _READ_FAX_AT / dpi), round(height * _READ_FAX_AT / dpi))
    square = _grey(cv2.resize(flat, size, interpolation=cv2.INTER_CUBIC))
    copied = contrasted(_copied(square, _READ_FAX_AT, random))
    return Scan(copied, _READ_FAX_AT, _scaled(affine, size[0] / width, size[1] / height))


def _copied(page: Grey, dpi: int, random: Generator) -> Grey:
    """As the product's own copy of it: straightened, rules taken out."""
    if random.random() < 0.35:  # what straightening does to pixels, without the angle
        shift = np.array([[1, 0, random.uniform(-0.5, 0.5)], [0, 1, random.uniform(-0.5, 0.5)]])
        moved = cv2.warpAffine(page, shift, page.shape[::-1], flags=cv2.INTER_LINEAR, borderValue=(255.0,))
        page = _grey(moved)
    return unruled(page, dpi).pixels
