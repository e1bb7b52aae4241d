"""What a person reads on a form that came back: which box is ticked, from which day, within which limits."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

from consent_gate.cells import is_doc_type
from consent_gate.model import DocType, Giver
from lexicon.faults import StationFault


class Read(StrEnum):
    """What is ticked and signed. The value is stored: never rename one."""

    GRANTED = "granted"
    LIMITED = "limited"
    REFUSED = "refused"
    UNUSABLE = "unusable"
    """Not signed, not dated, two boxes ticked, another's signature: it says nothing."""


_OPENING: Final = (Read.GRANTED, Read.LIMITED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a person read on a form. `on` is the day beside the signature; limits are those that the patient set."""

    outcome: Read
    on: date | None = None
    until: date | None = None
    doc_types: frozenset[DocType] | None = None
    given_by: Giver = Giver.PATIENT
    authority_until: date | None = None

    @property
    def opens(self) -> bool:
        """Whether it says that the patient authorizes."""
        return self.outcome in _OPENING

    def content(self) -> Mapping[str, Any]:
        """As JSON has it: what the person's proof is bound to."""
        return {
            "authority_until": _text(self.authority_until),
            "doc_types": None if self.doc_types is None else sorted(self.doc_types),
            "given_by": self.given_by.value,
            "on": _text(self.on),
            "outcome": self.outcome.value,
            "until": _text(self.until),
        }

    def require_sound(self, printed: date, today: date) -> None:
        """Raise `StationFault("form-reading-unsound", what=…)` for what no form of that day can say: civil days."""
        opening, limited = self.opens, self.until is not None or self.doc_types is not None
        wrong = {
            "on": self.outcome is not Read.UNUSABLE and (self.on is None or not printed <= self.on <= today),
            "type": not all(map(is_doc_type, self.doc_types or ())),
            "limits": limited != (self.outcome is Read.LIMITED),
            "until": self.until is not None and self.on is not None and self.until < self.on,
            "authority-until": self.authority_until is not None and not (opening and self.given_by is Giver.GUARDIAN),
        }
        for what, found in wrong.items():
            if found:
                raise StationFault("form-reading-unsound", what=what)


def require_known(doc_types: Iterable[DocType], known: Collection[str]) -> None:
    """Raise `StationFault("form-type-unknown", option=…, unknown=…)` for types that are none of the known: one letter
    too many, and every other document of the patient would be closed. Where none is known, any may be.

    None is named: what type a document has is a word of medicine, and another patient's where no contract names it.
    """
    unknown = sum(1 for one in doc_types if one not in known)
    if known and unknown:
        raise StationFault("form-type-unknown", option="--type", unknown=unknown)


def read_reading(content: Mapping[str, Any]) -> Reading:
    """What `Reading.content` wrote."""
    types = content["doc_types"]
    return Reading(
        outcome=Read(content["outcome"]),
        on=_day(content["on"]),
        until=_day(content["until"]),
        doc_types=None if types is None else frozenset(map(DocType, types)),
        given_by=Giver(content["given_by"]),
        authority_until=_day(content["authority_until"]),
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
