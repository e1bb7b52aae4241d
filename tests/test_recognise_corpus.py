"""On the shared corpus: how many characters of the printed lines are read wrong, by the state of the paper."""

import json
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from pipeline.model import PageImage
from pipeline.recognise import Recogniser, RecogniseSettings
from tests.compose_fixtures import clearance, flate, jpeg, scan

SAMPLE = Path(os.environ.get("LIASSE_CORPUS", "../shared/corpus")) / "sample"
MISREAD = {"clean": 0.01, "office": 0.03, "bad": 0.04}
"""Share of wrong characters allowed. Measured on these pages: 0.0, 0.1 and 1.1 %; on all 41: 0.3, 1.5 and 6.3 %."""
DOCUMENTS = {"clean": ("D0005", "D0013"), "office": ("D0007", "D0031"), "bad": ("D0016", "D0024")}
"""Colour, stamps, bleed-through, upside-down sheets, three degrees of skew, a fax of 204 by 98 dots."""

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(
        not (SAMPLE / "truth.json").exists(), reason=f"no corpus in {SAMPLE.parent} (set LIASSE_CORPUS)"
    ),
]


def page_image(page: dict[str, Any]) -> PageImage:
    dpi = (float(page["dpi"][0]), float(page["dpi"][1]))
    with Image.open(SAMPLE / page["file"]) as opened:
        if opened.format == "JPEG":
            return replace(jpeg(opened, dpi), payload=(SAMPLE / page["file"]).read_bytes())
        return flate(opened, dpi)


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")).strip()


def misread(lines: list[str], text: str) -> tuple[int, int]:
    """Wrong and all characters. Order does not count: each line, the longest first, takes its best place."""
    rest, wrong, total = plain(text), 0, 0
    for line in sorted((plain(line) for line in lines), key=len, reverse=True):
        total += len(line)
        place = fuzz.partial_ratio_alignment(line, rest)
        if place is None:
            wrong += len(line)
            continue
        wrong += min(Levenshtein.distance(line, rest[place.dest_start : place.dest_end]), len(line))
        if place.score > 60:
            masked = "\0" * (place.dest_end - place.dest_start)
            rest = rest[: place.dest_start] + masked + rest[place.dest_end :]
    return wrong, total


@pytest.mark.parametrize("level", ["clean", "office", "bad"])
def test_printed_lines_are_read_within_the_errors_measured(tmp_path: Path, level: str) -> None:
    truth = json.loads((SAMPLE / "truth.json").read_text(encoding="utf-8"))
    documents = {document["doc_id"]: document for document in truth["documents"]}
    pages = [page for name in DOCUMENTS[level] for page in documents[name]["pages"]]
    images = [page_image(page) for page in pages]
    with Recogniser(RecogniseSettings(tmp_path, workers=2)) as recogniser:
        read = recogniser.recognise(scan(*images), clearance()).pages
    assert [page.quarter_turns * 90 for page in read] == [page["rotation"] for page in pages]
    scores = [
        misread([line["text"] for line in page["lines"] if line["kind"] == "printed"], found.text)
        for page, found in zip(pages, read, strict=True)
    ]
    wrong, total = np.sum(scores, axis=0)
    assert wrong / total < MISREAD[level]
