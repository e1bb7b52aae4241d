"""Custody entries about a document, as every step writes them."""

from storage.custody import Draft, EntryType
from storage.stored import StoredDocument


def about(document: StoredDocument, kind: EntryType, outcome: str, **more: object) -> Draft:
    """An entry's draft; `more` as the fields of `Draft`."""
    within = {"batch": document.batch, "file": document.file}
    return Draft(kind, f"document:{document.id}", outcome, within=within, **more)  # type: ignore[arg-type]  # fields of Draft
