"""Tesseract as a program, which is always there: a process reads many copies, named to it one after the other.

pytesseract finds the program and stops the process in time where one must be started for a single copy. Its convenience
functions write to the common temporary folder, so that the function beneath them is called, with files in the caller's
private folder.
"""

import contextlib
import os
import shlex
import shutil
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NoReturn, cast
from xml.etree import ElementTree as ET

from pytesseract import pytesseract

from lexicon.faults import StationFault
from pipeline.model import Word
from pipeline.reading.copies import strips_written
from pipeline.reading.engine import Layout, Strips, UnreadError
from pipeline.reading.hocr import page_words, pages
from pipeline.reading.processes import KilledError, Pool, Process
from pipeline.reading.strips import DPI, Read
from pipeline.reading.tessdata import Model, ModelUse, languages_missing, model
from pipeline.reading.tesseract import require_tesseract, starter

_FEWEST_CHARACTERS: Final = 12
"""For orientation; Tesseract's own 50 would give up on short letters."""
_HOCR: Final = "-c tessedit_create_hocr=1 -c invert_threshold=0 -c tessedit_enable_doc_dict=0"
"""No light letters on dark ground are sought: the copy is dark on light."""
_RAW_LINE: Final = "13"
"""Tesseract's page segmentation: one line, as it is."""
_ROOM: Final = 1 << 16
"""Bytes that must be left once a page was read."""
_TRIES: Final = 2
_ASK_SECONDS: Final = 10.0


class _Reader(Process):
    """A program that is told file names and answers each with a page of one long hOCR document."""

    def __init__(self, read_with: Model, segmentation: str) -> None:
        named = ("-", "-", *_named(read_with), "--psm", segmentation, "-c", "stream_filelist=1", *_HOCR.split())
        super().__init__(("stdbuf", "-o0", starter(), *named), os.environ)
        self._document: ET.XMLPullParser[ET.Element] = ET.XMLPullParser(("start", "end"))
        self._body: ET.Element | None = None

    def page(self, until: float) -> tuple[Word, ...]:
        """The next page's words. Raises `UnreadError`, `KilledError`, `ValueError`."""
        while True:
            for event, element in cast("Iterable[tuple[str, ET.Element]]", self._document.read_events()):
                if event == "start" and element.tag.endswith("}body"):
                    self._body = element
                elif event == "end" and element.get("class") == "ocr_page":
                    found = page_words(element)
                    if self._body is not None:
                        self._body.clear()  # what was read is let go of
                    return found
            self._document.feed(self.heard(until))


class Program:
    """The engine over the program `tesseract`."""

    def __init__(self, language: str, places: int = 1, use: ModelUse = "liasse") -> None:
        """`places`: processes kept while there is nothing to read.

        Raises `StationFault("program-missing")` when Tesseract or the language is not installed.
        """
        self._language, self._model = language, model(language, use)
        self.name: Final = f"tesseract {require_tesseract(language)} {self._model.name}"
        self._pool = Pool(self._start, places) if _takes_names() else None

    def words(self, layout: Layout, seconds: float) -> tuple[Word, ...]:
        return self._pages((layout.path,), (str(layout.segmentation), layout.dpi), seconds)[0]

    def lines(self, strips: Strips, seconds: float) -> tuple[tuple[Read, ...], ...]:
        with strips_written(strips.pixels, strips.folder) as paths:
            found = self._pages(paths, (_RAW_LINE, DPI), seconds)
        return tuple(tuple(Read(word.text, word.x0, word.x1, word.confidence) for word in page) for page in found)

    def turns(self, path: Path, dpi: int, seconds: float) -> int | None:
        config = f"--dpi {dpi} --psm 0 -c min_characters_to_try={_FEWEST_CHARACTERS}"
        try:
            output = _run(path, "osd", "osd", config, seconds)
        except UnreadError:
            return None
        found = pytesseract.osd_to_dict(output.decode("utf-8", "replace"))  # type: ignore[no-untyped-call]  # as below
        return found["rotate"] // 90 % 4 if "rotate" in found else None

    def close(self) -> None:
        if self._pool is not None:
            self._pool.close()

    def _start(self, kind: str) -> _Reader:
        try:
            return _Reader(self._model, kind)
        except OSError:
            raise languages_missing(self._language.split("+")) from None

    def _pages(self, paths: tuple[Path, ...], ways: tuple[str, int], seconds: float) -> tuple[tuple[Word, ...], ...]:
        """Of each copy its words; `ways`: page segmentation mode, resolution."""
        try:
            if self._pool is not None:
                return _next(self._pool, paths, ways[0], seconds)
            return _alone(self._model, paths, ways, seconds)
        except (ValueError, ET.ParseError):
            raise UnreadError("failed") from None
        except UnreadError:
            if shutil.which("tesseract") is None:  # told by its starter, as an error like others
                raise languages_missing(self._language.split("+")) from None
            raise


def _alone(
    read_with: Model, paths: tuple[Path, ...], ways: tuple[str, int], seconds: float
) -> tuple[tuple[Word, ...], ...]:
    """By a process of its own, where the program cannot be told the next one. Raises `ValueError` too."""
    segmentation, dpi = ways
    names = paths[0].with_name("copies.txt")
    names.write_text("".join(f"{path}\n" for path in paths), encoding="utf-8")
    try:
        how = shlex.join((*_named(read_with)[2:], "--dpi", str(dpi), "--psm", segmentation))
        found = pages(_run(names, "hocr", read_with.language, f"{how} {_HOCR}", seconds))
    finally:
        names.unlink()
    if len(found) != len(paths):
        raise UnreadError("failed")
    return found


def _next(
    pool: Pool[_Reader], paths: tuple[Path, ...], segmentation: str, seconds: float
) -> tuple[tuple[Word, ...], ...]:
    """By a process that reads with this segmentation; the resolution stands in the copies.

    Tried twice: a process that somebody killed may have been killed for another's sake.
    """
    until = time.monotonic() + seconds
    for _ in range(_TRIES):
        with contextlib.suppress(KilledError), pool.process(segmentation) as process:
            process.ask(*(os.fsencode(path) for path in paths))
            return tuple(process.page(until) for _ in paths)
    raise UnreadError("failed")


def _named(read_with: Model) -> tuple[str, ...]:
    """Language and folder, as the program takes them."""
    folder = ("--tessdata-dir", str(read_with.folder)) if read_with.folder else ()
    return ("-l", read_with.language, *folder)


def _takes_names() -> bool:
    """Whether the program takes names of copies as they come (Tesseract 4.1), and can be had to answer at once."""
    if shutil.which("stdbuf") is None:  # of coreutils
        return False
    try:
        told = subprocess.run(
            (starter(), "--print-parameters"), capture_output=True, timeout=_ASK_SECONDS, check=False, env=os.environ
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return b"stream_filelist" in told.stdout


def _run(copy: Path, extension: str, language: str, config: str, seconds: float) -> bytes:
    base = copy.with_name(f"{copy.stem}-{extension}")
    written = base.with_name(f"{base.name}.{extension}")
    try:
        pytesseract.run_tesseract(  # type: ignore[no-untyped-call]  # pytesseract has no types
            str(copy), str(base), "", language, config=config, timeout=max(seconds, 0.001)
        )
        _require_room(copy.parent)
        return written.read_bytes()
    except pytesseract.TesseractNotFoundError:
        raise languages_missing(language.split("+")) from None
    except pytesseract.TesseractError as failure:
        _require_room(copy.parent)
        _unread(failure)
    except (RuntimeError, UnicodeDecodeError, FileNotFoundError) as failure:
        # their texts may quote the program's output, hence neither message nor cause
        _unread(failure)
    finally:
        with contextlib.suppress(FileNotFoundError):
            written.unlink()


def _require_room(folder: Path) -> None:
    """Raise `StationFault("work-unwritable")` where the folder is full: what was written there is not whole."""
    if shutil.disk_usage(folder).free < _ROOM:
        raise StationFault("work-unwritable", path=str(folder.parent))


def _unread(failure: Exception) -> NoReturn:
    stopped = isinstance(failure, RuntimeError) and not isinstance(failure, pytesseract.TesseractError)
    raise UnreadError("timeout" if stopped else "failed") from None
