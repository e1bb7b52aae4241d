"""`documents.csv` and `refusals.csv`: UTF-8 with its mark and semicolons, as French spreadsheets open them.

A cell that a spreadsheet would take for a formula begins with an apostrophe (OWASP, CSV injection).
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from handover.inventory import HandedDocument, HandedFile, Inventory
from handover.told import Told
from lexicon.catalogue import FAULTS, REASONS
from lexicon.sentences import Language

DOCUMENTS: Final = "documents.csv"
REFUSALS: Final = "refusals.csv"

DOCUMENT_COLUMNS: Final = (
    "document",
    "version",
    "patient",
    "client_document",
    "doc_type",
    "pages",
    "batch",
    "file",
    "positions",
    "file_sha256",
    "image_sha256s",
    "captured_at",
    "deposited_at",
    "purged_at",
    "host",
    "object_key",
    "object_sha256",
    "object_size",
    "pdf_sha256",
    "pdfa_level",
    "validators",
    "decision",
    "identified_by",
    "pages_inheriting",
    "restriction",
    "restricted_since",
    "deletion",
    "deleted_at",
    "tags",
    "page_flags",
)
REFUSAL_COLUMNS: Final = (
    "kind",
    "id",
    "patient",
    "client_document",
    "doc_type",
    "pages",
    "batch",
    "file",
    "positions",
    "outcome",
    "reason",
    "reason_fr",
    "reason_en",
    "custody",
    "maintained",
    "maintained_at",
    "captured_at",
    "settled_at",
    "decision",
    "tags",
    "page_flags",
)

NOT_CHECKED: Final = "not-checked"
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")

Row = Sequence[str | int]


def write_lists(folder: Path, inventory: Inventory, told: Told) -> None:
    """Both lists. Raises OSError where the disk refuses."""
    files = {file.id: file for file in inventory.files}
    _write(folder / DOCUMENTS, DOCUMENT_COLUMNS, (_deposited(d, files[d.stored.file]) for d in inventory.deposited))
    _write(folder / REFUSALS, REFUSAL_COLUMNS, _kept_back(inventory, told))


def _write(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream, delimiter=";", lineterminator="\r\n")
        writer.writerow(columns)
        writer.writerows([_cell(value) for value in row] for row in rows)


def _cell(value: str | int) -> str:
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _deposited(document: HandedDocument, file: HandedFile) -> Row:
    stored, archived = document.stored, document.archived
    if document.signed is None or archived is None:
        raise AssertionError("a deposited document has its receipt")
    receipt = document.signed.receipt
    return (
        stored.id,
        receipt.version,
        document.patient,
        document.client_document,
        document.doc_type,
        stored.pages,
        stored.batch,
        stored.file,
        _places(document.positions),
        file.sha256,
        " ".join(document.images),
        stored.captured_at,
        stored.settled_at or "",
        stored.purged_at or "",
        receipt.host,
        receipt.object_key,
        receipt.sha256,
        receipt.size,
        receipt.plaintext_sha256,
        archived.level,
        " + ".join(archived.validators) or NOT_CHECKED,
        receipt.decision,
        " ".join(receipt.identified_by),
        receipt.inherited,
        document.restriction.reason if document.restriction else "",
        document.restriction.since if document.restriction else "",
        document.deletion.state.value if document.deletion else "",
        (document.deletion.ended_at or "") if document.deletion else "",
        " ".join(document.tags),
        _flags(document),
    )


def _kept_back(inventory: Inventory, told: Told) -> Iterator[Row]:
    for document in inventory.kept_back:
        stored, final = document.stored, told.documents.get(document.stored.id)
        reason = stored.reason or ""
        yield (
            "document",
            stored.id,
            document.patient,
            document.client_document,
            document.doc_type,
            stored.pages,
            stored.batch,
            stored.file,
            _places(document.positions),
            stored.state,
            reason,
            reason_said(reason, "fr"),
            reason_said(reason, "en"),
            stored.custody or "",
            (final.maintained or "") if final else "",
            (final.maintained_at or "") if final else "",
            stored.captured_at,
            stored.settled_at or "",
            stored.decision or "",
            " ".join(document.tags),
            _flags(document),
        )
    for file in inventory.files_set_aside:
        yield _file_row(file)


def _file_row(file: HandedFile) -> Row:
    reason = file.reason or ""
    said = (reason_said(reason, "fr"), reason_said(reason, "en"))
    every = _places(range(1, file.images.captured + 1))
    place = (file.images.captured, file.batch, file.id, every, "set-aside", reason, *said)
    return ("file", file.id, "", "", "", *place, file.custody or "", "", "", file.captured_at, "", "", "", "")


def reason_said(reason: str, language: Language) -> str:
    """A reason's sentence, without its next step; the slug itself where nothing else is known."""
    sentence = REASONS.get(reason) or FAULTS.get(reason)
    return reason if sentence is None else sentence.what(language)


def _flags(document: HandedDocument) -> str:
    """What was seen on its pages: `p3:rescan-blur p5:looks-like-page:4`."""
    return " ".join(f"p{position}:{flag}" for position, flags in document.page_flags.items() for flag in flags)


def _places(positions: Iterable[int]) -> str:
    """1, 2, 3, 7 as `p1-p3 p7`: no spreadsheet takes it for a date or a number."""
    runs: list[list[int]] = []
    for position in positions:
        if runs and position == runs[-1][-1] + 1:
            runs[-1].append(position)
        else:
            runs.append([position])
    return " ".join(f"p{run[0]}" if len(run) == 1 else f"p{run[0]}-p{run[-1]}" for run in runs)
