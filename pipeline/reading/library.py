"""Tesseract as a library (tesserocr), in processes that have its model loaded; what they may is bounded there."""

import contextlib
import importlib.util
import math
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from lexicon.faults import StationFault
from pipeline.model import Word
from pipeline.reading.copies import samples_written
from pipeline.reading.engine import Layout, Strips, UnreadError
from pipeline.reading.hocr import Properties, placed
from pipeline.reading.processes import KilledError, Pool, Process
from pipeline.reading.strips import Read
from pipeline.reading.tessdata import Model, ModelUse, model, require_languages

_START_SECONDS: Final = 60.0
_MEMORY: Final = 1 << 30
"""Bytes of address space of a process; noise on 40 million pixels, the largest copy, takes half of it."""
_BOOT: Final = "import sys; sys.path += sys.argv[6:]; from pipeline.reading.inside import main; main(*sys.argv[1:6])"
_VARIABLES: Final = {"LC_ALL": "C.UTF-8", "OMP_THREAD_LIMIT": "1"}
"""A process's whole environment. Threads would cost three times the processor time."""
_KIND: Final = "words"
_STRIP: Final = "S"
"""Said before the words of each."""
_TRIES: Final = 2
"""A process that somebody killed may have been killed for another's sake."""


class Library:
    """The engine over tesserocr (extra `fast`)."""

    def __init__(self, language: str, places: int, use: ModelUse = "liasse") -> None:
        """`places`: processes kept while there is nothing to read.

        Raises `StationFault("program-missing")`: there is no tesserocr, it does not work, or a language is missing.
        """
        if importlib.util.find_spec("tesserocr") is None:
            raise _missing()
        self._model, self._tessdata = model(language, use), require_languages(language)
        self._versions = ("", "")
        self._pool = Pool(self._start, places)
        with self._pool.process(_KIND):
            library, tesseract = self._versions
        self.name: Final = f"tesserocr {library}, tesseract {tesseract} {self._model.name}"

    def words(self, layout: Layout, seconds: float) -> tuple[Word, ...]:
        said = self._asked(f"words {layout.segmentation} {layout.dpi}", layout.path, seconds)
        try:
            return tuple(_words(said))
        except (ValueError, IndexError):
            raise UnreadError("failed") from None

    def lines(self, strips: Strips, seconds: float) -> tuple[tuple[Read, ...], ...]:
        widths = ",".join(str(strip.shape[1]) for strip in strips.pixels)
        with samples_written(strips.pixels, strips.folder) as path:
            said = self._asked(f"lines {widths} 0", path, seconds)
        try:
            return tuple(_reads(said, len(strips.pixels)))
        except (ValueError, IndexError):
            raise UnreadError("failed") from None

    def turns(self, path: Path, dpi: int, seconds: float) -> int | None:
        try:
            said = self._asked(f"turns 0 {dpi}", path, seconds)
        except UnreadError:
            return None
        return int(said) if said in {"0", "1", "2", "3"} else None

    def close(self) -> None:
        self._pool.close()

    def _asked(self, line: str, path: Path, seconds: float) -> str:
        until = time.monotonic() + seconds
        for _ in range(_TRIES):
            with contextlib.suppress(KilledError), self._pool.process(_KIND) as process:
                process.ask(line.encode() + b" " + os.fsencode(path))
                return _answer(process, until)
        raise UnreadError("failed")

    def _start(self, kind: str) -> Process:
        del kind
        try:
            process = Process(_command(self._tessdata, self._model), _VARIABLES)
        except OSError:
            raise _missing() from None
        try:
            library, tesseract = _answer(process, time.monotonic() + _START_SECONDS).split("\n")
        except (UnreadError, KilledError, ValueError):
            process.end()
            raise _missing() from None
        self._versions = (library, tesseract)
        return process


def _command(tessdata: Path, read_with: Model) -> tuple[str, ...]:
    house = str(Path(__file__).resolve().parents[2])
    paths = dict.fromkeys(path for path in (*sys.path, house) if os.path.isabs(path))  # noqa: PTH117  entries are str
    folders = (f"{tessdata}/", f"{read_with.folder or tessdata}/")
    told = (*folders, read_with.language, str(_MEMORY), str(os.getpid()))
    return (sys.executable, "-I", "-S", "-B", "-c", _BOOT, *told, *paths)


def _answer(process: Process, until: float) -> str:
    said = process.heard(until)
    while b"\n" not in said:
        said += process.heard(until)
    length, _, content = said.partition(b"\n")
    if not length.isdigit():
        raise UnreadError("failed")
    parts, left = [content], int(length) - len(content)
    while left > 0:
        parts.append(process.heard(until))
        left -= len(parts[-1])
    return b"".join(parts).decode("utf-8", "replace")


def _words(said: str) -> Iterator[Word]:
    """Raises `ValueError`, `IndexError`."""
    line, shape = -1, Properties((0.0, 0.0, 0.0, 0.0))
    for row in said.split("\n") if said else ():
        kind, x0, y0, x1, y1, number, rest = row.split(" ", 6)
        box = (float(x0), float(y0), float(x1), float(y1))
        if kind == "W":
            yield placed(rest, box, float(number), shape, line)
        else:
            line, shape = line + 1, _shape(box, float(number), *map(float, rest.split(" ")))


def _reads(said: str, strips: int) -> Iterator[tuple[Read, ...]]:
    """Raises `ValueError`, `IndexError`."""
    found: list[list[Read]] = []
    for row in said.split("\n") if said else ():
        if row == _STRIP:
            found.append([])
        else:
            x0, x1, confidence, text = row.split(" ", 3)
            found[-1].append(Read(text, float(x0), float(x1), float(confidence)))
    if len(found) != strips:
        raise ValueError("not as many as were asked for")
    return map(tuple, found)


def _shape(box: tuple[float, float, float, float], size: float, angle: float, *baseline: float) -> Properties:
    return Properties(box, size, angle or None, (baseline[0], baseline[1]) if baseline else (math.inf, 0.0))


def _missing() -> StationFault:
    return StationFault("program-missing", program="tesserocr", install="pip install 'liasse[fast]'")
