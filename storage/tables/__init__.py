"""The station's rows (SQLModel). They never leave storage: each room's functions take and give frozen dataclasses.

Columns ending in `_sealed` are AES-256-GCM; columns ending in `_index` are keyed blind indexes (HMAC-SHA-256).
Times are UTC in ISO 8601 with microseconds, days ISO 8601: both sort as text and read the same in any database.
"""

from storage.tables.change import (
    DeletionRow,
    HoldRow,
    JudgedRow,
    RejudgeRow,
    ReleasableRow,
    RestrictionRow,
    ReviewRecordRow,
)
from storage.tables.forms import FormReturnRow, FormRow
from storage.tables.journey import (
    BatchRow,
    DocumentRow,
    FileRow,
    PageRow,
    PaperRow,
    ReceiptRow,
    SealedRow,
    StationRow,
    WorkerRow,
)
from storage.tables.ledger import CheckpointRow, EntryRow, NodeRow
from storage.tables.people import ChallengeRow, PersonRow, ReviewRow
from storage.tables.register import FactRow, FactSealRow, ImportRow, PatientRow

__all__ = [
    "BatchRow",
    "ChallengeRow",
    "CheckpointRow",
    "DeletionRow",
    "DocumentRow",
    "EntryRow",
    "FactRow",
    "FactSealRow",
    "FileRow",
    "FormReturnRow",
    "FormRow",
    "HoldRow",
    "ImportRow",
    "JudgedRow",
    "NodeRow",
    "PageRow",
    "PaperRow",
    "PatientRow",
    "PersonRow",
    "ReceiptRow",
    "RejudgeRow",
    "ReleasableRow",
    "RestrictionRow",
    "ReviewRecordRow",
    "ReviewRow",
    "SealedRow",
    "StationRow",
    "WorkerRow",
]
