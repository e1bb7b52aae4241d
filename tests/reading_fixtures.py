"""Files of invented sheets in any order: separators, and pages of a patient's forms."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
from PIL import Image

from consent_gate.model import DocType, PatientRef
from demo.people import Person, everybody
from demo.records import _FORMS
from demo.scanner import Mode, Scanned, scan, write_tiff
from demo.sheet import Sheet
from pipeline.model import Separator
from pipeline.sheets.image import sheet_image
from tests.trial_fixtures import SEED, TODAY

DPI = 200


@dataclass(frozen=True, slots=True)
class Cover:
    """A separator sheet of ours."""

    patient: str
    doc_type: str | None = None
    document: str | None = None


@dataclass(frozen=True, slots=True)
class Paper:
    """A patient's form: all of its pages, or the one that is named (from 1)."""

    kind: str
    patient: str
    page: int | None = None


def people() -> dict[PatientRef, Person]:
    """The invented people of these tests."""
    return everybody(random.Random(f"people/{SEED}"))  # noqa: S311  invented people


def scanned(sheets: Sequence[Cover | Paper], seed: int = 1) -> list[Scanned]:
    """What a scanner makes of them, one side each, grey at 200 dots an inch."""
    known, grain = people(), np.random.default_rng(seed)
    images = [image for sheet in sheets for image in _sides(sheet, known, seed)]
    return [scan(image, DPI, Mode.GREY, grain, None) for image in images]


def _sides(sheet: Cover | Paper, known: dict[PatientRef, Person], seed: int) -> list[Image.Image]:
    if isinstance(sheet, Cover):
        doc_type = DocType(sheet.doc_type) if sheet.doc_type else None
        return [sheet_image(Separator(PatientRef(sheet.patient), doc_type, sheet.document), dpi=DPI)]
    form, face = _FORMS[DocType(sheet.kind)]
    rng = random.Random(f"{sheet}{seed}")  # noqa: S311  invented records
    drawn = form(Sheet(DPI, face), known[PatientRef(sheet.patient)], TODAY - timedelta(days=90), rng)
    return [one.image for number, one in enumerate(drawn, start=1) if sheet.page in {None, number}]


def write(path: Path, *sheets: Cover | Paper) -> Path:
    """A TIFF of these sheets, in a folder that is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_tiff(scanned(sheets), path)
    return path
