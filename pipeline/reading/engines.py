"""Which engine reads: the library where it is installed and works, else the program."""

from typing import Literal

from lexicon.faults import StationFault
from pipeline.reading.engine import Engine
from pipeline.reading.library import Library
from pipeline.reading.program import Program
from pipeline.reading.tessdata import ModelUse

EngineUse = Literal["auto", "tesserocr", "pytesseract"]


def open_engine(use: EngineUse, language: str, places: int, model: ModelUse = "liasse") -> Engine:
    """An engine that reads `language` (several joined by `+`), with `places` copies read at a time.

    Raises `StationFault("program-missing")` when the engine asked for, or a language, is not installed.
    """
    if use == "pytesseract":
        return Program(language, places, model)
    try:
        return Library(language, places, model)
    except StationFault as fault:
        if use == "auto" and fault.facts["program"] == "tesserocr":
            return Program(language, places, model)
        raise
