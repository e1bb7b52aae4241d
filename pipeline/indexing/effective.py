"""A document's type and day as they stand: said by a person, by the separator, or no more than proposed."""

from dataclasses import dataclass
from typing import Any, Final

from pipeline.indexing.table import TypeRow, TypeTable
from storage.indexed import Index
from storage.stored import Claim

EXCLUDED: Final = "excluded-from-faithful-copy"
"""The tag of what holds a film: no faithful copy of it, and its paper is not to be destroyed (NF Z42-026)."""

_TELLING: Final = 80
"""Confidence (of 100) from which a title counts as another than the type that was said."""


@dataclass(frozen=True, slots=True)
class Effective:
    """`type_confidence`, `date_confidence`: of proposals, 0 to 100; None where somebody said so, or nobody knows."""

    type: str | None
    type_confidence: int | None
    date: str | None
    date_confidence: int | None
    read_as: str | None
    """What the title says, where that is another type than was said."""
    row: TypeRow | None
    """Of the table; None: it does not have the type."""
    excluded: bool

    @property
    def tags(self) -> list[str]:
        return [EXCLUDED] if self.excluded else []

    def answer(self) -> dict[str, Any]:
        """As answers and the batch's index have it; every proposal is marked."""
        row = self.row
        return {
            "type": self.type,
            "type_proposed": self.type_confidence is not None,
            "type_confidence": self.type_confidence,
            "date": self.date,
            "date_proposed": self.date_confidence is not None,
            "date_confidence": self.date_confidence,
            "read_as": self.read_as,
            "in_table": row is not None,
            "bucket": f"DMST-{row.bucket}" if row and row.bucket else None,
            "code": row.code if row else None,
            "code_system": row.system if row else None,
            "label": row.label if row else None,
            "tags": self.tags,
        }


def effective(claim: Claim | None, index: Index, table: TypeTable) -> Effective:
    """What stands of what was said and read. A person's word, then the separator's, then the proposal."""
    said = index.said_type or (claim.doc_type if claim else None)
    proposed_type, proposed_date = index.proposed_type, index.proposed_date
    name = said or (proposed_type.value if proposed_type else None)
    other = proposed_type is not None and said not in (None, proposed_type.value)
    sure = proposed_type is not None and proposed_type.confidence >= _TELLING
    return Effective(
        type=name,
        type_confidence=proposed_type.confidence if proposed_type and not said else None,
        date=index.said_date or (proposed_date.value if proposed_date else None),
        date_confidence=proposed_date.confidence if proposed_date and not index.said_date else None,
        read_as=proposed_type.value if proposed_type and other and sure else None,
        row=table.row(name) if name else None,
        excluded=bool(index.films) or (name is not None and table.excludes(name)),
    )
