"""The installed Tesseract: which version, which languages, and how it is started."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pytesseract import pytesseract

from pipeline.reading.engine import UnreadError
from pipeline.reading.tessdata import languages_missing, needed

__all__ = ["TesseractFacts", "UnreadError", "require_tesseract", "starter", "tesseract_facts"]

os.environ["OMP_THREAD_LIMIT"] = "1"  # for the children, which get this environment: threads cost three times the CPU

_WITH_US: Final = Path(__file__).with_name("tesseract.sh")
"""The program's starter: a killed station takes the readings in hand with it."""
if os.access(_WITH_US, os.X_OK):  # a package that lost the file's right to be run is told by a test, not by each page
    pytesseract.tesseract_cmd = str(_WITH_US)


def starter() -> str:
    """What is run in the program's stead, with its arguments."""
    return str(pytesseract.tesseract_cmd)


@dataclass(frozen=True, slots=True)
class TesseractFacts:
    """The installed program; `version` is None where there is none."""

    version: str | None
    languages: tuple[str, ...]


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
    missing = [name for name in needed(language) if name not in facts.languages]
    if facts.version is None:
        raise languages_missing(list(needed(language)))
    if missing:
        raise languages_missing(missing, f"tesseract ({', '.join(missing)})")
    return facts.version
