"""Whose a document is said to be, and by what: sealed in its row as one text."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from consent_gate.model import DocType, PatientRef
from storage.stored import Claim

PERSON: Final = "person"
"""The source of what a reviewer said."""
SEPARATOR: Final = "separator"


Finding = tuple[int, str]
"""A page (1-based, in the document; 0: the document itself) and the slug of what contradicts there."""


def of_pages(sources: Iterable[str]) -> bool:
    """Whether these sources are pages alone: no sheet and no person said so."""
    known = frozenset(sources)
    return bool(known) and not known & {PERSON, SEPARATOR}


@dataclass(frozen=True, slots=True)
class Said:
    """All that a row seals of whose its document is."""

    claim: Claim | None
    damaged: bool
    """It follows a separator that nobody could read."""
    form: bool = False
    """Its first page is an authorization form, which belongs to no record."""
    plain: bool = False
    """A separator without patient opened it."""
    sources: tuple[str, ...] = ()
    """By what its patient is known, as slugs; empty: nobody has identified it yet."""
    shown: tuple[Finding, ...] = ()
    """What it was held for last: what contradicts, all of one page."""
    confirmed: tuple[Finding, ...] = ()
    """What a person saw of that, and said that the document is the patient's all the same."""
    inherited: int = 0
    """Pages that show no identity of their own, and were counted as the document's patient's."""

    def text(self) -> str:
        """As it is sealed. What is empty is left out: rows of before stay as they are."""
        claim = self.claim
        said = [claim.patient, claim.doc_type, claim.client_document] if claim else []
        more = {
            "form": self.form,
            "plain": self.plain,
            "sources": list(self.sources),
            "shown": self.shown,
            "confirmed": self.confirmed,
            "inherited": self.inherited,
        }
        return json.dumps({"damaged": self.damaged, "said": said, **{name: one for name, one in more.items() if one}})


def said_in(text: str) -> Said:
    """What was sealed."""
    found: dict[str, Any] = json.loads(text)
    return Said(
        claim=_claim(found["said"]),
        damaged=found["damaged"],
        form="form" in found,
        plain="plain" in found,
        sources=tuple(found.get("sources", ())),
        shown=tuple(map(_finding, found.get("shown", ()))),
        confirmed=tuple(map(_finding, found.get("confirmed", ()))),
        inherited=found.get("inherited", 0),
    )


def _finding(said: list[Any]) -> Finding:
    page, kind = said
    return page, kind


def _claim(said: list[str | None]) -> Claim | None:
    match said:
        case [str() as patient, doc_type, client_document]:
            return Claim(PatientRef(patient), DocType(doc_type) if doc_type else None, client_document)
        case _:
            return None
