"""Tesseract, at arm's length: one process a page, one folder on the memory file system, no word of it in any message.

pytesseract builds the command and stops the process in time. Its convenience functions write to the common
temporary folder, so that the function beneath them is called, with files in the caller's private folder.
"""

import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

import numpy as np
from pytesseract import pytesseract

from lexicon.faults import StationFault
from pipeline.formats.pixels import Grey
from pipeline.model import Word
from pipeline.reading.hocr import words

os.environ["OMP_THREAD_LIMIT"] = "1"  # for the children, which get this environment: threads cost three times the CPU

_WITH_US: Final = Path(__file__).with_name("tesseract.sh")
"""The program's starter: a killed station takes the readings in hand with it."""
if os.access(_WITH_US, os.X_OK):  # a package that lost the file's right to be run is told by a test, not by each page
    pytesseract.tesseract_cmd = str(_WITH_US)

_WHITE: Final = 255
_FEWEST_CHARACTERS: Final = 12
"""For orientation; Tesseract's own 50 would give up on short letters."""


class UnreadError(Exception):
    """Tesseract gave no answer for this copy: `timeout` or `failed`."""


@dataclass(frozen=True, slots=True)
class TesseractFacts:
    """The installed program; `version` is None where there is none."""

    version: str | None
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """A copy to read and how: file (PNM), its resolution, and Tesseract's page segmentation mode."""

    path: Path
    dpi: int
    segmentation: int


def tesseract_facts() -> TesseractFacts:
    """Ask the program that would be run."""
    if shutil.which("tesseract") is None:
        return TesseractFacts(None, ())
    try:
        version = str(pytesseract.get_tesseract_version())
        languages = tuple(sorted(pytesseract.get_languages()))
    except (pytesseract.TesseractNotFoundError, SystemExit, OSError, UnicodeDecodeError):
        return TesseractFacts(None, ())
    return TesseractFacts(version, languages)


def require_tesseract(language: str) -> str:
    """The program's version; `StationFault("program-missing")` when it or a language is not installed.

    `language` is as Tesseract wants it, several joined by `+`; orientation needs `osd` too.
    """
    facts = tesseract_facts()
    needed = [*language.split("+"), "osd"]
    missing = [name for name in needed if name not in facts.languages]
    if facts.version is None:
        raise _missing("tesseract", needed)
    if missing:
        raise _missing(f"tesseract ({', '.join(missing)})", missing)
    return facts.version


def _missing(program: str, languages: list[str]) -> StationFault:
    packages = " ".join(f"tesseract-ocr-{name.replace('_', '-')}" for name in languages)
    return StationFault("program-missing", program=program, install=f"apt-get install {packages}")


def write_copy(pixels: Grey, path: Path) -> None:
    """The copy as PBM (where it has two values) or PGM (Netpbm P4, P5): read without a decoder. Made 0600.

    Raises `StationFault("work-unwritable")`.
    """
    height, width = pixels.shape
    ink = pixels == 0
    if np.all(ink | (pixels == _WHITE)):
        content = b"P4\n%d %d\n" % (width, height) + np.packbits(ink, axis=1).tobytes()
    else:
        content = b"P5\n%d %d\n255\n" % (width, height) + pixels.tobytes()
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as written:
            written.write(content)
    except OSError:
        raise StationFault("work-unwritable", path=str(path.parent)) from None


_ROOM: Final = 1 << 16
"""Bytes that must be left once a page was read."""


def read_words(layout: Layout, language: str, seconds: float) -> tuple[Word, ...]:
    """The words of a copy, in its pixels. Raises `UnreadError`, `StationFault("program-missing")`."""
    config = f"--dpi {layout.dpi} --psm {layout.segmentation} -c tessedit_create_hocr=1"
    output = _run(layout.path, "hocr", language, config, seconds)
    try:
        return words(output)
    except ValueError:
        raise UnreadError("failed") from None


def read_turns(path: Path, dpi: int, seconds: float) -> int | None:
    """Clockwise quarter turns that would make the copy upright, as Tesseract sees it; None when it cannot tell."""
    config = f"--dpi {dpi} --psm 0 -c min_characters_to_try={_FEWEST_CHARACTERS}"
    try:
        output = _run(path, "osd", "osd", config, seconds)
    except UnreadError:
        return None
    found = pytesseract.osd_to_dict(output.decode("utf-8", "replace"))  # type: ignore[no-untyped-call]  # as below
    return found["rotate"] // 90 % 4 if "rotate" in found else None


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
        raise _missing("tesseract", [*language.split("+")]) from None
    except pytesseract.TesseractError as failure:
        if shutil.which("tesseract") is None:  # told by its starter, as an error like others
            raise _missing("tesseract", [*language.split("+")]) from None
        _require_room(copy.parent)
        _unread(failure)
    except (RuntimeError, UnicodeDecodeError, FileNotFoundError) as failure:
        # their texts may quote the program's output, hence neither message nor cause
        _unread(failure)
    finally:
        with suppress(FileNotFoundError):
            written.unlink()


def _require_room(folder: Path) -> None:
    """Raise `StationFault("work-unwritable")` where the folder is full: what was written there is not whole."""
    if shutil.disk_usage(folder).free < _ROOM:
        raise StationFault("work-unwritable", path=str(folder.parent))


def _unread(failure: Exception) -> NoReturn:
    stopped = isinstance(failure, RuntimeError) and not isinstance(failure, pytesseract.TesseractError)
    raise UnreadError("timeout" if stopped else "failed") from None
