"""Where Tesseract's language files are: the shipped model, else those of the installed program, for the library too."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from lexicon.faults import StationFault

_USUAL: Final = ("usr/share/tesseract-ocr/*/tessdata", "usr/share/tessdata", "usr/local/share/tessdata")
_SECONDS: Final = 10.0
_SHIPPED: Final = Path(__file__).with_name("models")

ModelUse = Literal["liasse", "installed"]
"""`liasse`: the shipped model where there is one of the language; `installed`: always the program's own."""
SHIPPED: Final = {"fra": "liasse-1"}
"""Languages that have a shipped model, and its version: another one for each other file."""


@dataclass(frozen=True, slots=True)
class Model:
    """What lines are read with."""

    language: str
    """As Tesseract names it; several joined by `+`."""
    name: str
    """As custody records it: the language, and the version of a shipped model."""
    folder: Path | None = None
    """Of a shipped one; None: where the program has its own."""


def model(language: str, use: ModelUse = "liasse") -> Model:
    """The shipped model, where `use` allows and there is one for exactly this language; else the installed one."""
    version = SHIPPED.get(language)
    if use == "liasse" and version is not None and (_SHIPPED / f"{language}.traineddata").is_file():
        return Model(language, f"{language}/{version}", _SHIPPED)
    return Model(language, language)


def needed(language: str) -> tuple[str, ...]:
    """The languages to be installed for `language` (several joined by `+`); orientation needs `osd` too."""
    return (*language.split("+"), "osd")


def require_languages(language: str) -> Path:
    """The folder that has them all; `StationFault("program-missing")` where none has."""
    least = list(needed(language))
    for folder in _folders():
        missing = [name for name in needed(language) if not (folder / f"{name}.traineddata").is_file()]
        if not missing:
            return folder
        least = min(least, missing, key=len)
    raise languages_missing(least)


def languages_missing(languages: list[str], program: str = "tesseract") -> StationFault:
    """`program`: what is said to be missing, where that is not the program as a whole."""
    packages = " ".join(f"tesseract-ocr-{name.replace('_', '-')}" for name in languages)
    return StationFault("program-missing", program=program, install=f"apt-get install {packages}")


def _folders() -> Iterator[Path]:
    """The likeliest first: what the environment says, what the program says, where distributions put them."""
    named = os.environ.get("TESSDATA_PREFIX")
    if named:
        yield from (Path(named), Path(named) / "tessdata")
    told = _told()
    if told:
        yield told
    for usual in _USUAL:
        yield from sorted(Path("/").glob(usual), reverse=True)


def _told() -> Path | None:
    """`List of available languages in "/usr/share/tesseract-ocr/5/tessdata/" (3):`."""
    program = shutil.which("tesseract")
    if program is None:
        return None
    try:
        said = subprocess.run([program, "--list-langs"], capture_output=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(rb'"(/[^"\n]+)"', said.stdout + said.stderr)
    return Path(os.fsdecode(found[1])) if found else None
