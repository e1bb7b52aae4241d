"""Whether the accounts may be handed over: nothing on its way, both equations hold, and the ledger tells the same."""

import hashlib
from collections.abc import Iterator
from typing import Final

from handover.inventory import HandedDocument, HandedFile, Inventory
from handover.told import Told, ToldDocument, ToldFile
from lexicon.faults import StationFault
from storage.accounts import Images, Paper
from storage.deletions import DeletionState
from storage.stored import LOST


def require_balanced(inventory: Inventory, told: Told) -> None:
    """Raise `StationFault("accounts-unbalanced")`, with how much is on its way, unexplained, or told otherwise."""
    differing = tuple(dict.fromkeys((*told.contradictions, *differences(inventory, told))))
    unexplained = _images_gap(inventory)
    missing = _paper_gap(inventory.paper)
    if inventory.unfinished or inventory.images.in_progress or unexplained or missing or differing:
        raise StationFault(
            "accounts-unbalanced",
            unfinished=max(inventory.unfinished, inventory.images.in_progress),
            images=unexplained,
            sheets=missing,
            differences=len(differing),
            first=differing[0] if differing else "-",
        )


def differences(inventory: Inventory, told: Told) -> Iterator[str]:
    """What rows and ledger tell differently: `document:…`, `file:…`, `images` or `paper`."""
    documents = {str(document.stored.id): document for document in inventory.documents}
    for identifier in sorted(documents.keys() | told.documents.keys()):
        if not _same_document(documents.get(identifier), told.documents.get(identifier)):
            yield f"document:{identifier}"
    files = {file.id: file for file in inventory.files}
    for identifier in sorted(files.keys() | told.files.keys()):
        if not _same_file(files.get(identifier), told.files.get(identifier)):
            yield f"file:{identifier}"
    if inventory.images != told.images:
        yield "images"
    if inventory.paper != told.paper:
        yield "paper"
    if inventory.forms.images.captured != told.form_pages:
        yield "forms"


def _same_file(row: HandedFile | None, told: ToldFile | None) -> bool:
    if row is None or told is None:
        return False
    return (row.batch, row.sha256, row.images) == (told.batch, told.sha256, told.images)


def _same_document(row: HandedDocument | None, told: ToldDocument | None) -> bool:
    if row is None:
        return False
    stored, object_sha256 = row.stored, row.signed.receipt.sha256 if row.signed else None
    if told is None:
        return stored.state == "in-progress"
    complete = row.signed is not None and row.archived is not None
    if stored.pages != len(row.positions) or (stored.state == "deposited") != complete:
        return False
    here = (stored.file, stored.state, stored.reason, stored.pages, stored.decision, object_sha256)
    same = here == (told.file, told.outcome, told.reason, told.pages, told.decision, told.sha256)
    return same and _same_since(row, told)


def _same_since(row: HandedDocument, told: ToldDocument) -> bool:
    """What became of it after its end: custody class, restriction, deletion. What was lost may be sealed here still."""
    stored = row.stored
    custody = stored.custody == told.custody or stored.reason == LOST
    restricted = row.restriction.reason if row.restriction else None
    deletion = _TOLD_AS.get(row.deletion.state) if row.deletion else None
    return custody and (restricted, deletion, _statement(row)) == (told.restricted, told.deletion, told.statement)


def _statement(row: HandedDocument) -> str | None:
    """SHA-256 of what the station has signed of a deletion; one that is being done has none yet."""
    if row.deletion is None or row.deletion.signature is None or row.deletion.proof is None:
        return None
    return hashlib.sha256(row.deletion.proof.encode()).hexdigest()


_TOLD_AS: Final = {
    DeletionState.INTENDED: "intended",
    DeletionState.LOCKED: "locked-until",
    DeletionState.EXECUTED: "executed",
}


def _images_gap(inventory: Inventory) -> int:
    """Images without a column, or in more than one, over batches and files too: a gap here must not hide one there."""
    files = (*inventory.files, *inventory.forms.files)
    parts = [*(batch.images for batch in inventory.batches), *(file.images for file in files)]
    return max(map(_gap, (inventory.images, inventory.forms.images, *parts)))


def _gap(images: Images) -> int:
    return abs(images.captured - images.accounted - images.in_progress)


def _paper_gap(paper: Paper) -> int:
    """Sheets given back that never came, scanned that never came, or that still wait for the feeder."""
    return -paper.workshop if paper.workshop < 0 else abs(paper.waiting)
