"""What limits a fact and what it rests on, for whoever is asked to look at it."""

from collections.abc import Iterator
from typing import Final

from consent_gate.model import FactKind
from lexicon.reviews import EVIDENCE, said
from lexicon.screens import say
from lexicon.sentences import Language
from lexicon.words import CHECKS
from pipeline.office.answers import Answer
from pipeline.office.tabling import shown

_OF_DOUBTS: Final = (FactKind.DOUBTED.value, FactKind.DOUBT_LIFTED.value)
"""Their evidence is the import that they came of."""


def rests_on(fact: Answer, language: Language) -> Iterator[str]:
    """Types, purposes, evidence and what was said of it; nothing of a fact that has none of them."""
    if fact["doc_types"]:
        yield say("fact-types", language, types=shown(", ".join(fact["doc_types"])))
    if fact["purposes"]:
        yield say("fact-purposes", language, purposes=shown(", ".join(fact["purposes"])))
    if fact.get("evidence") and fact["kind"] not in _OF_DOUBTS:
        yield say("fact-evidence", language, evidence=", ".join(_evidence(fact["evidence"], language)))
    if fact["check"]:
        yield said(CHECKS, fact["check"], language)


def _evidence(evidence: Answer, language: Language) -> Iterator[str]:
    """Its kind, where to find it, its day, and that there is a witness."""
    yield said(EVIDENCE, evidence["kind"], language)
    if evidence["reference"]:
        yield shown(evidence["reference"])
    if evidence["on"]:
        yield say("fact-evidence-on", language, on=evidence["on"])
    if evidence["witness"]:
        yield say("fact-evidence-witness", language)
    for digest in (evidence["sha256"], evidence["envelope"]):
        if digest:
            yield str(digest)
