"""Separator sheets for the printer: one A4 page a reference, as PDF."""

from collections.abc import Sequence
from pathlib import Path

from consent_gate.model import DocType, PatientRef
from pipeline.model import Separator
from pipeline.separator import sheet_image
from storage.files import replacing


def print_sheets(references: Sequence[str], doc_type: str | None, target: Path) -> None:
    """Write the sheets at `target`. Raises `StationFault` `separator-unprintable`, `disk-full`."""
    kind = DocType(doc_type) if doc_type else None
    first, *others = (sheet_image(Separator(PatientRef(ref), kind, None)) for ref in references)
    with replacing(target) as stream:
        first.save(stream, format="PDF", resolution=300, save_all=True, append_images=others)
