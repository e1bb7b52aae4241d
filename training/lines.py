"""Training lines, as the product cuts them: python -m training.lines FOLDER SEED PIECES SOURCE.

Writes FOLDER/SEED.npz: the strips side by side as the network is shown them, their widths, and their texts.
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.formats.pixels import Grey
from pipeline.reading.lines import Line, lines_of
from pipeline.reading.strips import HEIGHT, strip
from training.batches import WIDTHS
from training.faces import faces_in
from training.pieces import Pieces
from training.quiet import wait_while_quiet
from training.scans import Scan, scanned
from training.sheets import Word
from training.texts import Texts

_CLEAN: Final = 0.12
_WORDLESS: Final = 0.15
"""Share of the strips without a word that are kept: specks, boxes to tick, remains of rules."""
_OFF: Final = 0.4
"""Of a small letter's height: how far a line's baseline may lie from its words'."""
_BESIDE: Final = 1.5
_WORN: Final = 0.12
"""Pixels of the copy, and share of a small letter's height, by which ink may seem to leave its line."""
_SEEN: Final = 0.35
"""Share of a word's height that may stand in another line's strip."""
_LEVELS: Final = 127
_RESOLUTIONS: Final = (150, 150, 150, 200, 200, 200, 200, 200, 300, 300)

Shown = NDArray[np.int8]


def labelled(scan: Scan, words: Sequence[Word], random: Random) -> Iterator[tuple[Shown, str]]:
    """Strips that hold whole words only, all of one line, with their text; some that hold none."""
    placed = [_moved(word, scan) for word in words]
    for line in lines_of(scan.pixels, scan.dpi):
        told = _told(line, placed)
        if told is None or (not told and random.random() > _WORDLESS):
            continue
        cut = strip(scan.pixels, line).pixels
        if cut.shape[1] <= WIDTHS[-1]:
            yield shown(cut), told


def shown(cut: Grey) -> Shown:
    """A strip as the network is shown it: its own black and white as -127 and 127 (Tesseract 5, `FromPix`)."""
    black, white = _extremes(cut[HEIGHT // 2])
    half = max((white - black) / 2, 1.0) if white > black else 1.0
    levels = np.clip((cut.astype(np.float32) - black) / half - 1, -1, 1)
    return np.asarray(np.rint(levels * _LEVELS), np.int8)


def _told(line: Line, words: Sequence[Word]) -> str | None:
    """What stands on the line; None where a word is cut, or another line's is seen."""
    up, down = line.reach
    own = []
    for word in words:
        middle = (word.left + word.right) / 2
        base = line.y(middle)
        wide = min(word.right, line.right) - max(word.left, line.left)
        high = min(word.bottom, base + down) - max(word.top, base - up)
        if wide <= 0 or high <= 0:
            continue
        if abs(word.base - base) <= _OFF * word.body and _holds(line, word):
            own.append(word)
        elif high > _SEEN * (word.bottom - word.top) and wide > _BESIDE:
            return None
    return " ".join(word.text for word in sorted(own, key=lambda one: one.left))


def _holds(line: Line, word: Word) -> bool:
    beside = max(_BESIDE, _WORN * word.body)
    return line.left - beside <= word.left and word.right <= line.right + beside


def _moved(word: Word, scan: Scan) -> Word:
    """On the copy."""
    left, top = scan.affine @ (word.left, word.top, 1)
    right, bottom = scan.affine @ (word.right, word.bottom, 1)
    _, base = scan.affine @ ((word.left + word.right) / 2, word.base, 1)
    return Word(word.text, left, top, right, bottom, base, word.body * float(scan.affine[1, 1]))


def _extremes(row: Grey) -> tuple[float, float]:
    """Lower quartile of the row's minima, upper of its maxima."""
    before, here, after = (row[:-2].astype(int), row[1:-1].astype(int), row[2:].astype(int))
    least = here[((here < before) & (here <= after)) | ((here <= before) & (here < after))]
    most = here[((here > before) & (here >= after)) | ((here >= before) & (here > after))]
    return _quartile(least, 0.25, 0), _quartile(most, 0.75, 255)


def _quartile(levels: NDArray[np.int_], share: float, otherwise: int) -> float:
    """As Tesseract's histogram interpolates it."""
    if not len(levels):
        return float(otherwise)
    counts = np.bincount(levels, minlength=256)
    target = float(np.clip(share * len(levels), 1, len(levels)))
    index = int(np.searchsorted(np.cumsum(counts), target)) + 1
    total = int(counts[:index].sum())
    return index - (total - target) / int(counts[index - 1])


def main(folder: Path, seed: int, count: int, source: Path) -> None:
    """`source`: fonts, `words.txt`, `prose.txt`."""
    random, generator = Random(seed), np.random.default_rng(seed)  # noqa: S311  invented pages
    words = [word for word in (source / "words.txt").read_text(encoding="utf-8").split() if "." not in word]
    sentences = (source / "prose.txt").read_text(encoding="utf-8").splitlines()
    pieces = Pieces(random, Texts(random, words, sentences), faces_in(source / "fonts"))
    images, said = [], []
    for _ in range(count):
        wait_while_quiet()
        dpi = random.choice(_RESOLUTIONS)
        piece = pieces.piece(dpi)
        scan = scanned(piece.pixels, dpi, generator, clean=random.random() < _CLEAN)
        for image, text in labelled(scan, piece.words, random):
            images.append(image)
            said.append(text)
    widths = np.array([image.shape[1] for image in images])
    folder.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(folder / f"{seed}.npz", lines=np.concatenate(images, 1), widths=widths, texts=np.array(said))


if __name__ == "__main__":
    cv2.setNumThreads(1)
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
