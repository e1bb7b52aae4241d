"""What invented French medical records are made of: words, analyses, units, drugs, names, places, sentences."""

import tomllib
from pathlib import Path
from typing import Final

_LISTS: Final[dict[str, list[str]]] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))

COMMON: Final = _LISTS["common"]
MEDICAL: Final = _LISTS["medical"]
ANALYTES: Final = _LISTS["analytes"]
UNITS: Final = _LISTS["units"]
DRUGS: Final = _LISTS["drugs"]
FORMS: Final = _LISTS["forms"]
FIRST: Final = _LISTS["first"]
LAST: Final = _LISTS["last"]
TOWNS: Final = _LISTS["towns"]
STREETS: Final = _LISTS["streets"]
HEADINGS: Final = _LISTS["headings"]
LABELS: Final = _LISTS["labels"]
CHOICES: Final = _LISTS["choices"]
SENTENCES: Final = _LISTS["sentences"]
MONTHS: Final = _LISTS["months"]
HOW: Final = _LISTS["how"]
