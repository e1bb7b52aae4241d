"""Batches of training lines, each of about one width."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.characters import Alphabet

WIDTHS: Final = (108, 192, 336, 576, 900, 1296)
"""Columns of a batch's images."""
_COLUMNS: Final = 14_000
"""Of a batch, all images together."""
_NARROWEST: Final = 6
"""Columns a character, at the least."""

Line = tuple[NDArray[np.int8], list[int]]
"""A strip as the network is shown it, and the codes of its characters."""


@dataclass(frozen=True, slots=True)
class Batch:
    """N lines."""

    images: NDArray[np.int8]
    """N x 36 x W; each line at the left."""
    widths: NDArray[np.int32]
    """Of each line, in columns."""
    labels: NDArray[np.int32]
    """N x L: codes, then nothing."""
    lengths: NDArray[np.int32]
    """Of each line, in codes."""


def batches(folder: Path, alphabet: Alphabet, random: np.random.Generator) -> Iterator[Batch]:
    """Without end: the shard that was read least comes next, among those that are there by then."""
    waiting: dict[int, list[Line]] = {width: [] for width in WIDTHS}
    read: Counter[Path] = Counter()
    while True:
        shard = min(sorted(folder.glob("*.npz")), key=lambda path: (read[path], random.random()))
        read[shard] += 1
        for image, codes in _lines(shard, alphabet, random):
            width = next(width for width in WIDTHS if image.shape[1] <= width)
            waiting[width].append((image, codes))
            if len(waiting[width]) == _COLUMNS // width:
                yield _batch(waiting[width], width)
                waiting[width] = []


def _lines(shard: Path, alphabet: Alphabet, random: np.random.Generator) -> Iterator[Line]:
    with np.load(shard) as stored:
        pixels, widths, texts = stored["lines"], stored["widths"], stored["texts"]
    ends = np.cumsum(widths)
    for place in random.permutation(len(widths)):
        codes = alphabet.codes(str(texts[place]))
        if codes is not None and len(codes) * _NARROWEST < widths[place]:
            yield pixels[:, ends[place] - widths[place] : ends[place]], codes


def _batch(lines: list[Line], width: int) -> Batch:
    images = np.zeros((len(lines), lines[0][0].shape[0], width), np.int8)
    labels = np.zeros((len(lines), width // _NARROWEST), np.int32)
    for row, (image, codes) in enumerate(lines):
        images[row, :, : image.shape[1]] = image
        labels[row, : len(codes)] = codes
    widths = np.array([image.shape[1] for image, _ in lines], np.int32)
    return Batch(images, widths, labels, np.array([len(codes) for _, codes in lines], np.int32))
