"""Even paper, and ink that stands out from it without losing the greys of its edges."""

from typing import Final

import cv2
import numpy as np

from pipeline.formats.pixels import Grey

_BAND: Final = 64
_EVERY: Final = 256
"""Rows looked at, and of how many: a page's ink is alike from band to band."""
_LEAST_EDGES: Final = 200
"""Pixels at edges, without which a page shows no contrast."""
_LIGHTEST: Final = 250
_PAPER_STEP: Final = 8
"""By how much the page is reduced to find its paper."""


def even(pixels: Grey) -> Grey:
    """Paper divided out: what is as light as its surroundings becomes white (background from an eighth of the size)."""
    height, width = pixels.shape
    small = (max(1, width // _PAPER_STEP), max(1, height // _PAPER_STEP))
    reduced = cv2.resize(pixels, small, interpolation=cv2.INTER_AREA)
    paper = cv2.GaussianBlur(cv2.morphologyEx(reduced, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8)), (0, 0), 5)
    full = cv2.resize(paper, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.divide(pixels, full, scale=255), np.uint8)


def contrasted(pixels: Grey) -> Grey:
    """The page's middle ink black and its paper white, with a straight ramp between; black text keeps its soft edges.

    Where ink ends is told by the pixels at edges alone (Otsu 1979): stamps, photographs and shaded fields, larger than
    all letters together, have no say.
    """
    sampled = _sampled(pixels)
    threshold = _edge_threshold(sampled)
    if threshold is None:
        return pixels
    counted = np.cumsum(np.bincount(sampled.ravel(), minlength=256)[: threshold + 1])
    ink = int(np.searchsorted(counted, counted[-1] / 2))
    paper = max(ink + 1, min(2 * threshold - ink, _LIGHTEST))
    ramp = (np.arange(256) - ink) * 255.0 / (paper - ink)
    return np.asarray(cv2.LUT(pixels, np.clip(ramp, 0, 255).astype(np.uint8)), np.uint8)


def ink_threshold(pixels: Grey) -> int | None:
    """Grey level up to which a pixel is ink, from those at strong edges; None where there are hardly any."""
    return _edge_threshold(_sampled(pixels))


def _edge_threshold(pixels: Grey) -> int | None:
    around = np.ones((3, 3), np.uint8)
    steps = cv2.morphologyEx(cv2.GaussianBlur(pixels, (3, 3), 0), cv2.MORPH_GRADIENT, around)
    strong, _ = cv2.threshold(steps, 0, 255, cv2.THRESH_OTSU)
    at_edges = pixels[steps > strong]
    if len(at_edges) < _LEAST_EDGES:
        return None
    parting, _ = cv2.threshold(at_edges.reshape(-1, 1), 0, 255, cv2.THRESH_OTSU)
    dark = at_edges <= parting
    if dark.all():
        return None
    return int(at_edges[dark].mean() + at_edges[~dark].mean()) // 2  # of two values alone, Otsu names the lower one


def _sampled(pixels: Grey) -> Grey:
    height, width = pixels.shape
    if height < 2 * _EVERY:
        return pixels
    bands = height // _EVERY
    return pixels[: bands * _EVERY].reshape(bands, _EVERY, width)[:, :_BAND].reshape(-1, width)
