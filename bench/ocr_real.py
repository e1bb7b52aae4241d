"""Real printed and typewritten pages with their text: HTR-United's corpora in ALTO, Tesseract's tests as plain text.

ALTO 4 (Library of Congress). Lines labelled as handwritten are left out: neither engine reads them.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

from bench.ocr_papers import Paper, class_of
from bench.sample import CORPUS

REAL: Final = CORPUS.parent / "real"
_PRINTED: Final = ("argus_brevets_fr_print_1910", "tapuscorpus_fr_typewritten", "tapuscorpus_fr_blurred")
_PLAIN: Final = "tesseract_test"
_BY_HAND: Final = "handwritten"
_LEVEL: Final = "real"
_LONGEST: Final = 24
"""Characters of a sub-corpus' name."""


def real() -> list[Paper]:
    """Pages that have printed or typewritten lines; none where the corpus is absent."""
    marked = (path for name in _PRINTED for path in sorted((REAL / name).rglob("*.xml")))
    papers = [*(_marked_up(path) for path in marked), *_plain(REAL / _PLAIN)]
    return [paper for paper in papers if paper.lines]


def _marked_up(described: Path) -> Paper:
    root = ET.parse(described).getroot()  # noqa: S314  the corpus' own
    name = next(element.text or "" for element in root.iter() if _tag(element) == "fileName")
    path = described.with_name(name)
    return Paper(path, _slug(described.parent), _LEVEL, "", class_of(path), tuple(lines_of(root)))


def lines_of(root: ET.Element) -> Iterator[str]:
    """Text of the lines of an ALTO document that no hand wrote."""
    labels = {element.get("ID"): element.get("LABEL", "") for element in root.iter() if _tag(element) == "OtherTag"}
    for line in root.iter():
        by_hand = _BY_HAND in labels.get(line.get("TAGREFS"), "").lower()
        if _tag(line) == "TextLine" and not by_hand:
            yield " ".join(part.get("CONTENT", "") for part in line if _tag(part) == "String")


def _plain(folder: Path) -> Iterator[Paper]:
    for path in sorted((*folder.glob("*.tif"), *folder.glob("*.png"))):
        text = path.with_name(f"{path.stem.partition('-')[0]}.txt")  # a turned copy has the text of its original
        lines = tuple(text.read_text(encoding="utf-8").splitlines())
        yield Paper(path, _slug(folder), _LEVEL, "", class_of(path), lines)


def _tag(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _slug(folder: Path) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", folder.name)[:_LONGEST].strip("-")
