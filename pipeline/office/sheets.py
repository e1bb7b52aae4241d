"""Separator sheets for the printer: one A4 page a reference, as PDF."""

import os
from collections.abc import Sequence
from pathlib import Path

from consent_gate.cells import CellRefused, check_reference, is_doc_type
from consent_gate.model import DocType, PatientRef
from lexicon.faults import StationFault
from pipeline.model import Separator
from pipeline.separator import sheet_image
from storage.effects import effect
from storage.files import replacing
from storage.roster import Roster


def print_sheets(references: Sequence[str], doc_type: str | None, target: Path) -> None:
    """Write the sheets at `target`, where there is no file yet.

    Raises `StationFault` `reference-unusable-on-sheet` (an INS, for one), `type-unusable-on-sheet`, `target-exists`,
    `disk-full`.
    """
    if doc_type and not is_doc_type(doc_type):
        raise StationFault("type-unusable-on-sheet")
    kind = DocType(doc_type) if doc_type else None
    patients = [_reference(place, text) for place, text in enumerate(references, start=1)]
    if os.path.lexists(target):
        raise StationFault("target-exists")
    first, *others = (sheet_image(Separator(patient, kind, None)) for patient in patients)
    with effect("sheets.print"), replacing(target) as stream:
        first.save(stream, format="PDF", resolution=300, save_all=True, append_images=others)


def require_known(references: Sequence[str], roster: Roster) -> None:
    """Raise `StationFault("reference-not-on-roster")` for a reference that the station's roster does not know."""
    for place, text in enumerate(references, start=1):
        if roster.find(_reference(place, text)) is None:
            raise StationFault("reference-not-on-roster", place=place)


def _reference(place: int, text: str) -> PatientRef:
    try:
        return check_reference(text)
    except CellRefused:
        raise StationFault("reference-unusable-on-sheet", place=place) from None
