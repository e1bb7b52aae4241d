"""pdfium at arm's length: a process a file draws what the file says, within bounds of time and memory, or dies alone.

A PDF of a few hundred bytes can ask for drawing without end (forms within forms), and a decoder may fall over any
file. The process ends itself: by its alarm, by its memory limit, or when the one that asked is gone.
"""

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, BinaryIO, Final, Literal

from PIL import Image

from lexicon.faults import SheetFault
from pipeline.formats import pdfium

SECONDS: Final = 60
"""For one answer: an A0 page takes less than ten."""
_MEMORY: Final = 3 << 30
"""Bytes of address space: enough for the largest page that the limits let pass to be drawn in colour."""
_BAND: Final = 1 << 24
"""Bytes given out at a time."""

_Ask = Literal["describe", "samples", "drawn"]


class Drawing:
    """A file's pages as pdfium sees them, asked of a process of its own, which starts with the first question."""

    def __init__(self, file: BinaryIO, pages: int, seconds: int) -> None:
        self._file, self._pages, self._seconds = file, pages, seconds
        self._process: subprocess.Popen[bytes] | None = None

    def describe(self, page: int) -> tuple[list[tuple[int, int]], tuple[float, float]]:
        """Sizes of the page's image objects in pixels, and width and height of the page in inches."""
        said = self._asked("describe", page)
        return [(int(wide), int(high)) for wide, high in said["images"]], (said["inches"][0], said["inches"][1])

    def samples(self, page: int) -> Image.Image:
        """The first image object's own samples."""
        return self._picture(self._asked("samples", page))

    def drawn(self, page: int, dpi: float) -> Image.Image:
        """The page as a viewer shows it; a fault where an image of it cannot be decoded."""
        return self._picture(self._asked("drawn", page, dpi))

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()

    def _asked(self, ask: _Ask, page: int, dpi: float = 0.0) -> dict[str, Any]:
        """The answer's first line. Raises SheetFault `unreadable-scan` when the process has died of the question."""
        process = self._process = self._process or _started(self._file, self._pages, self._seconds)
        question = json.dumps({"ask": ask, "page": page, "dpi": dpi}).encode() + b"\n"
        try:
            _pipe(process.stdin).write(question)
            _pipe(process.stdin).flush()
        except BrokenPipeError:
            raise SheetFault("unreadable-scan") from None
        line = _pipe(process.stdout).readline()
        if not line.endswith(b"\n"):
            raise SheetFault("unreadable-scan")
        said: dict[str, Any] = json.loads(line)
        return said

    def _picture(self, said: dict[str, Any]) -> Image.Image:
        process = self._process
        samples = _pipe(process.stdout if process else None).read(int(said["bytes"]))
        if len(samples) != said["bytes"]:
            raise SheetFault("unreadable-scan")
        width, height = said["size"]
        return Image.frombytes(said["mode"], (width, height), samples)


@contextmanager
def drawing(file: BinaryIO, pages: int, seconds: int = SECONDS) -> Iterator[Drawing]:
    """The document of an open file that has so many pages; `seconds` for each answer."""
    asked = Drawing(file, pages, seconds)
    try:
        yield asked
    finally:
        asked.close()


def _started(file: BinaryIO, pages: int, seconds: int) -> subprocess.Popen[bytes]:
    # Opened anew, for the two processes must not move each other's place in the file; no name is in the arguments.
    descriptor = os.open(f"/proc/self/fd/{file.fileno()}", os.O_RDONLY)
    try:
        return subprocess.Popen(
            (sys.executable, "-P", "-m", "pipeline.formats.draw", str(descriptor), str(pages), str(seconds)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pass_fds=(descriptor,),
        )
    finally:
        os.close(descriptor)


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise SheetFault("unreadable-scan")
    return pipe


def main(descriptor: int, pages: int, seconds: int) -> None:
    """Answer questions from the standard input until it ends; any trouble ends the process."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.alarm(seconds)
    with os.fdopen(descriptor, "rb") as file, pdfium.drawing(file) as document:
        if len(document) != pages:
            return
        for line in sys.stdin.buffer:
            signal.alarm(seconds)
            question = json.loads(line)
            page = document[question["page"]]
            _answer(page, question["ask"], question["dpi"])
            page.close()
            signal.alarm(0)


def _answer(page: Any, ask: _Ask, dpi: float) -> None:
    match ask:
        case "describe":
            sizes = [pdfium.pixels(image) for image in pdfium.images(page)]
            _say({"images": sizes, "inches": pdfium.inches(page)})
        case "samples":
            _give(pdfium.samples(pdfium.images(page)[0]))
        case "drawn":
            for image in pdfium.images(page):
                pdfium.samples(image)  # raises where it cannot be decoded: the page would come out white, unnoticed
            _give(pdfium.drawn(page, dpi))


def _give(picture: Image.Image) -> None:
    plain = picture if picture.mode in {"L", "RGB"} else picture.convert("RGB")
    row = plain.width * len(plain.getbands())
    _say({"mode": plain.mode, "size": plain.size, "bytes": row * plain.height})
    rows = max(1, _BAND // row)
    for top in range(0, plain.height, rows):
        sys.stdout.buffer.write(plain.crop((0, top, plain.width, min(top + rows, plain.height))).tobytes())
    sys.stdout.buffer.flush()


def _say(answer: dict[str, Any]) -> None:
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
