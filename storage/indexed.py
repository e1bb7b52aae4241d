"""What a document is and of which day, as its words propose it and as a person says: sealed in its row as one text."""

import json
from dataclasses import dataclass, replace
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Proposed:
    """Read on the pages, and said by nobody. `confidence`: 0 to 100."""

    value: str
    confidence: int


@dataclass(frozen=True, slots=True)
class Index:
    """Type and day (ISO 8601) of a document. A proposal never counts at the gate."""

    proposed_type: Proposed | None = None
    proposed_date: Proposed | None = None
    said_type: str | None = None
    """By a person, after the deposit."""
    said_date: str | None = None
    films: tuple[int, ...] = ()
    """Pages (1-based, in the document) that are images of films."""

    def said(self, doc_type: str | None, date: str | None) -> "Index":
        """A person says so; what is None stays as it is."""
        return replace(self, said_type=doc_type or self.said_type, said_date=date or self.said_date)

    def text(self) -> str:
        """As it is sealed."""
        return json.dumps(
            {
                "proposed": [_pair(self.proposed_type), _pair(self.proposed_date)],
                "said": [self.said_type, self.said_date],
                "films": list(self.films),
            }
        )


NOTHING: Final = Index()


def index_in(text: str) -> Index:
    """What was sealed."""
    found: dict[str, Any] = json.loads(text)
    proposed_type, proposed_date = (Proposed(*pair) if pair else None for pair in found["proposed"])
    said_type, said_date = found["said"]
    return Index(proposed_type, proposed_date, said_type, said_date, tuple(found["films"]))


def _pair(proposed: Proposed | None) -> list[str | int] | None:
    return [proposed.value, proposed.confidence] if proposed else None
